// Package review owns access reviews: one look at everybody who has access to a
// company, what was decided about each, and the file that proves it. It changes
// nothing at Symphony: what a review wants done is a change of its own.
package review

import (
	"context"
	"log/slog"
	"time"

	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
)

// Options are what Reviews are made of. All but Waker and Now are required.
type Options struct {
	Store     Store
	People    PeopleStore
	Directory *directory.Directory // reads whom a review is about
	Activity  *activity.Activity   // proves and records what is exported
	Changes   *change.Engine       // knows who asked for a change
	Logger    *slog.Logger
	Waker     Waker            // nil: nothing runs later; only for tests and tools
	Now       func() time.Time // nil: time.Now
}

// Waker has reviews prepared later, in this process or another one. A failure to wake
// is not fatal, because a sweep finds what was left.
type Waker interface {
	// PrepareReview has Reviews.Prepare called for the access review at the given
	// time.
	PrepareReview(ctx context.Context, reviewID int64, at time.Time) error
}

// Reviews is the use cases of access reviews. It is safe for concurrent use.
type Reviews struct {
	gate      portal.Gate
	store     Store
	people    PeopleStore
	directory *directory.Directory
	activity  *activity.Activity
	changes   *change.Engine
	waker     Waker
	now       func() time.Time
	log       *slog.Logger
}

// New gives the use cases over the given parts. It panics when a required one
// is missing, because that is a mistake in the wiring and not of the moment.
func New(o Options) *Reviews {
	if o.Store == nil || o.People == nil || o.Directory == nil || o.Activity == nil || o.Changes == nil || o.Logger == nil {
		panic("review.New: Store, People, Directory, Activity, Changes and Logger are required")
	}
	r := &Reviews{
		gate: portal.Gate{Ledger: o.Store}, store: o.Store, people: o.People, directory: o.Directory, activity: o.Activity,
		changes: o.Changes, waker: o.Waker, now: o.Now, log: o.Logger,
	}
	if r.now == nil {
		r.now = time.Now
	}
	return r
}
