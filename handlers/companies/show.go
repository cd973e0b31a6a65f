package companies

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

const (
	lastChanges     = 5  // of a company, on its page
	lastEvents      = 25 // are read for them: some are one change, or one sitting
	historyPageSize = 50 // of a company, on the page of its history
)

// Show handles GET /companies/:id.
func (h *Handlers) Show(c echo.Context) error {
	ctx, a, id := c.Request().Context(), kit.Actor(c), kit.CompanyID(c)
	company, uncounted, err := h.Directory.CountedCompany(ctx, a, id)
	if err != nil {
		return err
	}
	if uncounted != nil {
		h.Logger.WarnContext(ctx, "people not counted", "request", kit.RequestID(c), "error", kit.Loggable(uncounted))
	}
	history, err := h.Activity.CompanyHistory(ctx, a, id, ledger.Page{Limit: lastEvents})
	if err != nil {
		return err
	}

	page := h.companyPage(c, company, a)
	if page.People.Count != "" {
		h.received(c, company, &page.People)
	}
	page.History = wording.EventRows(wording.InSittings(history.Events), a, h.Now())
	page.History = page.History[:min(len(page.History), lastChanges)]
	if page.ToDisable, err = wording.LeftToDisable(ctx, h.Reviews, a, id); err != nil {
		return err
	}
	if company.State.Ready() {
		if err := h.figures(c, company, &page); err != nil {
			return err
		}
	}
	frame := kit.Frame{Title: company.Name, Nav: "companies"}
	if page.Progress != nil {
		frame.Refresh = max(int(h.pollEvery()/time.Second), 5)
	}
	return h.RenderIn(c, http.StatusOK, frame, pages.Show(page))
}

// received shows how many people were received instead of how many Symphony says that there
// are, where the two differ. Where that isn't known Symphony's word stands.
func (h *Handlers) received(c echo.Context, company directory.Company, people *pages.People) {
	ctx := c.Request().Context()
	n, at, err := h.Directory.Received(ctx, kit.Actor(c), company.ID)
	if err != nil {
		h.Logger.WarnContext(ctx, "people received not counted", "request", kit.RequestID(c), "error", kit.Loggable(err))
		return
	}
	if said := company.People; !at.IsZero() && int64(n) != said {
		people.Count, people.At, people.Said = ui.Count(n, "person", "people"), at, ui.Number(int(said))
	}
}

// companyPage maps a company to its page, but for its history.
func (h *Handlers) companyPage(c echo.Context, company directory.Company, a auth.Actor) pages.ShowPage {
	now := h.Now()
	page := pages.ShowPage{
		Now: now, ID: company.ID, Name: company.Name, ReadAt: company.ReadAt,
		Status: wording.CompanyStatus(company.CompanyRecord, company.Overdue, now),
		Stale:  wording.Stale(company.Stale, company.ReadAt, now, c.Request().URL.RequestURI()),

		Actions: companyActions(company, a), People: companyPeople(company),
		PublicURL: company.PublicURL, PublicHref: publicHref(company.PublicURL), VanityName: company.VanityName,
		Domains: company.EmailDomains, CreatedAt: company.CreatedAt,
		Notes: companyNotes(company.Notes), HistoryHref: views.HistoryPath(company.ID, 0),
	}
	page.Notes.Change = changeNotes(company, a)
	page.Embed, page.EmbedNote = embedSnippet(company, h.PartnerID)
	switch {
	case company.State.Building():
		page.Status.Word, _, _ = strings.Cut(page.Status.Word, ",") // for how long is in the steps, which go on
		progress := h.progressOf(company, string(company.State))
		page.Progress = &progress
	case company.State.Failed():
		page.Failure = &pages.Failure{
			Title: wording.FailureTitle(company.State), Steps: companySteps(company, h.buildTime(), now),
			ErrorMessage: company.ErrorMessage, TraceID: traceIDOf(company.ErrorMessage),
			Message: messageToSymphony(company, h.Environment.Word(), now),
		}
	case !company.State.Ready():
		page.Unknown = wording.CompanyStatus(company.CompanyRecord, false, now).Word
	}
	return page
}

// companyActions are what can be done with a company; what the actor's role or
// the company's state forbids says why.
func companyActions(company directory.Company, a auth.Actor) []ui.ButtonProps {
	notYet := wording.Forbidden(a, auth.Onboard)
	if notYet == "" {
		notYet = wording.WhyClosed(company.State)
	}
	people := ui.ButtonProps{Label: "People", Href: views.PeoplePath(company.ID)}
	if !company.State.Ready() {
		return []ui.ButtonProps{{Label: "Add domains or people", Forbidden: notYet}}
	}
	actions := []ui.ButtonProps{people}
	if a.Can(auth.Review) {
		actions = append(actions, ui.ButtonProps{Label: "Access reviews", Href: views.CompanyReviewsPath(company.ID)})
	}
	if a.Can(auth.ChangeStatus) {
		actions = append(actions, ui.ButtonProps{Label: "Add or disable many", Href: views.NewBulkPath("", company.ID)})
	}
	if notYet != "" {
		return append(actions, ui.ButtonProps{Label: "Add domains or people", Forbidden: notYet})
	}
	return append(actions,
		ui.ButtonProps{Label: "Add domains", Href: views.DomainsPath(company.ID)},
		ui.ButtonProps{Label: "Add people", Href: views.NewPeoplePath(company.ID), Variant: ui.ButtonPrimary, Icon: ui.IconAdd},
	)
}

// companyPeople maps what is known of how many people a company has.
func companyPeople(company directory.Company) pages.People {
	switch {
	case company.State.Building():
		return pages.People{Words: "none until it is ready"}
	case !company.State.Ready():
		return pages.People{Words: "not to be asked for in this state"}
	case company.PeopleReadAt.IsZero():
		return pages.People{Words: "could not be counted just now", Href: views.PeoplePath(company.ID)}
	}
	return pages.People{
		Count: ui.Count(int(company.People), "person", "people"), At: company.PeopleReadAt, Href: views.PeoplePath(company.ID),
	}
}
