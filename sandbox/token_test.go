package sandbox_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

// claimsOf reads a token without checking it, as the client does.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("token = %q, want three parts", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestTokenAsPublished(t *testing.T) {
	t.Parallel()
	p := setup(t)
	var answer map[string]any
	p.post("/oauth/token", credentials(nil)).want(http.StatusOK).into(&answer)
	if _, there := answer["expires_in"]; there || answer["token_type"] != "Bearer" || len(answer) != 2 {
		t.Errorf("token answer = %v, want access_token and token_type alone", answer)
	}

	claims := claimsOf(t, p.token)
	if got := claims["exp"].(float64) - claims["iat"].(float64); got != 86_400 {
		t.Errorf("exp - iat = %v s, want 86400", got)
	}
	want := map[string]any{
		"scope": "community:accounts:onboard", "https://auth.symphony.com/partner_id": sandbox.PartnerID,
		"aud": sandbox.Audience, "azp": sandbox.ClientID,
	}
	for name, value := range want {
		if diff := cmp.Diff(value, claims[name]); diff != "" {
			t.Errorf("claim %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	p := setup(t)
	tests := []struct {
		name   string
		body   any
		status int
		code   string
	}{
		{"wrong id", credentials(map[string]string{"client_id": "x"}), http.StatusUnauthorized, "access_denied"},
		{"wrong secret", credentials(map[string]string{"client_secret": "x"}), http.StatusUnauthorized, "access_denied"},
		{"wrong audience", credentials(map[string]string{"audience": "x"}), http.StatusForbidden, "access_denied"},
		{"wrong grant", credentials(map[string]string{"grant_type": "password"}), http.StatusForbidden, "unsupported_grant_type"},
		{"no grant", credentials(map[string]string{"grant_type": ""}), http.StatusBadRequest, "invalid_request"},
		{"a form", "client_id=sandbox-partner", http.StatusBadRequest, "invalid_request"},
		{"nothing", nil, http.StatusBadRequest, "invalid_request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var answer map[string]string
			p.post("/oauth/token", test.body).want(test.status).into(&answer)
			if answer["error"] != test.code || answer["error_description"] == "" {
				t.Errorf("refusal = %v, want error %s with a description", answer, test.code)
			}
		})
	}
}

// resign signs the claims of a token with a key that is not the sandbox's.
func resign(t *testing.T, claims string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestWithoutATokenInForce(t *testing.T) {
	t.Parallel()
	p := setup(t)
	good := p.token
	parts := strings.Split(good, ".")
	stranger := resign(t, parts[1])

	tests := map[string]string{
		"none":           "",
		"not a token":    "abc",
		"no signature":   parts[0] + "." + parts[1] + ".",
		"alg none":       base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"another key":    stranger,
		"changed claims": parts[0] + "." + parts[1] + "x." + parts[2],
	}
	for name, token := range tests {
		p.token = token
		r := p.get("/api/v2/companies")
		r.refuses(http.StatusUnauthorized, http.StatusUnauthorized, "")
		if r.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: WWW-Authenticate = %q, want Bearer", name, r.header.Get("WWW-Authenticate"))
		}
	}

	p.token = good
	p.clock.Advance(24*time.Hour - time.Second)
	p.get("/api/v2/companies").want(http.StatusOK)
	p.clock.Advance(2 * time.Second)
	p.get("/api/v2/companies").refuses(http.StatusUnauthorized, http.StatusUnauthorized, "")
}

func TestATokenIsNeededForEveryOperation(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.token = ""
	for _, call := range []string{
		"GET /api/v2/companies", "POST /api/v2/companies", "GET " + lyondell, "PATCH " + lyondell,
		"GET " + lyondell + "/users", "POST " + lyondell + "/users", "GET " + adele, "PATCH " + adele,
	} {
		method, path, _ := strings.Cut(call, " ")
		p.send(method, path, nil).refuses(http.StatusUnauthorized, http.StatusUnauthorized, "")
	}
}

func TestRevokedTokens(t *testing.T) {
	t.Parallel()
	p := setup(t)
	if err := p.faults.RevokeTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.get("/api/v2/companies").refuses(http.StatusUnauthorized, http.StatusUnauthorized, "")
	p.signIn()
	p.get("/api/v2/companies").want(http.StatusOK)
}

func TestTokenSettings(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.faults.Set(func(s *sandbox.Settings) { s.TokenLifetime, s.TokenExpiresIn = time.Minute, 7 })
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	p.post("/oauth/token", credentials(nil)).want(http.StatusOK).into(&answer)
	claims := claimsOf(t, answer.AccessToken)
	if lifetime := claims["exp"].(float64) - claims["iat"].(float64); lifetime != 60 || answer.ExpiresIn != 7 {
		t.Errorf("token lives %v s and is said to live %d s, want 60 and 7", lifetime, answer.ExpiresIn)
	}

	p.faults.Set(func(s *sandbox.Settings) { s.NoExpiry = true })
	p.signIn()
	if exp, there := claimsOf(t, p.token)["exp"]; there {
		t.Errorf("exp = %v, want none", exp)
	}
	p.clock.Advance(1000 * time.Hour)
	p.get("/api/v2/companies").want(http.StatusOK)
}
