package idp_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"foyer/sandbox/idp"
)

const (
	redirectURI   = "http://127.0.0.1:8080/auth/callback"
	postLogoutURI = "http://127.0.0.1:8080/signed-out"
)

// visitor is somebody with a browser, and a client that they sign in to.
type visitor struct {
	issuer string
	http   *http.Client // follows no redirects
	config oauth2.Config

	mu     sync.Mutex
	offset time.Duration // of the provider's clock
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	v := &visitor{issuer: "http://" + server.Listener.Addr().String() + "/idp"}
	handler, err := idp.New(idp.Options{
		Issuer: v.issuer, ClientID: "foyer", ClientSecret: "s&cret",
		RedirectURIs: []string{redirectURI}, PostLogoutURIs: []string{postLogoutURI},
		Now: func() time.Time {
			v.mu.Lock()
			defer v.mu.Unlock()
			return time.Now().Add(v.offset)
		},
	})
	if err != nil {
		t.Fatalf("New() = %v, want no error", err)
	}
	mux := http.NewServeMux() // as a caller mounts it
	mux.Handle("/idp/", handler)
	server.Config.Handler = mux
	server.Start()
	t.Cleanup(server.Close)

	v.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	v.config = oauth2.Config{
		ClientID: "foyer", ClientSecret: "s&cret", RedirectURL: redirectURI,
		Scopes:   []string{"openid", "profile", "email"},
		Endpoint: oauth2.Endpoint{AuthURL: v.issuer + "/authorize", TokenURL: v.issuer + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
	return v
}

func (v *visitor) advance(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.offset += d
}

func (v *visitor) do(t *testing.T, r *http.Request) *http.Response {
	t.Helper()
	resp, err := v.http.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if cookies := resp.Cookies(); len(cookies) != 0 {
		t.Errorf("%s %s sets cookies %v, want none", r.Method, r.URL.Path, cookies)
	}
	return resp
}

func (v *visitor) get(t *testing.T, address string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.absolute(t, address), nil)
	if err != nil {
		t.Fatalf("GET %s: %v", address, err)
	}
	return v.do(t, r)
}

func (v *visitor) absolute(t *testing.T, address string) string {
	t.Helper()
	base, err := url.Parse(v.issuer)
	if err != nil {
		t.Fatalf("parse issuer: %v", err)
	}
	u, err := base.Parse(address)
	if err != nil {
		t.Fatalf("parse %q: %v", address, err)
	}
	return u.String()
}

// page opens the page to choose a person on.
func (v *visitor) page(t *testing.T, verifier string, options ...oauth2.AuthCodeOption) (address string, page *goquery.Document) {
	t.Helper()
	options = append(options, oauth2.S256ChallengeOption(verifier), oidc.Nonce("nonce-1"))
	resp := v.get(t, v.config.AuthCodeURL("state-1", options...))
	address = resp.Header.Get("Location")
	if resp.StatusCode != http.StatusFound || !strings.HasPrefix(address, "/idp/choose?") {
		t.Fatalf("GET /authorize = %s to %q, want a redirect to /idp/choose", resp.Status, address)
	}
	resp = v.get(t, address)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s = %s, want 200", address, resp.Status)
	}
	return address, document(t, resp)
}

func document(t *testing.T, resp *http.Response) *goquery.Document {
	t.Helper()
	page, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		t.Fatalf("parse page: %v", err)
	}
	return page
}

