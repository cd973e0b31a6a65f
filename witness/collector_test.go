package witness_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"foyer/ledger"
	"foyer/witness"
)

// policy asks for so many of some witnesses, called w0, w1 and so on.
func policy(t testing.TB, quorum string, addresses []string, keys ...string) *ledger.Witnesses {
	t.Helper()
	var text strings.Builder
	var names []string
	for i, key := range keys {
		names = append(names, fmt.Sprintf("w%d", i))
		fmt.Fprintf(&text, "witness w%d %s %s\n", i, key, addresses[i])
	}
	fmt.Fprintf(&text, "group all %s %s\nquorum all\n", quorum, strings.Join(names, " "))
	w, err := ledger.ParseWitnesses([]byte(text.String()))
	must(t, err)
	return w
}

func policyOf(t testing.TB, quorum string, benches ...*bench) *ledger.Witnesses {
	t.Helper()
	var addresses, keys []string
	for _, b := range benches {
		addresses, keys = append(addresses, b.server.URL), append(keys, b.key.Public())
	}
	return policy(t, quorum, addresses, keys...)
}

func errorOf(c *witness.Collector, i int) error { return c.States()[i].Err }

func TestFoyerCollectsWhatWitnessesCosign(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	benches := []*bench{newBench(t, c, l.key.Public()[0]), newBench(t, c, l.key.Public()[0]), newBench(t, c, l.key.Public()[0])}
	w := policyOf(t, "2", benches...)
	collector := witness.NewCollector(w, c.now, nil)
	for range 3 {
		l.many(t, 11, "event")
		c.add(5 * time.Minute)
		signed := collector.Cosign(t.Context(), l.sign(t), l.prove)
		if seen := w.Of(signed); len(seen) != 3 || !w.Enough(signed) || !seen[0].At.Equal(c.now()) {
			t.Fatalf("it was seen by %+v", seen)
		}
		if got, err := ledger.OpenCheckpoint(signed, l.key.Verifiers()); err != nil || got.Size != l.size {
			t.Fatalf("OpenCheckpoint = %+v, %v", got, err)
		}
		if again := collector.Cosign(t.Context(), signed, l.prove); string(again) != string(signed) {
			t.Errorf("asked about what all have seen it is\n%s", again)
		}
	}

	// One that is away is missed, asked again after a minute, and catches up.
	benches[1].stop()
	l.many(t, 1, "event")
	signed := collector.Cosign(t.Context(), l.sign(t), l.prove)
	if seen := w.Of(signed); len(seen) != 2 || !w.Enough(signed) {
		t.Fatalf("without one of them it was seen by %+v", seen)
	}
	if err := errorOf(collector, 1); err == nil || errorOf(collector, 0) != nil {
		t.Errorf("States = %+v, want that the second doesn't answer", collector.States())
	}
	since := c.now()
	benches[2].stop()
	c.add(10 * time.Minute)
	l.many(t, 1, "event")
	signed = collector.Cosign(t.Context(), l.sign(t), l.prove)
	if w.Enough(signed) || len(w.Of(signed)) != 1 {
		t.Errorf("one of three is enough of two: %+v", w.Of(signed))
	}
	if state := collector.States()[1]; !state.Since.Equal(since) {
		t.Errorf("the second doesn't answer since %s, want %s", state.Since, since)
	}
}

func TestAWitnessThatDoesNotAnswerIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 3, "event")
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		http.Error(w, "not now", http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	key, err := ledger.GenerateCosigner("audit.example.com/w")
	must(t, err)
	collector := witness.NewCollector(policy(t, "any", []string{server.URL}, key.Public()), c.now, nil)
	for range 5 {
		collector.Cosign(t.Context(), l.sign(t), l.prove)
		c.add(20 * time.Second)
	}
	if asked != 2 {
		t.Errorf("it was asked %d times in 100 s, want 2", asked)
	}
}

