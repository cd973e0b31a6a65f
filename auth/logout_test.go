package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"foyer/auth"
)

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutToken is what a provider sends when somebody signs out, but for changes.
func (w *world) logoutToken(t *testing.T, change func(map[string]any), headers ...string) string {
	t.Helper()
	now := w.clock.Now()
	claims := map[string]any{
		"iss": w.idp.issuer(), "aud": clientID, "sub": "u-1", "sid": "idp-session-1", "jti": "token-1",
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "events": map[string]any{logoutEvent: map[string]any{}},
	}
	if change != nil {
		change(claims)
	}
	if headers == nil {
		headers = []string{"typ", "logout+jwt"}
	}
	return signed(t, jose.RS256, idpKey(), "key-1", claims, headers...)
}

// The claims that a logout token must, may and must not have. The names in brackets are
// those of the OpenID conformance suite's back-channel tests.
func TestLogoutTokens(t *testing.T) {
	t.Parallel()
	now := newClock().Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	set := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	without := func(names ...string) func(map[string]any) {
		return func(claims map[string]any) {
			for _, name := range names {
				delete(claims, name)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(map[string]any)
		ok     bool
	}{
		{"as it should be (oidcc-client-test-rp-backchannel)", nil, true},
		{"of a person", without("sid"), true},
		{"of a session", without("sub"), true},
		{"of neither", without("sub", "sid"), false},
		{"both empty", func(c map[string]any) { c["sub"], c["sid"] = "", "" }, false},
		{"sub a number", set("sub", 7), false},
		{"sub too long", set("sub", strings.Repeat("s", 256)), false},
		{"sub by another name", func(c map[string]any) { delete(c, "sub"); delete(c, "sid"); c["SUB"] = "u-1" }, false},

		{"another issuer (wrong-iss)", set("iss", "https://evil.example"), false},
		{"another audience (wrong-aud)", set("aud", "another"), false},
		{"the audience by another name", func(c map[string]any) { delete(c, "aud"); c["AUD"] = clientID }, false},
		{"several audiences", set("aud", []string{"another", clientID}), true},

		{"no events (no-event)", without("events"), false},
		{"events null", set("events", nil), false},
		{"another event (wrong-event)", set("events", map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}), false},
		{"the event null", set("events", map[string]any{logoutEvent: nil}), false},
		{"the event true", set("events", map[string]any{logoutEvent: true}), false},
		{"the event a list", set("events", map[string]any{logoutEvent: []any{}}), false},
		{"another event besides", set("events", map[string]any{logoutEvent: map[string]any{}, "urn:other": map[string]any{}}), true},

		{"a nonce (with-nonce)", set("nonce", "n"), false},
		{"a nonce that is null", set("nonce", nil), false},

		{"no jti", without("jti"), false},
		{"jti empty", set("jti", ""), false},
		{"jti too long", set("jti", strings.Repeat("j", 256)), false},

		{"no iat", without("iat"), false},
		{"iat five minutes ago", set("iat", at(-5*time.Minute)), true},
		{"iat longer ago", set("iat", at(-5*time.Minute-time.Second)), false},
		{"iat 1970", set("iat", 0), false},
		{"iat ahead within the leeway", set("iat", at(59*time.Second)), true},
		{"iat ahead beyond it", set("iat", at(61*time.Second)), false},
		{"iat in quotes", set("iat", "1772443800"), true},
		{"no exp", without("exp"), false},
		{"expired", set("exp", at(-2*time.Minute)), false},
		{"exp in a year", set("exp", at(365*24*time.Hour)), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ending, err := w.oidc.VerifyLogout(t.Context(), w.logoutToken(t, tt.change), true)
			if (err == nil) != tt.ok {
				t.Fatalf("VerifyLogout() = %+v, %v, want it taken: %v", ending, err, tt.ok)
			}
			if err == nil && (ending.Issuer != w.idp.issuer() || ending.Subject+ending.SID == "" || len(ending.Token) != 32 || !ending.Until.After(w.clock.Now().Add(-time.Second))) {
				t.Errorf("VerifyLogout() = %+v, want whose sessions end", ending)
			}
		})
	}
}

