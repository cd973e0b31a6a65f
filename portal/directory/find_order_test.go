package directory

import (
	"slices"
	"testing"
)

func TestCompaniesThatBeginSoComeFirst(t *testing.T) {
	t.Parallel()
	known := &KnownCompanies{}
	for _, name := range []string{"Aldgate Metals", "Blackthorn Commodities", "Étoile Maritime", "Meridian Bank", "M"} {
		c := CompanyRecord{}
		c.Name, c.EmailDomains = name, []string{"company.example"}
		known.searched = append(known.searched, newSearchedCompany(c))
	}
	found := Found{Typed: Understand("m"), Known: known}
	found.findCompanies()
	var names []string
	for _, c := range found.Companies {
		names = append(names, c.Name)
	}
	if want := []string{"M", "Aldgate Metals", "Étoile Maritime", "Meridian Bank", "Blackthorn Commodities"}; !slices.Equal(names, want) || found.NamedCompanies != 1 {
		t.Errorf("findCompanies(m) = %q, %d named, want %q, 1 named", names, found.NamedCompanies, want)
	}
}
