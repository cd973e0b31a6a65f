package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"foyer/portal"
)

// Options say where the jobs are kept, in exactly one of the two databases, and
// where failures are logged. All that is of the database, Migrating and Logger are
// required.
type Options struct {
	SQLite *sql.DB // the pool that writes

	Postgres *pgxpool.Pool // to listen for jobs that other processes inserted
	SQL      *sql.DB       // the same PostgreSQL, for everything else

	// Migrating runs do while no other process migrates the database.
	Migrating func(ctx context.Context, do func(ctx context.Context, to *sql.DB) error) error

	Logger *slog.Logger
}

// Jobs is the engine. Work is registered first, with Handle and Every; jobs can be
// scheduled once their kind is registered, and are done after Start. It is safe
// for concurrent use from then on.
type Jobs struct {
	client *river.Client[*sql.Tx]
	works  *river.Workers
	queues map[string]Queue // by kind
	db     *sql.DB

	postgres *pgxpool.Pool  // nil on SQLite
	alive    sync.WaitGroup // of what makes this process known as alive
	die      context.CancelFunc
}

var _ portal.Scheduler = (*Jobs)(nil)

// New prepares the engine's tables and the engine. Nothing runs before Start.
func New(ctx context.Context, o Options) (*Jobs, error) {
	var driver riverdriver.Driver[*sql.Tx]
	switch {
	case o.SQLite != nil && o.Postgres == nil && o.SQL == nil:
		driver = riversqlite.New(o.SQLite)
	case o.SQLite == nil && o.Postgres != nil && o.SQL != nil:
		driver = riverdatabasesql.NewWithPgxListener(o.SQL, o.Postgres)
	default:
		return nil, errors.New("open jobs: exactly one database is needed")
	}
	j := &Jobs{works: river.NewWorkers(), queues: map[string]Queue{}, db: cmp.Or(o.SQLite, o.SQL), postgres: o.Postgres, die: func() {}}
	engineLog := slog.New(quiet{o.Logger.Handler()})
	if err := o.Migrating(ctx, func(ctx context.Context, to *sql.DB) error { return j.migrate(ctx, to, engineLog) }); err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	if err := j.open(driver, o.Logger, engineLog); err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	if j.postgres != nil {
		j.Every(takeOver, takeOverEvery, j.takeOver)
	} else {
		j.register(takeOver, Housekeeping, longestTimeout, func(ctx context.Context, _ string) (time.Duration, error) {
			return 0, j.takeOver(ctx)
		})
	}
	return j, nil
}

// migrate brings the engine's tables up to date.
func (j *Jobs) migrate(ctx context.Context, to *sql.DB, engineLog *slog.Logger) error {
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(to)
	if j.postgres != nil {
		driver = riverdatabasesql.New(to)
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: engineLog})
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	return err
}

func (j *Jobs) open(driver riverdriver.Driver[*sql.Tx], logger, engineLog *slog.Logger) (err error) {
	j.client, err = river.NewClient(driver, &river.Config{
		Queues:  queues(),
		Workers: j.works,
		// What an older or newer replica schedules is left for it to do.
		FetchOnlyKnownKinds:  true,
		SkipUnknownJobCheck:  true,
		FetchCooldown:        cooldown,
		JobTimeout:           longestTimeout,
		RescueStuckJobsAfter: rescueAfter,
		MaxAttempts:          attempts,
		RetryPolicy:          backoff{},
		Logger:               engineLog,
		ErrorHandler:         &errorLog{logger},
	})
	return err
}

// HandleOptions are what an owner can choose about its kind of job.
type HandleOptions struct {
	// Timeout ends the context of a job that takes so long. Zero means five
	// minutes, and so much is also the most.
	Timeout time.Duration
}

// Handle registers the work of an owner: do is called for each job of the kind
// with the id of its row, by the workers of the queue. The same job is done again
// after again if that is positive; it is done if again is zero. After an error it
// is tried again, first after a second, then less and less often, at least every
// five minutes; after a hundred errors it is given up, which is logged.
//
// It is called before Start, and panics when the kind is registered already or
// the timeout is too long: both are mistakes in the wiring.
func (j *Jobs) Handle(kind string, q Queue, o HandleOptions, do func(ctx context.Context, id string) (again time.Duration, err error)) {
	if o.Timeout == 0 {
		o.Timeout = longestTimeout
	}
	if o.Timeout < 0 || o.Timeout > longestTimeout {
		panic(fmt.Sprintf("jobs.Handle: %s must take at most %v", kind, longestTimeout))
	}
	j.register(kind, q, o.Timeout, do)
}

