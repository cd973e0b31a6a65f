package bulk

import (
	"slices"
	"strings"

	"foyer/address"
	"foyer/lists"
	"foyer/portal"
	"foyer/sapi"
)

// fieldsOf are the fields that a kind of bulk change reads from a list besides those of a
// person.
func fieldsOf(k Kind) []lists.Field {
	switch k {
	case Disable, Enable:
		return []lists.Field{lists.UserID, lists.CompanyName}
	case Onboard:
		return []lists.Field{lists.CompanyName, lists.VanityName, lists.EmailDomains}
	case Create, Reconcile:
	}
	return nil
}

// Fields are the fields that a kind of bulk change has a use for, in the order in which
// pages and templates have them.
func Fields(k Kind) []lists.Field {
	switch k {
	case Disable, Enable:
		return append([]lists.Field{lists.Email}, fieldsOf(k)...)
	case Onboard:
		return append(fieldsOf(k), lists.Fields()...)
	case Create, Reconcile:
	}
	return lists.Fields()
}

// value is what a row's cells say of a field.
func (c Change) value(cells []string, f lists.Field) string {
	i := slices.IndexFunc(c.Columns, func(column Column) bool { return column.Field == f })
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}

// read fills in what the row's cells say.
func (c Change) read(r *Row) {
	r.NewUser = sapi.NewUser{
		Email: lists.Unlinked(c.value(r.Cells, lists.Email)), FirstName: c.value(r.Cells, lists.FirstName), LastName: c.value(r.Cells, lists.LastName),
		DisplayName: c.value(r.Cells, lists.DisplayName), Title: c.value(r.Cells, lists.Title), Department: c.value(r.Cells, lists.Department),
		Location: c.value(r.Cells, lists.Location), PhoneNumber: c.value(r.Cells, lists.PhoneNumber),
	}
	r.UserID = ""
	if slices.Contains(fieldsOf(c.Kind), lists.UserID) {
		r.UserID = c.value(r.Cells, lists.UserID)
	}
}

// set writes a value into a row's cell; a field that the list has no column for gets one.
func (c *Change) set(r *Row, f lists.Field, value string) {
	i := slices.IndexFunc(c.Columns, func(column Column) bool { return column.Field == f })
	if i < 0 {
		i = len(c.Columns)
		c.Columns = append(c.Columns, Column{Name: string(f), Field: f, Added: true})
	}
	for len(r.Cells) <= i {
		r.Cells = append(r.Cells, "")
	}
	r.Cells[i] = value
	c.read(r)
}

// key is by what the person of a row is told apart from others in the list.
func (r Row) key() string {
	if r.Email != "" {
		return address.Key(r.Email)
	}
	return strings.ToLower(r.UserID)
}

// domains are those that a person of the bulk change may have; nil where the company has
// not told any.
func (c Change) domains() []string {
	if c.Kind == Onboard && c.Company.ID == "" {
		return c.NewCompany.EmailDomains
	}
	return c.Domains
}

// faultsOf says what is wrong with the cells of a row, and whether all of that can be
// mended without changing what is seen.
func (c Change) faultsOf(r Row) (faults []portal.FieldError, mendable bool) {
	if faults = c.check(r); len(faults) == 0 {
		return nil, false
	}
	mended, _ := portal.MendPeople([]sapi.NewUser{r.NewUser})
	r.NewUser = mended[0]
	return faults, len(c.check(r)) == 0
}

// check says what is wrong with the cells of a row.
func (c Change) check(r Row) []portal.FieldError {
	if c.Kind == Create || c.Kind == Reconcile || c.Kind == Onboard {
		return portal.CheckPerson(r.NewUser, c.domains())
	}
	var faults portal.FieldErrors
	switch {
	case r.Email == "" && r.UserID == "":
		faults.Add(string(lists.Email), portal.Fault{Code: portal.Missing})
	case r.Email != "":
		if !portal.HasEmailForm(r.Email) {
			faults.Add(string(lists.Email), portal.CheckEmail(r.Email))
		}
	}
	return faults
}
