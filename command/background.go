package command

import (
	"context"
	"errors"
	"time"

	"foyer/auth"
	"foyer/jobs"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/store"
)

// registerJobs says what is done in the background, and in which queue.
func (f *foyer) registerJobs(sessions *auth.Sessions) {
	f.jobs.Handle(change.JobKind, jobs.Settling, jobs.HandleOptions{}, f.changes.Execute)
	f.jobs.Handle(bulk.JobKind, jobs.Bulk, jobs.HandleOptions{}, f.bulk.Do)
	f.jobs.Handle(bulk.PrecheckJobKind, jobs.Reading, jobs.HandleOptions{}, f.bulk.Precheck)
	f.jobs.Handle(bulk.NoticeJobKind, jobs.Housekeeping, jobs.HandleOptions{Timeout: time.Minute}, f.tell)
	f.jobs.Handle(directory.JobKind, jobs.Settling, jobs.HandleOptions{}, f.directory.WatchCompany)
	f.jobs.Handle(directory.ReadJobKind, jobs.Reading, jobs.HandleOptions{}, f.directory.ReadPeople)
	f.jobs.Handle(review.JobKind, jobs.Reading, jobs.HandleOptions{}, f.reviews.Do)
	f.jobs.Every("sweep", 30*time.Second, func(ctx context.Context) error { return f.sweep(ctx, false) })
	f.jobs.Every("refresh directory", mendEvery, func(ctx context.Context) error {
		return errors.Join(f.db.MendDirectory(ctx), f.directory.Refresh(ctx))
	})
	f.jobs.Every("fill statuses", 15*time.Second, f.directory.FillStatuses)
	f.jobs.Every("purge sessions", 10*time.Minute, func(ctx context.Context) error {
		return errors.Join(sessions.Purge(ctx), f.bulk.DiscardUnused(ctx))
	})
	f.jobs.Every("sign checkpoint", checkpointEvery, f.checkpoints.sign)
}

// What each process does by itself, because what all of them do together may always be done
// by another one, and how often.
const (
	mendEvery = 30 * time.Second // the directory of people, where this process found it damaged
	ownEvery  = 5 * time.Minute  // see doOwn
)

func (f *foyer) mendOwn(ctx context.Context) {
	if err := f.db.MendDirectory(ctx); err != nil && ctx.Err() == nil {
		f.log.ErrorContext(ctx, "the directory of people is not mended", "error", err)
	}
}

// doOwn records how often this process refused the same, has its anchor follow what others
// sign, and looks at what witnesses have seen.
func (f *foyer) doOwn(ctx context.Context) {
	if err := f.repeats.Flush(ctx, false); err != nil && ctx.Err() == nil {
		f.log.ErrorContext(ctx, "how often people were refused is not recorded yet", "error", err)
	}
	if err := f.db.FollowCheckpoints(ctx); err != nil && ctx.Err() == nil {
		f.log.ErrorContext(ctx, "the ledger’s anchor does not follow", "error", err)
	} else if err == nil {
		f.checkpoints.followed(ctx)
	}
	if err := f.checkpoints.lookAtWitnesses(ctx); err != nil && ctx.Err() == nil {
		f.log.ErrorContext(ctx, "what witnesses have seen can’t be read", "error", err)
	}
}

// eachTime does something each time that it is due, until the end.
func eachTime(ctx context.Context, due <-chan time.Time, do func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-due:
			do(ctx)
		}
	}
}

// startJobs finds what an earlier process left, and begins to do the jobs. It comes
// before there are people, and before any job: what they are changing must not
// look as though an earlier process had left it.
func (f *foyer) startJobs(ctx context.Context) error {
	if err := f.sweep(ctx, f.db.Dialect() == store.SQLite); err != nil {
		return err
	}
	f.checkpoints.signFirst(ctx)
	return f.jobs.Start(ctx)
}

// sweep finds what a crash left behind. alone says that no other process shares the
// database.
func (f *foyer) sweep(ctx context.Context, alone bool) error {
	return errors.Join(f.changes.Sweep(ctx, alone, f.started), f.bulk.Sweep(ctx, alone, f.started), f.directory.Sweep(ctx), f.reviews.Sweep(ctx))
}
