package changes

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/change"
	"foyer/views"
	pages "foyer/views/changes"
	"foyer/views/ui"
)

// Handlers answers what is about a change: how it ended, or that nobody knows yet.
// All of its fields are required.
type Handlers struct {
	*kit.Kit
	Changes *change.Engine
}

// changeRefresh is after how many seconds the page of a change that isn't
// settled loads itself again where there is no JavaScript.
const changeRefresh = 5

// Show handles GET /changes/:id.
func (h *Handlers) Show(c echo.Context) error {
	a := kit.Actor(c)
	change, err := h.Changes.Get(c.Request().Context(), a, kit.OneSpelling(c.Param("id")))
	if err != nil {
		return err
	}
	f := kit.Frame{Title: wording.ChangeTitle(change), Nav: "companies"}
	if !change.State.Settled() {
		f.Refresh = changeRefresh
	}
	page := pages.ShowPage{
		Title: wording.ChangeTitle(change), Crumbs: changeCrumbs(change),
		Facts: changeFacts(change), Progress: newChangeProgress(change, a, h.Now()),
	}
	return h.RenderIn(c, http.StatusOK, f, pages.Show(page))
}

// Progress handles GET /changes/:id/progress: the part of the page that changes
// until the change is settled. While it is as the page has it there is nothing
// to send, and nothing is said again to people who hear the page.
func (h *Handlers) Progress(c echo.Context) error {
	a := kit.Actor(c)
	change, err := h.Changes.Get(c.Request().Context(), a, kit.OneSpelling(c.Param("id")))
	if err != nil {
		return err
	}
	if c.QueryParam("version") == strconv.FormatInt(change.Version, 10) {
		return c.NoContent(http.StatusNoContent)
	}
	return h.Fragment(c, pages.ProgressPart(newChangeProgress(change, a, h.Now())))
}

func changeCrumbs(c change.Change) []ui.Link {
	crumbs := []ui.Link{{Label: "Companies", Href: views.CompaniesPath}}
	if c.Company.ID == "" {
		return crumbs
	}
	crumbs = append(crumbs, ui.Link{Label: c.Company.Name, Href: views.CompanyPath(c.Company.ID)})
	switch c.Kind {
	case change.CreateUsers:
		crumbs = append(crumbs, ui.Link{Label: "People", Href: views.PeoplePath(c.Company.ID)})
	case change.DisableUser, change.EnableUser:
		crumbs = append(crumbs, ui.Link{Label: "People", Href: views.PeoplePath(c.Company.ID)}, ui.Link{Label: wording.ChangedUser(c), Href: views.UserPath(c.Company.ID, c.User.ID)})
	case change.CreateCompany, change.AddDomains:
	}
	return crumbs
}

// changeFacts are what was asked, by whom, when and why.
func changeFacts(c change.Change) []ui.KeyValueItem {
	facts := []ui.KeyValueItem{{Key: "Asked by", Content: ui.Name(wording.ActorName(c.Actor, c.Erased))}, {Key: "Asked", Value: wording.UTC(c.CreatedAt)}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.KeyValueItem{Key: key, Value: value})
		}
	}
	switch c.Kind {
	case change.CreateCompany:
		add("Company", c.NewCompany.Name)
		add("Vanity name", c.NewCompany.VanityName)
		add("E-mail domains", wording.Domains(c.NewCompany.EmailDomains))
	case change.AddDomains:
		add("Company", c.Company.Name)
		add("Domains", wording.Domains(c.Domains))
		if len(c.Domains) == 0 && !c.Erased {
			add("Domains", "only such as the company had already")
		}
	case change.DisableUser, change.EnableUser:
		add("E-mail", c.User.Email)
		add("Company", c.Company.Name)
	case change.CreateUsers:
		add("Company", c.Company.Name)
	}
	add("Reason", c.Reason)
	add("Ticket", c.Ticket)
	if !c.UnknownAt.IsZero() {
		add("Answer lost", ui.UTC(c.UnknownAt))
	}
	return append(facts, ui.KeyValueItem{Key: "Change id", Value: c.ID, Code: true, Copy: true})
}

// nextAfter is where to go on from a change.
func nextAfter(c change.Change, a auth.Actor) []ui.ButtonProps {
	if c.Company.ID == "" {
		return []ui.ButtonProps{{Label: "Companies", Href: views.CompaniesPath}}
	}
	company := ui.ButtonProps{Label: "Open the company", Href: views.CompanyPath(c.Company.ID)}
	switch c.Kind {
	case change.CreateUsers:
		return []ui.ButtonProps{{Label: "People of the company", Href: views.PeoplePath(c.Company.ID)}}
	case change.DisableUser, change.EnableUser:
		next := []ui.ButtonProps{{Label: "Open the person", Href: views.UserPath(c.Company.ID, c.User.ID)}}
		if c.State == change.Done {
			back := ui.ButtonProps{Label: wording.WayBack(c.Kind), Href: views.StatusPath(c.Company.ID, c.User.ID)}
			back.Forbidden = wording.Forbidden(a, auth.ChangeStatus)
			next = append(next, back)
		}
		return next
	case change.CreateCompany, change.AddDomains:
	}
	return []ui.ButtonProps{company}
}
