package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/jobs"
	"foyer/portal"
)

func TestAJobIsThereIfAndOnlyIfItsTransactionIsCommitted(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		start(t, j)

		rolledBack := b.begin(t)
		schedule(t, j, rolledBack, settle("rolled back", 0))
		if err := rolledBack.Rollback(); err != nil {
			t.Fatal(err)
		}
		committed := b.begin(t)
		schedule(t, j, committed, settle("committed", 0))
		select {
		case got := <-b.woken:
			t.Fatalf("woken: %q before the commit", got)
		default:
		}
		if err := committed.Commit(); err != nil {
			t.Fatal(err)
		}

		b.want(t, "settle committed")
		b.wantNoMore(t, j)
	})
}

// The engine looks for jobs once a second even if nobody tells it: ten jobs, each
// scheduled when the one before was begun, would take it ten seconds.
func TestAJobBeginsAsSoonAsItIsCommitted(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		working, other := b.open(t), b.open(t)
		start(t, working)
		schedule(t, other, nil, settle("first", 0)) // from here on everything is up
		b.want(t, "settle first")

		began := time.Now()
		for turn := range int64(10) {
			<-time.After(50 * time.Millisecond) // what follows sooner waits for the next look, as cooldown says
			tx := b.begin(t)
			schedule(t, other, tx, settle("change", turn)) // by another process than works on it
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			b.want(t, "settle change")
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("10 jobs one after the other took %v, want less than 5 s: nobody was told of them", took)
		}
	})
}

func TestWhatWasScheduledBeforeAStopIsDoneAfterTheStart(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		schedule(t, b.open(t), nil, settle("change-1", 0)) // a process that never came to work on it
		start(t, b.open(t))
		b.want(t, "settle change-1")
	})
}

func TestOfTheSameKindIDAndTurnThereIsOneJobAtATime(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		for range 2 {
			schedule(t, j, nil, settle("change-1", 0), settle("change-1", 0), settle("change-1", 1))
		}
		start(t, j)
		b.want(t, "settle change-1", "settle change-1")
		b.wantNoMore(t, j)

		// What is done is not in the way, once the engine has noted that it is.
		for scheduled := time.Now(); ; {
			schedule(t, j, nil, settle("change-1", 0))
			select {
			case <-b.woken:
				return
			case <-time.After(50 * time.Millisecond):
			}
			if time.Since(scheduled) > patience {
				t.Fatal("a job that was done once is never done again")
			}
		}
	})
}

func TestAJobThatIsNotDoneComesAgain(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := openJobs(t, b.DB, slog.New(slog.DiscardHandler))
		calls := 0 // by one job, that is one after the other
		j.Handle("settle change", jobs.Settling, jobs.HandleOptions{}, func(_ context.Context, id string) (time.Duration, error) {
			calls++
			b.woken <- id
			switch calls {
			case 1:
				return time.Millisecond, nil
			case 2:
				return 0, errors.New("Symphony doesn’t answer")
			}
			return 0, nil
		})
		start(t, j)
		schedule(t, j, nil, settle("change-1", 0))
		b.want(t, "change-1", "change-1", "change-1")
		schedule(t, j, nil, settle("change-2", 0))
		b.want(t, "change-2")
	})
}

func TestAJobIsNotBegunBeforeItsTime(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		at := time.Now().Add(time.Second)
		schedule(t, j, nil, portal.Job{Kind: "settle change", ID: "later", At: at}, settle("now", 0))
		start(t, j)
		b.want(t, "settle now", "settle later")
		if now := time.Now(); now.Before(at) {
			t.Errorf("the job for %v was done at %v", at, now)
		}
	})
}

