package lists

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"foyer/address"
)

// What a file may be at most.
const (
	MaxBytes = 10 << 20 // of a file
	MaxRows  = 10_000   // about people
	MaxCell  = 32_767   // characters of a cell, as spreadsheets have it
)

// Format is what kind of file a list is in.
type Format string

// The formats.
const (
	Text Format = "text" // cells between separators, as CSV has them
	XLSX Format = "xlsx" // a workbook of Excel
)

// Form is how a list was written: enough to write another file like it. The zero Form is
// text as spreadsheets read it best.
type Form struct {
	Format    Format
	Encoding  Encoding // of text
	BOM       bool     // a byte order mark stands before the text
	LineEnd   string   // of text
	Separator rune     // of text
	Sheet     string   // of a workbook: its name
}

// Options is what somebody wants to have read, who has seen what is in a file.
type Options struct {
	Also     []Field  // fields that are understood besides those of [Fields]
	Encoding Encoding // of text; empty has it found out
	Sheet    string   // of a workbook; empty has it found
	// Confirmed is in which encoding somebody has seen that the letters of an earlier form of
	// the list are right: a text that is the same in it isn't asked about again.
	Confirmed Encoding
}

// File is a list that was read from a file.
type File struct {
	Table
	Form Form
	// Proposed says that the encoding can't be told for certain: somebody has to see
	// Samples before anything is done with the list, and say whether they are right, or
	// choose another of [Encodings].
	Proposed bool
	Samples  []Sample
	Sheets   []Sheet // of a workbook, but the one that was read
}

// Sample is a cell that shows whether a text was read in the right encoding: it has
// letters that another one has other letters for.
type Sample struct {
	Line int
	Cell string
}

// Sheet is one that was not read.
type Sheet struct {
	Name   string
	Hidden bool
}

// Open reads a list from a file that somebody gave. What kind of file it is, its content
// says, never its name. What can't be read as a list is a [*Refused]: nothing is unpacked
// of what is no workbook, and of a workbook only what a list needs. A file with a heading
// alone has no rows.
func Open(content []byte, o Options) (File, error) {
	if len(content) > MaxBytes {
		return File{}, &Refused{Code: TooBig, Bytes: len(content)}
	}
	switch kind := kindOf(content); kind {
	case workbook:
		return openWorkbook(content, o)
	case plain:
		return openText(content, o)
	default:
		return File{}, &Refused{Code: kind}
	}
}

// openText reads a list of cells between separators, or of addresses.
func openText(content []byte, o Options) (File, error) {
	text, form, proposed, err := decode(content, o.Encoding)
	if err != nil {
		return File{}, err
	}
	if proposed && o.Confirmed.legacy() != nil {
		if again, bad := o.Confirmed.decode(content); bad < 0 && again == text {
			form.Encoding, proposed = o.Confirmed, false
		}
	}
	if address.Blank(text) {
		return File{}, &Refused{Code: Empty}
	}
	table, more := read(text, o.Also, MaxRows)
	if more.more > 0 || len(table.Rows) > MaxRows {
		lines := table.Addresses || strings.Contains(text, `"`) // may be of the same row
		return File{}, &Refused{Code: TooManyRows, Rows: len(table.Rows) + more.more, More: lines}
	}
	if more.doubt > 0 {
		return File{}, &Refused{Code: Doubtful, Line: more.doubt}
	}
	form.Format, form.LineEnd, form.Separator = Text, lineEnd(text), table.Separator
	if form.Separator == 0 {
		form.Separator = ','
	}
	file := File{Table: table, Form: form, Proposed: proposed}
	if proposed {
		file.Samples = samples(table)
	}
	return file.checked()
}

// checked is the list, unless a cell is too long for one.
func (f File) checked() (File, error) {
	if err := f.check(); err != nil {
		return File{}, err
	}
	return f, nil
}

// check says whether a cell is too long for a list.
func (t *Table) check() error {
	for _, r := range t.Rows {
		for i, cell := range r.Cells {
			if len(cell) > MaxCell && utf8.RuneCountInString(cell) > MaxCell {
				return &Refused{Code: TooLong, Line: r.Line, Column: t.Columns[i].Called(i)}
			}
		}
	}
	for i, c := range t.Columns {
		if utf8.RuneCountInString(c.Name) > MaxCell {
			return &Refused{Code: TooLong, Line: t.HeadingLine, Column: Column{}.Called(i)}
		}
	}
	return nil
}

// lineEnd is what ends the first line of a text.
func lineEnd(text string) string {
	at := strings.IndexAny(text, "\r\n")
	switch {
	case at < 0, strings.HasPrefix(text[at:], "\r\n"):
		return "\r\n"
	}
	return text[at : at+1]
}

// someSamples is how many cells are shown to somebody who is asked about an encoding.
const someSamples = 8

// samples are the first cells that differ and have letters beyond ASCII.
func samples(t Table) []Sample {
	var some []Sample
	seen := map[string]bool{}
	add := func(line int, cell string) {
		if strings.ContainsFunc(cell, func(r rune) bool { return r > unicode.MaxASCII }) && !seen[cell] && len(some) < someSamples {
			seen[cell] = true
			some = append(some, Sample{line, cell})
		}
	}
	for _, c := range t.Columns {
		add(t.HeadingLine, c.Name)
	}
	for _, r := range t.Rows {
		for _, cell := range r.Cells {
			add(r.Line, cell)
		}
	}
	return some
}
