package directory_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
)

func TestWhatIsReadAgainUnchangedIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "foyer.db")
	w := &world{testworld.NewAt(t, "sqlite:"+path)}
	company := w.Ready()
	someone := w.Someone(company.ID)
	viewer := testworld.As(auth.Viewer)
	everyPage := func() {
		t.Helper()
		if _, err := w.Directory.Companies(t.Context(), viewer, directory.CompanyQuery{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.Company(t.Context(), viewer, company.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.Users(t.Context(), viewer, company.ID, 1, 100); err != nil {
			t.Fatal(err)
		}
	}
	aPerson := func() {
		t.Helper()
		if _, err := w.Directory.User(t.Context(), viewer, company.ID, someone.ID); err != nil {
			t.Fatal(err)
		}
	}
	everyPage()
	aPerson()
	aPerson() // at the same moment
	everyPage()
	emptyWAL(t, path)

	w.Clock.Forward(59 * time.Second)
	everyPage()

	if n := size(t, path+"-wal"); n != 0 {
		t.Errorf("the same pages again wrote %d bytes, want none", n)
	}
	aPerson()
	if n := size(t, path+"-wal"); n == 0 {
		t.Errorf("a status that was told again wrote nothing, want until when it was observed")
	}
}

func TestWhatIsKeptIsBehindByTenMinutesAtMostAndStatusesNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const company, id = "k", "u"
	began := w.Clock.Now()
	at := func(d time.Duration) time.Time { return began.Add(d) }
	for _, step := range []struct {
		after            time.Duration
		read             sapi.User
		readAt, statusAt time.Duration
	}{
		{0, sapi.User{ID: id, Title: "A", Status: sapi.StatusActive}, 0, 0},
		{59 * time.Second, sapi.User{ID: id, Title: "A"}, 0, 0},
		{60 * time.Second, sapi.User{ID: id, Title: "A", Status: sapi.StatusActive}, 60 * time.Second, 60 * time.Second},
		{61 * time.Second, sapi.User{ID: id, Title: "A", Status: sapi.StatusDisabled}, 61 * time.Second, 61 * time.Second},
		{62 * time.Second, sapi.User{ID: id, Title: "B"}, 62 * time.Second, 61 * time.Second},
		{10 * time.Minute, sapi.User{ID: id, Title: "B"}, 62 * time.Second, 61 * time.Second},
		{12 * time.Minute, sapi.User{ID: id, Title: "B"}, 12 * time.Minute, 61 * time.Second},
	} {
		if err := w.Directory.KeepUsers(t.Context(), "", company, directory.FromDetail, []sapi.User{step.read}, at(step.after)); err != nil {
			t.Fatal(err)
		}
		known, err := w.Directory.KnownUsers(t.Context(), company, []string{id})
		if got := known[id]; err != nil || !got.ReadAt.Equal(at(step.readAt)) || !got.StatusAt.Equal(at(step.statusAt)) {
			t.Errorf("after %v: known as of %v with the status of %v, %v, want %v and %v",
				step.after, got.ReadAt.Sub(began), got.StatusAt.Sub(began), err, step.readAt, step.statusAt)
		}
	}
}

// Symphony said yes and nobody could read it; a moment later the old status is told
// again. It is the one that was kept, and still news.
func TestTheSameStatusIsNewsAfterFoyersOwnWordOfAnotherOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const company, id = "k", "u"
	active := []sapi.User{{ID: id, Status: sapi.StatusActive}}
	if err := w.Directory.KeepUsers(t.Context(), "", company, directory.FromDetail, active, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(10 * time.Second)
	for _, outcome := range []ledger.Outcome{ledger.Intent, ledger.Succeeded} {
		err := w.DB.Record(t.Context(), ledger.Event{
			Action: ledger.DisableUser, Outcome: outcome, Change: "c", Company: ledger.Company{ID: company},
			Users: []ledger.User{{ID: id}}, After: []byte(`{"status":"DISABLED"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Forward(10 * time.Second)

	if err := w.Directory.KeepUsers(t.Context(), "", company, directory.FromDetail, active, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}

	events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.StatusOutside}, ledger.Page{})
	if err != nil || len(events) != 1 {
		t.Errorf("events of changes outside = %d, %v, want one: somebody enabled them again", len(events), err)
	}
	w.holdReadings()
}

func TestWhoIsStillListedIsKeptWithTheTimeOfTheExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	auditor := testworld.As(auth.Auditor)
	if _, err := w.Directory.Users(t.Context(), auditor, company.ID, 1, 100); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Second)

	export, err := w.Directory.ExportStatusAt(t.Context(), auditor, company.ID, w.Began)
	if err != nil {
		t.Fatal(err)
	}
	for u, err := range export.Rows {
		if err != nil || !u.Listed {
			t.Errorf("%s is listed: %v, %v, want them to be", u.ID, u.Listed, err)
		}
	}
}

// The writer is held for as long as the pages take: who waited for it would wait for
// ever.
func TestAPageOfWhatIsKnownDoesNotWaitForWhoeverWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	someone := w.Someone(company.ID)
	viewer := testworld.As(auth.Viewer)
	pages := func() {
		t.Helper()
		if _, err := w.Directory.Company(t.Context(), viewer, company.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.Users(t.Context(), viewer, company.ID, 1, 100); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.User(t.Context(), viewer, company.ID, someone.ID); err != nil {
			t.Fatal(err)
		}
	}
	pages()
	w.Busy = time.Millisecond
	w.Start()
	w.Clock.Forward(time.Hour) // all times are old
	tx, err := w.DB.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	pages()

	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if known, err := w.Directory.KnownUsers(t.Context(), company.ID, []string{someone.ID}); err != nil || !known[someone.ID].StatusAt.Equal(w.Began) {
		t.Errorf("their status is of %v, %v, want %v: there was nobody to write that it was observed again", known[someone.ID].StatusAt, err, w.Began)
	}
	w.Busy = time.Minute
	w.Start()
	pages()
	if known, err := w.Directory.KnownUsers(t.Context(), company.ID, []string{someone.ID}); err != nil || !known[someone.ID].ReadAt.Equal(w.Clock.Now()) {
		t.Errorf("known as of %v, %v, want %v", known[someone.ID].ReadAt, err, w.Clock.Now())
	}
}

func TestAListThatCouldNotBeKeptIsNoNewerThanWhatWasReadSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.Ready().ID
	w.Busy = 100 * time.Millisecond
	w.Start()
	w.list()
	tx, err := w.DB.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.list() // and nobody can write it down
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Minute)
	if err := w.Sandbox.Faults().SetCompanyState(t.Context(), id, string(sapi.StateTenantConfigError), "Tenant 7 exists."); err != nil {
		t.Fatal(err)
	}
	created := w.createInFoyer("Meanwhile", "meanwhile").Company.ID
	if _, err := w.Directory.Company(t.Context(), testworld.As(auth.Viewer), id); err != nil {
		t.Fatal(err)
	}
	asked := w.Calls("getCompanies")

	companies, _, stale, err := w.Directory.List(t.Context(), time.Hour)

	if err != nil || stale != nil || w.Calls("getCompanies") != asked {
		t.Fatalf("List = %v, %v, want what is known", stale, err)
	}
	if i := slices.IndexFunc(companies, func(c directory.CompanyRecord) bool { return c.ID == id }); i < 0 || companies[i].State != sapi.StateTenantConfigError {
		t.Errorf("the company is %+v, want it as it was read since", companies[max(i, 0)])
	}
	if !slices.ContainsFunc(companies, func(c directory.CompanyRecord) bool { return c.ID == created }) {
		t.Errorf("the list is without the company that was created since")
	}
}

func TestTheEndOfBuildingACompanyIsAnEventWithACode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.Ready().ID
	become := func(state sapi.CompanyState, message string) {
		t.Helper()
		w.Clock.Forward(time.Second)
		if err := w.Sandbox.Faults().SetCompanyState(t.Context(), id, string(state), message); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.Company(t.Context(), testworld.As(auth.Viewer), id); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		state   sapi.CompanyState
		message string
		code    ledger.Code
		note    string
	}{
		{sapi.StateCompleted, "", ledger.CompanyBuilt, ""},
		{sapi.StateTenantConfigError, "Tenant 7 exists.", ledger.CompanyNotBuilt, "Tenant 7 exists."},
		{"TENANT_MIGRATING", "soon", ledger.CompanyOddState, ""},
	} {
		become(sapi.StateStarted, "")
		become(tt.state, tt.message)
		events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.CompanyState, CompanyID: id, Text: tt.note}, ledger.Page{Limit: 1})
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: events = %+v, %v, want one", tt.state, events, err)
		}
		if e := events[0]; e.Code != string(tt.code) || e.Note != tt.note || string(e.After) != `{"state":"`+string(tt.state)+`"}` {
			t.Errorf("%s is recorded as %+v, want the code %s and the note %q", tt.state, e, tt.code, tt.note)
		}
	}
}
