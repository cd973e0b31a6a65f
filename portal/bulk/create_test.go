package bulk_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

func TestEveryRowIsCreatedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(45))
		if n := c.Sums.To(bulk.ToAdd); n != 45 || c.Sums.Calls() != 3 {
			t.Fatalf("the plan has %d people in %d calls, want 45 in 3: %+v", n, c.Sums.Calls(), c.Sums)
		}
		if n := w.Calls("createUsers"); n != 0 {
			t.Fatalf("%d calls were made before the plan was started", n)
		}
		c = w.run(c)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 45})
		people := w.everybody()
		for _, r := range w.rows(c.ID, bulk.Filter{}) {
			if u, there := people[r.Email]; !there || u.ID != r.UserID {
				t.Errorf("row %d says %s is %s, Symphony has %q", r.N, r.Email, r.UserID, u.ID)
			}
		}
		if n := w.Calls("createUsers"); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
}

// What is wrong with a row, and who is there already, is told before anything is sent.
func TestRowsAreChecked(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		people := w.know(w.company.ID)
		active, disabled := w.Someone(w.company.ID), sapi.User{}
		for _, u := range people {
			if u.Status == sapi.StatusDisabled {
				disabled = u
			}
		}
		domain := w.company.EmailDomains[0]
		c := w.bring(bulk.Create, "E-mail,First name,Last name\n"+
			"new@"+domain+",Ann,New\n"+
			"NEW@"+domain+" ,Ann,Again\n"+
			"nolast@"+domain+",Ann,\n"+
			"wrong@elsewhere.example,Ann,Wrong\n"+
			"no\u00a0break@"+domain+",Ann,Blank\n"+
			"mend\u200b@"+domain+",Ann,Mend\n"+
			active.Email+","+active.FirstName+",Other\n"+
			disabled.Email+",Dis,Abled\n")
		want := map[string]struct {
			state bulk.RowState
			code  bulk.Code
		}{
			"new@" + domain:           {bulk.Planned, bulk.NoCode},
			"nolast@" + domain:        {bulk.LeftOut, bulk.Faulty},
			"wrong@elsewhere.example": {bulk.LeftOut, bulk.Faulty},
			"no\u00a0break@" + domain: {bulk.LeftOut, bulk.Faulty},
			"mend\u200b@" + domain:    {bulk.LeftOut, bulk.Faulty},
			active.Email:              {bulk.AlreadyThere, bulk.IsActive},
			disabled.Email:            {bulk.AlreadyThere, bulk.IsDisabled},
		}
		for email, want := range want {
			if r := w.row(c.ID, email); r.State != want.state || r.Code != want.code {
				t.Errorf("%q is %s %s, want %s %s", email, r.State, r.Code, want.state, want.code)
			}
		}
		if r := w.rows(c.ID, bulk.Filter{Codes: []bulk.Code{bulk.Duplicate}}); len(r) != 1 || r[0].N != 2 || r[0].Facts.Row != 1 {
			t.Errorf("twice in the list: %+v, want row 2 for row 1", r)
		}
		if r := w.row(c.ID, active.Email); len(r.Facts.Differs) != 1 || r.Facts.Differs[0] != "lastName" {
			t.Errorf("differs in %v, want the last name", r.Facts.Differs)
		}
		// What can be mended is mended at once; what only looks wrong stays.
		c, mended, err := w.Bulk.Mend(t.Context(), admin, c.ID)
		if err != nil || mended != 1 {
			t.Fatalf("Mend: %d, %v, want 1", mended, err)
		}
		c = w.work(c.ID, bulk.Checking)
		if r := w.row(c.ID, "mend@"+domain); r.State != bulk.Planned || r.Cells[0] != "mend@"+domain {
			t.Errorf("mended: %s %q", r.State, r.Cells)
		}
		// A cell is edited in its place, and the disabled are enabled when somebody says so.
		c = w.editRow(c.ID, "nolast@"+domain, map[lists.Field]string{lists.LastName: "Now"})
		if c, err = w.Bulk.EnableDisabled(t.Context(), admin, c.ID, true); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Checking)
		events, err := w.DB.Events(t.Context(), ledger.Filter{Request: bulk.RequestID(c.ID), Action: ledger.EditBulk}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 3 || events[2].Code != string(bulk.EditMended) || events[1].Code != string(bulk.EditCells) || events[0].Code != string(bulk.EditDisabled) {
			t.Errorf("what was changed is recorded as %+v, %v", events, err)
		}
		if c.Sums.To(bulk.ToAdd) != 3 || c.Sums.To(bulk.ToAllow) != 1 {
			t.Errorf("planned: %+v, want 3 to create and 1 to enable", c.Sums)
		}
		c = w.run(c)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 3, bulk.Enabled: 1, bulk.AlreadyThere: 1, bulk.LeftOut: 3})
		if s := w.Status(w.company.ID, disabled.ID); s != sapi.StatusActive {
			t.Errorf("the disabled one is %s at Symphony", s)
		}
	})
}

