package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

// actives are so many people of the company who are active.
func (w *world) actives(n int) []sapi.User {
	w.T.Helper()
	var found []sapi.User
	for _, u := range w.know(w.company.ID) {
		if u.Status == sapi.StatusActive && len(found) < n {
			found = append(found, u)
		}
	}
	return found
}

func TestLeaversAreDisabledByAddressOrID(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		people := w.actives(4)
		var gone sapi.User
		for _, u := range w.know(w.company.ID) {
			if u.Status == sapi.StatusDisabled {
				gone = u
			}
		}
		c := w.bring(bulk.Disable, "E-mail,User id\n"+
			strings.ToUpper(people[0].Email)+",\n"+
			","+people[1].ID+"\n"+
			","+fmt.Sprint(people[2].SymphonyUserID)+"\n"+
			people[3].Email+","+people[2].ID+"\n"+
			gone.Email+",\n"+
			"nobody@nowhere.example,\n")
		w.want(c, bulk.Draft, map[bulk.RowState]int{bulk.Planned: 3, bulk.AlreadyThere: 1, bulk.LeftOut: 2})
		c = w.run(c)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Disabled: 3, bulk.AlreadyThere: 1, bulk.LeftOut: 2})
		for i, u := range people {
			want := sapi.StatusDisabled
			if i == 3 {
				want = sapi.StatusActive
			}
			if s := w.Status(w.company.ID, u.ID); s != want {
				t.Errorf("person %d is %s, want %s", i, s, want)
			}
		}

		// The way back is a bulk change of its own.
		c, err := w.Bulk.Undo(t.Context(), admin, c.ID, portal.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		c = w.run(w.work(c.ID, bulk.Checking))
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Enabled: 3})
	})
}

// Who was disabled by somebody else meanwhile is as they are to be.
func TestWhoIsDisabledMeanwhileIsAlreadyThere(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		people := w.actives(2)
		c := w.start(w.bring(bulk.Disable, people[0].Email+"\n"+people[1].Email+"\n"))
		c = w.work(c.ID, bulk.Starting)
		if err := w.Client.Users.SetActive(t.Context(), w.company.ID, people[0].ID, false); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Disabled: 1, bulk.AlreadyThere: 1})
	})
}

func TestALostAnswerAboutAStatusIsSettledByReading(t *testing.T) {
	onBoth(t, func(_ *testing.T, w *world) {
		people := w.actives(5)
		for i, fault := range []sandbox.Rule{{Kind: sandbox.KindCloseAfter}, {Kind: sandbox.KindCloseBefore}, {Kind: sandbox.KindStatus, Status: 500}, {Kind: sandbox.KindStatus, Status: 502, Work: true}} {
			w.Inject("updateUser", fault)
			c := w.run(w.bring(bulk.Disable, people[i].Email+"\n"))
			w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Disabled: 1})
		}
	})
}

// Very many leavers are asked about: it may be the wrong file.
func TestVeryManyLeaversMustBeTyped(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var list strings.Builder
		for _, u := range w.actives(30) {
			list.WriteString(u.Email + "\n")
		}
		c := w.bring(bulk.Disable, list.String())
		typed, wrongFile := w.Bulk.Asks(c)
		if typed != "disable 30" || !wrongFile {
			t.Errorf("asks for %q, wrong file: %v", typed, wrongFile)
		}
		_, err := w.Bulk.Start(t.Context(), admin, c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "left", Typed: "disable 3"})
		if invalid, ok := err.(*portal.Invalid); !ok || invalid.Fields[0].Code != portal.NotTyped { //nolint:errorlint // as returned
			t.Errorf("something else typed: %v", err)
		}
		c = w.run(c)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Disabled: 30})
	})
}

// People ticked in a table may be of several companies.
func TestASelectionOverCompaniesIsDisabled(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		here, other := w.actives(1)[0], w.another()
		var there sapi.User
		for _, u := range w.know(other.ID) {
			if u.Status == sapi.StatusActive {
				there = u
			}
		}
		c, err := w.Bulk.FromSelection(t.Context(), testworld.As(auth.Viewer), bulk.Disable, []directory.UserRef{
			{CompanyID: w.company.ID, UserID: here.ID}, {CompanyID: other.ID, UserID: there.ID},
		}, portal.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		c = w.run(w.work(c.ID, bulk.Checking))
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Disabled: 2})
		if s := w.Status(other.ID, there.ID); s != sapi.StatusDisabled {
			t.Errorf("the one of the other company is %s", s)
		}
	})
}

