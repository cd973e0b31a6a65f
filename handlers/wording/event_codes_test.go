package wording

import (
	"testing"

	"foyer/auth"
	"foyer/ledger"
)

func TestWhatEventsThatAreNoChangesTellInWords(t *testing.T) {
	t.Parallel()
	signed := []byte(`{"events":1200,"signedAt":"2026-11-24T09:41:07Z"}`)
	tests := map[string]struct {
		event ledger.Event
		want  string
	}{
		"built":                       {ledger.Event{Action: ledger.CompanyState, Code: "company-built", After: []byte(`{"state":"COMPLETED"}`)}, "Symphony finished building the company: people can be added."},
		"not built":                   {ledger.Event{Action: ledger.CompanyState, Code: "company-not-built", Note: "Tenant 7 exists."}, "Symphony could not build the company. Tenant 7 exists."},
		"not built, and Symphony mum": {ledger.Event{Action: ledger.CompanyState, Code: "company-not-built"}, "Symphony could not build the company."},
		"an odd state":                {ledger.Event{Action: ledger.CompanyState, Code: "company-odd-state", After: []byte(`{"state":"TENANT_MIGRATING"}`)}, "Symphony reports a state that Foyer doesn’t know: TENANT_MIGRATING"},
		"an odd state, erased":        {ledger.Event{Action: ledger.CompanyState, Code: "company-odd-state", Redacted: true}, "Symphony reports a state that Foyer doesn’t know: (erased)"},
		"built before there were codes": {
			ledger.Event{Action: ledger.CompanyState, Note: "Symphony finished building the company: people can be added."},
			"Symphony finished building the company: people can be added.",
		},
		"a status export":             {ledger.Event{Action: ledger.Export, Code: "status-at", Note: "2026-09-30 18:00:00 UTC"}, "status of the company’s people at 2026-09-30 18:00:00 UTC"},
		"a status export with proofs": {ledger.Event{Action: ledger.Export, Code: "status-at-proven", Note: "2026-09-30 18:00:00 UTC"}, "status of the company’s people at 2026-09-30 18:00:00 UTC, with proofs"},
		"a status export, erased":     {ledger.Event{Action: ledger.Export, Code: "status-at", Redacted: true}, "status of the company’s people at (erased)"},
		"a status export before there were codes": {
			ledger.Event{Action: ledger.Export, Note: "status of the company’s people at 2026-09-30 18:00:00 UTC, with proofs"},
			"status of the company’s people at 2026-09-30 18:00:00 UTC, with proofs",
		},
		"a form of another site": {ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Code: "from-another-site"}, "Another site’s page had the browser send a form to Foyer. Nothing was changed."},
		"another export":         {ledger.Event{Action: ledger.Export, Note: "companies.csv?q=e"}, "companies.csv?q=e"},
		"a ledger that is another's": {
			ledger.Event{Action: ledger.Restored, Code: "other-ledger", Before: signed, After: []byte(`{"events":7}`)},
			"The ledger does not continue the checkpoint: it is another ledger’s.",
		},
		"a ledger that lost events": {
			ledger.Event{Action: ledger.Restored, Code: "events-lost", Before: signed, After: []byte(`{"events":7}`)},
			"The ledger does not continue the checkpoint: it has 7 events, and 1200 were signed at 2026-11-24 09:41:07 UTC.",
		},
		"a ledger that was rewritten": {
			ledger.Event{Action: ledger.Restored, Code: "events-differ", Before: signed, After: []byte(`{"events":1300}`)},
			"The ledger does not continue the checkpoint: its first 1200 events are not those that were signed at 2026-11-24 09:41:07 UTC.",
		},
		"a ledger that lost events, erased": {ledger.Event{Action: ledger.Restored, Code: "events-lost", Redacted: true}, "The ledger does not continue the checkpoint."},
		"a key that stays":                  {ledger.Event{Action: ledger.RotateKey, Code: "key-not-replaced"}, "The key file could not be replaced."},
		"all sessions of somebody":          {ledger.Event{Action: ledger.EndSession, Code: "all-sessions"}, "All sessions that this person had."},
		"a session ended from elsewhere":    {ledger.Event{Action: ledger.EndSession, Code: "back-channel-logout"}, "The identity provider said that this person has signed out."},
		"erased besides": {
			ledger.Event{Action: ledger.Redact, After: []byte(`{"changes":1,"people":2,"sessions":3,"reviews":1}`)},
			"Erased besides: 1 change, 2 people as last read, 3 sessions, 1 review.",
		},
		"without an anchor":                     {ledger.Event{Action: ledger.Restored, Code: string(ledger.NoAnchor)}, "There was no anchor beside the key that confirms what was signed before. All of the ledger was verified, and the anchor begins here."},
		"builds again":                          {ledger.Event{Action: ledger.CompanyState, Code: string(ledger.CompanyBuildsAgain)}, "Symphony says that it is building the company again. People can’t be added meanwhile."},
		"erased nothing besides":                {ledger.Event{Action: ledger.Redact}, ""},
		"erased besides, before it was counted": {ledger.Event{Action: ledger.Redact, Note: "Erased besides: 1 change."}, "Erased besides: 1 change."},
	}
	told := map[string]bool{}
	for name, tt := range tests {
		told[tt.event.Code] = true
		if got := CodeNote(tt.event); got != tt.want {
			t.Errorf("%s: CodeNote = %q, want %q", name, got, tt.want)
		}
		if tt.event.Action != ledger.Export {
			continue
		}
		if got := EventWhom(tt.event); got != tt.want || EventNote(tt.event, auth.Actor{}).Any() {
			t.Errorf("%s: exported %q, and besides %+v, want %q and nothing", name, got, EventNote(tt.event, auth.Actor{}), tt.want)
		}
	}
	for _, code := range codesIn(t, "ledger/codes.go", "Code") {
		if !told[code] {
			t.Errorf("the code %s has no words", code)
		}
	}
}

func TestEveryCodeOfAChangeHasWords(t *testing.T) {
	t.Parallel()
	for _, code := range codesIn(t, "portal/change/change.go", "Code") {
		if got := CodeNote(ledger.Event{Action: ledger.DisableUser, Code: code}); got == "" || got == code {
			t.Errorf("CodeNote(%s) = %q, want words", code, got)
		}
	}
}

func TestWhatAnEventSaysOfOnePerson(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action     ledger.Action
		note, want string
	}{
		{ledger.DecideReview, "keep", "before: keep"},
		{ledger.DecideReview, "before: keep", "before: keep"}, // as older events have it
		{ledger.DecideReview, "", ""},
		{ledger.CreateUsers, "40002", "Somebody on Symphony has this e-mail address already."},
		{ledger.CreateUsers, "taken", "taken"},
	} {
		if got := PersonNote(tt.action, tt.note); got != tt.want {
			t.Errorf("PersonNote(%s, %q) = %q, want %q", tt.action, tt.note, got, tt.want)
		}
	}
}
