package jobs_test

import (
	"log/slog"
	"sync"
	"testing"

	"foyer/internal/testpg"
	"foyer/jobs"
	"foyer/store"
)

// Several processes find an empty database at once: one makes Foyer's tables and the
// engine's, and all of them work with these.
func TestFirstStartsAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	for range 3 {
		address := testpg.DSN(t)
		var processes sync.WaitGroup
		for range 8 {
			processes.Go(func() {
				db, err := store.Open(t.Context(), address, store.Options{})
				if err != nil {
					t.Errorf("store.Open = %v", err)
					return
				}
				defer db.Close()
				if _, err := jobs.New(t.Context(), jobs.Options{Postgres: db.Pool(), SQL: db.PostgreSQL(), Migrating: db.Migrating, Logger: slog.New(slog.DiscardHandler)}); err != nil {
					t.Errorf("jobs.New = %v", err)
				}
			})
		}
		processes.Wait()
	}
}