// Somebody of another company of the partner's is not tried to be created.
func TestWhoIsElsewhereIsLeftOut(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		other := w.another()
		email := "joiner2@" + w.company.EmailDomains[0]
		there := sapi.User{ID: "0b0c4f0e-5d0e-4d5e-9c61-2f6f1d1f5a11", Email: email, FirstName: "Jo", LastName: "Iner", Status: sapi.StatusActive}
		if err := w.Directory.KeepUsers(t.Context(), "", other.ID, directory.FromDetail, []sapi.User{there}, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		c := w.bring(bulk.Create, w.joiners(3))
		if r := w.row(c.ID, email); r.State != bulk.LeftOut || r.Code != bulk.Elsewhere || r.Facts.Company.Name != other.Name {
			t.Errorf("%s %s %+v, want it left out, elsewhere, at %s", r.State, r.Code, r.Facts, other.Name)
		}
		c = w.run(c)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 2, bulk.LeftOut: 1})
	})
}

// The plan is what was seen, or it isn't started.
func TestAPlanThatIsStaleIsNotStarted(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(3))
		email := "joiner2@" + w.company.EmailDomains[0]
		if _, err := w.Client.Users.Create(t.Context(), w.company.ID, []sapi.NewUser{{Email: email, FirstName: "Jo", LastName: "Iner"}}); err != nil {
			t.Fatal(err)
		}
		calls := w.Calls("createUsers")
		c = w.start(c)
		c = w.work(c.ID, bulk.Starting)
		if c.State != bulk.Draft || c.Differs != 1 {
			t.Fatalf("the bulk change is %s, %d rows differ; want a draft with 1", c.State, c.Differs)
		}
		rows := w.rows(c.ID, bulk.Filter{Differs: true})
		if len(rows) != 1 || rows[0].Email != email || rows[0].State != bulk.AlreadyThere || rows[0].Facts.Was != bulk.Planned {
			t.Errorf("rows that differ: %+v", rows)
		}
		if n := w.Calls("createUsers"); n != calls {
			t.Errorf("%d calls were made all the same", n-calls)
		}
		if _, err := w.Bulk.Start(t.Context(), admin, c.ID, bulk.StartRequest{Plan: "another", Reason: "x"}); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("another plan than was seen: %v, want ErrStale", err)
		}
		c = w.run(c) // as it is now
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 2, bulk.AlreadyThere: 1})
	})
}

// Symphony says of somebody that the address is taken: that is where they are to be, or it
// isn't.
func TestATakenAddressIsLookedForInTheCompany(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(2)))
		_, err := w.Bulk.Do(t.Context(), id(c)) // it runs, and makes its first call when somebody else is quicker
		if err != nil {
			t.Fatal(err)
		}
		email := "joiner1@" + w.company.EmailDomains[0]
		if _, err := w.Client.Users.Create(t.Context(), w.company.ID, []sapi.NewUser{{Email: email, FirstName: "Jo", LastName: "Iner"}}); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 1, bulk.AlreadyThere: 1})
		if r := w.row(c.ID, email); r.UserID != w.everybody()[email].ID {
			t.Errorf("already there with id %q", r.UserID)
		}
	})
}

