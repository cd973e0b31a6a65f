package users

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// List handles GET /companies/:id/users.
func (h *Handlers) List(c echo.Context) error {
	if c.QueryParam("at") != "" {
		return h.listAt(c)
	}
	a, ctx, id := kit.Actor(c), c.Request().Context(), kit.CompanyID(c)
	page, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	size, err := h.PageSize(c)
	if err != nil {
		return err
	}
	filter := c.QueryParam("status")
	if !slices.Contains([]string{"", "active", "disabled"}, filter) {
		return kit.BadRequest("A status to filter by is active or disabled.")
	}

	company, err := h.Directory.Company(ctx, a, id)
	if err != nil {
		return err
	}
	view := h.newUsersPage(company, a)
	if view.ToDisable, err = wording.LeftToDisable(ctx, h.Reviews, a, company.ID); err != nil {
		return err
	}
	if !company.State.Ready() {
		view.NotReady = noPeopleYet(company)
		return h.Render(c, http.StatusOK, view.CompanyName, "companies", pages.List(view))
	}

	read, err := h.Directory.Users(ctx, a, id, page, size)
	if err == nil && page > read.Pages {
		view.Note = fmt.Sprintf("There is no page %d: this is the last one.", page)
		page = read.Pages
		read, err = h.Directory.Users(ctx, a, id, page, size)
	}
	if err != nil {
		return h.unreadable(c, view, err)
	}
	fillUsersPage(&view, read, filter, a, h.Now())
	return h.Render(c, http.StatusOK, "People of "+view.CompanyName, "companies", pages.List(view))
}

func (h *Handlers) newUsersPage(company directory.Company, a auth.Actor) pages.ListPage {
	return pages.ListPage{
		CompanyID: company.ID, CompanyName: company.Name, Now: h.Now(),
		State: wording.CompanyStatus(company.CompanyRecord, company.Overdue, h.Now()),
		Add:   canAdd(a, company),
		At:    pages.AtForm{Action: views.PeoplePath(company.ID)},
	}
}

// noPeopleYet says why a company has no people yet.
func noPeopleYet(company directory.Company) string {
	switch {
	case company.State.Building():
		return "Symphony is still building it. People can be seen and added once it is ready."
	case company.State.Failed():
		return "Symphony could not build it, so it can have no people. The company’s page has what to tell Symphony."
	}
	return "Symphony reports the state " + string(company.State) + ", which Foyer doesn’t know. People can be seen and added once it is ready."
}

// unreadable shows the page without its people, and a way to try again.
func (h *Handlers) unreadable(c echo.Context, view pages.ListPage, err error) error {
	status, empty, ok := h.CouldNotLoad(c, err)
	if !ok {
		return err
	}
	view.Empty = &empty
	return h.Render(c, status, "People of "+view.CompanyName, "companies", pages.List(view))
}

// fillUsersPage puts what was read into the page.
func fillUsersPage(view *pages.ListPage, read directory.UserPage, filter string, a auth.Actor, now time.Time) {
	path := views.PeoplePath(view.CompanyID)
	query := url.Values{}
	if filter != "" {
		query.Set("status", filter)
	}
	view.Total = peopleCount(read)
	view.ReadAt = ui.Clock(read.ReadAt)
	view.Pager = ui.NewPager(path, query, read.Page, read.Size, int(read.Total), kit.PageSizes)
	if read.AtLeast {
		view.Pager = view.Pager.AndMore(views.UsersPath(view.CompanyID, read.Page+1, read.Size, filter))
	}
	unknown := 0
	var unread []string
	for _, u := range read.Rows {
		if u.Status == sapi.StatusUnknown {
			unknown++
		}
		if u.Status == sapi.StatusUnknown || now.Sub(u.StatusAt) > wording.StatusFresh {
			unread = append(unread, u.ID)
		}
		if filter == "" || u.Status.String() == filter {
			view.Rows = append(view.Rows, userRow(u, a, now))
		}
	}
	view.Segments = statusSegments(view.CompanyID, read, filter)
	if filter != "" {
		view.Filtered = fmt.Sprintf("%d of the %s on this page: Symphony can’t filter by status", len(view.Rows), ui.Count(len(read.Rows), "person", "people"))
		if unknown > 0 {
			view.Filtered += fmt.Sprintf("; %d not known yet", unknown)
		}
	}
	view.Unread = len(unread)
	view.ReadForm = []ui.Parameter{{Name: "page", Value: strconv.Itoa(read.Page)}, {Name: "size", Value: strconv.Itoa(read.Size)}, {Name: "status", Value: filter}}
	if filter == "" {
		for batch := range slices.Chunk(unread, statusBatch) {
			view.ReadStatuses = append(view.ReadStatuses, views.WithQuery(views.StatusesPath(view.CompanyID), url.Values{"uid": batch}))
		}
	}
	switch {
	case len(read.Rows) == 0 && read.Total > 0:
		view.Empty = listedNobody(read)
	case read.Total == 0:
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "The company is ready: people can be added.", Action: &view.Add}
	case len(view.Rows) == 0:
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: "Nobody on this page is " + filter, Text: view.Filtered, Action: &ui.ButtonProps{Label: "Show all", Href: views.UsersPath(view.CompanyID, read.Page, read.Size, "")}}
	}
}

// peopleCount is how many people a company has, as far as Symphony tells.
func peopleCount(read directory.UserPage) string {
	count := ui.Count(int(read.Total), "person", "people")
	if read.AtLeast {
		return "at least " + count
	}
	return count
}

// listedNobody is the place of a page on which Symphony listed nobody, though it says
// that there are people.
func listedNobody(read directory.UserPage) *ui.EmptyProps {
	return &ui.EmptyProps{
		Kind: ui.EmptyFailed, Title: "Symphony listed nobody on this page",
		Text: "It says that there are " + ui.Count(int(read.Total), "person", "people") + " in all, and gave none. Try again in a moment.",
	}
}

// statusSegments are the choices of the status filter, which is for this page
// alone. They have no counts: the script reads statuses into the page after it
// was shown, and a count would stay what it was.
func statusSegments(companyID string, read directory.UserPage, filter string) ui.SegmentedProps {
	segment := func(label, value string) ui.Segment {
		return ui.Segment{Label: label, Href: views.UsersPath(companyID, read.Page, read.Size, value), Current: filter == value}
	}
	return ui.SegmentedProps{Label: "Status", Segments: []ui.Segment{segment("All", ""), segment("Active", "active"), segment("Disabled", "disabled")}}
}

func userRow(u directory.UserRecord, a auth.Actor, now time.Time) pages.Row {
	row := pages.Row{
		Name: portal.UserName(u.User), Email: u.Email, Title: u.Title, Department: u.Department, Created: wording.DateOf(u.CreatedAt),
		Status: wording.StatusCell(u, now), Action: wording.UserAction(u, a), SymphonyID: wording.SymphonyID(u.SymphonyUserID),
	}
	row.Href = views.UserOfStatusPath(row.Action.Href)
	return row
}
