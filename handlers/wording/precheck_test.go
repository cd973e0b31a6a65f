package wording

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

func TestEvidenceSaysWhoWasAskedAndWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	got := PrecheckEvidence([]precheck.Evidence{
		{Source: precheck.LoginService, Host: "login.example", Asked: "a@b.example", Answer: "{}"},
		{Source: precheck.DirectorySearch, Host: "api.example", Asked: "a@b.example", Answer: "[]"},
		{Source: precheck.OwnCompanies, Asked: "b.example", Answer: "Tern"},
		{Source: precheck.OwnPeople, Asked: "a@b.example", Answer: "active", Company: "Tern"},
		{Source: precheck.OwnPeople, Asked: "a@b.example"},
		{Source: precheck.PersonRead, Asked: "a@b.example", Answer: precheck.Gone, Company: "Tern"},
		{Source: precheck.PersonRead, Asked: "a@b.example", Err: errors.Join(&sapi.Error{}, errors.New("secret"))},
		{Source: precheck.OwnCompanies, Asked: "b.example", Err: errors.Join(&sapi.Error{}, errors.New("secret"))},
	})
	failed := got[7].Failed
	if failed == "" || strings.Contains(failed, "secret") {
		t.Errorf("why there is no answer = %q, want words without the error", failed)
	}
	want := []views.PrecheckEvidence{
		{Source: "Login service (login.example)", Asked: "a@b.example", Answer: "{}"},
		{Source: "Directory search (api.example)", Asked: "a@b.example", Answer: "[]"},
		{Source: "Foyer’s list of companies", Asked: "b.example", Answer: "domain of Tern"},
		{Source: "Foyer’s record of people", Asked: "a@b.example", Answer: "in Tern, status active"},
		{Source: "Foyer’s record of people", Asked: "a@b.example", Answer: "nobody is known by this address"},
		{Source: "Symphony’s record of the person", Asked: "a@b.example", Answer: "no longer in Tern"},
		{Source: "Symphony’s record of the person", Asked: "a@b.example", Failed: failed},
		{Source: "Foyer’s list of companies", Asked: "b.example", Answer: "no company has this domain", Failed: failed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PrecheckEvidence (-want +got):\n%s", diff)
	}
	for _, source := range codesIn(t, "portal/precheck/precheck.go", "Source") {
		if words := sourceWords(precheck.Source(source)); words == source {
			t.Errorf("the source %s has no words", source)
		}
	}
}

// verdicts is one row for each verdict and reason, and for each kind of words of it.
func verdicts() []precheck.Row {
	tern := &directory.CompanyRecord{Company: sapi.Company{ID: "t", Name: "Tern", State: sapi.StateCompleted, EmailDomains: []string{"tern.example"}}}
	building := &directory.CompanyRecord{Company: sapi.Company{ID: "g", Name: "Gull", State: sapi.StateStarted}}
	zoe := &directory.UserRecord{User: sapi.User{ID: "z", DisplayName: "Zoe Day", Status: sapi.StatusActive}, CompanyID: "t", StatusAt: time.Date(2026, 9, 1, 8, 12, 30, 0, time.UTC)}
	partners, customers, named := precheck.Tenant{Host: "x.symphony.com", Whose: precheck.Partners}, precheck.Tenant{Host: "y.symphony.com", Whose: precheck.Customers}, precheck.Tenant{Host: "z.symphony.com"}
	silence := []precheck.Evidence{{Source: precheck.LoginService, Err: errors.New("x")}, {Source: precheck.DirectorySearch, Err: errors.New("x")}}
	const person, domain = "a@eu.tern.example", "eu.tern.example"
	return []precheck.Row{
		{Input: person, Verdict: precheck.Active, User: zoe, Company: tern},
		{Input: person, Verdict: precheck.Active, User: zoe, Company: tern, Tenant: named},
		{Input: person, Verdict: precheck.Disabled, User: zoe, Company: tern},
		{Input: person, Verdict: precheck.Elsewhere, Why: precheck.PersonFound, Tenant: customers},
		{Input: person, Verdict: precheck.Elsewhere, Why: precheck.DomainFound, Tenant: named},
		{Input: person, Verdict: precheck.Elsewhere, Why: precheck.DomainFound, Tenant: partners},
		{Input: domain, Verdict: precheck.Elsewhere, Why: precheck.DomainFound, Tenant: precheck.Tenant{Whose: precheck.Customers}},
		{Input: person, Verdict: precheck.DomainKnown, Company: tern},
		{Input: person, Verdict: precheck.DomainKnown, Company: building},
		{Input: domain, Verdict: precheck.DomainKnown, Company: tern},
		{Input: person, Verdict: precheck.Free},
		{Input: person, Domain: domain, Verdict: precheck.Free, Near: tern},
		{Input: person, Domain: "tern.other.example", Verdict: precheck.Free, Near: tern},
		{Input: "x", Verdict: precheck.NotAnInput},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.StatusUnread, User: zoe, Company: tern},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.StatusUntold, User: zoe, Company: tern},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.ThereUnread, Company: tern},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.ThereUnlooked, Company: tern},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.PeopleUnread},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.ListUnread},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.NotAsked, Asked: silence},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.Disagree, Company: tern, Tenant: named},
		{Input: person, Verdict: precheck.CantTell, Why: precheck.Unnamed},
		{Input: person, Domain: "gmail.com", Verdict: precheck.CantTell, Why: precheck.Freemail},
		{Input: person, Domain: "co.uk", Verdict: precheck.CantTell, Why: precheck.PublicSuffix},
	}
}

