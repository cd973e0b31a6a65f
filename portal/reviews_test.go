package portal_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
)

// startReview starts a review of a company, due in a week.
func (w *world) startReview(c sapi.Company) portal.Review {
	w.t.Helper()
	r, err := w.StartReview(w.t.Context(), as(auth.Auditor), portal.StartReviewRequest{
		CompanyID: c.ID, Due: w.clock.now().AddDate(0, 0, 7).Format(time.DateOnly), Confirms: "Bo Chen", Token: portal.NewToken(),
	})
	if err != nil {
		w.t.Fatalf("StartReview: %v", err)
	}
	return r
}

// prepare does what the jobs do, until they have to wait or the review is open.
func (w *world) prepare(r portal.Review) (portal.Review, time.Duration) {
	w.t.Helper()
	again, err := w.PrepareReview(w.t.Context(), r.ID)
	for err == nil && again > 0 && again < time.Second {
		again, err = w.PrepareReview(w.t.Context(), r.ID)
	}
	if err != nil {
		w.t.Fatalf("PrepareReview: %v", err)
	}
	r, err = w.Review(w.t.Context(), as(auth.Auditor), r.ID)
	if err != nil {
		w.t.Fatalf("Review: %v", err)
	}
	return r, again
}

// decideAll decides the same about everybody.
func (w *world) decideAll(r portal.Review, d portal.Decision) []portal.ReviewRow {
	w.t.Helper()
	page, err := w.ReviewPeople(w.t.Context(), as(auth.Auditor), r.ID, portal.ShowAll, 1, 0)
	if err != nil {
		w.t.Fatalf("ReviewPeople: %v", err)
	}
	var all []portal.Deciding
	for _, row := range page.Rows {
		all = append(all, portal.Deciding{UserID: row.UserID, Decision: d})
	}
	if _, err := w.Decide(w.t.Context(), as(auth.Auditor), r.ID, all); err != nil {
		w.t.Fatalf("Decide: %v", err)
	}
	return page.Rows
}

func seal(portal.Review, []portal.ReviewPerson) string { return "the file’s hash" }

func TestAReviewIsPreparedFromWhatIsKnownAndFromReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	someone := w.someone(company.ID)
	if _, err := w.User(t.Context(), as(auth.Viewer), company.ID, someone.ID); err != nil {
		t.Fatal(err)
	}
	read := w.calls("getUser")

	r, again := w.prepare(w.startReview(company))
	if again != 0 || r.State() != portal.ReviewOpen || r.Counts.Checked != r.Counts.Listed {
		t.Fatalf("PrepareReview = %+v, again in %v, want it open", r, again)
	}
	if n := w.calls("getUser") - read; n != r.Counts.Listed-1 {
		t.Errorf("%d statuses were read, want %d: one is known", n, r.Counts.Listed-1)
	}
	if len(w.waker.prepared) != 1 || w.waker.prepared[0] != r.ID {
		t.Errorf("jobs = %v, want one for review %d", w.waker.prepared, r.ID)
	}
	page, err := w.ReviewPeople(t.Context(), as(auth.Auditor), r.ID, portal.ShowAll, 1, 0)
	if err != nil || len(page.Rows) != r.Counts.People() {
		t.Fatalf("ReviewPeople = %d, %v, want %d", len(page.Rows), err, r.Counts.People())
	}
	for _, row := range page.Rows {
		if row.Status != w.status(company.ID, row.UserID) || row.Status == sapi.StatusDisabled {
			t.Errorf("the review has %s as %v, Symphony says %v", row.UserID, row.Status, w.status(company.ID, row.UserID))
		}
	}
	// An hour later a status is no longer good enough for the next review.
	w.clock.forward(time.Hour)
	read = w.calls("getUser")
	if next, _ := w.prepare(w.startReview(company)); w.calls("getUser")-read != next.Counts.Listed {
		t.Errorf("%d statuses were read, want all %d", w.calls("getUser")-read, next.Counts.Listed)
	}
}

func TestAPreparationGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	r := w.startReview(company)

	w.inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable})
	r, again := w.prepare(r)
	if again == 0 || r.State() != portal.ReviewPreparing || r.Note == "" {
		t.Errorf("PrepareReview without Symphony = %+v, again in %v, want to come back", r, again)
	}
	// Three can't be read: the others are, and stay read.
	w.inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, Times: 1000, After: 2})
	r, again = w.prepare(r)
	if again == 0 || r.Counts.Checked != 2 || r.State() != portal.ReviewPreparing {
		t.Errorf("PrepareReview = %d checked, again in %v, want 2", r.Counts.Checked, again)
	}
	w.sandbox.Faults().Clear()

	// A job that is ended in the middle is no failure of Symphony's.
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := w.PrepareReview(ended, r.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("PrepareReview in a job that was ended = %v, want that", err)
	}

	read := w.calls("getUser")
	r, again = w.prepare(r)
	if again != 0 || r.State() != portal.ReviewOpen || r.Note != "" {
		t.Errorf("PrepareReview = %+v, again in %v, want it open", r, again)
	}
	if n := w.calls("getUser") - read; n != r.Counts.Listed-2 {
		t.Errorf("%d statuses were read after the fault, want %d", n, r.Counts.Listed-2)
	}
}

func TestWhoCantBeReadForAnHourIsListedAsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.startReview(w.ready())
	w.clock.forward(time.Hour)
	w.inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable})
	r, _ = w.prepare(r)
	page, err := w.ReviewPeople(t.Context(), as(auth.Auditor), r.ID, portal.ShowAll, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	unknown := slices.DeleteFunc(page.Rows, func(row portal.ReviewRow) bool { return row.Status != sapi.StatusUnknown })
	if len(unknown) != 1 || !unknown[0].StatusAt.IsZero() {
		t.Errorf("unknown = %+v, want the one who couldn't be read", unknown)
	}
}

func TestASweepFindsReviewsWhoseJobWasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.startReview(w.ready())
	w.waker.prepared = nil
	if err := w.Sweep(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.waker.prepared, []int64{r.ID}) {
		t.Errorf("jobs = %v, want one for review %d", w.waker.prepared, r.ID)
	}
	w.prepare(r)
	w.waker.prepared = nil
	if err := w.Sweep(t.Context(), true); err != nil || len(w.waker.prepared) != 0 {
		t.Errorf("jobs = %v, %v, want none: the review is open", w.waker.prepared, err)
	}
	if again, err := w.PrepareReview(t.Context(), 99); again != 0 || err != nil {
		t.Errorf("PrepareReview of none = again in %v, %v, want nothing", again, err)
	}
}

func TestAReviewOnlyNeedsWhomItsPermissionSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	r, _ := w.prepare(w.startReview(company))
	for _, role := range []auth.Role{auth.Viewer, auth.Onboarder} {
		a, ctx := as(role), t.Context()
		_, start := w.StartReview(ctx, a, portal.StartReviewRequest{CompanyID: company.ID})
		_, list := w.Reviews(ctx, a, "")
		_, show := w.Review(ctx, a, r.ID)
		_, people := w.ReviewPeople(ctx, a, r.ID, portal.ShowAll, 1, 10)
		_, decide := w.Decide(ctx, a, r.ID, nil)
		_, finish := w.FinishReview(ctx, a, portal.FinishReviewRequest{ID: r.ID, Version: r.Version, AskRest: true, Seal: seal})
		_, cancel := w.CancelReview(ctx, a, portal.CancelReviewRequest{ID: r.ID, Reason: "no"})
		_, export := w.ExportReview(ctx, a, r.ID, "review.zip")
		for name, err := range map[string]error{
			"ExportReview": export, "StartReview": start, "Reviews": list, "Review": show, "ReviewPeople": people, "Decide": decide, "FinishReview": finish, "CancelReview": cancel,
		} {
			if _, forbidden := errors.AsType[*portal.Forbidden](err); !forbidden {
				t.Errorf("%s as %s = %v, want it forbidden", name, role, err)
			}
		}
	}
	for _, use := range []func() error{
		func() error { _, err := w.ToDisable(t.Context(), as(auth.Auditor), r.ID, 1, 10); return err },
		func() error {
			_, err := w.ReviewReason(t.Context(), as(auth.Auditor), r.ID, company.ID, "u")
			return err
		},
		func() error { _, err := w.LeftToDisable(t.Context(), as(auth.Auditor), company.ID); return err },
	} {
		if _, forbidden := errors.AsType[*portal.Forbidden](use()); !forbidden {
			t.Errorf("disabling after a review as auditor = %v, want it forbidden", use())
		}
	}
}

func TestWhatBecameOfThoseToBeDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	r, _ := w.prepare(w.startReview(company))
	rows := w.decideAll(r, portal.DisableAccess)
	r, err := w.Review(t.Context(), as(auth.Auditor), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err = w.FinishReview(t.Context(), as(auth.Auditor), portal.FinishReviewRequest{ID: r.ID, Version: r.Version, Seal: seal})
	if err != nil || r.Seal != "the file’s hash" {
		t.Fatalf("FinishReview = %+v, %v", r, err)
	}

	// One is disabled after the review, and the answer to it is lost.
	whom := rows[slices.IndexFunc(rows, func(row portal.ReviewRow) bool { return row.Status == sapi.StatusActive })].UserID
	reason, err := w.ReviewReason(t.Context(), as(auth.Viewer), r.ID, company.ID, whom)
	if err != nil {
		t.Fatalf("ReviewReason: %v", err)
	}
	w.clock.forward(time.Minute)
	w.inject("updateUser", sandbox.Rule{Kind: sandbox.KindCloseAfter})
	change, err := w.SetStatus(t.Context(), as(auth.Viewer), portal.StatusRequest{
		CompanyID: company.ID, UserID: whom, Seen: sapi.StatusActive, Reason: reason, Token: portal.NewToken(),
	})
	if err != nil || change.State != portal.ChangeDone || !change.Reconciled {
		t.Fatalf("SetStatus = %+v, %v, want it settled by reading", change, err)
	}

	page, err := w.ToDisable(t.Context(), as(auth.Viewer), r.ID, 1, 0)
	if err != nil || len(page.Rows) != len(rows) {
		t.Fatalf("ToDisable = %d people, %v, want %d", len(page.Rows), err, len(rows))
	}
	for _, row := range page.Rows {
		switch {
		case row.UserID == whom && (row.Now != sapi.StatusDisabled || row.DisabledBy != "A viewer" || row.Change != change.ID):
			t.Errorf("of %s it says %v, by %q, change %s; want disabled by the viewer", whom, row.Now, row.DisabledBy, row.Change)
		case row.UserID != whom && row.DisabledBy != "":
			t.Errorf("of %s it says disabled by %q, want nobody", row.UserID, row.DisabledBy)
		}
	}
	if left, err := w.LeftToDisable(t.Context(), as(auth.Viewer), company.ID); err != nil || left.ReviewID != r.ID || left.People != len(rows)-1 {
		t.Errorf("LeftToDisable = %+v, %v, want all but one of %d", left, err, len(rows))
	}
	if _, err := w.LeftToDisable(t.Context(), as(auth.Viewer), "another company"); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("LeftToDisable of a company without a review = %v, want ErrNotFound", err)
	}
	if _, err := w.ReviewReason(t.Context(), as(auth.Viewer), r.ID, "another company", whom); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("ReviewReason of another company = %v, want ErrNotFound", err)
	}
}

