package changes

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

func TestPersonResults(t *testing.T) {
	t.Parallel()
	person := func(email string, o sapi.ItemOutcome, id string, p *portal.Problem) change.Row {
		return change.Row{NewUser: sapi.NewUser{Email: email, FirstName: "F", LastName: "L"}, Outcome: o, UserID: id, Problem: p}
	}
	c := change.Change{
		Kind: change.CreateUsers, State: change.Done, Company: ledger.Company{ID: "k"},
		People: []change.Row{
			person("1@x.example", sapi.ItemCreated, "u1", nil),
			person("2@x.example", sapi.ItemExists, "", nil),
			person("3@x.example", sapi.ItemUnknown, "", nil),
			person("4@x.example", sapi.ItemRefused, "", &portal.Problem{Code: "40001"}),
			person("5@x.example", sapi.ItemRefused, "", &portal.Problem{Detail: "Too blue."}),
			person("6@x.example", sapi.ItemExists, "u6", nil),
			person("7@x.example", sapi.ItemRefused, "", nil),
		},
	}
	type short struct{ Email, Word, Reason, Href string }
	want := []short{
		{"4@x.example", "Refused", "The e-mail’s domain is not one of the company’s.", ""},
		{"5@x.example", "Refused", "Too blue.", ""},
		{"7@x.example", "Not created", "Symphony doesn’t show this person in the company.", ""},
		{"3@x.example", "Being checked", "Symphony’s answer is missing.", ""},
		{"2@x.example", "Already there", "Somebody on Symphony has this e-mail address already, in this company or another.", "/precheck?email=2%40x.example"},
		{"6@x.example", "Already there", "Somebody on Symphony has this e-mail address already, in this company or another.", "/companies/k/users/u6"},
		{"1@x.example", "Created", "", "/companies/k/users/u1"},
	}
	var got []short
	for _, r := range personResults(c) {
		got = append(got, short{r.Email, r.Status.Word, r.Reason, r.Href})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("personResults (-want +got):\n%s", diff)
	}

	again := peopleAgain(c, auth.Actor{Roles: auth.Roles{auth.Onboarder}})
	form := url.Values{}
	for _, f := range again.Fields {
		form.Add(f.Name, f.Value)
	}
	if form.Get("users.0.email") != "4@x.example" || form.Get("users.1.email") != "5@x.example" || form.Get("users.2.email") != "7@x.example" || form.Has("users.3.email") || form.Get("users.0.lastName") != "L" {
		t.Errorf("those not created are tried again as %v", form)
	}
}
