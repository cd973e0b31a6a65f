package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"foyer/internal/testpg"
	"foyer/jobs"
	"foyer/store"
)

// workVariable makes this test program a process that works on jobs until it is
// killed: it holds the database's address.
const workVariable = "FOYER_TEST_WORK"

func TestMain(m *testing.M) {
	if address := os.Getenv(workVariable); address != "" {
		fmt.Fprintln(os.Stderr, workForEver(context.Background(), address))
		os.Exit(1)
	}
	os.Exit(testpg.Run(m))
}

// workForEver never comes to the end of a job, and says of two that it is at them.
func workForEver(ctx context.Context, address string) error {
	db, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		return err
	}
	j, err := jobs.New(ctx, jobs.Options{SQLite: db.SQLite(), Postgres: db.Pool(), SQL: db.PostgreSQL(), Migrating: db.Migrating, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	stuck := func(what string) { fmt.Fprintln(os.Stdout, what); select {} }
	j.Handle("settle change", jobs.Settling, jobs.HandleOptions{}, func(context.Context, string) (time.Duration, error) {
		stuck("settling")
		return 0, nil
	})
	j.Every("sign", time.Hour, func(context.Context) error { stuck("signing"); return nil })
	if err := j.Schedule(ctx, nil, settle("change-1", 0)); err != nil {
		return err
	}
	if err := j.Start(ctx); err != nil {
		return err
	}
	select {}
}

// killAtWork has another process begin a job and periodic work, and kills it.
func killAtWork(t *testing.T, address string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), workVariable+"="+address)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := fmt.Fscanln(said, new(string)); err != nil {
			t.Errorf("the process that works: %v: %s", err, complaints.String())
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
}

func TestWhatAKilledProcessWasAtIsNotInTheWay(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		killAtWork(t, b.address)

		j := b.open(t)
		signed := make(chan bool, 10)
		j.Every("sign", time.Hour, func(context.Context) error { signed <- true; return nil })
		start(t, j)
		b.want(t, "settle change-1") // the very job: the one who was at it is known to be dead
		next(t, signed)              // once the killed leader is missed
	})
}
