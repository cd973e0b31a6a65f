package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/store"
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

// startReview starts a review, with its event.
func (b bench) startReview(t testing.TB, r review.Review) review.Review {
	t.Helper()
	err := b.inTx(t.Context(), func(tx portal.Tx) (err error) {
		if r, err = b.StartReview(t.Context(), tx, r); err != nil {
			return err
		}
		return b.Append(t.Context(), tx, started(r))
	})
	if err != nil {
		t.Fatalf("StartReview: %v", err)
	}
	return r
}

// save changes a review, with the events of it.
func (b bench) save(t testing.TB, id int64, change func(*review.Review), events ...ledger.Event) (r review.Review) {
	t.Helper()
	err := b.inTx(t.Context(), func(tx portal.Tx) (err error) {
		if r, err = b.LockReview(t.Context(), tx, id); err != nil {
			return err
		}
		change(&r)
		if r, err = b.SaveReview(t.Context(), tx, r); err != nil {
			return err
		}
		return b.Append(t.Context(), tx, events...)
	})
	if err != nil {
		t.Fatalf("SaveReview: %v", err)
	}
	return r
}

// list lists the people of a review.
func (b bench) list(t testing.TB, id int64, people ...review.Person) {
	t.Helper()
	if err := b.inTx(t.Context(), func(tx portal.Tx) error { return b.AddReviewPeople(t.Context(), tx, id, people) }); err != nil {
		t.Fatalf("AddReviewPeople: %v", err)
	}
	b.save(t, id, func(r *review.Review) { r.ListedAt = b.clock.Now() })
}

// reviews are the use cases over the database. Symphony is never asked.
func (b bench) reviews(t testing.TB) *review.Reviews {
	t.Helper()
	symphony, err := sapi.New(sapi.Options{
		BaseURL: "http://127.0.0.1:1", TokenURL: "http://127.0.0.1:1/token", LoginURL: "http://127.0.0.1:1", ClientID: "c", ClientSecret: "s", PartnerID: "p",
	})
	if err != nil {
		t.Fatal(err)
	}
	logger, recorded := slog.New(slog.DiscardHandler), activity.New(b)
	read := directory.New(directory.Options{Symphony: symphony, Store: b, People: b, Statuses: b, Activity: recorded, Scheduler: nothingLater{}, Now: b.clock.Now, Logger: logger})
	changes := change.New(change.Options{Symphony: symphony, Store: b, Directory: read, Now: b.clock.Now, Logger: logger})
	return review.New(review.Options{Store: b, People: b, Directory: read, Activity: recorded, Changes: changes, Scheduler: nothingLater{}, Now: b.clock.Now})
}

// nothingLater does no jobs.
type nothingLater struct{}

func (nothingLater) Schedule(context.Context, portal.Tx, ...portal.Job) error { return nil }

// refuseEvents has the database refuse every event from now on.
func (b bench) refuseEvents(t testing.TB) {
	t.Helper()
	if b.Dialect() == store.PostgreSQL {
		b.exec(t, `ALTER TABLE ledger_event ADD CONSTRAINT refused CHECK (seq < 0) NOT VALID`)
		return
	}
	b.exec(t, `CREATE TRIGGER refused BEFORE INSERT ON ledger_event BEGIN SELECT RAISE(ABORT, 'refused'); END`)
}

func actorOf(p auth.Person) auth.Actor {
	return auth.Actor{Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email, Roles: p.Roles}
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
	r := b.startReview(t, newReview("token-1", at))
	b.list(t, r.ID,
		review.Person{N: 1, UserID: "ann", SymphonyUserID: 1<<53 + 1, Email: "ann@acme.example", Name: "Ann", Title: "T", Department: "D", CreatedAt: at, Checked: true, Status: sapi.StatusActive, StatusAt: at},
		review.Person{N: 2, UserID: "bob", Name: "Bob"},
		review.Person{N: 3, UserID: "cid", Name: "Cid"},
	)
	left, err := b.UncheckedReviewPeople(t.Context(), r.ID, 10)
	if err != nil || len(left) != 2 || left[0].UserID != "bob" {
		t.Fatalf("UncheckedReviewPeople = %v, %v, want Bob and Cid", left, err)
	}
	left[1].Status, left[1].StatusAt = sapi.StatusDisabled, at
	if err := b.inTx(t.Context(), func(tx portal.Tx) error { return b.CheckReviewPeople(t.Context(), tx, r.ID, left) }); err != nil {
		t.Fatalf("CheckReviewPeople: %v", err)
	}
	return b.save(t, r.ID, func(r *review.Review) { r.OpenedAt = at })
}

