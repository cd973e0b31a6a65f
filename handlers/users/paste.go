package users

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"foyer/address"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// The fields that carry a list along which the form was filled from, so that it can be
// read again with other columns.
const (
	listField    = "list"         // the list itself, as package lists writes it
	listHeading  = "list.heading" // "true" when its first row names the columns
	listKnown    = "list.known"   // how it was read when the form was filled
	listAsked    = "list.asks"    // "false" where nobody is asked whether there is a heading
	rereadButton = "reread"
	lineOfList   = "line" // of a row of the form: the line of the list that it was filled from
)

// columnField is the name of the field that says what a column is, by its number from 0.
func columnField(column int) string { return "list.columns." + strconv.Itoa(column) }

// readList is a list that the form was filled from.
type readList struct {
	lists.Table
	text  string
	known string // the choice with which the form was filled
	twice bool   // two columns were chosen for one field
	fixed bool   // it has the heading that Foyer gave it
}

// newReadList reads a list that was pasted. It is read once more as the form will carry
// it along, so that its lines are the same each time.
func newReadList(paste string) *readList {
	first := lists.Read(paste)
	list, choice := &readList{text: first.Text(), fixed: first.Addresses}, lists.Choice{Headed: first.Headed}
	for _, c := range first.Columns {
		choice.Fields = append(choice.Fields, c.Field)
	}
	list.Table, _ = lists.Again(list.text, choice)
	list.LeftOut = first.LeftOut
	for i, c := range first.Columns[:len(list.Columns)] {
		list.Columns[i].Secret = c.Secret // its cells are empty already
	}
	return list
}

// takeList reads the list that a form carries, as its columns are chosen; nil when it
// carries none.
func takeList(values url.Values) *readList {
	text := values.Get(listField)
	if address.Blank(text) {
		return nil
	}
	list := &readList{text: text, known: values.Get(listKnown), fixed: values.Get(listAsked) == "false"}
	choice := lists.Choice{Headed: values.Get(listHeading) == "true"}
	for column := range lists.MaxColumns {
		choice.Fields = append(choice.Fields, lists.Field(values.Get(columnField(column))))
	}
	list.Table, list.twice = lists.Again(text, choice)
	return list
}

// choice writes how a list is read, to see whether that was changed.
func (l *readList) choice() string {
	parts := []string{strconv.FormatBool(l.Headed)}
	for _, c := range l.Columns {
		parts = append(parts, string(c.Field))
	}
	return strings.Join(parts, " ")
}

// changed says whether the columns were chosen otherwise than the form was filled.
func (l *readList) changed() bool { return l != nil && (l.twice || l.choice() != l.known) }

// person is what a row of the list says, in the fields that its columns are.
func (l *readList) person(row lists.Row) sapi.NewUser {
	var u sapi.NewUser
	for _, f := range personFields() {
		*f.value(&u) = oneLine(l.Value(row, lists.Field(f.name)))
	}
	return u
}

