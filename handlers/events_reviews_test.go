package handlers

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/views"
	"foyer/views/ui"
)

// decided is the event of such decisions in access review 7, of Adele and others.
func decided(results ...string) ledger.Event {
	e := ledger.Event{Action: ledger.DecideReview, Outcome: ledger.Succeeded, Actor: by("aida"), Company: lyondellTrading, Note: "Access review 7", After: []byte(`{"review":7}`)}
	for i, result := range results {
		u := ledger.User{ID: adele, Name: "Adele Vance", Result: result}
		if i > 0 {
			u = ledger.User{ID: "u2", Name: "Bo", Result: result, Note: "before: keep"}
		}
		e.Users = append(e.Users, u)
	}
	return e
}

func TestAnEventOfAReviewLeadsToItForThoseWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	link := ui.Link{Label: "Access review 7", Href: "/reviews/7"}
	finished := ledger.Event{Action: ledger.FinishReview, Note: "Access review 7: 1 keep, 0 disable, 0 ask.", After: []byte(`{"review":7}`)}
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
		{name: "end", event: finished, may: views.EventNote{Link: link, Text: ": 1 keep, 0 disable, 0 ask."}, mayNot: views.EventNote{Text: finished.Note}},
		{name: "erased", event: erased},
	} {
		for _, role := range auth.AllRoles {
			want := tt.mayNot
			if role == auth.Auditor || role == auth.Admin {
				want = tt.may
			}
			if got := eventNote(tt.event, auth.Actor{Roles: auth.Roles{role}}); got != want {
				t.Errorf("%s, as %s: the note is %+v, want %+v", tt.name, role, got, want)
			}
		}
	}
}

func TestWhatWasDecidedIsInEverybodysHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(decided("keep", "disable"))
	person := "/companies/" + lyondell + "/users/" + adele
	for _, role := range auth.AllRoles {
		browser := b.as(role)
		reviews := 0
		if (auth.Roles{role}).Can(auth.Review) {
			reviews = 1
		}
		for path, says := range map[string]string{
			person:                                "Confirmed the access of Adele Vance",
			person + "/history":                   "Confirmed the access of Adele Vance",
			"/companies/" + lyondell + "/history": "Decided about the access of 2 people",
		} {
			p := browser.get(path).want(http.StatusOK).sound().says("main", says, "Access review 7:")
			if n := p.find("main li a[href='/reviews/7']").Length(); n != reviews {
				t.Errorf("%s as %s has %d links to the review, want %d", path, role, n, reviews)
			}
		}
	}
	b.as(auth.Auditor).get(person).says("main", "Access review 7: keep.")
	b.as(auth.Auditor).get("/companies/"+lyondell+"/history").says("main", "Access review 7: 1 keep, 1 disable.")
}

func TestACompanysHistoryHasALineForEachSitting(t *testing.T) {
	t.Parallel()
	again := decided("ask") // Adele, newest first
	other := decided("keep", "keep")
	other.After = []byte(`{"review":8}`)
	ada := decided("disable")
	ada.Actor = by("ada")
	erased := decided("keep")
	erased.After = nil
	disabled := ledger.Event{Action: ledger.DisableUser, Users: []ledger.User{{ID: adele}}}
	events := []ledger.Event{again, decided("keep", "disable"), disabled, decided("keep"), other, ada, erased, erased}

	var got []string
	for _, e := range inSittings(events) {
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

func TestAnEventOfDecisionsListsThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(decided("keep", "disable"))
	aida := b.as(auth.Auditor)
	event := aida.get("/audit/1").want(http.StatusOK).sound()
	event.says("h1", "Decided about the access of 2 people").says("#people", "Adele Vance", "Keep", "Bo", "Disable", "before: keep")
	if event.find("#values").Length() != 0 {
		t.Error("the number of the review is shown as a value that was changed")
	}
	if event.find(".facts a[href='/reviews/7']").Length() != 1 {
		t.Error("the event doesn’t lead to its review")
	}
	list := aida.get("/audit?action=review.decide").want(http.StatusOK).sound()
	if list.find("tbody a[href='/reviews/7']").Length() != 1 {
		t.Error("the activity doesn’t lead to the review")
	}
}
