package handlers

import (
	"net/http"
	"testing"

	"foyer/auth"
	"foyer/ledger"
)

// keptAndDisabled is the event of two decisions in access review 7.
func keptAndDisabled() ledger.Event {
	return ledger.Event{
		Action: ledger.DecideReview, Outcome: ledger.Succeeded, Actor: by("aida"), Company: lyondellTrading, Note: "Access review 7", After: []byte(`{"review":7}`),
		Users: []ledger.User{{ID: adele, Name: "Adele Vance", Result: "keep"}, {ID: "u2", Name: "Bo", Result: "disable", Note: "before: keep"}},
	}
}

func TestWhatWasDecidedIsInEverybodysHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(keptAndDisabled())
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
			if n := p.find("main li a[href='/reviews/7'], main td a[href='/reviews/7']").Length(); n != reviews {
				t.Errorf("%s as %s has %d links to the review, want %d", path, role, n, reviews)
			}
		}
	}
	b.as(auth.Auditor).get(person).says("main", "Access review 7: keep.")
	b.as(auth.Auditor).get("/companies/"+lyondell+"/history").says("main", "Access review 7: 1 keep, 1 disable.")
}

func TestAnEventOfDecisionsListsThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(keptAndDisabled())
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
