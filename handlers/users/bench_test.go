package users

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/users"
)

// aPageOfPeople is a page of 100 people as the use case returns it.
func aPageOfPeople(now time.Time) directory.UserPage {
	page := directory.UserPage{Page: 3, Size: 100, Total: 12004, Pages: 121, ReadAt: now}
	for i := range 100 {
		page.Rows = append(page.Rows, directory.UserRecord{
			User: sapi.User{
				ID: fmt.Sprintf("0d1f0a52-7b52-4ab5-9f0f-%012d", i), SymphonyUserID: 695734946108125 + int64(i), Status: sapi.Status(1 + i%2),
				Email: fmt.Sprintf("first.last.%d@lyondell.example", i), FirstName: "Søren", LastName: "O’Neill", DisplayName: "Søren O’Neill <b>&",
				Title: "Head of Desk", Department: "FX Options", CreatedAt: now.Add(-time.Hour),
			},
			CompanyID: "c1", ReadAt: now, StatusAt: now.Add(-time.Minute),
		})
	}
	return page
}

// BenchmarkUsersPage is what a page of 100 people costs once its data is there:
// from the use case's answer to the bytes, as against sending the same bytes.
func BenchmarkUsersPage(b *testing.B) {
	now := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	h := &Handlers{Kit: &kit.Kit{Logger: slog.New(slog.DiscardHandler), Environment: kit.Sandbox, Now: func() time.Time { return now }}}
	data := aPageOfPeople(now)
	actor := auth.Actor{Roles: auth.Roles{auth.Onboarder}}
	company := directory.Company{CompanyRecord: directory.CompanyRecord{Company: sapi.Company{ID: "c1", Name: "Lyondell Trading", State: sapi.StateCompleted}}}
	chrome := views.Chrome{Environment: "SANDBOX", Title: "People of Lyondell Trading", Nav: "companies", Now: now, NavItems: []views.NavItem{{Key: "companies", Label: "Companies", Href: "/companies", Icon: "companies"}}, Person: &views.Person{Name: "Omar Haddad", Initials: "OH", Role: "onboarder"}}
	render := func(w http.ResponseWriter, r *http.Request) {
		view := h.newUsersPage(company, actor)
		fillUsersPage(&view, data, "", actor, now)
		c := echo.New().NewContext(r.WithContext(templ.WithChildren(r.Context(), pages.List(view))), w)
		if err := h.Fragment(c, views.Layout(chrome)); err != nil {
			b.Error(err)
		}
	}
	first := httptest.NewRecorder()
	render(first, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil))
	bytes := first.Body.Bytes()
	bare := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(bytes)
	}
	compress, err := kit.Compressed()
	if err != nil {
		b.Fatal(err)
	}
	for _, variant := range []struct {
		name    string
		handler http.Handler
	}{
		{"page", http.HandlerFunc(render)},
		{"same bytes", http.HandlerFunc(bare)},
		{"page, compressed", compress(http.HandlerFunc(render))},
		{"same bytes, compressed", compress(http.HandlerFunc(bare))},
	} {
		b.Run(variant.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil)
				r.Header.Set("Accept-Encoding", "gzip")
				w := &discard{header: http.Header{}}
				variant.handler.ServeHTTP(w, r)
				b.ReportMetric(float64(w.sent), "sent-B")
			}
		})
	}
}

// discard is a connection that costs nothing.
type discard struct {
	header http.Header
	sent   int
}

// Header implements http.ResponseWriter.
func (d *discard) Header() http.Header { return d.header }

// WriteHeader implements http.ResponseWriter.
func (d *discard) WriteHeader(int) {}

// Write implements http.ResponseWriter.
func (d *discard) Write(p []byte) (int, error) {
	d.sent += len(p)
	return len(p), nil
}

// BenchmarkPersonPage is what a person's page costs once its data is there, for somebody
// who was disabled and enabled twenty times: from the evidence to the bytes.
func BenchmarkPersonPage(b *testing.B) {
	now := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	h := &Handlers{Kit: &kit.Kit{Logger: slog.New(slog.DiscardHandler), Environment: kit.Sandbox, Now: func() time.Time { return now }}}
	actor := auth.Actor{Roles: auth.Roles{auth.Onboarder}}
	user := directory.User{UserRecord: aPageOfPeople(now).Rows[0]}
	evidence := directory.StatusEvidence{CreatedAt: now.AddDate(-1, 0, 0)}
	for i := range 20 {
		at := now.AddDate(0, 0, i-20)
		action := []ledger.Action{ledger.DisableUser, ledger.EnableUser}[i%2]
		change := ledger.Event{Change: strconv.Itoa(i), Action: action, Outcome: ledger.Intent, At: at, Reason: "Back from leave", Ticket: "OPS-4790", Actor: auth.Actor{Name: "Omar Haddad"}}
		done := change
		done.Outcome, done.At = ledger.Succeeded, at.Add(time.Second)
		evidence.Events = append(evidence.Events, change, done)
		evidence.Observations = append(evidence.Observations, directory.Observation{Status: sapi.Status(2 - i%2), First: at.Add(time.Second), Last: at.Add(23 * time.Hour)})
	}
	b.ReportAllocs()
	for b.Loop() {
		history := directory.StatusHistory{Periods: directory.StatusPeriods(evidence, now), Moments: directory.StatusMoments(evidence)}
		view := newUserPage(user, history, actor, now)
		c := echo.New().NewContext(httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil), &discard{header: http.Header{}})
		if err := h.Fragment(c, pages.Show(view)); err != nil {
			b.Fatal(err)
		}
	}
}
