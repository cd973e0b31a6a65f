package sapi

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

var errStranger = errors.New("nothing in the answer shows that it is Symphony's own")

// problemJSON is a problem (RFC 9457) with Symphony's members, and the error of
// a token endpoint (RFC 6749).
type problemJSON struct {
	Title       string    `json:"title"`
	Status      integer   `json:"status"`
	Detail      string    `json:"detail"`
	Timestamp   timestamp `json:"timestamp"`
	Code        scalar    `json:"detailErrorCode"`
	TraceID     string    `json:"X-Trace-Id"`
	Error       string    `json:"error"`
	Description string    `json:"error_description"`
}

// problem returns the error that an answer with a 4xx or 5xx status means. Its
// body may be anything: a problem, HTML, empty, cut short. Gateways on the way say
// 4xx too, also of what they have passed on already, so only Symphony's own no
// proves that a change was not made. A 401 is believed of whoever answers as those do
// who look at tokens, because they do so first.
func (k call) problem(r *reply) *Error {
	var p problemJSON
	readable := decodeObject(r.body, &p) == nil
	e := k.verdict(r.status)
	ours := readable && isJSON(r.header.Get("Content-Type")) && p.isSymphonys()
	believed := ours || k.rejectsCredentials(r.status) && r.isAboutTokens()
	if k.change && e.Fate == Refused && !believed {
		e = k.failure(ClassProtocol, errStranger)
	}
	if r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable {
		e.wait(min(retryAfter(r.header, e.At), longestPause))
	}
	e.TraceID = word(r.header.Get("X-Trace-Id"))
	if !readable {
		return e
	}
	return p.fill(e)
}

// isSymphonys reports whether a problem has what Symphony's have and a gateway's
// has not: a code, or a trace id. Title and status prove nothing, since RFC 9457 is
// anybody's; nor does a trace id in the header, which a gateway may hand on from the
// answer that it replaces.
func (p *problemJSON) isSymphonys() bool { return p.Code != "" || p.TraceID != "" }

// isAboutTokens reports whether a 401 asks for a token as RFC 6750 has it, or is a JSON
// object. An HTML page is some gateway's, of which nobody knows when it looks.
func (r *reply) isAboutTokens() bool {
	for _, challenge := range r.header.Values("WWW-Authenticate") {
		if scheme, _, _ := strings.Cut(challenge, " "); strings.EqualFold(scheme, "Bearer") {
			return true
		}
	}
	return isJSON(r.header.Get("Content-Type")) && decodeObject(r.body, &struct{}{}) == nil
}

// verdict returns the error that a status means if it is no success.
func (k call) verdict(status int) *Error {
	e := k.failure(ClassRefused, nil)
	e.Fate = Refused
	switch {
	case status >= 500:
		return k.failure(ClassServer, nil)
	case status == http.StatusRequestTimeout:
		// Some gateways say so when the answer does not come: the work may be done.
		return k.failure(ClassTimeout, nil)
	case status == http.StatusTooManyRequests:
		e.Class = ClassRateLimited
	case k.rejectsCredentials(status):
		e.Class = ClassCredentials
	}
	return e
}

// rejectsCredentials reports whether a status is about who we are. Token
// endpoints have several ways to say so.
func (k call) rejectsCredentials(status int) bool {
	if k.operation == getToken {
		return status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden
	}
	return k.bearer && status == http.StatusUnauthorized
}

// fill writes what a problem says into an error.
func (p *problemJSON) fill(e *Error) *Error {
	e.BodyStatus = int(p.Status)
	e.Code = Code(word(string(p.Code)))
	e.Title = orDefault(p.Title, p.Error)
	e.Detail = orDefault(p.Detail, p.Description)
	e.TraceID = orDefault(word(p.TraceID), e.TraceID)
	if at := time.Time(p.Timestamp); !at.IsZero() {
		e.At = at
	}
	return e
}

// word returns s if it can go into a log as it is: a code or a trace id does.
func word(s string) string {
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r == ' ' || r == '@' || isNotPrintable(r) }) {
		return ""
	}
	return s
}
