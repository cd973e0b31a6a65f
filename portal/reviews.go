package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sapi"
)

// MaxConfirms is the most characters that whoever confirms a review may be named
// with.
const MaxConfirms = 200

// StartReviewRequest asks for an access review of a company.
type StartReviewRequest struct {
	CompanyID string
	Due       string // a day such as 2026-12-31, today at the earliest
	Confirms  string
	Token     string
}

// StartReview starts an access review of a company: its people are read in the
// background, and the review is open once they are. Invalid names the fields due
// and confirms. A form sent twice gives the review that it started the first
// time.
func (p *Portal) StartReview(ctx context.Context, a auth.Actor, request StartReviewRequest) (Review, error) {
	if err := p.require(ctx, a, auth.Review, ledger.Company{ID: request.CompanyID}); err != nil {
		return Review{}, err
	}
	r, problems := p.newReview(request)
	if len(problems) > 0 {
		return Review{}, &Invalid{problems}
	}
	company, stale, err := p.readCompany(ctx, request.CompanyID)
	switch {
	case err != nil || stale != nil:
		return Review{}, fmt.Errorf("start review: %w", errors.Join(err, stale))
	case !company.State.Ready():
		return Review{}, fmt.Errorf("start review: %w", ErrCompanyUnavailable)
	}

	r.Company = ledger.Company{ID: company.ID, Name: company.Name}
	r.StartedBy, r.StartedAt = personOf(a), p.now()
	r, err = p.store.StartReview(ctx, r, func(r Review) ledger.Event {
		return ledger.Event{
			Action: ledger.StartReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company, Note: reviewName(r),
			After: values("review", r.ID, "due", r.Due.Format(time.DateOnly), "confirms", r.Confirms),
		}
	})
	if errors.Is(err, ErrTokenUsed) {
		return r, nil
	} else if err != nil {
		return Review{}, fmt.Errorf("start review: %w: %w", ErrLedger, err)
	}
	p.prepareLater(ctx, r.ID)
	return r, nil
}

// newReview checks what was asked for.
func (p *Portal) newReview(request StartReviewRequest) (Review, []FieldError) {
	var problems []FieldError
	r := Review{Token: request.Token, Confirms: strings.TrimSpace(request.Confirms)}
	if !validToken(request.Token) {
		problems = append(problems, FieldError{"", "This form is out of date. Check what it says and send it again."})
	}
	var err error
	r.Due, err = time.Parse(time.DateOnly, strings.TrimSpace(request.Due))
	today := p.now().UTC().Truncate(24 * time.Hour)
	switch {
	case err != nil:
		problems = append(problems, FieldError{"due", "Enter the day by which the review is to be done, such as " + today.AddDate(0, 0, 14).Format(time.DateOnly) + "."})
	case r.Due.Before(today):
		problems = append(problems, FieldError{"due", "That day is over. Enter today or a later day."})
	case r.Due.After(today.AddDate(2, 0, 0)):
		problems = append(problems, FieldError{"due", "That is more than two years away. Enter an earlier day."})
	}
	switch n := utf8.RuneCountInString(r.Confirms); {
	case n == 0:
		problems = append(problems, FieldError{"confirms", "Enter who confirms the list: a name or an e-mail address."})
	case n > MaxConfirms:
		problems = append(problems, FieldError{"confirms", fmt.Sprintf("This must have %d characters at most; it has %d.", MaxConfirms, n)})
	default:
		if message := checkPrintable("This", r.Confirms); message != "" {
			problems = append(problems, FieldError{"confirms", message})
		}
	}
	return r, problems
}

// personOf is who an actor is, without where they act from.
func personOf(a auth.Actor) auth.Person {
	return auth.Person{Issuer: a.Issuer, Subject: a.Subject, Name: a.Name, Email: a.Email, Roles: a.Roles}
}

// reviewName is how people and the ledger call a review.
func reviewName(r Review) string { return fmt.Sprintf("Access review %d", r.ID) }

