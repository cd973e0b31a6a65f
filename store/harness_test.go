package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 9, 30, 18, 0, 0, 123456000, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// bench is a database of one test.
type bench struct {
	*store.DB
	address string
	clock   *clock
	keyFile string
	admin   *sql.DB // past package store, as its administrator connects
}

// onBoth runs a test on SQLite and on PostgreSQL, each with an empty database:
// the promises are the same.
func onBoth(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newBench(t, testdb.SQLite(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newBench(t, testdb.PostgreSQL(t)))
	})
}

func newBench(t testing.TB, address string) bench {
	t.Helper()
	b := bench{address: address, clock: newClock(), keyFile: filepath.Join(t.TempDir(), "ledger.key")}
	b.DB, b.admin = b.open(t), administrator(t, address)
	return b
}

// administrator connects to a database past package store.
func administrator(t testing.TB, address string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		// As package store writes, so that nothing is left of what these tests write.
		driver, address = "sqlite", "file:"+path+"?_pragma=secure_delete(1)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatalf("sql.Open: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// directory connects to the directory of people past package store.
func (b bench) directory(t testing.TB) *sql.DB {
	t.Helper()
	if path, ok := strings.CutPrefix(b.address, "sqlite:"); ok {
		return administrator(t, "sqlite:"+store.DirectoryPath(path))
	}
	db, err := sql.Open("pgx", b.address+"&search_path=directory")
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// open opens the database once more, as another replica or the next start does.
func (b bench) open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(context.WithoutCancel(t.Context()), b.address, store.Options{Now: b.clock.Now, Version: "v1.2.3", KeyFile: b.keyFile})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

// exec runs a statement past package store.
func (b bench) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := b.admin.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (b bench) record(t testing.TB, events ...ledger.Event) {
	t.Helper()
	if err := b.Record(t.Context(), events...); err != nil {
		t.Fatalf("Record: %v", err)
	}
}

// inTx does what a use case does in one transaction.
func (b bench) inTx(ctx context.Context, do func(tx portal.Tx) error) error {
	tx, err := b.Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// saveUsers saves people as the directory does: notice makes the events of those who
// were observed before; nil makes none.
func (b bench) saveUsers(ctx context.Context, companyID string, users []directory.UserReading, notice func([]directory.StatusReading) []ledger.Event) error {
	if err := b.observe(ctx, companyID, users, notice); err != nil {
		return err
	}
	people := make([]directory.UserRecord, len(users))
	for i, u := range users {
		people[i] = directory.UserRecord{User: u.User, ReadAt: u.ReadAt, Source: directory.FromDetail}
	}
	return b.SavePeople(ctx, companyID, people)
}

func (b bench) observe(ctx context.Context, companyID string, users []directory.UserReading, notice func([]directory.StatusReading) []ledger.Event) error {
	return b.inTx(ctx, func(tx portal.Tx) error {
		var events []ledger.Event
		if notice != nil {
			readings, err := b.StatusReadings(ctx, tx, companyID, users)
			if err != nil {
				return err
			}
			events = notice(readings)
		}
		if err := b.SaveUsers(ctx, tx, companyID, users); err != nil {
			return err
		}
		return b.Append(ctx, tx, events...)
	})
}

var vera = auth.Actor{
	Issuer: "https://idp.example", Subject: "vera-1", Name: "Vera Lindqvist", Email: "Vera@Partner.example",
	Roles: auth.Roles{auth.Viewer}, Session: "s1", RequestID: "r1", Address: "192.0.2.7", UserAgent: "Browser/1.0",
}

// saveCompanies, saveCompany and saveTotal store in transactions of their own.
func (b bench) saveCompany(ctx context.Context, c sapi.Company, readAt time.Time) error {
	return b.inTx(ctx, func(tx portal.Tx) error { _, _, err := b.SaveCompany(ctx, tx, c, readAt); return err })
}

func (b bench) saveCompanies(ctx context.Context, companies []sapi.Company, readAt time.Time) error {
	return b.inTx(ctx, func(tx portal.Tx) error { _, _, err := b.SaveCompanies(ctx, tx, companies, readAt); return err })
}

func (b bench) saveTotal(ctx context.Context, companyID string, total int64, readAt time.Time) error {
	return b.inTx(ctx, func(tx portal.Tx) error { return b.SaveTotal(ctx, tx, companyID, total, readAt) })
}
