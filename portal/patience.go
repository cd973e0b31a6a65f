package portal

import (
	"context"
	"errors"
	"time"
)

// ErrNoAnswerYet says that Symphony was not waited for any longer. It is still asked, and
// what it says is kept for whoever looks next.
var ErrNoAnswerYet = errors.New("no answer yet")

type patienceKey struct{}

// WithPatience returns a context of a page that waits for Symphony only so long where it
// can show what was read before: for all that it asks together. With zero it waits,
// whatever it takes.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	var over chan struct{}
	if d > 0 {
		over = make(chan struct{})
		time.AfterFunc(d, func() { close(over) })
	}
	return context.WithValue(ctx, patienceKey{}, over)
}

// PatienceOver is closed once the page has waited for long enough; nil for who waits
// whatever it takes.
func PatienceOver(ctx context.Context) <-chan struct{} {
	over, _ := ctx.Value(patienceKey{}).(chan struct{})
	return over
}
