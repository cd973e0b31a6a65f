package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"foyer/portal"
	"foyer/portal/review"
)

// AddReviewPeople implements review.PeopleStore.
func (db *DB) AddReviewPeople(ctx context.Context, tx portal.Tx, id int64, people []review.Person) error {
	for chunk := range slices.Chunk(people, usersAtOnce) {
		var rows []any
		for _, p := range chunk {
			rows = append(rows, id, p.N, text(p.UserID), p.SymphonyUserID, text(p.Email), text(p.Name), text(p.Title), text(p.Department),
				micros(p.CreatedAt), oneIf(p.Checked), int64(p.Status), micros(p.StatusAt), "", "")
		}
		err := db.insertMany(ctx, sqlTx(tx), 14, `INSERT INTO review_person (review_id, n, user_id, symphony_user_id, email, name, title, department,
			created_at, checked, status, status_at, decision, decisions)`, ``, rows)
		if err != nil {
			return wrap("list the people of a review", err)
		}
	}
	return nil
}

// DropReviewPeople implements review.PeopleStore.
func (db *DB) DropReviewPeople(ctx context.Context, tx portal.Tx, id int64, limit int) (dropped int, err error) {
	result, err := sqlTx(tx).ExecContext(ctx, `DELETE FROM review_person WHERE review_id = $1
		AND n IN (SELECT n FROM review_person WHERE review_id = $1 ORDER BY n LIMIT $2)`, id, limit)
	if err != nil {
		return 0, wrap("drop the people of a review", err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap("drop the people of a review", err)
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// UncheckedReviewPeople implements review.PeopleStore.
func (db *DB) UncheckedReviewPeople(ctx context.Context, id int64, limit int) ([]review.Person, error) {
	people, err := queryReviewPeople(ctx, db.read, ` WHERE review_id = $1 AND checked = 0 ORDER BY n LIMIT $2`, id, limit)
	return people, wrap("list unchecked people of a review", err)
}

// CheckReviewPeople implements review.PeopleStore.
func (db *DB) CheckReviewPeople(ctx context.Context, tx portal.Tx, id int64, people []review.Person) error {
	for _, p := range people {
		_, err := sqlTx(tx).ExecContext(ctx, `UPDATE review_person SET checked = 1, status = $1, status_at = $2
			WHERE review_id = $3 AND n = $4 AND checked = 0`, int64(p.Status), micros(p.StatusAt), id, p.N)
		if err != nil {
			return wrap("check the people of a review", err)
		}
	}
	return nil
}

// ReviewPeople implements review.PeopleStore.
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

// ReviewPerson implements review.PeopleStore.
func (db *DB) ReviewPerson(ctx context.Context, id int64, userID string) (review.Person, error) {
	people, err := peopleOfReview(ctx, db.read, id, userID)
	if err != nil || len(people) == 0 {
		return review.Person{}, wrap("read a person of a review", cmp.Or(err, portal.ErrNotStored))
	}
	return people[0], nil
}

// LockedReviewPeople implements review.PeopleStore.
func (db *DB) LockedReviewPeople(ctx context.Context, tx portal.Tx, id int64, userIDs []string) ([]review.Person, error) {
	people, err := peopleOfReview(ctx, sqlTx(tx), id, userIDs...)
	return people, wrap("read people of a review", err)
}

// peopleOfReview gives those of the people who are to be decided about.
func peopleOfReview(ctx context.Context, q queryer, id int64, userIDs ...string) ([]review.Person, error) {
	var people []review.Person
	for _, userID := range userIDs {
		found, err := queryReviewPeople(ctx, q, ` WHERE review_id = $1 AND user_id = $2 AND status <> $3`, id, text(userID), leftOut)
		if err != nil {
			return nil, err
		}
		people = append(people, found...)
	}
	return people, nil
}

// SaveDecisions implements review.PeopleStore.
func (db *DB) SaveDecisions(ctx context.Context, tx portal.Tx, id int64, people []review.Person) error {
	for _, p := range people {
		body, err := encodeDecisions(p.Decisions)
		if err != nil {
			return wrap("save decisions", err)
		}
		_, err = sqlTx(tx).ExecContext(ctx, `UPDATE review_person SET decision = $1, decisions = $2 WHERE review_id = $3 AND n = $4`,
			p.Last().Decision, body, id, p.N)
		if err != nil {
			return wrap("save decisions", err)
		}
	}
	return nil
}
