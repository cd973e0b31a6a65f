package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
)

// rolesOf are the roles of the browser's next request; nil also when it has no session.
func (l *lobby) rolesOf(t *testing.T, b *browser) auth.Roles {
	t.Helper()
	session, err := l.sessions.Load(b.request(t, http.MethodGet, "/"))
	if err != nil {
		t.Fatalf("Load() = %v, want no error", err)
	}
	if session == nil {
		return nil
	}
	return session.Person.Roles
}

// beginAs signs the browser in with these values of the roles claim.
func (l *lobby) beginAs(t *testing.T, b *browser, values ...string) {
	t.Helper()
	identity := vera()
	identity.RoleValues = values
	l.beginIdentity(t, b, identity)
}

// beginIdentity signs somebody in.
func (l *lobby) beginIdentity(t *testing.T, b *browser, identity auth.Identity) {
	t.Helper()
	w := httptest.NewRecorder()
	if _, err := l.sessions.Begin(w, b.request(t, http.MethodGet, "/auth/callback"), identity, nil); err != nil {
		t.Fatalf("Begin() = %v, want no error", err)
	}
	b.keep(w)
}

func TestSigningInWithOtherRolesChangesThoseOfOnesOtherBrowsers(t *testing.T) {
	t.Parallel()
	l, older, newer := newLobby(t), newBrowser(), newBrowser()
	l.beginAs(t, older, "foyer-admin", "staff")
	if got, want := l.rolesOf(t, older), (auth.Roles{auth.Admin}); !cmp.Equal(got, want) {
		t.Fatalf("roles = %v, want %v", got, want)
	}
	l.beginAs(t, newer, "foyer-viewer")
	for name, b := range map[string]*browser{"older": older, "newer": newer} {
		if got, want := l.rolesOf(t, b), (auth.Roles{auth.Viewer}); !cmp.Equal(got, want) {
			t.Errorf("the %s session has %v, want %v", name, got, want)
		}
	}
	l.beginAs(t, newer)
	if got := l.rolesOf(t, older); len(got) > 0 {
		t.Errorf("after a sign-in without a role the older session has %v, want none", got)
	}
}

func TestRolesFollowTheSettingsOfNow(t *testing.T) {
	t.Parallel()
	before, b := newLobby(t), newBrowser()
	before.beginAs(t, b, "foyer-admin", "symphony-platform")
	for _, tt := range []struct {
		name   string
		change func(*auth.SessionOptions)
		want   auth.Roles
		over   bool
	}{
		{"the group gives nothing any more", func(o *auth.SessionOptions) { o.Roles = auth.RoleMap{auth.Admin: {"others"}} }, nil, false},
		{"another of their groups does", func(o *auth.SessionOptions) { o.Roles = auth.RoleMap{auth.Auditor: {"symphony-platform"}} }, auth.Roles{auth.Auditor}, false},
		{"the provider was replaced", func(o *auth.SessionOptions) { o.Issuer = "https://other.example" }, nil, true},
	} {
		now := newLobby(t, func(o *auth.SessionOptions) { o.Store = before.store }, tt.change)
		session, err := now.sessions.Load(b.request(t, http.MethodGet, "/"))
		if err != nil || (session == nil) != tt.over || session != nil && !cmp.Equal(session.Person.Roles, tt.want) {
			t.Errorf("%s: Load() = %+v, %v, want roles %v, over: %v", tt.name, session, err, tt.want, tt.over)
		}
		if roles, known, err := now.sessions.Roles(t.Context(), "https://idp.example", "u-1"); err != nil || !known || !cmp.Equal(roles, tt.want) {
			t.Errorf("%s: Roles() = %v, %v, %v, want %v", tt.name, roles, known, err, tt.want)
		}
		if list, err := now.sessions.List(t.Context(), auth.Person{}, 1); err != nil || (list.Total == 0) != tt.over {
			t.Errorf("%s: List() = %+v, %v, want none: %v", tt.name, list, err, tt.over)
		}
	}
	if _, known, err := before.sessions.Roles(t.Context(), "https://idp.example", "nobody"); err != nil || known {
		t.Errorf("Roles() of nobody = %v, %v, want unknown", known, err)
	}
}

