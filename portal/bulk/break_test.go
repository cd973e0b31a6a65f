package bulk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

// Somebody else's change of the same person ended while it ran, and did nothing.
func TestAChangeThatWasInTheWayAndDidNothingIsNotWaitedForForEver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(2)))
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(time.Second)
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: 400, Times: 1})
		person := sapi.NewUser{Email: "joiner1@" + w.company.EmailDomains[0], FirstName: "Jo", LastName: "Iner"}
		other, err := w.Changes.CreateUsers(t.Context(), admin, change.CreateUsersRequest{CompanyID: w.company.ID, Token: portal.NewToken(), People: []sapi.NewUser{person}})
		if err != nil || other.State != change.Refused {
			t.Fatalf("the other change: %s, %v", other.State, err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		for range 20 {
			if w.get(c.ID).State != bulk.Running {
				break
			}
			again, err := w.Bulk.Do(ctx, id(c))
			if err != nil {
				t.Fatal(err)
			}
			w.Clock.Forward(again)
		}
		w.want(w.get(c.ID), bulk.Done, map[bulk.RowState]int{bulk.Created: 2})
	})
}

// Whom another change holds doesn't keep the others waiting.
func TestAChangeThatIsNotSettledHoldsNobodyElse(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(45)))
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore})
		person := sapi.NewUser{Email: "joiner1@" + w.company.EmailDomains[0], FirstName: "Jo", LastName: "Iner"}
		other, err := w.Changes.CreateUsers(t.Context(), admin, change.CreateUsersRequest{CompanyID: w.company.ID, Token: portal.NewToken(), People: []sapi.NewUser{person}})
		if err != nil || other.State != change.Unknown {
			t.Fatalf("the other change: %s, %v", other.State, err)
		}
		lists := w.Calls("getUsers")
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		w.want(w.get(c.ID), bulk.Running, map[bulk.RowState]int{bulk.Created: 44, bulk.Planned: 1})
		if c = w.get(c.ID); c.Waits.Code != bulk.WaitsForChange || w.Calls("getUsers") != lists {
			t.Errorf("waits %+v, and read the list of people %d times", c.Waits, w.Calls("getUsers")-lists)
		}
		w.want(w.work(c.ID, bulk.Running), bulk.Done, map[bulk.RowState]int{bulk.Created: 45})

		// Likewise where statuses are changed.
		people := w.actives(30)
		c = w.start(w.bring(bulk.Disable, emails(people)))
		c = w.work(c.ID, bulk.Starting)
		w.Inject("updateUser", sandbox.Rule{Kind: sandbox.KindCloseBefore})
		if other, err := w.Disable(w.company, people[0], portal.NewToken()); err != nil || other.State != change.Unknown {
			t.Fatalf("the other change: %s, %v", other.State, err)
		}
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		w.want(w.get(c.ID), bulk.Running, map[bulk.RowState]int{bulk.Disabled: 29, bulk.Planned: 1})
		w.want(w.work(c.ID, bulk.Running), bulk.Done, map[bulk.RowState]int{bulk.Disabled: 30})
	})
}

// emails are the addresses of people, as a list.
func emails(people []sapi.User) string {
	var list strings.Builder
	for _, u := range people {
		list.WriteString(u.Email + "\n")
	}
	return list.String()
}

// checking checks a list, and has something done while Symphony is read for it.
func (w *world) checking(c bulk.Change, do func()) {
	w.T.Helper()
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindLatency, Delay: time.Second, Times: 1})
	done := make(chan error)
	w.Clock.Forward(2 * time.Minute) // what was read before is too old
	go func() {
		_, err := w.Bulk.Do(w.T.Context(), id(c))
		done <- err
	}()
	for rules := w.Sandbox.Faults().Rules(); rules[len(rules)-1].Fired == 0; rules = w.Sandbox.Faults().Rules() {
	}
	do()
	if err := <-done; err != nil {
		w.T.Fatal(err)
	}
}

func TestWhatIsSaidOfARowWhileTheListIsCheckedStays(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(3))
		email := "joiner2@" + w.company.EmailDomains[0]
		// It is taken meanwhile, so that checking moves its row.
		if _, err := w.Client.Users.Create(t.Context(), w.company.ID, []sapi.NewUser{{Email: email, FirstName: "Jo", LastName: "Iner"}}); err != nil {
			t.Fatal(err)
		}
		c, err := w.Bulk.CheckAgain(t.Context(), admin, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.checking(c, func() {
			if _, err := w.Bulk.EditRow(t.Context(), admin, c.ID, 2, w.seenCells(c.ID, 2), map[lists.Field]string{lists.Email: "another@" + w.company.EmailDomains[0]}); err != nil {
				t.Error(err)
			}
		})
		w.work(c.ID, bulk.Checking)
		if r := w.row(c.ID, "another@"+w.company.EmailDomains[0]); r.State != bulk.Planned {
			t.Errorf("%+v", r)
		}
	})
}

func TestADiscardedListThatWasBeingCheckedIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(3))
		if _, err := w.Client.Users.Create(t.Context(), w.company.ID, []sapi.NewUser{{Email: "joiner2@" + w.company.EmailDomains[0], FirstName: "Jo", LastName: "Iner"}}); err != nil {
			t.Fatal(err)
		}
		c, err := w.Bulk.CheckAgain(t.Context(), admin, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.checking(c, func() {
			if _, err := w.Bulk.Discard(t.Context(), admin, c.ID); err != nil {
				t.Error(err)
			}
		})
		if rows := w.rows(c.ID, bulk.Filter{}); len(rows) > 0 {
			t.Errorf("%d rows of it are kept", len(rows))
		}
	})
}

// A leaver who was not disabled still is a leaver the next time, and nobody else is.
func TestLeaversWhoWereNotDisabledAreTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var list strings.Builder
		list.WriteString("E-mail,First name,Last name\n")
		leavers := w.actives(2)
		for _, u := range w.know(w.company.ID) {
			if u.ID != leavers[0].ID && u.ID != leavers[1].ID {
				list.WriteString(u.Email + "," + u.FirstName + "," + u.LastName + "\n")
			}
		}
		c := w.bring(bulk.Reconcile, list.String())
		c, err := w.Bulk.Decide(t.Context(), admin, c.ID, asSeen(w.rows(c.ID, bulk.Filter{Codes: []bulk.Code{bulk.NotTicked}})...), bulk.In)
		if err != nil {
			t.Fatal(err)
		}
		c = w.start(w.work(c.ID, bulk.Checking))
		c = w.work(c.ID, bulk.Starting)
		// One of them is disabled by somebody else, and then it is stopped.
		if err := w.Client.Users.SetActive(t.Context(), w.company.ID, leavers[0].ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Bulk.Stop(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		w.know(w.company.ID)
		c, err = w.Bulk.Again(t.Context(), admin, c.ID, portal.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Checking)
		if c.Sums.To(bulk.ToBar) != 1 || c.Sums.To(bulk.ToAllow) != 0 || c.Sums.Of(bulk.LeftOut, bulk.NotTicked) != 0 || c.Sums.Of(bulk.LeftOut, bulk.Faulty) != 0 {
			t.Errorf("planned %+v, want 1 to disable", c.Sums)
		}
		w.want(w.run(c), bulk.Done, map[bulk.RowState]int{bulk.Disabled: 1})
		if s := w.Status(w.company.ID, leavers[1].ID); s != sapi.StatusDisabled {
			t.Errorf("the leaver is %s", s)
		}
	})
}

func TestAPersonByAddressAndByIDIsOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		u := w.actives(1)[0]
		c := w.bring(bulk.Disable, "E-mail,User id\n"+u.Email+",\n,"+u.ID+"\n")
		w.want(c, bulk.Draft, map[bulk.RowState]int{bulk.Planned: 1, bulk.LeftOut: 1})
		if c.Sums.Of(bulk.LeftOut, bulk.Duplicate) != 1 {
			t.Errorf("%+v", c.Sums)
		}
	})
}

// The longer Symphony is down, the more seldom it is tried.
func TestTriesGrowRarerWhileSymphonyIsDown(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(1200)))
		c = w.work(c.ID, bulk.Starting)
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseBefore, Times: 1000})
		var waits []time.Duration
		for range 4 {
			again, err := w.Bulk.Do(t.Context(), id(c))
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, again)
			w.Clock.Forward(again)
		}
		if want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}; !slices.Equal(waits, want) {
			t.Errorf("waited %v, want %v", waits, want)
		}
		w.Sandbox.Faults().Clear()
		w.want(w.work(c.ID, bulk.Running), bulk.Done, map[bulk.RowState]int{bulk.Created: 1200})
	})
}

// A company that is gone is no reason to wait with the people of another one.
func TestACompanyOfSeveralThatIsGoneHoldsNobodyElse(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		other := w.another()
		var refs []directory.UserRef
		for _, u := range w.know(other.ID) {
			if u.Status == sapi.StatusActive && len(refs) < 1 {
				refs = append(refs, directory.UserRef{CompanyID: other.ID, UserID: u.ID})
			}
		}
		for _, u := range w.actives(3) {
			refs = append(refs, directory.UserRef{CompanyID: w.company.ID, UserID: u.ID})
		}
		c, err := w.Bulk.FromSelection(t.Context(), admin, bulk.Disable, refs, portal.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		c = w.work(w.start(w.work(c.ID, bulk.Checking)).ID, bulk.Starting)
		if err := w.Sandbox.Faults().SetCompanyState(t.Context(), other.ID, "STARTED", ""); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Disabled: 3, bulk.Refused: 1})
		if n := c.Sums.Of(bulk.Refused, bulk.NoCompany); n != 1 {
			t.Errorf("%d rows say that their company is gone, want 1: %+v", n, c.Sums)
		}
	})
}

