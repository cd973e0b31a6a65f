package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
)

// answered draws from how a call ended whether another one is to be begun.
func (r *runner) answered(c change.Change) {
	switch {
	case c.Code == change.NotAllowed:
		r.pauseLater(Waiting{Code: NotAllowed, Problem: c.Problem})
	case companyGone(c):
		r.pauseLater(Waiting{Code: CompanyGone, Problem: c.Problem})
	case c.Code == change.HeldBack:
		wait := time.Second
		if c.Problem != nil {
			wait = max(wait, c.Problem.RetryAfter)
		}
		r.waitFor(Waiting{Code: WaitsForRate, Until: r.clock().Add(max(wait, r.symphony.HeldBack())), Problem: c.Problem})
	case c.State == change.Unknown, c.Code == change.NotSent, c.Code == change.NoCredentials, c.Code == change.TooLate, c.Code == change.NoDatabase:
		r.failed(c.Problem)
	case c.Code == change.AnswerNo:
		r.refused(c.Problem)
	default:
		r.mu.Lock()
		r.failures, r.refusals, r.pauseNext = 0, 0, 0
		r.mu.Unlock()
	}
}

// refused counts a call that was refused as a whole. After a run of them none is begun
// until somebody has seen why.
func (r *runner) refused(problem *portal.Problem) {
	r.mu.Lock()
	r.failures, r.pauseNext = 0, 0
	r.refusals++
	many := r.refusals >= manyRefusals
	r.mu.Unlock()
	if many {
		r.pauseLater(Waiting{Code: RefusesAll, Problem: problem})
	}
}

// broke is answered where a call could not be begun, or its end not be recorded.
func (r *runner) broke(ctx context.Context, err error) {
	waits, wait, ofSymphony := r.waitingFor(err)
	switch {
	case !ofSymphony:
		r.log.WarnContext(ctx, "call of a bulk change not made", "bulk", r.c.ID, "error", err)
		r.waitFor(Waiting{Code: WaitsForDatabase, Until: r.clock().Add(firstPause)})
	case waits.Code == CompanyGone:
		r.pauseLater(waits)
	case waits.Code == WaitsForRate:
		waits.Until = r.clock().Add(wait)
		r.waitFor(waits)
	default:
		r.failed(waits.Problem)
	}
}

// failed counts a call without an answer. After a run of them none is begun for a while,
// longer and longer, until one has an answer.
func (r *runner) failed(problem *portal.Problem) {
	r.mu.Lock()
	r.failures++
	open := r.failures >= manyFailures || r.pauseNext > 0
	if open && r.waits.Code == "" { // those that were under way with it say the same
		r.pauseNext = min(max(2*r.pauseNext, firstPause), lastPause)
	}
	wait := r.pauseNext
	r.mu.Unlock()
	if open {
		r.waitFor(Waiting{Code: WaitsForSymphony, Until: r.clock().Add(wait), Problem: problem})
	}
}

// waitFor has no call begun for a while.
func (r *runner) waitFor(w Waiting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits.Code == "" || w.Until.After(r.waits.Until) {
		w.At = r.clock()
		r.waits = w
	}
	r.stop()
}

// pauseLater has no call begun until somebody says so.
func (r *runner) pauseLater(w Waiting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused = w
	r.stop()
}

// wait notes that nothing is sent for a while, and until when.
func (r *runner) wait(ctx context.Context, w Waiting) (time.Duration, error) {
	if w.At.IsZero() {
		w.At = r.clock()
	}
	if err := r.note(ctx, w); err != nil {
		return 0, err
	}
	return max(w.Until.Sub(r.now()), time.Millisecond), nil
}

// left is how long is to be waited still; a time before it began is of a clock that was
// put back.
func (w Waiting) left(now time.Time) time.Duration {
	if now.Before(w.At) {
		return 0
	}
	return max(w.Until.Sub(now), 0)
}

// notWaiting notes that it goes on.
func (r *runner) notWaiting(ctx context.Context) error { return r.note(ctx, Waiting{}) }

// note stores what is waited for, where that is another thing than before.
func (r *runner) note(ctx context.Context, w Waiting) error {
	if r.c.Waits.Code == w.Code && r.c.Waits.Until.Equal(w.Until) {
		return nil
	}
	now, err := r.quietly(ctx, func(c *Change) {
		if c.works() { // else somebody has paused it meanwhile
			c.Waits = w
		}
	})
	if err != nil {
		return fmt.Errorf("run bulk change: %w", err)
	}
	r.c.Waits, r.c.Version = now.Waits, now.Version
	return nil
}

// quietly changes what a bulk change says of itself while it runs, which no job has to
// hear of, and nobody reads in the ledger.
func (r *runner) quietly(ctx context.Context, do func(*Change)) (Change, error) {
	tx, err := r.store.Begin(ctx)
	if err != nil {
		return Change{}, err
	}
	defer func() { _ = tx.Rollback() }()
	c, err := r.store.LockBulk(ctx, tx, r.c.ID)
	if err != nil {
		return Change{}, err
	}
	do(&c)
	if c, err = r.store.SaveBulk(ctx, tx, c); err != nil {
		return Change{}, err
	}
	return c, tx.Commit()
}

// pauseFor pauses a bulk change that needs somebody.
func (r *runner) pauseFor(ctx context.Context, w Waiting) error {
	w.At = r.clock()
	_, err := r.update(ctx, r.c.ID, func(_ portal.Tx, c *Change) ([]ledger.Event, error) {
		if c.State != Running {
			return nil, ErrNotNow
		}
		c.State, c.Waits, c.PausedBy = Paused, w, auth.Person{}
		event := r.event(*c, r.system(*c), ledger.PauseBulk, ledger.Succeeded, nil)
		event.Code = string(w.Code)
		return []ledger.Event{event}, nil
	})
	if errors.Is(err, ErrNotNow) {
		return nil
	}
	return err
}
