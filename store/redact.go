package store

import (
	"context"
	"database/sql"
	"fmt"

	"foyer/audit"
)

// Redact erases the personal part of events on legal order, for ever, and
// records by whom and why in an event of its own: verification then says
// redacted, and not tampered. The event e is that record; its Action, Outcome
// and Redacts are filled in here. It must hold nothing of what is erased. Events
// that are not there make it fail with portal.ErrNotStored, and nothing is
// erased. Backups, and copies of the ledger that were exported, are not reached.
func (db *DB) Redact(ctx context.Context, e audit.Event, seqs ...int64) error {
	e.Action, e.Outcome, e.Redacts = audit.Redact, audit.Succeeded, seqs
	err := db.recording(ctx, "redact events", func(tx *sql.Tx) error {
		for _, seq := range seqs {
			r, err := record(ctx, tx, seq)
			if err != nil {
				return err
			}
			if r.Erased() {
				continue
			}
			if err := db.erase(ctx, tx, seq); err != nil {
				return err
			}
		}
		if err := db.indexAgain(ctx, tx, seqs); err != nil {
			return err
		}
		return db.append(ctx, tx, []audit.Event{e})
	})
	if err != nil {
		return err
	}
	return db.scrub(ctx)
}

// erase goes through the one door that the triggers leave.
func (db *DB) erase(ctx context.Context, tx *sql.Tx, seq int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE ledger_event
		SET salt = NULL, personal = NULL, actor_text = '', people_text = '', note_text = '' WHERE seq = $1`, seq)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE ledger_user SET email = '' WHERE seq = $1`, seq)
	return err
}

// scrub takes what was erased out of old row versions too, where it could still be
// dug up.
func (db *DB) scrub(ctx context.Context) error {
	statement := `PRAGMA wal_checkpoint(TRUNCATE)`
	if db.dialect == PostgreSQL {
		statement = `VACUUM ledger_event, ledger_user, ledger_term`
	}
	if _, err := db.write.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("redact events: they are erased, and traces may be left in the database: %w", err)
	}
	return nil
}
