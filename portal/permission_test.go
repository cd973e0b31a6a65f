package portal_test

import (
	"errors"
	"testing"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
)

// Nobody gets past the use cases, whatever the pages let through.
func TestEveryUseCaseChecksThePermission(t *testing.T) {
	t.Parallel()
	w := testworld.New(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	ctx := t.Context()
	calls := []struct {
		name string
		do   func(auth.Actor) error
		may  []auth.Role
	}{
		{"Companies", func(a auth.Actor) error {
			_, err := w.Directory.Companies(ctx, a, directory.CompanyQuery{})
			return err
		}, auth.AllRoles},
		{"Company", func(a auth.Actor) error { _, err := w.Directory.Company(ctx, a, company.ID); return err }, auth.AllRoles},
		{"Users", func(a auth.Actor) error { _, err := w.Directory.Users(ctx, a, company.ID, 1, 20); return err }, auth.AllRoles},
		{"User", func(a auth.Actor) error { _, err := w.Directory.User(ctx, a, company.ID, user.ID); return err }, auth.AllRoles},
		{"Precheck", func(a auth.Actor) error { _, err := w.Precheck.Check(ctx, a, []string{"a@b.example"}); return err }, auth.AllRoles},
		{"Find", func(a auth.Actor) error { _, err := w.Directory.Find(ctx, a, "x", 10); return err }, auth.AllRoles},
		{"Suggest", func(a auth.Actor) error { _, err := w.Directory.Suggest(ctx, a, "x", 10); return err }, auth.AllRoles},
		{"Known", func(a auth.Actor) error { _, err := w.Directory.Known(ctx, a, nil); return err }, auth.AllRoles},
		{"ListPeople", func(a auth.Actor) error {
			_, err := w.Directory.ListPeople(ctx, a, directory.PeopleQuery{Limit: 1}, "", false)
			return err
		}, auth.AllRoles},
		{"ExportPeople", func(a auth.Actor) error {
			_, err := w.Directory.ExportPeople(ctx, a, directory.PeopleQuery{}, "x")
			return err
		}, auth.AllRoles},
		{"ExportSelected", func(a auth.Actor) error { _, err := w.Directory.ExportSelected(ctx, a, nil, "x"); return err }, auth.AllRoles},
		{"PeopleValues", func(a auth.Actor) error {
			_, err := w.Directory.PeopleValues(ctx, a, directory.DomainColumn, "", 1)
			return err
		}, auth.AllRoles},
		{"Covered", func(a auth.Actor) error { _, err := w.Directory.Covered(ctx, a); return err }, auth.AllRoles},
		{"SavedFilters", func(a auth.Actor) error { _, err := w.Directory.SavedFilters(ctx, a); return err }, auth.AllRoles},
		{"SaveFilter", func(a auth.Actor) error { return w.Directory.SaveFilter(ctx, a, "x", "", false) }, auth.AllRoles},
		{"PersonNotes", func(a auth.Actor) error { _, err := w.Directory.PersonNotes(ctx, a); return err }, auth.AllRoles},
		{"SavePersonNote", func(a auth.Actor) error {
			return w.Directory.SavePersonNote(ctx, a, directory.UserRef{CompanyID: company.ID, UserID: user.ID}, "", "")
		}, []auth.Role{auth.Viewer, auth.Onboarder, auth.Admin}},
		{"SaveCompanyNotes", func(a auth.Actor) error {
			return w.Directory.SaveCompanyNotes(ctx, a, company.ID, directory.CompanyNotes{}, "")
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"CompanyHistory", func(a auth.Actor) error {
			_, err := w.Activity.CompanyHistory(ctx, a, company.ID, ledger.Page{Limit: 1})
			return err
		}, auth.AllRoles},
		{"Activity", func(a auth.Actor) error {
			_, err := w.Activity.List(ctx, a, ledger.Filter{}, ledger.Page{Limit: 1})
			return err
		}, []auth.Role{auth.Auditor, auth.Admin}},
		{"SetStatus", func(a auth.Actor) error { _, err := w.Changes.SetStatus(ctx, a, change.StatusRequest{}); return err }, []auth.Role{auth.Viewer, auth.Onboarder, auth.Admin}},
		{"CreateCompany", func(a auth.Actor) error {
			_, err := w.Changes.CreateCompany(ctx, a, change.CreateCompanyRequest{})
			return err
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"CheckCompany", func(a auth.Actor) error {
			_, err := w.Precheck.CheckCompany(ctx, a, sapi.NewCompany{}, nil)
			return err
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"AddDomains", func(a auth.Actor) error {
			_, err := w.Changes.AddDomains(ctx, a, change.AddDomainsRequest{CompanyID: company.ID})
			return err
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"CreateUsers", func(a auth.Actor) error {
			_, err := w.Changes.CreateUsers(ctx, a, change.CreateUsersRequest{CompanyID: company.ID})
			return err
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"SessionEnded", func(a auth.Actor) error { return w.Activity.SessionEnded(ctx, a, auth.Person{Name: "X"}) }, []auth.Role{auth.Admin}},
	}
	for _, call := range calls {
		for _, role := range append([]auth.Role{"none"}, auth.AllRoles...) {
			err := call.do(testworld.As(role))
			_, forbidden := errors.AsType[*portal.Forbidden](err)
			may := false
			for _, r := range call.may {
				may = may || r == role
			}
			if forbidden == may {
				t.Errorf("%s as %s: %v, allowed should be %v", call.name, role, err, may)
			}
		}
	}
}
