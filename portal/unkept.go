package portal

import (
	"context"
	"sync"
)

// unkept is what one request could not keep.
type unkept struct {
	mu  sync.Mutex
	err error
}

type unkeptKey struct{}

// NoteUnkept returns a context in which Unkept tells whether something that was read
// with it could not be kept.
func NoteUnkept(ctx context.Context) context.Context {
	return context.WithValue(ctx, unkeptKey{}, new(unkept))
}

// NotKept notes that something was read and could not be kept. That is no failure of
// who asked to see it, but the page says so. A nil error notes nothing.
func NotKept(ctx context.Context, err error) {
	if u, ok := ctx.Value(unkeptKey{}).(*unkept); ok && err != nil {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.err = err
	}
}

// Unkept says why something that was read with this context could not be kept; nil
// when everything was.
func Unkept(ctx context.Context) error {
	u, ok := ctx.Value(unkeptKey{}).(*unkept)
	if !ok {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}
