package companies

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/address"
	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

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

// NewDomains handles GET /companies/:id/domains.
func (h *Handlers) NewDomains(c echo.Context) error {
	draft := h.TakeDraft(c)
	form := pages.DomainsPage{EmailDomains: c.QueryParam("emailDomains"), Bulk: bulkOf(c.QueryParams())}
	if draft != nil {
		form = pages.DomainsPage{EmailDomains: draft.Get("emailDomains"), Bulk: bulkOf(draft), NotSentYet: true}
	}
	return h.domainsForm(c, http.StatusOK, form)
}

// CheckDomains handles POST /companies/:id/domains/check: the domains to check, with
// who is on Symphony already; or the form again.
func (h *Handlers) CheckDomains(c echo.Context) error {
	ctx, a, id := c.Request().Context(), kit.Actor(c), kit.CompanyID(c)
	form := pages.DomainsPage{EmailDomains: c.Request().PostForm.Get("emailDomains"), Bulk: bulkOf(c.Request().PostForm)}
	if _, ok := kit.ToChange(c.Request().PostForm); ok {
		return h.domainsForm(c, http.StatusOK, form)
	}
	company, err := h.Directory.Company(ctx, a, id)
	if err != nil {
		return err
	}
	if !company.State.Ready() {
		return h.domainsForm(c, http.StatusUnprocessableEntity, form)
	}

	added, fault := portal.NewDomains(company.Company, portal.SplitList(form.EmailDomains))
	if fault.Code != "" {
		form.Errors = kit.FieldErrors([]portal.FieldError{{Field: "emailDomains", Fault: fault}})
		return h.domainsForm(c, http.StatusUnprocessableEntity, form)
	}
	rows, conflicts, err := precheckOthers(ctx, h.Precheck, a, id, added)
	if err != nil {
		return err
	}
	for _, conflict := range conflicts {
		form.Errors.Add(conflict.Field, wording.FieldWords(conflict.FieldError()))
	}
	if form.Errors.Any() {
		return h.domainsForm(c, http.StatusUnprocessableEntity, form)
	}

	page := pages.DomainsCheckPage{
		ID: id, Name: company.Name, EmailDomains: form.EmailDomains, Bulk: form.Bulk, Token: addition(id, form).NewToken(c),
		Added: added, Current: company.EmailDomains, Count: domainCount(len(company.EmailDomains) + len(added)),
		Already: alreadyThere(company.Company, portal.SplitList(form.EmailDomains)),
		Button:  h.InEnvironment(addDomainsLabel(added, company.Name)), AskedAt: h.Now(), Prechecks: hereToAdd(wording.PrecheckRows(rows, a)),
	}
	return h.Render(c, http.StatusOK, "Check the domains", "companies", pages.DomainsCheck(page))
}

// hereToAdd are verdicts about domains that are about to be added: who reads that one is
// free is where it is added, and isn't led to another form for it.
func hereToAdd(rows []views.PrecheckRow) []views.PrecheckRow {
	for i := range rows {
		if rows[i].Code == string(precheck.Free) {
			rows[i].Act = "Go on"
		}
	}
	return rows
}

// AddDomains handles POST /companies/:id/domains.
func (h *Handlers) AddDomains(c echo.Context) error {
	form := pages.DomainsPage{EmailDomains: c.Request().PostForm.Get("emailDomains"), Bulk: bulkOf(c.Request().PostForm)}
	token, issued := addition(kit.CompanyID(c), form).Token(c)

	made, err := h.Changes.AddDomains(c.Request().Context(), kit.Actor(c), change.AddDomainsRequest{
		CompanyID: kit.CompanyID(c), Domains: portal.SplitList(form.EmailDomains), Token: token, Again: !issued,
	})

	if found, ok := kit.FormErrors(err); ok {
		form.Errors = found
		return h.domainsForm(c, http.StatusUnprocessableEntity, form)
	}
	if status, found, details, ok := h.NotSent(c, err); ok {
		form.Errors, form.Details = found, details
		return h.domainsForm(c, status, form)
	} else if err != nil {
		return err
	}
	switch made.State {
	case change.Refused, change.Expired, change.Superseded:
		form.Errors.Add(refusedDomainsField(made.Problem), wording.WhyRefused(made))
		form.Details = wording.ProblemDetails(made.Problem)
		return h.domainsForm(c, http.StatusUnprocessableEntity, form)
	case change.Done:
		if form.Bulk > 0 {
			return h.SeeOther(c, views.BulkChangePath(form.Bulk), domainsFlash(made))
		}
		return h.SeeOther(c, views.CompanyPath(kit.CompanyID(c)), domainsFlash(made))
	case change.Proposed, change.Queued, change.Sent, change.Unknown, change.Abandoned, change.Declined, change.Cancelled:
	}
	if form.Bulk > 0 {
		return h.SeeOther(c, views.ChangePath(made.ID), ui.Flash{
			Kind: ui.AlertInfo, Title: "The bulk change waits for it.", Links: []ui.Link{{Label: "Back to the bulk change", Href: views.BulkChangePath(form.Bulk)}},
		})
	}
	return c.Redirect(http.StatusSeeOther, views.ChangePath(made.ID))
}

