package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"foyer/ledger"
	"foyer/sapi"
)

// readingCheck holds what was read of people's statuses against the events that name a
// reading: those of statuses that somebody else changed. No other event names one.
type readingCheck struct {
	db      *DB
	tx      *sql.Tx
	found   *ledger.Report
	waiting []namedReading
}

// namedReading is a reading that an event names.
type namedReading struct {
	seq           int64
	company, user string
	active        int
	from, until   int64 // Symphony was asked in between
}

// event takes an event that may name readings.
func (c *readingCheck) event(ctx context.Context, e ledger.Event) error {
	if e.Action != ledger.StatusOutside || len(e.Users) != 1 {
		return nil
	}
	var before namedReading
	for _, value := range []json.RawMessage{e.Before, e.After} {
		r, ok := readingOf(value)
		if !ok {
			continue
		}
		if r.from == before.from { // of two at one instant the later one is kept
			c.waiting = c.waiting[:len(c.waiting)-1]
		}
		r.seq, r.company, r.user = e.Seq, text(e.Company.ID), text(e.Users[0].ID)
		c.waiting = append(c.waiting, r)
		before = r
	}
	if len(c.waiting) < changesAtOnce {
		return nil
	}
	return c.compare(ctx)
}

// readingOf is the reading that a value of an event names, if it does: where Foyer had
// changed the status itself there is none.
func readingOf(value json.RawMessage) (r namedReading, ok bool) {
	var v struct{ Status, ReadAt string }
	if len(value) == 0 || json.Unmarshal(value, &v) != nil {
		return namedReading{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, v.ReadAt)
	if err != nil {
		return namedReading{}, false
	}
	if v.Status == sapi.StatusActive.String() {
		r.active = 1
	}
	r.from, r.until = micros(at), micros(at)
	if at.Nanosecond() == 0 { // as versions wrote times that kept seconds
		r.until = micros(at.Add(time.Second)) - 1
	}
	return r, true
}

// compare looks for the readings that wait among those that are kept.
func (c *readingCheck) compare(ctx context.Context) error {
	waiting := c.waiting
	c.waiting = c.waiting[:0]
	if len(waiting) == 0 {
		return nil
	}
	var values []any
	for n, r := range waiting {
		values = append(values, n, r.company, r.user, r.active, r.from, r.until)
	}
	named, args, err := c.db.given(1, values, "n", "company_id", "user_id", "active", "at_from", "at_until")
	if err != nil {
		return err
	}
	lost, err := queryColumn[int](ctx, c.tx, `SELECT v.n FROM `+named+` WHERE NOT EXISTS
		(SELECT 1 FROM observation AS o WHERE o.company_id = v.company_id AND o.user_id = v.user_id
			AND o.active = v.active AND o.first_at <= v.at_until AND o.last_at >= v.at_from) ORDER BY v.n`, args...)
	if err != nil {
		return err
	}
	for _, n := range lost {
		c.found.Add(ledger.Differs, waiting[n].seq, waiting[n].seq, "the reading of a status that it names is gone, or says otherwise")
	}
	return nil
}
