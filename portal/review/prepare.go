package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

const (
	// statusFresh is how old a status may be when a review starts, so that it need
	// not be read again.
	statusFresh = time.Hour
	// statusWithin is for how long a status that can't be read is asked for again
	// before the person is listed as unknown.
	statusWithin = time.Hour
	// retryAfter is after how long a preparation that got nowhere is gone on with.
	retryAfter = 30 * time.Second
	// companyGone is the same where Symphony doesn't know the company any
	// more, or has it as not ready.
	companyGone = 10 * time.Minute
	// goesOn is after how long a preparation that got somewhere is gone on
	// with: at once, by a job of its own, so that a stop of Foyer waits for one
	// batch and not for thousands of people.
	goesOn = time.Millisecond
)

// Prepare does the next part of preparing a review: it reads whom the review
// is about, then the statuses of some of them, and opens it when all are read.
// again is when to go on, zero once it is open. What was read is kept, so that it
// can be stopped at any time. Jobs call it.
func (p *Reviews) Prepare(ctx context.Context, id int64) (again time.Duration, err error) {
	ctx = sapi.WithPriority(ctx, sapi.Background)
	r, err := p.store.Review(ctx, id)
	if errors.Is(err, portal.ErrNotStored) || err == nil && r.State() != Preparing {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	if r.ListedAt.IsZero() {
		err := p.listPeople(ctx, r)
		if errors.Is(err, ErrChanged) {
			return retryAfter, nil // it was cancelled, or another process is at it
		} else if err != nil {
			return p.waits(ctx, r, err)
		}
		return goesOn, nil
	}
	people, err := p.people.UncheckedReviewPeople(ctx, id, portal.MaxPageSize)
	if err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	if len(people) == 0 {
		if err := p.open(ctx, id); err != nil {
			return 0, fmt.Errorf("prepare review: %w", err)
		}
		return 0, nil
	}
	if err := p.checkPeople(ctx, r, people); err != nil {
		return p.waits(ctx, r, err)
	}
	return goesOn, nil
}

// listPeople reads everybody in the company. Who was seen within the hour
// is checked already.
func (p *Reviews) listPeople(ctx context.Context, r Review) error {
	now := p.now()
	users, err := p.directory.AllUsers(ctx, r.Company.ID)
	if err != nil {
		return err
	}
	if err := p.directory.KeepUsers(ctx, "", r.Company.ID, directory.FromList, users, now); err != nil {
		return err
	}
	records, err := p.directory.WithKnownStatus(ctx, r.Company.ID, users, now)
	if err != nil {
		return err
	}
	people := make([]Person, len(records))
	for i, u := range records {
		people[i] = Person{
			UserID: u.ID, SymphonyUserID: u.SymphonyUserID, Email: u.Email, Name: portal.UserName(u.User),
			Title: u.Title, Department: u.Department, CreatedAt: u.CreatedAt,
		}
		if u.Status != sapi.StatusUnknown && r.StartedAt.Sub(u.StatusAt) < statusFresh {
			people[i].Checked, people[i].Status, people[i].StatusAt = true, u.Status, u.StatusAt
		}
	}
	words := collate.New(language.Und, collate.IgnoreCase)
	slices.SortStableFunc(people, func(a, b Person) int { return words.CompareString(a.Name, b.Name) })
	for i := range people {
		people[i].N = i + 1
	}
	return p.storeList(ctx, r.ID, people)
}

// checkPeople reads the statuses of some of a review's people and stores
// those that could be read. It fails when none could.
func (p *Reviews) checkPeople(ctx context.Context, r Review, people []Person) error {
	ids := make([]string, len(people))
	for i, person := range people {
		ids[i] = person.UserID
	}
	answers, err := p.directory.ReadStatuses(ctx, "", r.Company.ID, ids)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var checked []Person
	again := p.now().Sub(r.StartedAt) < statusWithin
	for i, answer := range answers {
		person := people[i]
		switch {
		case answer.Err == nil:
			person.Status, person.StatusAt = answer.Status, answer.StatusAt
		case errors.Is(portal.NotFound(answer.Err), portal.ErrNotFound) || !again:
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
	return p.storeChecked(ctx, r.ID, checked)
}

func (p *Reviews) storeChecked(ctx context.Context, id int64, checked []Person) error {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.store.LockReview(ctx, tx, id)
	if err != nil || r.State() != Preparing {
		return err
	}
	if err := p.people.CheckReviewPeople(ctx, tx, id, checked); err != nil {
		return err
	}
	if r.Waits != (Waiting{}) {
		r.Waits = Waiting{}
		if _, err := p.store.SaveReview(ctx, tx, r); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// open ends the preparation.
func (p *Reviews) open(ctx context.Context, id int64) error {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.store.LockReview(ctx, tx, id)
	if err != nil || r.State() != Preparing {
		return err
	}
	r.Waits, r.OpenedAt = Waiting{}, p.now()
	if _, err := p.store.SaveReview(ctx, tx, r); err != nil {
		return err
	}
	return tx.Commit()
}

// note keeps why a review can't be prepared just now.
func (p *Reviews) note(ctx context.Context, id int64, why Waiting) error {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.store.LockReview(ctx, tx, id)
	if err != nil || r.State() != Preparing {
		return err
	}
	r.Waits = why
	if _, err := p.store.SaveReview(ctx, tx, r); err != nil {
		return err
	}
	return tx.Commit()
}

// waits notes why a preparation can't go on just now. What isn't
// Symphony's fault is the job's error.
func (p *Reviews) waits(ctx context.Context, r Review, err error) (time.Duration, error) {
	if portal.ProblemOf(err) == nil || ctx.Err() != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	why, wait := Waiting{Code: WaitsForSymphony, At: p.now()}, retryAfter
	if gone := portal.NotFound(err); errors.Is(gone, portal.ErrCompanyUnavailable) || errors.Is(gone, portal.ErrNotFound) {
		why.Code, wait = WaitsForCompany, companyGone
	}
	if err := p.note(ctx, r.ID, why); err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	asked, _ := sapi.IsRateLimited(err)
	return max(asked, wait), nil
}

// JobKind is of the jobs that prepare reviews: they call Reviews.Do with their ID.
const JobKind = "prepare review"

// job prepares a review.
func job(id int64, at time.Time) portal.Job {
	return portal.Job{Kind: JobKind, ID: strconv.FormatInt(id, 10), At: at}
}

// Do does the next part of what a job of JobKind is for; again is when to go on.
func (p *Reviews) Do(ctx context.Context, jobID string) (again time.Duration, err error) {
	id, err := strconv.ParseInt(jobID, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("prepare review: %w", err)
	}
	return p.Prepare(ctx, id)
}

// sweptAtOnce is how many of the reviews being prepared are looked for at a time.
const sweptAtOnce = 100

// Sweep finds reviews whose job was lost, and has them prepared. Jobs call it.
func (p *Reviews) Sweep(ctx context.Context) error {
	for after := int64(0); ; {
		ids, err := p.store.PreparingReviews(ctx, after, sweptAtOnce)
		if err != nil {
			return fmt.Errorf("sweep reviews: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		jobs := make([]portal.Job, len(ids))
		for i, id := range ids {
			jobs[i] = job(id, p.now())
		}
		if err := p.scheduler.Schedule(ctx, nil, jobs...); err != nil {
			return fmt.Errorf("sweep reviews: %w", err)
		}
		after = ids[len(ids)-1]
	}
}
