package e2e

import (
	"net/http"
	"testing"
)

func TestADoubleClickDoesAThingOnce(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)

	// Symphony is slow, so that the second click comes while the first is being
	// answered.
	f.goWrong(t, fault{Match: match{Operation: "createCompany"}, Kind: "latency", Delay: "300ms"})
	f.goWrong(t, fault{Match: match{Operation: "updateUser"}, Kind: "latency", Delay: "300ms"})

	p.fillCompany("Twice Over", "twice", "twice.example")
	p.DoubleClickNamed("button", "Create company Twice Over in SANDBOX")
	p.WaitForText("h1", "Twice Over")
	if got := f.calls(t, "createCompany"); got != 1 {
		t.Errorf("a double click sent Symphony %d companies, want 1", got)
	}

	p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
	p.Fill("#field-reason", "Left")
	p.DoubleClickNamed("button", "Disable in SANDBOX")
	p.WaitForText("main [role=status]", "Adele Vance was disabled")
	if got := f.calls(t, "updateUser"); got != 1 {
		t.Errorf("a double click sent Symphony %d changes of a person, want 1", got)
	}
}

func TestGoingBackNeverDoesAThingAgain(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)

	p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
	p.Fill("#field-reason", "Left")
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main [role=status]", "Adele Vance was disabled")

	p.Back()
	p.Reload()
	if got := f.calls(t, "updateUser"); got != 1 {
		t.Errorf("after going back Symphony was sent %d changes, want 1", got)
	}
	p.WaitForText("h1", "Enable Adele Vance?") // The page offers what can be done now.
}

func TestAStaleTabSaysWhatHasChanged(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	one, other := f.signedIn(t, admin), f.signedIn(t, onboarder)
	status := "/companies/" + lyondell + "/users/" + adele + "/status"

	one.Goto(status)
	other.Goto(status)
	other.Fill("#field-reason", "Left")
	other.FollowNamed("button", "Disable in SANDBOX")
	other.WaitForText("main [role=status]", "Adele Vance was disabled")

	one.Fill("#field-reason", "Left, too")
	one.FollowNamed("button", "Disable in SANDBOX")
	if got := one.Status(); got != http.StatusConflict {
		t.Errorf("the stale tab was answered %d, want 409", got)
	}
	one.WaitForText("main", "The status has changed since the page was opened")
	one.WaitForText("main", "Omar Haddad")
	if got := f.calls(t, "updateUser"); got != 1 {
		t.Errorf("two tabs sent Symphony %d changes, want 1", got)
	}
	if got := one.Value("#field-reason"); got != "Left, too" {
		t.Errorf("the reason came back as %q, want what was typed", got)
	}
}

func TestASessionThatEndedKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)
	status := "/companies/" + lyondell + "/users/" + adele + "/status"
	p.Goto(status)
	p.Fill("#field-reason", "Left on Friday")

	// Somebody ends the session in another browser.
	other := f.signedIn(t, admin)
	other.Goto("/sessions")
	other.Follow("tbody tr:not(:has(.badge)) button, tbody tr:nth-child(2) button")

	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("h1", "Sign in")
	p.SignIn(admin)
	p.WaitForText("main", "Not sent yet")
	if got := p.Value("#field-reason"); got != "Left on Friday" {
		t.Errorf("the reason came back as %q, want what was typed", got)
	}
	if got := f.calls(t, "updateUser"); got != 0 {
		t.Errorf("signing in sent Symphony %d changes by itself, want none", got)
	}
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main [role=status]", "Adele Vance was disabled")
}

func TestWhoComesSecondIsShownTheChangeInTheWay(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	one, other := f.signedIn(t, admin), f.signedIn(t, onboarder)
	status := "/companies/" + lyondell + "/users/" + adele + "/status"
	one.Goto(status)
	other.Goto(status)
	f.goWrong(t, fault{Match: match{Operation: "updateUser"}, Kind: "close_before", Times: 1})
	one.Fill("#field-reason", "Left")
	one.FollowNamed("button", "Disable in SANDBOX")
	one.WaitForText("main", "We don’t know yet")

	other.Fill("#field-reason", "Left the desk")
	other.FollowNamed("button", "Disable in SANDBOX")

	other.WaitForText(".error-summary", "is not settled yet")
	if got := other.Value("#field-reason"); got != "Left the desk" {
		t.Errorf("the reason comes back as %q", got)
	}
	other.Axe()
	other.FitsWidth()
	other.picture("in-the-way")
	other.FollowNamed("link", "Open that change")
	other.WaitForText("h1", "Disable Adele Vance")
	if got := f.calls(t, "updateUser"); got > 1 {
		t.Errorf("Symphony was sent %d changes, want 1", got)
	}
}
