package views

import (
	"time"

	"foyer/views/ui"
)

// EventRow is one line of the ledger as histories show it: what was done, to
// whom, when, by whom and why.
type EventRow struct {
	What     string // "Disabled", or "Asked to disable" where it is not known to be done
	Whom     string // the person, company or thing; may be empty
	WhomHref string // of the person; empty where there is no page
	// Company is shown where the list is about more than one.
	Company     string
	CompanyHref string

	At, Now time.Time
	By      string
	Reason  string
	Ticket  string
	Note    EventNote
	Result  *ui.StatusProps // nil when it was simply done
	Href    string          // of the whole change or event; empty when there is no more to see
}

// EventNote is a short sentence about an event. It may begin with a link to what
// the event is about.
type EventNote struct {
	Link ui.Link // without an address there is none
	Text string
}

// Any says whether there is something to say.
func (n EventNote) Any() bool { return n.Text != "" || n.Link.Href != "" }
