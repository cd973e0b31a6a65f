package figures

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"foyer/views/ui"
)

// Days are how many people were of each status, day by day.
type Days struct {
	ID    string
	Title string
	Days  []Day // one after the other; the last one is today. There is one
	Note  string
}

// Day is the end of one day.
type Day struct {
	Day                           time.Time
	Active, Disabled, NotObserved int // none of them less than 0
}

func (d Day) total() int { return d.Active + d.Disabled + d.NotObserved }

// words say what the picture shows, for who hears the page.
func (d Days) words() string {
	first, last := d.Days[0], d.Days[len(d.Days)-1]
	return fmt.Sprintf("%s: %s. Now: %s.", first.date(), first.words(), last.words())
}

func (d Day) words() string {
	return fmt.Sprintf("%s active, %s disabled, %s not observed", ui.Number(d.Active), ui.Number(d.Disabled), ui.Number(d.NotObserved))
}

func (d Day) date() string { return d.Day.UTC().Format(time.DateOnly) }

// plotHeight is the height of the plot, in pixels and in units of its paths.
const plotHeight = 144

// drawnDays is where everything stands. The areas are paths over as many units as there
// are days, stacked upon each other.
type drawnDays struct {
	ViewBox string
	Areas   []area
	Edge    string // over those who were not observed: of the others the colour is enough
	Ticks   []tick
	Labels  []dayLabel
}

type area struct{ Class, Path string }

type tick struct{ Y, TextY, Words string }

type dayLabel struct{ X, Anchor, Words string }

// draw stacks who was active, disabled and not observed. Nothing is drawn between two
// days: each is as wide as the others and stands for itself.
func (d Days) draw() drawnDays {
	most := 0
	for _, day := range d.Days {
		most = max(most, day.total())
	}
	step := niceStep(most)
	top := max((most+step-1)/step*step, step)
	drawn := drawnDays{ViewBox: fmt.Sprintf("0 0 %d %d", len(d.Days), plotHeight)}
	base := make([]int, len(d.Days))
	for _, kind := range []struct {
		class string
		of    func(Day) int
	}{
		{ClassActive, func(day Day) int { return day.Active }},
		{ClassDisabled, func(day Day) int { return day.Disabled }},
		{"fig-not-observed", func(day Day) int { return day.NotObserved }},
	} {
		if path := stacked(d.Days, base, top, kind.of); path != "" {
			drawn.Areas = append(drawn.Areas, area{kind.class, path})
		}
	}
	drawn.Edge = edge(d.Days, top)
	for value := 0; value <= top; value += step {
		y := height(value, top)
		drawn.Ticks = append(drawn.Ticks, tick{Y: y, TextY: place(plotHeight*(1-float64(value)/float64(top)) + 4), Words: ui.Number(value)})
	}
	drawn.Labels = dayLabels(d.Days)
	return drawn
}

// stacked is the path of one kind over what is drawn below it, to which it is added.
// Days without anybody of the kind have none.
func stacked(days []Day, base []int, top int, of func(Day) int) string {
	var path strings.Builder
	for from := 0; from < len(days); {
		if of(days[from]) == 0 {
			from++
			continue
		}
		to := from
		for to < len(days) && of(days[to]) > 0 {
			to++
		}
		fmt.Fprintf(&path, "M%d %s", from, height(base[from], top))
		for i := from; i < to; i++ {
			fmt.Fprintf(&path, "V%sH%d", height(base[i]+of(days[i]), top), i+1)
		}
		for i := to - 1; i >= from; i-- {
			fmt.Fprintf(&path, "V%sH%d", height(base[i], top), i)
		}
		path.WriteString("Z")
		from = to
	}
	for i, day := range days {
		base[i] += of(day)
	}
	return path.String()
}

// edge is the line over everybody, on the days on which somebody was not observed.
func edge(days []Day, top int) string {
	var path strings.Builder
	for i, day := range days {
		switch {
		case day.NotObserved == 0:
			continue
		case i == 0 || days[i-1].NotObserved == 0:
			fmt.Fprintf(&path, "M%d %s", i, height(day.total(), top))
		default:
			path.WriteString("V" + height(day.total(), top))
		}
		path.WriteString("H" + strconv.Itoa(i+1))
	}
	return path.String()
}

// height is where a value stands in the plot, from above.
func height(value, top int) string {
	return place(plotHeight * (1 - float64(value)/float64(top)))
}

func place(y float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(y, 'f', 2, 64), "0"), ".")
}

// niceStep is the distance of the lines of a scale: 1, 2 or 5 times a power of ten, so
// that there are at most four over the lowest one.
func niceStep(most int) int {
	for power := 1; ; power *= 10 {
		for _, n := range []int{1, 2, 5} {
			if step := n * power; 4*step >= most {
				return step
			}
		}
	}
}

// dayLabels name the first day, the one in the middle, and now.
func dayLabels(days []Day) []dayLabel {
	last := len(days) - 1
	labels := []dayLabel{{percent(100), "end", "now"}}
	if last < 1 {
		return labels
	}
	labels = append(labels, dayLabel{percent(0), "start", days[0].date()})
	if middle := len(days) / 2; last > 3 {
		labels = append(labels, dayLabel{percent(share(middle, len(days))), "start", days[middle].date()})
	}
	return labels
}

// shown are the lines of the table: the newest first, and of days in a row that are all
// the same one line.
func (d Days) shown() []dayRow {
	var rows []dayRow
	for _, day := range slices.Backward(d.Days) {
		if n := len(rows); n > 0 && rows[n-1].Active == day.Active && rows[n-1].Disabled == day.Disabled && rows[n-1].NotObserved == day.NotObserved {
			rows[n-1].From = day.Day
			continue
		}
		rows = append(rows, dayRow{Day: day, From: day.Day})
	}
	return rows
}

// dayRow is days in a row, from one to that of Day.
type dayRow struct {
	Day

	From time.Time
}

func (r dayRow) when() string {
	to := r.Day.Day.UTC().Format(time.DateOnly)
	if r.From.Equal(r.Day.Day) {
		return to
	}
	return r.From.UTC().Format(time.DateOnly) + " – " + to
}
