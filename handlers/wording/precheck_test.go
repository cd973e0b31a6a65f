package wording

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
)

func TestThePrecheckTellsThatADomainIsElsewhere(t *testing.T) {
	t.Parallel()
	for verdict, want := range map[precheck.Verdict]string{
		precheck.Yours: "Yours", precheck.OnPod: "On corporate.symphony.com", precheck.NotOnRecord: "Not found",
		precheck.CouldNotAsk: "Could not ask", precheck.NotAnInput: "Not understood",
	} {
		if got := VerdictStatus(precheck.Row{Verdict: verdict, Pod: "corporate.symphony.com"}); got.Word != want {
			t.Errorf("verdictStatus(%s) = %q, want %q", verdict, got.Word, want)
		}
	}
	if got := VerdictStatus(precheck.Row{Verdict: precheck.OnPod}).Word; got != "On Symphony" {
		t.Errorf("without a pod's name it says %q", got)
	}
}

func TestEvidenceSaysWhoWasAskedAndWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	got := PrecheckEvidence([]precheck.Evidence{
		{Source: precheck.LoginService, Host: "login.example", Asked: "a@b.example", Answer: "{}"},
		{Source: precheck.DirectorySearch, Host: "api.example", Asked: "a@b.example", Answer: "[]"},
		{Source: precheck.OwnCompanies, Asked: "b.example", Answer: "Tern"},
		{Source: precheck.OwnPeople, Asked: "a@b.example"},
		{Source: precheck.OwnCompanies, Asked: "b.example", Err: errors.Join(&sapi.Error{}, errors.New("secret"))},
	})
	failed := got[4].Failed
	if failed == "" || strings.Contains(failed, "secret") {
		t.Errorf("why there is no answer = %q, want words without the error", failed)
	}
	want := []views.PrecheckEvidence{
		{Source: "Login service (login.example)", Asked: "a@b.example", Answer: "{}"},
		{Source: "Directory search (api.example)", Asked: "a@b.example", Answer: "[]"},
		{Source: "Foyer’s list of companies", Asked: "b.example", Answer: "domain of Tern"},
		{Source: "Foyer’s record of people", Asked: "a@b.example", Answer: "seen in one of your companies"},
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

func TestWhatAVerdictMeansAndWhatToDoNext(t *testing.T) {
	t.Parallel()
	tern := &directory.CompanyRecord{Company: sapi.Company{Name: "Tern"}}
	sponsored := &sapi.Match{TenantFound: true, Sponsored: true}
	const elsewhere, another = "Ask that company’s Symphony administrator to connect you; don’t create a second account.",
		"Ask Symphony which partner it is; don’t create a second account."
	tests := []struct {
		row         precheck.Row
		words, next string
	}{
		{
			precheck.Row{Input: "a@b.example", Verdict: precheck.Yours, User: &directory.UserRecord{}, Company: tern},
			"This person is in one of the companies that you sponsor.", "Open the person.",
		},
		{
			precheck.Row{Input: "a@b.example", Verdict: precheck.Yours, Company: tern},
			"Tern, which you sponsor, has this domain. Foyer has not seen this person in it.", "Add people to that company.",
		},
		{precheck.Row{Input: "@b.example", Verdict: precheck.Yours, Company: tern}, "Tern, which you sponsor, has this domain.", "Add people to that company."},
		{precheck.Row{Input: "b.example", Verdict: precheck.Yours, Company: tern}, "Tern, which you sponsor, has this domain.", "Add people to that company."},
		{
			precheck.Row{Verdict: precheck.OnPod, Pod: "x.symphony.com", Match: sponsored},
			"This domain’s people are on a tenant that a partner sponsors, x.symphony.com. It is not in your list.", another,
		},
		{
			precheck.Row{Verdict: precheck.OnPod, Match: sponsored},
			"This domain’s people are on a tenant that a partner sponsors, whose address Symphony doesn’t tell. It is not in your list.", another,
		},
		{
			precheck.Row{Input: "b.example", Verdict: precheck.OnPod, Pod: "x.symphony.com"},
			"This domain’s people are on x.symphony.com.", "Ask that company’s Symphony administrator to connect you; don’t create the company a second time.",
		},
		{
			precheck.Row{Input: "a@b.example", Verdict: precheck.OnPod, Pod: "x.symphony.com"},
			"This domain’s people are on x.symphony.com. Whether this very person has an account there, Symphony doesn’t say.", elsewhere,
		},
		{
			precheck.Row{Input: "a@b.example", Verdict: precheck.OnPod, Pod: "x.symphony.com", Match: &sapi.Match{UserFound: true}},
			"This person is on Symphony already, on x.symphony.com.", elsewhere,
		},
		{
			precheck.Row{Verdict: precheck.BelowYours, Domain: "eu.tern.example", Pod: "tern.symphony.com", Above: tern},
			"No company that you sponsor has the domain eu.tern.example. Tern, which you sponsor, has the one above it. Symphony answers for the domain above, whose people are on tern.symphony.com, and not for this one.",
			"If these people belong to Tern, add the domain to it, then the people.",
		},
		{
			precheck.Row{Verdict: precheck.BelowYours, Domain: "eu.tern.example", Above: tern},
			"No company that you sponsor has the domain eu.tern.example. Tern, which you sponsor, has the one above it.",
			"If these people belong to Tern, add the domain to it, then the people.",
		},
		{
			precheck.Row{Verdict: precheck.NotOnRecord},
			"Symphony’s public service found nothing. That proves nothing: some tenants are not listed.",
			"You can go on. If the domain is taken all the same, Symphony refuses it and nothing is created.",
		},
		{
			precheck.Row{Verdict: precheck.CouldNotAsk},
			"Symphony could not be asked.", "Try again in a moment. You can go on without: Symphony refuses what is taken.",
		},
		{precheck.Row{Verdict: precheck.NotAnInput}, "This is neither an e-mail address nor a domain.", "Correct it and ask again."},
	}
	told := map[string]bool{}
	for _, tt := range tests {
		told[string(tt.row.Verdict)] = true
		if words, next := VerdictWords(tt.row); words != tt.words || next != tt.next {
			t.Errorf("VerdictWords(%+v) = %q, %q, want %q, %q", tt.row, words, next, tt.words, tt.next)
		}
	}
	for _, verdict := range codesIn(t, "portal/precheck/precheck.go", "Verdict") {
		if !told[verdict] {
			t.Errorf("the verdict %s has no words", verdict)
		}
	}
}
