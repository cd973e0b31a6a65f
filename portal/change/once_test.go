package change_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// onBoth runs a test on each database. The address is another way to the same one,
// for a second process.
func onBoth(t *testing.T, test func(t *testing.T, w *world, address string)) {
	t.Helper()
	t.Parallel()
	for name, address := range map[string]func(t testing.TB) string{
		"SQLite":     testdb.SQLite,
		"PostgreSQL": testdb.PostgreSQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := address(t)
			w := &world{testworld.NewAt(t, a)}
			w.Clock.Tick = time.Microsecond
			test(t, w, a)
		})
	}
}

func TestOfManyChangesOfOnePersonOneIsSent(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, address string) {
		company := w.Ready()
		user := w.Someone(company.ID)
		other := &world{w.Replica(address)}
		other.Clock.Tick = time.Microsecond
		const clicks = 6
		changes, errs := make([]change.Change, clicks), make([]error, clicks)
		var group sync.WaitGroup
		for i := range clicks {
			at := []*world{w, other}[i%2]
			group.Go(func() { changes[i], errs[i] = at.Disable(company, user, portal.NewToken()) })
		}
		group.Wait()

		var made []change.Change
		for i, err := range errs {
			busy, isBusy := errors.AsType[*change.Busy](err)
			_, isMoved := errors.AsType[*change.ChangedMeanwhile](err)
			switch {
			case err == nil:
				made = append(made, changes[i])
			case isBusy && busy.Change.User.ID == user.ID, isMoved:
			default:
				t.Errorf("SetStatus = %v, want that another change is in the way", err)
			}
		}
		if len(made) != 1 || made[0].State != change.Done {
			t.Fatalf("%d changes were made, want one that is done", len(made))
		}
		if n := w.Calls("updateUser"); n != 1 {
			t.Errorf("Symphony was asked %d times, want once", n)
		}
		events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.DisableUser, Outcome: ledger.Intent}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 1 || events[0].Change != made[0].ID {
			t.Errorf("the ledger has %d intents, %v, want the one", len(events), err)
		}
	})
}

func TestOfTwoChangesWithOnePersonOneIsSent(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, address string) {
		company := w.Ready()
		people := newPeople(company, 3)
		backwards := []sapi.NewUser{people[2], {Email: "somebody.else@" + company.EmailDomains[0], FirstName: "Some", LastName: "Body"}, people[0]}
		other := &world{w.Replica(address)}
		errs := make([]error, 2)
		var group sync.WaitGroup
		group.Go(func() { _, errs[0] = w.create(company, people) })
		group.Go(func() { _, errs[1] = other.create(company, backwards) })
		group.Wait()

		// Both are right when one was over before the other began.
		for i, err := range errs {
			busy, ok := errors.AsType[*change.Busy](err)
			if err != nil && (!ok || busy.Row < 0) {
				t.Errorf("CreateUsers %d = %v, want it done, or the row of the person who is in the other", i, err)
			}
		}
		if errs[0] != nil && errs[1] != nil {
			t.Error("each was kept from being sent by the other")
		}
		for _, p := range people {
			if n := w.count(company.ID, p.Email); n > 1 {
				t.Errorf("%s is there %d times", p.Email, n)
			}
		}
	})
}

// What was read before another change ended decides nothing any more.
func TestAChangeDecidedByWhatWasReadBeforeAnotherEndedIsNotSent(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, _ string) {
		company := w.Ready()
		user := w.Someone(company.ID)
		asked := w.Clock.Now()
		first, err := w.Disable(company, user, portal.NewToken())
		if err != nil {
			t.Fatal(err)
		}

		_, err = w.Changes.Propose(t.Context(), nil, testworld.As(auth.Viewer), change.Change{
			Kind: change.DisableUser, Token: portal.NewToken(), Company: first.Company, User: first.User,
			Seen: change.Seen{At: asked, Status: sapi.StatusActive}, Reason: "left",
		})

		busy, ok := errors.AsType[*change.Busy](err)
		if !ok || busy.Change.ID != first.ID || busy.Change.State != change.Done {
			t.Errorf("Propose = %v, want that the first change is in the way", err)
		}
	})
}

// overtaken is a second process whose next change is asked for, and can be stored only
// when what happens first has ended.
func (w *world) overtaken(address string, first func()) *world {
	w.T.Helper()
	other := &world{w.Replica(address)}
	other.Clock.Tick = time.Microsecond
	other.Changes = change.New(change.Options{
		Symphony: other.Client, Directory: other.Directory, Scheduler: other.Waker, Gate: portal.Gate{Ledger: other.DB}, Now: other.Clock.Now,
		Logger: slog.New(slog.DiscardHandler), Store: held{other.DB, sync.OnceFunc(first)},
	})
	return other
}

