package change_test

import (
	"context"
	"errors"
	"fmt"
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

// Every way in which Symphony's list may lack somebody who is created all the same
// ends in the truth, if need be by a correction.
func TestAnAbsenceIsOnlyFinalWhenItIsOne(t *testing.T) {
	t.Parallel()
	onList := func(r sandbox.Rule) sandbox.Rule {
		r.Match.Operation, r.Times = "getUsers", 1000
		return r
	}
	lost := sandbox.Rule{Kind: sandbox.KindCloseAfter}
	tests := map[string]struct {
		create sandbox.Rule
		list   []sandbox.Rule
	}{
		"Symphony does it a minute after the line broke":     {create: sandbox.Rule{Kind: sandbox.KindLate, Delay: time.Minute}},
		"Symphony does it ten minutes after":                 {create: sandbox.Rule{Kind: sandbox.KindLate, Delay: 10 * time.Minute}},
		"the list is stale for 50 s":                         {create: lost, list: []sandbox.Rule{onList(sandbox.Rule{Kind: sandbox.KindStale, Delay: 50 * time.Second})}},
		"the total is 0 with a hundred rows":                 {create: lost, list: []sandbox.Rule{onList(sandbox.Rule{Kind: sandbox.KindTotal, Total: 0})}},
		"the total lags behind":                              {create: lost, list: []sandbox.Rule{onList(sandbox.Rule{Kind: sandbox.KindTotal, Total: 100})}},
		"the total is far too high":                          {create: lost, list: []sandbox.Rule{onList(sandbox.Rule{Kind: sandbox.KindTotal, Total: 1_000_000})}},
		"the total is negative":                              {create: lost, list: []sandbox.Rule{onList(sandbox.Rule{Kind: sandbox.KindTotal, Total: -1})}},
		"the answer is a gateway's 404 although it was done": {create: sandbox.Rule{Kind: sandbox.KindHTML, Status: http.StatusNotFound, Work: true}},
		"the answer is a gateway's 429 although it was done": {create: sandbox.Rule{Kind: sandbox.KindHTML, Status: http.StatusTooManyRequests, Work: true}},
		"the answer is a gateway's 403 although it was done": {create: sandbox.Rule{Kind: sandbox.KindHTML, Status: http.StatusForbidden, Work: true}},
		"the answer is a gateway's problem, and it was done": {create: sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusConflict, Body: `{"title":"Conflict","status":409}`, Work: true}},
		"the answer is a gateway's 401 although it was done": {create: sandbox.Rule{Kind: sandbox.KindHTML, Status: http.StatusUnauthorized, Work: true}},
		"the answer is a proxy's 499 although it was done":   {create: sandbox.Rule{Kind: sandbox.KindHTML, Status: 499, Work: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			w.fill(company, 200)
			people := newPeople(company, 2)
			w.Inject("createUsers", test.create)
			for _, rule := range test.list {
				if _, err := w.Sandbox.Faults().Add(rule); err != nil {
					t.Fatal(err)
				}
			}

			made, err := w.create(company, people)
			if err != nil {
				t.Fatal(err)
			}
			made = w.settleForGood(made.ID)

			w.Sandbox.Faults().Clear()
			if made.State != change.Done {
				t.Errorf("change = %s %s, want done", made.State, made.Code)
			}
			if diff := cmp.Diff([]sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated}, results(made)); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if n := w.Calls("createUsers"); n > 1 {
				t.Errorf("Symphony was asked %d times, want once", n)
			}
		})
	}
}

