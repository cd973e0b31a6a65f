package e2e

import (
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

// waitUntilFilled waits until the directory has everybody: the page looks by itself.
func (p *Page) waitUntilFilled() {
	p.t.Helper()
	p.Goto("/find?q=xyzzy")
	p.WaitForText(".empty-title", "Nothing found for") // not "so far"
}

func TestTheSearchBoxFindsAsOneTypes(t *testing.T) {
	t.Parallel()
	p := startFoyer(t).signedIn(t, viewer)
	p.Goto("/find?q=soren.oneill@lyondell.example") // known from here on, however far the directory is read
	p.wantHeading("Søren O’Neill")
	p.Goto("/")

	// The first letters offer what begins with them, and mark it.
	p.Press('/')
	p.Type("soren onei")
	p.WaitForText("#suggestions mark", "Sør")
	p.Axe()
	if got := p.Eval(`() => document.getElementById('search').getAttribute('aria-expanded')`); got != "true" {
		t.Errorf("aria-expanded is %q with suggestions on the page", got)
	}

	// The arrows go through the links and back into the box; the focus stays.
	p.Press(input.ArrowDown)
	if got := p.activeOption(); !strings.HasPrefix(got, "Søren O’Neill") {
		t.Errorf("the first option is %q", got)
	}
	p.Press(input.ArrowUp)
	if got := p.activeOption(); got != "" {
		t.Errorf("the arrow up leads from the first option to %q, want the box", got)
	}
	p.Press(input.ArrowUp)
	if got := p.activeOption(); !strings.Contains(got, "Search for") {
		t.Errorf("the arrow up leads from the box to %q, want the last option", got)
	}
	if got := p.Focused(); got != "input#search" {
		t.Errorf("the focus is on %s", got)
	}

	// Escape closes what is offered and leaves what was typed.
	p.Press(input.Escape)
	if p.Eval(`() => document.getElementById('suggestions').hidden + ''`) != "true" || p.Value("#search") != "soren onei" {
		t.Errorf("after Escape the box has %q, or what it offers is still there", p.Value("#search"))
	}

	// What was chosen among the old suggestions isn't followed once more is typed.
	p.Press(input.ArrowDown, input.ArrowDown)
	p.Type("x")
	if got := p.activeOption(); got != "" {
		t.Errorf("%q is still chosen after another letter", got)
	}
	p.Press(input.Backspace)
	p.WaitForText("#suggestions mark", "Sør")
	p.Press(input.ArrowDown)
	p.FollowKey(input.Enter)
	p.wantHeading("Søren O’Neill")

	// Back leads to where one was, with nothing open.
	p.Back()
	p.wantHeading("Home")
	if p.Eval(`() => document.getElementById('suggestions').hidden + ''`) != "true" {
		t.Error("Back opens the suggestions")
	}

	// What was opened is offered before anything is typed.
	p.Fill("#search", "")
	p.WaitForText("#suggestions", "Opened lately")
	p.WaitForText("#suggestions", "Søren O’Neill")
	p.Follow("#suggestions a")
	p.wantHeading("Søren O’Neill")

	// Enter without a choice searches.
	p.Press('/')
	p.Type("bank")
	p.FollowKey(input.Enter)
	p.wantHeading("Search for “bank”")
	p.WaitForText("#companies", "Meridian Bank")
}

// A list that is pasted has its lines, and is no part of an address when it is long.
func TestAPastedListIsATableOfWhoIsWho(t *testing.T) {
	t.Parallel()
	p := startFoyer(t).signedIn(t, onboarder)
	p.Goto("/find?q=adele.vance@lyondell.example")
	p.wantHeading("Adele Vance")
	p.paste("#search", "adele.vance@lyondell.example\r\nnobody@lyondell.example\n")
	if got := p.Value("#search"); got != "adele.vance@lyondell.example, nobody@lyondell.example" {
		t.Errorf("the box has %q", got)
	}
	p.FollowKey(input.Enter)
	p.wantHeading("Who is who")
	p.WaitForText("#who", "Adele Vance")
	p.WaitForText("#who", "Add to Lyondell Trading")
	p.Axe()

	p.paste("#search", strings.Repeat("somebody.with.a.long.name@lyondell.example\nadele.vance@lyondell.example\n", 40))
	p.FollowKey(input.Enter)
	p.WaitForText("#who h2", "2 addresses: 1 known, 1 not")
	if strings.Contains(p.URL(), "q=") {
		t.Errorf("a long list became a part of the address %s", p.URL())
	}
}

func TestTheSearchWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startFoyer(t).signedIn(t, viewer)
	p.DisableScripts()
	p.Goto("/")
	p.Fill("#search", "Adele Vance <adele.vance@lyondell.example>")
	p.Follow(".search button")
	p.wantHeading("Adele Vance")

	p.Fill("#search", "bank")
	p.FollowKey(input.Enter)
	p.wantHeading("Search for “bank”")
	p.WaitForText("#companies mark", "Bank")

	p.Goto("/find")
	p.WaitForText("#recent", "Adele Vance")
	p.Fill("#field-q", "adele.vance@lyondell.example\nnobody@unheard.example")
	p.Follow("#several button")
	p.WaitForText("#who", "Adele Vance")
	p.Follow("#who form[action='/precheck'] button")
	p.wantHeading("Pre-check")
	p.WaitForText("main", "nobody@unheard.example")
}

// activeOption is what of the suggestions is chosen; empty for nothing.
func (p *Page) activeOption() string {
	p.t.Helper()
	return p.Eval(`() => {
		const id = document.getElementById('search').getAttribute('aria-activedescendant')
		const option = id && document.getElementById(id)
		return option && option.getAttribute('aria-selected') === 'true' ? option.innerText : ''
	}`)
}

// paste puts text into a field as from the clipboard.
func (p *Page) paste(selector, text string) {
	p.t.Helper()
	p.Fill(selector, "")
	p.Eval(`(selector, text) => {
		const data = new DataTransfer()
		data.setData('text', text)
		document.querySelector(selector).dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
		return ''
	}`, selector, text)
}
