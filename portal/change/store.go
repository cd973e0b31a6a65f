package change

import (
	"context"
	"errors"
	"time"

	"foyer/ledger"
	"foyer/portal"
)

// Store keeps changes. Package store implements it for SQLite and PostgreSQL. What
// takes a transaction is done in it; the rest reads what is committed.
type Store interface {
	Begin(ctx context.Context) (portal.Tx, error)
	// Append appends events to the ledger.
	Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error

	// InsertChange stores a new change and its people. Where its form's token was
	// used before it returns that earlier change and portal.ErrTokenUsed. Where
	// another change of the same subject, or of one of its people, is not settled,
	// or was settled after c.Seen.At, it returns Busy with that one. The
	// transaction must be rolled back after either.
	InsertChange(ctx context.Context, tx portal.Tx, c Change) (Change, error)
	// UpdateChange stores how far a change has come and counts its Version up. It
	// refuses with ErrStale when the stored change has another Version than c.
	UpdateChange(ctx context.Context, tx portal.Tx, c Change) (Change, error)
	// CreditedUsers returns the ids of those of a change's people whom other changes
	// created, and locks what says so until the transaction ends. Busy while another
	// change that is not settled is about one of them: it may be who creates them.
	CreditedUsers(ctx context.Context, tx portal.Tx, c Change) (map[string]bool, error)
	// CreditedCompany says whether another change created the company, and locks what
	// says so until the transaction ends. Busy as with CreditedUsers.
	CreditedCompany(ctx context.Context, tx portal.Tx, c Change) (bool, error)

	// Change returns one change, or portal.ErrNotStored.
	Change(ctx context.Context, id string) (Change, error)
	// ChangeByToken returns the change that used a form's token, or
	// portal.ErrNotStored.
	ChangeByToken(ctx context.Context, token string) (Change, error)
	// UnsettledOf returns the change of a subject that is not settled, or
	// portal.ErrNotStored.
	UnsettledOf(ctx context.Context, subject string) (Change, error)
	// DueChanges returns up to limit changes that were due before a time, the
	// longest first.
	DueChanges(ctx context.Context, before time.Time, limit int) ([]DueChange, error)
	// UnsettledChanges returns up to limit changes that are not settled, the last
	// touched first, and how many there are in all.
	UnsettledChanges(ctx context.Context, limit int) (changes []Change, total int, err error)
}

// DueChange names a change with which the engine has to do.
type DueChange struct {
	ID      string
	Version int64
	State   State
	SentAt  time.Time
}

// ErrStale says that somebody else updated a change in between.
var ErrStale = errors.New("change was updated by somebody else")

// Busy says that another change of the same subject is in the way: it is under way,
// or ended after what this one was decided by had been read. Nothing of this one was
// stored or sent.
type Busy struct {
	Change Change // the one in the way
	Row    int    // the person that both are about, by their place in People; -1 when it is the subject
}

// Error says so.
func (e *Busy) Error() string { return "another change of the same subject is in the way" }
