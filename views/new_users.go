package views

import (
	"strings"

	"foyer/views/ui"
)

// NewUsersPage is the form that adds people to a company.
type NewUsersPage struct {
	CompanyID, CompanyName string
	Domains                []string
	NotReady               string // why the company can't take people yet: there is no form then
	Stale                  *StaleNote

	Rows  []PersonInput
	Full  bool   // there can be no more rows
	Max   string // how many people fit
	Paste string

	Errors  ui.Errors
	Details *ui.DetailsProps // what Symphony said, when it could not be asked
	Note    string           // what was done to the form
	Draft   bool             // it was sent after the session ended
}

// domains are the company's domains in a sentence.
func (p NewUsersPage) domains() string { return strings.Join(p.Domains, ", ") }

// PersonInput is one row of the form.
type PersonInput struct {
	Legend  string // "Row 1"
	Fields  []ui.FieldProps
	Verdict *PrecheckRow // of the pre-check; nil when it was not asked for
}

// CheckUsersPage is everybody who would be created, to be checked.
type CheckUsersPage struct {
	CompanyID, CompanyName string
	Title                  string
	Rows                   []CheckUserRow
	Fields                 []ui.Parameter // the form, carried along
	Token                  string
	Submit                 string // the button that does it
}

// CheckUserRow is one person to be created.
type CheckUserRow struct {
	Name                             string
	Email                            string
	FirstName, LastName, DisplayName string
	Title, Department                string
	Location, PhoneNumber            string
	Change                           string // the field to which 'Change' leads
}
