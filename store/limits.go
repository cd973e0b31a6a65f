package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// How long things may take while people wait. Options.Patient lifts them.
const (
	// turnWithin is how long a transaction waits for its turn: for a connection, and
	// for other writers' locks.
	turnWithin = 3 * time.Second
	// transactionWithin bounds a whole transaction of the use cases.
	transactionWithin = 30 * time.Second
	// rowWithin bounds what reads or writes one session or sign-in, turn included: on
	// it hangs whether anything is shown at all.
	rowWithin = 5 * time.Second
)

// ErrBusy says that a transaction was not begun, because others were writing for too
// long. It is a context.DeadlineExceeded.
var ErrBusy = fmt.Errorf("others have been writing for too long: %w", context.DeadlineExceeded)

// ErrMoved says that the SQLite file or its log is not any more where it was opened. What is
// written to it now could not be found again after a restart.
var ErrMoved = errors.New("the database file was moved, removed or replaced while it is open")

// begin begins a transaction for writing, which has so long. end must be called once it
// is over.
func (db *DB) begin(ctx context.Context, within time.Duration) (tx *sql.Tx, end func(), err error) {
	if err := db.stillThere(); err != nil {
		return nil, nil, err
	}
	if db.patient {
		tx, err := db.write.BeginTx(ctx, nil)
		return tx, func() {}, err
	}
	whole, cancel := context.WithTimeout(ctx, db.turnWithin+within)
	bounded, stop := context.WithCancelCause(whole)
	late := time.AfterFunc(db.turnWithin, func() { stop(ErrBusy) })
	release, err := db.turn(bounded)
	if err == nil {
		if tx, err = db.write.BeginTx(bounded, nil); err != nil {
			release()
		}
	}
	if inTime := late.Stop(); err == nil && !inTime {
		err = errors.Join(rollback(tx), ErrBusy)
		release()
	}
	if err != nil {
		stop(nil)
		cancel()
		if errors.Is(context.Cause(bounded), ErrBusy) {
			err = ErrBusy
		}
		return nil, nil, err
	}
	return tx, func() { stop(nil); cancel(); release() }, nil
}

// turn leaves some of PostgreSQL's connections to what needs no transaction, however
// many wait for each other in theirs. SQLite's one connection is its own queue.
func (db *DB) turn(ctx context.Context) (release func(), err error) {
	if db.turns == nil {
		return func() {}, nil
	}
	select {
	case db.turns <- struct{}{}:
		return func() { <-db.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stillThere says whether SQLite's file is where it was opened, and with it its
// write-ahead log, which holds what is newest.
func (db *DB) stillThere() error {
	for path, opened := range db.opened {
		now, err := os.Stat(path)
		if err != nil || !os.SameFile(opened, now) {
			return fmt.Errorf("%w: %s", ErrMoved, path)
		}
	}
	return nil
}

// row bounds what reads or writes one row while nothing can be shown without it.
func (db *DB) row(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, rowWithin)
}

// CheckWrite says whether the database can be written now, by writing to it.
func (db *DB) CheckWrite(ctx context.Context) error {
	return wrap("write to the database", db.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO list_read (name, read_at) VALUES ('a check whether this can be written', $1)
			ON CONFLICT (name) DO UPDATE SET read_at = excluded.read_at`, micros(db.now()))
		return err
	}))
}

// mendedElsewhere looks whether another process has mended the directory, or read again whom
// it could not be read of: nobody tells this one.
func (db *DB) mendedElsewhere(ctx context.Context) bool {
	d := db.people()
	if db.dialect != PostgreSQL || d.readRecords(ctx) != nil {
		return false
	}
	d.damaged.Store(false)
	return true
}

// CheckDirectory says whether the directory of people can be written now, and isn't
// damaged, by writing to it what is there.
func (db *DB) CheckDirectory(ctx context.Context) error {
	statement := `UPDATE version SET version = version`
	if db.dialect == SQLite {
		statement = fmt.Sprintf(`PRAGMA user_version = %d`, directoryVersion)
	}
	if db.people().damaged.Load() && !db.mendedElsewhere(ctx) {
		return fmt.Errorf("the directory of people: %w", errDamaged)
	}
	return wrap("write to the directory of people", db.people().transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	}))
}
