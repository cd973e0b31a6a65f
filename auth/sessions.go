package auth

import (
	"context"
	"net/http"
	"time"

	gorilla "github.com/gorilla/sessions"
)

// SessionOptions is what Sessions needs. Only Store is required.
type SessionOptions struct {
	Store Store
	// Secure is for service over https: cookies are then Secure and carry the
	// __Host- prefix. Without it they work over plain http on loopback.
	Secure bool
	// Idle ends a session that long after its last use; 30 minutes if zero.
	Idle time.Duration
	// Absolute ends a session that long after sign-in, used or not; 8 hours if
	// zero.
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
	opts SessionOptions
}

var _ gorilla.Store = (*Sessions)(nil)

// NewSessions checks the options.
func NewSessions(opts SessionOptions) (*Sessions, error) { panic("being written") }

// Load returns the session of the request's cookie and counts the request as
// use of it. Nil without an error means that nobody is signed in (no cookie, an
// unknown one, or timed out); an error means that the store could not say, and
// then nothing may be allowed. It reads the store once for each request, and
// writes at most once a minute.
func (s *Sessions) Load(r *http.Request) (*Session, error) { panic("being written") }

// Peek is Load for the requests that a page makes by itself, such as polling:
// they do not put off the idle timeout.
func (s *Sessions) Peek(r *http.Request) (*Session, error) { panic("being written") }

// Begin signs the person in: it ends the session that the browser had, begins
// another with a new id and a new secret, and sets the cookie. Of what the old
// session held nothing survives. The draft, which may be nil, is kept for one
// TakeDraft.
func (s *Sessions) Begin(w http.ResponseWriter, r *http.Request, identity Identity, draft []byte) (Session, error) {
	panic("being written")
}

// End ends the request's session and removes the cookie. The cookie goes even
// if the store fails; the error then says that the session may live on.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error { panic("being written") }

// EndByID ends somebody's session by its public id and returns it as it was,
// or ErrNoSession.
func (s *Sessions) EndByID(ctx context.Context, id string) (Session, error) { panic("being written") }

// List returns the sessions that have not timed out, the last used first.
func (s *Sessions) List(ctx context.Context) ([]Session, error) { panic("being written") }

// Purge removes what has timed out: sessions, and sign-ins that nobody
// finished. Call it every few minutes; timeouts hold without it.
func (s *Sessions) Purge(ctx context.Context) error { panic("being written") }

// AddFlash keeps v, encoded as JSON, for the next page that takes flashes.
// Without a session it does nothing.
func (s *Sessions) AddFlash(w http.ResponseWriter, r *http.Request, v any) error {
	panic("being written")
}

// TakeFlashes removes the flashes and decodes them, oldest first, into the
// slice that out points to. It must come before the first byte of the body.
// Without any it leaves out alone and the store untouched.
func (s *Sessions) TakeFlashes(w http.ResponseWriter, r *http.Request, out any) error {
	panic("being written")
}

// TakeDraft returns the form that was kept at sign-in and removes it, or nil.
func (s *Sessions) TakeDraft(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	panic("being written")
}

// Value returns a preference kept in the session, or "".
func (s *Sessions) Value(r *http.Request, key string) string { panic("being written") }

// SetValue keeps a preference in the session, if it is not there already.
// Without a session it does nothing.
func (s *Sessions) SetValue(w http.ResponseWriter, r *http.Request, key, value string) error {
	panic("being written")
}

// Get implements gorilla's Store: the session of this request, read once.
func (s *Sessions) Get(r *http.Request, name string) (*gorilla.Session, error) {
	panic("being written")
}

// New implements gorilla's Store: the session as the store has it now.
func (s *Sessions) New(r *http.Request, name string) (*gorilla.Session, error) {
	panic("being written")
}

// Save implements gorilla's Store: it writes the values, or with MaxAge below
// zero ends the session.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, session *gorilla.Session) error {
	panic("being written")
}