// Reviews lists the access reviews of one company, or of all where companyID is
// empty, newest first.
func (p *Portal) Reviews(ctx context.Context, a auth.Actor, companyID string) ([]Review, error) {
	if err := p.require(ctx, a, auth.Review, ledger.Company{ID: companyID}); err != nil {
		return nil, err
	}
	reviews, err := p.store.Reviews(ctx, companyID)
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", err)
	}
	return reviews, nil
}

// Review returns one access review, or ErrNotFound.
func (p *Portal) Review(ctx context.Context, a auth.Actor, id int64) (Review, error) {
	if err := p.require(ctx, a, auth.Review, ledger.Company{}); err != nil {
		return Review{}, err
	}
	return p.review(ctx, id)
}

func (p *Portal) review(ctx context.Context, id int64) (Review, error) {
	r, err := p.store.Review(ctx, id)
	if errors.Is(err, ErrNotStored) {
		err = ErrNotFound
	}
	if err != nil {
		return Review{}, fmt.Errorf("read review: %w", err)
	}
	return r, nil
}

// ReviewPage is a part of the people of a review.
type ReviewPage struct {
	Review
	Show ReviewFilter
	Rows []ReviewRow
	Page int // from 1; the last one where a later one was asked for
	Size int
}

// ReviewRow is one person of a review and, for those to be disabled in a
// finished one, what became of it.
type ReviewRow struct {
	ReviewPerson
	Now        sapi.Status // as last read
	NowAt      time.Time   // zero: never told
	DisabledBy string      // who disabled them through Foyer after the review was finished; empty: nobody did
	DisabledAt time.Time
	Change     string // the change by which they did
}

// ReviewPeople returns one page of the people of a review; page counts from 1,
// and size 0 means all.
func (p *Portal) ReviewPeople(ctx context.Context, a auth.Actor, id int64, show ReviewFilter, page, size int) (ReviewPage, error) {
	r, err := p.Review(ctx, a, id)
	if err != nil {
		return ReviewPage{}, err
	}
	return p.reviewPage(ctx, r, show, page, size)
}

// ToDisable returns one page of the people whom a finished review wants
// disabled, for whoever is to do it. ErrNotFound when the review is not finished.
func (p *Portal) ToDisable(ctx context.Context, a auth.Actor, id int64, page, size int) (ReviewPage, error) {
	if err := p.require(ctx, a, auth.ChangeStatus, ledger.Company{}); err != nil {
		return ReviewPage{}, err
	}
	r, err := p.review(ctx, id)
	if err != nil {
		return ReviewPage{}, err
	}
	if r.State() != ReviewFinished {
		return ReviewPage{}, ErrNotFound
	}
	return p.reviewPage(ctx, r, ShowDisable, page, size)
}

func (p *Portal) reviewPage(ctx context.Context, r Review, show ReviewFilter, page, size int) (ReviewPage, error) {
	result := ReviewPage{Review: r, Show: show, Page: max(page, 1), Size: size}
	if r.OpenedAt.IsZero() {
		return result, nil // being prepared, or cancelled meanwhile
	}
	if size > 0 {
		result.Page = min(result.Page, max(1, (r.Counts.Count(show)+size-1)/size))
	}
	people, err := p.store.ReviewPeople(ctx, r.ID, show, (result.Page-1)*size, size)
	if err != nil {
		return ReviewPage{}, fmt.Errorf("list the people of a review: %w", err)
	}
	for _, person := range people {
		result.Rows = append(result.Rows, ReviewRow{ReviewPerson: person})
	}
	if r.State() != ReviewFinished {
		return result, nil
	}
	return result, p.disabledSince(ctx, r, result.Rows)
}

// disablingsRead is how many of a company's disablings are searched for those
// that followed a review.
const disablingsRead = 1000

