package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"foyer/auth"
)

// The claims that an ID token must, may and must not have. The names in
// brackets are those of the OpenID conformance suite's client tests.
func TestIDTokenClaims(t *testing.T) {
	t.Parallel()
	now := newClock().Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	set := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	without := func(name string) func(map[string]any) {
		return func(claims map[string]any) { delete(claims, name) }
	}
	tests := []struct {
		name   string
		change func(map[string]any)
		want   auth.Reason // empty: accepted
	}{
		{"as it should be", func(map[string]any) {}, ""},

		{"another issuer (oidcc-client-test-invalid-iss)", set("iss", "https://evil.example"), auth.ReasonToken},
		{"the issuer with a slash more", func(c map[string]any) { c["iss"] = c["iss"].(string) + "/" }, auth.ReasonToken},
		{"no issuer", without("iss"), auth.ReasonToken},

		{"another audience (oidcc-client-test-invalid-aud)", set("aud", "another"), auth.ReasonToken},
		{"no audience", without("aud"), auth.ReasonToken},
		{"the audience as an array", set("aud", []string{clientID}), ""},
		{"two audiences without azp", set("aud", []string{clientID, "another"}), auth.ReasonClaims},
		{"two audiences, azp ours", func(c map[string]any) { c["aud"] = []string{clientID, "another"}; c["azp"] = clientID }, ""},
		{"two audiences, azp another", func(c map[string]any) { c["aud"] = []string{clientID, "another"}; c["azp"] = "another" }, auth.ReasonClaims},
		{"azp another", set("azp", "another"), auth.ReasonClaims},
		{"azp empty", set("azp", ""), auth.ReasonClaims},
		{"azp ours", set("azp", clientID), ""},

		{"expired within the leeway", set("exp", at(-59*time.Second)), ""},
		{"expired beyond it", set("exp", at(-61*time.Second)), auth.ReasonToken},
		{"no exp", without("exp"), auth.ReasonToken},
		{"not before, within the leeway", set("nbf", at(59*time.Second)), ""},
		{"not before, beyond it", set("nbf", at(61*time.Second)), auth.ReasonClaims},
		{"not before, beyond all", set("nbf", at(6*time.Minute)), auth.ReasonToken},

		{"no iat (oidcc-client-test-missing-iat)", without("iat"), auth.ReasonClaims},
		{"iat ten minutes ago", set("iat", at(-10*time.Minute)), ""},
		{"iat longer ago", set("iat", at(-10*time.Minute-time.Second)), auth.ReasonClaims},
		{"iat a year ago", set("iat", at(-365*24*time.Hour)), auth.ReasonClaims},
		{"iat ahead within the leeway", set("iat", at(59*time.Second)), ""},
		{"iat ahead beyond it", set("iat", at(61*time.Second)), auth.ReasonClaims},
		{"iat tomorrow", set("iat", at(24*time.Hour)), auth.ReasonClaims},
		{"iat with fractions", set("iat", float64(at(0))+0.5), ""},
		{"iat before all time", set("iat", -1), auth.ReasonClaims},
		{"auth_time in the future", set("auth_time", at(2*time.Minute)), auth.ReasonClaims},
		{"no auth_time", without("auth_time"), ""},

		{"no sub (oidcc-client-test-missing-sub)", without("sub"), auth.ReasonClaims},
		{"sub empty", set("sub", ""), auth.ReasonClaims},
		{"sub of 255 bytes", set("sub", strings.Repeat("s", 255)), ""},
		{"sub longer", set("sub", strings.Repeat("s", 256)), auth.ReasonClaims},
		{"sub with a line break", set("sub", "a\nb"), auth.ReasonClaims},
		{"sub a number", set("sub", 7), auth.ReasonToken},

		{"another nonce (oidcc-client-test-nonce-invalid)", set("nonce", "another"), auth.ReasonNonce},
		{"no nonce", without("nonce"), auth.ReasonNonce},
		{"nonce empty", set("nonce", ""), auth.ReasonNonce},

		{"a logout token", func(c map[string]any) {
			delete(c, "nonce")
			c["events"] = map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}
		}, auth.ReasonNonce},
		{"a logout token with our nonce", set("events", map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}), auth.ReasonClaims},
		{"events null", set("events", nil), auth.ReasonClaims},
		{"sid absurdly long", set("sid", strings.Repeat("s", 256)), auth.ReasonClaims},

		// What the person is called matters little, so nothing of it refuses.
		{"name of the wrong type", set("name", []int{1}), ""},
		{"e-mail not verified", set("email_verified", false), ""},
		{"no e-mail", without("email"), ""},
		{"groups of the wrong type", set("groups", map[string]any{"a": 1}), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() { w.idp.claims = test.change })
			_, err := w.signIn(t, newBrowser())
			if test.want == "" {
				if err != nil {
					t.Fatalf("sign-in = %v, want no error", err)
				}
				return
			}
			wantReason(t, err, test.want)
		})
	}
}

