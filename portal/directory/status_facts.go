package directory

import (
	"encoding/json"
	"slices"
	"sort"
	"time"

	"foyer/ledger"
	"foyer/sapi"
)

// Knowledge says how a status at a time is known.
type Knowledge string

// The ways of knowing. What is not known is never guessed.
const (
	// Observed means that Symphony told this status before and after the time, and
	// no other one in between.
	Observed Knowledge = "observed"
	// Inferred means that it follows from what Foyer itself did, or from
	// observations on both sides of the time.
	Inferred Knowledge = "inferred"
	// NotKnown means that nothing was observed yet, or not since, or that the
	// status changed somewhere around the time.
	NotKnown Knowledge = "unknown"
	// NotCreated means that Symphony created the person after the time.
	NotCreated Knowledge = "not created yet"
)

// StatusFact is a moment at which a person's status is known.
type StatusFact struct {
	At     time.Time
	Status sapi.Status
	Event  int64 // of the ledger, when Foyer changed the status then; 0 when it was read
}

// PastStatus is a person's status at a time, and what it is known from.
type PastStatus struct {
	Status sapi.Status // StatusUnknown unless it is Observed or Inferred
	How    Knowledge
	// Before is the last fact that is not after the time, and After the first one
	// that is; of an Observed status, its first and its last reading. Zero: there is
	// none.
	Before, After StatusFact
	// Changing means that Foyer's own change, which After names, was under way.
	Changing bool
	// Since is when the person's status was first known; zero: it never was.
	Since time.Time
}

// StatusEvidence is all that Foyer has on one person's status.
type StatusEvidence struct {
	CreatedAt    time.Time      // the earliest that Symphony may mean; zero: it doesn't say
	Observations []Observation  // oldest first
	Events       []ledger.Event // of disabling and enabling this person, oldest first
}

// StatusKnown says what is known of a person's status at a time. It asks nobody
// and knows no clock.
func StatusKnown(at time.Time, e StatusEvidence) PastStatus { return weigh(e).at(at) }

// weighed is evidence, made ready to be asked about many times.
type weighed struct {
	created time.Time
	runs    []Observation
	own     []ownChange
	facts   []StatusFact // in their order
}

func weigh(e StatusEvidence) weighed {
	own := ownChanges(e.Events)
	return weighed{created: e.CreatedAt, runs: e.Observations, own: own, facts: statusFacts(e.Observations, own)}
}

func (w weighed) at(at time.Time) PastStatus {
	p := PastStatus{How: NotKnown}
	after := sort.Search(len(w.facts), func(i int) bool { return w.facts[i].At.After(at) })
	if after < len(w.facts) {
		p.After = w.facts[after]
	}
	if after > 0 {
		p.Before = w.facts[after-1]
	}
	if len(w.facts) > 0 {
		p.Since = w.facts[0].At
	}
	if p.Before.At.IsZero() {
		if at.Before(w.created) {
			p.How = NotCreated
		}
		return p
	}
	if run, ok := observedRun(w.runs, w.own, at); ok {
		p.Before, p.After = StatusFact{At: run.First, Status: run.Status}, StatusFact{At: run.Last, Status: run.Status}
		return p.known(Observed)
	}
	switch {
	case p.Before.At.Equal(at) && p.Before.Event == 0:
		p.After = p.Before
		return p.known(Observed)
	case p.Before.At.Equal(at):
		return p.known(Inferred)
	case p.After.At.IsZero():
		return p
	case p.Before.Status == p.After.Status:
		return p.known(Inferred)
	}
	return p.between(w.own, at)
}

// known is p with the status of the fact before.
func (p PastStatus) known(how Knowledge) PastStatus {
	p.Status, p.How = p.Before.Status, how
	return p
}

// between decides where the facts around the time tell different statuses: up
// to Foyer's own change, when there was one, the earlier status stood.
func (p PastStatus) between(own []ownChange, at time.Time) PastStatus {
	i := slices.IndexFunc(own, func(c ownChange) bool { return c.verdict == applied && c.explains(p.Before, p.After) })
	if i < 0 {
		return p
	}
	p.After.Event = own[i].event
	if border := earlier(own[i].sent, p.After.At); at.Before(border) {
		p.After.At = border
		return p.known(Inferred)
	}
	p.Changing = true
	return p
}

