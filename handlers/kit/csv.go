package kit

import (
	"encoding/csv"
	"io"
	"iter"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"
)

// Stamp is a time in a file: UTC, to the second, as spreadsheets and programs
// read it; empty when it isn't known.
func Stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// ByteOrderMark makes Excel read a file as UTF-8.
const ByteOrderMark = "\ufeff"

// SendCSV answers with a file of rows under a heading, for spreadsheets: UTF-8
// with a byte order mark, lines ended by CRLF, no cell that a spreadsheet would
// take for a formula or write otherwise. The export must have been recorded before.
//
// Rows are written as they come, however many there are.
func (k *Kit) SendCSV(c echo.Context, name string, heading []string, rows iter.Seq2[[]string, error]) error {
	return k.SendFile(c, "text/csv; charset=utf-8", name, func(w io.Writer) error {
		return WriteCSV(w, heading, rows)
	})
}

// WriteCSV writes such a file.
func WriteCSV(w io.Writer, heading []string, rows iter.Seq2[[]string, error]) error {
	if _, err := io.WriteString(w, ByteOrderMark); err != nil {
		return err
	}
	lines := csv.NewWriter(w)
	lines.UseCRLF = true
	if err := lines.Write(heading); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = InertCell(cell)
		}
		if err := lines.Write(cells); err != nil {
			return err
		}
	}
	lines.Flush()
	return lines.Error()
}

// formulaSigns are the characters, wide forms included, with which a cell
// begins that spreadsheets may run.
const formulaSigns = "=+-@＝＋－＠"

// InertCell writes a cell so that a spreadsheet shows it and does nothing else with it,
// whichever separator it takes: what it would take for a formula has an apostrophe
// before it, and so has a number that it would round or shorten. A control character,
// which may end a text or a line, is shown as one that can't be read.
func InertCell(cell string) string {
	cell = readable(cell)
	if altered(cell) {
		return "'" + cell
	}
	var b strings.Builder
	begins := true // a cell, for one separator or another
	for _, r := range cell {
		switch {
		case strings.ContainsRune(";\t\n", r):
			begins = true
		case begins && strings.ContainsRune(formulaSigns, r):
			b.WriteByte('\'')
			begins = false
		case r != '"' && !unicode.IsSpace(r):
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

var newLines = strings.NewReplacer("\r\n", "\n", "\r", "\n") // once: a file has many cells

// readable replaces control characters and what is no text. New lines of every kind are
// one.
func readable(cell string) string {
	cell = newLines.Replace(strings.ToValidUTF8(cell, "\ufffd"))
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, cell)
}

// number is a cell that spreadsheets read as a number, other than with a sign.
var number = regexp.MustCompile(`^\s*[0-9]+([eE][0-9]+)?\s*$`)

// altered says whether a spreadsheet would write a number otherwise: it has no more than
// 15 digits of one, leaves zeros before it out, and takes an e for ten to the power of.
func altered(cell string) bool {
	const digits = 15
	cell = strings.TrimSpace(cell)
	return number.MatchString(cell) && (len(cell) > digits || strings.ContainsAny(cell, "eE") || len(cell) > 1 && cell[0] == '0')
}

// Whole gives rows that are all there already, for sendCSV.
func Whole(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
