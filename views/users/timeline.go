package users

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"foyer/views/ui"
)

// Timeline is a person's status over time: drawn, and as a table.
type Timeline struct {
	Name    string
	Begins  string // what the drawing begins with: "created 24 Feb 2025"
	Periods []TimelinePeriod
	Moments []TimelineMoment
}

// TimelinePeriod is a time through which the status was the same, oldest first.
type TimelinePeriod struct {
	From, To time.Time
	Status   PastStatus
	Label    string // over the drawing: "active"
}

// TimelineMoment is when the status became another one, oldest first.
type TimelineMoment struct {
	At      time.Time
	Kind    ui.StatusKind // what it became
	Outside bool          // Foyer is not known to have done it
	What    string        // "Disabled by Vera Lindqvist"
	When    string        // "12 Oct"
	Reason  string
	Ticket  string
	Note    string // what is known of one outside Foyer
	Href    string // of the change; empty where there is none
}

// TimelineRow is a line of the table: of a period or a moment, the other is nil.
type TimelineRow struct {
	Period *TimelinePeriod
	Moment *TimelineMoment
}

// at is the time by which rows are in their order.
func (r TimelineRow) at() time.Time {
	if r.Period != nil {
		return r.Period.To
	}
	return r.Moment.At
}

// MaxTimelineRows is how much of a timeline its table has: somebody whom a script changes
// every day must not have a page that nobody can open.
const MaxTimelineRows = 200

// rows are the lines of the table, newest first: a change before what it ended.
func (t Timeline) rows() []TimelineRow {
	rows := make([]TimelineRow, 0, len(t.Periods)+len(t.Moments))
	for i := range t.Moments {
		rows = append(rows, TimelineRow{Moment: &t.Moments[i]})
	}
	for i := range t.Periods {
		rows = append(rows, TimelineRow{Period: &t.Periods[i]})
	}
	slices.SortStableFunc(rows, func(a, b TimelineRow) int { return b.at().Compare(a.at()) })
	return rows[:min(len(rows), MaxTimelineRows)]
}

// words say what the drawing shows, for who hears the page.
func (t Timeline) words() string {
	var parts []string
	for _, p := range t.Periods[max(len(t.Periods)-maxDrawn, 0):] {
		parts = append(parts, p.title())
	}
	return strings.Join(parts, ". ") + "."
}

// atOnce says whether a period was no longer than what its times tell apart.
func (p TimelinePeriod) atOnce() bool {
	return p.From.Truncate(time.Second).Equal(p.To.Truncate(time.Second))
}

// title says what a period is: "active, observed, from … to …".
func (p TimelinePeriod) title() string {
	if p.atOnce() {
		return p.Label + ", read at " + ui.UTC(p.From)
	}
	words := p.Label
	if p.Status.How != "" && !strings.Contains(words, p.Status.How) {
		words += ", " + p.Status.How
	}
	return words + ", from " + ui.UTC(p.From) + " to " + ui.UTC(p.To)
}

// The drawing is as wide as there is room: places are parts of a hundred, so that
// words and marks keep their size and their shape. Words are left out where they would
// stand in each other's way in the narrowest drawing that has them.
const (
	maxDrawn     = 16   // periods
	leadingShare = 12.0 // of what was before Foyer first read the status, however long
	leastShare   = 3.0  // of any other period, however short
	leastShares  = 60.0 // of all of them together
	charShare    = 0.95 // of a character, in the narrowest drawing with words
	maxLabel     = 36   // characters of a line
	atBorder     = 30 * time.Second
)

// drawing is where everything of a timeline stands.
type drawing struct {
	Bars   []drawnBar
	Marks  []drawnMark
	Labels []drawnLabel
	Tiers  int // rows of labels of moments
}

// drawnBar is a period.
type drawnBar struct {
	X, Width, Class string
	Thin            bool // inferred
	Title, Label    string
}

