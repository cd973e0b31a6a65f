package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"foyer/auth"
	access "foyer/portal/review"
)

// reviewUpdate empties what a row of a review, which is not finished, says of
// somebody.
type reviewUpdate struct {
	review    int64
	statement string
	args      []any
}

// reviewUpdates lists what is to be emptied in the reviews that aren't finished: the
// person's own rows, whoever is to confirm, and who started and cancelled a review and
// decided in it. Ids, subjects and decisions stay. A finished review is evidence, and
// sealed.
func (db *DB) reviewUpdates(ctx context.Context, tx *sql.Tx, w whom) ([]reviewUpdate, error) {
	if len(w.ids)+len(w.keys) == 0 && w.actor == "" {
		return nil, nil
	}
	updates, err := reviewHeads(ctx, tx, w)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT p.review_id, p.n, p.user_id, p.email, p.name, p.title, p.department, p.decisions
		FROM review_person AS p JOIN review AS r ON r.id = p.review_id WHERE r.finished_at = 0 ORDER BY p.review_id, p.n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var review, n int64
		var p access.Person
		var kept string
		if err := rows.Scan(&review, &n, &p.UserID, &p.Email, &p.Name, &p.Title, &p.Department, &kept); err != nil {
			return nil, err
		}
		decisions, err := w.decisions(kept)
		if err != nil {
			return nil, err
		}
		own := (slices.Contains(w.ids, p.UserID) || slices.Contains(w.emails, p.Email)) && p.Name != erasedName
		if own {
			p.Name, p.Email, p.Title, p.Department = erasedName, "", "", ""
		}
		if own || decisions != kept {
			updates = append(updates, reviewUpdate{
				review, `UPDATE review_person
				SET name = $1, email = $2, title = $3, department = $4, decisions = $5 WHERE review_id = $6 AND n = $7`,
				[]any{p.Name, p.Email, p.Title, p.Department, decisions, review, n},
			})
		}
	}
	return updates, rows.Err()
}

