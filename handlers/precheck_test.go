package handlers

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
)

// verdictRow selects the row of what was asked about.
func (p *page) verdictRow(input string) string {
	p.t.Helper()
	i := slices.Index(p.texts("#verdicts tbody tr th"), input)
	if i < 0 {
		p.t.Fatalf("nothing is said of %s: %q", input, p.texts("#verdicts tbody tr th"))
	}
	return fmt.Sprintf("#verdicts tbody tr:nth-child(%d)", i+1)
}

// group selects the head of the verdicts about which one thing is done.
func (p *page) group(words ...string) string {
	p.t.Helper()
	for i, text := range p.texts("#verdicts tbody tr") {
		is := p.find(fmt.Sprintf("#verdicts tbody tr:nth-child(%d)", i+1)).HasClass("group-row")
		for _, w := range words {
			is = is && strings.Contains(text, w)
		}
		if is {
			return fmt.Sprintf("#verdicts tbody tr:nth-child(%d)", i+1)
		}
	}
	p.t.Fatalf("there is no group %q: %q", words, p.texts("#verdicts .group-row"))
	return ""
}

const soren = "soren.oneill@lyondell.example" // whom the seed has disabled

func TestThePrecheckGivesAVerdictOnEachInput(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	for _, known := range []string{"adele.vance@lyondell.example", soren} {
		browser.get("/find?q=" + known).want(http.StatusSeeOther) // so that Foyer has seen them
	}
	form := browser.get("/precheck").want(http.StatusOK).sound()

	p := browser.submit(form, "#precheck-form", url.Values{
		"email": {"adele.vance@lyondell.example, new@lyondell.example\nsomeone@corporate.example; nobody@unheard.example\n<b class=\"canary\">&\"\n" + soren + ", someone@northwind.example old.hand@lyondell.example jane@gmail.com lyondell.example"},
	}).want(http.StatusOK).sound()

	for input, words := range map[string][]string{
		"adele.vance@lyondell.example": {"Yours and active", "Lyondell Trading", "Open Adele Vance", "can sign in", "status active"},
		soren:                          {"Yours but disabled", "Lyondell Trading", "Enable Søren O’Neill", "can’t sign in"},
		"new@lyondell.example":         {"Domain known, person not", "Lyondell Trading", "domain of Lyondell Trading", "nobody is known by this address", "Login service (127.0.0.1", "UTC"},
		"someone@corporate.example":    {"On Symphony elsewhere", "corporate.symphony.com", "a tenant of its own", "Ask their administrator", "don’t create a second account"},
		"someone@northwind.example":    {"On Symphony elsewhere", "northwind.on.symphony.com", "another partner sponsors it", "Ask Symphony which partner"},
		"old.hand@lyondell.example":    {"On Symphony elsewhere", "lyondell-legacy.symphony.com", "found this person"},
		"nobody@unheard.example":       {"Free", "That proves nothing"},
		"jane@gmail.com":               {"Can’t tell", "public e-mail service"},
		"lyondell.example":             {"Domain of yours", "Lyondell Trading"},
		`<b class="canary">&"`:         {"Not understood", "Correct it"},
	} {
		p.says(p.verdictRow(input), words...)
	}
	if href := p.find(p.verdictRow("adele.vance@lyondell.example")+" .verdict-next a").AttrOr("href", ""); href != "/companies/"+lyondell+"/users/"+adele {
		t.Errorf("the person's verdict leads to %q", href)
	}
	if got := p.text("textarea"); !strings.Contains(got, "adele.vance@lyondell.example, new@lyondell.example") {
		t.Errorf("what was typed is gone: %q", got)
	}
	if got := p.texts("#verdicts fieldset label"); len(got) != 8 || got[0] != "All 10" {
		t.Errorf("the filters are %q", got)
	}
}

