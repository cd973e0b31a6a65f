// Package review owns access reviews: one look at everybody who has access to a
// company, what was decided about each, and the file that proves it. It changes
// nothing at Symphony: what a review wants done is a change of its own.
package review

import (
	"time"

	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
)

// Options are what Reviews are made of. All but Now are required.
type Options struct {
	Store     Store
	People    PeopleStore
	Directory *directory.Directory // reads whom a review is about
	Activity  *activity.Activity   // proves and records what is exported
	Changes   *change.Engine       // knows who asked for a change
	Scheduler portal.Scheduler     // has reviews prepared, as jobs of JobKind
	Now       func() time.Time     // nil: time.Now
}

// Reviews is the use cases of access reviews. It is safe for concurrent use.
type Reviews struct {
	gate      portal.Gate
	store     Store
	people    PeopleStore
	directory *directory.Directory
	activity  *activity.Activity
	changes   *change.Engine
	scheduler portal.Scheduler
	now       func() time.Time
}

// New gives the use cases over the given parts. It panics when a required one
// is missing, because that is a mistake in the wiring and not of the moment.
func New(o Options) *Reviews {
	if o.Store == nil || o.People == nil || o.Directory == nil || o.Activity == nil || o.Changes == nil || o.Scheduler == nil {
		panic("review.New: Store, People, Directory, Activity, Changes and Scheduler are required")
	}
	r := &Reviews{
		gate: portal.Gate{Ledger: o.Store}, store: o.Store, people: o.People, directory: o.Directory, activity: o.Activity,
		changes: o.Changes, scheduler: o.Scheduler, now: o.Now,
	}
	if r.now == nil {
		r.now = time.Now
	}
	return r
}
