package change_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/internal/testfirst"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// firstWorld is today's engine over a database of the first edition, and over the
// stand-in Symphony as it was then.
type firstWorld struct {
	*testing.T
	engine  *change.Engine
	db      *store.DB
	sandbox *sandbox.Sandbox
	waker   *testworld.Waker

	mu sync.Mutex
	at time.Time
}

func (w *firstWorld) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// until moves the clock forward to a time, if it is not later already.
func (w *firstWorld) until(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.After(w.at) {
		w.at = at
	}
}

func newFirstWorld(t *testing.T, e testfirst.Edition) *firstWorld {
	t.Helper()
	w := &firstWorld{T: t, at: e.Expected.MadeAt.Add(10 * time.Minute), waker: &testworld.Waker{}}
	var err error
	if w.sandbox, err = sandbox.Open(t.Context(), sandbox.Options{Database: e.Sandbox, Now: w.now}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.sandbox.Handler())
	if w.db, err = store.Open(t.Context(), e.Store, store.Options{Now: w.now, KeyFile: e.Key}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		_ = w.db.Close()
		_ = w.sandbox.Close()
	})
	client, err := sapi.New(sapi.Options{
		BaseURL: server.URL, TokenURL: server.URL + "/oauth/token", LoginURL: server.URL,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID, MaxTries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	w.engine = change.New(change.Options{
		Symphony: client, Store: w.db, Scheduler: w.waker, Gate: portal.Gate{Ledger: w.db}, Now: w.now, Grace: testworld.Grace, Logger: logger,
		Directory: directory.New(directory.Options{
			Symphony: client, Store: w.db, People: w.db, Statuses: w.db, Activity: activity.New(w.db), Scheduler: &testworld.Waker{}, Now: w.now, Logger: logger,
		}),
	})
	return w
}

// work does all jobs at their times, as the workers do, until there are none.
func (w *firstWorld) work() {
	w.Helper()
	for range 1000 {
		if len(w.waker.Jobs) == 0 {
			return
		}
		slices.SortStableFunc(w.waker.Jobs, func(a, b portal.Job) int { return a.At.Compare(b.At) })
		job := w.waker.Jobs[0]
		w.waker.Jobs = slices.Clone(w.waker.Jobs[1:])
		w.until(job.At)
		again, err := w.engine.Execute(w.Context(), job.ID)
		if err != nil {
			w.Fatalf("Execute(%s): %v", job.ID, err)
		}
		if again > 0 {
			job.At = w.now().Add(again)
			w.waker.Jobs = append(w.waker.Jobs, job)
		}
	}
	w.Fatalf("the jobs don’t come to an end: %+v", w.waker.Jobs)
}

// onlyRead fails when something was changed at Symphony, or when nothing was even read.
func (w *firstWorld) onlyRead() {
	w.Helper()
	calls, err := w.sandbox.Faults().Calls(w.Context())
	if err != nil || len(calls) == 0 {
		w.Fatalf("Calls = %d, %v, want that Symphony was read", len(calls), err)
	}
	for _, c := range calls {
		if c.Operation != "getToken" && c.Method != http.MethodGet || c.Applied {
			w.Errorf("%s was sent again: %s %s", c.Operation, c.Method, c.Path)
		}
	}
}

// ended is how a change ended, with the outcomes of its people.
type ended struct {
	State    string
	Outcomes []string
}

// The changes that the first edition let be about one thing while neither was settled.
const (
	hamnen, hamnenAgain = "c547d54f-cf0d-4d6f-9d34-20c8123ef5db", "02e6d164-b0e4-4951-86eb-4d3f4da65719"
	asa, asaAgain       = "53842db0-1947-440c-81ba-ec6a7c0a921c", "24a205d9-9f77-4c6b-837a-10e460238b99"
	statusAgain         = "0f000000-0000-4000-8000-000000000002"
	domainsAgain        = "2b481c9b-5aa3-48b3-b934-730938402d98"
)

func TestTheUnsettledChangesOfTheFirstEditionEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		first []string         // are executed before all others
		ends  map[string]ended // where they differ from what the first edition itself made of it
	}{
		{"in their order", nil, map[string]ended{
			// The first edition did not see that the decomposed address is the person's too.
			asaAgain: {"refused", []string{"exists", "exists"}},
		}},
		{"the second of two first", []string{hamnenAgain, asaAgain, statusAgain, domainsAgain}, map[string]ended{
			hamnenAgain: {"done", nil},
			hamnen:      {"refused", nil},
			asaAgain:    {"done", []string{"created", "exists"}},
			asa:         {"done", []string{"exists", "created", "exists", "refused"}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			testfirst.On(t, func(t *testing.T, e testfirst.Edition) {
				w := newFirstWorld(t, e)
				alone := w.db.Dialect() == store.SQLite
				if err := w.engine.Sweep(t.Context(), alone, w.now()); err != nil {
					t.Fatalf("Sweep: %v", err)
				}
				for _, id := range tt.first {
					if _, err := w.engine.Execute(t.Context(), id); err != nil {
						t.Fatalf("Execute(%s): %v", id, err)
					}
				}
				w.work()

				w.endedAs(e, tt.ends)
				w.creditedOnce(e)
				w.onlyRead()
				if due, err := w.db.DueChanges(t.Context(), w.now().AddDate(1, 0, 0), 10); err != nil || len(due) != 0 {
					t.Errorf("DueChanges = %+v, %v, want that nothing is left to do", due, err)
				}
				report, err := w.db.VerifyLedger(t.Context(), ledger.VerifyOptions{Held: ledger.SplitCheckpoints(testfirst.Read(t, "checkpoint.txt"))})
				if err != nil || !report.OK() || report.Events <= e.Expected.Ledger.Events {
					t.Errorf("VerifyLedger = %d events, %v, %v, want more than before and no problem", report.Events, report.Problems, err)
				}
			})
		})
	}
}

