package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// directoryVersion is the version of the directory's schema, and of what is computed
// from a person. With a lower one the directory is thrown away and made anew.
const directoryVersion = 3

var (
	//go:embed directory/sqlite.sql
	directorySQLite string
	//go:embed directory/postgres.sql
	directoryPostgres string
)

// directorySchema is the directory's place on PostgreSQL.
const directorySchema = "directory"

// directoryConns is how many connections to PostgreSQL the directory has at most.
const directoryConns = 8

// DirectoryPath is where the directory of people is, beside the file of a SQLite
// database.
func DirectoryPath(path string) string {
	ending := filepath.Ext(path)
	return strings.TrimSuffix(path, ending) + "-directory" + ending
}

// openDirectory opens the directory of people, and makes it when it isn't there, can't be
// used or is of an older version. It has connections of its own, so that whoever writes
// there never keeps the ledger's writers waiting.
func (db *DB) openDirectory(ctx context.Context, address string) error {
	d := db.newDirectory()
	db.directory.Store(d) // closed with db, whatever comes
	if db.dialect == PostgreSQL {
		return wrap("directory of people", d.openDirectorySchema(ctx, db, address))
	}
	return wrap("directory of people", d.openDirectoryFile(ctx, DirectoryPath(db.path)))
}

// people is the directory of people. Another one takes its place when it is damaged.
func (db *DB) people() *DB { return db.directory.Load() }

func (db *DB) newDirectory() *DB {
	return &DB{dialect: db.dialect, readOnly: db.readOnly, patient: db.patient, turnWithin: db.turnWithin, connector: db.connector, now: db.now, logger: db.logger, bounds: usualBounds}
}

// MendDirectory opens the directory of people anew where its file was found damaged, or
// was moved or removed, while it is used. What was in a damaged one is read again. On
// PostgreSQL, where others use it, a damaged one is emptied: each process does that for
// the damage which it has found itself.
func (db *DB) MendDirectory(ctx context.Context) error {
	db.mending.Lock()
	defer db.mending.Unlock()
	if !db.Mending() {
		return nil
	}
	if db.dialect == PostgreSQL {
		return wrap("mend the directory of people", db.people().emptyDirectory(ctx))
	}
	old := db.people()
	damaged := old.damaged.Load()
	fresh, path := db.newDirectory(), DirectoryPath(db.path)
	if damaged {
		db.logger.WarnContext(ctx, "the directory of people is made anew", "because", "its file was found damaged")
		if err := removeDirectoryFile(path); err != nil {
			return wrap("mend the directory of people", err)
		}
	}
	if err := fresh.openDirectoryFile(ctx, path); err != nil {
		return wrap("mend the directory of people", errors.Join(err, fresh.Close()))
	}
	db.directory.Store(fresh)
	return wrap("close the directory of people", old.Close())
}

// Mending implements directory.PeopleStore: it says whether MendDirectory has something
// to do.
func (db *DB) Mending() bool {
	d := db.people()
	return !db.readOnly && (d.damaged.Load() || db.dialect == SQLite && errors.Is(d.stillThere(), ErrMoved))
}

// emptyDirectory forgets what was found damaged, and all else with it: what it is counted
// and found by can't be told from it any more. Another process may have done it before.
func (db *DB) emptyDirectory(ctx context.Context) error {
	if err := db.readRecords(ctx); !isDamage(err) {
		db.damaged.Store(err != nil)
		return err
	}
	db.logger.WarnContext(ctx, "the directory of people is emptied", "because", "it was found damaged")
	err := db.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `TRUNCATE company, list_page, word, word_use, tally, person, person_text, status_asked`)
		return err
	})
	db.damaged.Store(err != nil)
	return err
}

// readRecords says whether the record of everybody can be read.
func (db *DB) readRecords(ctx context.Context) error {
	rows, err := db.read.QueryContext(ctx, `SELECT record FROM person`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var packed string
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		if err := new(personRecord).unpack(packed); err != nil {
			return err
		}
	}
	return rows.Err()
}

// noteDamage remembers that a statement has met damage.
func (db *DB) noteDamage(err error) {
	if isDamage(err) {
		db.damaged.Store(true)
	}
}

