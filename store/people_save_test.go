package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/sapi"
)

// list, detail and told are somebody as each kind of reading tells of them.
func fromList(u sapi.User, at time.Time) directory.UserRecord {
	u.Status = sapi.StatusUnknown
	return directory.UserRecord{User: u, ReadAt: at, Source: directory.FromList}
}

func fromDetail(u sapi.User, at time.Time) directory.UserRecord {
	return directory.UserRecord{User: u, ReadAt: at, StatusAt: at, Source: directory.FromDetail}
}

// save saves people of the company k.
func (b bench) savePeople(t testing.TB, people ...directory.UserRecord) {
	t.Helper()
	must(t, b.SavePeople(t.Context(), "k", people))
}

// person is who is known by an id in the company k.
func (b bench) person(t testing.TB, id string) directory.UserRecord {
	t.Helper()
	known, err := b.Users(t.Context(), "k", []string{id})
	must(t, err)
	return known[id]
}

func (b bench) tallied(t testing.TB, companyID string, want directory.Tally) {
	t.Helper()
	if got, err := b.Tally(t.Context(), companyID); err != nil || got != want {
		t.Errorf("Tally(%q) = %+v, %v, want %+v", companyID, got, err, want)
	}
}

func TestOfEachFactTheLatestReadingIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := func(minutes int) time.Time { return b.clock.Now().Add(time.Duration(minutes) * time.Minute) }
		titled := func(title string, status sapi.Status) sapi.User {
			u := user("1", status)
			u.Title = title
			return u
		}
		for _, step := range []struct {
			what     string
			read     directory.UserRecord
			title    string
			readAt   int
			status   sapi.Status
			statusAt int
		}{
			{"a list", fromList(titled("A", 0), at(10)), "A", 10, sapi.StatusUnknown, -1},
			{"a detail", fromDetail(titled("B", sapi.StatusActive), at(20)), "B", 20, sapi.StatusActive, 20},
			{"a list again", fromList(titled("C", 0), at(30)), "C", 30, sapi.StatusActive, 20},
			{"a late detail", fromDetail(titled("D", sapi.StatusDisabled), at(25)), "C", 30, sapi.StatusDisabled, 25},
			{"a later one still", fromDetail(titled("D", sapi.StatusActive), at(15)), "C", 30, sapi.StatusDisabled, 25},
			{"the same a minute later", fromDetail(titled("C", sapi.StatusUnknown), at(31)), "C", 30, sapi.StatusDisabled, 25},
			{"the same much later", fromDetail(titled("C", sapi.StatusUnknown), at(40)), "C", 40, sapi.StatusDisabled, 25},
			{"the same status", fromDetail(titled("C", sapi.StatusDisabled), at(41)), "C", 41, sapi.StatusDisabled, 41},
		} {
			b.savePeople(t, step.read)
			u := b.person(t, "1")
			var statusAt time.Time
			if step.statusAt >= 0 {
				statusAt = at(step.statusAt)
			}
			if u.Title != step.title || !u.ReadAt.Equal(at(step.readAt)) || u.Status != step.status || !u.StatusAt.Equal(statusAt) {
				t.Errorf("after %s: %q as of %v, %v as of %v", step.what, u.Title, u.ReadAt, u.Status, u.StatusAt)
			}
		}
		b.tallied(t, "k", directory.Tally{Disabled: 1})
	})
}

func TestAPersonIsReadWithTheListThatTheyAreIn(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		first := b.clock.Now()
		b.savePeople(t, fromList(user("1", 0), first), fromList(user("2", 0), first))
		complete := b.clock.add(time.Hour)
		must(t, b.MarkNotListed(t.Context(), "k", []string{"2", "none"}, complete))
		must(t, b.SaveReading(t.Context(), "k", "Acme", directory.ListReading{CompleteAt: complete, People: 1}))
		if u := b.person(t, "1"); !u.ReadAt.Equal(complete) {
			t.Errorf("who is listed was read at %v, want %v", u.ReadAt, complete)
		}
		if u := b.person(t, "2"); !u.ReadAt.Equal(first) || !u.NotListedAt.Equal(complete) {
			t.Errorf("who is not listed was read at %v and was missing at %v, want %v and %v", u.ReadAt, u.NotListedAt, first, complete)
		}

		// What was read before the list is older than what stands there.
		late := user("1", 0)
		late.Title = "late"
		b.savePeople(t, fromDetail(late, complete.Add(-time.Minute)))
		if u := b.person(t, "1"); u.Title == "late" {
			t.Error("a reading from before the list replaced what the list had")
		}
		// And what a list tells again is not written, however old.
		b.savePeople(t, fromList(user("1", 0), complete.Add(time.Hour)))
		if u := b.person(t, "1"); !u.ReadAt.Equal(complete) {
			t.Errorf("read at %v, want %v: a list that is read again is covered by its end", u.ReadAt, complete)
		}
	})
}

