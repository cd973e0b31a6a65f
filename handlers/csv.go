package handlers

import (
	"encoding/csv"
	"io"
	"iter"
	"strings"

	"github.com/labstack/echo/v4"
)

// byteOrderMark makes Excel read a file as UTF-8.
const byteOrderMark = "\ufeff"

// sendCSV answers with a file of rows under a heading, for spreadsheets: UTF-8
// with a byte order mark, lines ended by CRLF, no cell that a spreadsheet would
// take for a formula. The export must have been recorded before.
//
// Rows are written as they come, however many there are.
func (k *Kit) sendCSV(c echo.Context, name string, heading []string, rows iter.Seq2[[]string, error]) error {
	return k.sendFile(c, "text/csv; charset=utf-8", name, func(w io.Writer) error {
		return writeCSV(w, heading, rows)
	})
}

// writeCSV writes such a file.
func writeCSV(w io.Writer, heading []string, rows iter.Seq2[[]string, error]) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
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

// whole gives rows that are all there already, for sendCSV.
func whole(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
