package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/portal/review"
	"foyer/views"
	"foyer/views/ui"
)

// decide handles POST /reviews/:id/decisions: the choices of one page.
func (h *reviews) decide(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	decisions, err := parseDecisions(form)
	if err != nil {
		return err
	}

	left, err := h.Reviews.Decide(c.Request().Context(), actor(c), id, decisions)

	if errors.Is(err, review.ErrNotOpen) {
		return h.seeOther(c, views.ReviewPath(id), finishedMeanwhile)
	} else if err != nil {
		return err
	}
	show, page := showOfForm(form), pageOfForm(form)
	if len(left) > 0 {
		return h.seeOther(c, views.ReviewPageOf(id, string(show), page), ui.Flash{
			Kind: ui.AlertAsk, Title: ui.Count(len(left), "choice was", "choices were") + " not saved.",
			Text: "Somebody else decided about them meanwhile: their decisions are shown.",
		})
	}
	if show == review.ShowAll {
		page++ // the last page is shown again where there is no next one
	}
	return h.seeOther(c, views.ReviewPageOf(id, string(show), page), ui.Flash{Kind: ui.AlertOK, Title: "Saved."})
}

var finishedMeanwhile = ui.Flash{Kind: ui.AlertAsk, Title: "Nothing was saved.", Text: "The review is finished or cancelled, or not prepared yet."}

// parseDecisions reads the choices of a page that differ from what it showed. The
// button that keeps the rest chooses for whoever is undecided.
func parseDecisions(form url.Values) ([]review.Deciding, error) {
	var decisions []review.Deciding
	for name := range form {
		userID, ok := strings.CutPrefix(name, "seen.")
		if !ok {
			continue
		}
		d, err := parseDecision(form, userID)
		if err != nil {
			return nil, err
		}
		if d.Decision == review.Undecided && d.Seen == review.Undecided && form.Get("rest") == string(review.KeepAccess) {
			d.Decision = review.KeepAccess
		}
		if d.Decision != d.Seen && d.Decision != review.Undecided {
			decisions = append(decisions, d)
		}
	}
	if len(decisions) > reviewSize {
		return nil, badRequest("A page has %d people at most.", reviewSize)
	}
	slices.SortFunc(decisions, func(a, b review.Deciding) int { return strings.Compare(a.UserID, b.UserID) })
	return decisions, nil
}

// parseDecision reads the choice about one person; none is Undecided.
func parseDecision(form url.Values, userID string) (review.Deciding, error) {
	d := review.Deciding{UserID: userID, Seen: review.Decision(form.Get("seen." + userID)), Decision: review.Decision(form.Get("decision." + userID))}
	if d.Decision != review.Undecided && !slices.Contains(review.Decisions, d.Decision) {
		return review.Deciding{}, badRequest("A decision is to keep, to disable or to ask.")
	}
	return d, nil
}

// decideOne handles POST /reviews/:id/people/:uid: one choice, for the script that
// saves it as soon as it is made.
func (h *reviews) decideOne(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	show, err := reviewFilter(c.QueryParam("show"))
	if err != nil {
		return err
	}
	ctx, a, form, userID := c.Request().Context(), actor(c), c.Request().PostForm, c.Param("uid")
	d, err := parseDecision(form, userID)
	if err != nil {
		return err
	}
	if d.Decision == review.Undecided {
		return badRequest("The form has no decision.")
	}

	left, err := h.Reviews.Decide(ctx, a, id, []review.Deciding{d})

	if errors.Is(err, review.ErrNotOpen) {
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(http.StatusNoContent)
	} else if err != nil {
		return err
	}
	r, person, err := h.Reviews.Person(ctx, a, id, userID)
	if err != nil {
		return err
	}
	cell := decisionCell(r, show, person, h.Now())
	if len(left) > 0 {
		cell.Note = "Not saved: somebody else had decided meanwhile."
	}
	progress := reviewProgress(r)
	progress.OutOfPlace = true
	return h.fragment(c, views.DecisionAnswer(cell, progress, reviewSegments(r, show)))
}

// askFinish handles GET /reviews/:id/finish.
func (h *reviews) askFinish(c echo.Context) error {
	return h.finishPage(c, http.StatusOK, views.FinishReviewPage{})
}

func (h *reviews) finishPage(c echo.Context, status int, page views.FinishReviewPage) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	r, err := h.Reviews.Review(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	if r.State() != review.Open {
		return c.Redirect(http.StatusSeeOther, views.ReviewPath(id))
	}
	page.ID, page.Name, page.CompanyID, page.CompanyName = r.ID, reviewTitle(r), r.Company.ID, r.Company.Name
	page.Version, page.Button = strconv.FormatInt(r.Version, 10), h.inEnvironment("Finish the review")
	page.Facts = append([]ui.KeyValueItem{{Key: "Company", Content: ui.Name(r.Company.Name)}, {Key: "Who confirms", Value: r.Confirms}}, reviewTotals(r.Counts)...)
	if n := r.Counts.Undecided(); n > 0 {
		page.Facts = append(page.Facts, ui.KeyValueItem{Key: "Undecided", Value: ui.Number(n)})
		page.Undecided, page.UndecidedHref = ui.Count(n, "person is undecided", "people are undecided"), views.ReviewPageOf(id, string(review.ShowUndecided), 1)
	}
	return h.renderIn(c, status, frame{title: "Finish this access review?", nav: "reviews", errors: page.Errors.Any()}, views.FinishReview(page))
}

// finish handles POST /reviews/:id/finish.
func (h *reviews) finish(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return badRequest("The form doesn’t say which numbers its page showed.")
	}
	askRest := form.Get("rest") == string(review.AskAbout)

	r, err := h.Reviews.Finish(c.Request().Context(), actor(c), review.FinishRequest{ID: id, Version: version, AskRest: askRest})

	if errors.Is(err, review.ErrChanged) {
		return h.finishPage(c, http.StatusConflict, views.FinishReviewPage{Changed: true, AskRest: askRest})
	}
	if errors.Is(err, review.ErrNotOpen) {
		return h.seeOther(c, views.ReviewPath(id), finishedMeanwhile)
	}
	if found, ok := formErrors(err); ok {
		return h.finishPage(c, http.StatusUnprocessableEntity, views.FinishReviewPage{Errors: found})
	} else if err != nil {
		return err
	}
	to := views.ReviewPath(r.ID)
	if r.Counts.Disable > 0 {
		to = views.ReviewPageOf(r.ID, string(review.ShowDisable), 1)
	}
	return h.seeOther(c, to, ui.Flash{Kind: ui.AlertOK, Title: reviewTitle(r) + " is finished.", Text: nextAfterReview(r)})
}

func nextAfterReview(r review.Review) string {
	if r.Counts.Disable == 0 {
		return "Nobody is to be disabled."
	}
	return ui.Count(r.Counts.Disable, "person is", "people are") + " to be disabled: each is confirmed on a page of its own."
}
