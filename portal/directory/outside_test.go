package directory_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

// outside are the changes that Foyer noticed and did not make, oldest first.
func (w *world) outside() []ledger.Event {
	w.T.Helper()
	events, err := w.DB.Events(w.T.Context(), ledger.Filter{Action: ledger.StatusOutside}, ledger.Page{Limit: 20})
	if err != nil {
		w.T.Fatal(err)
	}
	w.holdReadings()
	slices.Reverse(events)
	return events
}

// holdReadings fails when verification doesn't find the readings that events name.
func (w *world) holdReadings() {
	w.T.Helper()
	report, err := w.DB.VerifyLedger(w.T.Context(), ledger.VerifyOptions{})
	if err != nil || slices.ContainsFunc(report.Problems, func(p ledger.Problem) bool { return strings.Contains(p.Detail, "reading") }) {
		w.T.Errorf("VerifyLedger = %v, %v, want the readings found that are named", report.Problems, err)
	}
}

// read has Foyer read one person, as a page does.
func (w *world) read(companyID, userID string) {
	w.T.Helper()
	if _, err := w.Directory.User(w.T.Context(), testworld.As(auth.Viewer), companyID, userID); err != nil {
		w.T.Fatal(err)
	}
}

// set changes a status at Symphony, behind Foyer's back.
func (w *world) set(userID string, active bool) {
	w.T.Helper()
	if err := w.Sandbox.Faults().SetUserActive(w.T.Context(), userID, active); err != nil {
		w.T.Fatal(err)
	}
}

func TestAStatusThatSomebodyElseChangedIsAnEventOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	if _, err := w.Directory.Companies(t.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{}); err != nil {
		t.Fatal(err)
	}
	w.read(company.ID, user.ID)
	firstRead := w.Clock.Now()

	w.set(user.ID, false)
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)

	events := w.outside()
	if len(events) != 1 {
		t.Fatalf("%d events, want one", len(events))
	}
	e := events[0]
	want := ledger.Event{
		Seq: e.Seq, At: e.At, Binary: e.Binary,
		Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Actor: auth.System("watch", "7F3K-22QD-9M1X"),
		Company: ledger.Company{ID: company.ID, Name: company.Name}, Users: []ledger.User{{ID: user.ID, Email: user.Email, Name: user.DisplayName}},
		Before: []byte(`{"readAt":"` + w.After(0, time.RFC3339) + `","status":"active"}`), After: []byte(`{"readAt":"` + w.After(time.Hour, time.RFC3339) + `","status":"disabled"}`),
	}
	if diff := cmp.Diff(want, e); diff != "" || !firstRead.Equal(w.Began) {
		t.Errorf("event (-want +got):\n%s", diff)
	}

	w.set(user.ID, true)
	w.Clock.Forward(time.Hour)
	if _, err := w.Directory.Statuses(t.Context(), testworld.As(auth.Viewer), company.ID, []string{user.ID}); err != nil {
		t.Fatal(err)
	}
	if n := len(w.outside()); n != 2 {
		t.Errorf("%d events after it was changed back, want two", n)
	}
}

func TestWhatFoyerItselfDidIsNotOutside(t *testing.T) {
	t.Parallel()
	tests := map[string]sandbox.Rule{
		"answered":                       {},
		"lost, and done":                 {Kind: sandbox.KindCloseAfter},
		"lost, and not done":             {Kind: sandbox.KindCloseBefore},
		"refused":                        {Kind: sandbox.KindStatus, Status: 403},
		"an error, although it was done": {Kind: sandbox.KindStatus, Status: 500, Work: true},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Clock.Tick = time.Millisecond
			company := w.Ready()
			user := w.Someone(company.ID)
			w.read(company.ID, user.ID)
			w.Clock.Forward(time.Minute)
			if fault.Kind != "" {
				w.Inject("updateUser", fault)
			}

			change, err := w.Disable(company, user, portal.NewToken())
			if err != nil {
				t.Fatal(err)
			}
			w.Clock.Forward(time.Minute)
			w.read(company.ID, user.ID)
			w.Settle(change.ID)
			w.Clock.Forward(time.Minute)
			w.read(company.ID, user.ID)

			if events := w.outside(); len(events) != 0 {
				t.Errorf("the ledger says %q, want nothing", events[0].Note)
			}
		})
	}
}

