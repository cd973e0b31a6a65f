package address_test

import (
	"strings"
	"testing"

	"foyer/address"
)

func TestDomainsAreComparedInOneForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		domain string
		want   address.Domain
		ok     bool
	}{
		{"Acme.COM", "acme.com", true},
		{"@acme.com", "acme.com", true},
		{" acme.com.\n", "acme.com", true},
		{"bücher.example", "xn--bcher-kva.example", true},
		{"BU\u0308CHER.example", "xn--bcher-kva.example", true},
		{"xn--bcher-kva.example", "xn--bcher-kva.example", true},
		{"acme", "", false},
		{"acme..com", "", false},
		{".acme.com", "", false},
		{"a b.com", "", false},
		{"10.0.0.1", "", false},
		{"acme.com/path", "", false},
		{strings.Repeat("long.", 60) + "example", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got, ok := address.ParseDomain(tt.domain); got != tt.want || ok != tt.ok {
			t.Errorf("ParseDomain(%q) = %q, %v, want %q, %v", tt.domain, got, ok, tt.want, tt.ok)
		}
	}
}

func TestAnAddressIsInTheDomainAfterItsLastAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		email string
		want  address.Domain
	}{
		{"Jane@Acme.example", "acme.example"},
		{"zoe@bücher.example", "xn--bcher-kva.example"},
		{`"a@b.example"@acme.example`, "acme.example"},
		{"jane@Localhost", "localhost"},
		{"jane@", ""},
		{"acme.example", ""},
	}
	for _, tt := range tests {
		if got := address.DomainOf(tt.email); got != tt.want {
			t.Errorf("DomainOf(%q) = %q, want %q", tt.email, got, tt.want)
		}
	}
}

func TestAListHasADomainInWhateverSpelling(t *testing.T) {
	t.Parallel()
	tests := []struct {
		domain address.Domain
		list   []string
		want   bool
	}{
		{"acme.example", []string{"other.example", "ACME.example"}, true},
		{"xn--bcher-kva.example", []string{"Bücher.example"}, true},
		{"xn--bcher-kva.example", []string{"xn--bcher-kva.example"}, true},
		{"localhost", []string{"Localhost"}, true},
		{"acme.example", []string{"sub.acme.example"}, false},
		{"acme.example", nil, false},
	}
	for _, tt := range tests {
		if got := tt.domain.In(tt.list); got != tt.want {
			t.Errorf("%q.In(%q) = %v, want %v", tt.domain, tt.list, got, tt.want)
		}
	}
}
