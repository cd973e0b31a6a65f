package handlers

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/internal/testdb"
	"foyer/internal/testfault"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/portal/signin"
	"foyer/sandbox"
	"foyer/sandbox/idp"
	"foyer/sapi"
	"foyer/store"
)

// The ids that every seed of the sandbox has.
const (
	lyondell = "e176c55e-6e49-4819-b982-12e0535db5f0" // a company that is ready, with 105 people
	vega     = "42cf8b74-f800-4deb-826d-ad963e15e5e8" // a company in a state that Foyer doesn't know
	adele    = "5bec2e8b-da45-46c7-9370-5669de1b1a78" // an active person of it
)

// publicURL is where the tests' browsers find Foyer. Nothing listens there:
// requests go to the handler directly.
const publicURL = "http://127.0.0.1:8080"

// excelMark is what files for spreadsheets begin with.
const excelMark = "\ufeff"

// bench is a whole Foyer for one test: the real stand-in Symphony over HTTP,
// the real store, use cases and sessions, and one clock for all of them.
type bench struct {
	t        testing.TB
	clock    *clock
	sandbox  *sandbox.Sandbox
	symphony *sapi.Client
	store    *store.DB
	file     string // the store's, on disk
	changes  *change.Engine
	bulk     *bulk.Service
	reviews  *review.Reviews
	sessions *auth.Sessions
	oidc     *auth.OIDC
	issuer   string  // the demo identity provider's
	options  Options // of its web side
	foyer    http.Handler
	logs     *logs
	faults   *testfault.Faults // of the store
	slow     *slow             // Symphony, where a test holds it
}

// newBench opens a Foyer on the sandbox's small seed. Changes are applied to
// the options of its web side.
func newBench(t testing.TB, changes ...func(*Options)) *bench {
	t.Helper()
	return newBenchOn(t, testdb.New(t), changes...)
}

// newBenchOn is newBench on databases that are there.
func newBenchOn(t testing.TB, files testdb.Files, changes ...func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{at: files.At}, logs: new(logs), faults: new(testfault.Faults), slow: new(slow), file: files.Store}
	logger := slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Foyer logged:\n%s", b.logs)
		}
	})

	standIn := http.NewServeMux()
	symphony := httptest.NewServer(standIn)
	t.Cleanup(symphony.Close)
	var err error
	b.sandbox, err = sandbox.Open(t.Context(), sandbox.Options{
		Database: files.Sandbox, Seed: sandbox.SeedSmall, Provisioning: 20 * time.Minute, Now: b.clock.Now,
	})
	b.must(err)
	b.must(b.sandbox.Faults().SetCompanyState(t.Context(), vega, "TENANT_MIGRATING", ""))
	t.Cleanup(func() { _ = b.sandbox.Close() }) // lets go of held requests before the server waits for them
	standIn.Handle("/", b.slow.hold(b.sandbox.Handler()))
	t.Cleanup(b.slow.letGo)
	provider := sync.OnceValues(func() (http.Handler, error) {
		return idp.New(idp.Options{
			Issuer: symphony.URL + "/idp", ClientID: "foyer", ClientSecret: "a secret of the tests",
			RedirectURIs: []string{publicURL + "/auth/callback"}, PostLogoutURIs: []string{publicURL + "/signed-out"}, Now: b.clock.Now,
		})
	})
	standIn.HandleFunc("/idp/", func(w http.ResponseWriter, r *http.Request) {
		handler, err := provider() // few tests need it
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	})

	b.store, err = store.Open(t.Context(), "sqlite:"+files.Store, store.Options{
		Now: b.clock.Now, Version: "test", KeyFile: filepath.Join(t.TempDir(), "audit.key"), Connector: b.faults.Connector,
	})
	b.must(err)
	t.Cleanup(func() { _ = b.store.Close() })
	b.symphony, err = sapi.New(sapi.Options{
		BaseURL: symphony.URL, TokenURL: symphony.URL + "/oauth/token", LoginURL: symphony.URL,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID,
		MaxTries: 1, // what is tried again is tested where it is done; here a fault shows at once
	})
	b.must(err)
	recorded := activity.New(b.store)
	read := directory.New(directory.Options{
		Symphony: b.symphony, Store: b.store, People: b.store, Statuses: b.store, Activity: recorded, Scheduler: nothingLater{}, Now: b.clock.Now, Busy: time.Minute, Logger: logger,
	})
	prechecks := precheck.New(precheck.Options{Symphony: b.symphony, Directory: read, Ledger: b.store, Now: b.clock.Now})
	b.bulk = bulk.New(bulk.Options{Store: b.store, Directory: read, Symphony: b.symphony, Precheck: prechecks, Scheduler: nothingLater{}, Now: b.clock.Now, Logger: logger})
	b.changes = change.New(change.Options{
		Moved:    b.bulk.Moved,
		Symphony: b.symphony, Store: b.store, Directory: read, Scheduler: nothingLater{}, Gate: portal.Gate{Ledger: b.store}, Now: b.clock.Now, Logger: logger,
	})
	b.bulk.Engine(b.changes)
	b.reviews = review.New(review.Options{
		Store: b.store, People: b.store, Directory: read, Activity: recorded, Changes: b.changes, Scheduler: nothingLater{}, Now: b.clock.Now,
	})
	b.issuer = symphony.URL + "/idp"
	b.sessions, err = auth.NewSessions(auth.SessionOptions{Store: b.store, Issuer: b.issuer, Roles: roleMap, PublicURL: publicURL, Now: b.clock.Now})
	b.must(err)
	b.oidc, err = auth.NewOIDC(auth.OIDCOptions{
		Store: b.store, Issuer: b.issuer, ClientID: "foyer", ClientSecret: "a secret of the tests",
		RedirectURL: publicURL + "/auth/callback", PostLogoutURL: publicURL + "/signed-out",
		RoleValues:    roleMap,
		AllowedReturn: AllowedReturn, // and the real time, by which the provider's tokens are dated
	})
	b.must(err)

	address, err := url.Parse(publicURL)
	b.must(err)
	options := Options{
		Directory: read, Changes: b.changes, Bulk: b.bulk, Reviews: b.reviews, Activity: recorded,
		Signin:   signin.New(signin.Options{Symphony: b.symphony, Directory: read, Changes: b.changes, Now: b.clock.Now}),
		Precheck: prechecks,
		Sessions: b.sessions, OIDC: b.oidc, Logger: logger, Ready: func() error { return nil },
		Environment: Sandbox, PublicURL: address, PartnerID: sandbox.PartnerID, Version: "test", Now: b.clock.Now,
		Patience: time.Minute,
	}
	for _, change := range changes {
		change(&options)
	}
	b.options = options
	b.foyer, err = New(options)
	b.must(err)
	return b
}

