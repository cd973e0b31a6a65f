package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// Execute takes a change as far as it can be taken now: sends it when its turn has
// come, and reads how it ended when its answer was lost. again is after how long to
// call it again; zero when there is nothing left to do. Jobs call it, and whoever
// waits for the answer; of several at once one gets on with it.
func (e *Engine) Execute(ctx context.Context, id string) (again time.Duration, err error) {
	c, err := e.store.Change(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("execute change: %w", err)
	}
	now, err := e.execute(sapi.WithPriority(ctx, sapi.Change), c, false)
	switch {
	case errors.Is(err, ErrStale):
		return time.Second, nil // another one is at it
	case err != nil:
		return 0, fmt.Errorf("execute change: %w", err)
	case now.Due.IsZero():
		return 0, nil
	}
	again = max(now.Due.Sub(e.now()), time.Millisecond)
	if now.Version != c.Version && again > soon {
		return 0, nil // what goes on was scheduled with the row
	}
	return again, nil
}

// soon is up to when a job had better wait itself: the one that was scheduled with the
// row may be as late again.
const soon = 5 * time.Second

// execute is Execute of a change that was read. fresh says that what it was decided
// by was read a moment ago.
func (e *Engine) execute(ctx context.Context, c Change, fresh bool) (Change, error) {
	now := e.now()
	switch c.State {
	case Proposed:
		if !c.Before.IsZero() && now.After(c.Before) {
			return e.end(ctx, c, Expired, TooLate)
		}
		return c, nil
	case Queued:
		switch {
		case !c.Before.IsZero() && now.After(c.Before):
			return e.end(ctx, c, Expired, TooLate)
		case now.Before(c.From):
			return c, nil
		}
		return e.send(ctx, c, fresh)
	case Sent:
		if now.Before(c.SentAt.Add(e.times.lostAfter)) {
			return c, nil
		}
		c, err := e.lose(ctx, c)
		if err != nil {
			return c, err
		}
		return e.look(ctx, c)
	case Unknown:
		if now.Before(c.Due) {
			return c, nil
		}
		return e.look(ctx, c)
	case Refused, Done:
		if c.Due.IsZero() {
			return c, nil
		}
		return e.lookOnceMore(ctx, c)
	case Abandoned, Declined, Cancelled, Expired, Superseded:
	}
	return c, nil
}

// end settles a change that was not sent.
func (e *Engine) end(ctx context.Context, c Change, s State, code Code) (Change, error) {
	c.State, c.Code = s, code
	return e.saveUnsent(ctx, e.times.sendWithin, c, e.outcome(c, ledger.Failed, nil))
}

// outcome is the ledger's line for how a change stands.
func (e *Engine) outcome(c Change, o ledger.Outcome, after []byte) ledger.Event {
	var v values
	if operation, known := e.operations[c.Kind]; known {
		v.before, _ = operation.Values(c)
	}
	v.after = after
	return event(c, o, v)
}

// send sends a change, once the world still allows it and the row is claimed.
func (e *Engine) send(ctx context.Context, c Change, fresh bool) (Change, error) {
	operation, known := e.operations[c.Kind]
	if !known {
		return e.end(ctx, c, Superseded, UnknownKindCode)
	}
	err := e.allowed(ctx, c)
	if err == nil {
		err = operation.Check(ctx, &c, fresh)
	}
	if s, superseded := errors.AsType[*SupersededError](err); superseded {
		return e.end(ctx, c, Superseded, s.Code)
	} else if err != nil {
		return e.putOff(ctx, e.times.sendWithin, c, err)
	}
	c.Seen.ClockAhead = e.symphony.ClockAhead()
	c, fence, err := e.claim(ctx, c)
	if err != nil {
		return c, err
	}

	return e.sendClaimed(ctx, operation, c, fence, func() {})
}

// sendClaimed sends a change that is this process's to send until the fence. It happens
// whether or not the browser stays. sent is called when the call is over.
func (e *Engine) sendClaimed(ctx context.Context, operation Operation, c Change, fence time.Time, sent func()) (Change, error) {
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithDeadline(sapi.SendBefore(ctx, e.wall(fence)), e.wall(fence.Add(e.times.answerWithin-e.times.sendWithin)))
	err := operation.Send(sending, &c)
	cancel()
	sent()
	return e.answered(ctx, operation, c, err)
}

// wall is a time of the engine's clock as one of the machine's, by which contexts
// end.
func (e *Engine) wall(at time.Time) time.Time { return time.Now().Add(at.Sub(e.now())) }

