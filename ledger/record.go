package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"foyer/auth"
)

// Record is an event as it is kept: the exact bytes that were hashed, and
// beside them the personal part that may be erased.
type Record struct {
	Body     []byte // JSON; the leaf of the Merkle tree
	Salt     []byte // random, so that nobody can guess the erased part from its hash
	Personal []byte // JSON; nil together with Salt when it was erased
}

// SaltSize is the length of a record's salt in bytes.
const SaltSize = 16

// The forms of the body that were ever written. All of them must be readable for
// ever.
const (
	firstBody = 1
	codeBody  = 2 // has a code
	hashBody  = 3 // has a hash, and perhaps a code
)

// timeLayout is RFC 3339 in UTC with exactly six digits, so that a time has one
// form only.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// body is the part of an event that is hashed. The order of the fields, and
// that empty ones are left out, are part of the form.
type body struct {
	Version  int           `json:"v"`
	Seq      int64         `json:"seq"`
	At       string        `json:"at"`
	Action   Action        `json:"action"`
	Outcome  Outcome       `json:"outcome"`
	Change   string        `json:"change,omitempty"`
	Code     string        `json:"code,omitempty"`
	Actor    actorBody     `json:"actor"`
	Company  *companyBody  `json:"company,omitempty"`
	Users    []userBody    `json:"users,omitempty"`
	Symphony *symphonyBody `json:"symphony,omitempty"`
	Redacts  []int64       `json:"redacts,omitempty"`
	SHA256   string        `json:"sha256,omitempty"`
	Binary   string        `json:"binary,omitempty"`
	Personal []byte        `json:"personal"` // SHA-256 of salt ‖ personal part
}

type actorBody struct {
	Issuer  string     `json:"iss"`
	Subject string     `json:"sub"`
	Roles   auth.Roles `json:"roles,omitempty"`
	Session string     `json:"session,omitempty"`
	Request string     `json:"request,omitempty"`
}

type companyBody struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

type userBody struct {
	ID     string `json:"id,omitempty"`
	Result string `json:"result,omitempty"`
}

type symphonyBody struct {
	Operation string `json:"operation,omitempty"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"code,omitempty"`
	TraceID   string `json:"trace,omitempty"`
}

// personal is the part of an event that can be erased: what tells about people,
// and the free text and values in which it might stand.
type personal struct {
	Name      string          `json:"name,omitempty"`
	Email     string          `json:"email,omitempty"`
	Address   string          `json:"address,omitempty"`
	UserAgent string          `json:"agent,omitempty"`
	Users     []userPersonal  `json:"users,omitempty"` // one for each of the body's, in the same order
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Ticket    string          `json:"ticket,omitempty"`
	Note      string          `json:"note,omitempty"`
}

type userPersonal struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
	Note  string `json:"note,omitempty"`
}

// Seal makes the record of an event whose Seq and At have been given. The salt
// must be SaltSize random bytes, never used before.
func Seal(e Event, salt []byte) (Record, error) {
	if len(salt) != SaltSize {
		return Record{}, fmt.Errorf("seal event: the salt has %d bytes, not %d", len(salt), SaltSize)
	}
	own, err := encode(personalOf(e))
	if err != nil {
		return Record{}, fmt.Errorf("seal event: %w", err)
	}
	b := bodyOf(e)
	b.Personal = commitment(salt, own)
	text, err := encode(b)
	if err != nil {
		return Record{}, fmt.Errorf("seal event: %w", err)
	}
	return Record{Body: text, Salt: salt, Personal: own}, nil
}

// Leaf is the record's hash in the Merkle tree.
func (r Record) Leaf() tlog.Hash { return tlog.RecordHash(r.Body) }

// Erased says whether the personal part is gone.
func (r Record) Erased() bool { return r.Personal == nil && r.Salt == nil }

