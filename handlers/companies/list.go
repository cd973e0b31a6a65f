package companies

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

// maxSearch is the longest text that a list is searched for, in characters.
const maxSearch = 200

// List handles GET /companies.
func (h *Handlers) List(c echo.Context) error {
	query, err := parseCompanyQuery(c.QueryParams())
	if err != nil {
		return err
	}
	if query.Page, err = kit.PageNumber(c); err != nil {
		return err
	}
	if query.Size, err = h.PageSize(c); err != nil {
		return err
	}

	a := kit.Actor(c)
	list, err := h.Directory.Companies(c.Request().Context(), a, query)
	page := companyListPage(query, list, h.Directory.Overdue, h.buildTime(), a, h.Now())
	if status, empty, ok := h.CouldNotLoad(c, err); ok {
		page.Count, page.Empty, page.CSVHref = "Not loaded", &empty, ""
		return h.Render(c, status, "Companies", "companies", pages.List(page))
	} else if err != nil {
		return err
	}
	h.markReceived(c, page.Rows, list.Rows)
	page.Stale = wording.Stale(list.Stale, list.ReadAt, h.Now(), c.Request().URL.RequestURI())
	status := http.StatusOK
	if problem := tooLong(query); problem != "" {
		status, page.Empty.Title = http.StatusUnprocessableEntity, problem // the box has what was typed
	}
	return h.Render(c, status, "Companies", "companies", pages.List(page))
}

// tooLong says why nothing can be looked for by a query; empty when it can.
func tooLong(query directory.CompanyQuery) string {
	switch {
	case utf8.RuneCountInString(query.Text) > maxSearch:
		return fmt.Sprintf("A search can have %d characters at most", maxSearch)
	case utf8.RuneCountInString(query.Tag) > portal.MaxTag:
		return fmt.Sprintf("A tag can have %d characters at most", portal.MaxTag)
	}
	return ""
}

// markReceived says of companies how many people were read, where Symphony names another
// number.
func (h *Handlers) markReceived(c echo.Context, rows []views.CompanyRow, of []directory.CompanyRecord) {
	received := h.receivedBy(c)
	for i, r := range of {
		if n, known := received[r.ID]; known && !r.PeopleReadAt.IsZero() && int64(n) != r.People {
			rows[i].PeopleRead = ui.Number(n)
		}
	}
}

// receivedBy is how many people were read, by company. Where that isn't known Symphony's
// word stands.
func (h *Handlers) receivedBy(c echo.Context) map[string]int {
	ctx := c.Request().Context()
	received, err := h.Directory.ReceivedByCompany(ctx, kit.Actor(c))
	if err != nil {
		h.Logger.WarnContext(ctx, "people received not counted", "request", kit.RequestID(c), "error", kit.Loggable(err))
	}
	return received
}

// ReadAgain handles POST /companies/read: Symphony is asked for the list now,
// and the same part of it is shown.
func (h *Handlers) ReadAgain(c echo.Context) error {
	form := c.Request().PostForm
	query, err := parseCompanyQuery(form)
	if err != nil {
		return err
	}
	back := views.WithQuery(views.CompaniesPath, companyQueryValues(query))

	err = h.Directory.ReadCompaniesAgain(c.Request().Context(), kit.Actor(c))
	if _, symphonys := errors.AsType[*sapi.Error](err); symphonys || errors.Is(err, directory.ErrNoneListed) {
		a := wording.Classify(err)
		return h.SeeOther(c, back, ui.Flash{Kind: ui.AlertAsk, Title: a.Title + ".", Text: "The list is the one that was read before."})
	} else if err != nil {
		return err
	}
	return h.SeeOther(c, back, ui.Flash{Kind: ui.AlertOK, Title: "The list was read again."})
}

