package portal_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// world is the use cases over real parts: the stand-in Symphony over HTTP, and
// a database of their own.
type world struct {
	*portal.Portal
	t       *testing.T
	began   time.Time
	clock   *clock
	sandbox *sandbox.Sandbox
	db      *store.DB
	client  *sapi.Client
	waker   *waker
}

func newWorld(t *testing.T) *world {
	t.Helper()
	files := testdb.New(t)
	w := &world{t: t, began: files.At, clock: &clock{at: files.At}, waker: &waker{}}
	var err error
	w.sandbox, err = sandbox.Open(t.Context(), sandbox.Options{Database: files.Sandbox, Seed: sandbox.SeedSmall, Now: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.sandbox.Handler())
	w.db, err = store.Open(t.Context(), "sqlite:"+files.Store, store.Options{Now: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		_ = w.db.Close()
		_ = w.sandbox.Close()
	})
	w.client, err = sapi.New(sapi.Options{
		BaseURL: server.URL, TokenURL: server.URL + "/oauth/token", LoginURL: server.URL,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID, MaxTries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.start()
	return w
}

// utc is how notes write a time.
const utc = "2006-01-02 15:04:05 UTC"

// after writes the time so long after the test began.
func (w *world) after(d time.Duration, layout string) string { return w.began.Add(d).Format(layout) }

// start begins Foyer's process anew over the same database and Symphony.
func (w *world) start() {
	w.Portal = portal.New(portal.Options{
		Symphony: w.client, Store: w.db, Waker: w.waker, Now: w.clock.now, Logger: slog.New(slog.DiscardHandler),
	})
}

// inject adds a fault to the next call of an operation.
func (w *world) inject(operation string, r sandbox.Rule) {
	w.t.Helper()
	r.Match.Operation = operation
	if r.Times == 0 {
		r.Times = 1
	}
	if _, err := w.sandbox.Faults().Add(r); err != nil {
		w.t.Fatal(err)
	}
}

// calls counts how often an operation reached Symphony.
func (w *world) calls(operation string) int {
	w.t.Helper()
	all, err := w.sandbox.Faults().Calls(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, c := range all {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

// ready is a seeded company that is ready and has people.
func (w *world) ready() sapi.Company {
	w.t.Helper()
	companies, err := w.client.Companies.List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range companies {
		page, err := w.client.Users.List(w.t.Context(), c.ID, sapi.PageOptions{Size: 1})
		if c.State.Ready() && err == nil && page.Total > 3 && len(c.EmailDomains) < 8 {
			return c
		}
	}
	w.t.Fatal("the seed has no ready company with people")
	return sapi.Company{}
}

// someone is an active person of a company.
func (w *world) someone(companyID string) sapi.User {
	w.t.Helper()
	for u, err := range w.client.Users.All(w.t.Context(), companyID, 100) {
		if err != nil {
			w.t.Fatal(err)
		}
		if full, err := w.client.Users.Get(w.t.Context(), companyID, u.ID); err == nil && full.Status == sapi.StatusActive {
			return full
		}
	}
	w.t.Fatal("the company has nobody active")
	return sapi.User{}
}

// status is what Symphony itself says of a person.
func (w *world) status(companyID, userID string) sapi.Status {
	w.t.Helper()
	u, err := w.client.Users.Get(w.t.Context(), companyID, userID)
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Status
}

// outcomes are a change's outcomes in the ledger, in the order written.
func (w *world) outcomes(changeID string) []ledger.Outcome {
	w.t.Helper()
	events, err := w.db.Events(w.t.Context(), ledger.Filter{Change: changeID}, ledger.Page{Limit: 20})
	if err != nil {
		w.t.Fatal(err)
	}
	var outcomes []ledger.Outcome
	for _, e := range events {
		outcomes = append(outcomes, e.Outcome)
	}
	slices.Reverse(outcomes)
	return outcomes
}

func as(role auth.Role) auth.Actor {
	return auth.Actor{
		Issuer: "https://idp.example", Subject: "sub-" + string(role), Name: "A " + string(role), Email: string(role) + "@partner.example",
		Roles: auth.Roles{role}, RequestID: "7F3K-22QD-9M1X", Address: "192.0.2.7", UserAgent: "test",
	}
}

// clock stands still until it is moved, or goes on by a tick whenever it is
// looked at.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	tick time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.tick)
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// waker remembers what it was asked to wake.
type waker struct {
	mu       sync.Mutex
	settled  []string
	watched  []string
	prepared []int64
}

func (w *waker) PrepareReview(_ context.Context, id int64, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.prepared = append(w.prepared, id)
	return nil
}

func (w *waker) SettleChange(_ context.Context, id string, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settled = append(w.settled, id)
	return nil
}

func (w *waker) WatchCompany(_ context.Context, id string, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watched = append(w.watched, id)
	return nil
}
