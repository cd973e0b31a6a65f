package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

const (
	clientID     = "foyer"
	clientSecret = "CANARY-client-secret"
	redirectURL  = "https://foyer.example/auth/callback"
)

// Keys take long to make, so tests share them. otherKey is nobody's.
var (
	idpKey   = sync.OnceValue(newKey)
	otherKey = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// fakeIdP is a provider that misbehaves as a test says. Package sandbox/idp has
// one that behaves.
type fakeIdP struct {
	*httptest.Server
	clock *clock

	mu sync.Mutex
	// What a test may replace.
	metadata func(map[string]any) // changes the discovery document
	claims   func(map[string]any) // changes the ID token's claims before signing
	sign     func(t *testing.T, claims map[string]any) string
	answer   func(map[string]any) // changes the token answer
	token    http.HandlerFunc     // in place of the token endpoint
	down     bool                 // every answer is a 503
	keys     []jose.JSONWebKey
	rawKeys  func(http.ResponseWriter) // in place of keys

	// What it saw.
	codes       map[string]grant
	requests    map[string]int // by path
	lastToken   url.Values
	lastAuthHdr string
}

// grant is what the provider remembers of a code.
type grant struct{ nonce, challenge string }

func newFakeIdP(t *testing.T, clock *clock) *fakeIdP {
	t.Helper()
	idp := &fakeIdP{
		clock:    clock,
		codes:    map[string]grant{},
		requests: map[string]int{},
		keys:     []jose.JSONWebKey{publicJWK(idpKey(), "key-1")},
		sign: func(t *testing.T, claims map[string]any) string {
			return signed(t, jose.RS256, idpKey(), "key-1", claims)
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/tenant/.well-known/openid-configuration", idp.serveMetadata)
	mux.HandleFunc("/tenant/keys", idp.serveKeys)
	mux.HandleFunc("/tenant/token", func(w http.ResponseWriter, r *http.Request) { idp.serveToken(t, w, r) })
	idp.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		idp.mu.Lock()
		idp.requests[r.URL.Path]++
		down := idp.down
		idp.mu.Unlock()
		if down {
			http.Error(w, "<h1>CANARY maintenance page</h1>", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(idp.Close)
	return idp
}

// do changes the provider while nothing is looking.
func (i *fakeIdP) do(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *fakeIdP) count(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests[path]
}

func (i *fakeIdP) issuer() string { return i.URL + "/tenant" }

// authorize is the provider's page: somebody signs in, and a code goes back.
func (i *fakeIdP) authorize(t *testing.T, sent *url.URL) url.Values {
	t.Helper()
	query := sent.Query()
	code := rand.Text()
	i.do(func() {
		i.codes[code] = grant{nonce: query.Get("nonce"), challenge: query.Get("code_challenge")}
	})
	return url.Values{"state": {query.Get("state")}, "code": {code}}
}

func (i *fakeIdP) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	document := map[string]any{
		"issuer":                                i.issuer(),
		"authorization_endpoint":                i.issuer() + "/authorize?tenant=1",
		"token_endpoint":                        i.issuer() + "/token",
		"jwks_uri":                              i.issuer() + "/keys",
		"end_session_endpoint":                  i.issuer() + "/logout?tenant=1",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	}
	if i.metadata != nil {
		i.metadata(document)
	}
	writeJSON(w, http.StatusOK, document)
}

func (i *fakeIdP) serveKeys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.rawKeys != nil {
		i.rawKeys(w)
		return
	}
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: i.keys})
}

func (i *fakeIdP) serveToken(t *testing.T, w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		t.Errorf("token request: %v", err)
	}
	i.lastToken, i.lastAuthHdr = r.PostForm, r.Header.Get("Authorization")
	if i.token != nil {
		i.token(w, r)
		return
	}

	code, known := i.codes[r.PostForm.Get("code")]
	challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !known || code.challenge != base64.RawURLEncoding.EncodeToString(challenge[:]) {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "CANARY"})
		return
	}
	delete(i.codes, r.PostForm.Get("code"))

	claims := map[string]any{
		"iss": i.issuer(), "sub": "u-1", "aud": clientID, "nonce": code.nonce,
		"iat": i.clock.Now().Unix(), "exp": i.clock.Now().Add(5 * time.Minute).Unix(),
		"auth_time": i.clock.Now().Add(-time.Hour).Unix(), "sid": "idp-session-1",
		"name": "Zoë Ng", "email": "zoe@partner.example", "groups": []string{"foyer-viewer", "staff"},
	}
	if i.claims != nil {
		i.claims(claims)
	}
	answer := map[string]any{
		"access_token": "CANARY-access-token", "token_type": "Bearer", "expires_in": 300,
		"id_token": i.sign(t, claims),
	}
	if i.answer != nil {
		i.answer(answer)
	}
	writeJSON(w, http.StatusOK, answer)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func publicJWK(key *rsa.PrivateKey, id string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: &key.PublicKey, KeyID: id, Algorithm: "RS256", Use: "sig"}
}

// signed makes a compact JWS of the claims; kid is left out if empty.
func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, claims map[string]any, headers ...string) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if kid != "" {
		options = options.WithHeader("kid", kid)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			delete(options.ExtraHeaders, jose.HeaderKey(headers[i]))
			continue
		}
		options = options.WithHeader(jose.HeaderKey(headers[i]), headers[i+1])
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatalf("NewSigner(%s): %v", alg, err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatalf("encode claims: %v", err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	token, err := object.CompactSerialize()
	if err != nil {
		t.Fatalf("CompactSerialize: %v", err)
	}
	return token
}
