package directory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sapi"
)

// StatusPeriod is a time through which the same was known of a person's status, in
// the same way.
type StatusPeriod struct {
	From, To time.Time  // the same one, where it was read once
	Known    PastStatus // From is after its Before, or at it, and To before its After, or at it
}

// briefly is how long a change usually takes. Between two statuses so little is no
// period of its own: the moment of the change tells of it.
const briefly = 5 * time.Second

// StatusPeriods are what is known of a person's status from when they were created,
// or first read, until now, oldest first: at every time within one of them StatusKnown
// says the same. It asks nobody and knows no clock.
func StatusPeriods(e StatusEvidence, now time.Time) []StatusPeriod {
	w := weigh(e)
	var all []StatusPeriod
	add := func(from, to time.Time, known PastStatus) {
		if n := len(all); n > 0 && sameKnowledge(all[n-1].Known, known) {
			all[n-1].To, all[n-1].Known.After = to, known.After
			return
		}
		all = append(all, StatusPeriod{From: from, To: to, Known: known})
	}
	borders := w.borders(now)
	for i, at := range borders {
		add(at, at, w.at(at))
		if i+1 < len(borders) {
			next := borders[i+1]
			add(at, next, w.at(at.Add(next.Sub(at)/2)))
		}
	}
	return slices.DeleteFunc(all, func(p StatusPeriod) bool { return p.Known.How != Observed && p.To.Sub(p.From) < briefly })
}

// borders are the times, in their order, at which what is known may become another.
func (w weighed) borders(now time.Time) []time.Time {
	times := []time.Time{now}
	for _, f := range w.facts {
		times = append(times, f.At)
	}
	for _, c := range w.own {
		if c.verdict == applied && len(w.facts) > 0 && c.sent.After(w.facts[0].At) {
			times = append(times, c.sent)
		}
	}
	if !w.created.IsZero() {
		times = append(times, w.created)
	}
	times = slices.DeleteFunc(times, func(at time.Time) bool { return at.After(now) })
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

func sameKnowledge(a, b PastStatus) bool {
	return a.How == b.How && a.Status == b.Status && a.Changing == b.Changing
}

// ChangedBy says who changed a status.
type ChangedBy string

// Those who may have.
const (
	ByFoyer        ChangedBy = "foyer"         // Asked has who asked for it
	OutsideFoyer   ChangedBy = "outside"       // somebody else, somewhere between Before and At
	PerhapsByFoyer ChangedBy = "perhaps-foyer" // as OutsideFoyer, or it was Foyer's own change, which Asked asked for and whose end isn't known
)

// StatusMoment is when a person's status became another one.
type StatusMoment struct {
	At     time.Time // when Foyer knew that it had
	Before time.Time // when the status before was last known; zero when it never was, and of ByFoyer
	Status sapi.Status
	By     ChangedBy
	Asked  ledger.Event // zero of OutsideFoyer
}

// StatusMoments are the changes of a person's status that Foyer made or noticed,
// oldest first. It asks nobody and knows no clock.
func StatusMoments(e StatusEvidence) []StatusMoment {
	w := weigh(e)
	var moments []StatusMoment
	for _, c := range w.own {
		if c.verdict == applied {
			moments = append(moments, StatusMoment{At: c.ended, Status: c.wanted, By: ByFoyer, Asked: *c.asked})
		}
	}
	for i := 1; i < len(w.facts); i++ {
		before, after := w.facts[i-1], w.facts[i]
		if before.Status == after.Status {
			continue
		}
		if m, foyers := w.unasked(before, after); !foyers {
			moments = append(moments, m)
		}
	}
	slices.SortStableFunc(moments, func(a, b StatusMoment) int { return a.At.Compare(b.At) })
	return moments
}

// unasked is the change between two facts, unless Foyer is known to have made it.
func (w weighed) unasked(before, after StatusFact) (m StatusMoment, foyers bool) {
	m = StatusMoment{At: after.At, Before: before.At, Status: after.Status, By: OutsideFoyer}
	for _, c := range w.own {
		switch {
		case !c.explains(before, after):
		case c.verdict == applied:
			return m, true
		default:
			m.By, m.Asked = PerhapsByFoyer, *c.asked
		}
	}
	return m, false
}

// StatusHistory is what Foyer observed and did of one person's status.
type StatusHistory struct {
	Periods []StatusPeriod
	Moments []StatusMoment
}

// Last is the change after which the status is what it is; zero when none is known.
func (h StatusHistory) Last() StatusMoment {
	if len(h.Moments) == 0 {
		return StatusMoment{}
	}
	return h.Moments[len(h.Moments)-1]
}

// StatusHistory says what Foyer observed and did of the status of a person who was
// read, that reading included: it may not have been kept. It asks Symphony nothing.
func (p *Directory) StatusHistory(ctx context.Context, a auth.Actor, u UserRecord) (StatusHistory, error) {
	if err := p.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{ID: u.CompanyID}); err != nil {
		return StatusHistory{}, err
	}
	ids := []string{u.ID}
	observations, err := p.statuses.Observations(ctx, u.CompanyID, ids)
	if err != nil {
		return StatusHistory{}, fmt.Errorf("history of a status: %w", err)
	}
	events, err := p.statuses.StatusEvents(ctx, u.CompanyID, ids)
	if err != nil {
		return StatusHistory{}, fmt.Errorf("history of a status: %w", err)
	}
	e := StatusEvidence{CreatedAt: u.CreatedAt, Observations: withReading(observations[u.ID], u), Events: events[u.ID]}
	return StatusHistory{Periods: StatusPeriods(e, p.now()), Moments: StatusMoments(e)}, nil
}

// withReading adds what a reading told to the runs of those before it.
func withReading(runs []Observation, u UserRecord) []Observation {
	if u.Status == sapi.StatusUnknown || u.StatusAt.IsZero() {
		return runs
	}
	n := len(runs)
	switch {
	case n > 0 && !u.StatusAt.After(runs[n-1].Last):
	case n > 0 && runs[n-1].Status == u.Status:
		runs[n-1].Last = u.StatusAt
	default:
		runs = append(runs, Observation{Status: u.Status, First: u.StatusAt, Last: u.StatusAt})
	}
	return runs
}
