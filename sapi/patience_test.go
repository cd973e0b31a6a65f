package sapi_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"foyer/sapi"
)

// A header that asks to wait for a day, from the API or the token endpoint, costs five
// minutes; then one call at a time finds out whether it is over.
func TestAfterTheLongestPauseOneCallAtATimeIsMade(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/prefix/api/", "POST /prefix/oauth/token"} {
		var calls, busy, most atomic.Int64
		asks := func(w http.ResponseWriter, _ *http.Request) {
			if n := busy.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer busy.Add(-1)
			<-time.After(time.Second)
			if calls.Add(1) <= 3 {
				w.Header().Set("Retry-After", "99999")
				answer(w, 503, `{"status":503}`)
				return
			}
			answer(w, 200, `{"id":"c","access_token":"t"}`)
		}
		handlers := map[string]http.HandlerFunc{"/prefix/api/": answering(200, `{"id":"c"}`), path: asks}
		synctest.Test(t, func(t *testing.T) {
			c := bubble(t, newUpstream(handlers), func(o *sapi.Options) { o.MaxWait = 20 * time.Second })
			if err := read(t.Context(), c); err == nil {
				t.Fatal("read = nil, want what it was answered")
			}
			wantWait(t, read(t.Context(), c), 5*time.Minute)
			for again := range 2 {
				<-time.After(5*time.Minute + time.Second)
				most.Store(0)
				var refused atomic.Int64
				var group sync.WaitGroup
				for range 10 {
					group.Go(func() {
						if read(t.Context(), c) != nil {
							refused.Add(1)
						}
					})
				}
				group.Wait()
				if refused.Load() != 10 || most.Load() != 1 || calls.Load() != int64(again)+2 {
					t.Errorf("%s: %d of 10 refused after %d calls, %d at once; want all, after one more, one at once", path, refused.Load(), calls.Load(), most.Load())
				}
			}
			<-time.After(5*time.Minute + time.Second)
			inParallel(t, 10, func() error { return read(t.Context(), c) })
		})
	}
}

// A page makes several calls. However often Symphony asks to wait a little, the page
// waits until a time at most.
func TestReadsDontWaitBeyondTheirPatience(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"2", "15", "99999"} {
		handler := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", asked)
			answer(w, 429, `{"status":429,"X-Trace-Id":"Jva4J2"}`)
		}
		synctest.Test(t, func(t *testing.T) {
			c := bubble(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": handler}), func(o *sapi.Options) { o.MaxWait = 20 * time.Second })
			began := time.Now()
			ctx := sapi.WaitUntil(t.Context(), began.Add(3*time.Second))
			for range 10 {
				if wait, limited := sapi.IsRateLimited(read(ctx, c)); !limited || wait <= 0 {
					t.Errorf("IsRateLimited = %v, %v, want how long to wait", wait, limited)
				}
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("ten reads that were asked to wait %s s took %v, want 3 s at most", asked, took)
			}
		})
	}
}

// A Symphony that hangs keeps one waiting, and those behind are told at once.
func TestAReadThatHungIsRememberedForAWhile(t *testing.T) {
	t.Parallel()
	var alive atomic.Bool
	handler := func(w http.ResponseWriter, r *http.Request) {
		if !alive.Load() {
			silent(w, r)
			return
		}
		answer(w, 200, `{"id":"c"}`)
	}
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": handler}), nil)
		wantError(t, read(t.Context(), c), sapi.Failed, sapi.ClassTimeout)
		for step, after := range []time.Duration{0, 20 * time.Second} {
			<-time.After(after)
			began := time.Now()
			err := read(t.Context(), c)
			wantError(t, err, sapi.NotSent, sapi.ClassPaused)
			if wait, _ := sapi.IsPaused(err); wait <= 0 || wait > 30*time.Second || time.Since(began) > 0 {
				t.Errorf("step %d: IsPaused = %v after %v, want up to 30 s at once", step, wait, time.Since(began))
			}
		}

		// Then one tries, and the others still don't wait for it.
		<-time.After(11 * time.Second)
		first := make(chan error)
		go func() { first <- read(t.Context(), c) }()
		synctest.Wait()
		wantError(t, read(t.Context(), c), sapi.NotSent, sapi.ClassPaused)
		wantError(t, <-first, sapi.Failed, sapi.ClassTimeout)
		alive.Store(true)
		<-time.After(31 * time.Second)
		for range 2 {
			if err := read(t.Context(), c); err != nil {
				t.Errorf("read once it answers = %v", err)
			}
		}
	})
}

// Where one kind of read hung, people don't wait as long for each of the others.
func TestWhereOneReadHungOthersAreNotWaitedForAsLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": silent}), nil)
		wantError(t, read(t.Context(), c), sapi.Failed, sapi.ClassTimeout)
		others := map[string]func() error{
			"a user":        func() error { _, err := c.Users.Get(t.Context(), "c", "u"); return err },
			"a page":        func() error { _, err := c.Users.List(t.Context(), "c", sapi.PageOptions{}); return err },
			"all companies": func() error { _, err := c.Companies.List(t.Context()); return err },
		}
		for name, other := range others {
			began := time.Now()
			wantError(t, other(), sapi.Failed, sapi.ClassTimeout)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s took %v, want a few seconds", name, took)
			}
			began = time.Now()
			wantError(t, other(), sapi.NotSent, sapi.ClassPaused)
			if took := time.Since(began); took > 0 {
				t.Errorf("%s again took %v, want to be told at once", name, took)
			}
		}
	})
}

func TestAProbeIsMadeWhateverWasAskedFor(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) <= 2 {
				w.Header().Set("Retry-After", "99999")
				answer(w, 429, `{"status":429,"X-Trace-Id":"Jva4J2"}`)
				return
			}
			answer(w, 200, `[]`)
		}}), func(o *sapi.Options) { o.MaxWait = 20 * time.Second })
		wantWait(t, c.Ping(t.Context()), 5*time.Minute)
		wantWait(t, c.Probe(t.Context()), 5*time.Minute)
		if _, limited := sapi.IsRateLimited(c.Ping(t.Context())); !limited || calls.Load() != 2 {
			t.Errorf("after a probe that was asked to wait %d calls were made, want others to wait again", calls.Load())
		}
		if err := c.Probe(t.Context()); err != nil {
			t.Errorf("Probe = %v", err)
		}
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("Ping = %v, want all calls made again", err)
		}
	})
}
