package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
)

var (
	aida = auth.Person{Issuer: "https://idp.example", Subject: "aida-1", Name: "Aida", Email: "aida@partner.example", Roles: auth.Roles{auth.Auditor}}
	ada  = auth.Person{Issuer: "https://idp.example", Subject: "ada-1", Name: "Ada", Email: "ada@partner.example", Roles: auth.Roles{auth.Admin}}
)

func newReview(token string, at time.Time) review.Review {
	return review.Review{
		Token: token, Company: ledger.Company{ID: "k1", Name: "Acme"}, Due: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
		Confirms: "Bo Chen", StartedBy: aida, StartedAt: at,
	}
}

func started(r review.Review) ledger.Event {
	return ledger.Event{Action: ledger.StartReview, Outcome: ledger.Succeeded, Company: r.Company, Note: fmt.Sprint("Access review ", r.ID)}
}

func sealed(r review.Review, people, rest []review.Person) (string, []ledger.Event) {
	return fmt.Sprintf("seal of %d", len(people)), []ledger.Event{
		toldOf(rest), {Action: ledger.FinishReview, Outcome: ledger.Succeeded, Company: r.Company},
	}
}

// toldOf is the event of what was decided about people.
func toldOf(people []review.Person) ledger.Event {
	e := ledger.Event{Action: ledger.DecideReview, Outcome: ledger.Succeeded, Company: ledger.Company{ID: "k1"}}
	for _, p := range people {
		e.Users = append(e.Users, ledger.User{ID: p.UserID, Email: p.Email, Name: p.Name, Result: string(p.Last().Decision)})
	}
	return e
}

func cancelled(r review.Review) ledger.Event {
	return ledger.Event{Action: ledger.CancelReview, Outcome: ledger.Succeeded, Company: r.Company, Reason: r.CancelReason, Note: fmt.Sprint(r.Counts.Decided(), " decided")}
}