// allowed says whether whoever asked for a change still may, as far as their roles
// are known.
func (e *Engine) allowed(ctx context.Context, c Change) error {
	roles := c.Actor.Roles
	if e.roles != nil {
		ctx, cancel := context.WithTimeout(ctx, e.times.sendWithin)
		defer cancel()
		now, known, err := e.roles(ctx, c.Actor.Issuer, c.Actor.Subject)
		if err != nil {
			return err
		}
		if known {
			roles = now
		}
	}
	if !roles.Can(c.Kind.Permission()) {
		return &SupersededError{Code: RoleWithdrawn}
	}
	return nil
}

// claim marks the row as this process's to send. Until the fence, which stands by
// this process's clock since before the claim was asked for, no other one takes it
// for lost: however late the acknowledgement comes, what is sent before the fence is
// sent by the only one who may. That the browser has gone leaves no claim behind that
// nobody acts upon. The error says that nothing was sent.
func (e *Engine) claim(ctx context.Context, c Change) (claimed Change, fence time.Time, err error) {
	now := e.clock()
	c.State, c.SentAt, c.Due, c.Claim, c.Problem = Sent, now, now.Add(e.times.lostAfter), uuid.NewString(), nil
	claimed, err = e.saveUnsent(ctx, e.times.sendWithin, c)
	return claimed, now.Add(e.times.sendWithin), err
}

// awaited says whether somebody waits for the answer to a change.
func (e *Engine) awaited(c Change) bool {
	return !c.Before.IsZero() && !c.Before.After(c.CreatedAt.Add(e.times.sendWithin))
}

// putOff is what becomes of a change that could not be sent now: it is tried again
// where nobody waits for it and there is time left, and refused otherwise.
func (e *Engine) putOff(ctx context.Context, within time.Duration, c Change, err error) (Change, error) {
	wait := min(time.Second<<min(c.Tries, 9), 5*time.Minute)
	if asked, limited := sapi.IsRateLimited(err); limited {
		wait = max(wait, asked)
	}
	again := e.clock().Add(wait)
	if !e.awaited(c) && (c.Before.IsZero() || again.Before(c.Before)) {
		c.State, c.Due, c.Tries, c.Problem = Queued, again, c.Tries+1, portal.ProblemOf(err)
		return e.saveUnsent(ctx, within, c)
	}
	c.State, c.Code, c.Problem = Refused, refusalCode(err), portal.ProblemOf(err)
	if sapi.IsTooLate(err) || errors.Is(err, context.Canceled) { // whoever waited has gone
		c.State, c.Code = Expired, TooLate
	}
	return e.saveUnsent(ctx, within, c, e.outcome(c, ledger.Failed, nil))
}

// answered records what Symphony's answer says, and looks for what it doesn't.
func (e *Engine) answered(ctx context.Context, operation Operation, c Change, err error) (Change, error) {
	outcome, after := ledger.Succeeded, []byte(nil)
	switch {
	case err == nil:
		outcome, after = e.confirm(ctx, operation, &c)
	case sapi.IsNotSent(err):
	case sapi.IsUnknownOutcome(err):
		c.State, outcome = Unknown, ledger.Unknown
		c.Problem, c.Code = portal.ProblemOf(err), AnswerLost
		forgetOutcomes(c.People)
	default:
		c.State, outcome = Refused, ledger.Failed
		c.Problem, c.Code = portal.ProblemOf(err), refusalCode(err)
	}
	if err != nil && sapi.IsNotSent(err) {
		return e.putOff(ctx, recordWithin, c, err)
	}
	recording, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	if c.State == Unknown {
		c.LostBy = c.Code
		c.UnknownAt, c.Due, c.Tries = e.clock(), e.clock().Add(e.step()), 0 // this process looks at once
	}
	c, err = e.saveAnswer(recording, c, e.outcome(c, outcome, after))
	if err != nil || c.State != Unknown {
		return c, err
	}
	looking, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	looked, err := e.look(looking, c)
	if err != nil {
		return c, nil // that it is unknown is recorded, and its job looks again
	}
	return looked, nil
}

// confirm reads what Symphony shows after a yes. What can't be read in time is not
// waited for: the yes is still to be recorded.
func (e *Engine) confirm(ctx context.Context, operation Operation, c *Change) (outcome ledger.Outcome, after []byte) {
	ctx, cancel := context.WithTimeout(ctx, confirmWithin)
	defer cancel()
	c.State = Done
	_, after = operation.Values(*c)
	found := operation.Confirm(ctx, c)
	if found.Code != "" {
		c.Code = found.Code
	}
	if found.After != nil {
		after = found.After
	}
	switch found.Verdict {
	case CantTell:
		c.State = Unknown
		return ledger.Unknown, after
	case Absent:
		return ledger.Failed, after
	case Applied:
	}
	return ledger.Succeeded, after
}