// decided are the members of the events that record decisions, oldest first.
func (w *world) decided() (members [][]ledger.User) {
	w.t.Helper()
	events, err := w.db.Events(w.t.Context(), ledger.Filter{Action: ledger.DecideReview}, ledger.Page{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range slices.Backward(events) {
		if e.Note != "Access review 1" || string(e.After) != `{"review":1}` || e.Company.Name == "" || e.Actor.RequestID == "" {
			w.t.Errorf("recorded %+v, want the review, the company and who", e)
		}
		members = append(members, e.Users)
	}
	return members
}

func TestEveryDecisionIsAnEventOfItsPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.ready()))
	rows := w.decideAll(r, portal.KeepAccess)
	if _, err := w.Decide(t.Context(), as(auth.Admin), r.ID, []portal.Deciding{
		{UserID: rows[0].UserID, Seen: portal.KeepAccess, Decision: portal.DisableAccess},
		{UserID: rows[1].UserID, Seen: portal.KeepAccess, Decision: portal.KeepAccess},
	}); err != nil {
		t.Fatalf("Decide: %v", err)
	}
	for range 2 { // what is decided already, or by another unseen, is no event
		stale := []portal.Deciding{{UserID: rows[0].UserID, Seen: portal.KeepAccess, Decision: portal.AskAbout}}
		if left, err := w.Decide(t.Context(), as(auth.Auditor), r.ID, stale); err != nil || len(left) != 1 {
			t.Fatalf("Decide = left %v, %v, want the admin's to stay", left, err)
		}
	}

	members := w.decided()
	if len(members) != 2 || len(members[0]) != len(rows) || len(members[1]) != 1 {
		t.Fatalf("recorded %v, want all at once and then one", members)
	}
	want := ledger.User{ID: rows[0].UserID, Email: rows[0].Email, Name: rows[0].Name, Result: "keep"}
	if i := slices.IndexFunc(members[0], func(u ledger.User) bool { return u.ID == want.ID }); i < 0 || members[0][i] != want {
		t.Errorf("recorded first %+v, want %+v among them", members[0], want)
	}
	want.Result, want.Note = "disable", "before: keep"
	if members[1][0] != want {
		t.Errorf("recorded then %+v, want %+v", members[1][0], want)
	}
}

func TestWhoIsLeftWhenAReviewIsFinishedIsAskedAboutOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.ready()))
	r, err := w.FinishReview(t.Context(), as(auth.Auditor), portal.FinishReviewRequest{ID: r.ID, Version: r.Version, AskRest: true, Seal: seal})
	if err != nil {
		t.Fatalf("FinishReview: %v", err)
	}
	asked := 0
	for _, people := range w.decided() {
		if len(people) > portal.MaxPageSize {
			t.Errorf("one event is about %d people, want %d at most", len(people), portal.MaxPageSize)
		}
		for _, u := range people {
			if u.Result == "ask" && u.ID != "" && u.Name != "" {
				asked++
			}
		}
	}
	if asked != r.Counts.Ask || asked == 0 {
		t.Errorf("the ledger has %d people to be asked about, the review %d", asked, r.Counts.Ask)
	}
}

func TestAReviewIsCancelledWithAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	r, _ := w.prepare(w.startReview(company))
	w.decideAll(r, portal.DisableAccess)
	cancel := func(a auth.Actor, reason string) (portal.Review, error) {
		return w.CancelReview(t.Context(), a, portal.CancelReviewRequest{ID: r.ID, Reason: reason})
	}
	if _, err := cancel(as(auth.Admin), " "); err == nil {
		t.Error("CancelReview without a reason succeeded")
	} else if invalid, ok := errors.AsType[*portal.Invalid](err); !ok || invalid.Fields[0].Field != "reason" {
		t.Errorf("CancelReview without a reason = %v, want Invalid", err)
	}

	for range 2 { // a second click changes nothing
		r, err := cancel(as(auth.Admin), " The wrong company ")
		if err != nil || r.State() != portal.ReviewCancelled || r.CancelReason != "The wrong company" || r.CancelledBy.Name != "A admin" || r.CancelledAt.IsZero() {
			t.Fatalf("CancelReview = %+v, %v, want it cancelled by whom, when and why", r, err)
		}
	}
	events, err := w.db.Events(t.Context(), ledger.Filter{Action: ledger.CancelReview}, ledger.Page{Limit: 10})
	if err != nil || len(events) != 1 || events[0].Reason != "The wrong company" || events[0].Note != "Access review 1" || events[0].Company.ID != company.ID {
		t.Errorf("ledger = %+v, %v, want one with the reason", events, err)
	}

	if _, err := cancel(as(auth.Auditor), "me too"); !errors.Is(err, portal.ErrReviewFinished) {
		t.Errorf("CancelReview by another = %v, want ErrReviewFinished", err)
	}
	if _, err := w.Decide(t.Context(), as(auth.Auditor), r.ID, []portal.Deciding{{UserID: "u", Decision: portal.KeepAccess}}); !errors.Is(err, portal.ErrReviewFinished) {
		t.Errorf("Decide = %v, want ErrReviewFinished", err)
	}
	if _, err := w.FinishReview(t.Context(), as(auth.Auditor), portal.FinishReviewRequest{ID: r.ID, Version: r.Version, AskRest: true, Seal: seal}); !errors.Is(err, portal.ErrReviewFinished) {
		t.Errorf("FinishReview = %v, want ErrReviewFinished", err)
	}
	if _, err := w.ToDisable(t.Context(), as(auth.Viewer), r.ID, 1, 10); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("ToDisable = %v, want ErrNotFound", err)
	}
	if kept, err := w.Review(t.Context(), as(auth.Auditor), r.ID); err != nil || kept.Overdue(w.clock.now().AddDate(1, 0, 0)) {
		t.Errorf("Review = %+v, %v, want one that is never overdue", kept, err)
	}
	if next, _ := w.prepare(w.startReview(company)); next.ID != 2 || next.State() != portal.ReviewOpen {
		t.Errorf("the next review = %+v, want it open", next)
	}
}

func TestAFinishedReviewCantBeCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.ready()))
	if _, err := w.FinishReview(t.Context(), as(auth.Auditor), portal.FinishReviewRequest{ID: r.ID, Version: r.Version, AskRest: true, Seal: seal}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CancelReview(t.Context(), as(auth.Auditor), portal.CancelReviewRequest{ID: r.ID, Reason: "late"}); !errors.Is(err, portal.ErrReviewFinished) {
		t.Errorf("CancelReview = %v, want ErrReviewFinished", err)
	}
}

// companyGone is what Symphony says of a company that it doesn't have, or not yet.
const companyGone = `{"title":"Not Found","status":404,"detail":"Company is not found, or is not in 'completed' state.","detailErrorCode":"40102"}`

func TestAReviewOfACompanyThatIsGoneCanBeCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.startReview(w.ready())
	w.inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusNotFound, Body: companyGone, Times: 1000})
	r, again := w.prepare(r)
	if r.State() != portal.ReviewPreparing || again < time.Minute || !strings.Contains(r.Note, "doesn’t know this company") || !strings.Contains(r.Note, "cancel") {
		t.Errorf("PrepareReview = %+v, again in %v, want it to say what stands in the way, and to ask seldom", r, again)
	}

	if _, err := w.CancelReview(t.Context(), as(auth.Auditor), portal.CancelReviewRequest{ID: r.ID, Reason: "The company is gone"}); err != nil {
		t.Fatalf("CancelReview: %v", err)
	}
	asked := w.calls("getUsers")
	if r, again = w.prepare(r); again != 0 || r.State() != portal.ReviewCancelled || r.Note != "" || w.calls("getUsers") != asked {
		t.Errorf("PrepareReview = %+v, again in %v, want it to be over", r, again)
	}
	w.waker.prepared = nil
	if err := w.Sweep(t.Context(), true); err != nil || len(w.waker.prepared) != 0 {
		t.Errorf("jobs = %v, %v, want none: the review is cancelled", w.waker.prepared, err)
	}
	if page, err := w.ReviewPeople(t.Context(), as(auth.Auditor), r.ID, portal.ShowAll, 1, 10); err != nil || len(page.Rows) != 0 {
		t.Errorf("ReviewPeople = %v, %v, want nobody", page.Rows, err)
	}
}

func TestAReviewCantBeFinishedUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.ready()))
	w.decideAll(r, portal.KeepAccess)
	finish := func(version int64) error {
		_, err := w.FinishReview(t.Context(), as(auth.Auditor), portal.FinishReviewRequest{ID: r.ID, Version: version, Seal: seal})
		return err
	}
	if err := finish(r.Version); !errors.Is(err, portal.ErrReviewChanged) {
		t.Errorf("FinishReview of what was seen before = %v, want ErrReviewChanged", err)
	}
	if err := finish(r.Version + 1); err != nil {
		t.Errorf("FinishReview = %v", err)
	}
	if err := finish(r.Version); err != nil {
		t.Errorf("FinishReview again = %v, want nothing to happen", err)
	}
	events, err := w.db.Events(t.Context(), ledger.Filter{Action: ledger.FinishReview}, ledger.Page{Limit: 10})
	if err != nil || len(events) != 1 {
		t.Errorf("ledger = %d ends, %v, want one", len(events), err)
	}
}
