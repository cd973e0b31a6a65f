package precheck

import (
	"testing"

	"foyer/portal/directory"
	"foyer/sapi"
)

func TestADomainBelowOneOfOursIsOursToAnswerUnlessItHasAPodOfItsOwn(t *testing.T) {
	t.Parallel()
	tern := directory.CompanyRecord{Company: sapi.Company{Name: "Tern", PublicURL: "https://tern.on.symphony.com", EmailDomains: []string{"Tern.example"}}}
	for _, tt := range []struct {
		domain, pod string
		match       *sapi.Match
		want        Verdict
	}{
		{"eu.tern.example", "tern.on.symphony.com", nil, BelowYours},
		{"fx.eu.tern.example", "", nil, BelowYours},
		{"eu.tern.example", "other.symphony.com", nil, OnPod},
		{"eu.tern.example", "tern.on.symphony.com", &sapi.Match{UserFound: true}, OnPod},
		{"eastern.example", "other.symphony.com", nil, OnPod},
	} {
		row := Row{Domain: tt.domain, Pod: tt.pod, Match: tt.match, Above: above(tt.domain, []directory.CompanyRecord{tern})}
		if got := verdict(row); got != tt.want {
			t.Errorf("verdict of %s on %q = %s, want %s", tt.domain, tt.pod, got, tt.want)
		}
	}
}