func TestEveryVerdictSaysWhatItMeansAndWhatToDoNext(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	said := map[string]precheck.Row{}
	for _, r := range verdicts() {
		seen[string(r.Verdict)], seen[string(r.Why)] = true, true
		row := PrecheckRow(r, auth.Actor{Roles: auth.Roles{auth.Onboarder}})
		if row.Words == string(r.Why) || row.Why == string(r.Why) && r.Why != "" || row.Next == "" || row.Act == "" || row.Verdict.Word == "" || PrecheckGroupWords(r) == "" || VerdictName(r.Verdict) == "" {
			t.Errorf("%s %s has no words: %+v", r.Verdict, r.Why, row)
		}
		if other, same := said[row.Words]; same {
			t.Errorf("the same is said of %+v and %+v: %s", other, r, row.Words)
		}
		said[row.Words] = r
		needsNone := r.Verdict != precheck.CantTell && r.User == nil
		if (row.Why == "") != needsNone || r.Verdict == precheck.Active && row.Why != "as of 08:12:30 UTC" {
			t.Errorf("%s %s: in a few words %q", r.Verdict, r.Why, row.Why)
		}
	}
	for _, code := range append(codesIn(t, "portal/precheck/verdict.go", "Verdict"), codesIn(t, "portal/precheck/verdict.go", "Reason")...) {
		if !seen[code] {
			t.Errorf("nothing is said of %s", code)
		}
	}
}

func TestAVerdictTellsWhereAndWhatNext(t *testing.T) {
	t.Parallel()
	type brief struct {
		Word, Where, Note, Act string
		Links                  []ui.Link
	}
	want := []brief{
		{"Yours and active", "Tern", "", "Nothing to do", []ui.Link{{Label: "Open Zoe Day", Href: "/companies/t/users/z"}}},
		{"Yours and active", "Tern", "", "Nothing to do", []ui.Link{{Label: "Open Zoe Day", Href: "/companies/t/users/z"}}},
		{"Yours but disabled", "Tern", "", "Enable them", []ui.Link{{Label: "Enable Zoe Day", Href: "/companies/t/users/z/status"}}},
		{"On Symphony elsewhere", "y.symphony.com", "a tenant of its own", "Ask their administrator", nil},
		{"On Symphony elsewhere", "z.symphony.com", "", "Ask their administrator", nil},
		{"On Symphony elsewhere", "x.symphony.com", "another partner sponsors it", "Ask Symphony which partner", nil},
		{"On Symphony elsewhere", "Address not told", "a tenant of its own", "Ask their administrator", nil},
		{"Domain known, person not", "Tern", "", "Add to Tern", nil},
		{"Domain known, person not", "Gull", "not ready", "Wait until it is ready", nil},
		{"Domain of yours", "Tern", "", "Add to Tern", nil},
		{"Free", "", "", "Onboard the company", nil},
		{"Free", "", "below a domain of Tern", "Add the domain", nil},
		{"Free", "", "near Tern", "Add the domain", nil},
		{"Not understood", "", "", "Correct it", nil},
		{"Can’t tell", "Tern", "", "Ask again", []ui.Link{{Label: "Open Zoe Day", Href: "/companies/t/users/z"}}},
	}
	for i, r := range verdicts()[:len(want)] {
		row := PrecheckRow(r, auth.Actor{Roles: auth.Roles{auth.Onboarder}})
		got := brief{row.Verdict.Word, row.Where.Label, row.WhereNote, row.Act, row.Links}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", r.Verdict, r.Why, diff)
		}
	}
	auditors := PrecheckRow(verdicts()[2], auth.Actor{Roles: auth.Roles{auth.Auditor}})
	if auditors.Links[0].Href != "/companies/t/users/z" {
		t.Errorf("an auditor is led to %+v", auditors.Links)
	}
}

func TestWhatDidNotAnswerIsNamed(t *testing.T) {
	t.Parallel()
	row := PrecheckRow(precheck.Row{Verdict: precheck.CantTell, Why: precheck.NotAsked, Asked: []precheck.Evidence{
		{Source: precheck.LoginService, Err: errors.New("x")}, {Source: precheck.DirectorySearch, Err: errors.New("x")}, {Source: precheck.OwnCompanies},
	}}, auth.Actor{})
	if row.Why != "no answer: login service and directory search" {
		t.Errorf("in a few words = %q", row.Why)
	}
}
