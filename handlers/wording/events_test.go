package wording

import (
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
)

// What a Foyer can record it can also say, and be asked for.
func TestEveryActionHasWords(t *testing.T) {
	t.Parallel()
	found := codesIn(t, "ledger/event.go", "Action")
	for _, action := range found {
		if words := WordsOf(ledger.Action(action)); words.Name == action {
			t.Errorf("the action %s has no words", action)
		}
	}
	if len(found) != len(Actions) {
		t.Errorf("audit knows %d actions, the filter %d", len(found), len(Actions))
	}
}

func TestEventsReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	adele := []ledger.User{{ID: "u1", Email: "adele@x.example", Name: "Adele Vance"}}
	tests := []struct {
		name   string
		event  ledger.Event
		want   string // what was done to whom
		result string
	}{
		{"done", ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Users: adele}, "Disabled Adele Vance", ""},
		{"asked", ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Intent, Users: adele}, "Asked to disable Adele Vance", "Asked"},
		{"refused", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Failed, Users: adele}, "Asked to enable Adele Vance", "Refused"},
		{"unknown", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Unknown, Users: adele}, "Asked to enable Adele Vance", "Not known yet"},
		{"settled", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Reconciled, Users: adele}, "Asked to enable Adele Vance", "Settled by reading"},
		{"found done by reading", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Reconciled, Code: string(change.FoundStatus), Users: adele}, "Asked to enable Adele Vance", "Found done"},
		{"found not done by reading", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Reconciled, Code: string(change.AbsentStatus), Users: adele}, "Asked to enable Adele Vance", "Found not done"},
		{"two domains", ledger.Event{Action: ledger.AddDomains, Outcome: ledger.Succeeded, After: []byte(`{"emailDomains":["a.example","b.example"]}`)}, "Added the domains a.example, b.example", ""},
		{"only the new domains", ledger.Event{Action: ledger.AddDomains, Outcome: ledger.Succeeded, Before: []byte(`{"emailDomains":["a.example"]}`), After: []byte(`{"emailDomains":["a.example","b.example"]}`)}, "Added the domain b.example", ""},
		{"a partial success", ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Users: []ledger.User{{Result: "created"}, {Result: "refused"}, {Result: "exists"}, {Result: "created"}}}, "Added 4 people", "2 created · 1 already there · 1 not created"},
		{"everybody created", ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Users: []ledger.User{{Result: "created"}, {Result: "created"}}}, "Added 2 people", ""},
		{"a company", ledger.Event{Action: ledger.CreateCompany, Outcome: ledger.Succeeded, Company: ledger.Company{Name: "Lyondell"}}, "Requested the company Lyondell", ""},
		{"erased", ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Redacted: true, Users: []ledger.User{{}}}, "Disabled (erased)", ""},
		{"a refusal by role", ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Code: string(auth.EndSessions)}, "Was not allowed to end other people's sessions", ""},
		{"a refusal before there were codes", ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Note: "needs: everything"}, "Was not allowed to everything", ""},
		{"one decision", decided("keep"), "Confirmed the access of Adele Vance", ""},
		{"the same decision of two", decided("disable", "disable"), "Decided to disable 2 people", ""},
		{"different decisions", decided("keep", "ask"), "Decided about the access of 2 people", ""},
		{"a cancelled review", ledger.Event{Action: ledger.CancelReview, Outcome: ledger.Succeeded, Company: ledger.Company{Name: "Lyondell"}}, "Cancelled an access review of Lyondell", ""},
		{"an action of a later Foyer", ledger.Event{Action: "dance", Outcome: "danced"}, "dance", "danced"},
	}
	for _, test := range tests {
		row := EventRow(test.event, auth.Actor{}, now)
		if got := strings.TrimSpace(row.What + " " + row.Whom); got != test.want {
			t.Errorf("%s: reads %q, want %q", test.name, got, test.want)
		}
		result := ""
		if row.Result != nil {
			result = row.Result.Word
		}
		if result != test.result {
			t.Errorf("%s: result = %q, want %q", test.name, result, test.result)
		}
	}
}

