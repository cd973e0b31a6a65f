package handlers

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
)

func TestThePrecheckGivesAVerdictOnEachInput(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	browser.get("/companies/" + lyondell + "/users?size=20").want(http.StatusOK) // so that Foyer has seen Adele Vance
	form := browser.get("/precheck").want(http.StatusOK).sound()

	p := browser.submit(form, "#precheck-form", url.Values{
		"email": {"adele.vance@lyondell.example, new@lyondell.example\nsomeone@corporate.example; nobody@unheard.example\n<b class=\"canary\">&\""},
	}).want(http.StatusOK).sound()

	p.says("tbody tr:nth-child(1)", "adele.vance@lyondell.example", "Yours", "This person is in one of the companies")
	p.says("tbody tr:nth-child(2)", "new@lyondell.example", "Yours", "Lyondell Trading, which you sponsor, has this domain. Foyer has not seen this person in it.")
	p.says("tbody tr:nth-child(3)", "someone@corporate.example", "On corporate.symphony.com", "don’t create a second account")
	p.says("tbody tr:nth-child(4)", "Not found", "That proves nothing", "Next:", "You can go on.")
	p.says("tbody", "Not understood")
	if href := p.find("tbody tr:nth-child(1) td p a").First().AttrOr("href", ""); href != "/companies/"+lyondell+"/users/"+adele {
		t.Errorf("the person's verdict leads to %q", href)
	}
	p.says("tbody tr:nth-child(2) details", "Foyer’s list of companies was asked for lyondell.example", "domain of Lyondell Trading", "Login service (127.0.0.1", "UTC")
	if got := p.text("textarea"); !strings.Contains(got, "adele.vance@lyondell.example, new@lyondell.example") {
		t.Errorf("what was typed is gone: %q", got)
	}
}

func TestThePrecheckOfALinkIsAskedAtOnce(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	browser.get("/precheck?email="+url.QueryEscape("adele.vance@lyondell.example")).want(http.StatusOK).sound().says("tbody", "Yours")
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
	p.says("tbody", "Could not ask", "Try again in a moment", "No answer: Symphony could not be read").says(".card-head", "1 could not be asked")
}

func TestThePrecheckAsAFileIsAskedAgainAndRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	p := browser.post("/precheck", url.Values{"email": {"adele.vance@lyondell.example\n=1+1"}}).want(http.StatusOK)
	asked := b.calls("podLoginInformation")

	file := browser.submit(p, "#precheck-csv", nil).want(http.StatusOK)

	if got := b.calls("podLoginInformation"); got != 2*asked {
		t.Errorf("Symphony was asked %d times, want %d", got, 2*asked)
	}
	if got := file.header.Get("Content-Disposition"); got != `attachment; filename=precheck.csv` {
		t.Errorf("Content-Disposition = %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, excelMark))).ReadAll()
	b.must(err)
	if len(rows) != 3 || len(rows[1]) != len(rows[0]) || rows[1][2] != "Yours" || rows[2][0] != "'=1+1" || rows[1][9] != b.clock.Now().UTC().Format(time.RFC3339) {
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
	p.says("tbody tr:nth-child(1)", "adele.vance@lyondell.example").says("tbody tr:nth-child(2)", "Bob", "Not understood").says("main", "Not looked at: Vorname")
	p = browser.post("/precheck", url.Values{"email": {`Day, Zoe <zd@unheard.example>; "O'Neill, Pat" <po@unheard.example>`}}).want(http.StatusOK).sound()
	p.says("tbody tr:nth-child(1)", "zd@unheard.example").says("tbody tr:nth-child(2)", "po@unheard.example")
	browser.post("/precheck", url.Values{"email": {" \u00a0\u200b\n"}}).want(http.StatusUnprocessableEntity).says(".error-summary", "Enter at least one")
}

func TestAPasswordInAListIsNotShownAgain(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
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
	for _, row := range []string{"tbody tr:nth-child(1)", "tbody tr:nth-child(2)"} {
		p.says(row, "Below a domain of yours", "Lyondell Trading, which you sponsor, has the one above it.", "add the domain to it", "Open Lyondell Trading")
		for _, lie := range []string{"not in your list", "administrator to connect you", "This domain’s people are on"} {
			if strings.Contains(p.text(row), lie) {
				t.Errorf("%s says %q", row, lie)
			}
		}
	}
	p.says("main", "2 below a domain of yours")
}
