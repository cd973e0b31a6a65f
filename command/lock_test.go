package command

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestOneProcessServesAnSQLiteFile(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "data", "foyer.db")
	unlock, err := lockDatabase(address)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := lockDatabase(address); !errors.Is(err, errDatabaseInUse) {
		t.Errorf("a second lockDatabase = %v, want %v", err, errDatabaseInUse)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := lockDatabase(address)
	if err != nil {
		t.Fatalf("lockDatabase after the first has ended = %v, want no error", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

func TestAnyNumberOfProcessesServesPostgreSQL(t *testing.T) {
	t.Parallel()
	for range 2 {
		if _, err := lockDatabase("postgres://foyer@db.example/foyer"); err != nil {
			t.Errorf("lockDatabase = %v, want no error", err)
		}
	}
}