// told are the people of the events of an action, as 'user result', oldest first.
func (b bench) told(t *testing.T, action ledger.Action) (told [][]string) {
	t.Helper()
	events, err := b.Events(t.Context(), ledger.Filter{CompanyID: "k1", Action: action}, ledger.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(events) {
		var users []string
		for _, u := range e.Users {
			users = append(users, u.ID+" "+u.Result)
		}
		told = append(told, users)
	}
	return told
}

// openReview has Ann and Bob to decide about; Cid was disabled already.
func (b bench) openReview(t *testing.T) review.Review {
	t.Helper()
	at := b.clock.Now()
	r, err := b.StartReview(t.Context(), newReview("token-1", at), started)
	if err != nil {
		t.Fatalf("StartReview: %v", err)
	}
	people := []review.Person{
		{N: 1, UserID: "ann", SymphonyUserID: 1<<53 + 1, Email: "ann@acme.example", Name: "Ann", Title: "T", Department: "D", CreatedAt: at, Checked: true, Status: sapi.StatusActive, StatusAt: at},
		{N: 2, UserID: "bob", Name: "Bob"},
		{N: 3, UserID: "cid", Name: "Cid"},
	}
	if err := b.ListReviewPeople(t.Context(), r.ID, people, at); err != nil {
		t.Fatalf("ListReviewPeople: %v", err)
	}
	left, err := b.UncheckedReviewPeople(t.Context(), r.ID, 10)
	if err != nil || len(left) != 2 || left[0].UserID != "bob" {
		t.Fatalf("UncheckedReviewPeople = %v, %v, want Bob and Cid", left, err)
	}
	left[1].Status, left[1].StatusAt = sapi.StatusDisabled, at
	if err := b.CheckReviewPeople(t.Context(), r.ID, left); err != nil {
		t.Fatalf("CheckReviewPeople: %v", err)
	}
	if err := b.OpenReview(t.Context(), r.ID, at); err != nil {
		t.Fatalf("OpenReview: %v", err)
	}
	return r
}

func (b bench) decide(t *testing.T, by auth.Person, user string, seen, decision review.Decision) (left []string) {
	t.Helper()
	left, err := b.Decide(t.Context(), 1, []review.Deciding{{UserID: user, Decision: decision, Seen: seen}}, by, b.clock.add(time.Minute), toldOf)
	if err != nil {
		t.Fatalf("Decide: %v", err)
	}
	return left
}

func TestAReviewIsKeptFromItsStartToItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		r := b.openReview(t)
		b.decide(t, aida, "ann", review.Undecided, review.KeepAccess)
		decidedAt := b.clock.Now()

		want := newReview("token-1", at)
		want.ID, want.Version, want.ListedAt, want.OpenedAt = 1, 2, at, at
		want.Counts = review.Counts{Listed: 3, Checked: 3, LeftOut: 1, Keep: 1}
		got, err := b.Review(t.Context(), r.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Review, %v (-want +got):\n%s", err, diff)
		}

		got.FinishedBy, got.FinishedAt = ada, b.clock.add(time.Hour)
		finished, err := b.FinishReview(t.Context(), got, sealed)
		if err != nil {
			t.Fatalf("FinishReview: %v", err)
		}
		want.Version, want.FinishedBy, want.FinishedAt, want.Seal, want.Counts.Ask = 3, ada, got.FinishedAt, "seal of 2", 1
		kept, err := b.Review(t.Context(), r.ID)
		if diff := cmp.Diff(want, kept); err != nil || diff != "" {
			t.Errorf("the finished review, %v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff(kept, finished); diff != "" {
			t.Errorf("FinishReview (-kept +returned):\n%s", diff)
		}

		people, err := b.ReviewPeople(t.Context(), r.ID, review.ShowAll, 0, 0)
		wantPeople := []review.Person{
			{
				N: 1, UserID: "ann", SymphonyUserID: 1<<53 + 1, Email: "ann@acme.example", Name: "Ann", Title: "T", Department: "D", CreatedAt: at,
				Checked: true, Status: sapi.StatusActive, StatusAt: at, Decisions: []review.Decided{{Decision: review.KeepAccess, By: aida, At: decidedAt}},
			},
			{N: 2, UserID: "bob", Name: "Bob", Checked: true, Decisions: []review.Decided{{Decision: review.AskAbout, By: ada, At: got.FinishedAt}}},
		}
		if diff := cmp.Diff(wantPeople, people); err != nil || diff != "" {
			t.Errorf("ReviewPeople, %v (-want +got):\n%s", err, diff)
		}
		events, err := b.Events(t.Context(), ledger.Filter{CompanyID: "k1"}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 4 || events[0].Action != ledger.FinishReview || events[3].Note != "Access review 1" {
			t.Errorf("Events = %+v, %v, want the start, the decisions and the end", events, err)
		}
		if diff := cmp.Diff([][]string{{"ann keep"}, {"bob ask"}}, b.told(t, ledger.DecideReview)); diff != "" {
			t.Errorf("decisions in the ledger (-want +got):\n%s", diff)
		}
	})
}

func TestAReviewIsStartedOnceByOneForm(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var sent sync.WaitGroup
		for range 4 {
			sent.Go(func() {
				r, err := b.StartReview(t.Context(), newReview("token-1", b.clock.Now()), started)
				if r.ID != 1 || err != nil && !errors.Is(err, portal.ErrTokenUsed) {
					t.Errorf("StartReview = review %d, %v, want 1", r.ID, err)
				}
			})
		}
		sent.Wait()
		second, err := b.StartReview(t.Context(), newReview("token-2", b.clock.Now()), started)
		if err != nil || second.ID != 2 {
			t.Errorf("StartReview = review %d, %v, want 2", second.ID, err)
		}
		reviews, err := b.Reviews(t.Context(), "k1")
		if err != nil || len(reviews) != 2 || reviews[0].ID != 2 {
			t.Errorf("Reviews = %+v, %v, want the newest of two first", reviews, err)
		}
		if other, err := b.Reviews(t.Context(), "k2"); err != nil || len(other) != 0 {
			t.Errorf("Reviews(k2) = %+v, %v, want none", other, err)
		}
		if all, err := b.Reviews(t.Context(), ""); err != nil || len(all) != 2 {
			t.Errorf("Reviews() = %d, %v, want all", len(all), err)
		}
		if preparing, err := b.PreparingReviews(t.Context()); err != nil || !cmp.Equal(preparing, []int64{1, 2}) {
			t.Errorf("PreparingReviews = %v, %v, want both", preparing, err)
		}
	})
}

