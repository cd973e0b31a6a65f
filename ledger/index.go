package ledger

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Index is what a ledger keeps beside an event to find it by. All of it follows
// from the event, so that Verify can tell when it was tampered with. The texts
// are folded as Fold does.
type Index struct {
	At        int64 // microseconds since 1970
	Action    Action
	Outcome   Outcome
	Change    string
	CompanyID string
	Request   string
	Trace     string

	Actor   string // name, e-mail and subject, one a line
	Company string // name
	People  string // e-mails and names of the users, one a line
	Text    string // reason, ticket and note, one a line

	Users []IndexUser
}

// IndexUser is one of the users of an event, by what they are found exactly.
type IndexUser struct {
	N         int    // their place among those of the event, from 0
	ID, Email string // the e-mail folded
}

// IndexOf derives the index of an event. Of an erased event only the ids and
// the company's name are left in it.
func IndexOf(e Event) Index {
	x := Index{
		At:        e.At.UnixMicro(),
		Action:    e.Action,
		Outcome:   e.Outcome,
		Change:    plain(e.Change),
		CompanyID: plain(e.Company.ID),
		Request:   plain(e.Actor.RequestID),
		Trace:     plain(e.Symphony.TraceID),
		Company:   Fold(e.Company.Name),
		Text:      lines(e.Reason, e.Ticket, e.Note),
	}
	if !e.Redacted {
		x.Actor = lines(e.Actor.Name, e.Actor.Email, e.Actor.Subject)
	}
	var people []string
	for n, u := range e.Users {
		x.Users = append(x.Users, IndexUser{N: n, ID: plain(u.ID), Email: Fold(strings.TrimSpace(u.Email))})
		people = append(people, u.Email, u.Name)
	}
	x.People = lines(people...)
	return x
}

// Fold gives the form in which texts are compared: composed, lower case, and
// without what PostgreSQL cannot keep.
func Fold(s string) string { return plain(strings.ToLower(norm.NFC.String(s))) }

// plain leaves out NUL and replaces what is not UTF-8: PostgreSQL keeps neither.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func lines(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(Fold(p))
	}
	return b.String()
}

// differs names a column of a ledger in which y is not x, or returns "".
func (x Index) differs(y Index) string {
	for _, column := range []struct {
		name string
		same bool
	}{
		{"at", x.At == y.At},
		{"action", x.Action == y.Action},
		{"outcome", x.Outcome == y.Outcome},
		{"change_id", x.Change == y.Change},
		{"company_id", x.CompanyID == y.CompanyID},
		{"request", x.Request == y.Request},
		{"trace", x.Trace == y.Trace},
		{"actor_text", x.Actor == y.Actor},
		{"company_text", x.Company == y.Company},
		{"people_text", x.People == y.People},
		{"note_text", x.Text == y.Text},
		{"n, user_id or email", slices.Equal(x.Users, y.Users)},
	} {
		if !column.same {
			return column.name
		}
	}
	return ""
}
