package sapi_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"foyer/sapi"
)

// dying is an API that counts its calls, and that is dead or alive.
type dying struct {
	calls atomic.Int64
	alive atomic.Bool
}

func (d *dying) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	d.calls.Add(1)
	if d.alive.Load() {
		answer(w, 200, `{"id":"c"}`)
		return
	}
	answer(w, 500, `{"title":"Internal Server Error","status":500}`)
}

func readWith(p sapi.Priority) func(context.Context, *sapi.Client) error {
	return func(ctx context.Context, c *sapi.Client) error { return read(sapi.WithPriority(ctx, p), c) }
}

// look reads again and again for a while, as those do who have nobody waiting: when
// told to wait they wait.
func look(t *testing.T, c *sapi.Client, until time.Time) {
	t.Helper()
	for time.Now().Before(until) {
		err := readWith(sapi.Change)(t.Context(), c)
		wait, paused := sapi.IsPaused(err)
		if !paused {
			wait = time.Second
		} else if wait <= 0 || wait > time.Minute {
			t.Errorf("IsPaused(%v) = %v, want up to a minute", err, wait)
		}
		<-time.After(wait)
	}
}

// 1,500 changes are not settled, and each is looked at as soon as may be. A Symphony
// that is dead notices little of it.
func TestDeadSymphonyIsProbed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options func(*sapi.Options)
		least   int64
		most    int64
	}{
		// Five failures, those under way then, and the probes at 1, 3, 7, 15, 31 s.
		"with the program's limits": {func(o *sapi.Options) { o.RatePerSecond, o.Burst, o.MaxConcurrent = 20, 20, 16 }, 8, 25},
		"without a burst":           {func(o *sapi.Options) { o.RatePerSecond, o.MaxConcurrent = 20, 16 }, 8, 15},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, u := &dying{}, newUpstream(nil)
			u.Handle("/prefix/api/", d)
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, u, tt.options)
				minute := time.Now().Add(time.Minute)
				var group sync.WaitGroup
				for range 1500 {
					group.Go(func() { look(t, c, minute) })
				}
				<-time.After(time.Minute)
				if got := d.calls.Load(); got < tt.least || got > tt.most {
					t.Errorf("%d requests in the first minute, want %d to %d", got, tt.least, tt.most)
				}
				group.Wait()
			})
		})
	}
}

// The longer it is dead, the more seldom it is asked, down to once in a minute or less.
func TestLongDeadSymphonyIsProbedSeldom(t *testing.T) {
	t.Parallel()
	d, u := &dying{}, newUpstream(nil)
	u.Handle("/prefix/api/", d)
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, nil)
		var group sync.WaitGroup
		hour := time.Now().Add(time.Hour)
		for range 20 {
			group.Go(func() { look(t, c, hour) })
		}
		<-time.After(10 * time.Minute)
		before := d.calls.Load()
		group.Wait()
		if got := d.calls.Load() - before; got < 49 || got > 101 {
			t.Errorf("%d requests in 50 minutes, want one or two a minute", got)
		}
	})
}

// The token endpoint is part of Symphony: while it is dead nobody gets anywhere.
func TestDeadTokenEndpointIsProbed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	u := newUpstream(map[string]http.HandlerFunc{tokenPattern: func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		<-time.After(10 * time.Millisecond) // whoever comes meanwhile has the same answer
		answer(w, 500, "")
	}})
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, func(o *sapi.Options) { o.RatePerSecond, o.MaxConcurrent = 20, 16 })
		minute := time.Now().Add(time.Minute)
		var group sync.WaitGroup
		for range 1500 {
			group.Go(func() { look(t, c, minute) })
		}
		group.Wait()
		if got := asked.Load(); got > 15 {
			t.Errorf("%d requests for a token in a minute, want a handful", got)
		}
		wantError(t, read(t.Context(), c), sapi.NotSent, sapi.ClassServer) // a person's call is made
	})
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	d, u := &dying{}, newUpstream(nil)
	u.Handle("/prefix/api/", d)
	synctest.Test(t, func(t *testing.T) {
		c, ctx := bubble(t, u, nil), t.Context()
		person, settling, along := readWith(sapi.Person), readWith(sapi.Change), readWith(sapi.Background)
		want := func(why string, n int64, err error, fate sapi.Fate, class sapi.Class) {
			t.Helper()
			wantError(t, err, fate, class)
			if got := d.calls.Swap(0); got != n {
				t.Errorf("%s: %d requests, want %d", why, got, n)
			}
		}
		for range 3 {
			want("a few failures", 1, along(ctx, c), sapi.Failed, sapi.ClassServer)
		}
		want("a person's failure counts", 1, person(ctx, c), sapi.Failed, sapi.ClassServer)
		want("a change's failure counts", 1, change(ctx, c), sapi.Lost, sapi.ClassServer)

		paused := along(ctx, c)
		want("those who read along", 0, paused, sapi.NotSent, sapi.ClassPaused)
		if wait, ok := sapi.IsPaused(paused); !ok || wait < time.Second/2 || wait > time.Second {
			t.Errorf("IsPaused() = %v, %v, want up to a second", wait, ok)
		}
		want("those who settle", 0, settling(ctx, c), sapi.NotSent, sapi.ClassPaused)
		want("a person", 1, person(ctx, c), sapi.Failed, sapi.ClassServer)
		want("a change, whoever sends it", 1, change(sapi.WithPriority(ctx, sapi.Background), c), sapi.Lost, sapi.ClassServer)

		<-time.After(time.Second)
		want("the probe", 1, along(ctx, c), sapi.Failed, sapi.ClassServer)
		paused = along(ctx, c)
		want("after the probe", 0, paused, sapi.NotSent, sapi.ClassPaused)
		if wait, _ := sapi.IsPaused(paused); wait < time.Second || wait > 2*time.Second {
			t.Errorf("IsPaused() = %v after a failed probe, want it doubled", wait)
		}
		for range 10 { // to what is known already they add nothing
			want("persons who insist", 1, person(ctx, c), sapi.Failed, sapi.ClassServer)
		}
		if wait, _ := sapi.IsPaused(along(ctx, c)); wait > 2*time.Second {
			t.Errorf("IsPaused() = %v, want it no longer for persons who insist", wait)
		}

		d.alive.Store(true)
		if err := person(ctx, c); err != nil {
			t.Errorf("Get() = %v", err)
		}
		if err := along(ctx, c); err != nil {
			t.Errorf("Get() of those who read along = %v, want it made after a person's success", err)
		}
		d.alive.Store(false)
		d.calls.Store(0)
		for range 4 {
			want("a few failures anew", 1, along(ctx, c), sapi.Failed, sapi.ClassServer)
		}
	})
}

