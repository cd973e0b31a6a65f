package sapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"foyer/sapi"
)

// line is an API that takes down in which order calls come, by their company, and how
// many are there at once. Each takes some time.
type line struct {
	takes time.Duration

	mu    sync.Mutex
	order []string
	busy  map[string]int // calls now, by the first letter
	most  map[string]int // most at once, and under "" of all together
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	l.count(id, 1)
	<-time.After(l.takes)
	l.count(id, -1)
	answer(w, 200, `{"id":"c"}`)
}

func (l *line) count(id string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 {
		l.order = append(l.order, id)
	}
	for _, kind := range []string{id[:1], ""} {
		l.busy[kind] += n
		l.most[kind] = max(l.most[kind], l.busy[kind])
	}
}

func newLine(takes time.Duration) (*line, *upstream) {
	l := &line{takes: takes, busy: map[string]int{}, most: map[string]int{}}
	return l, newUpstream(map[string]http.HandlerFunc{"GET /prefix/api/v2/companies/{id}": l.ServeHTTP})
}

var priorities = map[string]sapi.Priority{"p": sapi.Person, "c": sapi.Change, "b": sapi.Background}

// callers make calls one after the other, each waiting for the ones before, and tell
// how long each took.
type callers struct {
	t     *testing.T
	c     *sapi.Client
	group sync.WaitGroup
	mu    sync.Mutex
	took  map[string]time.Duration
}

func newCallers(t *testing.T, c *sapi.Client) *callers {
	t.Helper()
	return &callers{t: t, c: c, took: map[string]time.Duration{}}
}

// call begins a call whose first letter is its priority.
func (c *callers) call(id string) {
	c.group.Go(func() {
		began := time.Now()
		_, err := c.c.Companies.Get(sapi.WithPriority(c.t.Context(), priorities[id[:1]]), id)
		if err != nil {
			c.t.Errorf("Get(%s) = %v", id, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.took[id] = time.Since(began)
	})
	synctest.Wait()
}

func TestPersonsGoFirst(t *testing.T) {
	t.Parallel()
	l, u := newLine(0)
	synctest.Test(t, func(t *testing.T) {
		c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.RatePerSecond = 1 }))
		for _, id := range []string{"b0", "b1", "b2", "c1", "b3", "p1", "c2", "p2"} {
			c.call(id)
		}
		c.group.Wait()
	})
	if got, want := fmt.Sprint(l.order), "[b0 p1 p2 c1 c2 b1 b2 b3]"; got != want {
		t.Errorf("calls came as %s, want %s", got, want)
	}
}

// However many read along, half of a burst is there for persons.
func TestAPersonDoesNotWaitForThoseWhoReadAlong(t *testing.T) {
	t.Parallel()
	_, u := newLine(0)
	synctest.Test(t, func(t *testing.T) {
		c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.RatePerSecond, o.Burst, o.MaxWait = 20, 20, time.Hour }))
		for n := range 500 {
			c.call(fmt.Sprint("b", n))
		}
		for n := range 10 {
			<-time.After(1234 * time.Millisecond)
			c.call(fmt.Sprint("p", n))
		}
		c.group.Wait()
		for n := range 10 {
			if took := c.took[fmt.Sprint("p", n)]; took > 0 {
				t.Errorf("a person waited for %v, want not at all", took)
			}
		}
		// 10 at once, then 20 a second for everybody together.
		if want := 500 * 50 * time.Millisecond; c.took["b499"] != want {
			t.Errorf("the last of those who read along waited for %v, want %v", c.took["b499"], want)
		}
	})
}

func TestCallsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		most, all, change, background int
	}{
		{8, 8, 6, 4}, {16, 16, 12, 8}, {3, 3, 2, 1}, {2, 2, 1, 1}, {1, 1, 1, 1}, {0, 90, 60, 30},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.most), func(t *testing.T) {
			t.Parallel()
			for _, first := range []string{"bcp", "pcb"} {
				l, u := newLine(10 * time.Second)
				synctest.Test(t, func(t *testing.T) {
					c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.MaxConcurrent, o.MaxWait = tt.most, time.Hour }))
					for _, kind := range first {
						for n := range 30 {
							c.call(fmt.Sprint(string(kind), n))
						}
						l.mu.Lock()
						below := l.busy["b"] + l.busy["c"]
						l.mu.Unlock()
						if below > tt.change {
							t.Errorf("%d calls at once below persons, want at most %d", below, tt.change)
						}
					}
					c.group.Wait()
				})
				if l.most[""] != tt.all || l.most["b"] > tt.background || len(l.order) != 90 {
					t.Errorf("%d calls of 90, at most %d at once and %d of them reading along, want %d and %d", len(l.order), l.most[""], l.most["b"], tt.all, tt.background)
				}
			}
		})
	}
}

