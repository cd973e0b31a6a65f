package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"foyer/auth"
)

// sendTooLate sends the form of a new company after the session has ended, and gives the
// page that asks to sign in again.
func (b *browser) sendTooLate() *page {
	b.t.Helper()
	b.endSessions()
	return b.post("/companies/check", newCompanyForm()).want(http.StatusUnauthorized).sound().says("main", "Nothing was changed.")
}

// signInAs follows such a page to the provider, as the person of a role, and back.
func (b *browser) signInAs(p *page, role auth.Role) *page {
	b.t.Helper()
	return b.signIn(b, p.find("main a[href*='/idp/']").AttrOr("href", ""), string(role)).want(http.StatusSeeOther)
}

// wantNothingKept checks that the form of a new company has nothing that was typed before.
func (b *browser) wantNothingKept(name string) {
	b.t.Helper()
	p := b.get("/companies/new").want(http.StatusOK)
	values, _ := p.form("#company-form")
	for field, value := range values {
		if strings.TrimSpace(value[0]) != "" {
			b.t.Errorf("%s: %s = %q, want an empty form", name, field, value[0])
		}
	}
	if strings.Contains(p.text("main"), "Not sent yet") {
		b.t.Errorf("%s: the page says that a form was not sent yet", name)
	}
}

func TestAFormThatWaitsIsItsPersonsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.asKnown(auth.Onboarder)
	asked := browser.sendTooLate().says("main", "the form comes back as you filled it")

	if p := browser.signInAs(asked, auth.Admin); p.location() != "/" {
		t.Errorf("somebody else is led to %s, want the first page", p.location())
	}
	browser.get("/").want(http.StatusOK).says("main", "The form that waited for a sign-in was somebody else’s.")

	browser.wantNothingKept("somebody else in this browser")
	browser.endSessions()
	b.signIn(browser, browser.get("/login/start").want(http.StatusSeeOther).location(), string(auth.Onboarder)).want(http.StatusSeeOther)
	browser.wantNothingKept("its person, after somebody else took their sign-in")
}

func TestAFormOfNobodyIsNotKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, lose := range map[string]func(*browser){
		"signed out in another tab": func(b *browser) { b.post("/logout", url.Values{}).want(http.StatusSeeOther) },
		"a cookie of an earlier version": func(b *browser) {
			address, err := url.Parse(publicURL)
			b.must(err)
			cookie := b.jar.Cookies(address)[0]
			cookie.Value, _, _ = strings.Cut(cookie.Value, ".")
			b.jar.SetCookies(address, []*http.Cookie{cookie})
		},
	} {
		browser := b.asKnown(auth.Onboarder)
		lose(browser)
		asked := browser.sendTooLate()
		asked.says("main", "What you filled in could not be kept: Foyer can’t tell any more whose it was.")
		if strings.Contains(asked.text("main"), "comes back") {
			t.Errorf("%s: the page promises that the form comes back", name)
		}
		browser.signInAs(asked, auth.Onboarder)
		browser.wantNothingKept(name)
	}
}

func TestAFormThatIsTooLargeToKeepSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.asKnown(auth.Onboarder)
	b.endSessions()
	p := browser.post("/companies/check", url.Values{"samples": {strings.Repeat("x", auth.MaxDraft)}}).want(http.StatusUnauthorized)
	p.says("main", "What you filled in could not be kept: it is too large.")
	browser.signInAs(p, auth.Onboarder)
	browser.wantNothingKept("too large")
}

func TestAFormThatWaitsIsShownOnItsPageAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.asKnown(auth.Onboarder)
	browser.signInAs(browser.sendTooLate(), auth.Onboarder)

	for _, page := range []string{"/precheck", lyondellDomains, addPage, statusPath} {
		if p := browser.get(page).want(http.StatusOK); strings.Contains(p.text("main"), "Not sent yet") || strings.Contains(p.body, "tern.example") {
			t.Errorf("%s shows the form of another page", page)
		}
	}
	p := browser.get("/companies/new").want(http.StatusOK).says("main", "Not sent yet")
	if values, _ := p.form("#company-form"); values.Get("vanityName") != "tern" {
		t.Errorf("the form comes back with %v", values)
	}
}

// A button that is all of a form leaves nothing to keep, and nothing is promised.
func TestAButtonAloneIsNotKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.asKnown(auth.Viewer)
	b.endSessions()
	p := browser.post("/companies/read", url.Values{}).want(http.StatusUnauthorized).says("main", "Nothing was changed.")
	for _, words := range []string{"comes back", "kept"} {
		if strings.Contains(p.text("main"), words) {
			t.Errorf("the page says %q of a form with nothing in it", words)
		}
	}
}
