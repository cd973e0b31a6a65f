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
	"foyer/safely"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// pastFilters are what the people of a company as of a time can be narrowed to.
var pastFilters = []string{"", "active", "disabled", "unknown"}

// ListAt handles GET /companies/:id/users with a time to look at.
func (h *Handlers) ListAt(c echo.Context) error {
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
	if !slices.Contains(pastFilters, filter) {
		return kit.BadRequest("A status to filter by is active, disabled or unknown.")
	}
	at, problem := parsePast(c.QueryParam("at"), h.Now())
	company, read, unread, err := h.companyAndPeople(c, page, size, problem == "")
	if err != nil {
		return err
	}
	view := h.newUsersAtPage(company, at, c.QueryParam("at"), a)
	if problem != "" {
		view.Form.Error = problem
		view.Errors.Add("at", problem)
		return h.pageAt(c, http.StatusUnprocessableEntity, view)
	}
	if !company.State.Ready() {
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNotLoaded, Title: "The company is not ready", Text: wording.NoPeopleYet(company.CompanyRecord)}
		return h.pageAt(c, http.StatusOK, view)
	}

	err = unread
	if err == nil && page > read.Pages {
		view.Note = fmt.Sprintf("There is no page %d: this is the last one.", page)
		read, err = h.Directory.Users(ctx, a, id, read.Pages, size)
	}
	if err != nil {
		status, empty, ok := h.CouldNotLoad(c, err)
		if !ok {
			return err
		}
		view.Empty = &empty
		return h.pageAt(c, status, view)
	}
	past, err := h.Directory.StatusAt(ctx, a, id, userIDs(read.Rows), at)
	if err != nil {
		return err
	}
	fillUsersAtPage(&view, read, past, filter, a)
	return h.pageAt(c, http.StatusOK, view)
}

// companyAndPeople reads a company and, if they are wanted, a page of its people, side by
// side. The people are waited for, whatever it takes, and so the company may be.
func (h *Handlers) companyAndPeople(c echo.Context, page, size int, wanted bool) (company directory.Company, read directory.UserPage, unread, err error) {
	ctx, a, id := portal.WithPatience(c.Request().Context(), 0), kit.Actor(c), kit.CompanyID(c)
	ask := []func() error{func() (err error) {
		company, err = h.Directory.Company(ctx, a, id)
		return err
	}}
	if wanted {
		ask = append(ask, func() error {
			read, unread = h.Directory.Users(ctx, a, id, page, size)
			return nil
		})
	}
	err = safely.Together(ask...)
	return company, read, unread, err
}

func (h *Handlers) pageAt(c echo.Context, status int, view pages.ListAtPage) error {
	f := kit.Frame{Title: "Who was active in " + view.CompanyName, Nav: "companies", Errors: view.Errors.Any()}
	return h.RenderIn(c, status, f, pages.ListAt(view))
}

func (h *Handlers) newUsersAtPage(company directory.Company, at time.Time, typed string, a auth.Actor) pages.ListAtPage {
	path := views.PeoplePath(company.ID)
	view := pages.ListAtPage{
		CompanyID: company.ID, CompanyName: company.Name, State: wording.CompanyStatus(company.CompanyRecord, company.Overdue, h.Now()),
		Form: pages.AtForm{Action: path, Value: atValue(at, typed), NowHref: path},
	}
	if !at.IsZero() && company.State.Ready() {
		view.Downloads = pastDownloads(company.ID, at, a)
	}
	return view
}

// pastDownloads are the files of everybody in a company as of a time. To whom neither
// is open the reason is said once.
func pastDownloads(companyID string, at time.Time, a auth.Actor) []ui.ButtonProps {
	files := []ui.ButtonProps{
		{Label: "Download CSV of all", Href: views.StatusAtCSVPath(companyID, atParam(at)), Icon: ui.IconDownload, Forbidden: wording.Forbidden(a, auth.SeeActivity)},
		{Label: "Download with proofs", Href: views.StatusAtEvidencePath(companyID, atParam(at)), Icon: ui.IconDownload},
	}
	if files[0].Forbidden != "" {
		return files[:1]
	}
	return files
}

