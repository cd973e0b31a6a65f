package bulk

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/address"
	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// columnField is the name of the field that says what a column is, by its number from 0.
func columnField(i int) string { return "columns." + strconv.Itoa(i) }

// columnName is what people call a column.
func columnName(i int, column bulk.Column) string { return lists.Column{Name: column.Name}.Called(i) }

// columnCard shows what each column of a list was taken for, to be chosen otherwise. Of
// people who were ticked in a table there is nothing to choose.
func columnCard(change bulk.Change, a auth.Actor, s shown) *pages.ColumnCard {
	if change.File.Selected {
		return nil
	}
	card := &pages.ColumnCard{Path: views.BulkDoPath(change.ID, "columns"), Seen: change.Seen(), Open: s.columnErrors.Any()}
	if canEdit(a, change) && change.State == bulk.Draft {
		card.Button = &ui.ButtonProps{Label: "Read the columns so"}
	}
	options := []ui.Option{{Value: string(lists.Unused), Label: "Kept for the result only"}}
	for _, f := range bulk.Fields(change.Kind) {
		options = append(options, ui.Option{Value: string(f), Label: wording.FieldLabel(f)})
	}
	var unknown, unkept []string
	for i, column := range change.Columns {
		if column.Added {
			continue
		}
		line := pages.ColumnLine{Name: columnName(i, column)}
		switch {
		case column.Secret:
			line.Fixed = "Looks like a password: it was not kept"
			unkept = append(unkept, line.Name)
		case column.Result:
			line.Fixed = "Foyer wrote it, in an earlier result"
		case card.Button == nil:
			if line.Fixed = "Kept for the result only"; column.Field != lists.Unused {
				line.Fixed = wording.FieldLabel(column.Field)
			}
		default:
			line.Field = ui.FieldProps{
				Kind: ui.FieldSelect, Name: columnField(i), Label: "What " + line.Name + " is", HideLabel: true, Value: string(column.Field), Options: options,
				Error: s.columnErrors.For(columnField(i)),
			}
		}
		if column.Used && column.Field == lists.Unused && !column.Secret && !column.Result {
			unknown = append(unknown, line.Name)
			card.Open = card.Open || card.Button != nil && address.Blank(column.Name)
		}
		card.Lines = append(card.Lines, line)
	}
	if len(unknown) > 0 {
		card.Words = append(card.Words, "Not understood, and kept for the result: "+strings.Join(unknown, ", ")+".")
	}
	if len(unkept) > 0 {
		card.Words = append(card.Words, "Not kept, because it looks like a password: "+strings.Join(unkept, ", ")+".")
	}
	for _, out := range change.File.LeftOut {
		card.Words = append(card.Words, wording.LeftOutLine(out))
	}
	if sheets := sheetNames(change.File.Sheets); sheets != "" {
		card.Words = append(card.Words, "Other sheets of the workbook were not read: "+sheets+".")
	}
	if form := change.File.Form; form.Format == lists.XLSX && form.Sheet != "" {
		card.Words = append(card.Words, "The sheet “"+form.Sheet+"” was read.")
	} else if form.Format == lists.Text && change.File.Name != "" {
		card.Words = append(card.Words, "Its letters were read as "+wording.Encoding(form.Encoding)+".")
	}
	return card
}

func sheetNames(sheets []lists.Sheet) string {
	names := make([]string, len(sheets))
	for i, s := range sheets {
		if names[i] = s.Name; s.Hidden {
			names[i] += " (hidden)"
		}
	}
	return strings.Join(names, ", ")
}

// mendedList is the form for another list in place of the one before.
func mendedList(change bulk.Change, s shown) *pages.MendedList {
	values := s.values
	form := listForm(change.Kind, values, s.listErrors)
	return &pages.MendedList{
		Path: views.BulkDoPath(change.ID, "list"), Seen: change.Seen(), List: form,
		Open: s.listErrors.Any() || values.Get(pasteField) != "", ChooseAgain: s.chooseAgain,
	}
}

// Map handles POST /bulk/:id/columns.
func (h *Handlers) Map(c echo.Context) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	fields := make([]lists.Field, len(change.Columns))
	for i, column := range change.Columns {
		fields[i] = lists.Field(form.Get(columnField(i)))
		if column.Added {
			fields[i] = column.Field
		}
	}
	_, err = h.Bulk.Map(c.Request().Context(), kit.Actor(c), change.ID, form.Get(seenField), fields)
	if invalid, ok := errors.AsType[*portal.Invalid](err); ok {
		return h.show(c, http.StatusUnprocessableEntity, change, shown{columnErrors: twiceChosen(change, fields, invalid)})
	}
	return h.done(c, change.ID, err, ui.Flash{Kind: ui.AlertOK, Title: "The columns are read so.", Text: "The list is checked again."})
}

// twiceChosen says at the second column that its field was chosen for another one, too.
func twiceChosen(change bulk.Change, fields []lists.Field, invalid *portal.Invalid) (found ui.Errors) {
	seen := map[lists.Field]string{}
	for i, f := range fields {
		name := columnName(i, change.Columns[i])
		if first, twice := seen[f]; f != lists.Unused && twice {
			found.Add(columnField(i), wording.FieldLabel(f)+" is chosen for "+first+" and for "+name+". Choose one of them.")
		}
		seen[f] = name
	}
	if !found.Any() {
		return kit.FieldErrors(invalid.Fields)
	}
	return found
}
