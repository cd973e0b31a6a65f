package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// versionTable is goose's. It has Foyer's name because the job engine migrates
// tables of its own in the same database.
const versionTable = "foyer_migration"

const (
	// migrateWithin is how long a process waits while another one migrates.
	migrateWithin = time.Minute
	// migrateAsk is how often it looks whether that has ended.
	migrateAsk = 100 * time.Millisecond
)

func (db *DB) provider(to *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+string(db.dialect))
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(db.erasure(), db.changeRows())}
	dialect := goose.DialectSQLite3
	if db.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	return goose.NewProvider(dialect, to, files, options...)
}

// migrate brings the schema up to date.
func (db *DB) migrate(ctx context.Context) error {
	return db.Migrating(ctx, func(ctx context.Context, to *sql.DB) error {
		p, err := db.provider(to)
		if err != nil {
			return err
		}
		if err := db.checkSchema(ctx, p); err != nil && !errors.Is(err, errOlderSchema) {
			return err
		}
		results, err := p.Up(ctx)
		for _, r := range results {
			db.logger.InfoContext(ctx, "database migrated", "version", r.Source.Version, "duration", r.Duration)
		}
		return err
	})
}

// Migrating runs do while no other process migrates this database, be it Foyer's
// tables or the job engine's: neither looks for what the other has begun. do has
// connections without limits, because new indexes of old tables take long.
func (db *DB) Migrating(ctx context.Context, do func(ctx context.Context, to *sql.DB) error) error {
	if db.dialect == SQLite { // which one process has
		return wrap("migrate", do(ctx, db.write))
	}
	config := db.pool.Config().ConnConfig
	config.RuntimeParams["lock_timeout"], config.RuntimeParams["statement_timeout"] = "0", "0"
	to := stdlib.OpenDB(*config)
	defer to.Close()
	locked, err := to.Conn(ctx) // the lock ends with it
	if err == nil {
		defer locked.Close()
		err = db.lockMigrations(ctx, locked)
	}
	if err == nil {
		err = do(ctx, to)
	}
	return wrap("migrate", err)
}

// lockMigrations takes the lock under which processes migrate. It asks again and again:
// a statement that waits would itself keep an index from being made concurrently. The
// lock is goose's, so that versions that leave it to goose wait as well.
func (db *DB) lockMigrations(ctx context.Context, conn *sql.Conn) error {
	for began, said := time.Now(), false; ; said = true {
		var locked bool
		if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, lock.DefaultLockID).Scan(&locked); err != nil || locked {
			return err
		}
		if !said {
			db.logger.InfoContext(ctx, "another process is migrating the database: waiting for it", "at_most", db.migrateWithin)
		}
		if time.Since(began) > db.migrateWithin {
			return fmt.Errorf("another process has been migrating the database for more than %v: start this one again once that has ended", db.migrateWithin)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(migrateAsk):
		}
	}
}

var errOlderSchema = errors.New("the database belongs to an older version of Foyer, or to none")

// checkSchema says whether the schema is the one of this version. It asks the
// table itself: whatever one asks goose, it creates the table first.
func (db *DB) checkSchema(ctx context.Context, p *goose.Provider) error {
	catalogue := `SELECT count(*) FROM sqlite_schema WHERE name = $1`
	if db.dialect == PostgreSQL {
		catalogue = `SELECT count(*) FROM pg_tables WHERE tablename = $1 AND schemaname = current_schema()`
	}
	var tables int
	if err := db.read.QueryRowContext(ctx, catalogue, versionTable).Scan(&tables); err != nil {
		return err
	}
	if tables == 0 {
		return errOlderSchema
	}

	var has int64
	if err := db.read.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionTable).Scan(&has); err != nil {
		return err
	}
	sources := p.ListSources()
	switch knows := sources[len(sources)-1].Version; {
	case has > knows:
		return ErrNewerSchema
	case has < knows:
		return errOlderSchema
	}
	return nil
}
