package directory_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

// at asks for one person's status at a time.
func (w *world) at(companyID, userID string, at time.Time) directory.PastStatus {
	w.T.Helper()
	statuses, err := w.Directory.StatusAt(w.T.Context(), testworld.As(auth.Auditor), companyID, []string{userID}, at)
	if err != nil {
		w.T.Fatal(err)
	}
	return statuses.People[userID]
}

func TestAStatusAtADateFollowsFromWhatFoyerSawAndDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Clock.Tick = time.Millisecond
	company := w.Ready()
	user := w.Someone(company.ID)
	before := w.Clock.Now()
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)
	whileActive := w.Clock.Now().Add(-time.Minute)
	w.Clock.Forward(time.Hour)
	untilFoyer := w.Clock.Now().Add(-time.Second)
	if _, err := w.Disable(company, user, portal.NewToken()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)
	whileDisabled := w.Clock.Now().Add(-time.Minute)
	w.set(user.ID, true)
	w.Clock.Forward(time.Hour)
	inBetween := w.Clock.Now().Add(-time.Minute)
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Hour)

	for _, tt := range []struct {
		name   string
		at     time.Time
		how    directory.Knowledge
		status sapi.Status
	}{
		{"before Foyer watched", before, directory.NotKnown, sapi.StatusUnknown},
		{"between readings", whileActive, directory.Observed, sapi.StatusActive},
		{"until Foyer disabled", untilFoyer, directory.Observed, sapi.StatusActive}, // read again just before it was sent
		{"after Foyer disabled", whileDisabled, directory.Observed, sapi.StatusDisabled},
		{"when somebody else enabled", inBetween, directory.NotKnown, sapi.StatusUnknown},
		{"since then", w.Clock.Now(), directory.NotKnown, sapi.StatusUnknown},
		{"before the person was there", user.CreatedAt.Add(-time.Hour), directory.NotCreated, sapi.StatusUnknown},
	} {
		if got := w.at(company.ID, user.ID, tt.at); got.How != tt.how || got.Status != tt.status {
			t.Errorf("%s = %v %v (%+v), want %v %v", tt.name, got.How, got.Status, got, tt.how, tt.status)
		}
	}
}

// The reading that would have confirmed the change fails, so that the ledger
// alone tells when the status changed.
func TestFoyersOwnChangeMovesTheBorder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Clock.Tick = time.Millisecond
	company := w.Ready()
	user := w.Someone(company.ID)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: 500, After: 1})
	change, err := w.Disable(company, user, portal.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	inBetween := w.Clock.Now()
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)

	got := w.at(company.ID, user.ID, inBetween)

	events, err := w.DB.Events(t.Context(), ledger.Filter{Change: change.ID}, ledger.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := directory.StatusFact{At: events[0].At, Status: sapi.StatusDisabled, Event: events[0].Seq}
	if got.How != directory.Inferred || got.Status != sapi.StatusDisabled || !cmp.Equal(want, got.Before) {
		t.Errorf("StatusAt = %+v, want disabled, inferred from event %d", got, events[0].Seq)
	}
}

func TestAStatusAtADateSaysSinceWhenFoyerWatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)

	never, err := w.Directory.StatusAt(t.Context(), testworld.As(auth.Viewer), company.ID, []string{user.ID}, w.Clock.Now())
	if err != nil || !never.Since.IsZero() {
		t.Errorf("StatusAt = since %v, %v, want never", never.Since, err)
	}
	began := w.Clock.Now()
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)
	watched, err := w.Directory.StatusAt(t.Context(), testworld.As(auth.Viewer), company.ID, []string{user.ID}, w.Clock.Now())
	if err != nil || !watched.Since.Equal(began) || !watched.People[user.ID].Since.Equal(began) {
		t.Errorf("StatusAt = since %v, %v, %v, want %v", watched.Since, watched.People[user.ID].Since, err, began)
	}
}

func TestATimeThatHasNotComeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	soon := w.Clock.Now().Add(time.Microsecond)

	_, err := w.Directory.StatusAt(t.Context(), testworld.As(auth.Auditor), company.ID, nil, soon)
	if invalid, ok := errors.AsType[*portal.Invalid](err); !ok || invalid.Fields[0].Field != "at" || invalid.Fields[0].Code != portal.NotYet {
		t.Errorf("StatusAt = %v, want Invalid", err)
	}
	_, err = w.Directory.ExportStatusAt(t.Context(), testworld.As(auth.Auditor), company.ID, soon)
	if _, ok := errors.AsType[*portal.Invalid](err); !ok {
		t.Errorf("ExportStatusAt = %v, want Invalid", err)
	}
}

func TestAnExportHasEverybodyTheCompanyEverHad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.read(company.ID, user.ID)
	// Somebody whom Foyer read once, and whom Symphony doesn't list any more.
	gone := sapi.User{ID: "0d1f0a52-7b52-4ab5-9f0f-00000000dead", Email: "gone@acme.example", Status: sapi.StatusActive}
	if err := w.Directory.KeepUsers(t.Context(), "", company.ID, directory.FromDetail, []sapi.User{gone}, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	w.read(company.ID, user.ID)

	at := w.Clock.Now().Add(-30 * time.Minute)
	export, err := w.Directory.ExportStatusAt(t.Context(), testworld.As(auth.Auditor), company.ID, at)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]directory.PastUser{}
	for u, err := range export.Rows {
		if err != nil {
			t.Fatal(err)
		}
		got[u.ID] = u
	}

	want := []string{gone.ID}
	for u, err := range w.Client.Users.All(t.Context(), company.ID, 100) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, u.ID)
	}
	for _, id := range want {
		if u, ok := got[id]; !ok || u.Listed != (id != gone.ID) {
			t.Errorf("%s is exported %v, as listed %v", id, ok, u.Listed)
		}
	}
	if len(got) != len(want) || export.Count != len(want) {
		t.Errorf("%d rows of %d, want %d", len(got), export.Count, len(want))
	}
	if u := got[user.ID]; u.Past.How != directory.Observed || u.Past.Status != sapi.StatusActive {
		t.Errorf("%v %v, want active and observed", u.Past.How, u.Past.Status)
	}
	events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.Export, CompanyID: company.ID}, ledger.Page{Limit: 5})
	if err != nil || len(events) != 1 || events[0].Code != string(ledger.StatusAt) || events[0].Note != at.Format("2006-01-02 15:04:05 UTC") {
		t.Errorf("ledger = %+v, %v, want one export of this company", events, err)
	}
}

func TestAnExportStopsWhenItsReaderDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	export, err := w.Directory.ExportStatusAt(t.Context(), testworld.As(auth.Auditor), w.Ready().ID, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, err := range export.Rows {
		if err != nil {
			t.Fatal(err)
		}
		if rows++; rows == 2 {
			break
		}
	}
	if rows != 2 {
		t.Errorf("%d rows, want two", rows)
	}
}

func TestOnlyWhoMaySeeEverybodysActivityExportsAStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	for _, role := range auth.AllRoles {
		_, err := w.Directory.ExportStatusAt(t.Context(), testworld.As(role), company.ID, w.Clock.Now())
		_, forbidden := errors.AsType[*portal.Forbidden](err)
		if allowed := testworld.As(role).Can(auth.SeeActivity); allowed == forbidden {
			t.Errorf("ExportStatusAt as %s = %v, allowed should be %v", role, err, allowed)
		}
	}
}