// disabledSince fills in what became of the people to be disabled.
func (p *Portal) disabledSince(ctx context.Context, r Review, rows []ReviewRow) error {
	var ids []string
	for _, row := range rows {
		if row.Last().Decision == DisableAccess {
			ids = append(ids, row.UserID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := p.store.Users(ctx, r.Company.ID, ids)
	if err != nil {
		return fmt.Errorf("read what became of a review: %w", err)
	}
	events, err := p.store.Events(ctx, ledger.Filter{CompanyID: r.Company.ID, Action: ledger.DisableUser, From: r.FinishedAt}, ledger.Page{Limit: disablingsRead})
	if err != nil {
		return fmt.Errorf("read what became of a review: %w", err)
	}
	who, err := p.whoDisabled(ctx, events)
	if err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		if row.Last().Decision != DisableAccess {
			continue
		}
		row.Now, row.NowAt = known[row.UserID].Status, known[row.UserID].StatusAt
		if e, ok := who[row.UserID]; ok {
			row.DisabledBy, row.DisabledAt, row.Change = e.Actor.Name, e.At, e.Change
		}
	}
	return nil
}

// whoDisabled finds, for each person, the last event by which they were disabled.
// What was settled by reading is Foyer's own event: the change has who asked.
func (p *Portal) whoDisabled(ctx context.Context, events []ledger.Event) (map[string]ledger.Event, error) {
	who := map[string]ledger.Event{}
	for _, e := range events {
		var after struct{ Status string }
		if len(e.Users) != 1 || e.Outcome == ledger.Intent || json.Unmarshal(e.After, &after) != nil || after.Status != sapi.StatusDisabled.String() {
			continue
		}
		if _, later := who[e.Users[0].ID]; later {
			continue
		}
		if e.Actor.IsSystem() {
			change, err := p.store.Change(ctx, e.Change)
			if err != nil {
				return nil, fmt.Errorf("read who disabled: %w", err)
			}
			e.Actor = change.Actor
		}
		who[e.Users[0].ID] = e
	}
	return who, nil
}

// ReviewPerson returns one of the people of a review, with the review. ErrNotFound
// when it is not about them.
func (p *Portal) ReviewPerson(ctx context.Context, a auth.Actor, id int64, userID string) (Review, ReviewPerson, error) {
	r, err := p.Review(ctx, a, id)
	if err != nil {
		return Review{}, ReviewPerson{}, err
	}
	person, err := p.store.ReviewPerson(ctx, id, userID)
	if errors.Is(err, ErrNotStored) {
		err = ErrNotFound
	}
	return r, person, err
}

// LeftToDisable says what is left to be done after the review of a company that
// was finished last, as far as is known without asking Symphony. ErrNotFound when
// none was finished.
func (p *Portal) LeftToDisable(ctx context.Context, a auth.Actor, companyID string) (LeftToDisable, error) {
	if err := p.require(ctx, a, auth.ChangeStatus, ledger.Company{ID: companyID}); err != nil {
		return LeftToDisable{}, err
	}
	left, err := p.store.LeftToDisable(ctx, companyID)
	if errors.Is(err, ErrNotStored) {
		err = ErrNotFound
	}
	return left, err
}

// ReviewReason is the reason to disable a person with whom a finished review
// wants disabled. ErrNotFound when it doesn't.
func (p *Portal) ReviewReason(ctx context.Context, a auth.Actor, id int64, companyID, userID string) (string, error) {
	if err := p.require(ctx, a, auth.ChangeStatus, ledger.Company{ID: companyID}); err != nil {
		return "", err
	}
	r, err := p.review(ctx, id)
	if err != nil {
		return "", err
	}
	if r.State() != ReviewFinished || r.Company.ID != companyID {
		return "", ErrNotFound
	}
	person, err := p.store.ReviewPerson(ctx, id, userID)
	switch {
	case errors.Is(err, ErrNotStored) || err == nil && person.Last().Decision != DisableAccess:
		return "", ErrNotFound
	case err != nil:
		return "", fmt.Errorf("read review: %w", err)
	}
	return fmt.Sprintf("%s of %s, finished %s", reviewName(r), r.Company.Name, r.FinishedAt.UTC().Format(time.DateOnly)), nil
}
