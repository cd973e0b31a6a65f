package wording

import (
	"fmt"

	"foyer/address"
	"foyer/portal/directory"
)

// Unsearched says in a sentence what a search could not look through; empty when all
// was.
func Unsearched(u directory.Unsearched) string {
	switch u.Code {
	case directory.NoSearchByName:
		return "Symphony’s API can’t search for people by name. Search with their e-mail address or one of their ids, or open their company and page through its people."
	case directory.NoSearchByNumber:
		return "Symphony’s API can’t search by this id; only people whom Foyer has read before were looked through. Search with the e-mail address instead."
	case directory.ListIsOld:
		return "Symphony could not be read just now: the companies are those last read."
	case directory.NoSuchDomain:
		return "No company that you sponsor has the domain " + address.Shown(u.Domain) + ". The pre-check tells whether its people are on Symphony elsewhere."
	case directory.PeopleUnread:
		return u.Company + " has this domain, and its people could not be read just now."
	case directory.TooManyPeople:
		return fmt.Sprintf("%s has this domain and more people than can be looked through here; the first %d were.", u.Company, u.Count)
	case directory.TooManyCompanies:
		return fmt.Sprintf("Only the first %d companies were asked for this id.", u.Count)
	case directory.CompaniesUnread:
		return fmt.Sprintf("%d of %d companies could not be asked for this id.", u.Count, u.Of)
	}
	return string(u.Code)
}
