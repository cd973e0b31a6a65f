package jobs

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// args are the arguments of every job; their names are in the database. ID and
// Turn are zero for what is done every so often.
type args struct {
	kind string
	ID   string `json:"id"`
	Turn int64  `json:"turn"`
}

// Kind implements river.JobArgs. River takes no spaces.
func (a args) Kind() string { return strings.ReplaceAll(a.kind, " ", "_") }

// register has the jobs of a kind done. River panics when the kind is taken.
func (j *Jobs) register(kind string, q Queue, timeout time.Duration, do func(ctx context.Context, id string) (time.Duration, error)) {
	river.AddWorkerArgs(j.works, args{kind: kind}, &worker{timeout: timeout, do: do})
	j.queues[kind] = q
}

// worker does the jobs of one kind.
type worker struct {
	river.WorkerDefaults[args]
	timeout time.Duration
	do      func(ctx context.Context, id string) (again time.Duration, err error)
}

// Timeout implements river.Worker.
func (w *worker) Timeout(*river.Job[args]) time.Duration { return w.timeout }

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	again, err := w.do(ctx, job.Args.ID)
	if err != nil || again <= 0 {
		return err
	}
	return river.JobSnooze(again)
}

// errorLog writes down every job that failed: nobody is there to be told.
type errorLog struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (l *errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	l.write(ctx, "failed", job, "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (l *errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, panicked any, trace string) *river.ErrorHandlerResult {
	l.write(ctx, "panicked", job, "panic", panicked, "stack", trace)
	return nil
}

func (l *errorLog) write(ctx context.Context, what string, job *rivertype.JobRow, why ...any) {
	log := l.log.With("what", what, "job", job.Kind, "id", job.ID, "args", string(job.EncodedArgs), "attempt", job.Attempt).With(why...)
	if job.MaxAttempts > 1 && job.Attempt >= job.MaxAttempts { // one attempt has what comes again by itself
		log.ErrorContext(ctx, "job given up")
		return
	}
	log.ErrorContext(ctx, "job failed")
}

// quiet lets only warnings and errors of the engine through, and not what it was about
// when Foyer ends: that is broken off and done by whoever is next.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	brokenOff := false
	r.Attrs(func(a slog.Attr) bool {
		brokenOff = a.Key == "err" && a.Value.String() == context.Canceled.Error()
		return !brokenOff
	})
	if brokenOff {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}
