package store_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"foyer/ledger"
	"foyer/store"
)

// proven reads the events of a filter with their proofs, as an export has them.
func proven(t *testing.T, b bench, f ledger.Filter, size int64) (export []byte, seqs []int64) {
	t.Helper()
	for evidence, err := range b.ProvenEvents(t.Context(), f, size) {
		if err != nil {
			t.Fatalf("ProvenEvents(%+v, %d): %v", f, size, err)
		}
		event, err := evidence.Record().Event()
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, event.Seq)
		line, err := evidence.Encode()
		if err != nil {
			t.Fatal(err)
		}
		export = append(export, line...)
	}
	return export, seqs
}

func TestTheEventsOfAFilterAreProvenTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		events := slices.Repeat([]ledger.Event{full()}, 1203) // more than two batches
		for i := range events {
			if i%100 == 7 {
				events[i].Action = ledger.EnableUser
			}
		}
		b.record(t, events[:1100]...)
		b.clock.add(time.Minute)
		b.record(t, events[1100:]...)
		signed := sign(t, b.DB)
		b.record(t, full(), full()) // not covered
		const size = 1203
		for _, f := range []ledger.Filter{{}, {Action: ledger.EnableUser}, {Actor: "vera", Text: "reason"}, {From: b.clock.Now()}, {Trace: "no such"}} {
			want, err := b.Events(t.Context(), f, ledger.Page{Before: size + 1, Limit: 2000})
			if err != nil {
				t.Fatal(err)
			}
			export, seqs := proven(t, b, f, size)
			if !slices.EqualFunc(want, seqs, func(e ledger.Event, seq int64) bool { return e.Seq == seq }) {
				t.Errorf("ProvenEvents(%+v) gives %d events, want the %d that Events gives", f, len(seqs), len(want))
			}
			if n, err := b.CountEvents(t.Context(), f, size); err != nil || n != len(want) {
				t.Errorf("CountEvents(%+v) = %d, %v, want %d", f, n, err, len(want))
			}
			report, err := ledger.VerifyExport(t.Context(), ledger.ExportFiles{Events: bytes.NewReader(export), Checkpoint: signed}, ledger.VerifyOptions{Verifiers: b.Verifiers()})
			if err != nil || !report.OK() || report.Events != int64(len(want)) {
				t.Errorf("VerifyExport of %+v = %+v, %v", f, report, err)
			}
		}
	})
}

func TestEventsAreProvenForAnySizeOfTheLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b) // of 10 events
		for _, size := range []int64{0, 1, 7, 10} {
			var want [][]byte
			for seq := size; seq > 0; seq-- {
				evidence, err := b.EvidenceAt(t.Context(), seq, size)
				if err != nil {
					t.Fatal(err)
				}
				line, err := evidence.Encode()
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, line)
			}
			got, _ := proven(t, b, ledger.Filter{}, size)
			if diff := cmp.Diff(string(bytes.Join(want, nil)), string(got)); diff != "" {
				t.Errorf("ProvenEvents for %d events differs from EvidenceAt (-want +got):\n%s", size, diff)
			}
			if n, err := b.CountEvents(t.Context(), ledger.Filter{}, size); err != nil || int64(n) != size {
				t.Errorf("CountEvents among %d = %d, %v", size, n, err)
			}
		}
	})
}

func TestAnArchiveIsSignedByTheLedgersKeyAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		signed, err := b.SignArchive([]byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := note.Open(signed, b.Verifiers()); err != nil || !strings.HasPrefix(n.Text, ledger.ArchiveFormat+"\n"+b.Key().Name()+"\n") {
			t.Errorf("signed %q, %v, want it signed by the ledger’s key, as of its ledger", signed, err)
		}
	})
	keyless, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "foyer.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keyless.Close() })
	if signed, err := keyless.SignArchive(nil); !errors.Is(err, ledger.ErrKey) {
		t.Errorf("SignArchive without a key = %q, %v, want ErrKey", signed, err)
	}
}

