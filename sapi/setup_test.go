package sapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"foyer/sandbox"
	"foyer/sapi"
)

const (
	companyID = "e176c55e-6e49-4819-b982-12e0535db5f0"
	userID    = "5bec2e8b-da45-46c7-9370-5669de1b1a78"

	// secret and person must turn up in no error and no log.
	secret = "canary-secret-7f3"
	person = "canary.person@acme.example"
)

// upstream is Symphony as a test wants it: handlers by pattern, under a path
// prefix so that a client that drops it is found out. The token endpoint is there
// unless the test brings its own.
type upstream struct {
	*http.ServeMux
	tokens atomic.Int64 // how many were issued

	mu    sync.Mutex
	calls []sapi.Call
}

func newUpstream(handlers map[string]http.HandlerFunc) *upstream {
	u := &upstream{ServeMux: http.NewServeMux()}
	if handlers["POST /prefix/oauth/token"] == nil {
		u.HandleFunc("POST /prefix/oauth/token", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer"}`, u.tokens.Add(1)))
		})
	}
	for pattern, handler := range handlers {
		u.HandleFunc(pattern, handler)
	}
	return u
}

// observed returns the calls that the client told of so far.
func (u *upstream) observed() []sapi.Call {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls
}

// options returns options for a client of an upstream at an address.
func (u *upstream) options(address string) sapi.Options {
	return sapi.Options{
		BaseURL:      address + "/prefix/",
		TokenURL:     address + "/prefix/oauth/token",
		LoginURL:     address + "/prefix",
		ClientID:     "a-partner",
		ClientSecret: secret,
		PartnerID:    "partner-1",
		Observe: func(c sapi.Call) {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.calls = append(u.calls, c)
		},
	}
}

// start serves the upstream on a loopback port and returns a client of it.
func start(t *testing.T, u *upstream, change func(*sapi.Options)) *sapi.Client {
	t.Helper()
	server := httptest.NewServer(u)
	t.Cleanup(server.Close)
	options := u.options(server.URL)
	if change != nil {
		change(&options)
	}
	return newClient(t, options)
}

func newClient(t *testing.T, o sapi.Options) *sapi.Client {
	t.Helper()
	c, err := sapi.New(o)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return c
}

// bubble serves the upstream over pipes, within a bubble of fake time, and returns
// a client of it: the HTTP is real, the network and the clock are not.
func bubble(t *testing.T, u *upstream, change func(*sapi.Options)) *sapi.Client {
	t.Helper()
	pipes := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: u, ReadHeaderTimeout: time.Minute}
	go server.Serve(pipes) //nolint:errcheck // It ends by being closed.
	t.Cleanup(func() {
		synctest.Wait()
		if err := server.Close(); err != nil {
			t.Errorf("closing the upstream: %v", err)
		}
	})
	options := u.options("http://localhost")
	// On a kept connection net/http would repeat reads by itself, and spoil the counting.
	options.Transport = &http.Transport{DialContext: pipes.dial, DisableKeepAlives: true}
	if change != nil {
		change(&options)
	}
	return newClient(t, options)
}

// pipes is a network of its own: a listener and the way to dial it.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// checked is a transport that holds every request, and every answer, against our
// own OpenAPI description.
type checked struct {
	t      *testing.T
	router routers.Router
	wire   *http.Transport
}

func newChecked(t *testing.T) *checked {
	t.Helper()
	doc := description(t)
	doc.Servers = openapi3.Servers{{URL: "/prefix"}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatalf("NewRouter() = %v", err)
	}
	wire := &http.Transport{}
	t.Cleanup(wire.CloseIdleConnections)
	return &checked{t: t, router: router, wire: wire}
}

func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	if r.GetBody != nil {
		sent.Body, _ = r.GetBody()
	}
	route, params, err := c.router.FindRoute(sent)
	if err != nil {
		c.t.Errorf("%s %s is not in the description: %v", r.Method, r.URL.Path, err)
		return nil, err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: sent, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true,
			AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
				if in.RequestValidationInput.Request.Header.Get("Authorization") == "" {
					return in.NewError(errors.New("no token"))
				}
				return nil
			},
		},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		c.t.Errorf("request of %s is not as described: %v", route.Operation.OperationID, err)
	}
	response, err := c.wire.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	result := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.StatusCode, Header: response.Header, Options: input.Options,
	}
	result.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), result); err != nil {
		c.t.Errorf("answer of %s is not as described: %v", route.Operation.OperationID, err)
	}
	return response, nil
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	io.WriteString(w, body) //nolint:errcheck // A client that has gone is its own affair.
}

// answering returns a handler that always answers the same.
func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) }
}

// hangUp is a handler that takes the request and closes the connection.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// silent is a handler that takes the request and waits until the client goes
// away, which the server notices only once the body is read.
func silent(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) //nolint:errcheck // A client that has gone is its own affair.
	<-r.Context().Done()
}

// published returns one of the vendor's published examples.
func published(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// standIn serves the stand-in Symphony, and returns a client of it and its faults.
func standIn(t *testing.T) (*sapi.Client, *sandbox.Faults) {
	t.Helper()
	s, err := sandbox.Open(t.Context(), sandbox.Options{Database: ":memory:", Seed: sandbox.SeedSmall})
	if err != nil {
		t.Fatalf("Open() = %v", err)
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Errorf("closing the stand-in: %v", err)
		}
	})
	return newClient(t, sapi.Options{
		BaseURL: server.URL, TokenURL: server.URL + "/oauth/token", LoginURL: server.URL,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID,
	}), s.Faults()
}

// someCompany returns one of the stand-in's companies that is ready.
func someCompany(t *testing.T, c *sapi.Client) sapi.Company {
	t.Helper()
	companies, err := c.Companies.List(t.Context())
	if err != nil {
		t.Fatalf("List() = %v", err)
	}
	for _, company := range companies {
		if company.State.Ready() {
			return company
		}
	}
	t.Fatal("no company is ready")
	return sapi.Company{}
}