// refusalCode says of what kind the failure of a change is that did nothing. What isn't
// about Symphony is about what is read of Foyer's own.
func refusalCode(err error) Code {
	_, limited := sapi.IsRateLimited(err)
	switch {
	case sapi.IsCredentialsRejected(err):
		return NoCredentials
	case sapi.IsForbidden(err):
		return NotAllowed
	case limited:
		return HeldBack
	case sapi.IsRefused(err):
		return AnswerNo
	case portal.ProblemOf(err) == nil && !errors.Is(err, portal.ErrOther):
		return NoDatabase
	}
	return NotSent
}

// save writes how a change stands, with its outcomes and the job that goes on with
// it. It is tried again and again until ctx ends, because a database that is started
// again is no reason not to know how a change ended. ErrStale says that somebody
// else updated the change; any other error wraps ErrUnrecorded.
func (e *Engine) save(ctx context.Context, c Change, outcomes ...ledger.Event) (Change, error) {
	c.UpdatedAt = e.clock()
	if c.State.Settled() && c.SettledAt.IsZero() {
		c.SettledAt, c.Due = c.UpdatedAt, time.Time{}
		if c.State == Refused && c.Reconciled {
			c.Due = c.UpdatedAt.Add(e.recheckAfter())
		}
	}
	for try := range 64 {
		saved, err := e.saveOnce(ctx, c, outcomes)
		switch {
		case err == nil:
			return saved, nil
		case errors.Is(err, ErrStale) && try > 0:
			// Perhaps it was stored, and only the acknowledgement was lost.
			stored, readErr := e.store.Change(ctx, c.ID)
			if readErr != nil {
				break // what was started again may still be on its way
			}
			if stored.Version == c.Version+1 && stored.State == c.State && stored.Claim == c.Claim && stored.UpdatedAt.Equal(c.UpdatedAt) {
				return stored, nil
			}
			return c, err
		case errors.Is(err, ErrStale):
			return c, err
		}
		if pause(ctx, min(50*time.Millisecond<<min(try, 5), time.Second)) != nil || try == 63 {
			e.log.ErrorContext(ctx, "change not recorded", "change", c.ID, "state", c.State, "error", err)
			return c, fmt.Errorf("%w: %w", ErrUnrecorded, err)
		}
	}
	return c, ErrUnrecorded
}

// saveUnsent is save of a change of which nothing is under way. Somebody may wait for
// it, so it is given up after some time; and a browser that has gone leaves nothing
// half done. Its error says that nothing was sent.
func (e *Engine) saveUnsent(ctx context.Context, within time.Duration, c Change, outcomes ...ledger.Event) (Change, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	saved, err := e.save(ctx, c, outcomes...)
	if err != nil && !errors.Is(err, ErrStale) {
		err = fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return saved, err
}

func (e *Engine) saveOnce(ctx context.Context, c Change, outcomes []ledger.Event) (saved Change, err error) {
	store := e.gatherer.byItself
	if c.Bulk != 0 { // there are others like it
		store = e.gatherer.do
	}
	err = store(ctx, func(ctx context.Context, tx portal.Tx) ([]ledger.Event, error) {
		if saved, err = e.store.UpdateChange(ctx, tx, c); err != nil {
			return nil, err
		}
		if err := e.tell(ctx, tx, saved); err != nil {
			return nil, err
		}
		if saved.State != Sent || !e.awaited(saved) { // what somebody waits for has its job already
			return outcomes, e.schedule(ctx, tx, saved)
		}
		return outcomes, nil
	})
	if err != nil {
		return c, err
	}
	return saved, nil
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// atOnce proposes a change and sends it at once, for somebody who waits for the answer.
// A form that was sent before gives the change that it led to then.
func (e *Engine) atOnce(ctx context.Context, a auth.Actor, c Change) (Change, error) {
	c, err := e.Propose(ctx, nil, a, c, NotAfter(e.clock().Add(e.times.sendWithin)))
	if errors.Is(err, portal.ErrTokenUsed) {
		return c, nil
	} else if err != nil {
		return Change{}, err
	}
	ended, err := e.execute(ctx, c, true)
	if errors.Is(err, ErrStale) {
		return e.store.Change(ctx, c.ID)
	}
	return ended, err
}
