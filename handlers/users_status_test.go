package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sandbox"
	"foyer/sapi"
)

const (
	adelePage  = "/companies/" + lyondell + "/users/" + adele
	statusPath = adelePage + "/status"
)

// disabling is what is filled in to disable Adele.
func disabling() url.Values {
	return url.Values{"reason": {"left the firm"}, "ticket": {"HR-2231"}}
}

// toDisable is the form that disables Adele as her page sends it.
func (b *browser) toDisable() url.Values {
	b.t.Helper()
	form, _ := b.get(statusPath).want(http.StatusOK).form("#status-form")
	maps.Copy(form, disabling())
	return form
}

// disable disables Adele from her page.
func (b *browser) disable() *page {
	b.t.Helper()
	return b.post(statusPath, b.toDisable())
}

func (b *bench) statusOf(userID string) sapi.Status {
	b.t.Helper()
	u, err := b.symphony.Users.Get(b.t.Context(), lyondell, userID)
	b.must(err)
	return u.Status
}

func TestAPersonIsDisabledAndEnabledAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)

	p := browser.get(statusPath).want(http.StatusOK).sound()
	p.says("h1", "Disable Adele Vance?").says(".facts", "adele.vance@lyondell.example", "Lyondell Trading", "Active", "read just now")
	p.says("#status-form", "can’t sign in to Symphony", "chats are kept", "can be undone", "Disable in SANDBOX")
	if first := p.find("#status-form button").First(); first.Is(":not([disabled])") {
		t.Error("Enter in the ticket presses the form's first button, which is " + first.Text())
	}
	if safe := p.find("#status-form .row > :first-child"); safe.Text() != "Keep active" || safe.Is(":not([autofocus])") {
		t.Errorf("the first choice is %q, want the safe one, with the focus", safe.Text())
	}

	p = browser.follow(browser.submit(p, "#status-form", url.Values{"reason": {"left the firm"}, "ticket": {"HR-2231"}}))
	p.want(http.StatusOK).sound().says(".note-ok", "Adele Vance was disabled.", "Symphony confirmed it at", "Enable again", "See the record").says(".head", "Disabled")
	if got := b.statusOf(adele); got != sapi.StatusDisabled {
		t.Errorf("Symphony has her %s, want disabled", got)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Succeeded}, b.outcomes(ledger.DisableUser)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	if e := b.events(ledger.Filter{Action: ledger.DisableUser})[0]; e.Reason != "left the firm" || e.Ticket != "HR-2231" || e.Actor.Name != "Vera Viewer" {
		t.Errorf("the ledger has reason %q, ticket %q, actor %q", e.Reason, e.Ticket, e.Actor.Name)
	}

	back, _ := p.find(".note-ok a").First().Attr("href")
	p = browser.get(back).want(http.StatusOK).sound().says("h1", "Enable Adele Vance?")
	p = browser.follow(browser.submit(p, "#status-form", url.Values{"reason": {"came back"}}))
	p.says(".note-ok", "Adele Vance was enabled.", "Disable again").says(".head", "Active")
	if got := b.statusOf(adele); got != sapi.StatusActive {
		t.Errorf("Symphony has her %s, want active", got)
	}
}

func TestAReasonIsRequiredAndWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	tests := []struct {
		name    string
		changes url.Values
		field   string
		says    string
	}{
		{"no reason", url.Values{"reason": {"  "}, "ticket": {`<b class="canary">&"`}}, "reason", "Enter the reason."},
		{"long reason", url.Values{"reason": {strings.Repeat("x", 1001)}}, "reason", "1000 characters at most"},
		{"long ticket", url.Values{"reason": {`<b class="canary">`}, "ticket": {strings.Repeat("x", 101)}}, "ticket", "100 characters at most"},
	}
	for _, test := range tests {
		form := browser.get(statusPath)
		_, hidden := form.find("#status-form [name=formToken]").Attr("value")
		p := browser.submit(form, "#status-form", test.changes).want(http.StatusUnprocessableEntity).sound()

		p.says(".error-summary", test.says).says("#field-"+test.field+"-error", test.says).says("head title", "Error: ")
		values, _ := p.form("#status-form")
		for name, want := range test.changes {
			if got := values.Get(name); got != want[0] {
				t.Errorf("%s: the form comes back with %s %q, want %q", test.name, name, got, want[0])
			}
		}
		if p.find("[autofocus]").Length() != 1 || !hidden {
			t.Errorf("%s: %d elements want the focus, want the summary alone", test.name, p.find("[autofocus]").Length())
		}
	}
	if n := b.calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestASecondClickDisablesOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	form := browser.toDisable()

	first := browser.post(statusPath, form).want(http.StatusSeeOther)
	second := browser.post(statusPath, form).want(http.StatusSeeOther)

	if first.location() != second.location() {
		t.Errorf("the second click leads to %q, the first to %q", second.location(), first.location())
	}
	if n := b.calls("updateUser"); n != 1 {
		t.Errorf("Symphony was asked %d times, want once", n)
	}
}

// A form whose token was used for somebody else, as by a script that fills in another
// page, shows nobody's result but its own.
func TestATokenThatWasUsedForSomebodyElseIsOutOfDate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	form := browser.toDisable()
	browser.post(statusPath, form).want(http.StatusSeeOther)
	made, err := b.symphony.Users.Create(t.Context(), lyondell, []sapi.NewUser{{Email: "bo@lyondell.example", FirstName: "Bo", LastName: "Else"}})
	b.must(err)

	p := browser.post("/companies/"+lyondell+"/users/"+made.Users[0].User.ID+"/status", form).want(http.StatusUnprocessableEntity).sound()

	p.says(".error-summary", "This form is out of date. Check what it says and send it again.").says("h1", "Disable Bo")
	values, _ := p.form("#status-form")
	if values.Get("reason") != form.Get("reason") || values.Get("formToken") == form.Get("formToken") {
		t.Errorf("the form comes back with %v, want it as it was filled and with a token of its own", values)
	}
	browser.follow(browser.submit(p, "#status-form", nil)).says(".note-ok", "was disabled.")
	if n := b.calls("updateUser"); n != 2 {
		t.Errorf("Symphony was asked %d times, want once for each", n)
	}
}

func TestAStatusThatChangedMeanwhileIsSaidAndNotOverwritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	stale := browser.get(statusPath)
	b.as(auth.Admin).disable().want(http.StatusSeeOther)

	p := browser.submit(stale, "#status-form", url.Values{"reason": {"left the firm"}}).want(http.StatusConflict).sound()

	p.says(".note-ask", "The person is disabled now: Ada Admin did it at", "Nothing was sent.").says("h1", "Enable Adele Vance?")
	if values, _ := p.form("#status-form"); values.Get("reason") != "left the firm" || values.Get("seen") != "disabled" {
		t.Errorf("the form comes back with %v", values)
	}

	b.must(b.symphony.Users.SetActive(t.Context(), lyondell, adele, true))
	browser.submit(p, "#status-form", nil).want(http.StatusConflict).says(".note-ask", "The person is active now; it was not changed through Foyer.")
}

// Who tried and was refused did not do it.
func TestOnlyWhoChangedAStatusIsNamed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	stale := browser.get(statusPath)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateUser"}, Kind: sandbox.KindStatus, Status: http.StatusBadRequest, Times: 1})
	b.as(auth.Admin).disable().want(http.StatusUnprocessableEntity)
	b.must(b.symphony.Users.SetActive(t.Context(), lyondell, adele, false))

	p := browser.submit(stale, "#status-form", url.Values{"reason": {"left the firm"}}).want(http.StatusConflict)

	p.says(".note-ask", "The person is disabled now; it was not changed through Foyer.")
}

// A status that was read while a change of it is not known to be done may not last.
func TestAPersonsPageSaysThatAChangeOfThemIsNotSettled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Admin)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateUser"}, Kind: sandbox.KindCloseBefore, Times: 1})
	unknown := browser.disable().want(http.StatusSeeOther)

	p := browser.get(adelePage).want(http.StatusOK).sound()

	p.says(".note-ask", "Disable Adele Vance is not settled yet", "Ada Admin asked for it at")
	if got := p.find(".note-ask a").AttrOr("href", ""); got != unknown.location() {
		t.Errorf("the note leads to %q, want %q", got, unknown.location())
	}
}

