package reviews

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/review"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

// All handles GET /reviews.
func (h *Handlers) All(c echo.Context) error {
	number, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	list, err := h.Reviews.List(c.Request().Context(), kit.Actor(c), "", number)
	if err != nil {
		return err
	}
	page := pages.ListPage{Now: h.Now(), Rows: reviewListRows(list.Rows, h.Now()), Pager: reviewsPager(views.ReviewsPath, list)}
	return h.Render(c, http.StatusOK, "Access reviews", "reviews", pages.List(page))
}

// List handles GET /companies/:id/reviews.
func (h *Handlers) List(c echo.Context) error {
	draft := h.TakeDraft(c)
	form := pages.Form{Due: h.Now().UTC().AddDate(0, 0, reviewDays).Format(time.DateOnly)}
	if draft != nil {
		form = pages.Form{Due: draft.Get("due"), Confirms: draft.Get("confirms"), Draft: true}
	}
	return h.listPage(c, http.StatusOK, form)
}

func (h *Handlers) listPage(c echo.Context, status int, form pages.Form) error {
	ctx, a := c.Request().Context(), kit.Actor(c)
	company, err := h.Directory.Company(ctx, a, kit.CompanyID(c))
	if err != nil {
		return err
	}
	number, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	list, err := h.Reviews.List(ctx, a, company.ID, number)
	if err != nil {
		return err
	}
	page := pages.ListPage{
		CompanyID: company.ID, CompanyName: company.Name, Now: h.Now(), Rows: reviewListRows(list.Rows, h.Now()),
		Pager: reviewsPager(views.CompanyReviewsPath(company.ID), list),
	}
	page.Stale = wording.Stale(company.Stale, company.ReadAt, h.Now(), views.CompanyReviewsPath(company.ID))
	if company.State.Ready() {
		form.Path, form.Token, form.Button = views.CompanyReviewsPath(company.ID), start(c).NewToken(c), h.InEnvironment("Start the review")
		page.Form = &form
	} else {
		page.Closed = "A review can be started once the company is ready: before that nobody has access."
	}
	f := kit.Frame{Title: "Access reviews of " + company.Name, Nav: "reviews", Errors: form.Errors.Any()}
	return h.RenderIn(c, status, f, pages.List(page))
}

func reviewsPager(path string, list review.List) ui.PagerProps {
	return ui.NewPager(path, nil, list.Page, review.ListSize, list.Total, nil)
}

func reviewListRows(list []review.Review, now time.Time) []pages.ListRow {
	rows := make([]pages.ListRow, len(list))
	for i, r := range list {
		rows[i] = pages.ListRow{
			Href: views.ReviewPath(r.ID), Name: wording.ReviewTitle(r), CompanyName: r.Company.Name, Status: reviewStatus(r, now),
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
