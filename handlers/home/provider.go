package home

import (
	"context"
	"sync"
	"time"
)

const (
	// providerFresh is how long the identity provider's last answer is good
	// enough for a page.
	providerFresh = 30 * time.Second
	// providerWait is how long a page waits for it.
	providerWait = 2 * time.Second
)

// providerHealth keeps whether the identity provider could be used when it was
// last asked, so that a page costs it nothing. The zero value asks at once.
type providerHealth struct {
	mu  sync.Mutex
	err error
	at  time.Time
}

// check says whether the provider can be used, as found out at most half a
// minute ago, and when that was. ask returns why it can't.
func (h *providerHealth) check(ctx context.Context, now func() time.Time, ask func(context.Context) error) (at time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if age := now().Sub(h.at); h.at.IsZero() || age < 0 || age > providerFresh {
		// The answer is for everybody: a browser that goes away must not spoil it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerWait)
		defer cancel()
		h.err = ask(ctx)
		h.at = now()
	}
	return h.at, h.err
}
