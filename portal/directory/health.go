package directory

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
)

// Health is whether a service answered when it was last asked.
type Health struct {
	Err       error
	CheckedAt time.Time
}

// healthCache keeps the last answer, so that a page costs Symphony nothing.
type healthCache struct {
	asking singleflight.Group

	mu   sync.Mutex
	last Health
}

func (c *healthCache) get() Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func (c *healthCache) set(h Health) Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = h
	return h
}

const (
	healthFresh = 30 * time.Second
	// healthTime is how long Symphony has to show that it is there: whoever opens
	// the page waits for it.
	healthTime = 5 * time.Second
)

// SymphonyHealth says whether Symphony can be reached with Foyer's credentials,
// as found out at most half a minute ago; and at once when its calls are held back.
// ErrNoAnswerYet where a page waits no longer for that.
func (p *Directory) SymphonyHealth(ctx context.Context) Health {
	last := p.health.get()
	if age := p.now().Sub(last.CheckedAt); age >= 0 && age <= healthFresh && (last.Err != nil || !p.symphony.HoldsBack()) {
		return last
	}
	// What is found is told to others too, so that it must not depend on whether this
	// browser stays.
	asked := p.health.asking.DoChan("", func() (any, error) {
		err := safely.Do(func() error { return portal.Within(context.WithoutCancel(ctx), healthTime, p.symphony.Ping) })
		return p.health.set(Health{Err: err, CheckedAt: p.now()}), nil
	})
	select {
	case found := <-asked:
		health, _ := found.Val.(Health)
		return health
	case <-portal.PatienceOver(ctx):
		return Health{Err: portal.ErrNoAnswerYet, CheckedAt: p.now()}
	}
}

// AskNow has Symphony asked whether it is there, whatever it asked to wait for and
// however lately it didn't answer. Where it answers, everything is asked again.
func (p *Directory) AskNow(ctx context.Context, a auth.Actor) (Health, error) {
	if err := p.gate.Require(ctx, a, auth.AskNow, ledger.Company{}); err != nil {
		return Health{}, err
	}
	err := portal.Within(context.WithoutCancel(ctx), healthTime, p.symphony.Probe)
	return p.health.set(Health{Err: err, CheckedAt: p.now()}), nil
}
