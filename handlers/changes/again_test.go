package changes

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
	"foyer/sapi"
)

func TestWhatWasNotDoneCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	onboarder := auth.Actor{Roles: auth.Roles{auth.Onboarder}}
	company := change.Change{
		Kind: change.CreateCompany, State: change.Refused,
		NewCompany: sapi.NewCompany{Name: "Acme", VanityName: "acme", EmailDomains: []string{"acme.example", "acme-uk.example"}},
	}
	domains := change.Change{Kind: change.AddDomains, State: change.Expired, Company: ledger.Company{ID: "k"}, Domains: []string{"acme-de.example"}}
	tests := []struct {
		change change.Change
		path   string
		want   url.Values
	}{
		{company, "/companies/check", url.Values{"name": {"Acme"}, "vanityName": {"acme"}, "emailDomains": {"acme.example\nacme-uk.example"}, "change": {"name"}}},
		{domains, "/companies/k/domains/check", url.Values{"emailDomains": {"acme-de.example"}, "change": {"emailDomains"}}},
	}
	for _, test := range tests {
		again := formAgain(test.change, onboarder)
		if again == nil {
			t.Fatalf("a %s that was not done can't be tried again", test.change.Kind)
		}
		got := url.Values{}
		for _, f := range again.Fields {
			got.Add(f.Name, f.Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || again.Path != test.path || again.Button.Forbidden != "" {
			t.Errorf("a %s is tried again at %s, forbidden: %q (-want +got):\n%s", test.change.Kind, again.Path, again.Button.Forbidden, diff)
		}
		if formAgain(test.change, auth.Actor{Roles: auth.Roles{auth.Viewer}}).Button.Forbidden == "" {
			t.Errorf("a viewer can try a %s again", test.change.Kind)
		}
		for _, state := range []change.State{change.Done, change.Abandoned} {
			if test.change.State = state; formAgain(test.change, onboarder) != nil {
				t.Errorf("a %s that is %s is offered again", test.change.Kind, state)
			}
		}
	}
	if formAgain(change.Change{Kind: change.DisableUser, State: change.Refused}, onboarder) != nil {
		t.Error("a status is offered again by a form of another kind")
	}
}
