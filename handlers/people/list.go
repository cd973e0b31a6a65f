package people

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/folding"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// statusBatch is how many statuses one request of a page reads, so that the first ones
// are there soon.
const statusBatch = 25

// Everybody handles GET /people.
func (h *Handlers) Everybody(c echo.Context) error {
	if to, ok := withoutEmpty(c); ok {
		return c.Redirect(http.StatusSeeOther, to)
	}
	return h.show(c, nil, c.QueryParams(), saving{})
}

// withoutEmpty is the address of a page without the parameters that are empty: a form sends
// all of its fields. The script, which does so as well, is answered as it is.
func withoutEmpty(c echo.Context) (to string, ok bool) {
	q := url.Values{}
	for name, values := range c.QueryParams() {
		for _, value := range values {
			if value == "" {
				ok = true
			} else {
				q.Add(name, value)
			}
		}
	}
	return views.WithQuery(c.Request().URL.EscapedPath(), q), ok && c.Request().Header.Get("HX-Request") == ""
}

// OfCompany handles GET /companies/:id/users.
func (h *Handlers) OfCompany(c echo.Context) error {
	if to, ok := withoutEmpty(c); ok {
		return c.Redirect(http.StatusSeeOther, to)
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	read := h.Directory.Company
	if c.Request().Header.Get("HX-Request") != "" {
		read = h.Directory.CompanyAsKept // the page has read it, and the table follows what is typed
	}
	company, err := read(ctx, a, kit.CompanyID(c))
	if err != nil {
		return err
	}
	if company.State.Ready() {
		h.Directory.Visited(ctx, company.ID)
	}
	return h.show(c, &company, c.QueryParams(), saving{})
}

// list is what a page of a table is made of.
type list struct {
	table
	directory.PeopleList
	actor   auth.Actor
	company *directory.Company // nil for everybody
	columns []column
	notes   map[directory.UserRef]string // on the people; nil where no column has them
	now     time.Time

	token string // of the form that disables or enables who is ticked

	nobodyShown bool   // on the page that asks how far people are read
	shownAt     string // the address of that page
}

// show answers with the page of a table that a query asks for: of one company's people, or
// of everybody's.
func (h *Handlers) show(c echo.Context, company *directory.Company, q url.Values, s saving) error {
	ctx := c.Request().Context()
	l := list{actor: kit.Actor(c), company: company, now: h.Now()}
	if err := h.parse(c, q, &l); err != nil {
		return err
	}
	if l.refused.Any() && (company == nil || company.State.Ready()) {
		return h.showRefused(c, l)
	}
	var err error
	l.PeopleList, err = h.Directory.ListPeople(ctx, l.actor, l.PeopleQuery, l.table.company, l.exact)
	if down, ok := errors.AsType[*directory.Unavailable](err); ok && company != nil {
		return h.fromSymphony(c, l, down)
	} else if ok && s.problem != "" {
		return h.formAlone(c, l, s, down)
	} else if errors.Is(err, directory.ErrNoPlace) {
		return badPlace()
	} else if err != nil {
		return err
	}
	if err = h.readNotes(c, &l); err != nil {
		return err
	}
	if len(l.Rows) == 0 && l.After+l.Before != "" && l.Next+l.Previous == "" {
		return c.Redirect(http.StatusSeeOther, l.href()) // nobody is there any more
	}
	l.nobodyShown = len(l.Rows)+len(l.Noted) == 0
	view := l.page()
	view.Save = s.form(l.filters())
	if err := h.fill(c, &view, l); err != nil {
		return err
	}
	frame := kit.Frame{Title: view.Title, Nav: "people", Errors: s.problem != ""}
	if company != nil {
		frame.Nav = "companies"
	}
	if view.Reading != nil && view.Reading.Poll != "" {
		frame.Refresh = readingRefresh
	}
	return h.RenderIn(c, s.status(), frame, pages.List(view))
}

// showRefused answers with the form as it was typed, and why nobody is listed by it.
func (h *Handlers) showRefused(c echo.Context, l list) (err error) {
	if l.Known, err = h.Directory.Covered(c.Request().Context(), l.actor); err != nil {
		return err
	}
	view := l.page()
	view.Counts, view.Fresh, view.Matched, view.Errors = nil, pages.Fresh{}, "", l.refused
	view.Empty = &ui.EmptyProps{
		Kind: ui.EmptyNoMatch, Title: "Nobody is looked for like this", Text: "A filter has to be corrected first, or left out.",
		Action: &ui.ButtonProps{Label: "Leave it out", Href: l.href()},
	}
	frame := kit.Frame{Title: view.Title, Nav: "people", Errors: true}
	if l.company != nil {
		frame.Nav = "companies"
	}
	return h.RenderIn(c, http.StatusUnprocessableEntity, frame, pages.List(view))
}

// readNotes reads the notes on the people of a page, where a column has them.
func (h *Handlers) readNotes(c echo.Context, l *list) (err error) {
	if !slices.ContainsFunc(l.columns, func(col column) bool { return col.key == pages.Note }) {
		return nil
	}
	refs := make([]directory.UserRef, len(l.Rows))
	for i, u := range l.Rows {
		refs[i] = directory.UserRef{CompanyID: u.CompanyID, UserID: u.ID}
	}
	l.notes, err = h.Directory.PersonNotes(c.Request().Context(), l.actor, refs...)
	return err
}

// parse reads what a query asks for.
func (h *Handlers) parse(c echo.Context, q url.Values, l *list) (err error) {
	id := ""
	if l.company != nil {
		id = l.company.ID
	}
	l.token = PickedForm(id).NewToken(c)
	if l.table, err = parseTable(q, id, l.now); err != nil {
		return err
	}
	if l.Limit, err = h.PageSize(c); err != nil {
		return err
	}
	if c.QueryParam(ui.SizeParameter) != "" {
		l.values.Set(ui.SizeParameter, strconv.Itoa(l.Limit))
	}
	var asked string
	if l.columns, asked, err = h.columnsOf(c, q, l.company != nil); err != nil {
		return err
	}
	if asked != "" {
		l.values.Set(columnsParameter, asked)
	}
	return h.nameCompanies(c, &l.table)
}

// nameCompanies gives companies that are filtered by and named in words the id that they
// have, and leaves those that have the tags that are filtered by.
func (h *Handlers) nameCompanies(c echo.Context, t *table) error {
	if t.company != "" || len(t.CompanyIDs) == 0 && len(t.tags) == 0 {
		return nil
	}
	known, err := h.Directory.Covered(c.Request().Context(), kit.Actor(c))
	if err != nil {
		return err
	}
	for i, named := range t.CompanyIDs {
		t.CompanyIDs[i] = companyNamed(known, named)
	}
	if len(t.CompanyIDs) > 0 {
		t.CompanyIDs = slices.Compact(slices.Sorted(slices.Values(t.CompanyIDs)))
		t.values[companyParameter] = t.CompanyIDs
	}
	if len(t.tags) > 0 {
		t.keepTagged(known.Tagged(t.tags...))
	}
	return nil
}

// keepTagged leaves the companies that have the tags, of those that are filtered by.
func (t *table) keepTagged(tagged []string) {
	if named := t.CompanyIDs; named != nil {
		tagged = slices.DeleteFunc(tagged, func(id string) bool { return !slices.Contains(named, id) })
	}
	t.CompanyIDs = tagged
}

// companyNamed gives the id of the company that somebody calls so, by its name or the
// only one that has this in it; what they call it where there is none.
func companyNamed(known *directory.KnownCompanies, named string) string {
	if known.Name(named) != named {
		return named
	}
	folded, id, several := folding.Text(named), named, false
	for _, company := range known.Companies {
		switch name := folding.Text(company.Name); {
		case company.ID == named || name == folded || folded != "" && folding.Text(company.Notes.Alias) == folded:
			return company.ID
		case contains(name, folded):
			several = several || id != named
			id = company.ID
		}
	}
	if several {
		return named
	}
	return id
}

// fill puts into a page what has to be read besides the people.
func (h *Handlers) fill(c echo.Context, view *pages.ListPage, l list) (err error) {
	ctx := c.Request().Context()
	filters, err := h.Directory.SavedFilters(ctx, l.actor)
	if err != nil {
		return err
	}
	view.Saved = savedFilters(filters, l.table, l.actor)
	view.Reading = h.reading(c, l)
	if l.company != nil && view.Empty == nil {
		view.ToDisable, err = wording.LeftToDisable(ctx, h.Reviews, l.actor, l.company.ID)
	}
	return err
}

// page maps a list to its page.
func (l list) page() pages.ListPage {
	view := pages.ListPage{
		Title: "People", Now: l.now, Fresh: l.fresh(),
		Counts: l.statusCounts(), Search: l.search(), Chips: l.chips(), Filters: l.filterForm(),
		Matched: l.matched(), Columns: l.heads(l.columns), Choices: l.columnChoices(l.columns),
		Keep: ui.Parameters(l.values, columnsParameter), Query: l.values.Encode(),
		Pager: l.pager(), Select: l.selection(),
	}
	if l.company != nil {
		l.ofCompany(&view)
	} else if len(l.values[companyParameter]) == 1 && len(l.CompanyIDs) == 1 && l.Known.Name(l.CompanyIDs[0]) != l.CompanyIDs[0] {
		company := directory.CompanyRecord{Company: sapi.Company{ID: l.CompanyIDs[0], State: sapi.StateCompleted}}
		view.Add = new(wording.AddPeople(company, l.actor))
	}
	if len(l.filters()) > 0 {
		view.Clear = l.cleared()
	}
	view.Exact = l.exactly()
	if l.Some {
		view.Cut = "More people match than can be sorted at once: these are of those who were found first, in order. Type more of what you look for, or take everybody as a file."
	}
	if l.Cut {
		view.Cut = "The database was not looked through to the end, because that would take long: there may be more people who match, and they may not all be in order. Narrow the list, or sort it by name."
	}
	if l.Lost {
		view.Cut = strings.TrimSpace("The page that the address leads to isn’t there any more: this is the first one. " + view.Cut)
	}
	if len(l.Rows)+len(l.Noted) == 0 {
		view.Empty = l.empty(view.Add)
		return view
	}
	if len(l.Rows) > 0 {
		view.Downloads = []ui.Link{{Label: "Download CSV", Href: l.file("csv")}, {Label: "JSON Lines", Href: l.file("jsonl")}}
	}
	l.noted(&view)
	view.Rows = make([]pages.Row, len(l.Rows))
	for i, u := range l.Rows {
		view.Rows[i] = l.row(u)
	}
	l.readStatuses(&view)
	return view
}

// noted puts into a page whom nothing but the note on them has found: rows as the others.
func (l list) noted(view *pages.ListPage) {
	for _, u := range l.Noted {
		row := l.row(u.UserRecord)
		row.FoundBy, row.Noted = wording.NoteFound(u.Note, l.Words), u.Note
		view.Noted = append(view.Noted, row)
	}
	view.NotedWords = "Found by a note on them alone, and in no download of all who match"
	if len(l.Rows) == 0 {
		view.NotedWords = "Nobody matches but by a note on them"
	}
	if l.MoreNoted {
		view.NotedWords += ". There may be more: type more of the note"
	}
}

// exactly is the table counted to the end; empty where it is.
func (l list) exactly() string {
	if !l.Counts.Of(l.Status).More {
		return ""
	}
	return l.href(ui.Parameter{Name: countParameter, Value: "exact"})
}

// ofCompany puts into a page what only a company's own has.
func (l list) ofCompany(view *pages.ListPage) {
	company := l.company
	view.Title, view.CompanyID, view.CompanyName = "People of "+company.Name, company.ID, company.Name
	view.State = new(wording.CompanyStatus(company.CompanyRecord, company.Overdue, l.now))
	view.Add = new(wording.AddPeople(company.CompanyRecord, l.actor))
	if l.actor.Can(auth.ChangeStatus) && company.State.Ready() {
		view.Many = &ui.ButtonProps{Label: "Add or disable many", Href: views.NewBulkPath("", company.ID)}
	}
	view.At = company.State.Ready()
	readAt := l.Known.Reading(company.ID).CompleteAt // of its people, who are what the page shows
	if readAt.IsZero() {
		readAt = company.ReadAt
	}
	view.Stale = wording.Stale(company.Stale, readAt, l.now, l.href())
	if !company.State.Ready() {
		view.Counts, view.Fresh = nil, pages.Fresh{}
	}
}

// row maps one person to their row.
func (l list) row(u directory.UserRecord) pages.Row {
	r := statusRow(u, l.actor)
	r.Name, r.Email = wording.Marked(portal.UserName(u.User), l.Words), wording.Marked(u.Email, l.Words)
	r.Department, r.Title = wording.Marked(u.Department, l.Words), wording.Marked(u.Title, l.Words)
	r.Company, r.Location, r.Phone = l.Known.Name(u.CompanyID), u.Location, wording.MarkedPhone(u.PhoneNumber, l.Words)
	r.FoundBy = l.foundBy(u)
	r.Tags, r.Reference = strings.Join(l.Known.Notes(u.CompanyID).Tags, ", "), l.Known.Notes(u.CompanyID).Reference
	r.Noted = l.notes[directory.UserRef{CompanyID: u.CompanyID, UserID: u.ID}]
	r.SymphonyID, r.Created = wording.SymphonyID(u.SymphonyUserID), wording.DateOf(u.CreatedAt)
	if !u.NotListedAt.IsZero() {
		r.Note = "not listed since " + wording.DateOf(u.NotListedAt)
	}
	return r
}

// foundBy is what of a person has the words of the search, where no column that is shown
// has them.
func (l list) foundBy(u directory.UserRecord) ui.Marked {
	if len(l.Words) == 0 {
		return ui.Marked{}
	}
	shown := []string{portal.UserName(u.User)}
	for _, c := range l.columns {
		switch c.key { //nolint:exhaustive // the others aren't searched
		case pages.Email:
			shown = append(shown, u.Email)
		case pages.Department:
			shown = append(shown, u.Department)
		case pages.Title:
			shown = append(shown, u.Title)
		case pages.Phone:
			shown = append(shown, u.PhoneNumber)
		}
	}
	return wording.FoundBy(u.User, l.Words, shown...)
}

// statusRow is what of a row is about the status.
func statusRow(u directory.UserRecord, a auth.Actor) pages.Row {
	r := pages.Row{ID: u.ID, CompanyID: u.CompanyID, Status: wording.StatusKind(u.Status), StatusAt: u.StatusAt, Action: wording.StatusAction(u.Status)}
	if !a.Can(auth.ChangeStatus) {
		r.WhyNot = wording.ReadOnly
	}
	return r
}

// readStatuses has the statuses read that a company's page shows and that are not known,
// or not fresh.
func (l list) readStatuses(view *pages.ListPage) {
	if l.company == nil {
		return
	}
	shownPeople := slices.Clone(l.Rows)
	for _, u := range l.Noted {
		shownPeople = append(shownPeople, u.UserRecord)
	}
	for _, u := range shownPeople {
		if u.NotListedAt.IsZero() && (u.Status == sapi.StatusUnknown || l.now.Sub(u.StatusAt) > wording.StatusFresh) {
			view.Unread = append(view.Unread, u.ID)
		}
	}
	if len(view.Unread) > 0 {
		view.CountsPath = l.countsPath()
	}
	shown := []string{"status"}
	for _, c := range l.columns {
		if c.key == pages.Seen || c.key == pages.Action {
			shown = append(shown, string(c.key))
		}
	}
	for batch := range slices.Chunk(view.Unread, statusBatch) {
		view.ReadStatuses = append(view.ReadStatuses, views.WithQuery(views.StatusesPath(l.company.ID), url.Values{"uid": batch, "cell": shown}))
	}
}

// pager leads to the pages around this one.
func (l list) pager() pages.Pager {
	p := pages.Pager{Words: ui.Count(len(l.Rows)+len(l.Noted), "person", "people") + " on this page"}
	if l.Previous != "" || l.After != "" {
		p.First = l.href()
	}
	if l.Previous != "" {
		p.Previous = l.href(ui.Parameter{Name: beforeParameter, Value: l.Previous})
	}
	if l.Next != "" {
		p.Next = l.href(ui.Parameter{Name: afterParameter, Value: l.Next})
	}
	for _, size := range kit.PageSizes {
		p.Sizes = append(p.Sizes, ui.PageSize{Size: size, Href: l.href(ui.Parameter{Name: ui.SizeParameter, Value: strconv.Itoa(size)}), Current: size == l.Limit})
	}
	return p
}

// file is where everybody whom the table's filters leave can be had as a file.
func (l list) file(kind string) string {
	path := views.EverybodyFilePath(kind)
	if l.company != nil {
		path = views.PeopleFilePath(l.company.ID, kind)
	}
	q := l.with(ui.Parameter{Name: ui.SizeParameter}, ui.Parameter{Name: columnsParameter})
	return views.WithQuery(path, q)
}

// selection is what can be done with people who are ticked.
func (l list) selection() pages.Selection {
	s := pages.Selection{
		Page: "All " + ui.Number(len(l.Rows)+len(l.Noted)) + " on this page", Query: ui.Parameters(l.values, ui.SizeParameter, columnsParameter),
		Token: l.token, WhyNot: wording.Forbidden(l.actor, auth.ChangeStatus),
	}
	if l.company != nil {
		s.Of = l.company.ID
		s.Query = append(s.Query, ui.Parameter{Name: companyParameter, Value: l.company.ID})
	}
	if count := l.Counts.Of(l.Status); count.N > len(l.Rows) {
		s.All = "All " + countWords(l.Counts, l.Status) + " that match"
	}
	return s
}
