package users

import (
	"foyer/views"
	"foyer/views/ui"
)

// StatusPage is the page on which a person is disabled or enabled.
type StatusPage struct {
	Path                        string
	CompanyID, CompanyName      string
	UserHref, UserName          string
	Email                       string
	Status                      views.StatusCell // read for this page
	Ways                        []StatusWay
	Reason, Ticket, Token, Seen string
	KeepLabel                   string // the safe choice
	Review                      string // the access review that it follows; empty for none

	Errors  ui.Errors
	Draft   bool             // it was sent after the session ended
	Changed string           // what it has become since the page was opened
	Refused *StatusNote      // why Symphony refused it
	Stale   *views.StaleNote // why the status could not be read, so that nothing is offered
}

// StatusNote is what Symphony said when it refused.
type StatusNote struct {
	Text    string
	Details *ui.DetailsProps
}

// StatusWay is one of the two ways; a page with an unknown status offers both.
type StatusWay struct {
	Active      string // the value of the field active
	Label       string
	Consequence string
	Danger      bool
}

// Title asks what the page is for: "Disable Adele Vance?".
func (p StatusPage) Title() string {
	switch {
	case len(p.Ways) == 1 && p.Ways[0].Active == "true":
		return "Enable " + p.UserName + "?"
	case len(p.Ways) == 1:
		return "Disable " + p.UserName + "?"
	}
	return "Disable or enable " + p.UserName + "?"
}

// facts are what is known of the person, and what was typed where no form has it.
func (p StatusPage) facts() []ui.KeyValueItem {
	facts := []ui.KeyValueItem{
		{Key: "Person", Content: ui.Name(p.UserName)},
		{Key: "E-mail", Value: p.Email},
		{Key: "Company", Content: ui.Name(p.CompanyName)},
		{Key: "Status now", Content: statusLine(p.Status)},
	}
	if len(p.Ways) == 0 && p.Reason != "" {
		facts = append(facts, ui.KeyValueItem{Key: "Reason, not sent", Value: p.Reason, Copy: true})
	}
	if len(p.Ways) == 0 && p.Ticket != "" {
		facts = append(facts, ui.KeyValueItem{Key: "Ticket, not sent", Value: p.Ticket, Copy: true})
	}
	return facts
}

// button sends one of the ways; where there are two, it says which.
func (p StatusPage) button(w StatusWay) ui.ButtonProps {
	b := ui.ButtonProps{Label: w.Label}
	if w.Danger {
		b.Variant = ui.ButtonDanger
	}
	if len(p.Ways) > 1 {
		b.Name, b.Value = "active", w.Active
	}
	return b
}
