package handlers

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// new handles GET /companies/new.
func (h *companies) new(c echo.Context) error {
	draft, err := h.takeDraft(c)
	if err != nil {
		return err
	}
	form := parseCompanyForm(draft)
	form.NotSentYet = draft != nil
	return h.companyForm(c, http.StatusOK, form)
}

// check handles POST /companies/check: the answers to check, with who is on
// Symphony already; or the form again.
func (h *companies) check(c echo.Context) error {
	ctx, a := c.Request().Context(), actor(c)
	form := parseCompanyForm(c.Request().PostForm)
	if field, ok := toChange(c.Request().PostForm); ok {
		form.Focus = field
		return h.companyForm(c, http.StatusOK, form)
	}

	form.Errors = checkSamples(form)
	check, err := h.Precheck.CheckCompany(ctx, a, companyRequest(form), samplesToAsk(form))
	if err != nil {
		return err
	}
	form.Errors = append(fieldErrors(check.Problems), form.Errors...)
	form.Offers = companyOffers(check.Conflicts)
	if form.Errors.Any() {
		return h.companyForm(c, http.StatusUnprocessableEntity, form)
	}

	page := companyCheckPage(form, check, h.Now())
	page.Token, page.Button = portal.NewToken(), h.inEnvironment("Create company "+check.Company.Name)
	return h.render(c, http.StatusOK, "Check the new company", "companies", views.CompanyCheck(page))
}

// create handles POST /companies.
func (h *companies) create(c echo.Context) error {
	ctx, a := c.Request().Context(), actor(c)
	form := parseCompanyForm(c.Request().PostForm)

	made, err := h.Changes.CreateCompany(ctx, a, change.CreateCompanyRequest{Company: companyRequest(form), Token: formToken(c)})

	if found, ok := formErrors(err); ok {
		form.Errors = found
		return h.companyForm(c, http.StatusUnprocessableEntity, form)
	}
	if status, found, details, ok := notSent(err); ok {
		form.Errors, form.Details = found, details
		return h.companyForm(c, status, form)
	} else if err != nil {
		return err
	}
	switch made.State {
	case change.Refused, change.Expired, change.Superseded:
		form.Errors.Add(refusedCompanyField(made.Problem), whyRefused(made))
		form.Details = problemDetails(made.Problem)
		return h.companyForm(c, http.StatusUnprocessableEntity, form)
	case change.Done:
		return h.companyRequested(c, made)
	case change.Proposed, change.Queued, change.Sent, change.Unknown, change.Abandoned, change.Declined, change.Cancelled:
	}
	return c.Redirect(http.StatusSeeOther, views.ChangePath(made.ID))
}

// companyRequested leads to the new company's page; to the change's while the
// company's id is not known.
func (h *companies) companyRequested(c echo.Context, change change.Change) error {
	path := views.ChangePath(change.ID)
	links := []ui.Link(nil)
	if change.Company.ID != "" {
		path = views.CompanyPath(change.Company.ID)
		links = []ui.Link{{Label: "See the record", Href: views.ChangePath(change.ID)}}
	}
	return h.seeOther(c, path, ui.Flash{
		Kind: ui.AlertOK, Title: change.Company.Name + " was requested.",
		Text: "Symphony accepted it. People can be added once it is ready, after about " + usually(h.Directory.BuildTime()) + ".", Links: links,
	})
}

// companyForm shows the form, with a fresh token.
func (h *companies) companyForm(c echo.Context, status int, form views.CompanyForm) error {
	return h.renderIn(c, status, frame{title: "New company", nav: "companies", errors: form.Errors.Any()}, views.NewCompany(form))
}

// parseCompanyForm reads the form as it was typed.
func parseCompanyForm(values url.Values) views.CompanyForm {
	return views.CompanyForm{
		Name: values.Get("name"), VanityName: values.Get("vanityName"),
		EmailDomains: values.Get("emailDomains"), Samples: values.Get("samples"),
	}
}

// companyRequest is what the form asks for.
func companyRequest(f views.CompanyForm) sapi.NewCompany {
	return sapi.NewCompany{
		Name: strings.TrimSpace(f.Name), VanityName: strings.TrimSpace(f.VanityName), EmailDomains: portal.SplitList(f.EmailDomains),
	}
}