// nothingLater is a scheduler whose jobs nobody does: what is done later is tested
// where it is done.
type nothingLater struct{}

// Schedule implements portal.Scheduler.
func (nothingLater) Schedule(context.Context, portal.Tx, ...portal.Job) error { return nil }

// settle executes a change when it is due, until it is settled.
func (b *bench) settle(changeID string) {
	b.t.Helper()
	for range 100 {
		c, err := b.store.Change(b.t.Context(), changeID)
		b.must(err)
		if c.State.Settled() {
			return
		}
		b.clock.add(max(c.Due.Sub(b.clock.Now()), 0))
		_, err = b.changes.Execute(b.t.Context(), changeID)
		b.must(err)
	}
	b.t.Fatalf("change %s is not settled after 100 tries", changeID)
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// roleMap is which groups of the identity provider give which role.
var roleMap = auth.RoleMap{auth.Viewer: {"foyer-viewer"}, auth.Onboarder: {"foyer-onboarder"}, auth.Auditor: {"foyer-auditor"}, auth.Admin: {"foyer-admin"}}

// somebody is who signs in now with a role; none for no role.
func (b *bench) somebody(roles ...auth.Role) auth.Identity {
	name := "Olga Bright"
	if len(roles) > 0 {
		name = map[auth.Role]string{auth.Viewer: "Vera Viewer", auth.Onboarder: "Otto Onboarder", auth.Auditor: "Aida Auditor", auth.Admin: "Ada Admin"}[roles[0]]
	}
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	identity := auth.Identity{
		Person:   auth.Person{Issuer: b.issuer, Subject: "sub-" + first, Name: name, Email: first + "@partner.example"},
		AuthTime: b.clock.Now(),
	}
	for _, role := range roles {
		identity.RoleValues = append(identity.RoleValues, roleMap[role]...)
	}
	return identity
}

// as opens a browser in which a person with these roles has signed in.
func (b *bench) as(roles ...auth.Role) *browser {
	b.t.Helper()
	return b.begin(b.somebody(roles...))
}

// asKnown is as for the person of the identity provider's with a role, who can sign in
// again there.
func (b *bench) asKnown(role auth.Role) *browser {
	b.t.Helper()
	return b.begin(b.known(role))
}

// known is somebody with a role whom the identity provider knows.
func (b *bench) known(role auth.Role) auth.Identity {
	identity := b.somebody(role)
	for _, p := range idp.People() {
		if p.Role == string(role) {
			identity.Person.Subject = p.Subject
		}
	}
	return identity
}

// endSessions ends everybody's session, as its timeout does.
func (b *bench) endSessions() {
	b.t.Helper()
	now := b.clock.Now()
	b.must(b.store.PurgeSessions(b.t.Context(), now.Add(time.Second), now.Add(time.Second), now.Add(-auth.LoginTimeout)))
}

// begin opens a browser in which somebody has signed in.
func (b *bench) begin(identity auth.Identity) *browser {
	b.t.Helper()
	browser := b.stranger()
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, publicURL+"/auth/callback", nil)
	_, err := b.sessions.Begin(answer, request, identity, nil)
	b.must(err)
	browser.keep(answer.Result())
	return browser
}

