package store_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/audit"
	"foyer/store"
)

// proven reads the events of a filter with their proofs, as an export has them.
func proven(t *testing.T, b bench, f audit.Filter, size int64) (export []byte, seqs []int64) {
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
		events := slices.Repeat([]audit.Event{full()}, 1203) // more than two batches
		for i := range events {
			if i%100 == 7 {
				events[i].Action = audit.EnableUser
			}
		}
		b.record(t, events...)
		signed := sign(t, b.DB)
		b.record(t, full(), full()) // not covered
		const size = 1203
		for _, f := range []audit.Filter{{}, {Action: audit.EnableUser}, {Actor: "vera", Text: "reason"}, {From: b.clock.Now()}, {Trace: "no such"}} {
			want, err := b.Events(t.Context(), f, audit.Page{Before: size + 1, Limit: 2000})
			if err != nil {
				t.Fatal(err)
			}
			export, seqs := proven(t, b, f, size)
			if !slices.EqualFunc(want, seqs, func(e audit.Event, seq int64) bool { return e.Seq == seq }) {
				t.Errorf("ProvenEvents(%+v) gives %d events, want the %d that Events gives", f, len(seqs), len(want))
			}
			if n, err := b.CountEvents(t.Context(), f, size); err != nil || n != len(want) {
				t.Errorf("CountEvents(%+v) = %d, %v, want %d", f, n, err, len(want))
			}
			report, err := audit.VerifyExport(t.Context(), bytes.NewReader(export), signed, b.Verifiers())
			if err != nil || !report.OK() || report.Events != int64(len(want)) {
				t.Errorf("VerifyExport of %+v = %+v, %v", f, report, err)
			}
		}
	})
}

func TestEventsAreProvenForAnySizeOfTheLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledger(t, b) // of 10 events
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
			got, _ := proven(t, b, audit.Filter{}, size)
			if diff := cmp.Diff(string(bytes.Join(want, nil)), string(got)); diff != "" {
				t.Errorf("ProvenEvents for %d events differs from EvidenceAt (-want +got):\n%s", size, diff)
			}
			if n, err := b.CountEvents(t.Context(), audit.Filter{}, size); err != nil || int64(n) != size {
				t.Errorf("CountEvents among %d = %d, %v", size, n, err)
			}
		}
	})
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
