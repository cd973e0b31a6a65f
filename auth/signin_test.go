package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()

	zoes := w.owner(t, "u-1")
	sent := w.start(t, b, auth.Resume{ReturnTo: "/companies?page=2", Draft: []byte(`{"name":"Acme"}`), DraftOwner: zoes})
	identity, resume, err := w.finish(t, b, w.idp.authorize(t, sent))
	if err != nil {
		t.Fatalf("Finish() = %v, want no error", err)
	}
	want := auth.Identity{
		Person: auth.Person{
			Issuer: w.idp.issuer(), Subject: "u-1", Name: "Zoë Ng", Email: "zoe@partner.example",
			Roles: auth.Roles{auth.Viewer},
		},
		AuthTime: w.clock.Now().Add(-time.Hour),
		SID:      "idp-session-1",

		RoleValues: []string{"foyer-viewer", "staff"},
	}
	if diff := cmp.Diff(want, identity); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	wantResume := auth.Resume{ReturnTo: "/companies?page=2", Draft: []byte(`{"name":"Acme"}`), DraftOwner: zoes}
	if diff := cmp.Diff(wantResume, resume); diff != "" {
		t.Errorf("resume (-want +got):\n%s", diff)
	}
	if len(b.cookies) != 0 {
		t.Errorf("cookies after sign-in = %v, want none of the sign-in left", b.cookies)
	}
}

func TestAuthorizationRequest(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	first, second := w.start(t, b, auth.Resume{}), w.start(t, b, auth.Resume{})

	query := first.Query()
	want := url.Values{
		"tenant":                {"1"}, // of the endpoint's own query
		"response_type":         {"code"},
		"client_id":             {clientID},
		"redirect_uri":          {redirectURL},
		"scope":                 {"openid profile email"},
		"code_challenge_method": {"S256"},
		"state":                 query["state"],
		"nonce":                 query["nonce"],
		"code_challenge":        query["code_challenge"],
	}
	if diff := cmp.Diff(want, query); diff != "" {
		t.Errorf("authorization request (-want +got):\n%s", diff)
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if got := len(query.Get(name)); got != 43 {
			t.Errorf("%s has %d characters, want 43 (256 bits)", name, got)
		}
		if query.Get(name) == second.Query().Get(name) {
			t.Errorf("%s is the same for two sign-ins", name)
		}
	}

	_, _, err := w.finish(t, b, w.idp.authorize(t, first))
	if err != nil {
		t.Fatalf("Finish() = %v, want no error", err)
	}
	verifier := w.idp.lastToken.Get("code_verifier")
	hash := sha256.Sum256([]byte(verifier))
	if len(verifier) < 43 || base64.RawURLEncoding.EncodeToString(hash[:]) != query.Get("code_challenge") {
		t.Errorf("code_verifier of %d characters does not match the challenge", len(verifier))
	}
	if !strings.HasPrefix(w.idp.lastAuthHdr, "Basic ") || w.idp.lastToken.Has("client_secret") {
		t.Error("the client did not authenticate by client_secret_basic alone")
	}
}

func TestClientSecretPostWhenTheProviderWantsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.idp.do(func() {
		w.idp.metadata = func(m map[string]any) { m["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} }
	})
	if _, err := w.signIn(t, newBrowser()); err != nil {
		t.Fatalf("sign-in = %v, want no error", err)
	}
	if got := w.idp.lastToken.Get("client_secret"); got != clientSecret || w.idp.lastAuthHdr != "" {
		t.Error("the client did not authenticate by client_secret_post alone")
	}
}

// Cookies of a sign-in are bound to our host, unreadable for scripts, and
// short-lived; over plain http they can't be Secure.
func TestLoginCookies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		redirect, prefix string
		secure           bool
	}{
		{"https://foyer.example/auth/callback", "__Host-foyer-login-", true},
		{"https://foyer.example:443/auth/callback", "__Host-foyer-login-", true},
		{"https://foyer.example:8443/auth/callback", "__Host-foyer-8443-login-", true},
		{"http://127.0.0.1/auth/callback", "foyer-login-", false},
		{"http://127.0.0.1:8080/auth/callback", "foyer-8080-login-", false},
	}
	for _, test := range tests {
		t.Run(test.redirect, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t, func(o *auth.OIDCOptions) { o.RedirectURL = test.redirect }), newBrowser()
			w.start(t, b, auth.Resume{})
			if len(b.set) != 1 {
				t.Fatalf("Start set %d cookies, want 1", len(b.set))
			}
			c := b.set[0]
			if !strings.HasPrefix(c.Name, test.prefix) || c.Path != "/" || c.Domain != "" || c.MaxAge != 600 ||
				c.Secure != test.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || len(c.String()) > 4096 {
				t.Errorf("cookie = %s, want %s…; Path=/; Max-Age=600; HttpOnly; SameSite=Lax, Secure: %v", c, test.prefix, test.secure)
			}
		})
	}
}

// F1: state missing, random, used before, or too old. No token is asked for.
func TestStateIsRequiredAndGoodForOneUse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, w *world, b *browser, query url.Values)
		want   auth.Reason
	}{
		{"missing", func(_ *testing.T, _ *world, _ *browser, q url.Values) { q.Del("state") }, auth.ReasonState},
		{"empty", func(_ *testing.T, _ *world, _ *browser, q url.Values) { q.Set("state", "") }, auth.ReasonState},
		{"random", func(_ *testing.T, _ *world, _ *browser, q url.Values) { q.Set("state", strings.Repeat("A", 43)) }, auth.ReasonState},
		{"cut", func(_ *testing.T, _ *world, _ *browser, q url.Values) { q.Set("state", q.Get("state")[:42]) }, auth.ReasonState},
		{"absurdly long", func(_ *testing.T, _ *world, _ *browser, q url.Values) { q.Set("state", strings.Repeat("A", 100_000)) }, auth.ReasonState},
		{"used before", func(t *testing.T, w *world, b *browser, q url.Values) {
			again := newBrowser()
			again.cookies = maps.Clone(b.cookies) // a thief with a copy of everything
			w.idp.do(func() { w.idp.token = http.NotFound })
			if _, _, err := w.finish(t, again, q); err == nil {
				t.Fatal("Finish() = nil, want the first use to fail at the token endpoint")
			}
			w.idp.do(func() { w.idp.token = nil; w.idp.requests["/tenant/token"] = 0 })
		}, auth.ReasonState},
		{"ten minutes old", func(_ *testing.T, w *world, _ *browser, _ url.Values) { w.clock.advance(auth.LoginTimeout) }, auth.ReasonState},
		{"of another browser", func(_ *testing.T, _ *world, b *browser, _ url.Values) { clear(b.cookies) }, auth.ReasonBrowser},
		{"with another browser's cookie", func(t *testing.T, w *world, b *browser, _ url.Values) {
			name, _ := b.cookie(t, "__Host-foyer-login-")
			other := newBrowser()
			w.start(t, other, auth.Resume{})
			_, b.cookies[name] = other.cookie(t, "__Host-foyer-login-")
		}, auth.ReasonBrowser},
		{"with a broken cookie", func(t *testing.T, _ *world, b *browser, _ url.Values) {
			name, _ := b.cookie(t, "__Host-foyer-login-")
			b.cookies[name] = "x"
		}, auth.ReasonBrowser},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBrowser()
			query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
			test.change(t, w, b, query)

			_, _, err := w.finish(t, b, query)
			wantReason(t, err, test.want)
			if got := w.idp.count("/tenant/token"); got != 0 {
				t.Errorf("token requests = %d, want 0", got)
			}
		})
	}
}

func TestSignInJustInTime(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
	w.clock.advance(auth.LoginTimeout - time.Second)
	if _, _, err := w.finish(t, b, query); err != nil {
		t.Errorf("Finish() a second before the timeout = %v, want no error", err)
	}
}

