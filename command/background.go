package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"foyer/auth"
	"foyer/jobs"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/store"
)

// The kinds of jobs that use cases ask for.
const (
	watchCompany  = "watch company"
	prepareReview = "prepare review"
)

// registerJobs says what is done in the background, and in which queue.
func (f *foyer) registerJobs(sessions *auth.Sessions) {
	f.jobs.Handle(change.JobKind, jobs.Settling, jobs.HandleOptions{}, f.changes.Execute)
	f.jobs.Handle(watchCompany, jobs.Settling, jobs.HandleOptions{}, f.directory.WatchCompany)
	f.jobs.Handle(prepareReview, jobs.Reading, jobs.HandleOptions{}, func(ctx context.Context, id string) (time.Duration, error) {
		review, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("prepare review: %w", err)
		}
		return f.reviews.Prepare(ctx, review)
	})
	f.jobs.Every("sweep", 30*time.Second, func(ctx context.Context) error { return f.sweep(ctx, false) })
	f.jobs.Every("count people", 10*time.Minute, f.directory.CountPeople)
	f.jobs.Every("purge sessions", 10*time.Minute, sessions.Purge)
	f.jobs.Every("sign checkpoint", checkpointEvery, f.checkpoints.sign)
}

// startJobs finds what an earlier process left, and begins to do the jobs. It comes
// before there are people, and before any job: what they are changing must not
// look as though an earlier process had left it.
func (f *foyer) startJobs(ctx context.Context) error {
	if err := f.sweep(ctx, f.db.Dialect() == store.SQLite); err != nil {
		return err
	}
	return f.jobs.Start(ctx)
}

// sweep finds what a crash left behind. alone says that no other process shares the
// database.
func (f *foyer) sweep(ctx context.Context, alone bool) error {
	return errors.Join(f.changes.Sweep(ctx, alone, f.started), f.directory.Sweep(ctx), f.reviews.Sweep(ctx))
}

// waker is a portal.Waker whose jobs are in transactions of their own.
type waker struct{ scheduler portal.Scheduler }

// WatchCompany implements portal.Waker.
func (w waker) WatchCompany(ctx context.Context, companyID string, at time.Time) error {
	return w.scheduler.Schedule(ctx, nil, portal.Job{Kind: watchCompany, ID: companyID, At: at})
}

// PrepareReview implements portal.Waker.
func (w waker) PrepareReview(ctx context.Context, reviewID int64, at time.Time) error {
	return w.scheduler.Schedule(ctx, nil, portal.Job{Kind: prepareReview, ID: strconv.FormatInt(reviewID, 10), At: at})
}
