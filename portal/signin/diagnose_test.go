package signin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal/directory"
	"foyer/portal/signin"
	"foyer/sapi"
)

var errDown = errors.New("no answer")

// fine is somebody whom nothing keeps from signing in.
func fine() signin.Facts {
	at := time.Date(2026, 11, 2, 9, 14, 0, 0, time.UTC)
	company := directory.CompanyRecord{Company: sapi.Company{
		State: sapi.StateCompleted, PublicURL: "https://Lyondell.on.symphony.com", EmailDomains: []string{"fx.example", "Lyondell.example"},
	}}
	return signin.Facts{
		User:    directory.User{UserRecord: directory.UserRecord{User: sapi.User{Email: "adele@lyondell.example", Status: sapi.StatusActive}}},
		Company: company, Last: directory.StatusMoment{At: at, Status: sapi.StatusActive, By: directory.ByFoyer},
		Login:  signin.Answer[sapi.Pod]{Said: sapi.Pod{Found: true, Domain: "lyondell.on.symphony.com"}},
		Search: &signin.Answer[sapi.Match]{Said: sapi.Match{UserFound: true, TenantFound: true, TenantURL: "https://lyondell.on.symphony.com/"}},
	}
}

// causes are all that keeps, or may keep, somebody from signing in: the most important
// first.
var causes = []struct {
	cause   signin.Code
	subject signin.Subject
	result  signin.Result
	happens func(*signin.Facts)
}{
	{signin.Disabled, signin.Status, signin.Why, func(f *signin.Facts) { f.User.Status = sapi.StatusDisabled }},
	{signin.CompanyFailed, signin.Company, signin.Why, func(f *signin.Facts) { f.Company.State = sapi.StateAuth0ConfigError }},
	{signin.CompanyBuilding, signin.Company, signin.Why, func(f *signin.Facts) { f.Company.State = sapi.StateStarted }},
	{signin.SearchElsewhere, signin.Search, signin.Why, func(f *signin.Facts) { f.Search.Said.TenantURL = "https://other.symphony.com" }},
	{signin.StatusChanging, signin.Status, signin.CantTell, func(f *signin.Facts) { f.Unsettled = true }},
	{signin.WasDisabled, signin.Status, signin.CantTell, func(f *signin.Facts) { f.User.Status, f.User.Stale = sapi.StatusDisabled, errDown }},
	{signin.StatusUnknown, signin.Status, signin.CantTell, func(f *signin.Facts) { f.User.Status = sapi.StatusUnknown }},
	{signin.WasActive, signin.Status, signin.CantTell, func(f *signin.Facts) { f.User.Stale = errDown }},
	{signin.CompanyOdd, signin.Company, signin.CantTell, func(f *signin.Facts) { f.Company.State = "TENANT_MIGRATING" }},
	{signin.CompanyUnread, signin.Company, signin.CantTell, func(f *signin.Facts) { f.CompanyErr = errDown }},
	{signin.DomainForeign, signin.Domain, signin.CantTell, func(f *signin.Facts) { f.User.Email = "adele@elsewhere.example" }},
	{signin.LoginElsewhere, signin.Login, signin.CantTell, func(f *signin.Facts) { f.Login.Said.Domain = "other.symphony.com" }},
	{signin.SearchNobody, signin.Search, signin.CantTell, func(f *signin.Facts) { f.Search.Said = sapi.Match{TenantFound: true} }},
	{signin.URLMissing, signin.PublicURL, signin.CantTell, func(f *signin.Facts) { f.Company.PublicURL = "" }},
	{signin.NotAllAsked, signin.Login, signin.CantTell, func(f *signin.Facts) { f.Login = signin.Answer[sapi.Pod]{Err: errDown} }},
	{signin.NotAllAsked, signin.Search, signin.CantTell, func(f *signin.Facts) { f.Search.Err = errDown }},
	{signin.NothingFound, signin.Login, signin.CantTell, func(f *signin.Facts) { f.Login.Said = sapi.Pod{} }},
	{signin.NothingFound, signin.Search, signin.CantTell, func(f *signin.Facts) { f.Search = nil }},
	{signin.NothingFound, signin.LastChange, signin.CantTell, func(f *signin.Facts) { f.Last = directory.StatusMoment{} }},
}

