package sapi

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultAudience       = "https://api.symphony.com/partners"
	defaultUserAgent      = "sapi"
	defaultConnectTimeout = 3 * time.Second
	defaultHeaderTimeout  = 15 * time.Second
	defaultTimeout        = 30 * time.Second
	defaultMaxWait        = 5 * time.Minute
	defaultMaxTries       = 3
	defaultMaxBody        = 16 << 20
	tlsTimeout            = 5 * time.Second

	// idleTimeout is shorter than servers usually keep a connection: a change that is
	// sent just when the server closes has an unknown outcome for nothing.
	idleTimeout = 30 * time.Second
)

// Options are what a [Client] is made from. URLs must be https, or http on a
// loopback address.
type Options struct {
	BaseURL      string // where /api/v2 is, for example https://community.symphony.com; required
	TokenURL     string // the token endpoint, whole; required
	Audience     string // of the token; empty means https://api.symphony.com/partners
	ClientID     string // required
	ClientSecret string // required
	LoginURL     string // the login service, for example https://loginservice.symphony.com; required
	PartnerID    string // empty means that the directory can't be searched

	UserAgent      string                    // empty means "sapi"
	ConnectTimeout time.Duration             // to get a connection; 0 means 3 s; of no effect with a Transport
	HeaderTimeout  time.Duration             // from request to the answer's headers; 0 means 15 s; of no effect with a Transport
	Timeout        time.Duration             // for one whole exchange, waits and retries not included; 0 means 30 s
	MaxWait        time.Duration             // because of a Retry-After, of which five minutes are honoured at most, or the rate; what would wait longer fails at once, so that somebody can be told; 0 means 5 min
	MaxTries       int                       // of a read; 0 means 3; changes are tried once
	RatePerSecond  float64                   // calls that start in a second, for the API and the login service each; 0 means no limit
	Burst          int                       // calls that may start at once; 0 means 1
	MaxConcurrent  int                       // calls under way at once, likewise; some are kept for persons, see WithPriority; 0 means no limit
	MaxBody        int64                     // the longest answer that is read, in bytes; 0 means 16 MiB
	Transport      http.RoundTripper         // nil means one of the client's own
	Now            func() time.Time          // this machine's clock, for SendBefore and ClockAhead; nil means time.Now
	Observe        func(Call)                // called after each HTTP exchange; must be quick and safe for concurrent use; may be nil
	ClocksApart    func(ahead time.Duration) // called when Client.ClockAhead begins to be more than nothing, or ends to be; must be quick; may be nil
}

// Call describes one finished HTTP exchange, for metrics. It holds nothing personal.
type Call struct {
	Operation  string        // the operationId: "createUsers"; "getToken" for the token endpoint
	Status     int           // the HTTP status; 0 when there was no answer
	Duration   time.Duration // from the request to the end of the body
	Class      Class         // empty when all went well
	Try        int           // 1 for the first, more for a retry
	ExtraItems int           // users in an answer to createUsers that nobody asked for
}

// Client speaks to Symphony. Make it with [New]; it is safe for concurrent use.
type Client struct {
	Companies *Companies // the sponsored companies
	Users     *Users     // their users
	Login     *Login     // the login service
	Directory *Directory // the directory search

	api       *service
	login     *service
	tokens    *tokens
	transport http.RoundTripper
	userAgent string
	timeout   time.Duration
	maxTries  int
	maxBody   int64
	observe   func(Call)
	now       func() time.Time
}

// New checks the options and returns a client. It opens no connection. The error
// lists all problems at once, by field, and repeats no value: one might be a secret.
func New(o Options) (*Client, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Client{
		api:       newService(strings.TrimRight(o.BaseURL, "/"), o),
		login:     newService(strings.TrimRight(o.LoginURL, "/"), o),
		transport: o.Transport,
		userAgent: orDefault(o.UserAgent, defaultUserAgent),
		timeout:   orDefault(o.Timeout, defaultTimeout),
		maxTries:  orDefault(o.MaxTries, defaultMaxTries),
		maxBody:   min(orDefault(o.MaxBody, defaultMaxBody), math.MaxInt64-1), // room for the byte too many
		observe:   o.Observe,
		now:       o.Now,
	}
	if c.transport == nil {
		c.transport = newTransport(o)
	}
	if c.observe == nil {
		c.observe = func(Call) {}
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.api.clock.told = o.ClocksApart
	c.tokens = newTokens(c, o)
	c.Companies = &Companies{c}
	c.Users = &Users{c}
	c.Login = &Login{c}
	c.Directory = &Directory{c, o.PartnerID}
	return c, nil
}

// newTransport returns a transport with the options' time limits. It uses the
// environment's proxy, as servers inside companies often must.
func newTransport(o Options) *http.Transport {
	dialer := &net.Dialer{Timeout: orDefault(o.ConnectTimeout, defaultConnectTimeout)}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: orDefault(o.HeaderTimeout, defaultHeaderTimeout),
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       idleTimeout,
	}
}

