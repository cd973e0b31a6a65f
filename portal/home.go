package portal

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

// Home is what the first page shows.
type Home struct {
	Attention []CompanyRecord // failed, overdue, or in a state that Foyer doesn't know
	Building  []CompanyRecord
	Companies int
	ReadAt    time.Time
	Stale     error // why the companies could not be read again just now

	Changes  []ledger.Event // the last ones: everybody's for those who may see them, else the actor's own
	Everyone bool           // whose they are
	Open     []Change       // not settled yet
	Symphony Health
}

// Health is whether a service answered when it was last asked.
type Health struct {
	Err       error
	CheckedAt time.Time
}

// homeChanges is how many of the last changes the first page shows.
const homeChanges = 8

// Home gathers the first page. What can't be had is left out, with the reason.
func (p *Portal) Home(ctx context.Context, a auth.Actor) (Home, error) {
	if err := p.require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return Home{}, err
	}
	h := Home{Symphony: p.SymphonyHealth(ctx)}
	records, readAt, stale, err := p.companyList(ctx, listFresh)
	h.ReadAt, h.Stale, h.Companies = readAt, stale, len(records)
	if err != nil {
		h.Stale = err
	}
	for _, r := range records {
		switch p.Group(r) {
		case NeedAttention:
			h.Attention = append(h.Attention, r)
		case BeingBuilt:
			h.Building = append(h.Building, r)
		default: // Nobody has to do anything about the others.
		}
	}
	sortCompanies(h.Attention, ByChanged, true)
	sortCompanies(h.Building, ByChanged, true)
	h.Everyone = a.Can(auth.SeeActivity)
	if h.Changes, err = p.lastChanges(ctx, a, h.Everyone); err != nil {
		return Home{}, fmt.Errorf("home: %w", err)
	}
	if h.Open, err = p.store.UnsettledChanges(ctx, p.now()); err != nil {
		return Home{}, fmt.Errorf("home: %w", err)
	}
	return h, nil
}

// lastChanges are the last changes and how they ended, of everybody or of the
// actor alone. It looks through the last few hundred events and no further.
func (p *Portal) lastChanges(ctx context.Context, a auth.Actor, everyone bool) ([]ledger.Event, error) {
	const batch, batches = 100, 3
	filter, page := ledger.Filter{}, ledger.Page{Limit: batch}
	if !everyone {
		filter.Actor = a.Subject // a part of it is enough for the filter, and not for us
	}
	var changes []ledger.Event
	for range batches {
		events, err := p.store.Events(ctx, filter, page)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			own := e.Actor.Issuer == a.Issuer && e.Actor.Subject == a.Subject
			if isChange(e) && (everyone || own) && len(changes) < homeChanges {
				changes = append(changes, e)
			}
		}
		if len(events) < batch || len(changes) == homeChanges {
			break
		}
		page.Before = events[len(events)-1].Seq
	}
	return changes, nil
}

// isChange says whether an event tells how something at Symphony changed.
func isChange(e ledger.Event) bool {
	return e.Outcome != ledger.Intent && (e.Change != "" || e.Action == ledger.CompanyState || e.Action == ledger.StatusOutside)
}

// healthCache keeps the last answer, so that a page costs Symphony nothing.
type healthCache struct {
	mu   sync.Mutex
	last Health
}

const (
	healthFresh = 30 * time.Second
	// healthTime is how long Symphony has to show that it is there: whoever opens
	// the page waits for it.
	healthTime = 5 * time.Second
)

// SymphonyHealth says whether Symphony can be reached with Foyer's credentials,
// as found out at most half a minute ago.
func (p *Portal) SymphonyHealth(ctx context.Context) Health {
	p.health.mu.Lock()
	defer p.health.mu.Unlock()
	if age := p.now().Sub(p.health.last.CheckedAt); age < 0 || age > healthFresh {
		// What is found is told to others too, so that it must not depend on
		// whether this browser stays.
		err := within(context.WithoutCancel(ctx), healthTime, p.symphony.Ping)
		p.health.last = Health{Err: err, CheckedAt: p.now()}
	}
	return p.health.last
}

// roundUp writes a wait as people say it, never shorter than it is.
func roundUp(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(math.Ceil(d.Seconds()))))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("%d h", int(math.Ceil(d.Hours())))
}
