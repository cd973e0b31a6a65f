package portal

import (
	"fmt"
	"slices"
	"strings"

	"foyer/address"
	"foyer/sapi"
)

// CheckNewCompany checks and normalises a new company.
func CheckNewCompany(n sapi.NewCompany) (sapi.NewCompany, []FieldError) {
	var problems []FieldError
	n.Name, n.VanityName = strings.TrimSpace(n.Name), strings.TrimSpace(n.VanityName)
	if m := CheckName(n.Name); m != "" {
		problems = append(problems, FieldError{Field: "name", Message: m})
	}
	if m := CheckVanityName(n.VanityName); m != "" {
		problems = append(problems, FieldError{Field: "vanityName", Message: m})
	}
	domains, m := CheckDomains(n.EmailDomains)
	if m != "" {
		problems = append(problems, FieldError{Field: "emailDomains", Message: m})
	}
	n.EmailDomains = domains
	return n, problems
}

// CheckPeople checks the people of one call: how many, each field, and that no
// address is there twice. A problem of one of them has their row.
func CheckPeople(people []sapi.NewUser, domains []string) []FieldError {
	if n := len(people); n == 0 || n > MaxPeople {
		return []FieldError{{Message: fmt.Sprintf("Enter 1 to %d people; these are %d.", MaxPeople, n)}}
	}
	var problems []FieldError
	first := map[string]int{}
	for i, u := range people {
		for _, f := range CheckPerson(u, domains) {
			f.Row = i + 1
			problems = append(problems, f)
		}
		email := address.Key(u.Email)
		if j, again := first[email]; again && email != "" {
			problems = append(problems, FieldError{Row: i + 1, Field: "email", Message: fmt.Sprintf("This address is already in row %d.", j+1)})
			continue
		}
		first[email] = i
	}
	return problems
}

// NewDomains normalises the domains to add to a company and leaves out those it
// has. problem says why they can't be added, before anything is sent; when all
// of them are there already the list comes back as it is, for Symphony to say.
func NewDomains(c sapi.Company, domains []string) (added []string, problem string) {
	normal, problem := CheckDomains(domains)
	if problem != "" {
		return nil, problem
	}
	added = MissingDomains(c.EmailDomains, normal)
	if n := len(c.EmailDomains) + len(added); n > MaxDomains {
		return nil, fmt.Sprintf("A company can have %d domains at most. %s has %d and these would make %d. Nothing was sent.",
			MaxDomains, c.Name, len(c.EmailDomains), n)
	}
	return added, ""
}

// MissingDomains are those of some domains that are not among a company's own, in
// whichever of their spellings they are there.
func MissingDomains(own, domains []string) []string {
	return slices.DeleteFunc(slices.Clone(domains), func(d string) bool { return address.Domain(d).In(own) })
}
