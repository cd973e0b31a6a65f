package home

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/portal/directory"
	"foyer/sapi"
	pages "foyer/views/home"
	"foyer/views/ui"
)

func TestHomeCallsACompanyOverdueWithWhatToDo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	record := directory.CompanyRecord{Company: sapi.Company{ID: "e176c55e", Name: "Stuck Bank", State: sapi.StateStarted, CreatedAt: now.Add(-45 * time.Minute)}}

	got := companyInNeed(record, true, "20 minutes", now)

	want := pages.Company{
		Href: "/companies/e176c55e", Name: "Stuck Bank", State: ui.StatusProps{Kind: ui.StatusWaiting, Word: "Overdue, 45 min"},
		Text: "It has been building for 45 min; Symphony says about 20 minutes.",
		Next: "Ask Symphony what it waits for. The company’s page has a message to send them.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("an overdue company (-want +got):\n%s", diff)
	}
}

func TestHomeWithoutCompaniesOffersTheFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	overdue := func(directory.CompanyRecord) bool { return false }
	for _, role := range []auth.Role{auth.Viewer, auth.Onboarder} {
		page := newHomePage(firstPage{Overview: directory.Overview{ReadAt: now}}, auth.Actor{Roles: auth.Roles{role}}, overdue, "20 minutes", now)
		if page.First == nil || page.First.Action == nil {
			t.Fatalf("%s: nothing is offered", role)
		}
		if forbidden := page.First.Action.Forbidden != ""; forbidden != (role == auth.Viewer) {
			t.Errorf("%s: the offer's reason against it = %q", role, page.First.Action.Forbidden)
		}
	}
}

func TestHomeSaysWhoseCertificateIsNotTrusted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for _, row := range []pages.HealthRow{
		symphonyRow(directory.Health{Err: &sapi.Error{Class: sapi.ClassTLS, Fate: sapi.NotSent, Err: untrusted}, CheckedAt: now}, auth.Actor{}),
		providerRow(untrusted, now),
	} {
		if row.State.Word != "Not trusted" || !strings.Contains(row.Text, "its certificate isn’t trusted") {
			t.Errorf("%s: %s, %s, want that its certificate isn’t trusted", row.Name, row.State.Word, row.Text)
		}
	}
}
