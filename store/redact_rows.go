package store

import (
	"context"
	"database/sql"
	"fmt"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
)

// erasedName stands in a review that is not finished where a name was.
const erasedName = "erased on legal order"

// eraseRows erases what Foyer works with of the people and changes that an order
// reaches. The ledger has what must stay.
func (db *DB) eraseRows(ctx context.Context, tx *sql.Tx, r Reach) error {
	for _, id := range r.Changes {
		if err := eraseChange(ctx, tx, id); err != nil {
			return fmt.Errorf("change %s: %w", id, err)
		}
	}
	if err := db.eraseStatuses(ctx, tx, r); err != nil {
		return err
	}
	if err := db.eraseInReviews(ctx, tx, r.who); err != nil {
		return err
	}
	if err := db.eraseInBulks(ctx, tx, r.who); err != nil {
		return err
	}
	if err := eraseFilters(ctx, tx, r.who); err != nil {
		return err
	}
	if err := eraseNotes(ctx, tx, r.who); err != nil {
		return err
	}
	hashes, err := sessionsOf(ctx, tx, r.who)
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		if _, err := tx.ExecContext(ctx, `DELETE FROM session WHERE hash = $1`, hash); err != nil {
			return err
		}
	}
	if !r.forms {
		return nil
	}
	// Forms wait for minutes, in an encoding of their own: all of them go.
	for _, statement := range []string{`DELETE FROM login`, `UPDATE session SET data = NULL WHERE data IS NOT NULL`} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// eraseChange leaves of a change what the ledger's bodies say of it as well. Nothing
// is done with it any more, and whoever read it before can't write it back.
func eraseChange(ctx context.Context, tx *sql.Tx, id string) error {
	c, err := scanChange(tx.QueryRowContext(ctx, selectChange+` WHERE id = $1`, id))
	if err != nil {
		return err
	}
	left := change.Change{
		ID: c.ID, Bulk: c.Bulk, Kind: c.Kind, State: c.State, Token: c.Token, Subject: c.Subject, Code: c.Code, Erased: true,
		Actor: auth.Actor{Issuer: c.Actor.Issuer, Subject: c.Actor.Subject}, Company: c.Company, User: ledger.User{ID: c.User.ID},
		Reconciled: c.Reconciled, Corrected: c.Corrected, CreatedAt: c.CreatedAt, UnknownAt: c.UnknownAt,
	}
	body, err := encodeChange(left)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE change SET version = version + 1, due_at = 0, body = $1 WHERE id = $2`, body, id); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE change_item SET email = '', email_key = '', first_name = '', last_name = '', display_name = '',
		title = '', department = '', location = '', phone_number = '', problem = '' WHERE change_id = $1`, id)
	return err
}

// eraseStatuses deletes what was observed of the person.
func (db *DB) eraseStatuses(ctx context.Context, tx *sql.Tx, r Reach) error {
	if len(r.who.ids) == 0 {
		return nil
	}
	for _, statement := range []string{`DELETE FROM user_status WHERE user_id IN `, `DELETE FROM observation WHERE user_id IN `} {
		_, err := tx.ExecContext(ctx, statement+db.placeholders(1, len(r.who.ids)), anys(r.who.ids)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// scrubRows takes what was erased out of old row versions, as scrub does for the
// ledger; SQLite has none.
func (db *DB) scrubRows(ctx context.Context) error {
	if db.dialect == SQLite {
		return nil
	}
	_, err := db.write.ExecContext(ctx, `VACUUM change, change_item, bulk, bulk_row, user_status, observation, review, review_person, session, login, saved_filter, company_note, person_note`)
	if err != nil {
		return fmt.Errorf("redact events: they are erased, and traces may be left in the database: %w", err)
	}
	return nil
}
