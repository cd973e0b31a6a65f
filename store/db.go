package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/review"
)

// Dialect names the kind of database.
type Dialect string

// The databases that Foyer runs on.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// Options is what Open needs beside the address. The zero value works.
type Options struct {
	// Now gives the time of events and of updates; time.Now if nil.
	Now func() time.Time
	// Logger is told of migrations; nothing is logged if nil.
	Logger *slog.Logger
	// Version of the running Foyer, written into every event.
	Version string
	// Host is where this Foyer is reached: the name of a new ledger begins with it. It may
	// be empty.
	Host string
	// KeyFile holds the key that signs the ledger's checkpoints. It is made when
	// it isn't there and the ledger has no checkpoint yet, or had none at Started.
	// Without it the ledger is kept, and nothing is signed.
	KeyFile string
	// AnchorFile holds the last checkpoint that this process signed, from which the ledger
	// must go on; beside KeyFile if empty. It is made while the ledger has no events.
	AnchorFile string
	// Started is when the process started: of several first starts at once one is the
	// first to sign, and the others should serve all the same. It may be zero.
	Started time.Time
	// Signed is given every checkpoint that this process signs, to hand it to
	// others; whoever asked for it waits so long. Nobody is told if nil.
	Signed func(ctx context.Context, signed []byte)
	// Witnesses say whose cosignatures checkpoints should have; nobody's if nil.
	Witnesses *ledger.Witnesses
	// Cosign asks them about a checkpoint that was signed, and returns it with what they
	// cosigned. Whoever asked for the checkpoint waits so long. Nobody is asked if nil.
	Cosign func(ctx context.Context, signed []byte, prove ledger.Prover) (cosigned []byte)
	// ReadOnly opens the database as it is, for verification: nothing is
	// created, migrated or written, and every method that would write fails.
	ReadOnly bool
	// Patient is for commands that nobody waits for: their statements may take as long
	// as they do.
	Patient bool
	// CheckWithin is how long opening waits for the check of an SQLite file for damage,
	// which otherwise goes on; five seconds if zero, not at all if negative.
	CheckWithin time.Duration
	// Connector stands between Foyer's statements and the driver's connections, those
	// that may write or those that only read; nothing does if nil. It is for tests
	// that have the database fail.
	Connector func(c driver.Connector, writes bool) driver.Connector
}

// DB is an open database. Its methods may be called concurrently, and from
// several processes on one database.
type DB struct {
	dialect Dialect
	write   *sql.DB       // on SQLite one connection, so that writers queue here and not in the file's lock
	read    *sql.DB       // has connections of its own, so that who reads waits for no writer
	pool    *pgxpool.Pool // of write
	readers *pgxpool.Pool // of read, on PostgreSQL
	turns   chan struct{} // holds one for each transaction under way, on PostgreSQL
	path    string        // of the file, on SQLite
	check   *fileCheck    // of the file; nil on PostgreSQL
	opened  openFiles     // of SQLite: what was there when it was opened
	damaged atomic.Bool   // of the directory: a statement has met damage in the file
	mending sync.Mutex    // of MendDirectory, one at a time

	directory atomic.Pointer[DB] // of people, which has a place of its own; see people

	bounds        listBounds  // of the directory
	common        commonGrams // in the directory's search index, on SQLite
	readOnly      bool
	patient       bool
	turnWithin    time.Duration
	migrateWithin time.Duration
	checkWithin   time.Duration
	connector     func(c driver.Connector, writes bool) driver.Connector
	now           func() time.Time
	logger        *slog.Logger
	version       string
	key           *ledger.Key
	anchor        *ledger.Anchor // beside the key
	otherKey      atomic.Bool    // the ledger has another key, as was last seen
	signed        func(ctx context.Context, signed []byte)
	witnesses     *ledger.Witnesses
	cosign        func(ctx context.Context, signed []byte, prove ledger.Prover) []byte
}

var (
	_ activity.Store        = (*DB)(nil)
	_ auth.Store            = (*DB)(nil)
	_ change.Store          = (*DB)(nil)
	_ directory.PeopleStore = (*DB)(nil)
	_ directory.Store       = (*DB)(nil)
	_ directory.StatusStore = (*DB)(nil)
	_ review.PeopleStore    = (*DB)(nil)
	_ review.Store          = (*DB)(nil)
)

// ErrNewerSchema says that a newer Foyer has migrated the database: this one
// must not touch it.
var ErrNewerSchema = errors.New("the database belongs to a newer version of Foyer: run that version, or restore a backup made before it")

