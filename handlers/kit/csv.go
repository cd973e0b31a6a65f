package kit

import (
	"io"
	"iter"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/lists"
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

// WriteCSV writes such a file: the zero form is the one that spreadsheets read best.
func WriteCSV(w io.Writer, heading []string, rows iter.Seq2[[]string, error]) error {
	_, err := lists.Write(w, lists.Form{}, heading, rows)
	return err
}

// SpelledCell is a cell as it stands in such a file, between its quotation marks.
func SpelledCell(cell string) string { return lists.Inert(cell, ',') }

// Whole gives rows that are all there already, for SendCSV.
func Whole(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