// bulkOf is the bulk change that lacks the domains, and to which a form leads back; 0 where
// it names none.
func bulkOf(values url.Values) int64 {
	id, err := strconv.ParseInt(values.Get("bulk"), 10, 64)
	if err != nil {
		return 0
	}
	return max(id, 0)
}

// addition is the form that adds the domains that were checked.
func addition(companyID string, f pages.DomainsPage) kit.Form {
	return kit.Form{Path: views.DomainsPath(companyID), Shown: portal.SplitList(f.EmailDomains)}
}

// domainsForm shows the form, or why the company takes no domains.
func (h *Handlers) domainsForm(c echo.Context, status int, form pages.DomainsPage) error {
	company, err := h.Directory.Company(c.Request().Context(), kit.Actor(c), kit.CompanyID(c))
	if err != nil {
		return err
	}
	form.ID, form.Name, form.Current = company.ID, company.Name, company.EmailDomains
	form.Count = domainCount(len(company.EmailDomains))
	form.Stale = wording.Stale(company.Stale, company.ReadAt, h.Now(), views.DomainsPath(company.ID))
	switch {
	case !company.State.Ready():
		form.Closed = "Domains can be added to a company that is ready. This one is: " +
			wording.CompanyStatus(company.CompanyRecord, company.Overdue, h.Now()).Word + "."
	case len(company.EmailDomains) >= portal.MaxDomains:
		form.Closed = fmt.Sprintf("A company can have %d domains at most, and this one has them. Symphony’s API can’t remove one: ask Symphony.", portal.MaxDomains)
	}
	return h.RenderIn(c, status, kit.Frame{Title: "Add domains to " + company.Name, Nav: "companies", Errors: form.Errors.Any()}, pages.Domains(form))
}

// domainCount says how many of the domains that a company can have are taken.
func domainCount(n int) string { return fmt.Sprintf("%d of %d", n, portal.MaxDomains) }

// alreadyThere are the domains of a list that the company has.
func alreadyThere(company sapi.Company, typed []string) []string {
	var there []string
	for _, t := range typed {
		if d, ok := address.ParseDomain(t); ok && d.In(company.EmailDomains) {
			there = append(there, string(d))
		}
	}
	return there
}

// addDomainsLabel names the act, as its button does.
func addDomainsLabel(added []string, name string) string {
	if len(added) == 1 {
		return "Add " + wording.Domains(added) + " to " + name
	}
	return fmt.Sprintf("Add %d domains to %s", len(added), name)
}

// refusedDomainsField is the field that Symphony's refusal of domains is about:
// the only one, unless the refusal is about the company or the caller.
func refusedDomainsField(p *portal.Problem) string {
	if p != nil && (sapi.Code(p.Code) == sapi.CodeDomainTaken || p.Status == http.StatusBadRequest) {
		return "emailDomains"
	}
	return ""
}

// domainsFlash says what became of the domains.
func domainsFlash(made change.Change) ui.Flash {
	flash, note := ui.Flash{Kind: ui.AlertOK, Links: []ui.Link{{Label: "See the record", Href: views.ChangePath(made.ID)}}}, wording.ChangeNote(made)
	switch {
	case len(made.Domains) == 0 || made.Code == change.AlreadyThere:
		flash.Kind, flash.Title, flash.Text = ui.AlertInfo, "Already there.", note
	case len(made.Domains) == 1:
		flash.Title, flash.Text = wording.Domains(made.Domains)+" was added.", note
	default:
		flash.Title, flash.Text = fmt.Sprintf("%d domains were added.", len(made.Domains)), note
	}
	return flash
}
