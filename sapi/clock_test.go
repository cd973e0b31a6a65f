package sapi_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"foyer/sapi"
)

// dated is Symphony with a clock that is so many nanoseconds ahead, and 0 for no Date at
// all.
func dated(ahead *atomic.Int64) *upstream {
	return newUpstream(map[string]http.HandlerFunc{
		"GET /prefix/api/v2/companies": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			if ahead := time.Duration(ahead.Load()); ahead != 0 {
				w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			}
			answer(w, http.StatusOK, `[]`)
		},
	})
}

func TestAClockThatDiffersByMinutesIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ ahead, least, most time.Duration }{
		{7 * time.Minute, 7*time.Minute - 30*time.Second, 7*time.Minute + time.Second},
		{-7 * time.Minute, -7*time.Minute - time.Second, -7*time.Minute + 30*time.Second},
		{48 * time.Hour, 48*time.Hour - 30*time.Second, 48*time.Hour + time.Second},
		{40 * time.Second, 0, 0},
		{-40 * time.Second, 0, 0},
		{0, 0, 0},
	} {
		var ahead atomic.Int64
		ahead.Store(int64(tt.ahead))
		client := start(t, dated(&ahead), nil)
		if got := client.ClockAhead(); got != 0 {
			t.Errorf("ClockAhead before any answer = %v, want 0", got)
		}
		if err := client.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := client.ClockAhead(); got < tt.least || got > tt.most {
			t.Errorf("ClockAhead of a clock that is %v ahead = %v, want %v to %v", tt.ahead, got, tt.least, tt.most)
		}
	}
}

// It is told when it begins and when it is over, and not at each answer; one odd answer
// among others says nothing.
func TestClocksThatDifferAreToldOnce(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	var told []bool
	client := start(t, dated(&ahead), func(o *sapi.Options) {
		o.ClocksApart = func(ahead time.Duration) { told = append(told, ahead != 0) }
	})
	for _, step := range []struct {
		ahead time.Duration
		calls int
		told  int
	}{{1, 2, 0}, {5 * time.Minute, 1, 0}, {1, 1, 0}, {5 * time.Minute, 8, 1}, {1, 3, 2}} {
		ahead.Store(int64(step.ahead))
		for range step.calls {
			if err := client.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(told) != step.told {
			t.Fatalf("after %d answers %v ahead: told %v, want %d times", step.calls, step.ahead, told, step.told)
		}
	}
	if !told[0] || told[1] {
		t.Errorf("told that they differ: %v, want first that they do, then that they don't", told)
	}
}
