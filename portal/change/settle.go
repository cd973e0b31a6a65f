package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

const (
	// absencesBelieved is how many looks in a row must not find a change before it is
	// believed not to be there.
	absencesBelieved = 3
	// longestPause is how long the engine waits at most before it looks again.
	longestPause = 30 * time.Minute
	// recheckGraces is after how many graces what was believed absent is looked for
	// once more.
	recheckGraces = 40
	// clockTolerance is how far Symphony's clock may be from ours when a creation time
	// tells whether something is new.
	clockTolerance = time.Minute
)

func (e *Engine) recheckAfter() time.Duration { return e.grace * recheckGraces }

// lose notes that whoever was sending a change is gone.
func (e *Engine) lose(ctx context.Context, c Change) (Change, error) {
	// The answer would have come until then; the request itself can't be on its way
	// for longer than that either.
	c.State, c.UnknownAt, c.Code = Unknown, earlier(c.SentAt.Add(e.times.answerWithin), e.clock()), ProcessStopped
	c.LostBy, c.Due, c.Tries = c.Code, e.clock().Add(e.step()), 0
	forgetOutcomes(c.People)
	return e.save(ctx, c, e.outcome(c, ledger.Unknown, nil))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// look reads Symphony once for how a change ended: it is done or refused when
// Symphony's own state says so, and otherwise looked for again later. That it isn't
// there is believed after several looks, the last of which comes when it has had the
// time to take effect and to be shown.
func (e *Engine) look(ctx context.Context, c Change) (Change, error) {
	now := e.clock()
	operation, known := e.operations[c.Kind]
	found := Finding{Code: UnknownKindCode}
	last := c.Absences+1 >= absencesBelieved && now.Sub(c.UnknownAt) >= e.grace && now.Sub(c.AbsentSince) >= e.grace/2
	if known {
		var err error
		found, err = operation.LookFor(ctx, &c, e.thorough(c, last))
		if wait, paused := sapi.IsPaused(err); paused {
			c.Due = now.Add(wait)
			return e.save(ctx, c)
		}
		if err != nil {
			found = Finding{Code: CantRead}
		}
	}
	c.LookedAt, c.Tries = now, c.Tries+1
	switch {
	case found.Verdict == Applied, found.Verdict == Absent && last:
		return e.settle(ctx, operation, c, found)
	case now.Sub(c.UnknownAt) >= giveUp && found.Verdict != Absent:
		c.State, c.Code = Abandoned, GaveUp
		line := e.outcome(c, ledger.Unknown, found.After)
		line.Actor = auth.System("settle", c.Actor.RequestID)
		return e.save(ctx, c, line)
	}
	if found.Verdict == Absent {
		if c.Absences++; c.Absences == 1 {
			c.AbsentSince = now
		}
	} else {
		c.Absences, c.AbsentSince = 0, time.Time{}
	}
	if found.Code != "" && found.Code != c.Code && found.Verdict == CantTell {
		c.Code = found.Code
	}
	c.Due = now.Add(e.nextLook(c, now))
	return e.save(ctx, c)
}

// thorough says how to look for a change. What decides for good that it isn't there
// must have been read when it had had its time.
func (e *Engine) thorough(c Change, last bool) Look {
	l := Look{Since: c.LookedAt, Last: last}
	if graced := c.UnknownAt.Add(e.grace); last && graced.After(l.Since) {
		l.Since = graced
	}
	return l
}

// step is the shortest time between two looks.
func (e *Engine) step() time.Duration { return max(e.grace/10, 500*time.Millisecond) }

// nextLook is how long to wait before looking again: a part of the grace while
// Symphony can be read, more and more where that doesn't help.
func (e *Engine) nextLook(c Change, now time.Time) time.Duration {
	step := e.step()
	if c.Absences > 0 {
		left := c.UnknownAt.Add(e.grace).Sub(now)
		if c.Absences+1 >= absencesBelieved {
			return max(left, c.AbsentSince.Add(e.grace/2).Sub(now), step)
		}
		return max(step, left/2)
	}
	return min(step<<min(c.Tries, 16), longestPause)
}

// settle records how a change ended by what reading Symphony found.
func (e *Engine) settle(ctx context.Context, operation Operation, c Change, found Finding) (Change, error) {
	c.Reconciled = true
	return e.saveFound(ctx, operation, c, found, ledger.Reconciled)
}

// errOfOther says that what was found once more is another change's: nothing is to be
// corrected.
var errOfOther = errors.New("another change made it")

// saveFound settles a change in one transaction with what other changes are held
// against it.
func (e *Engine) saveFound(ctx context.Context, operation Operation, c Change, found Finding, o ledger.Outcome) (Change, error) {
	tx, err := e.store.Begin(ctx)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrUnrecorded, err)
	}
	defer func() { _ = tx.Rollback() }()
	if found, err = operation.Credit(ctx, tx, &c, found); err != nil {
		return c, fmt.Errorf("settle change: %w", err)
	}
	if o == ledger.Corrected && found.Verdict != Applied {
		return c, errOfOther
	}
	now := e.clock()
	c.State, c.Code, c.UpdatedAt, c.SettledAt, c.Due = Refused, found.Code, now, now, time.Time{}
	if found.Verdict == Applied {
		c.State = Done
	}
	if o == ledger.Reconciled && (c.State == Refused || slices.ContainsFunc(c.People, absentRow)) {
		c.Due = now.Add(e.recheckAfter())
	}
	line := e.outcome(c, o, found.After)
	line.Actor = auth.System("settle", c.Actor.RequestID)
	saved, err := e.store.UpdateChange(ctx, tx, c)
	if err == nil {
		err = e.tell(ctx, tx, saved)
	}
	if err == nil {
		err = e.store.Append(ctx, tx, line)
	}
	if err == nil {
		err = e.schedule(ctx, tx, saved)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return c, fmt.Errorf("settle change: %w", err)
	}
	return saved, nil
}

