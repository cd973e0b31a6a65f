package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"foyer/store"
)

// errDatabaseInUse says that another Foyer serves the SQLite file.
var errDatabaseInUse = errors.New("another Foyer is serving this SQLite file: stop it first, or use PostgreSQL, which any number can share")

// lock takes the database for this process.
func (f *foyer) lock(context.Context) (err error) {
	f.unlock, err = lockDatabase(f.config.DatabaseURL)
	return err
}

// lockDatabase keeps other processes from serving the same SQLite file: each
// would take what the other is doing for left behind by a crash. The lock ends
// with the process, however it ends, and unlock ends it before. PostgreSQL needs
// none.
func lockDatabase(address string) (unlock func() error, err error) {
	if err := store.CheckAddress(address); err != nil {
		return nil, err
	}
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok || path == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	// A file of its own, because SQLite has locks of its own on the database.
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errDatabaseInUse
		}
		return nil, fmt.Errorf("lock file: %w", err)
	}
	return f.Close, nil
}
