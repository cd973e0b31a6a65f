package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sapi"
)

// Options are what a Portal is made of. Symphony, Store and Logger are required.
type Options struct {
	Symphony *sapi.Client
	Store    Store
	Waker    Waker            // nil: nothing runs later; only for tests and tools
	Now      func() time.Time // nil: time.Now
	Logger   *slog.Logger

	// SettleGrace is how long after a change was sent it may still take effect
	// at Symphony: before it has passed, 'not there' is not believed. Zero
	// means 30 s.
	SettleGrace time.Duration
	// BuildTime is how long Symphony says that a company usually takes. Zero
	// means 20 minutes.
	BuildTime time.Duration
}

// Waker runs something later, in this process or another one. Main
// implements it with package jobs; a failure to wake is not fatal, because a sweep
// finds what was left.
type Waker interface {
	// SettleChange has Portal.Settle called for the change at the given time.
	SettleChange(ctx context.Context, changeID string, at time.Time) error
	// WatchCompany has Portal.WatchCompany called for the company at the given
	// time.
	WatchCompany(ctx context.Context, companyID string, at time.Time) error
	// PrepareReview has Portal.PrepareReview called for the access review at the
	// given time.
	PrepareReview(ctx context.Context, reviewID int64, at time.Time) error
}

// Portal is the use cases. It is safe for concurrent use.
type Portal struct {
	symphony *sapi.Client
	store    Store
	waker    Waker
	now      func() time.Time
	log      *slog.Logger
	grace    time.Duration
	build    time.Duration

	health healthCache
	list   singleflight.Group // the reading of the company list
}

// New gives the use cases over the given parts. It panics when a required one
// is missing, because that is a mistake in the wiring and not of the moment.
func New(o Options) *Portal {
	if o.Symphony == nil || o.Store == nil || o.Logger == nil {
		panic("portal.New: Symphony, Store and Logger are required")
	}
	p := &Portal{
		symphony: o.Symphony, store: o.Store, waker: o.Waker, now: o.Now, log: o.Logger,
		grace: o.SettleGrace, build: o.BuildTime,
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.grace == 0 {
		p.grace = 30 * time.Second
	}
	if p.build == 0 {
		p.build = 20 * time.Minute
	}
	return p
}

// Forbidden says that the actor's roles don't allow what was asked.
type Forbidden struct{ Permission auth.Permission }

// Error names the missing permission.
func (e *Forbidden) Error() string { return "not allowed: " + string(e.Permission) }

// ErrNotFound says that Symphony, or Foyer, has nothing by that id.
var ErrNotFound = errors.New("not found")

// ErrCompanyUnavailable says that Symphony knows no such company, or that the
// company is not ready: Symphony gives both the same code.
var ErrCompanyUnavailable = errors.New("company missing or not ready")

// ErrOther says that Symphony answered about another company or person than was
// asked for: nothing of it is believed, kept or acted on.
var ErrOther = errors.New("the answer is about another than was asked for")

// ErrUnrecorded says that a change reached Symphony and its outcome could not
// be written to the ledger: the change is settled again later.
var ErrUnrecorded = errors.New("outcome not recorded")

// ErrLedger says that the ledger could not be written, and that therefore
// nothing was sent to Symphony.
var ErrLedger = errors.New("ledger not writable")

// Invalid says what is wrong with the input of a change, field by field.
type Invalid struct{ Fields []FieldError }

// FieldError is one problem with one field, in words for people.
type FieldError struct {
	Field   string // the form field's name
	Message string
}

// Error counts the problems; the words are for the form.
func (e *Invalid) Error() string { return fmt.Sprintf("invalid input: %d problems", len(e.Fields)) }

// require returns Forbidden, and puts the refusal in the ledger, when the actor
// may not do what needs p.
func (p *Portal) require(ctx context.Context, a auth.Actor, perm auth.Permission, about ledger.Company) error {
	if a.Can(perm) {
		return nil
	}
	return errors.Join(&Forbidden{perm}, p.store.Record(ctx, ledger.Event{
		Action: ledger.Denied, Outcome: ledger.Failed, Actor: a, Company: about, Note: "needs: " + string(perm),
	}))
}

// Deny records that a route's permission was refused and returns the refusal:
// the way for callers that check before the use case is reached.
func (p *Portal) Deny(ctx context.Context, a auth.Actor, perm auth.Permission) error {
	return p.require(ctx, a, perm, ledger.Company{})
}
