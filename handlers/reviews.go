package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/views"
	"foyer/views/ui"
)

// reviews has the handlers of access reviews.
type reviews struct {
	*Kit
	Reviews   *review.Reviews
	Directory *directory.Directory
	Activity  *activity.Activity
	PublicURL *url.URL // where browsers reach Foyer
}

const (
	// reviewSize is how many people of a review stand on one page.
	reviewSize = 100
	// reviewRefresh is after how many seconds the page of a review that is being
	// prepared loads itself again where there is no JavaScript.
	reviewRefresh = 5
	// reviewDays is how long a review is given where nobody says another day.
	reviewDays = 14
)

// reviewID is the number in the path; what is none names no review.
func reviewID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, portal.ErrNotFound
	}
	return id, nil
}

// reviewFilter is which of a review's people the query wants.
func reviewFilter(show string) (review.Filter, error) {
	filter := review.Filter(show)
	if !slices.Contains(review.Filters, filter) {
		return "", badRequest("A review can show the undecided, or those to keep, to disable or to ask about.")
	}
	return filter, nil
}

func reviewTitle(r review.Review) string { return "Access review " + strconv.FormatInt(r.ID, 10) }

// all handles GET /reviews.
func (h *reviews) all(c echo.Context) error {
	list, err := h.Reviews.List(c.Request().Context(), actor(c), "")
	if err != nil {
		return err
	}
	page := views.ReviewsPage{Now: h.Now(), Rows: reviewListRows(list, h.Now())}
	return h.render(c, http.StatusOK, "Access reviews", "reviews", views.Reviews(page))
}

// list handles GET /companies/:id/reviews.
func (h *reviews) list(c echo.Context) error {
	draft, err := h.takeDraft(c)
	if err != nil {
		return err
	}
	form := views.ReviewForm{Due: h.Now().UTC().AddDate(0, 0, reviewDays).Format(time.DateOnly)}
	if draft != nil {
		form = views.ReviewForm{Due: draft.Get("due"), Confirms: draft.Get("confirms"), Draft: true}
	}
	return h.listPage(c, http.StatusOK, form)
}

func (h *reviews) listPage(c echo.Context, status int, form views.ReviewForm) error {
	ctx, a := c.Request().Context(), actor(c)
	company, err := h.Directory.Company(ctx, a, c.Param("id"))
	if err != nil {
		return err
	}
	list, err := h.Reviews.List(ctx, a, company.ID)
	if err != nil {
		return err
	}
	page := views.ReviewsPage{CompanyID: company.ID, CompanyName: company.Name, Now: h.Now(), Rows: reviewListRows(list, h.Now())}
	if company.State.Ready() {
		form.Path, form.Token, form.Button = views.CompanyReviewsPath(company.ID), portal.NewToken(), h.inEnvironment("Start the review")
		page.Form = &form
	} else {
		page.Closed = "A review can be started once the company is ready: before that nobody has access."
	}
	f := frame{title: "Access reviews of " + company.Name, nav: "reviews", errors: form.Errors.Any()}
	return h.renderIn(c, status, f, views.Reviews(page))
}

func reviewListRows(list []review.Review, now time.Time) []views.ReviewListRow {
	rows := make([]views.ReviewListRow, len(list))
	for i, r := range list {
		rows[i] = views.ReviewListRow{
			Href: views.ReviewPath(r.ID), Name: reviewTitle(r), CompanyName: r.Company.Name, Status: reviewStatus(r, now),
			Progress: ui.Number(r.Counts.Decided()) + " of " + ui.Number(r.Counts.People()),
			Due:      r.Due.Format(time.DateOnly), Confirms: r.Confirms,
			StartedBy: r.StartedBy.Name, StartedAt: r.StartedAt, Ended: "finished", EndedBy: r.FinishedBy.Name, EndedAt: r.FinishedAt,
		}
		if r.State() == review.Cancelled {
			rows[i].Ended, rows[i].EndedBy, rows[i].EndedAt, rows[i].Reason = "cancelled", r.CancelledBy.Name, r.CancelledAt, r.CancelReason
		}
		if r.OpenedAt.IsZero() {
			rows[i].Progress = ""
		}
	}
	return rows
}

