package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"foyer/ledger"
	"foyer/portal/review"
)

// What Foyer works with is held against the events that say it: whoever edits a row, for a
// page to say something else than was recorded, is found as well.

// rowCheck holds it against the events as they are read.
type rowCheck struct {
	seals    sealCheck
	changes  changeCheck
	readings readingCheck
	found    ledger.Report
}

func newRowCheck(db *DB, tx *sql.Tx) *rowCheck {
	c := &rowCheck{seals: sealCheck{}}
	c.changes = changeCheck{db: db, tx: tx, found: &c.found}
	c.readings = readingCheck{db: db, tx: tx, found: &c.found}
	return c
}

// event takes the next event.
func (c *rowCheck) event(ctx context.Context, e ledger.Event) error {
	c.seals.event(e)
	if err := c.changes.event(ctx, e); err != nil {
		return err
	}
	return c.readings.event(ctx, e)
}

// end compares what is left to be compared, and adds what was found to a report, unless
// events themselves are not what was recorded: what doesn't fit those says nothing more.
func (c *rowCheck) end(ctx context.Context, tx *sql.Tx, report *ledger.Report) error {
	if slices.ContainsFunc(report.Problems, func(p ledger.Problem) bool { return slices.Contains(ofEvents, p.Kind) }) {
		return nil
	}
	if err := c.changes.end(ctx, report.Size); err != nil {
		return err
	}
	if err := c.readings.compare(ctx); err != nil {
		return err
	}
	if err := c.seals.compare(ctx, tx, &c.found); err != nil {
		return err
	}
	merge(report, c.found)
	return nil
}

// ofEvents are the kinds of problem by which events are missing, or not those that were
// recorded.
var ofEvents = []ledger.ProblemKind{ledger.Missing, ledger.Misplaced, ledger.Altered, ledger.Forged, ledger.Rewritten}

// merge adds to a report what is wrong by another one.
func merge(report *ledger.Report, found ledger.Report) {
	for _, p := range found.Problems {
		report.Add(p.Kind, p.Seq, p.Until, "%s", p.Detail)
	}
	report.Found += found.Found - int64(len(found.Problems)) // of these it has the numbers alone
}

// sealCheck holds finished reviews against the events by which they were finished.
type sealCheck map[int64]seal // by the review's number

// seal is what an event says of a finished review.
type seal struct {
	seq    int64
	sha256 string
}

// event notes the seal of an event that finished a review.
func (c sealCheck) event(e ledger.Event) {
	if e.Action != ledger.FinishReview || e.Outcome != ledger.Succeeded {
		return
	}
	var after struct {
		Review int64
		SHA256 string
	}
	if json.Unmarshal(e.After, &after) == nil { // erased otherwise
		c[after.Review] = seal{e.Seq, after.SHA256}
	}
}

// compare adds what doesn't fit to a report.
func (c sealCheck) compare(ctx context.Context, tx *sql.Tx, report *ledger.Report) error {
	for _, id := range slices.Sorted(maps.Keys(c)) {
		said := c[id]
		r, err := scanReview(tx.QueryRowContext(ctx, selectReview+` WHERE id = $1`, id))
		if err != nil {
			report.Add(ledger.Differs, said.seq, said.seq, "review %d, which it finished, can't be read", id)
			continue
		}
		people, err := reviewPeople(ctx, tx, id, review.ShowAll, 0, 0)
		if err != nil {
			return err
		}
		gives, err := review.GivesSeal(r, func(yield func(review.Person, error) bool) {
			for _, p := range people {
				if !yield(p, nil) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		if r.Seal != said.sha256 || !gives {
			report.Add(ledger.Differs, said.seq, said.seq, "review %d is not as it was when it finished it", id)
		}
	}
	return nil
}
