package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"foyer/ledger"
	"foyer/portal"
)

// Tx is an open transaction. It is for one goroutine at a time, and not to be
// held while waiting for anything but the database: on SQLite every other writer
// waits for its end.
type Tx struct {
	tx       *sql.Tx
	end      func() // after it is over; may be called again
	recorded bool   // something was appended to the ledger
}

// Begin begins a transaction for writing, or fails with ErrBusy when its turn doesn't
// come within three seconds. The end of ctx rolls it back, and so do thirty seconds.
func (db *DB) Begin(ctx context.Context) (portal.Tx, error) {
	tx, end, err := db.begin(ctx, transactionWithin)
	if err != nil {
		return nil, wrap("begin transaction", err)
	}
	return &Tx{tx: tx, end: sync.OnceFunc(end)}, nil
}

// Commit commits the transaction. If it fails and events were appended in it, the
// error is ledger.ErrNotRecorded: whoever depends on the record must go by that.
// As with every lost answer, the database may have committed all the same.
func (t *Tx) Commit() error {
	err := t.tx.Commit()
	t.end()
	if err != nil && t.recorded {
		return fmt.Errorf("commit transaction: %w: %w", ledger.ErrNotRecorded, err)
	}
	return wrap("commit transaction", err)
}

// Rollback leaves nothing of the transaction behind. After its end, be it by
// Commit, by Rollback or by that of its context, it does nothing.
func (t *Tx) Rollback() error {
	err := rollback(t.tx)
	t.end()
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil // the end of its context ends it, be it by closing the connection
	}
	return wrap("roll back transaction", err)
}

// SQL is the transaction itself, for the job engine, which inserts jobs in it.
func (t *Tx) SQL() *sql.Tx { return t.tx }

// Append appends events to the ledger in tx, which keeps everybody else from the
// ledger's head until it ends: so it is best the last thing before the commit.
// Errors are ledger.ErrNotRecorded.
func (db *DB) Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error {
	if err := db.append(ctx, sqlTx(tx), events); err != nil {
		return fmt.Errorf("append events: %w: %w", ledger.ErrNotRecorded, err)
	}
	tx.(*Tx).recorded = true
	return nil
}

// sqlTx is what Begin began. It panics on anything else, which is a mistake in
// the wiring and not of the moment.
func sqlTx(tx portal.Tx) *sql.Tx { return tx.(*Tx).tx }