// reviewStatus maps how far a review is to its badge.
func reviewStatus(r review.Review, now time.Time) ui.StatusProps {
	switch {
	case r.State() == review.Cancelled:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Cancelled"}
	case r.State() == review.Finished:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Finished"}
	case r.Overdue(now):
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "Overdue"}
	case r.State() == review.Preparing:
		return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Being prepared"}
	}
	return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Open"}
}

// create handles POST /companies/:id/reviews.
func (h *reviews) create(c echo.Context) error {
	form := c.Request().PostForm
	filled := views.ReviewForm{Due: form.Get("due"), Confirms: form.Get("confirms")}

	r, err := h.Reviews.Start(c.Request().Context(), actor(c), review.StartRequest{
		CompanyID: c.Param("id"), Due: filled.Due, Confirms: filled.Confirms, Token: formToken(c),
	})

	var ok bool
	if filled.Errors, ok = formErrors(err); ok {
		return h.listPage(c, http.StatusUnprocessableEntity, filled)
	}
	var status int
	if status, filled.Errors, _, ok = notSent(err); ok {
		return h.listPage(c, status, filled)
	} else if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ReviewPath(r.ID))
}

// show handles GET /reviews/:id.
func (h *reviews) show(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	draft, err := h.takeDraft(c)
	if err != nil {
		return err
	}
	number, err := pageNumber(c)
	if err != nil {
		return err
	}
	show, err := reviewFilter(c.QueryParam("show"))
	if err != nil {
		return err
	}
	if draft != nil {
		number, show = pageOfForm(draft), showOfForm(draft)
	}

	a := actor(c)
	read, err := h.Reviews.People(c.Request().Context(), a, id, show, number, reviewSize)
	if err != nil {
		return err
	}
	page := h.reviewPage(read, a)
	f := frame{title: page.Name + " of " + page.CompanyName, nav: "reviews"}
	if page.Preparing != nil {
		f.refresh = reviewRefresh
	}
	if draft != nil && read.State() == review.Open {
		page.Draft = true
		for i := range page.Rows {
			cell := &page.Rows[i].Decision
			if chosen := draft.Get("decision." + cell.UserID); chosen != "" {
				cell.Chosen = chosen
			}
		}
	}
	return h.renderIn(c, http.StatusOK, f, views.Review(page))
}

// reviewPage maps a review to its page.
func (h *reviews) reviewPage(read review.Page, a auth.Actor) views.ReviewPage {
	r, now := read.Review, h.Now()
	page := views.ReviewPage{
		ID: r.ID, Name: reviewTitle(r), CompanyID: r.Company.ID, CompanyName: r.Company.Name, Status: reviewStatus(r, now), Now: now,
		Facts: reviewFacts(r), Crumbs: views.ReviewCrumbs(r.Company.ID, r.Company.Name),
	}
	if !r.Over() {
		page.Cancel = &ui.ButtonProps{Label: "Cancel the review", Href: views.CancelReviewPath(r.ID)}
	}
	switch r.State() {
	case review.Preparing:
		page.Preparing = reviewPreparing(r)
		return page
	case review.Cancelled:
		page.Cancelled = &views.ReviewCancelled{By: r.CancelledBy.Name, At: r.CancelledAt, Reason: r.CancelReason, Unread: r.OpenedAt.IsZero()}
	case review.Open:
		page.Progress = new(reviewProgress(r))
		page.Finish = &ui.ButtonProps{Label: "Finish the review", Href: views.FinishReviewPath(r.ID)}
		page.Fields = []ui.Parameter{{Name: "show", Value: string(read.Show)}, {Name: "page", Value: strconv.Itoa(read.Page)}}
	case review.Finished:
		page.Exports = []ui.ButtonProps{
			{Label: "Download CSV", Href: views.ReviewCSVPath(r.ID), Icon: ui.IconDownload},
			{Label: "Download with proofs", Href: views.ReviewEvidencePath(r.ID), Icon: ui.IconDownload},
		}
		page.Command = "sha256sum " + reviewFile(r.ID)
		page.Totals, page.Seal, page.Outcomes = reviewTotals(r.Counts), r.Seal, true
		if r.Counts.Disable > 0 {
			page.HandOver = h.PublicURL.JoinPath(views.ToDisablePath(r.ID)).String()
		}
	}
	if r.OpenedAt.IsZero() {
		return page
	}
	if n := r.Counts.LeftOut; n > 0 {
		page.LeftOut = ui.Count(n, "person", "people") + " left out: already disabled"
	}
	page.Segments = reviewSegments(r, read.Show)
	fillReviewPeople(&page, read, a, now)
	page.Pager = ui.NewPager(views.ReviewPath(r.ID), showQuery(read.Show), read.Page, reviewSize, r.Counts.Count(read.Show), nil)
	return page
}

