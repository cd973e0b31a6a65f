package portal_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
)

// A change that waits longer than another process waits for a word of it would
// be taken for lost, settled as not done, and sent after all.
func TestAChangeIsNotHeldBackUntilItCountsAsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inject("getCompanyStatus", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "200"})
	if _, err := w.client.Companies.Get(t.Context(), w.ready().ID); err == nil {
		t.Fatal("Symphony did not ask to wait")
	}

	change, err := w.createCompany(newCompany, portal.NewToken())

	if err != nil || change.State != portal.ChangeRefused || !strings.Contains(change.Note, "asked Foyer to wait 4 min") {
		t.Errorf("CreateCompany = %s %q, %v, want refused because of the wait", change.State, change.Note, err)
	}
	if n := w.calls("createCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestASecondClickIsAnsweredByTheFirstWhateverCanBeReadThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	user := w.someone(company.ID)
	down := sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, Times: 100}
	for _, change := range []struct {
		name string
		make func(token string) (portal.Change, error)
	}{
		{"disable", func(token string) (portal.Change, error) { return w.disable(company, user, token) }},
		{"create people", func(token string) (portal.Change, error) {
			return w.CreateUsers(t.Context(), as("onboarder"), portal.CreateUsersRequest{CompanyID: company.ID, People: newPeople(company, 1), Token: token})
		}},
		{"add domains", func(token string) (portal.Change, error) {
			return w.AddDomains(t.Context(), as("onboarder"), portal.AddDomainsRequest{CompanyID: company.ID, Domains: []string{"second-click.example"}, Token: token})
		}},
	} {
		token := portal.NewToken()
		first, err := change.make(token)
		if err != nil {
			t.Fatal(err)
		}
		w.inject("getUser", down)
		w.inject("getCompanyStatus", down)

		second, err := change.make(token)

		if err != nil || second.ID != first.ID {
			t.Errorf("%s again while Symphony is down = %q, %v, want the first change", change.name, second.ID, err)
		}
		w.sandbox.Faults().Clear()
	}
}

// 'It isn't there' may still turn out to be 'not yet'.
func TestWhatIsNotKnownYetIsNotCalledUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	w.inject("createCompany", sandbox.Rule{Kind: sandbox.KindCloseBefore})
	w.inject("updateCompany", sandbox.Rule{Kind: sandbox.KindCloseBefore})

	created, err := w.createCompany(newCompany, portal.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	added, err := w.AddDomains(t.Context(), as("onboarder"), portal.AddDomainsRequest{
		CompanyID: company.ID, Domains: []string{"not-yet.example"}, Token: portal.NewToken(),
	})
	if err != nil {
		t.Fatal(err)
	}

	for _, change := range []portal.Change{created, added} {
		note := strings.ToLower(change.Note)
		if change.State != portal.ChangeUnknown || strings.Contains(note, "not created") || strings.Contains(note, "not added") {
			t.Errorf("%s is %s, and says %q", change.Kind, change.State, change.Note)
		}
	}
}

func TestAChangeThatWasNotSentSaysWhy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault sandbox.Rule
		want  string
	}{
		{"the credentials are rejected", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusUnauthorized}, "credentials"},
		{"too many tokens were asked for", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "300"}, "wait 5 min"},
		{"they were, and nobody says for how long", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "soon"}, "limiting requests"},
		{"the token endpoint is down", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusBadGateway}, "could not be reached"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.inject("getToken", test.fault)

			change, err := w.createCompany(newCompany, portal.NewToken())

			if err != nil || change.State != portal.ChangeRefused || !strings.Contains(change.Note, test.want) {
				t.Errorf("CreateCompany = %s %q, %v, want refused with %q", change.State, change.Note, err, test.want)
			}
			if n := w.calls("createCompany"); n != 0 {
				t.Errorf("Symphony was asked %d times, want never", n)
			}
		})
	}
}

// Some gateways answer 408 when they are tired of waiting for the answer.
func TestARequestTimeoutSettlesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	user := w.someone(company.ID)
	w.inject("updateUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusRequestTimeout, Work: true})

	change, err := w.disable(company, user, portal.NewToken())

	if err != nil || change.State != portal.ChangeDone || !change.Reconciled || w.status(company.ID, user.ID) != sapi.StatusDisabled {
		t.Errorf("SetStatus = %s, %v, want done as Symphony shows it", change.State, err)
	}
}

// What Symphony says of somebody else decides nothing about a person.
func TestAnAnswerAboutSomebodyElseIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	user := w.someone(company.ID)
	other := sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusOK, Body: `{"id": "0d1f0a52-7b52-4ab5-9f0f-000000000009", "active": true}`}
	w.inject("getUser", other)

	if _, err := w.disable(company, user, portal.NewToken()); !errors.Is(err, portal.ErrOther) {
		t.Errorf("SetStatus = %v, want ErrOther", err)
	}
	w.inject("getCompanyStatus", other)
	if _, err := w.Company(t.Context(), as("viewer"), company.ID); !errors.Is(err, portal.ErrOther) {
		t.Errorf("Company = %v, want ErrOther", err)
	}
	if n := w.calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked to change somebody %d times, want never", n)
	}
}

// Symphony may leave a person's status out: then its yes is all there is.
func TestAYesStandsWhereTheStatusIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	user := w.someone(company.ID)
	w.inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusOK, After: 1, Body: `{"id": "` + user.ID + `", "active": null}`})

	change, err := w.disable(company, user, portal.NewToken())

	if err != nil || change.State != portal.ChangeDone || !strings.Contains(change.Note, "doesn’t tell") {
		t.Errorf("SetStatus = %s %q, %v, want done, and that the status was not told", change.State, change.Note, err)
	}
}
