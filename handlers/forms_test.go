package handlers

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// tokenForm is a form that does something once, by its token.
type tokenForm struct {
	role    auth.Role
	show    func(*browser) *page // the page with the form
	form    string               // the form on it
	fill    url.Values           // what is filled in there
	changed url.Values           // something else than the page showed would be sent; nil where it shows nothing
	other   func(*browser) *page // the same about something else
	to      string               // where a button of it sends it; empty: where its own address is
	back    string               // the form in which what was typed comes back
	done    func(*bench) int     // how often it was done
}

// tokenForms are by their routes.
var tokenForms = map[string]tokenForm{
	"/companies": {
		role: auth.Onboarder, form: "#check-form", back: "#company-form",
		show: func(b *browser) *page { return b.post("/companies/check", newCompanyForm()) },
		other: func(b *browser) *page {
			return b.post("/companies/check", url.Values{"name": {"Sandpiper"}, "vanityName": {"sandpiper"}, "emailDomains": {"sandpiper.example"}})
		},
		changed: url.Values{"emailDomains": {"unchecked.example"}},
		done:    func(b *bench) int { return b.calls("createCompany") },
	},
	"/companies/:id/domains": {
		role: auth.Onboarder, form: "#check-form", back: "#domains-form",
		show: func(b *browser) *page {
			return b.post(lyondellDomains+"/check", url.Values{"emailDomains": {"new.example"}})
		},
		other: func(b *browser) *page {
			return b.post("/companies/"+b.company("meridian").ID+"/domains/check", url.Values{"emailDomains": {"new.example"}})
		},
		changed: url.Values{"emailDomains": {"new.example unchecked.example"}},
		done:    func(b *bench) int { return b.calls("updateCompany") },
	},
	"/companies/:id/users": {
		role: auth.Onboarder, form: "#check-form", back: "#people-form",
		show: func(b *browser) *page { return b.post(checkPath, row(0, "new@lyondell.example", "New", "One")) },
		other: func(b *browser) *page {
			meridian := b.company("meridian")
			return b.post("/companies/"+meridian.ID+"/users/check", row(0, "new@"+meridian.EmailDomains[0], "New", "One"))
		},
		changed: url.Values{"users.0.lastName": {"Unchecked"}},
		done:    func(b *bench) int { return b.calls("createUsers") },
	},
	"/companies/:id/users/:uid/status": {
		role: auth.Viewer, form: "#status-form", back: "#status-form", fill: disabling(),
		show: func(b *browser) *page { return b.get(statusPath) },
		other: func(b *browser) *page {
			for u, err := range b.symphony.Users.All(b.t.Context(), lyondell, 100) {
				b.must(err)
				if found, err := b.symphony.Users.Get(b.t.Context(), lyondell, u.ID); u.ID != adele && err == nil && found.Status == sapi.StatusActive {
					return b.get("/companies/" + lyondell + "/users/" + u.ID + "/status")
				}
			}
			b.t.Fatal("nobody else is active")
			return nil
		},
		changed: url.Values{"seen": {"disabled"}},
		done:    func(b *bench) int { return b.calls("updateUser") },
	},
	"/companies/:id/reviews": {
		role: auth.Auditor, form: "#review-form", back: "#review-form", fill: url.Values{"confirms": {"Bo"}},
		show:  func(b *browser) *page { return b.get(companyReviews) },
		other: func(b *browser) *page { return b.get("/companies/" + b.company("meridian").ID + "/reviews") },
		done:  func(b *bench) int { return len(b.events(ledger.Filter{Action: ledger.StartReview})) },
	},
	"/bulk": {
		role: auth.Onboarder, form: "#bulk-form", back: "#bulk-form", fill: url.Values{"paste": {"E-mail\tFirst name\tLast name\nnew@lyondell.example\tNew\tOne"}},
		show:    func(b *browser) *page { return b.get("/bulk/new?kind=create&companyId=" + lyondell) },
		other:   func(b *browser) *page { return b.get("/bulk/new?kind=enable&companyId=" + lyondell) },
		changed: url.Values{"kind": {"reconcile"}},
		done:    func(b *bench) int { return len(b.events(ledger.Filter{Action: ledger.UploadBulk})) },
	},
	"/bulk/selected": {
		role: auth.Viewer, form: "#people-selection", back: "#people-selection", to: "/bulk/selected",
		fill:  url.Values{"pick": {lyondell + "/" + adele}, "kind": {"disable"}},
		show:  func(b *browser) *page { return b.peopleTable(lyondell) },
		other: func(b *browser) *page { return b.peopleTable(b.company("meridian").ID) },
		done:  func(b *bench) int { return len(b.events(ledger.Filter{Action: ledger.UploadBulk})) },
	},
	"/bulk/:id/again": {
		role: auth.Viewer, form: "#again-form", back: "#again-form",
		show:  func(b *browser) *page { return b.endedBulk(1) },
		other: func(b *browser) *page { return b.endedBulk(2) },
		done:  func(b *bench) int { return len(b.events(ledger.Filter{Action: ledger.UploadBulk})) - 2 },
	},
	"/bulk/:id/undo": {
		role: auth.Viewer, form: "#undo-form", back: "#undo-form",
		show:  func(b *browser) *page { return b.endedBulk(1) },
		other: func(b *browser) *page { return b.endedBulk(2) },
		done:  func(b *bench) int { return len(b.events(ledger.Filter{Action: ledger.UploadBulk})) - 2 },
	},
}

