package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// JobKind is the kind of the jobs that execute changes; Execute does them.
const JobKind = "change"

// The times that keep a change from being sent twice or taken for lost too early.
// Their order is what counts: a claim that is older than sendWithin is not sent any
// more, an answer is waited for until answerWithin after the claim, and only after
// lostAfter does another process take the sender for lost.
const (
	sendWithin   = 5 * time.Second
	answerWithin = 36 * time.Second
	lostAfter    = 40 * time.Second
)

// times are these times, as an engine has them.
type times struct{ sendWithin, answerWithin, lostAfter time.Duration }

const (
	// confirmWithin bounds the reading after a yes.
	confirmWithin = 15 * time.Second
	// recordWithin bounds the writing of an outcome: longer than a database takes to
	// be started again.
	recordWithin = 20 * time.Second
	// giveUp is after how long of asking in vain a person must look.
	giveUp = 24 * time.Hour
)

// Options are what an Engine is made of. All but Roles, Now and Grace are required.
type Options struct {
	Symphony  *sapi.Client
	Directory *directory.Directory
	Store     Store
	Scheduler portal.Scheduler
	Gate      portal.Gate
	Logger    *slog.Logger
	// Roles tells the roles that somebody has now, as far as they are known. Nil:
	// those with which a change was asked for count.
	Roles func(ctx context.Context, issuer, subject string) (roles auth.Roles, known bool, err error)
	Now   func() time.Time // nil: time.Now
	// Moved is told how the changes stand that are parts of bulk changes, in the
	// transaction that stores it. Nil: nobody is.
	Moved func(ctx context.Context, tx portal.Tx, c Change) error
	// Grace is for how long after an answer was lost a change may still take effect
	// at Symphony, or not be shown by it yet. Zero means 90 s.
	Grace time.Duration
	// Hurry makes the times shorter, by so many, that keep a change from being sent twice
	// while its process may be alive: for tests in which processes die. Zero means 1.
	Hurry int
}

// Engine makes changes at Symphony. It is safe for concurrent use, in several
// processes over one database.
type Engine struct {
	symphony   *sapi.Client
	directory  *directory.Directory
	store      Store
	scheduler  portal.Scheduler
	gate       portal.Gate
	log        *slog.Logger
	roles      func(ctx context.Context, issuer, subject string) (auth.Roles, bool, error)
	now        func() time.Time
	moved      func(ctx context.Context, tx portal.Tx, c Change) error
	grace      time.Duration
	times      times
	operations map[Kind]Operation
	listings   listings
	gatherer   *gatherer
}

