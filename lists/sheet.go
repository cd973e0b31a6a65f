package lists

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"foyer/address"
)

// sheetReader reads the rows of a sheet. A formula is what it came to when it was last
// calculated; of cells that were merged the first has what is in them, and the others are
// empty, as in a CSV of the same sheet.
type sheetReader struct {
	*book
	sheet   sheet
	rows    []Row
	hidden  []LeftOut
	more    bool         // there are more rows than may be
	rounded map[int]bool // columns with numbers that may be others than were typed
	text    int          // bytes of all cells

	row  rawRow
	cell rawCell
}

// rawRow is the row that is being read.
type rawRow struct {
	Row
	hidden bool
	column int // of the last cell, from 1
}

// rawCell is the cell that is being read.
type rawCell struct {
	kind    string
	style   int
	formula bool
	valued  bool
	value   strings.Builder
}

// read reads the sheet, up to one row more than there may be.
func (s *sheetReader) read() error {
	r, err := s.open(s.sheet.part, maxUnpacked)
	if r == nil {
		if err == nil {
			err = &Refused{Code: Damaged}
		}
		return err
	}
	defer r.Close()
	e := s.elements(r)
	taken := false // is text a value
	for !s.more {
		token, err := e.next()
		if errors.Is(err, io.EOF) && len(e.in) == 0 {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			taken, err = s.begin(e, x)
		case xml.EndElement:
			taken = false
			err = s.end(e, x)
		case xml.CharData:
			if taken {
				s.cell.value.Write(x)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin begins what an element is; taken says that the text in it is of a cell. How a
// text is spoken, which stands in elements of its own, isn't.
func (s *sheetReader) begin(e *elements, x xml.StartElement) (taken bool, err error) {
	switch {
	case e.opens("row", "sheetData"):
		return false, s.beginRow(x)
	case e.opens("c", "row"):
		return false, s.beginCell(x)
	case e.opens("f", "c"):
		s.cell.formula = true
	case e.opens("v", "c"), e.opens("t", "is"), e.opens("t", "r"):
		s.cell.valued = true
		return true, nil
	}
	return false, nil
}

// end ends what an element was.
func (s *sheetReader) end(e *elements, x xml.EndElement) error {
	switch {
	case e.closes(x, "row", "sheetData"):
		s.endRow()
	case e.closes(x, "c", "row"):
		return s.endCell()
	}
	return nil
}

// beginRow begins a row, where its number says, or else below the last.
func (s *sheetReader) beginRow(e xml.StartElement) error {
	line := s.row.Line + 1
	if n := attribute(e, "r"); n != "" {
		var err error
		if line, err = strconv.Atoi(n); err != nil || line <= s.row.Line || line > 1<<20 {
			return &Refused{Code: Damaged}
		}
	}
	s.row = rawRow{Row: Row{Line: line}, hidden: isTrue(attribute(e, "hidden"))}
	return nil
}

// endRow keeps a row that has something to see in it.
func (s *sheetReader) endRow() {
	row := s.row.Row
	switch {
	case address.Blank(strings.Join(row.Cells, " ")):
	case s.row.hidden:
		s.hidden = append(s.hidden, LeftOut{row.Line, Hidden})
	default:
		s.rows = append(s.rows, row)
	}
	s.more = len(s.rows) > MaxRows+beside || len(s.hidden) > MaxRows
}

// beginCell begins a cell, where its name says, or else right of the last.
func (s *sheetReader) beginCell(e xml.StartElement) error {
	s.cell = rawCell{kind: attribute(e, "t"), style: -1}
	if n, err := strconv.Atoi(attribute(e, "s")); err == nil {
		s.cell.style = n
	}
	column := s.row.column + 1
	if name := attribute(e, "r"); name != "" {
		column = columnOf(name)
	}
	if column <= s.row.column || column > 1<<14 {
		return &Refused{Code: Damaged}
	}
	s.row.column = column
	return nil
}

// endCell keeps what is in a cell.
func (s *sheetReader) endCell() error {
	name := columnName(s.row.column) + strconv.Itoa(s.row.Line)
	if s.cell.formula && !s.cell.valued {
		return &Refused{Code: NotCalculated, Cell: name, Line: s.row.Line, Sheet: s.sheet.Name}
	}
	value, rounded, err := s.value(&s.cell)
	if err != nil {
		return err
	}
	if value = trim(aliveText(trim(value))); value == "" {
		return nil
	}
	if s.row.column > MaxColumns {
		return &Refused{Code: TooWide, Cell: name, Line: s.row.Line, Sheet: s.sheet.Name}
	}
	if s.text += len(value); s.text > maxText {
		return &Refused{Code: Unpacked}
	}
	for len(s.row.Cells) < s.row.column {
		s.row.Cells = append(s.row.Cells, "")
	}
	s.row.Cells[s.row.column-1] = value
	s.rounded[s.row.column-1] = s.rounded[s.row.column-1] || rounded
	return nil
}

// columnOf is the number of the column of a cell, from 1; 0 where its name has none.
func columnOf(cell string) int {
	n := 0
	for i := range len(cell) {
		switch c := cell[i] | 0x20; {
		case c >= 'a' && c <= 'z' && i < 3:
			n = n*26 + int(c-'a') + 1
		case cell[i] >= '0' && cell[i] <= '9' && i > 0:
			return n
		default:
			return 0
		}
	}
	return 0
}

// columnName is what spreadsheets call a column.
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// readStrings reads the texts that cells have in common.
func (b *book) readStrings(name string) error {
	r, err := b.open(name, maxUnpacked/2)
	if r == nil {
		return err
	}
	defer r.Close()
	e := b.elements(r)
	var text strings.Builder
	taken := false
	for {
		token, err := e.next()
		if errors.Is(err, io.EOF) && len(e.in) == 0 {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if e.opens("si", "sst") {
				text.Reset()
			}
			taken = e.opens("t", "si") || e.opens("t", "r")
		case xml.EndElement:
			taken = false
			if e.closes(x, "si", "sst") {
				b.strings = append(b.strings, unescape(text.String()))
			}
		case xml.CharData:
			if taken {
				text.Write(x)
			}
		}
	}
}
