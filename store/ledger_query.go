package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"foyer/address"
	"foyer/ledger"
)

// query collects the conditions of a list of events.
type query struct {
	dialect     Dialect
	first, last int64 // the bounds of the sequence numbers
	conditions  []string
	args        []any
	order       string
	exact       []exact  // not among the conditions yet
	terms       []string // of the index of segments; none when no text is searched for
	few         bool     // some condition leaves few events, which an index has
}

// exact asks for one of the columns that can have very many events.
type exact struct {
	column string
	term   byte
	value  string
}

// empty says that no event can meet the conditions.
func (q *query) empty() bool { return q.first > q.last }

// searches says whether a text is searched for.
func (q *query) searches() bool { return len(q.terms) > 0 }

// filter adds the conditions of a filter.
func (q *query) filter(f ledger.Filter) {
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
		q.contains("people_text", termPeopleText, f.User)
	}

	q.exactly("company_id", termCompanyID, f.CompanyID)
	if isID(f.Company) {
		q.exactly("company_id", termCompanyID, f.Company)
	} else {
		q.contains("company_text", termCompanyText, f.Company)
	}
	q.exactly("action", termAction, string(f.Action))
	q.exactly("outcome", termOutcome, string(f.Outcome))
	q.contains("actor_text", termActorText, f.Actor)
	q.contains("note_text", termNoteText, f.Text)
}

// where adds a condition whose question marks stand for the arguments.
func (q *query) where(condition string, args ...any) {
	for _, arg := range args {
		q.args = append(q.args, arg)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(q.args)), 1)
	}
	q.conditions = append(q.conditions, condition)
}

// rarely asks for one of the columns of which a value has few events only. The
// second half of the condition tells SQLite that it may use the partial index;
// PostgreSQL knows.
func (q *query) rarely(column, value string) {
	if value != "" {
		q.where("e."+column+" = ? AND e."+column+" <> ''", text(value))
		q.few = true
	}
}

// user asks for events about the person with that id or that e-mail.
func (q *query) user(id, email string) {
	const byID = `SELECT seq FROM ledger_user WHERE user_id = ? AND user_id <> ''`
	var parts []string
	var args []any
	if id = text(id); id != "" {
		parts, args = append(parts, byID), append(args, id)
	}
	if spellings := spellings(email); len(spellings) > 0 {
		parts = append(parts, `SELECT seq FROM ledger_user WHERE email IN (?`+strings.Repeat(", ?", len(spellings)-1)+`) AND email <> ''`)
		args = append(args, anys(spellings)...)
	}
	if len(parts) == 0 {
		return
	}
	q.where("e.seq IN ("+strings.Join(parts, " UNION ")+")", args...)
	q.few = true
}

// spellings are the forms in which events have an e-mail: its key, in which Foyer
// records who was created, and as Symphony wrote it and the ledger folds it.
func spellings(email string) []string {
	var forms []string
	for _, form := range append(address.Spellings(email), ledger.Fold(strings.TrimSpace(email))) {
		if form != "" && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	return forms
}

// contains asks for a part of one of the folded texts.
func (q *query) contains(column string, term byte, part string) {
	part = ledger.Fold(strings.TrimSpace(part))
	if part == "" {
		return
	}
	position := "instr"
	if q.dialect == PostgreSQL {
		position = "strpos"
	}
	q.where(position+"(e."+column+", ?) > 0", part)
	for _, t := range searchTerms(term, part) {
		if !slices.Contains(q.terms, t) {
			q.terms = append(q.terms, t)
		}
	}
}

func (q *query) exactly(column string, term byte, value string) {
	if value != "" {
		q.exact = append(q.exact, exact{column, term, text(value)})
	}
}

// exactTerms are the terms for what is asked for exactly.
func (q *query) exactTerms() []string {
	var terms []string
	for _, x := range q.exact {
		if term := string(x.term) + x.value; !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return terms
}

// within gives the query for the events between two numbers, each of which is
// compared. The plus signs keep SQLite from using an index when a better one is at
// hand.
func (q query) within(first, last int64) query {
	q = q.compared()
	q.where("e.seq BETWEEN ? AND ?", first, last)
	return q
}

// among gives the query for some events, each of which is compared.
func (q query) among(db *DB, seqs []int64) query {
	q = q.compared()
	q.conditions = append(q.conditions, "e.seq IN "+db.placeholders(len(q.args)+1, len(seqs)))
	for _, seq := range seqs {
		q.args = append(q.args, seq)
	}
	return q
}

func (q query) compared() query {
	q.conditions, q.args, q.order = slices.Clip(q.conditions), slices.Clip(q.args), "e.seq DESC"
	plus := ""
	if q.dialect == SQLite {
		plus = "+"
	}
	for _, x := range q.exact {
		q.where(plus+"e."+x.column+" = ?", x.value)
	}
	return q
}

// ordered gives the query for the events between two numbers as the index of all
// the exact columns has them in order. PostgreSQL's has them by the number's
// negative: by the number itself it would rather walk through the whole ledger for
// values that are common, and not find the end of it when the last one was long
// ago. The second half of a condition tells SQLite that it may use the partial
// index.
func (q query) ordered(first, last int64) query {
	if len(q.exact) == 0 {
		return q.within(first, last)
	}
	q.conditions, q.args = slices.Clip(q.conditions), slices.Clip(q.args)
	for _, x := range q.exact {
		q.where("e."+x.column+" = ? AND e."+x.column+" <> ''", x.value)
	}
	if q.dialect == SQLite {
		q.where("e.seq BETWEEN ? AND ?", first, last)
		q.order = "e.seq DESC"
		return q
	}
	q.where("-e.seq BETWEEN ? AND ?", -last, -first)
	q.order = "-e.seq"
	return q
}

// selectRecords is the statement for the newest records, up to a limit.
func (q query) selectRecords(limit int) (statement string, args []any) {
	args = append(slices.Clip(q.args), limit)
	return fmt.Sprintf(`SELECT e.seq, e.body, e.salt, e.personal FROM ledger_event AS e WHERE %s ORDER BY %s LIMIT $%d`,
		strings.Join(q.conditions, " AND "), q.order, len(args)), args
}

// selectCount is the statement that counts them.
func (q query) selectCount() (statement string, args []any) {
	return `SELECT count(*) FROM ledger_event AS e WHERE ` + strings.Join(q.conditions, " AND "), q.args
}

// isID says whether what somebody looks for is an id and no part of a name.
func isID(s string) bool {
	return len(s) == 36 && uuid.Validate(s) == nil
}
