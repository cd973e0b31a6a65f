package bulk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/internal/testpg"
	"foyer/jobs"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// workVariable makes this test program a process that does Foyer's jobs: it holds a
// workTask.
const workVariable = "FOYER_TEST_BULK"

func TestMain(m *testing.M) {
	if task := os.Getenv(workVariable); task != "" {
		if err := workFor(context.Background(), task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if database := os.Getenv(standInVariable); database != "" {
		if err := standIn(context.Background(), database); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(testpg.Run(m))
}

// workTask is what a process of its own is told.
type workTask struct {
	Address, Key, Symphony string
	Alone                  bool   // no other process shares the database
	Step                   string // at which it dies; empty: it is killed
	Passes                 int    // how often it passes the step before
}

// The times of the process, a tenth of the real ones.
const (
	hurry      = 10
	shortGrace = 2 * time.Second
)

// parts are a whole Foyer but for its web.
type parts struct {
	db        *store.DB
	client    *sapi.Client
	directory *directory.Directory
	changes   *change.Engine
	bulk      *bulk.Service
}

// keeper is what changes and bulk changes are kept in.
type keeper interface {
	change.Store
	bulk.Store
}

func assemble(ctx context.Context, task workTask, transport http.RoundTripper, wrap func(*store.DB) keeper, schedule func(*store.DB) (portal.Scheduler, error)) (*parts, error) {
	db, err := store.Open(ctx, task.Address, store.Options{KeyFile: task.Key})
	if err != nil {
		return nil, err
	}
	client, err := sapi.New(sapi.Options{
		BaseURL: task.Symphony, TokenURL: task.Symphony + "/oauth/token", LoginURL: task.Symphony, Transport: transport,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID, MaxConcurrent: 32,
	})
	if err != nil {
		return nil, err
	}
	scheduler, err := schedule(db)
	if err != nil {
		return nil, err
	}
	p := &parts{db: db, client: client}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	p.directory = directory.New(directory.Options{Symphony: client, Store: db, People: db, Statuses: db, Activity: activity.New(db), Scheduler: scheduler, Busy: time.Minute, BuildTime: 40 * time.Second, Logger: logger})
	kept := wrap(db)
	p.bulk = bulk.New(bulk.Options{Store: kept, Directory: p.directory, Symphony: client, Scheduler: scheduler, Logger: logger, AtOnce: 4, Hurry: hurry})
	p.changes = change.New(change.Options{
		Symphony: client, Store: kept, Directory: p.directory, Scheduler: scheduler, Gate: portal.Gate{Ledger: db}, Logger: logger,
		Moved: p.bulk.Moved, Grace: shortGrace, Hurry: hurry,
	})
	p.bulk.Engine(p.changes)
	return p, nil
}

// workFor does jobs as Foyer does, until it is killed or its input ends.
func workFor(ctx context.Context, text string) error {
	var task workTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return err
	}
	started := time.Now()
	steps := &steps{step: task.Step, passes: int64(task.Passes)}
	var j *jobs.Jobs
	p, err := assemble(ctx, task, steps, func(db *store.DB) keeper { return dying{db, steps} }, func(db *store.DB) (portal.Scheduler, error) {
		var err error
		j, err = jobs.New(ctx, jobs.Options{SQLite: db.SQLite(), Postgres: db.Pool(), SQL: db.PostgreSQL(), Migrating: db.Migrating, Logger: slog.New(slog.DiscardHandler)})
		return j, err
	})
	if err != nil {
		return err
	}
	sweep := func(ctx context.Context, alone bool) error {
		if err := p.changes.Sweep(ctx, alone, started); err != nil {
			return err
		}
		return p.bulk.Sweep(ctx, alone, started)
	}
	j.Handle(change.JobKind, jobs.Settling, jobs.HandleOptions{}, p.changes.Execute)
	j.Handle(bulk.JobKind, jobs.Bulk, jobs.HandleOptions{}, p.bulk.Do)
	j.Handle(directory.JobKind, jobs.Settling, jobs.HandleOptions{}, p.directory.WatchCompany)
	j.Handle(directory.ReadJobKind, jobs.Reading, jobs.HandleOptions{}, p.directory.ReadPeople)
	j.Every("sweep", time.Second, func(ctx context.Context) error { return sweep(ctx, false) })
	if err := sweep(ctx, task.Alone); err != nil {
		return err
	}
	if err := j.Start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, "ready"); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// steps are where a process can die.
type steps struct {
	http.Transport

	step   string
	passes int64
}

// namedSteps are all of them, in the order in which a call passes them.
var namedSteps = []string{"begin", "take", "insert", "intent", "gathered", "request", "answer", "update", "settle", "outcome", "lock", "save"}

// at dies where it is told to, as by SIGKILL.
func (s *steps) at(step string) {
	if step == s.step && atomic.AddInt64(&s.passes, -1) < 0 {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// RoundTrip implements http.RoundTripper.
func (s *steps) RoundTrip(r *http.Request) (*http.Response, error) {
	changes := r.Method == http.MethodPatch || r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/api/")
	if changes {
		s.at("request")
	}
	answer, err := s.Transport.RoundTrip(r)
	if changes {
		s.at("answer")
	}
	return answer, err
}

// dying is a store in whose transactions the process can die.
type dying struct {
	*store.DB
	steps *steps
}

func (d dying) Begin(ctx context.Context) (portal.Tx, error) {
	tx, err := d.DB.Begin(ctx)
	d.steps.at("begin")
	return tx, err
}

func (d dying) TakeRows(ctx context.Context, tx portal.Tx, id int64, rows []int, changeID string) (int, bool, error) {
	taken, running, err := d.DB.TakeRows(ctx, tx, id, rows, changeID)
	d.steps.at("take")
	return taken, running, err
}

func (d dying) InsertChange(ctx context.Context, tx portal.Tx, c change.Change) (change.Change, error) {
	c, err := d.DB.InsertChange(ctx, tx, c)
	d.steps.at("insert")
	return c, err
}

func (d dying) Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error {
	err := d.DB.Append(ctx, tx, events...)
	for _, step := range []struct {
		name    string
		intents bool
	}{{"intent", true}, {"outcome", false}} {
		if slices.ContainsFunc(events, func(e ledger.Event) bool { return (e.Outcome == ledger.Intent) == step.intents }) {
			d.steps.at(step.name)
		}
	}
	if len(events) > 1 { // of several calls, or of how many end
		d.steps.at("gathered")
	}
	return err
}

func (d dying) UpdateChange(ctx context.Context, tx portal.Tx, c change.Change) (change.Change, error) {
	c, err := d.DB.UpdateChange(ctx, tx, c)
	d.steps.at("update")
	return c, err
}

func (d dying) SettleRows(ctx context.Context, tx portal.Tx, changeID string, rows []bulk.Settled) error {
	err := d.DB.SettleRows(ctx, tx, changeID, rows)
	d.steps.at("settle")
	return err
}

func (d dying) LockBulk(ctx context.Context, tx portal.Tx, id int64) (bulk.Change, error) {
	c, err := d.DB.LockBulk(ctx, tx, id)
	d.steps.at("lock")
	return c, err
}

func (d dying) SaveBulk(ctx context.Context, tx portal.Tx, c bulk.Change) (bulk.Change, error) {
	c, err := d.DB.SaveBulk(ctx, tx, c)
	d.steps.at("save")
	return c, err
}

// TestNobodyIsCreatedTwiceOrLostWhenProcessesDie kills processes at random moments and at
// each step, over bulk changes of each kind that calls, while Symphony's answers are lost
// and spoilt. FOYER_TEST_KILLS says how often, over lists of a thousand rows.
func TestNobodyIsCreatedTwiceOrLostWhenProcessesDie(t *testing.T) {
	onDatabases(t, func(t *testing.T, address string) {
		kills, rows := 2*len(namedSteps), 60
		if asked, err := strconv.Atoi(os.Getenv("FOYER_TEST_KILLS")); err == nil {
			kills, rows = asked, 1000
		}
		s := newSiege(t, address, rows)
		done := 0
		for round := 1; done < kills; round++ {
			s.begin(round)
			for done < kills && !s.over() {
				s.misbehave()
				s.life(done)
				done++
			}
			s.finish()
			s.check()
		}
		t.Logf("%d processes died", done)
	})
}

// TestAReplicaThatWasStoppedDoesNothingTwice stops one of two processes over one database,
// as a machine that sleeps does, for longer than it takes to be believed dead, and wakes it.
func TestAReplicaThatWasStoppedDoesNothingTwice(t *testing.T) {
	t.Parallel()
	s := newSiege(t, testdb.PostgreSQL(t), 60)
	rounds := 1
	if os.Getenv("FOYER_TEST_KILLS") != "" {
		s.rows, rounds = 1000, 5
	}
	for round := range rounds {
		s.begin(round + 1)
		s.misbehave()
		stopped, other := s.process(s.task), s.process(s.task)
		<-time.After(time.Duration(s.rng.IntN(400)) * time.Millisecond)
		s.must(stopped.cmd.Process.Signal(syscall.SIGSTOP))
		<-time.After(stoppedFor)
		s.must(stopped.cmd.Process.Signal(syscall.SIGCONT))
		s.await(other)
		s.await(stopped)
		stopped.kill()
		other.kill()
		s.check()
	}
}

// stoppedFor is longer than a sender is believed to be alive, and than a lease lasts.
const stoppedFor = 6 * time.Second
