// Package directory owns what Foyer has read of Symphony: companies, people, their
// statuses, and what was observed of them when.
//
// What was read is kept with the time it was read, companies in the Store and people in
// the PeopleStore, so that a page can be shown, honestly dated, while Symphony is down.
// The package changes nothing at Symphony, and knows none of those who do: it must not
// import the packages of changes, reviews and pre-checks.
package directory

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"foyer/portal"
	"foyer/portal/activity"
	"foyer/sapi"
)

// Options are what a Directory is made of. All but Now, BuildTime, StatusAge and Busy are
// required.
type Options struct {
	Symphony  *sapi.Client
	Store     Store
	People    PeopleStore
	Statuses  StatusStore
	Activity  *activity.Activity // proves and records what is exported
	Scheduler portal.Scheduler   // has companies watched, as jobs of JobKind
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now

	// BuildTime is how long Symphony says that a company usually takes. Zero
	// means 20 minutes.
	BuildTime time.Duration
	// StatusAge is how old a status becomes before it is read again without anybody
	// asking. Zero means a day.
	StatusAge time.Duration
	// Busy is how long a page waits for others who write before it does without
	// storing that what is kept was read again; four times as long before it does
	// without storing anything. Zero means 250 milliseconds.
	Busy time.Duration
}

// Directory is the use cases of reading. It is safe for concurrent use.
type Directory struct {
	gate      portal.Gate
	symphony  *sapi.Client
	store     Store
	people    PeopleStore
	statuses  StatusStore
	activity  *activity.Activity
	scheduler portal.Scheduler
	now       func() time.Time
	log       *slog.Logger
	build     time.Duration
	statusAge time.Duration
	busy      time.Duration

	stopped chan struct{} // closed by Stop
	stop    sync.Once

	health healthCache
	list   singleflight.Group // the reading of the company list

	listed  atomic.Pointer[listReading] // the last one, where it could not be kept
	emptied atomic.Pointer[time.Time]   // since when Symphony lists no companies, though some are known
	soon    waiting                     // to be kept a moment later
	vain    atomic.Pointer[vain]        // the last time that somebody waited to write on the side and could not

	known        atomic.Pointer[KnownCompanies] // as lately read
	knownChanges atomic.Int64                   // how often something of that was stored
	builds       atomic.Pointer[Builds]         // as lately gathered

	counting singleflight.Group // the statuses of companies, day by day
	counted  sync.Map           // the StatusDays of companies with many people, by their id
}

// New gives the use cases over the given parts. It panics when a required one
// is missing, because that is a mistake in the wiring and not of the moment.
func New(o Options) *Directory {
	if o.Symphony == nil || o.Store == nil || o.People == nil || o.Statuses == nil || o.Activity == nil || o.Scheduler == nil || o.Logger == nil {
		panic("directory.New: Symphony, Store, People, Statuses, Activity, Scheduler and Logger are required")
	}
	d := &Directory{
		gate: portal.Gate{Ledger: o.Store}, symphony: o.Symphony, store: o.Store, people: tellingPeople{o.People}, statuses: o.Statuses,
		activity: o.Activity, scheduler: o.Scheduler, now: o.Now, log: o.Logger, build: o.BuildTime, statusAge: cmp.Or(o.StatusAge, 24*time.Hour), busy: o.Busy,
	}
	d.stopped = make(chan struct{})
	if d.now == nil {
		d.now = time.Now
	}
	if d.build == 0 {
		d.build = 20 * time.Minute
	}
	if d.busy == 0 {
		d.busy = 250 * time.Millisecond
	}
	return d
}

// Stop has the jobs that read along end soon, because the process is about to: what they
// have not read is read by the next one.
func (p *Directory) Stop() { p.stop.Do(func() { close(p.stopped) }) }

// untilStopped returns a context for a job that reads along, and what ends it.
func (p *Directory) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-p.stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// isStopping says whether Stop was called: what a job failed with then means nothing.
func (p *Directory) isStopping() bool {
	select {
	case <-p.stopped:
		return true
	default:
		return false
	}
}
