package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"foyer/auth"
)

// signedText makes a token of claims as they are written, in their order.
func signedText(t *testing.T, claims string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: idpKey()}, (&jose.SignerOptions{}).WithHeader("kid", "key-1"))
	if err != nil {
		t.Fatalf("NewSigner: %v", err)
	}
	object, err := signer.Sign([]byte(claims))
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	token, err := object.CompactSerialize()
	if err != nil {
		t.Fatalf("CompactSerialize: %v", err)
	}
	return token
}

// A claim counts by its exact name: one in capitals neither stands in for it nor
// replaces it.
func TestClaimsAreReadByTheirExactNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat", "nonce"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() {
				w.idp.claims = func(c map[string]any) { c[strings.ToUpper(name)] = c[name]; delete(c, name) }
			})
			if _, err := w.signIn(t, newBrowser()); err == nil {
				t.Errorf("a token with %s alone was taken", strings.ToUpper(name))
			}
		})
	}
	for _, after := range []string{`"SUB":"admin"`, `"Sub":"admin"`, `"NAME":"Admin"`, `"GROUPS":["foyer-admin"]`, `"SID":"x"`, `"auth_Time":1`} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() {
				w.idp.sign = func(t *testing.T, claims map[string]any) string {
					text, err := json.Marshal(claims)
					if err != nil {
						t.Fatalf("encode claims: %v", err)
					}
					return signedText(t, strings.TrimSuffix(string(text), "}")+","+after+"}")
				}
			})
			identity, err := w.signIn(t, newBrowser())
			p := identity.Person
			if err != nil || p.Subject != "u-1" || p.Name != "Zoë Ng" || p.Roles.String() != "viewer" || identity.SID != "idp-session-1" || identity.AuthTime.Year() != 2026 {
				t.Errorf("sign-in = %+v, %v, want what the exact names say", identity, err)
			}
		})
	}
}

func TestTimesInClaimsAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	at := newClock().Now().Unix()
	for _, tt := range []struct {
		value any
		ok    bool
	}{
		{at, true},
		{fmt.Sprint(at), true},
		{float64(at) + 0.25, true},
		{fmt.Sprint(at) + ".5", true},
		{json.Number("1.7724438e9"), true},
		{"yesterday", false},
		{"", false},
		{"NaN", false},
		{"Inf", false},
		{-1, false},
		{json.Number("1e300"), false},
		{true, false},
		{[]int64{at}, false},
	} {
		for _, claim := range []string{"auth_time", "iat"} {
			w := newWorld(t)
			w.idp.do(func() { w.idp.claims = func(c map[string]any) { c[claim] = tt.value } })
			identity, err := w.signIn(t, newBrowser())
			if (err == nil) != tt.ok {
				t.Errorf("%s %v: sign-in = %v, want it taken: %v", claim, tt.value, err, tt.ok)
			}
			if age := w.clock.Now().Sub(identity.AuthTime).Abs(); tt.ok && claim == "auth_time" && age > time.Second {
				t.Errorf("auth_time %v is read as %v", tt.value, identity.AuthTime)
			}
		}
	}
}

// serveKeysAs has the provider publish a set as it is written.
func (i *fakeIdP) serveKeysAs(t *testing.T, keys ...any) {
	t.Helper()
	set, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatalf("encode keys: %v", err)
	}
	i.do(func() {
		i.rawKeys = func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(set)
		}
	})
}