// openDirectoryFile opens the file. A damaged one is of no use to anybody: all that is in
// it is read again.
func (db *DB) openDirectoryFile(ctx context.Context, path string) error {
	err := db.tryDirectoryFile(ctx, path)
	if !isDamage(err) && !errors.Is(err, errOlderSchema) || db.readOnly {
		return err
	}
	db.logger.WarnContext(ctx, "the directory of people is made anew", "because", err)
	if err := db.Close(); err != nil {
		return err
	}
	if err := removeDirectoryFile(path); err != nil {
		return err
	}
	return db.tryDirectoryFile(ctx, path)
}

func removeDirectoryFile(path string) error {
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (db *DB) tryDirectoryFile(ctx context.Context, path string) error {
	if db.readOnly {
		if _, err := os.Stat(path); err != nil {
			return err
		}
	} else if err := makeFile(path); err != nil {
		return err
	}
	// What is lost in a power cut is read again. A large log is moved into the file
	// seldom, and then each page of an index once.
	writing := sqliteDSN(path, "immediate", "busy_timeout(2000)", "journal_mode(WAL)", "synchronous(NORMAL)", "wal_autocheckpoint(10000)", "cache_size(-16384)")
	reading := sqliteDSN(path, "deferred", "busy_timeout(5000)", "query_only(1)", "cache_size(-4096)")
	db.read = sql.OpenDB(db.connector(preparedConnector{sqliteConnector{reading}, db.noteDamage}, false))
	db.read.SetMaxOpenConns(max(3, runtime.NumCPU()))
	db.read.SetMaxIdleConns(max(3, runtime.NumCPU()))
	db.write = db.read
	if !db.readOnly {
		db.write = sql.OpenDB(db.connector(preparedConnector{sqliteConnector{writing}, db.noteDamage}, true))
		db.write.SetMaxOpenConns(1)
	}
	if err := db.checkDirectoryFile(ctx, path); err != nil {
		return err
	}
	db.path = path
	var err error
	if db.opened, err = openedFiles(path); err != nil {
		return err
	}
	return db.prepareDirectoryFile(ctx)
}

// wholeCheck is the size up to which the directory is checked wholly at the start: it
// takes about 50 ms. Of a larger one it is known only that it can be opened.
const wholeCheck = 32 << 20

func (db *DB) checkDirectoryFile(ctx context.Context, path string) error {
	var tables int
	if err := db.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > wholeCheck {
		return err
	}
	return db.quickCheck(ctx)
}

// prepareDirectoryFile makes the schema in an empty file, and checks its version in any
// other.
func (db *DB) prepareDirectoryFile(ctx context.Context) error {
	version := func(q queryer) (has int64, err error) {
		var tables int
		err = q.QueryRowContext(ctx, `SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version`).Scan(&has, &tables)
		if tables == 0 {
			has = noDirectory
		}
		return has, err
	}
	has, err := version(db.read)
	if err != nil || has != noDirectory || db.readOnly {
		return errors.Join(err, checkDirectoryVersion(has))
	}
	db.logger.InfoContext(ctx, "the directory of people is made anew", "because", "there is none")
	return db.transact(ctx, func(tx *sql.Tx) error {
		if has, err := version(tx); err != nil || has != noDirectory {
			return errors.Join(err, checkDirectoryVersion(has)) // another process made it meanwhile
		}
		_, err := tx.ExecContext(ctx, directorySQLite+fmt.Sprintf(`; PRAGMA user_version = %d`, directoryVersion))
		return err
	})
}

// noDirectory is the version of a place where nothing is.
const noDirectory = -1

func checkDirectoryVersion(has int64) error {
	switch {
	case has > directoryVersion:
		return ErrNewerSchema
	case has < directoryVersion:
		return errOlderSchema
	}
	return nil
}

// openDirectorySchema connects a pool whose tables are the directory's.
func (db *DB) openDirectorySchema(ctx context.Context, main *DB, address string) error {
	config, err := main.postgresConfig(address)
	if err != nil {
		return err
	}
	config.MaxConns = min(directoryConns, max(config.MaxConns/3, 2))
	parameters := config.ConnConfig.RuntimeParams
	parameters["search_path"] = directorySchema
	parameters["synchronous_commit"] = "off" // what is lost in a power cut is read again
	parameters["enable_seqscan"] = "off"     // every question here is for an index, also before there are statistics
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	db.turns = make(chan struct{}, max(config.MaxConns*3/4, 1))
	db.write, db.read = db.openPool(db.pool, true), db.openPool(db.pool, false)
	if db.readOnly {
		has, err := schemaVersion(ctx, db.read)
		return errors.Join(err, checkDirectoryVersion(has))
	}
	return db.prepareDirectorySchema(ctx, main)
}

func schemaVersion(ctx context.Context, q queryer) (has int64, err error) {
	var table sql.NullString
	if err := q.QueryRowContext(ctx, `SELECT to_regclass('`+directorySchema+`.version')::text`).Scan(&table); err != nil || !table.Valid {
		return noDirectory, err
	}
	return has, q.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM `+directorySchema+`.version`).Scan(&has)
}

// prepareDirectorySchema makes the directory where there is none or an older one; of
// several processes that start at once one does.
func (db *DB) prepareDirectorySchema(ctx context.Context, main *DB) error {
	if has, err := schemaVersion(ctx, db.read); err != nil || has >= directoryVersion {
		return errors.Join(err, checkDirectoryVersion(has))
	}
	var home string
	if err := main.read.QueryRowContext(ctx, `SELECT current_schema()`).Scan(&home); err != nil {
		return err
	}
	return db.transact(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{`SET LOCAL lock_timeout = '60s'`, `SET LOCAL statement_timeout = 0`, `SELECT pg_advisory_xact_lock(hashtextextended('the directory of people', 0))`} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		has, err := schemaVersion(ctx, tx)
		if err != nil || has >= directoryVersion {
			return errors.Join(err, checkDirectoryVersion(has))
		}
		reason := errOlderSchema.Error()
		if has == noDirectory {
			reason = "there is none"
		}
		db.logger.InfoContext(ctx, "the directory of people is made anew", "because", reason)
		trigrams, err := db.prepareExtension(ctx, tx, home)
		if err != nil {
			return err
		}
		if err := db.dropDirectory(ctx, tx); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, strings.ReplaceAll(directoryPostgres, "{pg_trgm}", trigrams)+fmt.Sprintf(`; INSERT INTO version VALUES (%d)`, directoryVersion))
		return err
	})
}

// prepareExtension gives the schema of pg_trgm, quoted, and creates the extension in home
// where it is missing.
func (db *DB) prepareExtension(ctx context.Context, tx *sql.Tx, home string) (schema string, err error) {
	const where = `SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'`
	err = tx.QueryRowContext(ctx, where).Scan(&schema)
	if !errors.Is(err, sql.ErrNoRows) {
		return schema, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT quote_ident($1)`, home).Scan(&schema); err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, `CREATE EXTENSION pg_trgm SCHEMA `+schema); err != nil {
		return "", fmt.Errorf("searching needs the extension pg_trgm, which can't be created here: have an administrator run CREATE EXTENSION pg_trgm in this database, once: %w", err)
	}
	return schema, nil
}

// dropDirectory drops what an older version made, and makes the schema where it is
// missing. Nothing else that might be in it is touched.
func (db *DB) dropDirectory(ctx context.Context, tx *sql.Tx) error {
	var there bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)`, directorySchema).Scan(&there)
	if err != nil {
		return err
	}
	if !there {
		if _, err := tx.ExecContext(ctx, `CREATE SCHEMA `+directorySchema); err != nil {
			return fmt.Errorf("the directory has a schema of its own, which can't be created here: have an administrator run CREATE SCHEMA %s AUTHORIZATION and the role that Foyer connects as, once: %w", directorySchema, err)
		}
		return nil
	}
	_, err = tx.ExecContext(ctx, `DROP TABLE IF EXISTS company, list_page, word, word_use, tally, person, person_text, status_asked, version`)
	return err
}

// withoutLimits is a connection to PostgreSQL on which statements may take long.
func withoutLimits(pool *pgxpool.Pool) *sql.DB {
	config := pool.Config().ConnConfig
	config.RuntimeParams["lock_timeout"], config.RuntimeParams["statement_timeout"] = "0", "0"
	return stdlib.OpenDB(*config)
}
