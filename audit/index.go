package audit

import (
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
	ID, Email string // the e-mail folded
}

// IndexOf derives the index of an event. Of an erased event only what the body
// holds is left in it.
func IndexOf(e Event) Index {
	x := Index{
		At:        e.At.UnixMicro(),
		Action:    e.Action,
		Outcome:   e.Outcome,
		Change:    e.Change,
		CompanyID: e.Company.ID,
		Request:   e.Actor.RequestID,
		Trace:     e.Symphony.TraceID,
		Actor:     lines(e.Actor.Name, e.Actor.Email, e.Actor.Subject),
		Company:   Fold(e.Company.Name),
		Text:      lines(e.Reason, e.Ticket, e.Note),
	}
	var people []string
	for _, u := range e.Users {
		x.Users = append(x.Users, IndexUser{ID: u.ID, Email: Fold(strings.TrimSpace(u.Email))})
		people = append(people, u.Email, u.Name)
	}
	x.People = lines(people...)
	return x
}

// Fold gives the form in which texts are compared: composed, lower case, and
// without NUL, which PostgreSQL cannot keep.
func Fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(norm.NFC.String(s)), "\x00", "")
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
