package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

func TestPodLoginInformation(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.token = "" // it asks for none
	tests := []struct{ name, email, pod string }{
		{"the address itself", "Adele.VANCE@lyondell.example", "lyondell.on.symphony.com"},
		{"the address, on another pod than its domain", "old.hand@lyondell.example", "lyondell-legacy.symphony.com"},
		{"a colleague's domain", "nobody@lyondell.example", "lyondell.on.symphony.com"},
		{"the root domain, where most of its people are", "nobody@deep.legacy.lyondell.example", "lyondell.on.symphony.com"},
		{"a normal customer's", "nobody@corporate.example", "corporate.symphony.com"},
		{"another partner's", "nobody@northwind.example", "northwind.on.symphony.com"},
		{"a Customer Connect pod's", "nobody@quietharbour.example", ""},
		{"a company's without people", "nobody@halcyon.example", ""},
		{"a company's still being built", "nobody@oresund.example", ""},
		{"a stranger's", "jane@acme.example", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := p.get("/webcontroller/podLoginInformation?fs=advanced&emailAddress=" + url.QueryEscape(test.email))
			var got map[string]string
			r.into(&got)
			want := map[string]string{"podDomain": test.pod}
			status := http.StatusOK
			if test.pod == "" {
				_, domain, _ := cutLast(test.email)
				want = map[string]string{
					"message": "No pod found for emailAddress: '" + test.email + "' and companyDomain: '" + domain + "'",
					"status":  "NOT_FOUND",
				}
				status = http.StatusNotFound
			}
			if diff := cmp.Diff(want, got); diff != "" || r.status != status {
				t.Errorf("status %d, want %d (-want +got):\n%s", r.status, status, diff)
			}
		})
	}
	for _, query := range []string{"", "?emailAddress=", "?emailAddress=lyondell.example"} {
		p.get("/webcontroller/podLoginInformation"+query).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
}

func cutLast(email string) (local, domain string, found bool) {
	for i := len(email) - 1; i >= 0; i-- {
		if email[i] == '@' {
			return email[:i], email[i+1:], true
		}
	}
	return email, "", false
}

func TestDirectorySearch(t *testing.T) {
	t.Parallel()
	p := setup(t)
	search := func(partnerID, email string) string {
		return "/directory/search?" + url.Values{"partnerId": {partnerID}, "email": {email}}.Encode()
	}
	tests := []struct {
		name, email             string
		user, tenant, sponsored bool
		url                     string
	}{
		{"a user on a sponsored tenant", "adele.vance@lyondell.example", true, true, true, "https://lyondell.on.symphony.com"},
		{"a user on another tenant", "old.hand@lyondell.example", true, true, false, "https://lyondell-legacy.symphony.com"},
		{"no user, a sponsored tenant", "nobody@halcyon.example", false, true, true, "https://halcyon.on.symphony.com"},
		{"no user, another tenant", "nobody@corporate.example", false, true, false, "https://corporate.symphony.com"},
		{"nothing", "jane@acme.example", false, false, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got map[string]any
			p.get(search(sandbox.PartnerID, test.email)).want(http.StatusOK).into(&got)
			want := map[string]any{
				"matchingUserFound": test.user, "matchingSymphonyTenantFound": test.tenant, "tenantSponsored": test.sponsored,
			}
			if test.url != "" {
				want["tenantUrl"] = test.url
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("match (-want +got):\n%s", diff)
			}
		})
	}
	p.get(search("", "a@b.example")).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	p.get(search("somebody", "a@b.example")).refuses(http.StatusForbidden, http.StatusForbidden, "")
	p.get(search(sandbox.PartnerID, "")).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
}
