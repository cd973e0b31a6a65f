package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// Option says how a change is proposed.
type Option func(*Change)

// ForApproval proposes a change that waits until somebody approves it.
func ForApproval() Option { return func(c *Change) { c.State = Proposed } }

// NotBefore proposes a change that is sent at a time, or later.
func NotBefore(at time.Time) Option { return func(c *Change) { c.From = at } }

// NotAfter proposes a change that expires unless it was sent by a time.
func NotAfter(at time.Time) Option { return func(c *Change) { c.Before = at } }

// Propose stores a change that is ready to be sent, with its intent in the ledger
// and the job that executes it: all in one transaction, the given one, or one of
// its own where tx is nil. Whoever gave the transaction rolls it back after an error.
//
// The change must have its Kind, Token and what it is about. Where the token was used
// before, the earlier change is returned with portal.ErrTokenUsed, or portal.Invalid
// if that one is about something else, or somebody else's; where another change of the same subject is not
// settled, the error is Busy; where the actor may not ask for it, portal.Forbidden. Any
// other error wraps portal.ErrLedger: nothing was stored, and nothing is sent.
func (e *Engine) Propose(ctx context.Context, tx portal.Tx, a auth.Actor, c Change, options ...Option) (Change, error) {
	if err := e.require(ctx, a, c.Kind.Permission(), c.Company); err != nil {
		return Change{}, err
	}
	if !portal.ValidToken(c.Token) {
		return Change{}, outOfDate()
	}
	now := e.clock()
	c.ID, c.State, c.Actor, c.CreatedAt, c.UpdatedAt, c.Subject = uuid.NewString(), Queued, a, now, now, SubjectOf(c)
	for _, option := range options {
		option(&c)
	}
	c.Due = e.dueOf(c)
	if tx != nil {
		return e.propose(ctx, tx, c)
	}
	tx, err := e.store.Begin(ctx)
	if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	defer func() { _ = tx.Rollback() }()
	c, err = e.propose(ctx, tx, c)
	if err != nil {
		return c, err
	}
	if err := tx.Commit(); err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return c, nil
}

// usedFor returns the change to which the form that asks for a change led before;
// used is false when it is sent for the first time. portal.Invalid when it may only be
// sent again, and when that change is about something else or was asked for by somebody
// else: its result would say what was not done to anybody here.
func (e *Engine) usedFor(ctx context.Context, a auth.Actor, asked Change, again bool) (earlier Change, used bool, err error) {
	asked.Actor = a
	earlier, err = e.store.ChangeByToken(ctx, asked.Token)
	switch {
	case err != nil && again && !errors.Is(err, portal.ErrNotStored):
		return Change{}, false, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	case err != nil && !again:
		return Change{}, false, nil // storing the change finds out again
	case err != nil, !sameForm(earlier, asked):
		return Change{}, false, outOfDate()
	}
	return earlier, true, nil
}

// sameForm says whether two changes with one token are one form, sent twice by the same
// person.
func sameForm(a, b Change) bool {
	return a.Kind == b.Kind && a.Actor.Issuer == b.Actor.Issuer && a.Actor.Subject == b.Actor.Subject && SubjectOf(a) == SubjectOf(b) &&
		(a.Kind == CreateCompany || strings.EqualFold(a.Company.ID, b.Company.ID)) &&
		slices.EqualFunc(a.People, b.People, func(x, y Row) bool { return address.Key(x.Email) == address.Key(y.Email) })
}

// outOfDate says that a form's token is good for nothing any more.
func outOfDate() error { return portal.InvalidField("", portal.Fault{Code: portal.OutOfDate}) }

// dueOf is when a job has to look after a change that was not sent yet: when it may
// be sent or, where whoever proposed it sends it as well, when they must have failed.
func (e *Engine) dueOf(c Change) time.Time {
	switch {
	case c.State == Proposed:
		return c.Before // zero: a proposal waits for ever
	case !c.Before.IsZero():
		return c.Before.Add(time.Second)
	case c.From.IsZero():
		return c.CreatedAt
	}
	return c.From
}

func (e *Engine) propose(ctx context.Context, tx portal.Tx, c Change) (Change, error) {
	stored, err := e.store.InsertChange(ctx, tx, c)
	if errors.Is(err, portal.ErrTokenUsed) && !sameForm(stored, c) {
		return Change{}, outOfDate()
	}
	if _, busy := errors.AsType[*Busy](err); busy || errors.Is(err, portal.ErrTokenUsed) {
		return stored, err
	}
	if err == nil {
		outcome := ledger.Intent
		if stored.State == Proposed {
			outcome = ledger.Proposed
		}
		err = e.store.Append(ctx, tx, e.event(stored, outcome))
	}
	if err == nil {
		err = e.schedule(ctx, tx, stored)
	}
	if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return stored, nil
}

// schedule has a job execute the change when it is due.
func (e *Engine) schedule(ctx context.Context, tx portal.Tx, c Change) error {
	if c.Due.IsZero() {
		return nil
	}
	return e.scheduler.Schedule(ctx, tx, portal.Job{Kind: JobKind, ID: c.ID, Turn: c.Version, At: c.Due})
}

// event is the ledger's line for a change that is asked for.
func (e *Engine) event(c Change, o ledger.Outcome) ledger.Event {
	var v values
	if operation, known := e.operations[c.Kind]; known {
		v.before, v.after = operation.Values(c)
	}
	return event(c, o, v)
}

// clock is the time as the store keeps it.
func (e *Engine) clock() time.Time { return e.now().UTC().Truncate(time.Microsecond) }

// Approve lets a proposed change be sent. The intent in the ledger is whoever
// approves it; the proposal before it has who asked. ErrStale when it is not
// proposed any more.
func (e *Engine) Approve(ctx context.Context, a auth.Actor, id string) (Change, error) {
	return e.decide(ctx, a, id, Queued, "", []State{Proposed})
}

// Decline ends a proposed change without sending it.
func (e *Engine) Decline(ctx context.Context, a auth.Actor, id, reason string) (Change, error) {
	return e.decide(ctx, a, id, Declined, reason, []State{Proposed})
}

// Cancel takes a change back that was not sent yet.
func (e *Engine) Cancel(ctx context.Context, a auth.Actor, id, reason string) (Change, error) {
	return e.decide(ctx, a, id, Cancelled, reason, []State{Proposed, Queued})
}

// decide moves a change that was not sent on, on somebody's word.
func (e *Engine) decide(ctx context.Context, a auth.Actor, id string, to State, reason string, from []State) (Change, error) {
	c, err := e.Get(ctx, a, id)
	if err != nil {
		return Change{}, err
	}
	if err := e.require(ctx, a, c.Kind.Permission(), c.Company); err != nil {
		return Change{}, err
	}
	allowed := false
	for _, s := range from {
		allowed = allowed || c.State == s
	}
	if !allowed {
		return c, fmt.Errorf("decide on a change: %w", ErrStale)
	}
	c.State, c.Due = to, time.Time{}
	outcome := ledger.Failed
	switch to {
	case Queued:
		outcome, c.Due = ledger.Intent, e.clock()
	case Declined:
		c.Code = DeclinedByPerson
	default:
		c.Code = CancelledByActor
	}
	line := e.event(c, outcome)
	line.Actor = a
	if reason = strings.TrimSpace(reason); reason != "" {
		line.Reason = reason
	}
	return e.saveUnsent(ctx, e.times.sendWithin, c, line)
}
