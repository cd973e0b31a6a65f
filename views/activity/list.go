package activity

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ListPage is a page of everybody's activity, filtered.
type ListPage struct {
	Form   Form
	Ranges ui.SegmentedProps
	Chips  []ui.ChipProps
	Errors ui.Errors // filters that can't be: nothing is listed then

	Calls      views.EventNote // whether the calls of bulk changes are listed, and the way to what isn't so; may be empty
	Count      string          // "12 events that match in all", "The newest 50 events"
	GaveUp     string          // that not all events were looked through, and what to do
	Rows       []Row
	Empty      *ui.EmptyProps // instead of rows
	CSVHref    string         // empty where there is nothing to download
	NewestHref string         // empty on the first page
	OlderHref  string         // empty on the last

	Unsigned     *Unsigned // why nothing is signed now; nil where it is
	EvidenceHref string    // of the file with proofs; empty where there is nothing to download
	Ledger       LedgerCard
}

// older is the name of the way to older events.
func (p ListPage) older() string {
	if p.GaveUp != "" {
		return "Go on looking"
	}
	return "Older"
}

// Unsigned says why nothing of the ledger is signed now.
type Unsigned struct {
	Title, Text string
	Link        ui.Link // to the event that it is about; without an address there is none
}

// LedgerCard says how everybody's activity is kept and proven.
type LedgerCard struct {
	Facts   []ui.KeyValueItem // of the last checkpoint; empty while there is none
	Note    string            // the checkpoint as it was signed
	Keys    []string          // the public keys that confirm it, the newest first
	Command string            // checks a download

	Witnesses []Witness // who is asked to cosign it; empty where nobody is
}

// Witness is somebody outside who cosigns checkpoints, with the last one that they saw.
type Witness struct {
	Name  string
	State ui.StatusProps
	Seen  string    // how many events; empty where nothing was seen lately
	At    time.Time // when; zero likewise
}

// Form is the filter as it was typed.
type Form struct {
	Person, Company, User, Action, Outcome, From, To, Text, Request, Trace, Change string

	Actions, Outcomes []ui.Option
	More              bool // one of the filters that are folded away is set, or wrong
}

// Row is one event of the ledger.
type Row struct {
	Href        string
	At          time.Time
	By, ByEmail string
	What, Whom  string
	Company     string
	CompanyHref string
	Result      ui.StatusProps
	Reason      string
	Ticket      string
	Note        views.EventNote
}

// dateKind is the control of a day. A day with a time of day, which a control
// for days can't show, stays the text that it is.
func dateKind(value string) ui.FieldKind {
	if value == "" {
		return ui.FieldDate
	}
	if _, err := time.Parse(time.DateOnly, value); err == nil {
		return ui.FieldDate
	}
	return ui.FieldText
}

func placeholder(words string) map[string]any { return map[string]any{"placeholder": words} }
