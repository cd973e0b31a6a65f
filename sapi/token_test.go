package sapi_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"foyer/sapi"
)

const tokenPattern = "POST /prefix/oauth/token"

// issuer is a token endpoint, and an API that takes the tokens that it has not revoked.
type issuer struct {
	issued atomic.Int64
	asked  atomic.Int64 // calls of the API

	members string                           // of the answer, beside the token's
	broken  atomic.Pointer[http.HandlerFunc] // answers instead, if set

	mu    sync.Mutex
	valid map[string]bool
}

func (i *issuer) handlers() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		tokenPattern: func(w http.ResponseWriter, r *http.Request) {
			n := i.issued.Add(1)
			if broken := i.broken.Load(); broken != nil {
				(*broken)(w, r)
				return
			}
			i.mu.Lock()
			defer i.mu.Unlock()
			value := fmt.Sprintf("token-%d", n)
			i.valid[value] = true
			answer(w, 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"%s}`, value, i.members))
		},
		"/prefix/api/": func(w http.ResponseWriter, r *http.Request) {
			i.asked.Add(1)
			i.mu.Lock()
			defer i.mu.Unlock()
			if !i.valid[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
				answer(w, 401, `{"title":"Unauthorized","status":401}`)
				return
			}
			answer(w, 200, `{"id":"c"}`)
		},
	}
}

func newIssuer() *issuer { return &issuer{valid: map[string]bool{}} }

func (i *issuer) revoke() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.valid)
}

func TestTokenRequestIsJSON(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		tokenPattern: func(w http.ResponseWriter, r *http.Request) {
			wantBody(t, r, `{"client_id":"a-partner","client_secret":"`+secret+`",
				"audience":"https://api.symphony.com/partners","grant_type":"client_credentials"}`)
			if got := r.Header.Get("Authorization"); got != "" {
				t.Errorf("Authorization = %q, want none", got)
			}
			answer(w, 200, `{"access_token":"abc","token_type":"Bearer"}`)
		},
		"GET /prefix/api/v2/companies": func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Authorization"); got != "Bearer abc" {
				t.Errorf("Authorization = %q, want Bearer abc", got)
			}
			answer(w, 200, `[]`)
		},
	}))
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("Ping() = %v", err)
	}
}

// How long a token is used, and that it is renewed ahead of its end.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix() // when a bubble begins
	claims := func(json string) string {
		return "h." + base64.RawURLEncoding.EncodeToString([]byte(json)) + ".s"
	}
	exp := func(exp, iat int64) string {
		return claims(fmt.Sprintf(`{"exp":%d,"iat":%d}`, start+exp, start+iat))
	}
	tests := []struct {
		name, token, members string
		life                 time.Duration
	}{
		{"expires_in", "abc", `,"expires_in":3600`, time.Hour},
		{"expires_in before exp", exp(7200, 0), `,"expires_in":3600`, time.Hour},
		{"expires_in as a string", "abc", `,"expires_in":"3600"`, time.Hour},
		{"expires_in of a century", "abc", `,"expires_in":3153600000`, 24 * time.Hour},
		{"expires_in beyond all sense", "abc", `,"expires_in":9223372036854775807`, 24 * time.Hour},
		{"expires_in of nothing", exp(7200, 0), `,"expires_in":0`, 2 * time.Hour},
		{"expires_in that is negative", exp(7200, 0), `,"expires_in":-5`, 2 * time.Hour},
		{"exp", claims(fmt.Sprintf(`{"exp":%d}`, start+7200)), "", 2 * time.Hour},
		{"exp as published", exp(86400, 0), "", 24 * time.Hour},
		{"exp, but our clock is an hour slow", exp(7200+3600, 3600), "", 2 * time.Hour},
		{"exp, but our clock is a day fast", exp(-79200, -86400), "", time.Minute},
		{"no JWT", "abc", "", time.Minute},
		{"a JWT that says nothing", claims(`{}`), "", time.Minute},
		{"a JWT that says nonsense", claims(`{"exp":"soon"}`), "", time.Minute},
		{"a JWT that is none", "a.%%%.c", "", time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var issued atomic.Int64
			u := newUpstream(map[string]http.HandlerFunc{
				tokenPattern: func(w http.ResponseWriter, _ *http.Request) {
					issued.Add(1)
					answer(w, 200, fmt.Sprintf(`{"access_token":%q,"token_type":"bearer"%s}`, tt.token, tt.members))
				},
				"/prefix/api/": answering(200, `{"id":"c"}`),
			})
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, u, nil)
				want := func(at time.Duration, n int64) {
					t.Helper()
					if err := read(t.Context(), c); err != nil {
						t.Fatalf("Get() = %v", err)
					}
					synctest.Wait()
					if got := issued.Load(); got != n {
						t.Errorf("%v after the start %d tokens were issued, want %d", at, got, n)
					}
				}
				early := min(5*time.Minute, tt.life/10)
				want(0, 1)
				<-time.After(tt.life - early - time.Second)
				want(tt.life-early-time.Second, 1)
				<-time.After(time.Second)
				want(tt.life-early, 2)
			})
		})
	}
}