// Who stops a bulk change while its company is being asked for hears of the company.
func TestACompanyThatWasAskedForWhenItWasStoppedIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Onboard, "Company,Vanity name,E-mail domains,E-mail,First name,Last name\nBorealis Bank,borealis,borealis.example,a@borealis.example,Ann,A\n"))
		c = w.work(c.ID, bulk.Starting)
		w.Inject("createCompany", sandbox.Rule{Kind: sandbox.KindCloseAfter})
		w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503, Times: 3, After: 1})
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		if c = w.get(c.ID); c.CompanyChange == "" || c.Company.ID != "" {
			t.Fatalf("company %q, by change %q", c.Company.ID, c.CompanyChange)
		}
		c, err := w.Bulk.Stop(t.Context(), admin, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			again, err := w.Bulk.Do(t.Context(), id(c))
			if err != nil {
				t.Fatal(err)
			}
			w.Clock.Forward(again)
			w.settle()
		}
		if c = w.get(c.ID); c.EndedAt.IsZero() || c.Company.ID == "" {
			t.Errorf("ended at %v, company %q", c.EndedAt, c.Company.ID)
		}
		w.want(c, bulk.Stopped, map[bulk.RowState]int{bulk.LeftOut: 1})
	})
}

// What has changed since the plan and changes nothing of it is told as it is.
func TestWhatIsKnownWhenItStartsIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		u := w.actives(1)[0]
		c := w.bring(bulk.Create, w.joiners(1)+u.Email+",A,B\n")
		if r := w.row(c.ID, u.Email); r.Code != bulk.IsActive {
			t.Fatalf("%s %s", r.State, r.Code)
		}
		if err := w.Client.Users.SetActive(t.Context(), w.company.ID, u.ID, false); err != nil {
			t.Fatal(err)
		}
		w.know(w.company.ID)
		w.want(w.run(c), bulk.Done, map[bulk.RowState]int{bulk.Created: 1, bulk.AlreadyThere: 1})
		if r := w.row(c.ID, u.Email); r.Code != bulk.IsDisabled {
			t.Errorf("%s %s, want disabled", r.State, r.Code)
		}
	})
}

// A list of Symphony's that is behind makes nobody of the company somebody elsewhere, and
// nobody a leaver.
func TestAListThatIsBehindDoesNoHarm(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		people := w.actives(30)
		w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindStale, Delay: 100 * 365 * 24 * time.Hour, Times: 1000})
		var list strings.Builder
		list.WriteString("E-mail,First name,Last name\n")
		for _, u := range people {
			list.WriteString(u.Email + "," + u.FirstName + "," + u.LastName + "\n")
		}
		c := w.bring(bulk.Reconcile, list.String())
		if c.Sums.To(bulk.ToAdd) != 30 || c.Sums.In(bulk.LeftOut) != 0 {
			t.Fatalf("planned %+v", c.Sums)
		}
		w.want(w.run(c), bulk.Done, map[bulk.RowState]int{bulk.AlreadyThere: 30})
	})
}

// What Symphony asks one process, all of them keep.
func TestAnotherProcessKeepsSymphonysWaitToo(t *testing.T) {
	t.Parallel()
	address := testdb.PostgreSQL(t)
	w := newWorld(testworld.NewAt(t, address))
	c := w.work(w.start(w.bring(bulk.Create, w.joiners(3))).ID, bulk.Starting)
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "60"})
	if again, err := w.Bulk.Do(t.Context(), id(c)); err != nil || again < 59*time.Second {
		t.Fatalf("again in %v, %v", again, err)
	}
	replica := w.Replica(address)
	if again, err := replica.Bulk.Do(t.Context(), id(c)); err != nil || again < 59*time.Second {
		t.Errorf("another process: again in %v, %v", again, err)
	}
	if n := w.Calls("createUsers"); n != 1 {
		t.Errorf("%d calls", n)
	}
	replica.Clock.Forward(time.Minute)
	if _, err := replica.Bulk.Do(t.Context(), id(c)); err != nil {
		t.Fatal(err)
	}
	w.want(w.get(c.ID), bulk.Done, map[bulk.RowState]int{bulk.Created: 3})
}
