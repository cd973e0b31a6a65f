package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sandbox"
)

const lyondellDomains = "/companies/" + lyondell + "/domains"

func TestDomainsAreCheckedThenAdded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)

	p := browser.get(lyondellDomains).want(http.StatusOK).sound()
	p.says(".card", "lyondell.example", "lyondell-fx.example", "2 of 10")
	p = browser.submit(p, "#domains-form", url.Values{"emailDomains": {"New.example, lyondell.example"}}).want(http.StatusOK).sound()

	if diff := cmp.Diff([]string{"Lyondell Trading", "new.example Change the new domains", "lyondell.example", "lyondell.example lyondell-fx.example"}, p.texts(".summary dd")); diff != "" {
		t.Errorf("what will be sent (-want +got):\n%s", diff)
	}
	p.says(".card-aside", "3 of 10")
	p.says(".btn-primary", "Add new.example to Lyondell Trading in SANDBOX").says("main", "Symphony’s API can’t remove a domain again")
	if b.calls("updateCompany") != 0 {
		t.Fatal("checking sends the domains")
	}

	p = browser.submit(p, "#check-form", nil).want(http.StatusSeeOther)
	browser.follow(p).says(".note-ok", "new.example was added.").says(".fact-row", "new.example")
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Succeeded}, b.outcomes(ledger.AddDomains)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestDomainsThatAreThereAlreadyAreNoError(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"lyondell.example"}}).want(http.StatusOK).sound()

	check.says(".note", "They are all there already", "nothing to add", "lyondell.example")
	if check.find("main form").Length() != 0 || check.find("main a[href='/companies/"+lyondell+"']").Length() == 0 {
		t.Error("the page has a form that would send nothing, or no way back")
	}
}

func TestInternationalDomainsAreShownInTheirOwnLetters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"Müller.example"}}).want(http.StatusOK).sound()
	check.says("#check-form .btn-primary", "Add müller.example to Lyondell").says("#check-form", "müller.example (xn--mller-kva.example)")

	page := browser.follow(browser.submit(check, "#check-form", nil).want(http.StatusSeeOther))

	page.says(".note-ok", "müller.example was added.").says(".fact-row", "müller.example (xn--mller-kva.example)")
	browser.get("/companies?q=M%C3%BCller").want(http.StatusOK).says("tbody", "Lyondell", "müller.example")
}

func TestDomainsThatCantBeAddedComeBackAsTheyWereTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)

	tests := []struct{ name, typed, says string }{
		{"none", " \n", "Enter at least one e-mail domain"},
		{"no domain", `<b class="canary">&"`, "are not domains"},
		{"public mail", "new.example outlook.com", "outlook.com is a public e-mail service"},
		{"too many", "a1.example b2.example c3.example d4.example e5.example f6.example g7.example h8.example i9.example", "Lyondell Trading has 2 and these would make 11. Nothing was sent."},
		{"another company’s of ours", "meridian.example", "meridian.example belongs to Meridian Bank, which you sponsor."},
	}
	for _, test := range tests {
		p := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {test.typed}}).want(http.StatusUnprocessableEntity).sound()
		p.says(".error-summary", test.says).says("#field-emailDomains-error", test.says)
		values, _ := p.form("#domains-form")
		if got := values.Get("emailDomains"); got != test.typed {
			t.Errorf("%s: the form comes back with %q, want %q", test.name, got, test.typed)
		}
	}
	if n := b.calls("updateCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestADomainThatSomebodyHasIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"quietharbour.example"}}).want(http.StatusOK)

	p := browser.submit(check, "#check-form", nil).want(http.StatusUnprocessableEntity).sound()

	p.says("#field-emailDomains-error", "Another company on Symphony has one of these domains already.", "Nothing was changed.")
	p.says("details", "40103", "404", "PATCH /api/v2/companies/"+lyondell)
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, b.outcomes(ledger.AddDomains)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestALostAnswerToDomainsIsSettledByReading(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"new.example"}}).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateCompany"}, Kind: sandbox.KindCloseAfter})

	p := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)

	browser.follow(p).says(".note-ok", "new.example was added.")
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}, b.outcomes(ledger.AddDomains)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestADomainThatABulkChangeLacksLeadsBackToItFromTheChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"new.example"}, "bulk": {"7"}}).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateCompany"}, Kind: sandbox.KindCloseBefore})
	if back := linkTo(browser.follow(browser.submit(check, "#check-form", nil)), "a:contains('Back to the bulk change')"); back != "/bulk/7" {
		t.Errorf("the way back is %q", back)
	}
}

func TestAnOutcomeThatStaysUnknownLeadsToTheChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"new.example"}}).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateCompany"}, Kind: sandbox.KindCloseBefore})

	p := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)

	outcomes := b.events(ledger.Filter{Action: ledger.AddDomains})
	if want := "/changes/" + outcomes[0].Change; p.location() != want {
		t.Errorf("an unknown outcome leads to %q, want %q", p.location(), want)
	}
	if slices.ContainsFunc(outcomes, func(e ledger.Event) bool { return e.Outcome == ledger.Succeeded || e.Outcome == ledger.Failed }) {
		t.Errorf("the ledger claims to know: %v", b.outcomes(ledger.AddDomains))
	}
}

func TestWhileSymphonyIsDownDomainsAreNotSentAndNotForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"new.example"}}).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanyStatus"}, Kind: sandbox.KindStatus})

	p := browser.submit(check, "#check-form", nil).want(http.StatusBadGateway).sound()

	p.says(".error-summary", "Symphony could not be read.", "Nothing was changed.")
	if values, _ := p.form("#domains-form"); values.Get("emailDomains") != "new.example" {
		t.Errorf("the form comes back with %q", values.Get("emailDomains"))
	}
	if n := b.calls("updateCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestACompanyThatTakesNoDomainsSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	for vanityName, says := range map[string]string{
		"oresund":   "This one is: Being built, 6 min.",
		"socgen":    "This one is: Failed: tenant.",
		"vega":      "This one is: TENANT_MIGRATING.",
		"concordia": "10 domains at most, and this one has them",
	} {
		p := browser.get("/companies/" + b.company(vanityName).ID + "/domains").want(http.StatusOK).sound()
		p.says(".note-ask", says)
		if p.find("#domains-form").Length() != 0 {
			t.Errorf("%s has a form", vanityName)
		}
	}
}

func TestDomainsSentAfterTheSessionEndedComeBackUnsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.asKnown(auth.Onboarder)
	b.endSessions()
	p := browser.post(lyondellDomains+"/check", url.Values{"emailDomains": {"new.example"}}).want(http.StatusUnauthorized)

	back := b.signIn(browser, p.find("main a[href*='/idp/']").AttrOr("href", ""), "onboarder")

	form := browser.follow(back).want(http.StatusOK).sound().says(".note", "Not sent yet")
	if values, _ := form.form("#domains-form"); values.Get("emailDomains") != "new.example" {
		t.Errorf("the form comes back with %q, want new.example", values.Get("emailDomains"))
	}
	if n := b.calls("updateCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}