func TestEveryNewCheckpointIsHandedOnOnce(t *testing.T) {
	t.Parallel()
	var handed [][]byte
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "foyer.db"), store.Options{
		KeyFile: filepath.Join(t.TempDir(), "ledger.key"),
		Signed:  func(_ context.Context, signed []byte) { handed = append(handed, signed) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	first := sign(t, db)
	if _, fresh, err := db.SignCheckpoint(t.Context()); fresh || err != nil {
		t.Fatalf("SignCheckpoint of a ledger at rest = fresh %v, %v", fresh, err)
	}
	if diff := cmp.Diff([][]byte{first}, handed); diff != "" {
		t.Errorf("handed on (-want +got):\n%s", diff)
	}
	if keys := db.PublicKeys(); len(keys) != 1 || keys[0] != db.Key().String() {
		t.Errorf("PublicKeys = %q, want the key's", keys)
	}
}

// TestAnExportIsHeldAgainstEarlierCheckpoints promises that who kept a checkpoint
// can tell from an export whether what it signed was rewritten: all checkpoints of
// the last week are provided for, and the last one of each day before.
func TestAnExportIsHeldAgainstEarlierCheckpoints(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var signed [][]byte
		for _, after := range []time.Duration{0, time.Hour, 24 * time.Hour, 9 * 24 * time.Hour, time.Hour, time.Hour} {
			b.clock.add(after)
			b.record(t, full(), full())
			signed = append(signed, sign(t, b.DB))
		}
		const size = 12
		var earlier []byte
		var sizes []int64
		for e, err := range b.EarlierCheckpoints(t.Context(), size) {
			if err != nil {
				t.Fatalf("EarlierCheckpoints: %v", err)
			}
			c, err := ledger.ReadCheckpoint([]byte(e.Checkpoint))
			if err != nil {
				t.Fatal(err)
			}
			line, err := e.Encode()
			if err != nil {
				t.Fatal(err)
			}
			sizes, earlier = append(sizes, c.Size), append(earlier, line...)
		}
		// Of the first day only the last one, of 4 events.
		if want := []int64{10, 8, 6, 4}; !slices.Equal(sizes, want) {
			t.Errorf("EarlierCheckpoints are of %v events, want %v", sizes, want)
		}

		export, _ := proven(t, b, ledger.Filter{}, size)
		verify := func(earlier []byte, held ...[]byte) (ledger.Report, error) {
			files := ledger.ExportFiles{Events: bytes.NewReader(export), Earlier: bytes.NewReader(earlier)}
			return ledger.VerifyExport(t.Context(), files, ledger.VerifyOptions{Verifiers: b.Verifiers(), Held: append(held, signed[5])})
		}
		if report, err := verify(earlier, signed[1:5]...); err != nil || !report.OK() || report.Checkpoints != 5 || report.Uncompared != 0 {
			t.Errorf("VerifyExport with all of them = %+v, %v, want 5 confirmed", report, err)
		}
		if report, err := verify(earlier, signed[0], signed[3]); err != nil || !report.OK() || report.Checkpoints != 2 || report.Uncompared != 1 {
			t.Errorf("VerifyExport with one that it has no proof for = %+v, %v, want 2 confirmed and 1 not compared", report, err)
		}
		if _, err := verify(nil, signed[3]); !errors.Is(err, ledger.ErrNothingHeld) {
			t.Errorf("VerifyExport without proofs = %v, want ErrNothingHeld", err)
		}

		// Somebody with the key rewrote the ledger: the checkpoint that was kept has
		// another root.
		c, err := ledger.OpenCheckpoint(signed[3], b.Verifiers())
		if err != nil {
			t.Fatal(err)
		}
		c.Root[0] ^= 1
		kept, err := c.Sign(b.Key())
		if err != nil {
			t.Fatal(err)
		}
		if report, err := verify(earlier, kept); err != nil || report.OK() || report.Problems[0].Kind != ledger.Rewritten {
			t.Errorf("VerifyExport of a rewritten ledger = %v, %v, want %s", report.Problems, err, ledger.Rewritten)
		}
	})
}
