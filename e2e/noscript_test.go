package e2e

import "testing"

func TestEverythingWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := newPage(t, f.address)
	p.DisableScripts()
	p.Goto("/login")
	p.SignIn(admin)
	p.wantHeading("Home")

	companiesWithoutScripts(p)
	company := companyWithoutScripts(p)
	peopleWithoutScripts(p, company)
	statusWithoutScripts(p, f)
	bulkWithoutScripts(p)

	p.Goto("/precheck")
	p.Fill("#field-email", "adele.vance@lyondell.example, northwind.example")
	p.Follow("#precheck-form button")
	if got := p.Count("main tbody tr:not(.group-row)"); got != 2 {
		t.Errorf("the pre-check of two shows %d verdicts", got)
	}

	p.Fill("#search", "adele.vance@lyondell.example")
	p.Follow(".search button[type=submit]")
	p.wantHeading("Adele Vance")

	p.Goto("/audit")
	p.Fill("#field-user", "Adele")
	p.FollowNamed("button", "Filter")
	p.WaitForText("main tbody", "Adele Vance")

	p.FollowNamed("button", "Sign out")
	p.wantHeading("You are signed out")
}

func companiesWithoutScripts(p *Page) {
	p.t.Helper()
	p.Goto("/companies")
	p.Fill("#field-q", "meridian")
	p.Follow("main .list-search button")
	if got := p.Count("#companies tbody tr"); got != 1 {
		p.t.Errorf("a search for meridian shows %d companies, want 1", got)
	}
	p.FollowNamed("button", "Read again")
	p.WaitForText("main [role=status]", "read again")
}

// companyWithoutScripts creates a company, whose page loads itself again until
// it is ready.
func companyWithoutScripts(p *Page) string {
	p.t.Helper()
	p.fillCompany("Plain Pages", "plain", "plain.example")
	p.FollowNamed("button", "Change the vanity name")
	p.Fill("#field-vanityName", "plain-pages")
	p.FollowNamed("button", "Check your answers")
	p.WaitForText("main", "https://plain-pages.on.symphony.com")
	p.FollowNamed("button", "Create company Plain Pages in SANDBOX")
	if !p.Has("meta[http-equiv=refresh]") {
		p.t.Error("the page of a company that is being built does not load itself again")
	}
	p.WaitForText(".head-sub", "Ready")
	if p.Has("meta[http-equiv=refresh]") {
		p.t.Error("the page of a company that is ready still loads itself again")
	}
	return path(p)
}

func peopleWithoutScripts(p *Page, company string) {
	p.t.Helper()
	p.Goto(company + "/users/new")
	p.Fill(`#field-users\.0\.email`, "grace@plain.example")
	p.Fill(`#field-users\.0\.firstName`, "Grace")
	p.Fill(`#field-users\.0\.lastName`, "Hopper")
	p.FollowNamed("button", "Check these people")
	p.FollowNamed("button", "Change Grace Hopper")
	p.Fill(`#field-users\.0\.lastName`, "Murray Hopper")
	p.FollowNamed("button", "Check these people")
	p.Follow("main form button.btn-primary")
	p.WaitForText("main", "1 created")
}

// statusWithoutScripts disables somebody while Symphony's answers are lost. The
// page that says so loads itself again until the truth is known.
func statusWithoutScripts(p *Page, f foyer) {
	p.t.Helper()
	p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
	f.loseAnswer(p.t)
	p.Fill("#field-reason", "Left")
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main", "We don’t know yet")
	f.allIsWell(p.t)
	p.WaitForText("main", "Adele Vance was disabled")
}

// bulkWithoutScripts brings a list, and sees on pages that load themselves again what
// becomes of it.
func bulkWithoutScripts(p *Page) {
	p.t.Helper()
	p.bring("create", "E-mail,First name,Last name\nnoor@lyondell.example,Noor,Script\n")
	p.Fill("#field-reason", "A joiner")
	p.FollowNamed("button", "Add 1 person to Lyondell Trading in SANDBOX")
	p.WaitForText(".answer", "1 created")
}
