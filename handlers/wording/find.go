package wording

import (
	"fmt"
	"strings"

	"foyer/address"
	"foyer/portal/directory"
	"foyer/views/ui"
)

// NoAddresses says what of a list of addresses was passed over, since it is none; empty
// when nothing was.
func NoAddresses(entries []string) string {
	const named = 3
	switch n := len(entries); {
	case n == 0:
		return ""
	case n <= named:
		return "Not an e-mail address: " + strings.Join(entries, ", ") + "."
	default:
		return fmt.Sprintf("Not an e-mail address: %s, and %s.", strings.Join(entries[:named], ", "), ui.Count(n-named, "other entry", "other entries"))
	}
}

// Unsearched says in a sentence what a search could not look through; empty when all
// was.
func Unsearched(u directory.Unsearched) string {
	switch u.Code {
	case directory.NoSuchDomain:
		return "No company that you sponsor has the domain " + address.Shown(u.Domain) + ". The pre-check tells whether its people are on Symphony elsewhere."
	case directory.CompanyNotReady:
		return u.Company + " has this domain and isn’t ready, so that it can have nobody yet."
	case directory.PeopleUnread:
		return u.Company + " has this domain, and could not be read just now: whoever came since it last was is not known."
	case directory.TooManyPeople:
		return fmt.Sprintf("%s has this domain and more people than can be read while you wait: the first %s were looked through.", u.Company, ui.Number(u.Count))
	case directory.TooManyCompanies:
		return fmt.Sprintf("Only the first %d companies were asked for this id.", u.Count)
	case directory.CompaniesUnread:
		return fmt.Sprintf("%d of %d companies could not be asked for this id.", u.Count, u.Of)
	case directory.TooManyAddresses:
		return fmt.Sprintf("Only the first %d of %d addresses were looked for.", u.Count, u.Of)
	}
	return string(u.Code)
}

// NothingToLookFor says that nothing is left of a text by which people could be found.
func NothingToLookFor(text string) (title, why string) {
	seen := directory.Understand(text).Text
	if seen == "" {
		return "There is nothing to look for in what was typed", "It has only characters that can’t be seen."
	}
	return "There is nothing to look for in “" + seen + "”", NoLetter
}

// NoLetter says why nothing can be found by a text.
const NoLetter = "There is no letter and no digit in it."
