package review

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
	"foyer/portal"
	"foyer/sapi"
)

// MaxConfirms is the most characters that whoever confirms a review may be named
// with.
const MaxConfirms = 200

// StartRequest asks for an access review of a company.
type StartRequest struct {
	CompanyID string
	Due       string // a day such as 2026-12-31, today at the earliest
	Confirms  string
	Token     string
	Again     bool // the form may only be sent again: for the first time it does nothing
}

// Start starts an access review of a company: its people are read in the
// background, and the review is open once they are. Invalid names the fields due
// and confirms. A form sent twice by the same person gives the review that it started
// the first time.
func (p *Reviews) Start(ctx context.Context, a auth.Actor, request StartRequest) (Review, error) {
	if err := p.gate.Require(ctx, a, auth.Review, ledger.Company{ID: request.CompanyID}); err != nil {
		return Review{}, err
	}
	r, problems := p.newReview(request)
	if len(problems) > 0 {
		return Review{}, &portal.Invalid{Fields: problems}
	}
	company, stale, err := p.directory.ReadCompany(ctx, request.CompanyID)
	switch {
	case err != nil || stale != nil:
		return Review{}, fmt.Errorf("start review: %w", errors.Join(err, stale))
	case !company.State.Ready():
		return Review{}, fmt.Errorf("start review: %w", portal.ErrCompanyUnavailable)
	}

	r.Company = ledger.Company{ID: company.ID, Name: company.Name}
	r.StartedBy, r.StartedAt = auth.PersonOf(a), p.now()
	started, err := p.start(ctx, a, r, request.Again)
	switch {
	case errors.Is(err, portal.ErrTokenUsed) && sameForm(started, r):
		return started, nil
	case errors.Is(err, portal.ErrTokenUsed), errors.Is(err, errFirst):
		return Review{}, portal.InvalidField("", portal.Fault{Code: portal.OutOfDate})
	case err != nil:
		return Review{}, fmt.Errorf("start review: %w: %w", portal.ErrLedger, err)
	}
	return started, nil
}

// sameForm says whether two reviews with one token are one form, sent twice by the same
// person.
func sameForm(a, b Review) bool {
	return a.Company.ID == b.Company.ID && a.StartedBy.Issuer == b.StartedBy.Issuer && a.StartedBy.Subject == b.StartedBy.Subject
}

// errFirst says that a form which may only be sent again is sent for the first time.
var errFirst = errors.New("form not sent before")

// start stores a new review, which gives it its number. When its form was sent before
// it returns that earlier review and ErrTokenUsed; where it had to be, and was not,
// errFirst.
func (p *Reviews) start(ctx context.Context, a auth.Actor, r Review, again bool) (Review, error) {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return Review{}, err
	}
	defer func() { _ = tx.Rollback() }()
	if r, err = p.store.StartReview(ctx, tx, r); err != nil {
		return r, err
	}
	if again {
		return Review{}, errFirst // and what was stored is rolled back
	}
	err = p.store.Append(ctx, tx, ledger.Event{
		Action: ledger.StartReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company,
		After: portal.Values("review", r.ID, "due", r.Due.Format(time.DateOnly), "confirms", r.Confirms),
	})
	if err == nil {
		err = p.scheduler.Schedule(ctx, tx, job(r.ID, p.now()))
	}
	if err != nil {
		return Review{}, err
	}
	return r, tx.Commit()
}

// newReview checks what was asked for.
func (p *Reviews) newReview(request StartRequest) (Review, []portal.FieldError) {
	var problems portal.FieldErrors
	r := Review{Token: request.Token, Confirms: strings.TrimSpace(request.Confirms)}
	if !portal.ValidToken(request.Token) {
		problems.Add("", portal.Fault{Code: portal.OutOfDate})
	}
	var err error
	r.Due, err = time.Parse(time.DateOnly, strings.TrimSpace(request.Due))
	today := p.now().UTC().Truncate(24 * time.Hour)
	switch {
	case err != nil:
		problems.Add("due", portal.Fault{Code: portal.NotADay, Day: today.AddDate(0, 0, 14)})
	case r.Due.Before(today):
		problems.Add("due", portal.Fault{Code: portal.DayOver})
	case r.Due.After(today.AddDate(2, 0, 0)):
		problems.Add("due", portal.Fault{Code: portal.DayTooFar})
	}
	problems.Add("confirms", checkConfirms(r.Confirms))
	return r, problems
}

