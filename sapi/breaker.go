package sapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// manyFailures in a row mean that the other side is down, not that it has hiccups.
	manyFailures = 5
	firstPause   = time.Second
	lastPause    = time.Minute
)

var errAsleep = errors.New("not asked for a while, as several calls in a row had no answer")

// breaker keeps reads that nobody waits for from a service that does not answer. It
// opens after several failures in a row. From time to time, ever more seldom, it lets
// one call through: the probe. Any answer, to whatever call, closes it.
type breaker struct {
	mu       sync.Mutex
	failures int           // in a row
	pause    time.Duration // how long it is open at most before the next probe; 0 while closed
	until    time.Time     // when the next probe is due
	probing  bool          // one is under way

	hung map[string]*hang // reads that had no answer for long, by their operation
}

// hang is what is remembered of a read that kept somebody waiting in vain.
type hang struct {
	until    time.Time     // it isn't made before, for persons either
	trying   bool          // one is made to see whether it is over
	patience time.Duration // how long that one may take
}

const (
	// longFailure is how long a read takes in vain until that is remembered. From then on
	// no read is waited for longer until it has hung itself, and then twice as long each
	// time: it may only be slow.
	longFailure = 3 * time.Second
	// hungFor is for how long it is.
	hungFor = 30 * time.Second
)

var errHung = errors.New("not asked for a while, as it kept others waiting in vain")

// try lets a read through, or returns for how long it is better not made, because it
// hung lately. patience is how long it may take, 0 as long as any call; done is for its
// outcome.
func (b *breaker) try(operation string) (wait, patience time.Duration, done func(*Error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hung[operation]
	if h != nil && (h.trying || time.Now().Before(h.until)) {
		return max(time.Until(h.until), time.Second), 0, nil
	}
	if h != nil {
		h.trying, patience = true, h.patience
	} else if b.othersHang() {
		patience = longFailure
	}
	began := time.Now()
	return 0, patience, func(e *Error) { b.tried(operation, h, e, time.Since(began)) }
}

// othersHang says whether any read hung lately.
func (b *breaker) othersHang() bool {
	for _, h := range b.hung {
		if time.Now().Before(h.until) {
			return true
		}
	}
	return false
}

// tried remembers what became of a read; h is what was remembered before.
func (b *breaker) tried(operation string, h *hang, e *Error, took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if h != nil {
		h.trying = false
	}
	switch {
	case e == nil || e.Status != 0 && !IsUnavailable(e):
		delete(b.hung, operation)
	case IsUnavailable(e) && e.Class != ClassPaused && took >= longFailure:
		if b.hung == nil {
			b.hung = map[string]*hang{}
		}
		next := &hang{until: time.Now().Add(hungFor), patience: longFailure}
		if h != nil {
			next.patience = 2 * h.patience
		}
		b.hung[operation] = next
	}
}

// resume has the next call of whatever kind made.
func (b *breaker) resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until, b.probing, b.hung = time.Time{}, false, nil
}

// wait returns for how long the breaker is open, 0 if it is not.
func (b *breaker) wait() time.Duration {
	switch {
	case b.pause == 0:
		return 0
	case b.probing:
		return b.pause
	default:
		return max(time.Until(b.until), 0)
	}
}

// admit lets a call through, and says whether it is the probe, or returns for how
// long the breaker is open.
func (b *breaker) admit() (wait time.Duration, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if wait := b.wait(); wait > 0 {
		return wait, false
	}
	b.probing = b.pause > 0
	return 0, b.probing
}

// release lets another call be the probe, if this one told nothing.
func (b *breaker) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

// report counts what became of a call, whoever made it.
func (b *breaker) report(e *Error, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case e != nil && (e.Class == ClassCanceled || e.Class == ClassTooLate || e.Class == ClassInvalid):
		return // says nothing of the other side
	case e == nil || !IsUnavailable(e):
		b.failures, b.pause, b.probing = 0, 0, false
		return
	}
	b.failures++
	known := b.pause > 0 && !probe && (b.probing || time.Now().Before(b.until))
	if b.failures < manyFailures || known {
		return
	}
	b.pause = min(max(2*b.pause, firstPause), lastPause)
	jitter := rand.N(b.pause / 2) //nolint:gosec // Jitter needs no secrecy.
	b.until = time.Now().Add(b.pause - jitter)
}

// canRest reports whether nobody waits for a call: a read that is not a person's.
func (k call) canRest(ctx context.Context) bool {
	return !k.change && priorityOf(ctx) != Person
}

// rest returns the error of a call that is not made because of what became of others.
func (k call) rest(wait time.Duration, why error) *Error {
	e := k.unsent(ClassPaused, why)
	e.wait(wait)
	return e
}
