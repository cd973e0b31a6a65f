package directory_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"foyer/internal/testworld"
	"foyer/portal/directory"
	"foyer/sapi"
)

// BenchmarkKeepUnchangedPage keeps a page of a hundred people that is read again a
// second later, and tells what that costs SQLite's one writer.
func BenchmarkKeepUnchangedPage(b *testing.B) {
	path := filepath.Join(b.TempDir(), "foyer.db")
	w := testworld.NewAt(b, "sqlite:"+path)
	users := make([]sapi.User, 100)
	for i := range users {
		users[i] = sapi.User{
			ID: fmt.Sprintf("11111111-0000-4000-8000-%012d", i), SymphonyUserID: int64(i + 1), Email: fmt.Sprintf("user%05d@acme.example", i),
			FirstName: "User", LastName: fmt.Sprintf("Name%05d", i), DisplayName: fmt.Sprintf("User Name%05d", i), Status: sapi.StatusActive,
			Department: "Trading", Title: "Desk head", Location: "Paris", CreatedAt: w.Began, UpdatedAt: w.Began,
		}
	}
	keep := func() {
		if err := w.Directory.KeepUsers(b.Context(), "", "22222222-0000-4000-8000-000000000000", directory.FromDetail, users, w.Clock.Now()); err != nil {
			b.Fatal(err)
		}
		w.Clock.Forward(time.Second)
	}
	keep()
	emptyWAL(b, path)
	const times = 30
	for range times {
		keep()
	}
	written := size(b, path+"-wal")
	for b.Loop() {
		keep()
	}
	b.ReportMetric(float64(written)/times, "WAL-bytes/op")
}

// emptyWAL moves all that was committed into the database itself.
func emptyWAL(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
}

func size(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
