package change_test

import (
	"context"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/internal/testpg"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// outcome is what one process believes that it did.
type outcome struct {
	change change.Change
	err    error
}

// A stalled line to the database holds back what it acknowledges, while everything
// that is sent arrives; meanwhile another replica takes the sender for lost. Whichever
// acknowledgement it is, nothing is sent after the ledger says that it was not, and
// nothing that was sent is called undone.
func TestWhatTheLedgerCallsUndoneIsNeverSent(t *testing.T) {
	t.Parallel()
	for name, commits := range map[string]int{"the intent": 1, "the claim": 2, "what is kept of the answer": 3, "the outcome": 4} {
		t.Run("held back is "+name, func(t *testing.T) {
			t.Parallel()
			address := testdb.PostgreSQL(t)
			w := &world{testworld.NewAt(t, address)}
			company := w.Ready()
			people := newPeople(company, 2)
			line := testpg.NewLine(t, address)
			stalled := &world{w.Replica(line.DSN)}
			if _, err := stalled.Directory.ReadStatuses(t.Context(), "", company.ID, nil); err != nil { // what is read once is read before
				t.Fatal(err)
			}
			if _, _, err := stalled.Directory.ReadCompany(t.Context(), company.ID); err != nil {
				t.Fatal(err)
			}
			line.HoldAfterCommits(commits)
			held := line.Held

			ended := make(chan outcome, 1)
			go func() {
				made, err := stalled.create(company, people)
				ended <- outcome{made, err}
			}()
			<-held

			// Five minutes pass for everybody; the other replica cleans up.
			w.Clock.Forward(5 * time.Minute)
			stalled.Clock.Forward(5 * time.Minute)
			if err := w.Changes.Sweep(t.Context(), false, w.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			for _, job := range w.Waker.Jobs {
				w.settleElsewhere(job.ID)
			}
			line.Release()
			<-ended
			w.holdsTheTruth(company.ID, people)
		})
	}
}

// settleElsewhere executes a change until it is settled, on this replica.
func (w *world) settleElsewhere(id string) {
	w.T.Helper()
	if c, err := w.DB.Change(w.T.Context(), id); err == nil && !c.State.Settled() {
		w.Settle(id)
	}
}

// holdsTheTruth settles whatever is left and holds the ledger's last word about each
// person's creation to what Symphony has.
func (w *world) holdsTheTruth(companyID string, people []sapi.NewUser) {
	w.T.Helper()
	ctx := context.WithoutCancel(w.T.Context())
	unsettled, _, err := w.DB.UnsettledChanges(ctx, 10)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, c := range unsettled {
		w.Settle(c.ID)
	}
	if n := w.Calls("createUsers"); n > 1 {
		w.T.Errorf("Symphony was asked %d times, want at most once", n)
	}
	events, err := w.DB.Events(ctx, ledger.Filter{Action: ledger.CreateUsers}, ledger.Page{Limit: 1})
	if err != nil || len(events) != 1 {
		w.T.Fatalf("the ledger has %d events of the change, %v", len(events), err)
	}
	for i, p := range people {
		there := w.count(companyID, p.Email) > 0
		created := events[0].Users[i].Result == string(sapi.ItemCreated)
		if there != created {
			w.T.Errorf("%s is there: %v; the ledger's last word is %s %q", p.Email, there, events[0].Outcome, events[0].Users[i].Result)
		}
	}
}

// A claim whose acknowledgement comes too late is not acted upon, also where nobody
// else has noticed.
func TestAClaimThatCameTooLateSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	made := w.propose(w.disabling(company, w.Someone(company.ID)))
	// Each look at the clock is six seconds after the one before, and a claim is good
	// for five.
	w.Clock.Tick = 6 * time.Second

	if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	w.Clock.Tick = 0

	got, err := w.DB.Change(t.Context(), made.ID)
	if err != nil || got.State != change.Queued || w.Calls("updateUser") != 0 {
		t.Errorf("change = %s %s, %v with %d calls, want it queued again and nothing sent", got.State, got.Code, err, w.Calls("updateUser"))
	}
	if got := w.Settle(made.ID); got.State != change.Done || w.Calls("updateUser") != 1 {
		t.Errorf("later it is %s with %d calls, want done by one", got.State, w.Calls("updateUser"))
	}
}

// The form of somebody who waits expires instead: they were told that nothing was sent.
func TestAFormThatCouldNotBeSentInTimeIsNeverSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	c := w.disabling(company, user)
	made := w.propose(c, change.NotAfter(w.Clock.Now().Add(5*time.Second)))
	w.Clock.Forward(6 * time.Second)

	if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}

	got, err := w.DB.Change(t.Context(), made.ID)
	if err != nil || got.State != change.Expired || w.Calls("updateUser") != 0 {
		t.Errorf("change = %s, %v, want expired and nothing sent", got.State, err)
	}
	w.wantOutcomes(made.ID, ledger.Intent, ledger.Failed)
	if _, err := w.Disable(company, user, portal.NewToken()); err != nil {
		t.Errorf("the person can't be changed afterwards: %v", err)
	}
}

// Whoever was taken for lost and did have the answer knows more than whoever read
// Symphony: what was believed is corrected.
func TestAnAnswerThatComesAfterTheSenderWasTakenForLostCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 1)
	made := w.leave(change.Change{
		Kind: change.CreateUsers, State: change.Sent, SentAt: w.Clock.Now(), Company: ledger.Company{ID: company.ID, Name: company.Name},
		People: []change.Row{{NewUser: people[0]}}, Due: w.Clock.Now().Add(40 * time.Second),
	})
	if got := w.Settle(made.ID); got.State != change.Refused || got.Code != change.AbsentPeople {
		t.Fatalf("the lost change = %s %s, want refused because nobody is there", got.State, got.Code)
	}
	if _, err := w.Client.Users.Create(t.Context(), company.ID, people); err != nil {
		t.Fatal(err)
	}
	recheck, err := w.DB.Change(t.Context(), made.ID)
	if err != nil || recheck.Due.IsZero() {
		t.Fatalf("it is due at %v, %v, want once more much later", recheck.Due, err)
	}
	w.Clock.Until(recheck.Due)
	if _, err := w.Changes.Execute(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}

	got, err := w.DB.Change(t.Context(), made.ID)
	if err != nil || got.State != change.Done || !got.Corrected || got.People[0].Outcome != sapi.ItemCreated {
		t.Errorf("change = %s, corrected %v, %v, want done and corrected", got.State, got.Corrected, err)
	}
	w.wantOutcomes(made.ID, ledger.Intent, ledger.Unknown, ledger.Reconciled, ledger.Corrected)
	if !got.Due.IsZero() {
		t.Errorf("it is due again at %v, want never", got.Due)
	}
}
