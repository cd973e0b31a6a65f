package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"

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

	db.read = sql.OpenDB(db.connector(preparedConnector{sqliteConnector{sqliteDSN(path, "deferred", "busy_timeout(5000)", "query_only(1)")}, db.noteDamage}, false))
	db.read.SetMaxOpenConns(max(4, runtime.NumCPU()))
	db.read.SetMaxIdleConns(max(4, runtime.NumCPU()))
	db.write = db.read
	if !db.readOnly {
		db.write = sql.OpenDB(db.connector(preparedConnector{sqliteConnector{sqliteDSN(path, "immediate", "busy_timeout(2000)", "journal_mode(WAL)")}, db.noteDamage}, true))
		db.write.SetMaxOpenConns(1)
	}

	db.path = path
	if err := db.checkFile(ctx); err != nil {
		return err
	}
	var err error
	db.opened, err = openedFiles(path)
	return err
}

// openFiles are files by the paths at which they were opened.
type openFiles map[string]os.FileInfo

// openedFiles are the database file and its write-ahead log, which stays the same one
// until the last connection is closed. SQLite has it beside the file that a link leads to.
func openedFiles(path string) (openFiles, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	opened := openFiles{}
	for _, file := range []string{path, target + "-wal"} {
		info, err := os.Stat(file)
		switch {
		case err == nil:
			opened[file] = info
		case file == path || !errors.Is(err, os.ErrNotExist): // where there can be no log, SQLite does without
			return nil, err
		}
	}
	return opened, nil
}

// sqliteConnector opens connections to one file.
type sqliteConnector struct{ address string }

// Connect implements driver.Connector.
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(c.address)
}

// Driver implements driver.Connector.
func (sqliteConnector) Driver() driver.Driver { return new(sqlite.Driver) }

// sqliteDSN gives the driver's address; of what is said twice the last word counts.
// Synchronous is FULL because an intent must survive a power cut before Symphony is
// called; secure_delete because what is erased must not be found in the file's free pages;
// each connection has a cache of 2 MiB, which takes twice that of memory, because the
// system has the file in its own. Whoever writes waits less long for another program's
// lock, because all others wait behind them.
func sqliteDSN(path, txlock string, pragmas ...string) string {
	query := url.Values{
		"_txlock": {txlock},
		"_dqs":    {"0"},
		"_pragma": append([]string{"foreign_keys(1)", "synchronous(FULL)", "temp_store(MEMORY)", "secure_delete(1)", "cache_size(-2048)"}, pragmas...),
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
