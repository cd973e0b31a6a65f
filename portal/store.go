package portal

import (
	"context"
	"errors"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sapi"
)

// ErrNotStored is returned by a Store for a row that it does not have.
var ErrNotStored = errors.New("not stored")

// ErrTokenUsed is returned by Store.BeginChange when the change's form token
// has been used before; the change that used it is returned with it.
var ErrTokenUsed = errors.New("form token used")

// Store is what the use cases keep: the ledger, the changes under way, and
// what was last read from Symphony. Package store implements it for SQLite and
// PostgreSQL.
//
// A method that takes events appends them to the ledger in the same
// transaction as what they record: either both are there or neither.
type Store interface {
	// BeginChange stores a new change together with its intent, and is
	// committed before Symphony is called. When the change's Token was used
	// before it stores nothing and returns that earlier change and ErrTokenUsed.
	BeginChange(ctx context.Context, c Change, intent ledger.Event) (Change, error)
	// UpdateChange stores how far a change has come, with its outcome when
	// there is one. It refuses with ErrStaleChange when the stored change has
	// another Version than c, and counts Version up.
	UpdateChange(ctx context.Context, c Change, outcomes ...ledger.Event) (Change, error)
	// Change returns one change, or ErrNotStored.
	Change(ctx context.Context, id string) (Change, error)
	// ChangeByToken returns the change that used a form token, or ErrNotStored.
	ChangeByToken(ctx context.Context, token string) (Change, error)
	// UnsettledChanges returns the changes that are not settled and were last
	// touched before the given time, oldest first.
	UnsettledChanges(ctx context.Context, touchedBefore time.Time) ([]Change, error)

	// Record appends events that belong to no change.
	Record(ctx context.Context, events ...ledger.Event) error
	// Events lists the ledger, newest first.
	Events(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Event, error)
	// Event returns one event, or ErrNotStored.
	Event(ctx context.Context, seq int64) (ledger.Event, error)

	// SaveCompanies replaces the list of companies by what was read at the
	// given time; a company that is missing from it is forgotten.
	SaveCompanies(ctx context.Context, companies []sapi.Company, readAt time.Time) error
	// SaveCompany stores one company as read at the given time.
	SaveCompany(ctx context.Context, c sapi.Company, readAt time.Time) error
	// SaveTotal stores how many people a company has.
	SaveTotal(ctx context.Context, companyID string, total int64, readAt time.Time) error
	// Companies returns the companies last read, and when the whole list was;
	// the zero time says that it never was.
	Companies(ctx context.Context) (companies []CompanyRecord, listReadAt time.Time, err error)
	// Company returns one company as last read, or ErrNotStored.
	Company(ctx context.Context, id string) (CompanyRecord, error)

	// Users returns what is known of the given people of a company, by id;
	// people of whom nothing is known are absent.
	Users(ctx context.Context, companyID string, ids []string) (map[string]UserRecord, error)
	// FindUsers returns the people known who match exactly one of the set
	// fields: e-mail (normalised), id, or Symphony user id.
	FindUsers(ctx context.Context, by UserKey) ([]UserRecord, error)

	LedgerStore
	StatusStore
	ReviewStore
}

// ErrStaleChange is returned by Store.UpdateChange when somebody else updated
// the change in between.
var ErrStaleChange = errors.New("change was updated by somebody else")

// CompanyRecord is a company as Foyer last read it.
type CompanyRecord struct {
	sapi.Company
	ReadAt       time.Time
	People       int64     // how many people it had at PeopleReadAt
	PeopleReadAt time.Time // zero: never counted
	StateSeenAt  time.Time // when Foyer first saw it in its present State
}

// UserRecord is a person as Foyer last read them. Status is the last one that
// Symphony told, read at StatusAt; zero StatusAt: never told.
type UserRecord struct {
	sapi.User
	CompanyID string
	ReadAt    time.Time
	StatusAt  time.Time
}

// UserKey names a person in one of three ways; the first set field counts.
type UserKey struct {
	Email          string // as address.Key gives it
	ID             string
	SymphonyUserID int64
}

// ChangeKind is what a change does at Symphony.
type ChangeKind string

// The kinds of change: one for each of Symphony's four changing operations,
// and two for the two ways of a status.
const (
	KindCreateCompany ChangeKind = "create-company"
	KindAddDomains    ChangeKind = "add-domains"
	KindCreateUsers   ChangeKind = "create-users"
	KindDisableUser   ChangeKind = "disable-user"
	KindEnableUser    ChangeKind = "enable-user"
)

// ChangeState says how far a change has come.
type ChangeState string

// The states of a change. Sent becomes Done, Refused or Unknown when Symphony
// answers or doesn't; Unknown becomes Done or Refused when Symphony's own state
// has settled it, or Abandoned when even that stays impossible and a person
// must look.
const (
	ChangeSent      ChangeState = "sent"      // the intent is committed; the call may be under way
	ChangeDone      ChangeState = "done"      // Symphony did it (for people: every row has an answer)
	ChangeRefused   ChangeState = "refused"   // nothing was changed
	ChangeUnknown   ChangeState = "unknown"   // sent, the answer was lost; being settled
	ChangeAbandoned ChangeState = "abandoned" // still unknown after a day of asking
)

// Settled says whether nothing more will happen to the change.
func (s ChangeState) Settled() bool {
	return s == ChangeDone || s == ChangeRefused || s == ChangeAbandoned
}

// Change is one change asked of Symphony, from the intent to the settled end.
// The ledger says what happened; the change is what Foyer works with until it
// has.
type Change struct {
	ID      string // a UUID; in the ledger the events' Change
	Version int64  // counts the updates
	Kind    ChangeKind
	State   ChangeState
	Token   string // the form's token; unique

	Actor      auth.Actor
	Company    ledger.Company
	User       ledger.User     // for a status
	NewCompany sapi.NewCompany // for a company
	Domains    []string        // for domains: the ones to add
	People     []PersonRow     // for people: one a row, in the order of the form
	Reason     string
	Ticket     string

	Reconciled bool      // the end was found by reading Symphony, not by its answer
	Note       string    // how it ended, in a sentence for people
	Problem    *Problem  // what Symphony said when it refused, or why the outcome is unknown
	Tries      int       // how often settling was tried
	NextTry    time.Time // when settling will be tried again; zero: not planned
	CreatedAt  time.Time
	UpdatedAt  time.Time
	UnknownAt  time.Time // when the answer was given up; zero: it never was
	SettledAt  time.Time // zero while it isn't
	Erased     bool      // what was asked, of whom, by whom and why was erased on legal order
}

// PersonRow is one person of a change that creates people, with their result.
type PersonRow struct {
	sapi.NewUser
	Outcome sapi.ItemOutcome // empty before the call
	UserID  string           // once created, or found to exist in this company
	Problem *Problem
}

// Problem is what Symphony said, in a form that can be kept and shown.
type Problem struct {
	Title, Detail string // Symphony's own words
	Operation     string
	Method, Path  string
	Status        int
	Code          string
	TraceID       string
	At            time.Time
}