func TestAQueueThatIsFullHoldsUpNoOther(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		release := make(chan struct{})
		blocked := make(chan string, 100)
		j.Handle("send", jobs.Bulk, jobs.HandleOptions{}, func(_ context.Context, id string) (time.Duration, error) {
			blocked <- id
			<-release
			return 0, nil
		})
		j.Handle("read", jobs.Reading, jobs.HandleOptions{}, b.tell("read"))
		swept := make(chan bool, 10)
		j.Every("sweep", time.Hour, func(context.Context) error { swept <- true; return nil })

		var list []portal.Job
		for turn := range int64(20) {
			list = append(list, portal.Job{Kind: "send", ID: "list", Turn: turn})
		}
		schedule(t, j, nil, list...)
		start(t, j)
		t.Cleanup(func() { close(release) }) // before the engine is closed, which waits for them
		next(t, blocked)
		schedule(t, j, nil, settle("change-1", 0))
		b.want(t, "settle change-1")
		schedule(t, j, nil, portal.Job{Kind: "read", ID: "company-1"})
		b.want(t, "read company-1")
		next(t, swept)
	})
}

func TestAJobHasNoMoreTimeThanItsKind(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := openJobs(t, b.DB, slog.New(slog.DiscardHandler))
		ended := make(chan error, 10)
		j.Handle("settle change", jobs.Settling, jobs.HandleOptions{Timeout: time.Millisecond}, func(ctx context.Context, _ string) (time.Duration, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return 0, nil
		})
		start(t, j)
		schedule(t, j, nil, settle("change-1", 0))
		if err := next(t, ended); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the job’s context ended with %v, want the end of its time", err)
		}
	})
}

func TestWhatCanNotBeDoneIsNotScheduled(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		for name, job := range map[string]portal.Job{
			"a kind that nobody registered": {Kind: "unheard of", ID: "1"},
			"no id":                         {Kind: "settle change"},
		} {
			if err := j.Schedule(t.Context(), nil, settle("change-1", 0), job); err == nil {
				t.Errorf("Schedule(%s) = nil, want an error", name)
			}
		}
		if err := j.Schedule(t.Context(), nil); err != nil {
			t.Errorf("Schedule(nothing) = %v, want nil", err)
		}
		start(t, j)
		b.wantNoMore(t, j)
	})
}

func TestThatNothingIsScheduledIsTold(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := j.Schedule(gone, nil, settle("change-1", 0)); !errors.Is(err, portal.ErrNotScheduled) {
			t.Errorf("Schedule = %v, want %v", err, portal.ErrNotScheduled)
		}
		start(t, j)
		b.wantNoMore(t, j)
	})
}

func TestAMistakeInTheWiringPanics(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]struct {
		kind    string
		timeout time.Duration
	}{
		"a kind that is taken":          {kind: "settle change"},
		"more time than a job may have": {kind: "forever", timeout: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench{DB: openStore(t, testdb.SQLite(t))}
			j := b.open(t)
			defer func() {
				if recover() == nil {
					t.Errorf("Handle(%+v) didn’t panic", o)
				}
			}()
			j.Handle(o.kind, jobs.Settling, jobs.HandleOptions{Timeout: o.timeout}, b.tell("never"))
		})
	}
}

func TestAJobThatFailsOrPanicsIsWrittenDown(t *testing.T) {
	t.Parallel()
	db := openStore(t, testdb.SQLite(t))
	log := newLogLines()
	j := openJobs(t, db, slog.New(slog.NewTextHandler(log, nil)))
	j.Every("fails", time.Hour, func(context.Context) error { return errors.New("the hook doesn’t answer") })
	j.Every("panics", time.Hour, func(context.Context) error { panic("of the test") })
	start(t, j)
	for _, words := range []string{"the hook doesn’t answer", "of the test"} {
		for !slices.ContainsFunc(log.all(), func(line string) bool {
			return strings.Contains(line, "level=ERROR") && strings.Contains(line, words)
		}) {
			next(t, log.wrote)
		}
	}
}

func TestPeriodicWorkIsDoneFromTheStart(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		j := b.open(t)
		done := make(chan bool, 10)
		j.Every("purge", time.Hour, func(context.Context) error { done <- true; return nil })
		start(t, j)
		next(t, done)
	})
}
