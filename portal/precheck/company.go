package precheck

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// CompanyCheck is what is known before a company is created.
type CompanyCheck struct {
	Company   sapi.NewCompany     // normalised, as it would be sent
	Problems  []portal.FieldError // why it can't be created, by field
	Conflicts []Conflict          // with the companies of ours
	Prechecks []Row               // of every domain and sample e-mail; empty when there are Problems
	ListErr   error               // why Foyer's own list could not be read just now
}

// Conflict is a company of ours that has the name, vanity name or a domain.
type Conflict struct {
	Field   string // name, vanityName or emailDomains
	Value   string
	Company directory.CompanyRecord
}

// FieldError says so at the field.
func (c Conflict) FieldError() portal.FieldError {
	return portal.FieldError{Field: c.Field, Fault: portal.Fault{Code: portal.TakenByOwn, Value: c.Value, Company: c.Company.Name}}
}

// CheckCompany looks for what would stop a new company: bad fields, conflicts
// with the companies of ours, and who is on Symphony already. It changes
// nothing.
func (p *Service) CheckCompany(ctx context.Context, a auth.Actor, n sapi.NewCompany, samples []string) (CompanyCheck, error) {
	if err := p.gate.Require(ctx, a, auth.Onboard, ledger.Company{Name: n.Name}); err != nil {
		return CompanyCheck{}, err
	}
	check := CompanyCheck{}
	check.Company, check.Problems = portal.CheckNewCompany(n)
	companies, _, stale, err := p.directory.List(ctx, directory.ListFresh)
	check.ListErr = cmp.Or(err, stale)
	check.Conflicts = conflicts(check.Company, companies)
	for _, c := range check.Conflicts {
		check.Problems = append(check.Problems, c.FieldError())
	}
	if len(check.Problems) > 0 {
		return check, nil
	}
	check.Prechecks, err = p.Check(ctx, a, slices.Concat(check.Company.EmailDomains, samples))
	return check, err
}

func conflicts(n sapi.NewCompany, companies []directory.CompanyRecord) []Conflict {
	var found []Conflict
	for _, c := range companies {
		if n.Name != "" && strings.EqualFold(c.Name, n.Name) {
			found = append(found, Conflict{"name", c.Name, c})
		}
		if n.VanityName != "" && strings.EqualFold(c.VanityName, n.VanityName) {
			found = append(found, Conflict{"vanityName", c.VanityName, c})
		}
		for _, d := range n.EmailDomains {
			if address.Domain(d).In(c.EmailDomains) {
				found = append(found, Conflict{"emailDomains", d, c})
			}
		}
	}
	return found
}