// One row because of which Symphony refuses a whole call doesn't take the others with it.
func TestACallThatIsRefusedAsAWholeIsMadeRowByRow(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(4))
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: 400, Body: `{"status":400,"detailErrorCode":"40000","title":"Bad Request","detail":"createUsers.arg1[1].lastName: too odd"}`, Times: 2})
		c = w.run(c)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 3, bulk.Refused: 1})
		refused := w.rows(c.ID, bulk.Filter{States: []bulk.RowState{bulk.Refused}})
		if refused[0].Code != bulk.Symphony || refused[0].Facts.Problem == nil || !strings.Contains(refused[0].Facts.Problem.Detail, "too odd") {
			t.Errorf("refused: %+v", refused[0])
		}
		if n := w.Calls("createUsers"); n != 5 {
			t.Errorf("%d calls, want one with all and four with one each", n)
		}
	})
}

// Where Symphony refuses whatever it is asked, it isn't asked for thousands.
func TestARunOfRefusalsPauses(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: 400, Times: 1000})
		c := w.run(w.bring(bulk.Create, w.joiners(60)))
		if c.State != bulk.Paused || c.Waits.Code != bulk.RefusesAll || c.Waits.Problem == nil || c.Sums.In(bulk.Planned) < 30 {
			t.Fatalf("%s, waits %+v, %+v", c.State, c.Waits, c.Sums)
		}
		w.Sandbox.Faults().Clear()
		if _, err := w.Bulk.Resume(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Running)
		if c.State != bulk.Done || c.Sums.In(bulk.Created)+c.Sums.In(bulk.Refused) != 60 {
			t.Errorf("%s: %+v", c.State, c.Sums)
		}
	})
}

// A lost answer is neither yes nor no until Symphony has been read.
func TestALostAnswerIsSettledByReading(t *testing.T) {
	onBoth(t, func(_ *testing.T, w *world) {
		for _, fault := range []sandbox.Rule{
			{Kind: sandbox.KindCloseAfter},
			{Kind: sandbox.KindCloseBefore},
			{Kind: sandbox.KindTruncated},
			{Kind: sandbox.KindDropItems},
			{Kind: sandbox.KindNullItems},
			{Kind: sandbox.KindReorder},
			{Kind: sandbox.KindStatus, Status: 500},
			{Kind: sandbox.KindHTML, Work: true},
		} {
			w.Inject("createUsers", fault)
			c := w.run(w.bring(bulk.Create, strings.ReplaceAll(w.joiners(5), "joiner", string(fault.Kind)+strconv.FormatBool(fault.Work)+"-")))
			w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 5})
		}
	})
}

// Symphony asks to wait, and everybody does.
func TestSymphonysWaitIsKeptAndTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(3)))
		c = w.work(c.ID, bulk.Starting)
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "7"})
		again, err := w.Bulk.Do(t.Context(), id(c))
		if err != nil || again < 6*time.Second {
			t.Fatalf("again in %v, %v; want in seven seconds", again, err)
		}
		if c = w.get(c.ID); c.Waits.Code != bulk.WaitsForRate || c.Waits.Until.Sub(w.Clock.Now()) < 6*time.Second || c.Sums.In(bulk.Planned) != 3 {
			t.Errorf("waits %+v, rows %+v", c.Waits, c.Sums)
		}
	})
}

// What nobody can go on with by itself is paused, and says why.
func TestABulkChangeThatNeedsSomebodyIsPaused(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(3)))
		c = w.work(c.ID, bulk.Starting)
		w.Roles = auth.Roles{auth.Auditor}
		c = w.work(c.ID, bulk.Running)
		if c.State != bulk.Paused || c.Waits.Code != bulk.RoleWithdrawn || w.Calls("createUsers") != 0 {
			t.Fatalf("%s, waits %+v", c.State, c.Waits)
		}
		w.Roles = nil
		if c, err := w.Bulk.Resume(t.Context(), testworld.As(auth.Onboarder), c.ID); err != nil || c.StartedBy.Subject != "sub-onboarder" {
			t.Fatalf("Resume: %v, with the rights of %s", err, c.StartedBy.Subject)
		}
		c = w.work(c.ID, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 3})

		c = w.start(w.bring(bulk.Create, strings.ReplaceAll(w.joiners(2), "joiner", "forbidden")))
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: 403})
		c = w.work(c.ID, bulk.Starting, bulk.Running)
		if c.State != bulk.Paused || c.Waits.Code != bulk.NotAllowed || c.Sums.In(bulk.Planned) != 2 {
			t.Errorf("after 403: %s, waits %+v, %+v", c.State, c.Waits, c.Sums)
		}
	})
}