// maxSamples leaves room for a company's domains in one pre-check.
const maxSamples = portal.MaxPrecheck - portal.MaxDomains

// checkSamples finds what is wrong with the sample addresses.
func checkSamples(f views.CompanyForm) ui.Errors {
	var found ui.Errors
	samples := portal.SplitList(f.Samples)
	if len(samples) > maxSamples {
		found.Add("samples", fmt.Sprintf("Give %d sample addresses at most; these are %d.", maxSamples, len(samples)))
		return found
	}
	if i := slices.IndexFunc(samples, func(s string) bool { return portal.CheckEmail(s) != "" }); i >= 0 {
		found.Add("samples", fmt.Sprintf("“%s” is not an e-mail address. Enter one such as jane.doe@acme.com.", samples[i]))
	}
	return found
}

// samplesToAsk are the samples to ask about: none while something is wrong with
// them.
func samplesToAsk(f views.CompanyForm) []string {
	if f.Errors.Any() {
		return nil
	}
	return portal.SplitList(f.Samples)
}

// companyOffers are what to do instead, where a company of ours has what the
// new one should have: by field, one for each company.
func companyOffers(conflicts []precheck.Conflict) []views.CompanyOffer {
	var offers []views.CompanyOffer
	for _, conflict := range conflicts {
		offer := views.CompanyOffer{
			Field: conflict.Field, Label: "Open " + conflict.Company.Name, Href: views.CompanyPath(conflict.Company.ID),
		}
		if conflict.Company.State.Ready() {
			offer.Label, offer.Href = "Add domains to it instead", views.DomainsPath(conflict.Company.ID)
		}
		if !slices.Contains(offers, offer) {
			offers = append(offers, offer)
		}
	}
	return offers
}

// refusedCompanyField is the field that Symphony's refusal of a company is
// about; empty when that can't be told. Only a domain that is taken has a code:
// for the rest Symphony's own words must do.
func refusedCompanyField(p *portal.Problem) string {
	switch {
	case p == nil || p.Status < http.StatusBadRequest || p.Status >= http.StatusInternalServerError:
		return ""
	case sapi.Code(p.Code) == sapi.CodeDomainTaken:
		return "emailDomains"
	case p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden || p.Status == http.StatusTooManyRequests:
		return ""
	}
	words := strings.ToLower(cmp.Or(p.Detail, p.Title))
	for _, hint := range []struct{ word, field string }{
		{"vanity", "vanityName"}, {"domain", "emailDomains"}, {"name", "name"},
	} {
		if strings.Contains(words, hint.word) {
			return hint.field
		}
	}
	return ""
}

// whyRefused says why Symphony refused a change, and that it did nothing.
func whyRefused(change change.Change) string {
	words := strings.TrimSpace(cmp.Or(changeNote(change), "Symphony refused it."))
	if strings.Contains(words, "Nothing was") {
		return words
	}
	return strings.TrimSuffix(words, ".") + ". " + nothingChanged
}

// companyCheckPage maps the answers to the page on which they are checked.
func companyCheckPage(form views.CompanyForm, check precheck.CompanyCheck, now time.Time) views.CompanyCheckPage {
	page := views.CompanyCheckPage{
		Form: form, Name: check.Company.Name, VanityName: check.Company.VanityName, Domains: check.Company.EmailDomains,
		PublicURL: "https://" + check.Company.VanityName + ".on.symphony.com",
		Prechecks: precheckRows(check.Prechecks), AskedAt: now,
	}
	if check.ListErr != nil {
		page.ListNote = classify(check.ListErr).title + ". Foyer compared with the companies that it read before."
	}
	for _, row := range check.Prechecks {
		if row.Verdict != precheck.NotOnRecord {
			page.Doubts = true
		}
	}
	return page
}

// precheckOthers asks about domains, and finds those that other companies of
// ours have.
func precheckOthers(ctx context.Context, p *precheck.Service, a auth.Actor, companyID string, domains []string) (rows []precheck.Row, conflicts []precheck.Conflict, err error) {
	rows, err = p.Check(ctx, a, domains)
	for _, row := range rows {
		if row.Company != nil && row.Company.ID != companyID {
			conflicts = append(conflicts, precheck.Conflict{Field: "emailDomains", Value: row.Domain, Company: *row.Company})
		}
	}
	return rows, conflicts, err
}
