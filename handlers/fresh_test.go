package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

// asSince is asKnown for somebody whom the identity provider saw so long ago.
func (b *bench) asSince(ago time.Duration, role auth.Role) *browser {
	b.t.Helper()
	identity := b.known(role)
	identity.AuthTime = identity.AuthTime.Add(-ago)
	return b.begin(identity)
}

// signInAgain follows a page that wants a fresh sign-in, as the person of a role.
func (b *browser) signInAgain(p *page, role string) *page {
	b.t.Helper()
	href := p.find("main a[href*='/idp/']").AttrOr("href", "")
	asked, err := url.Parse(href)
	b.must(err)
	if q := asked.Query(); q.Get("max_age") != "600" || q.Get("prompt") != "login" {
		b.t.Errorf("the provider is asked with max_age %q and prompt %q, want 600 and login", q.Get("max_age"), q.Get("prompt"))
	}
	return b.follow(b.signIn(b, href, role))
}

func TestAReviewIsFinishedAfterAFreshSignInOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.asSince(10*time.Minute+time.Second, auth.Auditor)
	aida.openReview()

	refused := aida.finish().want(http.StatusUnauthorized).sound()
	refused.says("main", "needs a sign-in of the last 10 minutes", "Nothing was changed.", "comes back as you filled it")
	if finished := b.events(ledger.Filter{Action: ledger.FinishReview}); len(finished) > 0 {
		t.Fatalf("ledger = %+v, want nothing finished", finished)
	}
	form := aida.signInAgain(refused, "auditor").want(http.StatusOK).sound().says(".note", "Not sent yet")
	if form.find("input[name=rest][checked]").Length() != 1 {
		t.Error("what was ticked did not come back")
	}
	aida.submit(form, "#finish-form", nil).want(http.StatusSeeOther)
	if finished := b.events(ledger.Filter{Action: ledger.FinishReview}); len(finished) != 1 {
		t.Errorf("ledger = %+v, want the review finished once", finished)
	}
}

func TestOtherPeoplesSessionsAreEndedAfterAFreshSignInOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin, other := b.asSince(10*time.Minute+time.Second, auth.Admin), b.asKnown(auth.Admin)
	vera, vera2 := b.as(auth.Viewer), b.as(auth.Viewer)

	page := admin.get("/sessions").want(http.StatusOK).sound()
	end := func(of, suffix string) string {
		return page.find("form[action$='"+suffix+"']").FilterFunction(func(_ int, s *goquerySelection) bool {
			return strings.Contains(s.Closest("tr").Text(), of) && !strings.Contains(s.Closest("tr").Text(), "this browser")
		}).First().AttrOr("action", "")
	}
	// One's own need nothing more, and nor does a refusal.
	admin.post(end("Ada", "/end"), url.Values{}).want(http.StatusSeeOther)
	other.get("/companies").want(http.StatusSeeOther)
	vera.post(end("Vera", "/end-all"), url.Values{}).want(http.StatusForbidden)

	for _, suffix := range []string{"/end", "/end-all"} {
		admin.post(end("Vera", suffix), url.Values{}).want(http.StatusUnauthorized).says("main", "Nothing was changed. Sign in again, then do it once more.")
	}
	vera.get("/companies").want(http.StatusOK)
	again := admin.signInAgain(admin.post(end("Vera", "/end-all"), url.Values{}), "admin").want(http.StatusOK)
	again.says("h1", "Sessions")

	admin.follow(admin.post(end("Vera", "/end-all"), url.Values{})).says("main", "2 sessions were ended.")
	for _, browser := range []*browser{vera, vera2} {
		browser.get("/companies").want(http.StatusSeeOther)
	}
	for _, suffix := range []string{"/end", "/end-all"} { // of a page that shows them still
		admin.follow(admin.post(end("Vera", suffix), url.Values{})).says("main", "The session had ended already.")
	}
	ended := b.events(ledger.Filter{Action: ledger.EndSession})
	if len(ended) != 1 || len(ended[0].Users) != 1 || ended[0].Users[0].Name != "Vera Viewer" || ended[0].Code != string(ledger.AllSessions) {
		t.Errorf("ledger = %+v, want one event for all of Vera’s sessions", ended)
	}
}

func TestWhoHasNoAccessCanSignInWithAnotherAccount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	olga := b.as()
	href := olga.get("/no-access").want(http.StatusForbidden).find("main a[href^='/login/start']").AttrOr("href", "")
	sent := olga.get(href).want(http.StatusSeeOther)
	if at, err := url.Parse(sent.location()); err != nil || at.Query().Get("prompt") != "select_account" || at.Query().Has("max_age") {
		t.Errorf("%s leads to %s, want the choice of an account", href, sent.location())
	}
	if at, err := url.Parse(olga.get("/login/start?prompt=none").location()); err != nil || at.Query().Has("prompt") {
		t.Errorf("another prompt is passed on: %v", at)
	}
}
