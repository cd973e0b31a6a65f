package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	gorilla "github.com/gorilla/sessions"
)

// How long things last when the options do not say.
const (
	// DefaultIdle ends a session that was not used for so long.
	DefaultIdle = 30 * time.Minute
	// DefaultAbsolute ends a session so long after sign-in.
	DefaultAbsolute = 8 * time.Hour
	// LoginTimeout is how long a browser may take at the identity provider.
	LoginTimeout = 10 * time.Minute
)

// seenPrecision spares the database a write for every request. A session can
// time out by so much early, never late.
const seenPrecision = time.Minute

// touchTime is how long a request waits for the store to note that it was one: who
// wrote at the time may take long, and nothing is lost but a session's last use.
const touchTime = 250 * time.Millisecond

const maxUserAgent = 512

// SessionOptions is what Sessions needs. Store, Issuer and PublicURL are required.
type SessionOptions struct {
	Store Store
	// Issuer is the identity provider whose people may have sessions: those of any
	// other are over.
	Issuer string
	// Roles maps the values of the roles claim to roles, at each request; nobody has
	// any if nil.
	Roles RoleMap
	// PublicURL is where browsers reach Foyer. Cookies are named by it; over https they
	// are Secure, and without they work on loopback alone.
	PublicURL string
	// Idle ends a session that long after its last use; DefaultIdle if zero.
	Idle time.Duration
	// Absolute ends a session that long after sign-in, used or not;
	// DefaultAbsolute if zero.
	Absolute time.Duration
	// Address tells the client's IP address, behind whatever proxies are
	// trusted; the connection's own address if nil.
	Address func(*http.Request) string
	// Now is time.Now if nil.
	Now func() time.Time
}

// Sessions begins, finds and ends sessions. It is also a gorilla/sessions
// Store, whose values live in the same row, so that no session exists without a
// person: a gorilla session that belongs to nobody cannot be saved.
//
// A person may have several sessions, one for each browser.
type Sessions struct {
	opts    SessionOptions
	cookies cookies
}