// oneLine puts what stands on several lines of a cell on one, with blanks between: fields
// of a form have one line, and browsers would put the words together without any.
func oneLine(cell string) string {
	return strings.Join(strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// fill takes the pasted rows into the form, after those that are there. It refuses more
// than fit, and leaves everything as it is then.
func (f *peopleForm) fill() (note string, problem ui.FieldError) {
	list := newReadList(f.paste)
	total := len(f.people) + len(list.Rows)
	switch n := len(list.Rows); {
	case n == 0:
		return "", ui.FieldError{Field: pasteField, Message: "There is nobody in what was pasted. Paste rows with an e-mail address, a first name and a last name."}
	case total > portal.MaxPeople && len(f.people) > 0:
		return "", ui.FieldError{Field: pasteField, Message: fmt.Sprintf("These are %s, and %d are filled in already. Symphony takes %d people at once: paste fewer.", ui.Count(n, "row", "rows"), len(f.people), portal.MaxPeople)}
	case total > portal.MaxPeople:
		return "", ui.FieldError{Field: pasteField, Message: fmt.Sprintf("These are %d rows. Symphony takes %d people at once: paste %d, add them, and go on with the next.", n, portal.MaxPeople, portal.MaxPeople)}
	}
	f.forget()
	f.list, f.paste = list, ""
	return f.take("pasted")
}

// reread fills the rows that came from the list again, as its columns are chosen now.
func (f *peopleForm) reread() (note string, problem ui.FieldError) {
	if f.list.twice {
		return "", ui.FieldError{Field: columnField(0), Message: "Two columns are chosen for the same field. Choose one for each, and leave the other out."}
	}
	fresh := 0
	for _, row := range f.list.Rows {
		if !slices.Contains(f.lines, row.Line) {
			fresh++
		}
	}
	if n := len(f.people) + fresh; n > portal.MaxPeople {
		return "", ui.FieldError{Message: fmt.Sprintf("That would make %d rows. Symphony takes %d people at once: empty some.", n, portal.MaxPeople)}
	}
	return f.take("read again")
}

// take puts the rows of the list where they stood in the form, and those that were not
// there at its end, and tells what was done with the list.
func (f *peopleForm) take(done string) (note string, problem ui.FieldError) {
	f.list.known = f.list.choice()
	if _, ok := f.list.Column(lists.Email); !ok {
		return "", ui.FieldError{Field: columnField(0), Message: "None of the columns is known to have the e-mail addresses. Choose what each column is, and read them again."}
	}
	var empty []string
	for i, row := range f.list.Rows {
		u, at := f.list.person(row), slices.Index(f.lines, row.Line)
		if u == (sapi.NewUser{}) {
			empty = append(empty, strconv.Itoa(i+1))
			if at < 0 {
				continue
			}
		}
		if at >= 0 {
			f.people[at] = u
			continue
		}
		f.people, f.lines = append(f.people, u), append(f.lines, row.Line)
	}
	note = ui.Count(len(f.list.Rows), "row was ", "rows were ") + done + ". Check what stands in each field."
	if len(empty) > 0 {
		note += " With nothing in the columns that were taken over: row " + strings.Join(empty, ", ") + " of the list."
	}
	return note + leftOutWords(f.list.Table), ui.FieldError{}
}

// forget makes the rows that came from a list rows like others.
func (f *peopleForm) forget() {
	for i := range f.lines {
		f.lines[i] = 0
	}
}

// leftOutWords name what of a list is not in the form, and why.
func leftOutWords(t lists.Table) string {
	var words strings.Builder
	if unused := t.Names(func(c lists.Column) bool { return c.Used && c.Field == lists.Unused && !c.Secret }); len(unused) > 0 {
		words.WriteString(" Not taken over, unless you choose below what it is: " + strings.Join(unused, ", ") + ".")
	}
	if secret := t.Names(func(c lists.Column) bool { return c.Secret }); len(secret) > 0 {
		words.WriteString(" Not kept, because it looks like a password: " + strings.Join(secret, ", ") + ".")
	}
	for _, out := range t.LeftOut {
		fmt.Fprintf(&words, " Line %d was left out: it %s.", out.Line, wording.LeftOut(out.Why))
	}
	return words.String()
}

// columnChoices maps a list to what the page shows of it: each column with what it was
// taken for, to be chosen otherwise. Nil without a list.
func columnChoices(l *readList, errs ui.Errors) *pages.ListRead {
	if l == nil {
		return nil
	}
	read := &pages.ListRead{
		Fields: []ui.Parameter{{Name: listField, Value: l.text}, {Name: listKnown, Value: l.known}},
		Button: ui.ButtonProps{Label: "Read the columns again", Name: rereadButton, Value: "true"},
	}
	if l.fixed {
		read.Fields = append(read.Fields, ui.Parameter{Name: listAsked, Value: "false"}, ui.Parameter{Name: listHeading, Value: "true"})
	} else {
		read.Heading = &ui.FieldProps{
			Kind: ui.FieldSelect, Name: listHeading, Label: "The first row of the list", Value: strconv.FormatBool(l.Headed), Short: true,
			Options: []ui.Option{{Value: "true", Label: "names the columns"}, {Value: "false", Label: "is a person"}},
		}
	}
	options := []ui.Option{{Value: string(lists.Unused), Label: "Not taken over"}}
	for _, f := range personFields() {
		options = append(options, ui.Option{Value: f.name, Label: f.label})
	}
	for i, c := range l.Columns {
		column := pages.ListColumn{Name: c.Called(i), Secret: c.Secret}
		for _, row := range l.Rows {
			column.Example = cmp.Or(column.Example, row.Cell(i))
		}
		if !c.Secret {
			name := columnField(i)
			column.Field = ui.FieldProps{
				Kind: ui.FieldSelect, Name: name, Label: "What " + column.Name + " is", HideLabel: true,
				Value: string(c.Field), Options: options, Error: errs.For(name),
			}
		}
		read.Columns = append(read.Columns, column)
	}
	return read
}
