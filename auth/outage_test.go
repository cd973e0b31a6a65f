package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"foyer/auth"
)

// F10: whatever the token endpoint does, nobody is signed in, and nothing of
// its answer is in the error.
func TestTokenEndpointMisbehaves(t *testing.T) {
	t.Parallel()
	answer := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	const jsonType = "application/json"
	tests := []struct {
		name  string
		token http.HandlerFunc
		want  auth.Reason
	}{
		{"500", answer(500, "text/html", "CANARY"), auth.ReasonUnavailable},
		{"502 HTML", answer(502, "text/html", "<h1>CANARY</h1>"), auth.ReasonUnavailable},
		{"200 HTML", answer(200, "text/html", "<h1>CANARY</h1>"), auth.ReasonUnavailable},
		{"empty", answer(200, jsonType, ""), auth.ReasonUnavailable},
		{"null", answer(200, jsonType, "null"), auth.ReasonUnavailable},
		{"cut off", answer(200, jsonType, `{"access_token":"CANARY","id_to`), auth.ReasonUnavailable},
		{"no access token", answer(200, jsonType, `{"token_type":"Bearer","id_token":"CANARY"}`), auth.ReasonUnavailable},
		{"no id_token", answer(200, jsonType, `{"token_type":"Bearer","access_token":"CANARY"}`), auth.ReasonNoToken},
		{"id_token of the wrong type", answer(200, jsonType, `{"token_type":"Bearer","access_token":"CANARY","id_token":7}`), auth.ReasonNoToken},
		{"odd token_type", answer(200, jsonType, `{"token_type":"DPoP","access_token":"CANARY","id_token":"x"}`), auth.ReasonUnavailable},
		{"no token_type", answer(200, jsonType, `{"access_token":"CANARY","id_token":"x"}`), auth.ReasonUnavailable},
		{"invalid_grant", answer(400, jsonType, `{"error":"invalid_grant","error_description":"CANARY"}`), auth.ReasonCode},
		{"invalid_client", answer(401, jsonType, `{"error":"invalid_client","error_description":"CANARY"}`), auth.ReasonClient},
		{"invalid_client as a 400", answer(400, jsonType, `{"error":"invalid_client"}`), auth.ReasonClient},
		{"401 without words", answer(401, "text/plain", "CANARY"), auth.ReasonClient},
		{"unknown error", answer(400, jsonType, `{"error":"CANARY"}`), auth.ReasonUnavailable},
		{"rate limited", answer(429, jsonType, `{"error":"CANARY"}`), auth.ReasonUnavailable},
		{"a MiB too much", answer(200, jsonType, `{"x":"`+strings.Repeat("CANARY", 200_000)+`"}`), auth.ReasonUnavailable},
		{"connection cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, auth.ReasonUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() { w.idp.token = test.token })
			_, err := w.signIn(t, newBrowser())
			wantReason(t, err, test.want)
			wantNoSecrets(t, err)
		})
	}
}

// A code and a secret follow no redirect.
func TestRedirectOfTheTokenEndpointIsNotFollowed(t *testing.T) {
	t.Parallel()
	var reached sync.Once
	hit := false
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Do(func() { hit = true }) }))
	defer evil.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		w := newWorld(t)
		w.idp.do(func() {
			w.idp.token = func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, evil.URL, status) }
		})
		_, err := w.signIn(t, newBrowser())
		wantReason(t, err, auth.ReasonUnavailable)
	}
	evil.Close()
	if hit {
		t.Error("a redirect was followed")
	}
}

// slow answers after the request's own deadline: the injected form of a
// provider that never answers.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, ok := r.Context().Deadline(); !ok {
		return nil, errors.New("the request has no deadline")
	}
	return nil, context.DeadlineExceeded
}

func TestSlowProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *auth.OIDCOptions) { o.Transport = slow{} })
	_, err := w.oidc.Start(httptest.NewRecorder(), newBrowser().request(t, http.MethodGet, "/login"), auth.Resume{})
	wantReason(t, err, auth.ReasonUnavailable)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Start() = %v, want it to say that the deadline passed", err)
	}
}

