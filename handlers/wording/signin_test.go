package wording

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/portal/signin"
	"foyer/sapi"
)

// someFacts have all that words may name.
func someFacts() signin.Facts {
	at := time.Date(2026, 10, 12, 17, 2, 11, 0, time.UTC)
	u := sapi.User{ID: "u1", Email: "adele@lyondell.example", DisplayName: "Adele\nVance", SymphonyUserID: 695734946108125, Status: sapi.StatusDisabled}
	return signin.Facts{
		User:    directory.User{UserRecord: directory.UserRecord{User: u, CompanyID: "c1", StatusAt: at}, Stale: errors.New("down")},
		Company: directory.CompanyRecord{Company: sapi.Company{Name: "Lyondell Trading", PublicURL: "https://lyondell.on.symphony.com", State: "TENANT_MIGRATING", EmailDomains: []string{"lyondell.example"}}},
		Last: directory.StatusMoment{
			At: at, Status: sapi.StatusDisabled, By: directory.ByFoyer,
			Asked: ledger.Event{Actor: auth.Actor{Name: "Vera Lindqvist"}, Change: "ch1", Reason: "gross misconduct", Ticket: "INC-4711"},
		},
		Login:  signin.Answer[sapi.Pod]{Said: sapi.Pod{Found: true, Domain: "pod.symphony.com", Host: "login.symphony.com"}, At: at, Err: errors.New("down")},
		Search: &signin.Answer[sapi.Match]{Said: sapi.Match{UserFound: true, TenantURL: "https://tenant.symphony.com"}, At: at, Err: errors.New("down")},
	}
}

func TestEveryFindingOfASignInHasWords(t *testing.T) {
	t.Parallel()
	for _, code := range codesIn(t, "portal/signin/diagnose.go", "Code") {
		if code == string(signin.NothingFound) || code == string(signin.NotAllAsked) {
			continue
		}
		words := SignInFinding(signin.Check{Code: signin.Code(code)}, someFacts())
		if words == code || !strings.HasSuffix(words, ".") {
			t.Errorf("%s reads %q", code, words)
		}
	}
	for _, subject := range codesIn(t, "portal/signin/diagnose.go", "Subject") {
		if words := SignInSubject(signin.Subject(subject)); words == subject {
			t.Errorf("%s reads %q", subject, words)
		}
	}
}

func TestEveryCauseIsSaidInWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	causes := []signin.Code{
		signin.Disabled, signin.CompanyFailed, signin.CompanyBuilding, signin.SearchElsewhere, signin.StatusChanging, signin.WasDisabled,
		signin.StatusUnknown, signin.WasActive, signin.CompanyOdd, signin.CompanyUnread, signin.DomainForeign, signin.LoginElsewhere,
		signin.SearchNobody, signin.URLMissing, signin.NotAllAsked, signin.NothingFound,
	}
	var said []string
	for _, cause := range causes {
		d := signin.Diagnosis{Cause: cause}
		say := SignInSay(d, someFacts())
		_, words, next := SignInCause(d, someFacts())
		for _, w := range []string{say, words} {
			if w == "" || slices.Contains(said, w) {
				t.Errorf("%s reads %q, as another one does", cause, w)
			}
			said = append(said, w)
		}
		if next == "" {
			t.Errorf("of %s it isn’t said what to do next", cause)
		}
		if strings.Contains(say, "misconduct") {
			t.Errorf("of %s the caller is told the reason: %q", cause, say)
		}
	}
}

func TestTheCallerIsToldSinceWhenTheyAreDisabled(t *testing.T) {
	t.Parallel()
	d := signin.Diagnosis{Cause: signin.Disabled}
	outside, before, unchanged, neverRead := someFacts(), someFacts(), someFacts(), someFacts()
	overnight := someFacts()
	overnight.Last.By, overnight.Last.Before, overnight.Last.Asked = directory.OutsideFoyer, overnight.Last.At.AddDate(0, 0, -1), ledger.Event{}
	outside.Last.By, outside.Last.Before, outside.Last.Asked = directory.OutsideFoyer, outside.Last.At.Add(-time.Hour), ledger.Event{}
	before.Last.Status = sapi.StatusActive
	unchanged.Last = directory.StatusMoment{}
	unchanged.Latest = directory.StatusPeriod{From: unchanged.User.StatusAt.AddDate(0, -1, 0), Known: directory.PastStatus{Status: sapi.StatusDisabled}}
	neverRead.Last = directory.StatusMoment{}
	for want, f := range map[string]signin.Facts{
		"Your account has been disabled since 2026-10-12 17:02:11 UTC; your chats are kept, and it can be enabled again. It was asked for in INC-4711.":         someFacts(),
		"Your account was disabled at some time between 16:02:11 and 17:02:11 UTC on 2026-10-12; your chats are kept, and it can be enabled again.":             outside,
		"Your account was disabled at some time between 2026-10-11 17:02:11 UTC and 2026-10-12 17:02:11 UTC; your chats are kept, and it can be enabled again.": overnight,
		"Your account has been disabled at least since 2026-09-12 17:02:11 UTC; your chats are kept, and it can be enabled again.":                              unchanged,
		"Your account is disabled; your chats are kept, and it can be enabled again.":                                                                           neverRead,
	} {
		if got := SignInSay(d, f); got != want {
			t.Errorf("SignInSay = %q, want %q", got, want)
		}
	}
	perhaps := someFacts()
	perhaps.Last.By, perhaps.Last.Before = directory.PerhapsByFoyer, perhaps.Last.At.Add(-time.Hour)
	if got := SignInSay(d, perhaps); strings.Contains(got, "INC-4711") {
		t.Errorf("SignInSay = %q, want nothing of a change that may not have been it", got)
	}
	if got := SignInSay(d, before); strings.Contains(got, "INC-4711") || strings.Contains(got, "since") {
		t.Errorf("SignInSay = %q, want nothing of a change that was undone", got)
	}
}

func TestTheTextForATicketHasWhatWasAskedAndNoReason(t *testing.T) {
	t.Parallel()
	f := someFacts()
	f.Login.Err, f.Search.Err, f.User.Stale = nil, nil, nil
	d := signin.Diagnose(f)
	ticket := SignInTicket(d, f, "Omar Haddad", "UAT", "7F3K-22QD", f.Last.At.Add(time.Hour))
	for _, want := range []string{
		"Can’t sign in: Adele Vance (adele@lyondell.example)\n", "(c1)", "User id: u1\n", "695734946108125",
		"Looked at: 2026-10-12 18:02:11 UTC by Omar Haddad in Foyer (UAT), reference 7F3K-22QD\n",
		"Finding: Their account has been disabled since", "Status: This is why.", "[login.symphony.com, 2026-10-12 17:02:11 UTC]", "INC-4711", "Said to them: Your account",
	} {
		if !strings.Contains(ticket, want) {
			t.Errorf("the text has no %q:\n%s", want, ticket)
		}
	}
	if strings.Contains(ticket, "misconduct") {
		t.Errorf("the text has the reason:\n%s", ticket)
	}
}
