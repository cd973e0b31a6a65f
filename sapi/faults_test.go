package sapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"foyer/sandbox"
	"foyer/sapi"
)

// A read is Companies.Get, a change is Companies.Create: the rest goes the same way.
var (
	read   = func(ctx context.Context, c *sapi.Client) error { _, err := c.Companies.Get(ctx, "c"); return err }
	change = func(ctx context.Context, c *sapi.Client) error {
		_, err := c.Companies.Create(ctx, sapi.NewCompany{Name: person, VanityName: "vanity", EmailDomains: []string{"acme.example"}})
		return err
	}
	disable = func(ctx context.Context, c *sapi.Client) error { return c.Users.SetActive(ctx, "c", "u", false) }
)

// TestFates is the fault matrix: what a call did, by what came back, and how often
// it was tried.
func TestFates(t *testing.T) {
	t.Parallel()
	respond := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			io.WriteString(w, body) //nolint:errcheck // The client may hang up.
		}
	}
	cut := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(status)
			io.WriteString(w, `{"id":`) //nolint:errcheck // The client may hang up.
		}
	}
	const html, json, problem = "text/html", "application/json", "application/problem+json"
	page := "<html>" + person + "</html>"
	tests := []struct {
		name         string
		handler      http.HandlerFunc
		class        sapi.Class
		readFate     sapi.Fate
		changeFate   sapi.Fate
		readTries    int64
		disableWorks bool
	}{
		{"400", respond(400, json, `{"title":"BAD_REQUEST","status":400,"X-Trace-Id":"Jva4J2"}`), sapi.ClassRefused, sapi.Refused, sapi.Refused, 1, false},
		{"403", respond(403, json, `{"title":"Forbidden","status":403,"X-Trace-Id":"Jva4J2"}`), sapi.ClassRefused, sapi.Refused, sapi.Refused, 1, false},
		{"409 without a status inside", respond(409, "", `{"detailErrorCode":40199}`), sapi.ClassRefused, sapi.Refused, sapi.Refused, 1, false},
		{"429", respond(429, problem, `{"X-Trace-Id":"Jva4J2"}`), sapi.ClassRateLimited, sapi.Refused, sapi.Refused, 3, false},
		{"500", respond(500, json, `{"status":500}`), sapi.ClassServer, sapi.Failed, sapi.Lost, 1, false},
		{"502 in HTML", respond(502, html, page), sapi.ClassServer, sapi.Failed, sapi.Lost, 3, false},
		{"503 without a body", respond(503, html, ""), sapi.ClassServer, sapi.Failed, sapi.Lost, 3, false},
		{"504", respond(504, html, page), sapi.ClassServer, sapi.Failed, sapi.Lost, 3, false},
		{"200 in HTML", respond(200, html, page), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, false},
		{"200 without a body", respond(200, json, ""), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, true},
		{"200 null", respond(200, json, "null"), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, true},
		{"200 array for an object", respond(200, json, "[]"), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, true},
		{"200 without an id", respond(200, json, "{}"), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, true},
		{"200 with more behind", respond(200, json, `{"id":"c"} {}`), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, false},
		{"200 malformed", respond(200, json, `{"id":}`), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, false},
		{"200 half of the JSON", respond(200, json, `{"id":"c`), sapi.ClassCut, sapi.Failed, sapi.Lost, 3, false},
		{"200 half of the bytes", cut(200), sapi.ClassCut, sapi.Failed, sapi.Lost, 3, false},
		{"200 too long", respond(200, json, `{"id":"`+strings.Repeat("c", 5000)+`"}`), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, false},
		{"304 unasked", respond(304, json, ""), sapi.ClassProtocol, sapi.Failed, sapi.Lost, 1, false},
		{"hangs up", hangUp, sapi.ClassCut, sapi.Failed, sapi.Lost, 3, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int64
			handler := func(w http.ResponseWriter, r *http.Request) { tries.Add(1); tt.handler(w, r) }
			u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": handler})
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, u, func(o *sapi.Options) { o.MaxBody = 4096 })
				err := read(t.Context(), c)
				wantError(t, err, tt.readFate, tt.class)
				if got := tries.Swap(0); got != tt.readTries {
					t.Errorf("read was tried %d times, want %d", got, tt.readTries)
				}
				wantError(t, change(t.Context(), c), tt.changeFate, tt.class)
				if got := tries.Swap(0); got != 1 {
					t.Errorf("change was tried %d times, want once", got)
				}
				err = disable(t.Context(), c)
				if tt.disableWorks && err != nil {
					t.Errorf("SetActive() = %v, want success", err)
				}
				if !tt.disableWorks {
					wantError(t, err, tt.changeFate, tt.class)
				}
			})
		})
	}
}

