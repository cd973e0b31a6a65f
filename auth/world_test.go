package auth_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"foyer/auth"
)

// clock is a time that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// memory is a Store that fails on request and counts its work. Package store
// runs its own tests of the real ones.
type memory struct {
	mu       sync.Mutex
	logins   map[string]auth.Login
	sessions map[string]auth.Session
	tokens   map[string]bool
	down     error // what every call returns, if not nil
	readOnly error // what every write returns, if not nil

	reads, writes int
}

func newMemory() *memory {
	return &memory{logins: map[string]auth.Login{}, sessions: map[string]auth.Session{}, tokens: map[string]bool{}}
}

var errDown = errors.New("the database is down")

func (m *memory) fail(down, readOnly error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down, m.readOnly = down, readOnly
}

func (m *memory) counts() (reads, writes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reads, m.writes
}

// read and write need the lock.
func (m *memory) read() error  { m.reads++; return m.down }
func (m *memory) write() error { m.writes++; return cmp.Or(m.down, m.readOnly) }

func (m *memory) SaveLogin(_ context.Context, login auth.Login) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return err
	}
	m.logins[string(login.StateHash)] = login
	return nil
}

func (m *memory) Login(_ context.Context, stateHash []byte) (auth.Login, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(); err != nil {
		return auth.Login{}, err
	}
	login, ok := m.logins[string(stateHash)]
	if !ok {
		return auth.Login{}, auth.ErrNoLogin
	}
	return login, nil
}

func (m *memory) TakeLogin(_ context.Context, stateHash []byte) (auth.Login, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return auth.Login{}, err
	}
	login, ok := m.logins[string(stateHash)]
	if !ok {
		return auth.Login{}, auth.ErrNoLogin
	}
	delete(m.logins, string(stateHash))
	return login, nil
}

func (m *memory) CreateSession(_ context.Context, session auth.Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return err
	}
	session.Person.Roles = nil
	m.sessions[string(session.Hash)] = session
	for hash, other := range m.sessions {
		if other.Person.Issuer == session.Person.Issuer && other.Person.Subject == session.Person.Subject {
			other.RoleValues = session.RoleValues
			m.sessions[hash] = other
		}
	}
	return nil
}

func (m *memory) RoleValues(_ context.Context, issuer, subject string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(); err != nil {
		return nil, err
	}
	for _, session := range m.sessions {
		if session.Person.Issuer == issuer && session.Person.Subject == subject {
			return session.RoleValues, nil
		}
	}
	return nil, auth.ErrNoSession
}

func (m *memory) EndSessions(_ context.Context, e auth.Ending) ([]auth.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return nil, err
	}
	if e.Token != nil {
		if m.tokens[string(e.Token)] {
			return nil, auth.ErrTokenUsed
		}
		m.tokens[string(e.Token)] = true
	}
	var ended []auth.Session
	for hash, session := range m.sessions {
		p := session.Person
		of := p.Issuer == e.Issuer && (e.Subject == "" || p.Subject == e.Subject)
		if of && (e.SID == "" || session.SID == e.SID || e.Subject != "" && session.SID == "") {
			delete(m.sessions, hash)
			ended = append(ended, session)
		}
	}
	return ended, nil
}

func (m *memory) Session(_ context.Context, hash []byte) (auth.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(); err != nil {
		return auth.Session{}, err
	}
	session, ok := m.sessions[string(hash)]
	if !ok {
		return auth.Session{}, auth.ErrNoSession
	}
	return session, nil
}

func (m *memory) SessionByID(_ context.Context, id string) (auth.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(); err != nil {
		return auth.Session{}, err
	}
	for _, session := range m.sessions {
		if session.ID == id {
			return session, nil
		}
	}
	return auth.Session{}, auth.ErrNoSession
}

func (m *memory) SaveSession(_ context.Context, session auth.Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return err
	}
	kept, ok := m.sessions[string(session.Hash)]
	if !ok {
		return auth.ErrNoSession
	}
	kept.SeenAt, kept.Values = session.SeenAt, session.Values
	m.sessions[string(session.Hash)] = kept
	return nil
}

func (m *memory) TouchSession(_ context.Context, hash []byte, seenAt time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return err
	}
	kept, ok := m.sessions[string(hash)]
	if !ok {
		return auth.ErrNoSession
	}
	kept.SeenAt = seenAt
	m.sessions[string(hash)] = kept
	return nil
}

func (m *memory) DeleteSession(_ context.Context, hash []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return err
	}
	delete(m.sessions, string(hash))
	return nil
}

func (m *memory) Sessions(_ context.Context, f auth.SessionFilter) ([]auth.Session, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(); err != nil {
		return nil, 0, err
	}
	all := []auth.Session{}
	for _, session := range m.sessions {
		whose := session.Person.Issuer == f.Issuer && (f.Subject == "" || session.Person.Subject == f.Subject)
		if whose && session.SeenAt.After(f.SeenAfter) && session.CreatedAt.After(f.BegunAfter) {
			all = append(all, session)
		}
	}
	slices.SortFunc(all, func(a, b auth.Session) int { return b.SeenAt.Compare(a.SeenAt) })
	return all[min(f.Offset, len(all)):min(f.Offset+f.Limit, len(all))], len(all), nil
}

func (m *memory) EndSession(_ context.Context, id string) (auth.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return auth.Session{}, err
	}
	for hash, session := range m.sessions {
		if session.ID == id {
			delete(m.sessions, hash)
			return session, nil
		}
	}
	return auth.Session{}, auth.ErrNoSession
}

