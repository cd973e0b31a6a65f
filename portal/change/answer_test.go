package change_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// held is the store of a process that is held up before it can record what Symphony
// answered: once, for as long as meanwhile takes.
type held struct {
	*store.DB
	meanwhile func()
}

// Begin begins a transaction, when what happens meanwhile has happened.
func (h held) Begin(ctx context.Context) (portal.Tx, error) {
	h.meanwhile()
	return h.DB.Begin(ctx)
}

// heldUp is a second process over the same database that is held up when Symphony has
// answered a call of the operation. Meanwhile the first one takes it for lost, and
// settles what it can.
func (w *world) heldUp(operation string) *world {
	w.T.Helper()
	done := false
	w2 := &world{&testworld.World{}}
	*w2.World = *w.World
	w2.Changes = change.New(change.Options{
		Symphony: w.Client, Directory: w.Directory, Scheduler: w.Waker, Gate: portal.Gate{Ledger: w.DB}, Now: w.Clock.Now,
		Grace: testworld.Grace, Logger: slog.New(slog.DiscardHandler),
		Store: held{w.DB, func() {
			if done || w.Calls(operation) == 0 {
				return
			}
			done = true
			w.Clock.Forward(5 * time.Minute)
			unsettled, _, err := w.DB.UnsettledChanges(w.T.Context(), 10)
			if err != nil || len(unsettled) != 1 {
				w.T.Errorf("there are %d unsettled changes, %v, want the one", len(unsettled), err)
				return
			}
			w.Settle(unsettled[0].ID)
		}},
	})
	return w2
}

// What a late answer says of each person counts, and what it leaves out stands as it
// was read meanwhile.
func TestALateAnswerIsPutTogetherWithWhatWasReadMeanwhile(t *testing.T) {
	t.Parallel()
	blind := sandbox.Rule{Kind: sandbox.KindStale, Delay: 24 * time.Hour, Times: 100}
	tests := map[string]struct {
		answer, list *sandbox.Rule
		taken        bool // the second person's address is
		state        change.State
		results      []sapi.ItemOutcome
		outcomes     []ledger.Outcome
	}{
		"all were created, and none was seen": {
			list: &blind, state: change.Done, results: []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated},
			outcomes: []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled, ledger.Corrected},
		},
		"all were created, and seen": {
			state: change.Done, results: []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated},
			outcomes: []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled},
		},
		"the answer leaves one out, and none was seen": {
			answer: &sandbox.Rule{Kind: sandbox.KindDropItems}, list: &blind,
			state: change.Done, results: []sapi.ItemOutcome{sapi.ItemRefused, sapi.ItemCreated},
			outcomes: []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled, ledger.Corrected},
		},
		"the answer leaves one out, and both were seen": {
			answer: &sandbox.Rule{Kind: sandbox.KindDropItems},
			state:  change.Done, results: []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated},
			outcomes: []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled},
		},
		"all were refused, for a reason": {
			answer: &sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusBadRequest},
			state:  change.Refused, results: []sapi.ItemOutcome{"", ""},
			outcomes: []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled, ledger.Failed},
		},
		"one of them was there before": {
			list: &blind, taken: true, state: change.Done, results: []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemExists},
			outcomes: []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled, ledger.Corrected},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			people := newPeople(company, 2)
			if test.taken {
				people[1].Email = w.Someone(company.ID).Email
			}
			if test.answer != nil {
				w.Inject("createUsers", *test.answer)
			}
			if test.list != nil {
				w.Inject("getUsers", *test.list)
			}

			made, err := w.heldUp("createUsers").create(company, people)

			if err != nil || made.State != test.state {
				t.Errorf("CreateUsers = %s %s, %v, want %s", made.State, made.Code, err, test.state)
			}
			stored, err := w.DB.Change(t.Context(), made.ID)
			if diff := cmp.Diff(test.results, results(stored)); err != nil || diff != "" {
				t.Errorf("results, %v (-want +got):\n%s", err, diff)
			}
			w.wantOutcomes(made.ID, test.outcomes...)
			if wantProblem := test.state == change.Refused; (stored.Problem != nil) != wantProblem {
				t.Errorf("Symphony's reason is stored: %v, want %v", stored.Problem != nil, wantProblem)
			}
			w.Sandbox.Faults().Clear()
			for i, row := range w.settleForGood(made.ID).People {
				if created := row.Outcome == sapi.ItemCreated; created != (w.count(company.ID, people[i].Email) > 0) && !test.taken {
					t.Errorf("in the end %s is %q, want what Symphony shows", row.Email, row.Outcome)
				}
			}
		})
	}
}

// Nor is a status that Foyer set ascribed to others because its answer came late.
func TestAStatusWhoseAnswerCameLateIsFoyersOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	second := w.heldUp("updateUser")
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, After: 1, Times: 1}) // the reading after the yes
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusOK, After: 1, Times: 3, Body: `{"id": "` + user.ID + `", "email": "` + user.Email + `", "active": true}`})

	made, err := second.Disable(company, user, portal.NewToken())

	if err != nil || made.State != change.Done || !made.Corrected {
		t.Fatalf("SetStatus = %s %s, corrected %v, %v, want done and corrected", made.State, made.Code, made.Corrected, err)
	}
	w.wantOutcomes(made.ID, ledger.Intent, ledger.Unknown, ledger.Reconciled, ledger.Corrected)
	w.Clock.Forward(time.Hour)
	if _, _, err := w.Directory.ReadUser(t.Context(), "", company.ID, user.ID); err != nil {
		t.Fatal(err)
	}
	if outside, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.StatusOutside}, ledger.Page{Limit: 1}); err != nil || len(outside) > 0 {
		t.Errorf("the ledger says that others changed the status: %v, %v", outside, err)
	}
}