// parseCompanyQuery reads what the list is narrowed to and how it is sorted.
// What can't be is a bad request, never ignored.
func parseCompanyQuery(q url.Values) (directory.CompanyQuery, error) {
	query := directory.CompanyQuery{
		Text:  strings.TrimSpace(q.Get("q")),
		Tag:   strings.TrimSpace(q.Get("tag")),
		Group: directory.CompanyGroup(q.Get("group")),
		Sort:  cmp.Or(directory.CompanySort(q.Get("sort")), directory.ByName),
	}
	if !utf8.ValidString(query.Text + query.Tag) {
		return directory.CompanyQuery{}, kit.BadRequest("A search and a tag are texts.")
	}
	if !slices.Contains(directory.CompanyGroups, query.Group) {
		return directory.CompanyQuery{}, kit.BadRequest("Companies can’t be narrowed like that.")
	}
	if !slices.Contains(directory.CompanySorts, query.Sort) {
		return directory.CompanyQuery{}, kit.BadRequest("Companies can’t be sorted like that.")
	}
	switch q.Get("order") {
	case "", "asc":
	case "desc":
		query.Desc = true
	default:
		return directory.CompanyQuery{}, kit.BadRequest("The order of sorting is asc or desc.")
	}
	return query, nil
}

// companyQueryValues is the query string of a query, without what is usual and
// without the page.
func companyQueryValues(query directory.CompanyQuery) url.Values {
	q := url.Values{}
	if query.Text != "" {
		q.Set("q", query.Text)
	}
	if query.Tag != "" {
		q.Set("tag", query.Tag)
	}
	if query.Group != directory.AllCompanies {
		q.Set("group", string(query.Group))
	}
	if query.Sort != "" && query.Sort != directory.ByName {
		q.Set("sort", string(query.Sort))
	}
	if query.Desc {
		q.Set("order", "desc")
	}
	return q
}

// companiesHref is the list with another query, from its first page.
func companiesHref(query directory.CompanyQuery) string {
	return views.WithQuery(views.CompaniesPath, companyQueryValues(query))
}

// companyListPage maps a list of companies to its page. usual says how long building
// takes.
func companyListPage(query directory.CompanyQuery, list directory.CompanyList, overdue func(directory.CompanyRecord) bool, usual string, a auth.Actor, now time.Time) pages.ListPage {
	values := companyQueryValues(query)
	page := pages.ListPage{
		Now: now, ReadAt: list.ReadAt, Count: companyCount(list),
		New:    ui.ButtonProps{Label: "New company", Href: views.NewCompanyPath, Variant: ui.ButtonPrimary, Icon: ui.IconAdd, Forbidden: wording.Forbidden(a, auth.Onboard)},
		Query:  ui.Parameters(values),
		Search: companySearch(query, values), Groups: companyGroups(query, list), Tags: companyTags(query, list), Chips: companyChips(query),
		Columns: companySorting(query),
		Pager:   ui.NewPager(views.CompaniesPath, values, list.Page, query.Size, list.Matched, kit.PageSizes),
	}
	for _, r := range list.Rows {
		page.Rows = append(page.Rows, wording.CompanyRow(r, now, overdue(r)))
	}
	switch {
	case len(list.Rows) > 0:
		page.CSVHref = views.WithQuery(views.CompaniesCSVPath, values)
	case list.Total == 0:
		page.Empty = &ui.EmptyProps{
			Kind: ui.EmptyNothing, Title: "No companies yet",
			Text: "Sponsor the first one: its people can be added about " + usual + " later.", Action: &page.New,
		}
	default:
		page.Empty = noCompanyMatches(query, list)
	}
	return page
}

func companyCount(list directory.CompanyList) string {
	total := ui.Count(list.Total, "sponsored company", "sponsored companies")
	if list.Matched != list.Total {
		return ui.Number(list.Matched) + " of " + total
	}
	return total
}

func companySearch(query directory.CompanyQuery, values url.Values) ui.SearchProps {
	return ui.SearchProps{
		Action: views.CompaniesPath, Name: "q", Value: query.Text,
		Label: "Search the companies by name, vanity name, domain, id, alias, reference or tag", Placeholder: "Name, domain, id, alias, tag",
		Keep: ui.Parameters(values, "q"),
		// The list follows what is typed; the box itself stays as it is.
		Attributes: map[string]any{
			"hx-get": views.CompaniesPath, "hx-trigger": "input changed delay:250ms from:find input, submit", "hx-sync": "this:replace",
			"hx-target": "#companies", "hx-select": "#companies", "hx-select-oob": "#list-head,#companies-filters", "hx-swap": "outerHTML", "hx-replace-url": "true",
		},
	}
}

