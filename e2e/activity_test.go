package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-rod/rod/lib/input"
)

// narrowActivity narrows the list by each filter alone, then by several.
func narrowActivity(p *Page, _ morning) {
	p.Goto("/audit?text=OPS-4711")
	p.Follow("main tbody th a")
	reference := p.fact("Reference")

	for _, filter := range []struct {
		field, value, chip string
		rows               int    // of a page, which has 50 at most
		each               string // what every line has
	}{
		{"person", "Omar Haddad", "Done by: Omar Haddad", 50, "Omar Haddad"},
		{"company", "Halcyon Trust", "Company: Halcyon Trust", 4, "Halcyon Trust"},
		{"user", "Grace Hopper", "Done to: Grace Hopper", 4, "Halcyon Trust"}, // two of them to four people at once
		{"action", "user.disable", "Action: Disable a person", 4, "isable"},
		{"outcome", "intent", "Outcome: Asked", 3, "Asked"},
		{"text", "friday", "Why: friday", 2, "OPS-4711"},
		{"request", reference, "Reference: " + reference, 2, "OPS-4711"},
	} {
		p.Peek("/audit?" + url.Values{filter.field: {filter.value}}.Encode())
		p.wantRows(filter.rows, filter.each)
		if got := p.Text(".chip .sr-only"); p.Count(".chip") != 1 || got != "Remove the filter "+filter.chip {
			p.t.Errorf("narrowed by %s the page has %d chips, the first to %q, want one for %q", filter.field, p.Count(".chip"), got, filter.chip)
		}
		if got := p.Value("#field-" + filter.field); got != filter.value {
			p.t.Errorf("narrowed by %s the form has %q, want %q", filter.field, got, filter.value)
		}
	}

	// The form does the same; its filters add up, and one is taken off without the
	// others.
	p.Goto("/audit")
	p.Click("#activity-form summary")
	p.Fill("#field-person", "Omar")
	p.Fill("#field-company", "Lyondell")
	p.Choose("#field-action", "disable a")
	p.Choose("#field-outcome", "done")
	p.Fill("#field-text", "leave")
	p.Follow("#activity-form button")
	p.wantRows(1, "Disabled Adele Vance")
	p.wantFilters("person=Omar company=Lyondell action=user.disable outcome=succeeded text=leave")
	p.FollowNamed("link", "Remove the filter Company: Lyondell")
	p.wantFilters("person=Omar action=user.disable outcome=succeeded text=leave")
	p.FollowNamed("link", "Clear all")
	p.wantFilters("")
}

// wantFilters fails the test if the address doesn't have these filters, in the
// order of the form, or the page not a chip for each.
func (p *Page) wantFilters(want string) {
	p.t.Helper()
	got := p.Eval(`() => {
		const asked = new URLSearchParams(location.search)
		return [...document.querySelectorAll('#activity-form [name]')].map(f => f.name)
			.filter(name => asked.get(name)).map(name => name + '=' + asked.get(name)).join(' ')
	}`)
	if !slices.Equal(slices.Sorted(strings.FieldsSeq(got)), slices.Sorted(strings.FieldsSeq(want))) {
		p.t.Errorf("the address narrows to %q, want %q", got, want)
	}
	if chips := p.Count(".chip"); chips != len(strings.Fields(want)) {
		p.t.Errorf("narrowed to %q the page has %d chips", want, chips)
	}
}

// narrowByTime takes a quick range, then days, then a time that is pasted.
func narrowByTime(p *Page, _ morning) {
	p.Goto("/audit?person=Omar&company=Halcyon")
	p.FollowNamed("link", "30 days")
	p.wantRows(4, "Halcyon Trust")
	if got := p.Text(".segmented [aria-current]"); got != "30 days" {
		p.t.Errorf("the range that is shown is %q, want 30 days", got)
	}
	p.FollowNamed("link", "Remove the filter From: "+p.parameter("from"))
	if got := p.Text(".segmented [aria-current]"); got != "All time" {
		p.t.Errorf("without a beginning the range is %q, want All time", got)
	}

	// A day and a month that are the same number, because the browser asks for
	// them in the order of its language.
	p.Choose("#field-from", "01012001")
	p.Choose("#field-to", "02022002")
	p.Follow("#activity-form button")
	p.WaitForText("main", "No event matches")
	p.FollowNamed("link", "Remove the filter To: 2002-02-02")
	p.wantRows(4, "Halcyon Trust")
	p.wantFilters("person=Omar company=Halcyon from=2001-01-01")

	if !p.scripts {
		return
	}
	// A time out of a log, which a control for days wouldn't take.
	p.Eval(`(time) => {
		const clipboardData = new DataTransfer()
		clipboardData.setData('text', time)
		document.querySelector('#field-from').dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}))
		return ''
	}`, "2001-01-01T07:48:37Z")
	p.Follow("#activity-form button")
	p.wantFilters("person=Omar company=Halcyon from=2001-01-01T07:48:37Z")
}

