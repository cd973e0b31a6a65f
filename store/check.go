package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// checkWithin is how long opening waits for the check of an SQLite file: in that
	// time it reads two or three gigabytes that are in memory, and less than one off a
	// disk.
	checkWithin = 5 * time.Second
	// checkedFor is how long the check may take: as long as it does the write-ahead log
	// only grows.
	checkedFor = 10 * time.Minute
)

var errDamaged = errors.New("damaged")

// fileCheck is the check of an SQLite file.
type fileCheck struct {
	stop context.CancelFunc
	done chan struct{} // closed when it has ended
	err  error         // what came of it then
}

// checkFile is the first word to the file, so that a bad one is told then and plainly.
// A check that takes long goes on while the file is used: see Damage.
func (db *DB) checkFile(ctx context.Context) error {
	var tables int
	if err := db.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return explainCorrupt(db.path, err)
	}
	checking, stop := context.WithTimeout(context.WithoutCancel(ctx), checkedFor)
	c := &fileCheck{stop: stop, done: make(chan struct{})}
	db.check = c
	go func() {
		defer close(c.done)
		c.err = explainCorrupt(db.path, db.quickCheck(checking))
	}()
	if db.checkWithin > 0 {
		late := time.NewTimer(db.checkWithin)
		defer late.Stop()
		select {
		case <-c.done:
			return c.err
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
		}
	}
	db.logger.InfoContext(ctx, "the database file is large: it is checked for damage while it is used")
	go db.tellCheck(checking)
	return nil
}

func (db *DB) quickCheck(ctx context.Context) error {
	var found string
	if err := db.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, found)
	}
	return nil
}

// tellCheck says what came of a check for which nobody waited.
func (db *DB) tellCheck(ctx context.Context) {
	<-db.check.done
	switch {
	case db.check.err == nil:
		db.logger.InfoContext(ctx, "the database file was checked, and is in order")
	case !errors.Is(ctx.Err(), context.Canceled): // it wasn't closed meanwhile
		db.logger.ErrorContext(ctx, "the check of the database file", "error", db.check.err)
	}
}

// stopCheck ends the check, and waits for that.
func (db *DB) stopCheck() {
	if db.check != nil {
		db.check.stop()
		<-db.check.done
	}
}

// Damage says what is wrong with the SQLite file, if its check has found anything since it
// was opened.
func (db *DB) Damage() error {
	if db.check == nil {
		return nil
	}
	select {
	case <-db.check.done:
		if isDamage(db.check.err) {
			return db.check.err
		}
	default:
	}
	return nil
}

func isDamage(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff // without the extension of the code
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	return errors.Is(err, errDamaged)
}

// explainCorrupt tells what to do about a file that SQLite can't read.
func explainCorrupt(path string, err error) error {
	if !isDamage(err) {
		return err
	}
	return fmt.Errorf("%s is damaged or is no SQLite database, and was left as it is: move it away together with its -wal and -shm files and restore a backup: %w", path, err)
}
