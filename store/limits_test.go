package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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
		s := auth.Session{ID: portal.NewToken(), Hash: []byte(portal.NewToken()), Person: auth.Person{Issuer: "i", Subject: "s"}, CreatedAt: now, SeenAt: now, FormKey: []byte("key")}
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
	b.HurryUp(time.Minute) // now that its turn comes, it may take what a slow machine takes
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
		// What is newest is there alone.
		"without its log": func(path string) error { return os.Remove(path + "-wal") },
		"with another log": func(path string) error {
			return errors.Join(os.Rename(path+"-wal", path+"-old"), os.WriteFile(path+"-wal", nil, 0o600))
		},
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

func TestAnAddressThatMeansAnotherFileIsRefused(t *testing.T) {
	t.Parallel()
	for address, wrong := range map[string]string{
		"sqlite:data/foyer.db":    "",
		"sqlite:/data/foyer.db":   "",
		"sqlite:///data/foyer.db": "",
		"postgres://host/foyer":   "",
		"postgresql://host/foyer": "",
		"sqlite://data/foyer.db":  "write sqlite:data/foyer.db for a file in the working directory, or sqlite:/data/foyer.db",
		"data/foyer.db":           "neither",
		"mysql://host/foyer":      "neither",
	} {
		err := store.CheckAddress(address)
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("CheckAddress(%q) = %v, want %q", address, err, wrong)
		}
	}
}

func TestADatabaseThatIsNotUTF8IsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, testpg.DSN(t))
	name := "ascii_" + strings.ToLower(rand.Text())
	b.exec(t, `CREATE DATABASE `+name+` ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`)
	t.Cleanup(func() { _, _ = b.admin.ExecContext(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`) })
	address, err := url.Parse(b.address)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	if db, err := store.Open(t.Context(), address.String(), store.Options{}); err == nil {
		db.Close()
		t.Error("Open = nil, want it refused")
	} else if !strings.Contains(err.Error(), "SQL_ASCII") || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("Open = %v, want it to name both encodings", err)
	}
}

// A server that takes the connection and says nothing is told soon.
func TestAServerThatSaysNothingIsSaidSoon(t *testing.T) {
	t.Parallel()
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	began := time.Now()
	if db, err := store.Open(t.Context(), "postgres://foyer:pass-word@"+silent.Addr().String()+"/foyer?connect_timeout=1&sslmode=disable", store.Options{}); err == nil {
		db.Close()
		t.Error("Open = nil of a server that says nothing")
	} else if strings.Contains(err.Error(), "pass-word") {
		t.Errorf("Open = %v, which holds the password", err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}
