package handlers

import (
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
)

// budget names what a session may have done only so often, because others pay for it.
type budget string

// The budgets.
const (
	unlimited budget = ""
	typing    budget = "typing"    // a question to the database with every letter, in the box or a list
	searches  budget = "searches"  // up to a hundred calls to Symphony follow
	downloads budget = "downloads" // an event that stays for ever, and much reading
	uploads   budget = "uploads"   // a list of many megabytes, which is read and kept
	refusals  budget = "refusals"  // likewise an event
)

// budgetLimits are how often each may be done: so many at once, and one more each time
// that Every has passed. People don't come near them; a script does.
var budgetLimits = map[budget]struct {
	burst int
	every time.Duration
}{
	typing:    {60, 200 * time.Millisecond},
	searches:  {20, 2 * time.Second},
	downloads: {20, 5 * time.Second},
	uploads:   {10, 10 * time.Second},
	refusals:  {40, 30 * time.Second},
}

// budgets count what each session has had done.
type budgets map[budget]*kit.Allowance[string]

func newBudgets(now func() time.Time) budgets {
	b := budgets{}
	for name, limit := range budgetLimits {
		b[name] = kit.NewAllowance[string](now, float64(limit.burst), 1/limit.every.Seconds())
	}
	return b
}

// spend takes from a budget of a session, and refuses when nothing is left.
func (b budgets) spend(c echo.Context, name budget, session string) error {
	if name == unlimited {
		return nil
	}
	if wait := b[name].Allow(session, 1); wait > 0 {
		return kit.TooMany(c, wait)
	}
	return nil
}