// With every place of theirs taken by calls that hang, those who read along leave the
// others room.
func TestHangingReadersLeaveRoomForPersons(t *testing.T) {
	t.Parallel()
	_, u := newLine(20 * time.Second)
	synctest.Test(t, func(t *testing.T) {
		c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.MaxConcurrent = 4 }))
		for n := range 10 {
			c.call(fmt.Sprint("b", n))
		}
		c.call("c1")
		c.call("p1")
		c.group.Wait()
		if c.took["c1"] != 20*time.Second || c.took["p1"] != 20*time.Second {
			t.Errorf("a change took %v and a person %v, want no waiting before their 20 s", c.took["c1"], c.took["p1"])
		}
	})
}

// Whoever would wait for too long behind the others is told at once.
func TestQueueThatIsTooLong(t *testing.T) {
	t.Parallel()
	_, u := newLine(0)
	synctest.Test(t, func(t *testing.T) {
		c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.RatePerSecond, o.MaxWait = 1, 5500*time.Millisecond }))
		for n := range 6 { // one at once, and five who wait
			c.call(fmt.Sprint("c", n))
		}
		began := time.Now()
		for _, p := range []sapi.Priority{sapi.Change, sapi.Background} {
			err := readWith(p)(t.Context(), c.c)
			wantError(t, err, sapi.NotSent, sapi.ClassRateLimited)
			wantWait(t, err, 6*time.Second)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("they were told after %v, want at once", took)
		}
		c.group.Wait()
	})
}

// Who gives up waiting takes neither a turn nor a place with them.
func TestThoseWhoGiveUpTakeNothing(t *testing.T) {
	t.Parallel()
	l, u := newLine(0)
	synctest.Test(t, func(t *testing.T) {
		c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.RatePerSecond, o.MaxConcurrent = 1, 1 }))
		c.call("p1")
		gone, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { wantError(t, read(gone, c.c), sapi.NotSent, sapi.ClassCanceled) })
		}
		synctest.Wait()
		c.call("p2")
		cancel()
		group.Wait()
		c.group.Wait()
		if took := c.took["p2"]; took != time.Second {
			t.Errorf("the next waited for %v, want 1 s", took)
		}
	})
	if !slices.Equal(l.order, []string{"p1", "p2"}) {
		t.Errorf("calls came as %v, want p1 and p2 alone", l.order)
	}
}

// When nothing ends, those who wait are told after MaxWait.
func TestWaitingForAPlaceIsBounded(t *testing.T) {
	t.Parallel()
	_, u := newLine(25 * time.Second)
	synctest.Test(t, func(t *testing.T) {
		c := newCallers(t, bubble(t, u, func(o *sapi.Options) { o.MaxConcurrent, o.MaxWait = 1, 10*time.Second }))
		c.call("p1")
		began := time.Now()
		err := change(t.Context(), c.c)
		wantError(t, err, sapi.NotSent, sapi.ClassRateLimited)
		wantWait(t, err, 0)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("Create() waited for %v, want 10 s", took)
		}
		c.group.Wait()
		c.call("p2") // the place is free again
		c.group.Wait()
	})
}

// A Retry-After that comes while calls wait turns away those who can't wait for as long.
func TestRetryAfterReachesThoseWhoWait(t *testing.T) {
	t.Parallel()
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(2 * time.Second)
		w.Header().Set("Retry-After", "60")
		answer(w, 429, `{"X-Trace-Id":"Jva4J2"}`)
	}})
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, func(o *sapi.Options) { o.MaxConcurrent, o.MaxWait = 1, 30*time.Second })
		var group sync.WaitGroup
		group.Go(func() { wantError(t, change(t.Context(), c), sapi.Refused, sapi.ClassRateLimited) })
		synctest.Wait()
		began := time.Now()
		err := change(t.Context(), c)
		wantError(t, err, sapi.NotSent, sapi.ClassRateLimited)
		wantWait(t, err, time.Minute)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("Create() waited for %v, want it told at once when Symphony asks to wait", took)
		}
		group.Wait()
	})
}

func TestPriorityOutOfRange(t *testing.T) {
	t.Parallel()
	c := start(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(200, `{"id":"c"}`)}), nil)
	for _, p := range []sapi.Priority{-1, 3, 100} {
		if err := read(sapi.WithPriority(t.Context(), p), c); err != nil {
			t.Errorf("Get() with priority %d = %v", p, err)
		}
	}
}
