package review_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/store"
)

// watched is the store, with a look at its transactions: they are begun one after the
// other here.
type watched struct {
	*store.DB
	rows, most int          // of people that this transaction wrote, and that any did
	before     func()       // done once, before the next transaction
	refuse     func() error // of those who are added
}

func (s *watched) Begin(ctx context.Context) (portal.Tx, error) {
	if before := s.before; before != nil {
		s.before = nil
		before()
	}
	s.rows = 0
	return s.DB.Begin(ctx)
}

func (s *watched) wrote(rows int) {
	s.rows += rows
	s.most = max(s.most, s.rows)
}

func (s *watched) SaveUsers(ctx context.Context, tx portal.Tx, companyID string, users []directory.UserReading) error {
	s.wrote(len(users))
	return s.DB.SaveUsers(ctx, tx, companyID, users)
}

func (s *watched) AddReviewPeople(ctx context.Context, tx portal.Tx, id int64, people []review.Person) error {
	if s.refuse != nil {
		if err := s.refuse(); err != nil {
			return err
		}
	}
	s.wrote(len(people))
	return s.DB.AddReviewPeople(ctx, tx, id, people)
}

func (s *watched) DropReviewPeople(ctx context.Context, tx portal.Tx, id int64, limit int) (int, error) {
	dropped, err := s.DB.DropReviewPeople(ctx, tx, id, limit)
	s.wrote(dropped)
	return dropped, err
}

func (s *watched) CheckReviewPeople(ctx context.Context, tx portal.Tx, id int64, people []review.Person) error {
	s.wrote(len(people))
	return s.DB.CheckReviewPeople(ctx, tx, id, people)
}

func (s *watched) SaveDecisions(ctx context.Context, tx portal.Tx, id int64, people []review.Person) error {
	s.wrote(len(people))
	return s.DB.SaveDecisions(ctx, tx, id, people)
}

// watch has the use cases use a store that is watched.
func (w *world) watch() *watched {
	s := &watched{DB: w.DB}
	logger := slog.New(slog.DiscardHandler)
	w.Directory = directory.New(directory.Options{
		Symphony: w.Client, Store: s, People: s, Statuses: s, Activity: w.Activity, Scheduler: w.Waker, Now: w.Clock.Now, Logger: logger,
	})
	w.Reviews = review.New(review.Options{
		Store: s, People: s, Directory: w.Directory, Activity: w.Activity, Changes: w.Changes, Scheduler: w.Waker, Now: w.Clock.Now,
	})
	return s
}

// crowded is a company with more people than one transaction stores.
func (w *world) crowded() sapi.Company {
	w.T.Helper()
	company := w.Ready()
	for n := 0; n < 520; n += portal.MaxPeople {
		people := make([]sapi.NewUser, portal.MaxPeople)
		for i := range people {
			people[i] = sapi.NewUser{Email: fmt.Sprintf("one.of.many.%d@%s", n+i, company.EmailDomains[0]), FirstName: "One", LastName: fmt.Sprintf("Of Many %d", n+i)}
		}
		if _, err := w.Client.Users.Create(w.T.Context(), company.ID, people); err != nil {
			w.T.Fatal(err)
		}
	}
	return company
}

// On SQLite there is one writer: whoever holds it for thousands of people keeps
// everybody else from doing anything.
func TestNoTransactionOfAReviewWritesMoreThanAFewHundredPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.watch()

	r, again := w.prepare(w.startReview(w.crowded()))
	if again != 0 || r.State() != review.Open || r.Counts.Listed < 520 {
		t.Fatalf("Prepare = %+v, again in %v, want it open", r, again)
	}
	r, err := w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: r.Version, AskRest: true})
	if err != nil || r.Counts.Ask != r.Counts.People() {
		t.Fatalf("Finish = %+v, %v, want everybody asked about", r, err)
	}

	if s.most != 500 {
		t.Errorf("a transaction wrote %d people, want 500 at most", s.most)
	}
	asked := 0
	for _, people := range w.decided() {
		asked += len(people)
	}
	if asked != r.Counts.People() {
		t.Errorf("the ledger has %d people to be asked about, want %d", asked, r.Counts.People())
	}
	kept, err := w.Reviews.Review(t.Context(), testworld.As(auth.Auditor), r.ID)
	if err != nil || kept.Counts != r.Counts || kept.Version != r.Version {
		t.Errorf("Review = %+v, %v, want what Finish returned: %+v", kept, err, r)
	}
	people, err := w.DB.ReviewPeople(t.Context(), r.ID, review.ShowAll, 0, 0)
	hash := sha256.New()
	if err := errors.Join(err, review.WriteFile(hash, ledger.ReviewFileV2, kept, each(people))); err != nil {
		t.Fatal(err)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != r.Seal {
		t.Errorf("the file has the hash %s, the seal is %s", sum, r.Seal)
	}
}

func TestAListThatWasStoppedHalfWayIsMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, stopped, tries := w.watch(), errors.New("the process stopped"), 0
	s.refuse = func() error {
		if tries++; tries == 2 {
			return stopped
		}
		return nil
	}
	company := w.crowded()
	r := w.startReview(company)
	if _, err := w.Reviews.Prepare(t.Context(), r.ID); !errors.Is(err, stopped) {
		t.Fatalf("Prepare = %v, want it stopped after 500 people", err)
	}
	if r, err := w.Reviews.Review(t.Context(), testworld.As(auth.Auditor), r.ID); err != nil || r.Counts.Listed != 0 {
		t.Errorf("half a list counts %d people, %v, want none", r.Counts.Listed, err)
	}

	r, _ = w.prepare(r)

	page, err := w.Client.Users.List(t.Context(), company.ID, sapi.PageOptions{Size: 1})
	if err != nil || r.State() != review.Open || int64(r.Counts.Listed) != page.Total {
		t.Errorf("the review is %s with %d people, %v, want it open with %d", r.State(), r.Counts.Listed, err, page.Total)
	}
}

// Everybody is read before the transaction that finishes a review, so that nobody has
// to wait; what is decided in between must not be sealed over.
func TestADecisionThatIsTakenWhileAReviewIsSealedKeepsItOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.watch()
	r, _ := w.prepare(w.startReview(w.Ready()))
	rows := w.decideAll(r, review.KeepAccess)
	r, err := w.Reviews.Review(t.Context(), testworld.As(auth.Auditor), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.before = func() {
		late := []review.Deciding{{UserID: rows[0].UserID, Seen: review.KeepAccess, Decision: review.DisableAccess}}
		if left, err := w.Reviews.Decide(t.Context(), testworld.As(auth.Admin), r.ID, late); err != nil || len(left) != 0 {
			t.Errorf("Decide meanwhile = left %v, %v", left, err)
		}
	}

	_, err = w.Reviews.Finish(t.Context(), testworld.As(auth.Auditor), review.FinishRequest{ID: r.ID, Version: r.Version})

	if !errors.Is(err, review.ErrChanged) {
		t.Errorf("Finish = %v, want ErrChanged", err)
	}
	events, eventsErr := w.DB.Events(t.Context(), ledger.Filter{Action: ledger.FinishReview}, ledger.Page{Limit: 1})
	if r, err = w.Reviews.Review(t.Context(), testworld.As(auth.Auditor), r.ID); err != nil || eventsErr != nil || r.State() != review.Open || r.Counts.Disable != 1 || len(events) != 0 {
		t.Errorf("the review is %s with %d to disable, %v, want it open with the late decision", r.State(), r.Counts.Disable, errors.Join(err, eventsErr))
	}
}

// Two processes may be at one review: the earlier one must not go on with its list.
func TestOnlyTheLastToListAReviewGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.crowded()
	r := w.startReview(company)
	other := w.Reviews
	s, tries := w.watch(), 0
	s.refuse = func() error {
		if tries++; tries == 1 {
			// The other process begins and ends between two transactions of this one.
			s.before = func() {
				if again, err := other.Prepare(t.Context(), r.ID); err != nil || again == 0 {
					t.Errorf("Prepare by the other = again in %v, %v", again, err)
				}
			}
		}
		return nil
	}

	again, err := w.Reviews.Prepare(t.Context(), r.ID)

	if err != nil || again < time.Second {
		t.Errorf("Prepare by the earlier = again in %v, %v, want it to wait", again, err)
	}
	page, err := w.Client.Users.List(t.Context(), company.ID, sapi.PageOptions{Size: 1})
	if r, _ = w.prepare(r); err != nil || int64(r.Counts.Listed) != page.Total {
		t.Errorf("the review has %d people, %v, want %d", r.Counts.Listed, err, page.Total)
	}
}