// press sends the page's form with the button of that value.
func (v *visitor) press(t *testing.T, page *goquery.Document, subject string, headers ...string) *http.Response {
	t.Helper()
	form := page.Find("form")
	request, _ := form.Find("input[name=request]").Attr("value")
	if form.Find("button[name=person]").FilterFunction(func(_ int, b *goquery.Selection) bool { return b.AttrOr("value", "?") == subject }).Length() != 1 {
		t.Fatalf("no button for %q on the page", subject)
	}
	body := url.Values{"request": {request}, "person": {subject}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.absolute(t, form.AttrOr("action", "")), strings.NewReader(body))
	if err != nil {
		t.Fatalf("POST: %v", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return v.do(t, r)
}

// choose signs in as the person and returns what the client gets back.
func (v *visitor) choose(t *testing.T, verifier, subject string) url.Values {
	t.Helper()
	_, page := v.page(t, verifier)
	resp := v.press(t, page, subject)
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /choose = %s, want 303", resp.Status)
	}
	return v.back(t, v.get(t, resp.Header.Get("Location")))
}

// back reads the query of a redirect to the client.
func (v *visitor) back(t *testing.T, resp *http.Response) url.Values {
	t.Helper()
	location := resp.Header.Get("Location")
	if !strings.HasPrefix(location, redirectURI+"?") {
		t.Fatalf("%s to %q, want a redirect to %s", resp.Status, location, redirectURI)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatalf("parse %q: %v", location, err)
	}
	return u.Query()
}

// Every person gets the claims that the list promises.
func TestSignInAsEverybody(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	provider, err := oidc.NewProvider(t.Context(), v.issuer)
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	for _, person := range idp.People() {
		t.Run(person.Subject, func(t *testing.T) {
			t.Parallel()
			verifier := oauth2.GenerateVerifier()
			answer := v.choose(t, verifier, person.Subject)
			if answer.Get("state") != "state-1" {
				t.Errorf("state = %q, want state-1", answer.Get("state"))
			}
			token, err := v.config.Exchange(t.Context(), answer.Get("code"), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatalf("exchange: %v", err)
			}
			raw, _ := token.Extra("id_token").(string)
			verified, err := provider.Verifier(&oidc.Config{ClientID: "foyer"}).Verify(t.Context(), raw)
			if err != nil {
				t.Fatalf("verify ID token: %v", err)
			}

			type claims struct {
				Subject  string   `json:"sub"`
				Nonce    string   `json:"nonce"`
				Name     string   `json:"name"`
				Email    string   `json:"email"`
				Verified bool     `json:"email_verified"`
				Groups   []string `json:"groups"`
			}
			want := claims{person.Subject, "nonce-1", person.Name, person.Email, true, []string{person.Group}}
			if person.Group == "" {
				want.Groups = []string{}
			}
			var got claims
			if err := verified.Claims(&got); err != nil {
				t.Fatalf("read claims: %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			var authTime struct {
				AuthTime int64 `json:"auth_time"`
			}
			if err := verified.Claims(&authTime); err != nil || time.Since(time.Unix(authTime.AuthTime, 0)).Abs() > time.Minute {
				t.Errorf("auth_time = %d, %v; want now, when the person was chosen", authTime.AuthTime, err)
			}
			info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
			if err != nil || info.Subject != person.Subject || info.Email != person.Email {
				t.Errorf("userinfo = %+v, %v; want the same person", info, err)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	var roles []string
	for _, person := range idp.People() {
		roles = append(roles, person.Role)
		if (person.Group == "") != (person.Role == "") || (person.Role != "" && person.Group != "foyer-"+person.Role) {
			t.Errorf("%s has the role %q and the group %q", person.Name, person.Role, person.Group)
		}
		if !strings.HasSuffix(person.Email, ".example") || person.Name == "" || person.About == "" {
			t.Errorf("%+v lacks a name, an e-mail under .example or a description", person)
		}
	}
	if diff := cmp.Diff([]string{"viewer", "onboarder", "auditor", "admin", ""}, roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	address, page := v.page(t, oauth2.GenerateVerifier())

	resp := v.get(t, address)
	want := map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Cache-Control":           "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http://127.0.0.1:8080; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "DENY",
		"Referrer-Policy":         "same-origin",
	}
	for name, value := range want {
		if got := resp.Header.Get(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
	if got := page.Find("script, [style], style, [onclick]").Length(); got != 0 {
		t.Errorf("the page has %d scripts or styles of its own, want 0", got)
	}
	if !strings.Contains(page.Find(".demo").Text(), "Demo sign-in") {
		t.Error("the page does not say that it is a demo")
	}
	for _, person := range idp.People() {
		button := page.Find("button[value='" + person.Subject + "']").Text()
		for _, text := range []string{person.Name, person.Email, person.About, person.Role} {
			if !strings.Contains(button, text) {
				t.Errorf("the button of %s lacks %q", person.Name, text)
			}
		}
	}

	style := v.get(t, page.Find("link[rel=stylesheet]").AttrOr("href", ""))
	body, err := io.ReadAll(style.Body)
	if err != nil || style.StatusCode != http.StatusOK || style.Header.Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.Contains(string(body), "prefers-color-scheme: dark") {
		t.Errorf("style sheet = %s %s, %v; want CSS with a dark form", style.Status, style.Header.Get("Content-Type"), err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	address, page := v.page(t, oauth2.GenerateVerifier())
	want := url.Values{"error": {"access_denied"}, "state": {"state-1"}}
	if diff := cmp.Diff(want, v.back(t, v.press(t, page, ""))); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if resp := v.get(t, address); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("the page afterwards = %s, want 400", resp.Status)
	}
}

func TestChoosingTakesTenMinutesAtMost(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	address, page := v.page(t, oauth2.GenerateVerifier())
	v.advance(10 * time.Minute)
	for _, resp := range []*http.Response{v.get(t, address), v.press(t, page, "adam.novak"), v.get(t, "/idp/choose?request=unknown")} {
		if got := document(t, resp).Find("h1").Text(); resp.StatusCode != http.StatusBadRequest || got != "This sign-in is over" {
			t.Errorf("%s %q, want 400 and why", resp.Status, got)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	_, page := v.page(t, oauth2.GenerateVerifier())
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if resp := v.press(t, page, "adam.novak", header...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("POST with %v = %s, want 403", header, resp.Status)
		}
	}
	if resp := v.press(t, page, "adam.novak", "Sec-Fetch-Site", "same-origin"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("POST of our own page = %s, want 303", resp.Status)
	}
}

// The provider holds clients to what the specifications advise.
func TestAuthorizationRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	challenge := oauth2.S256ChallengeOption(oauth2.GenerateVerifier())
	set := oauth2.SetAuthURLParam
	tests := []struct {
		name    string
		options []oauth2.AuthCodeOption
		want    string // the error that goes back to the client; empty: none may
	}{
		{"no PKCE", nil, "invalid_request"},
		{"plain PKCE", []oauth2.AuthCodeOption{set("code_challenge", strings.Repeat("a", 43)), set("code_challenge_method", "plain")}, "invalid_request"},
		{"prompt=none", []oauth2.AuthCodeOption{challenge, set("prompt", "none")}, "login_required"},
		{"implicit flow", []oauth2.AuthCodeOption{challenge, set("response_type", "id_token token")}, ""},
		{"another redirect URI", []oauth2.AuthCodeOption{challenge, set("redirect_uri", "https://evil.example/")}, ""},
		{"a longer redirect URI", []oauth2.AuthCodeOption{challenge, set("redirect_uri", redirectURI+"/x")}, ""},
		{"another client", []oauth2.AuthCodeOption{challenge, set("client_id", "another")}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resp := v.get(t, v.config.AuthCodeURL("state-1", test.options...))
			location := resp.Header.Get("Location")
			if test.want == "" {
				if resp.StatusCode != http.StatusBadRequest || location != "" {
					t.Errorf("%s to %q, want 400 and no redirect", resp.Status, location)
				}
				return
			}
			if !strings.HasPrefix(location, redirectURI) || !strings.Contains(location, "error="+test.want) {
				t.Errorf("%s to %q, want the error %s at the client", resp.Status, location, test.want)
			}
		})
	}
}

// prompt=login and max_age hold because everybody is asked every time.
func TestEverybodyIsAskedEveryTime(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.choose(t, oauth2.GenerateVerifier(), "vera.lindqvist")
	for _, option := range []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"), oauth2.SetAuthURLParam("prompt", "select_account"),
	} {
		if _, page := v.page(t, oauth2.GenerateVerifier(), option); page.Find("form button").Length() != len(idp.People())+1 {
			t.Error("the page offers not everybody")
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	exchange := func(t *testing.T, config oauth2.Config, code, verifier string) error {
		t.Helper()
		_, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
		return err
	}

	t.Run("good for one use", func(t *testing.T) {
		t.Parallel()
		verifier := oauth2.GenerateVerifier()
		code := v.choose(t, verifier, "vera.lindqvist").Get("code")
		if err := exchange(t, v.config, code, verifier); err != nil {
			t.Fatalf("exchange = %v, want no error", err)
		}
		if err := exchange(t, v.config, code, verifier); err == nil {
			t.Error("the second exchange = nil, want an error")
		}
	})
	t.Run("used up by a wrong verifier", func(t *testing.T) {
		t.Parallel()
		verifier := oauth2.GenerateVerifier()
		code := v.choose(t, verifier, "vera.lindqvist").Get("code")
		if err := exchange(t, v.config, code, oauth2.GenerateVerifier()); err == nil {
			t.Error("exchange with another verifier = nil, want an error")
		}
		if err := exchange(t, v.config, code, verifier); err == nil {
			t.Error("exchange afterwards = nil, want an error")
		}
	})
	t.Run("not without the client's secret", func(t *testing.T) {
		t.Parallel()
		verifier := oauth2.GenerateVerifier()
		code := v.choose(t, verifier, "vera.lindqvist").Get("code")
		thief := v.config
		thief.ClientSecret = "guess"
		if err := exchange(t, thief, code, verifier); err == nil {
			t.Error("exchange with a wrong secret = nil, want an error")
		}
	})
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	endSession := func(query url.Values) string { return v.issuer + "/end_session?" + query.Encode() }

	resp := v.get(t, endSession(url.Values{"client_id": {"foyer"}, "post_logout_redirect_uri": {postLogoutURI}}))
	if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusFound || got != postLogoutURI {
		t.Errorf("sign-out = %s to %q, want %s", resp.Status, got, postLogoutURI)
	}
	resp = v.get(t, endSession(url.Values{"client_id": {"foyer"}, "post_logout_redirect_uri": {"https://evil.example/"}}))
	if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusBadRequest || got != "" {
		t.Errorf("sign-out to another site = %s to %q, want 400", resp.Status, got)
	}
	resp = v.get(t, endSession(url.Values{"client_id": {"foyer"}}))
	resp = v.get(t, resp.Header.Get("Location"))
	if got := document(t, resp).Find("h1").Text(); resp.StatusCode != http.StatusOK || got != "Signed out" {
		t.Errorf("sign-out to nowhere = %s %q, want our own page", resp.Status, got)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	var document map[string]any
	if err := json.NewDecoder(v.get(t, v.issuer+"/.well-known/openid-configuration").Body).Decode(&document); err != nil {
		t.Fatalf("decode: %v", err)
	}
	want := map[string]any{
		"issuer":                                v.issuer,
		"authorization_endpoint":                v.issuer + "/authorize",
		"token_endpoint":                        v.issuer + "/oauth/token",
		"jwks_uri":                              v.issuer + "/keys",
		"end_session_endpoint":                  v.issuer + "/end_session",
		"code_challenge_methods_supported":      []any{"S256"},
		"id_token_signing_alg_values_supported": []any{"RS256"},
	}
	for name, value := range want {
		if diff := cmp.Diff(value, document[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := func() idp.Options {
		return idp.Options{Issuer: "http://127.0.0.1:8081/idp", ClientID: "foyer", ClientSecret: "s", RedirectURIs: []string{redirectURI}}
	}
	tests := []struct {
		name   string
		change func(*idp.Options)
	}{
		{"a public issuer", func(o *idp.Options) { o.Issuer = "https://idp.example/idp" }},
		{"every interface", func(o *idp.Options) { o.Issuer = "http://0.0.0.0:8081/idp" }},
		{"a private address", func(o *idp.Options) { o.Issuer = "http://10.0.0.7:8081/idp" }},
		{"a name that begins like loopback", func(o *idp.Options) { o.Issuer = "http://127.0.0.1.evil.example/idp" }},
		{"no issuer", func(o *idp.Options) { o.Issuer = "" }},
		{"another scheme", func(o *idp.Options) { o.Issuer = "ftp://127.0.0.1/idp" }},
		{"an issuer with a slash at its end", func(o *idp.Options) { o.Issuer += "/" }},
		{"an issuer with a query", func(o *idp.Options) { o.Issuer += "?a=b" }},
		{"no client id", func(o *idp.Options) { o.ClientID = "" }},
		{"no client secret", func(o *idp.Options) { o.ClientSecret = "" }},
		{"no redirect URI", func(o *idp.Options) { o.RedirectURIs = nil }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := good()
			test.change(&opts)
			if _, err := idp.New(opts); err == nil {
				t.Error("New() = nil, want an error")
			}
		})
	}
	for _, issuer := range []string{"http://127.0.0.1:8081/idp", "http://localhost:8081", "http://[::1]:8081/a/b"} {
		opts := good()
		opts.Issuer = issuer
		if _, err := idp.New(opts); err != nil {
			t.Errorf("New(%q) = %v, want no error", issuer, err)
		}
	}
}
