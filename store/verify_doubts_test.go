package store_test

import (
	"slices"
	"testing"
	"time"

	"foyer/ledger"
)

// doubtsOf are the codes of what keeps a ledger in which nothing is wrong from being proven.
func doubtsOf(t *testing.T, b bench, o ledger.VerifyOptions) (codes []ledger.DoubtCode) {
	t.Helper()
	report, err := b.VerifyLedger(t.Context(), o)
	if err != nil || !report.OK() {
		t.Fatalf("VerifyLedger = %v, %v, want no problem", report.Problems, err)
	}
	for _, d := range report.Doubts(b.clock.Now()) {
		codes = append(codes, d.Code)
	}
	return codes
}

// Who has the public key alone can't tell that the end was cut off with its checkpoints; but
// Foyer would have signed since.
func TestAnEndThatWasCutOffWithItsCheckpointsIsDoubted(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		if got := doubtsOf(t, b, ledger.VerifyOptions{}); len(got) > 0 {
			t.Errorf("Doubts of a ledger that is signed = %v, want none", got)
		}
		b.clock.add(2 * time.Hour)
		b.record(t, full())
		held := sign(t, b.DB)
		defenceless(t, b)
		cutTo(t, b, 10)
		public := ledger.VerifyOptions{Verifiers: b.Verifiers()}
		if got := doubtsOf(t, b, public); !slices.Equal(got, []ledger.DoubtCode{ledger.SignedLongAgo}) {
			t.Errorf("Doubts of a ledger whose end was cut off = %v, want %s", got, ledger.SignedLongAgo)
		}
		public.Held = [][]byte{held}
		if report, err := b.VerifyLedger(t.Context(), public); err != nil || report.FirstBad != 11 {
			t.Errorf("VerifyLedger with what was kept = %d, %v, want that 11 is missing", report.FirstBad, err)
		}
	})
}

// What was signed again while nothing happened is as new as the last signature of it.
func TestALedgerAtRestThatIsSignedIsNotDoubted(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		var held []byte
		for range 3 {
			b.clock.add(time.Hour)
			held = sign(t, b.DB)
		}
		if got := doubtsOf(t, b, ledger.VerifyOptions{}); len(got) > 0 {
			t.Errorf("Doubts = %v, want none", got)
		}
		defenceless(t, b)
		b.exec(t, `DELETE FROM ledger_checkpoint WHERE at > (SELECT min(at) FROM ledger_checkpoint WHERE size = 10)`)
		if got := doubtsOf(t, b, ledger.VerifyOptions{}); !slices.Equal(got, []ledger.DoubtCode{ledger.SignedLongAgo}) {
			t.Errorf("Doubts without the last signatures = %v, want %s", got, ledger.SignedLongAgo)
		}
		if got := doubtsOf(t, b, ledger.VerifyOptions{Held: [][]byte{held}}); len(got) > 0 {
			t.Errorf("Doubts with one that was kept = %v, want none", got)
		}
	})
}

// A gap between the checkpoints in the database is none where others kept one of it.
func TestACheckpointThatWasKeptElsewhereFillsAGap(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		var held [][]byte
		for range 6 { // half an hour each
			b.record(t, full())
			b.clock.add(30 * time.Minute)
			held = append(held, sign(t, b.DB))
		}
		defenceless(t, b)
		b.exec(t, `DELETE FROM ledger_checkpoint WHERE size BETWEEN 11 AND 15`)
		for _, tt := range []struct {
			name string
			held [][]byte
			want []ledger.DoubtCode
		}{
			{"nobody kept one", nil, []ledger.DoubtCode{ledger.SignedLate}},
			{"all were kept", held, nil},
			{"every second was kept", [][]byte{held[1], held[3]}, nil},
			{"the first was kept", held[:1], []ledger.DoubtCode{ledger.SignedLate}},
			{"one of the last event was kept", held[5:], []ledger.DoubtCode{ledger.SignedLate}},
		} {
			if got := doubtsOf(t, b, ledger.VerifyOptions{Held: tt.held}); !slices.Equal(got, tt.want) {
				t.Errorf("%s: Doubts = %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}

// Events that were recorded, and not signed before Foyer was killed, are late for ever,
// unless somebody took a checkpoint of them in time: as with an export, just before.
func TestAnEventThatWasSignedAfterARestartIsLateUnlessSomebodyKeptASignature(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		b.record(t, full())
		held := sign(t, b.DB) // for an export
		defenceless(t, b)
		b.exec(t, `DELETE FROM ledger_checkpoint WHERE size = 11`) // and killed before it was kept
		must(t, b.FollowCheckpoints(t.Context()))
		b.clock.add(3 * time.Hour)
		b.record(t, full())
		sign(t, b.DB)
		if got := doubtsOf(t, b, ledger.VerifyOptions{}); !slices.Equal(got, []ledger.DoubtCode{ledger.SignedLate}) {
			t.Errorf("Doubts = %v, want %s", got, ledger.SignedLate)
		}
		if got := doubtsOf(t, b, ledger.VerifyOptions{Held: [][]byte{held}}); len(got) > 0 {
			t.Errorf("Doubts with the export’s = %v, want none", got)
		}
	})
}
