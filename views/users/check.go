package users

import "foyer/views/ui"

// CheckPage is everybody who would be created, to be checked.
type CheckPage struct {
	CompanyID, CompanyName string
	Title                  string
	Rows                   []CheckRow
	Fields                 []ui.Parameter // the form, carried along
	Token                  string
	Submit                 string // the button that does it
}

// CheckRow is one person to be created.
type CheckRow struct {
	Name                             string
	Email                            string
	FirstName, LastName, DisplayName string
	Title, Department                string
	Location, PhoneNumber            string
	Change                           string // the field to which 'Change' leads
}
