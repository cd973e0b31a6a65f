package handlers

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/internal/testfault"
	"foyer/ledger"
	"foyer/store"
)

const adeleEmail = "adele.vance@lyondell.example"

// ofDirectory are the statements that are the directory's alone.
var ofDirectory = regexp.MustCompile(`\b(person|person_index|tally|list_page|word|word_use|status_asked|started_at, next_page)\b`)

// loseDirectory removes the file of the directory of people, and none of its connections
// goes on with what it has in memory. mend is what a job does half a minute later.
func (b *bench) loseDirectory() (mend func()) {
	b.t.Helper()
	b.must(os.Remove(store.DirectoryPath(b.file)))
	b.faults.Set(func(c testfault.Call) error {
		if ofDirectory.MatchString(c.What) {
			return testfault.ErrInjected
		}
		return nil
	})
	return func() {
		b.t.Helper()
		b.faults.Set(nil)
		b.must(b.store.MendDirectory(b.t.Context()))
	}
}

// The directory is made anew within half a minute. Until then whatever needs it says so,
// and never that there is nobody.
func TestTablesAndFilesOfPeopleSayThatTheDirectoryIsBeingMadeAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	mend := b.loseDirectory()
	pick := url.Values{"pick": {lyondell + "/" + adele}}
	for _, p := range []*page{
		viewer.get("/people"), viewer.get("/people?q=adele"), viewer.get("/people.csv"), viewer.get("/people.jsonl"), viewer.get("/people/values?column=department"), viewer.get("/people/reading"),
		viewer.get("/companies/" + lyondell + "/users.csv"), viewer.get("/companies/" + lyondell + "/users?q=adele"), viewer.get("/companies/" + lyondell + "/users?status=disabled"),
		viewer.post("/people/selected.csv", pick), viewer.post("/people/emails", pick),
	} {
		p.want(http.StatusServiceUnavailable).says("main", "The directory of people can’t be used now", "anew by itself within half a minute", "Nothing else is affected", "Try again in half a minute")
		if p.header.Get("Retry-After") != "30" {
			t.Errorf("%s says to try again after %q seconds, want 30", p.request, p.header.Get("Retry-After"))
		}
		if text := p.text("main"); strings.Contains(text, "Nobody") || strings.Contains(text, "was made") {
			t.Errorf("%s says %q", p.request, text)
		}
	}
	if n := len(b.events(ledger.Filter{Action: ledger.Export})); n != 0 {
		t.Errorf("%d exports are recorded that never left", n)
	}

	mend()
	viewer.get("/people").want(http.StatusOK).says("main", "for the first time")
	b.readPeople()
	viewer.get("/people").want(http.StatusOK).says("main", "Adele")
}

// Where the directory fails and isn't found damaged or gone, nothing mends it by itself.
func TestADirectoryThatFailsIsNotSaidToBeMadeAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	b.faults.Set(func(c testfault.Call) error {
		if ofDirectory.MatchString(c.What) {
			return testfault.ErrInjected
		}
		return nil
	})
	p := viewer.get("/people").want(http.StatusServiceUnavailable).says("main", "could not use the database", "tell whoever runs Foyer")
	if strings.Contains(p.text("main"), "anew") {
		t.Errorf("it says %q", p.text("main"))
	}
}

func TestACompanysPeopleAreShownAsSymphonyListsThemWithoutTheDirectory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	mend := b.loseDirectory()
	const path = "/companies/" + lyondell + "/users"
	p := viewer.get(path + "?size=100").want(http.StatusOK).sound()
	p.says("main > .note", "can’t keep what it reads of people", "Changes are made and recorded as usual").
		says(".head-sub", "105 people").says("#people-table", "as Symphony lists them", "can’t be searched, filtered, sorted or taken as a file", "Adele Vance")
	if strings.Contains(p.text("main"), "changes are refused") {
		t.Error("it says that changes are refused")
	}
	if n := p.find("#people-table tbody tr").Length(); n != 100 {
		t.Errorf("it has %d people, want the first 100", n)
	}
	rest := viewer.get(p.find(".pager a:contains('Next')").AttrOr("href", "")).want(http.StatusOK)
	if n := rest.find("#people-table tbody tr").Length(); n != 5 || rest.find(".pager a:contains('Next')").Length() > 0 {
		t.Errorf("the next page has %d people, and one behind it: want the last 5", n)
	}
	viewer.get("/companies/"+vega+"/users").want(http.StatusOK).says("main", "The company is not ready")
	mend()
	b.readPeople()
	viewer.get(path).want(http.StatusOK).says("#people-counts", "Active")
}

