package kit

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Allowance is what each of many may use up: so much at once, and so much a second after
// that. K is what tells them apart. Each process counts for itself.
type Allowance[K comparable] struct {
	now         func() time.Time
	burst, rate float64

	mu   sync.Mutex
	used map[K]use
}

// use is how much of an allowance had been used up, and when.
type use struct {
	amount float64
	at     time.Time
}

// maxUses bounds how many are counted. Who has so many at their command is not held back
// by counting.
const maxUses = 100_000

// NewAllowance allows each burst at once, and rate a second after that.
func NewAllowance[K comparable](now func() time.Time, burst, rate float64) *Allowance[K] {
	return &Allowance[K]{now: now, burst: burst, rate: rate, used: map[K]use{}}
}

// Wait says how long somebody has to wait until they may use up so much: 0 when they may
// now.
func (a *Allowance[K]) Wait(of K, amount float64) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waitOf(of, amount)
}

// Allow uses up so much of somebody's allowance, or says how long to wait for it.
func (a *Allowance[K]) Allow(of K, amount float64) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := a.waitOf(of, amount); wait > 0 {
		return wait
	}
	a.use(of, amount)
	return 0
}

// Take uses up so much of somebody's allowance; a negative amount gives it back.
func (a *Allowance[K]) Take(of K, amount float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.use(of, amount)
}

// These need the lock.

func (a *Allowance[K]) waitOf(of K, amount float64) time.Duration {
	over := a.usedBy(of) + amount - a.burst
	return max(0, time.Duration(math.Ceil(over/a.rate))*time.Second)
}

func (a *Allowance[K]) use(of K, amount float64) {
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

func (a *Allowance[K]) usedBy(of K) float64 {
	u := a.used[of]
	return max(0, u.amount-a.now().Sub(u.at).Seconds()*a.rate)
}

// forget makes room for many: of those that have nothing used up any more, or else of
// any.
func (a *Allowance[K]) forget() {
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

// waitKey is where a request has how long it is to be waited before it may be made.
const waitKey = "kit.wait"

// Wait is how long whoever has used up an allowance must wait, for a form that says so itself;
// 0 for everybody else.
func Wait(c echo.Context) time.Duration {
	wait, _ := c.Get(waitKey).(time.Duration)
	return wait
}

// TooMany answers whoever has used up an allowance.
func TooMany(c echo.Context, wait time.Duration) error {
	c.Set(waitKey, wait)
	c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	return echo.NewHTTPError(http.StatusTooManyRequests)
}
