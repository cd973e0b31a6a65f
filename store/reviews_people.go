package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/review"
)

// ListReviewPeople implements review.Store.
func (db *DB) ListReviewPeople(ctx context.Context, id int64, people []review.Person, at time.Time) error {
	return wrap("list the people of a review", db.transact(ctx, func(tx *sql.Tx) error {
		r, err := db.lockReview(ctx, tx, id)
		if err != nil || r.State() != review.Preparing || !r.ListedAt.IsZero() {
			return err
		}
		for chunk := range slices.Chunk(people, usersAtOnce) {
			var rows []any
			for _, p := range chunk {
				rows = append(rows, id, p.N, text(p.UserID), p.SymphonyUserID, text(p.Email), text(p.Name), text(p.Title), text(p.Department),
					micros(p.CreatedAt), oneIf(p.Checked), int64(p.Status), micros(p.StatusAt), "", "")
			}
			err := db.insertMany(ctx, tx, 14, `INSERT INTO review_person (review_id, n, user_id, symphony_user_id, email, name, title, department,
				created_at, checked, status, status_at, decision, decisions)`, ``, rows)
			if err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE review SET listed_at = $1, note = '' WHERE id = $2`, micros(at), id)
		return err
	}))
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// UncheckedReviewPeople implements review.Store.
func (db *DB) UncheckedReviewPeople(ctx context.Context, id int64, limit int) ([]review.Person, error) {
	people, err := queryReviewPeople(ctx, db.read, ` WHERE review_id = $1 AND checked = 0 ORDER BY n LIMIT $2`, id, limit)
	return people, wrap("list unchecked people of a review", err)
}

// CheckReviewPeople implements review.Store.
func (db *DB) CheckReviewPeople(ctx context.Context, id int64, people []review.Person) error {
	return wrap("check the people of a review", db.transact(ctx, func(tx *sql.Tx) error {
		r, err := db.lockReview(ctx, tx, id)
		if err != nil || r.State() != review.Preparing {
			return err
		}
		for _, p := range people {
			_, err := tx.ExecContext(ctx, `UPDATE review_person SET checked = 1, status = $1, status_at = $2
				WHERE review_id = $3 AND n = $4 AND checked = 0`, int64(p.Status), micros(p.StatusAt), id, p.N)
			if err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE review SET note = '' WHERE id = $1 AND note <> ''`, id)
		return err
	}))
}

// ReviewPeople implements review.Store.
func (db *DB) ReviewPeople(ctx context.Context, id int64, show review.Filter, offset, limit int) ([]review.Person, error) {
	people, err := reviewPeople(ctx, db.read, id, show, offset, limit)
	return people, wrap("list the people of a review", err)
}

func reviewPeople(ctx context.Context, q queryer, id int64, show review.Filter, offset, limit int) ([]review.Person, error) {
	where, args := ` WHERE review_id = $1 AND status <> $2`, []any{id, leftOut}
	if show != review.ShowAll {
		decision := review.Decision(show)
		if show == review.ShowUndecided {
			decision = review.Undecided
		}
		where, args = where+` AND checked = 1 AND decision = $3`, append(args, decision)
	}
	where += ` ORDER BY n`
	if limit > 0 {
		where += fmt.Sprintf(` LIMIT %d OFFSET %d`, limit, max(offset, 0))
	}
	return queryReviewPeople(ctx, q, where, args...)
}

func queryReviewPeople(ctx context.Context, q queryer, where string, args ...any) ([]review.Person, error) {
	rows, err := q.QueryContext(ctx, `SELECT n, user_id, symphony_user_id, email, name, title, department,
		created_at, checked, status, status_at, decisions FROM review_person`+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []review.Person
	for rows.Next() {
		p, err := scanReviewPerson(rows)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}

func scanReviewPerson(row scanner) (review.Person, error) {
	var p review.Person
	var createdAt, checked, statusAt int64
	var decisions string
	err := row.Scan(&p.N, &p.UserID, &p.SymphonyUserID, &p.Email, &p.Name, &p.Title, &p.Department, &createdAt, &checked, &p.Status, &statusAt, &decisions)
	if err != nil {
		return review.Person{}, err
	}
	p.CreatedAt, p.StatusAt, p.Checked = fromMicros(createdAt), fromMicros(statusAt), checked == 1
	p.Decisions, err = decodeDecisions(decisions)
	return p, err
}

// ReviewPerson implements review.Store.
func (db *DB) ReviewPerson(ctx context.Context, id int64, userID string) (review.Person, error) {
	p, err := reviewPerson(ctx, db.read, id, userID)
	return p, wrap("read a person of a review", err)
}

func reviewPerson(ctx context.Context, q queryer, id int64, userID string) (review.Person, error) {
	people, err := queryReviewPeople(ctx, q, ` WHERE review_id = $1 AND user_id = $2 AND status <> $3`, id, text(userID), leftOut)
	if err == nil && len(people) == 0 {
		err = portal.ErrNotStored
	}
	if err != nil {
		return review.Person{}, err
	}
	return people[0], nil
}

// Decide implements review.Store. Somebody's own decision gives way to their next
// one, whatever they had seen.
func (db *DB) Decide(ctx context.Context, id int64, decisions []review.Deciding, by auth.Person, at time.Time, event func([]review.Person) ledger.Event) (left []string, err error) {
	err = db.recording(ctx, "decide", func(tx *sql.Tx) error {
		if _, err := db.lockOpenReview(ctx, tx, id); err != nil {
			return err
		}
		var changed []review.Person
		for _, d := range decisions {
			person, became, err := decide(ctx, tx, id, d, review.Decided{Decision: d.Decision, By: by, At: at})
			if err != nil {
				return err
			}
			switch became {
			case decisionStored:
				changed = append(changed, person)
			case decisionLeft:
				left = append(left, d.UserID)
			case decisionSame:
			}
		}
		if len(changed) == 0 {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE review SET version = version + 1 WHERE id = $1`, id); err != nil {
			return err
		}
		return db.append(ctx, tx, []ledger.Event{event(changed)})
	})
	if err != nil {
		return nil, err
	}
	return left, nil
}

// decided is what became of one decision.
type decided int8

const (
	decisionSame   decided = iota // it is what was decided already
	decisionStored                // it was stored
	decisionLeft                  // somebody else's stays
)

func decide(ctx context.Context, tx *sql.Tx, id int64, d review.Deciding, next review.Decided) (review.Person, decided, error) {
	p, err := reviewPerson(ctx, tx, id, d.UserID)
	if err != nil {
		return review.Person{}, decisionSame, err
	}
	last := p.Last()
	own := last.By.Issuer == next.By.Issuer && last.By.Subject == next.By.Subject
	switch {
	case last.Decision == next.Decision:
		return p, decisionSame, nil
	case last.Decision != d.Seen && last.Decision != review.Undecided && !own:
		return p, decisionLeft, nil
	}
	p.Decisions = append(p.Decisions, next)
	body, err := encodeDecisions(p.Decisions)
	if err != nil {
		return review.Person{}, decisionSame, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE review_person SET decision = $1, decisions = $2 WHERE review_id = $3 AND n = $4`, next.Decision, body, id, p.N)
	return p, decisionStored, err
}