// Who signed an ID token, and how.
func TestIDTokenSignature(t *testing.T) {
	t.Parallel()
	publicPEM := func(t *testing.T) []byte {
		der, err := x509.MarshalPKIXPublicKey(&idpKey().PublicKey)
		if err != nil {
			t.Fatalf("encode the public key: %v", err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	segment := func(t *testing.T, v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("encode a segment: %v", err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	good := func(t *testing.T, claims map[string]any) string {
		return signed(t, jose.RS256, idpKey(), "key-1", claims)
	}
	tests := []struct {
		name string
		sign func(t *testing.T, claims map[string]any) string
		want auth.Reason
	}{
		{"RS256 (oidcc-client-test-idtoken-sig-rs256)", good, ""},
		{"kid absent (oidcc-client-test-kid-absent-single-jwks)", func(t *testing.T, c map[string]any) string {
			return signed(t, jose.RS256, idpKey(), "", c)
		}, ""},
		{"alg none (oidcc-client-test-idtoken-sig-none)", func(t *testing.T, c map[string]any) string {
			return segment(t, map[string]any{"alg": "none", "kid": "key-1"}) + "." + segment(t, c) + "."
		}, auth.ReasonToken},
		{"HS256 with the public key as its secret", func(t *testing.T, c map[string]any) string {
			return signed(t, jose.HS256, publicPEM(t), "key-1", c)
		}, auth.ReasonToken},
		{"RS512 when discovery says RS256", func(t *testing.T, c map[string]any) string {
			return signed(t, jose.RS512, idpKey(), "key-1", c)
		}, auth.ReasonToken},
		{"ES256 when discovery says RS256", func(t *testing.T, c map[string]any) string {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatalf("make a key: %v", err)
			}
			return signed(t, jose.ES256, key, "key-1", c)
		}, auth.ReasonToken},
		{"another key (oidcc-client-test-invalid-sig-rs256)", func(t *testing.T, c map[string]any) string {
			return signed(t, jose.RS256, otherKey(), "key-1", c)
		}, auth.ReasonToken},
		{"another kid", func(t *testing.T, c map[string]any) string {
			return signed(t, jose.RS256, otherKey(), "key-2", c)
		}, auth.ReasonToken},
		{"signature stripped", func(t *testing.T, c map[string]any) string {
			token := good(t, c)
			return token[:strings.LastIndex(token, ".")+1]
		}, auth.ReasonToken},
		{"payload swapped", func(t *testing.T, c map[string]any) string {
			parts := strings.Split(good(t, c), ".")
			c["sub"] = "admin"
			return parts[0] + "." + segment(t, c) + "." + parts[2]
		}, auth.ReasonToken},
		{"no JWT", func(*testing.T, map[string]any) string { return "not.a.token" }, auth.ReasonToken},
		{"payload no JSON", func(t *testing.T, _ map[string]any) string {
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: idpKey()}, nil)
			if err != nil {
				t.Fatalf("NewSigner: %v", err)
			}
			object, err := signer.Sign([]byte("hello"))
			if err != nil {
				t.Fatalf("Sign: %v", err)
			}
			token, err := object.CompactSerialize()
			if err != nil {
				t.Fatalf("CompactSerialize: %v", err)
			}
			return token
		}, auth.ReasonToken},
		{"10 MB", func(_ *testing.T, _ map[string]any) string { return strings.Repeat("a", 10<<20) }, auth.ReasonUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() { w.idp.sign = test.sign })
			_, err := w.signIn(t, newBrowser())
			if test.want == "" {
				if err != nil {
					t.Fatalf("sign-in = %v, want no error", err)
				}
				return
			}
			wantReason(t, err, test.want)
			wantNoSecrets(t, err)
		})
	}
}

