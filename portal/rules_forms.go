package portal

import (
	"slices"
	"strings"

	"foyer/address"
	"foyer/sapi"
)

// CheckNewCompany checks and normalises a new company.
func CheckNewCompany(n sapi.NewCompany) (sapi.NewCompany, []FieldError) {
	var found FieldErrors
	n.Name, n.VanityName = strings.TrimSpace(n.Name), strings.TrimSpace(n.VanityName)
	domains, fault := CheckDomains(n.EmailDomains)
	found.Add("name", CheckName(n.Name))
	found.Add("vanityName", CheckVanityName(n.VanityName))
	found.Add("emailDomains", fault)
	n.EmailDomains = domains
	return n, found
}

// CheckPeople checks the people of one call: how many, each field, and that no
// address is there twice. A problem of one of them has their row.
func CheckPeople(people []sapi.NewUser, domains []string) []FieldError {
	if n := len(people); n == 0 || n > MaxPeople {
		return []FieldError{{Fault: Fault{Code: HowManyPeople, Least: 1, Most: MaxPeople, Count: n}}}
	}
	var found []FieldError
	first := map[string]int{}
	for i, u := range people {
		for _, f := range CheckPerson(u, domains) {
			f.Row = i + 1
			found = append(found, f)
		}
		email := address.Key(u.Email)
		if j, again := first[email]; again && email != "" {
			found = append(found, FieldError{Row: i + 1, Field: "email", Fault: Fault{Code: Repeated, First: j + 1}})
			continue
		}
		first[email] = i
	}
	return found
}

// NewDomains normalises the domains to add to a company and leaves out those it
// has. fault says why they can't be added, before anything is sent; when all
// of them are there already the list comes back as it is, for Symphony to say.
func NewDomains(c sapi.Company, domains []string) (added []string, fault Fault) {
	normal, fault := CheckDomains(domains)
	if fault.Code != "" {
		return nil, fault
	}
	added = MissingDomains(c.EmailDomains, normal)
	if n := len(c.EmailDomains) + len(added); n > MaxDomains {
		return nil, Fault{Code: DomainsTogether, Most: MaxDomains, Count: n, Company: c.Name, Domains: c.EmailDomains}
	}
	return added, Fault{}
}

// MissingDomains are those of some domains that are not among a company's own, in
// whichever of their spellings they are there.
func MissingDomains(own, domains []string) []string {
	return slices.DeleteFunc(slices.Clone(domains), func(d string) bool { return address.Domain(d).In(own) })
}