// groupNames are the words for the groups of companies.
var groupNames = map[directory.CompanyGroup]string{
	directory.AllCompanies: "All", directory.Ready: "Ready", directory.BeingBuilt: "Being built", directory.NeedAttention: "Need attention",
}

func companyGroups(query directory.CompanyQuery, list directory.CompanyList) ui.SegmentedProps {
	groups := ui.SegmentedProps{Label: "State"}
	for _, g := range directory.CompanyGroups {
		narrowed := query
		narrowed.Group = g
		segment := ui.Segment{Label: groupNames[g], Href: companiesHref(narrowed), Current: g == query.Group}
		if !list.ReadAt.IsZero() {
			segment.Count = ui.Number(list.Counts[g])
		}
		groups.Segments = append(groups.Segments, segment)
	}
	return groups
}

// companyTags are the tags to filter by, each with how many companies have it.
func companyTags(query directory.CompanyQuery, list directory.CompanyList) []ui.Link {
	var tags []ui.Link
	for _, tag := range list.Tags {
		narrowed := query
		narrowed.Tag = tag.Tag
		tags = append(tags, ui.Link{Label: tag.Tag + " " + ui.Number(tag.Companies), Href: companiesHref(narrowed)})
	}
	return tags
}

// companyChips are the filters that are set, each with a way to remove it.
func companyChips(query directory.CompanyQuery) []ui.ChipProps {
	var chips []ui.ChipProps
	if query.Text != "" {
		without := query
		without.Text = ""
		chips = append(chips, ui.ChipProps{Label: "Search", Value: query.Text, RemoveHref: companiesHref(without)})
	}
	if query.Tag != "" {
		without := query
		without.Tag = ""
		chips = append(chips, ui.ChipProps{Label: "Tag", Value: query.Tag, RemoveHref: companiesHref(without)})
	}
	if query.Group != directory.AllCompanies {
		without := query
		without.Group = directory.AllCompanies
		chips = append(chips, ui.ChipProps{Label: "State", Value: groupNames[query.Group], RemoveHref: companiesHref(without)})
	}
	return chips
}

// companySorting are the columns, each of which sorts by itself; the one that
// sorts now turns the order round.
func companySorting(query directory.CompanyQuery) []ui.Column {
	var columns []ui.Column
	for _, column := range []struct {
		by      directory.CompanySort
		label   string
		numeric bool
	}{
		{directory.ByName, "Company", false},
		{directory.ByDomain, "Domains", false},
		{directory.ByPeople, "People", true},
		{directory.ByState, "State", false},
		{directory.ByChanged, "Changed", false},
	} {
		sorted := query
		sorted.Sort, sorted.Desc = column.by, false
		direction := ui.SortNone
		if query.Sort == column.by {
			direction = ui.SortAscending
			if query.Desc {
				direction = ui.SortDescending
			}
			sorted.Desc = !query.Desc
		}
		columns = append(columns, ui.Column{Label: column.label, Numeric: column.numeric, SortHref: companiesHref(sorted), Sorted: direction})
	}
	return columns
}

// noCompanyMatches says what was looked for in vain, and how to look at all.
func noCompanyMatches(query directory.CompanyQuery, list directory.CompanyList) *ui.EmptyProps {
	title := "No company is in this state"
	switch {
	case query.Tag != "" && (query.Text != "" || query.Group != directory.AllCompanies):
		title = "No company matches these filters"
	case query.Tag != "":
		title = "No company has the tag “" + query.Tag + "”"
	case query.Text != "" && query.Group != directory.AllCompanies:
		title = "No company in this state matches “" + query.Text + "”"
	case query.Text != "":
		title = "No company matches “" + query.Text + "”"
	}
	text := ui.Count(list.Total, "company is", "companies are") + " there without the filters."
	if query.Text != "" && directory.Understand(query.Text).Text == "" {
		title, text = wording.NothingToLookFor(query.Text)
	}
	return &ui.EmptyProps{
		Kind: ui.EmptyNoMatch, Title: title, Text: text,
		Action: &ui.ButtonProps{Label: "Clear the filters", Href: views.CompaniesPath},
	}
}
