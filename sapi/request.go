package sapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// service is one of the services that the client speaks to.
type service struct {
	base    string // what paths are appended to
	host    string
	gate    *gate
	breaker breaker
	clock   clock
	maxWait time.Duration // see Options
}

// newService takes a URL that urlProblem has found nothing wrong with.
func newService(base string, o Options) *service {
	u, err := url.Parse(base)
	if err != nil {
		panic("sapi: unchecked URL")
	}
	return &service{base: base, host: u.Host, gate: newGate(o), maxWait: orDefault(o.MaxWait, defaultMaxWait)}
}

// call describes one call of an operation.
type call struct {
	op        string // for people: "create company"
	operation string // the operationId
	method    string
	to        *service
	path      string // escaped
	query     url.Values
	body      any // sent as JSON unless nil

	bearer     bool          // needs a token
	change     bool          // changes something at Symphony, so it is never repeated
	once       bool          // is not worth repeating
	probe      bool          // finds out for others whether the service is back
	patience   time.Duration // how long an exchange may take; 0 as long as any
	notFoundOK bool          // 404 is an answer to decode
	unchanged  *bool         // set on a 304, which is an error if this is nil

	decode func(*reply) error // nil if the answer's body says nothing and may be empty
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
	extra  int // set by decode: items that nobody asked for
}