func (b bench) decide(t *testing.T, by auth.Person, user string, seen, decision review.Decision) (left []string) {
	t.Helper()
	b.clock.add(time.Minute)
	left, err := b.reviews(t).Decide(t.Context(), actorOf(by), 1, []review.Deciding{{UserID: user, Decision: decision, Seen: seen}})
	if err != nil {
		t.Fatalf("Decide: %v", err)
	}
	return left
}

// finish finishes a review as it is now, and has those who are left asked about.
func (b bench) finish(t *testing.T, by auth.Person, id, version int64) (review.Review, error) {
	t.Helper()
	return b.reviews(t).Finish(t.Context(), actorOf(by), review.FinishRequest{ID: id, Version: version, AskRest: true})
}

func TestAReviewIsKeptFromItsStartToItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := b.clock.Now()
		r := b.openReview(t)
		b.decide(t, aida, "ann", review.Undecided, review.KeepAccess)
		decidedAt := b.clock.Now()

		want := newReview("token-1", at)
		want.ID, want.Version, want.ListedAt, want.OpenedAt = 1, 4, at, at // started, listed, opened, decided
		want.Counts = review.Counts{Listed: 3, Checked: 3, LeftOut: 1, Keep: 1}
		got, err := b.Review(t.Context(), r.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Review, %v (-want +got):\n%s", err, diff)
		}

		finishedAt := b.clock.add(time.Hour)
		finished, err := b.finish(t, ada, r.ID, got.Version)
		if err != nil || len(finished.Seal) != sha256.Size*2 {
			t.Fatalf("Finish = %+v, %v", finished, err)
		}
		want.Version, want.FinishedBy, want.FinishedAt, want.Seal, want.Counts.Ask = 5, ada, finishedAt, finished.Seal, 1
		kept, err := b.Review(t.Context(), r.ID)
		if diff := cmp.Diff(want, kept); err != nil || diff != "" {
			t.Errorf("the finished review, %v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff(kept, finished); diff != "" {
			t.Errorf("Finish (-kept +returned):\n%s", diff)
		}

		people, err := b.ReviewPeople(t.Context(), r.ID, review.ShowAll, 0, 0)
		wantPeople := []review.Person{
			{
				N: 1, UserID: "ann", SymphonyUserID: 1<<53 + 1, Email: "ann@acme.example", Name: "Ann", Title: "T", Department: "D", CreatedAt: at,
				Checked: true, Status: sapi.StatusActive, StatusAt: at, Decisions: []review.Decided{{Decision: review.KeepAccess, By: aida, At: decidedAt}},
			},
			{N: 2, UserID: "bob", Name: "Bob", Checked: true, Decisions: []review.Decided{{Decision: review.AskAbout, By: ada, At: finishedAt}}},
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

func TestWhyAReviewWaitsIsKeptAsACode(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := b.startReview(t, newReview("t", b.clock.Now()))
		want := review.Waiting{Code: review.WaitsForCompany, At: b.clock.Now().Truncate(time.Second)}
		b.save(t, r.ID, func(r *review.Review) { r.Waits = want })
		if got, err := b.Review(t.Context(), r.ID); err != nil || got.Waits != want {
			t.Errorf("waits = %+v, %v, want %+v", got.Waits, err, want)
		}
		b.exec(t, `UPDATE review SET note = 'Symphony could not be read at 09:30:05 UTC; Foyer keeps trying.'`) // before there were codes
		if got, err := b.Review(t.Context(), r.ID); err != nil || got.Waits != (review.Waiting{}) {
			t.Errorf("waits = %+v, %v, want that nothing is said", got.Waits, err)
		}
	})
}

