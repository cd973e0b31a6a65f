package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/sandbox"
)

func TestTheSignInPageLeadsToTheProviderAndSaysWhomOneCanBe(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) {
		o.Demo = []DemoPerson{{Name: "Vera Lindqvist", Role: "viewer"}, {Name: "Niko Mensah", Role: ""}}
	})

	p := b.stranger().get("/login?return_to=%2Fcompanies%3Fq%3Dx").want(http.StatusOK).sound()

	if got, want := p.find("main a.btn-primary").AttrOr("href", ""), "/login/start?return_to=%2Fcompanies%3Fq%3Dx"; got != want {
		t.Errorf("'Sign in' leads to %s, want %s", got, want)
	}
	p.says("main li:nth-child(1)", "Vera Lindqvist", "viewer").says("main li:nth-child(2)", "Niko Mensah", "no role")
	if outside := newBench(t).stranger().get("/login").want(http.StatusOK); strings.Contains(outside.text("main"), "invented") {
		t.Error("without invented people the page speaks of them")
	}
}

func TestSomebodyWithoutARoleIsToldWhomToAsk(t *testing.T) {
	t.Parallel()
	p := newBench(t).as().get("/no-access").want(http.StatusForbidden).sound()
	p.says("main", "You have no access to Foyer", "Olga Bright", "olga@partner.example", "ask whoever manages access", "Reference")
	if p.find("main form[method=post][action='/logout']").Length() != 1 {
		t.Error("there is no way to sign out")
	}
}

func TestTheSignedOutPageOffersToSignOutAtTheProviderToo(t *testing.T) {
	t.Parallel()
	p := newBench(t).stranger().get("/signed-out").want(http.StatusOK).sound()
	p.says("main", "You are signed out", "Sign in again", "Sign out there too")
}

func TestWhoIsSignedInIsNotToldThatTheyAreSignedOut(t *testing.T) {
	t.Parallel()
	p := newBench(t).as(auth.Viewer).get("/signed-out").want(http.StatusSeeOther)
	if got := p.location(); got != "/" {
		t.Errorf("the page leads to %s, want the first page", got)
	}
}

func TestSessionsAreOnesOwnUnlessTheRoleEndsEverybodys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer, admin := b.as(auth.Viewer), b.as(auth.Admin)
	b.as(auth.Viewer)
	b.clock.add(2 * time.Minute)

	own := viewer.get("/sessions").want(http.StatusOK).sound()
	own.says("h1", "Your sessions").says(".head-sub", "2 browsers signed in")
	if n := own.find("tbody tr").Length(); n != 2 {
		t.Errorf("a viewer sees %d sessions, want their own two", n)
	}
	if n := own.find("tbody .badge").Length(); n != 1 {
		t.Errorf("%d sessions are marked as this browser's, want 1", n)
	}

	all := admin.get("/sessions").want(http.StatusOK).sound()
	all.says(".head-sub", "3 browsers signed in", "your role shows everybody’s").says("tbody", "Vera Viewer", "vera@partner.example", "Viewer", "2 min ago", "this browser", "End and sign out")
	if n := all.find("tbody form[method=post][action^='/sessions/'][action$='/end']").Length(); n != 3 {
		t.Errorf("%d sessions can be ended, want 3", n)
	}
}

func TestTheErrorPageSaysWhatHappenedAndWhatToDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)

	missing := browser.get("/companies/00000000-0000-4000-8000-000000000000").want(http.StatusNotFound).sound()
	missing.says("main", "There is nothing here", "What to do: Check the address", "Reference "+missing.header.Get("X-Request-Id"), "Home")
	if missing.find("main a.btn-primary").Length() != 0 {
		t.Error("trying again is offered where it can't help")
	}
	b.stranger().get("/nowhere").want(http.StatusNotFound).sound().says("main", "There is nothing here", "Home")

	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindStatus, Status: http.StatusForbidden})
	refused := browser.get("/companies/" + lyondell + "/users/" + adele).want(http.StatusBadGateway).sound()
	refused.says("main", "Symphony doesn’t allow this", "Nothing was changed.").says("details", "HTTP status", "403", "Trace id", "Endpoint", "Reference", "Copy all for support")
	if href := refused.find("main a.btn-primary").AttrOr("href", ""); href != "/companies/"+lyondell+"/users/"+adele {
		t.Errorf("'Try again' leads to %q", href)
	}
}

func TestTheShortcutsAreListedForEverybody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for who, browser := range map[string]*browser{"somebody": b.as(auth.Viewer), "nobody": b.stranger()} {
		p := browser.get("/shortcuts").want(http.StatusOK).sound()
		if !strings.Contains(p.text("dl"), "Go to the search box") {
			t.Errorf("for %s the page lists %q", who, p.text("dl"))
		}
	}
}

func TestTheSessionsArePaged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	for n := range 60 {
		id := fmt.Sprintf("s%02d", n)
		b.must(b.store.CreateSession(t.Context(), auth.Session{
			ID: id, Hash: []byte(id), Person: auth.Person{Issuer: b.issuer, Subject: id, Name: "Person " + id}, CreatedAt: b.clock.Now(), SeenAt: b.clock.Now(), FormKey: []byte("key"),
		}))
	}
	first, second := admin.get("/sessions").want(http.StatusOK), admin.get("/sessions?page=2").want(http.StatusOK)
	first.says(".head-sub", "61 browsers signed in")
	if got := first.find("main tbody tr").Length(); got != auth.ListSize {
		t.Errorf("the first page has %d rows, want %d", got, auth.ListSize)
	}
	if got := second.find("main tbody tr").Length(); got != 61-auth.ListSize {
		t.Errorf("the second page has %d rows, want %d", got, 61-auth.ListSize)
	}
	first.sound().says("main .pager", "1–50 of 61")
}
