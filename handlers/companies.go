package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// companies has the handlers of the list of companies, of one company, and of
// the form for a new one.
type companies struct {
	*Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	Reviews   *review.Reviews
	Precheck  *precheck.Service
	PartnerID string // shown in the Embedded Mode snippet; may be empty
}

const (
	lastChanges     = 5  // of a company, on its page
	lastEvents      = 25 // are read for them: some are one change, or one sitting
	historyPageSize = 50 // of a company, on the page of its history
)

// show handles GET /companies/:id.
func (h *companies) show(c echo.Context) error {
	ctx, a, id := c.Request().Context(), actor(c), c.Param("id")
	company, err := h.Directory.Company(ctx, a, id)
	if err != nil {
		return err
	}
	if company.State.Ready() && company.Stale == nil {
		h.count(c, &company)
	}
	history, err := h.Activity.CompanyHistory(ctx, a, id, ledger.Page{Limit: lastEvents})
	if err != nil {
		return err
	}

	page := h.companyPage(c, company, a)
	page.History = eventRows(inSittings(history.Events), a, h.Now())
	page.History = page.History[:min(len(page.History), lastChanges)]
	if page.ToDisable, err = leftToDisable(ctx, h.Reviews, a, id); err != nil {
		return err
	}
	frame := frame{title: company.Name, nav: "companies"}
	if page.Progress != nil {
		frame.refresh = max(int(h.pollEvery()/time.Second), 5)
	}
	return h.renderIn(c, http.StatusOK, frame, views.Company(page))
}

// count reads how many people a company has, from the smallest page there is
// of them. Where that can't be had, the number last counted stands.
func (h *companies) count(c echo.Context, company *directory.Company) {
	people, err := h.Directory.Users(c.Request().Context(), actor(c), company.ID, 1, 1)
	if err != nil {
		h.Logger.WarnContext(c.Request().Context(), "people not counted", "request", requestID(c), "error", loggable(err))
		return
	}
	company.People, company.PeopleReadAt = people.Total, people.ReadAt
}

// companyPage maps a company to its page, but for its history.
func (h *companies) companyPage(c echo.Context, company directory.Company, a auth.Actor) views.CompanyPage {
	now := h.Now()
	page := views.CompanyPage{
		Now: now, ID: company.ID, Name: company.Name, ReadAt: company.ReadAt,
		Status: companyStatus(company.CompanyRecord, company.Overdue, now),
		Stale:  stale(company.Stale, company.ReadAt, now, c.Request().URL.RequestURI()),

		Actions: companyActions(company, a), People: companyPeople(company),
		PublicURL: company.PublicURL, PublicHref: publicHref(company.PublicURL), VanityName: company.VanityName,
		Domains: company.EmailDomains, CreatedAt: company.CreatedAt,
		HistoryHref: views.HistoryPath(company.ID, 0),
	}
	page.Embed, page.EmbedNote = embedSnippet(company, h.PartnerID)
	switch {
	case company.State.Building():
		progress := h.progressOf(company, string(company.State))
		page.Progress = &progress
	case company.State.Failed():
		page.Failure = &views.CompanyFailure{
			Title: failureTitle(company.State), Steps: companySteps(company, h.Directory.BuildTime(), now),
			ErrorMessage: company.ErrorMessage, TraceID: traceIDOf(company.ErrorMessage),
			Message: messageToSymphony(company, h.Environment.Word(), now),
		}
	case !company.State.Ready():
		page.Unknown = companyStatus(company.CompanyRecord, false, now).Word
	}
	return page
}

// companyActions are what can be done with a company; what the actor's role or
// the company's state forbids says why.
func companyActions(company directory.Company, a auth.Actor) []ui.ButtonProps {
	notYet := forbidden(a, auth.Onboard)
	if notYet == "" {
		notYet = whyClosed(company.State)
	}
	people := ui.ButtonProps{Label: "People", Href: views.PeoplePath(company.ID)}
	if !company.State.Ready() {
		return []ui.ButtonProps{{Label: "Add domains or people", Forbidden: notYet}}
	}
	actions := []ui.ButtonProps{people}
	if a.Can(auth.Review) {
		actions = append(actions, ui.ButtonProps{Label: "Access reviews", Href: views.CompanyReviewsPath(company.ID)})
	}
	if notYet != "" {
		return append(actions, ui.ButtonProps{Label: "Add domains or people", Forbidden: notYet})
	}
	return append(actions,
		ui.ButtonProps{Label: "Add domains", Href: views.DomainsPath(company.ID)},
		ui.ButtonProps{Label: "Add people", Href: views.NewPeoplePath(company.ID), Variant: ui.ButtonPrimary, Icon: ui.IconAdd},
	)
}

// whyClosed says why a company can't take people or domains; empty when it can.
func whyClosed(s sapi.CompanyState) string {
	switch {
	case s.Ready():
		return ""
	case s.Building():
		return "Once Symphony has built the company."
	case s.Failed():
		return "Symphony could not build the company."
	}
	return "Foyer doesn’t know the state that Symphony reports."
}

