package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// defaultConns is how many connections a process opens at most, unless the
// address says pool_max_conns: requests, jobs and the job engine's own share them.
const defaultConns = 16

// openPostgres connects one pool for Foyer's statements and the job engine.
func (db *DB) openPostgres(ctx context.Context, address string) error {
	db.dialect = PostgreSQL

	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		// The driver's own error repeats the address.
		return errors.New("the postgres:// address can't be read")
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = defaultConns
	}
	parameters := config.ConnConfig.RuntimeParams
	// A generic plan does not know how rare the text is that is searched for.
	parameters["plan_cache_mode"] = "force_custom_plan"
	parameters["timezone"] = "UTC"
	if _, set := parameters["application_name"]; !set {
		parameters["application_name"] = "foyer"
	}
	if _, set := parameters["idle_in_transaction_session_timeout"]; !set {
		// A process that is stopped, or its machine gone, must not keep the ledger's
		// head locked for everybody else.
		parameters["idle_in_transaction_session_timeout"] = "10s"
	}
	if db.readOnly {
		parameters["default_transaction_read_only"] = "on"
	}

	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	db.write = sql.OpenDB(db.connector(stdlib.GetPoolConnector(db.pool), true))
	db.write.SetMaxIdleConns(0) // the pool keeps them
	db.read = db.write
	return wrap("connect to PostgreSQL", db.pool.Ping(ctx))
}
