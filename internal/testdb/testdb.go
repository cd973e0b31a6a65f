// Package testdb gives tests a stand-in Symphony's database with a few companies
// and people in it, and an empty one of Foyer's, as files of their own.
//
// To migrate and seed them takes longer than most tests, so it is done once in a
// process and copied. For measurements it fills a database with as many people as are
// wanted. The package owns nothing else; only tests import it.
package testdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"foyer/internal/testpg"
	"foyer/sandbox"
	"foyer/store"
)

// Files are the databases of one test, in folders that go with it.
type Files struct {
	At      time.Time // when they were made: a clock that begins here finds them fresh
	Sandbox string    // the path of the stand-in's, seeded with sandbox.SeedSmall
	Store   string    // the path of Foyer's
}

// New writes a fresh pair of databases for a test.
func New(t testing.TB) Files {
	t.Helper()
	made, err := template()
	if err != nil {
		t.Fatal(err)
	}
	files := Files{At: made.at, Sandbox: filepath.Join(t.TempDir(), "sandbox.db"), Store: filepath.Join(t.TempDir(), "foyer.db")}
	if err := errors.Join(os.WriteFile(files.Sandbox, made.sandbox, 0o600), made.writeStore(files.Store)); err != nil {
		t.Fatal(err)
	}
	return files
}

// SQLite writes Foyer's database alone, migrated and empty, and gives its address.
func SQLite(t testing.TB) (address string) {
	t.Helper()
	made, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "foyer.db")
	if err := made.writeStore(path); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// PostgreSQL is testpg.DSN with the database migrated. The process must be one of
// testpg.Run.
func PostgreSQL(t testing.TB) (address string) {
	t.Helper()
	return testpg.Copy(t, migrated)
}

var migrated = sync.OnceValues(func() (string, error) {
	return testpg.Original(func(dsn string) error {
		db, err := store.Open(context.Background(), dsn, store.Options{})
		if err != nil {
			return err
		}
		return db.Close()
	})
})

type databases struct {
	at                        time.Time
	sandbox, store, directory []byte
}

// writeStore writes Foyer's database, with the directory of people beside it.
func (d databases) writeStore(path string) error {
	return errors.Join(os.WriteFile(path, d.store, 0o600), os.WriteFile(store.DirectoryPath(path), d.directory, 0o600))
}

var template = sync.OnceValues(func() (made databases, err error) {
	dir, err := os.MkdirTemp("", "foyer-template-")
	if err != nil {
		return databases{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made.at = time.Now().UTC().Truncate(time.Second)
	now := func() time.Time { return made.at }
	sandboxFile, storeFile := filepath.Join(dir, "sandbox.db"), filepath.Join(dir, "foyer.db")

	standIn, err := sandbox.Open(context.Background(), sandbox.Options{Database: sandboxFile, Seed: sandbox.SeedSmall, Now: now})
	if err != nil {
		return databases{}, err
	}
	if err := standIn.Close(); err != nil {
		return databases{}, err
	}
	foyers, err := store.Open(context.Background(), "sqlite:"+storeFile, store.Options{Now: now})
	if err != nil {
		return databases{}, err
	}
	if err := foyers.Close(); err != nil {
		return databases{}, err
	}

	if made.sandbox, err = os.ReadFile(sandboxFile); err != nil {
		return databases{}, err
	}
	if made.directory, err = os.ReadFile(store.DirectoryPath(storeFile)); err != nil {
		return databases{}, err
	}
	made.store, err = os.ReadFile(storeFile)
	return made, err
})
