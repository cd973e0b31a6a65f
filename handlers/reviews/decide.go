package reviews

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal/review"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

// Decide handles POST /reviews/:id/decisions: the choices of one page.
func (h *Handlers) Decide(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	decisions, err := parseDecisions(form)
	if err != nil {
		return err
	}

	left, err := h.Reviews.Decide(c.Request().Context(), kit.Actor(c), id, decisions)

	if errors.Is(err, review.ErrNotOpen) {
		return h.SeeOther(c, views.ReviewPath(id), finishedMeanwhile)
	}
	if status, found, ok := h.NotSaved(c, err); ok {
		return h.showPage(c, status, id, form, found)
	} else if err != nil {
		return err
	}
	show, page := showOfForm(form), pageOfForm(form)
	if len(left) > 0 {
		return h.SeeOther(c, views.ReviewPageOf(id, string(show), page), ui.Flash{
			Kind: ui.AlertAsk, Title: ui.Count(len(left), "choice was", "choices were") + " not saved.",
			Text: "Somebody else decided about them meanwhile: their decisions are shown.",
		})
	}
	if show == review.ShowAll && form.Get("more") != "" {
		page++ // of another list those who are decided about go
	}
	return h.SeeOther(c, views.ReviewPageOf(id, string(show), page), ui.Flash{Kind: ui.AlertOK, Title: "Saved."})
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
		return nil, kit.BadRequest("A page has %d people at most.", reviewSize)
	}
	slices.SortFunc(decisions, func(a, b review.Deciding) int { return strings.Compare(a.UserID, b.UserID) })
	return decisions, nil
}

// parseDecision reads the choice about one person; none is Undecided.
func parseDecision(form url.Values, userID string) (review.Deciding, error) {
	d := review.Deciding{UserID: userID, Seen: review.Decision(form.Get("seen." + userID)), Decision: review.Decision(form.Get("decision." + userID))}
	if d.Decision != review.Undecided && !slices.Contains(review.Decisions, d.Decision) {
		return review.Deciding{}, kit.BadRequest("A decision is to keep, to disable or to ask.")
	}
	return d, nil
}

// DecideOne handles POST /reviews/:id/people/:uid: one choice, for the script that
// saves it as soon as it is made.
func (h *Handlers) DecideOne(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	show, err := reviewFilter(c.QueryParam("show"))
	if err != nil {
		return err
	}
	ctx, a, form, userID := c.Request().Context(), kit.Actor(c), c.Request().PostForm, kit.UserID(c)
	d, err := parseDecision(form, userID)
	if err != nil {
		return err
	}
	if d.Decision == review.Undecided {
		return kit.BadRequest("The form has no decision.")
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
	return h.Fragment(c, pages.DecisionAnswer(cell, progress, reviewSegments(r, show)))
}
