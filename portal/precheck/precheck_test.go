package precheck_test

import (
	"testing"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/sapi"
)

func TestAnInternationalDomainIsOneInEitherSpelling(t *testing.T) {
	t.Parallel()
	const inLetters, inASCII = "bücher.example", "xn--bcher-kva.example"
	viewer, onboarder := testworld.As(auth.Viewer), testworld.As(auth.Onboarder)
	for _, spelling := range []struct{ listed, typed string }{{inLetters, inASCII}, {inASCII, inLetters}} {
		w := testworld.New(t)
		company := w.Ready()
		company.EmailDomains = []string{spelling.listed}
		w.KeepCompanies(company)
		for _, typed := range []string{spelling.typed, "zoe@" + spelling.typed} {
			rows, err := w.Precheck.Check(t.Context(), viewer, []string{typed})
			if err != nil || rows[0].Company == nil || rows[0].Company.ID != company.ID {
				t.Errorf("Check(%s) beside %s = %+v, %v, want the company", typed, spelling.listed, rows, err)
			}
		}
		if found, err := w.Directory.Find(t.Context(), viewer, spelling.typed, 10); err != nil || len(found.Companies) != 1 {
			t.Errorf("Find(%s) beside %s = %+v, %v, want the company", spelling.typed, spelling.listed, found, err)
		}
		if found, err := w.Directory.Find(t.Context(), viewer, "zoe@"+spelling.typed, 10); err != nil || found.Unsearched.Code != "" {
			t.Errorf("Find(zoe@%s) beside %s = %+v, %v, want that the company’s people were looked through", spelling.typed, spelling.listed, found, err)
		}
		check, err := w.Precheck.CheckCompany(t.Context(), onboarder, sapi.NewCompany{Name: "Books", VanityName: "books", EmailDomains: []string{spelling.typed}}, nil)
		if err != nil || len(check.Conflicts) != 1 || check.Conflicts[0].Field != "emailDomains" {
			t.Errorf("CheckCompany(%s) beside %s = %+v, %v, want a conflict", spelling.typed, spelling.listed, check.Conflicts, err)
		}
	}
}
