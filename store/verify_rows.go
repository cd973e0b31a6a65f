package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"foyer/ledger"
	"foyer/portal/change"
	"foyer/portal/review"
)

// What Foyer works with is held against the events that say it: whoever edits a row, for a
// page to say something else than was recorded, is found as well.

// sealCheck holds finished reviews against the events by which they were finished.
type sealCheck map[int64]seal // by the review's number

// seal is what an event says of a finished review.
type seal struct {
	seq    int64
	sha256 string
}

// watch notes the seals of the records that pass.
func (c sealCheck) watch(records iter.Seq2[ledger.Stored, error]) iter.Seq2[ledger.Stored, error] {
	return func(yield func(ledger.Stored, error) bool) {
		for r, err := range records {
			if err == nil && r.Index.Action == ledger.FinishReview {
				c.note(r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (c sealCheck) note(r ledger.Stored) {
	e, err := r.Event()
	if err != nil || e.Action != ledger.FinishReview || e.Outcome != ledger.Succeeded {
		return // told by the verification itself
	}
	var after struct {
		Review int64
		SHA256 string
	}
	if json.Unmarshal(e.After, &after) == nil { // erased otherwise
		c[after.Review] = seal{r.Seq, after.SHA256}
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

// changesAtOnce is how many changes are held against their events together.
const changesAtOnce = 200

// settledAs is how a settled change may stand by the outcome of its last event.
var settledAs = map[ledger.Outcome][]change.State{
	ledger.Succeeded:  {change.Done},
	ledger.Corrected:  {change.Done},
	ledger.Reconciled: {change.Done, change.Refused},
	ledger.Failed:     {change.Refused, change.Declined, change.Cancelled, change.Expired, change.Superseded},
	ledger.Unknown:    {change.Abandoned},
}

// settledChange is a change as far as its events say how it stands.
type settledChange struct {
	id    string
	kind  change.Kind
	state change.State
}

// fits says whether it stands as its last event says. Of people who were to be created
// each has an answer, also where all of them are refused.
func (c settledChange) fits(o ledger.Outcome) bool {
	return slices.Contains(settledAs[o], c.state) || o == ledger.Failed && c.state == change.Done && c.kind == change.CreateUsers
}

// compareChanges holds the settled changes against their last events, and adds what
// doesn't fit to a report.
func (db *DB) compareChanges(ctx context.Context, tx *sql.Tx, report *ledger.Report) error {
	for after := ""; ; {
		changes, err := settledChanges(ctx, tx, after)
		if err != nil || len(changes) == 0 {
			return err
		}
		last, err := db.lastEvents(ctx, tx, changes)
		if err != nil {
			return err
		}
		for _, c := range changes {
			e, found := last[c.id]
			fits := found && c.fits(e.Outcome)
			if fits && c.kind == change.CreateUsers {
				if fits, err = peopleFit(ctx, tx, c.id, e.Seq); err != nil {
					return err
				}
			}
			switch {
			case !found:
				report.Add(ledger.Differs, report.Size, report.Size, "change %s is settled, and no event says so", c.id)
			case !fits:
				report.Add(ledger.Differs, e.Seq, e.Seq, "change %s stands otherwise than it says", c.id)
			}
		}
		after = changes[len(changes)-1].id
	}
}

// settledChanges reads the next changes by their ids.
func settledChanges(ctx context.Context, tx *sql.Tx, after string) (changes []settledChange, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, kind, state FROM change WHERE settled = 1 AND id > $1 ORDER BY id LIMIT $2`, after, changesAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c settledChange
		if err := rows.Scan(&c.id, &c.kind, &c.state); err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, rows.Err()
}

// lastEvents reads the number and the outcome of the last event of each change: columns
// that the verification has compared with what was recorded.
func (db *DB) lastEvents(ctx context.Context, tx *sql.Tx, changes []settledChange) (map[string]ledger.Event, error) {
	var ids []string
	for _, c := range changes {
		ids = append(ids, c.id)
	}
	these, args := among(db, 1, ids)
	rows, err := tx.QueryContext(ctx, selectEventsOf(these), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := make(map[string]ledger.Event, len(ids))
	for rows.Next() {
		var id string
		var e ledger.Event
		if err := rows.Scan(&id, &e.Seq, &e.Outcome); err != nil {
			return nil, err
		}
		last[id] = e
	}
	return last, rows.Err()
}

func selectEventsOf(changes string) string {
	return `SELECT change_id, seq, outcome FROM ledger_event WHERE change_id <> '' AND change_id` + changes + ` ORDER BY seq`
}

// peopleFit says whether what became of the people of a change is what its last event says.
func peopleFit(ctx context.Context, tx *sql.Tx, id string, seq int64) (bool, error) {
	r, err := record(ctx, tx, seq)
	if err != nil {
		return false, err
	}
	e, err := r.Event()
	if err != nil {
		return true, nil // the verification itself tells what is wrong
	}
	rows, err := tx.QueryContext(ctx, `SELECT outcome, user_id FROM change_item WHERE change_id = $1 ORDER BY n`, id)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var people []ledger.User
	for rows.Next() {
		var u ledger.User
		if err := rows.Scan(&u.Result, &u.ID); err != nil {
			return false, err
		}
		people = append(people, u)
	}
	same := slices.EqualFunc(people, e.Users, func(a, b ledger.User) bool { return a.Result == b.Result && a.ID == b.ID })
	return same, rows.Err()
}