// F2: a victim who opens an attacker's callback link is not signed in as the
// attacker, and the link is used up.
func TestLoginCSRF(t *testing.T) {
	t.Parallel()
	w, attacker, victim := newWorld(t), newBrowser(), newBrowser()
	link := w.idp.authorize(t, w.start(t, attacker, auth.Resume{}))
	w.start(t, victim, auth.Resume{}) // even with a sign-in of their own under way

	_, _, err := w.finish(t, victim, link)
	wantReason(t, err, auth.ReasonBrowser)
	_, _, err = w.finish(t, attacker, link)
	wantReason(t, err, auth.ReasonState)
}

// F3: a code that was issued to another sign-in is refused by PKCE.
func TestCodeInjection(t *testing.T) {
	t.Parallel()
	w, victim, attacker := newWorld(t), newBrowser(), newBrowser()
	query := w.idp.authorize(t, w.start(t, victim, auth.Resume{}))
	stolen := w.idp.authorize(t, w.start(t, attacker, auth.Resume{}))
	query.Set("code", stolen.Get("code"))

	_, _, err := w.finish(t, victim, query)
	wantReason(t, err, auth.ReasonCode)
}

// F4: several tabs sign in at once, up to five; a sixth drops the oldest.
func TestSeveralTabs(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	var answers []url.Values
	for range 6 {
		answers = append(answers, w.idp.authorize(t, w.start(t, b, auth.Resume{})))
		w.clock.advance(time.Second)
	}
	if got := len(b.cookies); got != 5 {
		t.Fatalf("cookies of sign-ins = %d, want 5", got)
	}
	_, _, err := w.finish(t, b, answers[0])
	wantReason(t, err, auth.ReasonBrowser)
	for i, answer := range answers[1:] {
		if _, _, err := w.finish(t, b, answer); err != nil {
			t.Errorf("Finish() of tab %d = %v, want no error", i+2, err)
		}
	}
}

// F5 and RFC 9207: an answer of another provider is refused before the code
// goes anywhere.
func TestMixUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		supported bool
		iss       func(issuer string) []string
		refused   bool
	}{
		{"right", true, func(i string) []string { return []string{i} }, false},
		{"right though not announced", false, func(i string) []string { return []string{i} }, false},
		{"not announced, not sent", false, func(string) []string { return nil }, false},
		{"announced but missing", true, func(string) []string { return nil }, true},
		{"wrong", true, func(string) []string { return []string{"https://evil.example"} }, true},
		{"wrong though not announced", false, func(string) []string { return []string{"https://evil.example"} }, true},
		{"with a slash more", true, func(i string) []string { return []string{i + "/"} }, true},
		{"empty", false, func(string) []string { return []string{""} }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBrowser()
			w.idp.do(func() {
				w.idp.metadata = func(m map[string]any) { m["authorization_response_iss_parameter_supported"] = test.supported }
			})
			query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
			if iss := test.iss(w.idp.issuer()); iss != nil {
				query["iss"] = iss
			}
			_, _, err := w.finish(t, b, query)
			if !test.refused {
				if err != nil {
					t.Fatalf("Finish() = %v, want no error", err)
				}
				return
			}
			wantReason(t, err, auth.ReasonIssuer)
			if got := w.idp.count("/tenant/token"); got != 0 {
				t.Errorf("token requests = %d, want 0", got)
			}
		})
	}
}