// observedRun is the run of readings that covers the time, unless Foyer itself
// changed the status to another one within it: then the readings on both sides
// say nothing of what was in between.
func observedRun(runs []Observation, own []ownChange, at time.Time) (Observation, bool) {
	behind := sort.Search(len(runs), func(i int) bool { return runs[i].First.After(at) })
	if behind == 0 || runs[behind-1].Last.Before(at) {
		return Observation{}, false
	}
	run := runs[behind-1]
	return run, !slices.ContainsFunc(own, func(c ownChange) bool {
		return c.verdict == applied && c.wanted != run.Status && c.ended.After(run.First) && c.ended.Before(run.Last)
	})
}

// statusFacts are all moments at which a status is known, in their order. Of the
// same time a reading comes first: a change is always sent after one.
func statusFacts(runs []Observation, own []ownChange) []StatusFact {
	var facts []StatusFact
	for _, run := range runs {
		facts = append(facts, StatusFact{At: run.First, Status: run.Status}, StatusFact{At: run.Last, Status: run.Status})
	}
	for _, c := range own {
		if c.verdict == applied {
			facts = append(facts, StatusFact{At: c.ended, Status: c.wanted, Event: c.event})
		}
	}
	slices.SortStableFunc(facts, func(a, b StatusFact) int { return a.At.Compare(b.At) })
	return facts
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// callTime is the most that a call to Symphony takes: for so long after it was
// asked a reading may tell what happened meanwhile.
const callTime = 30 * time.Second

// verdict is how a change of Foyer's own ended, as the ledger tells it.
type verdict int8

const (
	cantTell verdict = iota
	applied
	absent
)

// ownChange is a disabling or enabling that Foyer sent, as the ledger tells it.
type ownChange struct {
	wanted  sapi.Status
	sent    time.Time
	ended   time.Time // when it was known how it ended; zero: it isn't yet
	verdict verdict
	event   int64
	asked   *ledger.Event // the first of its events, which has who asked for it, and why
}

// explains says whether the change may be why two facts tell different statuses.
func (c ownChange) explains(before, after StatusFact) bool {
	return c.mayExplain(before.At, after.Status) && !c.sent.After(after.At.Add(callTime))
}

// mayExplain says whether the change may be why a status is another one than at
// a time before.
func (c ownChange) mayExplain(was time.Time, is sapi.Status) bool {
	return c.wanted == is && c.verdict != absent && (c.ended.IsZero() || !c.ended.Before(was))
}

// ownChanges puts each change's intent and outcomes together, in the order in
// which they were sent.
func ownChanges(events []ledger.Event) []ownChange {
	var changes []ownChange
	place := map[string]int{}
	for n, e := range events {
		i, begun := place[e.Change]
		if !begun {
			i = len(changes)
			place[e.Change] = i
			changes = append(changes, ownChange{wanted: wantedBy(e.Action), sent: e.At, event: e.Seq, asked: &events[n]})
		}
		c := &changes[i]
		switch e.Outcome {
		case ledger.Proposed:
		case ledger.Intent:
			c.sent = e.At // a proposal is sent only once it is approved
		case ledger.Succeeded:
			c.end(e, applied)
		case ledger.Failed:
			c.end(e, absent)
		case ledger.Reconciled, ledger.Corrected:
			c.end(e, settledAs(e))
		case ledger.Unknown:
			if e.Actor.IsSystem() { // Foyer itself gave up asking
				c.end(e, cantTell)
			}
		}
	}
	return changes
}

// end notes how a change ended. Where the clock went back in between, the
// earlier time counts as that of sending.
func (c *ownChange) end(e ledger.Event, v verdict) {
	c.verdict, c.event, c.ended = v, e.Seq, e.At
	if c.ended.Before(c.sent) {
		c.sent, c.ended = c.ended, c.sent
	}
}

func wantedBy(a ledger.Action) sapi.Status {
	if a == ledger.EnableUser {
		return sapi.StatusActive
	}
	return sapi.StatusDisabled
}

// settledAs says what reading Symphony found of a change. Where the values were
// erased on legal order it can't be told any more.
func settledAs(e ledger.Event) verdict {
	var found struct{ Status string }
	switch {
	case json.Unmarshal(e.After, &found) != nil || found.Status == "":
		return cantTell
	case found.Status == wantedBy(e.Action).String():
		return applied
	}
	return absent
}