func TestFoyerTellsThatAWitnessRefusesTheLedger(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		now  func(t *testing.T, l *log) *log // what has come in the ledger's place
		want string
	}{
		"it was cut": {func(t *testing.T, l *log) *log {
			t.Helper()
			cut := newLog(t, l.clock)
			cut.key = l.key
			cut.many(t, 12, "event")
			return cut
		}, "has seen 20 events, and the ledger has fewer events"},
		"it was rewritten": {func(t *testing.T, l *log) *log {
			t.Helper()
			rewritten := newLog(t, l.clock)
			rewritten.key = l.key
			rewritten.many(t, 25, "another event")
			return rewritten
		}, "has seen 20 events, and the events up to there are not those that it saw"},
		"it was forked": {func(t *testing.T, l *log) *log {
			t.Helper()
			forked := newLog(t, l.clock)
			forked.key = l.key
			forked.many(t, 19, "event")
			forked.record(t, "another event")
			return forked
		}, "has seen 20 events, and it saw another ledger of as many events"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			l := newLog(t, c)
			l.many(t, 20, "event")
			b := newBench(t, c, l.key.Public()[0])
			w := policyOf(t, "any", b)
			before := witness.NewCollector(w, c.now, nil)
			if !w.Enough(before.Cosign(t.Context(), l.sign(t), l.prove)) {
				t.Fatal("the ledger is refused before anything was done to it")
			}
			forged := test.now(t, l)
			// By the process that asked before, and by one that was started since.
			for _, collector := range []*witness.Collector{before, witness.NewCollector(w, c.now, nil)} {
				c.add(time.Hour)
				signed := collector.Cosign(t.Context(), forged.sign(t), forged.prove)
				if len(w.Of(signed)) != 0 {
					t.Fatalf("it is cosigned:\n%s", signed)
				}
				var refused *witness.RefusedError
				if err := errorOf(collector, 0); !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("States = %v, want %q", err, test.want)
				}
			}
			// Put right, it is cosigned again.
			c.add(time.Hour)
			l.many(t, 1, "event")
			if !w.Enough(before.Cosign(t.Context(), l.sign(t), l.prove)) || errorOf(before, 0) != nil {
				t.Errorf("the ledger itself is refused: %v", errorOf(before, 0))
			}
		})
	}
}

// Another process may have had the witness cosign more meanwhile: that is no refusal.
func TestAWitnessThatIsAheadIsNoTrouble(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 20, "event")
	older := l.sign(t)
	l.many(t, 5, "event")
	b := newBench(t, c, l.key.Public()[0])
	w := policyOf(t, "any", b)
	witness.NewCollector(w, c.now, nil).Cosign(t.Context(), l.sign(t), l.prove)
	late := witness.NewCollector(w, c.now, nil)
	if signed := late.Cosign(t.Context(), older, l.prove); len(w.Of(signed)) != 0 {
		t.Errorf("a late one is cosigned:\n%s", signed)
	}
	if err := errorOf(late, 0); err != nil {
		t.Errorf("a late one is a trouble: %v", err)
	}
}

func TestWhatAStrangeWitnessAnswersDoesNoHarm(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLog(t, c)
	l.many(t, 20, "event")
	key, err := ledger.GenerateCosigner("audit.example.com/w")
	must(t, err)
	other, err := ledger.GenerateCosigner("audit.example.com/w")
	must(t, err)
	forked := l.fork()
	forked.many(t, 1, "another event")
	cosignedAt := func(signed []byte, key *ledger.Cosigner, at time.Time) string {
		text, _, _ := strings.Cut(string(signed), "\n\n")
		own, err := note.Sign(&note.Note{Text: text + "\n"}, key.At(at))
		if err != nil {
			t.Error(err)
		}
		return string(own[len(text)+2:])
	}
	cosigned := func(signed []byte, key *ledger.Cosigner) string { return cosignedAt(signed, key, c.now()) }
	redirected := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, cosigned(l.sign(t), key))
	}))
	t.Cleanup(redirected.Close)
	for name, answer := range map[string]http.HandlerFunc{
		"another's cosignature": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, cosigned(l.sign(t), other)) },
		"of another checkpoint": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, cosigned(forked.sign(t), key)) },
		"of another time": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, cosignedAt(l.sign(t), key, c.now().Add(-2*time.Hour)))
		},
		"of a time to come": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, cosignedAt(l.sign(t), key, c.now().Add(2*time.Hour)))
		},
		"no cosignature": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "thank you") },
		"nothing":        func(http.ResponseWriter, *http.Request) {},
		"without end": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, strings.Repeat("— x y\n", 1000)); err != nil {
					return
				}
			}
		},
		"a new size each time": func() http.HandlerFunc {
			n := 0
			return func(w http.ResponseWriter, _ *http.Request) {
				n++
				http.Error(w, fmt.Sprint(n), http.StatusConflict)
			}
		}(),
		"no size":         func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "many", http.StatusConflict) },
		"less than none":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "-5", http.StatusConflict) },
		"it doesn't know": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusNotFound) },
		"another address": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, redirected.URL, http.StatusTemporaryRedirect)
		},
		"it breaks off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			w := policy(t, "any", []string{server.URL + "/a-secret"}, key.Public())
			collector := witness.NewCollector(w, c.now, nil)
			signed := l.sign(t)
			if got := collector.Cosign(context.WithoutCancel(t.Context()), signed, l.prove); string(got) != string(signed) {
				t.Errorf("the checkpoint has become\n%s", got)
			}
			if err := errorOf(collector, 0); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("States = %v, want why, without the address", err)
			}
		})
	}
}
