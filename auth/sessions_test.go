package auth_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/auth"
)

// lobby is where sessions are tested: a store, a clock and Sessions over them.
type lobby struct {
	clock    *clock
	store    *memory
	sessions *auth.Sessions
}

func newLobby(t *testing.T, change ...func(*auth.SessionOptions)) *lobby {
	t.Helper()
	l := &lobby{clock: newClock(), store: newMemory()}
	opts := auth.SessionOptions{Store: l.store, Issuer: "https://idp.example", Roles: roleMap, PublicURL: "https://foyer.example", Now: l.clock.Now}
	for _, c := range change {
		c(&opts)
	}
	var err error
	if l.sessions, err = auth.NewSessions(opts); err != nil {
		t.Fatalf("NewSessions() = %v, want no error", err)
	}
	return l
}

var roleMap = auth.RoleMap{auth.Viewer: {"foyer-viewer"}, auth.Admin: {"foyer-admin"}}

func vera() auth.Identity {
	return auth.Identity{
		Person: auth.Person{
			Issuer: "https://idp.example", Subject: "u-1", Name: "Vera", Email: "vera@partner.example",
			Roles: auth.Roles{auth.Viewer},
		},
		RoleValues: []string{"staff", "foyer-viewer"},
		SID:        "sid-1",
	}
}

// begin signs the browser in.
func (l *lobby) begin(t *testing.T, b *browser, draft []byte) (session auth.Session) {
	t.Helper()
	b.visit(t, http.MethodGet, "/auth/callback", func(w http.ResponseWriter, r *http.Request) {
		var err error
		if session, err = l.sessions.Begin(w, r, vera(), draft); err != nil {
			t.Fatalf("Begin() = %v, want no error", err)
		}
	})
	return session
}

// signedIn says whether the browser's next request finds its session.
func (l *lobby) signedIn(t *testing.T, b *browser) bool {
	t.Helper()
	session, err := l.sessions.Load(b.request(t, http.MethodGet, "/"))
	if err != nil {
		t.Fatalf("Load() = %v, want no error", err)
	}
	return session != nil
}

func TestSession(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	if l.signedIn(t, b) {
		t.Fatal("signed in before Begin")
	}

	begun := l.begin(t, b, nil)
	loaded, err := l.sessions.Load(b.request(t, http.MethodGet, "/"))
	if err != nil || loaded == nil {
		t.Fatalf("Load() = %v, %v; want the session", loaded, err)
	}
	want := auth.Session{
		Person: vera().Person, CreatedAt: l.clock.Now(), SeenAt: l.clock.Now(),
		Address: "192.0.2.1", UserAgent: "Mozilla/5.0 (Test)", SID: "sid-1",
		RoleValues: []string{"staff", "foyer-viewer"},
	}
	if diff := cmp.Diff(want, *loaded, cmpopts.IgnoreFields(auth.Session{}, "ID", "Hash", "FormKey")); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	if loaded.ID == "" || loaded.ID != begun.ID {
		t.Errorf("ID = %q, want Begin's, %q", loaded.ID, begun.ID)
	}
	wantActor := auth.Actor{
		Issuer: "https://idp.example", Subject: "u-1", Name: "Vera", Email: "vera@partner.example",
		Roles: auth.Roles{auth.Viewer}, Session: begun.ID,
	}
	if diff := cmp.Diff(wantActor, loaded.Actor()); diff != "" {
		t.Errorf("actor (-want +got):\n%s", diff)
	}
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	tests := []struct {
		public string
		secure bool
		want   string
	}{
		{"https://foyer.example", true, "__Host-foyer"},
		{"https://foyer.example:443", true, "__Host-foyer"},
		{"https://foyer.example:8443", true, "__Host-foyer-8443"},
		{"http://127.0.0.1", false, "foyer"},
		{"http://127.0.0.1:80", false, "foyer"},
		{"http://[::1]:8080", false, "foyer-8080"},
	}
	for _, test := range tests {
		t.Run(test.public, func(t *testing.T) {
			t.Parallel()
			l, b := newLobby(t, func(o *auth.SessionOptions) { o.PublicURL = test.public }), newBrowser()
			l.begin(t, b, nil)
			c := b.set[0]
			if len(b.set) != 1 || c.Name != test.want || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() ||
				c.Secure != test.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("cookies = %v, want one %s; Path=/; HttpOnly; SameSite=Lax, Secure: %v", b.set, test.want, test.secure)
			}
		})
	}
}

