package reviews

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal/review"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

// Show handles GET /reviews/:id.
func (h *Handlers) Show(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	if draft := h.TakeDraft(c); draft != nil {
		return h.showPage(c, http.StatusOK, id, draft, nil)
	}
	number, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	show, err := reviewFilter(c.QueryParam("show"))
	if err != nil {
		return err
	}
	return h.list(c, http.StatusOK, id, number, show, func(*pages.ShowPage) {})
}

// showPage shows the page of a form with the choices that were made on it: it was not sent
// yet or, as problems say, could not be saved.
func (h *Handlers) showPage(c echo.Context, status int, id int64, form url.Values, problems ui.Errors) error {
	return h.list(c, status, id, pageOfForm(form), showOfForm(form), func(page *pages.ShowPage) {
		page.Draft, page.Errors = problems == nil, problems
		for i := range page.Rows {
			cell := &page.Rows[i].Decision
			if chosen := form.Get("decision." + cell.UserID); chosen != "" {
				cell.Chosen = chosen
			}
		}
	})
}

// list shows a page of a review's people. While choices can be made fill puts in those
// that were.
func (h *Handlers) list(c echo.Context, status int, id int64, number int, show review.Filter, fill func(*pages.ShowPage)) error {
	a := kit.Actor(c)
	read, err := h.Reviews.People(c.Request().Context(), a, id, show, number, reviewSize)
	if err != nil {
		return err
	}
	page := h.reviewPage(read, a)
	if read.State() == review.Open {
		fill(&page)
	}
	f := kit.Frame{Title: page.Name + " of " + page.CompanyName, Nav: "reviews", Errors: page.Errors.Any()}
	if page.Preparing != nil {
		f.Refresh = reviewRefresh
	}
	return h.RenderIn(c, status, f, pages.Show(page))
}

// reviewPage maps a review to its page.
func (h *Handlers) reviewPage(read review.Page, a auth.Actor) pages.ShowPage {
	r, now := read.Review, h.Now()
	page := pages.ShowPage{
		ID: r.ID, Name: wording.ReviewTitle(r), CompanyID: r.Company.ID, CompanyName: r.Company.Name, Status: reviewStatus(r, now), Now: now,
		Facts: reviewFacts(r), Crumbs: pages.Crumbs(r.Company.ID, r.Company.Name),
	}
	if !r.Over() {
		page.Cancel = &ui.ButtonProps{Label: "Cancel the review", Href: views.CancelReviewPath(r.ID)}
	}
	switch r.State() {
	case review.Preparing:
		page.Preparing = reviewPreparing(r)
		return page
	case review.Cancelled:
		page.Cancelled = &pages.Cancelled{By: r.CancelledBy.Name, At: r.CancelledAt, Reason: r.CancelReason, Unread: r.OpenedAt.IsZero()}
	case review.Open:
		page.Progress = new(reviewProgress(r))
		page.Finish = &ui.ButtonProps{Label: "Finish the review", Href: views.FinishReviewPath(r.ID)}
		page.Fields, page.Save = []ui.Parameter{{Name: "show", Value: string(read.Show)}, {Name: "page", Value: strconv.Itoa(read.Page)}}, "Save"
		if read.Page*reviewSize < r.Counts.Count(read.Show) {
			page.Fields, page.Save = append(page.Fields, ui.Parameter{Name: "more", Value: "true"}), "Save and go on"
		}
	case review.Finished:
		page.Exports = []ui.ButtonProps{
			{Label: "Download CSV", Href: views.ReviewCSVPath(r.ID), Icon: ui.IconDownload},
			{Label: "Download with proofs", Href: views.ReviewEvidencePath(r.ID), Icon: ui.IconDownload},
		}
		page.Command = "sha256sum " + ledger.ReviewCSV(r.ID)
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
func fillReviewPeople(page *pages.ShowPage, read review.Page, a auth.Actor, now time.Time) {
	page.Caption = "People, " + page.Name
	undecided := false
	for _, row := range read.Rows {
		page.Rows = append(page.Rows, reviewPersonRow(read.Review, read.Show, row, a, now))
		if row.Last().Decision == review.Undecided {
			undecided = true
		}
	}
	if undecided && read.State() == review.Open {
		page.Rest = "Keep the undecided on this page" // how many changes with each choice
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

// Progress handles GET /reviews/:id/progress: the part of the page that changes
// while the review is being prepared. Once it is open, the script is told to load
// the page again.
func (h *Handlers) Progress(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	r, err := h.Reviews.Review(c.Request().Context(), kit.Actor(c), id)
	if err != nil || r.State() != review.Preparing {
		c.Response().Header().Set("HX-Refresh", "true")
	}
	if err != nil {
		return err
	}
	return h.Fragment(c, pages.PreparingPart(*reviewPreparing(r)))
}
