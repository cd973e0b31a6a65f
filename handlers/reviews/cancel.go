package reviews

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/review"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

// AskCancel handles GET /reviews/:id/cancel.
func (h *Handlers) AskCancel(c echo.Context) error {
	draft := h.TakeDraft(c)
	return h.cancelPage(c, http.StatusOK, pages.CancelPage{Reason: draft.Get("reason"), Draft: draft != nil})
}

// cancelPage shows the form as it was filled. A review that is over has none.
func (h *Handlers) cancelPage(c echo.Context, status int, page pages.CancelPage) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	r, err := h.Reviews.Review(c.Request().Context(), kit.Actor(c), id)
	if err != nil {
		return err
	}
	if r.Over() {
		return c.Redirect(http.StatusSeeOther, views.ReviewPath(id))
	}
	page.ID, page.Name, page.CompanyID, page.CompanyName = r.ID, wording.ReviewTitle(r), r.Company.ID, r.Company.Name
	page.Facts = []ui.KeyValueItem{
		{Key: "Company", Content: ui.Name(r.Company.Name)},
		{Key: "Who confirms", Value: r.Confirms},
		{Key: "Started", Content: pages.Doing(r.StartedBy.Name, r.StartedAt)},
	}
	if r.State() == review.Open {
		page.Facts = append(page.Facts, ui.KeyValueItem{Key: "Reviewed", Value: ui.Number(r.Counts.Decided()) + " of " + ui.Number(r.Counts.People())})
	}
	page.Button = h.InEnvironment("Cancel the review")
	return h.RenderIn(c, status, kit.Frame{Title: page.Title(), Nav: "reviews", Errors: page.Errors.Any()}, pages.Cancel(page))
}

// Cancel handles POST /reviews/:id/cancel.
func (h *Handlers) Cancel(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	reason := c.Request().PostForm.Get("reason")

	r, err := h.Reviews.Cancel(c.Request().Context(), kit.Actor(c), review.CancelRequest{ID: id, Reason: reason})

	if errors.Is(err, review.ErrNotOpen) {
		return h.SeeOther(c, views.ReviewPath(id), ui.Flash{Kind: ui.AlertAsk, Title: "Nothing was cancelled.", Text: "The review was over already."})
	}
	if found, ok := kit.FormErrors(err); ok {
		return h.cancelPage(c, http.StatusUnprocessableEntity, pages.CancelPage{Reason: reason, Errors: found})
	} else if status, found, ok := h.NotSaved(c, err); ok {
		return h.cancelPage(c, status, pages.CancelPage{Reason: reason, Errors: found})
	} else if err != nil {
		return err
	}
	return h.SeeOther(c, views.ReviewPath(id), ui.Flash{
		Kind: ui.AlertOK, Title: wording.ReviewTitle(r) + " is cancelled.",
		Links: []ui.Link{{Label: "Start another one", Href: views.CompanyReviewsPath(r.Company.ID)}},
	})
}