// A 4xx that is not Symphony's own proves nothing about a change: what a gateway
// says, it may say of a request that it has passed on. A read is refused all the same.
func TestGatewaysDoNotRefuseChanges(t *testing.T) {
	t.Parallel()
	answers := map[string]struct{ contentType, body string }{
		"HTML":                       {"text/html", "<html>" + person + "</html>"},
		"a problem called HTML":      {"text/html", `{"title":"Forbidden","status":403}`},
		"text":                       {"text/plain", "no"},
		"nothing":                    {"application/json", ""},
		"nothing of no type":         {"", ""},
		"an empty object":            {"application/json", "{}"},
		"an empty problem":           {"application/problem+json", "{}"},
		"a list":                     {"application/json", `[{"title":"Forbidden","status":403}]`},
		"a gateway's message":        {"application/json", `{"message":"Forbidden"}`},
		"a gateway's status":         {"application/json", `{"status":403,"error":"Forbidden","path":"/x"}`},
		"a title alone":              {"application/json", `{"title":"Forbidden"}`},
		"a title and another status": {"application/json", `{"title":"Forbidden","status":"no"}`},
		"a problem of anybody's":     {"application/problem+json", `{"type":"about:blank","title":"Forbidden","status":403,"detail":"no"}`},
		"no code":                    {"application/json", `{"detailErrorCode":null,"X-Trace-Id":null}`},
		"a code that is none":        {"application/json", `{"detailErrorCode":{}}`},
		"half a problem":             {"application/json", `{"detailErrorCode":"40102","title":`},
	}
	for name, said := range answers {
		for _, status := range []int{400, 403, 404, 409, 413, 422, 429, 431, 499} {
			o := newUpstream(nil).options("http://localhost")
			o.Transport, o.MaxTries = replying(status, said.contentType, []byte(said.body)), 1
			c := newClient(t, o)
			for _, do := range []func(context.Context, *sapi.Client) error{change, disable} {
				err := do(t.Context(), c)
				wantError(t, err, sapi.Lost, sapi.ClassProtocol)
				if e, _ := errors.AsType[*sapi.Error](err); sapi.IsRefused(err) || e == nil || e.Status != status {
					t.Errorf("%d with %s = %v, want status %d and no refusal", status, name, err, status)
				}
			}
			if err := read(t.Context(), c); !sapi.IsRefused(err) {
				t.Errorf("a read's %d with %s = %v, want it refused", status, name, err)
			}
		}
	}
}

