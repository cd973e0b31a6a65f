package bulk

import (
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/sapi"
)

// MaxRows is how many rows a list has at most.
const MaxRows = 10_000

// Kind is what a bulk change is to do.
type Kind string

// The kinds. Their names are in addresses and in the database.
const (
	Create    Kind = "create"    // the people of the list, in one company
	Disable   Kind = "disable"   // the people of the list, in one company or several
	Enable    Kind = "enable"    // likewise
	Reconcile Kind = "reconcile" // a company's complete list: who isn't there is created, who isn't listed may be disabled
	Onboard   Kind = "onboard"   // a new company, and its people once it is ready
)

// Kinds are all of them, in the order in which they are offered.
func Kinds() []Kind { return []Kind{Create, Disable, Enable, Reconcile, Onboard} }

// NeedsCompany says whether a bulk change of the kind is of a company that somebody chooses.
func (k Kind) NeedsCompany() bool { return k == Create || k == Reconcile }

// Permissions are what an actor needs to make a bulk change of the kind.
func (k Kind) Permissions() []auth.Permission {
	switch k {
	case Disable, Enable:
		return []auth.Permission{auth.ChangeStatus}
	case Reconcile:
		return []auth.Permission{auth.Onboard, auth.ChangeStatus}
	case Create, Onboard:
	}
	return []auth.Permission{auth.Onboard}
}

// State says how far a bulk change has come.
type State string

// The states:
//
//	checking → draft → starting → running ⇄ paused → done
//	             ↑         ↓         ↓
//	             └── (it differs)  stopped
//
// A draft may also be scheduled, which leads to starting when its time has come, and a
// draft or a scheduled one be discarded.
const (
	Checking  State = "checking"  // its rows are compared with the directory and Symphony
	Draft     State = "draft"     // it is checked, and waits for somebody to mend or start it
	Scheduled State = "scheduled" // it starts at a time
	Starting  State = "starting"  // it is looked at once more whether the world is as it was planned for
	Running   State = "running"   // its calls are made
	Paused    State = "paused"    // no call is begun until somebody goes on with it
	Stopped   State = "stopped"   // somebody ended it; what was under way is settled
	Done      State = "done"      // every row has its end
	Discarded State = "discarded" // it was never started, and never will be
)

// Open says whether rows can still be mended, and the plan be changed.
func (s State) Open() bool { return s == Draft || s == Checking }

// Over says whether no call is begun any more.
func (s State) Over() bool { return s == Stopped || s == Done || s == Discarded }

// Started says whether calls may have been made.
func (s State) Started() bool { return s == Running || s == Paused || s == Stopped || s == Done }

// Change is one bulk change.
type Change struct {
	ID      int64 // its number, from 1
	Version int64 // counts the updates
	Kind    Kind
	State   State
	Token   string // the upload form's; unique

	Company    ledger.Company  // whose people they are; zero where they are of several, or it is to be created
	NewCompany sapi.NewCompany // of Onboard: to be created

	File    File
	Columns []Column
	Rows    int    // of the list
	Digest  string // SHA-256 of the list and what is to be done: another one with it is the same list again
	Of      int64  // the bulk change whose rows it tries again, or undoes; 0: it is from a list

	UploadedBy     auth.Actor
	EnableDisabled bool // people of the list who are there and disabled are enabled

	CheckedAt time.Time // when its rows were last compared
	Domains   []string  // of the company, then
	Listed    int       // how many people the company had then
	Touched   []int     // the rows that were changed since all of them were compared, which alone have to be; none where that isn't so
	Plan      string    // SHA-256 of what is to be done to whom; empty until it is checked
	Differs   int       // how many rows differ from the plan that was to be started
	Trouble   Waiting   // why it could not be checked; zero when it could

	StartedBy auth.Actor // with whose rights it is made
	Reason    string
	Ticket    string
	At        time.Time // when it is to start; zero: when somebody says so
	Zone      string    // in which time zone that was said

	CompanyChange string  // of Onboard: the change that creates the company
	Waits         Waiting // why no call is made just now
	PausedBy      auth.Person
	StoppedBy     auth.Person

	Notice Notice // what whoever started it is to hear

	CreatedAt time.Time
	UpdatedAt time.Time
	StartedAt time.Time
	EndedAt   time.Time // when every row had its end
	Erased    bool      // something of it was erased on legal order

	Sums Sums // of its rows; filled where a bulk change is read by itself or in the list
}

