package review_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/review"
	"foyer/sandbox"
	"foyer/sapi"
)

// startReview starts a review of a company, due in a week.
func (w *world) startReview(c sapi.Company) review.Review {
	w.T.Helper()
	r, err := w.Reviews.Start(w.T.Context(), testworld.As(auth.Auditor), review.StartRequest{
		CompanyID: c.ID, Due: w.Clock.Now().AddDate(0, 0, 7).Format(time.DateOnly), Confirms: "Bo Chen", Token: portal.NewToken(),
	})
	if err != nil {
		w.T.Fatalf("StartReview: %v", err)
	}
	return r
}

// prepare does what the jobs do, until they have to wait or the review is open.
func (w *world) prepare(r review.Review) (review.Review, time.Duration) {
	w.T.Helper()
	again, err := w.Reviews.Prepare(w.T.Context(), r.ID)
	for err == nil && again > 0 && again < time.Second {
		again, err = w.Reviews.Prepare(w.T.Context(), r.ID)
	}
	if err != nil {
		w.T.Fatalf("PrepareReview: %v", err)
	}
	r, err = w.Reviews.Review(w.T.Context(), testworld.As(auth.Auditor), r.ID)
	if err != nil {
		w.T.Fatalf("Review: %v", err)
	}
	return r, again
}

// decideAll decides the same about everybody.
func (w *world) decideAll(r review.Review, d review.Decision) []review.Row {
	w.T.Helper()
	page, err := w.Reviews.People(w.T.Context(), testworld.As(auth.Auditor), r.ID, review.ShowAll, 1, 0)
	if err != nil {
		w.T.Fatalf("ReviewPeople: %v", err)
	}
	var all []review.Deciding
	for _, row := range page.Rows {
		all = append(all, review.Deciding{UserID: row.UserID, Decision: d})
	}
	if _, err := w.Reviews.Decide(w.T.Context(), testworld.As(auth.Auditor), r.ID, all); err != nil {
		w.T.Fatalf("Decide: %v", err)
	}
	return page.Rows
}

func TestAReviewIsPreparedFromWhatIsKnownAndFromReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	someone := w.Someone(company.ID)
	if _, err := w.Directory.User(t.Context(), testworld.As(auth.Viewer), company.ID, someone.ID); err != nil {
		t.Fatal(err)
	}
	read := w.Calls("getUser")

	r, again := w.prepare(w.startReview(company))
	if again != 0 || r.State() != review.Open || r.Counts.Checked != r.Counts.Listed {
		t.Fatalf("PrepareReview = %+v, again in %v, want it open", r, again)
	}
	if n := w.Calls("getUser") - read; n != r.Counts.Listed-1 {
		t.Errorf("%d statuses were read, want %d: one is known", n, r.Counts.Listed-1)
	}
	if jobs := w.Waker.Of(review.JobKind); !slices.Equal(jobs, []string{fmt.Sprint(r.ID)}) {
		t.Errorf("jobs = %v, want one for review %d", jobs, r.ID)
	}
	page, err := w.Reviews.People(t.Context(), testworld.As(auth.Auditor), r.ID, review.ShowAll, 1, 0)
	if err != nil || len(page.Rows) != r.Counts.People() {
		t.Fatalf("ReviewPeople = %d, %v, want %d", len(page.Rows), err, r.Counts.People())
	}
	for _, row := range page.Rows {
		if row.Status != w.Status(company.ID, row.UserID) || row.Status == sapi.StatusDisabled {
			t.Errorf("the review has %s as %v, Symphony says %v", row.UserID, row.Status, w.Status(company.ID, row.UserID))
		}
	}
	// An hour later a status is no longer good enough for the next review.
	w.Clock.Forward(time.Hour)
	read = w.Calls("getUser")
	if next, _ := w.prepare(w.startReview(company)); w.Calls("getUser")-read != next.Counts.Listed {
		t.Errorf("%d statuses were read, want all %d", w.Calls("getUser")-read, next.Counts.Listed)
	}
}

func TestAPreparationGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	r := w.startReview(company)

	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable})
	r, again := w.prepare(r)
	if again == 0 || r.State() != review.Preparing || r.Waits != (review.Waiting{Code: review.WaitsForSymphony, At: w.Clock.Now().Truncate(time.Second)}) {
		t.Errorf("PrepareReview without Symphony = %+v, again in %v, want to come back", r, again)
	}
	// Three can't be read: the others are, and stay read.
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, Times: 1000, After: 2})
	r, again = w.prepare(r)
	if again == 0 || r.Counts.Checked != 2 || r.State() != review.Preparing {
		t.Errorf("PrepareReview = %d checked, again in %v, want 2", r.Counts.Checked, again)
	}
	w.Sandbox.Faults().Clear()

	// A job that is ended in the middle is no failure of Symphony's.
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := w.Reviews.Prepare(ended, r.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("PrepareReview in a job that was ended = %v, want that", err)
	}

	// After so many failures nobody is asked for what nobody waits for, until there is
	// an answer: here, to a person.
	if _, err := w.Directory.Company(t.Context(), testworld.As(auth.Viewer), company.ID); err != nil {
		t.Fatal(err)
	}
	read := w.Calls("getUser")
	r, again = w.prepare(r)
	if again != 0 || r.State() != review.Open || r.Waits != (review.Waiting{}) {
		t.Errorf("PrepareReview = %+v, again in %v, want it open", r, again)
	}
	if n := w.Calls("getUser") - read; n != r.Counts.Listed-2 {
		t.Errorf("%d statuses were read after the fault, want %d", n, r.Counts.Listed-2)
	}
}

func TestWhoCantBeReadForAnHourIsListedAsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.startReview(w.Ready())
	w.Clock.Forward(time.Hour)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable})
	r, _ = w.prepare(r)
	page, err := w.Reviews.People(t.Context(), testworld.As(auth.Auditor), r.ID, review.ShowAll, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	unknown := slices.DeleteFunc(page.Rows, func(row review.Row) bool { return row.Status != sapi.StatusUnknown })
	if len(unknown) != 1 || !unknown[0].StatusAt.IsZero() {
		t.Errorf("unknown = %+v, want the one who couldn't be read", unknown)
	}
}

func TestASweepFindsReviewsWhoseJobWasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.startReview(w.Ready())
	w.Waker.Jobs = nil
	if err := w.Reviews.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if jobs := w.Waker.Of(review.JobKind); !slices.Equal(jobs, []string{fmt.Sprint(r.ID)}) {
		t.Errorf("jobs = %v, want one for review %d", jobs, r.ID)
	}
	w.prepare(r)
	w.Waker.Jobs = nil
	if err := w.Reviews.Sweep(t.Context()); err != nil || len(w.Waker.Jobs) != 0 {
		t.Errorf("jobs = %v, %v, want none: the review is open", w.Waker.Jobs, err)
	}
	if again, err := w.Reviews.Prepare(t.Context(), 99); again != 0 || err != nil {
		t.Errorf("PrepareReview of none = again in %v, %v, want nothing", again, err)
	}
}

func TestAReviewOnlyNeedsWhomItsPermissionSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	r, _ := w.prepare(w.startReview(company))
	for _, role := range []auth.Role{auth.Viewer, auth.Onboarder} {
		a, ctx := testworld.As(role), t.Context()
		_, start := w.Reviews.Start(ctx, a, review.StartRequest{CompanyID: company.ID})
		_, list := w.Reviews.List(ctx, a, "", 1)
		_, show := w.Reviews.Review(ctx, a, r.ID)
		_, people := w.Reviews.People(ctx, a, r.ID, review.ShowAll, 1, 10)
		_, decide := w.Reviews.Decide(ctx, a, r.ID, nil)
		_, finish := w.Reviews.Finish(ctx, a, review.FinishRequest{ID: r.ID, Version: r.Version, AskRest: true})
		_, cancel := w.Reviews.Cancel(ctx, a, review.CancelRequest{ID: r.ID, Reason: "no"})
		_, export := w.Reviews.Export(ctx, a, r.ID, "review.zip")
		for name, err := range map[string]error{
			"ExportReview": export, "StartReview": start, "Reviews": list, "Review": show, "ReviewPeople": people, "Decide": decide, "FinishReview": finish, "CancelReview": cancel,
		} {
			if _, forbidden := errors.AsType[*portal.Forbidden](err); !forbidden {
				t.Errorf("%s as %s = %v, want it forbidden", name, role, err)
			}
		}
	}
	for _, use := range []func() error{
		func() error {
			_, err := w.Reviews.ToDisable(t.Context(), testworld.As(auth.Auditor), r.ID, 1, 10)
			return err
		},
		func() error {
			_, err := w.Reviews.Wanting(t.Context(), testworld.As(auth.Auditor), r.ID, company.ID, "u")
			return err
		},
		func() error {
			_, err := w.Reviews.LeftToDisable(t.Context(), testworld.As(auth.Auditor), company.ID)
			return err
		},
	} {
		if _, forbidden := errors.AsType[*portal.Forbidden](use()); !forbidden {
			t.Errorf("disabling after a review as auditor = %v, want it forbidden", use())
		}
	}
}

func TestWhatBecameOfThoseToBeDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	r, _ := w.prepare(w.startReview(company))
	rows := w.decideAll(r, review.DisableAccess)
	r, err := w.Reviews.Review(t.Context(), testworld.As(auth.Auditor), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err = w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: r.Version})
	if err != nil || len(r.Seal) != sha256.Size*2 {
		t.Fatalf("FinishReview = %+v, %v", r, err)
	}

	// One is disabled after the review, and the answer to it is lost.
	whom := rows[slices.IndexFunc(rows, func(row review.Row) bool { return row.Status == sapi.StatusActive })].UserID
	if wanting, err := w.Reviews.Wanting(t.Context(), testworld.As(auth.Viewer), r.ID, company.ID, whom); err != nil || wanting.ID != r.ID {
		t.Fatalf("Wanting = review %d, %v, want %d", wanting.ID, err, r.ID)
	}
	w.Clock.Forward(time.Minute)
	w.Inject("updateUser", sandbox.Rule{Kind: sandbox.KindCloseAfter})
	made, err := w.Changes.SetStatus(t.Context(), testworld.As(auth.Viewer), change.StatusRequest{
		CompanyID: company.ID, UserID: whom, Seen: sapi.StatusActive, Reason: "The review", Token: portal.NewToken(),
	})
	if err != nil || made.State != change.Done || !made.Reconciled {
		t.Fatalf("SetStatus = %+v, %v, want it settled by reading", made, err)
	}

	page, err := w.Reviews.ToDisable(t.Context(), testworld.As(auth.Viewer), r.ID, 1, 0)
	if err != nil || len(page.Rows) != len(rows) {
		t.Fatalf("ToDisable = %d people, %v, want %d", len(page.Rows), err, len(rows))
	}
	for _, row := range page.Rows {
		switch {
		case row.UserID == whom && (row.Now != sapi.StatusDisabled || row.DisabledBy != "A viewer" || row.Change != made.ID):
			t.Errorf("of %s it says %v, by %q, change %s; want disabled by the viewer", whom, row.Now, row.DisabledBy, row.Change)
		case row.UserID != whom && row.DisabledBy != "":
			t.Errorf("of %s it says disabled by %q, want nobody", row.UserID, row.DisabledBy)
		}
	}
	if left, err := w.Reviews.LeftToDisable(t.Context(), testworld.As(auth.Viewer), company.ID); err != nil || left.ReviewID != r.ID || left.People != len(rows)-1 {
		t.Errorf("LeftToDisable = %+v, %v, want all but one of %d", left, err, len(rows))
	}
	if _, err := w.Reviews.LeftToDisable(t.Context(), testworld.As(auth.Viewer), "another company"); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("LeftToDisable of a company without a review = %v, want ErrNotFound", err)
	}
	if _, err := w.Reviews.Wanting(t.Context(), testworld.As(auth.Viewer), r.ID, "another company", whom); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("Wanting of another company = %v, want ErrNotFound", err)
	}
}

// decided are the members of the events that record decisions, oldest first.
func (w *world) decided() (members [][]ledger.User) {
	w.T.Helper()
	events, err := w.DB.Events(w.T.Context(), ledger.Filter{Action: ledger.DecideReview}, ledger.Page{Limit: 100})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, e := range slices.Backward(events) {
		if string(e.After) != `{"review":1}` || e.Company.Name == "" || e.Actor.RequestID == "" {
			w.T.Errorf("recorded %+v, want the review, the company and who", e)
		}
		members = append(members, e.Users)
	}
	return members
}

func TestEveryDecisionIsAnEventOfItsPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.Ready()))
	rows := w.decideAll(r, review.KeepAccess)
	if _, err := w.Reviews.Decide(t.Context(), testworld.As(auth.Admin), r.ID, []review.Deciding{
		{UserID: rows[0].UserID, Seen: review.KeepAccess, Decision: review.DisableAccess},
		{UserID: rows[1].UserID, Seen: review.KeepAccess, Decision: review.KeepAccess},
	}); err != nil {
		t.Fatalf("Decide: %v", err)
	}
	for range 2 { // what is decided already, or by another unseen, is no event
		stale := []review.Deciding{{UserID: rows[0].UserID, Seen: review.KeepAccess, Decision: review.AskAbout}}
		if left, err := w.Reviews.Decide(t.Context(), testworld.As(auth.Auditor), r.ID, stale); err != nil || len(left) != 1 {
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
	want.Result, want.Note = "disable", "keep"
	if members[1][0] != want {
		t.Errorf("recorded then %+v, want %+v", members[1][0], want)
	}
}

func TestWhoIsLeftWhenAReviewIsFinishedIsAskedAboutOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.Ready()))
	r, err := w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: r.Version, AskRest: true})
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
	company := w.Ready()
	r, _ := w.prepare(w.startReview(company))
	w.decideAll(r, review.DisableAccess)
	cancel := func(a auth.Actor, reason string) (review.Review, error) {
		return w.Reviews.Cancel(t.Context(), a, review.CancelRequest{ID: r.ID, Reason: reason})
	}
	if _, err := cancel(testworld.As(auth.Admin), " "); err == nil {
		t.Error("CancelReview without a reason succeeded")
	} else if invalid, ok := errors.AsType[*portal.Invalid](err); !ok || invalid.Fields[0].Field != "reason" || invalid.Fields[0].Code != portal.Missing {
		t.Errorf("CancelReview without a reason = %v, want Invalid", err)
	}

	for range 2 { // a second click changes nothing
		r, err := cancel(testworld.As(auth.Admin), " The wrong company ")
		if err != nil || r.State() != review.Cancelled || r.CancelReason != "The wrong company" || r.CancelledBy.Name != "A admin" || r.CancelledAt.IsZero() {
			t.Fatalf("CancelReview = %+v, %v, want it cancelled by whom, when and why", r, err)
		}
	}
	events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.CancelReview}, ledger.Page{Limit: 10})
	if err != nil || len(events) != 1 || events[0].Reason != "The wrong company" || !strings.Contains(string(events[0].After), `"review":1`) || events[0].Company.ID != company.ID {
		t.Errorf("ledger = %+v, %v, want one with the reason", events, err)
	}

	if _, err := cancel(testworld.As(auth.Auditor), "me too"); !errors.Is(err, review.ErrNotOpen) {
		t.Errorf("CancelReview by another = %v, want ErrReviewFinished", err)
	}
	if _, err := w.Reviews.Decide(t.Context(), testworld.As(auth.Auditor), r.ID, []review.Deciding{{UserID: "u", Decision: review.KeepAccess}}); !errors.Is(err, review.ErrNotOpen) {
		t.Errorf("Decide = %v, want ErrReviewFinished", err)
	}
	if _, err := w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: r.Version, AskRest: true}); !errors.Is(err, review.ErrNotOpen) {
		t.Errorf("FinishReview = %v, want ErrReviewFinished", err)
	}
	if _, err := w.Reviews.ToDisable(t.Context(), testworld.As(auth.Viewer), r.ID, 1, 10); !errors.Is(err, portal.ErrNotFound) {
		t.Errorf("ToDisable = %v, want ErrNotFound", err)
	}
	if kept, err := w.Reviews.Review(t.Context(), testworld.As(auth.Auditor), r.ID); err != nil || kept.Overdue(w.Clock.Now().AddDate(1, 0, 0)) {
		t.Errorf("Review = %+v, %v, want one that is never overdue", kept, err)
	}
	if next, _ := w.prepare(w.startReview(company)); next.ID != 2 || next.State() != review.Open {
		t.Errorf("the next review = %+v, want it open", next)
	}
}

func TestAFinishedReviewCantBeCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.Ready()))
	if _, err := w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: r.Version, AskRest: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Reviews.Cancel(t.Context(), testworld.As(auth.Auditor), review.CancelRequest{ID: r.ID, Reason: "late"}); !errors.Is(err, review.ErrNotOpen) {
		t.Errorf("CancelReview = %v, want ErrReviewFinished", err)
	}
}

// companyGone is what Symphony says of a company that it doesn't have, or not yet.
const companyGone = `{"title":"Not Found","status":404,"detail":"Company is not found, or is not in 'completed' state.","detailErrorCode":"40102"}`