// What a gateway answers, it may answer when the work is done already.
func TestGatewayThatRefusesWhatIsDone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]sandbox.Rule{
		"HTML":          {Kind: sandbox.KindHTML, Status: 403},
		"HTML, 401":     {Kind: sandbox.KindHTML, Status: 401},
		"its problem":   {Kind: sandbox.KindStatus, Status: 403, Body: `{"title":"Forbidden","status":403}`},
		"its slow down": {Kind: sandbox.KindStatus, Status: 429, Body: `{"title":"Too Many Requests","status":429}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, faults := standIn(t)
			answer.Match.Operation, answer.Work = "createCompany", true
			if _, err := faults.Add(answer); err != nil {
				t.Fatal(err)
			}
			wantError(t, change(t.Context(), c), sapi.Lost, sapi.ClassProtocol)
			if _, found, err := c.Companies.Find(t.Context(), "vanity"); err != nil || !found {
				t.Errorf("Find() = %v, %v, want the company, as it was created all the same", found, err)
			}
		})
	}
}

// Who looks at tokens does so first. What doesn't speak of them may come from anybody:
// such a change is unknown, and is not sent again with another token.
func TestA401AfterAChangeIsBelievedOfWhoeverLooksAtTokens(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		contentType, challenge, body string
		believed                     bool
	}{
		"a challenge alone":           {"", `Bearer error="invalid_token"`, "", true},
		"a page with a challenge":     {"text/html", "bearer", "<html>", true},
		"JSON":                        {"application/json", "", `{"message":"Unauthorized"}`, true},
		"a problem of Symphony's":     {"application/problem+json", "", `{"title":"Unauthorized","status":401,"X-Trace-Id":"Jva4J2"}`, true},
		"a page":                      {"text/html", "", "<html>" + person + "</html>", false},
		"a page that asks for a name": {"text/html", `Basic realm="proxy"`, "<html>", false},
		"nothing":                     {"", "", "", false},
		"half of it":                  {"application/json", "", `{"message":`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.Header().Set("Content-Type", tt.contentType)
				if tt.challenge != "" {
					w.Header().Set("WWW-Authenticate", tt.challenge)
				}
				w.WriteHeader(http.StatusUnauthorized)
				io.WriteString(w, tt.body) //nolint:errcheck // The client may hang up.
			}})
			c := start(t, u, nil)
			fate, class, sent := sapi.Lost, sapi.ClassProtocol, int64(1)
			if tt.believed {
				fate, class, sent = sapi.Refused, sapi.ClassCredentials, 2
			}
			wantError(t, change(t.Context(), c), fate, class)
			if got := calls.Load(); got != sent {
				t.Errorf("the change was sent %d times, want %d", got, sent)
			}
			wantError(t, read(t.Context(), c), sapi.Refused, sapi.ClassCredentials)
			if got := u.tokens.Load(); got < 2 {
				t.Errorf("%d tokens, want another one after the first was rejected", got)
			}
		})
	}
}

// A gateway that is busy makes everybody wait, and leaves the change unknown.
func TestGatewayThatAsksToWait(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) == 1 {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			answer(w, 200, `{"id":"c"}`)
		}}), nil)
		err := change(t.Context(), c)
		wantError(t, err, sapi.Lost, sapi.ClassProtocol)
		if _, limited := sapi.IsRateLimited(err); limited {
			t.Errorf("Create() = %v counts as rate limited, though its outcome is unknown", err)
		}
		began := time.Now()
		if err := read(t.Context(), c); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Get() = %v after %v, want it to wait for a minute", err, time.Since(began))
		}
	})
}

// Each refusal of the stand-in is Symphony's own.
func TestRefusalsOfTheStandIn(t *testing.T) {
	t.Parallel()
	c, _ := standIn(t)
	company := someCompany(t, c)
	ctx := t.Context()
	changes := map[string]error{}
	_, changes["a company whose name is taken"] = c.Companies.Create(ctx, sapi.NewCompany{Name: company.Name, VanityName: "new", EmailDomains: []string{"new.example"}})
	_, changes["a company without a name"] = c.Companies.Create(ctx, sapi.NewCompany{EmailDomains: []string{"new.example"}})
	_, changes["a company's domain that is taken"] = c.Companies.Create(ctx, sapi.NewCompany{Name: "New", VanityName: "new", EmailDomains: company.EmailDomains})
	_, changes["domains of no company"] = c.Companies.AddDomains(ctx, userID, []string{"new.example"})
	_, changes["people of no company"] = c.Users.Create(ctx, userID, []sapi.NewUser{{Email: "a@new.example", FirstName: "A", LastName: "B"}})
	_, changes["people without names"] = c.Users.Create(ctx, company.ID, []sapi.NewUser{{Email: "a@new.example"}})
	changes["a person who is not there"] = c.Users.SetActive(ctx, company.ID, "00000000-0000-4000-8000-000000000000", false)
	for name, err := range changes {
		if !sapi.IsRefused(err) {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(thief.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{
			"/prefix/api/": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL, status) },
		}), nil)
		wantError(t, read(t.Context(), c), sapi.Failed, sapi.ClassProtocol)
		wantError(t, change(t.Context(), c), sapi.Lost, sapi.ClassProtocol)
	}
	if got := visits.Load(); got != 0 {
		t.Errorf("the redirects were followed %d times", got)
	}
}

func TestRetriesSucceed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]http.HandlerFunc{
		"502": answering(502, ""), "cut": answering(200, `{"id":"c`), "closed": hangUp, "429": answering(429, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int64
			u := newUpstream(map[string]http.HandlerFunc{
				"GET /prefix/api/v2/companies/c": func(w http.ResponseWriter, r *http.Request) {
					if tries.Add(1) < 3 {
						fault(w, r)
						return
					}
					answer(w, 200, `{"id":"c"}`)
				},
			})
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, u, nil)
				started := time.Now()
				if err := read(t.Context(), c); err != nil {
					t.Errorf("Get() = %v, want the third try to succeed", err)
				}
				// Full jitter: up to 200 ms, then up to 400 ms.
				if took := time.Since(started); took > 600*time.Millisecond {
					t.Errorf("Get() took %v, want at most 600 ms of waiting", took)
				}
			})
			var got []int
			for _, call := range u.observed() {
				if call.Operation == "getCompanyStatus" {
					got = append(got, call.Try)
				}
			}
			if fmt.Sprint(got) != "[1 2 3]" {
				t.Errorf("observed tries %v, want [1 2 3]", got)
			}
		})
	}
}

func TestNoConnectionIsNotSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + listener.Addr().String()
	listener.Close()
	u := newUpstream(nil)
	c := start(t, u, func(o *sapi.Options) { o.BaseURL = refused })

	err = change(t.Context(), c)
	wantError(t, err, sapi.NotSent, sapi.ClassUnreachable)
	if !sapi.IsNotSent(err) || !sapi.IsUnavailable(err) {
		t.Errorf("Create() = %v, want not sent and unavailable", err)
	}
	wantError(t, read(t.Context(), c), sapi.NotSent, sapi.ClassUnreachable)
	if got := len(u.observed()); got != 1+1+3 {
		t.Errorf("%d exchanges, want a token, one change and three reads", got)
	}
}

// A connection that is not there within the time limit has carried nothing.
func TestNoConnectionInTimeIsNotSent(t *testing.T) {
	t.Parallel()
	u := newUpstream(nil)
	const patience = time.Minute
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, func(o *sapi.Options) {
			transport := o.Transport.(*http.Transport)
			local := transport.DialContext
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "localhost") {
					return local(ctx, network, address)
				}
				<-time.After(patience)
				return nil, errors.New("nobody there")
			}
			o.BaseURL = "http://127.0.0.2"
		})
		wantError(t, change(t.Context(), c), sapi.NotSent, sapi.ClassUnreachable)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := change(ctx, c)
		wantError(t, err, sapi.NotSent, sapi.ClassTimeout)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Create() = %v, want the caller's deadline", err)
		}
		<-time.After(patience) // the transport dials on when nobody waits any more
	})
}

func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	drip := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":`) //nolint:errcheck // The client may hang up.
		w.(http.Flusher).Flush()
		silent(w, r)
	}
	for name, handler := range map[string]http.HandlerFunc{"silent": silent, "drip": drip} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": handler})
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, u, nil)
				started := time.Now()
				wantError(t, change(t.Context(), c), sapi.Lost, sapi.ClassTimeout)
				if took := time.Since(started); took != 30*time.Second {
					t.Errorf("Create() took %v, want 30 s", took)
				}
				wantError(t, read(t.Context(), c), sapi.Failed, sapi.ClassTimeout)

				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				err := change(ctx, c)
				wantError(t, err, sapi.Lost, sapi.ClassCanceled)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Create() = %v, want context.Canceled in it", err)
				}
			})
		})
	}
}

