package handlers

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"iter"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// byteOrderMark makes Excel read a file as UTF-8.
const byteOrderMark = "\ufeff"

// sendCSV answers with a file of rows under a heading, for spreadsheets: UTF-8
// with a byte order mark, lines ended by CRLF, no cell that a spreadsheet would
// take for a formula. The export must have been recorded before.
//
// Rows are written as they come, however many there are. When they end with an
// error before anything was sent, that is returned; after that the connection
// is cut, so that half a list never looks like a whole one.
func (s *server) sendCSV(c echo.Context, name string, heading []string, rows iter.Seq2[[]string, error]) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	header.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))

	const held = 64 << 10 // most lists fit, and are sent whole or not at all
	out := bufio.NewWriterSize(c.Response(), held)
	lines := csv.NewWriter(out)
	lines.UseCRLF = true
	err := writeCSV(out, lines, heading, rows)
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		return nil
	case c.Response().Committed:
		s.Logger.WarnContext(c.Request().Context(), "file cut short", "request", requestID(c), "error", loggable(err))
		panic(http.ErrAbortHandler)
	}
	header.Del(echo.HeaderContentDisposition)
	return fmt.Errorf("send file: %w", err)
}

func writeCSV(out *bufio.Writer, lines *csv.Writer, heading []string, rows iter.Seq2[[]string, error]) error {
	if _, err := out.WriteString(byteOrderMark); err != nil {
		return err
	}
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
