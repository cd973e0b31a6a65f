package jobs_test

import (
	"database/sql"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"foyer/jobs"
	"foyer/store"
)

// olderArgs are those of a job as an earlier version inserted it.
type olderArgs struct {
	kind     string
	ChangeID string `json:"changeId"`
}

func (a olderArgs) Kind() string { return a.kind }

func TestJobsOfEarlierVersionsEndQuietly(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, b bench) {
		log := newLogLines()
		j := openJobs(t, b.DB, slog.New(slog.NewTextHandler(log, nil)))
		j.Handle("settle change", jobs.Settling, jobs.HandleOptions{}, b.tell("settle"))
		var driver riverdriver.Driver[*sql.Tx] = riverdatabasesql.New(b.PostgreSQL())
		if b.Dialect() == store.SQLite {
			driver = riversqlite.New(b.SQLite())
		}
		older, err := river.NewClient(driver, &river.Config{})
		if err != nil {
			t.Fatal(err)
		}
		for kind, o := range map[string]river.InsertOpts{
			"settle_change":  {Queue: "default"},
			"watch_company":  {Queue: "default", ScheduledAt: time.Now().Add(time.Hour)},
			"prepare_review": {Queue: "default"},
			"sweep":          {Queue: "default", MaxAttempts: 1},
			"periodic":       {Queue: "house", MaxAttempts: 1},
		} {
			if _, err := older.Insert(t.Context(), olderArgs{kind: kind, ChangeID: "change-0"}, &o); err != nil {
				t.Fatal(err)
			}
		}

		start(t, j)
		schedule(t, j, nil, settle("change-1", 0))
		b.want(t, "settle change-1")

		left, err := older.JobList(t.Context(), river.NewJobListParams().Queues("default", "house"))
		if err != nil || len(left.Jobs) > 0 {
			t.Errorf("jobs of earlier versions = %d, %v, want none", len(left.Jobs), err)
		}
		if lines := log.all(); slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "level=ERROR") }) {
			t.Errorf("the log has %q, want no error", lines)
		}
	})
}