// Those who waited for their turn when it opened are told, and use up no turns.
func TestPausedCallsTakeNoTurns(t *testing.T) {
	t.Parallel()
	d, u := &dying{}, newUpstream(nil)
	u.Handle("/prefix/api/", d)
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, func(o *sapi.Options) { o.RatePerSecond, o.MaxWait = 1, time.Hour })
		began := time.Now()
		inParallel(t, 60, func() error {
			if err := readWith(sapi.Background)(t.Context(), c); !sapi.IsUnavailable(err) {
				return err
			}
			return nil
		})
		// Five failures, a probe, and then all the others.
		if took := time.Since(began); took > 10*time.Second || d.calls.Load() > 8 {
			t.Errorf("60 calls took %v and %d requests, want some seconds and a handful", took, d.calls.Load())
		}
	})
}

// Only one call finds out whether Symphony is back, and one that gives up lets
// another do so.
func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) > 5 {
			silent(w, r)
			return
		}
		answer(w, 500, "")
	}})
	synctest.Test(t, func(t *testing.T) {
		c, along := bubble(t, u, nil), readWith(sapi.Background)
		for range 5 {
			wantError(t, along(t.Context(), c), sapi.Failed, sapi.ClassServer)
		}
		<-time.After(time.Second)
		for range 2 {
			calls.Store(5)
			ctx, cancel := context.WithCancel(t.Context())
			probe := make(chan error)
			go func() { probe <- along(ctx, c) }()
			synctest.Wait()
			err := along(t.Context(), c)
			wantError(t, err, sapi.NotSent, sapi.ClassPaused)
			if wait, _ := sapi.IsPaused(err); wait != time.Second || calls.Load() != 6 {
				t.Errorf("IsPaused() = %v with %d requests, want 1 s and the probe alone", wait, calls.Load()-5)
			}
			cancel()
			wantError(t, <-probe, sapi.Failed, sapi.ClassCanceled)
		}
	})
}

// A refusal is an answer, and so is a gateway's nonsense: the other side is there.
func TestRefusalsDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 404, 429, 302} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(status, "")}), func(o *sapi.Options) { o.MaxTries = 1 })
		for range 10 {
			if err := readWith(sapi.Background)(t.Context(), c); err == nil || sapi.IsUnavailable(err) {
				t.Errorf("Get() answered with %d = %v, want an error that is not unavailable", status, err)
			}
		}
	}
}

// The login service is another one.
func TestBreakerOfOneServiceIsNotThatOfAnother(t *testing.T) {
	t.Parallel()
	d := &dying{}
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/webcontroller/": answering(200, `{"podDomain":"corporate.symphony.com"}`)})
	u.Handle("/prefix/api/", d)
	c := start(t, u, nil)
	ctx := sapi.WithPriority(t.Context(), sapi.Background)
	for range 5 {
		wantError(t, read(ctx, c), sapi.Failed, sapi.ClassServer)
	}
	wantError(t, read(ctx, c), sapi.NotSent, sapi.ClassPaused)
	if _, err := c.Login.Lookup(ctx, person); err != nil {
		t.Errorf("Lookup() = %v, want the login service to be asked", err)
	}
}
