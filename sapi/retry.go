package sapi

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	firstBackoff = 200 * time.Millisecond
	lastBackoff  = 5 * time.Second
)

// worthRetrying reports whether the same read may succeed if it is tried again.
func (k call) worthRetrying(ctx context.Context, e *Error) bool {
	if ctx.Err() != nil || tooLong(ctx, e.RetryAfter, k.to.maxWait) {
		return false
	}
	if patience, ok := patienceOf(ctx); ok && e.RetryAfter > time.Until(patience) {
		return false
	}
	status := e.Status
	if cause, ok := errors.AsType[*Error](e.Err); ok {
		status = cause.Status
	}
	switch e.Class {
	case ClassUnreachable, ClassCut:
		return true
	case ClassRateLimited:
		return status == http.StatusTooManyRequests
	case ClassServer:
		return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
	default:
		return false
	}
}

// tooLong reports whether a wait is longer than most, or than there is time.
func tooLong(ctx context.Context, d, most time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return d > most || d > 0 && ok && time.Until(deadline) < d
}

// backoff returns how long to wait after the given try: anything up to a bound
// that doubles, so that callers who failed together don't come back together.
func backoff(try int) time.Duration {
	bound := min(firstBackoff<<min(try-1, 10), lastBackoff)
	return rand.N(bound) //nolint:gosec // Jitter needs no secrecy.
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryAfter returns how long the answer asks to wait; 0 if it does not, or not
// in a way that makes sense. A date is taken by the sender's own clock.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		const most = int64(1<<63-1) / int64(time.Second)
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return max(until.Sub(now), 0)
}

// connection records how far a request got on its way out.
type connection struct{ wanted, got atomic.Bool }

func (c *connection) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.got.Store(true) },
	}
}

// failed reports whether err proves that there was never a connection to send
// the request on. Writing is no safer a line to draw: it goes on in the
// background while the caller is told of a timeout. Transports that don't trace
// prove nothing, except by an error of dialling: what was sent on an earlier
// connection is never sent again by itself unless nothing was written there.
func (c *connection) failed(err error) bool {
	if isTLS(err) {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	return c.wanted.Load() && !c.got.Load()
}

// isTLS reports whether err means that there was no safe connection to be had.
func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}

// transportError returns the error of a call whose request could not be sent or
// whose answer could not be read.
func (k call) transportError(ctx context.Context, err error, c *connection) *Error {
	class := ClassCut
	switch timeout, ok := errors.AsType[net.Error](err); {
	case ctx.Err() != nil:
		class, err = classOfContext(ctx), ctx.Err()
	case isTLS(err):
		class = ClassTLS
	case c.failed(err):
		class = ClassUnreachable
	case ok && timeout.Timeout():
		class = ClassTimeout
	}
	if c.failed(err) {
		return k.unsent(class, err)
	}
	return k.failure(class, err)
}

// classOfContext says why a context ended.
func classOfContext(ctx context.Context) Class {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ClassTimeout
	}
	return ClassCanceled
}