func TestWhoIsNotListedAnyMoreIsKeptAndListedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		first := b.clock.Now()
		b.savePeople(t, fromDetail(user("1", sapi.StatusActive), first), fromDetail(user("2", sapi.StatusDisabled), first), fromList(user("3", 0), first))
		b.tallied(t, "k", directory.Tally{Active: 1, Disabled: 1, Unknown: 1})

		began := b.clock.add(time.Hour)
		b.savePeople(t, fromDetail(user("3", 0), began.Add(time.Second))) // while the list was read
		must(t, b.MarkNotListed(t.Context(), "k", []string{"1", "2", "3"}, began))
		must(t, b.MarkNotListed(t.Context(), "k", []string{"1"}, began.Add(time.Hour)))
		b.tallied(t, "k", directory.Tally{Unknown: 1, NotListed: 2})
		b.tallied(t, "", directory.Tally{Unknown: 1, NotListed: 2})
		b.tallied(t, "other", directory.Tally{})
		if ids, err := b.ListedIDs(t.Context(), "k"); err != nil || !slices.Equal(ids, []string{"3"}) {
			t.Errorf("ListedIDs = %v, %v, want 3 alone", ids, err)
		}
		if u := b.person(t, "1"); !u.NotListedAt.Equal(began) || u.Status != sapi.StatusActive {
			t.Errorf("not listed since %v, %v, want since they were first missing, with their status", u.NotListedAt, u.Status)
		}
		found, _, err := b.SearchPeople(t.Context(), []string{"ann.1"}, 10)
		if err != nil || len(found) != 1 {
			t.Errorf("SearchPeople = %v, %v, want them to be found still", found, err)
		}

		// A detail tells of them, and no list yet; then a list of before, and one of now.
		b.savePeople(t, fromDetail(user("1", sapi.StatusDisabled), began.Add(time.Minute)))
		b.savePeople(t, fromList(user("1", 0), began.Add(-time.Minute)))
		if u := b.person(t, "1"); u.NotListedAt.IsZero() || u.Status != sapi.StatusDisabled {
			t.Errorf("%v, listed again: no list has them", u)
		}
		b.savePeople(t, fromList(user("1", 0), began.Add(2*time.Hour)))
		if u := b.person(t, "1"); !u.NotListedAt.IsZero() {
			t.Errorf("not listed since %v, want listed again", u.NotListedAt)
		}
		b.tallied(t, "k", directory.Tally{Disabled: 1, Unknown: 1, NotListed: 1})
	})
}

func TestTheTallyIsWhatCountingGives(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		c := someCrowd(b, 150)
		c.save(t, b)
		for range 2 { // once more, with other words and statuses
			for i := range c.people {
				c.people[i].Department, c.people[i].Email = fmt.Sprint("D", i%7), fmt.Sprintf("n%d@new%d.example", i, i%3)
				c.people[i].ReadAt = c.people[i].ReadAt.Add(time.Hour)
				if i%5 == 0 {
					c.people[i].Status, c.people[i].StatusAt = sapi.StatusDisabled, c.people[i].ReadAt.Add(500*time.Hour)
				}
			}
			c.save(t, b)
		}
		counted := func(what, table string) map[string]int {
			rows, err := b.directory(t).QueryContext(t.Context(), `SELECT `+what+`, `+table)
			must(t, err)
			defer rows.Close()
			counts := map[string]int{}
			for rows.Next() {
				var key string
				var n int
				must(t, rows.Scan(&key, &n))
				counts[key] += n
			}
			must(t, rows.Err())
			return counts
		}
		const company = `CAST(company AS text) || ' ' || `
		want := counted(company+`CAST(standing AS text)`, `count(*) FROM person GROUP BY company, standing`)
		if diff := cmp.Diff(want, counted(company+`CAST(standing AS text)`, `people FROM tally WHERE people <> 0`)); diff != "" {
			t.Errorf("tally (-counted +kept):\n%s", diff)
		}
		want = map[string]int{}
		for _, column := range []string{"domain_word", "department_word", "title_word", "location_word"} {
			for key, n := range counted(company+`CAST(`+column+` AS text)`, `count(*) FROM person GROUP BY company, `+column) {
				want[key] += n
			}
		}
		if diff := cmp.Diff(want, counted(company+`CAST(word AS text)`, `people FROM word_use WHERE people <> 0`)); diff != "" {
			t.Errorf("word_use (-counted +kept):\n%s", diff)
		}
		values, err := b.Values(t.Context(), directory.DepartmentColumn, "", 100)
		if err != nil || len(values) != 7 {
			t.Errorf("Values = %q, %v, want the seven that somebody has", values, err)
		}
	})
}

func TestReplicasSaveTheSamePeopleAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		replicas := []bench{b, {DB: b.open(t)}}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				var people []directory.UserRecord
				for j := range 40 {
					u := user(fmt.Sprintf("%02d", j), sapi.StatusActive)
					u.Department = fmt.Sprint("D", (i+j)%40)
					people = append(people, fromDetail(u, b.clock.Now().Add(time.Duration(i)*time.Second)))
				}
				if i%2 == 0 {
					slices.Reverse(people)
				}
				for _, company := range []string{"k", fmt.Sprint("other", i%3)} {
					if err := replicas[i%2].SavePeople(t.Context(), company, people); err != nil {
						t.Errorf("SavePeople: %v", err)
					}
				}
			})
		}
		wg.Wait()
		b.tallied(t, "k", directory.Tally{Active: 40})
		if u := b.person(t, "07"); u.Department != "D12" {
			t.Errorf("department %q, want that of the latest reading", u.Department)
		}
	})
}

func TestWhatIsToldOnceMoreIsNotWritten(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		people := []directory.UserRecord{fromDetail(user("1", sapi.StatusActive), at), fromList(user("2", 0), at)}
		b.savePeople(t, people...)
		before := b.written(t)
		for i := range people {
			people[i].ReadAt = at.Add(9 * time.Minute)
			people[i].StatusAt = time.Time{}
			people[i].Status = sapi.StatusUnknown
		}
		b.savePeople(t, people...)
		if after := b.written(t); after != before {
			t.Errorf("written: %v, want nothing more than before: %v", after, before)
		}
	})
}

// written says which versions of rows the directory has.
func (b bench) written(t testing.TB) (versions string) {
	t.Helper()
	statement := `SELECT group_concat(record) FROM (SELECT record FROM person ORDER BY n)`
	if b.Dialect() == "postgres" {
		statement = `SELECT string_agg(xmin::text, ' ' ORDER BY n) FROM person`
	}
	must(t, b.directory(t).QueryRowContext(t.Context(), statement).Scan(&versions))
	return versions
}

func TestHowFarAListIsReadIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if r, err := b.Reading(t.Context(), "k"); err != nil || r != (directory.ListReading{}) {
			t.Errorf("Reading = %+v, %v, want that it never began", r, err)
		}
		at := b.clock.Now()
		want := directory.ListReading{
			StartedAt: at, NextPage: 7, Total: -1, Tries: 2, CompleteAt: at.Add(-time.Hour), People: 699, Moving: true,
			FailedAt: at.Add(time.Second), Failure: "unreachable", DueAt: at.Add(time.Minute),
		}
		must(t, b.SaveReading(t.Context(), "k", "Acme", directory.ListReading{}))
		must(t, b.SaveReading(t.Context(), "k", "Acme", want))
		b.savePeople(t, fromList(user("1", 0), at))
		all, err := b.Readings(t.Context())
		if diff := cmp.Diff(map[string]directory.ListReading{"k": want}, all); err != nil || diff != "" {
			t.Errorf("Readings, %v (-want +got):\n%s", err, diff)
		}
		if r, err := b.Reading(t.Context(), "k"); err != nil || r != want {
			t.Errorf("Reading = %+v, %v, want %+v", r, err, want)
		}

		var pages []directory.ListPage
		for i := range 5 {
			pages = append(pages, directory.ListPage{Number: i, Digest: []byte{byte(i), 0, 255}, IDs: []string{fmt.Sprint("a", i), `b"\n`}})
		}
		must(t, b.SaveListPages(t.Context(), "k", pages))
		pages[3].Digest, pages[3].IDs = []byte("other"), []string{}
		must(t, b.SaveListPages(t.Context(), "k", pages[3:4]))
		must(t, b.CutListPages(t.Context(), "k", 4))
		got, err := b.ListPages(t.Context(), "k", 1, 2)
		if diff := cmp.Diff(pages[1:3], got); err != nil || diff != "" {
			t.Errorf("ListPages, %v (-want +got):\n%s", err, diff)
		}
		got, err = b.ListPages(t.Context(), "k", 3, 10)
		if diff := cmp.Diff(pages[3:4], got); err != nil || diff != "" {
			t.Errorf("ListPages, %v (-want +got):\n%s", err, diff)
		}
		if got, err := b.ListPages(t.Context(), "none", 0, 10); err != nil || len(got) != 0 {
			t.Errorf("ListPages of another company = %v, %v", got, err)
		}
	})
}

func TestStatusesThatAreUnknownAreDueFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		b.savePeople(t, fromList(user("unknown", 0), at), fromList(user("gone", 0), at), fromDetail(user("new", sapi.StatusActive), at),
			fromDetail(user("old", sapi.StatusActive), at.Add(-2*time.Hour)), fromDetail(user("older", sapi.StatusDisabled), at.Add(-3*time.Hour)))
		must(t, b.MarkNotListed(t.Context(), "k", []string{"gone"}, at.Add(time.Second)))
		for limit, want := range map[int][]string{1: {"unknown"}, 2: {"unknown", "older"}, 10: {"unknown", "older", "old"}} {
			due, err := b.StatusesDue(t.Context(), at.Add(-time.Hour), limit)
			must(t, err)
			var ids []string
			for _, ref := range due {
				ids = append(ids, ref.UserID)
			}
			if !slices.Equal(ids, want) {
				t.Errorf("StatusesDue, %d at most = %v, want %v", limit, ids, want)
			}
		}
	})
}
