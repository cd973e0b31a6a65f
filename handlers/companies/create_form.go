package companies

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

// parseCompanyForm reads the form as it was typed.
func parseCompanyForm(values url.Values) pages.FormPage {
	return pages.FormPage{
		Name: values.Get("name"), VanityName: values.Get("vanityName"),
		EmailDomains: values.Get("emailDomains"), Samples: values.Get("samples"),
	}
}

// companyRequest is what the form asks for.
func companyRequest(f pages.FormPage) sapi.NewCompany {
	return sapi.NewCompany{
		Name: strings.TrimSpace(f.Name), VanityName: strings.TrimSpace(f.VanityName), EmailDomains: portal.SplitList(f.EmailDomains),
	}
}

// maxSamples leaves room for a company's domains in one pre-check.
const maxSamples = portal.MaxPrecheck - portal.MaxDomains

// checkSamples finds what is wrong with the sample addresses.
func checkSamples(f pages.FormPage) ui.Errors {
	var found ui.Errors
	samples := portal.SplitList(f.Samples)
	if len(samples) > maxSamples {
		found.Add("samples", fmt.Sprintf("Give %d sample addresses at most; these are %d.", maxSamples, len(samples)))
		return found
	}
	if i := slices.IndexFunc(samples, func(s string) bool { return portal.CheckEmail(s).Code != "" }); i >= 0 {
		found.Add("samples", fmt.Sprintf("“%s” is not an e-mail address. Enter one such as jane.doe@acme.com.", samples[i]))
	}
	return found
}

// samplesToAsk are the samples to ask about: none while something is wrong with
// them.
func samplesToAsk(f pages.FormPage) []string {
	if f.Errors.Any() {
		return nil
	}
	return portal.SplitList(f.Samples)
}

// companyOffers are what to do instead, where a company of ours has what the
// new one should have: by field, one for each company.
func companyOffers(conflicts []precheck.Conflict) []pages.Offer {
	var offers []pages.Offer
	for _, conflict := range conflicts {
		offer := pages.Offer{
			Field: conflict.Field, Label: "Open " + conflict.Company.Name, Href: views.CompanyPath(conflict.Company.ID),
		}
		if conflict.Company.State.Ready() {
			offer.Label, offer.Href = "Add domains to "+conflict.Company.Name+" instead", views.DomainsPath(conflict.Company.ID)
		}
		if !slices.Contains(offers, offer) {
			offers = append(offers, offer)
		}
	}
	return offers
}

// refusedCompanyField is the field because of which a company was not created; empty
// when that can't be told. Of Symphony's refusals only a domain that is taken has a
// code: for the rest its own words must do.
func refusedCompanyField(made change.Change) string {
	p := made.Problem
	switch {
	case made.Code == change.CompanyBefore:
		return "vanityName"
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

// companyCheckPage maps the answers to the page on which they are checked.
func companyCheckPage(form pages.FormPage, check precheck.CompanyCheck, now time.Time) pages.CheckPage {
	page := pages.CheckPage{
		Form: form, Name: check.Company.Name, VanityName: check.Company.VanityName, Domains: check.Company.EmailDomains,
		PublicURL: "https://" + check.Company.VanityName + ".on.symphony.com",
		Prechecks: wording.PrecheckRows(check.Prechecks), AskedAt: now,
	}
	if check.ListErr != nil {
		page.ListNote = wording.Classify(check.ListErr).Title + ". Foyer compared with the companies that it read before."
	}
	for _, row := range check.Prechecks {
		if row.Verdict != precheck.NotOnRecord {
			page.Doubts = true
		}
	}
	return page
}