func TestAReviewIsStartedOnceByOneForm(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var sent sync.WaitGroup
		for range 4 {
			sent.Go(func() {
				r := newReview("token-1", b.clock.Now())
				err := b.inTx(t.Context(), func(tx portal.Tx) (err error) {
					if r, err = b.StartReview(t.Context(), tx, r); err != nil {
						return err
					}
					return b.Append(t.Context(), tx, started(r))
				})
				if r.ID != 1 || err != nil && !errors.Is(err, portal.ErrTokenUsed) {
					t.Errorf("StartReview = review %d, %v, want 1", r.ID, err)
				}
			})
		}
		sent.Wait()
		if second := b.startReview(t, newReview("token-2", b.clock.Now())); second.ID != 2 {
			t.Errorf("StartReview = review %d, want 2", second.ID)
		}
		reviews, total, err := b.Reviews(t.Context(), "k1", 0, 10)
		if err != nil || total != 2 || len(reviews) != 2 || reviews[0].ID != 2 {
			t.Errorf("Reviews = %+v, %v, want the newest of two first", reviews, err)
		}
		if other, total, err := b.Reviews(t.Context(), "k2", 0, 10); err != nil || total != 0 || len(other) != 0 {
			t.Errorf("Reviews(k2) = %+v, %v, want none", other, err)
		}
		if all, total, err := b.Reviews(t.Context(), "", 0, 10); err != nil || total != 2 || len(all) != 2 {
			t.Errorf("Reviews() = %d of %d, %v, want all", len(all), total, err)
		}
		if older, total, err := b.Reviews(t.Context(), "", 1, 1); err != nil || total != 2 || len(older) != 1 || older[0].ID != 1 {
			t.Errorf("the second page of one = %+v of %d, %v, want the older one", older, total, err)
		}
		if preparing, err := b.PreparingReviews(t.Context(), 0, 10); err != nil || !cmp.Equal(preparing, []int64{1, 2}) {
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
			_, err := b.reviews(t).Decide(t.Context(), actorOf(aida), 1, []review.Deciding{{UserID: user, Decision: review.KeepAccess}})
			return err
		}
		if err := keep("ann"); !errors.Is(err, portal.ErrNotFound) {
			t.Errorf("Decide without a review = %v, want ErrNotFound", err)
		}
		b.startReview(t, newReview("token-0", b.clock.Now()))
		if err := keep("ann"); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Decide in a review being prepared = %v, want ErrNotOpen", err)
		}
		b.list(t, 1, review.Person{N: 1, UserID: "cid", Status: sapi.StatusDisabled, Checked: true})
		b.save(t, 1, func(r *review.Review) { r.OpenedAt = b.clock.Now() })
		for _, stranger := range []string{"cid", "nobody"} {
			if err := keep(stranger); !errors.Is(err, portal.ErrNotFound) {
				t.Errorf("Decide about %s = %v, want ErrNotFound", stranger, err)
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
		b.decide(t, aida, "ann", review.Undecided, review.KeepAccess)
		if _, err := b.finish(t, ada, r.ID, r.Version); !errors.Is(err, review.ErrChanged) {
			t.Errorf("Finish of an old version = %v, want ErrChanged", err)
		}
		finished, err := b.finish(t, ada, r.ID, r.Version+1)
		if err != nil {
			t.Fatalf("Finish: %v", err)
		}

		b.clock.add(time.Hour)
		if again, err := b.finish(t, aida, r.ID, finished.Version); err != nil || !cmp.Equal(again, finished) {
			t.Errorf("Finish again = %+v, %v, want what it was", again, err)
		}
		if _, err := b.reviews(t).Decide(t.Context(), actorOf(aida), r.ID, []review.Deciding{{UserID: "ann", Decision: review.AskAbout}}); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Decide = %v, want ErrNotOpen", err)
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
		if _, err := b.reviews(t).Cancel(t.Context(), actorOf(aida), review.CancelRequest{ID: r.ID, Reason: "too late"}); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Cancel = %v, want ErrNotOpen", err)
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
		got, err := b.reviews(t).Cancel(t.Context(), actorOf(ada), review.CancelRequest{ID: r.ID, Reason: "the wrong company"})
		want.Version++
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("Cancel, %v (-want +got):\n%s", err, diff)
		}
		if kept, err := b.Review(t.Context(), r.ID); err != nil || kept.State() != review.Cancelled || !cmp.Equal(kept, got) {
			t.Errorf("Review = %+v, %v, want it cancelled as returned", kept, err)
		}
		events, err := b.Events(t.Context(), ledger.Filter{Action: ledger.CancelReview}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 1 || events[0].Reason != "the wrong company" || !strings.Contains(string(events[0].After), `"disable":1`) {
			t.Errorf("Events = %+v, %v, want the one with the reason and the counts", events, err)
		}

		if _, err := b.reviews(t).Cancel(t.Context(), actorOf(aida), review.CancelRequest{ID: r.ID, Reason: "another reason"}); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Cancel again = %v, want ErrNotOpen", err)
		}
		if _, err := b.finish(t, aida, r.ID, got.Version); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Finish = %v, want ErrNotOpen", err)
		}
		if _, err := b.reviews(t).Decide(t.Context(), actorOf(aida), r.ID, []review.Deciding{{UserID: "bob", Decision: review.KeepAccess}}); !errors.Is(err, review.ErrNotOpen) {
			t.Errorf("Decide = %v, want ErrNotOpen", err)
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
			r := b.startReview(t, newReview(fmt.Sprint("listed ", listed), b.clock.Now()))
			if listed {
				b.list(t, r.ID, people...)
			} else if err := b.inTx(t.Context(), func(tx portal.Tx) error { return b.AddReviewPeople(t.Context(), tx, r.ID, people) }); err != nil {
				t.Fatal(err)
			}
			want, err := b.reviews(t).Cancel(t.Context(), actorOf(ada), review.CancelRequest{ID: r.ID, Reason: "Symphony doesn’t have it"})
			if err != nil {
				t.Fatalf("Cancel while it is prepared: %v", err)
			}
			if again, err := b.reviews(t).Prepare(t.Context(), r.ID); again != 0 || err != nil {
				t.Errorf("Prepare of a cancelled review = again in %v, %v, want nothing to happen", again, err)
			}
			if got, err := b.Review(t.Context(), r.ID); err != nil || !cmp.Equal(got, want) || listed != (got.Counts.Listed == 2) {
				t.Errorf("Review, %v (-want +got):\n%s", err, cmp.Diff(want, got))
			}
			for _, statement := range []string{
				`INSERT INTO review_person VALUES (%d, 3, 'x', 0, '', '', '', '', 0, 1, 1, 0, '', '')`,
				`UPDATE review_person SET checked = 1 WHERE review_id = %d`,
				`UPDATE review SET note = 'waiting' WHERE id = %d`,
				`DELETE FROM review_person WHERE review_id = %d`,
			} {
				if _, err := b.admin.ExecContext(t.Context(), fmt.Sprintf(statement, r.ID)); err == nil {
					t.Errorf("%s of a cancelled review went through, want it refused", statement)
				}
			}
		}
		if preparing, err := b.PreparingReviews(t.Context(), 0, 10); err != nil || len(preparing) != 0 {
			t.Errorf("PreparingReviews = %v, %v, want none", preparing, err)
		}
	})
}

