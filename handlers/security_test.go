package handlers

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// wantHeaders are on every answer, whatever it is.
var wantHeaders = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-to csp",
	"Reporting-Endpoints":          `csp="/csp-report"`,
	"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"X-Frame-Options":              "DENY",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
	"Access-Control-Allow-Origin":  "",
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	var answers []*page
	for _, r := range (&server{}).routes() {
		if r.path == "/logout" {
			continue
		}
		answers = append(answers, admin.send(r.method, example(r.path), url.Values{}, http.Header{"Origin": {publicURL}}))
	}
	css, _ := admin.get("/").find("link[rel=stylesheet]").Attr("href")
	answers = append(answers,
		admin.get("/nowhere"), admin.get(css), admin.send(http.MethodDelete, "/companies", nil, nil), admin.send("TRACE", "/", nil, nil),
		admin.send(http.MethodPost, "/companies", nil, http.Header{"Sec-Fetch-Site": {"cross-site"}}),
		admin.send(http.MethodPost, "/companies", nil, http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}),
		admin.post("/companies/check", url.Values{"name": {strings.Repeat("x", maxForm)}}),
	)
	for _, p := range answers {
		for name, want := range wantHeaders {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s = %d with %s: %q, want %q", p.request, p.status, name, got, want)
			}
		}
		static := strings.Contains(p.request, "/static/") && p.status == http.StatusOK
		if cache := p.header.Get("Cache-Control"); !static && cache != "no-store" || static && cache != "public, max-age=31536000, immutable" {
			t.Errorf("%s = %d with Cache-Control: %q", p.request, p.status, cache)
		}
		if p.status >= http.StatusInternalServerError {
			t.Errorf("%s = %d", p.request, p.status)
		}
		if leak := regexp.MustCompile(`goroutine |\.go:\d|SELECT |Bearer `).FindString(p.body); leak != "" {
			t.Errorf("%s shows %q of its inside", p.request, leak)
		}
	}
}

func TestNothingChangesThatAnotherSiteSends(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.company("lyondell")
	var admin *browser
	for _, headers := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Sec-Fetch-Site": {"same-site"}},
		{"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}},
		{"Sec-Fetch-Site": nil, "Origin": {"null"}},
	} {
		admin = b.as(auth.Admin) // whose refusals are all recorded
		for _, r := range (&server{}).routes() {
			if r.method != http.MethodPost || r.path == "/csp-report" {
				continue
			}
			b.clock.add(budgetLimits[refusals].every) // or there are too many
			p := admin.send(http.MethodPost, example(r.path), url.Values{"active": {"false"}, "reason": {"x"}}, headers)
			if p.status != http.StatusForbidden {
				t.Errorf("%s with %v = %d, want 403", p.request, headers, p.status)
			}
		}
	}
	if b.calls("updateUser")+b.calls("createCompany") > 0 {
		t.Error("Symphony was asked to change something")
	}
	events := b.events(ledger.Filter{})
	if len(events) == 0 || slices.ContainsFunc(events, func(e ledger.Event) bool {
		return e.Action != ledger.Denied || e.Code != string(ledger.FromAnotherSite)
	}) {
		t.Errorf("the ledger has %+v, want the refused forms and nothing else", events)
	}
	admin.get("/companies").want(http.StatusOK) // still signed in: sign-out didn't work either

	p := admin.send(http.MethodGet, "/companies", nil, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}})
	p.want(http.StatusForbidden)
	admin.send(http.MethodGet, "/companies", nil, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}).want(http.StatusOK)
}

func TestAParameterThatIsThereTwiceIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	for _, r := range (&server{}).routes() {
		if r.method != http.MethodGet || r.needs == public {
			continue
		}
		if p := admin.get(example(r.path) + "?page=1&page=2"); p.status != http.StatusBadRequest && p.status != http.StatusUnprocessableEntity {
			t.Errorf("GET %s with a parameter twice = %d, want it refused", r.path, p.status)
		}
	}
	admin.get("/companies/" + lyondell + "/users/statuses?uid=" + adele + "&uid=" + adele).want(http.StatusOK)
}

// A filter that is passed over would show everybody, and export them.
func TestAParameterThatCantBeReadIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	for _, path := range []string{"/people", "/people.csv", "/audit", "/audit.csv", "/companies", "/companies/" + lyondell + "/users"} {
		for _, query := range []string{"?q=%zz", "?q=100%", "?user=a;b", "?q=a;b&status="} {
			admin.get(path+query).want(http.StatusBadRequest).says("main", "‘%’ or a ‘;’")
		}
	}
}

func TestAFormWithAFieldTwiceIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.as(auth.Admin).post("/companies", url.Values{
		"name": {"One", "Other"}, "vanityName": {"one"}, "emailDomains": {"one.example"}, "formToken": {portal.NewToken()},
	})
	p.want(http.StatusBadRequest).says("main", "a field twice", "Nothing was changed")
	if n := b.calls("createCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

// Symphony never sees a path that Foyer did not mean.
func TestAnAddressWithAStrangeIDNamesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	b.company("lyondell")
	before := b.calls("getCompanyStatus") + b.calls("getUser")
	for _, id := range []string{"%2e%2e", "..%2f..%2foauth", "%00", "a%5cb", "%C0%AE", "a%0d%0ab", "f%3Fx=1", "%252e%252e", strings.Repeat("a", 10_000)} {
		for _, path := range []string{"/companies/" + id, "/companies/" + id + "/users/new", "/companies/" + lyondell + "/users/" + id, "/changes/" + id, "/audit/" + id} {
			if p := admin.get(path); p.status != http.StatusNotFound {
				t.Errorf("%.60s = %d, want 404", path, p.status)
			}
		}
		if p := admin.get("/companies/" + lyondell + "/users/statuses?uid=" + id); p.status != http.StatusBadRequest {
			t.Errorf("statuses of %.60s = %d, want 400", id, p.status)
		}
	}
	if n := b.calls("getCompanyStatus") + b.calls("getUser") - before; n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestASessionEndsAfterItsTimes(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	idle := b.as(auth.Viewer)
	b.clock.add(29 * time.Minute)
	idle.get("/shortcuts").want(http.StatusOK)
	b.clock.add(29 * time.Minute)
	idle.get("/companies").want(http.StatusOK)
	for range 4 {
		b.clock.add(8 * time.Minute)
		idle.htmx("/companies/" + lyondell + "/progress") // asked by the page itself
	}
	if p := idle.get("/companies"); p.status != http.StatusSeeOther {
		t.Errorf("a session that only polled for 32 minutes = %d, want sign-in", p.status)
	}

	used := b.as(auth.Viewer)
	for range 16 {
		used.get("/companies").want(http.StatusOK)
		b.clock.add(29 * time.Minute)
	}
	b.clock.add(17 * time.Minute)
	if p := used.get("/companies"); p.status != http.StatusSeeOther {
		t.Errorf("a session of more than eight hours = %d, want sign-in", p.status)
	}
}

func TestSigningOutEndsTheSessionHere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	stolen := &browser{bench: b, jar: viewer.jar}
	address, _ := url.Parse(publicURL)
	cookies := viewer.jar.Cookies(address)

	p := viewer.post("/logout", url.Values{})
	if p.want(http.StatusSeeOther); p.header.Get("Clear-Site-Data") == "" {
		t.Error("sign-out leaves the browser’s data")
	}
	viewer.follow(p).want(http.StatusOK).sound()

	stolen.jar.SetCookies(address, cookies)
	if p := stolen.get("/companies"); p.status != http.StatusSeeOther {
		t.Errorf("the old cookie = %d, want sign-in", p.status)
	}
	if out := b.events(ledger.Filter{Action: ledger.SignOut}); len(out) != 1 {
		t.Errorf("ledger has %d sign-outs, want 1", len(out))
	}
}

func TestAnAdministratorEndsAnotherPersonsSessionAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer, admin := b.as(auth.Viewer), b.as(auth.Admin)
	viewer.get("/companies").want(http.StatusOK)

	sessions := admin.get("/sessions").want(http.StatusOK).sound().says("main", "Vera Viewer", "Ada Admin")
	action := sessions.find("form[action*='/sessions/']").FilterFunction(func(_ int, s *goquerySelection) bool {
		return strings.Contains(s.Closest("tr").Text(), "Vera")
	}).AttrOr("action", "")
	if action == "" {
		t.Fatal("there is no way to end Vera’s session")
	}
	if p := viewer.post(action, url.Values{}); p.status == http.StatusInternalServerError {
		t.Errorf("ending one’s own session = %d", p.status)
	}

	viewer = b.as(auth.Viewer)
	action = admin.get("/sessions").find("form[action*='/sessions/']").FilterFunction(func(_ int, s *goquerySelection) bool {
		return strings.Contains(s.Closest("tr").Text(), "Vera")
	}).AttrOr("action", "")
	admin.post(action, url.Values{}).want(http.StatusSeeOther)
	if p := viewer.get("/companies"); p.status != http.StatusSeeOther {
		t.Errorf("after its session was ended, Vera’s browser = %d, want sign-in", p.status)
	}
	if ended := b.events(ledger.Filter{Action: ledger.EndSession}); len(ended) != 1 || len(ended[0].Users) != 1 || ended[0].Users[0].Name != "Vera Viewer" {
		t.Errorf("ledger = %+v, want that Ada ended Vera’s session", ended)
	}
}