func TestOneBadKeyDoesNotSpoilTheOthers(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]any{
		"malformed":                map[string]any{"kty": "RSA", "kid": "x", "n": "!!", "e": "AQAB"},
		"of a kind unheard of":     map[string]any{"kty": "XYZ", "kid": "x"},
		"of a curve unheard of":    map[string]any{"kty": "OKP", "crv": "Ed448", "kid": "x", "x": "AAAA"},
		"no object":                7,
		"null":                     nil,
		"with an odd alg":          map[string]any{"kty": "RSA", "kid": "x", "alg": 7},
		"a certificate of rubbish": map[string]any{"kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB", "x5c": []string{"rubbish"}},
		"symmetric":                map[string]any{"kty": "oct", "kid": "x", "k": "AAAA"},
	} {
		w := newWorld(t)
		w.idp.serveKeysAs(t, bad, publicJWK(idpKey(), "key-1"), bad)
		if _, err := w.signIn(t, newBrowser()); err != nil {
			t.Errorf("beside a key that is %s: sign-in = %v, want no error", name, err)
		}
	}
}

func TestKeysThatAreTooShortOrForSomethingElseSignNothing(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	for _, tt := range []struct {
		name string
		key  *rsa.PrivateKey
		use  string
		ok   bool
	}{
		{"for signing", idpKey(), "sig", true},
		{"for anything", idpKey(), "", true},
		{"for encryption", idpKey(), "enc", false},
		{"of 1,024 bits", short, "sig", false},
	} {
		w := newWorld(t)
		public := publicJWK(tt.key, "key-1")
		public.Use = tt.use
		w.idp.do(func() {
			w.idp.keys = []jose.JSONWebKey{public}
			w.idp.sign = func(t *testing.T, claims map[string]any) string {
				return signed(t, jose.RS256, tt.key, "key-1", claims)
			}
		})
		_, err := w.signIn(t, newBrowser())
		if tt.ok {
			if err != nil {
				t.Errorf("a key %s: sign-in = %v, want no error", tt.name, err)
			}
			continue
		}
		wantReason(t, err, auth.ReasonToken)
	}
}

// The ledger is told what exactly was wrong, in words that are never the provider's.
func TestTheNoteOfARefusedSignInSaysWhatWasWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		change func(map[string]any)
		want   string
	}{
		{func(c map[string]any) { delete(c, "iat") }, "claims: no iat"},
		{func(c map[string]any) { c["sub"] = strings.Repeat("CANARY", 100) }, "claims: sub is too long or has control characters"},
		{func(c map[string]any) { c["auth_time"] = "CANARY" }, "claims: auth_time is of the wrong type"},
		{func(c map[string]any) { c["nonce"] = "CANARY" }, "nonce"},
		{func(c map[string]any) { c["iss"] = "https://canary.example" }, "token"},
	} {
		w := newWorld(t)
		w.idp.do(func() { w.idp.claims = tt.change })
		_, err := w.signIn(t, newBrowser())
		if refused, ok := errors.AsType[*auth.SignInError](err); !ok || refused.Note() != tt.want {
			t.Errorf("sign-in = %v, want the note %q", err, tt.want)
		}
	}
	refused := auth.SignInError{Reason: auth.ReasonDenied, Code: "access_denied"}
	if got, want := refused.Note(), "idp: access_denied"; got != want {
		t.Errorf("Note() = %q, want %q", got, want)
	}
}

// What a browser began itself is told before anything is used up.
func TestBegan(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
	at := "/auth/callback?" + query.Encode()
	for _, tt := range []struct {
		name, method, target string
		browser              *browser
		want                 bool
	}{
		{"its own", http.MethodGet, at, b, true},
		{"another browser's", http.MethodGet, at, newBrowser(), false},
		{"not GET", http.MethodHead, at, b, false},
		{"doubled", http.MethodGet, at + "&state=x", b, false},
		{"without state", http.MethodGet, "/auth/callback?code=x", b, false},
	} {
		if got := w.oidc.Began(tt.browser.request(t, tt.method, tt.target)); got != tt.want {
			t.Errorf("%s: Began() = %v, want %v", tt.name, got, tt.want)
		}
	}
	if _, _, err := w.finish(t, b, query); err != nil {
		t.Fatalf("Finish() after Began() = %v, want no error", err)
	}
	if w.oidc.Began(b.request(t, http.MethodGet, at)) {
		t.Error("Began() after Finish() = true, want false")
	}
}
