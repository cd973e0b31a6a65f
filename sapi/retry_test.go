package sapi_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"foyer/sapi"
)

// limiting answers the first call with 429 or 503 and a Retry-After, the others well.
func limiting(status int, retryAfter string, calls *atomic.Int64) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) == 1 {
				w.Header().Set("Retry-After", retryAfter)
				answer(w, status, `{"status":429,"X-Trace-Id":"Jva4J2"}`)
				return
			}
			answer(w, 200, `{"id":"c"}`)
		},
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	const jitter = 200 * time.Millisecond
	tests := []struct {
		name, value string
		wait        time.Duration
	}{
		{"seconds", "7", 7 * time.Second},
		{"five minutes", "300", 5 * time.Minute},
		// A bubble begins at 2000-01-01, and so does the Date header of its server.
		{"a date", "Sat, 01 Jan 2000 00:00:09 GMT", 9 * time.Second},
		{"a date gone by", "Fri, 31 Dec 1999 00:00:00 GMT", 0},
		{"zero", "0", 0},
		{"negative", "-5", 0},
		{"a fraction", "1.5", 0},
		{"garbage", "soon", 0},
		{"missing", "", 0},
	}
	for _, status := range []int{429, 503} {
		for _, tt := range tests {
			t.Run(fmt.Sprint(status, " ", tt.name), func(t *testing.T) {
				t.Parallel()
				var calls atomic.Int64
				synctest.Test(t, func(t *testing.T) {
					c := bubble(t, newUpstream(limiting(status, tt.value, &calls)), nil)
					began := time.Now()
					if err := read(t.Context(), c); err != nil {
						t.Fatalf("Get() = %v", err)
					}
					if took := time.Since(began); took < tt.wait || took > tt.wait+jitter {
						t.Errorf("Get() after Retry-After %q took %v, want %v to %v", tt.value, took, tt.wait, tt.wait+jitter)
					}
				})
			})
		}
	}
}

// A date is told by the server's clock, so it is compared with the server's clock.
func TestRetryAfterOfAServerWhoseClockIsWrong(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	handlers := limiting(429, "Mon, 01 Jan 2024 00:00:30 GMT", &calls)
	inner := handlers["/prefix/api/"]
	handlers["/prefix/api/"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
		inner(w, r)
	}
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(handlers), nil)
		began := time.Now()
		if err := read(t.Context(), c); err != nil {
			t.Fatalf("Get() = %v", err)
		}
		if took := time.Since(began); took < 30*time.Second || took > 31*time.Second {
			t.Errorf("Get() took %v, want 30 s", took)
		}
	})
}

func TestRetryAfterThatIsTooLongFailsAtOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		deadline    time.Duration
		most        time.Duration // the option
		wait        time.Duration
	}{
		{"a day", "86400", 0, time.Minute, 5 * time.Minute},
		{"beyond five minutes", "302", 0, time.Minute, 5 * time.Minute},
		{"beyond what the options allow", "30", 0, 20 * time.Second, 30 * time.Second},
		{"beyond the caller's deadline", "60", 10 * time.Second, 0, time.Minute},
		{"an age", "9000000000", 0, time.Minute, 5 * time.Minute},
		{"beyond what a duration holds", "9223372036854775807", 0, time.Minute, 5 * time.Minute},
		{"a date decades ahead", "Fri, 01 Jan 2088 00:00:00 GMT", 0, time.Minute, 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			synctest.Test(t, func(t *testing.T) {
				c := bubble(t, newUpstream(limiting(429, tt.value, &calls)), func(o *sapi.Options) { o.MaxWait = tt.most })
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				began := time.Now()
				err := read(ctx, c)
				wantError(t, err, sapi.Refused, sapi.ClassRateLimited)
				wantWait(t, err, tt.wait)

				// Nobody else hammers: reads and changes are held back with what is left.
				<-time.After(time.Second)
				for _, do := range []func(context.Context, *sapi.Client) error{read, change} {
					err := do(ctx, c)
					wantError(t, err, sapi.NotSent, sapi.ClassRateLimited)
					wantWait(t, err, tt.wait-time.Second)
				}
				if took := time.Since(began); took != time.Second || calls.Load() != 1 {
					t.Errorf("took %v and %d calls, want no waiting and one call", took, calls.Load())
				}
				<-time.After(tt.wait)
				if err := change(t.Context(), c); err != nil {
					t.Errorf("Create() when the time is over = %v", err)
				}
			})
		})
	}
}

// One refusal holds back the whole service: those who come meanwhile wait too.
func TestWholeClientPauses(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(limiting(429, "60", &calls)), nil)
		began := time.Now()
		err := change(t.Context(), c)
		wantError(t, err, sapi.Refused, sapi.ClassRateLimited)
		wantWait(t, err, time.Minute)
		inParallel(t, 10, func() error { return change(t.Context(), c) })
		if took := time.Since(began); took != time.Minute {
			t.Errorf("the next changes took %v, want them to wait for a minute", took)
		}
	})
}

// A change that the service was too busy for may have happened all the same.
func TestBusyServiceLosesChangesAndPauses(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(limiting(503, "60", &calls)), nil)
		err := change(t.Context(), c)
		wantError(t, err, sapi.Lost, sapi.ClassServer)
		if _, limited := sapi.IsRateLimited(err); limited {
			t.Errorf("Create() = %v counts as rate limited, though its outcome is unknown", err)
		}
		began := time.Now()
		if err := read(t.Context(), c); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Get() = %v after %v, want it to wait for a minute", err, time.Since(began))
		}
	})
}

func TestPauseOfOneServiceIsNotThatOfAnother(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	handlers := limiting(429, "86400", &calls)
	handlers["/prefix/webcontroller/"] = answering(200, `{"podDomain":"corporate.symphony.com"}`)
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, newUpstream(handlers), func(o *sapi.Options) { o.MaxWait = time.Minute })
		wantError(t, read(t.Context(), c), sapi.Refused, sapi.ClassRateLimited)
		if _, err := c.Login.Lookup(t.Context(), person); err != nil {
			t.Errorf("Lookup() = %v, want the login service to be asked", err)
		}
	})
}

func TestOwnRateLimit(t *testing.T) {
	t.Parallel()
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": answering(200, `{"id":"c"}`)})
	synctest.Test(t, func(t *testing.T) {
		c := bubble(t, u, func(o *sapi.Options) { o.RatePerSecond, o.Burst = 2, 3 })
		began := time.Now()
		inParallel(t, 13, func() error { return read(t.Context(), c) })
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("13 calls took %v, want 3 at once and 2 a second", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := change(ctx, c)
		wantError(t, err, sapi.NotSent, sapi.ClassRateLimited)
		wantWait(t, err, 500*time.Millisecond)
	})
}

func TestPingTriesOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	u := newUpstream(map[string]http.HandlerFunc{"/prefix/api/": func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		answer(w, 503, "")
	}})
	c := start(t, u, nil)
	err := c.Ping(t.Context())
	wantError(t, err, sapi.Failed, sapi.ClassServer)
	if calls.Load() != 1 {
		t.Errorf("Ping() tried %d times, want once", calls.Load())
	}
}

func wantWait(t *testing.T, err error, want time.Duration) {
	t.Helper()
	if got, ok := sapi.IsRateLimited(err); !ok || got != want {
		t.Errorf("IsRateLimited(%v) = %v, %v, want %v", err, got, ok, want)
	}
}
