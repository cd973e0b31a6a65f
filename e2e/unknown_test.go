package e2e

import "testing"

// Symphony does what it was asked, and its answer is lost. While it can't be
// asked either, Foyer says that it doesn't know; then the truth, by itself.
func TestALostAnswerIsNeitherSuccessNorFailure(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)
	person := "/companies/" + lyondell + "/users/" + adele

	p.Goto(person + "/status")
	f.loseAnswer(t)
	p.Fill("#field-reason", "Left")
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main", "We don’t know yet")

	f.allIsWell(t)
	p.WaitForText("main", "Adele Vance was disabled") // without a reload
	if got := f.calls(t, "updateUser"); got != 1 {
		t.Errorf("Symphony was sent %d changes, want 1", got)
	}

	p.Goto("/audit?user=" + adele)
	for _, outcome := range []string{"Asked", "Not known yet", "Found done"} {
		p.WaitForText("main tbody", outcome)
	}
	p.Goto(person)
	p.WaitForText(".answer", "Disabled")
}

// A request that was lost before it reached Symphony has done nothing, and the
// page says that, too, once it is known.
func TestALostRequestIsFoundNotToBeDone(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)

	p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
	f.goWrong(t, fault{Match: match{Operation: "updateUser"}, Kind: "close_before", Times: 1})
	p.Fill("#field-reason", "Left")
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main", "It was not done")

	p.Goto("/companies/" + lyondell + "/users/" + adele)
	p.WaitForText(".answer", "Active")
}