// NeedsSomebody says whether a bulk change can't go on by itself: it is paused, or was to be
// started or checked and could not.
func (c Change) NeedsSomebody() bool {
	return c.State == Paused || c.State == Draft && (c.Differs > 0 || c.Trouble.Code != "")
}

// RequestID is what the ledger's events of a bulk change have in place of the id of a
// request: by it all of them are found.
func RequestID(id int64) string { return ledger.BulkRequest(id) }

// File says where a list came from and how it was read, so that it can be shown and given
// back as it was.
type File struct {
	Name     string          `json:"name,omitempty"` // as the browser called it; empty: it was pasted, or selected in a table
	Form     lists.Form      `json:"form"`
	Headed   bool            `json:"headed,omitempty"`
	Proposed bool            `json:"proposed,omitempty"` // nobody has said yet that the letters are right
	Samples  []lists.Sample  `json:"samples,omitempty"`
	Sheets   []lists.Sheet   `json:"sheets,omitempty"` // that were not read
	LeftOut  []lists.LeftOut `json:"leftOut,omitempty"`
	Selected bool            `json:"selected,omitempty"` // in a table of people
}

// Column is a column of the list.
type Column struct {
	Name    string      `json:"name"`
	Field   lists.Field `json:"field,omitempty"`
	Secret  bool        `json:"secret,omitempty"`  // it looked like passwords: its cells were not kept
	Rounded bool        `json:"rounded,omitempty"` // a spreadsheet rounded or shortened numbers in it
	Result  bool        `json:"result,omitempty"`  // Foyer wrote it, in an earlier result
	Used    bool        `json:"used,omitempty"`    // some row has something in it
	Added   bool        `json:"added,omitempty"`   // the list doesn't have it: somebody filled it in
}

// Action is what is to be done to the person of a row.
type Action string

// The actions.
const (
	Nothing Action = ""
	ToAdd   Action = "create"
	ToAllow Action = "enable"
	ToBar   Action = "disable"
)

// RowState says how far a row has come.
type RowState string

// The states. A row ends in one of the last seven.
const (
	Planned   RowState = "planned"   // its action is to be made
	Sent      RowState = "sent"      // it is in a call that is under way
	Unsettled RowState = "unsettled" // it was, and how that ended is being found out

	Created      RowState = "created"
	Enabled      RowState = "enabled"
	Disabled     RowState = "disabled"
	AlreadyThere RowState = "already-there" // as it was to be, without Foyer's doing
	Refused      RowState = "refused"       // Symphony didn't do it
	LeftOut      RowState = "left-out"      // nothing was asked of Symphony
	Unknown      RowState = "unknown"       // it can't be found out: a person must look
)

// RowStates are all of them, in the order in which people want to see them: what needs a
// look first.
func RowStates() []RowState {
	return []RowState{Refused, Unknown, Unsettled, Sent, Planned, Created, Enabled, Disabled, AlreadyThere, LeftOut}
}

// Final says whether a row has come to its end.
func (s RowState) Final() bool { return s != Planned && s != Sent && s != Unsettled }

// Code says why a row is in its state. They are kept for ever: they are in result files
// and in the ledger.
type Code string

