package companies

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views/ui"
)

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
		for _, step := range companySteps(directory.Company{CompanyRecord: directory.CompanyRecord{Company: sapi.Company{State: test.state}}}, "20 minutes", now) {
			got = append(got, step.State)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("companySteps(%s) (-want +got):\n%s", test.state, diff)
		}
	}
}
