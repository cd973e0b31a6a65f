package auth

import (
	"context"
	"errors"
	"time"
)

// ErrNoSession says that there is no such session: never begun, ended, or purged.
var ErrNoSession = errors.New("no such session")

// ErrNoLogin says that no sign-in with that state is under way: never begun,
// already used, or purged.
var ErrNoLogin = errors.New("no such sign-in under way")

// ErrTokenUsed says that a logout token was used before.
var ErrTokenUsed = errors.New("the logout token was used before")

// Person is who signed in, as the identity provider described them. Issuer and
// Subject together are the identity; name and e-mail are for display only,
// since a provider may reassign them.
type Person struct {
	Issuer, Subject string
	Name, Email     string
	// Roles are what the values of the roles claim give by the settings of now. They
	// are not stored.
	Roles Roles
}

// PersonOf is who an actor is.
func PersonOf(a Actor) Person {
	return Person{Issuer: a.Issuer, Subject: a.Subject, Name: a.Name, Email: a.Email, Roles: a.Roles}
}

// Session is one signed-in browser.
type Session struct {
	// ID names the session on pages and in the ledger. It opens nothing.
	ID string
	// Hash is the SHA-256 of the cookie's secret, which itself is kept nowhere.
	Hash   []byte
	Person Person
	// RoleValues are the values of the roles claim, as the provider last gave them for
	// this person.
	RoleValues []string

	CreatedAt time.Time // when the person signed in to Foyer
	SeenAt    time.Time // last use, right to a minute; the idle timeout counts from it
	AuthTime  time.Time // when the identity provider saw the person; zero if it did not say

	Address   string // the client's IP address at sign-in
	UserAgent string // the browser's own words at sign-in, cut to 512 bytes
	Values    []byte // the gorilla session's values in JSON: flashes, a draft, preferences
	SID       string // the provider's session id (claim sid), or empty

	// FormKey signs the tokens of this session's forms. It is random, and never leaves
	// the server.
	FormKey []byte
}

// AuthenticatedAt is when the person was last seen to be who they are: by the
// identity provider, or, where it didn't say when, at the sign-in to Foyer.
func (s Session) AuthenticatedAt() time.Time {
	if s.AuthTime.IsZero() {
		return s.CreatedAt
	}
	return s.AuthTime
}

// Actor is the session's person as the author of what they do. The caller adds
// what only the request knows: its id, address and browser.
func (s Session) Actor() Actor {
	return Actor{
		Issuer:  s.Person.Issuer,
		Subject: s.Person.Subject,
		Name:    s.Person.Name,
		Email:   s.Person.Email,
		Roles:   s.Person.Roles,
		Session: s.ID,
	}
}

// Login is one sign-in under way: what Foyer must remember between sending a
// browser to the identity provider and its return.
type Login struct {
	StateHash   []byte // SHA-256 of the state parameter; the key
	BrowserHash []byte // SHA-256 of the secret in the browser's own cookie
	Nonce       string // that the ID token must carry
	Verifier    string // of PKCE
	ReturnTo    string // path and query to go on with
	Draft       []byte // a form that could not be sent because nobody was signed in, or nil
	DraftOwner  Owner  // who alone may have the draft
	// MaxAge is how long ago the provider may have seen the person; 0 where it doesn't
	// matter. It is right to a second.
	MaxAge    time.Duration
	CreatedAt time.Time
}

// SessionFilter asks for an issuer's sessions: of the person who is that Subject, or
// of everybody where it is empty; seen and begun later than two times.
type SessionFilter struct {
	Issuer, Subject       string
	SeenAfter, BegunAfter time.Time
	Offset, Limit         int
}

// Ending says which sessions of an issuer are to end: those of a Subject, those that
// the provider knows by SID, or those that are both where both are given. A session
// without an SID, of a provider that names none at sign-in, is ended by its Subject.
type Ending struct {
	Issuer, Subject, SID string
	// Token is the SHA-256 of the id of the logout token that says so, or nil. It is
	// remembered until the token is too old to be taken.
	Token []byte
	Until time.Time
}

// Store keeps sessions and sign-ins. Times are UTC, right to the microsecond.
// Every method may be called concurrently, and from several processes on one
// database.
type Store interface {
	// SaveLogin keeps a new sign-in.
	SaveLogin(ctx context.Context, login Login) error
	// Login returns the sign-in with that state, or ErrNoLogin.
	Login(ctx context.Context, stateHash []byte) (Login, error)
	// TakeLogin returns the sign-in and removes it in one step: of any number
	// of concurrent calls one succeeds, the others get ErrNoLogin.
	TakeLogin(ctx context.Context, stateHash []byte) (Login, error)

	// CreateSession keeps a new session, and gives the person's other sessions its
	// RoleValues: what the provider said last counts for all of them.
	CreateSession(ctx context.Context, session Session) error
	// Session returns the session whose cookie has that hash, or ErrNoSession.
	// Timeouts are the caller's to check.
	Session(ctx context.Context, hash []byte) (Session, error)
	// RoleValues returns the RoleValues of a person's sessions, or ErrNoSession.
	RoleValues(ctx context.Context, issuer, subject string) ([]string, error)
	// SessionByID returns the session with that public id, or ErrNoSession.
	SessionByID(ctx context.Context, id string) (Session, error)
	// SaveSession writes SeenAt and Values of the session with that Hash, and
	// nothing else. It never brings an ended session back: ErrNoSession.
	SaveSession(ctx context.Context, session Session) error
	// TouchSession writes SeenAt of the session with that hash, and nothing else;
	// ErrNoSession when there is none.
	TouchSession(ctx context.Context, hash []byte, seenAt time.Time) error
	// DeleteSession ends the session with that hash. None is no error.
	DeleteSession(ctx context.Context, hash []byte) error
	// Sessions lists up to Limit sessions that meet the filter, the last used first
	// and without the first Offset ones; and counts all that do.
	Sessions(ctx context.Context, f SessionFilter) (sessions []Session, total int, err error)
	// EndSession removes the session with that public id and returns it as it
	// was, or ErrNoSession.
	EndSession(ctx context.Context, id string) (Session, error)
	// EndSessions removes sessions and returns them as they were. A Token that is
	// remembered already gets ErrTokenUsed, and then nothing is removed: of any number
	// of concurrent calls one succeeds.
	EndSessions(ctx context.Context, e Ending) ([]Session, error)

	// PurgeSessions removes the sessions with SeenAt before idleBefore or
	// CreatedAt before absoluteBefore, the sign-ins with CreatedAt before loginsBefore,
	// and the tokens with Until before loginsBefore.
	PurgeSessions(ctx context.Context, idleBefore, absoluteBefore, loginsBefore time.Time) error
}
