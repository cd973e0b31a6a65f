package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// view is one page as somebody sees it: how to come to it, and the status it is
// answered with, 200 unless said.
type view struct {
	name   string
	open   func(*Page)
	status int
}

// at opens an address.
func at(path string) func(*Page) {
	return func(p *Page) {
		p.t.Helper()
		p.Goto(path)
	}
}

// ofCompany opens a page of the company with the vanity name.
func ofCompany(vanityName, path string) func(*Page) {
	return func(p *Page) {
		p.t.Helper()
		p.Goto("/companies?q=" + vanityName)
		p.Goto(p.Eval(`() => document.querySelector('#companies tbody th a').getAttribute('href')`) + path)
	}
}

// Every page there is, by whom it shows the most to.
var (
	publicViews = []view{
		{name: "sign-in", open: at("/login")},
		{name: "sign-in, needed for a page", open: at("/companies/" + lyondell)},
		{name: "signed out", open: at("/signed-out")},
		{name: "shortcuts, signed out", open: at("/shortcuts")},
		{name: "sign-in that failed", open: at("/auth/callback?error=access_denied&state=unknown"), status: http.StatusBadRequest},
		{name: "not found, signed out", open: at("/no-such-page"), status: http.StatusNotFound},
	}

	nobodysViews = []view{
		{name: "no access", open: at("/"), status: http.StatusForbidden},
	}

	viewersViews = []view{
		{name: "home of a viewer", open: at("/")},
		{name: "companies of a viewer", open: at("/companies")},
		{name: "company of a viewer", open: at("/companies/" + lyondell)},
		{name: "own sessions", open: at("/sessions")},
		{name: "forbidden", open: at("/audit"), status: http.StatusForbidden},
	}

	auditorsViews = []view{
		{name: "person of an auditor", open: at("/companies/" + lyondell + "/users/" + adele)},
		{name: "people of an auditor", open: at("/companies/" + lyondell + "/users?size=20")},
	}

	lookingViews = []view{
		{name: "home", open: at("/")},
		{name: "companies", open: at("/companies")},
		{name: "companies, none found", open: at("/companies?q=nothing-like-it")},
		{name: "companies that need attention", open: at("/companies?group=attention&q=e")},
		{name: "company, ready", open: ofCompany("lyondell", "")},
		{name: "company, being built", open: ofCompany("oresund", "")},
		{name: "company, overdue", open: ofCompany("tidewater", "")},
		{name: "company, failed", open: ofCompany("socgen", "")},
		{name: "company, with a long name", open: ofCompany("maple-main", "")},
		{name: "company, written from right to left", open: ofCompany("oasis", "")},
		{name: "history of a company", open: at("/companies/" + lyondell + "/history")},
		{name: "find", open: at("/find")},
		{name: "find, none", open: at("/find?q=nobody-like-them%40nowhere.example")},
		{name: "find, several", open: at("/find?q=bank")},
		{name: "activity", open: at("/audit")},
		{name: "activity, narrowed", open: at("/audit?person=nobody")},
		{name: "event", open: func(p *Page) { p.Goto("/audit"); p.Follow("tbody th a") }},
		{name: "people at a date", open: at("/companies/" + lyondell + "/users?size=20&at=2026-01-01T00:00")},
		{name: "access reviews", open: at("/reviews")},
		{name: "access reviews of a company", open: at("/companies/" + lyondell + "/reviews")},
		{name: "sessions", open: at("/sessions")},
		{name: "shortcuts", open: at("/shortcuts")},
		{name: "not found", open: at("/companies/no-such-company"), status: http.StatusNotFound},
		{name: "no change", open: at("/changes/no-such-change"), status: http.StatusNotFound},
		{name: "bad request", open: at("/companies?sort=colour"), status: http.StatusBadRequest},
	}

	lookingAtPeopleViews = []view{
		{name: "people", open: at("/companies/" + lyondell + "/users?size=20")},
		{name: "people, narrowed", open: at("/companies/" + lyondell + "/users?size=20&status=disabled")},
		{name: "people, of an old address", open: at("/companies/" + lyondell + "/users?size=20&page=9999")},
		{name: "everybody", open: at("/people?size=20")},
		{name: "everybody, narrowed", open: at("/people?size=20&q=muller&department=Legal&company=" + lyondell + "&older=7d&sort=email&order=desc")},
		{name: "everybody, all columns", open: at("/people?size=20&columns=email,company,department,title,location,phone,symphony-id,created,seen,change")},
		{name: "everybody, as usual again", open: at("/people?size=20&columns=email,company,department,seen")},
		{name: "everybody, nobody matches", open: at("/people?q=nobody-has-this")},
		{name: "everybody, nobody has all of a value", open: at("/people?department=Lega")},
		{name: "everybody, a filter to be mended", open: at("/people?from=2026-10-02&to=2026-10-01&title=Analyst"), status: http.StatusUnprocessableEntity},
		{name: "everybody, found by what isn't shown", open: at("/people?size=20&q=0975")},
		{name: "everybody, a filter to be saved", open: func(p *Page) {
			p.Goto("/people?q=muller")
			p.Click("#people-saved summary")
		}},
		{name: "everybody, a filter to be added", open: func(p *Page) {
			p.Goto("/people?size=20")
			p.Click("#people-add-filter summary")
		}},
		{name: "everybody, some ticked", open: func(p *Page) {
			p.Goto("/people?size=20&q=muller")
			p.Click("[data-pick-all]")
		}},
		{name: "people, none yet", open: ofCompany("halcyon", "/users")},
		{name: "people, not ready", open: ofCompany("oresund", "/users")},
		{name: "person", open: at("/companies/" + lyondell + "/users/" + adele)},
		{name: "history of a person", open: at("/companies/" + lyondell + "/users/" + adele + "/history")},
		{name: "sign-in of a person", open: at("/companies/" + lyondell + "/users/" + adele + "/sign-in")},
	}

	fillingViews = []view{
		{name: "people, read from a list", open: func(p *Page) {
			p.Goto("/companies/" + lyondell + "/users/new")
			p.Fill("#field-paste", "Nom;Prénom;Adresse e-mail;Mot de passe;Kostenstelle\nDoe;Jane;jane@lyondell.example;Xwq7-secret;77\n")
			p.FollowNamed("button", "Fill the rows")
		}},
		{name: "new company", open: at("/companies/new")},
		{name: "new company, with problems", status: http.StatusUnprocessableEntity, open: func(p *Page) {
			p.Goto("/companies/new")
			p.FollowNamed("button", "Check your answers")
		}},
		{name: "new company, taken", status: http.StatusUnprocessableEntity, open: func(p *Page) {
			p.fillCompany("Lyondell Trading", "lyondell", "lyondell.example")
		}},
		{name: "new company, to check", open: func(p *Page) {
			p.fillCompany("Brand New", "brand-new", "brandnew.example, northwind.example")
		}},
		{name: "domains", open: at("/companies/" + lyondell + "/domains")},
		{name: "domains, full", open: ofCompany("concordia", "/domains")},
		{name: "domains, to check", open: func(p *Page) {
			p.Goto("/companies/" + lyondell + "/domains")
			p.Fill("#field-emailDomains", "lyondell-new.example, lyondell.example")
			p.FollowNamed("button", "Check the domains")
		}},
		{name: "notes on a company", open: at("/companies/" + lyondell + "/notes")},
		{name: "note on a person", open: at("/companies/" + lyondell + "/users/" + adele + "/note")},
		{name: "add people", open: at("/companies/" + lyondell + "/users/new")},
		{name: "add people, with problems", status: http.StatusUnprocessableEntity, open: func(p *Page) {
			p.fillPeople("jane@elsewhere.example", "not an address")
		}},
		{name: "add people, pre-checked", open: func(p *Page) {
			p.Goto("/companies/" + lyondell + "/users/new")
			p.Fill(`#field-users\.0\.email`, "jane@lyondell.example")
			p.FollowNamed("button", "Pre-check the addresses")
		}},
		{name: "add people, to check", open: func(p *Page) { p.fillPeople("jane@lyondell.example") }},
		{name: "add people, not ready", open: ofCompany("oresund", "/users/new")},
		{name: "added people", open: func(p *Page) {
			p.fillPeople("june@lyondell.example", "old.hand@lyondell.example")
			p.Follow("main form button.btn-primary")
			p.WaitForText("main", "created")
		}},
		{name: "status", open: at("/companies/" + lyondell + "/users/" + adele + "/status")},
		{name: "status, with problems", status: http.StatusUnprocessableEntity, open: func(p *Page) {
			p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
			p.FollowNamed("button", "Disable in SANDBOX")
		}},
		{name: "bulk changes", open: at("/bulk")},
		{name: "new bulk change", open: at("/bulk/new?companyId=" + lyondell)},
		{name: "new bulk change, a list to bring", open: at("/bulk/new?kind=create&companyId=" + lyondell)},
		{name: "new bulk change, a company to onboard", open: at("/bulk/new?kind=onboard")},
		{name: "new bulk change, with problems", status: http.StatusUnprocessableEntity, open: func(p *Page) {
			p.Goto("/bulk/new?kind=create")
			p.FollowNamed("button", "Check the list")
		}},
		{name: "bulk change, checked", open: func(p *Page) {
			p.bring("create", "E-mail,First name,Last name,Password,Desk\nmay@lyondell.example,May,Ray,Xwq7-secret,7\njo@lyondel.example,Jo,Ray,Xwq8-secret,8\nmay@lyondell.example,May,Twice,Xwq9-secret,9\n")
		}},
		{name: "bulk change, a row of it", open: func(p *Page) { p.Follow("#rows .actions a") }},
		{name: "bulk change, to start", open: func(p *Page) { p.Goto(strings.Split(path(p), "/rows/")[0] + "/start") }},
		{name: "bulk change, to reconcile", open: func(p *Page) {
			p.bring("reconcile", "E-mail,First name,Last name\nadele.vance@lyondell.example,Adele,Other\n")
		}},
		{name: "bulk change, made", open: func(p *Page) {
			p.bring("create", "E-mail,First name,Last name\napril@lyondell.example,April,Ray\njo@lyondel.example,Jo,Ray\n")
			p.Fill("#field-reason", "Joiners")
			p.Follow("#start-form button.btn-primary")
			p.WaitForText(".answer", "1 created")
		}},
		{name: "pre-check", open: at("/precheck")},
		{name: "pre-check, answered", open: func(p *Page) {
			p.Goto("/precheck")
			p.Fill("#field-email", "adele.vance@lyondell.example\nnorthwind.example\ncorporate.example\nnew.example\nnot an address")
			p.Follow("#precheck-form button")
		}},
	}
)