func TestWhatSymphonyRefusesComesBackWithItsReason(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	b.fault(sandbox.Rule{
		Match: sandbox.Match{Operation: "updateUser"}, Kind: sandbox.KindStatus, Status: http.StatusBadRequest, Times: 1,
		Body: `{"status":400,"title":"Bad Request","detail":"The person <b class=canary> is protected","X-Trace-Id":"Jva4J2"}`,
	})

	p := browser.disable().want(http.StatusUnprocessableEntity).sound()

	p.says(".note-bad", "It was not done", "The person <b class=canary> is protected", "Copy all for support", "400")
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, b.outcomes(ledger.DisableUser)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	browser.follow(browser.submit(p, "#status-form", nil)).says(".note-ok", "Adele Vance was disabled.")
}

func TestWhatWasTypedIsShownWhereThereIsNoFormToHaveIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	p := browser.get(statusPath)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateUser"}, Kind: sandbox.KindRetryAfter, RetryAfter: "30", Times: 1})

	p = browser.submit(p, "#status-form", url.Values{"reason": {"left the firm"}, "ticket": {"OPS-1"}}).sound()

	p.says("main", "It was not done", "Symphony asked us to wait", "Reason, not sent", "left the firm", "Ticket, not sent", "OPS-1")
	if p.find("#status-form").Length() != 0 {
		t.Error("a status that could not be read is offered to be changed")
	}
}

func TestAnAnswerThatIsLostLeadsToThePageThatFindsOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	form := browser.toDisable()
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateUser"}, Kind: sandbox.KindCloseAfter})
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindHTML, After: 1, Times: 1})

	p := browser.follow(browser.post(statusPath, form)).want(http.StatusOK).sound()
	p.says("h1", "Disable Adele Vance").says("#change-progress", "We don’t know yet", "It may or may not have been done", "don’t do it again meanwhile", "Asked once")
	if p.find("#change-progress[hx-get][hx-trigger]").Length() != 1 || p.find("[aria-live=polite] > #change-progress").Length() != 1 || !strings.Contains(p.body, `http-equiv="refresh"`) {
		t.Error("the page doesn't ask again")
	}
	again, _ := p.find("#change-progress").Attr("hx-get")
	browser.htmx(again).want(http.StatusNoContent) // nothing new, nothing to announce
	part, _, _ := strings.Cut(again, "?")
	browser.htmx(part).want(http.StatusOK).says("#change-progress", "We don’t know yet")

	id := strings.TrimPrefix(p.request, "GET /changes/")
	b.settle(id)
	settled := browser.htmx(again).want(http.StatusOK)
	settled.says("#change-progress", "Adele Vance was disabled", "Foyer asked Symphony how it ended", "Enable again")
	if settled.find("[hx-trigger]").Length() != 0 {
		t.Error("the page goes on asking after it is settled")
	}
	if p := browser.get("/changes/" + id).sound(); strings.Contains(p.body, `http-equiv="refresh"`) {
		t.Error("the page goes on loading itself after it is settled")
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}, b.outcomes(ledger.DisableUser)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestWhatCouldNotBeReadIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	p := browser.get(statusPath)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindHTML, Times: 1})

	p = browser.submit(p, "#status-form", url.Values{"reason": {"left the firm"}}).want(http.StatusBadGateway).sound()

	p.says(".error-summary", "Symphony could not be read", "Nothing was changed")
	if values, _ := p.form("#status-form"); values.Get("reason") != "left the firm" {
		t.Errorf("the form comes back with %v", values)
	}
	if n := b.calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestAStatusFormThatCantBeOneIsABadRequest(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	for name, value := range map[string][]string{"active": {"perhaps"}, "seen": {"asleep"}} {
		form := browser.toDisable()
		form[name] = value
		browser.post(statusPath, form).want(http.StatusBadRequest)
	}
}
