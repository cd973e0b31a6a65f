package bulk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// Pause has no further call begun until somebody goes on. ErrNotNow when the bulk change
// isn't running.
func (s *Service) Pause(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	return s.control(ctx, a, id, func(_ portal.Tx, c *Change) (ledger.Action, error) {
		if c.State != Running {
			return "", ErrNotNow
		}
		c.State, c.PausedBy, c.Waits = Paused, auth.PersonOf(a), Waiting{}
		return ledger.PauseBulk, nil
	})
}

// Resume goes on with a bulk change that is paused.
func (s *Service) Resume(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	return s.control(ctx, a, id, func(_ portal.Tx, c *Change) (ledger.Action, error) {
		if c.State != Paused {
			return "", ErrNotNow
		}
		if c.Waits.Code == RoleWithdrawn {
			c.StartedBy = a // with whose rights it goes on
		}
		c.State, c.PausedBy, c.Waits = Running, auth.Person{}, Waiting{}
		return ledger.ResumeBulk, nil
	})
}

// Stop ends a bulk change that runs or is paused: no further call is begun, what was not
// sent is left out, and what is under way is settled.
func (s *Service) Stop(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	return s.control(ctx, a, id, func(tx portal.Tx, c *Change) (ledger.Action, error) {
		if c.State != Running && c.State != Paused {
			return "", ErrNotNow
		}
		c.State, c.StoppedBy, c.PausedBy, c.Waits = Stopped, auth.PersonOf(a), auth.Person{}, Waiting{}
		return ledger.StopBulk, s.store.LeaveOutPlanned(ctx, tx, id, NeverSent)
	})
}

// TakeBack makes a bulk change a draft again that is scheduled, or about to start. It isn't
// Discard, so that whoever says it twice, or when somebody else has said it, loses no list.
func (s *Service) TakeBack(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	return s.control(ctx, a, id, func(_ portal.Tx, c *Change) (ledger.Action, error) {
		if c.State != Scheduled && c.State != Starting {
			return "", ErrNotNow
		}
		c.State, c.At, c.Zone = Draft, time.Time{}, ""
		return ledger.UnscheduleBulk, nil
	})
}

// Discard ends a bulk change that was never started: it is kept as discarded, with what was
// in its rows erased.
func (s *Service) Discard(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	return s.control(ctx, a, id, func(tx portal.Tx, c *Change) (ledger.Action, error) {
		if !c.State.Open() {
			return "", ErrNotNow
		}
		return ledger.DiscardBulk, s.discard(ctx, tx, c)
	})
}

// discard ends a bulk change that was never started, and erases what was in its rows.
func (s *Service) discard(ctx context.Context, tx portal.Tx, c *Change) error {
	c.State, c.EndedAt, c.File.Samples = Discarded, s.clock(), nil
	return s.store.CutRows(ctx, tx, c.ID, 1)
}

// UnusedFor is for how long a bulk change that isn't started is kept without being used.
const UnusedFor = 30 * 24 * time.Hour

// Unused is the code with which the ledger has those that Foyer discarded itself.
const Unused = "unused"

// UnusedSince says since when nobody has changed or checked a bulk change that isn't started;
// zero for others.
func (c Change) UnusedSince() time.Time {
	if !c.State.Open() {
		return time.Time{}
	}
	return c.UpdatedAt
}

// DiscardUnused discards those that nobody started and nobody has used for UnusedFor. Jobs
// call it.
func (s *Service) DiscardUnused(ctx context.Context) error {
	before := s.clock().Add(-UnusedFor)
	ids, err := s.store.UnusedBulks(ctx, before)
	if err != nil {
		return fmt.Errorf("discard unused bulk changes: %w", err)
	}
	for _, id := range ids {
		_, err := s.update(ctx, id, func(tx portal.Tx, c *Change) ([]ledger.Event, error) {
			if !c.State.Open() || c.UpdatedAt.After(before) {
				return nil, ErrNotNow // somebody uses it just now
			}
			event := s.event(*c, s.system(*c), ledger.DiscardBulk, ledger.Succeeded, nil)
			event.Code = Unused
			return []ledger.Event{event}, s.discard(ctx, tx, c)
		})
		if err != nil && !errors.Is(err, ErrNotNow) {
			return fmt.Errorf("discard unused bulk changes: %w", err)
		}
	}
	return nil
}

// control does what somebody says about a bulk change that is under way. Everybody may who
// may make one of its kind.
func (s *Service) control(ctx context.Context, a auth.Actor, id int64, do func(tx portal.Tx, c *Change) (ledger.Action, error)) (Change, error) {
	seen, err := s.Get(ctx, a, id)
	if err != nil {
		return Change{}, err
	}
	if err := s.require(ctx, a, seen.Kind, seen.Company); err != nil {
		return Change{}, err
	}
	return s.update(ctx, id, func(tx portal.Tx, c *Change) ([]ledger.Event, error) {
		action, err := do(tx, c)
		if err != nil {
			return nil, err
		}
		return []ledger.Event{s.event(*c, a, action, ledger.Succeeded, nil)}, nil
	})
}

