package sapi

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"
)

// Priority says who goes first when calls have to wait for each other.
type Priority int8

// The priorities, first things first.
const (
	// Person is for what somebody waits for. It is what calls have that say nothing else.
	Person Priority = iota
	// Change is for what a change needs that nobody waits for: to send it, or to
	// find out what became of it.
	Change
	// Background is for reading along. At most half of the calls at once are, and half
	// of a burst is left to others.
	Background

	priorities = 3
)

type priorityKey struct{}

// WithPriority returns a context whose calls have this priority. Within a priority
// calls go in the order in which they came; a lower one waits for as long as higher
// ones are there. Reads that are not a [Person]'s are also not made while Symphony
// does not answer: see [IsPaused].
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, min(max(p, Person), Background))
}

func priorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

type patienceKey struct{}

// WaitUntil returns a context whose reads don't wait beyond a time because Symphony
// asked to: what would is not made, and says until when to wait. So a page that makes
// several calls waits once at most.
func WaitUntil(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, patienceKey{}, at)
}

// patienceOf is what WaitUntil has set. What settles or makes a change is no page's.
func patienceOf(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Value(patienceKey{}).(time.Time)
	return at, ok && priorityOf(ctx) == Person
}

var (
	errPaused = errors.New("held back until the time that Retry-After asked for")
	errLimit  = errors.New("held back by the client's own rate limit")
	errBusy   = errors.New("held back by the other calls")
)

// gate holds back the calls to one service: all of them when the service asked to
// wait, and each to keep within the client's own rate and number of calls at once.
type gate struct {
	interval time.Duration             // between two calls; 0 means no limit of rate
	slack    [priorities]time.Duration // how far a burst of a priority and those below it may go ahead of that
	most     [priorities]int           // at once, of a priority and those below it; 0 means no limit

	mu     sync.Mutex
	until  time.Time             // no call starts before
	probe  bool                  // one call at a time, until one has an answer that doesn't ask to wait
	next   time.Time             // when the next call would start if there were no bursts
	busy   [priorities]int       // calls under way
	queues [priorities][]*waiter // who waits to start
	timer  *time.Timer           // lets in who waits for the time to come
}

// waiter is a call that waits to start.
type waiter struct {
	limit time.Time     // what would start later is turned away
	pause time.Time     // and so is what would wait longer because the service asked to
	done  chan struct{} // closed when it may start, or is turned away
	wait  time.Duration // turned away: how long to wait from now
	err   error         // turned away: why
}

func newGate(o Options) *gate {
	g := &gate{}
	if o.RatePerSecond > 0 {
		const slowest = 24 * time.Hour // so that nothing below overflows; nobody waits as long
		g.interval = time.Duration(min(max(float64(time.Second)/o.RatePerSecond, 1), float64(slowest)))
		for p, burst := range shares(max(o.Burst, 1)) {
			g.slack[p] = times(burst-1, g.interval)
		}
	}
	if n := o.MaxConcurrent; n > 0 {
		g.most = shares(n)
	}
	return g
}

// shares divides what all calls have together: so much may a priority and those below
// it take, and what is left is there at once for whoever goes first.
func shares(n int) [priorities]int {
	return [priorities]int{Person: n, Change: max(n-max(n/4, 1), 1), Background: max(n/2, 1)}
}

// times multiplies without overflow.
func times(n int, d time.Duration) time.Duration {
	return time.Duration(min(float64(n)*float64(d), math.MaxInt64/4))
}

// enter waits until a call may start, for which leave or giveBack is due later. It
// fails at once if that would take longer than longest, or than the context has; then
// it returns how long to wait from now, as far as that is known.
func (g *gate) enter(ctx context.Context, p Priority, longest time.Duration) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w := &waiter{limit: time.Now().Add(longest), done: make(chan struct{})}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(w.limit) {
		w.limit = deadline
	}
	w.pause = w.limit
	if patience, ok := patienceOf(ctx); ok && patience.Before(w.limit) {
		w.pause = patience
	}
	if wait, err := g.join(p, w); err != nil {
		return wait, err
	}
	timeout := time.NewTimer(longest)
	defer timeout.Stop()
	select {
	case <-w.done:
		return w.wait, w.err
	case <-ctx.Done():
		g.abandon(p, w)
		return 0, ctx.Err()
	case <-timeout.C:
		g.abandon(p, w)
		return 0, errBusy
	}
}

// join lets a call start, or else queues it, unless it is known to wait for too long.
func (g *gate) join(p Priority, w *waiter) (time.Duration, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	ahead := 0
	for _, queue := range g.queues[:p+1] {
		ahead += len(queue)
	}
	now := time.Now()
	if g.until.After(now) && g.until.After(w.pause) {
		return g.until.Sub(now), errPaused
	}
	if at := g.due(p).Add(times(ahead, g.interval)); at.After(now) && at.After(w.limit) {
		err := errLimit
		if g.until.After(now) {
			err = errPaused
		}
		return at.Sub(now), err
	}
	g.queues[p] = append(g.queues[p], w)
	g.admit()
	return 0, nil
}

