package e2e

import (
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

// shown are the addresses that can be seen among the verdicts.
func (p *Page) shown() string {
	p.t.Helper()
	return p.Eval(`() => [...document.querySelectorAll('#verdicts tr:not(.group-row) th[scope=row]')].filter(e => e.offsetParent).map(e => e.innerText).join(' ')`)
}

func TestThePrecheckDecidesByKeyboardAndWithoutJavaScript(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := newPage(t, f.address)
	p.DisableScripts()
	p.Resize(phone)
	p.Goto("/login")
	p.SignIn(onboarder)
	p.Goto("/companies/" + lyondell + "/users/" + adele)

	p.Goto("/precheck")
	p.Fill("#field-email", `Vance, Adele <adele.vance@lyondell.example>; Day, Zoe <zoe@lyondell.example>; <mailto:jane@corporate.example>, tom@brandnew.example`)
	p.Follow("#precheck-form button")
	p.FitsWidth()
	if got := p.shown(); got != "jane@corporate.example adele.vance@lyondell.example zoe@lyondell.example tom@brandnew.example" {
		t.Errorf("the verdicts are of %s", got)
	}
	before := p.URL()
	p.tabTo("All")
	p.Press(input.ArrowRight)
	if got := p.shown(); got != "jane@corporate.example" {
		t.Errorf("narrowed to the first verdict it shows %s", got)
	}
	p.Press(input.ArrowRight)
	if got := p.shown(); got != "adele.vance@lyondell.example" {
		t.Errorf("narrowed to the second verdict it shows %s", got)
	}
	p.Press(input.ArrowLeft, input.ArrowLeft)
	if p.URL() != before || strings.Contains(before, "@") {
		t.Errorf("narrowing leads from %s to %s", before, p.URL())
	}
	p.tabTo("Evidence")
	p.Press(input.Enter)
	if got := p.Text("#verdicts details[open]"); !strings.Contains(got, "corporate.symphony.com") {
		t.Errorf("the evidence is %s", got)
	}
	p.FitsWidth()

	p.FollowNamed("button", "Add 1 person to Lyondell Trading")
	if first, last := p.Value(`#field-users\.0\.firstName`), p.Value(`#field-users\.0\.lastName`); first != "Zoe" || last != "Day" {
		t.Errorf("Zoe Day is added as %s %s", first, last)
	}
	p.Fill(`#field-users\.1\.email`, "adele.vance@lyondell.example")
	p.Fill(`#field-users\.1\.firstName`, "Adele")
	p.Fill(`#field-users\.1\.lastName`, "Vance")
	p.FollowNamed("button", "Check these people")
	p.wantHeading("Add 1 person to Lyondell Trading?")
	p.FitsWidth()
	p.FollowNamed("button", "Add 1 person to Lyondell Trading in SANDBOX")
	p.WaitForText("main", "1 created")
}
