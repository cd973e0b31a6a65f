package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
	"foyer/sapi"
)

const (
	lyondell = "/api/v2/companies/e176c55e-6e49-4819-b982-12e0535db5f0"
	adele    = lyondell + "/users/5bec2e8b-da45-46c7-9370-5669de1b1a78"
	nobodyID = "00000000-0000-4000-8000-000000000000"
)

// A clock stands still until it is told to go on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 123_456_000, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A partner is somebody who talks to a sandbox over HTTP, and checks whatever it
// answers against the contract.
type partner struct {
	tb     testing.TB
	clock  *clock
	faults *sandbox.Faults
	server *httptest.Server
	token  string
	routes routers.Router
}

// setup gives a partner with a token, and a sandbox with the small seed.
func setup(tb testing.TB, change ...func(*sandbox.Options)) *partner {
	tb.Helper()
	c := newClock()
	o := sandbox.Options{Database: ":memory:", Seed: sandbox.SeedSmall, Now: c.Now}
	for _, f := range change {
		f(&o)
	}
	s, err := sandbox.Open(tb.Context(), o)
	if err != nil {
		tb.Fatalf("Open() = %v, want no error", err)
	}
	routes, err := contract()
	if err != nil {
		tb.Fatalf("read the contract: %v", err)
	}
	p := &partner{tb: tb, clock: c, faults: s.Faults(), server: httptest.NewServer(s.Handler()), routes: routes}
	tb.Cleanup(func() {
		p.server.Close()
		if err := s.Close(); err != nil {
			tb.Errorf("Close() = %v, want no error", err)
		}
	})
	p.signIn()
	return p
}

// in gives the partner as he is in a subtest, which then fails by itself.
func (p *partner) in(tb testing.TB) *partner {
	tb.Helper()
	inside := new(*p)
	inside.tb = tb
	return inside
}

// contract is read once: it takes longer than most tests.
var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(sapi.OpenAPI())
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

func credentials(change map[string]string) map[string]string {
	body := map[string]string{
		"client_id": sandbox.ClientID, "client_secret": sandbox.ClientSecret,
		"audience": sandbox.Audience, "grant_type": "client_credentials",
	}
	maps.Copy(body, change)
	return body
}

func (p *partner) signIn() {
	p.tb.Helper()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	p.post("/oauth/token", credentials(nil)).want(http.StatusOK).into(&answer)
	p.token = answer.AccessToken
}

// A reply is an answer, read to its end.
type reply struct {
	tb      testing.TB
	request string
	status  int
	header  http.Header
	body    []byte
}

func (p *partner) get(path string) reply {
	p.tb.Helper()
	return p.send(http.MethodGet, path, nil)
}

func (p *partner) post(path string, body any) reply {
	p.tb.Helper()
	return p.send(http.MethodPost, path, body)
}

func (p *partner) patch(path string, body any) reply {
	p.tb.Helper()
	return p.send(http.MethodPatch, path, body)
}

func (p *partner) delete(path string) reply {
	p.tb.Helper()
	return p.send(http.MethodDelete, path, nil)
}

// send makes a request, a string body as it is and any other as JSON, and checks
// the answer against the contract where it has the operation.
func (p *partner) send(method, path string, body any) reply {
	p.tb.Helper()
	r, err := p.try(p.tb.Context(), method, path, body)
	if err != nil {
		p.tb.Fatalf("%s %s: %v", method, path, err)
	}
	p.check(r, method, path)
	return r
}

// try makes a request whose answer may break every rule.
func (p *partner) try(ctx context.Context, method, path string, body any) (reply, error) {
	p.tb.Helper()
	req := p.request(ctx, method, path, body)
	client := &http.Client{
		Transport:     p.server.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	got := reply{tb: p.tb, request: method + " " + path, status: res.StatusCode, header: res.Header}
	got.body, err = io.ReadAll(res.Body)
	return got, err
}

func (p *partner) request(ctx context.Context, method, path string, body any) *http.Request {
	p.tb.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			p.tb.Fatal(err)
		}
		text = string(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.server.URL+path, strings.NewReader(text))
	if err != nil {
		p.tb.Fatal(err)
	}
	if text != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	return req
}

// check holds an answer against the contract.
func (p *partner) check(r reply, method, path string) {
	p.tb.Helper()
	if len(r.header.Get("X-Trace-Id")) != 6 {
		p.tb.Errorf("%s: X-Trace-Id = %q, want six characters", r.request, r.header.Get("X-Trace-Id"))
	}
	req := p.request(p.tb.Context(), method, path, nil)
	req.URL.Scheme, req.URL.Host = "", ""
	route, params, err := p.routes.FindRoute(req)
	if err != nil {
		return // not an operation of the contract
	}
	err = openapi3filter.ValidateResponse(p.tb.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 r.status,
		Header:                 r.header,
		Body:                   io.NopCloser(bytes.NewReader(r.body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		p.tb.Errorf("%s answered against the contract: %v\n%s", r.request, err, r.body)
	}
}

func (r reply) want(status int) reply {
	r.tb.Helper()
	if r.status != status {
		r.tb.Fatalf("%s = %d, want %d\n%s", r.request, r.status, status, r.body)
	}
	return r
}

func (r reply) into(v any) {
	r.tb.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.tb.Fatalf("%s answered %q, want JSON: %v", r.request, r.body, err)
	}
}

// A refusal is a problem, as published.
type refusal struct {
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Detail    string    `json:"detail"`
	Instance  string    `json:"instance"`
	Timestamp time.Time `json:"timestamp"`
	Code      string    `json:"detailErrorCode"`
	TraceID   string    `json:"X-Trace-Id"`
}

// refuses checks a problem's HTTP status, its own status and its code, and gives
// its detail.
func (r reply) refuses(status, bodyStatus int, code string) string {
	r.tb.Helper()
	var got refusal
	r.want(status).into(&got)
	want := refusal{
		Type: "about:blank", Title: got.Title, Status: bodyStatus, Detail: got.Detail,
		Instance: got.Instance, Timestamp: got.Timestamp, Code: code, TraceID: r.header.Get("X-Trace-Id"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.tb.Errorf("%s refused otherwise (-want +got):\n%s", r.request, diff)
	}
	if r.header.Get("Content-Type") != "application/json" {
		r.tb.Errorf("%s: Content-Type = %q, want application/json", r.request, r.header.Get("Content-Type"))
	}
	_, path, _ := strings.Cut(r.request, " ")
	path, _, _ = strings.Cut(path, "?")
	if got.Instance != path || got.Title == "" || got.Detail == "" || got.Timestamp.IsZero() {
		r.tb.Errorf("%s refused with instance %q, title %q, detail %q, timestamp %v; want them all",
			r.request, got.Instance, got.Title, got.Detail, got.Timestamp)
	}
	return got.Detail
}