// Keys come from the configured provider only, whatever a token's header says.
func TestKeysFromATokenAreIgnored(t *testing.T) {
	t.Parallel()
	hits := make(chan string, 10)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits <- r.URL.Path
		writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{publicJWK(otherKey(), "evil")}})
	}))
	defer evil.Close()
	for _, header := range []string{"jku", "x5u"} {
		w := newWorld(t)
		w.idp.do(func() {
			w.idp.sign = func(t *testing.T, claims map[string]any) string {
				return signed(t, jose.RS256, otherKey(), "evil", claims, header, evil.URL+"/"+header)
			}
		})
		_, err := w.signIn(t, newBrowser())
		wantReason(t, err, auth.ReasonToken)
	}
	evil.Close()
	if len(hits) != 0 {
		t.Errorf("requests to the address in the token = %d, want 0", len(hits))
	}
}

func TestSeveralKeysWithoutKid(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // oidcc-client-test-kid-absent-multiple-jwks
	w.idp.do(func() {
		w.idp.keys = []jose.JSONWebKey{publicJWK(otherKey(), "key-0"), publicJWK(idpKey(), "key-1")}
		w.idp.sign = func(t *testing.T, claims map[string]any) string {
			return signed(t, jose.RS256, idpKey(), "", claims)
		}
	})
	if _, err := w.signIn(t, newBrowser()); err != nil {
		t.Errorf("sign-in = %v, want no error", err)
	}
}

// The provider changes its key in the middle of a sign-in.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	if _, err := w.signIn(t, b); err != nil {
		t.Fatalf("sign-in = %v, want no error", err)
	}

	query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
	w.idp.do(func() {
		w.idp.keys = []jose.JSONWebKey{publicJWK(otherKey(), "key-2")}
		w.idp.sign = func(t *testing.T, claims map[string]any) string {
			return signed(t, jose.RS256, otherKey(), "key-2", claims)
		}
	})
	if _, _, err := w.finish(t, b, query); err != nil {
		t.Fatalf("Finish() with the new key = %v, want no error", err)
	}

	w.idp.do(func() {
		w.idp.sign = func(t *testing.T, claims map[string]any) string {
			return signed(t, jose.RS256, idpKey(), "key-1", claims)
		}
	})
	_, err := w.signIn(t, b)
	wantReason(t, err, auth.ReasonToken)
}

func TestKeysCannotBeHad(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	query := w.idp.authorize(t, w.start(t, b, auth.Resume{}))
	w.idp.do(func() {
		answer := w.idp.sign
		w.idp.sign = func(t *testing.T, claims map[string]any) string {
			w.idp.down = true // from now on, the keys' address included
			return answer(t, claims)
		}
	})
	_, _, err := w.finish(t, b, query)
	wantReason(t, err, auth.ReasonUnavailable)
	wantNoSecrets(t, err)
}

