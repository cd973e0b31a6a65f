package lists

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"foyer/address"
)

// byteOrderMark stands before the text of files that Windows programs write.
const byteOrderMark = '\ufeff'

// MaxColumns is how many cells a row has at most: what comes after stays together in the
// last one. No list of people has so many, and a text of separators must not cost more
// than another.
const MaxColumns = 256

// split reads a text as rows of cells, with anything that ends a line between the
// rows. A cell that is quoted as CSV has it may have the separator and new lines in it.
// One that only begins with a quotation mark is what it is, up to the next separator:
// it must not swallow the rows after it.
//
// Cells are trimmed, and rows with nothing to see are no rows. Of more rows than a list
// may have, for a heading and a template's besides, the rest is only counted.
func split(text string, separator rune, most int) ([]Row, rest) {
	s := newScanner(text, separator)
	if most > 0 {
		s.most = most + beside
	}
	rows := s.rows()
	return rows, rest{s.more(), s.doubt}
}

// rest is what is to be said of a text besides its rows.
type rest struct {
	more  int // rows that were not read, at least
	doubt int // the line of a cell that may be several rows, by its quotation marks; 0 for none
}

func newScanner(text string, separator rune) *scanner {
	return &scanner{text: text, separator: separator, line: 1, most: len(text)}
}

// rows reads all that is left.
func (s *scanner) rows() []Row {
	var rows []Row
	for s.at < len(s.text) && len(rows) < s.most {
		row := s.row()
		if s.width == 0 {
			s.width = len(row.Cells)
		}
		for i := range row.Cells {
			if row.Cells[i] = trim(row.Cells[i]); !s.exact {
				row.Cells[i] = trim(alive(row.Cells[i], s.separator))
			}
		}
		if !address.Blank(strings.Join(row.Cells, " ")) {
			rows = append(rows, row)
		}
	}
	return rows
}

// beside is how many rows a list may have that are about nobody.
const beside = 4

// more counts the lines that are left and have something in them.
func (s *scanner) more() int {
	n := 0
	for line := range strings.FieldsFuncSeq(s.text[s.at:], func(r rune) bool { return r == '\n' || r == '\r' }) {
		if !address.Blank(strings.Trim(line, separators)) {
			n++
		}
	}
	return n
}

// trim takes the blanks around a cell away, and a byte order mark, which a file that was
// put together of others has in the middle.
func trim(cell string) string {
	return strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == byteOrderMark })
}

// scanner is where the reading of a text has come to.
type scanner struct {
	text      string
	separator rune
	at        int
	line      int
	most      int  // how many rows are read
	width     int  // how many cells the first row has; 0 while it is read
	marks     int  // cells that have a quotation mark, but none around them
	doubt     int  // the first line with a cell that may be several rows; 0 for none
	exact     bool // what is quoted is quoted for certain
}

// row reads one row, with what ends it.
func (s *scanner) row() Row {
	row, start := Row{Line: s.line}, s.at
	for {
		if len(row.Cells) == MaxColumns-1 {
			row.Cells = append(row.Cells, s.last(start, len(row.Cells)))
		} else if cell, ok := s.quoted(start, len(row.Cells)); ok {
			row.Cells = append(row.Cells, cell)
		} else {
			row.Cells = append(row.Cells, s.bare())
		}
		switch {
		case s.at >= len(s.text):
			return row
		case s.endOfLine(s.at) > 0:
			s.at += s.endOfLine(s.at)
			s.line++
			return row
		}
		_, size := utf8.DecodeRuneInString(s.text[s.at:])
		s.at += size
	}
}

// bare reads a cell up to what separates it from the next.
func (s *scanner) bare() string {
	start := s.at
	for s.at < len(s.text) && !s.ends(s.at) {
		s.at++
	}
	if strings.Contains(s.text[start:s.at], `"`) {
		s.marks++
	}
	return s.text[start:s.at]
}

// last reads the last cell that a row can have: one in quotation marks, or all that is
// left of the line.
func (s *scanner) last(start, before int) string {
	at, line := s.at, s.line
	if cell, ok := s.quoted(start, before); ok && (s.at >= len(s.text) || s.endOfLine(s.at) > 0) {
		return cell
	}
	s.at, s.line = at, line
	return s.restOfLine()
}

// restOfLine reads what is left of a line, whatever is in it.
func (s *scanner) restOfLine() string {
	start := s.at
	for s.at < len(s.text) && s.endOfLine(s.at) == 0 {
		s.at++
	}
	return s.text[start:s.at]
}

// quoted reads a cell in quotation marks; ok is false, and nothing is read, when it isn't
// one. The row began at start, and has this many cells before it.
func (s *scanner) quoted(start, before int) (cell string, ok bool) {
	open := s.at + blanks(s.text[s.at:])
	if !strings.HasPrefix(s.text[open:], `"`) {
		return "", false
	}
	var b strings.Builder
	for i := open + 1; ; {
		next := strings.IndexByte(s.text[i:], '"')
		if next < 0 {
			return "", false // never closed
		}
		b.WriteString(s.text[i : i+next])
		i += next + 1
		if strings.HasPrefix(s.text[i:], `"`) {
			b.WriteByte('"')
			i++
			continue
		}
		end := i + blanks(s.text[i:])
		over := countLines(s.text[s.at:end])
		if end < len(s.text) && !s.ends(end) {
			return "", false
		}
		if over > 0 && !s.exact && s.swallows(start, end, before) {
			s.doubt = cmp.Or(s.doubt, s.line)
			return "", false
		}
		s.line += over
		s.at = end
		return b.String(), true
	}
}

// swallows says whether a cell that seems to be quoted over several lines is two cells
// with a quotation mark, in rows of their own: each of the lines has as many cells as the
// first row, and an address if the first of them has.
func (s *scanner) swallows(start, end, before int) bool {
	for end < len(s.text) && s.endOfLine(end) == 0 {
		end++
	}
	lines := strings.FieldsFunc(s.text[start:end], func(r rune) bool { return r == '\n' || r == '\r' })
	width := s.width
	if width == 0 && len(lines) > 0 {
		width = s.count(lines[0])
	}
	if len(lines) < 2 || width < 2 || before >= width {
		return false
	}
	for _, line := range lines {
		if s.count(line) != width || strings.Contains(lines[0], "@") != strings.Contains(line, "@") {
			return false
		}
	}
	return strings.Contains(lines[0], "@")
}

// count is how many cells a line has, whatever is quoted in it.
func (s *scanner) count(line string) int { return strings.Count(line, string(s.separator)) + 1 }

// ends says whether a cell ends here, at a separator or the end of a line.
func (s *scanner) ends(at int) bool {
	return strings.HasPrefix(s.text[at:], string(s.separator)) || s.endOfLine(at) > 0
}

// endOfLine is how many bytes end a line here: LF, CR LF or CR, as old files have it; 0
// where the line goes on.
func (s *scanner) endOfLine(at int) int {
	switch rest := s.text[at:]; {
	case strings.HasPrefix(rest, "\r\n"):
		return len("\r\n")
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		return 1
	}
	return 0
}

// blanks is how many bytes of blanks a text begins with. A tab may separate cells.
func blanks(text string) int { return len(text) - len(strings.TrimLeft(text, " \u00a0")) }
