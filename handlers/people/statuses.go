package people

import (
	"errors"
	"slices"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// Statuses handles GET /companies/:id/users/statuses: the cells of the people named by
// uid, read one by one, for the page that shows them.
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
	read := make([]pages.Row, len(answers))
	for i, answer := range answers {
		u := directory.UserRecord{CompanyID: companyID, StatusAt: answer.StatusAt}
		u.ID, u.Status, u.DisplayName = answer.UserID, answer.Status, answer.Name
		read[i] = statusRow(u, a)
		read[i].Name = ui.Marked{Text: portal.UserName(u.User)}
		if answer.Err != nil {
			read[i].Note = whyUnknown(answer.Err)
		}
	}
	c.Response().Header().Set("HX-Trigger", pages.StatusesRead)
	cells := c.QueryParams()["cell"]
	shown := func(key pages.ColumnKey) bool { return slices.Contains(cells, string(key)) }
	return h.Fragment(c, pages.Statuses(read, h.Now(), shown(pages.Seen), shown(pages.Action)))
}

// Counts handles GET /companies/:id/users/counts: how many people of each status the table
// with the same query has, for a page that has just read statuses.
func (h *Handlers) Counts(c echo.Context) error {
	l := list{actor: kit.Actor(c), company: new(directory.Company), now: h.Now()}
	l.company.ID = kit.CompanyID(c)
	if err := h.parse(c, c.QueryParams(), &l); err != nil {
		return err
	}
	var err error
	if l.Total, l.PeopleList.Counts, err = h.Directory.CountPeople(c.Request().Context(), l.actor, l.PeopleQuery, l.company.ID, l.exact); err != nil {
		return err
	}
	return h.Fragment(c, pages.CountsPart(pages.ListPage{Counts: l.statusCounts(), CountsPath: l.countsPath(), Matched: l.matched(), Exact: l.exactly()}))
}

// countsPath is where the page has its counts again.
func (l list) countsPath() string {
	return views.WithQuery(views.PeopleCountsPath(l.company.ID), l.values)
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
