package testdb

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"foyer/internal/testpeople"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// peopleVariable says with how many people the directory is measured. What is promised is
// promised for a million; the default keeps a plain run short.
const peopleVariable = "FOYER_BENCH_PEOPLE"

// People is how many people a measurement is to have.
func People(b *testing.B) int {
	b.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv(peopleVariable), "10000"))
	if err != nil {
		b.Fatalf("%s: %v", peopleVariable, err)
	}
	return n
}

// Filled gives Foyer's SQLite database with so many people of 200 companies. It is kept
// between runs in the folder for temporary files, because to fill it takes longer than all
// the rest.
func Filled(b *testing.B, people int) (path string, companies []testpeople.Company) {
	b.Helper()
	companies = testpeople.Companies(people, 200)
	path = filepath.Join(os.TempDir(), "foyer-bench", fmt.Sprintf("people-%d", people), "foyer.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(b.Context(), "sqlite:"+path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	Fill(b, db, companies)
	return path, companies
}

// Fill fills a directory with the people of companies, unless it has as many already.
func Fill(t testing.TB, db *store.DB, companies []testpeople.Company) {
	t.Helper()
	want := 0
	for _, c := range companies {
		want += c.People
	}
	if tally, err := db.Tally(t.Context(), ""); err == nil && tally.Listed() == want {
		return
	}
	began := time.Now()
	at := began.UTC().Truncate(time.Second)
	if err := saveCompanies(t.Context(), db, companies, at); err != nil {
		t.Fatal(err)
	}
	for _, c := range companies {
		if err := db.SaveReading(t.Context(), c.ID, c.Name, directory.ListReading{CompleteAt: at, People: c.People}); err != nil {
			t.Fatal(err)
		}
		i := 0
		for users := range testpeople.People(c, 5000) {
			if err := db.SavePeople(t.Context(), c.ID, Records(users, at, &i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("filled with %d people: %v, %v each", want, time.Since(began).Round(time.Second), time.Since(began)/time.Duration(max(want, 1)))
}

func saveCompanies(ctx context.Context, db *store.DB, companies []testpeople.Company, at time.Time) error {
	kept := make([]sapi.Company, len(companies))
	for i, c := range companies {
		kept[i] = sapi.Company{ID: c.ID, Name: c.Name, EmailDomains: c.Domains, State: sapi.StateCompleted, CreatedAt: at}
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, _, err := db.SaveCompanies(ctx, tx, kept, at); err != nil {
		return err
	}
	return tx.Commit()
}

// Records are people as pages of lists tell of them, which here have statuses; i counts
// them.
func Records(users []sapi.User, at time.Time, i *int) []directory.UserRecord {
	records := make([]directory.UserRecord, len(users))
	for j, u := range users {
		*i++
		u.Status = testpeople.Status(*i)
		records[j] = directory.UserRecord{User: u, ReadAt: at, Source: directory.FromList}
		if u.Status != sapi.StatusUnknown {
			records[j].StatusAt = at.Add(-time.Duration(*i*7919%1000) * time.Hour)
		}
	}
	return records
}