// The codes, with the states and the facts that each has.
const (
	NoCode Code = ""

	// Left out.
	Faulty      Code = "faulty"       // Faults: cells that can't be right
	Duplicate   Code = "duplicate"    // Row: the person is in an earlier row
	Elsewhere   Code = "elsewhere"    // Company: the address is of somebody there; also Refused
	ByPerson    Code = "by-person"    // somebody left it out
	NotTicked   Code = "not-ticked"   // nobody said that this leaver is to be disabled
	NotFound    Code = "not-found"    // nobody with the address or id is known
	Several     Code = "several"      // several people have the address, in several companies
	NotListed   Code = "not-listed"   // the person is not in their company's list any more
	OtherPerson Code = "other-person" // the address and the id are of two people
	NeverSent   Code = "stopped"      // the bulk change was stopped before
	Erased      Code = "erased"       // what it said was erased on legal order

	// Already there.
	IsActive      Code = "active"         // in the company, and active
	IsDisabled    Code = "disabled"       // in the company, and disabled
	StatusUnknown Code = "status-unknown" // in the company; whether active isn't known
	DataDiffers   Code = "differs"        // Differs: in the company, and not disabled; of a complete list, which says otherwise of fields that can't be changed

	// Planned.
	Alone Code = "alone" // a call with others was refused as a whole: it is sent by itself
	Again Code = "again" // a call before did nothing for it

	// Unsettled.
	AnswerLost Code = "answer-lost" // the answer was lost
	Exists     Code = "exists"      // Symphony says that the address is taken, or another change was in the way: it is looked where

	// Refused. What Symphony said is in Problem.
	Symphony   Code = "symphony"    // Problem
	NotDone    Code = "not-done"    // several calls did nothing for it, and Symphony doesn't say why
	StatusKept Code = "status-kept" // Symphony said yes, and shows the old status
	NoCompany  Code = "no-company"  // Symphony doesn't know the person's company, or not as ready

	// Unknown.
	GaveUp Code = "gave-up" // a day of asking in vain
)

// EditCode says what somebody changed in a list before it was started. The codes are in the
// ledger and are kept for ever.
type EditCode string

// The codes.
const (
	EditNothing  EditCode = ""         // it was only to be checked again
	EditList     EditCode = "list"     // another one took its place
	EditColumns  EditCode = "columns"  // what its columns are
	EditLetters  EditCode = "letters"  // its letters were said to be right
	EditCells    EditCode = "cells"    // of one row
	EditMended   EditCode = "mended"   // what nobody sees was taken out
	EditDomain   EditCode = "domain"   // the domain of the addresses that had a misspelt one
	EditDecision EditCode = "decision" // rows were left out, or taken in
	EditDisabled EditCode = "disabled" // whether those are enabled who are there and disabled
)

// Decision is what somebody said about one row.
type Decision string

// The decisions.
const (
	Undecided Decision = ""
	In        Decision = "in"
	Out       Decision = "out"
)

// Row is one person of a bulk change.
type Row struct {
	N    int // its place, from 1
	Line int // of the list, as its program counts; 0 where the list doesn't have the person

	Cells []string // of the list, in the order of the columns; what was mended is in them

	sapi.NewUser        // as the cells say or, of people who are there, as they are called
	UserID       string // Symphony's, once known
	CompanyID    string // whose; empty where it is the bulk change's

	Decision Decision
	Action   Action
	State    RowState
	Code     Code
	Facts    Facts
	Precheck Prechecked // of the address; zero: it was not asked about

	Tries    int    // in how many calls it was
	Vain     int    // how many of them did nothing for it, though Symphony had them
	ChangeID string // the last of them
	Item     int    // its place there
}

// Facts belong to a row's code.
type Facts struct {
	Faults   []portal.FieldError `json:"faults,omitempty"`
	Mendable bool                `json:"mendable,omitempty"` // all of them can be mended without changing what is seen
	Row      int                 `json:"row,omitempty"`
	Company  ledger.Company      `json:"company,omitzero"`
	Differs  []string            `json:"differs,omitempty"` // fields in which the list says otherwise than Symphony
	Was      RowState            `json:"was,omitempty"`     // what was planned before the world changed
	Problem  *portal.Problem     `json:"problem,omitempty"`
}

// Notice is what whoever started a bulk change is to hear of it.
type Notice struct {
	Code   NoticeCode
	At     time.Time // since when; zero: there is nothing to be heard
	SentAt time.Time // when they were told; zero: not yet
}

// NoticeCode says what is the matter.
type NoticeCode string

// The codes. They are in web hooks.
const (
	NoticeDone    NoticeCode = "done"    // every row has its end
	NoticeStopped NoticeCode = "stopped" // likewise, after somebody stopped it
	NoticePaused  NoticeCode = "paused"  // it can't go on by itself: Waits says why
	NoticeStale   NoticeCode = "stale"   // it was not started: the plan is stale, or Trouble says why
)

// Waiting says why something waits.
type Waiting struct {
	Code    WaitCode        `json:"code,omitempty"`
	Until   time.Time       `json:"until,omitzero"` // when it goes on by itself; zero: somebody must say so, or it isn't known
	At      time.Time       `json:"at,omitzero"`    // since when
	Problem *portal.Problem `json:"problem,omitempty"`
}

// WaitCode says what is waited for.
type WaitCode string

// The codes.
const (
	WaitsForRate     WaitCode = "rate"        // Symphony asked to wait
	WaitsForSymphony WaitCode = "symphony"    // it doesn't answer, or refuses Foyer's credentials
	WaitsForDatabase WaitCode = "database"    // Foyer's own can't be written
	WaitsForCompany  WaitCode = "company"     // it is being built
	WaitsForChange   WaitCode = "change"      // another change of the person isn't settled
	CompanyGone      WaitCode = "gone"        // paused: Symphony doesn't know the company, or not as ready
	CompanyFailed    WaitCode = "failed"      // paused: the company could not be built
	CompanyThere     WaitCode = "there"       // paused: there is a company with the new one's vanity name already
	RoleWithdrawn    WaitCode = "role"        // paused: who started it may not any more
	RefusesAll       WaitCode = "all-refused" // paused: Symphony refused many calls in a row as a whole; Problem has the last reason
	NotAllowed       WaitCode = "refused"     // paused: Symphony doesn't allow it
	MissedStart      WaitCode = "missed"      // not started: Foyer wasn't there when its time had come, nor for long after
	TooManyPeople    WaitCode = "too-many"    // not checked: the list is too long
)

// Sum counts the rows of one state, action and code.
type Sum struct {
	State  RowState
	Action Action
	Code   Code
	N      int
}

// Sums count all rows.
type Sums []Sum

// In is how many rows are in any of the states.
func (s Sums) In(states ...RowState) int {
	n := 0
	for _, sum := range s {
		for _, state := range states {
			if sum.State == state {
				n += sum.N
			}
		}
	}
	return n
}

// Of is how many rows are in a state with a code.
func (s Sums) Of(state RowState, code Code) int {
	n := 0
	for _, sum := range s {
		if sum.State == state && sum.Code == code {
			n += sum.N
		}
	}
	return n
}

// MayGoWell is how many rows came to no good and may go well the next time, as they are: not
// those whose address is somebody else's.
func (s Sums) MayGoWell() int {
	return s.In(Refused, Unknown) - s.Of(Refused, Elsewhere) + s.Of(LeftOut, NeverSent)
}

// ToMend is how many rows came to no good because of what is in them.
func (s Sums) ToMend() int { return s.Of(Refused, Elsewhere) + s.Of(LeftOut, Faulty) }

// To is how many rows are planned for an action.
func (s Sums) To(a Action) int {
	n := 0
	for _, sum := range s {
		if sum.State == Planned && sum.Action == a {
			n += sum.N
		}
	}
	return n
}

// All is how many rows there are.
func (s Sums) All() int {
	n := 0
	for _, sum := range s {
		n += sum.N
	}
	return n
}

// Open is how many rows have not come to their end.
func (s Sums) Open() int { return s.In(Planned, Sent, Unsettled) }

// Calls is how many calls the planned rows take.
func (s Sums) Calls() int {
	return (s.To(ToAdd)+portal.MaxPeople-1)/portal.MaxPeople + s.To(ToAllow) + s.To(ToBar)
}