// reviewHeads is reviewUpdates for the reviews themselves.
func reviewHeads(ctx context.Context, tx *sql.Tx, w whom) ([]reviewUpdate, error) {
	rows, err := tx.QueryContext(ctx, selectReview+` WHERE finished_at = 0 ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var updates []reviewUpdate
	for rows.Next() {
		r, err := scanReview(rows)
		if err != nil {
			return nil, err
		}
		left := r
		if w.mentions(r.Confirms) || w.calls(r.Confirms) {
			left.Confirms = erasedName
		}
		if w.mentions(r.CancelReason) || w.calls(r.CancelReason) || w.took(r.CancelledBy) {
			left.CancelReason = erasedName
		}
		left.StartedBy, left.CancelledBy = w.nameless(r.StartedBy), w.nameless(r.CancelledBy)
		startedBy, err := encodePerson(left.StartedBy)
		if err != nil {
			return nil, err
		}
		cancelledBy := ""
		if !r.CancelledAt.IsZero() {
			if cancelledBy, err = encodePerson(left.CancelledBy); err != nil {
				return nil, err
			}
		}
		if left.Confirms != r.Confirms || left.CancelReason != r.CancelReason || w.took(r.StartedBy) || w.took(r.CancelledBy) {
			updates = append(updates, reviewUpdate{
				r.ID, `UPDATE review
				SET confirms = $1, started_by = $2, cancelled_by = $3, cancel_reason = $4 WHERE id = $5`,
				[]any{left.Confirms, startedBy, cancelledBy, left.CancelReason, r.ID},
			})
		}
	}
	return updates, rows.Err()
}

// took says whether it was the actor whom the order names, who is still named.
func (w whom) took(p auth.Person) bool {
	return p.Name+p.Email != "" && w.did(auth.Actor{Issuer: p.Issuer, Subject: p.Subject, Email: p.Email})
}

// nameless leaves of the actor what the ledger's bodies say as well.
func (w whom) nameless(p auth.Person) auth.Person {
	if w.took(p) {
		p.Name, p.Email = "", ""
	}
	return p
}

// decisions gives decisions as they are kept, without the actor's name.
func (w whom) decisions(kept string) (string, error) {
	all, err := decodeDecisions(kept)
	if err != nil {
		return "", err
	}
	taken := false
	for i := range all {
		taken = taken || w.took(all[i].By)
		all[i].By = w.nameless(all[i].By)
	}
	if !taken {
		return kept, nil
	}
	return encodeDecisions(all)
}

// reachReviews adds the reviews that the person or the actor is in.
func (db *DB) reachReviews(ctx context.Context, tx *sql.Tx, r *Reach) error {
	updates, err := db.reviewUpdates(ctx, tx, r.who)
	if err != nil {
		return err
	}
	for _, u := range updates {
		r.Open = append(r.Open, u.review)
	}
	slices.SortFunc(r.Open, cmp.Compare)
	r.Open = slices.Compact(r.Open)

	return db.keptReviews(ctx, tx, r)
}

// keptReviews adds the reviews that go on naming somebody: finished ones, which are
// sealed, and those in which the person did something as somebody who works with Foyer,
// unless that is to be erased.
func (db *DB) keptReviews(ctx context.Context, tx *sql.Tx, r *Reach) error {
	w := r.who
	if len(w.ids)+len(w.keys) == 0 && w.actor == "" {
		return nil
	}
	sealed, did := map[int64]bool{}, map[int64]bool{}
	note := func(review int64, finished, about bool, by ...auth.Person) {
		acted := slices.ContainsFunc(by, func(p auth.Person) bool { return p.Name+p.Email != "" && (w.took(p) || w.in(p.Email)) })
		switch {
		case finished && (about || acted):
			sealed[review] = true
		case acted && !slices.ContainsFunc(by, w.took):
			did[review] = true
		}
	}
	heads, err := tx.QueryContext(ctx, selectReview+` ORDER BY id`)
	if err != nil {
		return err
	}
	defer heads.Close()
	for heads.Next() {
		head, err := scanReview(heads)
		if err != nil {
			return err
		}
		note(head.ID, !head.FinishedAt.IsZero(), w.mentions(head.Confirms) || w.calls(head.Confirms), head.StartedBy, head.FinishedBy, head.CancelledBy)
	}
	if err := heads.Err(); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT r.id, r.finished_at, p.user_id, p.email, p.decisions
		FROM review_person AS p JOIN review AS r ON r.id = p.review_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, finishedAt int64
		var userID, email, kept string
		if err := rows.Scan(&id, &finishedAt, &userID, &email, &kept); err != nil {
			return err
		}
		decisions, err := decodeDecisions(kept)
		if err != nil {
			return err
		}
		by := make([]auth.Person, len(decisions))
		for i, d := range decisions {
			by[i] = d.By
		}
		note(id, finishedAt != 0, slices.Contains(w.ids, userID) || slices.Contains(w.emails, email), by...)
	}
	r.Sealed, r.DoneIn = slices.Sorted(maps.Keys(sealed)), slices.Sorted(maps.Keys(did))
	return rows.Err()
}

// eraseInReviews empties what reviews that aren't finished say of whom the order is
// about.
func (db *DB) eraseInReviews(ctx context.Context, tx *sql.Tx, w whom) error {
	updates, err := db.reviewUpdates(ctx, tx, w)
	if err != nil {
		return err
	}
	for _, u := range updates {
		if _, err := tx.ExecContext(ctx, u.statement, u.args...); err != nil {
			return err
		}
		// Whoever is about to finish the review has read what was erased: it must not
		// be sealed.
		if _, err := tx.ExecContext(ctx, `UPDATE review SET version = version + 1 WHERE id = $1 AND cancelled_at = 0`, u.review); err != nil {
			return err
		}
	}
	return nil
}