func TestNobodyEndsSomebodyElsesSessionWithoutThePermission(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer, onboarder := b.as(auth.Viewer), b.as(auth.Onboarder)
	list, err := b.sessions.List(t.Context(), auth.Person{}, 1)
	b.must(err)
	for _, s := range list.Rows {
		if s.Person.Name == "Otto Onboarder" {
			viewer.post("/sessions/"+s.ID+"/end", url.Values{}).want(http.StatusForbidden)
		}
	}
	onboarder.get("/companies").want(http.StatusOK)
	if p := viewer.get("/sessions").want(http.StatusOK); strings.Contains(p.text("main"), "Otto") {
		t.Error("a viewer sees other people’s sessions")
	}
}

func TestAFormThatWasSentTooLateComesBackFilled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	onboarder := b.asKnown(auth.Onboarder)
	b.endSessions()

	p := onboarder.post("/companies", url.Values{"name": {"Öresund <b>&\" Capital"}, "vanityName": {"oresund-x"}, "emailDomains": {"oresund-x.example"}, "formToken": {"anything"}})
	p.want(http.StatusUnauthorized).sound().says("main", "Nothing was changed", "comes back")
	href := p.find("main a, .bare a").FilterFunction(func(_ int, s *goquerySelection) bool { return strings.Contains(s.AttrOr("href", ""), "/idp/") }).AttrOr("href", "")
	if href == "" {
		t.Fatalf("there is no link to the identity provider in %s", p.body)
	}
	back := b.signIn(onboarder, href, "onboarder")

	form := onboarder.follow(back).want(http.StatusOK).says("main", "Not sent yet")
	values, _ := form.form("main form")
	if values.Get("name") != "Öresund <b>&\" Capital" || values.Get("vanityName") != "oresund-x" || !strings.Contains(values.Get("emailDomains"), "oresund-x.example") {
		t.Errorf("form = %v, want what was typed", values)
	}
	if n := b.calls("createCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never: nothing is sent by itself", n)
	}
	if again := onboarder.get("/companies/new").want(http.StatusOK); strings.Contains(again.text("main"), "Not sent yet") {
		t.Error("the draft comes back twice")
	}
}

func TestSignInByTheRealProviderAndItsRoles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.stranger()
	p := browser.get("/companies?q=bank")
	if p.want(http.StatusSeeOther); !strings.HasPrefix(p.location(), "/login?return_to=") {
		t.Fatalf("without a session = %s, want /login", p.location())
	}
	login := browser.follow(p).want(http.StatusOK).sound()
	start, _ := login.find("a[href^='/login/start']").Attr("href")
	begun := browser.get(start).want(http.StatusSeeOther)

	back := b.signIn(browser, begun.location(), "viewer")
	if back.location() != "/companies?q=bank" {
		t.Errorf("sign-in leads to %s, want where it began", back.location())
	}
	browser.follow(back).want(http.StatusOK).says(".top", "viewer")
	if in := b.events(ledger.Filter{Action: ledger.SignIn}); len(in) != 1 || in[0].Outcome != ledger.Succeeded {
		t.Errorf("ledger = %+v, want the sign-in", in)
	}

	nobody := b.stranger()
	back = b.signIn(nobody, nobody.get("/login/start").want(http.StatusSeeOther).location(), "none")
	if back.location() != "/no-access" {
		t.Errorf("somebody without a role is led to %s, want /no-access", back.location())
	}
	nobody.follow(back).want(http.StatusForbidden).sound()
	nobody.get("/companies").want(http.StatusSeeOther)
}

func TestAFailedSignInIsSaidAndRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.stranger().get("/auth/callback?code=x&state=<script>alert(1)</script>")
	p.want(http.StatusBadRequest).sound().says("body", "Begin again")
	if strings.Contains(b.logs.String(), "alert(1)") {
		t.Error("the query of the callback is in the log")
	}
	if in := b.events(ledger.Filter{Action: ledger.SignIn}); len(in) != 1 || in[0].Outcome != ledger.Failed || in[0].Note != "state" {
		t.Errorf("ledger = %+v, want a failed sign-in because of its state", in)
	}
}

func TestAPanicIsAnsweredLoggedOnceAndSurvived(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.Ready = func() error { panic("of the test") } })
	p := b.stranger().get("/readyz")
	p.want(http.StatusInternalServerError).sound()
	reference := p.header.Get("X-Request-Id")
	if !regexp.MustCompile(`^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$`).MatchString(reference) || !strings.Contains(p.text("body"), reference) {
		t.Errorf("the page doesn’t show its reference %q", reference)
	}
	if n := strings.Count(b.logs.String(), "panic: of the test"); n != 1 || !strings.Contains(b.logs.String(), reference) {
		t.Errorf("the panic is logged %d times, want once with its reference", n)
	}
	b.stranger().get("/healthz").want(http.StatusOK)
}