// F6: the provider's own errors come through as registered codes; whatever else
// the link says does not, and state is checked all the same.
func TestProviderSaysNo(t *testing.T) {
	t.Parallel()
	tests := []struct{ sent, want string }{
		{"access_denied", "access_denied"},
		{"login_required", "login_required"},
		{"temporarily_unavailable", "temporarily_unavailable"},
		{"<script>alert(1)</script>", "other"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBrowser()
			sent := w.start(t, b, auth.Resume{ReturnTo: "/companies"})
			query := url.Values{
				"state": sent.Query()["state"], "error": {test.sent},
				"error_description": {"<script>alert(2)</script>"},
			}
			_, resume, err := w.finish(t, b, query)
			wantReason(t, err, auth.ReasonDenied)
			if refused, ok := errors.AsType[*auth.SignInError](err); !ok || refused.Code != test.want || strings.Contains(err.Error(), "script") {
				t.Errorf("error = %+v, want the code %q and no script", err, test.want)
			}
			if resume.ReturnTo != "/companies" {
				t.Errorf("ReturnTo = %q, want /companies, to try again with", resume.ReturnTo)
			}

			_, _, err = w.finish(t, b, query)
			wantReason(t, err, auth.ReasonState)
		})
	}
}

// F7: a callback is a GET with each parameter once.
func TestOddCallbacks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method string
		change       func(query string) string
	}{
		{"POST", http.MethodPost, func(q string) string { return q }},
		{"HEAD", http.MethodHead, func(q string) string { return q }},
		{"code twice", http.MethodGet, func(q string) string { return q + "&code=stolen" }},
		{"state twice", http.MethodGet, func(q string) string { return q + "&" + q }},
		{"iss twice", http.MethodGet, func(q string) string { return q + "&iss=a&iss=b" }},
		{"error twice", http.MethodGet, func(q string) string { return q + "&error=a&error=b" }},
		{"malformed", http.MethodGet, func(q string) string { return q + "&%zz" }},
		{"neither code nor error", http.MethodGet, func(q string) string { return q[strings.Index(q, "state="):] }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBrowser()
			query := test.change(w.idp.authorize(t, w.start(t, b, auth.Resume{})).Encode())
			r := b.request(t, test.method, "/auth/callback")
			r.URL.RawQuery = query
			_, _, err := w.oidc.Finish(httptest.NewRecorder(), r)
			wantReason(t, err, auth.ReasonRequest)
			if got := w.idp.count("/tenant/token"); got != 0 {
				t.Errorf("token requests = %d, want 0", got)
			}
		})
	}
}

func TestDatabaseDownDuringSignIn(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
	w.store.fail(errDown, nil)

	_, _, err := w.finish(t, b, query)
	wantReason(t, err, auth.ReasonStore)
	_, err = w.oidc.Start(httptest.NewRecorder(), b.request(t, http.MethodGet, "/login"), auth.Resume{})
	wantReason(t, err, auth.ReasonStore)
	if !errors.Is(err, errDown) {
		t.Errorf("Start() = %v, want it to wrap the store's error", err)
	}
}

func TestDraftHasALimit(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	w.start(t, b, auth.Resume{Draft: make([]byte, auth.MaxDraft)})
	_, err := w.oidc.Start(httptest.NewRecorder(), b.request(t, http.MethodGet, "/login"), auth.Resume{Draft: make([]byte, auth.MaxDraft+1)})
	wantReason(t, err, auth.ReasonRequest)
}

// A form is given back to its person, whoever else signs in in that browser.
func TestADraftIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		owner auth.Owner
		given bool
		goes  string
	}{
		"their own":       {w.owner(t, "u-1"), true, "/companies"},
		"somebody else's": {w.owner(t, "u-2"), false, "/"},
		"nobody's":        {"", false, "/companies"},
	} {
		b := newBrowser()
		query := w.idp.authorize(t, w.start(t, b, auth.Resume{ReturnTo: "/companies", Draft: []byte("typed"), DraftOwner: test.owner}))
		_, resume, err := w.finish(t, b, query)
		if given := resume.Draft != nil; err != nil || given != test.given || resume.ReturnTo != test.goes || resume.OfAnother != (test.goes == "/") {
			t.Errorf("%s: Finish() = draft %q and %q, %v; want a draft: %v", name, resume.Draft, resume.ReturnTo, err, test.given)
		}
	}
}