// stranger opens a browser in which nobody has signed in.
func (b *bench) stranger() *browser {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	b.must(err)
	return &browser{bench: b, jar: jar}
}

// fault has Symphony misbehave.
func (b *bench) fault(r sandbox.Rule) {
	b.t.Helper()
	_, err := b.sandbox.Faults().Add(r)
	b.must(err)
}

// events lists the ledger, oldest first.
func (b *bench) events(f ledger.Filter) []ledger.Event {
	b.t.Helper()
	events, err := b.store.Events(b.t.Context(), f, ledger.Page{Limit: 1000})
	b.must(err)
	slices.Reverse(events)
	return events
}

// outcomes lists how far the changes of one action have come, oldest first:
// intent, succeeded and so on.
func (b *bench) outcomes(action ledger.Action) []ledger.Outcome {
	b.t.Helper()
	var outcomes []ledger.Outcome
	for _, e := range b.events(ledger.Filter{Action: action}) {
		outcomes = append(outcomes, e.Outcome)
	}
	return outcomes
}

// company gives a company as Symphony has it, by its vanity name.
func (b *bench) company(vanityName string) sapi.Company {
	b.t.Helper()
	c, found := b.findCompany(vanityName)
	if !found {
		b.t.Fatalf("Symphony has no company with the vanity name %s", vanityName)
	}
	return c
}

func (b *bench) findCompany(vanityName string) (c sapi.Company, found bool) {
	b.t.Helper()
	companies, err := b.symphony.Companies.List(b.t.Context())
	b.must(err)
	i := slices.IndexFunc(companies, func(c sapi.Company) bool { return c.VanityName == vanityName })
	if i < 0 {
		return sapi.Company{}, false
	}
	return companies[i], true
}

// calls counts the requests of one operation that reached Symphony.
func (b *bench) calls(operation string) int {
	b.t.Helper()
	calls, err := b.sandbox.Faults().Calls(b.t.Context())
	b.must(err)
	n := 0
	for _, c := range calls {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

// browser sends requests as a browser without JavaScript does. It follows no
// redirect by itself.
type browser struct {
	*bench
	jar *cookiejar.Jar
}

// get asks for a page by its path and query.
func (b *browser) get(path string) *page {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, nil)
}

// post sends a form.
func (b *browser) post(path string, form url.Values) *page {
	b.t.Helper()
	return b.send(http.MethodPost, path, form, nil)
}

// htmx asks for a fragment as the script does.
func (b *browser) htmx(path string) *page {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, http.Header{"Hx-Request": {"true"}, "Sec-Fetch-Mode": {"cors"}})
}

// submit sends a form of a page as it was filled by the server, but for what
// the changes set; a change to nil removes the field.
func (b *browser) submit(p *page, form string, changes url.Values) *page {
	b.t.Helper()
	values, action := p.form(form)
	for name, value := range changes {
		values[name] = value
		if value == nil {
			delete(values, name)
		}
	}
	return b.post(action, values)
}

// token is one with which a page of the browser's session could show a form, where no
// page would show it.
func (b *browser) token(f kit.Form) string {
	b.t.Helper()
	signedIn, err := b.sessions.Peek(b.request(http.MethodGet, "/", nil))
	b.must(err)
	c := echo.New().NewContext(nil, nil)
	kit.SetSession(c, signedIn)
	return f.NewToken(c)
}

// follow goes where a redirect leads; the answer must be a 303.
func (b *browser) follow(p *page) *page {
	b.t.Helper()
	p.want(http.StatusSeeOther)
	return b.get(p.location())
}

func (b *browser) send(method, path string, form url.Values, header http.Header) *page {
	b.t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	request := b.request(method, path, body)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(request.Header, header)
	recorder := httptest.NewRecorder()
	b.foyer.ServeHTTP(recorder, request)
	answer := recorder.Result()
	b.keep(answer)
	return &page{t: b.t, request: method + " " + path, status: answer.StatusCode, header: answer.Header, body: recorder.Body.String()}
}

