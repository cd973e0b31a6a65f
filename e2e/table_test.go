package e2e

import (
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
)

func TestThePeoplesTableFollowsWhatIsTypedAndFiltered(t *testing.T) {
	t.Parallel()
	p := startFoyer(t).signedIn(t, viewer)
	p.waitUntilFilled()
	p.Goto("/people?size=20")

	// The table follows what is typed, and its address with it.
	p.Fill("#people input[type=search]", "muller")
	p.WaitForText("#people-matched", " of ")
	if got := p.Text("#people tbody mark"); got != "Müller" {
		t.Errorf("the first thing marked is %q, want Müller", got)
	}
	if !strings.HasSuffix(p.URL(), "/people?q=muller&size=20") {
		t.Errorf("the address is %s", p.URL())
	}
	narrowed := p.Text("#people-matched")

	// The counts are filters, and Back leads to what was there before.
	p.Follow("#people-counts a[href*='status=unknown'], #people-counts a[href*='status=disabled']")
	if !p.Has("#people-counts [aria-current]:not(:first-child)") {
		t.Error("a count that was followed is not the current one")
	}
	p.Back()
	if got := p.Text("#people-matched"); got != narrowed {
		t.Errorf("Back leads to %q, want %q", got, narrowed)
	}

	// A menu is left by Escape, and what it leads to is where it was.
	p.Click("#people-add-filter summary")
	p.Press(input.Escape)
	if p.Has("#people-add-filter[open]") || p.Focused() != "summary" {
		t.Errorf("Escape leaves the menu open, or the focus on %s", p.Focused())
	}
	p.Press(input.Enter)
	p.tabTo("Company")
	p.Type("lyond")
	p.WaitFor("#values-company option[value='Lyondell Trading']")
	p.Axe()
	p.FollowKey(input.Enter)
	p.WaitForText("#people-chips", "Company: Lyondell Trading")
	p.Follow("#people-chips .chip:first-child a")
	if strings.Contains(p.Text("#people-chips"), "muller") {
		t.Error("a chip that was removed is still there")
	}

	// Next and Previous lead through the list; sorting begins it again.
	first := p.Text("#people tbody th")
	p.FollowNamed("link", "Next")
	p.FollowNamed("link", "Previous")
	if got := p.Text("#people tbody th"); got != first {
		t.Errorf("one page on and back begins with %q, want %q", got, first)
	}
	p.Follow("#people thead [aria-sort] a")
	if got := p.Text("#people tbody th"); got == first {
		t.Errorf("turned round, the table still begins with %q", got)
	}
}

func TestPeopleAreTickedByMouseAndKeyboard(t *testing.T) {
	t.Parallel()
	p := startFoyer(t).signedIn(t, viewer)
	p.waitUntilFilled()
	p.Goto("/people?q=lyondell&size=20&columns=company")
	const bar = "[data-picked]"

	p.tabTo("Select ")
	p.Press(input.Space)
	p.WaitForText(bar, "1 person selected")
	p.Axe()
	p.FitsWidth()
	p.Press(input.Space)
	if p.Eval(`() => getComputedStyle(document.querySelector('[data-pick-bar]')).display`) != "none" {
		t.Error("the bar stays where nobody is ticked")
	}

	p.Click("[data-pick-all]")
	p.WaitForText(bar, "20 people selected")
	p.Click("[name=all]")
	p.WaitForText(bar, "Everybody who matches is selected")
	p.Click("#people tbody tr:nth-child(2) input")
	p.WaitForText(bar, "19 people selected")

	// With Shift all between two of them.
	p.Click("[data-pick-all]")
	p.Click("[data-pick-all]")
	p.Click("#people tbody tr:nth-child(3) input")
	p.Eval(`() => { document.querySelector('#people tbody tr:nth-child(7) input').dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey: true })); return '' }`)
	p.WaitForText(bar, "5 people selected")

	// The addresses are copied here, whether or not the table shows them.
	p.Eval(`() => { navigator.clipboard.writeText = async (text) => { window.copied = text }; return '' }`)
	p.ClickNamed("button", "Copy e-mails")
	p.WaitForText("#announcer", "Copied")
	if got := strings.Fields(p.Eval(`() => window.copied`)); len(got) != 5 || !strings.Contains(got[0], "@") {
		t.Errorf("copied: %q, want 5 addresses", got)
	}
	name, file := p.Download(".pick-bar button:not([data-copy-emails])")
	if lines := strings.Count(string(file), "\r\n"); !strings.HasPrefix(name, "people-20") || lines != 6 {
		t.Errorf("%s has %d lines, want people.csv with the day and 6", name, lines)
	}

	// Of everybody who matches the server has the addresses.
	p.Click("[data-pick-all]")
	p.Click("[name=all]")
	p.FollowNamed("button", "Copy e-mails")
	if got := p.Text("h1"); !strings.HasPrefix(got, "E-mail addresses of ") {
		t.Errorf("the page of all addresses is headed %q", got)
	}
	p.Axe()
	p.Back()
	if !p.Has("#people tbody") {
		t.Error("Back doesn’t lead to the table")
	}
}

func TestTheTableOfPeopleWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	f.signedIn(t, viewer).waitUntilFilled()
	p := newPage(t, f.address)
	p.DisableScripts()
	p.Goto("/login")
	p.SignIn(viewer)

	p.Goto("/people?size=20")
	p.Fill("#people input[type=search]", "muller")
	p.Follow("#people .list-search button")
	p.WaitForText("#people-matched", " of ")
	p.Click("#people-columns summary")
	p.Click("#people-columns input[value=title]")
	p.FollowNamed("button", "Show these")
	p.WaitForText("#people thead", "Title")
	p.Click("#people-saved summary")
	p.Fill("#field-filterName", "All called Müller")
	p.FollowNamed("button", "Save")
	p.WaitForText("main [role=status]", "“All called Müller” was saved")
	p.Goto("/people")
	p.Click("#people-saved summary")
	p.FollowNamed("link", "All called Müller")
	p.WaitForText("#people-chips", "Search: muller")

	p.Click("#people tbody tr:nth-child(1) input")
	p.Click("#people tbody tr:nth-child(2) input")
	if _, file := p.Download(".pick-bar button:not([data-copy-emails])"); strings.Count(string(file), "\r\n") != 3 {
		t.Errorf("two people are a file of %d lines", strings.Count(string(file), "\r\n"))
	}
	p.FollowNamed("button", "Copy e-mails")
	p.WaitForText("h1", "E-mail addresses of 2 people")

	p.Goto("/companies/" + lyondell + "/users?q=adele.vance")
	p.FollowNamed("button", "Read again the people of Lyondell Trading")
	p.WaitForText("#people-reading", "The people of Lyondell Trading were read") // the page loads itself again
	if !strings.Contains(p.URL(), "q=adele.vance") {
		t.Errorf("reading again leads to %s, without the filter", p.URL())
	}
}
