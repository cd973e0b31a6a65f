package wording

import (
	"testing"

	"foyer/portal/directory"
)

func TestWhatASearchCouldNotLookThrough(t *testing.T) {
	t.Parallel()
	tests := map[directory.Unsearched]string{
		{Code: directory.NoSearchByName}:                              "Symphony’s API can’t search for people by name. Search with their e-mail address or one of their ids, or open their company and page through its people.",
		{Code: directory.NoSearchByNumber}:                            "Symphony’s API can’t search by this id; only people whom Foyer has read before were looked through. Search with the e-mail address instead.",
		{Code: directory.ListIsOld}:                                   "Symphony could not be read just now: the companies are those last read.",
		{Code: directory.NoSuchDomain, Domain: "a.example"}:           "No company that you sponsor has the domain a.example. The pre-check tells whether its people are on Symphony elsewhere.",
		{Code: directory.PeopleUnread, Company: "Tern"}:               "Tern has this domain, and its people could not be read just now.",
		{Code: directory.TooManyPeople, Company: "Tern", Count: 2000}: "Tern has this domain and more people than can be looked through here; the first 2000 were.",
		{Code: directory.TooManyCompanies, Count: 100}:                "Only the first 100 companies were asked for this id.",
		{Code: directory.CompaniesUnread, Count: 2, Of: 9}:            "2 of 9 companies could not be asked for this id.",
		{}: "",
	}
	told := map[string]bool{}
	for unsearched, want := range tests {
		told[string(unsearched.Code)] = true
		if got := Unsearched(unsearched); got != want {
			t.Errorf("Unsearched(%+v) = %q, want %q", unsearched, got, want)
		}
	}
	for _, code := range codesIn(t, "portal/directory/find.go", "UnsearchedCode") {
		if !told[code] {
			t.Errorf("the code %s has no words", code)
		}
	}
}