// fill adds people to a company until it has so many, so that the next ones begin a
// page of their own.
func (w *world) fill(company sapi.Company, upTo int) {
	w.T.Helper()
	page, err := w.Client.Users.List(w.T.Context(), company.ID, sapi.PageOptions{Size: 1})
	if err != nil {
		w.T.Fatal(err)
	}
	for n := int(page.Total); n < upTo; n += 20 {
		people := newPeople(company, min(20, upTo-n))
		for i := range people {
			people[i].Email = fmt.Sprintf("filler.%d.%s", n+i, people[i].Email)
		}
		if _, err := w.Client.Users.Create(w.T.Context(), company.ID, people); err != nil {
			w.T.Fatal(err)
		}
	}
	if err := w.Sandbox.Faults().ClearCalls(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
}

// settleForGood settles a change, and goes on until nothing is due any more.
func (w *world) settleForGood(id string) change.Change {
	w.T.Helper()
	for range 10 {
		c := w.Settle(id)
		if c.Due.IsZero() {
			return c
		}
		w.Clock.Until(c.Due)
		if _, err := w.Changes.Execute(w.T.Context(), id); err != nil {
			w.T.Fatal(err)
		}
	}
	w.T.Fatal("the change is due for ever")
	return change.Change{}
}

// What is settled has been looked for several times over a while.
func TestAnAbsenceIsBelievedAfterSeveralLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore})
	made, err := w.create(company, newPeople(company, 1))
	if err != nil || made.State != change.Unknown {
		t.Fatalf("CreateUsers = %s, %v, want unknown", made.State, err)
	}
	began := w.Clock.Now()

	made = w.Settle(made.ID)

	if made.State != change.Refused || made.Tries < 3 || w.Clock.Now().Sub(began) < testworld.Grace {
		t.Errorf("change = %s after %d looks in %v, want refused after at least 3 in %v", made.State, made.Tries, w.Clock.Now().Sub(began), testworld.Grace)
	}
	if made = w.settleForGood(made.ID); made.State != change.Refused || made.Corrected || made.People[0].Outcome != sapi.ItemRefused {
		t.Errorf("much later it is %s, and the person %s, want refused still", made.State, made.People[0].Outcome)
	}
}

// The very same person in another spelling is the same person.
func TestAnAddressInAnotherSpellingIsTheSamePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	if _, err := w.Client.Companies.AddDomains(t.Context(), company.ID, append(company.EmailDomains, "xn--bcher-kva.example")); err != nil {
		t.Fatal(err)
	}
	// What Symphony stores and answers is one spelling; Foyer is asked for the other.
	const sent, stored = "zoe@bücher.example", "zoe@xn--bcher-kva.example"
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusCreated, Body: `[{"id": "0d1f0a52-7b52-4ab5-9f0f-000000000009", "email": "` + stored + `", "status": 201}]`})

	made, err := w.create(company, []sapi.NewUser{{Email: sent, FirstName: "Zoe", LastName: "Ash"}})

	if err != nil || made.State != change.Done || made.People[0].Outcome != sapi.ItemCreated || made.People[0].UserID == "" {
		t.Errorf("CreateUsers = %s, row %+v, %v, want the person created", made.State, made.People, err)
	}

	// The answer is lost, and the list has them in the other spelling.
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore})
	lost, err := w.create(company, []sapi.NewUser{{Email: "yann@bücher.example", FirstName: "Yann", LastName: "Ash"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Client.Users.Create(t.Context(), company.ID, []sapi.NewUser{{Email: "yann@xn--bcher-kva.example", FirstName: "Yann", LastName: "Ash"}}); err != nil {
		t.Fatal(err)
	}
	if lost = w.Settle(lost.ID); lost.State != change.Done || lost.People[0].Outcome != sapi.ItemCreated {
		t.Errorf("the lost change = %s, row %+v, want the person created", lost.State, lost.People)
	}
}

// An answer about people who were not sent says nothing about those who were.
func TestAnAnswerAboutOthersIsUnknownUntilTheCompanyHasBeenRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 2)
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindRespell, Emails: map[string]string{people[0].Email: "somebody.else@" + company.EmailDomains[0]}})

	made, err := w.create(company, people)
	if err != nil {
		t.Fatal(err)
	}
	w.wantOutcomes(made.ID, ledger.Intent, ledger.Unknown, ledger.Reconciled)
	if diff := cmp.Diff([]sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated}, results(made)); diff != "" || len(made.Others) != 1 {
		t.Errorf("results, and %d others (-want +got):\n%s", len(made.Others), diff)
	}
}