func TestNobodysDecisionIsOverwrittenUnseen(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.openReview(t)
		b.decide(t, aida, "ann", review.Undecided, review.KeepAccess)
		if left := b.decide(t, ada, "ann", review.Undecided, review.DisableAccess); !cmp.Equal(left, []string{"ann"}) {
			t.Errorf("Decide over another's = left %v, want Ann", left)
		}
		if left := b.decide(t, ada, "ann", review.KeepAccess, review.DisableAccess); left != nil {
			t.Errorf("Decide over what was seen = left %v, want nobody", left)
		}
		if left := b.decide(t, ada, "ann", review.Undecided, review.AskAbout); left != nil {
			t.Errorf("Decide over one's own = left %v, want nobody", left)
		}
		b.decide(t, aida, "ann", review.AskAbout, review.AskAbout) // the same again is no decision
		people, err := b.ReviewPeople(t.Context(), 1, review.ShowAsk, 0, 0)
		if err != nil || len(people) != 1 {
			t.Fatalf("ReviewPeople = %v, %v, want Ann", people, err)
		}
		var words []string
		for _, d := range people[0].Decisions {
			words = append(words, d.By.Name+" "+string(d.Decision))
		}
		if diff := cmp.Diff([]string{"Aida keep", "Ada disable", "Ada ask"}, words); diff != "" {
			t.Errorf("decisions (-want +got):\n%s", diff)
		}
	})
}

func TestDecisionsAreAboutThePeopleOfAnOpenReview(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keep := func(user string) error {
			_, err := b.Decide(t.Context(), 1, []review.Deciding{{UserID: user, Decision: review.KeepAccess}}, aida, b.clock.Now(), toldOf)
			return err
		}
		if err := keep("ann"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Decide without a review = %v, want ErrNotStored", err)
		}
		if _, err := b.StartReview(t.Context(), newReview("token-0", b.clock.Now()), started); err != nil {
			t.Fatal(err)
		}
		if err := keep("ann"); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Decide in a review being prepared = %v, want ErrReviewFinished", err)
		}
		if err := b.ListReviewPeople(t.Context(), 1, []review.Person{{N: 1, UserID: "cid", Status: sapi.StatusDisabled, Checked: true}}, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
		if err := b.OpenReview(t.Context(), 1, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
		for _, stranger := range []string{"cid", "nobody"} {
			if err := keep(stranger); !errors.Is(err, portal.ErrNotStored) {
				t.Errorf("Decide about %s = %v, want ErrNotStored", stranger, err)
			}
		}
	})
}

func TestAFinishedReviewStaysAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := b.openReview(t)
		r, err := b.Review(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		stale := r
		b.decide(t, aida, "ann", review.Undecided, review.KeepAccess)
		stale.FinishedBy, stale.FinishedAt = ada, b.clock.Now()
		if _, err := b.FinishReview(t.Context(), stale, sealed); !errors.Is(err, review.ErrChanged) {
			t.Errorf("FinishReview of an old version = %v, want ErrReviewChanged", err)
		}
		stale.Version++
		if _, err := b.FinishReview(t.Context(), stale, sealed); err != nil {
			t.Fatalf("FinishReview: %v", err)
		}

		if _, err := b.FinishReview(t.Context(), stale, sealed); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("FinishReview again = %v, want ErrReviewFinished", err)
		}
		if _, err := b.Decide(t.Context(), r.ID, []review.Deciding{{UserID: "ann", Decision: review.AskAbout}}, aida, b.clock.Now(), toldOf); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Decide = %v, want ErrReviewFinished", err)
		}
		for _, statement := range []string{
			`UPDATE review SET confirms = 'somebody else'`,
			`DELETE FROM review_person`,
			`DELETE FROM review`,
			`UPDATE review_person SET decision = 'keep'`,
			`INSERT INTO review_person SELECT review_id, 99, 'x', 0, '', '', '', '', 0, 1, 1, 0, '', '' FROM review_person WHERE n = 1`,
		} {
			if _, err := b.admin.ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s went through, want it refused", statement)
			}
		}
		stale.CancelledBy, stale.CancelledAt, stale.CancelReason = aida, b.clock.Now(), "too late"
		if _, err := b.CancelReview(t.Context(), stale, cancelled); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("CancelReview = %v, want ErrReviewFinished", err)
		}
	})
}

func TestACancelledReviewStaysAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := b.openReview(t)
		b.decide(t, aida, "ann", review.Undecided, review.DisableAccess)
		want, err := b.Review(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		want.CancelledBy, want.CancelledAt, want.CancelReason = ada, b.clock.add(time.Hour), "the wrong company"
		got, err := b.CancelReview(t.Context(), want, cancelled)
		want.Version++
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("CancelReview, %v (-want +got):\n%s", err, diff)
		}
		if kept, err := b.Review(t.Context(), r.ID); err != nil || kept.State() != review.Cancelled || !cmp.Equal(kept, got) {
			t.Errorf("Review = %+v, %v, want it cancelled as returned", kept, err)
		}
		events, err := b.Events(t.Context(), ledger.Filter{Action: ledger.CancelReview}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 1 || events[0].Reason != "the wrong company" || events[0].Note != "1 decided" {
			t.Errorf("Events = %+v, %v, want the one with the reason and the counts", events, err)
		}

		again := want
		again.CancelledBy, again.CancelReason = aida, "another reason"
		if _, err := b.CancelReview(t.Context(), again, cancelled); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("CancelReview again = %v, want ErrReviewFinished", err)
		}
		if _, err := b.FinishReview(t.Context(), got, sealed); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("FinishReview = %v, want ErrReviewFinished", err)
		}
		if _, err := b.Decide(t.Context(), r.ID, []review.Deciding{{UserID: "bob", Decision: review.KeepAccess}}, aida, b.clock.Now(), toldOf); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Decide = %v, want ErrReviewFinished", err)
		}
		for _, statement := range []string{
			`UPDATE review SET cancelled_at = 0, cancelled_by = '', cancel_reason = ''`,
			`UPDATE review SET finished_at = 1`,
			`UPDATE review_person SET decision = 'keep'`,
			`DELETE FROM review_person`,
			`DELETE FROM review`,
		} {
			if _, err := b.admin.ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s went through, want it refused", statement)
			}
		}
	})
}