// request is one that the browser could send, with its cookies.
func (b *browser) request(method, path string, body io.Reader) *http.Request {
	b.t.Helper()
	request := httptest.NewRequestWithContext(b.t.Context(), method, publicURL+path, body)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	request.Header.Set("User-Agent", "the browser of a test")
	for _, cookie := range b.jar.Cookies(request.URL) {
		request.AddCookie(cookie)
	}
	return request
}

func (b *browser) keep(answer *http.Response) {
	b.t.Helper()
	address, err := url.Parse(publicURL)
	b.must(err)
	b.jar.SetCookies(address, answer.Cookies())
}

// page is one answer.
type page struct {
	t       testing.TB
	request string
	status  int
	header  http.Header
	body    string

	parsed *goquery.Document
}

// want ends the test when the answer has another status.
func (p *page) want(status int) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s = %d, want %d; it says: %s", p.request, p.status, status, squeeze(p.doc().Find("main, .bare, body").First().Text()))
	}
	return p
}

// location is where a redirect leads.
func (p *page) location() string { return p.header.Get("Location") }

// doc is the answer as HTML.
func (p *page) doc() *goquery.Document {
	p.t.Helper()
	if p.parsed == nil {
		var err error
		if p.parsed, err = goquery.NewDocumentFromReader(strings.NewReader(p.body)); err != nil {
			p.t.Fatalf("%s: not HTML: %v", p.request, err)
		}
	}
	return p.parsed
}

// find selects elements.
func (p *page) find(selector string) *goquery.Selection {
	p.t.Helper()
	return p.doc().Find(selector)
}

// text is the text of what a selector finds, with single spaces.
func (p *page) text(selector string) string {
	p.t.Helper()
	return squeeze(p.find(selector).Text())
}

// texts is text for each element found.
func (p *page) texts(selector string) []string {
	p.t.Helper()
	return p.find(selector).Map(func(_ int, s *goquery.Selection) string { return squeeze(s.Text()) })
}

// says fails the test unless the selector's text contains all of the words.
func (p *page) says(selector string, words ...string) *page {
	p.t.Helper()
	text := p.text(selector)
	for _, w := range words {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s: %q = %q, want it to say %q", p.request, selector, text, w)
		}
	}
	return p
}

// sound fails the test unless the page is what every page must be: one h1, the
// environment in its title, ids that occur once, no script or style inside it,
// nothing unescaped.
func (p *page) sound() *page {
	p.t.Helper()
	if n := p.find("h1").Length(); n != 1 {
		p.t.Errorf("%s has %d h1, want 1", p.request, n)
	}
	if title := p.text("head title"); !strings.Contains(title, "SANDBOX") {
		p.t.Errorf("%s has the title %q, want it to name SANDBOX", p.request, title)
	}
	seen := map[string]bool{}
	p.find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if seen[id] {
			p.t.Errorf("%s has the id %q twice", p.request, id)
		}
		seen[id] = true
	})
	if found := p.find("[style], style, script:not([src]), [onclick], [onload], [hx-on]"); found.Length() > 0 {
		p.t.Errorf("%s has a script or style inside it: %v", p.request, goquery.NodeName(found))
	}
	if p.find(".canary, main b.canary, main x-canary").Length() > 0 {
		p.t.Errorf("%s shows data unescaped", p.request)
	}
	return p
}

// form gives a form as a browser would send it, without any of its buttons, and
// where to.
func (p *page) form(selector string) (values url.Values, action string) {
	p.t.Helper()
	form := p.find(selector)
	if form.Length() != 1 || goquery.NodeName(form) != "form" {
		p.t.Fatalf("%s: %q finds %d elements, want one form; it says: %s", p.request, selector, form.Length(), p.text("main"))
	}
	values = url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, field *goquery.Selection) {
		name, _ := field.Attr("name")
		kind, _ := field.Attr("type")
		_, checked := field.Attr("checked")
		switch {
		case kind == "submit" || (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(field) == "textarea":
			values.Add(name, field.Text())
		case goquery.NodeName(field) == "select":
			values.Add(name, field.Find("option[selected]").AttrOr("value", field.Find("option").First().AttrOr("value", "")))
		default:
			values.Add(name, field.AttrOr("value", ""))
		}
	})
	return values, form.AttrOr("action", "")
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// clock is the time of a test: it goes on only when the test says so.
type clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// logs is what Foyer logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