// event is the ledger's line about a bulk change.
func (s *Service) event(c Change, a auth.Actor, action ledger.Action, o ledger.Outcome, after []byte) ledger.Event {
	a.RequestID = RequestID(c.ID)
	e := ledger.Event{Action: action, Outcome: o, Actor: a, Company: c.Company, After: after, Code: string(c.Kind)}
	if c.Company.ID == "" && c.Kind == Onboard {
		e.Company.Name = c.NewCompany.Name
	}
	if action == ledger.StartBulk || action == ledger.ScheduleBulk {
		e.Reason, e.Ticket = c.Reason, c.Ticket
	}
	return e
}

// actorOf is with whose rights the calls of a bulk change are made, and in whose name.
func (s *Service) actorOf(c Change) auth.Actor {
	a := c.StartedBy
	a.RequestID = RequestID(c.ID)
	return a
}

// system is Foyer itself, at work for a bulk change.
func (s *Service) system(c Change) auth.Actor { return auth.System("bulk", RequestID(c.ID)) }

// Again makes a new bulk change of those rows that came to no good and may go well the next
// time: refused ones, and such as could not be found out or were never sent, but for those in
// which something has to be mended. portal.Invalid with portal.NoRows when there are none.
func (s *Service) Again(ctx context.Context, a auth.Actor, id int64, token string) (Change, error) {
	return s.another(ctx, a, id, token, func(c Change) (Kind, Filter) {
		return c.Kind, Filter{MayGoWell: true}
	})
}

// Undo makes a new bulk change that enables those whom one disabled.
func (s *Service) Undo(ctx context.Context, a auth.Actor, id int64, token string) (Change, error) {
	return s.another(ctx, a, id, token, func(Change) (Kind, Filter) {
		return Enable, Filter{States: []RowState{Disabled}}
	})
}

// another makes a new bulk change of some rows of one that is over.
func (s *Service) another(ctx context.Context, a auth.Actor, id int64, token string, of func(Change) (Kind, Filter)) (Change, error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return Change{}, err
	}
	kind, filter := of(c)
	if kind == Onboard && c.Company.ID != "" {
		kind = Create // the company is there
	}
	if err := s.require(ctx, a, kind, c.Company); err != nil {
		return Change{}, err
	}
	if !c.State.Over() {
		return Change{}, ErrNotNow
	}
	rows, err := s.store.Rows(ctx, id, filter, 0, 0)
	if err != nil {
		return Change{}, err
	}
	if len(rows) == 0 {
		return Change{}, portal.InvalidField("", portal.Fault{Code: portal.NoRows})
	}
	if kind != Reconcile {
		for i := range rows {
			rows[i].Line = max(rows[i].Line, 1) // of this one's list
		}
	}
	now := s.clock()
	next := Change{
		Kind: kind, State: Checking, Token: token, Company: c.Company, NewCompany: c.NewCompany, Domains: c.Domains, Of: c.ID, Rows: inList(rows),
		File: c.File, Columns: c.Columns, UploadedBy: a, EnableDisabled: c.EnableDisabled, CreatedAt: now, UpdatedAt: now,
		Digest: strings.Join([]string{"of", RequestID(c.ID), string(kind), token}, " "),
	}
	if kind != c.Kind && kind == Enable {
		next.byID(rows)
	}
	for i := range rows {
		rows[i] = Row{N: i + 1, Line: rows[i].Line, Cells: rows[i].Cells, State: Planned, NewUser: rows[i].NewUser, UserID: rows[i].UserID, Decision: again(kind, rows[i])}
	}
	return s.insert(ctx, a, next, rows)
}

// inList counts the rows that the list has.
func inList(rows []Row) int {
	n := 0
	for _, r := range rows {
		if r.Line > 0 {
			n++
		}
	}
	return n
}

// again is what was decided about a row, for another go: a leaver who was to be disabled
// still is.
func again(k Kind, r Row) Decision {
	if k == Reconcile && r.Line == 0 {
		return In
	}
	return Undecided
}

// byID gives a bulk change columns of its own, which name people by their ids.
func (c *Change) byID(rows []Row) {
	c.Columns = selectionColumns()
	for i, r := range rows {
		rows[i].Cells = []string{r.Email, r.UserID, c.Company.Name}
	}
	c.File.Headed, c.File.Selected, c.File.Name = true, true, ""
}
