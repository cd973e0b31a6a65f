package activity

import (
	"time"

	"foyer/views/ui"
)

// ShowPage is one event of the ledger, in full.
type ShowPage struct {
	Title    string // "Disabled Adele Vance"
	At       time.Time
	Result   ui.StatusProps
	Redacted bool // the personal part was erased
	Altered  bool // it is not the one that was recorded
	What     []ui.KeyValueItem
	Origin   []ui.KeyValueItem
	Symphony []ui.KeyValueItem // empty when Symphony was not asked
	Values   []Value
	People   []Person
	Change   []Row // the whole change, intent and outcomes; empty for a single event

	ChangeHref string    // of the change's own page; empty when it has none
	Related    []ui.Link // to events that have something in common with this one
	Proof      Proof
	Unsigned   *Unsigned // why nothing is signed now; nil where it is
}

// Proof says how one event is proven.
type Proof struct {
	Covered  bool // by a checkpoint that was signed
	Facts    []ui.KeyValueItem
	Href     string // of the file
	TLogHref string // of the same in the form of tlog-proof
	Command  string // checks the file
}

// Value is one value before and after a change.
type Value struct {
	Name          string
	Before, After string
	// NoBefore and NoAfter stand where there is no value: nothing, or that it
	// isn't known.
	NoBefore, NoAfter string
	Changed           bool
}

// Person is one person whom an event is about.
type Person struct {
	Name, Email, ID string
	Href            string
	Result          string
	Note            string
}
