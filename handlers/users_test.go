package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/views/ui"
)

// soren is a disabled person of Lyondell.
func (b *bench) soren() sapi.User { return b.user(lyondell, "soren.oneill@lyondell.example") }

// user gives a person as Symphony has them, by their address.
func (b *bench) user(companyID, email string) sapi.User {
	b.t.Helper()
	for u, err := range b.symphony.Users.All(b.t.Context(), companyID, portal.MaxPageSize) {
		b.must(err)
		if strings.EqualFold(u.Email, email) {
			u, err = b.symphony.Users.Get(b.t.Context(), companyID, u.ID)
			b.must(err)
			return u
		}
	}
	b.t.Fatalf("Symphony has nobody with the address %s", email)
	return sapi.User{}
}

// statusRequests are where the script of a page reads statuses.
func statusRequests(p *page) []string {
	p.t.Helper()
	var hrefs []string
	for _, n := range p.find("[hx-get*='/users/statuses']").Nodes {
		for _, a := range n.Attr {
			if a.Key == "hx-get" {
				hrefs = append(hrefs, a.Val)
			}
		}
	}
	return hrefs
}

func TestARowSaysWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	p := b.as(auth.Onboarder).get("/companies/" + lyondell + "/users?size=20&columns=email,title,department,symphony-id,seen,change").want(http.StatusOK).sound()

	adeles := "tbody tr:contains('Adele Vance')"
	p.says(adeles, "adele.vance@lyondell.example", "Analyst", "Order Processing", "695734946108125", "Unknown", "Check now", "Disable or enable")
	p.says("tbody tr:nth-child(1)", `<b>Bold</b> & "Quoted"`)
	if href, _ := p.find(adeles + " th a").Attr("href"); href != "/companies/"+lyondell+"/users/"+adele {
		t.Errorf("the name leads to %q", href)
	}
}

func TestStatusesAreReadIntoThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Onboarder)
	path := "/companies/" + lyondell + "/users?size=50&q=lyondell"

	p := browser.get(path)
	requests := statusRequests(p)
	if len(requests) != 2 {
		t.Fatalf("the page of 50 unknown people asks %d times, want 2", len(requests))
	}
	cells := browser.htmx(requests[0]).want(http.StatusOK)
	if cell := cells.find("#status-" + adele); squeeze(cell.Text()) != "Active" {
		t.Errorf("a status that was just read says %q, want Active", squeeze(cell.Text()))
	}
	if title := cells.find("#seen-"+adele+" time").AttrOr("title", ""); title != ui.UTC(b.clock.Now()) {
		t.Errorf("it was seen at %q, want now", title)
	}
	cells.says("#action-"+adele, "Disable", "Adele Vance")
	if n := cells.find("[id^=status-][hx-swap-oob]").Length(); n != 25 {
		t.Errorf("%d cells find their own place, want %d", n, 25)
	}
	if n := browser.htmx("/companies/"+lyondell+"/users/statuses?cell=status&uid="+b.soren().ID).want(http.StatusOK).says("#status-"+b.soren().ID, "Disabled").find("[hx-swap-oob]").Length(); n != 1 {
		t.Errorf("a page with a status alone is given %d cells a person", n)
	}

	browser.htmx(requests[1])
	again := browser.get(path)
	if n := len(statusRequests(again)); n != 0 {
		t.Errorf("a page of fresh statuses asks %d times, want none", n)
	}
	b.clock.add(5*time.Minute + time.Minute)
	again = browser.get(path)
	again.says("#status-"+adele, "Active").says("#seen-"+adele, "6 min ago")
	if n := len(statusRequests(again)); n != 2 {
		t.Errorf("a page of old statuses asks %d times, want 2", n)
	}
}

// The numbers above the table are as new as its rows.
func TestTheCountsFollowTheStatusesThatAreRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	path := "/companies/" + lyondell + "/users?size=100&q=lyondell&columns=email"

	p := browser.get(path).says("#people-counts", "Active 0", "Status unknown 105")
	follow, _ := p.find("#people-counts[hx-trigger='statuses-read from:body']").Attr("hx-get")
	for _, request := range statusRequests(p) {
		if told := browser.htmx(request).want(http.StatusOK).header.Get("HX-Trigger"); told != "statuses-read" {
			t.Errorf("the page is told %q", told)
		}
	}
	counts := browser.htmx(follow).want(http.StatusOK).says("#people-counts", "Status unknown 5").says("#people-matched[hx-swap-oob]", "105 of 105 people")
	again := browser.get(path)
	if got, want := counts.text("#people-counts"), again.text("#people-counts"); got != want {
		t.Errorf("the counts are %q, and loaded again %q", got, want)
	}
	if got, want := counts.find("#people-counts a").Last().AttrOr("href", ""), again.find("#people-counts a").Last().AttrOr("href", ""); got != want {
		t.Errorf("they lead to %q, and loaded again to %q", got, want)
	}
	if again.find("#people-counts[hx-get]").Length() != 0 {
		t.Error("a page of fresh statuses has its counts again")
	}
	browser.htmx("/companies/" + lyondell + "/users/counts?status=asleep").want(http.StatusBadRequest)
}

