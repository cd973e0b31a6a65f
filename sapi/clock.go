package sapi

import (
	"net/http"
	"sync"
	"time"
)

// clocksApart is by how much two clocks may differ without it being said.
const clocksApart = time.Minute

// clock compares a service's clock with this machine's, by the Date of its answers.
type clock struct {
	told func(ahead time.Duration) // see Options.ClocksApart; may be nil

	mu     sync.Mutex
	recent [5]time.Duration // by how much it was ahead in the last answers
	seen   int              // how many answers there were
	ahead  time.Duration    // what was told last
}

// answered notes the Date of an answer to a request that was on its way from sent to
// got. A Date has whole seconds, and nobody knows when in that time it was written: what
// counts is by how much the clocks differ at least. Of the last answers the least
// difference counts, so that an odd one among them, as out of a cache, says nothing.
func (c *clock) answered(sent, got time.Time, h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	sent, got = sent.Round(0), got.Round(0) // by the clock on the wall
	ahead := max(date.Sub(got), 0) + min(date.Add(time.Second).Sub(sent), 0)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent[c.seen%len(c.recent)] = ahead
	c.seen++
	least := ahead
	for _, d := range c.recent[:min(c.seen, len(c.recent))] {
		if d.Abs() < least.Abs() {
			least = d
		}
	}
	if least.Abs() < clocksApart {
		least = 0
	}
	before := c.ahead
	if c.ahead = least; (before == 0) != (least == 0) && c.told != nil {
		c.told(least)
	}
}

// isAhead is by how much the clock is ahead; negative when it is behind.
func (c *clock) isAhead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}
