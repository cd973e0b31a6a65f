package bulk

import (
	"context"
	"errors"
	"time"

	"foyer/ledger"
	"foyer/portal"
)

// Store keeps bulk changes and their rows. Package store implements it for SQLite and
// PostgreSQL. What takes a transaction is done in it; the rest reads what is committed.
type Store interface {
	portal.Recorder
	Begin(ctx context.Context) (portal.Tx, error)
	// Append appends events to the ledger.
	Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error

	// InsertBulk stores a new bulk change and gives it the next number. Where its form's
	// token was used before it returns that earlier one and portal.ErrTokenUsed.
	InsertBulk(ctx context.Context, tx portal.Tx, c Change) (Change, error)
	// LockBulk returns one without its sums, or portal.ErrNotStored. Until the transaction
	// ends nobody else changes it, nor begins a call of it.
	LockBulk(ctx context.Context, tx portal.Tx, id int64) (Change, error)
	// SaveBulk stores how far one has come, and counts its Version up. It must have been
	// locked in the same transaction.
	SaveBulk(ctx context.Context, tx portal.Tx, c Change) (Change, error)

	// PutRows stores rows, in place of those with the same N. The Precheck of one that is
	// there stays as it is, and goes with its address.
	PutRows(ctx context.Context, tx portal.Tx, id int64, rows []Row) error
	// CutRows deletes the rows from a place on.
	CutRows(ctx context.Context, tx portal.Tx, id int64, from int) error
	// TakeRows marks planned rows as sent in a change, each with its place there, and says
	// how many there were. While it is in the transaction the bulk change doesn't leave
	// its state: running is false, and nothing is done, where it isn't running.
	TakeRows(ctx context.Context, tx portal.Tx, id int64, rows []int, changeID string) (taken int, running bool, err error)
	// SettleRows stores how the rows stand that a change is about: those that it took, and
	// that no later one has taken since.
	SettleRows(ctx context.Context, tx portal.Tx, changeID string, rows []Settled) error
	// MoveRows stores the State, Code, UserID and Facts of rows that are in a state, and that
	// no change has taken since they were read.
	MoveRows(ctx context.Context, tx portal.Tx, id int64, from RowState, rows []Row) error
	// LeaveOutPlanned leaves out all rows that are planned, with a code.
	LeaveOutPlanned(ctx context.Context, tx portal.Tx, id int64, code Code) error

	// AwaitPrechecks has those rows wait for their pre-check that are to be created and have
	// none or one that is Unanswered, and says how many they are.
	AwaitPrechecks(ctx context.Context, tx portal.Tx, id int64) (asked int, err error)
	// PutPrechecks stores the Precheck of rows that wait for it and have the address still
	// that they were read with.
	PutPrechecks(ctx context.Context, tx portal.Tx, id int64, rows []Row) error
	// Prechecks counts the rows that are to be created by their Precheck.
	Prechecks(ctx context.Context, id int64) ([]PrecheckSum, error)
	// AwaitingPrechecks returns the numbers of those with rows that wait for their pre-check.
	AwaitingPrechecks(ctx context.Context) ([]int64, error)

	// LeaseBulk notes that a process is at a bulk change until a time, unless another one
	// is; the zero time lets go of it.
	LeaseBulk(ctx context.Context, id int64, owner string, now, until time.Time) (held bool, err error)

	// FreeBulks lets go of all bulk changes that processes are at.
	FreeBulks(ctx context.Context) error

	// CountBulks counts those that are in some states.
	CountBulks(ctx context.Context, states ...State) (int, error)
	// Bulk returns one with its sums, or portal.ErrNotStored.
	Bulk(ctx context.Context, id int64) (Change, error)
	// BulkByToken returns the one that used a form's token, or portal.ErrNotStored.
	BulkByToken(ctx context.Context, token string) (Change, error)
	// Bulks returns up to limit of them with their sums: those that are under way or
	// need somebody, then those that are scheduled, then the others, the last that were changed first. The
	// first offset ones are left out; total is how many there are.
	Bulks(ctx context.Context, offset, limit int) (changes []Change, total int, err error)
	// SameBulk returns the last started one with the same Digest, or portal.ErrNotStored.
	SameBulk(ctx context.Context, digest string, besides int64) (Change, error)
	// WorkingBulks returns the numbers of those with which a job has to do something.
	WorkingBulks(ctx context.Context) ([]int64, error)
	// UnusedBulks returns the numbers of those that aren't started, and were not changed since
	// a time.
	UnusedBulks(ctx context.Context, since time.Time) ([]int64, error)
	// Rows returns up to limit rows, in their order, which a filter shows, from the one
	// behind after. A limit of 0 returns all.
	Rows(ctx context.Context, id int64, f Filter, after, limit int) ([]Row, error)
	// CountRows counts them.
	CountRows(ctx context.Context, id int64, f Filter) (int, error)
	// Departments counts rows by the department of their people, the most first.
	Departments(ctx context.Context, id int64, f Filter) ([]Department, error)
	// CallsOf is how many calls were begun.
	CallsOf(ctx context.Context, id int64) (int, error)
}

// Filter narrows the rows of a bulk change. Zero fields don't.
type Filter struct {
	States     []RowState
	Actions    []Action
	Codes      []Code
	Differs    bool         // only those that differ from a plan that was to be started
	Text       string       // in the e-mail or the name
	Prechecked []Prechecked // waiting, or with one of these verdicts, whatever the reason
	NotMade    bool         // refused, unknown or left out for something that can be mended
	MayGoWell  bool         // those of them that may go well the next time, as they are
}

// Settled is how some rows of a change stand. Their ids and what Symphony said of each
// are read from the change's people.
type Settled struct {
	Items   []int // their places in the change
	State   RowState
	Code    Code
	Problem *portal.Problem // what Symphony said of the change as a whole
	Vain    bool            // the call did nothing for them, and nothing says why
}

// Department is how many rows are about people of a department.
type Department struct {
	Name string
	N    int
}

// ErrStale says that somebody else changed a bulk change since it was looked at.
var ErrStale = errors.New("bulk change was changed by somebody else")

// ErrNotNow says that what was asked for can't be done with a bulk change in its state.
var ErrNotNow = errors.New("not possible in the state of the bulk change")
