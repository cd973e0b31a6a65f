package reviews

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal/review"
	"foyer/views"
	pages "foyer/views/reviews"
)

// Create handles POST /companies/:id/reviews.
func (h *Handlers) Create(c echo.Context) error {
	form := c.Request().PostForm
	filled := pages.Form{Due: form.Get("due"), Confirms: form.Get("confirms")}
	token, issued := start(c).Token(c)

	r, err := h.Reviews.Start(c.Request().Context(), kit.Actor(c), review.StartRequest{
		CompanyID: kit.CompanyID(c), Due: dayOf(filled.Due), Confirms: filled.Confirms, Token: token, Again: !issued,
	})

	var ok bool
	if filled.Errors, ok = kit.FormErrors(err); ok {
		return h.listPage(c, http.StatusUnprocessableEntity, filled)
	}
	var status int
	if status, filled.Errors, _, ok = h.NotSent(c, err); ok {
		return h.listPage(c, status, filled)
	} else if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ReviewPath(r.ID))
}

// start is the form that starts a review of a company.
func start(c echo.Context) kit.Form {
	return kit.Form{Path: views.CompanyReviewsPath(kit.CompanyID(c))}
}

// dayOf gives the day, in UTC, of a time that was typed where a day is asked for; what is
// no time as it is.
func dayOf(typed string) string {
	if at, _, ok := kit.ParseMoment(typed); ok {
		return at.Format(time.DateOnly)
	}
	return typed
}
