package companies

import (
	"fmt"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

// Progress handles GET /companies/:id/progress: the part of the company's page
// that changes while it is being built. Once it isn't any more, the script is
// told to load the page again.
func (h *Handlers) Progress(c echo.Context) error {
	company, err := h.Directory.Company(c.Request().Context(), kit.Actor(c), kit.CompanyID(c))
	if err != nil || !company.State.Building() {
		c.Response().Header().Set("HX-Refresh", "true")
	}
	if err != nil {
		return err
	}
	return h.Fragment(c, pages.ProgressPart(h.progressOf(company, c.QueryParam("state"))))
}

// progressOf maps how far a company is; shown is the state that the page has
// shown so far.
func (h *Handlers) progressOf(company directory.Company, shown string) pages.Progress {
	now := h.Now()
	p := pages.Progress{
		Steps:     companySteps(company, h.buildTime(), now),
		Spoken:    spokenProgress(company),
		Changed:   shown != string(company.State),
		CheckedAt: company.ReadAt,
	}
	if company.State.Building() {
		p.PollPath = views.WithQuery(views.CompanyProgressPath(company.ID), url.Values{"state": {string(company.State)}})
		p.PollEvery = fmt.Sprintf("%ds", int(h.pollEvery()/time.Second))
	}
	if company.Stale != nil {
		p.Problem = wording.Classify(company.Stale).Title
	}
	if company.Overdue {
		p.Overdue = &pages.Overdue{
			Words: fmt.Sprintf("It takes longer than usual: %s so far, where Symphony says about %s. Foyer goes on asking, less and less often.",
				ui.Elapsed(now.Sub(company.CreatedAt)), h.buildTime()),
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

// buildTime is how long building takes, in words.
func (h *Handlers) buildTime() string {
	return wording.BuildTime(h.Directory.BuildTime(), h.StandInBuildTime)
}

// pollEvery is how often an open page asks how far a company is: about two
// hundred times until it is ready.
func (h *Handlers) pollEvery() time.Duration {
	return min(max(h.Directory.BuildTime()/200, 2*time.Second), 15*time.Second).Round(time.Second)
}

// companySteps are the three steps from the request to a company that is ready.
func companySteps(c directory.Company, usual string, now time.Time) []ui.Step {
	requested := ui.Step{State: ui.StepDone, Title: "Requested", Text: "accepted by Symphony", Aside: moment(c.CreatedAt, now)}
	tenant := ui.Step{State: ui.StepNext, Title: "Tenant built"}
	ready := ui.Step{State: ui.StepNext, Title: "Ready for people", Text: "people can be added then"}
	soFar := "Symphony says about " + usual + "."
	if !c.CreatedAt.IsZero() {
		soFar = ui.Elapsed(now.Sub(c.CreatedAt)) + " so far. " + soFar
	}
	switch c.State {
	case sapi.StateStarted:
		tenant.State, tenant.Text = ui.StepNow, soFar
	case sapi.StateTenantCreated:
		tenant.State, tenant.Text, tenant.Aside = ui.StepDone, "", seen(c.StateSeenAt, now)
		ready.State, ready.Text = ui.StepNow, "Symphony is setting it up. "+soFar
	case sapi.StateTenantCreationError:
		tenant.State, tenant.Title, tenant.Text, tenant.Aside = ui.StepFailed, "Tenant not built", "Symphony gave up here", seen(c.StateSeenAt, now)
		ready.Text = ""
	case sapi.StateAuth0ConfigError, sapi.StateTenantConfigError:
		tenant.State = ui.StepDone
		ready.State, ready.Title, ready.Text, ready.Aside = ui.StepFailed, "Not ready for people", "Symphony gave up here", seen(c.StateSeenAt, now)
	case sapi.StateCompleted:
		tenant.State, ready.State, ready.Text, ready.Aside = ui.StepDone, ui.StepDone, "", seen(c.StateSeenAt, now)
	}
	return []ui.Step{requested, tenant, ready}
}

// moment is a time of day, with the date unless it was today; empty when it isn't known.
func moment(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ui.When(at, now)
}

// seen says when Foyer first saw something, which is later than it happened.
func seen(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "seen " + moment(at, now)
}
