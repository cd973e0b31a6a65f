package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"foyer/store"
)

func TestAnSQLiteFileIsLockedByOneWhicheverLinkLeadsThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "data", "foyer.db")
	unlock, err := store.Lock("sqlite:" + path)
	if err != nil {
		t.Fatalf("Lock = %v, want no error", err)
	}
	symbolic, hard := filepath.Join(folder, "symbolic.db"), filepath.Join(folder, "hard.db")
	must(t, os.Symlink(path, symbolic))
	must(t, os.Link(path, hard))

	for _, link := range []string{path, symbolic, hard} {
		if _, err := store.Lock("sqlite:" + link); !errors.Is(err, store.ErrInUse) {
			t.Errorf("a second Lock, of %s = %v, want %v", filepath.Base(link), err, store.ErrInUse)
		}
	}
	must(t, unlock())
	again, err := store.Lock("sqlite:" + hard)
	if err != nil {
		t.Fatalf("Lock after the first has ended = %v, want no error", err)
	}
	must(t, again())
}

// What SQLite does with the file, closing it included, leaves the lock as it is.
func TestTheLockOutlastsADatabaseThatIsClosed(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "foyer.db")
	unlock, err := store.Lock(address)
	must(t, err)
	db, err := store.Open(t.Context(), address, store.Options{})
	must(t, err)
	must(t, db.Close())
	if _, err := store.Lock(address); !errors.Is(err, store.ErrInUse) {
		t.Errorf("Lock = %v, want %v", err, store.ErrInUse)
	}
	must(t, unlock())
}

func TestAnyNumberOfProcessesServesPostgreSQL(t *testing.T) {
	t.Parallel()
	for range 2 {
		if _, err := store.Lock("postgres://foyer@db.example/foyer"); err != nil {
			t.Errorf("Lock = %v, want no error", err)
		}
	}
}
