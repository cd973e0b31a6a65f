package users

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal"
	"foyer/views"
)

// ReadStatuses handles POST /companies/:id/users/statuses, which reads statuses where
// there is no JavaScript: of the people named by uid, for the table of a company's
// people; or of everybody on one page of those as of a time.
func (h *Handlers) ReadStatuses(c echo.Context) error {
	form := c.Request().PostForm
	if len(form["uid"]) == 0 {
		return h.readStatusesOfPage(c)
	}
	ids, ok := kit.OnlyIDs(form["uid"], portal.MaxPageSize)
	if !ok {
		return kit.BadRequest("Name 1 to %d people by uid.", portal.MaxPageSize)
	}
	id := kit.CompanyID(c)
	if _, err := h.Directory.Statuses(c.Request().Context(), kit.Actor(c), id, ids); err != nil {
		return err
	}
	back, err := url.ParseQuery(form.Get("query"))
	if err != nil {
		back = nil // to the table as it is without filters
	}
	return c.Redirect(http.StatusSeeOther, views.WithQuery(views.PeoplePath(id), back))
}

func (h *Handlers) readStatusesOfPage(c echo.Context) error {
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
	if _, err := h.Directory.Statuses(ctx, a, id, userIDs(read.Rows)); err != nil {
		return err
	}
	status, at := form.Get("status"), form.Get("at")
	if !slices.Contains(pastFilters, status) || status == "unknown" && at == "" {
		status = ""
	}
	return c.Redirect(http.StatusSeeOther, views.UsersAtPath(id, page, size, status, at))
}