func TestAReviewOfACompanyThatIsGoneCanBeCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.startReview(w.Ready())
	w.Inject("getUsers", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusNotFound, Body: companyGone, Times: 1000})
	r, again := w.prepare(r)
	if r.State() != review.Preparing || again < time.Minute || r.Waits.Code != review.WaitsForCompany {
		t.Errorf("PrepareReview = %+v, again in %v, want it to say what stands in the way, and to ask seldom", r, again)
	}

	if _, err := w.Reviews.Cancel(t.Context(), testworld.As(auth.Auditor), review.CancelRequest{ID: r.ID, Reason: "The company is gone"}); err != nil {
		t.Fatalf("CancelReview: %v", err)
	}
	asked := w.Calls("getUsers")
	if r, again = w.prepare(r); again != 0 || r.State() != review.Cancelled || r.Waits != (review.Waiting{}) || w.Calls("getUsers") != asked {
		t.Errorf("PrepareReview = %+v, again in %v, want it to be over", r, again)
	}
	w.Waker.Jobs = nil
	if err := w.Reviews.Sweep(t.Context()); err != nil || len(w.Waker.Jobs) != 0 {
		t.Errorf("jobs = %v, %v, want none: the review is cancelled", w.Waker.Jobs, err)
	}
	if page, err := w.Reviews.People(t.Context(), testworld.As(auth.Auditor), r.ID, review.ShowAll, 1, 10); err != nil || len(page.Rows) != 0 {
		t.Errorf("ReviewPeople = %v, %v, want nobody", page.Rows, err)
	}
}

func TestAReviewCantBeFinishedUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.prepare(w.startReview(w.Ready()))
	w.decideAll(r, review.KeepAccess)
	finish := func(version int64) error {
		_, err := w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: version})
		return err
	}
	if err := finish(r.Version); !errors.Is(err, review.ErrChanged) {
		t.Errorf("FinishReview of what was seen before = %v, want ErrReviewChanged", err)
	}
	if err := finish(r.Version + 1); err != nil {
		t.Errorf("FinishReview = %v", err)
	}
	if err := finish(r.Version); err != nil {
		t.Errorf("FinishReview again = %v, want nothing to happen", err)
	}
	events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.FinishReview}, ledger.Page{Limit: 10})
	if err != nil || len(events) != 1 {
		t.Errorf("ledger = %d ends, %v, want one", len(events), err)
	}
}

// fullQueue takes no job.
type fullQueue struct{}

var errFull = errors.New("the queue is full")

func (fullQueue) Schedule(context.Context, portal.Tx, ...portal.Job) error { return errFull }

func TestAReviewIsStartedTogetherWithItsJobOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	stuck := review.New(review.Options{
		Store: w.DB, People: w.DB, Directory: w.Directory, Activity: w.Activity, Changes: w.Changes, Scheduler: fullQueue{}, Now: w.Clock.Now,
	})

	_, err := stuck.Start(t.Context(), testworld.As(auth.Auditor), review.StartRequest{
		CompanyID: company.ID, Due: w.Clock.Now().AddDate(0, 0, 7).Format(time.DateOnly), Confirms: "Bo Chen", Token: portal.NewToken(),
	})

	if !errors.Is(err, errFull) {
		t.Errorf("Start = %v, want %v", err, errFull)
	}
	if ids, err := w.DB.PreparingReviews(t.Context(), 0, 10); err != nil || len(ids) != 0 {
		t.Errorf("reviews being prepared = %v, %v, want none", ids, err)
	}
	if events, err := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.StartReview}, ledger.Page{}); err != nil || len(events) != 0 {
		t.Errorf("events = %v, %v, want none", events, err)
	}
}

// A form that no page of the person's session showed starts nothing, and takes no number.
func TestAFormThatMayOnlyBeSentAgainStartsNoReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company, token := w.Ready(), portal.NewToken()
	start := func(role auth.Role, again bool) (review.Review, error) {
		return w.Reviews.Start(t.Context(), testworld.As(role), review.StartRequest{
			CompanyID: company.ID, Due: w.Clock.Now().AddDate(0, 0, 7).Format(time.DateOnly), Confirms: "Bo Chen", Token: token, Again: again,
		})
	}
	wantOutOfDate := func(what string, err error) {
		t.Helper()
		if invalid, refused := errors.AsType[*portal.Invalid](err); !refused || invalid.Fields[0].Code != portal.OutOfDate {
			t.Errorf("%s: %v, want that the form is out of date", what, err)
		}
	}

	_, err := start(auth.Auditor, true)
	wantOutOfDate("the first time", err)
	if ids, err := w.DB.PreparingReviews(t.Context(), 0, 10); err != nil || len(ids) != 0 {
		t.Errorf("reviews being prepared = %v, %v, want none", ids, err)
	}
	for _, again := range []bool{false, true} {
		if r, err := start(auth.Auditor, again); err != nil || r.ID != 1 {
			t.Errorf("Start = %d, %v, want review 1", r.ID, err)
		}
	}
	_, err = start(auth.Admin, false)
	wantOutOfDate("sent again by somebody else", err)
}