// Who stops a bulk change is recorded, what was not sent never is, and the sums add up.
func TestAnyOnboarderCanPauseAndStop(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(3)))
		c = w.work(c.ID, bulk.Starting)
		onboarder := testworld.As(auth.Onboarder)
		if _, err := w.Bulk.Pause(t.Context(), testworld.As(auth.Auditor), c.ID); err == nil {
			t.Error("an auditor could pause it")
		}
		c, err := w.Bulk.Pause(t.Context(), onboarder, c.ID)
		if err != nil || c.State != bulk.Paused || c.PausedBy.Name != onboarder.Name {
			t.Fatalf("Pause: %v, %s by %q", err, c.State, c.PausedBy.Name)
		}
		if again, err := w.Bulk.Do(t.Context(), id(c)); again != 0 || err != nil || w.Calls("createUsers") != 0 {
			t.Errorf("it went on while it was paused: %v, %v", again, err)
		}
		c, err = w.Bulk.Stop(t.Context(), onboarder, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		c = w.get(c.ID)
		w.want(c, bulk.Stopped, map[bulk.RowState]int{bulk.LeftOut: 3})
		if c.EndedAt.IsZero() || c.StoppedBy.Name != onboarder.Name || c.Sums.Of(bulk.LeftOut, bulk.NeverSent) != 3 {
			t.Errorf("ended %v, by %q, %+v", c.EndedAt, c.StoppedBy.Name, c.Sums)
		}
		if _, err := w.Bulk.Resume(t.Context(), onboarder, c.ID); !errors.Is(err, bulk.ErrNotNow) {
			t.Errorf("going on after the end: %v, want ErrNotNow", err)
		}
		// All of it is in the ledger, and found by the one id.
		events, err := w.DB.Events(t.Context(), ledger.Filter{Request: bulk.RequestID(c.ID)}, ledger.Page{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range events {
			actions = append([]string{string(e.Action)}, actions...)
		}
		want := "bulk.upload bulk.start bulk.start bulk.pause bulk.stop bulk.rows bulk.end"
		if got := strings.Join(actions, " "); got != want {
			t.Errorf("ledger: %s\nwant:   %s", got, want)
		}
		// And those who were never sent can be sent after all.
		c, err = w.Bulk.Again(t.Context(), onboarder, c.ID, portal.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		c = w.run(w.work(c.ID, bulk.Checking))
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 3})
	})
}

// The same list does no harm the second time.
func TestTheSameListTwiceDoesNoHarm(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		first := w.run(w.bring(bulk.Create, w.joiners(3)))
		calls := w.Calls("createUsers")
		second := w.bring(bulk.Create, w.joiners(3))
		same, found, err := w.Bulk.SameAs(t.Context(), admin, second)
		if err != nil || !found || same.ID != first.ID {
			t.Errorf("SameAs: %d, %v, %v; want %d", same.ID, found, err, first.ID)
		}
		if second.Sums.In(bulk.AlreadyThere) != 3 || second.Sums.Calls() != 0 {
			t.Errorf("the second time: %+v", second.Sums)
		}
		if _, err := w.Bulk.Start(t.Context(), admin, second.ID, bulk.StartRequest{Plan: second.Plan, Reason: "x"}); !errors.Is(err, bulk.ErrNotNow) {
			t.Errorf("starting what has nothing to do: %v, want ErrNotNow", err)
		}
		if n := w.Calls("createUsers"); n != calls {
			t.Errorf("%d more calls", n-calls)
		}
	})
}