func result(d signin.Diagnosis, s signin.Subject) signin.Result {
	for _, c := range d.Checks {
		if c.Subject == s {
			return c.Result
		}
	}
	return ""
}

func TestEveryCauseIsFoundAndTheMostImportantOneIsSaid(t *testing.T) {
	t.Parallel()
	for i, c := range causes {
		f := fine()
		c.happens(&f)
		d := signin.Diagnose(f)
		if d.Cause != c.cause || result(d, c.subject) != c.result {
			t.Errorf("Diagnose = %s with %s %s, want %s with %s", d.Cause, c.subject, result(d, c.subject), c.cause, c.result)
		}
		for _, less := range causes[i+1:] {
			if less.subject == c.subject || c.subject == signin.PublicURL || less.subject == signin.PublicURL {
				continue // one or the other, and without an address places can't be compared
			}
			f := fine()
			less.happens(&f)
			c.happens(&f)
			if got := signin.Diagnose(f).Cause; got != c.cause {
				t.Errorf("Diagnose of %s and %s = %s, want the more important one", c.cause, less.cause, got)
			}
		}
	}
}

func TestWhatIsFineIsFineAndTheRestIsToBeAsked(t *testing.T) {
	t.Parallel()
	want := signin.Diagnosis{Cause: signin.NothingFound, Checks: []signin.Check{
		{Subject: signin.Status, Result: signin.Fine, Code: signin.Active},
		{Subject: signin.LastChange, Result: signin.Fine, Code: signin.LastEnabled},
		{Subject: signin.Company, Result: signin.Fine, Code: signin.CompanyReady},
		{Subject: signin.Domain, Result: signin.Fine, Code: signin.DomainOurs},
		{Subject: signin.PublicURL, Result: signin.Fine, Code: signin.URLKnown},
		{Subject: signin.Login, Result: signin.Fine, Code: signin.LoginHere},
		{Subject: signin.Search, Result: signin.Fine, Code: signin.SearchHere},
		{Subject: signin.Method, Result: signin.CantTell, Code: signin.AskMethod},
		{Subject: signin.Browser, Result: signin.CantTell, Code: signin.AskBrowser},
	}}
	if diff := cmp.Diff(want, signin.Diagnose(fine())); diff != "" {
		t.Errorf("Diagnose (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotKnownIsNeverFine(t *testing.T) {
	t.Parallel()
	for _, c := range signin.Diagnose(signin.Facts{}).Checks {
		if c.Result != signin.CantTell {
			t.Errorf("of nothing, %s is %s", c.Subject, c.Result)
		}
	}
	f := fine()
	f.Company.PublicURL, f.User.Stale, f.CompanyErr = "", errDown, errDown
	for _, c := range signin.Diagnose(f).Checks {
		// Symphony can't take a domain from a company.
		if c.Subject != signin.Domain && c.Result != signin.CantTell {
			t.Errorf("of what is old, and without an address, %s is %s (%s)", c.Subject, c.Result, c.Code)
		}
	}
}

func TestADisabledPersonIsDisabledThoughAChangeIsUnderWay(t *testing.T) {
	t.Parallel()
	f := fine()
	f.User.Status, f.Unsettled = sapi.StatusDisabled, true
	f.Last.Status = sapi.StatusDisabled
	d := signin.Diagnose(f)
	if d.Cause != signin.Disabled || result(d, signin.LastChange) != signin.Why {
		t.Errorf("Diagnose = %+v, want disabled, by the last change", d)
	}
	f.Last.Status = sapi.StatusActive
	if d := signin.Diagnose(f); result(d, signin.LastChange) != signin.CantTell {
		t.Errorf("Diagnose = %+v, want no word of a change that doesn’t fit", d)
	}
}
