package ledger

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// Sheets are how the files for spreadsheets in an archive are written, so that they can be
// held against the lines that they follow from. They are those who write them who know
// that: this package does not.
type Sheets struct {
	Version       string // of the Foyer that verifies
	EventColumns  []string
	EventCells    func(Event) []string
	EventWords    []string // the columns in words, which another version may have put otherwise
	PeopleColumns []string
	PeopleCells   func(Manifest, PersonLine) []string
	Spelled       func(cell string) string // as a cell stands in such a file
}

// sheet reads a file for spreadsheets, a row at a time.
type sheet struct {
	name    string
	limit   *rowLimit
	rows    *csv.Reader
	heading []string
	n       int // rows below the heading
}

// openSheet opens one that is in the archive, and reads its heading.
func (v *archiveVerification) openSheet(name string) (*sheet, error) {
	file, err := v.files.open(name)
	if err != nil {
		return nil, err
	}
	s := &sheet{name: name, limit: &rowLimit{Reader: file}}
	mark := make([]byte, len(byteOrderMark))
	if _, err := io.ReadFull(s.limit, mark); err != nil || string(mark) != byteOrderMark {
		return nil, refused("%s does not begin as Foyer’s files do", name)
	}
	s.rows = csv.NewReader(s.limit)
	s.rows.ReuseRecord = true
	heading, err := s.next()
	if err == nil && heading == nil {
		err = refused("%s has no heading", name)
	}
	if err != nil {
		return nil, err
	}
	s.heading, s.n = slices.Clone(heading), 0
	return s, nil
}

const byteOrderMark = "\ufeff"

// next is the next row, or nil at the end. The one before is no more.
func (s *sheet) next() ([]string, error) {
	s.limit.read = 0
	row, err := s.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, refused("%s: %w", s.name, err)
	}
	s.n++
	return row, nil
}

// rowLimit keeps a row of a file from being longer than a line may be.
type rowLimit struct {
	io.Reader
	read int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.read > maxLine {
		return 0, errors.New("a row is too long")
	}
	n, err := l.Reader.Read(p)
	l.read += n
	return n, err
}

// countRows counts the rows of a file for spreadsheets.
func (v *archiveVerification) countRows(name string) (n int, err error) {
	s, err := v.openSheet(name)
	if err != nil {
		return 0, err
	}
	for {
		if row, err := s.next(); err != nil || row == nil {
			return s.n, err
		}
	}
}

// differs is the first column in which a row is not spelled as these cells are, or -1.
func (v *archiveVerification) differs(row, cells []string) int {
	if len(row) != len(cells) {
		return min(len(row), len(cells))
	}
	for i, cell := range cells {
		if !v.spells(row[i], cell) {
			return i
		}
	}
	return -1
}

// spells says whether a cell of a file for spreadsheets is this one. In archives that say
// no form it may be spelled as in earlier ones, where other apostrophes stand before what
// a spreadsheet would take for a formula.
func (v *archiveVerification) spells(spelled, cell string) bool {
	if spelled == v.options.Sheets.Spelled(cell) {
		return true
	}
	return !v.signed && (spelled == inertV2(cell) || spelled == strings.ReplaceAll(inertV1(cell), "\r", ""))
}

// activityCheck recomputes the file for spreadsheets from the events that are proven.
type activityCheck struct {
	v     *archiveVerification
	sheet *sheet // nil: it is of a form that isn't known here
	lines int
	words bool // a column in words has other words than this version would put
	err   error
}

func newActivityCheck(v *archiveVerification) (*activityCheck, error) {
	c := &activityCheck{v: v}
	if v.options.Sheets.EventCells == nil {
		return c, nil
	}
	var err error
	c.sheet, err = v.openSheet(ActivityCSV)
	if err != nil {
		return nil, err
	}
	if slices.Equal(c.sheet.heading, v.options.Sheets.EventColumns) {
		return c, nil
	}
	if c.sheet = nil; v.signed {
		return nil, refused("%s has other columns than it has in an archive of this form", ActivityCSV)
	}
	return c, nil
}

// event compares the next row. Once one is wrong nothing more is looked at.
func (c *activityCheck) event(e Event) {
	c.lines++
	if c.sheet == nil || c.err != nil {
		return
	}
	row, err := c.sheet.next()
	if err == nil && row == nil {
		err = refused("%s ends before event %d", ActivityCSV, e.Seq)
	}
	if err != nil {
		c.err = err
		return
	}
	sheets := c.v.options.Sheets
	cells := sheets.EventCells(e)
	for i, column := range sheets.EventColumns {
		switch {
		case c.v.spells(row[i], cells[i]):
		case slices.Contains(sheets.EventWords, column) && c.v.manifest.Foyer != sheets.Version:
			c.words = true
		default:
			c.err = refused("row %d of %s is not what event %d says: %s", c.sheet.n, ActivityCSV, e.Seq, column)
			return
		}
	}
}

func (c *activityCheck) end() (FileProof, error) {
	if c.err != nil {
		return FileProof{}, c.err
	}
	if err := c.v.rows(ActivityLines, c.lines); err != nil {
		return FileProof{}, err
	}
	if c.sheet == nil {
		return FileProof{}, nil
	}
	if row, err := c.sheet.next(); err != nil {
		return FileProof{}, err
	} else if row != nil {
		return FileProof{}, refused("%s has a row of an event that is not in %s", ActivityCSV, ActivityLines)
	}
	proof := FileProof{Name: ActivityCSV, Proof: ByCheckpoint}
	if c.words {
		proof.Words = c.v.options.Sheets.EventWords
	}
	return proof, nil
}
