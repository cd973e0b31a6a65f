package e2e

import (
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

func TestTheKeyboardAloneSignsInAndDisablesSomebody(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := newPage(t, f.address)

	p.Goto("/login")
	p.tabTo("Sign in")
	p.FollowKey(input.Enter)
	p.tabTo("Vera Lindqvist")
	p.FollowKey(input.Enter)
	p.wantHeading("Home")

	// The first stop of every page leads past what is the same on all of them.
	p.Press(input.Tab)
	if got := p.focusedName(); got != "Skip to the content" {
		t.Errorf("the first stop is %q, want the link to the content", got)
	}
	p.Press(input.Enter)
	if got := p.Focused(); got != "main#main" {
		t.Errorf("the link to the content leads to %s, want main", got)
	}

	// '/' leads to the search, which opens the only hit.
	p.Press('/')
	if got := p.Focused(); got != "input#search" {
		t.Errorf("/ leads to %s, want the search box", got)
	}
	p.Type("adele.vance@lyondell.example")
	p.FollowKey(input.Enter)
	p.wantHeading("Adele Vance")

	p.tabTo("Disable")
	p.FollowKey(input.Enter)

	// The safe choice has the focus: Enter changes nothing.
	if got := p.focusedName(); got != "Keep active" {
		t.Errorf("the page that disables opens on %q, want the safe choice", got)
	}
	p.FollowKey(input.Enter)
	p.wantHeading("Adele Vance")
	if got := f.calls(t, "updateUser"); got != 0 {
		t.Errorf("the safe choice sent Symphony %d changes", got)
	}

	p.tabTo("Disable")
	p.FollowKey(input.Enter)
	p.tabTo("Disable in SANDBOX")
	p.FollowKey(input.Enter)

	// The problems have the focus, and lead to their fields.
	if got := p.Focused(); got != "div" || !p.Has(".error-summary:focus") {
		t.Errorf("the form came back with the focus on %s, want the list of problems", got)
	}
	p.Press(input.Tab, input.Enter)
	if got := p.Focused(); got != "textarea#field-reason" {
		t.Errorf("the problem leads to %s, want the reason", got)
	}
	p.Type("Left")
	p.tabTo("Disable in SANDBOX")
	p.FollowKey(input.Enter)
	p.WaitForText("main [role=status]", "Adele Vance was disabled")
}

func TestQuestionMarkListsTheShortcuts(t *testing.T) {
	t.Parallel()
	p := startFoyer(t).signedIn(t, viewer)
	p.FollowKey('?')
	p.wantHeading("Keyboard shortcuts")
}

// tabTo presses Tab until what has that name has the focus, and fails the test
// if the focus can't be seen on the way or the whole page has been gone through.
func (p *Page) tabTo(name string) {
	p.t.Helper()
	for range 100 {
		p.Press(input.Tab)
		got := p.focusedName()
		if got == "" {
			p.t.Fatalf("the focus left the page before it came to %q", name)
		}
		if !p.focusIsVisible() {
			p.t.Errorf("on %s the focus on %q can't be seen", p.URL(), got)
		}
		if strings.HasPrefix(got, name) {
			return
		}
	}
	p.t.Fatalf("%s has no stop named %q", p.URL(), name)
}

// focusedName is what the element with the focus is called, as far as a person
// sees it.
func (p *Page) focusedName() string {
	p.t.Helper()
	return p.Eval(`() => {
		const e = document.activeElement
		if (e === document.body) return ''
		return (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.value || e.localName).trim()
	}`)
}

// focusIsVisible tells whether the element with the focus looks different from
// how it looks without: an outline, a shadow or a border of its own. An element
// with several stops, such as the control for a day, is looked at once: to look
// is to begin at its first stop again.
func (p *Page) focusIsVisible() bool {
	p.t.Helper()
	return p.Eval(`() => {
		const e = document.activeElement
		if (e === window.lookedAt) return 'yes'
		window.lookedAt = e
		const look = () => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor].join() }
		const focused = look()
		e.blur()
		const usual = look()
		e.focus({ focusVisible: true })
		return focused !== usual ? 'yes' : ''
	}`) == "yes"
}