// refuseFilters asks for what can't be: that is said, with no list at all, for it
// would show what was not asked for.
func refuseFilters(p *Page, _ morning) {
	for query, want := range map[string]string{
		"colour=red":                 "Foyer knows no filter ‘colour’.",
		"person=Omar&action=explode": "Choose one of the actions.",
		"person=Omar&to=2026-02-30":  "Enter a day such as 2026-03-01",
		"person=Omar&person=Vera":    "Done by can be given once only.",
	} {
		if got := p.Peek("/audit?" + query); got != http.StatusUnprocessableEntity {
			p.t.Errorf("/audit?%s was answered %d, want 422", query, got)
		}
		p.WaitForText(".error-summary", want)
		if p.Has("main table") || p.Has("a[href^='/audit.csv']") {
			p.t.Errorf("/audit?%s is refused, and lists events all the same", query)
		}
	}
}

func goOnToOlder(p *Page, _ morning) {
	p.Goto("/audit?person=Omar&action=export")
	p.wantRows(50, "Exported companies.csv")
	p.WaitForText(".pager", "The newest 50 events that match")
	p.FollowNamed("link", "Older")
	p.wantRows(10, "Exported companies.csv")
	p.WaitForText(".pager", "The oldest 10 events that match")
	p.wantFilters("person=Omar action=export")
	p.FollowNamed("link", "Newest")
	p.wantRows(50, "Exported companies.csv")
}

func openEvent(p *Page, _ morning) {
	p.Goto("/audit?person=Omar&text=OPS-4712&outcome=succeeded")
	p.Follow("main tbody th a")
	p.wantHeading("Disabled Adele Vance")
	for _, want := range []struct{ selector, words string }{
		{"#values", "Status"},
		{"#values td[data-label=Before]", "active"},
		{"#values td[data-label=After]", "disabled"},
		{"#people", "adele.vance@lyondell.example"},
		{"#change tbody tr:first-child", "Done"},
		{"#change tbody tr:last-child", "Asked"},
		{"#proof", "Leaf hash"},
		{"main", "“=On leave until January”"},
		{"main", "omar.haddad@partner.example"},
	} {
		p.WaitForText(want.selector, want.words)
	}

	request, person := p.linkTo("Everything of this request"), p.linkTo("Everything done to Adele Vance")
	for _, related := range []string{request, person} {
		p.Peek(related)
		p.wantRows(2, "Adele Vance")
		if p.Count(".chip") != 1 {
			p.t.Errorf("%s is narrowed by %d filters, want 1", related, p.Count(".chip"))
		}
	}
}

// useTheKeyboard goes the auditor's ways without a mouse.
func useTheKeyboard(p *Page, _ morning) {
	p.Goto("/")
	p.tabTo("Activity")
	p.FollowKey(input.Enter)
	p.skip()
	p.tabTo("Done by")
	p.Type("Omar")
	p.tabTo("Action")
	p.Press([]input.Key("disable a")...)
	p.tabTo("More filters")
	p.Press(input.Enter)
	p.tabTo("Why")
	p.Type("friday")
	p.FollowKey(input.Enter)
	p.wantRows(2, "Grace Hopper")

	p.skip()
	p.tabTo("30 days")
	p.FollowKey(input.Enter)
	p.wantRows(2, "Grace Hopper")
	p.skip()
	p.tabTo("×") // the first: Done by: Omar
	p.FollowKey(input.Enter)
	if p.parameter("person") != "" || p.parameter("text") != "friday" {
		p.t.Errorf("the first filter was taken off, and the address is %s", p.URL())
	}

	// What can't be has the focus at once, and leads to its filter.
	p.skip()
	p.tabTo("Why")
	p.Type(strings.Repeat("x", 255))
	p.FollowKey(input.Enter)
	if !p.Has(".error-summary:focus") {
		p.t.Errorf("a filter was refused, and %s has the focus", p.Focused())
	}
	p.Press(input.Tab, input.Enter)
	if got := p.Focused(); got != "input#field-text" {
		p.t.Errorf("the problem leads to %s, want the filter", got)
	}

	p.Goto("/audit?person=Omar&text=OPS-4712&outcome=succeeded")
	p.skip()
	p.tabTo("Download with proofs")
	p.tabTo(p.Text("main tbody th a"))
	p.FollowKey(input.Enter)
	p.wantHeading("Disabled Adele Vance")
	p.skip()
	p.tabTo("Everything done to Adele Vance")
	p.tabTo("Download the proof")
	p.tabTo("How to check it")
	p.Press(input.Enter)
	p.WaitForText("#proof", "foyer audit verify --export")
}

// skip goes past what is the same on all pages.
func (p *Page) skip() {
	p.t.Helper()
	p.Press(input.Tab, input.Enter)
}