func TestAStoreThatDoesNotAnswerLetsNobodyIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	b.must(b.store.Close())
	viewer.get("/companies").want(http.StatusServiceUnavailable)
	if !strings.Contains(b.logs.String(), "load session") {
		t.Error("nothing is logged")
	}
}

// A proxy before Foyer may have gone by the other length, and taken for the next
// request what Foyer took for the body.
func TestAConnectionEndsAfterARequestWithTwoLengths(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	server := httptest.NewServer(b.foyer)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	const body = "0\r\n\r\n"
	_, err = io.WriteString(connection, "POST /logout HTTP/1.1\r\nHost: "+address.Host+"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n"+body+
		"GET /healthz HTTP/1.1\r\nHost: "+address.Host+"\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	_ = connection.SetReadDeadline(time.Now().Add(10 * time.Second))
	answers, err := io.ReadAll(connection) // ends when the connection does
	if n := strings.Count(string(answers), "HTTP/1.1 "); err != nil || n != 1 || !strings.Contains(string(answers), "Connection: close\r\n") {
		t.Errorf("%d answers, %v: %.300s, want one, and the connection closed", n, err, answers)
	}
}

// What others pay for, in calls to Symphony or in events that stay, has an end.
func TestOneSessionCantHaveEverythingDoneForIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, has := range []struct {
		budget budget
		path   string
	}{
		{searches, "/find?q=nobody"},
		{downloads, "/companies.csv"},
		{downloads, "/people.csv"},
		{refusals, "/audit"},
		{typing, "/people?q=nobody"},
		{typing, "/companies?q=nobody"},
		{typing, "/companies/" + lyondell + "/users?q=nobody"},
		{typing, "/people/values?column=title&title=x"},
	} {
		name, path, browser := has.budget, has.path, b.as(auth.Onboarder)
		before := len(b.events(ledger.Filter{}))
		answers := map[int]int{}
		const asked = 100
		for range asked {
			answers[browser.get(path).status]++
		}
		if left := asked - answers[http.StatusTooManyRequests]; left > budgetLimits[name].burst+1 || left < budgetLimits[name].burst {
			t.Errorf("%s: %v, want %d answered and then 429", path, answers, budgetLimits[name].burst)
		}
		if events := len(b.events(ledger.Filter{})) - before; events > 3*budgetLimits[name].burst {
			t.Errorf("%s: %d events were recorded for %d requests", path, events, asked)
		}
		refused := browser.get(path).want(http.StatusTooManyRequests).says("h1", "Too many requests")
		if refused.header.Get("Retry-After") == "" {
			t.Errorf("%s: 429 without Retry-After", path)
		}
		if again := refused.find("main a:contains('Try again')").AttrOr("href", ""); again != path {
			t.Errorf("%s: ‘Try again’ leads to %q", path, again)
		}
		browser.get("/people").want(http.StatusOK) // nothing is searched for there
		b.as(auth.Onboarder).get("/companies").want(http.StatusOK)
		b.clock.add(budgetLimits[name].every)
		if p := browser.get(path); p.status == http.StatusTooManyRequests {
			t.Errorf("%s: still 429 after %v", path, budgetLimits[name].every)
		}
	}
}

func TestAnotherSiteStartsNoDownloadAndNoSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	for _, site := range []string{"cross-site", "same-site"} {
		led := http.Header{"Sec-Fetch-Site": {site}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}
		for _, r := range (&server{}).routes() {
			if r.export {
				admin.send(r.method, example(r.path)+"?at=2020-01-01", nil, led).want(http.StatusForbidden)
			}
		}
		p := b.stranger().send(http.MethodGet, "/login/start?return_to=%2Fcompanies", nil, led).want(http.StatusSeeOther)
		if p.location() != "/login?return_to=%2Fcompanies" {
			t.Errorf("signing in from a %s page leads to %q, want the page that asks", site, p.location())
		}
		framed := led.Clone()
		framed.Set("Sec-Fetch-Dest", "iframe")
		if site == "cross-site" {
			admin.send(http.MethodGet, "/companies", nil, framed).want(http.StatusForbidden)
		}
	}
	if n := len(b.events(ledger.Filter{Action: ledger.Export})); n != 0 {
		t.Errorf("%d downloads are recorded, want none", n)
	}
	b.stranger().send(http.MethodGet, "/login/start", nil, http.Header{"Sec-Fetch-Site": {"none"}}).want(http.StatusSeeOther)
}