// NewSessions checks the options.
func NewSessions(opts SessionOptions) (*Sessions, error) {
	if opts.Store == nil {
		return nil, errors.New("sessions: no store")
	}
	if opts.Issuer == "" {
		return nil, errors.New("sessions: no issuer")
	}
	cookies, err := cookiesOf(opts.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("sessions: public URL: %w", err)
	}
	if opts.Idle == 0 {
		opts.Idle = DefaultIdle
	}
	if opts.Absolute == 0 {
		opts.Absolute = DefaultAbsolute
	}
	if opts.Idle <= seenPrecision || opts.Absolute < opts.Idle {
		return nil, fmt.Errorf("sessions: the idle timeout %v must be above %v and not above the absolute one, %v",
			opts.Idle, seenPrecision, opts.Absolute)
	}
	if opts.Address == nil {
		opts.Address = remoteAddress
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Sessions{opts: opts, cookies: cookies}, nil
}

// Load returns the session of the request's cookie and counts the request as
// use of it. Nil without an error means that nobody is signed in (no cookie, an
// unknown one, or timed out); an error means that the store could not say, and
// then nothing may be allowed. It reads the store once for each request, and
// writes at most once a minute, for which it doesn't wait long.
func (s *Sessions) Load(r *http.Request) (*Session, error) {
	session, err := s.Peek(r)
	if session == nil || err != nil {
		return nil, err
	}

	now := s.now()
	if now.Sub(session.SeenAt) < seenPrecision {
		return session, nil
	}
	touched := *session
	touched.SeenAt = now
	ctx, cancel := context.WithTimeout(r.Context(), touchTime)
	defer cancel()
	switch err := s.opts.Store.TouchSession(ctx, session.Hash, now); {
	case errors.Is(err, ErrNoSession): // ended since Peek
		return nil, nil
	case err != nil:
		// A database that can be read but not written, or not now, still lets
		// people look things up; the session then merely times out sooner.
		return session, nil
	}
	s.attach(r, &touched)
	return &touched, nil
}

// Peek is Load for the requests that a page makes by itself, such as polling:
// they do not put off the idle timeout.
func (s *Sessions) Peek(r *http.Request) (*Session, error) {
	values, err := s.Get(r, s.cookies.session)
	if err != nil {
		return nil, err
	}
	session := rowOf(values)
	if session == nil {
		return nil, nil
	}
	return new(*session), nil
}

// Begin signs the person in: it ends the session that the browser had, begins
// another with a new id and a new secret, and sets the cookie. Of what the old
// session held nothing survives. What the provider says of the person's roles counts
// for their sessions in other browsers, too, from now on. The draft, which may be nil,
// is kept for one TakeDraft.
func (s *Sessions) Begin(w http.ResponseWriter, r *http.Request, identity Identity, draft []byte) (Session, error) {
	if identity.Person.Issuer != s.opts.Issuer || identity.Person.Subject == "" {
		return Session{}, errors.New("begin session: a person of another issuer, or without a subject")
	}
	if err := s.deleteCurrent(r); err != nil {
		return Session{}, fmt.Errorf("begin session: %w", err)
	}

	secret := newSecret()
	hash, _ := hashSecret(secret)
	now := s.now()
	session := Session{
		ID:        rand.Text(),
		Hash:      hash,
		Person:    identity.Person,
		CreatedAt: now,
		SeenAt:    now,
		AuthTime:  identity.AuthTime,
		Address:   s.opts.Address(r),
		UserAgent: cut(r.UserAgent(), maxUserAgent),
		SID:       identity.SID,

		RoleValues: identity.RoleValues,
		FormKey:    randomBytes(),
	}
	s.derive(&session)
	if draft != nil {
		values, err := encodeValues(map[any]any{draftKey: draft})
		if err != nil {
			return Session{}, fmt.Errorf("begin session: %w", err)
		}
		session.Values = values
	}
	if err := s.opts.Store.CreateSession(r.Context(), session); err != nil {
		return Session{}, fmt.Errorf("begin session: %w", err)
	}

	s.attach(r, &session)
	http.SetCookie(w, s.cookies.new(s.cookies.session, sessionValue(secret, identity.Person), 0))
	return session, nil
}

// End ends the request's session and removes the cookie. The cookie goes even
// if the store fails; the error then says that the session may live on.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookies.new(s.cookies.session, "", -1))
	if err := s.deleteCurrent(r); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	s.attach(r, nil)
	return nil
}

// ByID returns somebody's session by its public id, or ErrNoSession.
func (s *Sessions) ByID(ctx context.Context, id string) (Session, error) {
	session, err := s.opts.Store.SessionByID(ctx, id)
	if err == nil && s.over(session) {
		err = ErrNoSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("find session by id: %w", err)
	}
	s.derive(&session)
	return session, nil
}

// EndByID ends somebody's session by its public id and returns it as it was,
// or ErrNoSession.
func (s *Sessions) EndByID(ctx context.Context, id string) (Session, error) {
	session, err := s.opts.Store.EndSession(ctx, id)
	if err != nil {
		return Session{}, fmt.Errorf("end session by id: %w", err)
	}
	s.derive(&session)
	return session, nil
}

// EndAll ends all sessions of a person, by their Issuer and Subject, and says how many
// there were.
func (s *Sessions) EndAll(ctx context.Context, of Person) (int, error) {
	if of.Subject == "" {
		return 0, errors.New("end all sessions of a person: a person without subject")
	}
	ended, err := s.opts.Store.EndSessions(ctx, Ending{Issuer: of.Issuer, Subject: of.Subject})
	if err != nil {
		return 0, fmt.Errorf("end all sessions of a person: %w", err)
	}
	return len(ended), nil
}

// EndBy ends the sessions that a logout token names and returns them as they were, or
// fails with ErrTokenUsed.
func (s *Sessions) EndBy(ctx context.Context, logout Ending) ([]Session, error) {
	ended, err := s.opts.Store.EndSessions(ctx, logout)
	if err != nil {
		return nil, fmt.Errorf("end sessions by a logout token: %w", err)
	}
	return ended, nil
}