func TestHeaderTimeoutOfTheOwnTransport(t *testing.T) {
	t.Parallel()
	u := newUpstream(map[string]http.HandlerFunc{
		"/prefix/api/": silent,
	})
	c := start(t, u, func(o *sapi.Options) { o.HeaderTimeout = 20 * time.Millisecond })
	wantError(t, change(t.Context(), c), sapi.Lost, sapi.ClassTimeout)
}

func TestUntrustedCertificateIsNotRetried(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	u := newUpstream(nil)
	c := start(t, u, func(o *sapi.Options) { o.BaseURL = server.URL })

	wantError(t, change(t.Context(), c), sapi.NotSent, sapi.ClassTLS)
	wantError(t, read(t.Context(), c), sapi.NotSent, sapi.ClassTLS)
	if got := len(u.observed()); got != 3 || requests.Load() != 0 {
		t.Errorf("%d exchanges and %d requests, want a token, two calls, and no request served", got, requests.Load())
	}
}

func TestPlainHTTPBehindAnHTTPSAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	c := start(t, newUpstream(nil), func(o *sapi.Options) {
		o.BaseURL = strings.Replace(server.URL, "http:", "https:", 1)
	})
	wantError(t, change(t.Context(), c), sapi.NotSent, sapi.ClassTLS)
}

// A caller who has given up sends nothing more, wherever the call is.
func TestCallerWhoHasGivenUp(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	u := newUpstream(limiting(429, "60", &calls))
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, nil)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		wantError(t, change(gone, c), sapi.NotSent, sapi.ClassCanceled)
		if got := u.tokens.Load(); got != 0 {
			t.Errorf("%d tokens were asked for, want none", got)
		}
		wantError(t, change(t.Context(), c), sapi.Refused, sapi.ClassRateLimited)

		waiting, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		wantError(t, change(waiting, c), sapi.NotSent, sapi.ClassCanceled)
		wantError(t, read(gone, c), sapi.NotSent, sapi.ClassCanceled)
		if got := calls.Load(); got != 1 {
			t.Errorf("the API was called %d times, want once", got)
		}
	})
}

// A read that waits to be tried again tells why it was tried at all when the caller gives up.
func TestCallerWhoGivesUpBetweenTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(502, "")}), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
		defer cancel()
		wantError(t, read(ctx, c), sapi.Failed, sapi.ClassServer)
	})
}

// Over HTTP/2 as over HTTP/1: once there is a connection, a change may have happened.
func TestConnectionClosedOverHTTP2(t *testing.T) {
	t.Parallel()
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("served over %s, want HTTP/2", r.Proto)
		}
		panic(http.ErrAbortHandler)
	}})
	server := httptest.NewUnstartedServer(u)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	o := u.options(server.URL)
	o.Transport = server.Client().Transport
	c := newClient(t, o)
	wantError(t, change(t.Context(), c), sapi.Lost, sapi.ClassCut)
	wantError(t, read(t.Context(), c), sapi.Failed, sapi.ClassCut)
}

// A transport that does not trace proves nothing by its silence.
func TestUntracedTransportLosesChanges(t *testing.T) {
	t.Parallel()
	u := newUpstream(nil)
	c := start(t, u, func(o *sapi.Options) {
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/oauth/token") {
				w := httptest.NewRecorder()
				u.ServeHTTP(w, r)
				return w.Result(), nil
			}
			return nil, errors.New("went wrong somewhere")
		})
	})
	wantError(t, change(t.Context(), c), sapi.Lost, sapi.ClassCut)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// wantError checks an error's verdict, and that it holds nothing that must not be in a log.
func wantError(t *testing.T, err error, fate sapi.Fate, class sapi.Class) {
	t.Helper()
	e, ok := errors.AsType[*sapi.Error](err)
	if !ok {
		t.Errorf("error = %v, want a *sapi.Error that is %s, %s", err, fate, class)
		return
	}
	if e.Fate != fate || e.Class != class {
		t.Errorf("error %q is %s, %s, want %s, %s", err, e.Fate, e.Class, fate, class)
	}
	wantNoSecrets(t, err.Error())
	wantNoSecrets(t, logged(err))
}
