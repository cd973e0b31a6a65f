package e2e

import "testing"

// The people of the demo sign-in, one for each role and one without.
const (
	viewer    = "vera.lindqvist"
	onboarder = "omar.haddad"
	auditor   = "audrey.chen"
	admin     = "adam.novak"
	nobody    = "niko.mensah"
)

// signedIn opens a tab and signs in as the person, by the pages that people see.
func (f foyer) signedIn(t testing.TB, person string) *Page {
	t.Helper()
	p := newPage(t, f.address)
	p.Goto("/login")
	p.SignIn(person)
	return p
}

// SignIn goes on from the sign-in page.
func (p *Page) SignIn(person string) {
	p.t.Helper()
	p.FollowNamed("link", "Sign in")
	p.Follow("button[value='" + person + "']")
}

// wantHeading fails the test at once if the page's h1 is not this.
func (p *Page) wantHeading(want string) {
	p.t.Helper()
	if got := p.Text("h1"); got != want {
		p.t.Fatalf("the heading of %s is %q, want %q", p.URL(), got, want)
	}
}
