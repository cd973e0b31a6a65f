package jobs_test

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/jobs"
	"foyer/portal"
	"foyer/store"
)

// bench is a database of one test, and what its jobs are woken for.
type bench struct {
	*store.DB
	address string
	woken   chan string
}

// onBothDatabases runs a test on SQLite and on PostgreSQL: everything about jobs
// holds on both.
func onBothDatabases(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	t.Parallel()
	databases := map[string]func(t testing.TB) string{
		"SQLite":     testdb.SQLite,
		"PostgreSQL": testdb.PostgreSQL,
	}
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench{address: database(t), woken: make(chan string, 100)}
			b.DB = openStore(t, b.address)
			test(t, b)
		})
	}
}

func openStore(t *testing.T, address string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// open opens an engine whose jobs of the kind "settle change" tell of themselves.
func (b bench) open(t *testing.T) *jobs.Jobs {
	t.Helper()
	j := openJobs(t, b.DB, slog.New(slog.DiscardHandler))
	j.Handle("settle change", jobs.Settling, jobs.HandleOptions{}, b.tell("settle"))
	return j
}

func openJobs(t *testing.T, db *store.DB, logger *slog.Logger) *jobs.Jobs {
	t.Helper()
	j, err := jobs.New(t.Context(), jobs.Options{SQLite: db.SQLite(), Postgres: db.Pool(), SQL: db.PostgreSQL(), Migrating: db.Migrating, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// tell is work that tells that it was done.
func (b bench) tell(what string) func(context.Context, string) (time.Duration, error) {
	return func(_ context.Context, id string) (time.Duration, error) {
		b.woken <- what + " " + id
		return 0, nil
	}
}

// begin begins a transaction that ends with the test, if not before.
func (b bench) begin(t *testing.T) portal.Tx {
	t.Helper()
	tx, err := b.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(); err != nil {
			t.Errorf("Rollback = %v", err)
		}
	})
	return tx
}

func start(t *testing.T, j *jobs.Jobs) {
	t.Helper()
	if err := j.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := j.Close(ctx); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
}

func schedule(t *testing.T, j *jobs.Jobs, tx portal.Tx, all ...portal.Job) {
	t.Helper()
	if err := j.Schedule(t.Context(), tx, all...); err != nil {
		t.Fatalf("Schedule = %v", err)
	}
}

// settle is a job of the kind "settle change".
func settle(id string, turn int64) portal.Job {
	return portal.Job{Kind: "settle change", ID: id, Turn: turn}
}

// patience is how long a test waits for what should come at once: longer than a
// leader takes to be missed.
const patience = time.Minute

// next waits for the next thing that was woken.
func next[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing was woken")
		panic("unreachable")
	}
}

// want waits for the next things that are woken, and wants them to be these in
// this order.
func (b bench) want(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := next(t, b.woken); got != w {
			t.Errorf("woken: %q, want %q", got, w)
		}
	}
}

// wantNoMore says that nothing more stands in the queue of settling: a last job
// is woken next. Jobs of one queue begin in the order in which they were inserted.
func (b bench) wantNoMore(t *testing.T, j *jobs.Jobs) {
	t.Helper()
	last := strconv.FormatInt(time.Now().UnixNano(), 10)
	schedule(t, j, nil, settle(last, 0))
	b.want(t, "settle "+last)
}

// logLines are the lines of a log as they are written.
type logLines struct {
	mu    sync.Mutex
	lines []string
	wrote chan struct{}
}

func newLogLines() *logLines { return &logLines{wrote: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
	select {
	case l.wrote <- struct{}{}:
	default:
	}
	return len(line), nil
}

// all is what was written so far.
func (l *logLines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}