// Whatever the roles claim is, what gives no role is told apart for the ledger.
func TestTheRolesClaimIsReadExactlyAndBounded(t *testing.T) {
	t.Parallel()
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprint("group-", i)
	}
	many[999] = "foyer-viewer"
	for _, tt := range []struct {
		name   string
		change func(map[string]any)
		roles  auth.Roles
		want   auth.RolesClaim
	}{
		{"a list", func(map[string]any) {}, auth.Roles{auth.Viewer}, ""},
		{"a text", func(c map[string]any) { c["groups"] = "foyer-admin" }, auth.Roles{auth.Admin}, ""},
		{"among other things", func(c map[string]any) { c["groups"] = []any{7, nil, "support"} }, auth.Roles{auth.Viewer}, ""},
		{"as many as may be", func(c map[string]any) { c["groups"] = many }, auth.Roles{auth.Viewer}, ""},
		{"none that is mapped", func(c map[string]any) { c["groups"] = []string{"Foyer-viewer", " foyer-viewer"} }, nil, ""},
		{"an empty list", func(c map[string]any) { c["groups"] = []string{} }, nil, ""},
		{"none", func(c map[string]any) { delete(c, "groups") }, nil, auth.RolesClaimMissing},
		{"one of another name", func(c map[string]any) { c["Groups"] = c["groups"]; delete(c, "groups") }, nil, auth.RolesClaimMissing},
		{"said to be elsewhere", func(c map[string]any) {
			delete(c, "groups")
			c["_claim_names"] = map[string]string{"groups": "src1"}
			c["_claim_sources"] = map[string]any{"src1": map[string]string{"endpoint": "https://idp.example/groups"}}
		}, nil, auth.RolesClaimTooLong},
		{"too many", func(c map[string]any) { c["groups"] = append([]string{"one more"}, many...) }, nil, auth.RolesClaimTooLong},
		{"too long", func(c map[string]any) { c["groups"] = []string{"foyer-viewer", strings.Repeat("x", 64<<10)} }, nil, auth.RolesClaimTooLong},
		{"an object", func(c map[string]any) { c["groups"] = map[string]any{"foyer-viewer": true} }, nil, auth.RolesClaimOddType},
		{"null", func(c map[string]any) { c["groups"] = nil }, nil, auth.RolesClaimOddType},
		{"numbers", func(c map[string]any) { c["groups"] = []int{1} }, nil, auth.RolesClaimOddType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.idp.do(func() { w.idp.claims = tt.change })
			identity, err := w.signIn(t, newBrowser())
			if err != nil || !cmp.Equal(identity.Person.Roles, tt.roles) || identity.RolesClaim != tt.want {
				t.Errorf("sign-in = %v, %q, %v, want %v, %q", identity.Person.Roles, identity.RolesClaim, err, tt.roles, tt.want)
			}
		})
	}
}

// A provider that was asked for a fresh sign-in, and lets somebody in whom it saw long
// ago, is not believed; one that doesn't say when it saw them is.
func TestAFreshSignInIsOneThatTheProviderSaysIsFresh(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		authTime any // seconds ago; nil: none
		want     auth.Reason
	}{
		{"now", 0, ""},
		{"as long ago as may be, and a minute between the clocks", 660, ""},
		{"longer ago", 661, auth.ReasonStale},
		{"yesterday", 86400, auth.ReasonStale},
		{"not said", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBrowser()
			w.idp.do(func() {
				w.idp.claims = func(c map[string]any) {
					delete(c, "auth_time")
					if ago, ok := tt.authTime.(int); ok {
						c["auth_time"] = w.clock.Now().Unix() - int64(ago)
					}
				}
			})
			sent := w.start(t, b, auth.Resume{ReturnTo: "/companies", MaxAge: 10 * time.Minute})
			if q := sent.Query(); q.Get("max_age") != "600" || q.Get("prompt") != "login" {
				t.Errorf("max_age, prompt = %q, %q, want 600, login", q.Get("max_age"), q.Get("prompt"))
			}
			_, resume, err := w.finish(t, b, w.idp.authorize(t, sent))
			if tt.want == "" {
				if err != nil {
					t.Errorf("Finish() = %v, want no error", err)
				}
				return
			}
			wantReason(t, err, tt.want)
			if resume.ReturnTo != "/companies" {
				t.Errorf("ReturnTo = %q, want what to go on with", resume.ReturnTo)
			}
		})
	}
}

func TestASessionIsAsOldAsTheProviderSays(t *testing.T) {
	t.Parallel()
	at := newClock().Now()
	for _, tt := range []struct {
		session auth.Session
		want    time.Time
	}{
		{auth.Session{CreatedAt: at}, at},
		{auth.Session{CreatedAt: at, AuthTime: at.Add(-time.Hour)}, at.Add(-time.Hour)},
	} {
		if got := tt.session.AuthenticatedAt(); !got.Equal(tt.want) {
			t.Errorf("AuthenticatedAt() = %v, want %v", got, tt.want)
		}
	}
}