// lookOnceMore looks again, much later, for a change that was believed not to have
// happened: Symphony may have done it after all. What turns out otherwise is
// corrected by an event of its own.
func (e *Engine) lookOnceMore(ctx context.Context, c Change) (Change, error) {
	now := e.clock()
	if now.Before(c.Due) {
		return c, nil
	}
	operation, known := e.operations[c.Kind]
	again := c
	again.People = slices.Clone(c.People)
	forgetAbsent(again.People)
	found, err := Finding{}, error(nil)
	if known && (c.Kind == CreateCompany || c.Kind == AddDomains || c.Kind == CreateUsers) {
		found, err = operation.LookFor(ctx, &again, Look{Since: c.LookedAt, Last: true})
	}
	switch {
	case err != nil:
		c.Due = now.Add(longestPause)
		return e.save(ctx, c)
	case found.Verdict != Applied, c.State == Done && slices.EqualFunc(c.People, again.People, sameResult):
		c.Due, c.LookedAt = time.Time{}, now
		return e.save(ctx, c)
	}
	again.Corrected, again.LookedAt = true, now
	corrected, err := e.saveFound(ctx, operation, again, found, ledger.Corrected)
	_, busy := errors.AsType[*Busy](err)
	switch {
	case errors.Is(err, errOfOther):
		c.Due, c.LookedAt = time.Time{}, now
		return e.save(ctx, c)
	case busy: // of the two it may be the other one's
		c.Due = now.Add(longestPause)
		return e.save(ctx, c)
	}
	return corrected, err
}

// Sweep has a job execute every change that is due and, as after a crash, has none.
// Of those that are many it takes the longest due. started is when this process was:
// what is due then has no job, as far as it can know. alone says that no other process
// shares the store, as at the start of a single one: then what an earlier process was
// sending is surely lost.
//
// A job that a killed process was at counts as running for minutes, and keeps others of
// its turn away. So the sweep's jobs have a turn of their own, one in each process.
func (e *Engine) Sweep(ctx context.Context, alone bool, started time.Time) error {
	const batch = 500
	overdue := e.clock()
	if alone {
		overdue = overdue.Add(e.times.lostAfter)
	} else {
		overdue = overdue.Add(-min(max(overdue.Sub(started), 0), sweepSlack))
	}
	due, err := e.store.DueChanges(ctx, overdue, batch)
	if err != nil {
		return fmt.Errorf("sweep changes: %w", err)
	}
	var jobs []portal.Job
	for _, d := range due {
		if alone && d.State == Sent && d.SentAt.Before(started) {
			if err := e.recover(ctx, d.ID); err != nil {
				return fmt.Errorf("sweep changes: %w", err)
			}
		}
		jobs = append(jobs, portal.Job{Kind: JobKind, ID: d.ID, Turn: -started.UnixMicro()})
	}
	if len(jobs) == 0 {
		return nil
	}
	if err := e.scheduler.Schedule(ctx, nil, jobs...); err != nil {
		return fmt.Errorf("sweep changes: %w", err)
	}
	return nil
}

// sweepSlack is how long a job may be behind its time before a sweep takes it for
// lost.
const sweepSlack = 10 * time.Second

// recover notes that an earlier process was sending a change when it stopped; its
// job reads Symphony for it.
func (e *Engine) recover(ctx context.Context, id string) error {
	c, err := e.store.Change(ctx, id)
	if err != nil || c.State != Sent {
		return err
	}
	_, err = e.lose(ctx, c)
	return err
}
