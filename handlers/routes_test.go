package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/ledger"
)

// example fills the parameters of a route's path with what the sandbox has.
func example(path string) string {
	return strings.NewReplacer(":uid", adele, ":seq", "1", ":n", "1", "/companies/:id", "/companies/"+lyondell, ":id", "0d1f0a52-7b52-4ab5-9f0f-000000000001", "*", "none").Replace(path)
}

// Every registered route is asked for by everybody, so that a new one can't
// escape: what the table's permission says is what happens.
func TestEveryRouteLetsThroughWhomItsPermissionSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browsers := map[string]*browser{"nobody": b.stranger(), "no role": b.as()}
	roles := map[string]auth.Roles{"nobody": nil, "no role": nil}
	for _, role := range auth.AllRoles {
		browsers[string(role)], roles[string(role)] = b.as(role), auth.Roles{role}
	}
	for _, r := range (&server{}).routes() {
		b.clock.add(5 * time.Second) // or there are too many refusals
		for who, browser := range browsers {
			if r.path == "/logout" || r.path == "/auth/callback" || r.path == "/login/start" {
				continue // they end or begin sessions, and have tests of their own
			}
			p := browser.send(r.method, example(r.path), url.Values{}, nil)
			signIn := p.status == http.StatusUnauthorized || p.status == http.StatusSeeOther && strings.HasPrefix(p.location(), "/login")
			noRole := p.status == http.StatusSeeOther && p.location() == "/no-access"
			forbidden := p.status == http.StatusForbidden
			switch {
			case r.needs == public:
				if signIn || noRole || forbidden {
					t.Errorf("%s %s as %s = %d %s, want it open to everybody", r.method, r.path, who, p.status, p.location())
				}
			case who == "nobody":
				if !signIn {
					t.Errorf("%s %s as nobody = %d %s, want sign-in", r.method, r.path, p.status, p.location())
				}
			case r.needs == anybody:
				if signIn || noRole {
					t.Errorf("%s %s as %s = %d %s, want it open to whoever has signed in", r.method, r.path, who, p.status, p.location())
				}
			case who == "no role":
				if !noRole {
					t.Errorf("%s %s without a role = %d %s, want /no-access", r.method, r.path, p.status, p.location())
				}
			case roles[who].Can(r.needs) == (forbidden || signIn || noRole):
				t.Errorf("%s %s as %s = %d %s, allowed should be %v", r.method, r.path, who, p.status, p.location(), roles[who].Can(r.needs))
			}
		}
	}
}

// The table and what Echo really serves are the same.
func TestNoRouteIsServedThatTheTableDoesNotHave(t *testing.T) {
	t.Parallel()
	address, _ := url.Parse(publicURL)
	s, err := newServer(Options{PublicURL: address})
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]bool{}
	for _, r := range s.routes() {
		table[r.method+" "+r.path] = true
		if r.needs == "" {
			t.Errorf("%s %s has no permission", r.method, r.path)
		}
		if r.method == http.MethodGet {
			table["HEAD "+r.path] = true
		}
		if r.method == http.MethodPost && r.needs != public && r.form == "" {
			t.Errorf("POST %s names no page whose form it is", r.path)
		}
	}
	for _, served := range s.echo.Routes() {
		if served.Method == echo.RouteNotFound {
			continue // what isn't there
		}
		if !table[served.Method+" "+served.Path] {
			t.Errorf("%s %s is served and not in the table", served.Method, served.Path)
		}
	}
}

// HEAD asks for no file, so none may go on record.
func TestHEADExportsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	admin := b.as(auth.Admin)
	for _, r := range (&server{}).routes() {
		if r.method != http.MethodGet {
			continue
		}
		p := admin.send(http.MethodHead, example(r.path)+"?at=2020-01-01", nil, nil)
		if r.export && (p.status != http.StatusMethodNotAllowed || p.header.Get("Allow") != http.MethodGet) {
			t.Errorf("HEAD %s = %d, Allow %q, want 405 and GET", r.path, p.status, p.header.Get("Allow"))
		}
	}
	if exports := b.events(ledger.Filter{Action: ledger.Export}); len(exports) > 0 {
		t.Errorf("recorded: %+v, want no export", exports)
	}
}