func TestEachGroupOfVerdictsHasOneThingToDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	for _, known := range []string{"adele.vance@lyondell.example", soren} {
		browser.get("/find?q=" + known).want(http.StatusSeeOther)
	}
	asked := browser.post("/precheck", url.Values{"email": {
		"adele.vance@lyondell.example; " + soren + "; Day, Zoe <zoe@lyondell.example>; tom@lyondell.example; ann@oresund.example; someone@corporate.example; " +
			"jane@unheard.example; jim@unheard.example; jane@eu.lyondell.example; gmail.com",
	}}).want(http.StatusOK).sound()

	if href := asked.find(asked.group("Yours and active")+" a.btn").AttrOr("href", ""); href != "/companies/"+lyondell+"/users/"+adele {
		t.Errorf("who is active is opened at %q", href)
	}
	if href := asked.find(asked.group("Yours but disabled")+" a.btn").AttrOr("href", ""); !strings.HasSuffix(href, "/status") {
		t.Errorf("who is disabled is enabled at %q", href)
	}
	asked.says(asked.group("Öresund"), "Add 1 person to Öresund Capital", "Once Symphony has built the company.")

	p := browser.submit(asked, asked.group("Add 2 people to Lyondell Trading")+" form", nil).want(http.StatusOK).sound()
	if got := personValues(p, 0) + " " + personValues(p, 1); got != "zoe@lyondell.example|Zoe|Day tom@lyondell.example" {
		t.Errorf("the form that adds people has %q", got)
	}
	if got := p.find("[autofocus]").AttrOr("name", ""); got != "users.1.firstName" {
		t.Errorf("it opens at %q", got)
	}
	p = browser.submit(asked, asked.group("Onboard unheard.example")+" form", nil).want(http.StatusOK).sound()
	if values, _ := p.form("#company-form"); values.Get("emailDomains") != "unheard.example" || squeeze(values.Get("samples")) != "jane@unheard.example jim@unheard.example" {
		t.Errorf("the form for a new company has %v", values)
	}
	p = browser.submit(asked, asked.group("Add 1 domain to Lyondell Trading")+" form", nil).want(http.StatusOK).sound()
	if values, _ := p.form("#domains-form"); values.Get("emailDomains") != "eu.lyondell.example" {
		t.Errorf("the form for domains has %v", values)
	}
	p = browser.submit(asked, asked.group("On Symphony elsewhere")+" form", nil).want(http.StatusOK).sound()
	if strings.Contains(p.text("main"), "someone@corporate.example") || p.find("#verdicts tbody tr:not(.group-row)").Length() != 9 {
		t.Errorf("leaving them out leaves %q", p.texts("#verdicts tbody tr th"))
	}
	if got := personValues(browser.submit(p, p.group("Add 2 people to Lyondell Trading")+" form", nil), 0); got != "zoe@lyondell.example|Zoe|Day" {
		t.Errorf("after that the form that adds people has %q", got)
	}
	for _, call := range []string{"createUsers", "createCompany", "updateCompany"} {
		if n := b.calls(call); n != 0 {
			t.Errorf("Symphony was asked to %s %d times", call, n)
		}
	}
}

// Who goes on with one group comes back to the others, from wherever that leads.
func TestAPrecheckIsComeBackTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.get("/find?q=" + soren).want(http.StatusSeeOther)
	list := soren + "; Day, Zoe <zoe@lyondell.example>; jane@unheard.example; jane@eu.lyondell.example"
	asked := browser.post("/precheck", url.Values{"email": {list}}).want(http.StatusOK).sound()

	groups := asked.texts("#verdicts .group-row")
	from := map[string]*page{"the pre-check's own page": browser.get("/precheck").want(http.StatusOK)}
	for _, group := range []string{"Add 1 person to Lyondell Trading", "Onboard unheard.example", "Add 1 domain to Lyondell Trading"} {
		from[group] = browser.submit(asked, asked.group(group)+" form", nil).want(http.StatusOK).sound()
	}
	from["the page to check"] = browser.submit(from["Add 1 domain to Lyondell Trading"], "#domains-form", nil).want(http.StatusOK)
	from["the page that enables"] = browser.get(b.personPath(soren) + "/status").want(http.StatusOK)
	for name, p := range from {
		p.says("#precheck-back", "Back to the pre-check of 4")
		if back := browser.submit(p, "#precheck-back", nil).want(http.StatusOK).sound(); !slices.Equal(back.texts("#verdicts .group-row"), groups) {
			t.Errorf("from %s it leads to the groups %q, want %q", name, back.texts("#verdicts .group-row"), groups)
		}
	}

	enabled := browser.submit(from["the page that enables"], "#status-form", url.Values{"active": {"true"}, "reason": {"asked for it"}}).want(http.StatusSeeOther)
	back := browser.submit(browser.follow(enabled), "#precheck-back", nil).want(http.StatusOK)
	back.says(back.verdictRow(soren), "Yours and active")
	if strings.Contains(from["the page that enables"].text("main"), "zoe") {
		t.Error("the list is on a page that isn't the pre-check's")
	}

	browser.post("/precheck", url.Values{"email": {"gmail.com"}}).want(http.StatusOK)
	browser.get("/precheck").says("#precheck-back", "of 4")
	if other := b.as(auth.Onboarder).get("/precheck"); other.find("#precheck-back").Length() > 0 {
		t.Error("another session is led to the list")
	}
	for range 4 {
		b.clock.add(20 * time.Minute)
		browser.get("/").want(http.StatusOK)
	}
	if late := browser.get("/precheck"); late.find("#precheck-back").Length() > 0 {
		t.Error("a list that was asked about long ago is led back to")
	}
}

