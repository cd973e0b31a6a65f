package address

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Domain is an e-mail domain in its one form: ASCII by IDNA, small letters, without a
// leading @ or a final dot. Empty says that there is none.
type Domain string

// longest is how many bytes a domain has at most in the domain name system.
const longest = 253

// ParseDomain gives the one form of a domain, as it is compared and sent; a leading @,
// a final dot and surrounding white space are left out. ok is false when it can't be an
// e-mail domain: it needs two labels, and a last one that isn't a number.
func ParseDomain(raw string) (d Domain, ok bool) {
	raw = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(raw), "@"), ".")
	ascii, err := idna.Lookup.ToASCII(raw)
	if err != nil || len(ascii) > longest || !utf8.ValidString(raw) {
		return "", false
	}
	labels := strings.Split(ascii, ".")
	if len(labels) < 2 || slices.Contains(labels, "") || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", false
	}
	return Domain(ascii), true
}

// DomainOf gives the domain of an e-mail address, what follows its last @: the same one
// that is in its [Key]. Where it can't be a domain it is folded only; empty without an @.
func DomainOf(email string) Domain {
	_, d, _ := cut(Key(email))
	return Domain(d)
}

// domain gives the one form of what stands where a domain should: folded only when it
// can't be one. Characters that nobody sees are left out only where they must be,
// because in some scripts they tell domains apart.
func domain(raw string) Domain {
	if plain(raw) && !strings.HasPrefix(raw, "@") {
		return Domain(raw) // which IDNA leaves as it is, or refuses
	}
	if d, ok := ParseDomain(raw); ok {
		return d
	}
	folded := Fold(raw)
	for _, form := range []string{strings.Map(visible, raw), folded} {
		if d, ok := ParseDomain(form); ok {
			return d
		}
	}
	return Domain(folded)
}

// In says whether a list of domains, in whatever spelling, has this one.
func (d Domain) In(list []string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return domain(other) == d })
}