// A job may be at it when the review is cancelled: it must end without a word.
func TestAReviewThatIsCancelledIsNotPreparedAnyMore(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		people := []review.Person{{N: 1, UserID: "ann", Checked: true}, {N: 2, UserID: "bob"}}
		for _, listed := range []bool{false, true} {
			r, err := b.StartReview(t.Context(), newReview(fmt.Sprint("listed ", listed), b.clock.Now()), started)
			if err != nil {
				t.Fatal(err)
			}
			if listed {
				if err := b.ListReviewPeople(t.Context(), r.ID, people, b.clock.Now()); err != nil {
					t.Fatal(err)
				}
			}
			r.CancelledBy, r.CancelledAt, r.CancelReason = ada, b.clock.Now(), "Symphony doesn’t have it"
			want, err := b.CancelReview(t.Context(), r, cancelled)
			if err != nil {
				t.Fatalf("CancelReview while it is prepared: %v", err)
			}
			for name, prepare := range map[string]func() error{
				"ListReviewPeople":  func() error { return b.ListReviewPeople(t.Context(), r.ID, people, b.clock.Now()) },
				"CheckReviewPeople": func() error { return b.CheckReviewPeople(t.Context(), r.ID, people[1:]) },
				"NoteReview":        func() error { return b.NoteReview(t.Context(), r.ID, "waiting") },
				"OpenReview":        func() error { return b.OpenReview(t.Context(), r.ID, b.clock.Now()) },
			} {
				if err := prepare(); err != nil {
					t.Errorf("%s of a cancelled review = %v, want nothing to happen", name, err)
				}
			}
			if got, err := b.Review(t.Context(), r.ID); err != nil || !cmp.Equal(got, want) {
				t.Errorf("Review, %v (-want +got):\n%s", err, cmp.Diff(want, got))
			}
			insert := fmt.Sprintf(`INSERT INTO review_person VALUES (%d, 3, 'x', 0, '', '', '', '', 0, 1, 1, 0, '', '')`, r.ID)
			if _, err := b.admin.ExecContext(t.Context(), insert); err == nil {
				t.Error("somebody was put into a cancelled review")
			}
		}
		if preparing, err := b.PreparingReviews(t.Context()); err != nil || len(preparing) != 0 {
			t.Errorf("PreparingReviews = %v, %v, want none", preparing, err)
		}
	})
}

func TestADecisionIsOnRecordOrIsNotTaken(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.openReview(t)
		both := []review.Deciding{{UserID: "ann", Decision: review.KeepAccess}, {UserID: "bob", Decision: review.DisableAccess}}
		for range 2 { // the second time decides nothing new
			if _, err := b.Decide(t.Context(), 1, both, aida, b.clock.Now(), toldOf); err != nil {
				t.Fatal(err)
			}
		}
		b.decide(t, ada, "ann", review.Undecided, review.AskAbout) // Aida's, unseen, stays
		mixed := []review.Deciding{{UserID: "ann", Decision: review.KeepAccess}, {UserID: "bob", Decision: review.AskAbout, Seen: review.DisableAccess}}
		if _, err := b.Decide(t.Context(), 1, mixed, ada, b.clock.Now(), toldOf); err != nil {
			t.Fatal(err)
		}
		want := [][]string{{"ann keep", "bob disable"}, {"bob ask"}}
		if diff := cmp.Diff(want, b.told(t, ledger.DecideReview)); diff != "" {
			t.Errorf("decisions in the ledger (-want +got):\n%s", diff)
		}
		if events, err := b.Events(t.Context(), ledger.Filter{CompanyID: "k1", UserID: "bob"}, ledger.Page{Limit: 10}); err != nil || len(events) != 2 {
			t.Errorf("history of Bob = %d events, %v, want both", len(events), err)
		}

		_, err := b.Decide(t.Context(), 1, []review.Deciding{{UserID: "bob", Decision: review.KeepAccess, Seen: review.AskAbout}}, ada, b.clock.Now(), func([]review.Person) ledger.Event {
			return ledger.Event{Action: ledger.DecideReview, After: []byte(`{"no json`)}
		})
		if !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Decide = %v, want ErrNotRecorded", err)
		}
		if bob, err := b.ReviewPerson(t.Context(), 1, "bob"); err != nil || bob.Last().Decision != review.AskAbout {
			t.Errorf("Bob is to %s, %v, want what was decided before", bob.Last().Decision, err)
		}
	})
}

