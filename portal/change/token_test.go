package change_test

import (
	"errors"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// A token that was used leads to what was made with it, and to nothing else: whose
// result it showed would be somebody else's.
func TestAUsedTokenLeadsToNoOtherChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	ann := w.Someone(company.ID)
	people := newPeople(company, 2)
	if _, err := w.Client.Users.Create(t.Context(), company.ID, people); err != nil {
		t.Fatal(err)
	}
	bo := w.named(company.ID, people[0].Email)
	companies, err := w.Client.Companies.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := sapi.Company{}
	for _, c := range companies {
		if c.ID != company.ID && c.State.Ready() && len(c.EmailDomains) < 9 {
			elsewhere = c
		}
	}

	others := newCompany
	others.Name, others.VanityName, others.EmailDomains = "Another", "another", []string{"another.example"}
	domains := func(c sapi.Company) func(token string) (change.Change, error) {
		return func(token string) (change.Change, error) {
			return w.Changes.AddDomains(t.Context(), testworld.As(auth.Onboarder), change.AddDomainsRequest{CompanyID: c.ID, Domains: []string{"added.example"}, Token: token})
		}
	}
	create := func(c sapi.Company, email string) func(token string) (change.Change, error) {
		return func(token string) (change.Change, error) {
			return w.Changes.CreateUsers(t.Context(), testworld.As(auth.Onboarder), change.CreateUsersRequest{
				CompanyID: c.ID, People: []sapi.NewUser{{Email: email + "@" + c.EmailDomains[0], FirstName: "New", LastName: "Person"}}, Token: token,
			})
		}
	}
	forms := []struct {
		name string
		send func(token string) (change.Change, error)
	}{
		{"disable Ann", func(token string) (change.Change, error) { return w.Disable(company, ann, token) }},
		{"disable Bo", func(token string) (change.Change, error) { return w.Disable(company, bo, token) }},
		{"enable Bo", func(token string) (change.Change, error) {
			return w.Changes.SetStatus(t.Context(), testworld.As(auth.Viewer), change.StatusRequest{
				CompanyID: company.ID, UserID: bo.ID, Active: true, Reason: "back", Token: token, Seen: sapi.StatusDisabled,
			})
		}},
		{"create a company", func(token string) (change.Change, error) { return w.createCompany(newCompany, token) }},
		{"create another company", func(token string) (change.Change, error) { return w.createCompany(others, token) }},
		{"add domains", domains(company)},
		{"add domains elsewhere", domains(elsewhere)},
		{"create a person", create(company, "first.one")},
		{"create another person", create(company, "second.one")},
		{"create a person elsewhere", create(elsewhere, "first.one")},
	}
	for i, form := range forms {
		if strings.HasPrefix(form.name, "add domains elsewhere") {
			continue // the domain is taken by then
		}
		token := portal.NewToken()
		made, err := form.send(token)
		if err != nil || made.State != change.Done {
			t.Fatalf("%s = %s, %v, want done", form.name, made.State, err)
		}
		for j, other := range forms {
			got, err := other.send(token)
			invalid, refused := errors.AsType[*portal.Invalid](err)
			switch {
			case i == j && (err != nil || got.ID != made.ID):
				t.Errorf("%s sent again = %s, %v, want the same change", form.name, got.ID, err)
			case i != j && (!refused || invalid.Fields[0].Code != portal.OutOfDate || got.ID != ""):
				t.Errorf("%s with the token of %s = change %q, %v, want that the form is out of date", other.name, form.name, got.ID, err)
			}
		}
	}
}

// named is the person of a company with an address.
func (w *world) named(companyID, email string) sapi.User {
	w.T.Helper()
	for u, err := range w.Client.Users.All(w.T.Context(), companyID, 100) {
		if err != nil {
			w.T.Fatal(err)
		}
		if u.Email == email {
			u.Status = sapi.StatusActive
			return u
		}
	}
	w.T.Fatal("the company has nobody with that address")
	return sapi.User{}
}

// A form that no page of the person's session showed may be one of theirs that was sent
// before. Nothing else comes of it.
func TestAFormThatMayOnlyBeSentAgainDoesNothingForTheFirstTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := portal.NewToken()
	send := func(role auth.Role, again bool) (change.Change, error) {
		return w.Changes.CreateCompany(t.Context(), testworld.As(role), change.CreateCompanyRequest{Company: newCompany, Token: token, Again: again})
	}
	wantOutOfDate := func(what string, got change.Change, err error) {
		t.Helper()
		invalid, refused := errors.AsType[*portal.Invalid](err)
		if !refused || invalid.Fields[0].Code != portal.OutOfDate || got.ID != "" {
			t.Errorf("%s = change %q, %v, want that the form is out of date", what, got.ID, err)
		}
	}

	got, err := send(auth.Onboarder, true)
	wantOutOfDate("the first time", got, err)
	if n := w.Calls("createCompany"); n != 0 {
		t.Fatalf("Symphony was asked %d times, want never", n)
	}
	made, err := send(auth.Onboarder, false)
	if err != nil || made.State != change.Done {
		t.Fatalf("CreateCompany = %s, %v, want done", made.State, err)
	}
	if got, err = send(auth.Onboarder, true); err != nil || got.ID != made.ID {
		t.Errorf("sent again = %s, %v, want the same change", got.ID, err)
	}
	for _, again := range []bool{true, false} {
		got, err = send(auth.Admin, again)
		wantOutOfDate("sent again by somebody else", got, err)
	}
}
