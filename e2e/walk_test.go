package e2e

import (
	"net/url"
	"strings"
	"testing"

	"foyer/internal/testpg"
)

// The main walk: what a partner does with a new client, from signing in to
// signing out, and what an auditor sees of it afterwards.
func TestAPartnerOnboardsACompanyAndItsPeople(t *testing.T) {
	t.Parallel()
	t.Run("on SQLite", func(t *testing.T) {
		t.Parallel()
		walk(t, startFoyer(t))
	})
	t.Run("on PostgreSQL", func(t *testing.T) {
		t.Parallel()
		walk(t, startFoyer(t, "FOYER_DATABASE_URL="+testpg.DSN(t)))
	})
}

func walk(t *testing.T, f foyer) {
	t.Helper()
	p := f.signedIn(t, onboarder)
	p.wantHeading("Home")

	p.FollowNamed("link", "Companies")
	lookForCompanies(p)
	company := newCompany(p)
	addDomains(p, company)
	person := addPeople(p, company)
	disableAndEnable(p, person)

	p.FollowNamed("button", "Sign out")
	p.wantHeading("You are signed out")
	p.Goto(company)
	p.wantHeading("Sign in")

	review(f.signedIn(t, auditor), company)
}

// lookForCompanies searches, sorts and pages the list.
func lookForCompanies(p *Page) {
	p.t.Helper()
	p.wantHeading("Companies")
	const rows = "#companies tbody tr"

	p.Fill("#field-q", "meridian")
	p.WaitForText("#list-head", "1 of ")
	p.WaitForText(rows, "Meridian Bank")
	if got := p.Count(rows); got != 1 {
		p.t.Errorf("a search for meridian shows %d companies, want 1", got)
	}
	if !strings.Contains(p.URL(), "q=meridian") {
		p.t.Errorf("the address after a search is %s, want it to name what was searched for", p.URL())
	}

	p.FollowNamed("link", "Remove the filter Search: meridian")
	p.FollowNamed("link", "20")
	first := p.Text(rows + " th a")
	p.FollowNamed("link", "Company")
	if got := p.Text(rows + " th a"); got == first {
		p.t.Errorf("turned round, the list still begins with %q", got)
	}
	p.FollowNamed("link", "Next")
	if got := p.Text(".pager b"); got != "21–40" {
		p.t.Errorf("the second page shows %q, want 21–40", got)
	}
}

// newCompany asks for a company, mends what was wrong, checks the answers, and
// watches it until it is ready. It gives the path of the company's page.
func newCompany(p *Page) string {
	p.t.Helper()
	p.FollowNamed("link", "New company")
	p.Fill("#field-name", "Acme Securities")
	p.Fill("#field-vanityName", "acme")
	p.Fill("#field-emailDomains", "not a domain")
	p.FollowNamed("button", "Check your answers")
	p.WaitForText(".error-summary", "There is a problem")
	if got := p.Value("#field-name"); got != "Acme Securities" {
		p.t.Errorf("the form came back with the name %q, want what was typed", got)
	}
	if !strings.HasPrefix(p.Title(), "Error: ") {
		p.t.Errorf("the title is %q, want it to begin with Error", p.Title())
	}

	p.Fill("#field-emailDomains", "acme.example")
	p.FollowNamed("button", "Check your answers")
	p.wantHeading("Check your answers")
	p.WaitForText("main", "https://acme.on.symphony.com")

	p.FollowNamed("button", "Create company Acme Securities in SANDBOX")
	p.wantHeading("Acme Securities")
	p.WaitForText("main [role=status]", "Acme Securities was requested")
	p.WaitForText(".head-sub", "Ready") // without a reload
	return path(p)
}

