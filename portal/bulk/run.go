package bulk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"foyer/auth"
	"foyer/portal"
	"foyer/sapi"
)

const (
	// runFor is how long one job makes calls: the next one goes on.
	runFor = 4 * time.Minute
	// leaseFor is how long a process that makes calls is believed to be alive; three times
	// as often it says so. Two that make calls of one bulk change do no harm, but are more
	// than there may be.
	leaseFor = 15 * time.Second
	// quickCall is how long a call takes at most so that others are begun while it is under
	// way: those wait until it is over, and what isn't sent within five times as much never is.
	quickCall = time.Second
	// readAtOnce is how many rows are read at once.
	readAtOnce = 2500
	// settleEvery is how often it is looked whether the calls without an answer are settled.
	settleEvery = time.Second
	// manyFailures of calls in a row mean that Symphony is down, and firstPause and
	// lastPause are for how long none is made then.
	manyFailures = 5
	// manyRefusals of whole calls in a row are hardly about the people in them.
	manyRefusals = 10
	firstPause   = time.Second
	lastPause    = time.Minute
)

// Do goes on with a bulk change, whatever is the next thing to do; again is when to come
// back, zero where nothing is left to do. Jobs call it with the number.
func (s *Service) Do(ctx context.Context, jobID string) (again time.Duration, err error) {
	id, err := strconv.ParseInt(jobID, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("go on with bulk change: %w", err)
	}
	ctx = sapi.WithPriority(ctx, sapi.Change)
	c, err := s.store.Bulk(ctx, id)
	if errors.Is(err, portal.ErrNotStored) || err == nil && !c.works() {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("go on with bulk change: %w", err)
	}
	if wait := c.At.Sub(s.now()); c.State == Scheduled && wait > 0 {
		return wait, nil
	}
	held, release, err := s.hold(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("go on with bulk change: %w", err)
	}
	if !held {
		return s.lease, nil // another job is at it, or its process has died
	}
	defer release()
	if c, err = s.store.Bulk(ctx, id); err != nil {
		return 0, fmt.Errorf("go on with bulk change: %w", err)
	}
	switch c.State {
	case Checking:
		return s.check(ctx, c)
	case Scheduled, Starting:
		return s.begin(ctx, c)
	case Running, Stopped:
		return s.run(ctx, c)
	case Draft, Paused, Done, Discarded:
	}
	return 0, nil
}

// hold takes a bulk change for this process, and says now and then that it is alive.
func (s *Service) hold(ctx context.Context, id int64) (held bool, release func(), err error) {
	owner := uuid.NewString()
	now := s.clock()
	if held, err = s.store.LeaseBulk(ctx, id, owner, now, now.Add(s.lease)); err != nil || !held {
		return false, nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(s.lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				now := s.clock()
				_, _ = s.store.LeaseBulk(ctx, id, owner, now, now.Add(s.lease)) // the next one may succeed
			}
		}
	})
	return true, func() {
		stop()
		renewing.Wait()
		_, _ = s.store.LeaseBulk(context.WithoutCancel(ctx), id, owner, s.clock(), time.Time{}) // else it ends by itself
	}, nil
}

// runner makes the calls of one bulk change in one job.
type runner struct {
	*Service
	c     Change
	actor auth.Actor
	until time.Time

	mu        sync.Mutex
	failures  int           // calls in a row that had no answer, or were not sent
	refusals  int           // calls in a row that were refused as a whole
	pauseNext time.Duration // for how long none was begun because of them; 0: they are begun
	waits     Waiting       // why the calls were broken off; zero: they were not
	paused    Waiting       // likewise, until somebody says to go on
	stop      func()        // has no call begun any more
	aside     map[int]bool  // the rows about whose people another change isn't settled
	fed       int           // how many calls were to be made the last time
}

// run makes the calls of a bulk change that are left, and ends it when every row has come
// to its end.
func (s *Service) run(ctx context.Context, c Change) (again time.Duration, err error) {
	r := &runner{Service: s, c: c, actor: s.actorOf(c), until: s.now().Add(runFor), aside: map[int]bool{}}
	if c.Waits.Code == WaitsForSymphony {
		r.pauseNext = min(max(c.Waits.Until.Sub(c.Waits.At), 0), lastPause) // it goes on from there
	}
	for ctx.Err() == nil && s.now().Before(r.until) {
		next, err := r.step(ctx)
		if err != nil || next < 0 {
			return max(next, 0), err
		}
		if next > time.Millisecond {
			return next, nil
		}
	}
	return time.Millisecond, nil
}

// step does what can be done now; next is after how long to look again, negative when
// nothing is left to do.
func (r *runner) step(ctx context.Context) (next time.Duration, err error) {
	c, err := r.store.Bulk(ctx, r.c.ID)
	if err != nil {
		return 0, fmt.Errorf("run bulk change: %w", err)
	}
	r.c = c
	if c.State != Running && c.State != Stopped || !c.works() {
		return -1, nil
	}
	if wait := c.Waits.left(r.now()); c.State == Running && wait > 0 {
		return wait, nil // another process was told so
	}
	if c.State == Running && c.Kind == Onboard {
		if ready, next, err := r.company(ctx); err != nil || !ready {
			return next, err
		}
	}
	if c.State == Running && c.Sums.In(Planned) > 0 {
		return r.makeCalls(ctx)
	}
	if c.State == Stopped && c.Sums.In(Planned) > 0 {
		return time.Millisecond, r.leaveOutPlanned(ctx) // calls under way when it was stopped did nothing for them
	}
	switch {
	case c.Sums.In(Sent) > 0 || c.Sums.In(Unsettled) > c.Sums.Of(Unsettled, Exists):
		return settleEvery, r.hasten(ctx) // their own jobs find out
	case c.Sums.Of(Unsettled, Exists) > 0:
		return r.whereTheyAre(ctx)
	}
	if c.CompanyChange != "" && c.Company.ID == "" { // it was stopped while the company was asked for
		if asked, err := r.askedCompany(ctx); err != nil || !asked.State.Settled() {
			return settleEvery, err
		}
	}
	return r.end(ctx)
}

// hastenAtOnce is of how many rows the calls are looked for sooner at a time.
const hastenAtOnce = 200

// hasten has the calls looked for whose end could not be found out while Symphony didn't
// answer, once it does: by themselves they are looked for less and less often.
func (r *runner) hasten(ctx context.Context) error {
	rows, err := r.store.Rows(ctx, r.c.ID, Filter{States: []RowState{Unsettled}, Codes: []Code{AnswerLost}}, 0, hastenAtOnce)
	if err != nil {
		return fmt.Errorf("run bulk change: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	if r.directory.SymphonyHealth(ctx).Err != nil {
		return nil //nolint:nilerr // it isn't time yet
	}
	last := ""
	for _, row := range rows {
		if row.ChangeID == last {
			continue
		}
		last = row.ChangeID
		if err := r.changes.Hasten(ctx, row.ChangeID); err != nil {
			return fmt.Errorf("run bulk change: %w", err)
		}
	}
	return nil
}

// leaveOutPlanned leaves out what is planned still.
func (r *runner) leaveOutPlanned(ctx context.Context) error {
	tx, err := r.store.Begin(ctx)
	if err != nil {
		return fmt.Errorf("run bulk change: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err = r.store.LeaveOutPlanned(ctx, tx, r.c.ID, NeverSent); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("run bulk change: %w", err)
	}
	return nil
}
