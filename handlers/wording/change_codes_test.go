package wording

import (
	"testing"

	"foyer/auth"
	"foyer/ledger"
)

func TestWhatAnEventsCodeAndValuesTellInWords(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		event ledger.Event
		want  string
	}{
		"changed outside, between two readings": {
			ledger.Event{Action: ledger.StatusOutside, Before: []byte(`{"status":"active","readAt":"2026-11-24T09:41:07Z"}`), After: []byte(`{"status":"disabled","readAt":"2026-11-25T10:00:00Z"}`)},
			"Symphony said active at 2026-11-24 09:41:07 UTC, and disabled at 2026-11-25 10:00:00 UTC. Foyer did not change it in between.",
		},
		"changed outside, after Foyer's own change": {
			ledger.Event{Action: ledger.StatusOutside, Before: []byte(`{"status":"disabled","changedAt":"2026-11-24T09:41:07Z"}`), After: []byte(`{"status":"active","readAt":"2026-11-25T10:00:00Z"}`)},
			"Foyer had set it to disabled at 2026-11-24 09:41:07 UTC, and Symphony said active at 2026-11-25 10:00:00 UTC.",
		},
		"changed outside, erased":      {ledger.Event{Action: ledger.StatusOutside, Redacted: true}, ""},
		"refused by role, and again":   {ledger.Event{Action: ledger.Denied, Code: string(auth.SeeHistory), After: []byte(`{"repeated":1,"until":"2026-09-30T18:08:19Z"}`)}, "It needs the permission to see the history of one company or person. 1 more time until 2026-09-30 18:08:19 UTC."},
		"a sign-in refused, and again": {ledger.Event{Action: ledger.SignIn, Outcome: ledger.Failed, Note: "browser", After: []byte(`{"repeated":2,"until":"2026-09-30T18:08:19Z"}`)}, "browser; 2 more times until 2026-09-30 18:08:19 UTC."},
		"refused by role":              {ledger.Event{Action: ledger.Denied, Code: string(auth.Onboard)}, "It needs the permission to create companies and people, and add domains."},
		"found by reading":             {ledger.Event{Action: ledger.EnableUser, Code: "found-status"}, "Symphony shows the person as active."},
		"still shown otherwise":        {ledger.Event{Action: ledger.DisableUser, Code: "not-shown-yet", Before: []byte(`{"status":"active"}`)}, "Symphony said yes, but still shows the person as active."},
		"refused by Symphony":          {ledger.Event{Action: ledger.CreateUsers, Code: "answer-no", Symphony: ledger.Symphony{Code: "40102"}}, "Symphony doesn’t know the company, or it is not ready."},
		"from before there were codes": {ledger.Event{Action: ledger.DisableUser, Note: "Symphony shows the person as disabled."}, "Symphony shows the person as disabled."},
		"a code of a later version":    {ledger.Event{Action: ledger.DisableUser, Code: "some-new-code"}, "some-new-code"},
		"nothing to say":               {ledger.Event{Action: ledger.DisableUser}, ""},
	} {
		if got := CodeNote(tt.event); got != tt.want {
			t.Errorf("%s: CodeNote = %q, want %q", name, got, tt.want)
		}
	}
}