// F11: Foyer starts while the provider is down, says so at sign-in, and signs
// people in once it is back; what it knew serves on when it goes down again.
func TestProviderDownAndBack(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	w.idp.do(func() { w.idp.down = true })

	_, err := w.oidc.Start(httptest.NewRecorder(), b.request(t, http.MethodGet, "/login"), auth.Resume{})
	wantReason(t, err, auth.ReasonUnavailable)
	wantNoSecrets(t, err)
	if err := w.oidc.Check(t.Context()); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("Check() = %v, want an error without the provider's page", err)
	}
	if got := w.oidc.LogoutURL(t.Context()); got != "" {
		t.Errorf("LogoutURL() = %q, want none", got)
	}

	w.idp.do(func() { w.idp.down = false })
	if err := w.oidc.Check(t.Context()); err != nil {
		t.Errorf("Check() = %v, want no error", err)
	}
	if _, err := w.signIn(t, b); err != nil {
		t.Fatalf("sign-in = %v, want no error", err)
	}

	w.idp.do(func() { w.idp.down = true })
	w.clock.advance(25 * time.Hour)
	sent := w.start(t, b, auth.Resume{}) // from memory, though it is old
	_, _, err = w.finish(t, b, w.idp.authorize(t, sent))
	wantReason(t, err, auth.ReasonUnavailable)
}

func TestDiscoveryIsAskedOnceForAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if w.oidc.LogoutURL(t.Context()) == "" {
				t.Error("LogoutURL() is empty")
			}
		})
	}
	group.Wait()
	const path = "/tenant/.well-known/openid-configuration"
	if got := w.idp.count(path); got != 1 {
		t.Errorf("discovery requests of 20 at once = %d, want 1", got)
	}
	w.clock.advance(time.Hour)
	w.oidc.LogoutURL(t.Context())
	if got := w.idp.count(path); got != 2 {
		t.Errorf("discovery requests an hour later = %d, want 2", got)
	}
}

func TestDiscoveryIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(map[string]any)
		want   auth.Reason
	}{
		{"another issuer", func(m map[string]any) { m["issuer"] = "https://evil.example" }, auth.ReasonSpelling},
		{"the issuer with a slash more", func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" }, auth.ReasonSpelling},
		{"no issuer", func(m map[string]any) { delete(m, "issuer") }, auth.ReasonSpelling},
		{"no token endpoint", func(m map[string]any) { delete(m, "token_endpoint") }, auth.ReasonUnavailable},
		{"plain http beyond loopback", func(m map[string]any) { m["token_endpoint"] = "http://idp.example/token" }, auth.ReasonUnavailable},
		{"keys over plain http", func(m map[string]any) { m["jwks_uri"] = "http://idp.example/keys" }, auth.ReasonUnavailable},
		{"javascript", func(m map[string]any) { m["authorization_endpoint"] = "javascript:alert(1)" }, auth.ReasonUnavailable},
		{"sign-out at a file", func(m map[string]any) { m["end_session_endpoint"] = "file:///etc/passwd" }, auth.ReasonUnavailable},
		{"only symmetric algorithms", func(m map[string]any) { m["id_token_signing_alg_values_supported"] = []string{"none", "HS256"} }, auth.ReasonUnavailable},
		{"absurdly long", func(m map[string]any) { m["padding"] = strings.Repeat("x", 2<<20) }, auth.ReasonUnavailable},
		{"of the wrong type", func(m map[string]any) { m["issuer"] = 7 }, auth.ReasonUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() { w.idp.metadata = test.change })
			if err := w.oidc.Check(t.Context()); err == nil {
				t.Error("Check() = nil, want an error")
			}
			_, err := w.oidc.Start(httptest.NewRecorder(), newBrowser().request(t, http.MethodGet, "/login"), auth.Resume{})
			wantReason(t, err, test.want)
		})
	}
}

func TestLogoutURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.idp.issuer() + "/logout?client_id=foyer&post_logout_redirect_uri=" +
		url.QueryEscape("https://foyer.example/signed-out") + "&tenant=1"
	if got := w.oidc.LogoutURL(t.Context()); got != want {
		t.Errorf("LogoutURL() = %q, want %q", got, want)
	}

	without := newWorld(t)
	without.idp.do(func() { without.idp.metadata = func(m map[string]any) { delete(m, "end_session_endpoint") } })
	if got := without.oidc.LogoutURL(t.Context()); got != "" {
		t.Errorf("LogoutURL() without an endpoint = %q, want none", got)
	}
}
