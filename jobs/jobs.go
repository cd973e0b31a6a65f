package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

const (
	jobTimeout    = 5 * time.Minute // a thorough look through the largest company takes minutes
	rescueAfter   = 6 * time.Minute // more than jobTimeout: then its process is surely gone
	sweepInterval = 30 * time.Second
	workersAtOnce = 4
	// houseQueue is for periodic work, which must not wait behind jobs that wait
	// for Symphony.
	houseQueue = "house"
)

// Tasks are what jobs wake. The durations are when to do it again; zero means
// that it is done.
type Tasks interface {
	Settle(ctx context.Context, changeID string) (again time.Duration, err error)
	WatchCompany(ctx context.Context, companyID string) (again time.Duration, err error)
	PrepareReview(ctx context.Context, reviewID int64) (again time.Duration, err error)
	Sweep(ctx context.Context, alone bool) error
}

// Options say where the jobs are kept: in exactly one of the two databases.
type Options struct {
	SQLite   *sql.DB
	Postgres *pgxpool.Pool
	Logger   *slog.Logger

	// Periodic is other work of the house to do again and again, by name.
	Periodic map[string]Periodic
}

// Periodic is a piece of work that is done every so often, by one process at a
// time.
type Periodic struct {
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Jobs is the engine. It is a Waker of the use cases from the beginning, and works once
// it is started.
type Jobs struct {
	engine
	tasks  Tasks
	alone  bool
	sqlite *sql.DB
}

// engine is River's client, whatever its database.
type engine interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// New prepares the engine's tables and the engine. Nothing runs before Start.
func New(ctx context.Context, o Options) (*Jobs, error) {
	j := &Jobs{alone: o.SQLite != nil, sqlite: o.SQLite}
	config := &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workersAtOnce}, houseQueue: {MaxWorkers: 2}},
		Workers:              j.workers(o.Periodic),
		PeriodicJobs:         periodic(o.Periodic),
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		Logger:               slog.New(quiet{o.Logger.Handler()}),
		ErrorHandler:         &errorLog{o.Logger},
	}
	var err error
	switch {
	case o.SQLite != nil && o.Postgres == nil:
		j.engine, err = open[*sql.Tx](ctx, riversqlite.New(o.SQLite), config)
	case o.Postgres != nil && o.SQLite == nil:
		j.engine, err = open[pgx.Tx](ctx, riverpgxv5.New(o.Postgres), config)
	default:
		err = errors.New("exactly one database is needed")
	}
	if err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	return j, nil
}

func open[Tx any](ctx context.Context, driver riverdriver.Driver[Tx], config *river.Config) (engine, error) {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: config.Logger})
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	return river.NewClient(driver, config)
}

// Start begins to work on the tasks. First it finds what an earlier process
// left behind.
func (j *Jobs) Start(ctx context.Context, tasks Tasks) error {
	j.tasks = tasks
	if err := j.releaseRunning(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	if err := j.engine.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	if err := tasks.Sweep(ctx, j.alone); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// releaseRunning frees the jobs that a crashed process was at. SQLite has one
// process, so whatever is marked as running at the start is not; on PostgreSQL
// River rescues them, because another process may well be at them.
func (j *Jobs) releaseRunning(ctx context.Context) error {
	if j.sqlite == nil {
		return nil
	}
	_, err := j.sqlite.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`)
	return err
}

// Close finishes the jobs under way, cancels those that are not done when ctx
// ends, and stops.
func (j *Jobs) Close(ctx context.Context) error {
	if err := j.engine.Stop(ctx); err != nil {
		return errors.Join(err, j.engine.StopAndCancel(context.WithoutCancel(ctx)))
	}
	return nil
}

// SettleChange implements change.Waker.
func (j *Jobs) SettleChange(ctx context.Context, changeID string, at time.Time) error {
	return j.insert(ctx, settleArgs{changeID}, at)
}

// WatchCompany implements directory.Waker.
func (j *Jobs) WatchCompany(ctx context.Context, companyID string, at time.Time) error {
	return j.insert(ctx, watchArgs{companyID}, at)
}

// PrepareReview implements review.Waker.
func (j *Jobs) PrepareReview(ctx context.Context, reviewID int64, at time.Time) error {
	return j.insert(ctx, reviewArgs{reviewID}, at)
}

func (j *Jobs) insert(ctx context.Context, args river.JobArgs, at time.Time) error {
	_, err := j.Insert(ctx, args, &river.InsertOpts{ScheduledAt: at, UniqueOpts: once})
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// once keeps one job for the same arguments, as long as it isn't over.
var once = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}

// errorLog writes down every job that failed: nobody is there to be told.
type errorLog struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (l *errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	l.log.ErrorContext(ctx, "job failed", "job", job.Kind, "id", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (l *errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, panicked any, trace string) *river.ErrorHandlerResult {
	l.log.ErrorContext(ctx, "job panicked", "job", job.Kind, "id", job.ID, "attempt", job.Attempt, "panic", panicked, "stack", trace)
	return nil
}

// quiet lets only warnings and errors of the engine through.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}
