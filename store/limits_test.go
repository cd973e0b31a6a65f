package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/portal"
	"foyer/store"
)

// Somebody holds what every writer needs: who wants to write is told so soon, and who
// reads, signs in or uses a session doesn't wait for any of them.
func TestWritersWhoWaitInVainAreToldAndKeepNobodyFromReading(t *testing.T) {
	t.Parallel()
	b := newBench(t, testpg.DSN(t))
	b.HurryUp(2 * time.Second) // long enough for what is done meanwhile on a slow machine
	held, err := b.admin.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback() }()
	if _, err := held.ExecContext(t.Context(), `SELECT * FROM ledger_head FOR UPDATE`); err != nil {
		t.Fatal(err)
	}

	var writers sync.WaitGroup
	refused := make(chan error, 40)
	for range cap(refused) {
		writers.Go(func() { refused <- b.Record(t.Context(), workload(1)) })
	}
	now := b.clock.Now()
	for range 20 {
		if _, _, err := b.Companies(t.Context()); err != nil {
			t.Errorf("Companies = %v", err)
		}
		s := auth.Session{ID: portal.NewToken(), Hash: []byte(portal.NewToken()), Person: auth.Person{Issuer: "i", Subject: "s"}, CreatedAt: now, SeenAt: now}
		if err := b.CreateSession(t.Context(), s); err != nil {
			t.Errorf("CreateSession = %v", err)
		}
		if _, err := b.Session(t.Context(), s.Hash); err != nil {
			t.Errorf("Session = %v", err)
		}
	}
	writers.Wait()
	for range cap(refused) {
		if err := <-refused; !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Record = %v, want ledger.ErrNotRecorded", err)
		}
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	b.record(t, workload(2))
}

func TestATransactionWhoseTurnDoesntComeIsNotBegun(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "foyer.db"))
	b.HurryUp(10 * time.Millisecond)
	tx, err := b.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Begin(t.Context()); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Begin = %v, want ErrBusy", err)
	}
	if err := b.CheckWrite(t.Context()); !errors.Is(err, store.ErrBusy) {
		t.Errorf("CheckWrite = %v, want ErrBusy", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}

	// Another program's lock is no different.
	if _, err := b.admin.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := b.Record(t.Context(), workload(1)); !errors.Is(err, store.ErrBusy) || !errors.Is(err, ledger.ErrNotRecorded) {
		t.Errorf("Record = %v, want ErrBusy and ledger.ErrNotRecorded", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v to say so", took)
	}
	if _, _, err := b.Companies(t.Context()); err != nil {
		t.Errorf("Companies = %v, want what can be read", err)
	}
	b.exec(t, `ROLLBACK`)
	b.record(t, workload(1))
}

func TestWhetherTheDatabaseCanBeWrittenIsFoundOutByWriting(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if err := b.CheckWrite(t.Context()); err != nil {
			t.Fatalf("CheckWrite = %v", err)
		}
		readOnly, err := store.Open(t.Context(), b.address, store.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer readOnly.Close()
		if err := readOnly.CheckWrite(t.Context()); err == nil {
			t.Error("CheckWrite = nil of a database that can't be written")
		}
		if _, at, err := b.Companies(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("the companies were read at %v, %v; want never", at, err)
		}
	})
}

// What is written to a file that nobody finds again is not recorded.
func TestAFileThatWasMovedTakesNothingMore(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(path string) error{
		"moved":    func(path string) error { return os.Rename(path, path+".old") },
		"removed":  os.Remove,
		"replaced": func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
	} {
		path := filepath.Join(t.TempDir(), "foyer.db")
		b := newBench(t, "sqlite:"+path)
		b.record(t, workload(1))
		if err := move(path); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Begin(t.Context()); !errors.Is(err, store.ErrMoved) {
			t.Errorf("%s: Begin = %v, want ErrMoved", name, err)
		}
		if err := b.Record(t.Context(), workload(2)); !errors.Is(err, ledger.ErrNotRecorded) || !errors.Is(err, store.ErrMoved) {
			t.Errorf("%s: Record = %v, want ledger.ErrNotRecorded and ErrMoved", name, err)
		}
		if err := b.CheckWrite(t.Context()); !errors.Is(err, store.ErrMoved) {
			t.Errorf("%s: CheckWrite = %v, want ErrMoved", name, err)
		}
		if _, err := b.Event(context.WithoutCancel(t.Context()), 1); err != nil {
			t.Errorf("%s: Event = %v, want what can be read", name, err)
		}
	}
}
