package change_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testpg"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
)

// A database that is started again takes with it what it had not acknowledged yet,
// though it may have committed it. What had not been sent is sent, or was not and is
// said so; what Symphony answered is recorded, each person's reason included.
func TestADatabaseThatIsStartedAgainLeavesNothingUnknown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		commits int
		state   change.State
		calls   int
	}{
		"at the intent":  {1, change.Expired, 0},
		"at the claim":   {2, change.Done, 1},
		"at the outcome": {4, change.Done, 1}, // after what is kept of the answer
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := testdb.PostgreSQL(t)
			w := &world{testworld.NewAt(t, address)}
			company := w.Ready()
			people := newPeople(company, 2)
			people[1].Email = w.Someone(company.ID).Email
			line := testpg.NewLine(t, address)
			behind := &world{w.Replica(line.DSN)}
			if _, _, err := behind.Directory.ReadCompany(t.Context(), company.ID); err != nil { // its first reading is stored
				t.Fatal(err)
			}
			line.HoldAfterCommits(test.commits) // what was read and is the same takes none
			held := line.Held

			ended := make(chan outcome, 1)
			go func() {
				made, err := behind.create(company, people)
				ended <- outcome{made, err}
			}()
			<-held
			line.Cut()
			end := <-ended

			if test.state == change.Expired {
				if !errors.Is(end.err, portal.ErrLedger) {
					t.Errorf("CreateUsers = %v, want that nothing was sent", end.err)
				}
				unsettled, _, err := w.DB.UnsettledChanges(t.Context(), 10)
				if err != nil || len(unsettled) != 1 {
					t.Fatalf("there are %d unsettled changes, %v, want the one", len(unsettled), err)
				}
				w.Clock.Forward(10 * time.Second)
				end.change = w.Settle(unsettled[0].ID)
			} else if end.err != nil {
				t.Errorf("CreateUsers = %v, want no error", end.err)
			}
			if end.change.State != test.state || w.Calls("createUsers") != test.calls {
				t.Errorf("change = %s %s with %d calls, want %s with %d", end.change.State, end.change.Code, w.Calls("createUsers"), test.state, test.calls)
			}
			if stored, err := w.DB.Change(t.Context(), end.change.ID); test.state == change.Done && (err != nil || stored.People[1].Problem == nil) {
				t.Errorf("the person who was refused is stored as %+v, %v, want the reason", stored.People[1], err)
			}
			if outcomes := w.Outcomes(end.change.ID); len(outcomes) != 2 {
				t.Errorf("the ledger has %v, want an intent and an end", outcomes)
			}
		})
	}
}

// Where Foyer's own database fails before anything is sent, it is that which is said,
// and soon.
func TestADatabaseThatFailsBeforeAChangeIsSentIsSaid(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database is gone")
	for name, test := range map[string]struct {
		roles auth.Roles // of whoever asks, as they are read
		read  error      // of reading them
		down  bool       // and nothing can be written from then on
		late  bool       // the change was asked for long ago
		code  change.Code
	}{
		"the roles can't be read":                  {read: gone, code: change.NoDatabase},
		"nor can that be written":                  {read: gone, down: true, code: change.TooLate},
		"the role was withdrawn, and that can't":   {roles: auth.Roles{auth.Auditor}, down: true, code: change.TooLate},
		"it may be sent, and can't be claimed":     {down: true, code: change.TooLate},
		"it is too late, and that can't be either": {late: true, down: true, code: change.TooLate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			user := w.Someone(company.ID)
			var down atomic.Bool
			w.Changes = change.New(change.Options{
				Symphony: w.Client, Directory: w.Directory, Scheduler: w.Waker, Gate: portal.Gate{Ledger: w.DB}, Now: w.Clock.Now,
				Grace: testworld.Grace, Logger: slog.New(slog.DiscardHandler), Store: flaky{w.DB, down.Load},
				Roles: func(context.Context, string, string) (auth.Roles, bool, error) {
					down.Store(test.down)
					return test.roles, test.roles != nil, test.read
				},
			})
			began := time.Now()

			var err error
			if test.late {
				made := w.propose(w.disabling(company, user), change.NotAfter(w.Clock.Now().Add(time.Second)))
				w.Clock.Forward(time.Minute)
				down.Store(true)
				_, err = w.Changes.Execute(t.Context(), made.ID)
			} else {
				_, err = w.Disable(company, user, portal.NewToken())
			}

			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v, want a few seconds", took)
			}
			if test.down != errors.Is(err, portal.ErrLedger) || !test.down && err != nil {
				t.Errorf("error = %v, want that nothing was sent", err)
			}
			test.down = false
			down.Store(false)
			intents, err := w.DB.Events(t.Context(), ledger.Filter{Outcome: ledger.Intent}, ledger.Page{Limit: 2})
			if err != nil || len(intents) != 1 {
				t.Fatalf("the ledger has %d intents, %v, want the one", len(intents), err)
			}
			w.Clock.Forward(time.Minute)
			if ended := w.Settle(intents[0].Change); ended.Code != test.code || w.Calls("updateUser") != 0 {
				t.Errorf("in the end it is %s %s with %d calls, want %s and none", ended.State, ended.Code, w.Calls("updateUser"), test.code)
			}
		})
	}
}

