package wording

import (
	"testing"
	"time"

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
		if got := CompanyStatus(r, test.overdue, now); got != test.want {
			t.Errorf("companyStatus(%s, %v old) = %+v, want %+v", test.state, test.age, got, test.want)
		}
	}
}

func TestTheTimeOfBuildingIsSymphonysAndTheStandInsOwn(t *testing.T) {
	t.Parallel()
	for standIn, want := range map[time.Duration]string{
		0: "20 minutes", 20 * time.Second: "20 minutes (20 seconds here in the sandbox)", 20 * time.Minute: "20 minutes",
	} {
		if got := BuildTime(20*time.Minute, standIn); got != want {
			t.Errorf("BuildTime where the stand-in takes %v = %q, want %q", standIn, got, want)
		}
	}
}
