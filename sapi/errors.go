package sapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Code is Symphony's detailErrorCode. It alone says what was wrong: the HTTP
// statuses beside it vary (40103, 'domain taken', comes as a 404). A value that
// is none of the constants is kept as Symphony sent it.
type Code string

// The published error codes.
const (
	// CodeEmailNotAllowed means that the e-mail is in none of the company's domains.
	CodeEmailNotAllowed Code = "40001"
	// CodeEmailTaken means that a user with that e-mail already exists.
	CodeEmailTaken Code = "40002"
	// CodeCompanyUnavailable means that the company does not exist or is not COMPLETED.
	CodeCompanyUnavailable Code = "40102"
	// CodeDomainTaken means that another company has one of the domains already.
	CodeDomainTaken Code = "40103"
	// CodeUserNotFound means that the user does not exist or is of another company.
	CodeUserNotFound Code = "40106"
)

// Fate is what a failed call did.
type Fate int8

// The fates of a failed call.
const (
	// NotSent means that nothing reached Symphony: it is safe to do the same again.
	NotSent Fate = iota + 1
	// Refused means that Symphony answered no: nothing has changed.
	Refused
	// Lost means that a change may or may not have happened: its answer was lost,
	// cut short, of the wrong type, a 5xx, or a 4xx that is not Symphony's own but
	// some gateway's. Read before trying again.
	Lost
	// Failed means that a read failed: it changed nothing.
	Failed
)

// String returns "not sent", "refused", "lost" or "failed".
func (f Fate) String() string {
	switch f {
	case NotSent:
		return "not sent"
	case Refused:
		return "refused"
	case Lost:
		return "lost"
	case Failed:
		return "failed"
	default:
		return "none"
	}
}

// Class is the kind of a failure, fit to be a metric's label.
type Class string

// The classes of failures.
const (
	// ClassInvalid means that this client refused to send the call.
	ClassInvalid Class = "invalid"
	// ClassRefused means an answer with a 4xx status that has no class of its own.
	ClassRefused Class = "refused"
	// ClassCredentials means that the client id, its secret or the token was rejected.
	ClassCredentials Class = "credentials"
	// ClassRateLimited means a 429, or a call held back because of an earlier one or of the client's own limit.
	ClassRateLimited Class = "rate_limited"
	// ClassServer means an answer with a 5xx status.
	ClassServer Class = "server"
	// ClassUnreachable means that there was no connection.
	ClassUnreachable Class = "unreachable"
	// ClassTLS means that the other side's certificate or its TLS is not to be trusted.
	ClassTLS Class = "tls"
	// ClassTimeout means that there was a connection, but no whole answer in time.
	ClassTimeout Class = "timeout"
	// ClassCut means that the connection ended before the whole answer was there.
	ClassCut Class = "cut"
	// ClassProtocol means an answer that the contract does not know: a redirect,
	// another content type, no JSON, JSON of another shape, too much of it.
	ClassProtocol Class = "protocol"
	// ClassCanceled means that the caller no longer wanted the answer.
	ClassCanceled Class = "canceled"
	// ClassTooLate means that a change was not let out after the time that
	// SendBefore gave it.
	ClassTooLate Class = "too_late"
	// ClassPaused means that a read that nobody waits for was not made, because
	// the other side has not answered several times in a row.
	ClassPaused Class = "paused"
)

// Error is the one error type of this package. Its Error method and its
// LogValue hold nothing secret and nothing personal; the fields Path, Title and
// Detail may hold personal data and are for pages and records, not for logs.
type Error struct {
	Op         string        // what was being done: "create company"
	Operation  string        // its operationId in the OpenAPI description: "createCompany"
	Method     string        // the HTTP method
	Path       string        // the URL's path; empty when the call was invalid
	Status     int           // the HTTP status; 0 when there was no answer
	BodyStatus int           // the status in the problem, which may differ from Status
	Code       Code          // the detailErrorCode, if any
	Title      string        // the problem's title
	Detail     string        // the problem's detail, in Symphony's words; may hold an e-mail
	TraceID    string        // the X-Trace-Id to give Symphony's support
	At         time.Time     // when, by the problem's timestamp if it has one; UTC
	RetryAfter time.Duration // how long Symphony asked to wait, or this client does; 0 when neither did
	Until      time.Time     // until when that is, by this machine's clock; zero when there is no RetryAfter
	Fate       Fate
	Class      Class
	Err        error // the cause below, if any; a failed token is an *Error of its own
}

// wait notes for how long calls are held back from now on.
func (e *Error) wait(d time.Duration) {
	if e.RetryAfter = d; d > 0 {
		e.Until = time.Now().UTC().Add(d)
	}
}

// Error says what was being done and what happened, without Symphony's own
// words: they may hold an e-mail.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ": code %s", e.Code)
	}
	switch {
	case e.Err != nil:
		fmt.Fprintf(&b, ": %v", e.Err)
	case e.Status == 0:
		fmt.Fprintf(&b, ": %s", e.Class)
	}
	if e.TraceID != "" {
		fmt.Fprintf(&b, " (trace %s)", e.TraceID)
	}
	return b.String()
}