func TestSearchingWithoutTheDirectoryFindsCompaniesAndAddressesAndSaysWhatItMissed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	b.loseDirectory()
	viewer.get("/find").want(http.StatusOK).sound()
	viewer.get("/find?q=lyond").want(http.StatusOK).sound().says("#companies", "Lyondell Trading").says("main", "People were not looked through", "anew by itself")
	viewer.htmx("/find/suggest?q=lyond").want(http.StatusOK).says("body", "Lyondell Trading", "People were not looked through")
	p := viewer.htmx("/find/suggest?q=adele").want(http.StatusOK).says("body", "People were not looked through")
	if strings.Contains(p.text("body"), "Nothing found") {
		t.Errorf("what is suggested says %q", p.text("body"))
	}

	for _, text := range []string{"adele", "somebody.new@lyondell.example", "somebody@nowhere.example", "b3c3f9aa-3f59-4d0b-9d5c-6a4d7f0f0000"} {
		p := viewer.get("/find?q="+text).want(http.StatusServiceUnavailable).sound().says("main", "The directory of people can’t be used now")
		if title := p.text("main .empty"); strings.Contains(title, "Nothing found") {
			t.Errorf("searching %s says %q", text, title)
		}
	}
	asked := viewer.get("/find?q=somebody.new@lyondell.example") // two pages, neither of which is kept
	if strings.Contains(asked.text("main"), "changes are refused") {
		t.Errorf("it says that changes are refused: %s", asked.text("main"))
	}
	asked.says("main", "Lyondell Trading was asked just now: nobody there has this.")
	if asked.find("main .empty a[href^='/precheck']").Length() != 1 {
		t.Errorf("the pre-check is not offered for it: %s", asked.text("main .empty"))
	}
	viewer.post("/find", url.Values{"q": {adeleEmail + ", somebody@nowhere.example"}}).want(http.StatusServiceUnavailable).says("main", "can’t be used now", "Pre-check the addresses")
	for _, exact := range []string{adeleEmail, adele} {
		if to := viewer.get("/find?q=" + exact).want(http.StatusSeeOther).location(); to != "/companies/"+lyondell+"/users/"+adele {
			t.Errorf("%s leads to %s, want to whom Symphony names", exact, to)
		}
	}
}

// Nothing but the people's own tables needs the directory.
func TestEverythingElseWorksWithoutTheDirectory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	admin := b.as(auth.Admin)
	admin.get(lyondellPage).want(http.StatusOK)
	admin.get(adelePage).want(http.StatusOK)
	b.loseDirectory()
	admin.get("/").says("main", "Nobody was counted.")
	for _, path := range []string{"/", "/companies", lyondellPage, adelePage, "/find", "/audit", "/reviews", "/precheck"} {
		admin.get(path).want(http.StatusOK).sound()
	}
	admin.note(lyondellNotes, "#notes-form", noted("Gold", "LYB", "")).want(http.StatusSeeOther)
	admin.note(adeleNote, "#note-form", url.Values{"note": {"back in May"}}).want(http.StatusSeeOther)
	form := admin.get(adelePage + "/status").want(http.StatusOK)
	admin.follow(admin.submit(form, "main form[method=post]", url.Values{"reason": {"left"}})).says("main", "disabled")
}

// Symphony knows who is there; what it says stands, beside what Foyer can't look up.
func TestAPrecheckGoesOnWithWhatSymphonySaysAndSaysThatTheDirectoryCantBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	onboarder := b.as(auth.Onboarder)
	b.loseDirectory()
	p := onboarder.post("/precheck", url.Values{"email": {adeleEmail + "\nnobody.at.all@lyondell.example"}}).want(http.StatusOK).sound()
	p.says("main", "there; Foyer’s directory can’t be read", "found this person in Lyondell Trading", "The directory of people can’t be used now", "this may be one of yours")
	if text := p.text("main"); strings.Contains(text, "not read yet") || strings.Contains(text, "has not read them") {
		t.Errorf("it says that somebody was not read: %s", text)
	}
	onboarder.post(checkPath, row(0, "new.person@lyondell.example", "New", "Person")).want(http.StatusOK).says("main", "Who is there already could not be looked up")
}
