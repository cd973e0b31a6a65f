package wording

import (
	"testing"

	"foyer/portal/directory"
)

func TestWhatASearchCouldNotLookThrough(t *testing.T) {
	t.Parallel()
	tests := map[directory.Unsearched]string{
		{Code: directory.NoSuchDomain, Domain: "a.example"}:           "No company that you sponsor has the domain a.example. The pre-check tells whether its people are on Symphony elsewhere.",
		{Code: directory.CompanyNotReady, Company: "Tern"}:            "Tern has this domain and isn’t ready, so that it can have nobody yet.",
		{Code: directory.PeopleUnread, Company: "Tern"}:               "Tern has this domain, and could not be read just now: whoever came since it last was is not known.",
		{Code: directory.TooManyPeople, Company: "Tern", Count: 2000}: "Tern has this domain and more people than can be read while you wait: the first 2,000 were looked through.",
		{Code: directory.TooManyCompanies, Count: 100}:                "Only the first 100 companies were asked for this id.",
		{Code: directory.CompaniesUnread, Count: 2, Of: 9}:            "2 of 9 companies could not be asked for this id.",
		{Code: directory.TooManyAddresses, Count: 500, Of: 900}:       "Only the first 500 of 900 addresses were looked for.",
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
