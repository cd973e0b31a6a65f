package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/review"
)

// StartReview implements review.Store.
func (db *DB) StartReview(ctx context.Context, tx portal.Tx, r review.Review) (review.Review, error) {
	r, err := db.startReview(ctx, sqlTx(tx), r)
	return r, wrap("start review", err)
}

func (db *DB) startReview(ctx context.Context, tx *sql.Tx, r review.Review) (review.Review, error) {
	by, err := encodePerson(r.StartedBy)
	if err != nil {
		return review.Review{}, err
	}
	// Who starts a review appends to the ledger, and takes the turn before the
	// number: so the numbers have no gaps.
	if _, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate())); err != nil {
		return review.Review{}, err
	}
	var earlier int64
	err = tx.QueryRowContext(ctx, `SELECT id FROM review WHERE token = $1`, text(r.Token)).Scan(&earlier)
	if err == nil {
		r, err = db.review(ctx, tx, earlier)
		return r, errors.Join(err, portal.ErrTokenUsed)
	} else if !errors.Is(err, sql.ErrNoRows) {
		return review.Review{}, err
	}
	r.Version = 1
	err = tx.QueryRowContext(ctx, `INSERT INTO review (id, version, token, company_id, company_name, due, confirms, note,
			started_at, started_by, listed_at, opened_at, finished_at, finished_by, seal)
		SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, '', $7, $8, 0, 0, 0, '', '' FROM review RETURNING id`,
		r.Version, text(r.Token), text(r.Company.ID), text(r.Company.Name), r.Due.Format(time.DateOnly), text(r.Confirms),
		micros(r.StartedAt), by).Scan(&r.ID)
	return r, err
}

// Review implements review.Store.
func (db *DB) Review(ctx context.Context, id int64) (review.Review, error) {
	r, err := db.review(ctx, db.read, id)
	return r, wrap("read review", err)
}

func (db *DB) review(ctx context.Context, q queryer, id int64) (review.Review, error) {
	r, err := scanReview(q.QueryRowContext(ctx, selectReview+` WHERE id = $1`, id))
	if err != nil {
		return review.Review{}, err
	}
	if !r.ListedAt.IsZero() { // a list that isn't complete is none
		r.Counts, err = db.reviewCounts(ctx, q, id)
	}
	return r, err
}

const selectReview = `SELECT id, version, token, company_id, company_name, due, confirms, note,
	started_at, started_by, listed_at, opened_at, finished_at, finished_by, seal,
	cancelled_at, cancelled_by, cancel_reason FROM review`

func scanReview(row scanner) (review.Review, error) {
	var r review.Review
	var due, waits, startedBy, finishedBy, cancelledBy string
	var startedAt, listedAt, openedAt, finishedAt, cancelledAt int64
	err := row.Scan(&r.ID, &r.Version, &r.Token, &r.Company.ID, &r.Company.Name, &due, &r.Confirms, &waits,
		&startedAt, &startedBy, &listedAt, &openedAt, &finishedAt, &finishedBy, &r.Seal,
		&cancelledAt, &cancelledBy, &r.CancelReason)
	if errors.Is(err, sql.ErrNoRows) {
		return review.Review{}, portal.ErrNotStored
	} else if err != nil {
		return review.Review{}, err
	}
	r.StartedAt, r.ListedAt = fromMicros(startedAt), fromMicros(listedAt)
	r.OpenedAt, r.FinishedAt, r.CancelledAt = fromMicros(openedAt), fromMicros(finishedAt), fromMicros(cancelledAt)
	var dueErr, startedErr, finishedErr, cancelledErr error
	r.Due, dueErr = time.Parse(time.DateOnly, due)
	r.Waits = decodeWaiting(waits)
	r.StartedBy, startedErr = decodePerson(startedBy)
	r.FinishedBy, finishedErr = decodePerson(finishedBy)
	r.CancelledBy, cancelledErr = decodePerson(cancelledBy)
	return r, errors.Join(dueErr, startedErr, finishedErr, cancelledErr)
}

func (db *DB) reviewCounts(ctx context.Context, q queryer, id int64) (review.Counts, error) {
	counts, err := db.countsOfReviews(ctx, q, []any{id})
	return counts[id], err
}

