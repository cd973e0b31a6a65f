package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// versionTable is goose's. It has Foyer's name because the job engine migrates
// tables of its own in the same database.
const versionTable = "foyer_migration"

func (db *DB) provider(to *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+string(db.dialect))
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(db.erasure(), db.changeRows())}
	if db.dialect == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, to, files, options...)
	}
	// Asked again every second for a minute: the time another replica may take.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, to, files, append(options, goose.WithSessionLocker(locker))...)
}

// migrate brings the schema up to date.
func (db *DB) migrate(ctx context.Context) error {
	to := db.write
	if db.dialect == PostgreSQL {
		to = withoutLimits(db.pool) // new indexes of old tables take long
		defer to.Close()
	}
	p, err := db.provider(to)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := db.checkSchema(ctx, p); err != nil && !errors.Is(err, errOlderSchema) {
		return fmt.Errorf("migrate: %w", err)
	}
	results, err := p.Up(ctx)
	for _, r := range results {
		db.logger.InfoContext(ctx, "database migrated", "version", r.Source.Version, "duration", r.Duration)
	}
	return wrap("migrate", err)
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
