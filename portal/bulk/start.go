package bulk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
)

// StartRequest starts what was planned.
type StartRequest struct {
	Plan           string // the Plan that was seen
	Reason, Ticket string
	At             time.Time // zero: now
	Zone           string    // in which At was said
	Typed          string    // what had to be typed; see Change.Asks
}

// Asks says what has to be typed before a plan is started that disables people; empty
// where nothing has to. wrongFile says that these are so many of the company's people that
// it may be the wrong file.
func (s *Service) Asks(c Change) (typed string, wrongFile bool) {
	const few = 5
	n := c.Sums.To(ToBar)
	if n <= few && (c.Listed == 0 || n*100 <= c.Listed*s.share) {
		return "", false
	}
	return "disable " + strconv.Itoa(n), c.Listed > 0 && n*100 > c.Listed*s.share
}

// Share is the part of a company's people, in percent, from which on Asks takes a list
// for the wrong one.
func (s *Service) Share() int { return s.share }

// Start starts a bulk change as it was planned, now or at a time. portal.Invalid says what
// is wrong with the form, ErrStale that the plan is another one than was seen, ErrNotNow
// that it can't be started in its state. Before the first call it is looked at once more
// whether the world is still as it was planned for.
func (s *Service) Start(ctx context.Context, a auth.Actor, id int64, r StartRequest) (Change, error) {
	seen, err := s.Get(ctx, a, id)
	if err != nil {
		return Change{}, err
	}
	if err := s.require(ctx, a, seen.Kind, seen.Company); err != nil {
		return Change{}, err
	}
	r.Reason, r.Ticket, r.Typed = strings.TrimSpace(r.Reason), strings.TrimSpace(r.Ticket), strings.TrimSpace(r.Typed)
	var problems portal.FieldErrors
	problems.Add("reason", portal.CheckReason(r.Reason))
	problems.Add("ticket", portal.CheckTicket(r.Ticket))
	problems.Add("at", s.checkTime(r.At))
	if asked, _ := s.Asks(seen); asked != "" && !strings.EqualFold(r.Typed, asked) {
		problems.Add("typed", portal.Fault{Code: portal.NotTyped, Value: asked})
	}
	if len(problems) > 0 {
		return seen, &portal.Invalid{Fields: problems}
	}
	return s.update(ctx, id, func(_ portal.Tx, c *Change) ([]ledger.Event, error) {
		switch {
		case c.State != Draft || c.Plan == "" || c.File.Proposed || seen.Sums.In(Planned) == 0 && c.Kind != Onboard:
			return nil, ErrNotNow
		case c.Plan != r.Plan || c.Version != seen.Version:
			return nil, ErrStale
		}
		c.State, c.StartedBy, c.Reason, c.Ticket, c.At, c.Zone, c.Differs = Starting, a, r.Reason, r.Ticket, r.At, r.Zone, 0
		action := ledger.StartBulk
		if !r.At.IsZero() {
			c.State, action = Scheduled, ledger.ScheduleBulk
		}
		return []ledger.Event{s.event(*c, a, action, ledger.Intent, c.planned(seen.Sums))}, nil
	})
}

// farthest is how far ahead a bulk change can be scheduled.
const farthest = 90 * 24 * time.Hour

// checkTime says what is wrong with the time at which a bulk change is to start.
func (s *Service) checkTime(at time.Time) portal.Fault {
	switch now := s.clock(); {
	case at.IsZero():
		return portal.Fault{}
	case at.Before(now):
		return portal.Fault{Code: portal.TimeOver}
	case at.After(now.Add(farthest)):
		return portal.Fault{Code: portal.TimeTooFar, Day: now.Add(farthest)}
	}
	return portal.Fault{}
}

// startedLate is how late a bulk change starts by itself at the most: who chose a time for it
// doesn't expect it days after.
const startedLate = time.Hour

