package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testfault"
	"foyer/ledger"
	"foyer/views/ui"
)

// The store fails at each call in turn, once or from then on, while reading or while
// writing, and a message waits in the session: whatever a route was doing by then, it
// answers with a status and something to read.
func TestNoRouteEndsInNothingWhereverTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name    string
		onwards bool
		match   func(testfault.Call) bool
	}{
		{"one call", false, func(testfault.Call) bool { return true }},
		{"all calls from one on", true, func(testfault.Call) bool { return true }},
		{"all writing from one on", true, func(c testfault.Call) bool { return c.Writes }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			admin := b.as(auth.Admin)
			for _, r := range (&server{}).routes() {
				if r.path == "/sessions/:id/end" {
					continue // needs somebody else's
				}
				path := example(r.path)
				for n := 1; ; n++ {
					if r.path == "/logout" {
						admin = b.as(auth.Admin)
					}
					b.flash(admin)
					hit := b.faults.NthOf(n, kind.onwards, kind.match)
					p := admin.sendUncut(r.method, path)
					reached := hit()
					b.faults.Set(nil)
					if p != nil {
						answered(t, p, n)
					}
					if !reached {
						break
					}
					if n == 200 {
						t.Fatalf("%s %s makes more than 200 calls", r.method, r.path)
					}
				}
			}
		})
	}
}

// sendUncut is send, or nil where the connection was cut in the middle of a file, which
// is how half a file is told from a whole one.
func (b *browser) sendUncut(method, path string) (p *page) {
	defer func() {
		switch cause := recover(); cause {
		case nil, http.ErrAbortHandler: // compared as net/http does
		default:
			panic(cause)
		}
	}()
	return b.send(method, path, url.Values{}, nil)
}

// answered fails the test unless the answer has a status that says what happened, and a
// body or a place to go on.
func answered(t *testing.T, p *page, n int) {
	t.Helper()
	switch {
	case p.status >= 300 && p.status < 400 && p.location() != "":
	case p.status == http.StatusNoContent:
	case len(p.body) == 0:
		t.Errorf("%s = %d with nothing to read, where call %d failed", p.request, p.status, n)
	case strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && strings.Contains(p.body, "<!doctype") && !strings.Contains(p.body, "</html>"):
		t.Errorf("%s = %d with half a page, where call %d failed", p.request, p.status, n)
	}
}

// flash leaves a message in a browser's session, for its next page.
func (b *bench) flash(to *browser) {
	b.t.Helper()
	p := to.request(http.MethodGet, "/", nil)
	b.must(b.sessions.AddFlash(nil, p, ui.Flash{Text: "What was done"}))
}

func TestAChangeThatIsRefusedForAFullDiskSaysSoWithAMessageWaiting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	form := admin.get("/companies/" + lyondell + "/users/" + adele + "/status").want(http.StatusOK)
	b.flash(admin)
	b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
	p := admin.submit(form, "main form[method=post]", url.Values{"reason": {"left"}})
	p.want(http.StatusServiceUnavailable).says("main", "can’t be recorded", "Nothing was sent")
	if n := b.calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

// The same for changes that are good: each ends in an answer, whichever call fails.
func TestNoChangeEndsInNothingWhereverTheStoreFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	for n := 1; ; n++ {
		if n == 200 {
			t.Fatal("a change makes more than 200 calls")
		}
		form := admin.get("/companies/" + lyondell + "/users/" + adele + "/status").want(http.StatusOK)
		b.flash(admin)
		hit := b.faults.NthOf(n, false, func(testfault.Call) bool { return true })
		p := admin.submit(form, "main form[method=post]", url.Values{"reason": {"left"}})
		reached := hit()
		b.faults.Set(nil)
		answered(t, p, n)
		open, _, err := b.store.UnsettledChanges(t.Context(), 10)
		b.must(err)
		for _, c := range open {
			b.settle(c.ID)
		}
		if !reached {
			break
		}
	}
}

