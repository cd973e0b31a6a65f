package portal_test

import (
	"testing"

	"foyer/address"
	"foyer/portal"
)

func TestDomainsThatAreEverybodys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		domain           address.Domain
		freemail, suffix bool
	}{
		{"gmail.com", true, false},
		{"yahoo.co.uk", true, false},
		{"hotmail.fr", true, false},
		{"yahoo.acme.com", false, false},
		{"mail.yahoo.com", false, false},
		{"gmx.net", true, false},
		{"acme.com", false, false},
		{"gmail.acme.com", false, false},
		{"co.uk", false, true},
		{"acme.co.uk", false, false},
		{"com.br", false, true},
		{"github.io", false, true},
		{"acme.example", false, false},
	}
	for _, tt := range tests {
		if got := portal.Freemail(tt.domain); got != tt.freemail {
			t.Errorf("Freemail(%s) = %v, want %v", tt.domain, got, tt.freemail)
		}
		if got := portal.PublicSuffix(tt.domain); got != tt.suffix {
			t.Errorf("PublicSuffix(%s) = %v, want %v", tt.domain, got, tt.suffix)
		}
	}
}
