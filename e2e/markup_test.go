package e2e

import (
	"net/url"
	"testing"
)

// The name of one of the seeded people of Lyondell.
const (
	markupName  = `<b>Bold</b> & "Quoted"`
	markupEmail = "bold@lyondell.example"
)

// Names are what people elsewhere typed: text, wherever they stand.
func TestMarkupInANameIsText(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)

	// inert says that the name can be read as it is, and that it made nothing of
	// the page bold.
	inert := func(where string) {
		t.Helper()
		p.WaitIdle()
		p.WaitForText("main", markupName)
		if bold := p.Eval(`() => [...document.querySelectorAll('b')].filter(b => b.textContent === 'Bold').length + ''`); bold != "0" {
			t.Errorf("the name became markup %s, %s", where, p.URL())
		}
	}

	p.Goto("/find?q=" + url.QueryEscape(markupEmail))
	p.wantHeading(markupName)
	inert("on the person's page")
	person := path(p)

	p.Goto("/companies/" + lyondell + "/users?size=20")
	inert("in the list of people")
	p.Goto("/precheck?email=" + url.QueryEscape(markupEmail))
	inert("in the pre-check")

	p.Goto(person + "/status")
	inert("on the page that disables them")
	p.Fill("#field-reason", `</textarea><script>document.title = "owned"</script>`)
	p.Fill("#field-ticket", `"><img src=x onerror=alert(1)>`)
	p.FollowNamed("button", "Disable in SANDBOX")
	inert("in the note that they were disabled")
	p.Goto(person + "/history")
	inert("in their history")
	p.WaitForText("main", `</textarea><script>`)
	p.FollowNamed("link", "Home")
	inert("on the home page")
	p.Goto("/audit")
	inert("in the activity")
	p.Follow("main tbody th a")
	inert("in the record")
	if p.Has("main img") || p.Has("main script") {
		t.Error("a reason became markup in the record")
	}

	// A search is text, too.
	p.Goto("/find?q=" + url.QueryEscape(markupName))
	p.WaitForText("h1", markupName)
	p.Goto("/companies?q=" + url.QueryEscape(`"><script>alert(1)</script>`))
	p.WaitForText("#companies", `"><script>alert(1)</script>`)
}
