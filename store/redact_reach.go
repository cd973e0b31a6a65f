package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
)

// Reach is what an order to erase reaches in Foyer's database.
type Reach struct {
	Emails, IDs []string // of the person, as Foyer knows them: the keys of the e-mails
	Events      []int64  // whose personal part is erased, ascending
	Others      int      // how many people these events name besides the person
	Changes     []string // the settled changes that are erased
	Unsettled   []string // the changes on which it has to wait
	People      int      // rows of the person as last read, in every company that has them
	Sessions    int      // of the person, or of who did it
	Filters     int      // saved ones that look for the person, or are theirs or of who did it
	Notes       int      // on the person, and those on others and on companies that name them
	Bulks       []int64  // the bulk changes in which rows are emptied, or who did something
	Open        []int64  // the reviews in which the person's row is emptied, or who did something in them
	Sealed      []int64  // the finished reviews that have the person, or whoever did something in them, and stay as they are
	Seals       []int64  // the events that finished reviews, and stay unless they are named: each has the hash of the review's file
	Done        int      // events that the person did, and that stay
	Named       []int64  // events in whose texts somebody is called the same, and that stay: it may be another
	DoneIn      []int64  // the reviews that the person started, cancelled or decided in, and that go on saying so

	forms bool // forms and messages that wait for somebody are dropped
	who   whom
}

// Nothing says whether there is nothing to erase.
func (r Reach) Nothing() bool {
	return len(r.Events)+len(r.Changes)+len(r.Unsettled)+r.People+r.Sessions+r.Filters+r.Notes+len(r.Bulks)+len(r.Open) == 0
}

