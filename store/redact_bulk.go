package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"foyer/address"
	"foyer/auth"
	"foyer/portal/bulk"
)

// bulkUpdate empties what a bulk change, or a row of one, says of somebody.
type bulkUpdate struct {
	bulk      int64
	statement string
	args      []any
}

// bulkUpdates lists what is to be emptied in bulk changes: the rows that are about the
// person or name them, whoever brought, started, paused or stopped one, and the texts that
// name somebody. How a row ended stays, with its place; a row that was still to be sent is
// left out.
func (db *DB) bulkUpdates(ctx context.Context, tx *sql.Tx, w whom) ([]bulkUpdate, error) {
	if len(w.ids)+len(w.keys) == 0 && w.actor == "" {
		return nil, nil
	}
	updates, err := bulkHeads(ctx, tx, w)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT bulk_id, n, email, user_id, cells, facts, first_name || ' ' || last_name, display_name, department, state, code FROM bulk_row ORDER BY bulk_id, n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, n int64
		var email, userID, cells, facts, name, display, department string
		var state bulk.RowState
		var code bulk.Code
		if err := rows.Scan(&id, &n, &email, &userID, &cells, &facts, &name, &display, &department, &state, &code); err != nil {
			return nil, err
		}
		own := slices.Contains(w.keys, address.Key(email)) || userID != "" && slices.Contains(w.ids, userID)
		named := slices.ContainsFunc([]string{email, cells, facts, name, display, department}, func(text string) bool { return w.names(text) || w.mentions(text) })
		if !own && !named || cells == "[]" && email == "" && facts == "" {
			continue
		}
		if state == bulk.Planned {
			state, code = bulk.LeftOut, bulk.Erased
		}
		updates = append(updates, bulkUpdate{
			id, `UPDATE bulk_row SET cells = '[]', email = '', email_key = '', first_name = '', last_name = '', display_name = '', title = '', department = '',
			location = '', phone_number = '', facts = '', state = $1, code = $2 WHERE bulk_id = $3 AND n = $4`,
			[]any{state, code, id, n},
		})
	}
	return updates, rows.Err()
}

// bulkHeads is bulkUpdates for the bulk changes themselves.
func bulkHeads(ctx context.Context, tx *sql.Tx, w whom) ([]bulkUpdate, error) {
	rows, err := tx.QueryContext(ctx, selectBulk+` ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var updates []bulkUpdate
	for rows.Next() {
		c, err := scanBulk(rows)
		if err != nil {
			return nil, err
		}
		before, err := encodeBulk(c)
		if err != nil {
			return nil, err
		}
		left := w.withoutIn(c)
		after, err := encodeBulk(left)
		if err != nil {
			return nil, err
		}
		if after == before {
			continue
		}
		left.Erased = true
		if after, err = encodeBulk(left); err != nil {
			return nil, err
		}
		updates = append(updates, bulkUpdate{c.ID, `UPDATE bulk SET version = version + 1, body = $1 WHERE id = $2`, []any{after, c.ID}})
	}
	return updates, rows.Err()
}

// withoutIn is a bulk change without what it says of somebody.
func (w whom) withoutIn(c bulk.Change) bulk.Change {
	for _, a := range []*auth.Actor{&c.UploadedBy, &c.StartedBy} {
		if w.did(*a) {
			*a = auth.Actor{Issuer: a.Issuer, Subject: a.Subject, Roles: a.Roles}
		}
	}
	c.PausedBy, c.StoppedBy = w.nameless(c.PausedBy), w.nameless(c.StoppedBy)
	for _, text := range []*string{&c.Reason, &c.Ticket, &c.File.Name, &c.NewCompany.Name} {
		if w.mentions(*text) || w.calls(*text) {
			*text = erasedName
		}
	}
	c.Columns = slices.Clone(c.Columns)
	for i := range c.Columns {
		if w.mentions(c.Columns[i].Name) || w.calls(c.Columns[i].Name) {
			c.Columns[i].Name = ""
		}
	}
	for _, sample := range c.File.Samples {
		if w.mentions(sample.Cell) || w.calls(sample.Cell) {
			c.File.Samples = nil
		}
	}
	for _, waits := range []*bulk.Waiting{&c.Trouble, &c.Waits} {
		if p := waits.Problem; p != nil && (w.mentions(p.Detail) || w.mentions(p.Title) || w.mentions(p.Path)) {
			waits.Problem = nil
		}
	}
	return c
}

// reachBulks adds the bulk changes that the person or the actor is in.
func (db *DB) reachBulks(ctx context.Context, tx *sql.Tx, r *Reach) error {
	updates, err := db.bulkUpdates(ctx, tx, r.who)
	if err != nil {
		return err
	}
	for _, u := range updates {
		r.Bulks = append(r.Bulks, u.bulk)
	}
	slices.SortFunc(r.Bulks, cmp.Compare)
	r.Bulks = slices.Compact(r.Bulks)
	return nil
}

// eraseInBulks empties what bulk changes say of somebody.
func (db *DB) eraseInBulks(ctx context.Context, tx *sql.Tx, w whom) error {
	updates, err := db.bulkUpdates(ctx, tx, w)
	if err != nil {
		return err
	}
	for _, u := range updates {
		if _, err := tx.ExecContext(ctx, u.statement, u.args...); err != nil {
			return err
		}
	}
	return nil
}