// Event reads the record back. It fails when the body cannot be read. When the
// personal part is not the one that the body is bound to it fails as well, and
// gives the event without it.
func (r Record) Event() (Event, error) {
	var b body
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return Event{}, fmt.Errorf("read event: %w", err)
	}
	if b.Version != b.form() {
		return Event{}, fmt.Errorf("read event: its form %d is not known to this version of Foyer", b.Version)
	}
	at, err := time.Parse(timeLayout, b.At)
	if err != nil {
		return Event{}, fmt.Errorf("read event: %w", err)
	}
	e := b.event(at)
	if r.Erased() {
		e.Redacted = true
		return e, nil
	}

	if !bytes.Equal(commitment(r.Salt, r.Personal), b.Personal) {
		return e, ErrPersonal
	}
	var own personal
	if err := json.Unmarshal(r.Personal, &own); err != nil {
		return Event{}, fmt.Errorf("read event: personal part: %w", err)
	}
	if len(own.Users) != len(e.Users) {
		return Event{}, fmt.Errorf("read event: %d people in the body, %d in the personal part", len(e.Users), len(own.Users))
	}
	own.addTo(&e)
	return e, nil
}

// form is the oldest form that has all that the body says.
func (b body) form() int {
	switch {
	case b.SHA256 != "":
		return hashBody
	case b.Code != "":
		return codeBody
	}
	return firstBody
}

// ErrPersonal tells an altered personal part, without which an event can be read, from an
// unreadable body.
var ErrPersonal = errors.New("read event: the personal part is not the one that was recorded")

func commitment(salt, personal []byte) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(personal)
	return h.Sum(nil)
}

// encode is the one way to JSON here: no HTML escapes and no white space.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

func bodyOf(e Event) body {
	b := body{
		Seq:     e.Seq,
		At:      e.At.UTC().Format(timeLayout),
		Action:  e.Action,
		Outcome: e.Outcome,
		Change:  e.Change,
		Code:    e.Code,
		Actor: actorBody{
			Issuer:  e.Actor.Issuer,
			Subject: e.Actor.Subject,
			Roles:   e.Actor.Roles,
			Session: e.Actor.Session,
			Request: e.Actor.RequestID,
		},
		Redacts: e.Redacts,
		SHA256:  e.SHA256,
		Binary:  e.Binary,
	}
	b.Version = b.form()
	if e.Company != (Company{}) {
		b.Company = new(companyBody(e.Company))
	}
	if e.Symphony != (Symphony{}) {
		b.Symphony = new(symphonyBody(e.Symphony))
	}
	for _, u := range e.Users {
		b.Users = append(b.Users, userBody{ID: u.ID, Result: u.Result})
	}
	return b
}

func (b body) event(at time.Time) Event {
	e := Event{
		Seq:     b.Seq,
		At:      at,
		Action:  b.Action,
		Outcome: b.Outcome,
		Change:  b.Change,
		Code:    b.Code,
		Actor: auth.Actor{
			Issuer:    b.Actor.Issuer,
			Subject:   b.Actor.Subject,
			Roles:     b.Actor.Roles,
			Session:   b.Actor.Session,
			RequestID: b.Actor.Request,
		},
		Redacts: b.Redacts,
		SHA256:  b.SHA256,
		Binary:  b.Binary,
	}
	if b.Company != nil {
		e.Company = Company(*b.Company)
	}
	if b.Symphony != nil {
		e.Symphony = Symphony(*b.Symphony)
	}
	for _, u := range b.Users {
		e.Users = append(e.Users, User{ID: u.ID, Result: u.Result})
	}
	return e
}

func personalOf(e Event) personal {
	p := personal{
		Name:      e.Actor.Name,
		Email:     e.Actor.Email,
		Address:   e.Actor.Address,
		UserAgent: e.Actor.UserAgent,
		Before:    e.Before,
		After:     e.After,
		Reason:    e.Reason,
		Ticket:    e.Ticket,
		Note:      e.Note,
	}
	for _, u := range e.Users {
		p.Users = append(p.Users, userPersonal{Email: u.Email, Name: u.Name, Note: u.Note})
	}
	return p
}

func (p personal) addTo(e *Event) {
	e.Actor.Name, e.Actor.Email = p.Name, p.Email
	e.Actor.Address, e.Actor.UserAgent = p.Address, p.UserAgent
	e.Before, e.After = p.Before, p.After
	e.Reason, e.Ticket, e.Note = p.Reason, p.Ticket, p.Note
	for i, u := range p.Users {
		e.Users[i].Email, e.Users[i].Name, e.Users[i].Note = u.Email, u.Name, u.Note
	}
}