// F13: roles come from the claim and from nothing else.
func TestRoles(t *testing.T) {
	t.Parallel()
	many := make([]string, 1001)
	for i := range many {
		many[i] = "foyer-admin"
	}
	tests := []struct {
		name  string
		claim any // nil: no claim
		want  auth.Roles
	}{
		{"array", []string{"staff", "foyer-onboarder"}, auth.Roles{auth.Onboarder}},
		{"string", "foyer-auditor", auth.Roles{auth.Auditor}},
		{"several, in our order and once each", []string{"foyer-admin", "support", "foyer-viewer"}, auth.Roles{auth.Viewer, auth.Admin}},
		{"missing", nil, nil},
		{"none of ours", []string{"staff"}, nil},
		{"empty", []string{}, nil},
		{"empty string", "", nil},
		{"a part of the name", []string{"foyer-admins", "foyer-adm", "x foyer-admin"}, nil},
		{"another case", []string{"Foyer-Admin"}, nil},
		{"a list in one string", "foyer-admin,foyer-viewer", nil},
		{"an object", map[string]any{"foyer-admin": true}, nil},
		{"a number", 7, nil},
		{"true", true, nil},
		{"nested", []any{[]string{"foyer-admin"}}, nil},
		{"mixed types", []any{1, nil, "foyer-viewer"}, auth.Roles{auth.Viewer}},
		{"more groups than anybody has", many, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() {
				w.idp.claims = func(claims map[string]any) {
					delete(claims, "groups")
					if test.claim != nil {
						claims["groups"] = test.claim
					}
				}
			})
			identity, err := w.signIn(t, newBrowser())
			if err != nil {
				t.Fatalf("sign-in = %v, want no error", err)
			}
			if diff := cmp.Diff(test.want, identity.Person.Roles); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRolesFromAnotherClaim(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *auth.OIDCOptions) { o.RolesClaim = "https://foyer.example/roles" })
	w.idp.do(func() {
		w.idp.claims = func(claims map[string]any) { claims["https://foyer.example/roles"] = "foyer-admin" }
	})
	identity, err := w.signIn(t, newBrowser())
	if err != nil || !cmp.Equal(identity.Person.Roles, auth.Roles{auth.Admin}) {
		t.Errorf("sign-in = %v, %v; want the admin role of the configured claim alone", identity.Person.Roles, err)
	}
}

// F14: an e-mail is no identity, and one subject at two issuers is two people.
func TestIdentityIsIssuerAndSubject(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	first, err := a.signIn(t, newBrowser())
	if err != nil {
		t.Fatalf("sign-in = %v, want no error", err)
	}
	second, err := b.signIn(t, newBrowser())
	if err != nil {
		t.Fatalf("sign-in = %v, want no error", err)
	}
	if first.Person.Subject != second.Person.Subject || first.Person.Issuer == second.Person.Issuer {
		t.Errorf("identities = %v and %v, want one subject of two issuers", first.Person, second.Person)
	}
}

// Names are shown on pages, in the ledger and in logs.
func TestNamesAreFitForDisplay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		claims map[string]any
		want   string
	}{
		{"as it is", map[string]any{"name": "Siân O’Brien-李"}, "Siân O’Brien-李"},
		{"line breaks and escapes", map[string]any{"name": "A\r\nB\x1b[31m\tC\u2028D"}, "A B [31m C D"},
		{"turned about", map[string]any{"name": "A\u202Egnp.exe\u2066"}, "Agnp.exe"},
		{"markup is the page's to escape", map[string]any{"name": `<b>&"`}, `<b>&"`},
		{"too long", map[string]any{"name": strings.Repeat("é", 10_000)}, strings.Repeat("é", 200)},
		{"of the wrong type", map[string]any{"name": 7, "preferred_username": "zng"}, "zng"},
		{"blank", map[string]any{"name": " \u00a0 "}, "zoe@partner.example"},
		{"nothing but the subject", map[string]any{"name": nil, "email": nil}, "u-1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() {
				w.idp.claims = func(claims map[string]any) { maps.Copy(claims, test.claims) }
			})
			identity, err := w.signIn(t, newBrowser())
			if err != nil {
				t.Fatalf("sign-in = %v, want no error", err)
			}
			if identity.Person.Name != test.want {
				t.Errorf("Name = %q, want %q", identity.Person.Name, test.want)
			}
		})
	}
}
