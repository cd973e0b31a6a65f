package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"foyer/ledger"
	"foyer/store"
)

// openWithKey opens the database as a process with a disk of its own does.
func (b bench) openWithKey(t *testing.T, keyFile string) *store.DB {
	t.Helper()
	b.keyFile = keyFile
	return b.open(t)
}

func TestOfSeveralKeysTheFirstToSignCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		other := b.openWithKey(t, filepath.Join(t.TempDir(), "other.key"))
		for _, db := range []*store.DB{b.DB, other} {
			if err := db.CheckSigning(t.Context()); err != nil {
				t.Errorf("CheckSigning while nothing is signed = %v", err)
			}
		}

		first := sign(t, b.DB)

		if err := b.CheckSigning(t.Context()); err != nil {
			t.Errorf("CheckSigning of who signed = %v", err)
		}
		if err := other.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("CheckSigning of the other = %v, want ErrKey", err)
		}
		for range 2 { // at rest, and with something new
			if signed, _, err := other.SignCheckpoint(t.Context()); !errors.Is(err, ledger.ErrKey) {
				t.Errorf("SignCheckpoint of the other = %s, %v, want ErrKey", signed, err)
			}
			b.record(t, full())
			if err := other.Record(t.Context(), full()); !errors.Is(err, ledger.ErrKey) {
				t.Errorf("Record of the other = %v, want ErrKey", err)
			}
		}
		if signed, _, err := b.Checkpoint(t.Context()); err != nil || string(signed) != string(first) {
			t.Errorf("Checkpoint = %s, %v, want the first one still", signed, err)
		}
		sign(t, b.DB)
	})
}

func TestOfSeveralKeysOneSignsTheFirstCheckpointHoweverManyTryAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const processes = 6
		var opened []*store.DB
		for range processes {
			opened = append(opened, b.openWithKey(t, filepath.Join(t.TempDir(), "own.key")))
		}
		var group sync.WaitGroup
		results := make([]error, processes)
		for i, db := range opened {
			group.Go(func() { _, _, results[i] = db.SignCheckpoint(t.Context()) })
		}
		group.Wait()

		signed := 0
		for i, err := range results {
			switch {
			case err == nil:
				signed++
			case !errors.Is(err, ledger.ErrKey):
				t.Errorf("SignCheckpoint of process %d = %v, want ErrKey", i, err)
			}
		}
		if kept := b.count(t, `SELECT count(*) FROM ledger_checkpoint`); signed != 1 || kept != 1 {
			t.Errorf("%d processes signed and %d checkpoints are kept, want one each", signed, kept)
		}
	})
}

func TestWhoSharesTheKeySignsTheSameOnlyOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var group sync.WaitGroup
		for range 6 {
			db := b.open(t)
			group.Go(func() {
				if _, _, err := db.SignCheckpoint(context.WithoutCancel(t.Context())); err != nil {
					t.Errorf("SignCheckpoint = %v", err)
				}
			})
		}
		group.Wait()
		if kept := b.count(t, `SELECT count(*) FROM ledger_checkpoint`); kept != 1 {
			t.Errorf("%d checkpoints of the same are kept, want one", kept)
		}
	})
}

func TestAProcessThatMissedTheNewKeySaysSo(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		next, err := b.Key().Next()
		must(t, err)
		must(t, next.Replace(b.keyFile))
		rotated := b.open(t)
		if err := rotated.CheckSigning(t.Context()); err != nil {
			t.Errorf("CheckSigning of the new key, before it signs = %v", err)
		}
		must(t, rotated.Record(t.Context(), full()))
		sign(t, rotated)

		if err := rotated.CheckSigning(t.Context()); err != nil {
			t.Errorf("CheckSigning of the new key = %v", err)
		}
		if err := b.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("CheckSigning of the old key = %v, want ErrKey", err)
		}
		// Nobody could tell its events from those of somebody else.
		if err := b.Record(t.Context(), full()); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("Record with the old key = %v, want ErrKey", err)
		}
	})
}

func TestPublicKeysAloneSignNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		public, err := ledger.ParseKey([]byte(b.Key().String()))
		must(t, err)
		path := filepath.Join(t.TempDir(), "public.key")
		must(t, public.Create(path))
		if err := b.openWithKey(t, path).CheckSigning(t.Context()); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("CheckSigning = %v, want ErrKey", err)
		}
	})
}

// A process that is a little later than the first one to sign still was a first start.
func TestWhoStartedBeforeAnythingWasSignedServesWithAKeyThatSignsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		b.clock.add(time.Second)
		sign(t, b.DB)
		for started, made := range map[time.Time]bool{at: true, b.clock.Now(): true, b.clock.add(time.Second): false} {
			db, err := store.Open(t.Context(), b.address, store.Options{Now: b.clock.Now, KeyFile: filepath.Join(t.TempDir(), "own.key"), Started: started})
			if (err == nil) != made {
				t.Errorf("Open by who started at %v = %v, want a key: %v", started, err, made)
			}
			if err != nil {
				continue
			}
			if err := db.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrKey) {
				t.Errorf("CheckSigning = %v, want ErrKey", err)
			}
			db.Close()
		}
	})
}
