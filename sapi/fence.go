package sapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

var errTooLate = errors.New("the time until which it might be sent is over")

type fenceKey struct{}

// SendBefore returns a context in which a change is not sent at all unless its
// request has begun to leave before the deadline, so that whoever looks some time
// later can know that nothing more will come. It holds for a process that was
// stopped on the way too: the clock is looked at before the request is given to the
// transport, and again each time that the transport asks for more of the body. It
// does not bound how long the answer may take, and reads take no notice of it.
//
// Both the monotonic clock, if the deadline has a reading of it, and the wall clock
// must be before the deadline: the one stops while a machine sleeps, the other may
// be set back. The zero time is long over. The innermost deadline counts.
//
// The error of a change that came too late is one that [IsTooLate]: [NotSent] if
// nothing of the body was let go, and [Lost] if a part was.
func SendBefore(ctx context.Context, deadline time.Time) context.Context {
	return context.WithValue(ctx, fenceKey{}, deadline)
}

// fence keeps one request from leaving too late. The nil fence keeps none.
type fence struct {
	deadline time.Time
	now      func() time.Time

	mu      sync.Mutex
	begun   bool // a part of the body was handed out
	refused bool // since then nothing is
}

// fence returns the one of a call, nil if it has none.
func (c *Client) fence(ctx context.Context, k call) *fence {
	deadline, ok := ctx.Value(fenceKey{}).(time.Time)
	if !ok || !k.change {
		return nil
	}
	return &fence{deadline: deadline, now: c.now}
}

// over reports whether it is too late, from when on it always is.
func (f *fence) over() bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.refused = f.refused || !now.Before(f.deadline) || !now.Round(0).Before(f.deadline.Round(0))
	return f.refused
}

// verdict returns the error of a request that came too late, nil if it did not.
func (f *fence) verdict(k call) *Error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.refused:
		return nil
	case f.begun:
		return k.failure(ClassTooLate, errTooLate)
	default:
		return k.unsent(ClassTooLate, errTooLate)
	}
}

// guard gives a request a body that ends with an error when it is too late. Its
// length is known, so without it, or with a part of it, there is no whole request:
// net/http sends the headers ahead and each piece of the body as soon as it has read
// it, up to 32 KiB at once. Copies that it takes for another connection stand behind
// the same fence.
func (f *fence) guard(r *http.Request, body []byte) {
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) {
		if f.over() {
			return nil, errTooLate
		}
		return &fencedBody{fence: f, rest: bytes.NewReader(body)}, nil
	}
	r.Body = &fencedBody{fence: f, rest: bytes.NewReader(body)}
}

// fencedBody has no method but these, lest its bytes be taken another way.
type fencedBody struct {
	fence *fence
	rest  *bytes.Reader
}

// Read refuses when it is too late, unless all has been handed out already.
func (b *fencedBody) Read(p []byte) (int, error) {
	if b.rest.Len() > 0 && b.fence.over() {
		return 0, errTooLate
	}
	b.fence.mu.Lock()
	defer b.fence.mu.Unlock()
	n, err := b.rest.Read(p)
	b.fence.begun = b.fence.begun || n > 0
	return n, err
}

// Close does nothing.
func (b *fencedBody) Close() error { return nil }
