package activity

import (
	"context"
	"iter"

	"foyer/ledger"
	"foyer/portal"
)

// Store is the ledger: it is written, read, and proven. Package store implements it
// for SQLite and PostgreSQL.
type Store interface {
	portal.Recorder

	// Events lists the ledger, newest first.
	Events(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Event, error)
	// Event returns one event, or ErrNotStored.
	Event(ctx context.Context, seq int64) (ledger.Event, error)

	// SignCheckpoint verifies what was recorded since the last checkpoint and
	// signs the ledger as it is now, unless that one still says it: fresh tells
	// which. What does not verify is never signed.
	SignCheckpoint(ctx context.Context) (signed []byte, fresh bool, err error)
	// CheckSigning says why this process can't sign the ledger: ledger.ErrKey,
	// ledger.ErrNoAnchor or ledger.ErrNotContinued.
	CheckSigning(ctx context.Context) error
	// SignArchive signs what an archive says of itself with the ledger's key, as
	// ledger.SignArchive does; ledger.ErrKey without it.
	SignArchive(manifest []byte) (signed []byte, err error)
	// Checkpoint returns the last signed checkpoint, and what it says, or
	// ErrNotStored while there is none.
	Checkpoint(ctx context.Context) (signed []byte, c ledger.Checkpoint, err error)
	// Sights says what each witness that the policy names has last seen, in its order; there
	// are none where nobody is asked.
	Sights(ctx context.Context) ([]ledger.Sight, error)
	// PublicKeys are the public keys that confirm checkpoints, as text, the
	// newest first; none when nothing is signed here.
	PublicKeys() []string
	// Evidence returns an event with the proof that the last checkpoint covers
	// it, and that checkpoint, or ErrNotStored when none does.
	Evidence(ctx context.Context, seq int64) (ledger.Evidence, error)
	// EvidenceAt returns an event with the proof for a ledger of that size, or
	// ErrNotStored when the event is not among so many.
	EvidenceAt(ctx context.Context, seq, size int64) (ledger.Evidence, error)
	// CountEvents counts the events of a filter among the first size ones.
	CountEvents(ctx context.Context, f ledger.Filter, size int64) (int, error)
	// ProvenEvents reads the same events, newest first, a few hundred at a time,
	// each with its proof for a ledger of that size. It ends with an error when
	// they can't be read.
	ProvenEvents(ctx context.Context, f ledger.Filter, size int64) iter.Seq2[ledger.Evidence, error]
	// EarlierCheckpoints returns signed checkpoints of smaller ledgers than size,
	// the largest first, each with the proof that the ledger of that size continues
	// it: all of the last week before, and of older days the last one of each.
	EarlierCheckpoints(ctx context.Context, size int64) iter.Seq2[ledger.Earlier, error]
}