// Whatever method a path doesn't have is answered with those that it has.
func TestEveryOtherMethodIsAnsweredWithThoseThatThereAre(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"}
	s := &server{}
	for _, visitor := range []*browser{b.as(auth.Admin), b.stranger()} {
		for _, r := range s.routes() {
			path := example(r.path)
			allowed := s.allowedMethods(path)
			for _, method := range methods {
				if slices.Contains(allowed, method) {
					continue
				}
				p := visitor.send(method, path, nil, nil)
				if p.status != http.StatusMethodNotAllowed || p.header.Get("Allow") != strings.Join(allowed, ", ") {
					t.Errorf("%s %s = %d, Allow %q, want 405 and %q", method, path, p.status, p.header.Get("Allow"), allowed)
				}
			}
		}
	}
}

func TestMethodsThatSomebodyInventsHaveOneNameInTheMetrics(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{"GET": "GET", "DELETE": "DELETE", "BREW": "other", "get": "other", "": "other"} {
		if got := methodLabel(&http.Request{Method: method}); got != want {
			t.Errorf("methodLabel(%q) = %q, want %q", method, got, want)
		}
	}
}

func TestARefusedPermissionIsInTheLedgerAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.as(auth.Auditor).post("/companies/"+lyondell+"/users/"+adele+"/status", url.Values{"active": {"false"}, "reason": {"x"}})
	p.want(http.StatusForbidden).says("main", "viewer, onboarder or admin", "Nothing was changed.")
	if denied := b.events(ledger.Filter{Action: ledger.Denied}); len(denied) != 1 || denied[0].Actor.Name != "Aida Auditor" {
		t.Errorf("ledger = %+v, want one refusal of the auditor", denied)
	}
	if n := b.calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestSignInReturnsToPagesOnly(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/": true, "/companies": true, "/companies/x/users/y": true, "/audit": true, "/sessions": true,
		"/login": false, "/auth/callback": false, "/companies.csv": false, "/healthz": false, "/static/app.css": false,
		"/companies/x/progress": false, "/nowhere": false, "/companies/": false, "": false, "//evil.example": false,
	} {
		if got := AllowedReturn(path); got != want {
			t.Errorf("AllowedReturn(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestWhatIsNotThereIsSaidWithinThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Viewer).get("/nowhere").want(http.StatusNotFound).sound().says(".top", "Vera Viewer").says("main", "There is nothing here")
	stranger := b.stranger().get("/nowhere").want(http.StatusNotFound).sound()
	if stranger.find(".top").Length() > 0 {
		t.Error("somebody who has not signed in sees the top of a page")
	}
}

// Whatever a request waits for, it ends; but for files, which may be long.
func TestEveryRequestHasAnEnd(t *testing.T) {
	t.Parallel()
	address, _ := url.Parse(publicURL)
	s, err := newServer(Options{PublicURL: address})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method string
		export bool
		within time.Duration
	}{{http.MethodGet, false, time.Minute}, {http.MethodPost, false, 2 * time.Minute}, {http.MethodGet, true, 0}} {
		handle := s.authorise(route{method: test.method, path: "/healthz", export: test.export})(func(c echo.Context) error {
			until, bounded := c.Request().Context().Deadline()
			if left := time.Until(until); bounded != (test.within > 0) || bounded && (left > test.within || left < test.within/2) {
				t.Errorf("%s, export %v: it ends in %v, %v, want %v", test.method, test.export, left, bounded, test.within)
			}
			return nil
		})
		r := httptest.NewRequestWithContext(t.Context(), test.method, "/healthz", nil)
		if err := handle(s.echo.NewContext(r, httptest.NewRecorder())); err != nil {
			t.Error(err)
		}
	}
}

func TestASlashAtTheEndLeadsToThePage(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Auditor)
	for path, want := range map[string]string{
		"/companies/": "/companies", "/companies/" + lyondell + "/?tab=x": "/companies/" + lyondell + "?tab=x", "/audit/?from=2026-01-01": "/audit?from=2026-01-01",
	} {
		if got := browser.get(path).want(http.StatusMovedPermanently).location(); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"/nowhere/", "//elsewhere.example/", "/companies//", "/static/"} {
		browser.get(path).want(http.StatusNotFound)
	}
	browser.post("/precheck/", nil).want(http.StatusNotFound)
}

// Each file that leaves Foyer is an event that stays for ever.
func TestEveryExportHasABudget(t *testing.T) {
	t.Parallel()
	for _, r := range (&server{}).routes() {
		if r.export && r.budget == unlimited {
			t.Errorf("%s %s may be had as often as one likes", r.method, r.path)
		}
	}
}