func TestStatusesAreReadWithoutAScript(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)

	p := browser.get("/companies/" + lyondell + "/users?size=20&sort=email&q=lyondell")
	p.says("#people-counts", "Status unknown 105")
	form, action := p.form("#read-statuses")
	p = browser.follow(browser.post(action, form)).want(http.StatusOK).sound().says("#people-counts", "Status unknown 85")

	if p.request != "GET /companies/"+lyondell+"/users?q=lyondell&size=20&sort=email" {
		t.Errorf("it leads to %s", p.request)
	}
	if got := p.text("tbody .status-unknown"); got != "" {
		t.Errorf("still unknown after reading: %s", got)
	}
	if p.find("#read-statuses").Length() != 0 {
		t.Error("fresh statuses can be read again")
	}
}

func TestAStatusThatCantBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	path := "/companies/" + lyondell + "/users/statuses?cell=seen&uid=" + adele
	browser.htmx(path).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindHTML})

	b.clock.add(20 * time.Minute)
	browser.htmx(path).want(http.StatusOK).says("#status-"+adele, "Active", "Symphony can’t be reached").says("#seen-"+adele, "20 min ago")
	browser.htmx(path+"&uid="+b.unknownID()).says("#status-"+b.unknownID(), "Unknown").says("#seen-"+b.unknownID(), "Check now")
}

// unknownID is an id that nobody has.
func (b *bench) unknownID() string { return "00000000-0000-4000-8000-000000000000" }

func TestWhatIsNoPageIsABadRequest(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	for _, query := range []string{"?page=0", "?page=-1", "?page=x", "?page=99999999999999999999", "?size=7", "?size=1000", "?status=asleep"} {
		browser.get("/companies/" + lyondell + "/users" + query + "&at=2020-01-01").want(http.StatusBadRequest).sound()
	}
	browser.htmx("/companies/" + lyondell + "/users/statuses").want(http.StatusBadRequest)
	browser.htmx("/companies/" + lyondell + "/users/statuses?" + url.Values{"uid": make([]string, 101)}.Encode()).want(http.StatusBadRequest)
	for _, form := range []url.Values{{}, {"page": {"1"}}, {"page": {"0"}, "size": {"20"}}, {"page": {"1"}, "size": {"21"}}, {"uid": {"a b"}}, {"uid": make([]string, 101)}} {
		browser.post("/companies/"+lyondell+"/users/statuses", form).want(http.StatusBadRequest)
	}
}

func TestACompanyThatIsNotReadyHasNoPeopleYet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	for vanityName, why := range map[string]string{
		"oresund": "still building it", "socgen": "could not build it", "vega": "TENANT_MIGRATING",
	} {
		id := b.company(vanityName).ID
		list := browser.get("/companies/"+id+"/users").want(http.StatusOK).sound().says(".empty", "The company is not ready", why)
		if list.find("a[href$='/users/new']").Length() != 0 {
			t.Errorf("the list of %s leads to adding people", vanityName)
		}
		p := browser.get("/companies/" + id + "/users/new").want(http.StatusOK).sound()
		p.says(".empty", "can’t take people yet", why)
		if p.find("#people-form").Length() != 0 {
			t.Errorf("%s can be given people", vanityName)
		}
		browser.post("/companies/"+id+"/users/check", url.Values{"users.0.email": {"a@b.example"}}).want(http.StatusConflict).sound().says(".empty", why)
	}
}

func TestWhatARoleForbidsIsSaidWithItsReason(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()

	auditor := b.as(auth.Auditor)
	auditor.get("/companies/"+lyondell+"/users").want(http.StatusOK).says(".head", "Needs the role").says("tbody tr:nth-child(1)", "Read only")
	auditor.get("/companies/"+lyondell+"/users/"+adele).want(http.StatusOK).sound().says(".head .forbidden", "Disable", "Needs the role")

	viewer := b.as(auth.Viewer).get("/companies/" + lyondell + "/users")
	viewer.says(".head .forbidden", "Add people", "Needs the role")
	if viewer.find(".head .forbidden a").Length() != 0 {
		t.Error("the forbidden button leads somewhere")
	}
}