// checkConfirms says what is wrong with who confirms a review.
func checkConfirms(confirms string) portal.Fault {
	switch n := utf8.RuneCountInString(confirms); {
	case n == 0:
		return portal.Fault{Code: portal.Missing}
	case n > MaxConfirms:
		return portal.Fault{Code: portal.BadLength, Most: MaxConfirms, Count: n}
	}
	return portal.CheckPrintable(confirms)
}

// ListSize is how many reviews a page of the list has.
const ListSize = 50

// List is a page of access reviews.
type List struct {
	Rows  []Review
	Page  int // from 1
	Total int // on all pages
}

// List lists the access reviews of one company, or of all where companyID is
// empty, newest first, ListSize to a page; page counts from 1.
func (p *Reviews) List(ctx context.Context, a auth.Actor, companyID string, page int) (List, error) {
	if err := p.gate.Require(ctx, a, auth.Review, ledger.Company{ID: companyID}); err != nil {
		return List{}, err
	}
	list := List{Page: max(page, 1)}
	var err error
	list.Rows, list.Total, err = p.store.Reviews(ctx, companyID, (list.Page-1)*ListSize, ListSize)
	if err != nil {
		return List{}, fmt.Errorf("list reviews: %w", err)
	}
	return list, nil
}

// Review returns one access review, or ErrNotFound.
func (p *Reviews) Review(ctx context.Context, a auth.Actor, id int64) (Review, error) {
	if err := p.gate.Require(ctx, a, auth.Review, ledger.Company{}); err != nil {
		return Review{}, err
	}
	return p.review(ctx, id)
}

func (p *Reviews) review(ctx context.Context, id int64) (Review, error) {
	r, err := p.store.Review(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	if err != nil {
		return Review{}, fmt.Errorf("read review: %w", err)
	}
	return r, nil
}

// Page is a part of the people of a review.
type Page struct {
	Review
	Show Filter
	Rows []Row
	Page int // from 1; the last one where a later one was asked for
	Size int
}

// Row is one person of a review and, for those to be disabled in a
// finished one, what became of it.
type Row struct {
	Person
	Now        sapi.Status // as last read
	NowAt      time.Time   // zero: never told
	DisabledBy string      // who disabled them through Foyer after the review was finished; empty: nobody did
	DisabledAt time.Time
	Change     string // the change by which they did
}

// People returns one page of the people of a review; page counts from 1,
// and size 0 means all.
func (p *Reviews) People(ctx context.Context, a auth.Actor, id int64, show Filter, page, size int) (Page, error) {
	r, err := p.Review(ctx, a, id)
	if err != nil {
		return Page{}, err
	}
	return p.reviewPage(ctx, r, show, page, size)
}

// ToDisable returns one page of the people whom a finished review wants
// disabled, for whoever is to do it. ErrNotFound when the review is not finished.
func (p *Reviews) ToDisable(ctx context.Context, a auth.Actor, id int64, page, size int) (Page, error) {
	if err := p.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{}); err != nil {
		return Page{}, err
	}
	r, err := p.review(ctx, id)
	if err != nil {
		return Page{}, err
	}
	if r.State() != Finished {
		return Page{}, portal.ErrNotFound
	}
	return p.reviewPage(ctx, r, ShowDisable, page, size)
}

