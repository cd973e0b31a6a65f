package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/safely"
)

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
	for range r.atOnce + cap(r.ahead) {
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

// place is that of a call among those that are under way.
type place struct {
	calls chan struct{}
	taken bool
}

func (p *place) take(ctx context.Context) error {
	if p.taken {
		return nil
	}
	select {
	case p.calls <- struct{}{}:
		p.taken = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *place) free() {
	if p.taken {
		<-p.calls
		p.taken = false
	}
}

// makeOne makes the call for some rows, when it is its turn. Where calls are quick it is
// begun while those before it are under way; else it would be too late to send it when
// there is a place, and where they fail there had better be few.
func (r *runner) makeOne(ctx context.Context, rows []Row) {
	if r.pace.Wait(ctx) != nil {
		return
	}
	select {
	case r.ahead <- struct{}{}:
	case <-ctx.Done():
		return
	}
	sending := sync.OnceFunc(func() { <-r.ahead })
	defer sending()
	p := place{calls: r.calls}
	defer p.free()
	if ctx.Err() != nil || (rows[0].Action != ToAdd || !r.areQuick.Load()) && p.take(ctx) != nil {
		return
	}
	made, err := r.call(ctx, rows, &p, sending)
	switch {
	case err == nil && made != nil:
		r.answered(*made)
	case err != nil && ctx.Err() == nil:
		r.broke(ctx, err)
	}
}

// call begins and makes the change for some rows; made is nil where there was none to
// make. sending is called when it is sent.
func (r *runner) call(ctx context.Context, rows []Row, p *place, sending func()) (made *change.Change, err error) {
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
	_ = p.take(context.WithoutCancel(ctx)) // what is begun is sent, whoever has said to stop meanwhile
	sending()
	at := r.now()
	var took time.Duration
	done, err := r.changes.Make(ctx, *begun, func() {
		took = r.now().Sub(at)
		p.free()
	})
	r.areQuick.Store(err == nil && done.State == change.Done && took < r.quick)
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
	case errors.Is(err, portal.ErrNotFound):
		return false, r.settle(ctx, []Row{row}, Refused, NotFound)
	case err != nil && r.c.Company.ID == "" && errors.Is(portal.NotFound(err), portal.ErrCompanyUnavailable):
		return false, r.settle(ctx, []Row{row}, Refused, NoCompany)
	case err != nil:
		return false, err
	case user.Status == part.Kind.StatusWanted():
		return false, r.settle(ctx, []Row{row}, AlreadyThere, there)
	}
	part.User = ledger.User{ID: user.ID, Email: user.Email, Name: portal.UserName(user.User)}
	part.Seen = change.Seen{At: at, Status: user.Status}
	return true, nil
}

// errNotTaken says that the rows of a call are not to be had any more.
var errNotTaken = errors.New("rows not taken")

// begin stores a change and takes its rows, in one transaction; begun is nil where the
// bulk change isn't running any more, or somebody else has the rows.
func (r *runner) begin(ctx context.Context, part change.Change, rows []Row) (begun *change.Begun, err error) {
	places := make([]int, len(rows))
	for i, row := range rows {
		places[i] = row.N
	}
	b, err := r.changes.Begin(ctx, r.actor, part, func(ctx context.Context, tx portal.Tx) error {
		taken, running, err := r.store.TakeRows(ctx, tx, r.c.ID, places, part.ID)
		if err == nil && (!running || taken != len(rows)) {
			err = errNotTaken
		}
		return err
	})
	if busy, is := errors.AsType[*change.Busy](err); is {
		return nil, r.inTheWay(ctx, rows, busy)
	}
	if errors.Is(err, errNotTaken) {
		r.stop()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// inTheWay puts the row aside for now about whose person another change is under way; one
// about whom it has ended since they were looked at is looked at anew. The others go into
// another call.
func (r *runner) inTheWay(ctx context.Context, rows []Row, busy *change.Busy) error {
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
