package views

import (
	"time"

	"foyer/views/ui"
)

// ActivityPage is a page of everybody's activity, filtered.
type ActivityPage struct {
	Form   ActivityForm
	Ranges ui.SegmentedProps
	Chips  []ui.ChipProps
	Errors ui.Errors // filters that can't be: nothing is listed then

	Count      string // "12 events that match in all", "The newest 50 events"
	Rows       []ActivityRow
	Empty      *ui.EmptyProps // instead of rows
	CSVHref    string         // empty where there is nothing to download
	NewestHref string         // empty on the first page
	OlderHref  string         // empty on the last

	EvidenceHref string // of the file with proofs; empty where there is nothing to download
	Ledger       LedgerCard
}

// LedgerCard says how everybody's activity is kept and proven.
type LedgerCard struct {
	Facts   []ui.KeyValueItem // of the last checkpoint; empty while there is none
	Note    string            // the checkpoint as it was signed
	Keys    []string          // the public keys that confirm it, the newest first
	Command string            // checks a download
}

// ActivityForm is the filter as it was typed.
type ActivityForm struct {
	Person, Company, User, Action, Outcome, From, To, Text, Request, Trace, Change string

	Actions, Outcomes []ui.Option
	More              bool // one of the filters that are folded away is set, or wrong
}

// ActivityRow is one event of the ledger.
type ActivityRow struct {
	Href        string
	At          time.Time
	By, ByEmail string
	What, Whom  string
	Company     string
	CompanyHref string
	Result      ui.StatusProps
	Reason      string
	Ticket      string
	Note        EventNote
}

// EventPage is one event of the ledger, in full.
type EventPage struct {
	Title    string // "Disabled Adele Vance"
	At       time.Time
	Result   ui.StatusProps
	Redacted bool // the personal part was erased
	What     []ui.KeyValueItem
	Origin   []ui.KeyValueItem
	Symphony []ui.KeyValueItem // empty when Symphony was not asked
	Values   []EventValue
	People   []EventPerson
	Change   []ActivityRow // the whole change, intent and outcomes; empty for a single event

	ChangeHref string    // of the change's own page; empty when it has none
	Related    []ui.Link // to events that have something in common with this one
	Proof      EventProof
}

// EventProof says how one event is proven.
type EventProof struct {
	Covered bool // by a checkpoint that was signed
	Facts   []ui.KeyValueItem
	Href    string // of the file
	Command string // checks the file
}

// EventValue is one value before and after a change.
type EventValue struct {
	Name          string
	Before, After string
	// NoBefore and NoAfter stand where there is no value: nothing, or that it
	// isn't known.
	NoBefore, NoAfter string
	Changed           bool
}

// EventPerson is one person whom an event is about.
type EventPerson struct {
	Name, Email, ID string
	Href            string
	Result          string
	Note            string
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