// New gives the engine over the given parts, with all of Symphony's operations.
func New(o Options) *Engine {
	e := &Engine{
		symphony: o.Symphony, directory: o.Directory, store: o.Store, scheduler: o.Scheduler, gate: o.Gate, log: o.Logger,
		roles: o.Roles, now: o.Now, moved: o.Moved, grace: o.Grace, operations: map[Kind]Operation{}, gatherer: newGatherer(o.Store),
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.grace == 0 {
		e.grace = 90 * time.Second
	}
	hurry := time.Duration(max(o.Hurry, 1))
	e.times = times{sendWithin / hurry, answerWithin / hurry, lostAfter / hurry}
	e.listings = listings{read: e.readPeople, now: e.now}
	for _, o := range []Operation{
		&createCompany{e}, &addDomains{e}, &createUsers{e}, &setStatus{e, DisableUser}, &setStatus{e, EnableUser},
	} {
		e.operations[o.Kind()] = o
	}
	return e
}

// Operation is one of Symphony's changing calls. Everything that an operation needs
// to know of a change is in the change, so that any process can go on with it.
type Operation interface {
	// Kind is the kind of change that it makes.
	Kind() Kind
	// Values are what a change sets out from and is to lead to, for the ledger.
	Values(c Change) (before, after json.RawMessage)
	// Check says whether the world still allows what was asked: SupersededError when it
	// doesn't, another error when that can't be told now. A change that was seen a
	// moment ago need not be read again: fresh says so.
	Check(ctx context.Context, c *Change, fresh bool) error
	// Send asks Symphony once, and notes its answer in the change.
	Send(ctx context.Context, c *Change) error
	// Confirm reads what Symphony shows after a yes.
	Confirm(ctx context.Context, c *Change) Finding
	// LookFor reads whether a change took effect whose answer was lost. The error is
	// Symphony's, when it can't be read.
	LookFor(ctx context.Context, c *Change, l Look) (Finding, error)
	// Credit holds what was found against the other changes, in the transaction that
	// is to settle this one: two can't both have made one thing.
	Credit(ctx context.Context, tx portal.Tx, c *Change, f Finding) (Finding, error)
}

// Finding is what reading Symphony says of a change.
type Finding struct {
	Verdict Verdict
	Code    Code            // empty leaves the change's own
	After   json.RawMessage // what Symphony shows, for the ledger; nil: nothing new
}

// Verdict says whether a change took effect.
type Verdict int8

// The verdicts.
const (
	CantTell Verdict = iota
	Applied
	Absent
)

// Look says how thoroughly to look for a change.
type Look struct {
	// Since is the last look: what was read before it brings nothing new.
	Since time.Time
	// Last says that an absence would be believed now, so that all must be read.
	Last bool
}

// SupersededError says that the world had changed before a change was sent, so that
// nothing was.
type SupersededError struct {
	Code Code
	Now  sapi.Status // with StatusMoved
}

// Error names the reason.
func (e *SupersededError) Error() string { return "superseded: " + string(e.Code) }

// ErrUnrecorded says that a change reached Symphony and its outcome could not be
// written: Symphony is read for it later.
var ErrUnrecorded = errors.New("outcome not recorded")

// values are the ledger's values of an event.
type values struct{ before, after json.RawMessage }

// require refuses what the actor may not do, and records the refusal.
func (e *Engine) require(ctx context.Context, a auth.Actor, p auth.Permission, about ledger.Company) error {
	return e.gate.Require(ctx, a, p, about)
}

// Get returns one change for its page, to whoever may see histories.
// portal.ErrNotFound when there is none.
func (e *Engine) Get(ctx context.Context, a auth.Actor, id string) (Change, error) {
	if err := e.require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return Change{}, err
	}
	c, err := e.store.Change(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	if err != nil {
		return Change{}, fmt.Errorf("read change: %w", err)
	}
	return c, nil
}

// Unsettled returns up to limit changes that are not settled, the last touched
// first, and how many there are in all.
func (e *Engine) Unsettled(ctx context.Context, a auth.Actor, limit int) (changes []Change, total int, err error) {
	if err := e.require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, 0, err
	}
	changes, total, err = e.store.UnsettledChanges(ctx, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("list unsettled changes: %w", err)
	}
	return changes, total, nil
}

// UnsettledStatus returns the change of a person's status that is not settled; found is
// false when there is none.
func (e *Engine) UnsettledStatus(ctx context.Context, a auth.Actor, companyID, userID string) (c Change, found bool, err error) {
	if err := e.require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return Change{}, false, err
	}
	c, err = e.store.UnsettledOf(ctx, SubjectOf(Change{Kind: DisableUser, Company: ledger.Company{ID: companyID}, User: ledger.User{ID: userID}}))
	if errors.Is(err, portal.ErrNotStored) {
		return Change{}, false, nil
	}
	if err != nil {
		return Change{}, false, fmt.Errorf("find unsettled change: %w", err)
	}
	return c, true, nil
}

// AskedBy is who asked for a change, for other use cases: it checks no permission.
func (e *Engine) AskedBy(ctx context.Context, id string) (auth.Actor, error) {
	c, err := e.store.Change(ctx, id)
	if err != nil {
		return auth.Actor{}, fmt.Errorf("read who asked for a change: %w", err)
	}
	return c.Actor, nil
}