// Ahead of its end a token is renewed in the background: a token endpoint that is
// down then harms nobody, until the token has ended.
func TestTokenEndpointDownAheadOfTheEnd(t *testing.T) {
	t.Parallel()
	i := newIssuer()
	i.members = `,"expires_in":3600`
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(i.handlers()), nil)
		if err := read(t.Context(), c); err != nil {
			t.Fatalf("Get() = %v", err)
		}
		i.broken.Store(new(http.HandlerFunc(silent)))
		<-time.After(56 * time.Minute)
		began := time.Now()
		if err := read(t.Context(), c); err != nil || time.Since(began) != 0 {
			t.Errorf("Get() = %v after %v, want it to go on with the old token at once", err, time.Since(began))
		}
		<-time.After(4 * time.Minute)
		wantError(t, change(t.Context(), c), sapi.NotSent, sapi.ClassTimeout)
		i.broken.Store(nil)
		if err := change(t.Context(), c); err != nil {
			t.Errorf("Create() = %v, want it to go well again", err)
		}
	})
}

func TestOneTokenForAllCallers(t *testing.T) {
	t.Parallel()
	i := newIssuer()
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(i.handlers()), nil)
		inParallel(t, 100, func() error { return read(t.Context(), c) })
		if got := i.issued.Load(); got != 1 {
			t.Errorf("%d tokens for 100 callers, want 1", got)
		}
	})
}

// The 401 of a revoked token did nothing, so that changes are repeated after it too.
func TestRevokedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(context.Context, *sapi.Client) error{"read": read, "change": change, "disable": disable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer()
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, newUpstream(i.handlers()), nil)
				if err := do(t.Context(), c); err != nil {
					t.Fatalf("first call = %v", err)
				}
				i.revoke()
				inParallel(t, 100, func() error { return do(t.Context(), c) })
				if got := i.issued.Load(); got != 2 {
					t.Errorf("%d tokens, want 100 refusals to cause one more", got)
				}
			})
		})
	}
}

func TestTokenThatIsNeverAccepted(t *testing.T) {
	t.Parallel()
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(401, `{"status":401,"detail":"no"}`)})
	c := start(t, u, nil)
	for _, do := range []func(context.Context, *sapi.Client) error{read, change} {
		err := do(t.Context(), c)
		wantError(t, err, sapi.Refused, sapi.ClassCredentials)
		if !sapi.IsCredentialsRejected(err) {
			t.Errorf("error = %v, want the credentials rejected", err)
		}
	}
	// Token, 401, token, 401; then with the second token: 401, token, 401.
	if got := len(u.observed()); got != 7 {
		t.Errorf("%d exchanges, want 7", got)
	}
}

func TestTokenEndpointFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		class   sapi.Class
		tries   int64 // of a read
	}{
		{"401", answering(401, `{"error":"access_denied","error_description":"Unauthorized"}`), sapi.ClassCredentials, 1},
		{"403", answering(403, `{"error":"access_denied"}`), sapi.ClassCredentials, 1},
		{"400", answering(400, `{"error":"invalid_client"}`), sapi.ClassCredentials, 1},
		{"404", answering(404, ""), sapi.ClassRefused, 1},
		{"500", answering(500, ""), sapi.ClassServer, 1},
		{"503", answering(503, ""), sapi.ClassServer, 3},
		{"429", answering(429, ""), sapi.ClassRateLimited, 3},
		{"hangs up", hangUp, sapi.ClassCut, 3},
		{"empty", answering(200, ""), sapi.ClassProtocol, 1},
		{"no token", answering(200, `{"token_type":"Bearer"}`), sapi.ClassProtocol, 1},
		{"another type", answering(200, `{"access_token":"a","token_type":"DPoP"}`), sapi.ClassProtocol, 1},
		{"a token with a line break", answering(200, `{"access_token":"a\r\nX-Evil: 1"}`), sapi.ClassProtocol, 1},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, sapi.ClassProtocol, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer()
			i.broken.Store(&tt.handler)
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, newUpstream(i.handlers()), nil)
				wantError(t, change(t.Context(), c), sapi.NotSent, tt.class)
				if got := i.issued.Swap(0); got != 1 {
					t.Errorf("a change asked for a token %d times, want once", got)
				}
				err := read(t.Context(), c)
				wantError(t, err, sapi.NotSent, tt.class)
				if got := i.issued.Load(); got != tt.tries {
					t.Errorf("a read asked for a token %d times, want %d", got, tt.tries)
				}
				cause, ok := errors.AsType[*sapi.Error](errors.Unwrap(err))
				if !ok || cause.Operation != "getToken" {
					t.Errorf("cause = %v, want the token's own error", cause)
				}
				if got := i.asked.Load(); got != 0 {
					t.Errorf("the API was asked %d times, want never", got)
				}
			})
		})
	}
}

// A caller who gives up does not take the token away from the others.
func TestTokenOutlivesTheCallerWhoAskedForIt(t *testing.T) {
	t.Parallel()
	i := newIssuer()
	slow := i.handlers()
	quick := slow[tokenPattern]
	slow[tokenPattern] = func(w http.ResponseWriter, r *http.Request) {
		<-time.After(10 * time.Second)
		quick(w, r)
	}
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(slow), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		patient := make(chan error)
		err := make(chan error)
		go func() { err <- change(ctx, c) }()
		synctest.Wait()
		go func() { patient <- change(t.Context(), c) }()
		wantError(t, <-err, sapi.NotSent, sapi.ClassTimeout)
		if err := <-patient; err != nil {
			t.Errorf("the patient caller's Create() = %v", err)
		}
		if got := i.issued.Load(); got != 1 {
			t.Errorf("%d tokens, want 1", got)
		}
	})
}

// inParallel runs f n times at once and reports each error.
func inParallel(t *testing.T, n int, f func() error) {
	t.Helper()
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if err := f(); err != nil {
				t.Errorf("one of %d parallel calls = %v", n, err)
			}
		})
	}
	group.Wait()
}

// The token is fetched beside the call that wants it: a panic there would end the process.
func TestAPanicWhileATokenIsFetchedFailsTheCall(t *testing.T) {
	t.Parallel()
	client, err := sapi.New(sapi.Options{
		BaseURL: "http://127.0.0.1:1", TokenURL: "http://127.0.0.1:1/oauth/token", LoginURL: "http://127.0.0.1:1", ClientID: "c", ClientSecret: "s", PartnerID: "p",
		MaxTries: 1, Transport: roundTripper(func(*http.Request) (*http.Response, error) { panic("no such luck") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Companies.Get(t.Context(), "c")
	if err == nil || !strings.Contains(err.Error(), "no such luck") {
		t.Errorf("Get = %v, want the panic", err)
	}
}
