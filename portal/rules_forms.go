package portal

import (
	"fmt"
	"strings"

	"foyer/sapi"
)

// CheckNewCompany checks and normalises a new company.
func CheckNewCompany(n sapi.NewCompany) (sapi.NewCompany, []FieldError) {
	var problems []FieldError
	n.Name, n.VanityName = strings.TrimSpace(n.Name), strings.TrimSpace(n.VanityName)
	if m := CheckName(n.Name); m != "" {
		problems = append(problems, FieldError{"name", m})
	}
	if m := CheckVanityName(n.VanityName); m != "" {
		problems = append(problems, FieldError{"vanityName", m})
	}
	domains, m := CheckDomains(n.EmailDomains)
	if m != "" {
		problems = append(problems, FieldError{"emailDomains", m})
	}
	n.EmailDomains = domains
	return n, problems
}

// CheckPeople checks the people of one call: how many, each field, and that no
// address is there twice.
func CheckPeople(people []sapi.NewUser, domains []string) []FieldError {
	if n := len(people); n == 0 || n > MaxPeople {
		return []FieldError{{"users.0.email", fmt.Sprintf("Enter 1 to %d people; these are %d.", MaxPeople, n)}}
	}
	var problems []FieldError
	first := map[string]int{}
	for i, u := range people {
		for _, f := range CheckPerson(u, domains) {
			problems = append(problems, FieldError{fmt.Sprintf("users.%d.%s", i, f.Field), f.Message})
		}
		email := sapi.NormalEmail(u.Email)
		if j, again := first[email]; again && email != "" {
			problems = append(problems, FieldError{fmt.Sprintf("users.%d.email", i), fmt.Sprintf("This address is already in row %d.", j+1)})
			continue
		}
		first[email] = i
	}
	return problems
}
