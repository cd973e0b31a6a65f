package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// The arguments of the jobs; their names are in the database.
type (
	settleArgs struct {
		ChangeID string `json:"changeId"`
	}
	watchArgs struct {
		CompanyID string `json:"companyId"`
	}
	reviewArgs struct {
		ReviewID int64 `json:"reviewId"`
	}
	sweepArgs    struct{}
	periodicArgs struct {
		Name string `json:"name"`
	}
)

// Kind implements river.JobArgs.
func (settleArgs) Kind() string { return "settle_change" }

// Kind implements river.JobArgs.
func (watchArgs) Kind() string { return "watch_company" }

// Kind implements river.JobArgs.
func (reviewArgs) Kind() string { return "prepare_review" }

// Kind implements river.JobArgs.
func (sweepArgs) Kind() string { return "sweep" }

// Kind implements river.JobArgs.
func (periodicArgs) Kind() string { return "periodic" }

func (j *Jobs) workers(periodic map[string]Periodic) *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, job *river.Job[settleArgs]) error {
		return again(j.tasks.Settle(ctx, job.Args.ChangeID))
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, job *river.Job[watchArgs]) error {
		return again(j.tasks.WatchCompany(ctx, job.Args.CompanyID))
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, job *river.Job[reviewArgs]) error {
		return again(j.tasks.PrepareReview(ctx, job.Args.ReviewID))
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweepArgs]) error {
		return j.tasks.Sweep(ctx, false)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, job *river.Job[periodicArgs]) error {
		work, ok := periodic[job.Args.Name]
		if !ok {
			return river.JobCancel(fmt.Errorf("no periodic work is called %q", job.Args.Name)) // of an older version
		}
		return work.Do(ctx)
	}))
	return w
}

// again has a job come back later instead of ending.
func again(wait time.Duration, err error) error {
	if err != nil || wait <= 0 {
		return err
	}
	return river.JobSnooze(wait)
}

func periodic(work map[string]Periodic) []*river.PeriodicJob {
	jobs := []*river.PeriodicJob{every(sweepInterval, sweepArgs{}, false)}
	for name, p := range work {
		jobs = append(jobs, every(p.Every, periodicArgs{name}, true))
	}
	return jobs
}

func every(interval time.Duration, args river.JobArgs, atStart bool) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{UniqueOpts: once, MaxAttempts: 1}
		},
		&river.PeriodicJobOpts{RunOnStart: atStart})
}