// bring pastes a list for a bulk change of Lyondell's people, and waits until it is checked.
func (p *Page) bring(kind, list string) {
	p.t.Helper()
	p.Goto("/bulk/new?kind=" + kind + "&companyId=" + lyondell)
	p.Fill("#field-paste", list)
	p.FollowNamed("button", "Check the list")
	p.WaitFor("#plan")
}

func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	for _, group := range []struct {
		name   string
		person string
		views  []view
	}{
		{name: "signed out", views: publicViews},
		{name: "no role", person: nobody, views: nobodysViews},
		{name: "viewer", person: viewer, views: viewersViews},
		{name: "auditor", person: auditor, views: auditorsViews},
		{name: "admin looking", person: admin, views: lookingViews},
		{name: "admin looking at people", person: admin, views: lookingAtPeopleViews},
		{name: "admin filling in", person: admin, views: fillingViews},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			p := newPage(t, f.address)
			if group.person != "" {
				p.Goto("/login")
				p.SignIn(group.person)
			}
			inspect(t, p, group.views)
		})
	}
}

func TestEveryPageWithTroubleIsForEverybody(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	p := f.signedIn(t, admin)

	// Symphony goes wrong for one page after the other; what Foyer has read
	// before is shown with a note of how old it is.
	p.Goto("/companies/" + lyondell + "/users/" + adele)
	wrong := func(operation string, path string) func(*Page) {
		return func(p *Page) {
			p.t.Helper()
			f.allIsWell(p.t)
			f.goWrong(p.t, fault{Match: match{Operation: operation}, Kind: "html"})
			p.Goto(path)
		}
	}
	inspect(t, p, []view{
		{name: "people at a date, not to be loaded", open: wrong("getUsers", "/companies/"+lyondell+"/users?at=2026-01-01"), status: http.StatusBadGateway},
		{name: "person, as they were", open: wrong("getUser", "/companies/"+lyondell+"/users/"+adele)},
		{name: "status, as it was", open: wrong("getUser", "/companies/"+lyondell+"/users/"+adele+"/status"), status: http.StatusBadGateway},
		{name: "sign-in, as it was", open: wrong("getUser", "/companies/"+lyondell+"/users/"+adele+"/sign-in")},
		{name: "person, never read", open: wrong("getUser", "/companies/"+lyondell+"/users/00000000-0000-4000-8000-000000000000"), status: http.StatusBadGateway},
		{name: "status, unknown outcome", open: func(p *Page) {
			f.allIsWell(p.t)
			p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
			f.loseAnswer(p.t)
			p.Fill("#field-reason", "Left")
			p.FollowNamed("button", "Disable in SANDBOX")
			p.WaitForText("main", "We don’t know yet")
		}},
		{name: "status, settled", open: func(p *Page) {
			f.allIsWell(p.t)
			p.WaitForText("main", "Adele Vance was disabled")
		}},
		{name: "company, in an unknown state", open: func(p *Page) {
			ofCompany("vega", "")(p)
			f.control(p.t, http.MethodPost, "/control/companies/"+p.Eval(`() => location.pathname.split("/")[2]`)+"/state", map[string]string{"state": "TENANT_MIGRATING"}, nil)
			p.Goto("/companies?again=true")
			ofCompany("vega", "")(p)
		}},
		{name: "history that is not empty", open: at("/companies/" + lyondell + "/users/" + adele + "/history")},
		{name: "person who was changed", open: func(p *Page) {
			p.Goto("/companies/" + lyondell + "/users/" + adele)
			p.Click("#status summary")
		}},
		{name: "event of a change", open: func(p *Page) {
			p.Goto("/audit?user=" + adele)
			p.Follow("main tbody th a")
		}},
		{name: "people, found by a note", open: func(p *Page) {
			p.Goto("/companies/" + lyondell + "/users/" + adele + "/note")
			p.Fill("#field-note", "On leave until the equinox")
			p.FollowNamed("button", "Save the note")
			p.Goto("/people?q=equinox")
		}},
		{name: "person who is gone", open: func(p *Page) {
			f.control(p.t, http.MethodDelete, "/control/users/"+adele, nil, nil)
			p.Goto("/companies/" + lyondell + "/users/" + adele)
			p.WaitForText("main", "doesn’t know this person any more")
		}},
		{name: "form that a pre-check leads to", open: func(p *Page) {
			p.Goto("/precheck")
			p.Fill("#field-email", "zoe@lyondell.example, jane@unheard.example")
			p.FollowNamed("button", "Ask")
			p.FollowNamed("button", "Add 1 person to Lyondell Trading")
			p.WaitForText("main", "Back to the pre-check of 2")
		}},
	})
}

