package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"foyer/audit"
	"foyer/auth"
	"foyer/store"
)

// aLedger is an open ledger in a folder, with the checkpoints that are kept
// elsewhere.
func aLedger(t *testing.T, folder string) *checkpoints {
	t.Helper()
	c := &checkpoints{log: slog.New(slog.DiscardHandler), file: filepath.Join(folder, "elsewhere.txt")}
	var err error
	c.db, err = store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "foyer.db"), store.Options{
		KeyFile: filepath.Join(folder, "audit.key"), Signed: c.handOn,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.db.Close() })
	return c
}

func (c *checkpoints) recordAndSign(t *testing.T, note string) {
	t.Helper()
	if err := c.db.Record(t.Context(), audit.Event{Action: audit.SignIn, Outcome: audit.Succeeded, Actor: auth.System("test", ""), Note: note}); err != nil {
		t.Fatal(err)
	}
	if err := c.sign(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnOlderDatabasePutBackIsSaidAndNotSilentlyContinued(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "foyer.db")
	c := aLedger(t, folder)
	c.recordAndSign(t, "first")
	if err := c.holdAgainst(t.Context(), false); err != nil {
		t.Fatalf("a ledger that is whole: %v", err)
	}
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c = aLedger(t, folder)
	c.recordAndSign(t, "second")
	if err := errors.Join(c.db.Close(), os.Remove(path+"-wal"), os.Remove(path+"-shm")); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, backup, 0o600); err != nil {
		t.Fatal(err)
	}

	c = aLedger(t, folder)
	if err := c.holdAgainst(t.Context(), false); !errors.Is(err, store.ErrNotContinued) {
		t.Fatalf("with an older database put back: %v, want ErrNotContinued", err)
	}
	if err := c.holdAgainst(t.Context(), true); err != nil {
		t.Fatalf("going on on purpose: %v", err)
	}
	events, err := c.db.Events(t.Context(), audit.Filter{Action: audit.Restored}, audit.Page{Limit: 5})
	if err != nil || len(events) != 1 {
		t.Errorf("events = %v, %v, want that it was gone on with", events, err)
	}
	if err := c.sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.holdAgainst(t.Context(), false); err != nil {
		t.Errorf("after it was said: %v", err)
	}
}
