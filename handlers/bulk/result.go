package bulk

import (
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal/bulk"
	"foyer/sapi"
)

// The columns that a result has besides those of the list.
const (
	statusColumn  = lists.ResultPrefix + "status"
	codeColumn    = lists.ResultPrefix + "code"
	messageColumn = lists.ResultPrefix + "message"
	idColumn      = "symphony_user_id"
)

// ResultCSV handles GET /bulk/:id/result.csv.
func (h *Handlers) ResultCSV(c echo.Context) error { return h.sendResult(c, lists.Text) }

// ResultXLSX handles GET /bulk/:id/result.xlsx.
func (h *Handlers) ResultXLSX(c echo.Context) error { return h.sendResult(c, lists.XLSX) }

// sendResult answers with the list of a bulk change as it was brought, with what became of
// each row beside it. In the other format it is written as spreadsheets read it best.
func (h *Handlers) sendResult(c echo.Context, format lists.Format) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	filter, suffix := bulk.Filter{}, "-result"
	switch c.QueryParam("only") {
	case "":
	case "failed":
		filter, suffix = bulk.Filter{NotMade: true}, "-failed"
	default:
		return kit.BadRequest("The result has all rows, or only those that failed.")
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	rows, total, err := h.Bulk.Rows(ctx, a, change.ID, filter, 0, 0)
	if err != nil {
		return err
	}
	lines, err := h.linesOf(c, change, rows)
	if err != nil {
		return err
	}
	form := change.File.Form
	if current := form.Format; current != format && (current != "" || format != lists.Text) {
		form = lists.Form{Format: format}
	}
	if filter.NotMade && form.Encoding != "" && form.Encoding != lists.UTF16LE && form.Encoding != lists.UTF16BE {
		form.Encoding, form.BOM = lists.UTF8, true // it comes back to Foyer, which has to ask about no letter of its own
	}
	name := resultName(change) + suffix + form.Ext()
	if err := h.Activity.RecordExport(ctx, a, auth.SeeHistory, fmt.Sprintf("%s of bulk change %d", name, change.ID), total); err != nil {
		return err
	}
	return h.SendFile(c, form.ContentType(), name, func(w io.Writer) error {
		heading, write := resultOf(change, lines)
		_, err := lists.Write(w, form, heading, write(rows))
		return err
	})
}

// linesOf are the lines of the list in which rows stand of which others are duplicates.
func (h *Handlers) linesOf(c echo.Context, change bulk.Change, rows []bulk.Row) (map[int]int, error) {
	lines := map[int]int{}
	if !slices.ContainsFunc(rows, func(r bulk.Row) bool { return r.Code == bulk.Duplicate }) {
		return lines, nil
	}
	all, _, err := h.Bulk.Rows(c.Request().Context(), kit.Actor(c), change.ID, bulk.Filter{}, 0, 0)
	for _, r := range all {
		lines[r.N] = r.Line
	}
	return lines, err
}

// resultName is what the file with a result is called: as the list was, as far as that can
// be a name everywhere.
func resultName(change bulk.Change) string {
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(change.File.Name, `\`, "/")), path.Ext(change.File.Name))
	name = strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}, name), ".-_")
	if name == "" {
		return fmt.Sprintf("bulk-change-%d", change.ID)
	}
	return kit.Cut(name, 60)
}

// resultOf are the heading of a result, and how its rows are written: the columns of the
// list in their order without those of an earlier result, then Foyer's own. lines are where
// rows stand.
func resultOf(change bulk.Change, lines map[int]int) (heading []string, write func([]bulk.Row) iter.Seq2[[]string, error]) {
	var kept []int
	ids := -1
	for i, column := range change.Columns {
		if column.Result {
			continue
		}
		kept = append(kept, i)
		name := columnName(i, column)
		if column.Name == "" && column.Field != lists.Unused {
			name = lists.Heading(column.Field)
		} else if column.Added {
			name = lists.Heading(column.Field)
		}
		if strings.EqualFold(strings.TrimSpace(column.Name), idColumn) {
			ids = i
		}
		heading = append(heading, name)
	}
	heading = append(heading, statusColumn, codeColumn, messageColumn)
	if ids < 0 {
		heading = append(heading, idColumn)
	}
	return heading, func(rows []bulk.Row) iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) {
			for _, r := range rows {
				cells := make([]string, 0, len(heading))
				for _, i := range kept {
					cells = append(cells, resultCell(change, r, i, i == ids))
				}
				cells = append(cells, string(r.State), resultCode(r), wording.BulkRowWhy(r, lines[r.Facts.Row]))
				if ids < 0 {
					cells = append(cells, r.UserID)
				}
				if !yield(cells, nil) {
					return
				}
			}
		}
	}
}

// resultCell is what stands in a column of a row; of somebody whom the list doesn't have,
// what is known of them.
func resultCell(change bulk.Change, r bulk.Row, i int, id bool) string {
	cell := ""
	if i < len(r.Cells) {
		cell = r.Cells[i]
	}
	switch {
	case id && cell == "":
		return r.UserID
	case r.Line == 0 && cell == "":
		return known(r.NewUser, change.Columns[i].Field, r.UserID)
	}
	return cell
}

// known is what a person says of a field.
func known(u sapi.NewUser, f lists.Field, id string) string {
	return map[lists.Field]string{
		lists.Email: u.Email, lists.FirstName: u.FirstName, lists.LastName: u.LastName, lists.DisplayName: u.DisplayName, lists.Title: u.Title,
		lists.Department: u.Department, lists.Location: u.Location, lists.PhoneNumber: u.PhoneNumber, lists.UserID: id,
	}[f]
}

// resultCode is why a row is in its state, with Symphony's code where that is it.
func resultCode(r bulk.Row) string {
	if p := r.Facts.Problem; r.Code == bulk.Symphony && p != nil && p.Code != "" {
		return string(r.Code) + ":" + p.Code
	}
	return string(r.Code)
}
