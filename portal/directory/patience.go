package directory

import (
	"context"
	"time"

	"foyer/portal"
	"foyer/safely"
)

// answerWithin is how long Symphony is asked for something that nobody waits for any more.
const answerWithin = time.Minute

// reading is what came of reading one thing: stale says why it is what was kept.
type reading[T any] struct {
	record     T
	stale, err error
}

// patiently reads something for a page that waits only so long. What is kept is given in
// its place then, with ErrNoAnswerYet; where nothing is kept, read is waited for. It goes
// on by itself and keeps what it reads, so that a Symphony which is always slow is read
// all the same. Nobody joins what another one has begun: it may have been asked before a
// change that was made since.
func patiently[T any](ctx context.Context, p *Directory, kept func(context.Context) (record T, ok bool), read func(context.Context) (record T, stale, err error)) (T, error, error) {
	over := portal.PatienceOver(ctx)
	if over == nil {
		return read(ctx)
	}
	answer := make(chan reading[T], 1)
	go func() {
		ctx, cancel := p.withoutWaiting(ctx)
		defer cancel()
		var r reading[T]
		err := safely.Do(func() (err error) {
			r.record, r.stale, err = read(ctx)
			return err
		})
		r.err = err
		answer <- r
	}()
	select {
	case r := <-answer:
		return r.record, r.stale, r.err
	case <-ctx.Done():
		return *new(T), nil, ctx.Err()
	case <-over:
	}
	if instead, ok := kept(ctx); ok {
		return instead, portal.ErrNoAnswerYet, nil
	}
	select {
	case r := <-answer:
		return r.record, r.stale, r.err
	case <-ctx.Done():
		return *new(T), nil, ctx.Err()
	}
}

// withoutWaiting is the context of what goes on when the page doesn't wait any more.
func (p *Directory) withoutWaiting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := p.untilStopped(context.WithoutCancel(ctx))
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	return ctx, func() { cancel(); stop() }
}
