package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
)

// whom says whom an order is about: somebody whom Foyer looks after, somebody who
// works with it, or neither.
type whom struct {
	ids    []string
	emails []string // folded
	traces []string // the forms in which the e-mails stand in texts, folded
	actor  string   // an e-mail or subject, folded
}

// identify finds by which e-mails and ids Foyer knows the person: an event from
// before somebody was created has their e-mail alone.
func (db *DB) identify(ctx context.Context, tx *sql.Tx, o Order) (whom, error) {
	w := whom{actor: ledger.Fold(strings.TrimSpace(o.Actor))}
	person := strings.TrimSpace(o.Person)
	switch {
	case person == "":
		return w, nil
	case isID(person):
		w.ids = []string{person}
	default:
		w.emails = []string{ledger.Fold(person)}
		ids, err := db.paired(ctx, tx, idsOfEmails, w.emails)
		if err != nil {
			return whom{}, err
		}
		w.ids = ids
	}
	emails, err := db.paired(ctx, tx, emailsOfIDs, w.ids)
	if err != nil {
		return whom{}, err
	}
	for _, email := range emails {
		if !slices.Contains(w.emails, email) {
			w.emails = append(w.emails, email)
		}
	}
	for _, email := range w.emails {
		quoted, err := json.Marshal(email) // & and its like are escaped in it
		if err != nil {
			return whom{}, err
		}
		for _, form := range []string{email, strings.Trim(string(quoted), `"`), url.QueryEscape(email), url.PathEscape(email)} {
			if form = ledger.Fold(form); !slices.Contains(w.traces, form) {
				w.traces = append(w.traces, form)
			}
		}
	}
	return w, nil
}

// What stands beside each other in the ledger, among the people last read and in
// reviews.
const (
	idsOfEmails = `SELECT user_id FROM ledger_user WHERE user_id <> '' AND email <> '' AND email IN %s
		UNION SELECT id FROM company_user WHERE email_normal <> '' AND email_normal IN %s
		UNION SELECT user_id FROM review_person WHERE lower(email) IN %s`
	emailsOfIDs = `SELECT email FROM ledger_user WHERE email <> '' AND user_id <> '' AND user_id IN %s
		UNION SELECT email_normal FROM company_user WHERE email_normal <> '' AND id IN %s
		UNION SELECT lower(email) FROM review_person WHERE email <> '' AND user_id IN %s`
)

// paired gives what stands beside the given values, sorted.
func (db *DB) paired(ctx context.Context, tx *sql.Tx, statement string, values []string) ([]string, error) {
	if len(values) == 0 {
		return nil, nil
	}
	args, n := anys(values), len(values)
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(statement, db.placeholders(1, n), db.placeholders(1+n, n), db.placeholders(1+2*n, n)), slices.Concat(args, args, args)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		found[value] = true
	}
	return slices.Sorted(maps.Keys(found)), rows.Err()
}

// in says whether a text holds one of the e-mails.
func (w whom) in(text string) bool {
	if len(w.traces) == 0 {
		return false
	}
	text = ledger.Fold(text)
	return slices.ContainsFunc(w.traces, func(trace string) bool { return strings.Contains(text, trace) })
}

// did says whether it was the actor whom the order names.
func (w whom) did(a auth.Actor) bool {
	return w.actor != "" && !a.IsSystem() && (ledger.Fold(a.Email) == w.actor || ledger.Fold(a.Subject) == w.actor)
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
// asked for it.
func (w whom) about(c change.Change) (bool, error) {
	if len(w.traces)+len(w.ids) == 0 {
		return false, nil
	}
	c.Actor = auth.Actor{}
	body, err := encodeChange(c)
	return w.in(body) || slices.ContainsFunc(w.ids, func(id string) bool { return strings.Contains(body, id) }), err
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

func anys(values []string) []any {
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	return args
}
