package wording

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/precheck"
	"foyer/sapi"
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
		{Source: "Login service", Host: "login.example", Asked: "a@b.example", Answer: "{}"},
		{Source: "Foyer’s list of companies", Asked: "b.example", Err: errors.Join(&sapi.Error{}, errors.New("secret"))},
	})
	if got[0].Source != "Login service (login.example)" || got[0].Failed != "" || got[1].Source != "Foyer’s list of companies" || strings.Contains(got[1].Failed, "secret") || got[1].Failed == "" {
		t.Errorf("precheckEvidence = %+v", got)
	}
	if diff := cmp.Diff("{}", got[0].Answer); diff != "" {
		t.Error(diff)
	}
}
