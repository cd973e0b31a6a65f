// Package change owns everything that changes Symphony.
//
// A change goes one way only: its intent is committed to the ledger, then Symphony is
// called, then the outcome is written. When the ledger can't be written nothing is
// sent. When Symphony's answer is lost the outcome is unknown, neither success nor
// failure, until reading Symphony has settled it: at once, later by a job, and again
// after a restart.
package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// Options are what an Engine is made of. All but Waker, Now and SettleGrace are
// required.
type Options struct {
	Symphony  *sapi.Client
	Store     Store
	Directory *directory.Directory // reads what is changed
	Logger    *slog.Logger
	Waker     Waker            // nil: nothing runs later; only for tests and tools
	Now       func() time.Time // nil: time.Now

	// SettleGrace is how long after a change was sent it may still take effect
	// at Symphony: before it has passed, 'not there' is not believed. Zero
	// means 30 s.
	SettleGrace time.Duration
}

// Waker has changes settled later, in this process or another one. A failure to wake
// is not fatal, because a sweep finds what was left.
type Waker interface {
	// SettleChange has Engine.Settle called for the change at the given time.
	SettleChange(ctx context.Context, changeID string, at time.Time) error
}

// Engine is the use cases of changing. It is safe for concurrent use.
type Engine struct {
	gate      portal.Gate
	symphony  *sapi.Client
	store     Store
	directory *directory.Directory
	waker     Waker
	now       func() time.Time
	log       *slog.Logger
	grace     time.Duration
}

// New gives the use cases over the given parts. It panics when a required one
// is missing, because that is a mistake in the wiring and not of the moment.
func New(o Options) *Engine {
	if o.Symphony == nil || o.Store == nil || o.Directory == nil || o.Logger == nil {
		panic("change.New: Symphony, Store, Directory and Logger are required")
	}
	e := &Engine{
		gate: portal.Gate{Ledger: o.Store}, symphony: o.Symphony, store: o.Store, directory: o.Directory,
		waker: o.Waker, now: o.Now, log: o.Logger, grace: o.SettleGrace,
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.grace == 0 {
		e.grace = 30 * time.Second
	}
	return e
}

const (
	// sendLimit bounds the call itself, waiting for a token and for Symphony's
	// leave to ask included. With afterCall it must stay below sentLost: who is
	// taken for lost must not send any more.
	sendLimit = 80 * time.Second
	// afterCall bounds what is done after Symphony was asked, when the person's
	// request may be over: the outcome must be written all the same.
	afterCall = 20 * time.Second
)

// call is one change at work: what to ask of Symphony, and what its answer
// means for the change.
type call struct {
	action ledger.Action
	// before and after are the ledger's values of the intent.
	before, after json.RawMessage
	// send asks Symphony; on success it fills in the change's result.
	send func(ctx context.Context, c *Change) error
	// confirm reads Symphony after a success; what it finds goes into the
	// change and into the outcome's After. Optional.
	confirm func(ctx context.Context, c *Change) json.RawMessage
}

// run takes a change from intent to outcome. The returned change tells how it
// ended; an error means that nothing was sent, or (ErrUnrecorded) that the end
// could not be written.
func (p *Engine) run(ctx context.Context, c Change, k call) (Change, error) {
	if !portal.ValidToken(c.Token) {
		return Change{}, portal.InvalidField("", "This form is out of date. Check what it says and send it again.")
	}
	now := p.now()
	c.ID, c.State, c.CreatedAt, c.UpdatedAt = uuid.NewString(), Sent, now, now
	c, err := p.store.BeginChange(ctx, c, event(c, k.action, ledger.Intent, k.before, k.after))
	if errors.Is(err, portal.ErrTokenUsed) {
		return c, nil
	} else if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}

	// From here on the change happens whether or not the browser stays.
	ctx = context.WithoutCancel(ctx)
	err = portal.Within(ctx, sendLimit, func(ctx context.Context) error { return k.send(ctx, &c) })
	ctx, cancel := context.WithTimeout(ctx, afterCall)
	defer cancel()

	outcome, after := ledger.Succeeded, k.after
	switch {
	case err == nil:
		c.State = Done
		if k.confirm != nil {
			if found := k.confirm(ctx, &c); found != nil {
				after = found
			}
		}
		switch {
		case c.State == Unknown:
			outcome = ledger.Unknown
		case len(c.People) > 0 && !slices.ContainsFunc(c.People, createdRow):
			outcome, c.Note = ledger.Failed, "Nobody was created."
		}
	case sapi.IsUnknownOutcome(err):
		c.State, outcome, after = Unknown, ledger.Unknown, nil
		c.Problem, c.Note = portal.ProblemOf(err), "The request was sent and Symphony’s answer was lost."
		setUnknown(c.People)
	default:
		c.State, outcome, after = Refused, ledger.Failed, nil
		c.Problem, c.Note = portal.ProblemOf(err), portal.Refusal(err)
	}
	if c.State == Unknown {
		c.UnknownAt = p.now()
	}
	c, err = p.finish(ctx, c, event(c, k.action, outcome, k.before, after))
	if err != nil || c.State != Unknown {
		return c, err
	}
	settled, _, err := p.settle(ctx, c)
	return settled, err
}

