package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// clearOlder removes what earlier versions scheduled, in queues that nobody works
// on any more. The rows of that work are found by their owners' own looking.
func (j *Jobs) clearOlder(ctx context.Context) error {
	const atOnce = 1000
	for {
		removed, err := j.client.JobDeleteMany(ctx, river.NewJobDeleteManyParams().Queues("default", "house").First(atOnce))
		if err != nil {
			return fmt.Errorf("remove the jobs of earlier versions: %w", err)
		}
		if len(removed.Jobs) < atOnce {
			return nil
		}
	}
}

// leadAtOnce forgets who led, on SQLite: there is one process, so whoever it was is
// dead, and would be waited for until it is missed.
func (j *Jobs) leadAtOnce(ctx context.Context) error {
	_, err := j.db.ExecContext(ctx, `DELETE FROM river_leader`)
	return err
}

// takeOver is the kind of the job that calls Jobs.takeOver.
const takeOver = "take over"

// takeOverEvery is how often it is looked for what a killed process was at, where
// there may be others that take over.
const takeOverEvery = 10 * time.Second

// takeOver has the jobs done again that a killed process was at.
//
// It is a job itself because River lets a job be ended from within one only.
func (j *Jobs) takeOver(ctx context.Context) error {
	running, err := j.client.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateRunning).First(1000))
	if err != nil {
		return fmt.Errorf("take over jobs: %w", err)
	}
	for _, row := range running.Jobs {
		n := len(row.AttemptedBy)
		if n == 0 || row.AttemptedBy[n-1] == j.client.ID() {
			continue
		}
		if err := j.replace(ctx, row, row.AttemptedBy[n-1]); err != nil {
			return fmt.Errorf("take over jobs: %w", err)
		}
	}
	return nil
}

// replace ends a job that a client was at, and inserts it anew, if that client's
// process is dead. What has no id is not inserted: work that is done every so often
// comes by itself, and an earlier version's not at all.
func (j *Jobs) replace(ctx context.Context, row *rivertype.JobRow, client string) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	if dead, err := j.isDead(ctx, tx, client); err != nil || !dead {
		return err
	}
	job, err := j.complete(ctx, tx, &river.Job[args]{JobRow: row})
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil // it isn't running any more
	}
	if err != nil {
		return err
	}
	if job.Args.ID != "" {
		_, err = j.client.InsertTx(ctx, tx, args{kind: row.Kind, ID: job.Args.ID, Turn: job.Args.Turn},
			&river.InsertOpts{Queue: row.Queue, MaxAttempts: row.MaxAttempts, UniqueOpts: once()})
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (j *Jobs) complete(ctx context.Context, tx *sql.Tx, job *river.Job[args]) (*river.Job[args], error) {
	if j.postgres == nil {
		return river.JobCompleteTx[*riversqlite.Driver](ctx, tx, job)
	}
	return river.JobCompleteTx[*riverdatabasesql.Driver](ctx, tx, job)
}