// A listing that was stopped is begun anew; one that is complete stays.
func TestTheListOfAReviewCanBeDroppedUntilItIsComplete(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := b.startReview(t, newReview("token-1", b.clock.Now()))
		people := []review.Person{{N: 1, UserID: "ann"}, {N: 2, UserID: "bob"}, {N: 3, UserID: "cid"}}
		drop := func(limit int) (dropped int, err error) {
			err = b.inTx(t.Context(), func(tx portal.Tx) error {
				dropped, err = b.DropReviewPeople(t.Context(), tx, r.ID, limit)
				return err
			})
			return dropped, err
		}
		if err := b.inTx(t.Context(), func(tx portal.Tx) error { return b.AddReviewPeople(t.Context(), tx, r.ID, people) }); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Review(t.Context(), r.ID); err != nil || got.Counts != (review.Counts{}) {
			t.Errorf("Review = %+v, %v, want nobody counted in half a list", got.Counts, err)
		}
		for _, want := range []int{2, 1, 0} {
			if dropped, err := drop(2); err != nil || dropped != want {
				t.Errorf("DropReviewPeople = %d, %v, want %d", dropped, err, want)
			}
		}
		b.list(t, r.ID, people...)
		if _, err := drop(2); err == nil {
			t.Error("people were dropped from a list that is complete")
		}
		if got, err := b.Review(t.Context(), r.ID); err != nil || got.Counts.Listed != 3 {
			t.Errorf("Review = %+v, %v, want all three", got.Counts, err)
		}
	})
}