func (p *Reviews) reviewPage(ctx context.Context, r Review, show Filter, page, size int) (Page, error) {
	result := Page{Review: r, Show: show, Page: max(page, 1), Size: size}
	if r.OpenedAt.IsZero() {
		return result, nil // being prepared, or cancelled meanwhile
	}
	if size > 0 {
		result.Page = min(result.Page, max(1, (r.Counts.Count(show)+size-1)/size))
	}
	people, err := p.people.ReviewPeople(ctx, r.ID, show, (result.Page-1)*size, size)
	if err != nil {
		return Page{}, fmt.Errorf("list the people of a review: %w", err)
	}
	for _, person := range people {
		result.Rows = append(result.Rows, Row{Person: person})
	}
	if r.State() != Finished {
		return result, nil
	}
	return result, p.disabledSince(ctx, r, result.Rows)
}

// disablingsRead is how many of a company's disablings are searched for those
// that followed a review.
const disablingsRead = 1000

// disabledSince fills in what became of the people to be disabled.
func (p *Reviews) disabledSince(ctx context.Context, r Review, rows []Row) error {
	var ids []string
	for _, row := range rows {
		if row.Last().Decision == DisableAccess {
			ids = append(ids, row.UserID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := p.directory.KnownUsers(ctx, r.Company.ID, ids)
	if err != nil {
		return fmt.Errorf("read what became of a review: %w", err)
	}
	disablings, err := p.activity.Read(ctx, ledger.Filter{CompanyID: r.Company.ID, Action: ledger.DisableUser, From: r.FinishedAt}, ledger.Page{Limit: disablingsRead})
	if err != nil {
		return fmt.Errorf("read what became of a review: %w", err)
	}
	who, err := p.whoDisabled(ctx, disablings.Events)
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
func (p *Reviews) whoDisabled(ctx context.Context, events []ledger.Event) (who map[string]ledger.Event, err error) {
	who = map[string]ledger.Event{}
	for _, e := range events {
		var after struct{ Status string }
		if len(e.Users) != 1 || e.Outcome == ledger.Intent || json.Unmarshal(e.After, &after) != nil || after.Status != sapi.StatusDisabled.String() {
			continue
		}
		if _, later := who[e.Users[0].ID]; later {
			continue
		}
		if e.Actor.IsSystem() {
			if e.Actor, err = p.changes.AskedBy(ctx, e.Change); err != nil {
				return nil, fmt.Errorf("read who disabled: %w", err)
			}
		}
		who[e.Users[0].ID] = e
	}
	return who, nil
}

// Person returns one of the people of a review, with the review. ErrNotFound
// when it is not about them.
func (p *Reviews) Person(ctx context.Context, a auth.Actor, id int64, userID string) (Review, Person, error) {
	r, err := p.Review(ctx, a, id)
	if err != nil {
		return Review{}, Person{}, err
	}
	person, err := p.people.ReviewPerson(ctx, id, userID)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	return r, person, err
}

// LeftToDisable says what is left to be done after the review of a company that
// was finished last, as far as is known without asking Symphony. ErrNotFound when
// none was finished.
func (p *Reviews) LeftToDisable(ctx context.Context, a auth.Actor, companyID string) (LeftToDisable, error) {
	if err := p.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{ID: companyID}); err != nil {
		return LeftToDisable{}, err
	}
	left, err := p.store.LeftToDisable(ctx, companyID)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	return left, err
}

// Wanting is a finished review that wants a person disabled. ErrNotFound when it
// doesn't.
func (p *Reviews) Wanting(ctx context.Context, a auth.Actor, id int64, companyID, userID string) (Review, error) {
	if err := p.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{ID: companyID}); err != nil {
		return Review{}, err
	}
	r, err := p.review(ctx, id)
	if err != nil {
		return Review{}, err
	}
	if r.State() != Finished || r.Company.ID != companyID {
		return Review{}, portal.ErrNotFound
	}
	person, err := p.people.ReviewPerson(ctx, id, userID)
	switch {
	case errors.Is(err, portal.ErrNotStored) || err == nil && person.Last().Decision != DisableAccess:
		return Review{}, portal.ErrNotFound
	case err != nil:
		return Review{}, fmt.Errorf("read review: %w", err)
	}
	return r, nil
}
