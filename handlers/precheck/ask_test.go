package precheck

import (
	"testing"

	"foyer/portal/precheck"
)

func TestPrecheckCountsWhatNeedsALookFirst(t *testing.T) {
	t.Parallel()
	rows := []precheck.Row{{Verdict: precheck.NotOnRecord}, {Verdict: precheck.Yours}, {Verdict: precheck.NotOnRecord}, {Verdict: precheck.OnPod}}
	if got, want := verdictCounts(rows), "1 on Symphony · 1 yours · 2 not found"; got != want {
		t.Errorf("verdictCounts = %q, want %q", got, want)
	}
}