// finish writes how a change stands, with its outcome.
func (p *Engine) finish(ctx context.Context, c Change, outcomes ...ledger.Event) (Change, error) {
	c.UpdatedAt = p.now()
	if c.State.Settled() {
		c.SettledAt, c.NextTry = c.UpdatedAt, time.Time{}
	}
	stored, err := p.store.UpdateChange(ctx, c, outcomes...)
	if err != nil {
		p.log.ErrorContext(ctx, "change not recorded", "change", c.ID, "state", c.State, "error", err)
		return c, fmt.Errorf("%w: %w", ErrUnrecorded, err)
	}
	return stored, nil
}

// event is the ledger's line for a change.
func event(c Change, action ledger.Action, o ledger.Outcome, before, after json.RawMessage) ledger.Event {
	e := ledger.Event{
		Action: action, Outcome: o, Change: c.ID, Actor: c.Actor, Company: c.Company,
		Before: before, After: after, Reason: c.Reason, Ticket: c.Ticket, Note: c.Note,
	}
	if c.Problem != nil {
		e.Symphony = ledger.Symphony{Operation: c.Problem.Operation, Status: c.Problem.Status, Code: c.Problem.Code, TraceID: c.Problem.TraceID}
	}
	if c.User != (ledger.User{}) {
		e.Users = []ledger.User{c.User}
	}
	for _, row := range c.People {
		e.Users = append(e.Users, ledger.User{
			ID: row.UserID, Email: address.Key(row.Email), Name: portal.NewUserName(row.NewUser), Result: string(row.Outcome), Note: problemWords(row.Problem),
		})
	}
	return e
}

func problemWords(p *portal.Problem) string {
	if p == nil {
		return ""
	}
	return portal.RefusalOf(sapi.Code(p.Code), p.Detail)
}

// Change returns one change for its page, to whoever may see histories.
// ErrNotFound when there is none.
func (p *Engine) Change(ctx context.Context, a auth.Actor, id string) (Change, error) {
	if err := p.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return Change{}, err
	}
	c, err := p.store.Change(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	return c, err
}

// Open lists the changes that are not settled yet, oldest first, for the first
// page.
func (p *Engine) Open(ctx context.Context, a auth.Actor) ([]Change, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	open, err := p.store.UnsettledChanges(ctx, p.now())
	if err != nil {
		return nil, fmt.Errorf("list open changes: %w", err)
	}
	return open, nil
}

// AskedBy is who asked for a change, for other use cases: it checks no permission.
func (p *Engine) AskedBy(ctx context.Context, id string) (auth.Actor, error) {
	c, err := p.store.Change(ctx, id)
	return c.Actor, err
}