// besides counts, for the record of the redaction, what is erased besides events.
func (r Reach) besides() json.RawMessage {
	var pairs []any
	for _, part := range []struct {
		name string
		n    int
	}{{"changes", len(r.Changes)}, {"people", r.People}, {"sessions", r.Sessions}, {"filters", r.Filters}, {"notes", r.Notes}, {"bulkChanges", len(r.Bulks)}, {"reviews", len(r.Open)}} {
		if part.n > 0 {
			pairs = append(pairs, part.name, part.n)
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	return portal.Values(pairs...)
}

func (r Reach) mentions(texts ...string) bool {
	return slices.ContainsFunc(texts, r.who.mentions)
}

// Reach says what an order would erase. It erases nothing.
func (db *DB) Reach(ctx context.Context, o Order) (Reach, error) {
	var reached Reach
	err := db.snapshot(ctx, func(tx *sql.Tx) (err error) {
		reached, err = db.reach(ctx, tx, o)
		return err
	})
	return reached, wrap("look for what is to be erased", err)
}

func (db *DB) reach(ctx context.Context, tx *sql.Tx, o Order) (Reach, error) {
	who, err := db.identify(ctx, tx, o)
	if err != nil {
		return Reach{}, err
	}
	if err := db.learnNames(ctx, tx, &who); err != nil {
		return Reach{}, err
	}
	r := Reach{Emails: who.keys, IDs: who.ids, forms: o.Person != "" || o.Actor != "", who: who}
	changes, err := db.reachEvents(ctx, tx, o.Events, &r)
	if err != nil {
		return Reach{}, err
	}
	if err := reachChanges(ctx, tx, changes, &r); err != nil {
		return Reach{}, err
	}
	return r, db.reachRows(ctx, tx, &r)
}

// reachEvents adds the events: those that are named by number, those that the index
// has for the person, those that name them otherwise, and those that the actor did. It
// returns the changes that they belong to, which may be there although the event was
// erased before.
func (db *DB) reachEvents(ctx context.Context, tx *sql.Tx, seqs []int64, r *Reach) (changes map[string]bool, err error) {
	chosen := map[int64]bool{}
	for _, seq := range seqs {
		if _, err := record(ctx, tx, seq); err != nil {
			return nil, fmt.Errorf("event %d: %w", seq, err)
		}
		chosen[seq] = true
	}
	for _, by := range []struct {
		column string
		values []string
	}{{"user_id", r.who.ids}, {"email", r.who.emails}} {
		if err := db.about(ctx, tx, by.column, by.values, chosen); err != nil {
			return nil, err
		}
	}
	changes = map[string]bool{}
	others := map[string]bool{}
	err = db.eachEvent(ctx, tx, seqs, r.who, func(seq int64, kept ledger.Record) error {
		e, err := kept.Event()
		if err != nil && e.Seq == 0 {
			return fmt.Errorf("event %d: %w", seq, err)
		}
		switch {
		case chosen[seq]:
		case !r.who.did(e.Actor) && !r.who.named(e):
			if r.who.in(e.Actor.Email) {
				r.Done++
			}
			if slices.ContainsFunc([]string{e.Reason, e.Ticket, e.Note, string(e.Before), string(e.After)}, r.who.calls) {
				r.Named = append(r.Named, seq)
			}
			return nil
		case e.Action == ledger.FinishReview:
			if !kept.Erased() {
				r.Seals = append(r.Seals, seq)
			}
			return nil
		}
		if e.Change != "" {
			changes[e.Change] = true
		}
		if !kept.Erased() {
			r.Events = append(r.Events, seq)
			for _, u := range e.Users {
				if !slices.Contains(r.who.ids, u.ID) && !r.who.in(u.Email) {
					others[cmp.Or(address.Key(u.Email), u.ID)] = true
				}
			}
		}
		return nil
	})
	r.Others = len(others)
	return changes, err
}

// about adds the events of which the index says that they are about somebody.
func (db *DB) about(ctx context.Context, tx *sql.Tx, column string, values []string, chosen map[int64]bool) error {
	if len(values) == 0 {
		return nil
	}
	statement := `SELECT DISTINCT seq FROM ledger_user WHERE ` + column + ` <> '' AND ` + column + ` IN `
	rows, err := tx.QueryContext(ctx, statement+db.placeholders(1, len(values)), anys(values)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return err
		}
		chosen[seq] = true
	}
	return rows.Err()
}

// eachEvent reads the events in their order: all of them when the order is about
// somebody, else those that it names.
func (db *DB) eachEvent(ctx context.Context, tx *sql.Tx, seqs []int64, w whom, do func(int64, ledger.Record) error) error {
	const statement, order = `SELECT seq, body, salt, personal FROM ledger_event`, ` ORDER BY seq`
	where, args := ``, []any{}
	if len(w.ids)+len(w.keys) == 0 && w.actor == "" {
		if len(seqs) == 0 {
			return nil
		}
		for _, seq := range seqs {
			args = append(args, seq)
		}
		where = ` WHERE seq IN ` + db.placeholders(1, len(args))
	}
	rows, err := tx.QueryContext(ctx, statement+where+order, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var r ledger.Record
		if err := rows.Scan(&seq, &r.Body, &r.Salt, &r.Personal); err != nil {
			return err
		}
		if err := do(seq, r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// reachChanges adds the changes of the events, and those that name the person or were
// asked for by the actor whatever the ledger still says of them.
func reachChanges(ctx context.Context, tx *sql.Tx, ofEvents map[string]bool, r *Reach) error {
	ofPeople, err := changesWith(ctx, tx, r.who)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, selectChange+` ORDER BY created_at, id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanChange(rows)
		if err != nil {
			return err
		}
		about, err := r.who.about(c)
		switch {
		case err != nil:
			return err
		case c.Erased || !about && !ofPeople[c.ID] && !ofEvents[c.ID] && !r.who.did(c.Actor):
		case c.State.Settled():
			r.Changes = append(r.Changes, c.ID)
		default:
			r.Unsettled = append(r.Unsettled, c.ID)
		}
	}
	return rows.Err()
}

// changesWith gives the changes that have the person among the people whom they are
// about, or whom Symphony's answer had besides. It reads row after row, and keeps no
// more than what it gives.
func changesWith(ctx context.Context, tx *sql.Tx, w whom) (map[string]bool, error) {
	if len(w.keys)+len(w.ids) == 0 {
		return nil, nil
	}
	with := map[string]bool{}
	err := eachItem(ctx, tx, selectItems, nil, func(id string, _ bool, r change.Row) error {
		is, err := w.isRow(r)
		if is {
			with[id] = true
		}
		return err
	})
	return with, err
}

// reachRows adds what was last read of the person, their sessions and the reviews
// that they are in.
func (db *DB) reachRows(ctx context.Context, tx *sql.Tx, r *Reach) error {
	known, err := db.inDirectory(ctx, r.who)
	if err != nil {
		return err
	}
	r.People = len(known)
	hashes, err := sessionsOf(ctx, tx, r.who)
	if err != nil {
		return err
	}
	r.Sessions = len(hashes)
	filters, err := filtersOf(ctx, tx, r.who)
	if err != nil {
		return err
	}
	r.Filters = len(filters)
	notes, err := notesOf(ctx, tx, r.who)
	if err != nil {
		return err
	}
	companies, err := erasedNotes(ctx, tx, r.who)
	if err != nil {
		return err
	}
	r.Notes = len(notes) + len(companies)
	if err := db.reachBulks(ctx, tx, r); err != nil {
		return err
	}
	return db.reachReviews(ctx, tx, r)
}

// sessionsOf finds the sessions of the person, should they work with Foyer too, and
// of the actor.
func sessionsOf(ctx context.Context, tx *sql.Tx, w whom) (hashes [][]byte, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT hash, subject, email FROM session`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		var a auth.Actor
		if err := rows.Scan(&hash, &a.Subject, &a.Email); err != nil {
			return nil, err
		}
		if w.did(a) || w.in(a.Email) {
			hashes = append(hashes, hash)
		}
	}
	return hashes, rows.Err()
}
