package store_test

import (
	"context"
	"errors"
	"testing"

	"foyer/ledger"
)

func TestWhatIsAppendedInATransactionIsThereOnceItIsCommitted(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, test := range []struct {
			name string
			end  func(commit, rollback func() error) error
			size int64
		}{
			{"rolled back", func(_, rollback func() error) error { return errors.Join(rollback(), rollback()) }, 0},
			{"committed", func(commit, rollback func() error) error { return errors.Join(commit(), rollback()) }, 2},
		} {
			tx, err := b.Begin(t.Context())
			if err != nil {
				t.Fatalf("Begin = %v", err)
			}
			if err := b.Append(t.Context(), tx, workload(1), workload(2)); err != nil {
				t.Fatalf("Append = %v", err)
			}
			if err := test.end(tx.Commit, tx.Rollback); err != nil {
				t.Errorf("%s: the end = %v, want nil", test.name, err)
			}
			if size := ledgerSize(t, b); size != test.size {
				t.Errorf("%s: the ledger has %d events, want %d", test.name, size, test.size)
			}
		}
	})
}

func TestATransactionThatIsOverRecordsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		tx, err := b.Begin(ctx)
		if err != nil {
			t.Fatalf("Begin = %v", err)
		}
		if err := b.Append(ctx, tx, workload(1)); err != nil {
			t.Fatalf("Append = %v", err)
		}
		cancel()
		if err := tx.Commit(); !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Commit = %v, want ledger.ErrNotRecorded", err)
		}
		if err := tx.Rollback(); err != nil {
			t.Errorf("Rollback = %v, want nil", err)
		}
		if err := b.Append(t.Context(), tx, workload(2)); !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Append = %v, want ledger.ErrNotRecorded", err)
		}

		empty, err := b.Begin(t.Context())
		if err != nil {
			t.Fatalf("Begin = %v", err)
		}
		if err := empty.Rollback(); err != nil {
			t.Errorf("Rollback = %v, want nil", err)
		}
		if err := empty.Commit(); err == nil || errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Commit = %v, want an error that says nothing of the ledger: nothing was appended", err)
		}
		if size := ledgerSize(t, b); size != 0 {
			t.Errorf("the ledger has %d events, want none", size)
		}
	})
}