// drawnMark is a moment.
type drawnMark struct {
	X       string
	Outside bool
	Title   string
	Tier    int // of its label; -1: it has none
}

// drawnLabel is what stands under the bars, in one line or two.
type drawnLabel struct {
	X, Anchor, Class string
	Lines            []string
	Tier             int
}

// draw gives each period its share and each moment its place. There is a period.
func (t Timeline) draw() drawing {
	periods := t.Periods[max(len(t.Periods)-maxDrawn, 0):]
	starts := shares(periods)
	var d drawing
	for i, p := range periods {
		width := starts[i+1] - starts[i]
		bar := drawnBar{X: percent(starts[i]), Width: percent(width), Class: barClass(p.Status.Status.Kind), Thin: p.Status.How == "inferred", Title: p.title()}
		if room(p.Label) <= width {
			bar.Label = p.Label
		}
		d.Bars = append(d.Bars, bar)
	}
	begins := t.Begins
	if len(periods) < len(t.Periods) {
		begins = "earlier: see the table"
	}
	slots := &labelSlots{{{0, room(begins)}}}
	d.Labels = append(d.Labels, drawnLabel{X: percent(0), Anchor: "start", Lines: []string{begins}})
	for _, m := range slices.Backward(t.Moments) {
		x, drawn := place(m, periods, starts)
		if !drawn {
			continue
		}
		label := m.label(x)
		slots.fit(&label, x)
		d.Marks = append(d.Marks, drawnMark{X: percent(x), Outside: m.Outside, Title: m.What + ", " + ui.UTC(m.At), Tier: label.Tier})
		if label.Tier >= 0 {
			d.Labels, d.Tiers = append(d.Labels, label), max(d.Tiers, label.Tier+1)
		}
	}
	now := drawnLabel{X: percent(100), Anchor: "end", Lines: []string{"now"}}
	if !slots.free(0, 100-room("now"), 100) {
		now.Class = "tl-alone" // what was changed lately matters more
	}
	d.Labels = append(d.Labels, now)
	return d
}

// keyItem is a shape and what it means.
type keyItem struct {
	class, words string
	thin         bool
}

func (k keyItem) y() string {
	if k.thin {
		return "3"
	}
	return "1"
}

func (k keyItem) height() string {
	if k.thin {
		return "6"
	}
	return "10"
}

// key explains the shapes that were drawn.
func (d drawing) key() []keyItem {
	var key []keyItem
	bar := func(is func(drawnBar) bool, item keyItem) {
		if slices.ContainsFunc(d.Bars, is) {
			key = append(key, item)
		}
	}
	mark := func(outside bool, item keyItem) {
		if slices.ContainsFunc(d.Marks, func(m drawnMark) bool { return m.Outside == outside }) {
			key = append(key, item)
		}
	}
	bar(func(b drawnBar) bool { return b.Class == "tl-active" }, keyItem{class: "tl-active", words: "active"})
	bar(func(b drawnBar) bool { return b.Class == "tl-disabled" }, keyItem{class: "tl-disabled", words: "disabled"})
	bar(func(b drawnBar) bool { return b.Class == "tl-unknown" }, keyItem{class: "tl-unknown", words: "not known"})
	bar(func(b drawnBar) bool { return b.Thin }, keyItem{class: "tl-active", words: "thin: inferred, not observed", thin: true})
	mark(false, keyItem{class: "tl-foyer", words: "changed in Foyer"})
	mark(true, keyItem{class: "tl-outside", words: "changed outside Foyer"})
	return key
}

// label is what stands under a moment: what, and when and why.
func (m TimelineMoment) label(x float64) drawnLabel {
	when, ticket := m.When, ""
	if m.Ticket != "" {
		ticket = " · " + isolated(clipped(m.Ticket, maxLabel/2))
	}
	if left := maxLabel - utf8.RuneCountInString(when+ticket); m.Reason != "" && left > 10 {
		when += " · “" + isolated(clipped(m.Reason, left-5)) + "”"
	}
	return drawnLabel{X: percent(x), Class: "tl-label", Lines: []string{clipped(m.What, maxLabel), when + ticket}}
}