// A bulk change starts by itself when its time has come, unless somebody takes that back.
func TestABulkChangeStartsAtItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(2))
		at := w.Clock.Now().Add(time.Hour)
		r := bulk.StartRequest{Plan: c.Plan, Reason: "tonight", At: at, Zone: "Europe/Berlin"}
		c, err := w.Bulk.Start(t.Context(), admin, c.ID, r)
		if err != nil || c.State != bulk.Scheduled {
			t.Fatalf("Start: %v, %s", err, c.State)
		}
		if again, err := w.Bulk.Do(t.Context(), id(c)); err != nil || again < 59*time.Minute {
			t.Errorf("before its time: again in %v, %v", again, err)
		}
		if c, err = w.Bulk.TakeBack(t.Context(), admin, c.ID); err != nil || c.State != bulk.Draft {
			t.Fatalf("taken back: %v, %s", err, c.State)
		}
		if c, err = w.Bulk.Start(t.Context(), admin, c.ID, r); err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(time.Hour)
		c = w.work(c.ID, bulk.Scheduled, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 2})
		if _, err := w.Bulk.Start(t.Context(), admin, c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "x", At: w.Clock.Now().Add(-time.Minute)}); err == nil {
			t.Error("it could be scheduled for the past")
		}

		// Days later, when Foyer is back, nobody expects it any more.
		missed := w.bring(bulk.Create, strings.ReplaceAll(w.joiners(2), "joiner", "missed"))
		if missed, err = w.Bulk.Start(t.Context(), admin, missed.ID, bulk.StartRequest{Plan: missed.Plan, Reason: "tonight", At: w.Clock.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(48 * time.Hour)
		calls := w.Calls("createUsers")
		missed = w.work(missed.ID, bulk.Scheduled, bulk.Starting, bulk.Running)
		if missed.State != bulk.Draft || missed.Trouble.Code != bulk.MissedStart || w.Calls("createUsers") != calls {
			t.Errorf("two days late it is %s, %+v", missed.State, missed.Trouble)
		}
	})
}

func id(c bulk.Change) string { return strconv.FormatInt(c.ID, 10) }

// The first page has the bulk change and none of its calls, however many there were.
func TestTheLastChangesHaveABulkChangeOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		before, _, err := w.Activity.LastChanges(t.Context(), admin)
		if err != nil {
			t.Fatal(err)
		}
		w.run(w.bring(bulk.Create, w.joiners(60)))
		after, _, err := w.Activity.LastChanges(t.Context(), admin)
		if err != nil {
			t.Fatal(err)
		}
		var got []ledger.Action
		for _, e := range after[:len(after)-len(before)] {
			got = append(got, e.Action)
		}
		if want := []ledger.Action{ledger.EndBulk}; !slices.Equal(got, want) {
			t.Errorf("the last changes are %v, want %v", got, want)
		}
	})
}

// What was lost while Symphony was down is looked for as soon as it is back, however seldom
// that had become.
func TestWhatWasLostInAnOutageIsSettledWhenItIsOver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(3)))
		c = w.work(c.ID, bulk.Starting)
		w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseAfter})
		w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503, Times: 10_000})
		if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
			t.Fatal(err)
		}
		lost := w.rows(c.ID, bulk.Filter{})[0].ChangeID
		for range 12 {
			made, err := w.DB.Change(t.Context(), lost)
			if err != nil {
				t.Fatal(err)
			}
			w.Clock.Until(made.Due)
			if _, err := w.Client.Companies.List(t.Context()); err != nil { // not all of it is down
				t.Fatal(err)
			}
			if _, err := w.Changes.Execute(t.Context(), lost); err != nil {
				t.Fatal(err)
			}
		}
		made, err := w.DB.Change(t.Context(), lost)
		if err != nil || made.Due.Sub(w.Clock.Now()) < 10*time.Minute {
			t.Fatalf("the next look is in %v, %v; want it late", made.Due.Sub(w.Clock.Now()), err)
		}
		w.Sandbox.Faults().Clear()
		began := w.Clock.Now()
		c = w.work(c.ID, bulk.Running)
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 3})
		if took := w.Clock.Now().Sub(began); took > 3*time.Minute {
			t.Errorf("it took %v after Symphony was back", took)
		}
	})
}