func TestADecisionIsOnRecordOrIsNotTaken(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.openReview(t)
		both := []review.Deciding{{UserID: "ann", Decision: review.KeepAccess}, {UserID: "bob", Decision: review.DisableAccess}}
		for range 2 { // the second time decides nothing new
			if _, err := b.reviews(t).Decide(t.Context(), actorOf(aida), 1, both); err != nil {
				t.Fatal(err)
			}
		}
		b.decide(t, ada, "ann", review.Undecided, review.AskAbout) // Aida's, unseen, stays
		mixed := []review.Deciding{{UserID: "ann", Decision: review.KeepAccess}, {UserID: "bob", Decision: review.AskAbout, Seen: review.DisableAccess}}
		if _, err := b.reviews(t).Decide(t.Context(), actorOf(ada), 1, mixed); err != nil {
			t.Fatal(err)
		}
		want := [][]string{{"ann keep", "bob disable"}, {"bob ask"}}
		if diff := cmp.Diff(want, b.told(t, ledger.DecideReview)); diff != "" {
			t.Errorf("decisions in the ledger (-want +got):\n%s", diff)
		}
		if events, err := b.Events(t.Context(), ledger.Filter{CompanyID: "k1", UserID: "bob"}, ledger.Page{Limit: 10}); err != nil || len(events) != 2 {
			t.Errorf("history of Bob = %d events, %v, want both", len(events), err)
		}

		b.refuseEvents(t)
		if _, err := b.reviews(t).Decide(t.Context(), actorOf(ada), 1, []review.Deciding{{UserID: "bob", Decision: review.KeepAccess, Seen: review.AskAbout}}); !errors.Is(err, ledger.ErrNotRecorded) {
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
		b.clock.add(time.Hour)
		if r, err = b.finish(t, aida, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		want := review.LeftToDisable{ReviewID: 1, FinishedAt: r.FinishedAt, People: 2}
		if diff := cmp.Diff(want, left()); diff != "" {
			t.Errorf("LeftToDisable (-want +got):\n%s", diff)
		}
		for user, status := range map[string]sapi.Status{"ann": sapi.StatusDisabled, "bob": sapi.StatusActive} {
			reading := directory.UserReading{User: sapi.User{ID: user, Status: status}, ReadAt: b.clock.Now()}
			if err := b.saveUsers(t.Context(), "k1", []directory.UserReading{reading}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := left(); got.People != 1 {
			t.Errorf("LeftToDisable = %d people after Ann was disabled, want 1", got.People)
		}
		next := b.startReview(t, newReview("token-2", b.clock.Now()))
		next = b.save(t, next.ID, func(r *review.Review) { r.OpenedAt = b.clock.Now() })
		b.clock.add(time.Hour)
		if _, err := b.finish(t, aida, next.ID, next.Version); err != nil {
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
		b.refuseEvents(t)
		if _, err := b.finish(t, ada, r.ID, r.Version); !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Finish = %v, want ErrNotRecorded", err)
		}
		if got, err := b.Review(t.Context(), r.ID); err != nil || got.State() != review.Open || got.Counts.Ask != 0 {
			t.Errorf("Review = %s with %d to ask about, %v, want it open as before", got.State(), got.Counts.Ask, err)
		}
	})
}

// The file of a review is hashed before the transaction that finishes it.
func TestAReviewIsNotFinishedOverWhatWasErasedMeanwhile(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := b.openReview(t)
		if _, err := b.Redact(t.Context(), ledger.Event{Actor: auth.System("operator", "")}, store.Order{Person: "ann@acme.example"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.finish(t, aida, r.ID, r.Version); !errors.Is(err, review.ErrChanged) {
			t.Errorf("Finish of what was seen before somebody was erased = %v, want ErrChanged", err)
		}
	})
}

func TestPeopleOfAReviewComeInPages(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.startReview(t, newReview("token-1", b.clock.Now()))
		const many = 12_004
		people := make([]review.Person, many)
		for i := range people {
			people[i] = review.Person{N: i + 1, UserID: fmt.Sprintf("u%05d", i+1), Checked: true, Status: sapi.StatusActive}
		}
		b.list(t, 1, people...)
		b.save(t, 1, func(r *review.Review) { r.OpenedAt = b.clock.Now() })
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
