package bulk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/sapi"
)

// Options are what a Service is made of. Those without a remark are required.
type Options struct {
	Store     Store
	Directory *directory.Directory
	Symphony  *sapi.Client // is asked for nothing but how long it wants to be left alone
	Precheck  *precheck.Service
	Scheduler portal.Scheduler
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now

	// AtOnce is how many calls are under way at once, of all bulk changes of the process
	// together. 0: 8.
	AtOnce int
	// Rate is how many calls are begun in a second, likewise. 0: as many as there may be.
	Rate float64
	// Share is the part of a company's people, in percent, of whom disabling more is
	// asked about: is it the wrong file? 0: 20.
	Share int
	// Hurry makes the time shorter, by so many, for which a process is believed to be alive:
	// for tests in which processes die. 0: 1.
	Hurry int
	// Notify has jobs of NoticeJobKind tell whoever started a bulk change that it is over, or
	// needs them.
	Notify bool
}

// Service is the use cases of bulk changes. It is safe for concurrent use.
type Service struct {
	gate      portal.Gate
	store     Store
	directory *directory.Directory
	symphony  *sapi.Client
	precheck  *precheck.Service
	scheduler portal.Scheduler
	changes   *change.Engine
	log       *slog.Logger
	now       func() time.Time
	share     int
	lease     time.Duration
	notify    bool

	atOnce int
	calls  chan struct{} // has one for each call under way
	ahead  chan struct{} // has one for each call that is being begun, or waits for its place
	pace   *rate.Limiter

	quick    time.Duration // less than this takes a call while others may be begun ahead
	areQuick atomic.Bool   // it did the last time

	mu   sync.Mutex
	last lastList
}

// New gives the use cases over the given parts. Engine must follow with the engine that
// makes the changes, before anything else: the two need each other.
func New(o Options) *Service {
	s := &Service{
		gate: portal.Gate{Ledger: o.Store}, store: o.Store, directory: o.Directory, symphony: o.Symphony, precheck: o.Precheck, scheduler: o.Scheduler,
		log: o.Logger, now: o.Now, share: o.Share, notify: o.Notify, atOnce: o.AtOnce, pace: rate.NewLimiter(rate.Inf, 1),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.atOnce <= 0 {
		s.atOnce = 8
	}
	if s.share <= 0 {
		s.share = 20
	}
	if o.Rate > 0 {
		s.pace.SetLimit(rate.Limit(o.Rate))
	}
	hurry := time.Duration(max(o.Hurry, 1))
	s.lease, s.quick = leaseFor/hurry, quickCall/hurry
	s.calls = make(chan struct{}, s.atOnce)
	s.ahead = make(chan struct{}, max(s.atOnce/2, 1))
	return s
}

// Engine gives the engine that makes the changes. It must tell them to Moved.
func (s *Service) Engine(e *change.Engine) { s.changes = e }

// UnderWay is how many bulk changes were started and are not over. It is for the navigation
// of every page, and checks no permission.
func (s *Service) UnderWay(ctx context.Context) (int, error) {
	n, err := s.store.CountBulks(ctx, Starting, Running, Paused, Stopped)
	if err != nil {
		return 0, fmt.Errorf("count bulk changes: %w", err)
	}
	return n, nil
}

// Made returns the bulk change to which a form led before that the actor sends again; made is
// false where it led to none, or to somebody else's.
func (s *Service) Made(ctx context.Context, a auth.Actor, token string) (c Change, made bool, err error) {
	c, err = s.store.BulkByToken(ctx, token)
	if errors.Is(err, portal.ErrNotStored) {
		return Change{}, false, nil
	}
	if err != nil {
		return Change{}, false, fmt.Errorf("look for a bulk change: %w", err)
	}
	return c, c.UploadedBy.Issuer == a.Issuer && c.UploadedBy.Subject == a.Subject, nil
}

// Get returns one bulk change with its sums, or portal.ErrNotFound.
func (s *Service) Get(ctx context.Context, a auth.Actor, id int64) (Change, error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return Change{}, err
	}
	return s.get(ctx, id)
}

func (s *Service) get(ctx context.Context, id int64) (Change, error) {
	c, err := s.store.Bulk(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	if err != nil {
		return Change{}, fmt.Errorf("read bulk change: %w", err)
	}
	return c, nil
}

// List returns up to limit bulk changes of everybody with their sums: those that are under
// way or need somebody, then those that are scheduled, then what was changed last. The first
// offset ones are left out; total is how many there are.
func (s *Service) List(ctx context.Context, a auth.Actor, offset, limit int) (changes []Change, total int, err error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return nil, 0, err
	}
	changes, total, err = s.store.Bulks(ctx, offset, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("list bulk changes: %w", err)
	}
	return changes, total, nil
}

// Rows returns up to limit rows of a bulk change, in their order, which a filter shows,
// from the one behind after; and how many it shows in all.
func (s *Service) Rows(ctx context.Context, a auth.Actor, id int64, f Filter, after, limit int) (rows []Row, total int, err error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return nil, 0, err
	}
	if rows, err = s.store.Rows(ctx, id, f, after, limit); err == nil {
		total, err = s.store.CountRows(ctx, id, f)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list rows of a bulk change: %w", err)
	}
	return rows, total, nil
}

