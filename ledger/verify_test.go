package ledger_test

import (
	"errors"
	"iter"
	"runtime"
	"testing"
	"time"

	"foyer/ledger"
)

// memory is a ledger without a database. It seals every event when it is asked
// for it, so that it holds none.
func memory(t testing.TB, events int64, seen func(seq int64)) ledger.Source {
	t.Helper()
	var tree ledger.Tree
	s := ledger.Source{Origin: "x", Size: events, HighAt: event().At.UnixMicro()}
	s.Checkpoints = checkpoints()
	for seq := range events {
		tree.Append(sealed(t, seq+1).Leaf())
	}
	s.Peaks = tree.Peaks()
	s.Records = func(yield func(ledger.Stored, error) bool) {
		var tree ledger.Tree
		for seq := int64(1); seq <= events; seq++ {
			r := sealed(t, seq)
			e, err := r.Event()
			if err != nil {
				t.Fatal(err)
			}
			stored := ledger.Stored{
				Seq: seq, Record: r, Hashes: ledger.JoinHashes(tree.Append(r.Leaf())), Index: ledger.IndexOf(e), HighAt: e.At.UnixMicro(),
			}
			if seen != nil {
				seen(seq)
			}
			if !yield(stored, nil) {
				return
			}
		}
	}
	return s
}

func sealed(t testing.TB, seq int64) ledger.Record {
	t.Helper()
	e := event()
	e.Seq, e.Redacts = seq, nil
	return seal(t, e)
}

func checkpoints(signed ...[]byte) iter.Seq2[ledger.StoredCheckpoint, error] {
	return func(yield func(ledger.StoredCheckpoint, error) bool) {
		for _, s := range signed {
			if !yield(ledger.StoredCheckpoint{Note: s}, nil) {
				return
			}
		}
	}
}

func TestMemoryOfVerificationStaysFlat(t *testing.T) { //nolint:paralleltest // it measures the heap
	var heap []uint64
	source := memory(t, 8_000, func(seq int64) {
		if seq%2000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			heap = append(heap, m.HeapAlloc)
		}
	})
	report, err := ledger.Verify(t.Context(), source, ledger.VerifyOptions{})
	if err != nil || !report.OK() || report.Events != 8_000 {
		t.Fatalf("Verify = %+v, %v", report, err)
	}
	if grown := int64(heap[len(heap)-1]) - int64(heap[0]); grown > 256<<10 {
		t.Errorf("the heap grew by %d bytes over 6,000 events, want none", grown)
	}
}

func TestACheckpointOfAnotherLedgerIsTold(t *testing.T) {
	t.Parallel()
	key, other, source := newKey(t, "x"), newKey(t, "y"), memory(t, 3, nil)
	signed, err := ledger.Checkpoint{Origin: "y", Size: 2, At: time.Now()}.Sign(other)
	if err != nil {
		t.Fatal(err)
	}
	both, err := ledger.NewVerifiers(key.Public()[0], other.Public()[0])
	if err != nil {
		t.Fatal(err)
	}
	report, err := ledger.Verify(t.Context(), source, ledger.VerifyOptions{Verifiers: both, Held: [][]byte{signed}})
	if err != nil || report.FirstBad != 1 || report.Problems[0].Kind != ledger.Foreign {
		t.Errorf("Verify = %v, %v, want foreign from 1 on", report.Problems, err)
	}
}

func TestWithoutAKeyNoCheckpointIsBelieved(t *testing.T) {
	t.Parallel()
	source := memory(t, 3, nil)
	source.Checkpoints = checkpoints([]byte("no checkpoint at all"))
	report, err := ledger.Verify(t.Context(), source, ledger.VerifyOptions{Held: [][]byte{[]byte("neither")}})
	if err != nil || !report.OK() || report.Checkpoints != 0 || report.Signed.Size != 0 {
		t.Errorf("Verify = %+v, %v, want nothing confirmed", report, err)
	}

	source = memory(t, 3, nil)
	source.Checkpoints = checkpoints([]byte("no checkpoint at all"))
	report, err = ledger.Verify(t.Context(), source, ledger.VerifyOptions{Verifiers: newKey(t, "x").Verifiers()})
	if err != nil || report.FirstBad != 1 || report.Problems[0].Kind != ledger.Unsigned {
		t.Errorf("Verify = %v, %v, want unsigned", report.Problems, err)
	}
}

func TestASourceThatFailsIsAnErrorAndNoFinding(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	source := memory(t, 3, nil)
	source.Records = func(yield func(ledger.Stored, error) bool) { yield(ledger.Stored{}, broken) }
	if report, err := ledger.Verify(t.Context(), source, ledger.VerifyOptions{}); !errors.Is(err, broken) || !report.OK() {
		t.Errorf("Verify = %v, %v, want the source's error", report.Problems, err)
	}
	source = memory(t, 3, nil)
	source.Checkpoints = func(yield func(ledger.StoredCheckpoint, error) bool) { yield(ledger.StoredCheckpoint{}, broken) }
	if _, err := ledger.Verify(t.Context(), source, ledger.VerifyOptions{Verifiers: newKey(t, "x").Verifiers()}); !errors.Is(err, broken) {
		t.Errorf("Verify = %v, want the source's error", err)
	}
}

func TestAReportTellsTheFirstProblemFirst(t *testing.T) {
	t.Parallel()
	source := memory(t, 300, nil)
	whole := source.Records
	source.Records = func(yield func(ledger.Stored, error) bool) {
		for r, err := range whole {
			r.Index.Trace = "edited"
			if !yield(r, err) {
				return
			}
		}
	}
	report, err := ledger.Verify(t.Context(), source, ledger.VerifyOptions{})
	if err != nil || report.Found != 300 || len(report.Problems) != 100 || report.FirstBad != 1 {
		t.Fatalf("Verify = %d found, %d listed, first %d, %v", report.Found, len(report.Problems), report.FirstBad, err)
	}
	if got, want := report.Err().Error(), "the ledger does not verify: 1: reindexed: its column trace was edited"; got != want {
		t.Errorf("Err = %q, want %q", got, want)
	}
}

func BenchmarkVerify(b *testing.B) {
	source := memory(b, 1000, nil)
	var records []ledger.Stored
	for r, err := range source.Records {
		if err != nil {
			b.Fatal(err)
		}
		records = append(records, r)
	}
	source.Records = func(yield func(ledger.Stored, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	for b.Loop() {
		source.Checkpoints = checkpoints()
		if report, err := ledger.Verify(b.Context(), source, ledger.VerifyOptions{}); err != nil || !report.OK() {
			b.Fatalf("Verify = %v, %v", report.Problems, err)
		}
	}
	b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "events/s")
}

// Who can write the database could otherwise have made-up events pass for new ones for ever.
func TestUnsignedEventsOfATimeToComeAreNotProven(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		since  time.Duration
		doubts int
	}{{-time.Minute, 0}, {time.Minute, 0}, {-2 * time.Hour, 1}, {2 * time.Hour, 1}, {200 * 365 * 24 * time.Hour, 1}} {
		r := ledger.Report{Checkpoints: 1, Size: 2, Unsigned: 1, UnsignedSince: now.Add(test.since)}
		if doubts := r.Doubts(now); len(doubts) != test.doubts {
			t.Errorf("Doubts of events recorded at %s from now = %v, want %d", test.since, doubts, test.doubts)
		}
	}
}
