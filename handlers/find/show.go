package find

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"foyer/address"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/find"
	"foyer/views/ui"
)

// Handlers answers a search. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
}

// maxFind is the longest text that is searched for, in characters: what the
// search box takes.
const maxFind = 320

// Show handles GET /find: a single hit opens at once, several are listed.
func (h *Handlers) Show(c echo.Context) error {
	query := strings.TrimSpace(c.QueryParam("q"))
	if !utf8.ValidString(query) || utf8.RuneCountInString(query) > maxFind {
		return kit.BadRequest("A search can have %d characters at most.", maxFind)
	}
	ctx, a, now := c.Request().Context(), kit.Actor(c), h.Now()
	page := pages.ShowPage{Query: query, Now: now}
	if query == "" {
		return h.page(c, http.StatusOK, page)
	}

	found, err := h.Directory.Find(ctx, a, query)
	if status, empty, ok := h.CouldNotLoad(c, err); ok {
		page.Nothing = &empty
		return h.page(c, status, page)
	} else if err != nil {
		return err
	}
	if hit := onlyHit(found); hit != "" {
		return c.Redirect(http.StatusSeeOther, hit)
	}
	var names map[string]string
	if len(found.Users) > 0 {
		list, err := h.Directory.Companies(ctx, a, directory.CompanyQuery{})
		if err != nil {
			return err
		}
		names = companyNames(list.Rows)
	}
	return h.page(c, http.StatusOK, newFindPage(found, names, h.Directory.Overdue, now))
}

func (h *Handlers) page(c echo.Context, status int, page pages.ShowPage) error {
	title := "Find people"
	if page.Query != "" {
		title = "Search for “" + page.Query + "”"
	}
	return h.RenderIn(c, status, kit.Frame{Title: title, Nav: "find", Search: page.Query}, pages.Show(page))
}

// onlyHit is the page of the only thing found; empty when there is none, or
// more than one.
func onlyHit(found directory.Found) string {
	switch {
	case len(found.Users) == 1 && len(found.Companies) == 0:
		return views.UserPath(found.Users[0].CompanyID, found.Users[0].ID)
	case len(found.Users) == 0 && len(found.Companies) == 1:
		return views.CompanyPath(found.Companies[0].ID)
	}
	return ""
}

func companyNames(companies []directory.CompanyRecord) map[string]string {
	names := make(map[string]string, len(companies))
	for _, r := range companies {
		names[r.ID] = r.Name
	}
	return names
}

// newFindPage maps what a search found; names are the companies' by id.
func newFindPage(found directory.Found, names map[string]string, overdue func(directory.CompanyRecord) bool, now time.Time) pages.ShowPage {
	page := pages.ShowPage{Query: found.Query, Now: now, Unsearched: wording.Unsearched(found.Unsearched)}
	for _, r := range found.Companies {
		page.Companies = append(page.Companies, wording.CompanyRow(r, now, overdue(r)))
	}
	for _, u := range found.Users {
		page.People = append(page.People, foundPerson(u, names[u.CompanyID], now))
	}
	if len(found.Companies)+len(found.Users) == 0 {
		page.Nothing = &ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: "Nothing found for “" + found.Query + "”", Text: page.Unsearched}
		if page.Unsearched == "" {
			page.Nothing.Text = "Neither a company that you sponsor nor a person of one has this."
		}
		page.Offers = findOffers(found.Query)
	}
	return page
}

func foundPerson(u directory.UserRecord, company string, now time.Time) pages.Person {
	person := pages.Person{
		Href: views.UserPath(u.CompanyID, u.ID), Name: portal.UserName(u.User), Email: u.Email,
		Company: company, CompanyHref: views.CompanyPath(u.CompanyID), Status: wording.StatusCell(u, now), SymphonyID: wording.SymphonyID(u.SymphonyUserID),
	}
	if company == "" {
		person.Company = u.CompanyID
	}
	return person
}

// findOffers are the ways on when nothing was found.
func findOffers(query string) []ui.ButtonProps {
	var offers []ui.ButtonProps
	if _, isDomain := address.ParseDomain(query); isDomain || portal.HasEmailForm(query) {
		label := "Pre-check it"
		if !isDomain {
			label = "Why can’t they sign in? Pre-check the address" // the reason why somebody looks for a person
		}
		offers = append(offers, ui.ButtonProps{Label: label, Href: views.PrecheckOfPath(query), Icon: ui.IconPrecheck})
	}
	return append(offers,
		ui.ButtonProps{Label: "All companies", Href: views.CompaniesPath},
		ui.ButtonProps{Label: "Clear the search", Href: views.FindPath("")})
}
