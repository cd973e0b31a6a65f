package companies

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/lists"
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

// checkSamples finds what is wrong with the sample addresses.
func checkSamples(f pages.FormPage) ui.Errors {
	var found ui.Errors
	samples := sampleAddresses(f)
	if len(samples) > portal.MaxSamples {
		found.Add("samples", fmt.Sprintf("Give %d sample addresses at most; these are %d.", portal.MaxSamples, len(samples)))
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
	return sampleAddresses(f)
}

// sampleAddresses are the samples as they were typed or pasted.
func sampleAddresses(f pages.FormPage) []string {
	subjects, _ := lists.Subjects(f.Samples)
	addresses := make([]string, len(subjects))
	for i, s := range subjects {
		addresses[i] = s.Text
	}
	return addresses
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
func companyCheckPage(form pages.FormPage, check precheck.CompanyCheck, a auth.Actor, now time.Time) pages.CheckPage {
	page := pages.CheckPage{
		Form: form, Name: check.Company.Name, VanityName: check.Company.VanityName, Domains: check.Company.EmailDomains,
		PublicURL: "https://" + check.Company.VanityName + ".on.symphony.com",
		Prechecks: wording.PrecheckRows(check.Prechecks, a), AskedAt: now,
	}
	if check.ListErr != nil {
		page.ListNote = wording.Classify(check.ListErr).Title + ". Foyer compared with the companies that it read before."
	}
	for i, row := range check.Prechecks {
		switch {
		case row.Verdict != precheck.Free:
			page.Doubts = true
		case row.Near == nil:
			page.Prechecks[i].Act = "Go on"
		}
	}
	return page
}
