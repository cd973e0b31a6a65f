package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// statusFresh is how old a status may be before a page reads it again by
// itself.
const statusFresh = 5 * time.Minute

const (
	// statusBatch is how many statuses one request of a page reads, so that the
	// first ones are there soon.
	statusBatch = 25
	// historyRows is how much of a history stands on the page of what it is about,
	// and historyPage how much on a page of its own.
	historyRows, historyPage = 5, 50
)

// users has the handlers of a company's people.
type users struct {
	*Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	Reviews   *review.Reviews
	Precheck  *precheck.Service
}

// list handles GET /companies/:id/users.
func (h *users) list(c echo.Context) error {
	if c.QueryParam("at") != "" {
		return h.listAt(c)
	}
	a, ctx, id := actor(c), c.Request().Context(), c.Param("id")
	page, err := pageNumber(c)
	if err != nil {
		return err
	}
	size, err := h.pageSize(c)
	if err != nil {
		return err
	}
	filter := c.QueryParam("status")
	if !slices.Contains([]string{"", "active", "disabled"}, filter) {
		return badRequest("A status to filter by is active or disabled.")
	}

	company, err := h.Directory.Company(ctx, a, id)
	if err != nil {
		return err
	}
	view := h.newUsersPage(company, a)
	if view.ToDisable, err = leftToDisable(ctx, h.Reviews, a, company.ID); err != nil {
		return err
	}
	if !company.State.Ready() {
		view.NotReady = noPeopleYet(company)
		return h.render(c, http.StatusOK, view.CompanyName, "companies", views.Users(view))
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
	return h.render(c, http.StatusOK, "People of "+view.CompanyName, "companies", views.Users(view))
}

func (h *users) newUsersPage(company directory.Company, a auth.Actor) views.UsersPage {
	return views.UsersPage{
		CompanyID: company.ID, CompanyName: company.Name, Now: h.Now(),
		State: companyStatus(company.CompanyRecord, company.Overdue, h.Now()),
		Add:   canAdd(a, company.ID),
		At:    views.AtForm{Action: views.PeoplePath(company.ID)},
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
func (h *users) unreadable(c echo.Context, view views.UsersPage, err error) error {
	status, empty, ok := h.couldNotLoad(c, err)
	if !ok {
		return err
	}
	view.Empty = &empty
	return h.render(c, status, "People of "+view.CompanyName, "companies", views.Users(view))
}

// fillUsersPage puts what was read into the page.
func fillUsersPage(view *views.UsersPage, read directory.UserPage, filter string, a auth.Actor, now time.Time) {
	path := views.PeoplePath(view.CompanyID)
	query := url.Values{}
	if filter != "" {
		query.Set("status", filter)
	}
	view.Total = ui.Count(int(read.Total), "person", "people")
	view.ReadAt = ui.Clock(read.ReadAt)
	view.Pager = ui.NewPager(path, query, read.Page, read.Size, int(read.Total), pageSizes)
	unknown := 0
	var unread []string
	for _, u := range read.Rows {
		if u.Status == sapi.StatusUnknown {
			unknown++
		}
		if u.Status == sapi.StatusUnknown || now.Sub(u.StatusAt) > statusFresh {
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
	case read.Total == 0:
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "The company is ready: people can be added.", Action: &view.Add}
	case len(view.Rows) == 0:
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: "Nobody on this page is " + filter, Text: view.Filtered, Action: &ui.ButtonProps{Label: "Show all", Href: views.UsersPath(view.CompanyID, read.Page, read.Size, "")}}
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

func userRow(u directory.UserRecord, a auth.Actor, now time.Time) views.UserRow {
	row := views.UserRow{
		Name: portal.UserName(u.User), Email: u.Email, Title: u.Title, Department: u.Department, Created: dateOf(u.CreatedAt),
		Status: statusCell(u, now), Action: userAction(u, a),
	}
	row.Href = views.UserOfStatusPath(row.Action.Href)
	if u.SymphonyUserID != 0 {
		row.SymphonyID = strconv.FormatInt(u.SymphonyUserID, 10)
	}
	return row
}

func dateOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// statusCell is a person's status with its age, and the way to read it when it
// isn't known.
func statusCell(u directory.UserRecord, now time.Time) views.StatusCell {
	cell := views.StatusCell{ID: "status-" + u.ID, Status: ui.StatusProps{Kind: statusKind(u.Status)}, ReadAt: u.StatusAt, Now: now}
	if u.Status == sapi.StatusUnknown {
		cell.CheckHref = views.UserPath(u.CompanyID, u.ID)
	}
	return cell
}

func userAction(u directory.UserRecord, a auth.Actor) views.UserAction {
	action := views.UserAction{ID: "action-" + u.ID, Href: views.StatusPath(u.CompanyID, u.ID), Name: portal.UserName(u.User)}
	switch u.Status {
	case sapi.StatusActive:
		action.Label = "Disable"
	case sapi.StatusDisabled:
		action.Label = "Enable"
	case sapi.StatusUnknown:
		action.Label = "Disable or enable"
	}
	if !a.Can(auth.ChangeStatus) {
		action.Forbidden = "Your role only reads"
	}
	return action
}

// statuses handles GET /companies/:id/users/statuses: the cells of the people
// named by uid, read one by one, for the page that shows them.
func (h *users) statuses(c echo.Context) error {
	a, ids := actor(c), c.QueryParams()["uid"]
	if len(ids) == 0 || len(ids) > portal.MaxPageSize || slices.ContainsFunc(ids, func(id string) bool { return !isID(id) }) {
		return badRequest("Name 1 to %d people by uid.", portal.MaxPageSize)
	}

	answers, err := h.Directory.Statuses(c.Request().Context(), a, c.Param("id"), ids)
	if err != nil {
		return err
	}
	now := h.Now()
	cells := make([]views.StatusCell, len(answers))
	for i, answer := range answers {
		u := directory.UserRecord{CompanyID: c.Param("id"), StatusAt: answer.StatusAt}
		u.ID, u.Status, u.DisplayName = answer.UserID, answer.Status, answer.Name
		cells[i] = statusCell(u, now)
		cells[i].Action = userAction(u, a)
		if answer.Err != nil {
			cells[i].Why = whyUnknown(answer.Err)
		}
	}
	return h.fragment(c, views.Statuses(cells))
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

// readStatuses handles POST /companies/:id/users/statuses: the same without
// JavaScript, for everybody on one page.
func (h *users) readStatuses(c echo.Context) error {
	a, ctx, id, form := actor(c), c.Request().Context(), c.Param("id"), c.Request().PostForm
	page, err := strconv.Atoi(form.Get("page"))
	if err != nil || page < 1 || page > maxPage {
		return badRequest("The form names no page.")
	}
	size, err := strconv.Atoi(form.Get("size"))
	if err != nil || !slices.Contains(pageSizes, size) {
		return badRequest("The form names no size of a page.")
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

// show handles GET /companies/:id/users/:uid.
func (h *users) show(c echo.Context) error {
	a, ctx := actor(c), c.Request().Context()
	user, err := h.Directory.User(ctx, a, c.Param("id"), c.Param("uid"))
	if err != nil {
		return err
	}
	history, err := h.Activity.UserHistory(ctx, a, user.CompanyID, ledger.User{ID: user.ID, Email: user.Email}, ledger.Page{Limit: historyRows})
	if err != nil {
		return err
	}
	view := newUserPage(user, a, h.Now())
	view.History = eventRows(ofPerson(history.Events, user.ID), a, h.Now())
	if history.Next != 0 {
		view.HistoryHref = views.UserHistoryPath(user.CompanyID, user.ID, 0)
	}
	status, err := h.fillAt(c, &view, user)
	if err != nil {
		return err
	}
	return h.renderIn(c, status, frame{title: view.Name, nav: "companies", errors: view.Errors.Any()}, views.User(view))
}

func newUserPage(u directory.User, a auth.Actor, now time.Time) views.UserPage {
	view := views.UserPage{
		Name: portal.UserName(u.User), CompanyID: u.CompanyID, CompanyName: u.Company.Name,
		Status: statusCell(u.UserRecord, now), ReadAt: u.ReadAt, Now: now,
		Actions: []ui.ButtonProps{statusWay(u, a)},
		Stale:   stale(u.Stale, u.ReadAt, now, views.UserPath(u.CompanyID, u.ID)),
		Facts: []ui.KeyValueItem{
			{Key: "E-mail", Value: u.Email, Copy: true},
			{Key: "First name", Value: u.FirstName},
			{Key: "Last name", Value: u.LastName},
			{Key: "Display name", Value: u.DisplayName},
			{Key: "Job title", Value: u.Title},
			{Key: "Department", Value: u.Department},
			{Key: "Location", Value: u.Location},
			{Key: "Phone number", Value: u.PhoneNumber},
			{Key: "User id", Value: u.ID, Code: true, Copy: true},
			{Key: "Symphony id", Value: idText(u.SymphonyUserID), Code: true, Copy: true},
			{Key: "Created", Value: utcOrNothing(u.CreatedAt)},
			{Key: "Changed", Value: utcOrNothing(u.UpdatedAt)},
		},
	}
	if u.Stale == nil && u.Status == sapi.StatusUnknown {
		view.Status.Why = "Symphony didn’t say whether this person is active"
	}
	return view
}

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// history handles GET /companies/:id/users/:uid/history.
func (h *users) history(c echo.Context) error {
	a, ctx := actor(c), c.Request().Context()
	before, err := beforeSeq(c)
	if err != nil {
		return err
	}
	user, err := h.Directory.User(ctx, a, c.Param("id"), c.Param("uid"))
	if err != nil {
		return err
	}
	history, err := h.Activity.UserHistory(ctx, a, user.CompanyID, ledger.User{ID: user.ID, Email: user.Email}, ledger.Page{Before: before, Limit: historyPage})
	if err != nil {
		return err
	}
	view := views.UserHistoryPage{
		CompanyID: user.CompanyID, CompanyName: user.Company.Name, UserHref: views.UserPath(user.CompanyID, user.ID),
		Name: portal.UserName(user.User), Rows: eventRows(ofPerson(history.Events, user.ID), a, h.Now()),
	}
	if history.Next != 0 {
		view.OlderHref = views.UserHistoryPath(user.CompanyID, user.ID, history.Next)
	}
	return h.render(c, http.StatusOK, "History of "+view.Name, "companies", views.UserHistory(view))
}