// Ping proves that a token can be had and that the API answers, at the cost of
// one search that finds nothing. It tries once.
//
// Upstream: GET /api/v2/companies (getCompanies).
func (c *Client) Ping(ctx context.Context) error {
	k := c.Companies.search("ping", "sapi-ping", new([]Company))
	k.once = true
	return c.do(ctx, k)
}

// HoldsBack says whether calls are held back now, because Symphony asked to wait.
func (c *Client) HoldsBack() bool { return c.HeldBack() > 0 }

// HeldBack is for how long calls are still held back because Symphony asked to wait; zero
// when they are not.
func (c *Client) HeldBack() time.Duration { return c.api.gate.closedFor() }

// ClockAhead is by how much the API's clock is ahead of this machine's, and negative
// when it is behind, by the Date of its last answers; zero when that is less than a
// minute, or isn't known.
func (c *Client) ClockAhead() time.Duration { return c.api.clock.isAhead() }

// Probe is Ping, made now: whatever Symphony asked to wait for, and whatever is
// remembered of calls that failed, is forgotten. If Symphony asks to wait again, or
// doesn't answer, that holds again.
func (c *Client) Probe(ctx context.Context) error {
	for _, s := range []*service{c.tokens.to, c.api, c.login} {
		s.gate.resume()
		s.breaker.resume()
	}
	return c.Ping(ctx)
}

//go:embed openapi.yaml
var openAPI string

// OpenAPI returns this package's own description of the contract, as OpenAPI
// 3.0.3 in YAML. It covers the eight operations, the token endpoint, the login
// service and the directory search, and is right where the vendor's file is not.
func OpenAPI() []byte { return []byte(openAPI) }

func (o Options) check() error {
	var problems []error
	report := func(field, problem string) {
		if problem != "" {
			problems = append(problems, fmt.Errorf("sapi: %s %s", field, problem))
		}
	}
	report("BaseURL", urlProblem(o.BaseURL))
	report("TokenURL", urlProblem(o.TokenURL))
	report("LoginURL", urlProblem(o.LoginURL))
	if o.ClientID == "" {
		report("ClientID", "is missing")
	}
	if o.ClientSecret == "" {
		report("ClientSecret", "is missing")
	}
	if strings.ContainsFunc(o.UserAgent, isNotPrintable) {
		report("UserAgent", "must be printable ASCII")
	}
	for _, number := range []struct {
		field    string
		negative bool
	}{
		{"ConnectTimeout", o.ConnectTimeout < 0},
		{"HeaderTimeout", o.HeaderTimeout < 0},
		{"Timeout", o.Timeout < 0},
		{"MaxWait", o.MaxWait < 0},
		{"MaxTries", o.MaxTries < 0},
		{"RatePerSecond", o.RatePerSecond < 0},
		{"Burst", o.Burst < 0},
		{"MaxConcurrent", o.MaxConcurrent < 0},
		{"MaxBody", o.MaxBody < 0},
	} {
		if number.negative {
			report(number.field, "must not be negative")
		}
	}
	return errors.Join(problems...)
}

// urlProblem says what is wrong with a URL to call, without repeating it: it
// might hold a password.
func urlProblem(raw string) string {
	if raw == "" {
		return "is missing"
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "":
		return "is not a URL"
	case u.Hostname() == "":
		return "has no host"
	case u.User != nil:
		return "must not hold a user or password"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "must not hold a query or fragment"
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	default:
		return "must be https, or http on a loopback address"
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isNotPrintable(r rune) bool { return r < ' ' || r > '~' }

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