func TestEveryActionAndOutcomeHasWords(t *testing.T) {
	t.Parallel()
	for _, a := range []ledger.Action{
		ledger.SignIn, ledger.SignOut, ledger.EndSession, ledger.Denied, ledger.CreateCompany, ledger.AddDomains, ledger.CompanyState,
		ledger.CreateUsers, ledger.DisableUser, ledger.EnableUser, ledger.StatusOutside, ledger.Export, ledger.Redact, ledger.RotateKey,
		ledger.StartReview, ledger.DecideReview, ledger.FinishReview, ledger.CancelReview, ledger.SaveFilter, ledger.DeleteFilter, ledger.NoteCompany, ledger.NoteUser,
	} {
		if words := WordsOf(a); words.Name == string(a) || words.done == "" || words.asked == "" {
			t.Errorf("wordsOf(%s) = %+v", a, words)
		}
	}
	for _, o := range []ledger.Outcome{ledger.Intent, ledger.Succeeded, ledger.Failed, ledger.Unknown, ledger.Reconciled} {
		if OutcomeName(o) == "" || OutcomeStatus(o).Word != OutcomeName(o) {
			t.Errorf("the outcome %s is %q in the filter and %q in lists", o, OutcomeName(o), OutcomeStatus(o).Word)
		}
	}
}

func TestAHistorySaysEachChangeOnce(t *testing.T) {
	t.Parallel()
	events := []ledger.Event{
		{Seq: 5, Change: "b", Outcome: ledger.Intent},
		{Seq: 4, Change: "a", Outcome: ledger.Succeeded},
		{Seq: 3, Outcome: ledger.Succeeded},
		{Seq: 2, Change: "a", Outcome: ledger.Intent},
	}
	var kept []int64
	for _, e := range WithoutAnswered(events) {
		kept = append(kept, e.Seq)
	}
	if want := []int64{5, 4, 3}; !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}

// A bulk change is hundreds of calls, between which what people did with it is to be seen.
func TestAHistoryHasTheCallsOfABulkChangeThatFollowEachOtherAsOne(t *testing.T) {
	t.Parallel()
	call := func(change string, action ledger.Action, outcome ledger.Outcome, bulk int64, people ...string) ledger.Event {
		e := ledger.Event{Action: action, Outcome: outcome, Change: change, Company: ledger.Company{ID: "c"}, Actor: auth.Actor{Name: "Omar", RequestID: ledger.BulkRequest(bulk)}}
		for _, id := range people {
			e.Users = append(e.Users, ledger.User{ID: id, Name: id, Result: "created"})
		}
		return e
	}
	pause := call("", ledger.PauseBulk, ledger.Succeeded, 4)
	pause.Company.Name = "Lyondell"
	rows := EventRows([]ledger.Event{
		call("g", ledger.DisableUser, ledger.Succeeded, 5, "h"), call("f", ledger.DisableUser, ledger.Succeeded, 5, "g"),
		call("e", ledger.CreateUsers, ledger.Unknown, 4, "f"),
		call("d", ledger.CreateUsers, ledger.Succeeded, 4, "d", "e"),
		pause,
		call("c", ledger.CreateUsers, ledger.Succeeded, 4, "c"), call("b", ledger.CreateUsers, ledger.Succeeded, 4, "b"),
		call("c", ledger.CreateUsers, ledger.Intent, 4, "c"), call("b", ledger.CreateUsers, ledger.Intent, 4, "b"),
		call("a", ledger.CreateUsers, ledger.Succeeded, 3, "a"),
	}, auth.Actor{}, time.Time{})
	want := []string{
		"Disabled 2 people /bulk/5", "Asked to add f /changes/e", "Added 2 people /changes/d", "Paused a bulk change of Lyondell /bulk/4", "Added 2 people /bulk/4", "Added a /changes/a",
	}
	var got []string
	for _, row := range rows {
		got = append(got, row.What+" "+row.Whom+" "+row.Href)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the history is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhyASignInWasRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, reason := range codesIn(t, "auth/answer.go", "Reason") {
		if words := signInWords(reason); strings.HasPrefix(words, "Reason: ") {
			t.Errorf("the reason %s has no words", reason)
		}
	}
	for note, want := range map[string]string{
		"idp: access_denied":             "The identity provider turned it down (access_denied).",
		"claims: no sub":                 "A claim of the ID token was missing or wrong (no sub).",
		"no role":                        "None of the person’s groups gives a role.",
		"no role: the claim is too long": "None of the person’s groups gives a role (the claim is too long).",
		"of a later Foyer":               "Reason: of a later Foyer.",
	} {
		if got := signInWords(note); got != want {
			t.Errorf("signInWords(%q) = %q, want %q", note, got, want)
		}
	}
}