func TestAPersonIsShownWithEverythingThatIsKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	p := b.as(auth.Viewer).get("/companies/" + lyondell + "/users/" + adele).want(http.StatusOK).sound()

	p.says("h1", "Adele Vance").says(".answer", "Active and can sign in. Foyer has just read their status for the first time.").says(".head", "read just now", "Read again", "Disable")
	p.says(".facts", "adele.vance@lyondell.example", adele, "695734946108125", "Analyst", "Order Processing")
	p.says("main", "can’t edit a person or delete one: ask Symphony")
	for _, copied := range []string{"adele.vance@lyondell.example", adele, "695734946108125"} {
		if p.find("[data-copy='"+copied+"']").Length() != 1 {
			t.Errorf("%s can't be copied", copied)
		}
	}

	missing := b.user(lyondell, "hong.nakamura@lyondell.example")
	p = b.as(auth.Viewer).get("/companies/" + lyondell + "/users/" + missing.ID).want(http.StatusOK).sound()
	p.says(".facts", "Job titlenot given")
}

func TestAPersonWhoCantBeReadIsShownAsLastRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	path := "/companies/" + lyondell + "/users/" + adele
	browser.get(path).want(http.StatusOK)
	b.clock.add(20 * time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindStatus})

	browser.get(path).want(http.StatusOK).sound().says(".note-ask", "Symphony could not be read", "20 min ago", "Try again").says(".answer", "Active when last read; Symphony can’t be read at the moment.").says(".head", "read 20 min ago")

	p := browser.get(path + "/status").want(http.StatusBadGateway).sound()
	p.says(".note-ask", "Symphony could not be read")
	if p.find("#status-form").Length() != 0 {
		t.Error("a status that could not be read can be changed")
	}
}

// Who is gone at Symphony still has a page: of what Foyer read of them, noted and did.
func TestWhoSymphonyDoesNotKnowAnyMoreIsShownAsLastRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	path := "/companies/" + lyondell + "/users/" + adele
	b.must(b.store.Record(t.Context(), ledger.Event{
		Action: ledger.DecideReview, Outcome: ledger.Succeeded, Actor: by("vera"), Company: ledger.Company{ID: lyondell, Name: "Lyondell"},
		Users: []ledger.User{{ID: adele, Email: adeleEmail, Name: "Adele Vance", Result: "keep"}},
	}))
	browser.disable().want(http.StatusSeeOther)
	browser.follow(browser.submit(browser.get(path+"/note").want(http.StatusOK), "#note-form", url.Values{"note": {"Moved to Vega."}})).says("#note", "Moved to Vega.")
	read := b.clock.Now()
	b.must(b.sandbox.Faults().RemoveUser(t.Context(), adele))
	b.clock.add(25 * time.Hour)
	browser = b.as(auth.Viewer)

	p := browser.get(path).want(http.StatusOK).sound()
	p.says(".note-ask", "Symphony doesn’t know this person any more, as of "+ui.Clock(b.clock.Now())+" UTC", "What is shown is as of "+ui.UTC(read))
	p.says(".answer", "Disabled when last read; Symphony doesn’t know them any more").says(".facts", adeleEmail, adele, "Analyst")
	p.says("#history", "Confirmed the access of", "Disabled", "Changed the note on").says("#note", "Moved to Vega.").says("#details", "Nothing can be sent to Symphony")
	p.says("#status table", "Disabled by Vera Viewer")
	if sends := p.find("main a[href$='/status'], main a[href$='/sign-in'], main .forbidden, main form[method=post]").Length(); sends > 0 {
		t.Errorf("the page has %d ways to ask Symphony for something", sends)
	}
	browser.get(path+"?at="+read.Format("2006-01-02")).want(http.StatusOK).says(".note-ask", "As of")
	browser.get(path+"/history").want(http.StatusOK).sound().says("main", "Confirmed the access of", "Disabled")
	browser.get("/find?q=" + adele).want(http.StatusSeeOther)
	browser.follow(browser.submit(browser.get(path+"/note").want(http.StatusOK), "#note-form", url.Values{"note": {""}})).says("#note", "Nothing is noted")

	for _, sends := range []string{"/status", "/sign-in"} {
		p := browser.get(path+sends).want(http.StatusNotFound).sound().says("main", "Symphony doesn’t know this person any more", "Open their page")
		if p.find("main a[href='"+path+"']").Length() != 1 {
			t.Errorf("%s doesn’t lead to the page that it speaks of", sends)
		}
	}
}

// A status that Symphony never told isn't passed off as one that it told before somebody
// was gone.
func TestOfSomebodyWhoIsGoneAStatusThatWasNeverToldIsUnknown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	b.must(b.sandbox.Faults().RemoveUser(t.Context(), adele))
	p := b.as(auth.Auditor).get("/companies/" + lyondell + "/users/" + adele).want(http.StatusOK).sound()
	p.says(".answer", "Unknown because Symphony never said whether they could sign in, and doesn’t know them any more.")
}

func TestNobodyByThatIdIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	for _, path := range []string{"", "/status", "/history"} {
		browser.get("/companies/" + lyondell + "/users/" + b.unknownID() + path).want(http.StatusNotFound).sound()
	}
	browser.get("/companies/" + b.unknownID() + "/users").want(http.StatusNotFound).sound()
	browser.get("/companies/" + b.unknownID() + "/users/new").want(http.StatusNotFound).sound()
}
