package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// aliveClass sets the locks of living processes apart from all other advisory
// locks of the database.
const aliveClass = 0x666f79

// aliveRetry is how long a process waits before it connects again to be known as
// alive.
const aliveRetry = time.Second

// beAlive makes this process known as alive to the others that share the
// PostgreSQL, until ctx ends: it holds an advisory lock of its client's id on a
// connection of its own. The database lets go of it as soon as the process or its
// machine is gone. It returns once the lock is held.
//
// While the connection is being made again others may take this process for dead,
// and do its jobs as well, which does no harm.
func (j *Jobs) beAlive(ctx context.Context) error {
	conn, err := j.holdAlive(ctx)
	if err != nil {
		return fmt.Errorf("be known as alive: %w", err)
	}
	j.alive.Go(func() {
		for ctx.Err() == nil {
			if err == nil {
				_, _ = conn.WaitForNotification(ctx) // there is none: it ends with the connection
				_ = conn.Close(context.WithoutCancel(ctx))
			}
			select {
			case <-ctx.Done():
			case <-time.After(aliveRetry):
				conn, err = j.holdAlive(ctx)
			}
		}
		if err == nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	})
	return nil
}

func (j *Jobs) holdAlive(ctx context.Context) (*pgx.Conn, error) {
	config := j.postgres.Config().ConnConfig
	// A machine that lost its power says nothing: the database asks for itself.
	config.RuntimeParams["tcp_keepalives_idle"] = "10"
	config.RuntimeParams["tcp_keepalives_interval"] = "5"
	config.RuntimeParams["tcp_keepalives_count"] = "3"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1, hashtext($2))`, aliveClass, j.client.ID()); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

// isDead says whether no living process works as the client of that id. On SQLite
// there is one process, and it asks about others only.
func (j *Jobs) isDead(ctx context.Context, tx *sql.Tx, client string) (dead bool, err error) {
	if j.postgres == nil {
		return true, nil
	}
	err = tx.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1, hashtext($2))`, aliveClass, client).Scan(&dead)
	return dead, err
}
