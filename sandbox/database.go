package sandbox

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"foyer/files"
)

const (
	// applicationID marks a file as a sandbox's, so that starting over never
	// removes somebody else's database.
	applicationID = 0x53594d50
	schemaVersion = 1
)

//go:embed schema.sql
var schemaSQL string

//go:embed indexes.sql
var indexesSQL string

// openDatabase opens the file, starts over if asked to, and makes and seeds what
// is not there yet.
func openDatabase(ctx context.Context, o Options) (*sql.DB, error) {
	if o.Database == "" {
		return nil, errors.New(`no database: name a file, or ":memory:"`)
	}
	if o.Database != ":memory:" {
		if err := errors.Join(files.MakeFolder(filepath.Dir(o.Database)), files.Make(o.Database, 0)); err != nil {
			return nil, fmt.Errorf("make the database: %w", err)
		}
	}

	db, err := sql.Open("sqlite", dataSource(o.Database))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// One connection: SQLite has one writer, :memory: is private to a
	// connection, and one partner's stand-in needs no more.
	db.SetMaxOpenConns(1)

	version, err := currentVersion(ctx, db)
	if err == nil && o.Reset && version > 0 {
		return startOver(ctx, db, o)
	}
	if err == nil {
		err = prepare(ctx, db, version, o)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func dataSource(database string) string {
	// NORMAL loses nothing when the process is killed, only in a power cut.
	const pragmas = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)" // a container may have no temporary folder
	if database == ":memory:" {
		return "file::memory:" + pragmas
	}
	return "file:" + (&url.URL{Path: database}).EscapedPath() + pragmas
}

// currentVersion gives the schema's version, zero for an empty database, and
// refuses a file that is not a sandbox's.
func currentVersion(ctx context.Context, db *sql.DB) (int, error) {
	var version, application, tables int
	err := db.QueryRowContext(ctx, `
		SELECT v.user_version, a.application_id, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_user_version AS v, pragma_application_id AS a`).Scan(&version, &application, &tables)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the schema's version: %w", err)
	case tables > 0 && application != applicationID:
		return 0, errors.New("the file holds a database that is not a sandbox's")
	}
	return version, nil
}

// startOver removes the files, which are known to be a sandbox's, and opens anew.
func startOver(ctx context.Context, db *sql.DB, o Options) (*sql.DB, error) {
	if err := db.Close(); err != nil {
		return nil, fmt.Errorf("close database: %w", err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(o.Database + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("remove database: %w", err)
		}
	}
	o.Reset = false
	return openDatabase(ctx, o)
}

// prepare makes the schema and the seed in one transaction, so that a database
// is either empty or whole.
func prepare(ctx context.Context, db *sql.DB, version int, o Options) error {
	switch {
	case version == schemaVersion:
		return nil
	case version > schemaVersion:
		return fmt.Errorf("the database has schema %d, newer than this program's %d", version, schemaVersion)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back

	marks := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion)
	if _, err := tx.ExecContext(ctx, schemaSQL+marks); err != nil {
		return fmt.Errorf("make the schema: %w", err)
	}
	if err := seed(ctx, tx, o.Seed, o.Now()); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if _, err := tx.ExecContext(ctx, indexesSQL); err != nil {
		return fmt.Errorf("make the indexes: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// inTx runs do in a transaction that is committed when do gives no error.
func (s *Sandbox) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back

	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
