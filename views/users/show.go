package users

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ShowPage is one person.
type ShowPage struct {
	Name                   string
	Href                   string // of this page
	CompanyID, CompanyName string
	Status                 views.StatusCell
	Answer                 Answer
	SignInHref             string // why they can't sign in; empty of somebody who is gone
	Gone                   bool   // Symphony doesn't know them any more: all of it is as last read
	Timeline               Timeline
	Facts                  []ui.KeyValueItem
	Note                   string
	ChangeNote             ui.ButtonProps // leads to the form
	ReadAt                 time.Time
	Now                    time.Time
	Stale                  *views.StaleNote
	Actions                []ui.ButtonProps
	Unsettled              *UnsettledChange // of the status; nil when there is none
	History                []views.EventRow
	HistoryHref            string

	At     AtForm
	Errors ui.Errors   // of At
	AsOf   *PastNote   // nil when no time was asked for
	Past   *PastStatus // with AsOf
}

// readAt says when the details were read, unless the note about them does.
func (p ShowPage) readAt() string {
	if p.Stale != nil {
		return ""
	}
	return "as of " + ui.When(p.ReadAt, p.Now)
}

// UnsettledChange is a change of a person's status that has not ended: what is shown of
// the status may not last.
type UnsettledChange struct {
	Title string // "Disable Adele Vance"
	Words string // where it stands
	Href  string
}

// Answer says in a sentence whether a person can sign in, and since whose change.
type Answer struct {
	Status  ui.StatusProps
	Meaning string // "and can sign in."

	By, Did, On    string // "Omar Haddad", "enabled them", "on 2026-11-02"
	At             time.Time
	Reason, Ticket string
	Href           string // of that change
	Rest           string // instead of By, where Foyer didn't do it
}

// opens and goesOn stand before and behind the reason.
func (a Answer) opens() string {
	if a.Reason == "" {
		return ""
	}
	return ": “"
}

func (a Answer) goesOn() string {
	switch {
	case a.Reason == "" && a.Ticket == "":
		return ""
	case a.Reason == "":
		return ", "
	case a.Ticket == "":
		return "”"
	}
	return "”, "
}
