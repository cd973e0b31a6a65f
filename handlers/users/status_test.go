package users

import (
	"testing"

	"foyer/handlers/kit"
	"foyer/sapi"
)

func TestWhereTheStatusIsUnknownBothWaysAreOffered(t *testing.T) {
	t.Parallel()
	ways := (&Handlers{Kit: &kit.Kit{Environment: kit.Prod}}).statusWays(sapi.StatusUnknown)
	if len(ways) != 2 || ways[0].Label != "Disable in PROD" || ways[1].Label != "Enable in PROD" {
		t.Errorf("statusWays(unknown) = %+v, want both ways", ways)
	}
	if got := keepLabel(sapi.StatusUnknown); got != "Change nothing" {
		t.Errorf("keepLabel(unknown) = %q", got)
	}
}
