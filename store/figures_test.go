package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/sapi"
)

// observed stores what was read of somebody at times, each so many hours after the first
// of September.
func (b bench) observed(t testing.TB, companyID, id string, status sapi.Status, hours ...float64) {
	t.Helper()
	for _, h := range hours {
		if err := b.observe(t.Context(), companyID, []directory.UserReading{{User: sapi.User{ID: id, Status: status}, ReadAt: september(h)}}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func september(hours float64) time.Time {
	return time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(time.Hour)))
}

func sumOf(counts []directory.DayCount, at time.Time) map[string]int {
	sum := map[string]int{}
	for _, c := range counts {
		if !at.Before(c.From) && (c.To.IsZero() || at.Before(c.To)) {
			sum[c.Status.String()] += c.People
		}
	}
	return sum
}

func TestStatusesByDayCountEverybodyOnceAndOnlyWhereTheyWereObserved(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		t.Helper()
		b.observed(t, "k", "steady", sapi.StatusActive, 1, 30, 80) // days 1 to 4
		b.observed(t, "k", "changed", sapi.StatusActive, 1, 26)    // seen active on the second morning
		b.observed(t, "k", "changed", sapi.StatusDisabled, 40, 80) // and disabled on its evening
		b.observed(t, "k", "gap", sapi.StatusDisabled, 2, 3)       // on the first day
		b.observed(t, "k", "gap", sapi.StatusActive, 75)           // and not again until the fourth
		b.observed(t, "other", "elsewhere", sapi.StatusActive, 1, 80)

		for _, from := range []float64{0, 24} {
			counts, err := b.StatusesByDay(t.Context(), "k", september(from))
			if err != nil {
				t.Fatal(err)
			}
			for day, want := range []map[string]int{
				{"active": 2}, // of the one with a gap the end of the day isn't covered
				{"active": 1, "disabled": 1},
				{"active": 1, "disabled": 1},
				{"active": 2, "disabled": 1},
				{},
			} {
				if float64(day*24) < from {
					continue
				}
				if diff := cmp.Diff(want, sumOf(counts, september(float64(day*24)))); diff != "" {
					t.Errorf("from hour %v, day %d (-want +got):\n%s", from, day+1, diff)
				}
			}
		}
	})
}

func TestPeopleByDayAreThoseWhoAreListedAndThoseWhoWere(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		t.Helper()
		people := []directory.UserRecord{
			{User: sapi.User{ID: "old", Email: "old@k.example", CreatedAt: september(-9000)}, ReadAt: september(50)},
			{User: sapi.User{ID: "new", Email: "new@k.example", CreatedAt: september(30)}, ReadAt: september(50)},
			{User: sapi.User{ID: "gone", Email: "gone@k.example", CreatedAt: september(-9000)}, ReadAt: september(10)},
			{User: sapi.User{ID: "undated", Email: "undated@k.example"}, ReadAt: september(50)},
		}
		if err := b.SavePeople(t.Context(), "k", people); err != nil {
			t.Fatal(err)
		}
		must(t, b.MarkNotListed(t.Context(), "k", []string{"gone"}, september(50)))
		counts, err := b.PeopleByDay(t.Context(), "k", september(0))
		if err != nil {
			t.Fatal(err)
		}
		for day, want := range []int{3, 4, 3, 3} {
			if got := sumOf(counts, september(float64(day*24)))["unknown"]; got != want {
				t.Errorf("day %d: %d people, want %d", day+1, got, want)
			}
		}
		tallies, err := b.Tallies(t.Context())
		if diff := cmp.Diff(map[string]directory.Tally{"k": {Unknown: 3, NotListed: 1}}, tallies); err != nil || diff != "" {
			t.Errorf("Tallies = %v (-want +got):\n%s", err, diff)
		}
	})
}

// BenchmarkStatusDays counts a company of 100,000 people, of whom each hundredth changed
// once, by day.
func BenchmarkStatusDays(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		const people = 100_000
		var readings, later []directory.UserReading
		var records []directory.UserRecord
		for i := range people {
			u := sapi.User{ID: fmt.Sprintf("11111111-0000-4000-8000-%012d", i), Email: fmt.Sprintf("p%d@k.example", i), CreatedAt: september(float64(-i % 9000)), Status: sapi.StatusActive}
			readings = append(readings, directory.UserReading{User: u, ReadAt: september(float64(i % 200))})
			records = append(records, directory.UserRecord{User: u, ReadAt: september(600), StatusAt: september(600)})
			if i%100 == 0 {
				u.Status = sapi.StatusDisabled
			}
			later = append(later, directory.UserReading{User: u, ReadAt: september(500 + float64(i%200))})
		}
		for _, all := range [][]directory.UserReading{readings, later} {
			for some := range slices.Chunk(all, 5000) {
				must(b, s.observe(b.Context(), "k", some, nil))
			}
		}
		for some := range slices.Chunk(records, 5000) {
			must(b, s.SavePeople(b.Context(), "k", some))
		}
		vacuum(b, s)
		b.Run("statuses", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.StatusesByDay(b.Context(), "k", september(-1000)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("people", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.PeopleByDay(b.Context(), "k", september(-1000)); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
