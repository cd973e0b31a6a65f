package kit

import (
	"encoding/csv"
	"io"
	"iter"
	"strings"
	"time"

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
// take for a formula. The export must have been recorded before.
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
			cells[i] = inertCell(cell)
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
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// inertCell puts an apostrophe before what a spreadsheet would take for a
// formula.
func inertCell(cell string) string {
	if strings.IndexAny(cell, formulaSigns) == 0 {
		return "'" + cell
	}
	return cell
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