// Who came in before another change ended was decided by what was before it: nothing of
// theirs is sent, or in the ledger.
func TestWhatCameInBeforeAnotherChangeEndedIsNotSent(t *testing.T) {
	for name, test := range map[string]struct {
		operation string
		action    ledger.Action
		row       int
		do        func(w *world, company sapi.Company, people []sapi.NewUser) (change.Change, error)
	}{
		"people": {"createUsers", ledger.CreateUsers, 0, func(w *world, company sapi.Company, people []sapi.NewUser) (change.Change, error) {
			return w.create(company, people)
		}},
		"a company": {"createCompany", ledger.CreateCompany, -1, func(w *world, _ sapi.Company, _ []sapi.NewUser) (change.Change, error) {
			return w.createCompany(newCompany, portal.NewToken())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world, address string) {
				company := w.Ready()
				people := newPeople(company, 2)
				var first change.Change
				var firstErr error
				other := w.overtaken(address, func() { first, firstErr = test.do(w, company, people) })

				_, err := test.do(other, company, people[:1])

				busy, ok := errors.AsType[*change.Busy](err)
				if firstErr != nil || first.State != change.Done || !ok || busy.Change.ID != first.ID || busy.Row != test.row {
					t.Errorf("the first is %s, %v, and the second %v; want that the second is told of the first, at %d", first.State, firstErr, err, test.row)
				}
				if n := w.Calls(test.operation); n != 1 {
					t.Errorf("Symphony was asked %d times, want once", n)
				}
				events, err := w.DB.Events(t.Context(), ledger.Filter{Action: test.action, Outcome: ledger.Intent}, ledger.Page{Limit: 10})
				if err != nil || len(events) != 1 || events[0].Change != first.ID {
					t.Errorf("the ledger has %d intents, %v, want the first one's", len(events), err)
				}
				again, err := test.do(w, company, people)
				if err != nil || again.State != change.Done && again.Code != change.CompanyBefore {
					t.Errorf("asked for afterwards = %s %s, %v, want an end of its own", again.State, again.Code, err)
				}
			})
		})
	}
}

func TestOfManyFormsForOneThingOneIsSent(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, address string) {
		company := w.Ready()
		people := newPeople(company, 1)
		other := &world{w.Replica(address)}
		other.Clock.Tick = time.Microsecond
		const clicks = 6
		errs := make([]error, 2*clicks)
		var group sync.WaitGroup
		for i := range clicks {
			at := []*world{w, other}[i%2]
			group.Go(func() { _, errs[i] = at.create(company, people) })
			group.Go(func() { _, errs[clicks+i] = at.createCompany(newCompany, portal.NewToken()) })
		}
		group.Wait()
		for i, err := range errs {
			if _, busy := errors.AsType[*change.Busy](err); err != nil && !busy {
				t.Errorf("form %d = %v, want that another change is in the way", i, err)
			}
		}
		if n := w.Calls("createCompany"); n != 1 {
			t.Errorf("Symphony was asked for the company %d times, want once", n)
		}
		if n := w.count(company.ID, people[0].Email); n != 1 {
			t.Errorf("the person is there %d times, want once", n)
		}
	})
}

// disabling is a change of somebody's status that nobody waits for.
func (w *world) disabling(company sapi.Company, user sapi.User) change.Change {
	return change.Change{
		Kind: change.DisableUser, Token: portal.NewToken(), Reason: "left the desk",
		Company: ledger.Company{ID: company.ID, Name: company.Name}, User: ledger.User{ID: user.ID, Email: user.Email},
		Seen: change.Seen{At: w.Clock.Now(), Status: user.Status},
	}
}

// propose stores a change that nobody waits for.
func (w *world) propose(c change.Change, o ...change.Option) change.Change {
	w.T.Helper()
	made, err := w.Changes.Propose(w.T.Context(), nil, testworld.As(auth.Onboarder), c, o...)
	if err != nil {
		w.T.Fatal(err)
	}
	return made
}

func TestAQueuedChangeIsExecutedByItsJob(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world, _ string) {
		company := w.Ready()
		user := w.Someone(company.ID)

		made := w.propose(w.disabling(company, user))

		job := w.Waker.Jobs[len(w.Waker.Jobs)-1]
		if made.State != change.Queued || job.Kind != change.JobKind || job.ID != made.ID || job.At.After(w.Clock.Now()) {
			t.Fatalf("Propose = %s with the job %+v, want queued, and a job for now", made.State, job)
		}
		if again, err := w.Changes.Execute(t.Context(), job.ID); err != nil || again != 0 {
			t.Fatalf("Execute = %v, %v, want the end", again, err)
		}
		got, err := w.DB.Change(t.Context(), made.ID)
		if err != nil || got.State != change.Done || w.Status(company.ID, user.ID) != sapi.StatusDisabled {
			t.Errorf("change = %s, %v, want done, and the person disabled", got.State, err)
		}
		if again, err := w.Changes.Execute(t.Context(), made.ID); err != nil || again != 0 || w.Calls("updateUser") != 1 {
			t.Errorf("Execute of a settled change = %v, %v, want nothing done", again, err)
		}
	})
}

func TestAChangeIsNotSentBeforeItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	made := w.propose(w.disabling(company, w.Someone(company.ID)), change.NotBefore(w.Clock.Now().Add(time.Hour)))

	if again, err := w.Changes.Execute(t.Context(), made.ID); err != nil || again != time.Hour || w.Calls("updateUser") != 0 {
		t.Errorf("Execute = %v, %v, want to come again in an hour", again, err)
	}
	if got := w.Settle(made.ID); got.State != change.Done {
		t.Errorf("an hour later it is %s, want done", got.State)
	}
}

func TestAProposedChangeIsSentOnlyWhenItIsApproved(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		do       func(w *world, id string) error
		state    change.State
		outcomes []ledger.Outcome
		calls    int
	}{
		"approved": {func(w *world, id string) error {
			_, err := w.Changes.Approve(w.T.Context(), testworld.As(auth.Admin), id)
			return err
		}, change.Done, []ledger.Outcome{ledger.Proposed, ledger.Intent, ledger.Succeeded}, 1},
		"declined": {func(w *world, id string) error {
			_, err := w.Changes.Decline(w.T.Context(), testworld.As(auth.Admin), id, "not yet")
			return err
		}, change.Declined, []ledger.Outcome{ledger.Proposed, ledger.Failed}, 0},
		"cancelled": {func(w *world, id string) error {
			_, err := w.Changes.Cancel(w.T.Context(), testworld.As(auth.Onboarder), id, "a mistake")
			return err
		}, change.Cancelled, []ledger.Outcome{ledger.Proposed, ledger.Failed}, 0},
		"expired": {func(w *world, _ string) error {
			w.Clock.Forward(25 * time.Hour)
			return nil
		}, change.Expired, []ledger.Outcome{ledger.Proposed, ledger.Failed}, 0},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			made := w.propose(w.disabling(company, w.Someone(company.ID)), change.ForApproval(), change.NotAfter(w.Clock.Now().Add(24*time.Hour)))
			if made.State != change.Proposed {
				t.Fatalf("Propose = %s, want proposed", made.State)
			}
			if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil || w.Calls("updateUser") != 0 {
				t.Fatalf("Execute of a proposal: %v, %d calls, want nothing sent", err, w.Calls("updateUser"))
			}

			if err := end.do(w, made.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil {
				t.Fatal(err)
			}

			got, err := w.DB.Change(t.Context(), made.ID)
			if err != nil || got.State != end.state || w.Calls("updateUser") != end.calls {
				t.Errorf("change = %s, %v with %d calls, want %s with %d", got.State, err, w.Calls("updateUser"), end.state, end.calls)
			}
			w.wantOutcomes(made.ID, end.outcomes...)
			if _, err := w.Changes.Approve(t.Context(), testworld.As(auth.Admin), made.ID); !errors.Is(err, change.ErrStale) {
				t.Errorf("Approve afterwards = %v, want ErrStale", err)
			}
		})
	}
}

func TestAChangeThatTheWorldNoLongerAllowsIsSuperseded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code change.Code
		move func(w *world, company sapi.Company, user sapi.User)
	}{
		"the person was disabled by somebody else": {change.StatusMoved, func(w *world, company sapi.Company, user sapi.User) {
			if err := w.Client.Users.SetActive(w.T.Context(), company.ID, user.ID, false); err != nil {
				w.T.Fatal(err)
			}
		}},
		"whoever asked has no role any more": {change.RoleWithdrawn, func(w *world, _ sapi.Company, _ sapi.User) {
			w.Roles = auth.Roles{auth.Auditor}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			user := w.Someone(company.ID)
			made := w.propose(w.disabling(company, user))
			test.move(w, company, user)
			calls := w.Calls("updateUser")

			if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil {
				t.Fatal(err)
			}

			got, err := w.DB.Change(t.Context(), made.ID)
			if err != nil || got.State != change.Superseded || got.Code != test.code || w.Calls("updateUser") != calls {
				t.Errorf("change = %s %s, %v, want superseded because of %s and nothing sent", got.State, got.Code, err, test.code)
			}
			w.wantOutcomes(made.ID, ledger.Intent, ledger.Failed)
		})
	}
}

func TestPeopleForACompanyThatIsNotReadyAnyMoreAreNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	c := change.Change{Kind: change.CreateUsers, Token: portal.NewToken(), Company: ledger.Company{ID: company.ID, Name: company.Name}}
	for _, u := range newPeople(company, 2) {
		c.People = append(c.People, change.Row{NewUser: u})
	}
	made := w.propose(c)
	if err := w.Sandbox.Faults().SetCompanyState(t.Context(), company.ID, "TENANT_CONFIG_ERROR", ""); err != nil {
		t.Fatal(err)
	}

	if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	got, err := w.DB.Change(t.Context(), made.ID)
	if err != nil || got.State != change.Superseded || got.Code != change.CompanyNotReady || w.Calls("createUsers") != 0 {
		t.Errorf("change = %s %s, %v, want superseded and nothing sent", got.State, got.Code, err)
	}
}
