package users

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
	pages "foyer/views/users"
)

// BenchmarkPersonPage is what a person's page costs once its data is there, for somebody
// who was disabled and enabled twenty times: from the evidence to the bytes.
func BenchmarkPersonPage(b *testing.B) {
	now := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	h := &Handlers{Kit: &kit.Kit{Logger: slog.New(slog.DiscardHandler), Environment: kit.Sandbox, Now: func() time.Time { return now }}}
	actor := auth.Actor{Roles: auth.Roles{auth.Onboarder}}
	user := directory.User{UserRecord: directory.UserRecord{
		User:      sapi.User{ID: "u1", SymphonyUserID: 695734946108125, Status: sapi.StatusActive, Email: "soren.oneill@lyondell.example", FirstName: "Søren", LastName: "O’Neill", DisplayName: "Søren O’Neill <b>&", Title: "Head of Desk", CreatedAt: now.Add(-time.Hour)},
		CompanyID: "c1", ReadAt: now, StatusAt: now.Add(-time.Minute),
	}}
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
		c := echo.New().NewContext(httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil), httptest.NewRecorder())
		if err := h.Fragment(c, pages.Show(view)); err != nil {
			b.Fatal(err)
		}
	}
}
