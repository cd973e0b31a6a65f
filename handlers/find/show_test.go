package find

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
)

func TestPeopleFoundNameTheirCompany(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	found := directory.Found{Query: "a@b.example", Users: []directory.UserRecord{
		{User: sapi.User{ID: "u1", Email: "a@b.example", SymphonyUserID: 12}, CompanyID: "c1"},
		{User: sapi.User{ID: "u2", DisplayName: "A B"}, CompanyID: "c2"},
	}}
	page := newFindPage(found, map[string]string{"c1": "One"}, func(directory.CompanyRecord) bool { return false }, now)
	type person struct{ Name, Company, CompanyHref, Href, SymphonyID string }
	var got []person
	for _, p := range page.People {
		got = append(got, person{p.Name, p.Company, p.CompanyHref, p.Href, p.SymphonyID})
	}
	want := []person{
		{"a@b.example", "One", views.CompanyPath("c1"), views.UserPath("c1", "u1"), "12"},
		{"A B", "c2", views.CompanyPath("c2"), views.UserPath("c2", "u2"), ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if page.Nothing != nil {
		t.Error("the page says that nothing was found")
	}
}