// 7.2.3: a session is found by 256 random bits, of which the store has a hash.
func TestSecretsAreRandomAndNotStored(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	seen := map[string]bool{}
	for range 10_000 {
		b := newBrowser()
		session := l.begin(t, b, nil)
		_, value := b.cookie(t, "__Host-foyer")
		cookie, _, _ := strings.Cut(value, ".")
		secret, err := base64.RawURLEncoding.DecodeString(cookie)
		if err != nil || len(secret) != 32 || seen[cookie] || seen[session.ID] {
			t.Fatalf("cookie of %d bytes, error %v, seen before: %v; want 32 new ones", len(secret), err, seen[cookie])
		}
		if len(session.FormKey) != 32 || seen[string(session.FormKey)] || strings.Contains(value, base64.RawURLEncoding.EncodeToString(session.FormKey)) {
			t.Fatalf("the key of forms has %d bytes, want 32 new ones that the browser isn't told", len(session.FormKey))
		}
		seen[cookie], seen[session.ID], seen[string(session.FormKey)] = true, true, true
		if kept := fmt.Sprintf("%s %+v", session.Hash, session); strings.Contains(kept, cookie) || strings.Contains(kept, string(secret)) {
			t.Fatal("the stored session has the cookie's secret in it")
		}
		_ = l.store.DeleteSession(t.Context(), session.Hash) // the next ones would look at all of them
	}
}

func TestTamperedCookies(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	session := l.begin(t, b, nil)
	name, value := b.cookie(t, "__Host-foyer")
	cookie, owner, _ := strings.Cut(value, ".")
	// The last character has two bits to spare, which mean nothing.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := alphabet[strings.IndexByte(alphabet, cookie[42])+1 : strings.IndexByte(alphabet, cookie[42])+2]
	tests := []struct{ name, value string }{
		{"empty", ""},
		{"cut", cookie[:42]},
		{"longer", cookie + "A"},
		{"one character changed", "." + cookie[1:]},
		{"spelt differently", cookie[:42] + last},
		{"padded", cookie + "="},
		{"without a secret", "." + owner},
		{"with an owner that can’t be one", cookie + ".u-1"},
		{"with no owner where there should be one", cookie + "."},
		{"with two owners", value + "." + owner},
		{"the public id", session.ID},
		{"the hash", base64.RawURLEncoding.EncodeToString(session.Hash)},
		{"100 KB", strings.Repeat("A", 100_000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			thief := newBrowser()
			thief.cookies[name] = test.value
			if l.signedIn(t, thief) {
				t.Errorf("the cookie %.50q opens a session", test.value)
			}
		})
	}
}

// 7.2.4: signing in gives a new secret and a new id, and ends what was before.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	l, b, old := newLobby(t), newBrowser(), newBrowser()
	first := l.begin(t, b, nil)
	name, value := b.cookie(t, "__Host-foyer")
	old.cookies[name] = value
	b.visit(t, http.MethodPost, "/", func(w http.ResponseWriter, r *http.Request) {
		if err := l.sessions.SetValue(w, r, "size", "50"); err != nil {
			t.Fatalf("SetValue() = %v, want no error", err)
		}
	})

	second := l.begin(t, b, nil)
	if first.ID == second.ID || b.cookies[name] == value {
		t.Error("id or cookie are the same after signing in again")
	}
	if l.signedIn(t, old) {
		t.Error("the old cookie still opens a session")
	}
	if got := l.sessions.Value(b.request(t, http.MethodGet, "/"), "size"); got != "" {
		t.Errorf("Value(size) = %q, want nothing carried over", got)
	}
}

// 7.3.1: idle and absolute timeouts, to the second.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		live func(t *testing.T, l *lobby, b *browser)
		want bool
	}{
		{"a second before idle", func(_ *testing.T, l *lobby, _ *browser) { l.clock.advance(auth.DefaultIdle - time.Second) }, true},
		{"idle", func(_ *testing.T, l *lobby, _ *browser) { l.clock.advance(auth.DefaultIdle) }, false},
		{"idle after use", func(t *testing.T, l *lobby, b *browser) {
			l.clock.advance(20 * time.Minute)
			l.signedIn(t, b)
			l.clock.advance(auth.DefaultIdle)
		}, false},
		{"used all along, a second before absolute", func(t *testing.T, l *lobby, b *browser) {
			for range 24 {
				l.clock.advance(20*time.Minute - time.Second)
				l.signedIn(t, b)
			}
			l.clock.advance(23 * time.Second)
		}, true},
		{"used all along, absolute", func(t *testing.T, l *lobby, b *browser) {
			for range 24 {
				l.clock.advance(20 * time.Minute)
				l.signedIn(t, b)
			}
		}, false},
		{"polled, which is no use", func(t *testing.T, l *lobby, b *browser) {
			for range 30 {
				l.clock.advance(time.Minute)
				if _, err := l.sessions.Peek(b.request(t, http.MethodGet, "/")); err != nil {
					t.Fatalf("Peek() = %v, want no error", err)
				}
			}
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l, b := newLobby(t), newBrowser()
			l.begin(t, b, nil)
			test.live(t, l, b)
			if got := l.signedIn(t, b); got != test.want {
				t.Errorf("signed in = %v, want %v", got, test.want)
			}
		})
	}
}

// Cookies of earlier versions don't say whose they are. They open their sessions all the
// same: an update signs nobody out.
func TestACookieWithoutItsOwnerIsReadAsASession(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	name, value := b.cookie(t, "__Host-foyer")
	b.cookies[name], _, _ = strings.Cut(value, ".")
	if !l.signedIn(t, b) {
		t.Error("the cookie opens no session")
	}
}

