package command

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// The job that all processes share may always be done by another one, which has not met
// the damage.
func TestEachProcessMendsTheDirectoryThatItFoundDamagedItself(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), testdb.PostgreSQL(t), store.Options{KeyFile: t.TempDir() + "/audit.key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.SavePeople(t.Context(), "k", []directory.UserRecord{{User: sapi.User{ID: "1"}, CompanyID: "k", Source: directory.FromList}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.PostgreSQL().ExecContext(t.Context(), `UPDATE directory.person SET record = ''`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Users(t.Context(), "k", []string{"1"}); err == nil || !db.Mending() {
		t.Fatalf("Users = %v; mending: %v; want damage", err, db.Mending())
	}

	f := &foyer{db: db, log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(t.Context())
	due, done := make(chan time.Time), make(chan struct{})
	go func() { defer close(done); eachTime(ctx, due, f.mendOwn) }()
	due <- time.Time{}
	due <- time.Time{} // taken once the first was done
	stop()
	<-done
	if db.Mending() {
		t.Error("it is damaged still")
	}
}
