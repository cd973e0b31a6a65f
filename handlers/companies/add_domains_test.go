package companies

import (
	"testing"

	"foyer/portal"
)

func TestAddDomainsLabel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		added []string
		want  string
	}{
		{[]string{"a.example"}, "Add a.example to Tern"},
		{[]string{"a.example", "b.example"}, "Add 2 domains to Tern"},
	}
	for _, test := range tests {
		if got := addDomainsLabel(test.added, "Tern"); got != test.want {
			t.Errorf("addDomainsLabel(%v) = %q, want %q", test.added, got, test.want)
		}
	}
}

func TestRefusedDomainsField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		problem *portal.Problem
		want    string
	}{
		{nil, ""},
		{&portal.Problem{Status: 404, Code: "40103"}, "emailDomains"},
		{&portal.Problem{Status: 400}, "emailDomains"},
		{&portal.Problem{Status: 404, Code: "40102"}, ""},
		{&portal.Problem{Status: 403}, ""},
	}
	for _, test := range tests {
		if got := refusedDomainsField(test.problem); got != test.want {
			t.Errorf("refusedDomainsField(%+v) = %q, want %q", test.problem, got, test.want)
		}
	}
}
