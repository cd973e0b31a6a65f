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
	down        int64 // of a part: with it, events from this number on have been looked through
	conditions  []string
	args        []any
	terms       []string // of the index of segments
	compared    bool     // which events a condition leaves out only comparing them tells
	few         bool     // some condition leaves few events, which an index of its own has
}

// empty says that no event can meet the conditions.
func (q *query) empty() bool { return q.first > q.last }

// searches says whether the index of segments knows something of what is asked for.
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
	if f.NoCalls {
		q.where("(e.change_id = '' OR substr(e.request, 1, ?) <> ?)", len(ledger.BulkRequests), ledger.BulkRequests)
		q.compared = true
	}
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
		q.term(t)
	}
}

// exactly asks for one of the columns that can have very many events.
func (q *query) exactly(column string, term byte, value string) {
	if value = text(value); value != "" {
		q.where("e."+column+" = ?", value)
		q.term(string(term) + value)
	}
}

// term has the index of segments looked up for a term.
func (q *query) term(term string) {
	if !slices.Contains(q.terms, term) {
		q.terms = append(q.terms, term)
	}
}

// within gives the query for the events between two numbers, each of which is
// compared.
func (q query) within(first, last int64) query {
	q.conditions, q.args = slices.Clip(q.conditions), slices.Clip(q.args)
	q.where("e.seq BETWEEN ? AND ?", first, last)
	q.down = first
	return q
}

// nowhere gives the query for none, where none from a number on can meet the conditions.
func (q query) nowhere(down int64) query {
	q.first, q.last, q.down = 1, 0, down
	return q
}

// among gives the query for some events, each of which is compared.
func (q query) among(db *DB, seqs []int64) query {
	q.conditions, q.args = slices.Clip(q.conditions), slices.Clip(q.args)
	q.conditions = append(q.conditions, "e.seq IN "+db.placeholders(len(q.args)+1, len(seqs)))
	for _, seq := range seqs {
		q.args = append(q.args, seq)
	}
	q.down = seqs[len(seqs)-1]
	return q
}

// selectRecords is the statement for the newest records, up to a limit.
func (q query) selectRecords(limit int) (statement string, args []any) {
	args = append(slices.Clip(q.args), limit)
	return fmt.Sprintf(`SELECT e.seq, e.body, e.salt, e.personal FROM ledger_event AS e WHERE %s ORDER BY e.seq DESC LIMIT $%d`,
		strings.Join(q.conditions, " AND "), len(args)), args
}

// selectCount is the statement that counts them.
func (q query) selectCount() (statement string, args []any) {
	return `SELECT count(*) FROM ledger_event AS e WHERE ` + strings.Join(q.conditions, " AND "), q.args
}

// isID says whether what somebody looks for is an id and no part of a name.
func isID(s string) bool {
	return len(s) == 36 && uuid.Validate(s) == nil
}
