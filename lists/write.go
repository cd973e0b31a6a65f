package lists

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"strings"

	"golang.org/x/text/encoding/unicode"
)

// Write writes a list as one of this form was written, so that reading it gives the same
// cells: in text nothing that a spreadsheet would run or round, in a workbook nothing but
// text. Without columns there is no heading. Written is the form it has: one whose
// encoding lacks a letter is written in UTF-8, with a byte order mark.
//
// Rows are written as they come, however many there are, but for an encoding that may
// lack letters: then they are kept until the last is there.
func Write(w io.Writer, form Form, columns []string, rows iter.Seq2[[]string, error]) (written Form, err error) {
	form = form.whole()
	if form.Format == XLSX {
		return form, writeWorkbook(w, form, columns, rows)
	}
	if form.Encoding.legacy() == nil {
		return form, writeUnicode(w, form, columns, rows)
	}
	var text bytes.Buffer
	if err := writeText(&text, form, columns, rows); err != nil {
		return form, err
	}
	encoded, err := form.Encoding.legacy().NewEncoder().Bytes(text.Bytes())
	if err != nil { // a letter that the encoding lacks
		form.Encoding, form.BOM, encoded = UTF8, true, append([]byte(marks[0].bytes), text.Bytes()...)
	}
	_, err = w.Write(encoded)
	return form, err
}

// whole is the form with what it doesn't say.
func (f Form) whole() Form {
	if f.Format == "" {
		f.Format = Text
	}
	if f.Format == XLSX {
		return f
	}
	if f.Encoding == "" {
		f.Encoding, f.BOM = UTF8, true
	}
	if f.LineEnd == "" {
		f.LineEnd = "\r\n"
	}
	if f.Separator == 0 {
		f.Separator = ','
	}
	f.BOM = f.BOM || f.Encoding == UTF16LE || f.Encoding == UTF16BE // nothing else says what it is for certain
	return f
}

// Ext is what the name of a file of this form ends with.
func (f Form) Ext() string {
	if f.Format == XLSX {
		return ".xlsx"
	}
	return ".csv"
}

// ContentType is what HTTP calls a file of this form.
func (f Form) ContentType() string {
	if f.Format == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	charset := f.whole().Encoding
	if charset == UTF16LE || charset == UTF16BE {
		charset = "utf-16"
	}
	return "text/csv; charset=" + string(charset)
}

// writeUnicode writes text in an encoding that has every letter.
func writeUnicode(w io.Writer, form Form, columns []string, rows iter.Seq2[[]string, error]) error {
	if form.BOM {
		for _, m := range marks {
			if m.encoding == form.Encoding {
				if _, err := io.WriteString(w, m.bytes); err != nil {
					return err
				}
			}
		}
	}
	order := unicode.LittleEndian
	if form.Encoding == UTF16BE {
		order = unicode.BigEndian
	}
	if form.Encoding != UTF8 {
		w = unicode.UTF16(order, unicode.IgnoreBOM).NewEncoder().Writer(w)
	}
	return writeText(w, form, columns, rows)
}

// writeText writes lines of cells.
func writeText(w io.Writer, form Form, columns []string, rows iter.Seq2[[]string, error]) error {
	b := bufio.NewWriter(w)
	write := func(cells []string) error {
		for i, cell := range cells {
			if i > 0 {
				_, _ = b.WriteRune(form.Separator)
			}
			_, _ = b.WriteString(quoted(Inert(cell, form.Separator)))
		}
		_, err := b.WriteString(form.LineEnd) // an error before stays
		return err
	}
	if columns != nil {
		if err := write(columns); err != nil {
			return err
		}
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := write(row); err != nil {
			return err
		}
	}
	return b.Flush()
}

// quoted is a cell, in quotation marks where something could end it: any of the
// separators, whichever of them the text has.
func quoted(cell string) string {
	if !strings.ContainsAny(cell, separators+"\r\n\"") {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
