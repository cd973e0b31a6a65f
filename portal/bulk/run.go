package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/safely"
	"foyer/sapi"
)

const (
	// runFor is how long one job makes calls: the next one goes on.
	runFor = 4 * time.Minute
	// leaseFor is how long a process that makes calls is believed to be alive; three times
	// as often it says so. Two that make calls of one bulk change do no harm, but are more
	// than there may be.
	leaseFor = 15 * time.Second
	// readAtOnce is how many rows are read at once.
	readAtOnce = 1000
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
	return -1, r.end(ctx)
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

// makeCalls makes the calls of all rows that are planned, once.
func (r *runner) makeCalls(ctx context.Context) (next time.Duration, err error) {
	if wait := r.symphony.HeldBack(); wait > 0 {
		return r.wait(ctx, Waiting{Code: WaitsForRate, Until: r.clock().Add(wait)})
	}
	if err := r.changes.May(ctx, r.actor, r.c.firstKind()); err != nil {
		if _, withdrawn := errors.AsType[*change.SupersededError](err); !withdrawn {
			return 0, fmt.Errorf("run bulk change: %w", err)
		}
		return -1, r.pauseFor(ctx, Waiting{Code: RoleWithdrawn})
	}
	if err := r.notWaiting(ctx); err != nil {
		return 0, err
	}
	making, stop := context.WithCancel(ctx)
	defer stop()
	r.waits, r.paused, r.stop, r.fed = Waiting{}, Waiting{}, stop, 0
	batches := make(chan []Row)
	work := []func() error{func() error {
		defer close(batches)
		return r.feed(making, batches)
	}}
	for range r.atOnce {
		work = append(work, func() error {
			for rows := range batches {
				r.makeOne(making, rows)
			}
			return nil
		})
	}
	if err := safely.Together(work...); err != nil && making.Err() == nil {
		return 0, fmt.Errorf("run bulk change: %w", err)
	}
	switch {
	case r.paused.Code != "":
		return -1, r.pauseFor(ctx, r.paused)
	case r.waits.Code != "":
		return r.wait(ctx, r.waits)
	case r.fed == 0 && len(r.aside) > 0:
		return r.wait(ctx, Waiting{Code: WaitsForChange, Until: r.clock().Add(retryAfter)}) // and then all of them are tried again
	}
	return time.Millisecond, nil
}

// feed gives the workers what is planned and was not put aside, in the order of the rows,
// until somebody stops it.
func (r *runner) feed(ctx context.Context, batches chan<- []Row) error {
	for after := 0; ; {
		read, err := r.store.Rows(ctx, r.c.ID, Filter{States: []RowState{Planned}}, after, readAtOnce)
		if err != nil || len(read) == 0 {
			return err
		}
		after = read[len(read)-1].N
		for _, batch := range batchesOf(slices.DeleteFunc(slices.Clone(read), r.isAside)) {
			select {
			case batches <- batch:
				r.fed++
			case <-ctx.Done():
				return nil
			}
			if !r.now().Before(r.until) {
				return nil
			}
		}
		if len(read) < readAtOnce {
			return nil
		}
	}
}

// batchesOf divides rows into those of one call each.
func batchesOf(rows []Row) [][]Row {
	var batches [][]Row
	var together []Row
	for _, row := range rows {
		if row.Action != ToAdd || row.Code == Alone {
			batches = append(batches, []Row{row})
			continue
		}
		if together = append(together, row); len(together) == portal.MaxPeople {
			batches, together = append(batches, together), nil
		}
	}
	if len(together) > 0 {
		batches = append(batches, together)
	}
	return batches
}

// makeOne makes the call for some rows, when it is its turn.
func (r *runner) makeOne(ctx context.Context, rows []Row) {
	if r.pace.Wait(ctx) != nil {
		return
	}
	select {
	case r.calls <- struct{}{}:
	case <-ctx.Done():
		return
	}
	free := sync.OnceFunc(func() { <-r.calls })
	defer free()
	if ctx.Err() != nil {
		return
	}
	made, err := r.call(ctx, rows, free)
	switch {
	case err == nil && made != nil:
		r.answered(*made)
	case err != nil && ctx.Err() == nil:
		r.broke(ctx, err)
	}
}

// call begins and makes the change for some rows; made is nil where there was none to
// make. sent is called when nothing is under way any more.
func (r *runner) call(ctx context.Context, rows []Row, sent func()) (made *change.Change, err error) {
	if rows[0].Vain >= mostVain {
		return nil, r.settle(ctx, rows[:1], Refused, NotDone) // the others have their turn the next time
	}
	part := change.Change{ID: uuid.NewString(), Bulk: r.c.ID, Company: r.c.Company, Reason: r.c.Reason, Ticket: r.c.Ticket}
	if rows[0].Action == ToAdd {
		r.addPeople(&part, rows)
	} else if wanted, err := r.setStatus(ctx, &part, rows[0]); err != nil || !wanted {
		return nil, err
	}
	begun, err := r.begin(ctx, part, rows)
	if err != nil || begun == nil {
		return nil, err
	}
	done, err := r.changes.Make(ctx, *begun, sent)
	if err != nil {
		return nil, err
	}
	return &done, nil
}

// addPeople makes a change one that creates the people of some rows.
func (r *runner) addPeople(part *change.Change, rows []Row) {
	part.Kind, part.Seen = change.CreateUsers, change.Seen{At: r.c.CheckedAt, EmailDomains: r.c.Domains}
	for _, row := range rows {
		part.People = append(part.People, change.Row{NewUser: row.NewUser})
		if row.Tries > 0 || row.Code == Again {
			part.Seen.At = r.clock() // the call before is settled, and that is what is known
		}
	}
}

// setStatus makes a change one that disables or enables the person of a row, as they are
// now; wanted is false where they are as they are to be.
func (r *runner) setStatus(ctx context.Context, part *change.Change, row Row) (wanted bool, err error) {
	part.Kind = change.EnableUser
	there := IsActive
	if row.Action == ToBar {
		part.Kind, there = change.DisableUser, IsDisabled
	}
	if row.CompanyID != "" && row.CompanyID != part.Company.ID {
		company, err := r.directory.KnownCompany(ctx, row.CompanyID)
		if err != nil {
			return false, err
		}
		part.Company = ledger.Company{ID: company.ID, Name: company.Name}
	}
	at := r.clock()
	user, stale, err := r.directory.ReadUser(ctx, RequestID(r.c.ID), part.Company.ID, row.UserID)
	switch err = errors.Join(err, stale); {
	case errors.Is(err, portal.ErrNotFound), err != nil && r.c.Company.ID == "" && errors.Is(portal.NotFound(err), portal.ErrCompanyUnavailable):
		return false, r.settle(ctx, []Row{row}, Refused, NotFound)
	case err != nil:
		return false, err
	case user.Status == part.Kind.StatusWanted():
		return false, r.settle(ctx, []Row{row}, AlreadyThere, there)
	}
	part.User = ledger.User{ID: user.ID, Email: user.Email, Name: portal.UserName(user.User)}
	part.Seen = change.Seen{At: at, Status: user.Status}
	return true, nil
}

// begin stores a change and takes its rows, in one transaction; begun is nil where the
// bulk change isn't running any more, or somebody else has the rows.
func (r *runner) begin(ctx context.Context, part change.Change, rows []Row) (begun *change.Begun, err error) {
	tx, err := r.store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	places := make([]int, len(rows))
	for i, row := range rows {
		places[i] = row.N
	}
	taken, running, err := r.store.TakeRows(ctx, tx, r.c.ID, places, part.ID)
	if err != nil {
		return nil, err
	}
	if !running || taken != len(rows) {
		r.stop()
		return nil, nil
	}
	b, err := r.changes.Begin(ctx, tx, r.actor, part)
	if busy, is := errors.AsType[*change.Busy](err); is {
		return nil, r.inTheWay(ctx, tx, rows, busy)
	}
	if err != nil {
		return nil, err
	}
	return &b, tx.Commit()
}

// inTheWay puts the row aside for now about whose person another change is under way; one
// about whom it has ended since they were looked at is looked at anew. The others go into
// another call.
func (r *runner) inTheWay(ctx context.Context, tx portal.Tx, rows []Row, busy *change.Busy) error {
	if err := tx.Rollback(); err != nil {
		return err
	}
	aside := rows
	if busy.Row >= 0 && busy.Row < len(rows) {
		aside = rows[busy.Row : busy.Row+1]
	}
	switch {
	case !busy.Change.State.Settled():
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, row := range aside {
			r.aside[row.N] = true
		}
	case rows[0].Action == ToAdd:
		return r.settle(ctx, aside, Unsettled, Exists)
	}
	return nil // it is read anew the next time
}

func (r *runner) isAside(row Row) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.aside[row.N]
}

// settle stores how rows stand of which no call was made.
func (r *runner) settle(ctx context.Context, rows []Row, state RowState, code Code) error {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].State, rows[i].Code = state, code
	}
	return r.move(ctx, r.c.ID, Planned, rows)
}

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