func addDomains(p *Page, company string) {
	p.t.Helper()
	p.Goto(company)
	p.FollowNamed("link", "Add domains")
	p.Fill("#field-emailDomains", "acme.example, acme-fx.example")
	p.FollowNamed("button", "Check the domains")
	p.wantHeading("Check the domains")
	p.Follow("#check-form button.btn-primary")
	p.wantHeading("Acme Securities")
	p.WaitForText("main section", "acme-fx.example")
}

// addPeople pastes people who can be added, then one of them beside another, and gives
// the path of that one.
func addPeople(p *Page, company string) string {
	p.t.Helper()
	p.Goto(company)
	p.FollowNamed("link", "Add people")
	p.Fill("#field-paste", "e-mail\tfirst name\tlast name\n"+
		"grace@acme.example\tGrace\tHopper\n"+
		"alan@acme-fx.example\tAlan\tTuring\n")
	p.FollowNamed("button", "Fill the rows")
	if got := p.Value("#field-users\\.1\\.firstName"); got != "Alan" {
		p.t.Errorf("the second row's first name is %q, want Alan", got)
	}
	p.FollowNamed("button", "Check these people")
	p.wantHeading("Add 2 people to Acme Securities?")
	p.Follow("main form button.btn-primary")
	p.WaitForText("main", "2 created")

	p.Goto(company + "/users/new")
	p.Fill("#field-users\\.0\\.email", "grace@acme.example")
	p.Fill("#field-users\\.0\\.firstName", "Grace")
	p.Fill("#field-users\\.0\\.lastName", "Hopper")
	p.Fill("#field-users\\.1\\.email", "mary@acme.example")
	p.Fill("#field-users\\.1\\.firstName", "Mary")
	p.Fill("#field-users\\.1\\.lastName", "Jackson")
	p.FollowNamed("button", "Check these people")
	p.Follow("main form button.btn-primary")
	p.WaitForText("main", "1 created")

	p.FollowNamed("link", "Open Mary Jackson")
	p.wantHeading("Mary Jackson")
	return path(p)
}

func disableAndEnable(p *Page, person string) {
	p.t.Helper()
	p.FollowNamed("link", "Disable")
	p.wantHeading("Disable Mary Jackson?")
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText(".error-summary", "reason")

	p.Fill("#field-reason", "Left the company on Friday")
	p.Fill("#field-ticket", "OPS-4711")
	p.FollowNamed("button", "Disable in SANDBOX")
	p.wantHeading("Mary Jackson")
	p.WaitForText("main [role=status]", "Mary Jackson was disabled")
	p.WaitForText(".answer", "Disabled")

	p.FollowNamed("link", "Enable again")
	p.Fill("#field-reason", "It was another Mary")
	p.FollowNamed("button", "Enable in SANDBOX")
	p.WaitForText("main [role=status]", "Mary Jackson was enabled")
	p.WaitForText(".answer", "Active")

	p.Goto(person + "/history")
	for _, words := range []string{"Left the company on Friday", "OPS-4711", "It was another Mary"} {
		p.WaitForText("main", words)
	}
}

// review is what an auditor sees: all of it, and nothing to change it with.
func review(p *Page, company string) {
	p.t.Helper()
	p.FollowNamed("link", "Activity")
	for _, words := range []string{"Omar Haddad", "Acme Securities", "Mary Jackson", "Left the company on Friday"} {
		p.WaitForText("main", words)
	}
	p.Goto("/audit?" + url.Values{"action": {"user.disable"}}.Encode())
	p.WaitForText("main", "Left the company on Friday")
	if text := p.Text("main"); strings.Contains(text, "It was another Mary") {
		p.t.Error("the activity narrowed to disabling shows enabling, too")
	}

	p.Goto(company)
	p.WaitForText(".forbidden", "Needs the role onboarder or admin.")
	if p.Has("main a[href$='/users/new']") {
		p.t.Error("an auditor is offered to add people")
	}
}

// path is the page's address without the host.
func path(p *Page) string {
	p.t.Helper()
	return p.Eval(`() => location.pathname`)
}