// Never to us what an outsider made.
func TestWhatSomebodyElseCreatedIsNotCreditedToALostChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 1)
	if _, err := w.Client.Users.Create(t.Context(), company.ID, people); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(5 * time.Minute)
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore})

	made, err := w.create(company, people)
	if err != nil {
		t.Fatal(err)
	}
	if made = w.settleForGood(made.ID); made.State != change.Refused || made.Code != change.OnlyExisting || made.People[0].Outcome != sapi.ItemExists {
		t.Errorf("change = %s %s, row %s, want refused: the person was there before", made.State, made.Code, made.People[0].Outcome)
	}
}

// Six changes whose answers were lost need one company's list once, not six times.
func TestManyLostChangesReadACompanyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	w.fill(company, 450)
	var ids []string
	for i := range 6 {
		people := newPeople(company, 1)
		people[0].Email = fmt.Sprintf("lost.%d.%s", i, people[0].Email)
		made := w.leave(change.Change{
			Kind: change.CreateUsers, State: change.Unknown, SentAt: w.Clock.Now(), UnknownAt: w.Clock.Now(), Due: w.Clock.Now(),
			Company: ledger.Company{ID: company.ID, Name: company.Name}, People: []change.Row{{NewUser: people[0], Outcome: sapi.ItemUnknown}},
		})
		ids = append(ids, made.ID)
	}
	for range 3 { // looks
		for _, id := range ids {
			if _, err := w.Changes.Execute(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		w.Clock.Forward(testworld.Grace)
	}
	for _, id := range ids {
		if c, err := w.DB.Change(t.Context(), id); err != nil || c.State != change.Refused {
			t.Errorf("change = %s, %v, want refused", c.State, err)
		}
	}
	if pages, most := w.Calls("getUsers"), 2*3+5; pages > most {
		t.Errorf("%d pages were read, want at most %d: twice the newest and once all five", pages, most)
	}
}

// flaky is the store of a database that is being started again: from the first call
// to Symphony on, so many transactions can't be begun.
type flaky struct {
	*store.DB
	down func() bool
}

// Begin fails while the database is down.
func (f flaky) Begin(ctx context.Context) (portal.Tx, error) {
	if f.down() {
		return nil, errors.New("the database is starting up")
	}
	return f.DB.Begin(ctx)
}

// What Symphony answered is not forgotten because the database is being started again.
func TestAnOutcomeIsWrittenAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 2)
	people[1].Email = w.Someone(company.ID).Email
	failures := 3
	w.Changes = change.New(change.Options{
		Symphony: w.Client, Directory: w.Directory, Scheduler: w.Waker, Gate: portal.Gate{Ledger: w.DB}, Now: w.Clock.Now,
		Logger: slog.New(slog.DiscardHandler),
		Store: flaky{w.DB, func() bool {
			down := failures > 0 && w.Calls("createUsers") > 0
			if down {
				failures--
			}
			return down
		}},
	})

	made, err := w.create(company, people)

	if err != nil || made.State != change.Done || failures != 0 {
		t.Fatalf("CreateUsers = %s, %v after %d failures too few, want done", made.State, err, failures)
	}
	if diff := cmp.Diff([]sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemExists}, results(made)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	w.wantOutcomes(made.ID, ledger.Intent, ledger.Succeeded)
}

// A Symphony that is down is not asked by every change that waits for it.
func TestManyLostChangesLeaveADeadSymphonyAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	for i := range 50 {
		w.leave(change.Change{
			Kind: change.DisableUser, State: change.Unknown, SentAt: w.Clock.Now(), UnknownAt: w.Clock.Now(), Due: w.Clock.Now(),
			Company: ledger.Company{ID: company.ID, Name: company.Name}, User: ledger.User{ID: "0d1f0a52-7b52-4ab5-9f0f-0000000000" + time.Duration(10 + i).String()[:2]},
		})
	}
	if _, err := w.Sandbox.Faults().Add(sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable}); err != nil {
		t.Fatal(err)
	}
	if err := w.Changes.Sweep(t.Context(), true, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	before := w.Calls("getUser")
	for _, job := range w.Waker.Jobs {
		if _, err := w.Changes.Execute(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Calls("getUser") - before; n > 10 {
		t.Errorf("Symphony was asked %d times by 50 changes, want a handful", n)
	}
}