// begin compares a bulk change that is to be started once more, and has it run unless
// something differs.
func (s *Service) begin(ctx context.Context, c Change) (again time.Duration, err error) {
	if c.State == Scheduled && s.now().Sub(c.At) > startedLate {
		return s.backToDraft(ctx, c, Waiting{Code: MissedStart, At: s.clock()}, nil)
	}
	if err := s.changes.May(ctx, c.StartedBy, c.firstKind()); err != nil {
		if _, withdrawn := errors.AsType[*change.SupersededError](err); !withdrawn {
			return 0, fmt.Errorf("start bulk change: %w", err)
		}
		return s.backToDraft(ctx, c, Waiting{Code: RoleWithdrawn, At: s.clock()}, nil)
	}
	result, err := s.compare(ctx, c, 0)
	if errors.Is(err, errTooMany) {
		return s.tooMany(ctx, c)
	}
	if err != nil {
		waits, wait, ofSymphony := s.waitingFor(err)
		switch {
		case !ofSymphony || ctx.Err() != nil:
			return 0, fmt.Errorf("start bulk change: %w", err)
		case waits.Code == CompanyGone:
			return s.backToDraft(ctx, c, waits, nil)
		}
		return wait, nil
	}
	before, err := s.store.Rows(ctx, c.ID, Filter{}, 0, 0)
	if err != nil {
		return 0, fmt.Errorf("start bulk change: %w", err)
	}
	if differing := differing(before, result.rows); len(differing) > 0 || result.change.Plan != c.Plan {
		return s.backToDraft(ctx, result.change, Waiting{}, differing)
	}
	// What else is known by now, such as that somebody who is there has been disabled, is told.
	if err = s.keep(ctx, c, result.moved); err == nil {
		err = s.setRunning(ctx, c, result)
	}
	if errors.Is(err, ErrStale) {
		return 0, nil
	}
	return 0, err
}

// setRunning has a bulk change run that was compared once more.
func (s *Service) setRunning(ctx context.Context, c Change, result checked) error {
	_, err := s.update(ctx, c.ID, func(_ portal.Tx, now *Change) ([]ledger.Event, error) {
		if now.Version != c.Version {
			return nil, ErrStale
		}
		now.CheckedAt, now.Domains, now.Listed, now.Company = result.change.CheckedAt, result.change.Domains, result.change.Listed, result.change.Company
		now.State, now.StartedAt, now.At, now.Waits = Running, s.clock(), time.Time{}, Waiting{}
		return []ledger.Event{s.event(*now, s.system(*now), ledger.StartBulk, ledger.Succeeded, now.planned(sumsOf(result.rows)))}, nil
	})
	return err
}

// differing are the rows of which something else is to be done than was planned, with
// what that was.
func differing(before, rows []Row) []Row {
	var differ []Row
	for i, r := range rows {
		was := RowState("")
		if i < len(before) {
			if b := before[i]; b.State == r.State && b.Action == r.Action && b.UserID == r.UserID && b.NewUser == r.NewUser {
				continue
			}
			was = before[i].State
		}
		r.Facts.Was = was
		if was == "" {
			r.Facts.Was = LeftOut // a leaver who has come since
		}
		differ = append(differ, r)
	}
	return differ
}

// backToDraft ends the start of a bulk change for which something differs, or of which
// whoever started it must hear.
func (s *Service) backToDraft(ctx context.Context, c Change, why Waiting, differing []Row) (time.Duration, error) {
	if err := s.keep(ctx, c, differing); errors.Is(err, ErrStale) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("start bulk change: %w", err)
	}
	version := c.Version
	_, err := s.update(ctx, c.ID, func(_ portal.Tx, now *Change) ([]ledger.Event, error) {
		if now.Version != version {
			return nil, ErrStale
		}
		*now = c
		now.State, now.Differs, now.Trouble, now.At = Draft, max(len(differing), 1), why, time.Time{}
		event := s.event(*now, s.system(*now), ledger.StartBulk, ledger.Failed, portal.Values("rowsThatDiffer", strconv.Itoa(len(differing))))
		event.Code = "stale-plan"
		if why.Code != "" {
			event.Code = string(why.Code)
		}
		return []ledger.Event{event}, nil
	})
	if errors.Is(err, ErrStale) {
		return 0, nil
	}
	return 0, err
}

func sumsOf(rows []Row) Sums {
	counted := map[Sum]int{}
	for _, r := range rows {
		counted[Sum{State: r.State, Action: r.Action, Code: r.Code}]++
	}
	var sums Sums
	for sum, n := range counted {
		sum.N = n
		sums = append(sums, sum)
	}
	return sums
}
