package session

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Limits are what each address may cost by signing in and out without a session. Each
// process counts for itself.
type Limits struct {
	// Starts are sign-ins that were begun and not finished: each is a row in the store.
	// A whole office may share an address.
	Starts *Allowance
	// Failures are returns from the provider that belong to no sign-in of the browser's
	// own. Nobody has many of them in good faith, and each goes on record for ever.
	Failures *Allowance
	// Logouts are logout tokens that were refused. Each may have Foyer ask for the
	// provider's keys.
	Logouts *Allowance
}

// A form that is kept while its person signs in is larger than a sign-in alone.
const (
	startCost = 1
	draftCost = 5
)

// NewLimits counts for each address.
func NewLimits(now func() time.Time) Limits {
	return Limits{
		Starts:   newAllowance(now, 300, 5),
		Failures: newAllowance(now, 30, 0.1),
		Logouts:  newAllowance(now, 30, 0.1),
	}
}

// Allowance is what each address may use up: so much at once, and so much a second
// after that.
type Allowance struct {
	now         func() time.Time
	burst, rate float64

	mu   sync.Mutex
	used map[netip.Prefix]use
}

// use is how much of its allowance an address had used up, and when.
type use struct {
	amount float64
	at     time.Time
}

// maxUses bounds how many addresses are counted. Who has so many at their command is
// not held back by counting.
const maxUses = 100_000

func newAllowance(now func() time.Time, burst, rate float64) *Allowance {
	return &Allowance{now: now, burst: burst, rate: rate, used: map[netip.Prefix]use{}}
}

// wait says how long an address has to wait until it may use up so much: 0 when it may
// now.
func (a *Allowance) wait(address string, amount float64) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waitOf(network(address), amount)
}

// allow uses up so much of an address's allowance, or says how long to wait for it.
func (a *Allowance) allow(address string, amount float64) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	of := network(address)
	if wait := a.waitOf(of, amount); wait > 0 {
		return wait
	}
	a.use(of, amount)
	return 0
}

// take uses up so much of an address's allowance; a negative amount gives it back.
func (a *Allowance) take(address string, amount float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.use(network(address), amount)
}

// These need the lock.

func (a *Allowance) waitOf(of netip.Prefix, amount float64) time.Duration {
	over := a.usedBy(of) + amount - a.burst
	return max(0, time.Duration(math.Ceil(over/a.rate))*time.Second)
}

func (a *Allowance) use(of netip.Prefix, amount float64) {
	used := a.usedBy(of) + amount
	delete(a.used, of)
	if used <= 0 {
		return
	}
	if len(a.used) >= maxUses {
		a.forget()
	}
	a.used[of] = use{amount: min(used, a.burst), at: a.now()}
}

func (a *Allowance) usedBy(of netip.Prefix) float64 {
	u := a.used[of]
	return max(0, u.amount-a.now().Sub(u.at).Seconds()*a.rate)
}

// forget makes room for many: of those that have nothing used up any more, or else of
// any.
func (a *Allowance) forget() {
	for of := range a.used {
		if a.usedBy(of) == 0 {
			delete(a.used, of)
		}
	}
	for of := range a.used {
		if len(a.used) <= maxUses*9/10 {
			return
		}
		delete(a.used, of)
	}
}

// network is what counts as one address: of IPv6 the 64 bits that one customer has at
// least, since they choose the rest themselves.
func network(address string) netip.Prefix {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{} // all that can't be told apart is one
	}
	ip = ip.Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	of, _ := ip.Prefix(bits) // bits are in range
	return of
}

// tooMany answers whoever has used up an allowance.
func tooMany(c echo.Context, wait time.Duration) error {
	c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	return echo.NewHTTPError(http.StatusTooManyRequests)
}
