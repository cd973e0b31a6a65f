package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"foyer/sapi"
)

const (
	// reviewFresh is how old a status may be when a review starts, so that it need
	// not be read again.
	reviewFresh = time.Hour
	// reviewPatience is for how long a status that can't be read is asked for again
	// before the person is listed as unknown.
	reviewPatience = time.Hour
	// reviewRetry is after how long a preparation that got nowhere is gone on with.
	reviewRetry = 30 * time.Second
	// reviewCompanyGone is the same where Symphony doesn't know the company any
	// more, or has it as not ready.
	reviewCompanyGone = 10 * time.Minute
	// reviewGoesOn is after how long a preparation that got somewhere is gone on
	// with: at once, by a job of its own, so that a stop of Foyer waits for one
	// batch and not for thousands of people.
	reviewGoesOn = time.Millisecond
)

// PrepareReview does the next part of preparing a review: it reads whom the review
// is about, then the statuses of some of them, and opens it when all are read.
// again is when to go on, zero once it is open. What was read is kept, so that it
// can be stopped at any time. Jobs call it.
func (p *Portal) PrepareReview(ctx context.Context, id int64) (again time.Duration, err error) {
	r, err := p.store.Review(ctx, id)
	if errors.Is(err, ErrNotStored) || err == nil && r.State() != ReviewPreparing {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	if r.ListedAt.IsZero() {
		if err := p.listReviewPeople(ctx, r); err != nil {
			return p.reviewWaits(ctx, r, err)
		}
		return reviewGoesOn, nil
	}
	people, err := p.store.UncheckedReviewPeople(ctx, id, MaxPageSize)
	if err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	if len(people) == 0 {
		if err := p.store.OpenReview(ctx, id, p.now()); err != nil {
			return 0, fmt.Errorf("prepare review: %w", err)
		}
		return 0, nil
	}
	if err := p.checkReviewPeople(ctx, r, people); err != nil {
		return p.reviewWaits(ctx, r, err)
	}
	return reviewGoesOn, nil
}

// listReviewPeople reads everybody in the company. Who was seen within the hour
// is checked already.
func (p *Portal) listReviewPeople(ctx context.Context, r Review) error {
	now := p.now()
	users, err := p.allUsers(ctx, r.Company.ID)
	if err != nil {
		return err
	}
	if err := p.keepUsers(ctx, "", r.Company.ID, users, now); err != nil {
		return err
	}
	records, err := p.withKnownStatus(ctx, r.Company.ID, users, now)
	if err != nil {
		return err
	}
	people := make([]ReviewPerson, len(records))
	for i, u := range records {
		people[i] = ReviewPerson{
			UserID: u.ID, SymphonyUserID: u.SymphonyUserID, Email: u.Email, Name: personName(u.User),
			Title: u.Title, Department: u.Department, CreatedAt: u.CreatedAt,
		}
		if u.Status != sapi.StatusUnknown && r.StartedAt.Sub(u.StatusAt) < reviewFresh {
			people[i].Checked, people[i].Status, people[i].StatusAt = true, u.Status, u.StatusAt
		}
	}
	words := collate.New(language.Und, collate.IgnoreCase)
	slices.SortStableFunc(people, func(a, b ReviewPerson) int { return words.CompareString(a.Name, b.Name) })
	for i := range people {
		people[i].N = i + 1
	}
	return p.store.ListReviewPeople(ctx, r.ID, people, p.now())
}

func personName(u sapi.User) string {
	for _, name := range []string{u.DisplayName, strings.TrimSpace(u.FirstName + " " + u.LastName), u.Email} {
		if name != "" {
			return name
		}
	}
	return u.ID
}

// checkReviewPeople reads the statuses of some of a review's people and stores
// those that could be read. It fails when none could.
func (p *Portal) checkReviewPeople(ctx context.Context, r Review, people []ReviewPerson) error {
	ids := make([]string, len(people))
	for i, person := range people {
		ids[i] = person.UserID
	}
	answers, err := p.readStatuses(ctx, "", r.Company.ID, ids)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var checked []ReviewPerson
	patient := p.now().Sub(r.StartedAt) < reviewPatience
	for i, answer := range answers {
		person := people[i]
		switch {
		case answer.Err == nil:
			person.Status, person.StatusAt = answer.Status, answer.StatusAt
		case errors.Is(notFound(answer.Err), ErrNotFound) || !patient:
			// Listed, and can't be read: nobody can tell whether they have access.
		default:
			err = errors.Join(err, answer.Err)
			continue
		}
		person.Checked = true
		checked = append(checked, person)
	}
	if len(checked) == 0 {
		return err
	}
	return p.store.CheckReviewPeople(ctx, r.ID, checked)
}

// reviewWaits notes why a preparation can't go on just now. What isn't
// Symphony's fault is the job's error.
func (p *Portal) reviewWaits(ctx context.Context, r Review, err error) (time.Duration, error) {
	if problemOf(err) == nil || ctx.Err() != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	at, wait := p.now().UTC().Format(time.TimeOnly)+" UTC", reviewRetry
	note := "Symphony could not be read at " + at + "; Foyer keeps trying."
	if gone := notFound(err); errors.Is(gone, ErrCompanyUnavailable) || errors.Is(gone, ErrNotFound) {
		note = "At " + at + " Symphony said that it doesn’t know this company, or that it is not ready. Foyer goes on asking. If it stays like this, cancel the review."
		wait = reviewCompanyGone
	}
	if err := p.store.NoteReview(ctx, r.ID, note); err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	asked, _ := sapi.IsRateLimited(err)
	return max(asked, wait), nil
}

// prepareLater has a review prepared in the background.
func (p *Portal) prepareLater(ctx context.Context, id int64) {
	if p.waker == nil {
		return
	}
	if err := p.waker.PrepareReview(ctx, id, p.now()); err != nil {
		p.log.WarnContext(ctx, "review not planned, a sweep will find it", "review", id, "error", err)
	}
}

// sweepReviews finds reviews whose job was lost.
func (p *Portal) sweepReviews(ctx context.Context) error {
	ids, err := p.store.PreparingReviews(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p.prepareLater(ctx, id)
	}
	return nil
}