// A complete list says who joins, who leaves and what differs; nobody leaves because of it
// unless somebody says so.
func TestACompleteListIsReconciled(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		everybody := w.know(w.company.ID)
		list := "E-mail,First name,Last name\nnew@" + w.company.EmailDomains[0] + ",Neo,Phyte\n"
		left, differs := 0, false
		for i, u := range everybody {
			switch {
			case i%10 == 0 && u.Status != sapi.StatusDisabled:
				left++
			case i%10 != 0 && u.Status == sapi.StatusActive && !differs:
				differs = true
				list += u.Email + ",Other," + u.LastName + "\n"
			case i%10 != 0:
				list += u.Email + "," + u.FirstName + "," + u.LastName + "\n"
			}
		}
		c := w.bring(bulk.Reconcile, list)
		if c.Sums.To(bulk.ToAdd) != 1 || c.Sums.To(bulk.ToBar) != 0 || c.Sums.Of(bulk.LeftOut, bulk.NotTicked) != left || c.Sums.Of(bulk.AlreadyThere, bulk.DataDiffers) != 1 {
			t.Fatalf("planned %+v, want 1 joiner, %d leavers that nobody ticked, 1 that differs", c.Sums, left)
		}
		leavers := w.rows(c.ID, bulk.Filter{Codes: []bulk.Code{bulk.NotTicked}})
		c, err := w.Bulk.Decide(t.Context(), admin, c.ID, asSeen(leavers[:2]...), bulk.In)
		if err != nil {
			t.Fatal(err)
		}
		c = w.run(w.work(c.ID, bulk.Checking))
		if c.State != bulk.Done || c.Sums.In(bulk.Created) != 1 || c.Sums.In(bulk.Disabled) != 2 || c.Sums.Of(bulk.LeftOut, bulk.NotTicked) != left-2 {
			t.Errorf("%s: %+v", c.State, c.Sums)
		}
		for i, r := range leavers {
			want := sapi.StatusActive
			if i < 2 {
				want = sapi.StatusDisabled
			}
			if s := w.Status(w.company.ID, r.UserID); s != want {
				t.Errorf("leaver %d is %s, want %s", i, s, want)
			}
		}
	})
}

// A company is created, and its people follow when it is ready.
func TestANewCompanysPeopleFollow(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Onboard, "Company,Vanity name,E-mail domains,E-mail,First name,Last name\n"+
			"Borealis Bank,borealis,\"borealis.example, borealis-bank.example\",a@borealis.example,Ann,A\n,,,b@borealis-bank.example,Bo,B\n,,,c@elsewhere.example,Cy,C\n")
		if c.NewCompany.Name != "Borealis Bank" || len(c.NewCompany.EmailDomains) != 2 || c.Sums.To(bulk.ToAdd) != 2 {
			t.Fatalf("%+v, planned %+v", c.NewCompany, c.Sums)
		}
		c = w.start(c)
		for range 3 {
			if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
				t.Fatal(err)
			}
		}
		if c = w.get(c.ID); c.Waits.Code != bulk.WaitsForCompany || c.Company.ID == "" || w.Calls("createUsers") != 0 {
			t.Fatalf("%s waits %+v, company %q", c.State, c.Waits, c.Company.ID)
		}
		if err := w.Sandbox.Faults().SetCompanyState(t.Context(), c.Company.ID, "COMPLETED", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.WatchCompany(t.Context(), c.Company.ID); err != nil {
			t.Fatal(err)
		}
		w.company.ID = c.Company.ID
		c = w.work(c.ID, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 2, bulk.LeftOut: 1})
		if n := len(w.everybody()); n != 2 {
			t.Errorf("the company has %d people", n)
		}
	})
}

// A company of whose list nobody can be created is done as soon as it is ready.
func TestANewCompanyWithoutPeopleIsDoneWhenItIsReady(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Onboard, "Company,Vanity name,E-mail domains,E-mail,First name,Last name\nBorealis Bank,borealis,borealis.example,nobody,Ann,A\n"))
		for c = w.get(c.ID); c.Waits.Code != bulk.WaitsForCompany; c = w.get(c.ID) {
			if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Sandbox.Faults().SetCompanyState(t.Context(), c.Company.ID, "COMPLETED", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.WatchCompany(t.Context(), c.Company.ID); err != nil {
			t.Fatal(err)
		}
		if again, err := w.Bulk.Do(t.Context(), id(c)); again != 0 || err != nil {
			t.Errorf("Do: again in %v, %v", again, err)
		}
		w.want(w.get(c.ID), bulk.Done, map[bulk.RowState]int{bulk.LeftOut: 1})
	})
}

func TestACompanyThatIsThereAlreadyIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Onboard, "Company,Vanity name,E-mail domains,E-mail,First name,Last name\nAnother Lyondell,lyondell,another.example,a@another.example,Ann,A\n"))
		if c = w.work(c.ID, bulk.Starting, bulk.Running); c.State != bulk.Paused || c.Waits.Code != bulk.CompanyThere || w.Calls("createCompany") != 0 {
			t.Errorf("%s, waits %+v, %d calls", c.State, c.Waits, w.Calls("createCompany"))
		}
	})
}
