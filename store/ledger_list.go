package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"foyer/audit"
)

// defaultLimit is how many events a page without a limit has.
const defaultLimit = 50

// Events implements portal.Store.
func (db *DB) Events(ctx context.Context, f audit.Filter, p audit.Page) ([]audit.Event, error) {
	q := query{dialect: db.dialect}
	if p.Before > 0 {
		q.where("e.seq < ?", p.Before)
	}
	if err := db.bound(ctx, &q, f); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	q.filter(f)
	limit := p.Limit
	if limit <= 0 {
		limit = defaultLimit
	}

	rows, err := db.read.QueryContext(ctx, q.sql(`SELECT e.body, e.salt, e.personal`, limit), q.args...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	defer rows.Close()
	var events []audit.Event
	for rows.Next() {
		var r audit.Record
		if err := rows.Scan(&r.Body, &r.Salt, &r.Personal); err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
		e, err := r.Event()
		if err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
		events = append(events, e)
	}
	return events, wrap("list events", rows.Err())
}

// bound turns the filter's times into bounds of the sequence numbers, which the
// list is ordered by. The latest time so far, high_at, never goes back, so it
// can be searched; an event's own time is behind it by the ledger's greatest lag
// at most. The exact times are compared as well.
func (db *DB) bound(ctx context.Context, q *query, f audit.Filter) error {
	if !f.From.IsZero() {
		from := ceilMicros(f.From)
		q.where("e.at >= ?", from)
		q.where("e.seq >= coalesce((SELECT min(seq) FROM (SELECT seq FROM ledger_event WHERE high_at >= ? ORDER BY high_at, seq LIMIT 1) AS first), 0)", from)
		q.where("(SELECT high_at FROM ledger_head) >= ?", from)
	}
	if !f.To.IsZero() {
		to := ceilMicros(f.To)
		h, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
		if err != nil {
			return err
		}
		q.where("e.at < ?", to)
		q.where("e.seq <= coalesce((SELECT max(seq) FROM (SELECT seq FROM ledger_event WHERE high_at < ? ORDER BY high_at DESC, seq DESC LIMIT 1) AS last), 0)", to+h.lag)
	}
	return nil
}

// ceilMicros is the first microsecond that is not before t: events have whole
// ones.
func ceilMicros(t time.Time) int64 {
	return t.Add(time.Microsecond - time.Nanosecond).UnixMicro()
}

// query collects the conditions of a list of events.
type query struct {
	dialect    Dialect
	conditions []string
	args       []any
	texts      []textMatch
	narrow     bool // a condition picks few events through its index
}

// textMatch asks for a part of one of the folded texts.
type textMatch struct {
	column string // of ledger_text; in ledger_event it ends in _text
	part   string
}

// where adds a condition whose question marks stand for the arguments.
func (q *query) where(condition string, args ...any) {
	for _, arg := range args {
		q.args = append(q.args, arg)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(q.args)), 1)
	}
	q.conditions = append(q.conditions, condition)
}

// filter adds the conditions of the filter, all but its times.
func (q *query) filter(f audit.Filter) {
	if f.Action != "" {
		q.where("e.action = ?", text(string(f.Action)))
	}
	if f.Outcome != "" {
		q.where("e.outcome = ?", text(string(f.Outcome)))
	}
	// The second half of each tells SQLite that it may use the partial index.
	q.exactly("e.company_id", f.CompanyID)
	q.exactly("e.change_id", f.Change)
	q.exactly("e.request", f.Request)
	q.exactly("e.trace", f.Trace)
	q.user(f.UserID, f.UserEmail)

	if isID(f.Company) {
		q.exactly("e.company_id", f.Company)
	} else {
		q.contains("company", f.Company)
	}
	if isID(f.User) {
		q.user(f.User, "")
	} else {
		q.contains("people", f.User)
	}
	q.contains("actor", f.Actor)
	q.contains("note", f.Text)
}

func (q *query) exactly(column, value string) {
	if value != "" {
		q.where(column+" = ? AND "+column+" <> ''", text(value))
		q.narrow = true
	}
}

// user asks for events about the person with that id or that e-mail.
func (q *query) user(id, email string) {
	const byID = `SELECT seq FROM ledger_user WHERE user_id = ? AND user_id <> ''`
	const byEmail = `SELECT seq FROM ledger_user WHERE email = ? AND email <> ''`
	id, email = text(id), audit.Fold(strings.TrimSpace(email))
	switch {
	case id != "" && email != "":
		q.where("e.seq IN ("+byID+" UNION "+byEmail+")", id, email)
	case id != "":
		q.where("e.seq IN ("+byID+")", id)
	case email != "":
		q.where("e.seq IN ("+byEmail+")", email)
	default:
		return
	}
	q.narrow = true
}

func (q *query) contains(column, part string) {
	if part = audit.Fold(strings.TrimSpace(part)); part != "" {
		q.texts = append(q.texts, textMatch{column, part})
	}
}

// sql gives the whole statement, newest first.
func (q *query) sql(selection string, limit int) string {
	from := " FROM ledger_event AS e"
	order := "e.seq"
	var phrases []string
	for _, t := range q.texts {
		// Three letters are the least that the trigram index of SQLite finds; and
		// where another index picks few events, comparing their texts is quicker.
		if q.dialect == SQLite && !q.narrow && utf8.RuneCountInString(t.part) >= 3 {
			phrases = append(phrases, t.column+` : "`+strings.ReplaceAll(t.part, `"`, `""`)+`"`)
			continue
		}
		if q.dialect == SQLite {
			q.where("instr(e."+t.column+"_text, ?) > 0", t.part)
		} else {
			q.where("e."+t.column+"_text LIKE ?", "%"+escapeLike(t.part)+"%")
		}
	}
	if len(phrases) > 0 {
		from = " FROM ledger_text AS t CROSS JOIN ledger_event AS e ON e.seq = t.rowid"
		order = "t.rowid"
		q.where("ledger_text MATCH ?", strings.Join(phrases, " AND "))
		for i, c := range q.conditions {
			// The bounds belong to the index that drives the list.
			q.conditions[i] = strings.Replace(c, "e.seq", "t.rowid", 1)
		}
	}
	statement := selection + from
	if len(q.conditions) > 0 {
		statement += " WHERE " + strings.Join(q.conditions, " AND ")
	}
	q.args = append(q.args, limit)
	return fmt.Sprintf("%s ORDER BY %s DESC LIMIT $%d", statement, order, len(q.args))
}

// escapeLike takes the meaning from what LIKE gives one.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// isID says whether what somebody looks for is an id and no part of a name.
func isID(s string) bool {
	return len(s) == 36 && uuid.Validate(s) == nil
}
