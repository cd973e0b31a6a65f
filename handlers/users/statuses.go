package users

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/users"
)

// Statuses handles GET /companies/:id/users/statuses: the cells of the people
// named by uid, read one by one, for the page that shows them.
func (h *Handlers) Statuses(c echo.Context) error {
	a, companyID := kit.Actor(c), kit.CompanyID(c)
	ids, ok := kit.UserIDs(c, portal.MaxPageSize)
	if !ok {
		return kit.BadRequest("Name 1 to %d people by uid.", portal.MaxPageSize)
	}

	answers, err := h.Directory.Statuses(c.Request().Context(), a, companyID, ids)
	if err != nil {
		return err
	}
	now := h.Now()
	cells := make([]views.StatusCell, len(answers))
	for i, answer := range answers {
		u := directory.UserRecord{CompanyID: companyID, StatusAt: answer.StatusAt}
		u.ID, u.Status, u.DisplayName = answer.UserID, answer.Status, answer.Name
		cells[i] = wording.StatusCell(u, now)
		cells[i].Action = wording.UserAction(u, a)
		if answer.Err != nil {
			cells[i].Why = whyUnknown(answer.Err)
		}
	}
	return h.Fragment(c, pages.Statuses(cells))
}

// whyUnknown says in a few words why a status could not be read.
func whyUnknown(err error) string {
	switch {
	case errors.Is(err, portal.ErrNotFound), sapi.IsUserNotFound(err), sapi.IsNotFound(err):
		return "not shown by Symphony"
	case sapi.IsUnavailable(err), sapi.IsNotSent(err):
		return "Symphony can’t be reached"
	}
	if _, limited := sapi.IsRateLimited(err); limited {
		return "Symphony asked us to wait"
	}
	return "could not be read"
}

// ReadStatuses handles POST /companies/:id/users/statuses: the same without
// JavaScript, for everybody on one page.
func (h *Handlers) ReadStatuses(c echo.Context) error {
	a, ctx, id, form := kit.Actor(c), c.Request().Context(), kit.CompanyID(c), c.Request().PostForm
	page, err := strconv.Atoi(form.Get("page"))
	if err != nil || page < 1 || page > kit.MaxPage {
		return kit.BadRequest("The form names no page.")
	}
	size, err := strconv.Atoi(form.Get("size"))
	if err != nil || !slices.Contains(kit.PageSizes, size) {
		return kit.BadRequest("The form names no size of a page.")
	}

	read, err := h.Directory.Users(ctx, a, id, page, size)
	if err != nil {
		return err
	}
	ids := make([]string, len(read.Rows))
	for i, u := range read.Rows {
		ids[i] = u.ID
	}
	if _, err := h.Directory.Statuses(ctx, a, id, ids); err != nil {
		return err
	}
	status, at := form.Get("status"), form.Get("at")
	if !slices.Contains(pastFilters, status) || status == "unknown" && at == "" {
		status = ""
	}
	return c.Redirect(http.StatusSeeOther, views.UsersAtPath(id, page, size, status, at))
}
