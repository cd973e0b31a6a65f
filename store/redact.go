package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"foyer/ledger"
)

// Order says what is to be erased. What is set is added up.
type Order struct {
	Events []int64 // by their numbers
	Person string  // e-mail or Symphony's id of somebody whom Foyer looks after: all that is about them
	Actor  string  // e-mail or subject of somebody who works with Foyer: all that they did
}

// ErrUnsettled says that a change which an order reaches is still under way:
// erased, it could not be settled any more.
var ErrUnsettled = errors.New("a change is not settled yet")

// ErrTells says that the record of a redaction would hold what is erased.
var ErrTells = errors.New("the record of the redaction holds what is to be erased")

// Redact erases the personal part of events on legal order, for ever, and what
// Foyer works with of the same people and changes, and records by whom and why in
// an event of its own: verification then says redacted, and not tampered. The
// event e is that record; its Action, Outcome, Redacts and After are filled in
// here. It must hold nothing of what is erased.
//
// It returns what was erased. An order that reaches nothing records nothing. It
// fails with portal.ErrNotStored when an event is not there, with ErrUnsettled and
// with ErrTells, and then nothing is erased. Backups, copies of the ledger that
// were exported, and Symphony are not reached.
func (db *DB) Redact(ctx context.Context, e ledger.Event, o Order) (Reach, error) {
	var reached Reach
	err := db.transact(ctx, func(tx *sql.Tx) error {
		var err error
		if reached, err = db.reach(ctx, tx, o); err != nil || reached.Nothing() {
			return err
		}
		if len(reached.Unsettled) > 0 {
			return fmt.Errorf("%w: wait until it is: %s", ErrUnsettled, strings.Join(reached.Unsettled, ", "))
		}
		if reached.mentions(e.Reason, e.Ticket, e.Actor.Name, e.Actor.Email) {
			return ErrTells
		}
		if err := db.eraseEvents(ctx, tx, reached.Events); err != nil {
			return err
		}
		if err := db.eraseRows(ctx, tx, reached); err != nil {
			return err
		}
		e.Action, e.Outcome, e.Redacts, e.After = ledger.Redact, ledger.Succeeded, reached.Events, reached.besides()
		if err := db.append(ctx, tx, []ledger.Event{e}); err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrNotRecorded, err)
		}
		return nil
	})
	if err != nil || reached.Nothing() {
		return reached, wrap("redact events", err)
	}
	if err := db.erasePerson(ctx, reached.who); err != nil {
		return reached, fmt.Errorf("redact events: all is erased but in the directory of people: give the same order again: %w", err)
	}
	return reached, errors.Join(db.scrub(ctx), db.scrubRows(ctx), db.scrubDirectory(ctx))
}

// eraseEvents erases the personal part of events, which may be none.
func (db *DB) eraseEvents(ctx context.Context, tx *sql.Tx, seqs []int64) error {
	for _, seq := range seqs {
		if err := db.erase(ctx, tx, seq); err != nil {
			return err
		}
	}
	return db.indexAgain(ctx, tx, seqs)
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
