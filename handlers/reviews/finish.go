package reviews

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/review"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

// AskFinish handles GET /reviews/:id/finish.
func (h *Handlers) AskFinish(c echo.Context) error {
	draft := h.TakeDraft(c)
	return h.finishPage(c, http.StatusOK, pages.FinishPage{
		Draft: draft != nil, Version: draft.Get("version"), AskRest: draft.Get("rest") == string(review.AskAbout),
	})
}

// finishPage asks with the numbers of now. A page that comes with an older version says
// that they have changed.
func (h *Handlers) finishPage(c echo.Context, status int, page pages.FinishPage) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	r, err := h.Reviews.Review(c.Request().Context(), kit.Actor(c), id)
	if err != nil {
		return err
	}
	if r.State() != review.Open {
		return c.Redirect(http.StatusSeeOther, views.ReviewPath(id))
	}
	page.ID, page.Name, page.CompanyID, page.CompanyName = r.ID, wording.ReviewTitle(r), r.Company.ID, r.Company.Name
	version := strconv.FormatInt(r.Version, 10)
	page.Changed = page.Changed || page.Version != "" && page.Version != version
	page.Version, page.Button = version, h.InEnvironment("Finish the review")
	page.Facts = append([]ui.KeyValueItem{{Key: "Company", Content: ui.Name(r.Company.Name)}, {Key: "Who confirms", Value: r.Confirms}}, reviewTotals(r.Counts)...)
	if n := r.Counts.Undecided(); n > 0 {
		page.Facts = append(page.Facts, ui.KeyValueItem{Key: "Undecided", Value: ui.Number(n)})
		page.Undecided, page.UndecidedHref = ui.Count(n, "person is undecided", "people are undecided"), views.ReviewPageOf(id, string(review.ShowUndecided), 1)
	}
	return h.RenderIn(c, status, kit.Frame{Title: "Finish this access review?", Nav: "reviews", Errors: page.Errors.Any()}, pages.Finish(page))
}

// Finish handles POST /reviews/:id/finish.
func (h *Handlers) Finish(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return kit.BadRequest("The form doesn’t say which numbers its page showed.")
	}
	askRest := form.Get("rest") == string(review.AskAbout)

	r, err := h.Reviews.Finish(c.Request().Context(), kit.Actor(c), review.FinishRequest{ID: id, Version: version, AskRest: askRest})

	if errors.Is(err, review.ErrChanged) {
		return h.finishPage(c, http.StatusConflict, pages.FinishPage{Changed: true, AskRest: askRest})
	}
	if errors.Is(err, review.ErrNotOpen) {
		return h.SeeOther(c, views.ReviewPath(id), finishedMeanwhile)
	}
	if found, ok := kit.FormErrors(err); ok {
		return h.finishPage(c, http.StatusUnprocessableEntity, pages.FinishPage{Errors: found})
	} else if status, found, ok := h.NotSaved(c, err); ok {
		return h.finishPage(c, status, pages.FinishPage{Errors: found, AskRest: askRest, Version: form.Get("version")})
	} else if err != nil {
		return err
	}
	to := views.ReviewPath(r.ID)
	if r.Counts.Disable > 0 {
		to = views.ReviewPageOf(r.ID, string(review.ShowDisable), 1)
	}
	return h.SeeOther(c, to, ui.Flash{Kind: ui.AlertOK, Title: wording.ReviewTitle(r) + " is finished.", Text: nextAfterReview(r)})
}

func nextAfterReview(r review.Review) string {
	if r.Counts.Disable == 0 {
		return "Nobody is to be disabled."
	}
	return ui.Count(r.Counts.Disable, "person is", "people are") + " to be disabled: each is confirmed on a page of its own."
}
