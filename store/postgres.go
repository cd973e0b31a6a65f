package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// defaultConns is how many connections a process opens at most, unless the address
	// says pool_max_conns: requests, jobs and the job engine's own share them.
	defaultConns = 24
	// connectWithin is how long a server may take to answer, unless the address says
	// connect_timeout.
	connectWithin = 5 * time.Second
)

// openPostgres connects one pool for what may write, the job engine's part included,
// and one for what only reads.
func (db *DB) openPostgres(ctx context.Context, address string) error {
	db.dialect = PostgreSQL

	config, err := db.postgresConfig(address)
	if err != nil {
		return err
	}
	readers := config.Copy()
	readers.MaxConns = max(config.MaxConns/3, 1)
	config.MaxConns = max(config.MaxConns-readers.MaxConns, 2)
	readers.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	db.turns = make(chan struct{}, max(config.MaxConns*3/4, 1))

	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	if db.readers, err = pgxpool.NewWithConfig(ctx, readers); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	db.write, db.read = db.openPool(db.pool, true), db.openPool(db.readers, false)
	return wrap("connect to PostgreSQL", db.checkEncoding(ctx))
}

// checkEncoding is the first word to the server. A database of another encoding would
// refuse names, or keep them as bytes that nobody reads the same.
func (db *DB) checkEncoding(ctx context.Context) error {
	var encoding string
	if err := db.pool.QueryRow(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database’s encoding is %s, and Foyer needs UTF8: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	return nil
}

// openPool gives a pool as database/sql has it.
func (db *DB) openPool(pool *pgxpool.Pool, writes bool) *sql.DB {
	opened := sql.OpenDB(db.connector(stdlib.GetPoolConnector(pool), writes))
	opened.SetMaxIdleConns(0) // the pool keeps them
	return opened
}

// postgresConfig reads the address, and sets what Foyer needs where that says nothing.
func (db *DB) postgresConfig(address string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		// The driver's own error repeats the address.
		return nil, errors.New("the postgres:// address can't be read")
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = defaultConns
	}
	if !strings.Contains(address, "connect_timeout") {
		config.ConnConfig.ConnectTimeout = connectWithin
	}
	parameters := config.ConnConfig.RuntimeParams
	// A generic plan does not know how rare the text is that is searched for.
	parameters["plan_cache_mode"] = "force_custom_plan"
	// No statement runs for as long as it takes to compile it: 0.3 s, for each whose plan
	// seems dear, as all do that the directory's connections would rather not have.
	parameters["jit"] = "off"
	parameters["timezone"] = "UTC"
	if db.readOnly {
		parameters["default_transaction_read_only"] = "on"
	}
	unless := map[string]string{
		"application_name": "foyer",
		// A process that is stopped, or its machine gone, must not keep the ledger's
		// head locked for everybody else.
		"idle_in_transaction_session_timeout": "10s",
	}
	if !db.patient {
		unless["lock_timeout"] = "3s"
		unless["statement_timeout"] = "30s"
	}
	for name, value := range unless {
		if _, set := parameters[name]; !set {
			parameters[name] = value
		}
	}
	return config, nil
}
