package portal

import (
	"context"
	"time"
)

// Tx is an open transaction of the store. Who began it ends it, with one of the
// two; Rollback after Commit does nothing, so that it can be deferred.
type Tx interface {
	Commit() error
	Rollback() error
}

// Job is something to be done later about one row. It holds no truth: who does it
// reads the row first, and doing it twice does no harm.
type Job struct {
	Kind string    // as its owner registered it
	ID   string    // of the row that it works on: nothing else, and nothing personal
	Turn int64     // tells jobs for the same row apart: of the same Kind, ID and Turn there is one at a time
	At   time.Time // not before; the zero time means now
}

// Scheduler has jobs done later, in this process or another one. Package jobs
// implements it with River.
type Scheduler interface {
	// Schedule inserts the jobs in the transaction of the rows that they work on:
	// committed they are done, rolled back they never were. With tx nil it is a
	// transaction of its own, which on SQLite must not be waited for while the
	// caller holds one open.
	//
	// A job whose Kind, ID and Turn are those of one that waits or is under way
	// is left out, and doesn't change when that one is done. Where the one under
	// way may have read the row already, another Turn makes sure that the row is
	// looked at again.
	Schedule(ctx context.Context, tx Tx, jobs ...Job) error
}
