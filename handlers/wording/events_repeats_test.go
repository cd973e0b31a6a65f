package wording

import (
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

func TestHowOftenSomethingWasRefusedIsSaid(t *testing.T) {
	t.Parallel()
	again, refused := []byte(`{"repeated":41,"until":"2026-09-30T18:08:19Z"}`), time.Date(2026, 9, 30, 18, 59, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		event ledger.Event
		want  string
	}{
		"a permission, once":      {ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Code: "activity.see"}, ""},
		"a permission, and again": {ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Code: "activity.see", After: again}, "41 more times until 2026-09-30 18:08:19 UTC."},
		"and again, the same day": {ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Code: "activity.see", After: again, At: refused}, "41 more times until 18:08:19 UTC."},
		"a sign-in, and again":    {ledger.Event{Action: ledger.SignIn, Outcome: ledger.Failed, Note: string(auth.ReasonBrowser), After: again}, "It was begun in another browser. 41 more times until 2026-09-30 18:08:19 UTC."},
	} {
		if got := EventNote(tt.event, auth.Actor{}).Text; got != tt.want {
			t.Errorf("%s: EventNote = %q, want %q", name, got, tt.want)
		}
	}
}
