package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"foyer/ledger"
)

// defaultLimit is how many events a page without a limit has.
const defaultLimit = 50

// Events implements activity.Store and change.Store.
func (db *DB) Events(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Event, error) {
	events, err := db.events(ctx, f, p)
	return events, wrap("list events", err)
}

func (db *DB) events(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Event, error) {
	records, err := db.list(ctx, f, p)
	if _, gaveUp := errors.AsType[*ledger.GaveUpError](err); err != nil && !gaveUp {
		return nil, err
	}
	var events []ledger.Event
	for _, r := range records {
		e, err := shown(r.Record)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, err
}

// shown reads an event for people to see. One whose personal part somebody altered in the
// database keeps nobody from the others: it is shown without that, and says so.
func shown(r ledger.Record) (ledger.Event, error) {
	e, err := r.Event()
	if errors.Is(err, ledger.ErrPersonal) {
		e.Altered, err = true, nil
	}
	return e, err
}

// numbered is a record under the number that it is kept under.
type numbered struct {
	seq int64
	ledger.Record
}

// list gives the records of a page.
func (db *DB) list(ctx context.Context, f ledger.Filter, p ledger.Page) ([]numbered, error) {
	q, err := db.listing(ctx, f, p.Before)
	if err != nil {
		return nil, err
	}
	if p.Limit <= 0 {
		p.Limit = defaultLimit
	}
	began := time.Now()
	var records []numbered
	for part, err := range db.parts(ctx, q, p.Limit) {
		if err != nil {
			return nil, err
		}
		if records, err = db.records(ctx, part, records, p.Limit-len(records)); err != nil {
			return nil, err
		}
		if len(records) == p.Limit {
			break
		}
		if p.Within > 0 && part.down > q.first && time.Since(began) > p.Within {
			return records, &ledger.GaveUpError{Down: part.down}
		}
	}
	return records, nil
}

// records appends the records that a query finds, the newest first, up to a limit.
func (db *DB) records(ctx context.Context, q query, records []numbered, limit int) ([]numbered, error) {
	if q.empty() {
		return records, nil
	}
	statement, args := q.selectRecords(limit)
	rows, err := db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r numbered
		if err := rows.Scan(&r.seq, &r.Body, &r.Salt, &r.Personal); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

// listing collects the conditions of a list below a sequence number, 0 for all.
func (db *DB) listing(ctx context.Context, f ledger.Filter, before int64) (query, error) {
	q := query{dialect: db.dialect}
	var err error
	if q.first, q.last, err = db.between(ctx, f.From, f.To); err != nil {
		return q, err
	}
	if before > 0 {
		q.last = min(q.last, before-1)
	}
	q.filter(f)
	return q, nil
}

// between turns times into bounds of the sequence numbers, which lists are
// ordered by. The latest time so far, high_at, never goes back, so it can be
// searched; an event's own time is behind it by the ledger's greatest lag at
// most. Where clocks went back the bounds are too wide, and the times of the
// events are compared as well.
func (db *DB) between(ctx context.Context, from, to time.Time) (first, last int64, err error) {
	first, last = 1, math.MaxInt64
	if from.IsZero() && to.IsZero() {
		return first, last, nil
	}
	h, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
	if err != nil {
		return 0, 0, err
	}
	last = h.tree.Size()
	if !from.IsZero() {
		first, err = db.seqWhere(ctx, last+1, `high_at >= $1 ORDER BY high_at, seq`, ceilMicros(from))
	}
	if !to.IsZero() && err == nil {
		last, err = db.seqWhere(ctx, 0, `high_at < $1 ORDER BY high_at DESC, seq DESC`, ceilMicros(to)+h.lag)
	}
	return first, last, err
}

// seqWhere gives the first number that a condition finds, or none.
func (db *DB) seqWhere(ctx context.Context, none int64, condition string, arg int64) (int64, error) {
	seq := none
	err := db.read.QueryRowContext(ctx, `SELECT seq FROM ledger_event WHERE `+condition+` LIMIT 1`, arg).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return seq, err
}

// ceilMicros is the first microsecond that is not before t: events have whole
// ones.
func ceilMicros(t time.Time) int64 {
	return t.Add(time.Microsecond - time.Nanosecond).UnixMicro()
}