// tokenless are the forms without a token, and why they need none.
var tokenless = map[string]string{
	"/symphony/ask":                  "asks again, and changes nothing",
	"/companies/read":                "reads again, and changes nothing",
	"/companies/:id/users/statuses":  "reads, and changes nothing",
	"/precheck":                      "asks, and changes nothing",
	"/precheck.csv":                  "asks, and changes nothing",
	"/companies/check":               "shows what would be sent",
	"/companies/:id/domains/check":   "shows what would be sent",
	"/companies/:id/users/check":     "shows what would be sent",
	"/companies/:id/notes":           "it changes what its page showed, or nothing",
	"/companies/:id/users/:uid/note": "it changes what its page showed, or nothing",
	"/logout":                        "what has ended can't be ended again",
	"/sessions/:id/end":              "what has ended can't be ended again",
	"/sessions/:id/end-all":          "what has ended can't be ended again",
	"/reviews/:id/decisions":         "each decision is made on the one that its page showed",
	"/reviews/:id/people/:uid":       "the decision is made on the one that its page showed",
	"/reviews/:id/finish":            "what is finished can't be finished again",
	"/reviews/:id/cancel":            "what is cancelled can't be cancelled again",
	"/people/selected.csv":           "it changes nothing",
	"/people/emails":                 "it changes nothing",
	"/people/filters":                "one of the same name is replaced by it",
	"/people/filters/:id/delete":     "what is deleted can't be deleted again",
	"/companies/:id/users/read":      "what is read once more is read",
	"/find":                          "asks, and changes nothing",
	"/bulk/:id/list":                 "it changes what its page showed, or nothing",
	"/bulk/:id/columns":              "it changes what its page showed, or nothing",
	"/bulk/:id/letters":              "it changes what its page showed, or nothing",
	"/bulk/:id/rows/:n":              "it changes what its page showed, or nothing",
	"/bulk/:id/mend":                 "it changes what its page showed, or nothing",
	"/bulk/:id/domain":               "what is mended isn't mended again",
	"/bulk/:id/decisions":            "it changes what its page showed, or nothing",
	"/bulk/:id/disabled":             "it changes what its page showed, or nothing",
	"/bulk/:id/check":                "what is checked once more is checked",
	"/bulk/:id/precheck":             "who was asked about isn't asked about again",
	"/bulk/:id/start":                "it starts the plan that its page showed, or nothing",
	"/bulk/:id/start/typed":          "it starts the plan that its page showed, or nothing",
	"/bulk/:id/pause":                "what is paused can't be paused again",
	"/bulk/:id/resume":               "what goes on can't be gone on with again",
	"/bulk/:id/stop":                 "what is stopped can't be stopped again",
	"/bulk/:id/takeback":             "what is taken back can't be taken back again",
	"/bulk/:id/discard":              "what is discarded can't be discarded again",
	"/auth/backchannel-logout":       "a server sends it",
	"/csp-report":                    "a browser sends it by itself",
}

// filled is the form as its page sends it.
func (f tokenForm) filled(p *page) (values url.Values, action string) {
	p.t.Helper()
	values, action = p.form(f.form)
	maps.Copy(values, f.fill)
	if f.to != "" {
		action = f.to
	}
	return values, action
}

// with is a form with other values.
func with(form, other url.Values) url.Values {
	changed := maps.Clone(form)
	maps.Copy(changed, other)
	return changed
}

