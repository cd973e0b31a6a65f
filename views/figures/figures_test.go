package figures

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func september(day int) time.Time { return time.Date(2026, 9, day, 0, 0, 0, 0, time.UTC) }

func barsOf(values ...[]int) Bars {
	b := Bars{Kinds: []Kind{{"active", ClassActive}, {"disabled", ClassDisabled}}}
	for i, parts := range values {
		bar := Bar{Label: "Company " + strconv.Itoa(i)}
		for _, v := range parts {
			bar.Parts = append(bar.Parts, Part{Value: v, Words: strconv.Itoa(v)})
		}
		b.Rows = append(b.Rows, bar)
	}
	return b
}

// drawn are where the parts of the bars begin, and how wide they are.
func drawn(b Bars) [][]string {
	var rows [][]string
	for _, r := range b.draw().Rows {
		row := []string{}
		for _, s := range r.Segments {
			row = append(row, s.X+" "+s.Width)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTheLongestBarIsAsWideAsThePictureAndTheOthersAreToItsScale(t *testing.T) {
	t.Parallel()
	const most = 1 << 60
	for _, tt := range []struct {
		name string
		bars Bars
		want [][]string
	}{
		{"none", barsOf(), nil},
		{"one", barsOf([]int{1, 0}), [][]string{{"0.00% 100.00%"}}},
		{"nobody at all", barsOf([]int{0, 0}, []int{0, 0}), [][]string{{}, {}}},
		{"all equal", barsOf([]int{5, 0}, []int{5, 0}), [][]string{{"0.00% 100.00%"}, {"0.00% 100.00%"}}},
		{"parts beside each other", barsOf([]int{60, 20}, []int{0, 40}), [][]string{{"0.00% 75.00%", "75.00% 25.00%"}, {"0.00% 50.00%"}}},
		{"as many as there can be", barsOf([]int{most, 0}, []int{most / 4, 1}), [][]string{{"0.00% 100.00%"}, {"0.00% 25.00%", "25.00% 0.00%"}}},
		{"what can't be is nothing", barsOf([]int{10, 0}, []int{-5, 0}), [][]string{{"0.00% 100.00%"}, {}}},
	} {
		if diff := cmp.Diff(tt.want, drawn(tt.bars)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAMarkBeyondAllBarsMakesTheScaleAndItsWordsStayInside(t *testing.T) {
	t.Parallel()
	for value, want := range map[int]drawnMark{
		0:   {X: "0.00%", Anchor: "start"},
		50:  {X: "50.00%", Anchor: "middle"},
		100: {X: "100.00%", Anchor: "end"},
		200: {X: "100.00%", Anchor: "end"},
	} {
		b := barsOf([]int{100, 0})
		b.Mark = &Mark{Value: value}
		if got := b.draw().Mark; got.X != want.X || got.Anchor != want.Anchor {
			t.Errorf("a mark at %d stands at %s, %s, want %s, %s", value, got.X, got.Anchor, want.X, want.Anchor)
		}
	}
}

func TestTheKeyHasOnlyWhatIsDrawn(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]Kind{{"disabled", ClassDisabled}}, barsOf([]int{0, 3}).key()); diff != "" {
		t.Errorf("key (-want +got):\n%s", diff)
	}
}

func TestALongNameIsShortenedInThePictureAlone(t *testing.T) {
	t.Parallel()
	b := barsOf([]int{1, 0})
	b.Rows[0].Label = strings.Repeat("long ", 20)
	row := b.draw().Rows[0]
	if n := len([]rune(row.Label)); n != shownLabel || row.Bar.Label != b.Rows[0].Label {
		t.Errorf("%d letters are drawn of a name, want %d; the whole is %q", n, shownLabel, row.Bar.Label)
	}
}

func daysOf(days ...Day) Days {
	for i := range days {
		days[i].Day = september(1 + i)
	}
	return Days{Days: days}
}

func TestEachDayStandsForItselfAndWhatIsNotKnownIsNeitherZeroNorInBetween(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		days  Days
		areas []area
		edge  string
	}{
		{"nobody", daysOf(Day{}), nil, ""},
		{"one day", daysOf(Day{Active: 4}), []area{{ClassActive, "M0 144V0H1V144H0Z"}}, ""},
		{"not observed, then known", daysOf(Day{NotObserved: 4}, Day{Active: 3, Disabled: 1}), []area{
			{ClassActive, "M1 144V36H2V144H1Z"},
			{ClassDisabled, "M1 36V0H2V36H1Z"},
			{"fig-not-observed", "M0 144V0H1V144H0Z"},
		}, "M0 0H1"},
		{"a day in between that nobody read", daysOf(Day{Active: 2}, Day{NotObserved: 2}, Day{Active: 2}), []area{
			{ClassActive, "M0 144V0H1V144H0ZM2 144V0H3V144H2Z"},
			{"fig-not-observed", "M1 144V0H2V144H1Z"},
		}, "M1 0H2"},
	} {
		d := tt.days.draw()
		if diff := cmp.Diff(tt.areas, d.Areas); diff != "" {
			t.Errorf("%s: areas (-want +got):\n%s", tt.name, diff)
		}
		if d.Edge != tt.edge {
			t.Errorf("%s: edge %q, want %q", tt.name, d.Edge, tt.edge)
		}
	}
}

func TestTheScaleHasAFewRoundNumbersAndReachesOverTheMost(t *testing.T) {
	t.Parallel()
	for most, want := range map[int][]string{
		0:         {"0", "1"},
		1:         {"0", "1"},
		3:         {"0", "1", "2", "3"},
		12_004:    {"0", "5,000", "10,000", "15,000"},
		100_000:   {"0", "50,000", "100,000"},
		1_234_567: {"0", "500,000", "1,000,000", "1,500,000"},
	} {
		var got []string
		for _, tick := range daysOf(Day{Active: most}).draw().Ticks {
			got = append(got, tick.Words)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d (-want +got):\n%s", most, diff)
		}
	}
}

func TestTheTableHasALineForDaysThatAreAlikeTheNewestFirst(t *testing.T) {
	t.Parallel()
	d := daysOf(Day{NotObserved: 2}, Day{NotObserved: 2}, Day{Active: 2}, Day{NotObserved: 2})
	var got []string
	for _, r := range d.shown() {
		got = append(got, r.when()+": "+r.words())
	}
	want := []string{
		"2026-09-04: 0 active, 0 disabled, 2 not observed",
		"2026-09-03: 2 active, 0 disabled, 0 not observed",
		"2026-09-01 – 2026-09-02: 0 active, 0 disabled, 2 not observed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