// Unwrap returns the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer]. It leaves out what may be personal:
// Path, Title and Detail.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("op", e.Op),
		slog.String("fate", e.Fate.String()),
		slog.String("class", string(e.Class)),
	}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", string(e.Code)))
	}
	if e.TraceID != "" {
		attrs = append(attrs, slog.String("trace", e.TraceID))
	}
	if e.RetryAfter != 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// IsNotFound reports whether Symphony knows no such company or user. It goes by
// the code where there is one: 40103 is a 404 and is not 'not found'. A 404 that
// no problem explains is not believed either: it may be some proxy's. Mind that
// 40102 also stands for a company that is not COMPLETED.
func IsNotFound(err error) bool {
	return is(err, func(e *Error) bool {
		switch e.Code {
		case CodeCompanyUnavailable, CodeUserNotFound:
			return true
		case "":
			return e.Class == ClassRefused && e.Status == http.StatusNotFound && e.BodyStatus != 0
		default:
			return false
		}
	})
}

// IsCompanyUnavailable reports whether the company does not exist or is not COMPLETED.
func IsCompanyUnavailable(err error) bool { return hasCode(err, CodeCompanyUnavailable) }

// IsDomainTaken reports whether another company has one of the e-mail domains already.
func IsDomainTaken(err error) bool { return hasCode(err, CodeDomainTaken) }

// IsUserNotFound reports whether the user does not exist or is of another company.
func IsUserNotFound(err error) bool { return hasCode(err, CodeUserNotFound) }

// IsConflict reports whether something of that name is there already: a domain,
// an e-mail, or what Symphony answers a 409 to.
func IsConflict(err error) bool {
	return hasCode(err, CodeDomainTaken) || hasCode(err, CodeEmailTaken) ||
		is(err, func(e *Error) bool { return e.Code == "" && e.Status == http.StatusConflict })
}

// IsUnknownOutcome reports whether a change may or may not have happened.
func IsUnknownOutcome(err error) bool { return hasFate(err, Lost) }

// IsNotSent reports whether nothing reached Symphony, so that it is safe to do
// the same again.
func IsNotSent(err error) bool { return hasFate(err, NotSent) }

// IsRefused reports whether Symphony answered no, so that nothing has changed.
func IsRefused(err error) bool { return hasFate(err, Refused) }

// IsInvalid reports whether this client refused to send the call because its
// arguments can't be right.
func IsInvalid(err error) bool { return hasClass(err, ClassInvalid) }

// IsIncomplete reports whether the reading of a whole list was given up before its
// end was seen, because Symphony only repeated itself, or did not come to an end.
func IsIncomplete(err error) bool { return errors.Is(err, errIncomplete) }

var errIncomplete = errors.New("the list has no end")

// IsRateLimited reports whether the call was refused, or held back, because of
// too many calls, and how long to wait from now; 0 when that isn't known.
func IsRateLimited(err error) (wait time.Duration, ok bool) {
	if e, found := errors.AsType[*Error](err); found && hasClass(e, ClassRateLimited) {
		return e.RetryAfter, true
	}
	return 0, false
}

// WaitsUntil is until when calls like the one that failed are held back; zero when they
// aren't, or nobody knows.
func WaitsUntil(err error) time.Time {
	if e, found := errors.AsType[*Error](err); found {
		return e.Until
	}
	return time.Time{}
}

// IsTooLate reports whether a change was stopped because of [SendBefore]: it was not
// sent, unless it also [IsUnknownOutcome].
func IsTooLate(err error) bool { return hasClass(err, ClassTooLate) }

// IsPaused reports whether a read was not made because Symphony does not answer, or
// because the same kind of read kept somebody waiting in vain lately; and how long to
// wait from now.
func IsPaused(err error) (wait time.Duration, ok bool) {
	if e, found := errors.AsType[*Error](err); found && e.Class == ClassPaused {
		return e.RetryAfter, true
	}
	return 0, false
}

// IsCredentialsRejected reports whether the token endpoint rejected the client
// id and secret, or the API rejected a token that was just issued.
func IsCredentialsRejected(err error) bool { return hasClass(err, ClassCredentials) }

// IsForbidden reports whether Symphony knows who is calling and does not allow it.
func IsForbidden(err error) bool {
	return is(err, func(e *Error) bool {
		return e.Class == ClassRefused && e.Status == http.StatusForbidden
	})
}

// IsUnavailable reports whether the other side can't be reached, does not answer
// in time or whole, answers with a 5xx, or was not asked because that has just been
// so for others.
func IsUnavailable(err error) bool {
	return is(err, func(e *Error) bool {
		switch e.Class {
		case ClassServer, ClassUnreachable, ClassTLS, ClassTimeout, ClassCut, ClassPaused:
			return true
		default:
			return false
		}
	})
}

func is(err error, f func(*Error) bool) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && f(e)
}

func hasCode(err error, c Code) bool { return is(err, func(e *Error) bool { return e.Code == c }) }

func hasFate(err error, f Fate) bool { return is(err, func(e *Error) bool { return e.Fate == f }) }

func hasClass(err error, c Class) bool { return is(err, func(e *Error) bool { return e.Class == c }) }