// companyPeople maps what is known of how many people a company has.
func companyPeople(company directory.Company) views.CompanyPeople {
	switch {
	case company.State.Building():
		return views.CompanyPeople{Words: "none until it is ready"}
	case !company.State.Ready():
		return views.CompanyPeople{Words: "not to be asked for in this state"}
	case company.PeopleReadAt.IsZero():
		return views.CompanyPeople{Words: "could not be counted just now", Href: views.PeoplePath(company.ID)}
	}
	return views.CompanyPeople{
		Count: ui.Number(int(company.People)), At: company.PeopleReadAt, Href: views.PeoplePath(company.ID),
	}
}

// publicHref is a public URL where it is safe to link to: https, on a host of
// symphony.com and nothing else. Symphony's answers are not trusted further.
func publicHref(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || !strings.HasSuffix(u.Hostname(), ".symphony.com") {
		return ""
	}
	return u.String()
}

// withoutScheme writes a public URL as people read it.
func withoutScheme(raw string) string {
	return strings.TrimSuffix(strings.TrimPrefix(raw, "https://"), "/")
}

// embedSnippet is the markup with which a page loads Symphony's Embedded Mode
// for a company; empty, with the reason, when there is none to give, and
// without one for a company that is not ready.
func embedSnippet(company directory.Company, partnerID string) (snippet, note string) {
	if !company.State.Ready() {
		return "", ""
	}
	href := publicHref(company.PublicURL)
	if href == "" {
		return "", "Symphony gives no public URL on symphony.com for this company, so there is nothing to embed."
	}
	if partnerID == "" {
		partnerID, note = "YOUR-PARTNER-ID", "Put your partner id in: this Foyer was not told it."
	}
	return fmt.Sprintf("<script src=\"%s/embed/sdk.js\"\n  data-partner-id=\"%s\"></script>",
		escapeAttribute(strings.TrimSuffix(href, "/")), escapeAttribute(partnerID)), note
}

// escapeAttribute makes a value stay within the quotes of an attribute.
func escapeAttribute(value string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(value)
}

// progress handles GET /companies/:id/progress: the part of the company's page
// that changes while it is being built. Once it isn't any more, the script is
// told to load the page again.
func (h *companies) progress(c echo.Context) error {
	company, err := h.Directory.Company(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil || !company.State.Building() {
		c.Response().Header().Set("HX-Refresh", "true")
	}
	if err != nil {
		return err
	}
	return h.fragment(c, views.CompanyProgressPart(h.progressOf(company, c.QueryParam("state"))))
}

// progressOf maps how far a company is; shown is the state that the page has
// shown so far.
func (h *companies) progressOf(company directory.Company, shown string) views.CompanyProgress {
	now := h.Now()
	p := views.CompanyProgress{
		Steps:     companySteps(company, h.Directory.BuildTime(), now),
		Spoken:    spokenProgress(company),
		Changed:   shown != string(company.State),
		CheckedAt: company.ReadAt,
	}
	if company.State.Building() {
		p.PollPath = views.WithQuery(views.CompanyProgressPath(company.ID), url.Values{"state": {string(company.State)}})
		p.PollEvery = fmt.Sprintf("%ds", int(h.pollEvery()/time.Second))
	}
	if company.Stale != nil {
		p.Problem = classify(company.Stale).title
	}
	if company.Overdue {
		p.Overdue = &views.CompanyOverdue{
			Words: fmt.Sprintf("It takes longer than usual: %s so far, where Symphony says about %s. Foyer goes on asking, less and less often.",
				ui.Elapsed(now.Sub(company.CreatedAt)), usually(h.Directory.BuildTime())),
			Message: messageToSymphony(company, h.Environment.Word(), now),
		}
	}
	return p
}

func spokenProgress(company directory.Company) string {
	switch {
	case company.State == sapi.StateStarted:
		return "Symphony is building the tenant of " + company.Name + "."
	case company.State.Building():
		return "The tenant of " + company.Name + " is built. Symphony is setting it up."
	case company.State.Ready():
		return company.Name + " is ready."
	}
	return company.Name + " is no longer being built."
}

// pollEvery is how often an open page asks how far a company is: about two
// hundred times until it is ready.
func (h *companies) pollEvery() time.Duration {
	return min(max(h.Directory.BuildTime()/200, 2*time.Second), 15*time.Second).Round(time.Second)
}

// history handles GET /companies/:id/history.
func (h *companies) history(c echo.Context) error {
	before, err := beforeSeq(c)
	if err != nil {
		return err
	}
	ctx, a, id := c.Request().Context(), actor(c), c.Param("id")
	company, err := h.Directory.Company(ctx, a, id)
	if err != nil {
		return err
	}
	events, err := h.Activity.CompanyHistory(ctx, a, id, ledger.Page{Before: before, Limit: historyPageSize})
	if err != nil {
		return err
	}

	page := views.CompanyHistoryPage{ID: id, Name: company.Name, Rows: eventRows(inSittings(events.Events), a, h.Now())}
	if before > 0 {
		page.NewestHref = views.HistoryPath(id, 0)
	}
	if events.Next > 0 {
		page.OlderHref = views.HistoryPath(id, events.Next)
	}
	return h.render(c, http.StatusOK, "History of "+company.Name, "companies", views.CompanyHistory(page))
}
