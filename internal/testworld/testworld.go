// Package testworld gives tests Foyer's use cases over real parts: the stand-in
// Symphony over HTTP, and a database of their own. It decides nothing for a test:
// what only the tests of one package do stays with them. Only tests import it.
package testworld

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// World is the use cases over real parts, for one test.
type World struct {
	Directory *directory.Directory
	Activity  *activity.Activity
	Changes   *change.Engine
	Bulk      *bulk.Service
	Reviews   *review.Reviews
	Precheck  *precheck.Service

	T       testing.TB
	Began   time.Time // when the Clock began
	Clock   *Clock
	Sandbox *sandbox.Sandbox
	DB      *store.DB
	Client  *sapi.Client // of Symphony, to see what is true
	Waker   *Waker
	Roles   auth.Roles // that somebody has now; nil: nothing is known of it

	// Busy is as directory.Options has it, from the next Start on. It is long, so that
	// a slow machine writes what a quick one does.
	Busy time.Duration

	symphony string // the address
	file     string // of the database
}

// New opens a world with SQLite, which goes with the test.
func New(t testing.TB) *World {
	t.Helper()
	files := testdb.New(t)
	return open(t, files, "sqlite:"+files.Store)
}

// NewAt opens a world whose database is at an address.
func NewAt(t testing.TB, address string) *World {
	t.Helper()
	return open(t, testdb.New(t), address)
}

func open(t testing.TB, files testdb.Files, address string) *World {
	t.Helper()
	w := &World{T: t, Began: files.At, Clock: &Clock{at: files.At}, Waker: &Waker{}, Busy: time.Minute}
	var err error
	w.Sandbox, err = sandbox.Open(t.Context(), sandbox.Options{Database: files.Sandbox, Seed: sandbox.SeedSmall, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.Sandbox.Handler())
	t.Cleanup(func() {
		_ = w.Sandbox.Close() // lets go of held requests before the server waits for them
		server.Close()
	})
	w.symphony, w.file = server.URL, files.Store
	w.connect(address)
	return w
}

// RemakeDirectory has the directory of people made anew, as after its file was removed. The
// database is the one of New.
func (w *World) RemakeDirectory() {
	w.T.Helper()
	err := os.Remove(store.DirectoryPath(w.file))
	if err == nil {
		err = w.DB.MendDirectory(w.T.Context())
	}
	if err != nil {
		w.T.Fatal(err)
	}
}

// Replica is another process over the same Symphony, with a clock of its own that
// shows the same time, and the database at an address: another way to the same one.
func (w *World) Replica(address string) *World {
	w.T.Helper()
	r := &World{T: w.T, Began: w.Began, Clock: &Clock{at: w.Clock.Now()}, Sandbox: w.Sandbox, Waker: &Waker{}, Busy: time.Minute, symphony: w.symphony}
	r.connect(address)
	return r
}

// connect opens the database and the client of Symphony.
func (w *World) connect(address string) {
	w.T.Helper()
	var err error
	w.DB, err = store.Open(w.T.Context(), address, store.Options{Now: w.Clock.Now})
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = w.DB.Close() })
	w.Limit(sapi.Options{})
}

// Limit begins Foyer's process anew, with a client that has the limits of some options:
// RatePerSecond, Burst and MaxConcurrent.
func (w *World) Limit(o sapi.Options) {
	w.T.Helper()
	o.BaseURL, o.TokenURL, o.LoginURL = w.symphony, w.symphony+"/oauth/token", w.symphony
	o.ClientID, o.ClientSecret, o.PartnerID, o.MaxTries = sandbox.ClientID, sandbox.ClientSecret, sandbox.PartnerID, 1
	var err error
	if w.Client, err = sapi.New(o); err != nil {
		w.T.Fatal(err)
	}
	w.Start()
}

// UTC is how notes write a time.
const UTC = "2006-01-02 15:04:05 UTC"

// After writes the time so long after the test began.
func (w *World) After(d time.Duration, layout string) string { return w.Began.Add(d).Format(layout) }

// Grace is for how long after an answer was lost a change may still take effect.
const Grace = 30 * time.Second

// Start begins Foyer's process anew over the same database and Symphony.
func (w *World) Start() {
	logger := slog.New(slog.DiscardHandler)
	w.Activity = activity.New(w.DB)
	w.Directory = directory.New(directory.Options{
		Symphony: w.Client, Store: w.DB, People: w.DB, Statuses: w.DB, Activity: w.Activity, Scheduler: w.Waker, Now: w.Clock.Now, Busy: w.Busy, Logger: logger,
	})
	w.Precheck = precheck.New(precheck.Options{Symphony: w.Client, Directory: w.Directory, Ledger: w.DB, Now: w.Clock.Now})
	w.Bulk = bulk.New(bulk.Options{
		Store: w.DB, Directory: w.Directory, Symphony: w.Client, Precheck: w.Precheck, Scheduler: w.Waker, Logger: logger, Now: w.Clock.Now, Notify: true,
	})
	w.Changes = change.New(change.Options{
		Moved:    w.Bulk.Moved,
		Symphony: w.Client, Store: w.DB, Directory: w.Directory, Scheduler: w.Waker, Gate: portal.Gate{Ledger: w.DB},
		Now: w.Clock.Now, Grace: Grace, Logger: logger,
		Roles: func(context.Context, string, string) (auth.Roles, bool, error) { return w.Roles, w.Roles != nil, nil },
	})
	w.Bulk.Engine(w.Changes)
	w.Reviews = review.New(review.Options{
		Store: w.DB, People: w.DB, Directory: w.Directory, Activity: w.Activity, Changes: w.Changes, Scheduler: w.Waker, Now: w.Clock.Now,
	})
}