func userIDs(users []directory.UserRecord) []string {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return ids
}

// fillUsersAtPage puts what is known of a page of people into the page.
func fillUsersAtPage(view *pages.ListAtPage, read directory.UserPage, past directory.StatusesAt, filter string, a auth.Actor) {
	at := atParam(past.At)
	view.AsOf = &pages.PastNote{At: ui.UTC(past.At), Whom: "this company", Since: wording.UTC(past.Since)}
	view.Total, view.ListedAt = peopleCount(read), "list read at "+ui.Clock(read.ReadAt)+" UTC"
	query := url.Values{"at": {at}}
	if filter != "" {
		query.Set("status", filter)
	}
	view.Pager = ui.NewPager(views.PeoplePath(view.CompanyID), query, read.Page, read.Size, int(read.Total), kit.PageSizes)
	if read.AtLeast {
		view.Pager = view.Pager.AndMore(views.UsersAtPath(view.CompanyID, read.Page+1, read.Size, filter, at))
	}

	counts := map[string]int{}
	readAgain := false // to read the statuses now would say more
	for _, u := range read.Rows {
		status := past.People[u.ID]
		group := pastGroup(status)
		counts[group]++
		readAgain = readAgain || status.How == directory.NotKnown && !status.Before.At.IsZero() && status.After.At.IsZero()
		if filter == "" || group == filter {
			view.Rows = append(view.Rows, userAtRow(u, status, at, a))
		}
	}
	view.Segments = pastSegments(view.CompanyID, read, counts, filter, at)
	if n := counts[notCreated]; n > 0 {
		view.Filtered = ui.Count(n, "person", "people") + " of this page had not been created"
	}
	if readAgain {
		view.ReadForm = []ui.Parameter{{Name: "page", Value: strconv.Itoa(read.Page)}, {Name: "size", Value: strconv.Itoa(read.Size)}, {Name: "status", Value: filter}, {Name: "at", Value: at}}
	}
	switch {
	case len(read.Rows) == 0 && read.Total > 0:
		view.Empty = listedNobody(read)
	case read.Total == 0:
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "Symphony lists nobody in this company now."}
	case len(view.Rows) == 0:
		view.Empty = &ui.EmptyProps{
			Kind: ui.EmptyNoMatch, Title: "Of nobody on this page the status then is " + filter, Text: ui.Count(len(read.Rows), "person is", "people are") + " on it.",
			Action: &ui.ButtonProps{Label: "Show all", Href: views.UsersAtPath(view.CompanyID, read.Page, read.Size, "", at)},
		}
	}
}

// notCreated is the group of those whom Symphony did not have yet.
const notCreated = "not created"

func pastGroup(p directory.PastStatus) string {
	if p.How == directory.NotCreated {
		return notCreated
	}
	return p.Status.String()
}

func pastSegments(companyID string, read directory.UserPage, counts map[string]int, filter, at string) ui.SegmentedProps {
	segments := ui.SegmentedProps{Label: "Status then"}
	for _, s := range []struct {
		label, value string
		count        int
	}{
		{"All", "", len(read.Rows)}, {"Active", "active", counts["active"]}, {"Disabled", "disabled", counts["disabled"]}, {"Unknown", "unknown", counts["unknown"]},
	} {
		segments.Segments = append(segments.Segments, ui.Segment{
			Label: s.label, Count: strconv.Itoa(s.count), Current: filter == s.value,
			Href: views.UsersAtPath(companyID, read.Page, read.Size, s.value, at),
		})
	}
	return segments
}

func userAtRow(u directory.UserRecord, p directory.PastStatus, at string, a auth.Actor) pages.ListAtRow {
	return pages.ListAtRow{
		Name: portal.UserName(u.User), Email: u.Email, Href: views.UserAtPath(u.CompanyID, u.ID, at),
		Past: pastStatus(p, u.CreatedAt, a), Created: wording.DateOf(u.CreatedAt),
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
