package wording

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/views"
	"foyer/views/ui"
)

// decidedBy is the event of such decisions in access review 7, of Adele and others.
func decidedBy(who string, results ...string) ledger.Event {
	e := ledger.Event{
		Action: ledger.DecideReview, Outcome: ledger.Succeeded, Note: "Access review 7", After: []byte(`{"review":7}`),
		Actor: auth.Actor{Issuer: "https://idp.example", Subject: "sub-" + who, Name: who}, Company: ledger.Company{ID: "c1", Name: "Lyondell Trading"},
	}
	for i, result := range results {
		u := ledger.User{ID: "u1", Name: "Adele Vance", Result: result}
		if i > 0 {
			u = ledger.User{ID: "u2", Name: "Bo", Result: result, Note: "before: keep"}
		}
		e.Users = append(e.Users, u)
	}
	return e
}

func decided(results ...string) ledger.Event { return decidedBy("aida", results...) }

func TestAnEventOfAReviewLeadsToItForThoseWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	link := ui.Link{Label: "Access review 7", Href: "/reviews/7"}
	finished := ledger.Event{Action: ledger.FinishReview, After: []byte(`{"review":7,"keep":1,"disable":0,"ask":0}`)}
	erased := decided("keep")
	erased.Note, erased.After, erased.Redacted = "", nil, true
	for _, tt := range []struct {
		name        string
		event       ledger.Event
		may, mayNot views.EventNote
	}{
		{name: "start", event: ledger.Event{Action: ledger.StartReview, Note: "Access review 7", After: []byte(`{"review":7}`)}, may: views.EventNote{Link: link}, mayNot: views.EventNote{Text: "Access review 7"}},
		{name: "one decision", event: decided("keep"), may: views.EventNote{Link: link, Text: ": keep."}, mayNot: views.EventNote{Text: "Access review 7: keep."}},
		{name: "decisions", event: decided("ask", "keep"), may: views.EventNote{Link: link, Text: ": 1 keep, 1 ask."}, mayNot: views.EventNote{Text: "Access review 7: 1 keep, 1 ask."}},
		{name: "end", event: finished, may: views.EventNote{Link: link, Text: ": 1 keep, 0 disable, 0 ask."}, mayNot: views.EventNote{Text: "Access review 7: 1 keep, 0 disable, 0 ask."}},
		{name: "erased", event: erased},
	} {
		for _, role := range auth.AllRoles {
			want := tt.mayNot
			if role == auth.Auditor || role == auth.Admin {
				want = tt.may
			}
			if got := EventNote(tt.event, auth.Actor{Roles: auth.Roles{role}}); got != want {
				t.Errorf("%s, as %s: the note is %+v, want %+v", tt.name, role, got, want)
			}
		}
	}
}

func TestACompanysHistoryHasALineForEachSitting(t *testing.T) {
	t.Parallel()
	again := decided("ask") // Adele, newest first
	other := decided("keep", "keep")
	other.After = []byte(`{"review":8}`)
	ada := decidedBy("ada", "disable")
	erased := decided("keep")
	erased.After = nil
	disabled := ledger.Event{Action: ledger.DisableUser, Users: []ledger.User{{ID: "u1"}}}
	events := []ledger.Event{again, decided("keep", "disable"), disabled, decided("keep"), other, ada, erased, erased}

	var got []string
	for _, e := range InSittings(events) {
		got = append(got, string(e.Action)+" "+decidedTally(e.Users))
	}
	want := []string{
		"review.decide 1 disable, 1 ask", "user.disable ", "review.decide keep", "review.decide 2 keep",
		"review.decide disable", "review.decide keep", "review.decide keep",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inSittings (-want +got):\n%s", diff)
	}
	if len(events[1].Users) != 2 || len(again.Users) != 1 {
		t.Error("inSittings altered the events that it was given")
	}
}