// Departments counts the rows that a filter shows by the department of their people, the
// most first.
func (s *Service) Departments(ctx context.Context, a auth.Actor, id int64, f Filter) ([]Department, error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return nil, err
	}
	of, err := s.store.Departments(ctx, id, f)
	if err != nil {
		return nil, fmt.Errorf("count departments: %w", err)
	}
	return of, nil
}

// Calls is how many calls of a bulk change were begun.
func (s *Service) Calls(ctx context.Context, a auth.Actor, id int64) (int, error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return 0, err
	}
	n, err := s.store.CallsOf(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("count calls: %w", err)
	}
	return n, nil
}

// SameAs returns an earlier bulk change that was started with the same list; found is
// false when there is none.
func (s *Service) SameAs(ctx context.Context, a auth.Actor, c Change) (same Change, found bool, err error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil || c.Digest == "" {
		return Change{}, false, err
	}
	same, err = s.store.SameBulk(ctx, c.Digest, c.ID)
	if errors.Is(err, portal.ErrNotStored) {
		return Change{}, false, nil
	}
	if err != nil {
		return Change{}, false, fmt.Errorf("look for the same list: %w", err)
	}
	return same, true, nil
}

// require returns portal.Forbidden when the actor lacks a permission that the kind needs.
func (s *Service) require(ctx context.Context, a auth.Actor, k Kind, about ledger.Company) error {
	for _, p := range k.Permissions() {
		if err := s.gate.Require(ctx, a, p, about); err != nil {
			return err
		}
	}
	return nil
}

// clock is the time as the store keeps it.
func (s *Service) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// JobKind is of the jobs that go on with bulk changes: they call Service.Do with the
// number.
const JobKind = "bulk change"

// schedule has a job go on with a bulk change. Each version has a turn of its own: the job
// that is under way may have read an older one.
func (s *Service) schedule(ctx context.Context, tx portal.Tx, c Change) error {
	return s.scheduler.Schedule(ctx, tx, portal.Job{Kind: JobKind, ID: strconv.FormatInt(c.ID, 10), Turn: c.Version, At: c.At})
}

// update changes a bulk change that is locked, with what is recorded of it, and has a job
// go on with it. do says what changes, and may refuse.
func (s *Service) update(ctx context.Context, id int64, do func(tx portal.Tx, c *Change) ([]ledger.Event, error)) (Change, error) {
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	defer func() { _ = tx.Rollback() }()
	c, err := s.store.LockBulk(ctx, tx, id)
	if errors.Is(err, portal.ErrNotStored) {
		return Change{}, fmt.Errorf("change bulk change: %w", portal.ErrNotFound)
	} else if err != nil {
		return Change{}, fmt.Errorf("change bulk change: %w", err)
	}
	events, err := do(tx, &c)
	if err != nil {
		return c, err
	}
	c.UpdatedAt = s.clock()
	if s.notify {
		c.Notice = c.noticeNow()
	}
	if c, err = s.store.SaveBulk(ctx, tx, c); err == nil && c.works() {
		err = s.schedule(ctx, tx, c)
	}
	if err == nil && c.Notice.due() {
		err = s.scheduler.Schedule(ctx, tx, portal.Job{Kind: NoticeJobKind, ID: strconv.FormatInt(c.ID, 10), Turn: c.Version})
	}
	if err == nil {
		err = s.store.Append(ctx, tx, events...)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return Change{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return c, nil
}

// works says whether a job has to go on with a bulk change.
func (c Change) works() bool {
	switch c.State {
	case Checking, Scheduled, Starting, Running:
		return true
	case Stopped:
		return c.EndedAt.IsZero()
	case Draft, Paused, Done, Discarded:
	}
	return false
}

// Sweep finds bulk changes whose job was lost, and has a job go on with them. started is
// when this process was. alone says that no other process shares the store, as at the start
// of a single one: then whoever had a bulk change in hand is surely gone. Jobs call it.
func (s *Service) Sweep(ctx context.Context, alone bool, started time.Time) error {
	if alone {
		if err := s.store.FreeBulks(ctx); err != nil {
			return fmt.Errorf("sweep bulk changes: %w", err)
		}
	}
	ids, err := s.store.WorkingBulks(ctx)
	if err != nil {
		return fmt.Errorf("sweep bulk changes: %w", err)
	}
	var jobs []portal.Job
	for _, id := range ids {
		jobs = append(jobs, portal.Job{Kind: JobKind, ID: strconv.FormatInt(id, 10), Turn: -started.UnixMicro()})
	}
	if ids, err = s.store.AwaitingPrechecks(ctx); err != nil {
		return fmt.Errorf("sweep bulk changes: %w", err)
	}
	for _, id := range ids {
		jobs = append(jobs, portal.Job{Kind: PrecheckJobKind, ID: strconv.FormatInt(id, 10), Turn: -started.UnixMicro()})
	}
	if len(jobs) == 0 {
		return nil
	}
	if err := s.scheduler.Schedule(ctx, nil, jobs...); err != nil {
		return fmt.Errorf("sweep bulk changes: %w", err)
	}
	return nil
}
