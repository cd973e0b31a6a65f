package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"foyer/files"
)

// openSQLite opens the file, and makes it and its folder when they aren't there.
func (db *DB) openSQLite(ctx context.Context, path string) error {
	if path == "" || path == ":memory:" {
		return errors.New("the address sqlite: needs the path of a file")
	}
	db.dialect = SQLite

	if db.readOnly {
		if _, err := os.Stat(path); err != nil {
			return err
		}
	} else if err := makeFile(path); err != nil {
		return err
	}

	db.read = sql.OpenDB(db.connector(sqliteConnector{sqliteDSN(path, "deferred", "busy_timeout(5000)", "query_only(1)")}, false))
	db.read.SetMaxOpenConns(max(4, runtime.NumCPU()))
	db.read.SetMaxIdleConns(max(4, runtime.NumCPU()))
	db.write = db.read
	if !db.readOnly {
		db.write = sql.OpenDB(db.connector(sqliteConnector{sqliteDSN(path, "immediate", "busy_timeout(2000)", "journal_mode(WAL)")}, true))
		db.write.SetMaxOpenConns(1)
	}

	if err := explainCorrupt(path, db.checkFile(ctx, path)); err != nil {
		return err
	}
	db.path = path
	var err error
	db.opened, err = os.Stat(path)
	return err
}

// sqliteConnector opens connections to one file.
type sqliteConnector struct{ address string }

// Connect implements driver.Connector.
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(c.address)
}

// Driver implements driver.Connector.
func (sqliteConnector) Driver() driver.Driver { return new(sqlite.Driver) }

// wholeCheck is the size up to which a file is checked wholly at the start: it
// takes about 50 ms. Of a larger one it is known only that it can be opened.
const wholeCheck = 32 << 20

// checkFile is the first word to the file, so that a bad one is told then and
// plainly.
func (db *DB) checkFile(ctx context.Context, path string) error {
	var tables int
	if err := db.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > wholeCheck {
		return err
	}
	var found string
	if err := db.write.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, found)
	}
	return nil
}

var errDamaged = errors.New("quick check")

// sqliteDSN gives the driver's address. Synchronous is FULL because an intent
// must survive a power cut before Symphony is called; secure_delete because what
// is erased must not be found in the file's free pages; the cache is 16 MiB for
// each connection, because a million events scatter over many pages. Whoever writes
// waits less long for another program's lock, because all others wait behind them.
func sqliteDSN(path, txlock string, pragmas ...string) string {
	query := url.Values{
		"_txlock": {txlock},
		"_dqs":    {"0"},
		"_pragma": append(pragmas, "foreign_keys(1)", "synchronous(FULL)", "temp_store(MEMORY)", "secure_delete(1)", "cache_size(-16384)"),
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// makeFile makes the file and its folder unless they are there. SQLite gives its
// companion files the same mode. A file that is there isn't opened: see Lock for what
// closing it would do.
func makeFile(path string) error {
	if err := files.MakeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	return files.Make(path, 0)
}

// explainCorrupt tells what to do about a file that SQLite can't read.
func explainCorrupt(path string, err error) error {
	damaged := errors.Is(err, errDamaged)
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff // without the extension of the code
		damaged = code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	if !damaged {
		return err
	}
	return fmt.Errorf("%s is damaged or is no SQLite database, and was left as it is: move it away together with its -wal and -shm files and restore a backup: %w", path, err)
}