// What Symphony says is shown whether or not it can be kept, with one note that it
// isn't.
func TestPagesShowWhatSymphonySaysWhileNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/", "/companies", "/companies/" + lyondell, "/companies/" + lyondell + "/users", "/companies/" + lyondell + "/users/" + adele,
		"/find?q=lyondell-nobody@lyondell.example", "/companies/" + lyondell + "/users/" + adele + "/status",
	} {
		b := newBench(t)
		viewer := b.as(auth.Admin)
		b.clock.add(2 * time.Minute)
		b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
		p := viewer.get(path).want(http.StatusOK).sound()
		if notes := p.find("main > .note:contains('can’t keep')").Length(); notes != 1 {
			t.Errorf("%s has %d notes that it isn't kept, want one", path, notes)
		}
		if path == "/companies" {
			p.says("main", "Lyondell")
			viewer.get(path).says("main", "Lyondell", "can’t keep")
			if n := b.calls("getCompanies"); n != 1 {
				t.Errorf("Symphony was asked %d times for the same minute's companies, want once", n)
			}
		}
		b.faults.Set(nil)
		b.clock.add(2 * time.Minute)
		if viewer.get(path).find("main > .note:contains('can’t keep')").Length() > 0 {
			t.Errorf("%s says still that it isn't kept", path)
		}
	}
}

// While somebody else has the database, a page waits for it once, and shortly.
func TestPagesDontWaitForThoseWhoWrite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	b.clock.add(2 * time.Minute)
	tx, err := b.store.Begin(t.Context())
	b.must(err)
	defer func() { _ = tx.Rollback() }()
	began := time.Now()
	viewer.get("/companies/"+lyondell+"/users").want(http.StatusOK).says("main", "can’t keep")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the page took %v", took)
	}
}

// A message that waits is shown, and can't be taken away for now: that isn't waited for.
func TestAMessageDoesNotMakePagesWaitForThoseWhoWrite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	b.flash(viewer)
	tx, err := b.store.Begin(t.Context())
	b.must(err)
	began := time.Now()
	viewer.get("/shortcuts").want(http.StatusOK).says("body", "What was done")
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the page took %v", took)
	}
	b.must(tx.Rollback())
	viewer.get("/shortcuts").says("body", "What was done")
	if strings.Contains(viewer.get("/shortcuts").text("body"), "What was done") {
		t.Error("the message stays once it can be taken away")
	}
}

func TestReadinessTellsDegradedFromDown(t *testing.T) {
	t.Parallel()
	var state error
	b := newBench(t, func(o *Options) { o.Ready = func() error { return state } })
	for _, step := range []struct {
		state  error
		status int
		body   string
	}{
		{nil, http.StatusOK, "ready\n"},
		{fmt.Errorf("%w: disk full", ErrDegraded), http.StatusOK, "degraded: the store can't be written, so nothing can be changed\n"},
		{fmt.Errorf("signing: %w", ledger.ErrKey), http.StatusOK, "degraded: the ledger's key is missing here, so nothing can be recorded, changed or signed\n"},
		{errors.New("no answer"), http.StatusServiceUnavailable, "not ready\n"},
	} {
		state = step.state
		if p := b.stranger().get("/readyz"); p.status != step.status || p.body != step.body {
			t.Errorf("/readyz while %v = %d %s, want %d %s", step.state, p.status, p.body, step.status, step.body)
		}
	}
}

// The browser forgets its session all the same; whoever has the cookie besides has it
// still, and that is said.
func TestSigningOutSaysThatTheSessionCouldNotBeEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
	viewer.post("/logout", nil).want(http.StatusServiceUnavailable).says("main", "You are signed out", "can’t be written")
	if viewer.get("/").status != http.StatusSeeOther {
		t.Error("the browser still has its session")
	}
}

func TestAFileThatCannotBeRecordedSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin, auditor := b.as(auth.Admin), b.as(auth.Auditor)
	then := b.clock.Now().Add(-time.Hour)
	for _, kind := range []string{"csv", "zip"} {
		b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
		auditor.get(at(lyondellPeople+"/at."+kind, then)).want(http.StatusServiceUnavailable).says("main", "can’t be used") // who is there is kept first
		b.faults.Set(nil)
	}
	b.readPeople()
	admin.openReview()
	admin.finish().want(http.StatusSeeOther)
	b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
	pick := url.Values{"pick": {lyondell + "/" + adele}}
	for _, p := range []*page{
		auditor.get(at(lyondellPeople+"/at.csv", then)), auditor.get(at(lyondellPeople+"/at.zip", then)),
		auditor.get("/audit.csv"), auditor.get("/audit.zip"), auditor.get("/audit/1/proof.json"),
		auditor.get("/companies.csv"), auditor.get("/people.csv"), auditor.get("/people.jsonl"), auditor.get(lyondellPeople + ".csv"), auditor.get(lyondellPeople + ".jsonl"),
		admin.get("/reviews/1/export.csv"), admin.get("/reviews/1/export.zip"),
		auditor.post("/people/selected.csv", pick), auditor.post("/people/emails", pick), auditor.post("/people/selected.csv", url.Values{"all": {"match"}, "q": {"adele"}}),
		auditor.post("/precheck.csv", url.Values{"email": {adeleEmail}}),
	} {
		p.want(http.StatusServiceUnavailable).sound().says("main", "can’t be recorded, so it was not given out", "nothing leaves it without a record")
		if p.header.Get("Content-Disposition") != "" {
			t.Errorf("%s is a file", p.request)
		}
	}
	form, _ := auditor.post("/precheck.csv", url.Values{"email": {adeleEmail}}).form("main form[action='/precheck']")
	if form.Get("email") != adeleEmail {
		t.Errorf("what was asked about comes back as %q", form.Get("email"))
	}
}

// Nobody has a session that the ledger doesn't know of, so signing in waits as well: in
// words of its own.
func TestSigningInSaysThatTheStoreIsWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.faults.NthOf(1, true, func(c testfault.Call) bool { return c.Writes })
	b.stranger().get("/login").want(http.StatusOK)
	b.stranger().get("/login/start").want(http.StatusServiceUnavailable).says("main", "Foyer’s own store doesn’t answer")
}

func TestARequestThatRanOutOfTimeIsToldSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	request := viewer.request(http.MethodGet, "/companies", nil)
	ctx, cancel := context.WithDeadline(request.Context(), time.Now().Add(-time.Second))
	defer cancel()
	answer := httptest.NewRecorder()
	b.foyer.ServeHTTP(answer, request.WithContext(ctx))
	if text := answer.Body.String(); answer.Code != http.StatusServiceUnavailable || !strings.Contains(text, "Foyer’s own store doesn’t answer") || !strings.Contains(text, "</html>") {
		t.Errorf("%d %s, want a page that says so", answer.Code, text)
	}
}

func TestACompanyIsShownWhereTheDirectoryOfPeopleCantBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	viewer := b.as(auth.Viewer)
	viewer.get("/companies/" + lyondell + "/users/" + adele).want(http.StatusOK) // whose status is to be counted
	b.faults.Set(func(c testfault.Call) error {
		if strings.Contains(c.What, "FROM tally") || strings.Contains(c.What, "FROM person") {
			return testfault.ErrInjected
		}
		return nil
	})
	viewer.get("/companies/"+lyondell).want(http.StatusOK).says("main", "Lyondell Trading", "could not be read")
}

// A page that reads nothing has to say so, too: whoever fills in a form should know before.
func TestEveryPageSaysThatNothingCanBeRecorded(t *testing.T) {
	t.Parallel()
	var unwritable error
	b := newBench(t, func(o *Options) { o.Unwritable = func() error { return unwritable } })
	admin := b.as(auth.Admin)
	const note = "main > .note:contains('can’t record anything')"
	for _, path := range []string{"/shortcuts", "/audit", "/companies/new", "/reviews"} {
		unwritable = errors.New("disk full")
		admin.get(path).want(http.StatusOK).sound().says(note, "Its own store can’t be written", "changes are refused")
		unwritable = fmt.Errorf("sign: %w", ledger.ErrKey)
		admin.get(path).want(http.StatusOK).sound().says(note, "It runs without the ledger’s key", "changes are refused", "Nobody else can sign in")
		unwritable = nil
		if admin.get(path).find(note).Length() > 0 {
			t.Errorf("%s says still that nothing can be recorded", path)
		}
	}
}
