package lists

import (
	"cmp"
	"slices"
	"strings"

	"foyer/address"
)

// separators are what can stand between the cells, in the order in which they are
// believed where a list can be read with several: the later ones may be in cells.
const separators = "\t;,"

// sniffed is how many lines, and bytes, are looked at to see what separates the cells.
const (
	sniffed      = 100
	sniffedBytes = 256 << 10
)

// Read reads a list that was pasted, and understands the fields of [Fields], and those
// that are asked for. A text with nothing to see in it has no rows.
func Read(text string, also ...Field) Table {
	t, _ := read(text, also, 0)
	return t
}

// read reads a list of so many rows at most, or of any number for 0.
func read(text string, also []Field, most int) (t Table, more rest) {
	text = strings.TrimPrefix(text, string(byteOrderMark))
	if address.Blank(text) {
		return Table{}, rest{}
	}
	separator, text, declared := declaredSeparator(text)
	if !declared {
		separator = sniff(text, also)
	}
	t.Separator = separator
	t.Rows, more = split(text, separator, most)
	if !declared && looksLikeAddresses(t) {
		return addressList(text, most)
	}
	t.Rows, t.LeftOut = withoutTemplate(t.Rows)
	if declared {
		t.LeftOut = slices.Insert(t.LeftOut, 0, LeftOut{0, Separator})
		t.move(1)
		if more.doubt > 0 {
			more.doubt++
		}
	}
	t.understand(also)
	return t, more
}

// move counts lines that stand before those of the list.
func (t *Table) move(lines int) {
	for i := range t.Rows {
		t.Rows[i].Line += lines
	}
	for i := range t.LeftOut {
		t.LeftOut[i].Line += lines
	}
}

// declaredSeparator takes away the line by which a file tells Excel what separates its
// cells.
func declaredSeparator(text string) (separator rune, rest string, found bool) {
	first, rest, _ := strings.Cut(text, "\n")
	first = strings.ToLower(strings.Trim(first, " \r\""))
	if declared, ok := strings.CutPrefix(first, "sep="); ok && len(declared) == 1 && strings.Contains(separators, declared) {
		return rune(declared[0]), rest, true
	}
	return 0, text, false
}

// sniff finds what separates the cells: that with which most columns of a heading are
// understood, or else quotation marks fit best around the cells, or else most rows have
// as many cells as the first.
func sniff(text string, also []Field) rune {
	if lines := nthLine(text, sniffed); lines < len(text) {
		text = text[:lines]
	}
	text = text[:min(len(text), sniffedBytes)]
	best, bestFit := ',', fit{}
	for _, separator := range separators {
		s := newScanner(text, separator)
		rows, _ := withoutTemplate(s.rows())
		if !slices.ContainsFunc(rows, func(r Row) bool { return len(r.Cells) > 1 }) {
			continue
		}
		f := fit{marks: -s.marks}
		for _, c := range headed(rows[0].Cells, nil, also) {
			if c.known() {
				f.known++
			}
		}
		for _, r := range rows {
			if len(r.Cells) == len(rows[0].Cells) && len(r.Cells) > 1 {
				f.even++
			}
		}
		if bestFit == (fit{}) || f.better(bestFit) {
			best, bestFit = separator, f
		}
	}
	return best
}

// fit is how well a list is read with a separator.
type fit struct {
	known int // columns that were understood
	marks int // quotation marks that stand in cells, and around none: negative
	even  int // rows as long as the first
}

// better says whether a list is read better.
func (f fit) better(than fit) bool {
	return cmp.Or(cmp.Compare(f.known, than.known), cmp.Compare(f.marks, than.marks), cmp.Compare(f.even, than.even)) > 0
}

// nthLine is where the line with this number begins, or the end of the text.
func nthLine(text string, n int) int {
	at := 0
	for range n {
		end := strings.IndexAny(text[at:], "\r\n")
		if end < 0 {
			return len(text)
		}
		at += end + 1
	}
	return at
}

// withoutTemplate leaves out what a template has that is about nobody: Entra's first
// line with its version, and its example.
func withoutTemplate(rows []Row) (kept []Row, out []LeftOut) {
	for i, r := range rows {
		first := strings.ToLower(r.Cells[0])
		switch {
		case i == 0 && strings.HasPrefix(first, "version:") && address.Blank(strings.Join(r.Cells[1:], "")):
			out = append(out, LeftOut{r.Line, Version})
		case len(kept) < 2 && strings.HasPrefix(first, "example:"):
			out = append(out, LeftOut{r.Line, Example})
		default:
			kept = append(kept, r)
		}
	}
	return kept, out
}

// understand finds the heading, and what each column is.
func (t *Table) understand(also []Field) {
	t.Columns = make([]Column, t.width())
	if len(t.Rows) > 0 && isHeading(t.Rows, also) {
		copy(t.Columns, headed(t.Rows[0].Cells, t.Rows[1:], also))
		t.Headed, t.HeadingLine, t.Rows = true, t.Rows[0].Line, t.Rows[1:]
	} else if i, ok := addressColumn(t.Rows); ok {
		t.Columns[i].Field = Email
	}
	t.look()
}

// width is how many cells the longest row has.
func (t *Table) width() int {
	width := 0
	for _, r := range t.Rows {
		width = max(width, len(r.Cells))
	}
	return width
}

// look says of each column whether it has anything, and what was rounded, and empties those that look like
// passwords.
func (t *Table) look() {
	for i := range t.Columns {
		c := &t.Columns[i]
		c.Used = slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cell(i) != "" })
		c.Rounded = c.Rounded || slices.ContainsFunc(t.Rows, func(r Row) bool { return isShortened(r.Cell(i)) })
		c.Secret = c.Secret || c.Name == "" && c.Field == Unused && looksSecret(t.Rows, i)
		if c.Secret {
			for _, r := range t.Rows {
				if i < len(r.Cells) {
					r.Cells[i] = ""
				}
			}
		}
	}
}

// isHeading says whether the first row names the columns: it names an address column, or
// two others; or it has a name, which is no address, over a column of addresses.
func isHeading(rows []Row, also []Field) bool {
	first := rows[0].Cells
	if slices.ContainsFunc(first, isAddress) {
		return false
	}
	known := 0
	for _, c := range headed(first, nil, also) {
		switch {
		case c.Field == Email, c.Field == UserID:
			return true
		case c.known():
			known++
		}
	}
	if known > 1 {
		return true
	}
	i, ok := addressColumn(rows[1:])
	return ok && rows[0].Cell(i) != ""
}

// addressColumn finds the one column that has addresses, where it is one alone.
func addressColumn(rows []Row) (column int, ok bool) {
	column = -1
	for _, r := range rows {
		for i, cell := range r.Cells {
			switch {
			case i == column || !isAddress(cell):
			case column >= 0:
				return -1, false
			default:
				column = i
			}
		}
	}
	return column, column >= 0
}

// isAddress says whether a cell looks like an address: words, such as those of a
// heading, may have an @ in them, too.
func isAddress(cell string) bool {
	local, domain, found := strings.Cut(cell, "@")
	return found && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(cell, " \t\n")
}
