package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

// changeStatus disables or enables Adele by the form.
func (p *Page) changeStatus(button, reason, ticket string) {
	p.t.Helper()
	p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
	p.Fill("#field-reason", reason)
	p.Fill("#field-ticket", ticket)
	p.FollowNamed("button", button)
}

// Whoever opens a person's page reads at its top what they came for, sees it drawn, and
// finds by the keyboard alone what the drawing says.
func TestAPersonsPageAnswersFirst(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	vera, omar := f.signedIn(t, viewer), f.signedIn(t, onboarder)
	person := "/companies/" + lyondell + "/users/" + adele
	vera.Goto(person)
	vera.changeStatus("Disable in SANDBOX", "Left the firm", "INC-4711")
	omar.changeStatus("Enable in SANDBOX", `Back <from> "leave"`, "OPS-4790")
	f.control(t, http.MethodPost, "/control/users/"+adele, map[string]bool{"active": false}, nil)

	vera.Goto(person)
	vera.WaitForText(".answer", "Disabled and can’t sign in. Disabled outside Foyer, ")
	omar.changeStatus("Enable in SANDBOX", `Back <from> "leave"`, "OPS-4790")
	vera.FollowNamed("link", "Read again")
	vera.WaitForText(".answer", `Active and can sign in. Omar Haddad enabled them`)
	vera.WaitForText(".answer", `“Back <from> "leave"”, OPS-4790.`)

	if foyers, outside := vera.Count("#status .tl .tl-foyer"), vera.Count("#status .tl .tl-outside"); foyers != 3 || outside != 1 {
		t.Errorf("the drawing has %d changes of Foyer’s and %d outside, want 3 and 1", foyers, outside)
	}
	for press := 0; vera.Focused() != "summary" && press < 60; press++ {
		vera.Press(input.Tab)
	}
	vera.Press(input.Enter)
	for _, words := range []string{"Disabled by Vera Lindqvist", "“Left the firm” · INC-4711", "Enabled by Omar Haddad", "Disabled outside Foyer", "Not watched yet: first read as active"} {
		vera.WaitForText("#status tbody", words)
	}
	vera.lookClosely()
	vera.FollowNamed("link", "Disabled by Vera Lindqvist")
	vera.WaitForText("h1", "Disable Adele Vance")
}

// Somebody is on the phone and can't sign in. What to say to them is there without a
// script, and what can't be asked is not taken for fine.
func TestSomebodyWhoCantSignInIsToldWhy(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, viewer)
	p.DisableScripts()
	p.changeStatus("Disable in SANDBOX", "Gross misconduct", "INC-4711")

	p.Goto("/find?q=adele.vance@lyondell.example")
	p.FollowNamed("link", "Why can’t they sign in?")
	p.wantHeading("Why can’t Adele Vance sign in?")
	p.WaitForText(".answer", "This is why: Their account has been disabled since")
	p.WaitForText("#say", "It was asked for in INC-4711.")
	if said := p.Text("#say") + p.Text("#ticket"); strings.Contains(said, "misconduct") {
		t.Errorf("what others are told has the reason: %s", said)
	}
	p.Resize(phone)
	p.FitsWidth()
	p.Resize(desktop)

	p.FollowNamed("link", "Enable")
	p.Fill("#field-reason", "It was another one")
	p.FollowNamed("button", "Enable in SANDBOX")
	f.goWrong(t, fault{Match: match{Operation: "podLoginInformation"}, Kind: "html"})
	p.FollowNamed("link", "Why can’t they sign in?")
	p.WaitForText(".answer", "Can’t tell: Nothing that could be asked keeps them from signing in, but not everything could.")
	p.WaitForText("#say", "Please sign in at https://lyondell.on.symphony.com")

	p.Goto("/find?q=adele.vanse@lyondell.example")
	p.FollowNamed("link", "Why can’t they sign in?")
	p.WaitForText("main", "adele.vanse@lyondell.example")
}
