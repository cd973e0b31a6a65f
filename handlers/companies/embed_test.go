package companies

import (
	"strings"
	"testing"

	"foyer/portal/directory"
	"foyer/sapi"
)

func TestPublicHrefLinksToSymphonyAlone(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://acme.on.symphony.com":           "https://acme.on.symphony.com",
		"https://acme.symphony.com/path":         "https://acme.symphony.com/path",
		"http://acme.on.symphony.com":            "",
		"https://symphony.com.evil.example":      "",
		"https://evilsymphony.com":               "",
		"https://acme.on.symphony.com@evil.test": "",
		"https://user@acme.on.symphony.com":      "",
		"https://acme.on.symphony.com:8443":      "",
		"javascript:alert(1)//.symphony.com":     "",
		"//acme.on.symphony.com":                 "",
		"https://acme.on.symphony.com\n":         "",
		"":                                       "",
	} {
		if got := publicHref(raw); got != want {
			t.Errorf("publicHref(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestTheSnippetStaysWithinItsAttributes(t *testing.T) {
	t.Parallel()
	company := directory.Company{CompanyRecord: directory.CompanyRecord{Company: sapi.Company{
		State: sapi.StateCompleted, PublicURL: "https://acme.on.symphony.com/",
	}}}
	got, note := embedSnippet(company, `"><script>`)
	want := "<script src=\"https://acme.on.symphony.com/embed/sdk.js\"\n  data-partner-id=\"&quot;&gt;&lt;script&gt;\"></script>"
	if got != want || note != "" {
		t.Errorf("embedSnippet() = %q, %q, want %q", got, note, want)
	}
	if _, note := embedSnippet(company, ""); !strings.Contains(note, "partner id") {
		t.Errorf("without a partner id the note is %q", note)
	}
	company.PublicURL = "javascript:alert(1)"
	if got, note := embedSnippet(company, "p"); got != "" || note == "" {
		t.Errorf("embedSnippet() = %q, %q for an address that is not Symphony’s, want none and why", got, note)
	}
	company.PublicURL = "https://acme.on.symphony.com/"
	for _, state := range []sapi.CompanyState{sapi.StateStarted, sapi.StateTenantConfigError, "PAUSED"} {
		company.State = state
		if got, note := embedSnippet(company, "p"); got != "" || note != "" {
			t.Errorf("embedSnippet() = %q, %q for a company in state %s, want nothing", got, note, state)
		}
	}
}