// at returns the call with the path of a company, or of what the elements name
// within it. It refuses elements that would make the path another one.
func (k call) at(elements ...string) (call, error) {
	var path strings.Builder
	path.WriteString(companiesPath)
	for _, e := range elements {
		if e == "" || e == "." || e == ".." || strings.ContainsAny(e, `/\`) {
			return k, k.invalid("an id is empty or holds what no id can")
		}
		path.WriteByte('/')
		path.WriteString(url.PathEscape(e))
	}
	k.path = path.String()
	return k, nil
}

// failure returns the error of a call that failed after it may have reached the
// other side.
func (k call) failure(class Class, cause error) *Error {
	fate := Failed
	if k.change {
		fate = Lost
	}
	return &Error{
		Op: k.op, Operation: k.operation, Method: k.method, Path: k.path,
		Fate: fate, Class: class, Err: cause, At: time.Now().UTC(),
	}
}

// unsent returns the error of a call that did not reach the other side.
func (k call) unsent(class Class, cause error) *Error {
	e := k.failure(class, cause)
	e.Fate = NotSent
	return e
}

func (k call) invalid(why string) *Error { return k.unsent(ClassInvalid, errors.New(why)) }

// do makes the call, with retries if it is a read.
func (c *Client) do(ctx context.Context, k call) error {
	tries := c.maxTries
	if k.change || k.once {
		tries = 1
	}
	var last *Error
	for try := 1; ; try++ {
		e := c.authorized(ctx, k, try)
		if e == nil {
			return nil
		}
		if e.Class == ClassPaused && last != nil {
			return last // says better why there is no answer
		}
		last = e
		if try >= tries || !k.worthRetrying(ctx, e) {
			return e
		}
		if sleep(ctx, backoff(try)) != nil {
			return e
		}
	}
}

// authorized makes one try of the call, with a token if it needs one. After a
// 401 it tries once more with a new token, even if the call is a change: a 401 that
// is believed did nothing.
func (c *Client) authorized(ctx context.Context, k call, try int) (failed *Error) {
	if !k.change {
		wait, patience, done := k.to.breaker.try(k.operation)
		if wait > 0 {
			return k.rest(wait, errHung)
		}
		k.patience = patience
		defer func() { done(failed) }()
	}
	if k.canRest(ctx) {
		// Before a token is asked for: where they come from may be what is down.
		wait, probe := k.to.breaker.admit()
		if wait > 0 {
			return k.rest(wait, errAsleep)
		}
		if k.probe = probe; probe {
			defer k.to.breaker.release()
		}
	}
	if !k.bearer {
		return c.exchange(ctx, k, "", try)
	}
	for renewed := false; ; renewed = true {
		token, err := c.tokens.get(ctx)
		if err != nil {
			return k.withoutToken(ctx, err)
		}
		e := c.exchange(ctx, k, token, try)
		if e == nil || e.Status != http.StatusUnauthorized || renewed {
			return e
		}
		c.tokens.drop(token)
		if e.Fate == Lost {
			return e
		}
	}
}

// withoutToken returns the error of a call that could not be made for want of a
// token. Why there was none becomes why the call failed.
func (k call) withoutToken(ctx context.Context, err error) *Error {
	e := k.unsent(classOfContext(ctx), err)
	if cause, ok := errors.AsType[*Error](err); ok {
		e.Class, e.RetryAfter, e.Until = cause.Class, cause.RetryAfter, cause.Until
		if IsUnavailable(cause) {
			k.to.breaker.report(cause, k.probe)
		}
	}
	return e
}

// exchange sends one request, when the service's gate lets it, and reads the answer.
func (c *Client) exchange(ctx context.Context, k call, token string, try int) *Error {
	ended, e := k.pass(ctx)
	if e != nil {
		return e
	}
	started := time.Now()
	r, e := c.roundTrip(ctx, k, token)
	if e == nil {
		e = k.judge(r)
	}
	done := Call{Operation: k.operation, Duration: time.Since(started), Try: try}
	if r != nil {
		done.Status, done.ExtraItems = r.status, r.extra
	}
	if e != nil {
		e.Status, done.Class = done.Status, e.Class
	}
	ended(e)
	c.observe(done)
	return e
}

// roundTrip sends one request and reads the answer. If it returns both a reply and an
// error then the answer's body was not read whole.
func (c *Client) roundTrip(ctx context.Context, k call, token string) (*reply, *Error) {
	caller := ctx
	within := c.timeout
	if k.patience > 0 {
		within = min(within, k.patience)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	connection, fence := new(connection), c.fence(ctx, k)
	request, err := c.newRequest(httptrace.WithClientTrace(ctx, connection.trace()), k, token, fence)
	if err != nil {
		return nil, k.invalid("the request can't be put into HTTP")
	}
	if fence.over() {
		return nil, fence.verdict(k)
	}
	// Not through an http.Client: a RoundTripper follows no redirects, so the token
	// goes nowhere else, and puts no URL, so no e-mail, into its errors.
	sent := c.now()
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		if e := fence.verdict(k); e != nil {
			return nil, e
		}
		return nil, k.transportError(caller, err, connection)
	}
	defer response.Body.Close()
	k.to.clock.answered(sent, c.now(), response.Header)
	if e := fence.verdict(k); e != nil {
		return nil, e // whatever is answered to half a request
	}
	r := &reply{status: response.StatusCode, header: response.Header}
	r.body, err = io.ReadAll(io.LimitReader(response.Body, c.maxBody+1))
	switch {
	case r.status >= 300 && r.status != http.StatusNotModified:
		// The status alone is the verdict; what there is of the body explains it.
		return r, nil
	case err != nil:
		return r, k.transportError(caller, err, connection)
	case int64(len(r.body)) > c.maxBody:
		return r, k.failure(ClassProtocol, errors.New("the answer is too long"))
	default:
		return r, nil
	}
}

func (c *Client) newRequest(ctx context.Context, k call, token string, fence *fence) (*http.Request, error) {
	target := k.to.base + k.path
	if len(k.query) > 0 {
		target += "?" + k.query.Encode()
	}
	var encoded []byte
	var body io.Reader
	if k.body != nil {
		var err error
		if encoded, err = json.Marshal(k.body); err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, k.method, target, body)
	if err != nil {
		return nil, err
	}
	if fence != nil {
		fence.guard(request, encoded)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// judge says whether an answer that was read is a success, and decodes it if so.
func (k call) judge(r *reply) *Error {
	switch {
	case r.status >= 200 && r.status < 300, r.status == http.StatusNotFound && k.notFoundOK:
		return k.read(r)
	case r.status == http.StatusNotModified && k.unchanged != nil:
		*k.unchanged = true
		return nil
	case r.status >= 400 && r.status < 600:
		return k.problem(r)
	default:
		return k.failure(ClassProtocol, errors.New("redirects and the like are not followed"))
	}
}

// read decodes the body of a success.
func (k call) read(r *reply) *Error {
	if len(r.body) == 0 && k.decode == nil {
		return nil
	}
	var err error
	switch {
	case !isJSON(r.header.Get("Content-Type")):
		err = errors.New("the answer is not JSON")
	case k.decode == nil:
		err = decodeJSON(r.body, new(json.RawMessage))
	default:
		err = k.decode(r)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return k.failure(ClassCut, err)
	default:
		return k.failure(ClassProtocol, err)
	}
}

// isJSON reports whether a content type is JSON. A missing one is left to the
// decoder to judge.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || strings.HasPrefix(t, "application/") && strings.HasSuffix(t, "+json"))
}
