package reviews

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/review"
)

func TestOnlyChoicesThatDifferFromWhatThePageShowedAreDecisions(t *testing.T) {
	t.Parallel()
	got, err := parseDecisions(url.Values{
		"seen.a": {""}, "seen.b": {"keep"}, "decision.b": {"keep"}, "seen.c": {"keep"}, "decision.c": {"ask"}, "decision.d": {"keep"}, "show": {"ask"},
	})
	want := []review.Deciding{{UserID: "c", Seen: review.KeepAccess, Decision: review.AskAbout}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("parseDecisions, %v (-want +got):\n%s", err, diff)
	}
}
