package handlers

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views/ui"
)

func TestCompanyStatus(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 30, 9, 41, 7, 0, time.UTC)
	tests := []struct {
		state   sapi.CompanyState
		age     time.Duration
		overdue bool
		want    ui.StatusProps
	}{
		{sapi.StateCompleted, time.Hour, false, ui.StatusProps{Kind: ui.StatusReady}},
		{sapi.StateStarted, 9 * time.Second, false, ui.StatusProps{Kind: ui.StatusBuilding, Word: "Being built, 9 s"}},
		{sapi.StateTenantCreated, 9*time.Minute + 59*time.Second, false, ui.StatusProps{Kind: ui.StatusBuilding, Word: "Being built, 9 min"}},
		{sapi.StateStarted, 50 * time.Hour, true, ui.StatusProps{Kind: ui.StatusWaiting, Word: "Overdue, 2 d"}},
		{sapi.StateTenantCreationError, 0, false, ui.StatusProps{Kind: ui.StatusFailed, Word: "Failed: tenant"}},
		{sapi.StateAuth0ConfigError, 0, false, ui.StatusProps{Kind: ui.StatusFailed, Word: "Failed: sign-in"}},
		{sapi.StateTenantConfigError, 0, false, ui.StatusProps{Kind: ui.StatusFailed, Word: "Failed: configuration"}},
		{"TENANT_MIGRATING", 0, false, ui.StatusProps{Kind: ui.StatusUnrecognised, Word: "TENANT_MIGRATING"}},
		{"", 0, false, ui.StatusProps{Kind: ui.StatusUnrecognised, Word: "State not told"}},
	}
	for _, test := range tests {
		r := directory.CompanyRecord{Company: sapi.Company{State: test.state, CreatedAt: now.Add(-test.age)}}
		if got := companyStatus(r, test.overdue, now); got != test.want {
			t.Errorf("companyStatus(%s, %v old) = %+v, want %+v", test.state, test.age, got, test.want)
		}
	}
}

func TestCompanyStepsShowWhereItStands(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 30, 9, 41, 7, 0, time.UTC)
	tests := []struct {
		state sapi.CompanyState
		want  []ui.StepState
	}{
		{sapi.StateStarted, []ui.StepState{ui.StepDone, ui.StepNow, ui.StepNext}},
		{sapi.StateTenantCreated, []ui.StepState{ui.StepDone, ui.StepDone, ui.StepNow}},
		{sapi.StateCompleted, []ui.StepState{ui.StepDone, ui.StepDone, ui.StepDone}},
		{sapi.StateTenantCreationError, []ui.StepState{ui.StepDone, ui.StepFailed, ui.StepNext}},
		{sapi.StateAuth0ConfigError, []ui.StepState{ui.StepDone, ui.StepDone, ui.StepFailed}},
		{sapi.StateTenantConfigError, []ui.StepState{ui.StepDone, ui.StepDone, ui.StepFailed}},
	}
	for _, test := range tests {
		var got []ui.StepState
		for _, step := range companySteps(directory.Company{CompanyRecord: directory.CompanyRecord{Company: sapi.Company{State: test.state}}}, 20*time.Minute, now) {
			got = append(got, step.State)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("companySteps(%s) (-want +got):\n%s", test.state, diff)
		}
	}
}

func TestTraceIDOf(t *testing.T) {
	t.Parallel()
	tests := []struct{ message, want string }{
		{"Please contact Symphony support by providing the X-Trace-Id = KUfkYm", "KUfkYm"},
		{"X-Trace-Id: abc_DEF-9.", "abc_DEF-9"},
		{`{"x-trace-id":"q7Rt2X"}`, "q7Rt2X"},
		{"TraceId=12345", "12345"},
		{"no such thing", ""},
		{"X-Trace-Id", ""},
		{"", ""},
	}
	for _, test := range tests {
		if got := traceIDOf(test.message); got != test.want {
			t.Errorf("traceIDOf(%q) = %q, want %q", test.message, got, test.want)
		}
	}
}

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