// While a change is under way, whoever else reads the person sees its effect
// before its outcome is written.
func TestAChangeUnderWayIsNotOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Second)
	const id = "0d1f0a52-7b52-4ab5-9f0f-000000000001"
	about := ledger.Company{ID: company.ID, Name: company.Name}
	tx, err := w.DB.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made, err := w.DB.InsertChange(t.Context(), tx, change.Change{
		ID: id, Token: portal.NewToken(), Kind: change.DisableUser, State: change.Sent,
		Actor: testworld.As(auth.Viewer), Company: about, User: ledger.User{ID: user.ID},
	})
	if err == nil {
		err = w.DB.Append(t.Context(), tx, ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Intent, Change: id, Actor: testworld.As(auth.Viewer), Company: about, Users: []ledger.User{{ID: user.ID}}})
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Client.Users.SetActive(t.Context(), company.ID, user.ID, false); err != nil {
		t.Fatal(err)
	}

	w.read(company.ID, user.ID)

	if n := len(w.outside()); n != 0 || made.State != change.Sent {
		t.Errorf("%d events, want none", n)
	}
}

// The reading that would have confirmed a change fails, and somebody else undoes
// it: what was last observed is the status as it is again.
func TestWhatFoyerDidAndSomebodyElseUndidIsOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Clock.Tick = time.Millisecond
	company := w.Ready()
	user := w.Someone(company.ID)
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Minute)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: 500, After: 1})
	if _, err := w.Disable(company, user, portal.NewToken()); err != nil {
		t.Fatal(err)
	}

	w.set(user.ID, true)
	for range 3 {
		w.Clock.Forward(time.Minute)
		w.read(company.ID, user.ID)
	}

	events := w.outside()
	if len(events) != 1 {
		t.Fatalf("%d events, want one from what Foyer had set", len(events))
	}
	var was, is struct {
		Status            string
		ChangedAt, ReadAt time.Time
	}
	if err := errors.Join(json.Unmarshal(events[0].Before, &was), json.Unmarshal(events[0].After, &is)); err != nil {
		t.Fatal(err)
	}
	changed, read := was.ChangedAt.Sub(w.Began).Truncate(time.Second), is.ReadAt.Sub(w.Began).Truncate(time.Second)
	if was.Status != "disabled" || changed != time.Minute || is.Status != "active" || read != 2*time.Minute {
		t.Errorf("the event says %s after %v and %s after %v, want disabled by Foyer after a minute, and active a minute later", was.Status, changed, is.Status, read)
	}
}

func TestPagesThatReadAtOnceNoticeAChangeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.read(company.ID, user.ID)
	w.set(user.ID, false)
	w.Clock.Forward(time.Minute)

	var pages sync.WaitGroup
	for i := range 8 {
		pages.Go(func() {
			var err error
			if i%2 == 0 {
				_, err = w.Directory.Statuses(t.Context(), testworld.As(auth.Viewer), company.ID, []string{user.ID})
			} else {
				_, err = w.Directory.User(t.Context(), testworld.As(auth.Viewer), company.ID, user.ID)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	pages.Wait()

	if n := len(w.outside()); n != 1 {
		t.Errorf("%d events, want one", n)
	}
}

func TestAStatusThatCantBeRecordedAsChangedIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.read(company.ID, user.ID)
	w.set(user.ID, false)
	w.Clock.Forward(time.Minute)
	if _, err := w.DB.SQLite().ExecContext(t.Context(), `CREATE TRIGGER broken BEFORE INSERT ON ledger_event BEGIN SELECT RAISE(ABORT, 'broken'); END`); err != nil {
		t.Fatal(err)
	}

	ctx := portal.NoteUnkept(t.Context())
	read, err := w.Directory.User(ctx, testworld.As(auth.Viewer), company.ID, user.ID)
	if err != nil || read.Status != sapi.StatusDisabled || portal.Unkept(ctx) == nil {
		t.Errorf("User = %v, %v, unkept %v; want what Symphony says, and that it isn't kept", read.Status, err, portal.Unkept(ctx))
	}
	if known, err := w.DB.Users(t.Context(), company.ID, []string{user.ID}); err != nil || known[user.ID].Status != sapi.StatusActive {
		t.Errorf("kept status = %v, %v, want the one that was recorded", known[user.ID].Status, err)
	}

	if _, err := w.DB.SQLite().ExecContext(t.Context(), `DROP TRIGGER broken`); err != nil {
		t.Fatal(err)
	}
	w.read(company.ID, user.ID)
	if n := len(w.outside()); n != 1 {
		t.Errorf("%d events once the ledger can be written again, want one", n)
	}
}