// Whatever the sweep finds may have a job that a killed process was at, and that counts
// as running for minutes: jobs of the same turn are not taken then.
func TestTheSweepsJobIsNotTheOneThatAKilledProcessWasAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	made := w.propose(w.disabling(company, w.Someone(company.ID)))
	w.Clock.Forward(time.Millisecond)
	turns := map[int64]bool{made.Version: true}
	for range 2 { // starts
		w.Waker.Jobs = nil
		started := w.Clock.Now()
		for range 2 { // sweeps
			if err := w.Changes.Sweep(t.Context(), false, started); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.Waker.Jobs) != 2 || w.Waker.Jobs[0] != w.Waker.Jobs[1] || turns[w.Waker.Jobs[0].Turn] {
			t.Errorf("the sweeps of one process have the jobs %+v, want one that nobody had before", w.Waker.Jobs)
		}
		turns[w.Waker.Jobs[0].Turn] = true
		w.Clock.Forward(time.Second)
	}
}

// What has only just become due has its job, as far as a process can know that runs.
func TestTheSweepLeavesWhatHasJustBecomeDueToItsJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	started := w.Clock.Now()
	w.Clock.Forward(time.Hour)
	w.propose(w.disabling(company, w.Someone(company.ID)))
	w.Clock.Forward(5 * time.Second)
	w.Waker.Jobs = nil

	if err := w.Changes.Sweep(t.Context(), false, started); err != nil || len(w.Waker.Jobs) != 0 {
		t.Errorf("Sweep = %v, with the jobs %+v, want none", err, w.Waker.Jobs)
	}
}

// halfDone leaves a change of two people whose answer was lost, of whom Symphony
// created the first one, and settles it.
func (w *world) halfDone(company sapi.Company, people []sapi.NewUser) change.Change {
	w.T.Helper()
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore})
	made, err := w.create(company, people)
	if err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.Client.Users.Create(w.T.Context(), company.ID, people[:1]); err != nil {
		w.T.Fatal(err)
	}
	made = w.Settle(made.ID)
	if diff := cmp.Diff([]sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemRefused}, results(made)); diff != "" || made.State != change.Done {
		w.T.Errorf("the change is %s; results (-want +got):\n%s", made.State, diff)
	}
	return made
}

// Of two people one may be created much later than the other.
func TestWhoeverIsMissingIsLookedForOnceMore(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"and is there then": true, "and isn't there": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			people := newPeople(company, 2)
			made := w.halfDone(company, people)
			outcomes, want := []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}, []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemRefused}
			if late {
				if _, err := w.Client.Users.Create(t.Context(), company.ID, people[1:]); err != nil {
					t.Fatal(err)
				}
				outcomes, want[1] = append(outcomes, ledger.Corrected), sapi.ItemCreated
			}

			made = w.settleForGood(made.ID)

			if diff := cmp.Diff(want, results(made)); diff != "" || made.Corrected != late {
				t.Errorf("corrected is %v; results (-want +got):\n%s", made.Corrected, diff)
			}
			w.wantOutcomes(made.ID, outcomes...)
		})
	}
}

// While another change is under way that creates the same person, it may be that one's.
func TestNobodyIsCreditedToALostChangeWhileAnotherOneIsCreatingThem(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, _ string) {
		company := w.Ready()
		people := newPeople(company, 1)
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore})
		lost, err := w.create(company, people)
		if err != nil {
			t.Fatal(err)
		}
		lost = w.Settle(lost.ID)
		w.Clock.Until(lost.Due)
		other := w.leave(change.Change{
			Kind: change.CreateUsers, State: change.Sent, SentAt: w.Clock.Now(), Due: w.Clock.Now().Add(40 * time.Second),
			Company: ledger.Company{ID: company.ID, Name: company.Name}, People: []change.Row{{NewUser: people[0]}},
		})
		if _, err := w.Client.Users.Create(t.Context(), company.ID, people); err != nil {
			t.Fatal(err)
		}

		if _, err := w.Changes.Execute(t.Context(), lost.ID); err != nil {
			t.Fatal(err)
		}
		if lost, err = w.DB.Change(t.Context(), lost.ID); err != nil || lost.State != change.Refused || !lost.Due.After(w.Clock.Now()) {
			t.Errorf("meanwhile the lost change is %s, due %v, %v, want refused still, and looked for later", lost.State, lost.Due, err)
		}
		other, lost = w.Settle(other.ID), w.settleForGood(lost.ID)
		if other.People[0].Outcome != sapi.ItemCreated || lost.People[0].Outcome != sapi.ItemRefused || lost.Corrected {
			t.Errorf("results = %s of the other one and %s of the lost one, corrected %v; want created, and refused as it was", other.People[0].Outcome, lost.People[0].Outcome, lost.Corrected)
		}
	})
}

// What was read of a company before a change had had its time decides nothing, also
// where it was read for another one.
func TestAListThatWasReadTooEarlyProvesNoAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 2)
	began := w.Clock.Now()
	unknown := func(u sapi.NewUser, ago time.Duration) change.Change {
		at := began.Add(-ago)
		return w.leave(change.Change{
			Kind: change.CreateUsers, State: change.Unknown, SentAt: at, UnknownAt: at, Absences: 2, AbsentSince: at, LookedAt: at.Add(testworld.Grace / 2), Due: at.Add(testworld.Grace),
			Company: ledger.Company{ID: company.ID, Name: company.Name}, People: []change.Row{{NewUser: u, Outcome: sapi.ItemUnknown}},
		})
	}
	older, newer := unknown(people[0], 2*time.Second), unknown(people[1], 0)
	if got := w.Settle(older.ID); got.State != change.Refused {
		t.Fatalf("the older change is %s, want refused", got.State)
	}
	if _, err := w.Client.Users.Create(t.Context(), company.ID, people[1:]); err != nil {
		t.Fatal(err)
	}

	if got := w.Settle(newer.ID); got.State != change.Done {
		t.Errorf("the newer change is %s %s, want done: the person was there in time", got.State, got.Code)
	}
}
