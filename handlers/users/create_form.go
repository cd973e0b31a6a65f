package users

import (
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

const (
	// firstRows is how many empty rows the form begins with, and moreRows how many
	// the button 'More rows' adds: without JavaScript all of them must be within
	// reach, and twenty at once are a long way on a telephone.
	firstRows, moreRows = 3, 5
	// pasteField is the box that takes rows from a spreadsheet.
	pasteField = "paste"
	// leftOut is the field of a row that is not sent.
	leftOut = "leftOut"
)

// personField is one field of a person in the form that adds people.
type personField struct {
	name  string // in the form, after "users.0."
	label string
	value func(*sapi.NewUser) *string
}

// personFields are the fields in the order of the form, which is also the order
// of the columns of a list that has no heading.
func personFields() []personField {
	return []personField{
		{"email", "E-mail", func(u *sapi.NewUser) *string { return &u.Email }},
		{"firstName", "First name", func(u *sapi.NewUser) *string { return &u.FirstName }},
		{"lastName", "Last name", func(u *sapi.NewUser) *string { return &u.LastName }},
		{"displayName", "Display name", func(u *sapi.NewUser) *string { return &u.DisplayName }},
		{"title", "Job title", func(u *sapi.NewUser) *string { return &u.Title }},
		{"department", "Department", func(u *sapi.NewUser) *string { return &u.Department }},
		{"location", "Location", func(u *sapi.NewUser) *string { return &u.Location }},
		{"phoneNumber", "Phone number", func(u *sapi.NewUser) *string { return &u.PhoneNumber }},
	}
}

// FieldName is the name of a person's field in the form, by their row from 0.
func FieldName(row int, field string) string { return fmt.Sprintf("users.%d.%s", row, field) }

// peopleForm is the form that adds people, as it was sent.
type peopleForm struct {
	people []sapi.NewUser // the rows that have something in them, trimmed
	lines  []int          // of the list that each of them was filled from; 0 for what was typed
	rows   int            // how many rows the page showed
	paste  string         // empty when there is nothing to see in the box
	list   *readList      // that rows were filled from; nil without one
}

// parsePeopleForm reads the form. Empty rows between others are left out, so
// that a row's number is the person's place in the list.
func parsePeopleForm(values url.Values) peopleForm {
	form := peopleForm{paste: values.Get(pasteField), list: takeList(values)}
	if address.Blank(form.paste) {
		form.paste = ""
	}
	for row := range portal.MaxPeople {
		var u sapi.NewUser
		for _, f := range personFields() {
			*f.value(&u) = strings.TrimSpace(values.Get(FieldName(row, f.name)))
		}
		if values.Has(FieldName(row, "email")) {
			form.rows = row + 1
		}
		if u != (sapi.NewUser{}) {
			line, _ := strconv.Atoi(values.Get(FieldName(row, lineOfList)))
			form.people, form.lines = append(form.people, u), append(form.lines, line)
		}
	}
	return form
}

// emails are the addresses of the rows.
func (f *peopleForm) emails() []string {
	emails := make([]string, len(f.people))
	for i, u := range f.people {
		emails[i] = u.Email
	}
	return emails
}

// leaveOut takes away the rows that the page to check marked so.
func (f *peopleForm) leaveOut(values url.Values) {
	kept := peopleForm{rows: f.rows, paste: f.paste, list: f.list}
	for i, u := range f.people {
		if !values.Has(FieldName(i, leftOut)) {
			kept.people, kept.lines = append(kept.people, u), append(kept.lines, f.lines[i])
		}
	}
	*f = kept
}

// mend takes what nobody sees out of every row, and tells from where.
func (f *peopleForm) mend() (note string) {
	people, fields := portal.MendPeople(f.people)
	f.people = people
	labels := map[string]string{}
	for _, field := range personFields() {
		labels[field.name] = strings.ToLower(field.label)
	}
	places := make([]string, len(fields))
	for i, m := range fields {
		places[i] = fmt.Sprintf("row %d %s", m.Row, labels[m.Field])
	}
	if len(places) == 0 {
		return "There was nothing to correct."
	}
	return "What nobody sees was taken out: " + strings.Join(places, ", ") + "."
}

// mendable is how many fields could be mended at once; none while nothing is wrong.
func (f *peopleForm) mendable(problems []portal.FieldError) int {
	_, fields := portal.MendPeople(f.people)
	n := 0
	for _, m := range fields {
		if slices.ContainsFunc(problems, func(p portal.FieldError) bool { return p.Row == m.Row && p.Field == m.Field }) {
			n++
		}
	}
	return n
}

// shown is how many rows the form has: those that are filled in and, unless it
// is full, at least one that is empty.
func (f *peopleForm) shown() int {
	return min(max(f.rows, len(f.people)+1, firstRows), portal.MaxPeople)
}

// FormFields are the names and values of people in the form, for pages that
// carry it along.
func FormFields(people []sapi.NewUser) []ui.Parameter {
	var fields []ui.Parameter
	for row := range people {
		for _, f := range personFields() {
			if value := *f.value(&people[row]); value != "" || f.name == "email" {
				fields = append(fields, ui.Parameter{Name: FieldName(row, f.name), Value: value})
			}
		}
	}
	return fields
}

// OfList is a person as a list has them that was pasted.
func OfList(s lists.Subject) sapi.NewUser {
	return sapi.NewUser{
		Email: s.Text, FirstName: s.Beside[lists.FirstName], LastName: s.Beside[lists.LastName], DisplayName: s.Beside[lists.DisplayName],
		Title: s.Beside[lists.Title], Department: s.Beside[lists.Department], Location: s.Beside[lists.Location], PhoneNumber: s.Beside[lists.PhoneNumber],
	}
}

// personErrors are what is wrong with people, each with the row that it is
// about: the same words stand in the list of problems, where 'Enter the first
// name' alone would not say whose.
func personErrors(problems []portal.FieldError) ui.Errors {
	var found ui.Errors
	for _, p := range problems {
		if p.Row == 0 {
			found.Add(p.Field, wording.FieldWords(p))
			continue
		}
		found.Add(FieldName(p.Row-1, p.Field), fmt.Sprintf("Row %d: %s", p.Row, wording.FieldWords(p)))
	}
	return found
}

// gridRows maps the form to its rows.
func gridRows(f peopleForm, errs ui.Errors, focus string) []pages.PersonInput {
	rows := make([]pages.PersonInput, f.shown())
	for i := range rows {
		var u sapi.NewUser
		if i < len(f.people) {
			u = f.people[i]
		}
		rows[i] = personInput(i, u, errs, focus)
		if f.list != nil && i < len(f.lines) && f.lines[i] > 0 {
			rows[i].Line = ui.Parameter{Name: FieldName(i, lineOfList), Value: strconv.Itoa(f.lines[i])}
		}
	}
	return rows
}

func personInput(row int, u sapi.NewUser, errs ui.Errors, focus string) pages.PersonInput {
	input := pages.PersonInput{Legend: fmt.Sprintf("Row %d", row+1)}
	for i, f := range personFields() {
		name := FieldName(row, f.name)
		field := ui.FieldProps{
			Name: name, Label: f.label, Value: *f.value(&u), Error: errs.For(name),
			Optional: i > 2, Autocomplete: "off", Focus: name == focus,
		}
		switch f.name {
		case "email":
			field.InputMode = "email"
		case "phoneNumber":
			field.InputMode = "tel"
		}
		input.Fields = append(input.Fields, field)
	}
	return input
}