// endedAs holds every change against how it is to have ended: as the first edition said,
// but for the given ones. What was settled stays as it was.
func (w *firstWorld) endedAs(e testfirst.Edition, differently map[string]ended) {
	w.Helper()
	for _, was := range e.Expected.Changes.All {
		want := ended{was.SettledByThisVersion, was.OutcomesBySettling}
		settles := want.State != ""
		if !settles {
			want = ended{was.State, was.Outcomes}
		}
		if other, differs := differently[was.ID]; differs {
			want = other
		}
		c, err := w.db.Change(w.Context(), was.ID)
		if err != nil {
			w.Fatal(err)
		}
		got := ended{State: string(c.State)}
		for _, row := range c.People {
			got.Outcomes = append(got.Outcomes, string(row.Outcome))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Errorf("%s of %s (-want +got):\n%s", c.Kind, c.ID, diff)
		}
		if !settles {
			continue
		}
		events, err := w.db.Events(w.Context(), ledger.Filter{Change: c.ID}, ledger.Page{Limit: 1})
		if err != nil || len(events) != 1 || events[0].Outcome != ledger.Reconciled || !events[0].Actor.IsSystem() || events[0].Code != string(c.Code) {
			w.Errorf("the last event of %s is %+v, %v, want that it was reconciled as %s", c.ID, events, err, c.Code)
		}
	}
}

// creditedOnce fails where two changes, or two rows of one, are said to have made the
// same thing.
func (w *firstWorld) creditedOnce(e testfirst.Edition) {
	w.Helper()
	made := map[string]string{}
	for _, was := range e.Expected.Changes.All {
		c, err := w.db.Change(w.Context(), was.ID)
		if err != nil {
			w.Fatal(err)
		}
		var ids []string
		if c.Kind == change.CreateCompany && c.State == change.Done {
			ids = append(ids, c.Company.ID)
		}
		for _, row := range slices.Concat(c.People, c.Others) {
			if row.Outcome == sapi.ItemCreated {
				ids = append(ids, row.UserID)
			}
		}
		for _, id := range ids {
			if other, twice := made[id]; twice || id == "" {
				w.Errorf("%s and %s are both said to have created %q", other, c.ID, id)
			}
			made[id] = c.ID
		}
	}
}