// inspect looks at each page in a large light window, and in a small dark one for how it
// looks alone: it is the same page, and to look at the colours takes most of the time of
// these tests.
func inspect(t *testing.T, p *Page, views []view) {
	t.Helper()
	for _, v := range views {
		p.part(t, v.name, func(t *testing.T) {
			p.Resize(desktop)
			p.Scheme("light")
			v.open(p)
			if want := max(v.status, http.StatusOK); p.Status() != want {
				t.Errorf("%s was answered %d, want %d", p.URL(), p.Status(), want)
			}
			p.WaitIdle()
			if n := p.Count("h1"); n != 1 {
				t.Errorf("%s has %d headings of the first level, want 1", p.URL(), n)
			}
			p.Axe()
			p.FitsWidth()
			for _, between := range []size{laptop, tablet, phone} {
				p.Resize(between)
				p.FitsWidth()
			}
			p.Scheme("dark")
			p.AxeLook()
		})
	}
}

// part runs one part of a test that uses the tab for several, one after the
// other, and judges the tab for that part alone.
func (p *Page) part(t *testing.T, name string, do func(*testing.T)) {
	t.Helper()
	defer func() { p.t = t }()
	t.Run(name, func(t *testing.T) {
		p.t = t
		defer p.settle()
		do(t)
	})
}