// Where the list can't be kept, or is kept no longer, the form asks for one.
func TestAPrecheckWithoutAListAsksForOne(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	browser.post("/precheck", url.Values{"last": {"true"}}).want(http.StatusUnprocessableEntity).sound().says(".error-summary", "Enter at least one")
}

func TestMoreThanFitAreAddedInSeveralForms(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	asked := browser.post("/precheck", url.Values{"email": {strings.ReplaceAll(manyAddresses(25), "tern.example", "lyondell.example")}}).want(http.StatusOK).sound()
	asked.says(asked.group("Domain known"), "Add 20 people to Lyondell Trading", "Add 5 more people to Lyondell Trading")
	if p := browser.submit(asked, asked.group("Domain known")+" form:nth-of-type(2)", nil).want(http.StatusOK).sound(); p.find("#people-form fieldset").Length() != 6 {
		t.Errorf("the second form has %d rows", p.find("#people-form fieldset").Length())
	}
}

func TestCompaniesOfSeveralDomainsAreOnboardedOneByOne(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	asked := browser.post("/precheck", url.Values{"email": {"a@unheard.example b@unheard.example c@another.example"}}).want(http.StatusOK).sound()
	var got []string
	for _, button := range asked.find("#verdicts form button[aria-label]").EachIter() {
		got = append(got, button.AttrOr("aria-label", ""))
	}
	if want := []string{"Onboard unheard.example", "Onboard another.example"}; !slices.Equal(got, want) {
		t.Errorf("the buttons are %q, want %q", got, want)
	}
	asked.says("#verdicts tr:contains('b@unheard.example')", "Onboard with a@unheard.example")
	if n := asked.find("#verdicts fieldset").Length(); n != 0 {
		t.Error("there is a filter of one verdict")
	}
}

func TestWhoMayNotDoItIsToldWhy(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	p := browser.post("/precheck", url.Values{"email": {"tom@lyondell.example jane@unheard.example jane@eu.lyondell.example"}}).want(http.StatusOK).sound()
	for _, words := range []string{"Add 1 person to Lyondell Trading", "Onboard unheard.example", "Add 1 domain to Lyondell Trading"} {
		p.says(p.group(words), "Needs the role")
		if p.find(p.group(words)+" form").Length() != 0 {
			t.Errorf("%s is sent all the same", words)
		}
	}
}

func TestThePrecheckOfALinkIsAskedAtOnce(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	browser.get("/companies/" + lyondell + "/users/" + adele)
	browser.get("/precheck?email="+url.QueryEscape("adele.vance@lyondell.example")).want(http.StatusOK).sound().says("tbody", "Yours and active")
	browser.get("/precheck?domain=lyondell.example").want(http.StatusOK).says("tbody", "Lyondell Trading, which you sponsor, has this domain.")
}

func TestThePrecheckRefusesNothingAndTooMuch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	for _, path := range []string{"/precheck", "/precheck.csv"} {
		for input, words := range map[string]string{
			" \n , ":                              "Enter at least one",
			manyAddresses(portal.MaxPrecheck + 1): "50 addresses or domains at most; these are 51",
		} {
			p := browser.post(path, url.Values{"email": {input}}).want(http.StatusUnprocessableEntity).sound()
			p.says(".error-summary", words).says(".field-error", words).says("head title", "Error: Pre-check")
			if got := squeeze(p.text("textarea")); got != squeeze(input) {
				t.Errorf("%s: what was typed comes back as %q", path, got)
			}
		}
	}
	if n := b.calls("podLoginInformation"); n != 0 {
		t.Errorf("Symphony was asked %d times", n)
	}
	browser.post("/precheck", url.Values{"email": {manyAddresses(portal.MaxPrecheck)}}).want(http.StatusOK)
}

func TestThePrecheckSaysWhenItCouldNotAsk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "podLoginInformation"}, Kind: sandbox.KindStatus})
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "searchDirectory"}, Kind: sandbox.KindTruncated})
	p := b.as(auth.Viewer).post("/precheck", url.Values{"email": {"a@unheard.example"}}).want(http.StatusOK).sound()
	p.says("tbody", "Can’t tell", "no answer: login service and directory search", "Ask again in a moment", "No answer: Symphony could not be read")
	again := b.as(auth.Viewer)
	b.sandbox.Faults().Clear()
	again.submit(p, p.group("Can’t tell")+" form", nil).want(http.StatusOK).says("tbody", "Free")
}

