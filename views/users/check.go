package users

import (
	"foyer/views"
	"foyer/views/ui"
)

// CheckPage is everybody who would be created, to be checked.
type CheckPage struct {
	CompanyID, CompanyName string
	Title                  string
	Rows                   []CheckRow
	LeftOut                int            // how many are in a company of ours already
	Unlooked               bool           // who is there already could not be looked up
	Fields                 []ui.Parameter // the form, carried along
	Token                  string
	Submit                 string // the button that does it; empty when nobody is left
}

// CheckRow is one person to be created.
type CheckRow struct {
	Name                             string
	Email                            string
	FirstName, LastName, DisplayName string
	Title, Department                string
	Location, PhoneNumber            string
	Change                           string             // the field to which 'Change' leads
	There                            *views.PrecheckRow // where they are already; nil when nobody is known to be
	LeftOut                          bool               // they are not sent
}

// where says in which company somebody is already, and what comes of it.
func (r CheckRow) where() string {
	if r.LeftOut {
		return "in " + r.There.Where.Label + ", left out"
	}
	return "in " + r.There.Where.Label + ", " + r.There.Why
}