// shares are where the periods begin, and where the last one ends.
func shares(periods []TimelinePeriod) []float64 {
	least := min(leastShare, leastShares/float64(len(periods)))
	fixed := make([]float64, len(periods))
	rest, total := 100.0, time.Duration(0)
	for i, p := range periods {
		fixed[i] = least
		if i == 0 && len(periods) > 1 && p.Status.Status.Kind == ui.StatusUnknown {
			fixed[i] = leadingShare
		} else {
			total += p.To.Sub(p.From)
		}
		rest -= fixed[i]
	}
	starts := make([]float64, 1, len(periods)+1)
	for i, p := range periods {
		share := fixed[i]
		switch {
		case total == 0: // nothing has lasted: each the same
			share += rest / float64(len(periods))
		case share != leadingShare:
			share += rest * float64(p.To.Sub(p.From)) / float64(total)
		}
		starts = append(starts, starts[i]+share)
	}
	return starts
}

// place is where a moment stands: at the beginning of what it brought about, where
// that was seen at once.
func place(m TimelineMoment, periods []TimelinePeriod, starts []float64) (x float64, drawn bool) {
	if m.At.Before(periods[0].From) {
		return 0, false
	}
	x, nearest := 100.0, atBorder+1
	for i, p := range periods {
		off := p.From.Sub(m.At).Abs()
		switch lasts := p.To.Sub(p.From); {
		case off < nearest && p.Status.Status.Kind == m.Kind:
			x, nearest = starts[i], off
		case nearest <= atBorder || m.At.Before(p.From) || m.At.After(p.To):
		case lasts == 0:
			x = starts[i]
		default:
			x = starts[i] + float64(m.At.Sub(p.From))/float64(lasts)*(starts[i+1]-starts[i])
		}
	}
	return x, true
}

// labelSlots is which parts of which rows are taken, by labels and by the lines that lead
// to labels further down.
type labelSlots [3][][2]float64

// fit finds a row with room for the label of x, to its right or else to its left; the
// row is -1 when none has.
func (s *labelSlots) fit(l *drawnLabel, x float64) {
	width := max(room(l.Lines[0]), room(l.Lines[1]))
	l.Tier = -1
	for tier := range s {
		for _, way := range []struct {
			anchor   string
			from, to float64
		}{{"start", x, x + width}, {"end", x - width, x}} {
			if way.from >= 0 && way.to <= 100 && s.free(tier, way.from, way.to) {
				l.Anchor, l.Tier = way.anchor, tier
				s[tier] = append(s[tier], [2]float64{way.from, way.to})
				return
			}
		}
		if !s.free(tier, x, x) {
			return // what is in the way would be crossed
		}
		s[tier] = append(s[tier], [2]float64{x, x})
	}
}

func (s *labelSlots) free(tier int, from, to float64) bool {
	return !slices.ContainsFunc(s[tier], func(taken [2]float64) bool { return from <= taken[1] && taken[0] <= to })
}

// room is how wide words are at most.
func room(words string) float64 { return float64(utf8.RuneCountInString(words)+1) * charShare }

// clipped keeps words to so many characters.
func clipped(words string, most int) string {
	runes := []rune(words)
	if len(runes) <= most {
		return words
	}
	return string(runes[:most-1]) + "…"
}

// isolated keeps the writing direction of somebody's words from what is around them, where
// there can be no element that does.
func isolated(words string) string { return "\u2068" + words + "\u2069" }

func barClass(k ui.StatusKind) string {
	switch k { //nolint:exhaustive // a person's status is one of three
	case ui.StatusActive:
		return "tl-active"
	case ui.StatusDisabled:
		return "tl-disabled"
	}
	return "tl-unknown"
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }
