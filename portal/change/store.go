package change

import (
	"context"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// Store is what the changes keep. Package store implements it for SQLite and
// PostgreSQL.
//
// A method that takes events appends them to the ledger in the same
// transaction as what they record: either both are there or neither.
type Store interface {
	portal.Recorder

	// BeginChange stores a new change together with its intent, and is
	// committed before Symphony is called. When the change's Token was used
	// before it stores nothing and returns that earlier change and ErrTokenUsed.
	BeginChange(ctx context.Context, c Change, intent ledger.Event) (Change, error)
	// UpdateChange stores how far a change has come, with its outcome when
	// there is one. It refuses with ErrStale when the stored change has
	// another Version than c, and counts Version up.
	UpdateChange(ctx context.Context, c Change, outcomes ...ledger.Event) (Change, error)
	// Change returns one change, or ErrNotStored.
	Change(ctx context.Context, id string) (Change, error)
	// ChangeByToken returns the change that used a form token, or ErrNotStored.
	ChangeByToken(ctx context.Context, token string) (Change, error)
	// UnsettledChanges returns the changes that are not settled and were last
	// touched before the given time, oldest first.
	UnsettledChanges(ctx context.Context, touchedBefore time.Time) ([]Change, error)

	// Events lists the ledger, newest first.
	Events(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Event, error)
}

// Kind is what a change does at Symphony.
type Kind string

// The kinds of change: one for each of Symphony's four changing operations,
// and two for the two ways of a status.
const (
	KindCreateCompany Kind = "create-company"
	KindAddDomains    Kind = "add-domains"
	KindCreateUsers   Kind = "create-users"
	KindDisableUser   Kind = "disable-user"
	KindEnableUser    Kind = "enable-user"
)

// State says how far a change has come.
type State string

// The states of a change. Sent becomes Done, Refused or Unknown when Symphony
// answers or doesn't; Unknown becomes Done or Refused when Symphony's own state
// has settled it, or Abandoned when even that stays impossible and a person
// must look.
const (
	Sent      State = "sent"      // the intent is committed; the call may be under way
	Done      State = "done"      // Symphony did it (for people: every row has an answer)
	Refused   State = "refused"   // nothing was changed
	Unknown   State = "unknown"   // sent, the answer was lost; being settled
	Abandoned State = "abandoned" // still unknown after a day of asking
)

// Settled says whether nothing more will happen to the change.
func (s State) Settled() bool {
	return s == Done || s == Refused || s == Abandoned
}

// Change is one change asked of Symphony, from the intent to the settled end.
// The ledger says what happened; the change is what Foyer works with until it
// has.
type Change struct {
	ID      string // a UUID; in the ledger the events' Change
	Version int64  // counts the updates
	Kind    Kind
	State   State
	Token   string // the form's token; unique

	Actor      auth.Actor
	Company    ledger.Company
	User       ledger.User     // for a status
	NewCompany sapi.NewCompany // for a company
	Domains    []string        // for domains: the ones to add
	People     []Row           // for people: one a row, in the order of the form
	Reason     string
	Ticket     string

	Reconciled bool            // the end was found by reading Symphony, not by its answer
	Note       string          // how it ended, in a sentence for people
	Problem    *portal.Problem // what Symphony said when it refused, or why the outcome is unknown
	Tries      int             // how often settling was tried
	NextTry    time.Time       // when settling will be tried again; zero: not planned
	CreatedAt  time.Time
	UpdatedAt  time.Time
	UnknownAt  time.Time // when the answer was given up; zero: it never was
	SettledAt  time.Time // zero while it isn't
	Erased     bool      // what was asked, of whom, by whom and why was erased on legal order
}

// Row is one person of a change that creates people, with their result.
type Row struct {
	sapi.NewUser
	Outcome sapi.ItemOutcome // empty before the call
	UserID  string           // once created, or found to exist in this company
	Problem *portal.Problem
}
