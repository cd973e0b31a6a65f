package handlers

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"foyer/auth"
	"foyer/ledger"
)

var logoutKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// withSigner has an identity provider answer whose key the test has.
func (b *bench) withSigner() {
	b.t.Helper()
	var err error
	b.options.OIDC, err = auth.NewOIDC(auth.OIDCOptions{
		Store: b.store, Issuer: b.issuer, ClientID: "foyer", RedirectURL: publicURL + "/auth/callback",
		AllowedReturn: AllowedReturn, Transport: signer{b.issuer}, Now: b.clock.Now,
	})
	b.must(err)
	b.foyer, err = New(b.options)
	b.must(err)
}

// signer answers with its configuration and its key.
type signer struct{ issuer string }

func (s signer) RoundTrip(r *http.Request) (*http.Response, error) {
	var answer any = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &logoutKey().PublicKey, KeyID: "k", Use: "sig"}}}
	if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
		answer = map[string]any{
			"issuer": s.issuer, "authorization_endpoint": s.issuer + "/authorize", "token_endpoint": s.issuer + "/token", "jwks_uri": s.issuer + "/keys",
		}
	}
	body, err := json.Marshal(answer)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, err
}

// logout sends a logout token as an identity provider does: from no page, with no
// cookie.
func (b *bench) logout(changes map[string]any) *page {
	b.t.Helper()
	claims := map[string]any{
		"iss": b.issuer, "aud": "foyer", "sub": "sub-vera", "jti": "t1", "iat": b.clock.Now().Unix(), "exp": b.clock.Now().Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	maps.Copy(claims, changes)
	payload, err := json.Marshal(claims)
	b.must(err)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: logoutKey()}, (&jose.SignerOptions{}).WithType("logout+jwt").WithHeader("kid", "k"))
	b.must(err)
	signed, err := s.Sign(payload)
	b.must(err)
	token, err := signed.CompactSerialize()
	b.must(err)
	return b.stranger().send(http.MethodPost, "/auth/backchannel-logout", url.Values{"logout_token": {token}}, http.Header{"Sec-Fetch-Site": nil, "Sec-Fetch-Mode": nil})
}

func TestTheIdentityProviderEndsSessions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.withSigner()
	vera, vera2, otto := b.as(auth.Viewer), b.as(auth.Viewer), b.as(auth.Onboarder)

	if p := b.logout(nil).want(http.StatusOK); p.header.Get("Cache-Control") != "no-store" || p.body != "" {
		t.Errorf("%s = %q with Cache-Control %q, want nothing, and not stored", p.request, p.body, p.header.Get("Cache-Control"))
	}
	for name, browser := range map[string]*browser{"one": vera, "another": vera2} {
		if p := browser.get("/companies"); p.status != http.StatusSeeOther {
			t.Errorf("in %s browser Vera is signed in after her logout: %d", name, p.status)
		}
	}
	otto.get("/companies").want(http.StatusOK)
	ended := b.events(ledger.Filter{Action: ledger.EndSession})
	if len(ended) != 1 || !ended[0].Actor.IsSystem() || ended[0].Code != string(ledger.BackChannelLogout) || ended[0].Users[0].Name != "Vera Viewer" {
		t.Errorf("ledger = %+v, want one event by Foyer itself about Vera", ended)
	}

	// The same again ends nothing that began since, and is refused.
	vera = b.as(auth.Viewer)
	p := b.logout(nil).want(http.StatusBadRequest)
	if p.header.Get("Cache-Control") != "no-store" || !strings.Contains(p.body, "invalid_request") {
		t.Errorf("%s = %q, want invalid_request", p.request, p.body)
	}
	b.logout(map[string]any{"jti": "t2", "iat": b.clock.Now().Add(-time.Hour).Unix()}).want(http.StatusBadRequest)
	vera.get("/companies").want(http.StatusOK)
	b.logout(map[string]any{"jti": "t3", "sub": "nobody"}).want(http.StatusOK)
	if ended := b.events(ledger.Filter{Action: ledger.EndSession}); len(ended) != 1 {
		t.Errorf("ledger = %+v, want nothing of those that ended nothing", ended)
	}
}

func TestLogoutTokensThatAreRefusedHaveALimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.withSigner()
	for n := range 31 {
		p := b.logout(map[string]any{"aud": "another"})
		if want := map[bool]int{true: http.StatusBadRequest, false: http.StatusTooManyRequests}[n < 30]; p.status != want {
			t.Fatalf("refused logout %d = %d, want %d", n+1, p.status, want)
		}
	}
	// Who sends others from the provider's address keeps nobody signed in.
	b.logout(map[string]any{"jti": "good"}).want(http.StatusOK)
	b.logout(map[string]any{"aud": "another"}).want(http.StatusTooManyRequests)
	b.clock.add(10 * time.Second)
	b.logout(nil).want(http.StatusOK)
	for n := range 40 { // those that verify cost nothing
		b.logout(map[string]any{"jti": "again-" + string(rune('a'+n))}).want(http.StatusOK)
	}
}