func TestLogoutTokensByAnotherSignatureOrOfAnotherKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.logoutToken(t, nil)
	parts := strings.Split(good, ".")
	claims := map[string]any{"iss": w.idp.issuer(), "aud": clientID, "sub": "u-1", "jti": "j", "iat": w.clock.Now().Unix(), "exp": w.clock.Now().Add(time.Minute).Unix(), "events": map[string]any{logoutEvent: map[string]any{}}}
	for _, tt := range []struct {
		name, token string
		ok          bool
	}{
		{"typ logout+jwt", good, true},
		{"typ with its media type", w.logoutToken(t, nil, "typ", "application/LOGOUT+JWT"), true},
		{"no typ", w.logoutToken(t, nil, "typ", ""), true},
		{"typ JWT", w.logoutToken(t, nil, "typ", "JWT"), false},
		{"typ of an access token", w.logoutToken(t, nil, "typ", "at+jwt"), false},
		{"alg none (alg-none)", "eyJhbGciOiJub25lIn0." + parts[1] + ".", false},
		{"another algorithm (wrong-alg)", signed(t, jose.RS512, idpKey(), "key-1", claims, "typ", "logout+jwt"), false},
		{"another key", signed(t, jose.RS256, otherKey(), "key-1", claims, "typ", "logout+jwt"), false},
		{"no signature", parts[0] + "." + parts[1] + ".", false},
		{"nothing", "", false},
		{"too long", good + strings.Repeat("A", 16<<10), false},
	} {
		_, err := w.oidc.VerifyLogout(t.Context(), tt.token, true)
		if (err == nil) != tt.ok {
			t.Errorf("%s: VerifyLogout() = %v, want it taken: %v", tt.name, err, tt.ok)
		}
		if err != nil && len(parts[1]) > 0 && strings.Contains(err.Error(), parts[1]) {
			t.Errorf("%s: the error quotes the token", tt.name)
		}
	}
	w.idp.do(func() { w.idp.down = true })
	fresh := newWorld(t)
	fresh.idp.do(func() { fresh.idp.down = true })
	if _, err := fresh.oidc.VerifyLogout(t.Context(), good, true); err == nil {
		t.Error("VerifyLogout() with the provider down = nil, want an error")
	}
}

func TestALogoutTokenEndsTheSessionsItNamesOnce(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBrowser()
	sessions, err := auth.NewSessions(auth.SessionOptions{Store: w.store, Issuer: w.idp.issuer(), PublicURL: "https://foyer.example", Now: w.clock.Now})
	if err != nil {
		t.Fatalf("NewSessions() = %v, want no error", err)
	}
	l := &lobby{clock: w.clock, store: w.store, sessions: sessions}
	identity, err := w.signIn(t, b)
	if err != nil {
		t.Fatalf("sign-in = %v, want no error", err)
	}
	begin := func() { l.beginIdentity(t, b, identity) }
	begin()

	ending, err := w.oidc.VerifyLogout(t.Context(), w.logoutToken(t, nil), true)
	if err != nil {
		t.Fatalf("VerifyLogout() = %v, want no error", err)
	}
	if ended, err := sessions.EndBy(t.Context(), ending); err != nil || len(ended) != 1 || l.signedIn(t, b) {
		t.Errorf("EndBy() = %+v, %v, want the one session, and nobody signed in", ended, err)
	}
	begin()
	if ended, err := sessions.EndBy(t.Context(), ending); !errors.Is(err, auth.ErrTokenUsed) || len(ended) > 0 || !l.signedIn(t, b) {
		t.Errorf("EndBy() again = %+v, %v, want ErrTokenUsed, and the new session going on", ended, err)
	}
}