func TestWhatIsLeftToDisableFollowsTheLastFinishedReview(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		left := func() review.LeftToDisable {
			t.Helper()
			left, err := b.LeftToDisable(t.Context(), "k1")
			if err != nil {
				t.Fatalf("LeftToDisable: %v", err)
			}
			return left
		}
		r := b.openReview(t)
		b.decide(t, aida, "ann", review.Undecided, review.DisableAccess)
		b.decide(t, aida, "bob", review.Undecided, review.DisableAccess)
		if _, err := b.LeftToDisable(t.Context(), "k1"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("LeftToDisable after an open review = %v, want ErrNotStored", err)
		}
		r, err := b.Review(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		r.FinishedBy, r.FinishedAt = aida, b.clock.add(time.Hour)
		if _, err := b.FinishReview(t.Context(), r, sealed); err != nil {
			t.Fatal(err)
		}
		want := review.LeftToDisable{ReviewID: 1, FinishedAt: r.FinishedAt, People: 2}
		if diff := cmp.Diff(want, left()); diff != "" {
			t.Errorf("LeftToDisable (-want +got):\n%s", diff)
		}
		for user, status := range map[string]sapi.Status{"ann": sapi.StatusDisabled, "bob": sapi.StatusActive} {
			reading := directory.UserReading{User: sapi.User{ID: user, Status: status}, ReadAt: b.clock.Now()}
			if err := b.SaveUsers(t.Context(), "k1", []directory.UserReading{reading}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := left(); got.People != 1 {
			t.Errorf("LeftToDisable = %d people after Ann was disabled, want 1", got.People)
		}
		next, err := b.StartReview(t.Context(), newReview("token-2", b.clock.Now()), started)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.OpenReview(t.Context(), next.ID, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
		next.FinishedBy, next.FinishedAt = aida, b.clock.add(time.Hour)
		if _, err := b.FinishReview(t.Context(), next, sealed); err != nil {
			t.Fatal(err)
		}
		if got := left(); got.ReviewID != 2 || got.People != 0 {
			t.Errorf("LeftToDisable = %+v, want nobody, as the last review says", got)
		}
	})
}

func TestTheEndOfAReviewIsOnRecordOrIsNot(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r, err := b.Review(t.Context(), b.openReview(t).ID)
		if err != nil {
			t.Fatal(err)
		}
		r.FinishedBy, r.FinishedAt = ada, b.clock.Now()
		_, err = b.FinishReview(t.Context(), r, func(review.Review, []review.Person, []review.Person) (string, []ledger.Event) {
			return "seal", []ledger.Event{{Action: ledger.FinishReview, After: []byte(`{"no json`)}}
		})
		if !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("FinishReview = %v, want ErrNotRecorded", err)
		}
		if got, err := b.Review(t.Context(), r.ID); err != nil || got.State() != review.Open || got.Counts.Ask != 0 {
			t.Errorf("Review = %s with %d to ask about, %v, want it open as before", got.State(), got.Counts.Ask, err)
		}
	})
}

func TestPeopleOfAReviewComeInPages(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if _, err := b.StartReview(t.Context(), newReview("token-1", b.clock.Now()), started); err != nil {
			t.Fatal(err)
		}
		const many = 12_004
		people := make([]review.Person, many)
		for i := range people {
			people[i] = review.Person{N: i + 1, UserID: fmt.Sprintf("u%05d", i+1), Checked: true, Status: sapi.StatusActive}
		}
		for range 2 { // the second time changes nothing
			if err := b.ListReviewPeople(t.Context(), 1, people, b.clock.Now()); err != nil {
				t.Fatalf("ListReviewPeople: %v", err)
			}
		}
		if err := b.OpenReview(t.Context(), 1, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
		b.decide(t, aida, "u12000", review.Undecided, review.KeepAccess)
		last, err := b.ReviewPeople(t.Context(), 1, review.ShowUndecided, 12_000, 100)
		if err != nil || len(last) != 3 || last[0].UserID != "u12002" {
			t.Errorf("ReviewPeople = %d people, %v, want the last three from u12002", len(last), err)
		}
		if r, err := b.Review(t.Context(), 1); err != nil || r.Counts.People() != many || r.Counts.Undecided() != many-1 {
			t.Errorf("Review = %+v, %v, want one of %d decided", r.Counts, err, many)
		}
	})
}