// Roles tells the roles that somebody has by what the provider last said of them;
// known is false when no session of theirs is left. Who signed in with another
// provider than the one of now has none.
func (s *Sessions) Roles(ctx context.Context, issuer, subject string) (roles Roles, known bool, err error) {
	if issuer != s.opts.Issuer {
		return nil, true, nil
	}
	values, err := s.opts.Store.RoleValues(ctx, issuer, subject)
	switch {
	case errors.Is(err, ErrNoSession):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("roles of a person: %w", err)
	}
	return s.opts.Roles.Of(values), true, nil
}

// SessionsPage is a page of sessions.
type SessionsPage struct {
	Rows  []Session
	Page  int // from 1
	Total int // on all pages
}

// ListSize is how many sessions a page of the list has.
const ListSize = 50

// List returns a page of the sessions that are not over, the last used first,
// ListSize to a page: of one person, by their Subject, or of everybody for the zero
// Person. page counts from 1.
func (s *Sessions) List(ctx context.Context, of Person, page int) (SessionsPage, error) {
	now, list := s.now(), SessionsPage{Page: max(page, 1)}
	var err error
	list.Rows, list.Total, err = s.opts.Store.Sessions(ctx, SessionFilter{
		Issuer: s.opts.Issuer, Subject: of.Subject, SeenAfter: now.Add(-s.opts.Idle), BegunAfter: now.Add(-s.opts.Absolute),
		Offset: (list.Page - 1) * ListSize, Limit: ListSize,
	})
	if err != nil {
		return SessionsPage{}, fmt.Errorf("list sessions: %w", err)
	}
	for i := range list.Rows {
		s.derive(&list.Rows[i])
	}
	return list, nil
}

// Purge removes what has timed out: sessions, and sign-ins that nobody
// finished. Call it every few minutes; timeouts hold without it.
func (s *Sessions) Purge(ctx context.Context) error {
	now := s.now()
	err := s.opts.Store.PurgeSessions(ctx, now.Add(-s.opts.Idle), now.Add(-s.opts.Absolute), now.Add(-LoginTimeout))
	if err != nil {
		return fmt.Errorf("purge sessions: %w", err)
	}
	return nil
}

// find reads the session of the request's cookie from the store, or returns
// nil if there is none or it is over.
func (s *Sessions) find(r *http.Request) (*Session, error) {
	hash, _, ok := s.readCookie(r)
	if !ok {
		return nil, nil
	}
	session, err := s.opts.Store.Session(r.Context(), hash)
	switch {
	case errors.Is(err, ErrNoSession):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find session: %w", err)
	case s.over(session):
		return nil, nil // Purge removes it
	}
	s.derive(&session)
	return &session, nil
}

// derive gives a session's person the roles that they have by the settings of now.
func (s *Sessions) derive(session *Session) {
	session.Person.Roles = s.opts.Roles.Of(session.RoleValues)
}

// over says whether a session has timed out, or is of a provider that Foyer doesn't
// trust any more.
func (s *Sessions) over(session Session) bool {
	now := s.now()
	return session.Person.Issuer != s.opts.Issuer || now.Sub(session.SeenAt) >= s.opts.Idle || now.Sub(session.CreatedAt) >= s.opts.Absolute
}

// deleteCurrent removes the session of the request: of its cookie, or of the
// Begin that the same request already did.
func (s *Sessions) deleteCurrent(r *http.Request) error {
	hash, _, ok := s.readCookie(r)
	if values, err := s.Get(r, s.cookies.session); err == nil {
		if current := rowOf(values); current != nil {
			hash, ok = current.Hash, true
		}
	}
	if !ok {
		return nil
	}
	return s.opts.Store.DeleteSession(r.Context(), hash)
}

// attach makes session, which may be nil, the one that the rest of the request
// sees.
func (s *Sessions) attach(r *http.Request, session *Session) {
	values, err := s.Get(r, s.cookies.session)
	if err != nil {
		return
	}
	s.fill(values, session)
}

// now is in UTC and microseconds, as databases keep times.
func (s *Sessions) now() time.Time { return s.opts.Now().UTC().Truncate(time.Microsecond) }

func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// cut shortens s to at most size bytes of valid UTF-8.
func cut(s string, size int) string {
	return strings.ToValidUTF8(s[:min(len(s), size)], "")
}

var _ gorilla.Store = (*Sessions)(nil)