func TestThePrecheckAsAFileIsAskedAgainAndRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	browser.get("/companies/" + lyondell + "/users/" + adele)
	p := browser.post("/precheck", url.Values{"email": {"adele.vance@lyondell.example\n=1+1"}}).want(http.StatusOK)
	asked := b.calls("podLoginInformation")

	file := browser.submit(p, "#precheck-csv", nil).want(http.StatusOK)

	if got := b.calls("podLoginInformation"); got != 2*asked {
		t.Errorf("Symphony was asked %d times, want %d", got, 2*asked)
	}
	if got := file.header.Get("Content-Disposition"); got != "attachment; filename=precheck-"+b.clock.Now().UTC().Format(time.DateOnly)+".csv" {
		t.Errorf("Content-Disposition = %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, excelMark))).ReadAll()
	b.must(err)
	if len(rows) != 3 || len(rows[1]) != len(rows[0]) || rows[1][2] != "Yours and active" || rows[1][10] != "yours-active" || rows[1][12] != adele || rows[2][10] != "invalid" || rows[2][0] != "'=1+1" || rows[1][9] != b.clock.Now().UTC().Format(time.RFC3339) {
		t.Errorf("the file has %q", rows)
	}
	events := b.events(ledger.Filter{Action: ledger.Export})
	if len(events) != 1 || events[0].Note != "precheck.csv" || string(events[0].After) != `{"rows":2}` {
		t.Errorf("recorded: %+v", events)
	}
}

func TestAPrecheckSentAfterTheSessionEndedComesBackUnsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.asKnown(auth.Viewer)
	b.endSessions()
	answer := browser.post("/precheck", url.Values{"email": {"kept@unheard.example"}}).want(http.StatusUnauthorized)
	href := answer.find("main a.btn-primary").AttrOr("href", "")
	back := b.signIn(browser, href, "viewer")
	p := browser.follow(back).want(http.StatusOK).sound()
	p.says(".note", "Not sent yet").says("textarea", "kept@unheard.example")
	if p.find("tbody").Length() != 0 {
		t.Error("it was asked by itself")
	}
}

func TestAListIsPrecheckedByItsAddresses(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	p := browser.post("/precheck", url.Values{"email": {"Vorname;E-Mail\nAdele;adele.vance@lyondell.example\nBob;\n"}}).want(http.StatusOK).sound()
	p.says(p.verdictRow("Bob"), "Not understood").says("main", "Not looked at: Vorname")
	p.verdictRow("adele.vance@lyondell.example")
	p = browser.post("/precheck", url.Values{"email": {"Day, Zoe <zd@unheard.example>; \"O'Neill, Pat\" <mailto:po@unheard.example>\tq\u200b@unheard.example"}}).want(http.StatusOK).sound()
	for _, input := range []string{"zd@unheard.example", "po@unheard.example", "q@unheard.example"} {
		p.says(p.verdictRow(input), "Free")
	}
	browser.post("/precheck", url.Values{"email": {" \u00a0\u200b\n"}}).want(http.StatusUnprocessableEntity).says(".error-summary", "Enter at least one")
}

func TestAPasswordInAListIsNotShownAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "podLoginInformation"}, Kind: sandbox.KindHTML}) // so that it is offered to be asked again
	list := "Mail;Initial password\nzd@unheard.example;Xwq7-secret\n"
	if p := browser.post("/precheck", url.Values{"email": {list}}).want(http.StatusOK); strings.Contains(p.body, "Xwq7") {
		t.Error("the pre-check shows the password again")
	}
	if p := browser.post(checkPath, url.Values{"paste": {strings.Repeat(list, 21)}}).want(http.StatusUnprocessableEntity); strings.Contains(p.body, "Xwq7") {
		t.Error("the box shows the password again")
	}
}

func TestADomainBelowOneOfOursIsNotSaidToBeElsewhere(t *testing.T) {
	t.Parallel()
	p := newBench(t).as(auth.Viewer).post("/precheck", url.Values{"email": {"jane@eu.lyondell.example\nfx.eu.lyondell.example"}}).want(http.StatusOK).sound()
	for _, input := range []string{"jane@eu.lyondell.example", "fx.eu.lyondell.example"} {
		row := p.verdictRow(input)
		p.says(row, "Free", "below a domain of Lyondell Trading", "Lyondell Trading, which you sponsor, has the one above it", "add the domain to it")
		for _, lie := range []string{"not in your list", "administrator to connect you", "This domain’s people are on"} {
			if strings.Contains(p.text(row), lie) {
				t.Errorf("%s says %q", row, lie)
			}
		}
	}
}
