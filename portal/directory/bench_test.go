package directory_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"foyer/internal/testpeople"
	"foyer/internal/testworld"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sandbox"
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

// BenchmarkReadALargeList reads the list of a company of FOYER_BENCH_PEOPLE people, each
// page of which takes Symphony 100 ms, sixteen at once, and compares that with the time
// that the pages alone take.
func BenchmarkReadALargeList(b *testing.B) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("FOYER_BENCH_PEOPLE"), "10000"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		pages := testpeople.ListPages(testpeople.Companies(10*n, 200)[0], portal.MaxPageSize) // of a tenth of them
		w := testworld.New(b)
		company := w.Ready()
		w.KeepCompanies(company)
		server := httptest.NewServer(testpeople.Slowly(pages, 100*time.Millisecond, w.Sandbox.Handler()))
		client, err := sapi.New(sapi.Options{
			BaseURL: server.URL, TokenURL: server.URL + "/oauth/token", LoginURL: server.URL, MaxConcurrent: 32,
			ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID,
		})
		if err != nil {
			b.Fatal(err)
		}
		d := directory.New(directory.Options{
			Symphony: client, Store: w.DB, People: w.DB, Statuses: w.DB, Activity: w.Activity, Scheduler: w.Waker, Now: w.Clock.Now, Busy: w.Busy, Logger: slog.New(slog.DiscardHandler),
		})
		began := time.Now()
		if again, err := d.ReadPeople(b.Context(), company.ID); err != nil || again != 0 {
			b.Fatalf("ReadPeople = %v, %v", again, err)
		}
		took := time.Since(began)
		ideal := time.Duration(len(pages)-1) * 100 * time.Millisecond / 16
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(ideal.Seconds()/took.Seconds(), "of-ideal")
		began = time.Now()
		if _, err := d.ReadPeople(b.Context(), company.ID); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ideal.Seconds()/time.Since(began).Seconds(), "of-ideal-unchanged")
		server.Close()
	}
}