// wantOutOfDate checks that a form was not taken, and came back as it was filled in and
// with another token, if any.
func (f tokenForm) wantOutOfDate(t *testing.T, name string, sent url.Values, p *page) {
	t.Helper()
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text("[data-error-summary]"), "This form is out of date.") {
		t.Errorf("%s: %d %q, want 422 and that the form is out of date", name, p.status, p.text("[data-error-summary]"))
		return
	}
	back, _ := p.sound().form(f.back)
	for field, value := range sent {
		switch field {
		case "formToken":
			if back.Has(field) && back.Get(field) == value[0] {
				t.Errorf("%s: the token comes back, want another one", name)
			}
		case "seen", "active":
		default:
			if back.Get(field) != value[0] {
				t.Errorf("%s: %s = %q comes back as %q", name, field, value[0], back.Get(field))
			}
		}
	}
}

// signInHere signs somebody in, in this browser.
func (b *browser) signInHere(identity auth.Identity) {
	b.t.Helper()
	answer := httptest.NewRecorder()
	_, err := b.sessions.Begin(answer, b.request(http.MethodGet, "/auth/callback", nil), identity, nil)
	b.must(err)
	b.keep(answer.Result())
}

func TestAFormIsTakenFromThePageThatShowedIt(t *testing.T) {
	t.Parallel()
	for _, r := range (&server{}).routes() {
		if r.method != http.MethodPost {
			continue
		}
		form, ok := tokenForms[r.path]
		if tokenless[r.path] != "" {
			if ok {
				t.Errorf("POST %s has a token, and needs none", r.path)
			}
			continue
		}
		t.Run(strings.ReplaceAll(r.path[1:], "/", "_"), func(t *testing.T) {
			t.Parallel()
			if !ok {
				t.Fatal("nothing says whether this form needs a token")
			}
			form.test(t, newBench(t))
		})
	}
}

func (f tokenForm) test(t *testing.T, b *bench) {
	browser, another := b.as(f.role), b.as(auth.Admin)
	values, action := f.filled(f.show(browser))
	uuid, signature, _ := strings.Cut(values.Get("formToken"), ".")
	token := func(p *page) string {
		values, _ := f.filled(p)
		return values.Get("formToken")
	}
	_, othersSignature, _ := strings.Cut(token(f.show(browser)), ".")

	for name, sent := range map[string]url.Values{
		"no token":                              with(values, url.Values{"formToken": {""}}),
		"an invented token":                     with(values, url.Values{"formToken": {portal.NewToken()}}),
		"an invented token with a signature":    with(values, url.Values{"formToken": {portal.NewToken() + "." + signature}}),
		"a token without its signature":         with(values, url.Values{"formToken": {uuid}}),
		"a token with an empty signature":       with(values, url.Values{"formToken": {uuid + "."}}),
		"a token with another one’s signature":  with(values, url.Values{"formToken": {uuid + "." + othersSignature}}),
		"another person’s token":                with(values, url.Values{"formToken": {token(f.show(another))}}),
		"the same person’s in another browser":  with(values, url.Values{"formToken": {token(f.show(b.as(f.role)))}}),
		"the token of a page of something else": with(values, url.Values{"formToken": {token(f.other(browser))}}),
		"something else than the page showed":   with(values, f.changed),
	} {
		if name == "something else than the page showed" && f.changed == nil {
			continue
		}
		f.wantOutOfDate(t, name, sent, browser.post(action, sent))
	}
	if n := f.done(b); n != 0 {
		t.Fatalf("it was done %d times, want never", n)
	}

	// A page that was open over a new sign-in is one of a session that has ended.
	browser.signInHere(b.somebody(f.role))
	back := browser.post(action, values)
	f.wantOutOfDate(t, "a page of an earlier session", values, back)
	if n := f.done(b); n != 0 {
		t.Fatalf("it was done %d times, want never", n)
	}
	if f.back != f.form {
		back = browser.submit(back, f.back, nil)
	}
	values, action = f.filled(back)
	first := browser.post(action, values).want(http.StatusSeeOther)

	// Sent once more, by a second click, after 'Back', or after a new sign-in, it leads
	// where it led.
	again := func(name string) {
		t.Helper()
		if p := browser.post(action, values); p.status != http.StatusSeeOther || p.location() != first.location() {
			t.Errorf("%s: %d to %q, want 303 to %q", name, p.status, p.location(), first.location())
		}
	}
	again("a second click")
	browser.signInHere(b.somebody(f.role))
	again("after a new sign-in")
	if f.changed != nil {
		sent := with(values, f.changed)
		f.wantOutOfDate(t, "something else with a used token", sent, browser.post(action, sent))
	}
	f.wantOutOfDate(t, "another person’s form", values, another.post(action, values))
	if n := f.done(b); n != 1 {
		t.Errorf("it was done %d times, want once", n)
	}
}