func (m *memory) PurgeSessions(_ context.Context, idleBefore, absoluteBefore, loginsBefore time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(); err != nil {
		return err
	}
	for hash, session := range m.sessions {
		if session.SeenAt.Before(idleBefore) || session.CreatedAt.Before(absoluteBefore) {
			delete(m.sessions, hash)
		}
	}
	for hash, login := range m.logins {
		if login.CreatedAt.Before(loginsBefore) {
			delete(m.logins, hash)
		}
	}
	return nil
}

// browser keeps cookies as a browser does, and remembers what it was given.
type browser struct {
	cookies map[string]string
	set     []*http.Cookie // every Set-Cookie so far
}

func newBrowser() *browser { return &browser{cookies: map[string]string{}} }

// request makes the request that the browser would send.
func (b *browser) request(t *testing.T, method, target string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	r.Header.Set("User-Agent", "Mozilla/5.0 (Test)")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// visit lets handle answer a request of the browser's.
func (b *browser) visit(t *testing.T, method, target string, handle func(http.ResponseWriter, *http.Request)) {
	t.Helper()
	w := httptest.NewRecorder()
	handle(w, b.request(t, method, target))
	b.keep(w)
}

// keep takes the cookies of an answer.
func (b *browser) keep(w *httptest.ResponseRecorder) {
	for _, cookie := range w.Result().Cookies() {
		b.set = append(b.set, cookie)
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
			continue
		}
		b.cookies[cookie.Name] = cookie.Value
	}
}

// cookie returns the one cookie whose name begins with prefix.
func (b *browser) cookie(t *testing.T, prefix string) (name, value string) {
	t.Helper()
	for n, v := range b.cookies {
		if strings.HasPrefix(n, prefix) {
			if name != "" {
				t.Fatalf("several cookies %s…: %s and %s", prefix, name, n)
			}
			name, value = n, v
		}
	}
	if name == "" {
		t.Fatalf("no cookie %s… among %v", prefix, b.cookies)
	}
	return name, value
}

// world is Foyer's side of sign-ins, and a provider that does what it is told.
type world struct {
	clock *clock
	store *memory
	idp   *fakeIdP
	oidc  *auth.OIDC
}

func newWorld(t *testing.T, change ...func(*auth.OIDCOptions)) *world {
	t.Helper()
	w := &world{clock: newClock(), store: newMemory()}
	w.idp = newFakeIdP(t, w.clock)
	opts := auth.OIDCOptions{
		Store:         w.store,
		Issuer:        w.idp.issuer(),
		ClientID:      clientID,
		ClientSecret:  clientSecret,
		RedirectURL:   redirectURL,
		PostLogoutURL: "https://foyer.example/signed-out",
		RoleValues: map[auth.Role][]string{
			auth.Viewer:    {"foyer-viewer", "support"},
			auth.Onboarder: {"foyer-onboarder"},
			auth.Auditor:   {"foyer-auditor"},
			auth.Admin:     {"foyer-admin"},
		},
		AllowedReturn: func(path string) bool { return path == "/" || strings.HasPrefix(path, "/companies") },
		Now:           w.clock.Now,
	}
	for _, c := range change {
		c(&opts)
	}
	var err error
	if w.oidc, err = auth.NewOIDC(opts); err != nil {
		t.Fatalf("NewOIDC() = %v, want no error", err)
	}
	return w
}

// start begins a sign-in and returns where the browser is sent.
func (w *world) start(t *testing.T, b *browser, resume auth.Resume) *url.URL {
	t.Helper()
	var sent string
	b.visit(t, http.MethodGet, "/login", func(rw http.ResponseWriter, r *http.Request) {
		var err error
		if sent, err = w.oidc.Start(rw, r, resume); err != nil {
			t.Fatalf("Start() = %v, want no error", err)
		}
	})
	u, err := url.Parse(sent)
	if err != nil {
		t.Fatalf("Start() = %q, want a URL: %v", sent, err)
	}
	return u
}

// finish brings the browser back with the query.
func (w *world) finish(t *testing.T, b *browser, query url.Values) (identity auth.Identity, resume auth.Resume, err error) {
	t.Helper()
	b.visit(t, http.MethodGet, "/auth/callback?"+query.Encode(), func(rw http.ResponseWriter, r *http.Request) {
		identity, resume, err = w.oidc.Finish(rw, r)
	})
	return identity, resume, err
}

// signIn goes the whole way.
func (w *world) signIn(t *testing.T, b *browser) (auth.Identity, error) {
	t.Helper()
	sent := w.start(t, b, auth.Resume{})
	identity, _, err := w.finish(t, b, w.idp.authorize(t, sent))
	return identity, err
}

// wantReason checks why a sign-in was refused.
func wantReason(t *testing.T, err error, want auth.Reason) {
	t.Helper()
	refused, ok := errors.AsType[*auth.SignInError](err)
	if !ok {
		t.Fatalf("error = %v, want a SignInError with reason %q", err, want)
	}
	if refused.Reason != want {
		t.Fatalf("reason = %q (%v), want %q", refused.Reason, err, want)
	}
}

// wantNoSecrets checks that an error may be logged, with all that it wraps.
func wantNoSecrets(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), "CANARY") {
			t.Errorf("an error has what it must not have: %.200v", e)
		}
	}
	if got := len(err.Error()); got > 300 {
		t.Errorf("an error of %d characters, want at most 300", got)
	}
}