// countsOfReviews counts the people of some reviews, by their numbers.
func (db *DB) countsOfReviews(ctx context.Context, q queryer, ids []any) (map[int64]review.Counts, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := q.QueryContext(ctx, `SELECT review_id, checked, decision, status, count(*) FROM review_person
		WHERE review_id IN `+db.placeholders(1, len(ids))+` GROUP BY review_id, checked, decision, status`, ids...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := make(map[int64]review.Counts, len(ids))
	for rows.Next() {
		var id, status int64
		var checked, n int
		var decision review.Decision
		if err := rows.Scan(&id, &checked, &decision, &status, &n); err != nil {
			return nil, err
		}
		c := counts[id]
		c.Listed += n
		c.Checked += checked * n
		switch {
		case status == leftOut:
			c.LeftOut += n
		case decision == review.KeepAccess:
			c.Keep += n
		case decision == review.DisableAccess:
			c.Disable += n
		case decision == review.AskAbout:
			c.Ask += n
		}
		counts[id] = c
	}
	return counts, rows.Err()
}

// leftOut is the status of those whom a review is not about: sapi.StatusDisabled.
const leftOut = 2

// Reviews implements review.Store.
func (db *DB) Reviews(ctx context.Context, companyID string, offset, limit int) ([]review.Review, int, error) {
	reviews, total, err := db.reviews(ctx, companyID, offset, limit)
	if err != nil {
		return nil, 0, wrap("list reviews", err)
	}
	var listed []any
	for _, r := range reviews {
		if !r.ListedAt.IsZero() {
			listed = append(listed, r.ID)
		}
	}
	counts, err := db.countsOfReviews(ctx, db.read, listed)
	for i := range reviews {
		reviews[i].Counts = counts[reviews[i].ID]
	}
	return reviews, total, wrap("list reviews", err)
}

func (db *DB) reviews(ctx context.Context, companyID string, offset, limit int) (reviews []review.Review, total int, err error) {
	where, args := ``, []any{}
	if companyID != "" {
		where, args = ` WHERE company_id = $1`, []any{text(companyID)}
	}
	if err := db.read.QueryRowContext(ctx, `SELECT count(*) FROM review`+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := db.read.QueryContext(ctx, selectReview+where+fmt.Sprintf(` ORDER BY id DESC LIMIT %d OFFSET %d`, limit, offset), args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanReview(rows)
		if err != nil {
			return nil, 0, err
		}
		reviews = append(reviews, r)
	}
	return reviews, total, rows.Err()
}

// PreparingReviews implements review.Store.
func (db *DB) PreparingReviews(ctx context.Context, after int64, limit int) ([]int64, error) {
	ids, err := queryColumn[int64](ctx, db.read, `SELECT id FROM review
		WHERE opened_at = 0 AND cancelled_at = 0 AND id > $1 ORDER BY id LIMIT $2`, after, limit)
	return ids, wrap("list reviews", err)
}

// LockReview implements review.Store.
func (db *DB) LockReview(ctx context.Context, tx portal.Tx, id int64) (review.Review, error) {
	r, err := scanReview(sqlTx(tx).QueryRowContext(ctx, selectReview+` WHERE id = $1`+db.forUpdate(), id))
	return r, wrap("lock review", err)
}

// CountReview implements review.Store.
func (db *DB) CountReview(ctx context.Context, tx portal.Tx, id int64) (review.Counts, error) {
	c, err := db.reviewCounts(ctx, sqlTx(tx), id)
	return c, wrap("count the people of a review", err)
}

// SaveReview implements review.Store.
func (db *DB) SaveReview(ctx context.Context, tx portal.Tx, r review.Review) (review.Review, error) {
	var finishedBy, cancelledBy string
	var err error
	if !r.FinishedAt.IsZero() {
		finishedBy, err = encodePerson(r.FinishedBy)
	}
	if err == nil && !r.CancelledAt.IsZero() {
		cancelledBy, err = encodePerson(r.CancelledBy)
	}
	if err != nil {
		return review.Review{}, wrap("save review", err)
	}
	r.Version++
	_, err = sqlTx(tx).ExecContext(ctx, `UPDATE review SET version = $1, note = $2, listed_at = $3, opened_at = $4,
		finished_at = $5, finished_by = $6, seal = $7, cancelled_at = $8, cancelled_by = $9, cancel_reason = $10 WHERE id = $11`,
		r.Version, encodeWaiting(r.Waits), micros(r.ListedAt), micros(r.OpenedAt),
		micros(r.FinishedAt), finishedBy, r.Seal, micros(r.CancelledAt), cancelledBy, text(r.CancelReason), r.ID)
	return r, wrap("save review", err)
}

// LeftToDisable implements review.Store.
func (db *DB) LeftToDisable(ctx context.Context, companyID string) (review.LeftToDisable, error) {
	var left review.LeftToDisable
	var finishedAt int64
	err := db.read.QueryRowContext(ctx, `SELECT r.id, r.finished_at, count(p.n) FROM review r
		LEFT JOIN review_person p ON p.review_id = r.id AND p.checked = 1 AND p.decision = $2 AND p.status <> $3
			AND NOT EXISTS (SELECT 1 FROM user_status s WHERE s.company_id = r.company_id AND s.user_id = p.user_id AND s.status = $3)
		WHERE r.id = (SELECT id FROM review WHERE company_id = $1 AND finished_at <> 0 ORDER BY finished_at DESC, id DESC LIMIT 1)
		GROUP BY r.id, r.finished_at`,
		text(companyID), review.DisableAccess, leftOut).Scan(&left.ReviewID, &finishedAt, &left.People)
	if errors.Is(err, sql.ErrNoRows) {
		err = portal.ErrNotStored
	}
	left.FinishedAt = fromMicros(finishedAt)
	return left, wrap("count who is left to be disabled", err)
}

// personBody is how somebody who did something is kept in a review.
type personBody struct {
	Issuer  string     `json:"iss"`
	Subject string     `json:"sub"`
	Name    string     `json:"name,omitempty"`
	Email   string     `json:"email,omitempty"`
	Roles   auth.Roles `json:"roles,omitempty"`
}

// encodeWaiting writes why a review waits as a code and a time.
func encodeWaiting(w review.Waiting) string {
	if w.Code == "" {
		return ""
	}
	return string(w.Code) + " " + w.At.UTC().Format(time.RFC3339)
}

// decodeWaiting reads it again. Before there were codes it was a sentence, which the
// next try to prepare the review replaces: until then nothing is said.
func decodeWaiting(s string) review.Waiting {
	code, after, _ := strings.Cut(s, " ")
	at, err := time.Parse(time.RFC3339, after)
	if err != nil {
		return review.Waiting{}
	}
	return review.Waiting{Code: review.WaitCode(code), At: at}
}

func encodePerson(p auth.Person) (string, error) {
	body, err := json.Marshal(personBody(p))
	return string(body), err
}

func decodePerson(body string) (auth.Person, error) {
	if body == "" {
		return auth.Person{}, nil
	}
	var b personBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return auth.Person{}, fmt.Errorf("decode person: %w", err)
	}
	return auth.Person(b), nil
}

// decidedBody is how a decision is kept.
type decidedBody struct {
	Decision review.Decision `json:"decision"`
	By       personBody      `json:"by"`
	At       int64           `json:"at"`
}

func encodeDecisions(decisions []review.Decided) (string, error) {
	bodies := make([]decidedBody, len(decisions))
	for i, d := range decisions {
		bodies[i] = decidedBody{d.Decision, personBody(d.By), micros(d.At)}
	}
	body, err := json.Marshal(bodies)
	return string(body), err
}

func decodeDecisions(body string) ([]review.Decided, error) {
	if body == "" {
		return nil, nil
	}
	var bodies []decidedBody
	if err := json.Unmarshal([]byte(body), &bodies); err != nil {
		return nil, fmt.Errorf("decode decisions: %w", err)
	}
	decisions := make([]review.Decided, len(bodies))
	for i, b := range bodies {
		decisions[i] = review.Decided{Decision: b.Decision, By: auth.Person(b.By), At: fromMicros(b.At)}
	}
	return decisions, nil
}
