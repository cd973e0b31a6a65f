package companies

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/change"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

// New handles GET /companies/new.
func (h *Handlers) New(c echo.Context) error {
	draft := h.TakeDraft(c)
	form := parseCompanyForm(draft)
	form.NotSentYet = draft != nil
	return h.companyForm(c, http.StatusOK, form)
}

// Check handles POST /companies/check: the answers to check, with who is on
// Symphony already; or the form again.
func (h *Handlers) Check(c echo.Context) error {
	ctx, a := c.Request().Context(), kit.Actor(c)
	form := parseCompanyForm(c.Request().PostForm)
	if field, ok := kit.ToChange(c.Request().PostForm); ok {
		form.Focus = field
		return h.companyForm(c, http.StatusOK, form)
	}

	form.Errors = checkSamples(form)
	check, err := h.Precheck.CheckCompany(ctx, a, companyRequest(form), samplesToAsk(form))
	if err != nil {
		return err
	}
	form.Errors = append(kit.FieldErrors(check.Problems), form.Errors...).InOrder("name", "vanityName", "emailDomains", "samples")
	form.Offers = companyOffers(check.Conflicts)
	if form.Errors.Any() {
		return h.companyForm(c, http.StatusUnprocessableEntity, form)
	}

	page := companyCheckPage(form, check, a, h.Now())
	page.Token, page.Button = creation(form).NewToken(c), h.InEnvironment("Create company "+check.Company.Name)
	return h.Render(c, http.StatusOK, "Check the new company", "companies", pages.Check(page))
}

// Create handles POST /companies.
func (h *Handlers) Create(c echo.Context) error {
	ctx, a := c.Request().Context(), kit.Actor(c)
	form := parseCompanyForm(c.Request().PostForm)
	token, issued := creation(form).Token(c)

	made, err := h.Changes.CreateCompany(ctx, a, change.CreateCompanyRequest{Company: companyRequest(form), Token: token, Again: !issued})

	if found, ok := kit.FormErrors(err); ok {
		form.Errors = found
		return h.companyForm(c, http.StatusUnprocessableEntity, form)
	}
	if status, found, details, ok := h.NotSent(c, err); ok {
		form.Errors, form.Details = found, details
		return h.companyForm(c, status, form)
	} else if err != nil {
		return err
	}
	switch made.State {
	case change.Refused, change.Expired, change.Superseded:
		form.Errors.Add(refusedCompanyField(made), wording.WhyRefused(made))
		form.Details = wording.ProblemDetails(made.Problem)
		return h.companyForm(c, http.StatusUnprocessableEntity, form)
	case change.Done:
		return h.companyRequested(c, made)
	case change.Proposed, change.Queued, change.Sent, change.Unknown, change.Abandoned, change.Declined, change.Cancelled:
	}
	return c.Redirect(http.StatusSeeOther, views.ChangePath(made.ID))
}

// creation is the form that creates what was checked.
func creation(f pages.FormPage) kit.Form {
	return kit.Form{Path: views.CompaniesPath, Shown: companyRequest(f)}
}

// companyRequested leads to the new company's page; to the change's while the
// company's id is not known.
func (h *Handlers) companyRequested(c echo.Context, change change.Change) error {
	path := views.ChangePath(change.ID)
	links := []ui.Link(nil)
	if change.Company.ID != "" {
		path = views.CompanyPath(change.Company.ID)
		links = []ui.Link{{Label: "See the record", Href: views.ChangePath(change.ID)}}
	}
	return h.SeeOther(c, path, ui.Flash{
		Kind: ui.AlertOK, Title: change.Company.Name + " was requested.",
		Text: "Symphony accepted it. People can be added once it is ready, after about " + h.buildTime() + ".", Links: links,
	})
}

// companyForm shows the form, with a fresh token.
func (h *Handlers) companyForm(c echo.Context, status int, form pages.FormPage) error {
	return h.RenderIn(c, status, kit.Frame{Title: "New company", Nav: "companies", Errors: form.Errors.Any()}, pages.Form(form))
}
