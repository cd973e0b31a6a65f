package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
)

// whom says whom an order is about: somebody whom Foyer looks after, somebody who
// works with it, or neither.
type whom struct {
	ids    []string
	keys   []string // of their e-mails: address.Key
	emails []string // all spellings that the database has of them
	traces []string // the forms in which the e-mails stand in texts: address.Spellings
	actor  string   // the key of an e-mail or subject
	known  []string // of the person and of the actor, folded: those that have a blank in them
}

// called adds a name, unless it is one word, which many texts have.
func (w *whom) called(name string) {
	if name = address.Fold(name); strings.Contains(name, " ") && name != address.Fold(erasedName) && !slices.Contains(w.known, name) {
		w.known = append(w.known, name)
	}
}

// calls says whether a text has one of the names. It may be another's.
func (w whom) calls(text string) bool { return text != "" && holds(text, w.known) }

// learnNames finds how the person and the actor are called: by what was last read, by
// reviews that aren't finished, and by the events that are about them or that they did.
func (db *DB) learnNames(ctx context.Context, tx *sql.Tx, w *whom) error {
	known, err := db.inDirectory(ctx, *w)
	if err != nil {
		return err
	}
	for _, u := range known {
		w.called(u.DisplayName)
		w.called(u.FirstName + " " + u.LastName)
	}
	if condition, args := db.whose("user_id", "email", *w); condition != "" {
		names, err := queryColumn[string](ctx, tx, `SELECT name FROM review_person WHERE `+condition, args...)
		if err != nil {
			return err
		}
		for _, name := range names {
			w.called(name)
		}
	}
	return db.eachEvent(ctx, tx, nil, *w, func(_ int64, kept ledger.Record) error {
		e, err := kept.Event()
		if err != nil {
			return nil //nolint:nilerr // what can't be read names nobody here; the next look at it says so
		}
		if w.did(e.Actor) {
			w.called(e.Actor.Name)
		}
		for _, u := range e.Users {
			if slices.Contains(w.ids, u.ID) || slices.Contains(w.keys, address.Key(u.Email)) {
				w.called(u.Name)
			}
		}
		return nil
	})
}

// identify finds by which e-mails and ids Foyer knows the person: an event from
// before somebody was created has their e-mail alone.
func (db *DB) identify(ctx context.Context, tx *sql.Tx, o Order) (w whom, err error) {
	w.actor = address.Key(o.Actor)
	person := strings.TrimSpace(o.Person)
	switch {
	case person == "":
		return w, nil
	case isID(person):
		w.ids = []string{person}
	default:
		w.keys = []string{address.Key(person)}
		if w.emails, err = db.spelled(ctx, tx, w.keys); err != nil {
			return whom{}, err
		}
		if w.ids, err = db.beside(ctx, tx, idsOfEmails, w.emails); err != nil {
			return whom{}, err
		}
	}
	known, err := db.inDirectory(ctx, w)
	if err != nil {
		return whom{}, err
	}
	for _, u := range known {
		w.ids = append(w.ids, u.ID)
	}
	slices.Sort(w.ids)
	w.ids = slices.Compact(w.ids)
	emails, err := db.beside(ctx, tx, emailsOfIDs, w.ids)
	if err != nil {
		return whom{}, err
	}
	if known, err = db.inDirectory(ctx, w); err != nil {
		return whom{}, err
	}
	for _, u := range known {
		emails = append(emails, u.Email)
	}
	for _, email := range emails {
		if key := address.Key(email); email != "" && !slices.Contains(w.keys, key) {
			w.keys = append(w.keys, key)
		}
	}
	if w.emails, err = db.spelled(ctx, tx, w.keys); err != nil {
		return whom{}, err
	}
	for _, key := range w.keys {
		w.traces = append(w.traces, address.Spellings(key)...)
	}
	return w, nil
}

// spelled gives every spelling of some e-mails that the database has: as Symphony
// wrote them, and as earlier versions of Foyer folded them, which no database could
// compare in the one form. So all are read, one after the other.
func (db *DB) spelled(ctx context.Context, tx *sql.Tx, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	found := map[string]bool{}
	err := eachSpelling(ctx, tx, `SELECT email FROM ledger_user WHERE email <> ''
		UNION ALL SELECT email FROM change_item WHERE email <> ''
		UNION ALL SELECT email FROM review_person WHERE email <> ''`, keys, found)
	if err != nil {
		return nil, err
	}
	known, err := db.inDirectory(ctx, whom{keys: keys})
	for _, u := range known {
		found[u.Email] = true
	}
	return slices.Sorted(maps.Keys(found)), err
}

func eachSpelling(ctx context.Context, q queryer, statement string, keys []string, found map[string]bool) error {
	rows, err := q.QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var email string
		if err := rows.Scan(&email); err != nil {
			return err
		}
		if slices.Contains(keys, address.Key(email)) {
			found[email] = true
		}
	}
	return rows.Err()
}

// What stands beside each other in the ledger, among the people of changes and in
// reviews.
const (
	idsOfEmails = `SELECT user_id FROM ledger_user WHERE user_id <> '' AND email <> '' AND email IN %s
		UNION SELECT user_id FROM change_item WHERE user_id <> '' AND email <> '' AND email IN %s
		UNION SELECT user_id FROM review_person WHERE email IN %s`
	emailsOfIDs = `SELECT email FROM ledger_user WHERE email <> '' AND user_id <> '' AND user_id IN %s
		UNION SELECT email FROM change_item WHERE email <> '' AND user_id <> '' AND user_id IN %s
		UNION SELECT email FROM review_person WHERE email <> '' AND user_id IN %s`
)

// beside gives what stands beside the given values.
func (db *DB) beside(ctx context.Context, q queryer, statement string, values []string) ([]string, error) {
	if len(values) == 0 {
		return nil, nil
	}
	var lists, args []any
	for range strings.Count(statement, "%s") {
		lists = append(lists, db.placeholders(len(args)+1, len(values)))
		args = append(args, anys(values)...)
	}
	return queryColumn[string](ctx, q, fmt.Sprintf(statement, lists...), args...)
}

// in says whether a text holds one of the e-mails.
func (w whom) in(text string) bool { return holds(text, w.traces) }

// mentions says whether a text holds an e-mail of the person's, or the actor's e-mail or
// subject.
func (w whom) mentions(text string) bool {
	return w.in(text) || w.actor != "" && holds(text, address.Spellings(w.actor))
}

// holds says whether a text holds one of some folded texts, in whatever letters and
// also where JSON or an address of a page has characters escaped.
func holds(text string, traces []string) bool {
	if len(traces) == 0 {
		return false
	}
	forms := []string{address.Fold(text)}
	if plain := unescape(text); plain != text {
		forms = append(forms, address.Fold(plain))
	}
	return slices.ContainsFunc(traces, func(trace string) bool {
		return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(form, trace) })
	})
}

var (
	percents = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	escapes  = regexp.MustCompile(`(?:\\u[0-9A-Fa-f]{4}|\\["\\/])+`)
)

// unescape gives a text with the characters that JSON and addresses of pages escape,
// as JSON may have such an address in it.
func unescape(text string) string {
	text = escapes.ReplaceAllStringFunc(text, func(escaped string) string {
		var plain string
		if json.Unmarshal([]byte(`"`+escaped+`"`), &plain) != nil {
			return escaped
		}
		return plain
	})
	return percents.ReplaceAllStringFunc(text, func(escaped string) string {
		plain, err := url.PathUnescape(escaped)
		if err != nil {
			return escaped
		}
		return plain
	})
}

// did says whether it was the actor whom the order names.
func (w whom) did(a auth.Actor) bool {
	return w.actor != "" && !a.IsSystem() && (address.Key(a.Email) == w.actor || address.Key(a.Subject) == w.actor)
}

// named says whether an event holds one of the e-mails elsewhere than in who did it:
// in a reason, a filter or a value, for example.
func (w whom) named(e ledger.Event) bool {
	parts := []string{string(e.Before), string(e.After), e.Reason, e.Ticket, e.Note}
	for _, u := range e.Users {
		parts = append(parts, u.Email, u.Name, u.Note)
	}
	return slices.ContainsFunc(parts, w.in)
}

// about says whether a change has the person's e-mail or id elsewhere than in who
// asked for it and in its people, who have rows of their own.
func (w whom) about(c change.Change) (bool, error) {
	if len(w.traces)+len(w.ids) == 0 {
		return false, nil
	}
	c.Actor = auth.Actor{}
	body, err := encodeChange(c)
	return w.names(body), err
}

// isRow says whether a row of a change's people is the person, or names them in what
// Symphony said of somebody else.
func (w whom) isRow(r change.Row) (bool, error) {
	if slices.Contains(w.keys, address.Key(r.Email)) {
		return true, nil
	}
	text, err := json.Marshal(r)
	return w.names(string(text)), err
}

// names says whether a text in JSON holds one of the person's e-mails or ids.
func (w whom) names(text string) bool {
	return w.in(text) || slices.ContainsFunc(w.ids, func(id string) bool { return strings.Contains(text, id) })
}

// whose is the condition for the rows of the person; empty when the order is about
// nobody.
func (db *DB) whose(id, email string, w whom) (condition string, args []any) {
	var either []string
	for _, by := range []struct {
		column string
		values []string
	}{{id, w.ids}, {email, w.emails}} {
		if len(by.values) > 0 {
			either = append(either, by.column+" IN "+db.placeholders(len(args)+1, len(by.values)))
			args = append(args, anys(by.values)...)
		}
	}
	if len(either) == 0 {
		return "", nil
	}
	return "(" + strings.Join(either, " OR ") + ")", args
}

func anys[T any](values []T) []any {
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	return args
}
