package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"foyer/internal/testpg"
	"foyer/jobs"
	"foyer/store"
)

// Everything about jobs holds on both databases.
func onBothDatabases(t *testing.T, test func(t *testing.T, open func(periodic map[string]jobs.Periodic) *jobs.Jobs)) {
	t.Helper()
	databases := map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "foyer.db") },
		"PostgreSQL": func(t *testing.T) string { return testpg.DSN(t) },
	}
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := database(t)
			test(t, func(periodic map[string]jobs.Periodic) *jobs.Jobs {
				db, err := store.Open(t.Context(), address, store.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				j, err := jobs.New(t.Context(), jobs.Options{SQLite: db.SQLite(), Postgres: db.Pool(), Logger: slog.New(slog.DiscardHandler), Periodic: periodic})
				if err != nil {
					t.Fatal(err)
				}
				return j
			})
		})
	}
}

// tasks tell what they were woken for.
type tasks struct {
	mu      sync.Mutex
	settled map[string]int
	again   time.Duration // what the first settling of each answers
	woken   chan string
	swept   chan bool
}

func newTasks() *tasks {
	return &tasks{settled: map[string]int{}, woken: make(chan string, 100), swept: make(chan bool, 100)}
}

func (s *tasks) Settle(_ context.Context, id string) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled[id]++
	s.woken <- id
	if s.settled[id] == 1 {
		return s.again, nil
	}
	return 0, nil
}

func (s *tasks) WatchCompany(_ context.Context, id string) (time.Duration, error) {
	s.woken <- id
	return 0, nil
}

func (s *tasks) PrepareReview(_ context.Context, id int64) (time.Duration, error) {
	s.woken <- "review " + strconv.FormatInt(id, 10)
	return 0, nil
}

func (s *tasks) Sweep(_ context.Context, alone bool) error {
	s.swept <- alone
	return nil
}

func start(t *testing.T, j *jobs.Jobs, s *tasks) {
	t.Helper()
	if err := j.Start(t.Context(), s); err != nil {
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

// next waits for the next thing that was woken.
func next[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was woken")
		panic("unreachable")
	}
}

func TestWhatWasEnqueuedBeforeAStopIsDoneAfterTheStart(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, open func(map[string]jobs.Periodic) *jobs.Jobs) {
		before := open(nil) // a process that never came to work on it
		for range 3 {
			if err := before.SettleChange(t.Context(), "change-1", time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		s := newTasks()
		start(t, open(nil), s)

		if got := next(t, s.woken); got != "change-1" {
			t.Errorf("woken for %q, want change-1", got)
		}
		next(t, s.swept)
	})
}

func TestATaskThatIsNotDoneComesAgain(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, open func(map[string]jobs.Periodic) *jobs.Jobs) {
		s := newTasks()
		s.again = time.Millisecond
		j := open(nil)
		start(t, j, s)
		if err := j.SettleChange(t.Context(), "change-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		first, second := next(t, s.woken), next(t, s.woken)
		if first != "change-1" || second != "change-1" {
			t.Errorf("woken for %q and %q, want change-1 twice", first, second)
		}
		if err := j.WatchCompany(t.Context(), "company-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := next(t, s.woken); got != "company-1" {
			t.Errorf("woken for %q, want company-1: each change once", got)
		}
		if err := j.PrepareReview(t.Context(), 7, time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := next(t, s.woken); got != "review 7" {
			t.Errorf("woken for %q, want review 7", got)
		}
	})
}

func TestAJobThatFailsOrPanicsIsWrittenDown(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "foyer.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	lines := make(logLines, 100)
	j, err := jobs.New(t.Context(), jobs.Options{SQLite: db.SQLite(), Logger: slog.New(slog.NewTextHandler(lines, nil)), Periodic: map[string]jobs.Periodic{
		"fails":  {Every: time.Hour, Do: func(context.Context) error { return errors.New("the hook doesn’t answer") }},
		"panics": {Every: time.Hour, Do: func(context.Context) error { panic("of the test") }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	start(t, j, newTasks())
	said := map[string]bool{"the hook doesn’t answer": false, "of the test": false}
	for !said["the hook doesn’t answer"] || !said["of the test"] {
		line := next(t, lines)
		for words := range said {
			said[words] = said[words] || strings.Contains(line, words)
		}
	}
}

// logLines are the lines of a log as they are written.
type logLines chan string

func (l logLines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

func TestPeriodicWorkIsDoneFromTheStart(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, open func(map[string]jobs.Periodic) *jobs.Jobs) {
		done := make(chan bool, 10)
		j := open(map[string]jobs.Periodic{"purge": {Every: time.Hour, Do: func(context.Context) error { done <- true; return nil }}})
		start(t, j, newTasks())
		next(t, done)
	})
}
