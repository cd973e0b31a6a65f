package bulk

import (
	"foyer/views"
	"foyer/views/ui"
)

// StartForm is the form that starts a bulk change.
type StartForm struct {
	Path, Plan     string
	Reason, Ticket ui.FieldProps
	When           ui.ChoicesProps
	At, Zone       ui.FieldProps
	Typed          *ui.FieldProps // what has to be typed; nil for nothing
	Button         ui.ButtonProps
	Safe           *ui.ButtonProps // the safe choice; nil where there is none beside it
}

// StartPage asks whether a bulk change is to be started.
type StartPage struct {
	ID          int64
	Title, Of   string
	ShareTitle  string
	Share       string // of a company, where it may be the wrong file
	Consequence string
	Facts       []ui.KeyValueItem
	Who         []Meant
	WhoTitle    string
	All         *ui.Link
	Departments string
	Form        StartForm
	Changed     bool // the plan is another one than was seen
	Errors      ui.Errors
	Draft       bool
}

// Meant is somebody who is to be disabled.
type Meant struct{ Name, Email, Department, Line string }

// guarded is the form with the safe choice beside it, which has the focus where that
// scrolls nothing away: not below a list of people, above which the question stands.
func (p StartPage) guarded() StartForm {
	f := p.Form
	f.Safe = &ui.ButtonProps{Label: "Back to the plan", Href: views.BulkChangePath(p.ID), Focus: !p.Errors.Any() && len(p.Who) == 0}
	return f
}
