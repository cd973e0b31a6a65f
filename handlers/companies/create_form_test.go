package companies

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/portal"
	"foyer/portal/change"
	pages "foyer/views/companies"
)

func TestRefusedCompanyField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		problem *portal.Problem
		want    string
	}{
		{"no problem", nil, ""},
		{"domain taken", &portal.Problem{Status: 404, Code: "40103", Detail: "the name"}, "emailDomains"},
		{"vanity before name", &portal.Problem{Status: 409, Detail: "The vanity name is taken"}, "vanityName"},
		{"name", &portal.Problem{Status: 409, Detail: "A company with the same name exists"}, "name"},
		{"title where there is no detail", &portal.Problem{Status: 400, Title: "Bad email domain"}, "emailDomains"},
		{"credentials", &portal.Problem{Status: 401, Detail: "name"}, ""},
		{"limited", &portal.Problem{Status: 429, Detail: "domain"}, ""},
		{"nothing sent", &portal.Problem{Detail: "name"}, ""},
		{"nothing said", &portal.Problem{Status: 400}, ""},
	}
	for _, test := range tests {
		if got := refusedCompanyField(change.Change{Problem: test.problem}); got != test.want {
			t.Errorf("%s: refusedCompanyField(%+v) = %q, want %q", test.name, test.problem, got, test.want)
		}
	}
}

func TestCompanyRequestTrimsAndSplits(t *testing.T) {
	t.Parallel()
	got := companyRequest(pages.FormPage{Name: " Tern ", VanityName: "\ttern ", EmailDomains: "a.example,b.example;\n a.EXAMPLE"})
	if got.Name != "Tern" || got.VanityName != "tern" || cmp.Diff([]string{"a.example", "b.example"}, got.EmailDomains) != "" {
		t.Errorf("companyRequest() = %+v", got)
	}
}