// Every registers work to be done again and again: at the start, then every so
// often, by one process at a time. It is called before Start. An error is logged,
// and the work is next done when it is due.
//
// The process that leads has it done. When that one is killed, another leads
// after at most some twenty seconds, and begins as at the start. Work that takes
// longer than its interval is left out when it is due in the same process, and
// may be done by two processes at once.
func (j *Jobs) Every(name string, every time.Duration, do func(context.Context) error) {
	underWay := make(chan struct{}, 1)
	j.register(name, Housekeeping, longestTimeout, func(ctx context.Context, _ string) (time.Duration, error) {
		select {
		case underWay <- struct{}{}:
			defer func() { <-underWay }()
			return 0, do(ctx)
		default:
			return 0, nil
		}
	})
	// It isn't unique: one that a killed process was at would keep it from being
	// done until that is noticed.
	j.client.PeriodicJobs().Add(river.NewPeriodicJob(river.PeriodicInterval(every),
		func() (river.JobArgs, *river.InsertOpts) {
			return args{kind: name}, &river.InsertOpts{Queue: string(Housekeeping), MaxAttempts: 1}
		},
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// scheduleWithin is how long jobs wait to be scheduled that have no transaction: a person
// may be waiting.
const scheduleWithin = 5 * time.Second

// Schedule implements portal.Scheduler. Every job needs an ID, and a Kind that is
// registered.
//
// A job for now is begun at once, or within a second if another one was scheduled
// just before. A later one begins up to five seconds late, and
// on PostgreSQL up to half a minute late when the process that leads was killed.
func (j *Jobs) Schedule(ctx context.Context, tx portal.Tx, jobs ...portal.Job) error {
	inserts, err := j.inserts(jobs)
	switch {
	case err != nil || len(inserts) == 0:
	case tx == nil:
		ctx, cancel := context.WithTimeout(ctx, scheduleWithin)
		defer cancel()
		if _, err = j.client.InsertMany(ctx, inserts); err != nil {
			err = fmt.Errorf("%w: %w", portal.ErrNotScheduled, err)
		}
	default:
		stored, ok := tx.(interface{ SQL() *sql.Tx })
		if !ok {
			return fmt.Errorf("schedule jobs: %T is no transaction of the store", tx)
		}
		_, err = j.client.InsertManyTx(ctx, stored.SQL(), inserts)
	}
	if err != nil {
		return fmt.Errorf("schedule jobs: %w", err)
	}
	return nil
}

// inserts is the jobs as River takes them, each once: one statement can't insert
// the same twice.
func (j *Jobs) inserts(jobs []portal.Job) ([]river.InsertManyParams, error) {
	var inserts []river.InsertManyParams
	seen := map[args]bool{}
	for _, job := range jobs {
		queue, ok := j.queues[job.Kind]
		if !ok {
			return nil, fmt.Errorf("nobody has registered the kind %q", job.Kind)
		}
		if job.ID == "" {
			return nil, fmt.Errorf("a job of the kind %q has no id", job.Kind)
		}
		a := args{kind: job.Kind, ID: job.ID, Turn: job.Turn}
		if seen[a] {
			continue
		}
		seen[a] = true
		o := &river.InsertOpts{Queue: string(queue), UniqueOpts: once()}
		if job.At.After(time.Now()) { // anything else would wait for the next look at the clock
			o.ScheduledAt = job.At
		}
		inserts = append(inserts, river.InsertManyParams{Args: a, InsertOpts: o})
	}
	return inserts, nil
}

// Start begins to do the jobs, those of earlier processes included. They are
// cancelled when ctx ends.
func (j *Jobs) Start(ctx context.Context) error {
	err := j.clearOlder(ctx)
	if err == nil && j.postgres == nil {
		err = j.leadAtOnce(ctx)
	}
	if err == nil && j.postgres != nil {
		var living context.Context
		living, j.die = context.WithCancel(ctx)
		err = j.beAlive(living)
	}
	if err == nil {
		_, err = j.client.Insert(ctx, args{kind: takeOver}, &river.InsertOpts{Queue: string(Housekeeping), MaxAttempts: 1})
	}
	if err == nil {
		err = j.client.Start(ctx)
	}
	if err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// Close finishes the jobs under way, cancels those that are not done when ctx
// ends, and stops. Cancelled ones are done by the next process.
func (j *Jobs) Close(ctx context.Context) error {
	defer j.alive.Wait()
	defer j.die()
	if err := j.client.Stop(ctx); err != nil {
		return errors.Join(err, j.client.StopAndCancel(context.WithoutCancel(ctx)))
	}
	return nil
}
