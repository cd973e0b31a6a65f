package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Queue is a line of jobs with workers of its own: whatever stands in another
// queue, a job waits only for those before it in its own.
type Queue string

// The queues. Their names are in the database.
const (
	Settling     Queue = "settling"     // finding out what became of changes, watching what is being built
	Bulk         Queue = "bulk"         // making changes of which there are many
	Reading      Queue = "reading"      // reading much at Symphony, for what nobody waits at a page for
	Housekeeping Queue = "housekeeping" // what is done every so often
)

// How many jobs of each queue are done at once in each process. Nearly all of a
// job's time is waiting for Symphony, and its limit on calls is shared by all.
const (
	settlingWorkers     = 4 // people look at what is unsettled: a few slow ones must not hold up the rest
	bulkWorkers         = 4 // each goes on with one list; their calls have a limit of their own
	readingWorkers      = 2 // a long one, and beside it a short one
	housekeepingWorkers = 2 // none of it is urgent, but signing must not wait for counting
)

func queues() map[string]river.QueueConfig {
	return map[string]river.QueueConfig{
		string(Settling):     {MaxWorkers: settlingWorkers},
		string(Bulk):         {MaxWorkers: bulkWorkers},
		string(Reading):      {MaxWorkers: readingWorkers},
		string(Housekeeping): {MaxWorkers: housekeepingWorkers},
	}
}

const (
	// cooldown is how long after it told of a new job a process tells of no other
	// one in the same queue. River's own tenth of a second is felt: what is
	// scheduled within it waits for the next look.
	cooldown = 20 * time.Millisecond
	// longestTimeout is how long any job may take. Who needs longer keeps what it
	// has done and asks to come again.
	longestTimeout = 5 * time.Minute
	// rescueAfter is when a job that is still marked as running is taken to be a
	// killed process's, and done again.
	rescueAfter = longestTimeout + time.Minute
	// attempts is how often a job is tried before it is given up, over some eight
	// hours. It is its owner's to notice that its row is still not done.
	attempts = 100
	// longestBackoff is the longest wait after an error.
	longestBackoff = 5 * time.Minute
)

// backoff waits one second after the first error, and twice as long after each
// further one.
type backoff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(min(time.Second<<min(max(job.Attempt-1, 0), 20), longestBackoff))
}

// once keeps one job of the same kind, id and turn, as long as it isn't over.
func once() river.UniqueOpts {
	return river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}
}