// owner is whose a browser of the provider's person with a subject is.
func (w *world) owner(t *testing.T, subject string) auth.Owner {
	t.Helper()
	l, b := newLobby(t, func(o *auth.SessionOptions) { o.Issuer = w.idp.issuer() }), newBrowser()
	l.beginIdentity(t, b, auth.Identity{Person: auth.Person{Issuer: w.idp.issuer(), Subject: subject}})
	return l.sessions.Owner(b.request(t, http.MethodGet, "/"))
}

// Two Foyers on one host name share its cookies, whatever their ports.
func TestTwoFoyersOnOneHostLeaveEachOthersCookiesAlone(t *testing.T) {
	t.Parallel()
	b, all := newBrowser(), map[string]*lobby{}
	for _, public := range []string{"https://foyer.example", "https://foyer.example:8443", "https://foyer.example:9443"} {
		w := newWorld(t, func(o *auth.OIDCOptions) { o.RedirectURL = public + "/auth/callback" })
		l := newLobby(t, func(o *auth.SessionOptions) { o.PublicURL = public })
		l.begin(t, b, nil)
		for range 6 { // of which the oldest goes
			w.start(t, b, auth.Resume{})
		}
		all[public] = l
	}
	for public, l := range all {
		if !l.signedIn(t, b) {
			t.Errorf("signing in to the others signed out of %s", public)
		}
	}
	if want := 3 * (1 + 5); len(b.cookies) != want {
		t.Errorf("the browser has %d cookies, want %d", len(b.cookies), want)
	}
}

// The database is not trusted with where browsers go.
func TestReturnToIsCheckedAgainAtTheEnd(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	query := w.idp.authorize(t, w.start(t, b, auth.Resume{ReturnTo: "/companies"}))
	for hash, login := range w.store.logins {
		login.ReturnTo = "https://evil.example/"
		w.store.logins[hash] = login
	}
	_, resume, err := w.finish(t, b, query)
	if err != nil || resume.ReturnTo != "/" {
		t.Errorf("Finish() = %q, %v; want / and no error", resume.ReturnTo, err)
	}
}

func TestSecretsAreStoredAsHashes(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	sent := w.start(t, b, auth.Resume{})
	_, cookie := b.cookie(t, "__Host-foyer-login-")
	_, secret, _ := strings.Cut(cookie, ".")
	for _, login := range w.store.logins {
		if len(login.StateHash) != 32 || len(login.BrowserHash) != 32 {
			t.Errorf("hashes of %d and %d bytes, want 32", len(login.StateHash), len(login.BrowserHash))
		}
		kept := fmt.Sprintf("%s %s %+v", login.StateHash, login.BrowserHash, login)
		if strings.Contains(kept, sent.Query().Get("state")) || strings.Contains(kept, secret) {
			t.Error("the stored sign-in has the state or the cookie's secret in it")
		}
	}
}

func TestNewOIDCReportsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := auth.NewOIDC(auth.OIDCOptions{
		Issuer: "http://idp.example", RedirectURL: "http://foyer.example/auth/callback", PostLogoutURL: "/signed-out",
	})
	if err == nil {
		t.Fatal("NewOIDC() = nil, want an error")
	}
	for _, want := range []string{"store", "client id", "pages to return to", "issuer: must be https", "redirect URL: must be https", "post-logout URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("NewOIDC() = %q, want it to mention %q", err, want)
		}
	}
	for _, issuer := range []string{"https://idp.example", "http://localhost:8081/idp", "http://127.0.0.1:8081", "http://[::1]:8081"} {
		_, err := auth.NewOIDC(auth.OIDCOptions{
			Store: newMemory(), Issuer: issuer, ClientID: clientID, RedirectURL: redirectURL,
			AllowedReturn: func(string) bool { return false },
		})
		if err != nil {
			t.Errorf("NewOIDC(%q) = %v, want no error", issuer, err)
		}
	}
}