// settle ends the look at one of the pages of a tab: it fails the test for all
// that the page has caused, and forgets it, so that the next page is judged for
// its own alone.
func (p *Page) settle() {
	for _, line := range p.Unexpected() {
		p.t.Errorf("the page caused: %s", line)
	}
	p.watcher.change(func() { p.watcher.trouble = nil })
	if p.t.Failed() {
		p.picture("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
	}
}

// fillCompany fills the form for a new company and sends it to be checked.
func (p *Page) fillCompany(name, vanityName, domains string) {
	p.t.Helper()
	p.Goto("/companies/new")
	p.Fill("#field-name", name)
	p.Fill("#field-vanityName", vanityName)
	p.Fill("#field-emailDomains", domains)
	p.FollowNamed("button", "Check your answers")
}

// fillPeople fills the form that adds people to Lyondell, with names for each
// address, and sends it to be checked.
func (p *Page) fillPeople(emails ...string) {
	p.t.Helper()
	p.Goto("/companies/" + lyondell + "/users/new")
	rows := "e-mail;first name;last name\n"
	for _, email := range emails {
		rows += email + ";Jane;Doe\n"
	}
	p.Fill("#field-paste", rows)
	p.FollowNamed("button", "Fill the rows")
	p.FollowNamed("button", "Check these people")
}
