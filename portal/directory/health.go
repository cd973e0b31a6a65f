package directory

import (
	"context"
	"sync"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// Health is whether a service answered when it was last asked.
type Health struct {
	Err       error
	CheckedAt time.Time
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
// as found out at most half a minute ago; and at once when its calls are held back.
func (p *Directory) SymphonyHealth(ctx context.Context) Health {
	p.health.mu.Lock()
	defer p.health.mu.Unlock()
	if age := p.now().Sub(p.health.last.CheckedAt); age < 0 || age > healthFresh || p.health.last.Err == nil && p.symphony.HoldsBack() {
		// What is found is told to others too, so that it must not depend on
		// whether this browser stays.
		err := portal.Within(context.WithoutCancel(ctx), healthTime, p.symphony.Ping)
		p.health.last = Health{Err: err, CheckedAt: p.now()}
	}
	return p.health.last
}

// AskNow has Symphony asked whether it is there, whatever it asked to wait for and
// however lately it didn't answer. Where it answers, everything is asked again.
func (p *Directory) AskNow(ctx context.Context, a auth.Actor) (Health, error) {
	if err := p.gate.Require(ctx, a, auth.AskNow, ledger.Company{}); err != nil {
		return Health{}, err
	}
	err := portal.Within(context.WithoutCancel(ctx), healthTime, p.symphony.Probe)
	p.health.mu.Lock()
	defer p.health.mu.Unlock()
	p.health.last = Health{Err: err, CheckedAt: p.now()}
	return p.health.last, nil
}
