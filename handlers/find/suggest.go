package find

import (
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/find"
	"foyer/views/ui"
)

const (
	suggestedCompanies = 3
	suggestedPeople    = 7
)

// Suggest handles GET /find/suggest: what the search box offers for what is typed so
// far. Symphony is never asked.
func (h *Handlers) Suggest(c echo.Context) error {
	text := c.QueryParam("q")
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxFind {
		return kit.BadRequest("A search can have %d characters at most.", maxFind)
	}
	typed := directory.Understand(text)
	page := pages.SuggestPage{Now: h.Now()}
	if typed.Text == "" {
		options, err := h.recent(c)
		if err != nil {
			return err
		}
		page.Add("recent", "Opened lately", options...)
		return h.suggest(c, page)
	}
	lead, err := h.lead(c, typed)
	if err != nil {
		return err
	}
	if lead.href != "" {
		page.Add("lead", "Exactly this", pages.Option{Href: lead.href, Name: wording.Marked(lead.label, nil)})
	}
	if err := h.suggestKnown(c, &page, text); err != nil {
		return err
	}
	if lead.closed != "" && len(page.Groups) == 0 {
		page.Note = lead.closed
	}
	everywhere := "Search for “" + typed.Text + "”"
	if n := len(typed.Emails); n > 1 {
		everywhere = "Who is who: " + ui.Count(n, "address", "addresses")
	}
	page.Add("all", "Everywhere", pages.Option{Href: views.FindPath(typed.Text), Icon: ui.IconFind, Name: wording.Marked(everywhere, nil)})
	page.Groups[len(page.Groups)-1].Last = true
	return h.suggest(c, page)
}

// suggestKnown adds what the directory has.
func (h *Handlers) suggestKnown(c echo.Context, page *pages.SuggestPage, text string) error {
	found, err := h.Directory.Suggest(c.Request().Context(), kit.Actor(c), text, suggestedPeople)
	if err != nil {
		return err
	}
	var companies, people []pages.Option
	for _, r := range found.Companies[:min(len(found.Companies), suggestedCompanies)] {
		companies = append(companies, h.companyOption(r, found.Typed.Words))
	}
	users := found.Users
	for _, who := range found.Who[min(1, len(found.Who)):] {
		users = append(users, who.Users...)
	}
	for _, u := range users[:min(len(users), suggestedPeople)] {
		option := userOption(u, found.Known.Name(u.CompanyID), found.Typed.Words, page.Now)
		if note := noteOf(found, u); note != "" {
			option.Detail = wording.NoteFound(note, found.Typed.Words)
		}
		people = append(people, option)
	}
	page.Add("companies", "Companies", companies...)
	page.Add("people", "People", people...)
	page.Note = suggestNote(found, wording.Coverage(found.Known.Coverage, page.Now))
	page.Spoken = foundCount(found)
	switch {
	case found.Down != nil:
		page.Spoken = "Companies alone were looked through"
	case page.Spoken == "":
		page.Spoken = "Nothing found so far"
	}
	return nil
}

// suggestNote says how old and how whole that is.
func suggestNote(found directory.Found, coverage views.Coverage) string {
	switch {
	case found.Down != nil:
		return "People were not looked through: the directory can’t be used now."
	case coverage.Filling != nil:
		return "Not everybody has been read yet. From " + coverage.Words + "."
	case len(coverage.Gaps) > 0 && coverage.Gaps[0].Company != "":
		return coverage.Gaps[0].Company + " " + coverage.Gaps[0].Words + "."
	case found.Nothing() && found.Typed.Hollow():
		return wording.NoLetter
	case found.Nothing():
		return "Nothing found in " + coverage.Words + "."
	}
	return "From " + coverage.Words + "."
}

func (h *Handlers) suggest(c echo.Context, page pages.SuggestPage) error {
	return h.Fragment(c, pages.SuggestPart(page))
}