// abandon is for a call that doesn't wait any more: it takes nothing with it.
func (g *gate) abandon(p Priority, w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.queues[p], w); i >= 0 {
		g.queues[p] = slices.Delete(g.queues[p], i, i+1)
	} else if w.err == nil {
		g.untake(p)
	}
}

// admit lets in who may start now, in their order. Whoever has no room for want of
// a call that ends leaves none to those behind either.
func (g *gate) admit() {
	now := time.Now()
	for p := range Priority(priorities) {
		for len(g.queues[p]) > 0 {
			if !g.room(p) {
				return
			}
			if at := g.due(p); at.After(now) {
				g.admitLater(at.Sub(now))
				return
			}
			if g.next.Before(now) {
				g.next = now
			}
			g.next = g.next.Add(g.interval)
			g.busy[p]++
			close(g.queues[p][0].done)
			g.queues[p] = slices.Delete(g.queues[p], 0, 1)
		}
	}
}

func (g *gate) admitLater(d time.Duration) {
	if g.timer != nil {
		g.timer.Reset(d)
		return
	}
	g.timer = time.AfterFunc(d, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.admit()
	})
}

// due returns when the next call of a priority may start, as far as time goes.
func (g *gate) due(p Priority) time.Time {
	if at := g.next.Add(-g.slack[p]); at.After(g.until) {
		return at
	}
	return g.until
}

// room reports whether one more call of a priority may be under way.
func (g *gate) room(p Priority) bool {
	if g.probe && g.busy != [priorities]int{} {
		return false
	}
	busy := 0
	for q := Background; q >= Person; q-- {
		busy += g.busy[q]
		if q <= p && g.most[q] > 0 && busy >= g.most[q] {
			return false
		}
	}
	return true
}

// leave is for a call that has ended.
func (g *gate) leave(p Priority) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy[p]--
	g.admit()
}

// giveBack is for a call that might have started and did not.
func (g *gate) giveBack(p Priority) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.untake(p)
}

func (g *gate) untake(p Priority) {
	g.next = g.next.Add(-g.interval)
	g.busy[p]--
	g.admit()
}

// longestPause is the longest time for which a service is left alone because it asked
// to. Whatever else a header says, by mistake or because two clocks differ, must not
// end all work for hours.
const longestPause = 5 * time.Minute

// pause closes the gate for a time, unless it is closed for longer already, and
// turns away those who can't wait for as long. After the longest pause, which may be
// less than was asked for, one call at a time finds out whether it is over.
func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	until := time.Now().Add(min(d, longestPause))
	g.probe = g.probe || d >= longestPause
	if d <= 0 || !until.After(g.until) {
		return
	}
	g.until = until
	for p := range g.queues {
		g.queues[p] = slices.DeleteFunc(g.queues[p], func(w *waiter) bool {
			if !until.After(w.limit) && !until.After(w.pause) {
				return false
			}
			w.wait, w.err = time.Until(until), errPaused
			close(w.done)
			return true
		})
	}
}

// closedFor is how much is left of the time for which the service asked to wait.
func (g *gate) closedFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.until), 0)
}

// resume opens the gate, for one call at a time until one has an answer.
func (g *gate) resume() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until.After(time.Now()) {
		g.until, g.probe = time.Time{}, true
	}
	g.admit()
}

// answered is for a call that had an answer which didn't ask to wait.
func (g *gate) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.probe = false
	g.admit()
}

// pass waits at the service's gate until the call may be made, or fails at once if
// that would take too long, or if it should not be made at all. The function that it
// returns is for the call's outcome.
func (k call) pass(ctx context.Context) (ended func(*Error), failed *Error) {
	p := priorityOf(ctx)
	switch wait, err := k.to.gate.enter(ctx, p, k.to.maxWait); {
	case err == nil:
	case errors.Is(err, errPaused), errors.Is(err, errLimit), errors.Is(err, errBusy):
		e := k.unsent(ClassRateLimited, err)
		e.wait(wait)
		return nil, e
	default:
		return nil, k.unsent(classOfContext(ctx), err)
	}
	probe := k.probe
	if !probe && k.canRest(ctx) {
		// Whoever waited was let in by a breaker that may have opened meanwhile.
		var wait time.Duration
		if wait, probe = k.to.breaker.admit(); wait > 0 {
			k.to.gate.giveBack(p)
			return nil, k.rest(wait, errAsleep)
		}
	}
	return func(e *Error) {
		switch {
		case e != nil && e.RetryAfter > 0:
			k.to.gate.pause(e.RetryAfter)
		case e == nil || e.Status != 0:
			k.to.gate.answered()
		}
		k.to.breaker.report(e, probe)
		k.to.gate.leave(p)
	}, nil
}