// KeepCompanies stores companies as the list of all, read now.
func (w *World) KeepCompanies(companies ...sapi.Company) {
	w.T.Helper()
	tx, err := w.DB.Begin(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, _, err = w.DB.SaveCompanies(w.T.Context(), tx, companies, w.Clock.Now()); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		w.T.Fatal(err)
	}
}

// Inject adds a fault to the next call of an operation.
func (w *World) Inject(operation string, r sandbox.Rule) {
	w.T.Helper()
	r.Match.Operation = operation
	if r.Times == 0 {
		r.Times = 1
	}
	if _, err := w.Sandbox.Faults().Add(r); err != nil {
		w.T.Fatal(err)
	}
}

// Calls counts how often an operation reached Symphony.
func (w *World) Calls(operation string) int {
	w.T.Helper()
	all, err := w.Sandbox.Faults().Calls(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	n := 0
	for _, c := range all {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

// Ready is a seeded company that is ready and has people.
func (w *World) Ready() sapi.Company {
	w.T.Helper()
	companies, err := w.Client.Companies.List(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	for _, c := range companies {
		page, err := w.Client.Users.List(w.T.Context(), c.ID, sapi.PageOptions{Size: 1})
		if c.State.Ready() && err == nil && page.Total > 3 && len(c.EmailDomains) < 8 {
			return c
		}
	}
	w.T.Fatal("the seed has no ready company with people")
	return sapi.Company{}
}

// Someone is an active person of a company.
func (w *World) Someone(companyID string) sapi.User {
	w.T.Helper()
	for u, err := range w.Client.Users.All(w.T.Context(), companyID, 100) {
		if err != nil {
			w.T.Fatal(err)
		}
		if full, err := w.Client.Users.Get(w.T.Context(), companyID, u.ID); err == nil && full.Status == sapi.StatusActive {
			return full
		}
	}
	w.T.Fatal("the company has nobody active")
	return sapi.User{}
}

// Status is what Symphony itself says of a person.
func (w *World) Status(companyID, userID string) sapi.Status {
	w.T.Helper()
	u, err := w.Client.Users.Get(w.T.Context(), companyID, userID)
	if err != nil {
		w.T.Fatal(err)
	}
	return u.Status
}

// Outcomes are a change's outcomes in the ledger, in the order written.
func (w *World) Outcomes(changeID string) []ledger.Outcome {
	w.T.Helper()
	events, err := w.DB.Events(w.T.Context(), ledger.Filter{Change: changeID}, ledger.Page{Limit: 20})
	if err != nil {
		w.T.Fatal(err)
	}
	var outcomes []ledger.Outcome
	for _, e := range events {
		outcomes = append(outcomes, e.Outcome)
	}
	slices.Reverse(outcomes)
	return outcomes
}

// Settle executes a change again and again, each time when it is due, until it is
// settled.
func (w *World) Settle(changeID string) change.Change {
	w.T.Helper()
	for range 100 {
		c, err := w.DB.Change(w.T.Context(), changeID)
		if err != nil {
			w.T.Fatal(err)
		}
		if c.State.Settled() {
			return c
		}
		w.Clock.Until(c.Due)
		if _, err := w.Changes.Execute(w.T.Context(), changeID); err != nil {
			w.T.Fatal(err)
		}
	}
	w.T.Fatalf("change %s is not settled after 100 tries", changeID)
	return change.Change{}
}

// As is somebody with a role.
func As(role auth.Role) auth.Actor {
	return auth.Actor{
		Issuer: "https://idp.example", Subject: "sub-" + string(role), Name: "A " + string(role), Email: string(role) + "@partner.example",
		Roles: auth.Roles{role}, RequestID: "7F3K-22QD-9M1X", Address: "192.0.2.7", UserAgent: "test",
	}
}

// Clock stands still until it is moved, or goes on by a Tick whenever it is
// looked at.
type Clock struct {
	Tick time.Duration

	mu sync.Mutex
	at time.Time
}

// Now is the time, after a Tick.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.Tick)
	return c.at
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Until moves the clock to a time, unless it is later already.
func (c *Clock) Until(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.at) {
		c.at = at
	}
}

// Waker remembers the jobs that it was asked for, and does none of them.
type Waker struct {
	Jobs []portal.Job

	mu sync.Mutex
}

// Of is the rows that jobs of a kind are for.
func (w *Waker) Of(kind string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []string
	for _, job := range w.Jobs {
		if job.Kind == kind {
			ids = append(ids, job.ID)
		}
	}
	return ids
}

// Schedule implements portal.Scheduler.
func (w *Waker) Schedule(_ context.Context, _ portal.Tx, jobs ...portal.Job) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Jobs = append(w.Jobs, jobs...)
	return nil
}

// Disable disables somebody through Foyer, as a viewer.
func (w *World) Disable(company sapi.Company, user sapi.User, token string) (change.Change, error) {
	return w.Changes.SetStatus(w.T.Context(), As(auth.Viewer), change.StatusRequest{
		CompanyID: company.ID, UserID: user.ID, Active: false, Reason: "left the desk", Ticket: "HR-2231", Token: token, Seen: user.Status,
	})
}