// The owner of a browser is the same for the same person, and for nobody else.
func TestOwner(t *testing.T) {
	t.Parallel()
	l, b, again := newLobby(t), newBrowser(), newBrowser()
	owner := func(b *browser) auth.Owner { return l.sessions.Owner(b.request(t, http.MethodPost, "/companies")) }
	if got := owner(b); got != "" {
		t.Errorf("Owner() of a stranger = %q, want none", got)
	}
	session := l.begin(t, b, nil)
	l.begin(t, again, nil)
	veras := owner(b)
	if veras == "" || owner(again) != veras || strings.Contains(string(veras), "u-1") {
		t.Errorf("Owner() = %q and %q, want the same digest", veras, owner(again))
	}

	name, value := b.cookie(t, "__Host-foyer")
	b.cookies[name], _, _ = strings.Cut(value, ".")
	if got := owner(b); got != veras {
		t.Errorf("Owner() of a session whose cookie doesn't say = %q, want the session's, %q", got, veras)
	}
	if err := l.store.DeleteSession(t.Context(), session.Hash); err != nil {
		t.Fatal(err)
	}
	if got := owner(b); got != "" {
		t.Errorf("Owner() of a session that has gone, with a cookie that doesn't say = %q, want none", got)
	}
	b.cookies[name] = value
	if got := owner(b); got != veras || l.signedIn(t, b) {
		t.Errorf("Owner() of a session that has gone = %q, want %q and nobody signed in", got, veras)
	}

	for _, other := range []auth.Person{{Issuer: "https://idp.example", Subject: "u-2"}, {Issuer: "https://idp.example", Subject: "u-"}} {
		of := newBrowser()
		l.beginIdentity(t, of, auth.Identity{Person: other})
		if got := owner(of); got == veras || got == "" {
			t.Errorf("Owner() of %s = %q, want another than Vera's", other.Subject, got)
		}
	}
}

func TestUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	_, before := l.store.counts()
	for range 120 {
		l.clock.advance(time.Second)
		l.signedIn(t, b)
	}
	if _, after := l.store.counts(); after-before != 2 {
		t.Errorf("writes in two minutes of 120 requests = %d, want 2", after-before)
	}
}

func TestStoreIsReadOnceForARequest(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	l.begin(t, b, nil)
	reads, _ := l.store.counts()
	r := b.request(t, http.MethodGet, "/")
	for range 3 {
		if _, err := l.sessions.Load(r); err != nil {
			t.Fatalf("Load() = %v, want no error", err)
		}
		l.sessions.Value(r, "size")
	}
	if after, _ := l.store.counts(); after-reads != 1 {
		t.Errorf("reads = %d, want 1", after-reads)
	}
}

func TestNewSessionsChecksItsOptions(t *testing.T) {
	t.Parallel()
	tests := []auth.SessionOptions{
		{},
		{Store: newMemory()},
		{Issuer: "i"},
		{Store: newMemory(), Issuer: "i"},
		{Store: newMemory(), Issuer: "i", PublicURL: "http://foyer.example"},
		{Store: newMemory(), Issuer: "i", PublicURL: "https://foyer.example", Idle: time.Second},
		{Store: newMemory(), Issuer: "i", PublicURL: "https://foyer.example", Idle: time.Hour, Absolute: time.Minute},
		{Store: newMemory(), Issuer: "i", PublicURL: "https://foyer.example", Idle: -time.Hour},
	}
	for _, opts := range tests {
		if _, err := auth.NewSessions(opts); err == nil {
			t.Errorf("NewSessions(%+v) = nil, want an error", opts)
		}
	}
}

func TestBeginNeedsAnIdentity(t *testing.T) {
	t.Parallel()
	l, b := newLobby(t), newBrowser()
	for _, person := range []auth.Person{{}, {Issuer: "https://idp.example"}, {Subject: "u-1"}, {Issuer: "https://other.example", Subject: "u-1"}} {
		_, err := l.sessions.Begin(httptest.NewRecorder(), b.request(t, http.MethodGet, "/"), auth.Identity{Person: person}, nil)
		if err == nil {
			t.Errorf("Begin(%+v) = nil, want an error", person)
		}
	}
}

func TestAddressAndBrowserAreBounded(t *testing.T) {
	t.Parallel()
	l := newLobby(t, func(o *auth.SessionOptions) {
		o.Address = func(*http.Request) string { return "203.0.113.9" }
	})
	r := newBrowser().request(t, http.MethodGet, "/")
	r.Header.Set("User-Agent", strings.Repeat("é", 10_000))
	session, err := l.sessions.Begin(httptest.NewRecorder(), r, vera(), nil)
	if err != nil {
		t.Fatalf("Begin() = %v, want no error", err)
	}
	if session.Address != "203.0.113.9" || session.UserAgent != strings.Repeat("é", 256) {
		t.Errorf("Address, UserAgent = %q, %d bytes; want the proxy's word and 512 bytes", session.Address, len(session.UserAgent))
	}
}