// fillReviewPeople puts the people into the page.
func fillReviewPeople(page *views.ReviewPage, read review.Page, a auth.Actor, now time.Time) {
	page.Caption = "People of " + page.Name
	undecided := 0
	for _, row := range read.Rows {
		page.Rows = append(page.Rows, reviewPersonRow(read.Review, read.Show, row, a, now))
		if row.Last().Decision == review.Undecided {
			undecided++
		}
	}
	if undecided > 0 && read.State() == review.Open {
		page.Rest = "Keep the " + ui.Number(undecided) + " undecided on this page"
	}
	if len(read.Rows) == 0 {
		page.Empty = reviewEmpty(read)
	}
}

func reviewEmpty(read review.Page) *ui.EmptyProps {
	switch {
	case read.Counts.People() == 0 && read.Over():
		return &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody was active here", Text: "There was nobody to decide about."}
	case read.Counts.People() == 0:
		return &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is active here", Text: "There is nobody to decide about: the review can be finished."}
	}
	empty := ui.EmptyProps{
		Kind: ui.EmptyNoMatch, Title: "Nobody in this review is to " + string(read.Show),
		Action: &ui.ButtonProps{Label: "Show all", Href: views.ReviewPath(read.ID)},
	}
	switch read.Show {
	case review.ShowUndecided:
		empty.Title = "Everybody is decided about"
		if !read.Over() {
			empty.Text = "The review can be finished."
		}
	case review.ShowAsk:
		empty.Title = "Nobody in this review is to be asked about"
	case review.ShowAll, review.ShowKeep, review.ShowDisable:
	}
	return &empty
}

// progress handles GET /reviews/:id/progress: the part of the page that changes
// while the review is being prepared. Once it is open, the script is told to load
// the page again.
func (h *reviews) progress(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	r, err := h.Reviews.Review(c.Request().Context(), actor(c), id)
	if err != nil || r.State() != review.Preparing {
		c.Response().Header().Set("HX-Refresh", "true")
	}
	if err != nil {
		return err
	}
	return h.fragment(c, views.ReviewPreparingPart(*reviewPreparing(r)))
}

// leftToDisable tells those who may disable people that the last review of a
// company wants it done; nil when there is nothing to do, or nothing for them.
func leftToDisable(ctx context.Context, reviews *review.Reviews, a auth.Actor, companyID string) (*views.LeftToDisable, error) {
	if !a.Can(auth.ChangeStatus) {
		return nil, nil
	}
	left, err := reviews.LeftToDisable(ctx, a, companyID)
	switch {
	case errors.Is(err, portal.ErrNotFound) || err == nil && left.People == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &views.LeftToDisable{
		Title:  ui.Count(left.People, "person is", "people are") + " to be disabled",
		Review: reviewTitle(review.Review{ID: left.ReviewID}), FinishedAt: left.FinishedAt, Href: views.ToDisablePath(left.ReviewID),
	}, nil
}

// toDisable handles GET /reviews/:id/to-disable.
func (h *reviews) toDisable(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	number, err := pageNumber(c)
	if err != nil {
		return err
	}
	a, now := actor(c), h.Now()
	read, err := h.Reviews.ToDisable(c.Request().Context(), a, id, number, reviewSize)
	if err != nil {
		return err
	}
	r := read.Review
	page := views.ReviewPage{
		ID: r.ID, Name: "To disable after access review " + strconv.FormatInt(r.ID, 10), CompanyID: r.Company.ID, CompanyName: r.Company.Name,
		Status: reviewStatus(r, now), Now: now, Facts: reviewFacts(r), Outcomes: true,
		Crumbs: []ui.Link{{Label: "Companies", Href: views.CompaniesPath}, {Label: r.Company.Name, Href: views.CompanyPath(r.Company.ID)}},
	}
	fillReviewPeople(&page, read, a, now)
	page.Pager = ui.NewPager(views.ToDisablePath(r.ID), nil, read.Page, reviewSize, r.Counts.Disable, nil)
	return h.render(c, http.StatusOK, page.Name+" of "+page.CompanyName, "companies", views.Review(page))
}
