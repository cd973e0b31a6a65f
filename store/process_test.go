package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/store"
)

// appendVariable makes this test program one of the processes that append: it
// holds the database's address, how many events, and how many at once.
const appendVariable = "FOYER_TEST_APPEND"

func TestMain(m *testing.M) {
	if task := os.Getenv(appendVariable); task != "" {
		if err := appendTask(context.Background(), task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if task := os.Getenv(signVariable); task != "" {
		fmt.Fprintln(os.Stderr, signTask(context.Background(), task))
		os.Exit(1)
	}
	os.Exit(testpg.Run(m))
}

// appendTask is what a process of its own does: it says that it is ready, waits for
// the word, and appends.
func appendTask(ctx context.Context, task string) error {
	var address string
	var events, atOnce int
	if _, err := fmt.Sscan(task, &address, &events, &atOnce); err != nil {
		return err
	}
	db, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	fmt.Fprintln(os.Stdout, "ready")
	if _, err := fmt.Scanln(new(string)); err != nil {
		return err
	}
	for ; events > 0; events -= atOnce {
		batch := make([]ledger.Event, min(atOnce, events))
		for n := range batch {
			batch[n] = workload(n)
		}
		if err := recordInTurn(ctx, db, batch); err != nil {
			return err
		}
	}
	return nil
}

// recordInTurn tries again where the other process was writing for too long: SQLite
// gives the lock to whoever asks next, not to who has waited longest. What was refused
// is in the ledger at no time, so nothing is there twice.
func recordInTurn(ctx context.Context, db *store.DB, batch []ledger.Event) error {
	const tries = 10
	var err error
	for range tries {
		if err = db.Record(ctx, batch...); !errors.Is(err, ledger.ErrNotRecorded) {
			return err
		}
	}
	return err
}

// appendAtOnce has two processes append so many events each, at the same time.
func appendAtOnce(t testing.TB, b bench, each, atOnce int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for range 2 {
		ready.Add(1)
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", appendVariable, b.address, each, atOnce))
		var complaints strings.Builder
		cmd.Stderr = &complaints
		word, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		said, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done.Go(func() {
			_, err := fmt.Fscanln(said, new(string))
			ready.Done()
			if err == nil {
				<-start
				fmt.Fprintln(word, "go")
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("the process that appends: %v: %s", err, complaints.String())
			}
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// ledgerSize verifies the ledger, contiguous numbers and all, and gives its size.
func ledgerSize(t testing.TB, b bench) int64 {
	t.Helper()
	report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
	if wrong := wrongWithEvents(report); err != nil || len(wrong) > 0 {
		t.Fatalf("VerifyLedger = %v, %v, want no problem", wrong, err)
	}
	return report.Size
}

// wrongWithEvents are the problems of a ledger beside changes that a test has made up, whose
// events don't say how they stand.
func wrongWithEvents(r ledger.Report) []ledger.Problem {
	return slices.DeleteFunc(r.Problems, func(p ledger.Problem) bool { return p.Kind == ledger.Differs })
}

func TestTwoProcessesAppendContiguously(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const each = 200
		appendAtOnce(t, b, each, 3)
		if size := ledgerSize(t, b); size != 2*each {
			t.Errorf("the ledger has %d events, want %d", size, 2*each)
		}
	})
}

// TestReplicasAppendContiguously does the same with two pools of connections, each
// of which appends from several places at once.
func TestReplicasAppendContiguously(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const each = 50
		var wg sync.WaitGroup
		for _, db := range []*store.DB{b.DB, b.open(t)} {
			for range 2 {
				wg.Go(func() {
					for range each / 2 {
						if err := db.Record(t.Context(), ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera}); err != nil {
							t.Errorf("Record: %v", err)
						}
					}
				})
			}
		}
		wg.Wait()
		if size := ledgerSize(t, b); size != 2*each {
			t.Errorf("the ledger has %d events, want %d", size, 2*each)
		}
	})
}
