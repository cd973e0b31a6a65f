package users

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/views/ui"
)

// day is a time of some month.
func day(d float64) time.Time {
	return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(d * 24 * float64(time.Hour)))
}

func period(from, to float64, kind ui.StatusKind, how string) TimelinePeriod {
	return TimelinePeriod{From: day(from), To: day(to), Label: string(kind), Status: PastStatus{Status: ui.StatusProps{Kind: kind}, How: how}}
}

func moment(at float64, kind ui.StatusKind, what string) TimelineMoment {
	return TimelineMoment{At: day(at), Kind: kind, What: what, When: "1 Mar"}
}

func number(t *testing.T, percent string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSuffix(percent, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPeriodsAreDrawnBesideEachOtherByHowLongTheyLasted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		periods []TimelinePeriod
		want    []float64 // their widths, of 100
	}{
		{"one alone", []TimelinePeriod{period(0, 1, ui.StatusUnknown, "")}, []float64{100}},
		{"what was before is short, however long", []TimelinePeriod{period(0, 300, ui.StatusUnknown, ""), period(300, 301, ui.StatusActive, "observed")}, []float64{12, 88}},
		{"twice as long", []TimelinePeriod{period(0, 2, ui.StatusActive, "observed"), period(2, 3, ui.StatusDisabled, "observed")}, []float64{3 + 94*2/3., 3 + 94/3.}},
		{"read once", []TimelinePeriod{period(0, 2, ui.StatusActive, "observed"), period(2, 2, ui.StatusDisabled, "observed")}, []float64{97, 3}},
		{"read once each, and never for long", []TimelinePeriod{period(0, 0, ui.StatusActive, "observed"), period(0, 0, ui.StatusDisabled, "observed")}, []float64{50, 50}},
	} {
		var got []float64
		at := 0.0
		for _, bar := range (Timeline{Periods: tt.periods}).draw().Bars {
			if math.Abs(number(t, bar.X)-at) > 0.02 {
				t.Errorf("%s: a bar begins at %s, want %.2f", tt.name, bar.X, at)
			}
			got = append(got, number(t, bar.Width))
			at += number(t, bar.Width)
		}
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 0.02 })
		if diff := cmp.Diff(tt.want, got, near); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestOnlyTheLastPeriodsAreDrawnAndTheDrawingSaysSo(t *testing.T) {
	t.Parallel()
	var line Timeline
	for i := range 400 {
		kind := []ui.StatusKind{ui.StatusActive, ui.StatusDisabled}[i%2]
		line.Periods = append(line.Periods, period(float64(i), float64(i+1), kind, "observed"))
		line.Moments = append(line.Moments, moment(float64(i), kind, "Disabled by Vera Lindqvist"))
	}
	d := line.draw()
	if len(d.Bars) != maxDrawn || len(d.Marks) != maxDrawn || d.Labels[0].Lines[0] != "earlier: see the table" {
		t.Errorf("%d bars, %d marks, beginning %q, want %d of each and where the earlier ones are", len(d.Bars), len(d.Marks), d.Labels[0].Lines[0], maxDrawn)
	}
	if n := len(line.rows()); n != MaxTimelineRows {
		t.Errorf("the table has %d rows, want %d", n, MaxTimelineRows)
	}
}

func TestAChangeIsDrawnWhereItsStatusBegins(t *testing.T) {
	t.Parallel()
	const second = 1. / 86400
	line := Timeline{
		Periods: []TimelinePeriod{period(0, 10, ui.StatusActive, "observed"), period(10, 20, ui.StatusDisabled, "observed")},
		Moments: []TimelineMoment{moment(-1, ui.StatusActive, "before"), moment(5, ui.StatusDisabled, "in the middle"), moment(10+second, ui.StatusDisabled, "just after"), moment(21, ui.StatusActive, "after")},
	}
	got := map[string]string{}
	for _, m := range line.draw().Marks {
		what, _, _ := strings.Cut(m.Title, ",")
		got[what] = m.X
	}
	if diff := cmp.Diff(map[string]string{"in the middle": "25.00%", "just after": "50.00%", "after": "100.00%"}, got); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
}

// However many changes there are, no word stands in another's way, and no line leads
// through one.
func TestLabelsStandInNobodysWay(t *testing.T) {
	t.Parallel()
	for n := 1; n <= maxDrawn; n++ {
		var line Timeline
		line.Begins = "created 2025-02-24"
		for i := range n {
			line.Periods = append(line.Periods, period(float64(i*i), float64((i+1)*(i+1)), ui.StatusActive, "observed"))
			m := moment(float64(i*i), ui.StatusActive, "Disabled by somebody with a name that is long beyond measure")
			m.Reason, m.Ticket = strings.Repeat("because ", i), strings.Repeat("T", i)
			line.Moments = append(line.Moments, m)
		}
		type box struct{ from, to float64 }
		taken := map[int][]box{}
		for _, l := range line.draw().Labels {
			if l.Class == "tl-alone" {
				continue // is shown only where no other label is
			}
			width := 0.0
			for _, words := range l.Lines {
				width = max(width, room(words))
				if len([]rune(words)) > maxLabel+6 { // the marks that isolate words have no width
					t.Errorf("%d: a label is %q", n, words)
				}
			}
			b := box{number(t, l.X), number(t, l.X) + width}
			if l.Anchor == "end" {
				b = box{b.from - width, b.from}
			}
			if b.from < -0.01 || b.to > 100.01 {
				t.Errorf("%d: %q leaves the drawing: %v", n, l.Lines, b)
			}
			for _, other := range taken[l.Tier] {
				if b.from < other.to-0.01 && other.from < b.to-0.01 {
					t.Errorf("%d: %q stands in the way of another: %v and %v", n, l.Lines, b, other)
				}
			}
			taken[l.Tier] = append(taken[l.Tier], b)
		}
		for _, m := range line.draw().Marks {
			for tier := range m.Tier {
				for _, b := range taken[tier] {
					if x := number(t, m.X); b.from < x && x < b.to {
						t.Errorf("%d: the line of a label in row %d crosses one in row %d", n, m.Tier, tier)
					}
				}
			}
		}
	}
}
