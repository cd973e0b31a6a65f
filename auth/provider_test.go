package auth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/sandbox/idp"
)

// A provider that knows nothing of Foyer judges the whole way: in, through a
// session, and out again.
func TestSignInWithARealProvider(t *testing.T) {
	t.Parallel()
	const postLogout = "http://127.0.0.1:8080/signed-out"
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String() + "/idp"
	provider, err := idp.New(idp.Options{
		Issuer: issuer, ClientID: clientID, ClientSecret: clientSecret,
		RedirectURIs: []string{"http://127.0.0.1:8080/auth/callback"}, PostLogoutURIs: []string{postLogout},
	})
	if err != nil {
		t.Fatalf("idp.New() = %v, want no error", err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)

	store := newMemory()
	w := &world{store: store}
	roleMap := auth.RoleMap{
		auth.Viewer: {"foyer-viewer"}, auth.Onboarder: {"foyer-onboarder"}, auth.Auditor: {"foyer-auditor"}, auth.Admin: {"foyer-admin"},
	}
	w.oidc, err = auth.NewOIDC(auth.OIDCOptions{
		Store: store, Issuer: issuer, ClientID: clientID, ClientSecret: clientSecret,
		RedirectURL: "http://127.0.0.1:8080/auth/callback", PostLogoutURL: postLogout,
		RoleValues:    roleMap,
		AllowedReturn: func(path string) bool { return path == "/companies" },
	})
	if err != nil {
		t.Fatalf("NewOIDC() = %v, want no error", err)
	}
	sessions, err := auth.NewSessions(auth.SessionOptions{Store: store, Issuer: issuer, Roles: roleMap, PublicURL: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatalf("NewSessions() = %v, want no error", err)
	}
	if err := w.oidc.Check(t.Context()); err != nil {
		t.Errorf("Check() = %v, want no error", err)
	}

	for _, person := range idp.People() {
		t.Run(person.Subject, func(t *testing.T) {
			t.Parallel()
			b := newBrowser()
			query := chooseAt(t, w.start(t, b, auth.Resume{ReturnTo: "/companies?page=2"}), person.Subject)
			identity, resume, err := w.finish(t, b, query)
			if err != nil {
				t.Fatalf("Finish() = %v, want no error", err)
			}
			var roles auth.Roles
			if person.Role != "" {
				roles = auth.Roles{auth.Role(person.Role)}
			}
			want := auth.Person{Issuer: issuer, Subject: person.Subject, Name: person.Name, Email: person.Email, Roles: roles}
			if diff := cmp.Diff(want, identity.Person); diff != "" {
				t.Errorf("person (-want +got):\n%s", diff)
			}
			if time.Since(identity.AuthTime).Abs() > time.Minute || resume.ReturnTo != "/companies?page=2" {
				t.Errorf("AuthTime, ReturnTo = %v, %q; want now and /companies?page=2", identity.AuthTime, resume.ReturnTo)
			}

			b.visit(t, http.MethodGet, "/auth/callback", func(rw http.ResponseWriter, r *http.Request) {
				if _, err := sessions.Begin(rw, r, identity, resume.Draft); err != nil {
					t.Fatalf("Begin() = %v, want no error", err)
				}
			})
			session, err := sessions.Load(b.request(t, http.MethodGet, "/"))
			if err != nil || session == nil || !cmp.Equal(session.Person, want) {
				t.Errorf("Load() = %v, %v; want the person", session, err)
			}
		})
	}

	out := visitIdP(t, http.MethodGet, w.oidc.LogoutURL(t.Context()), nil)
	if got := out.Header.Get("Location"); got != postLogout {
		t.Errorf("signing out at the provider = %s to %q, want %s", out.Status, got, postLogout)
	}
}

// chooseAt is the person at the provider's page: they press a button, and the
// browser is sent back with the query that is returned.
func chooseAt(t *testing.T, sent *url.URL, subject string) url.Values {
	t.Helper()
	address := visitIdP(t, http.MethodGet, sent.String(), nil).Header.Get("Location")
	page, err := goquery.NewDocumentFromReader(visitIdP(t, http.MethodGet, resolve(t, sent, address), nil).Body)
	if err != nil {
		t.Fatalf("parse page: %v", err)
	}
	form := page.Find("form")
	values := url.Values{"request": {form.Find("[name=request]").AttrOr("value", "")}, "person": {subject}}
	next := visitIdP(t, http.MethodPost, resolve(t, sent, form.AttrOr("action", "")), values).Header.Get("Location")
	back, err := url.Parse(visitIdP(t, http.MethodGet, resolve(t, sent, next), nil).Header.Get("Location"))
	if err != nil || back.Path != "/auth/callback" {
		t.Fatalf("the provider sends back to %v, %v; want /auth/callback", back, err)
	}
	return back.Query()
}

func resolve(t *testing.T, base *url.URL, address string) string {
	t.Helper()
	u, err := base.Parse(address)
	if err != nil {
		t.Fatalf("parse %q: %v", address, err)
	}
	return u.String()
}

// visitIdP makes one request and follows no redirect.
func visitIdP(t *testing.T, method, address string, form url.Values) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}
