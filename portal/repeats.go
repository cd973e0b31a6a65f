package portal

import (
	"context"
	"sync"
	"time"

	"foyer/ledger"
)

// Repeats gathers in one event what is refused over and over: the ledger is kept for ever,
// and whoever is refused must not be able to fill it. The first refusal is recorded at
// once; those like it of the next hour are counted, and recorded as one event with their
// number. What was counted and not recorded yet is lost with the process, but for its
// first event. It is safe for concurrent use.
type Repeats struct {
	to  Recorder
	now func() time.Time

	mu      sync.Mutex
	pending map[repeated]*count
}

const (
	// gatheredFor is for how long refusals are gathered.
	gatheredFor = time.Hour
	// mostRepeats is how many kinds of refusals are told apart at a time. Whoever makes up
	// more is one of the others.
	mostRepeats = 1000
)

// repeated is what refusals that are gathered have in common.
type repeated struct {
	action                ledger.Action
	code, note            string
	issuer, subject, from string
}

// count is how many there were since the first.
type count struct {
	first       ledger.Event
	since, last time.Time
	n           int
}

// NewRepeats gathers what is to be recorded by a recorder, by a clock.
func NewRepeats(to Recorder, now func() time.Time) *Repeats {
	return &Repeats{to: to, now: now, pending: map[repeated]*count{}}
}

// Record implements Recorder: events that are no refusals, and first ones, are recorded
// before it returns.
func (r *Repeats) Record(ctx context.Context, events ...ledger.Event) error {
	if len(events) != 1 || !refused(events[0]) {
		return r.to.Record(ctx, events...)
	}
	e := events[0]
	kind := kindOf(e)
	if r.counted(&kind) {
		return nil
	}
	if err := r.to.Record(ctx, e); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending[kind] == nil {
		r.pending[kind] = &count{first: e, since: r.now()}
	}
	return nil
}

// counted counts a refusal that is like one of the last hour. A kind that is too many
// becomes that of all others.
func (r *Repeats) counted(kind *repeated) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending[*kind] == nil && len(r.pending) >= mostRepeats {
		*kind = repeated{action: kind.action}
	}
	c := r.pending[*kind]
	if c == nil || r.now().Sub(c.since) >= gatheredFor && c.n == 0 {
		delete(r.pending, *kind)
		return false
	}
	c.n, c.last = c.n+1, r.now()
	return true
}

// Flush records what was counted for an hour; everything that was counted with all. Call
// it every few minutes, and with all at the end.
func (r *Repeats) Flush(ctx context.Context, all bool) error {
	due := r.due(all)
	for len(due) > 0 {
		c := due[0]
		e := c.first
		e.Company, e.Users = ledger.Company{}, nil
		e.After = Values("repeated", c.n, "until", c.last.UTC())
		if err := r.to.Record(ctx, e); err != nil {
			r.putBack(due)
			return err
		}
		due = due[1:]
	}
	return nil
}

// due takes out what is to be recorded, and forgets what was not repeated.
func (r *Repeats) due(all bool) (due []count) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for kind, c := range r.pending {
		if !all && r.now().Sub(c.since) < gatheredFor {
			continue
		}
		delete(r.pending, kind)
		if c.n > 0 {
			due = append(due, *c)
		}
	}
	return due
}

func (r *Repeats) putBack(counts []count) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range counts {
		if now := r.pending[kindOf(c.first)]; now != nil {
			now.n += c.n
			continue
		}
		r.pending[kindOf(c.first)] = &c
	}
}

// refused says whether an event tells of something that was refused and came to nothing.
func refused(e ledger.Event) bool {
	return e.Action == ledger.Denied || e.Action == ledger.SignIn && e.Outcome == ledger.Failed
}

func kindOf(e ledger.Event) repeated {
	return repeated{e.Action, e.Code, e.Note, e.Actor.Issuer, e.Actor.Subject, Network(e.Actor.Address)}
}
