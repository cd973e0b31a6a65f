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

// Person is who signed in, as the identity provider described them. Issuer and
// Subject together are the identity; name and e-mail are for display only,
// since a provider may reassign them.
type Person struct {
	Issuer, Subject string
	Name, Email     string
	Roles           Roles
}

// Session is one signed-in browser.
type Session struct {
	// ID names the session on pages and in the ledger. It opens nothing.
	ID string
	// Hash is the SHA-256 of the cookie's secret, which itself is kept nowhere.
	Hash   []byte
	Person Person

	CreatedAt time.Time // when the person signed in to Foyer
	SeenAt    time.Time // last use, right to a minute; the idle timeout counts from it
	AuthTime  time.Time // when the identity provider saw the person; zero if it did not say

	Address   string // the client's IP address at sign-in
	UserAgent string // the browser's own words at sign-in, cut to 512 bytes
	Values    []byte // the gorilla session's values in JSON: flashes, a draft, preferences
	SID       string // the provider's session id (claim sid), or empty
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
	CreatedAt   time.Time
}

// SessionFilter asks for sessions: of whoever has that Issuer and Subject, or of
// everybody where Subject is empty; seen and begun later than two times.
type SessionFilter struct {
	Issuer, Subject       string
	SeenAfter, BegunAfter time.Time
	Offset, Limit         int
}

// Store keeps sessions and sign-ins. Times are UTC, right to the microsecond.
// Every method may be called concurrently, and from several processes on one
// database.
type Store interface {
	// SaveLogin keeps a new sign-in.
	SaveLogin(ctx context.Context, login Login) error
	// TakeLogin returns the sign-in and removes it in one step: of any number
	// of concurrent calls one succeeds, the others get ErrNoLogin.
	TakeLogin(ctx context.Context, stateHash []byte) (Login, error)

	// CreateSession keeps a new session.
	CreateSession(ctx context.Context, session Session) error
	// Session returns the session whose cookie has that hash, or ErrNoSession.
	// Timeouts are the caller's to check.
	Session(ctx context.Context, hash []byte) (Session, error)
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

	// PurgeSessions removes the sessions with SeenAt before idleBefore or
	// CreatedAt before absoluteBefore, and the sign-ins with CreatedAt before
	// loginsBefore.
	PurgeSessions(ctx context.Context, idleBefore, absoluteBefore, loginsBefore time.Time) error
}
