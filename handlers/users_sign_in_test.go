package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/sandbox"
	"foyer/views/ui"
)

const signInPath = adelePage + "/sign-in"

// results are what the checks of a page came to, by what was looked at.
func (p *page) results() map[string]string {
	p.t.Helper()
	results := map[string]string{}
	subjects, found := p.texts("#checks tbody th"), p.texts("#checks tbody td:nth-child(2)")
	for i, s := range subjects {
		results[s] = found[i]
	}
	return results
}

func TestWhomNothingKeepsFromSigningInIsToldWhereTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	href := browser.get(adelePage).find(".head a[href$='/sign-in']").AttrOr("href", "")

	p := browser.get(href).want(http.StatusOK).sound()

	p.says("h1", "Why can’t Adele Vance sign in?").says(".answer", "Can’t tell:", "Nothing that Foyer can see")
	p.says("#say", "Your account is active and your company is ready. Please sign in at https://lyondell.on.symphony.com")
	want := map[string]string{
		"Status": "Fine", "Last change": "Can’t tell", "Company": "Fine", "E-mail domain": "Fine", "Where to sign in": "Fine",
		"Login service": "Fine", "Directory search": "Fine", "Way of signing in": "Can’t tell", "Browser": "Can’t tell",
	}
	if diff := cmp.Diff(want, p.results()); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	for _, copied := range []string{p.text("#say blockquote"), "https://lyondell.on.symphony.com"} {
		if p.find("[data-copy='"+copied+"']").Length() != 1 {
			t.Errorf("%q can’t be copied", copied)
		}
	}
}

func TestWhoIsDisabledIsToldSinceWhenAndNotWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	form := browser.toDisable()
	form.Set("reason", "gross misconduct")
	browser.post(statusPath, form).want(http.StatusSeeOther)
	at := ui.UTC(b.clock.Now())

	p := browser.get(signInPath).want(http.StatusOK).sound()

	p.says(".answer", "This is why:", "Their account has been disabled since "+at)
	p.says("#say", "Your account has been disabled since "+at, "It was asked for in HR-2231.")
	p.says("#checks", "Disabled by Otto Onboarder", "gross misconduct")
	p.says("#ticket", "Adele Vance", adele, lyondell, "reference "+p.header.Get("X-Request-Id"), "Otto Onboarder")
	for _, part := range []string{"#say", "#ticket"} {
		if strings.Contains(p.text(part), "misconduct") {
			t.Errorf("%s has the reason, which is not for them: %s", part, p.text(part))
		}
	}
	if got := p.find(".head a.btn").AttrOr("href", ""); got != statusPath {
		t.Errorf("the way on leads to %q, want the enabling", got)
	}
	b.as(auth.Auditor).get(signInPath).want(http.StatusOK).sound().says(".head .forbidden", "Enable", "Needs the role")
}

func TestWhatCantBeAskedIsNeverFine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		broken []string // operations
		says   string
		cant   []string
	}{
		{"the login service", []string{"podLoginInformation"}, "not everything could", []string{"Login service"}},
		{"the directory search", []string{"searchDirectory"}, "not everything could", []string{"Directory search"}},
		{"the company", []string{"getCompanyStatus"}, "Whether their company is ready can’t be read", []string{"Company"}},
		{"the person", []string{"getUser"}, "was active when it was last read", []string{"Status"}},
		{"all of it", []string{"getUser", "getCompanyStatus", "searchDirectory", "podLoginInformation"}, "was active when it was last read", []string{"Status", "Company", "Login service", "Directory search"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			browser := b.as(auth.Viewer)
			browser.get("/companies/" + lyondell).want(http.StatusOK)
			browser.get(adelePage).want(http.StatusOK)
			b.clock.add(10 * time.Minute)
			for _, operation := range tt.broken {
				b.fault(sandbox.Rule{Match: sandbox.Match{Operation: operation}, Kind: sandbox.KindStatus, Status: http.StatusInternalServerError})
			}

			p := browser.get(signInPath).want(http.StatusOK).sound()

			p.says(".answer", "Can’t tell:", tt.says)
			results := p.results()
			for subject, result := range results {
				if slices.Contains(tt.cant, subject) && result != "Can’t tell" {
					t.Errorf("%s is %s, though it could not be asked", subject, result)
				}
			}
		})
	}
}

func TestASignInOfNobodyIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	browser.get("/companies/" + lyondell + "/users/" + b.unknownID() + "/sign-in").want(http.StatusNotFound).sound()
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindHTML})
	browser.get(signInPath).want(http.StatusBadGateway).sound()
}

func TestAnAddressThatNobodyHasCanBeAskedAbout(t *testing.T) {
	t.Parallel()
	p := newBench(t).as(auth.Viewer).get("/find?q=nobody@nowhere.example").want(http.StatusOK).sound()

	p.says(".empty", "Why can’t they sign in?")
	if got := p.find(".empty a[href='/precheck?email=nobody%40nowhere.example']").Length(); got != 1 {
		t.Errorf("%d ways lead to the pre-check of the address, want 1", got)
	}
}
