package figures

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bars are rows of a picture: each with a name, a number in words, and a bar under them
// whose parts are as long as their values.
type Bars struct {
	ID    string // of the page's element; what names the picture begins with it
	Title string // what is drawn, for who hears the page
	Desc  string // the gist of it in a sentence
	Rows  []Bar
	Mark  *Mark // a value to compare the bars with

	Head  string // of the first column of the table
	Kinds []Kind // what the parts are, in their order
	Unit  string // head of the column of the rows' words, in the table
	Note  string // under the picture: what isn't in it
}

// Bar is a row.
type Bar struct {
	Label string
	Href  string // where it leads; empty for nowhere
	Words string // the number: "12,004"
	Note  string // beside it: "so far"
	Parts []Part // in the order of Kinds
}

// Part is a part of a bar.
type Part struct {
	Value int    // at least 0
	Words string // the same, for the table and on hover
}

// Kind is what a part of each bar is.
type Kind struct {
	Word  string // as the head of a column has it: "Active"
	Class string // one of the classes below
}

func (k Kind) lower() string { return strings.ToLower(k.Word) }

// The classes of what is drawn. Each has a shape of its own besides its colour.
const (
	ClassActive   = "fig-active"
	ClassDisabled = "fig-disabled"
	ClassUnknown  = "fig-unknown"
	ClassPlain    = "fig-plain"
)

// Mark is a value at which a line crosses each bar.
type Mark struct {
	Value int
	Words string // "median 19 min"
}

// Sizes of the rows, in pixels.
const (
	rowHeight = 40
	barTop    = 22
	barHeight = 10
	markRoom  = 18 // over the rows, for the words of the mark
	// shownLabel is how many letters of a name are drawn: with its number it stands in
	// the narrowest picture.
	shownLabel = 30
)

// drawnBars is where everything stands.
type drawnBars struct {
	Height string
	Rows   []drawnRow
	Mark   *drawnMark
}

type drawnRow struct {
	Bar
	Label     string // shortened
	Y         string // of the row
	TextY     string
	Segments  []segment
	Zero      bool // nothing to draw
	BarY      string
	BarHeight string
}

type segment struct{ X, Width, Class, Title string }

// drawnMark crosses each bar, and none of the names between them.
type drawnMark struct {
	X, Anchor, Words string
	Ticks            []markTick
}

type markTick struct{ Top, Bottom string }

func (b Bars) draw() drawnBars {
	most := 0
	for _, r := range b.Rows {
		most = max(most, r.total())
	}
	top := 0
	if b.Mark != nil {
		most, top = max(most, b.Mark.Value), markRoom
	}
	d := drawnBars{Height: strconv.Itoa(top + rowHeight*len(b.Rows))}
	var ticks []markTick
	for i, r := range b.Rows {
		y := top + i*rowHeight
		ticks = append(ticks, markTick{strconv.Itoa(y + barTop - 3), strconv.Itoa(y + barTop + barHeight + 3)})
		row := drawnRow{
			Bar: r, Label: clipped(r.Label, shownLabel), Y: strconv.Itoa(y), TextY: strconv.Itoa(y + barTop - 7),
			BarY: strconv.Itoa(y + barTop), BarHeight: strconv.Itoa(barHeight), Zero: r.total() == 0,
		}
		x := 0.0
		for k, p := range r.Parts {
			width := share(p.Value, most)
			if width > 0 {
				row.Segments = append(row.Segments, segment{X: percent(x), Width: percent(width), Class: b.Kinds[k].Class, Title: r.Label + ": " + strings.TrimSpace(p.Words+" "+b.Kinds[k].lower())})
			}
			x += width
		}
		d.Rows = append(d.Rows, row)
	}
	if b.Mark != nil {
		x := share(b.Mark.Value, most)
		d.Mark = &drawnMark{X: percent(x), Anchor: anchorAt(x), Words: b.Mark.Words, Ticks: ticks}
	}
	return d
}

func (b Bar) total() int {
	sum := 0
	for _, p := range b.Parts {
		sum += max(p.Value, 0)
	}
	return sum
}

// key is what of the kinds is drawn.
func (b Bars) key() []Kind {
	if len(b.Kinds) < 2 {
		return nil
	}
	var key []Kind
	for i, k := range b.Kinds {
		for _, r := range b.Rows {
			if r.Parts[i].Value > 0 {
				key = append(key, k)
				break
			}
		}
	}
	return key
}

// share is a value as a part of a hundred of the most.
func share(value, most int) float64 {
	if most <= 0 {
		return 0
	}
	return 100 * float64(max(value, 0)) / float64(most)
}

// anchorAt has words stand within the picture wherever they belong.
func anchorAt(x float64) string {
	switch {
	case x < 20:
		return "start"
	case x > 80:
		return "end"
	}
	return "middle"
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }

// clipped keeps words to so many characters.
func clipped(words string, most int) string {
	if utf8.RuneCountInString(words) <= most {
		return words
	}
	return string([]rune(words)[:most-1]) + "…"
}

// isolated keeps the writing direction of a name from what is around it.
func isolated(name string) string { return "\u2068" + name + "\u2069" }
