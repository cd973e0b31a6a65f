package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"foyer/audit"
)

// defaultLimit is how many events a page without a limit has.
const defaultLimit = 50

// Events implements portal.Store.
func (db *DB) Events(ctx context.Context, f audit.Filter, p audit.Page) ([]audit.Event, error) {
	events, err := db.events(ctx, f, p)
	return events, wrap("list events", err)
}

func (db *DB) events(ctx context.Context, f audit.Filter, p audit.Page) ([]audit.Event, error) {
	records, err := db.list(ctx, f, p)
	if err != nil {
		return nil, err
	}
	var events []audit.Event
	for _, r := range records {
		e, err := r.Event()
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// numbered is a record under the number that it is kept under.
type numbered struct {
	seq int64
	audit.Record
}

// list gives the records of a page.
func (db *DB) list(ctx context.Context, f audit.Filter, p audit.Page) ([]numbered, error) {
	q, err := db.listing(ctx, f, p.Before)
	if err != nil || q == nil {
		return nil, err
	}
	if p.Limit <= 0 {
		p.Limit = defaultLimit
	}
	rows, err := db.read.QueryContext(ctx, q.sql("e.seq, e.body, e.salt, e.personal", p.Limit), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var records []numbered
	for rows.Next() {
		var r numbered
		if err := rows.Scan(&r.seq, &r.Body, &r.Salt, &r.Personal); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

// listing collects the conditions of a list below a sequence number, 0 for all;
// nil when no event can meet them.
func (db *DB) listing(ctx context.Context, f audit.Filter, before int64) (*query, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	first, last, err := db.between(ctx, f.From, f.To)
	if err != nil {
		return nil, err
	}
	last = min(last, before-1)
	if first > last {
		return nil, nil
	}
	q := &query{dialect: db.dialect}
	q.where("e.seq BETWEEN ? AND ?", first, last)
	q.filter(f)
	if !q.few && len(q.texts) > 0 && db.dialect == SQLite {
		q.few, err = db.few(ctx, q)
	}
	return q, err
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

// fewEvents is up to how many events the texts are compared one by one, in a
// millisecond or two.
const fewEvents = 1000

// few says whether the conditions collected so far leave few events.
func (db *DB) few(ctx context.Context, q *query) (bool, error) {
	if !q.indexed {
		return false, nil
	}
	var n int
	err := db.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM ledger_event AS e WHERE `+
		strings.Join(q.conditions, " AND ")+fmt.Sprintf(` LIMIT %d)`, fewEvents+1), q.args...).Scan(&n)
	return n <= fewEvents, err
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
	indexed    bool // an index has the events of some condition in order
	few        bool // some condition leaves few events
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

// filter adds the conditions of the filter.
func (q *query) filter(f audit.Filter) {
	if !f.From.IsZero() {
		q.where("e.at >= ?", ceilMicros(f.From))
	}
	if !f.To.IsZero() {
		q.where("e.at < ?", ceilMicros(f.To))
	}

	q.rarely("change_id", f.Change)
	q.rarely("request", f.Request)
	q.rarely("trace", f.Trace)
	q.user(f.UserID, f.UserEmail)
	if isID(f.User) {
		q.user(f.User, "")
	} else {
		q.contains("people", f.User)
	}

	q.exactly("company_id", f.CompanyID)
	if isID(f.Company) {
		q.exactly("company_id", f.Company)
	} else {
		q.contains("company", f.Company)
	}
	q.exactly("action", string(f.Action))
	q.exactly("outcome", string(f.Outcome))
	q.contains("actor", f.Actor)
	q.contains("note", f.Text)
}

// rarely asks for one of the columns of which a value has few events only.
func (q *query) rarely(column, value string) {
	if value != "" {
		q.where("e."+column+" = ? AND e."+column+" <> ''", text(value))
		q.few = true
	}
}

// exactly asks for one of the columns that can have very many events. The second
// half of the condition tells SQLite that it may use the partial index; the plus
// sign that it must not, since a better one is at hand. PostgreSQL knows both.
func (q *query) exactly(column, value string) {
	if value == "" {
		return
	}
	plus := ""
	if q.dialect == SQLite && q.few {
		plus = "+"
	}
	q.where(plus+"e."+column+" = ? AND "+plus+"e."+column+" <> ''", text(value))
	q.indexed = true
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
	q.few = true
}

func (q *query) contains(column, part string) {
	if part = audit.Fold(strings.TrimSpace(part)); part != "" {
		q.texts = append(q.texts, textMatch{column, part})
	}
}

// sql gives the whole statement, newest first.
func (q *query) sql(columns string, limit int) string {
	from, order := "ledger_event AS e", "e.seq"
	var match []string
	for _, t := range q.texts {
		if q.dialect == PostgreSQL {
			q.where("e."+t.column+"_text LIKE ?", "%"+escapeLike(t.part)+"%")
			continue
		}
		q.where("instr(e."+t.column+"_text, ?) > 0", t.part)
		if groups := trigrams(t.part); !q.few && len(groups) > 0 {
			match = append(match, t.column+" : ("+strings.Join(groups, " AND ")+")")
		}
	}
	if len(match) > 0 {
		// The cross join makes SQLite go through the matches, newest first.
		from, order = "ledger_text AS t CROSS JOIN ledger_event AS e ON e.seq = t.rowid", "t.rowid"
		q.conditions[0] = strings.Replace(q.conditions[0], "e.seq", "t.rowid", 1)
		q.where("t.ledger_text MATCH ?", strings.Join(match, " AND "))
	}
	q.args = append(q.args, limit)
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s DESC LIMIT $%d",
		columns, from, strings.Join(q.conditions, " AND "), order, len(q.args))
}

// maxTrigrams is how many groups of three letters are looked for at most: each
// costs time of its own, and the text itself is compared anyway.
const maxTrigrams = 8

// trigrams gives groups of three letters of a text, spread evenly over it, each
// as a string of FTS5; none for a text that is shorter.
func trigrams(s string) []string {
	letters := []rune(s)
	total := max(0, len(letters)-2)
	groups := make([]string, min(total, maxTrigrams))
	for i := range groups {
		at := i * total / len(groups)
		groups[i] = `"` + strings.ReplaceAll(string(letters[at:at+3]), `"`, `""`) + `"`
	}
	return groups
}

// escapeLike takes the meaning from what LIKE gives one.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// isID says whether what somebody looks for is an id and no part of a name.
func isID(s string) bool {
	return len(s) == 36 && uuid.Validate(s) == nil
}