// Open opens the database at the address, sqlite:path or postgres://…, and
// brings its schema up to date; of several processes that start at once one
// does, and the others wait. Errors never hold the address: it may have a
// password in it.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	db := &DB{readOnly: o.ReadOnly, patient: o.Patient || o.ReadOnly, turnWithin: turnWithin, migrateWithin: migrateWithin, checkWithin: cmp.Or(o.CheckWithin, checkWithin), connector: o.Connector, now: o.Now, logger: o.Logger, version: o.Version, signed: o.Signed, witnesses: o.Witnesses, cosign: o.Cosign}
	if db.now == nil {
		db.now = time.Now
	}
	if db.logger == nil {
		db.logger = slog.New(slog.DiscardHandler)
	}
	if db.connector == nil {
		db.connector = func(c driver.Connector, _ bool) driver.Connector { return c }
	}
	if db.signed == nil {
		db.signed = func(context.Context, []byte) {}
	}
	if db.cosign == nil {
		db.cosign = func(_ context.Context, signed []byte, _ ledger.Prover) []byte { return signed }
	}

	err := CheckAddress(address)
	if err == nil {
		if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
			err = db.openSQLite(ctx, path)
		} else {
			err = db.openPostgres(ctx, address)
		}
	}
	if err == nil {
		err = db.prepare(ctx, o)
	}
	if err == nil {
		err = db.prepareDirectory(ctx, address)
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// CheckAddress says what is wrong with the spelling of an address. It opens nothing.
func CheckAddress(address string) error {
	path, isSQLite := strings.CutPrefix(address, "sqlite:")
	switch {
	case isSQLite && strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///"):
		// Others write it so, and mean sometimes the one and sometimes the other.
		path = strings.TrimPrefix(path, "//")
		return fmt.Errorf("sqlite: has no // behind it: write sqlite:%s for a file in the working directory, or sqlite:/%s", path, path)
	case isSQLite, strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return nil
	}
	return errors.New("the address is neither sqlite:path nor postgres://…")
}

// prepare makes an opened database ready for use.
func (db *DB) prepare(ctx context.Context, o Options) error {
	if db.readOnly {
		p, err := db.provider(db.write)
		if err != nil {
			return err
		}
		if err := db.checkSchema(ctx, p); err != nil {
			return err
		}
	} else {
		if err := db.migrate(ctx); err != nil {
			return err
		}
		if err := db.beginLedger(ctx, o.Host); err != nil {
			return err
		}
		if err := db.indexOlder(ctx); err != nil {
			return err
		}
	}
	if o.KeyFile == "" {
		return nil
	}
	if err := db.loadKey(ctx, o.KeyFile, o.Started); err != nil {
		return err
	}
	db.anchor = ledger.NewAnchor(cmp.Or(o.AnchorFile, ledger.AnchorBeside(o.KeyFile)))
	if err := db.beginAnchor(ctx); err != nil || db.readOnly {
		return err
	}
	if err := db.CheckSigning(ctx); err != nil { // who serves says so, unless an anchor is begun first
		db.logger.DebugContext(ctx, "the ledger can’t be signed here", "error", err)
	}
	return nil
}

// Close closes the database. It may be called more than once.
func (db *DB) Close() error {
	db.stopCheck()
	var errs []error
	if d := db.people(); d != nil {
		errs = append(errs, d.Close())
	}
	if db.read != nil && db.read != db.write {
		errs = append(errs, db.read.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	for _, pool := range []*pgxpool.Pool{db.pool, db.readers} {
		if pool != nil {
			pool.Close()
		}
	}
	return errors.Join(errs...)
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return wrap("ping database", db.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one))
}

// Dialect says which kind of database it is.
func (db *DB) Dialect() Dialect { return db.dialect }

// SQLite is the writing connection pool, for the job engine; nil on PostgreSQL.
// It has one connection: who holds it keeps every other writer waiting.
func (db *DB) SQLite() *sql.DB {
	if db.dialect == SQLite {
		return db.write
	}
	return nil
}

// Pool is the connection pool, for the job engine; nil on SQLite.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// PostgreSQL is Pool as database/sql has it, for the job engine; nil on SQLite.
func (db *DB) PostgreSQL() *sql.DB {
	if db.dialect == PostgreSQL {
		return db.write
	}
	return nil
}

// transact runs do in a transaction that is committed if do succeeds, and
// leaves nothing behind otherwise. It has as long as one of Begin's.
func (db *DB) transact(ctx context.Context, do func(*sql.Tx) error) error {
	tx, end, err := db.begin(ctx, transactionWithin)
	if err != nil {
		return err
	}
	defer end()
	if err := do(tx); err != nil {
		db.noteDamage(err)
		return errors.Join(err, rollback(tx))
	}
	err = tx.Commit()
	db.noteDamage(err)
	return err
}

// rollback ends a transaction, if the end of its context has not done so.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// forUpdate locks the rows that a SELECT gives until the transaction ends. On
// SQLite the transaction has the only write lock anyway.
func (db *DB) forUpdate() string {
	if db.dialect == PostgreSQL {
		return " FOR UPDATE"
	}
	return ""
}

// micros is how times are stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// text makes a string that came from outside one that both databases take:
// PostgreSQL refuses NUL and what is not UTF-8.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// queryColumn gives the one column of what a statement finds.
func queryColumn[T any](ctx context.Context, q queryer, statement string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var values []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}

// wrap names the operation that failed. A nil error stays nil.
func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}
