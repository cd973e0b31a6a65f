package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sapi"
)

// LargestCompanies is how many people the companies have, as last read.
type LargestCompanies struct {
	Largest []CompanyPeople // those with the most people, the most first
	Others  Tally           // the people of all others
	// OtherCompanies is how many companies the others are.
	OtherCompanies int
	Coverage       Coverage
	// Down says that the directory can't be used, so that nobody was counted.
	Down *Unavailable
}

// CompanyPeople is how many people a company has.
type CompanyPeople struct {
	ID, Name string
	Tally
	// Whole says that the company's list was read to its end once: else there may be more.
	Whole bool
}

// mostCompanies is how many companies are told one by one.
const mostCompanies = 10

// LargestCompanies counts the people of the companies that are ready. Symphony is asked
// nothing.
func (p *Directory) LargestCompanies(ctx context.Context, a auth.Actor) (LargestCompanies, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return LargestCompanies{}, err
	}
	known, err := p.knownCompanies(ctx)
	if err != nil {
		return LargestCompanies{}, fmt.Errorf("count people by company: %w", err)
	}
	tallies, err := p.people.Tallies(ctx)
	if down, is := errors.AsType[*Unavailable](err); is {
		return LargestCompanies{Down: down, Coverage: known.Coverage}, nil
	}
	if err != nil {
		return LargestCompanies{}, fmt.Errorf("count people by company: %w", err)
	}
	all := make([]CompanyPeople, len(known.Companies))
	for i, c := range known.Companies {
		all[i] = CompanyPeople{ID: c.ID, Name: c.Name, Tally: tallies[c.ID], Whole: !known.Reading(c.ID).CompleteAt.IsZero()}
	}
	slices.SortStableFunc(all, func(a, b CompanyPeople) int { return cmp.Compare(b.Listed(), a.Listed()) })
	by := LargestCompanies{Largest: all[:min(len(all), mostCompanies)], Coverage: known.Coverage}
	for _, c := range all[len(by.Largest):] {
		by.OtherCompanies++
		by.Others = by.Others.Plus(c.Tally)
	}
	return by, nil
}

// Plus adds the people of others.
func (t Tally) Plus(o Tally) Tally {
	return Tally{t.Active + o.Active, t.Disabled + o.Disabled, t.Unknown + o.Unknown, t.NotListed + o.NotListed}
}

// Builds is how long Symphony took to build companies, as far as Foyer saw it.
type Builds struct {
	Known    []Build       // the last one first
	Median   time.Duration // of them; zero when there are none
	NotKnown int           // ready companies of which it isn't known
	at       time.Time
	changes  int64 // of what is known of companies, when it was gathered
}

// Build is how long Symphony took to build a company: from when Symphony says that it was
// created until Foyer first saw that it was ready.
type Build struct {
	ID, Name string
	ReadyAt  time.Time
	Took     time.Duration
}

// Of is the build of a company, if it is known.
func (b *Builds) Of(companyID string) (Build, bool) {
	i := slices.IndexFunc(b.Known, func(k Build) bool { return k.ID == companyID })
	if i < 0 {
		return Build{}, false
	}
	return b.Known[i], true
}

// How far back builds are looked for, and for how long they are used again: a company
// that this process sees become ready is there at once.
const (
	mostBuilds = 500 // events
	buildsFor  = time.Minute
)

// Builds says how long the companies took to build. It is known of those that Foyer saw
// while they were being built, and then saw ready.
func (p *Directory) Builds(ctx context.Context, a auth.Actor) (*Builds, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	now, changes := p.now(), p.knownChanges.Load()
	if b := p.builds.Load(); b != nil && b.changes == changes && now.Sub(b.at).Abs() < buildsFor {
		return b, nil
	}
	known, err := p.knownCompanies(ctx)
	if err != nil {
		return nil, fmt.Errorf("read how long companies took: %w", err)
	}
	events, err := p.store.Events(ctx, ledger.Filter{Action: ledger.CompanyState}, ledger.Page{Limit: mostBuilds})
	if err != nil {
		return nil, fmt.Errorf("read how long companies took: %w", err)
	}
	b := buildsOf(known.Companies, events)
	b.at, b.changes = now, changes
	p.builds.Store(&b)
	return &b, nil
}

// buildsOf finds how long companies that are ready took in what Foyer saw become of
// companies, the newest event first.
func buildsOf(ready []CompanyRecord, events []ledger.Event) Builds {
	first := map[string]ledger.Event{} // of each company: a later one is of something else than its building
	for _, e := range events {
		first[e.Company.ID] = e
	}
	var b Builds
	for _, c := range ready {
		e, seen := first[c.ID]
		took := e.At.Sub(c.CreatedAt)
		if !seen || !sawBuilt(e) || c.CreatedAt.IsZero() || took < 0 {
			b.NotKnown++
			continue
		}
		b.Known = append(b.Known, Build{ID: c.ID, Name: c.Name, ReadyAt: e.At, Took: took})
	}
	slices.SortStableFunc(b.Known, func(a, b Build) int { return b.ReadyAt.Compare(a.ReadyAt) })
	b.Median = median(b.Known)
	return b
}

// sawBuilt says whether an event is of a company that was being built and became ready.
func sawBuilt(e ledger.Event) bool {
	var before struct{ State sapi.CompanyState }
	return e.Code == string(ledger.CompanyBuilt) && json.Unmarshal(e.Before, &before) == nil && before.State.Building()
}

func median(builds []Build) time.Duration {
	if len(builds) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(builds), func(a, b Build) int { return cmp.Compare(a.Took, b.Took) })
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half].Took
	}
	return (sorted[half-1].Took + sorted[half].Took) / 2
}
