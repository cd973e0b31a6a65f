package change_test

import (
	"errors"
	"net/http"
	"testing"

	"foyer/internal/testworld"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
)

// A change that waits longer than another process waits for a word of it would
// be taken for lost, settled as not done, and sent after all.
func TestAChangeIsNotHeldBackUntilItCountsAsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject("getCompanyStatus", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "200"})
	if _, err := w.Client.Companies.Get(t.Context(), w.Ready().ID); err == nil {
		t.Fatal("Symphony did not ask to wait")
	}

	made, err := w.createCompany(newCompany, portal.NewToken())

	if err != nil || made.State != change.Refused || made.Code != change.HeldBack {
		t.Errorf("CreateCompany = %s %q, %v, want refused because of the wait", made.State, made.Code, err)
	}
	if n := w.Calls("createCompany"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestASecondClickIsAnsweredByTheFirstWhateverCanBeReadThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	down := sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, Times: 100}
	for _, change := range []struct {
		name string
		make func(token string) (change.Change, error)
	}{
		{"disable", func(token string) (change.Change, error) { return w.Disable(company, user, token) }},
		{"create people", func(token string) (change.Change, error) {
			return w.Changes.CreateUsers(t.Context(), testworld.As("onboarder"), change.CreateUsersRequest{CompanyID: company.ID, People: newPeople(company, 1), Token: token})
		}},
		{"add domains", func(token string) (change.Change, error) {
			return w.Changes.AddDomains(t.Context(), testworld.As("onboarder"), change.AddDomainsRequest{CompanyID: company.ID, Domains: []string{"second-click.example"}, Token: token})
		}},
	} {
		token := portal.NewToken()
		first, err := change.make(token)
		if err != nil {
			t.Fatal(err)
		}
		w.Inject("getUser", down)
		w.Inject("getCompanyStatus", down)

		second, err := change.make(token)

		if err != nil || second.ID != first.ID {
			t.Errorf("%s again while Symphony is down = %q, %v, want the first change", change.name, second.ID, err)
		}
		w.Sandbox.Faults().Clear()
	}
}

// 'It isn't there' may still turn out to be 'not yet'.
func TestWhatIsNotKnownYetIsNotCalledUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	w.Inject("createCompany", sandbox.Rule{Kind: sandbox.KindCloseBefore})
	w.Inject("updateCompany", sandbox.Rule{Kind: sandbox.KindCloseBefore})

	created, err := w.createCompany(newCompany, portal.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	added, err := w.Changes.AddDomains(t.Context(), testworld.As("onboarder"), change.AddDomainsRequest{
		CompanyID: company.ID, Domains: []string{"not-yet.example"}, Token: portal.NewToken(),
	})
	if err != nil {
		t.Fatal(err)
	}

	for _, made := range []change.Change{created, added} {
		if made.State != change.Unknown || made.Code != change.AnswerLost {
			t.Errorf("%s is %s, and says %q, want that the answer was lost", made.Kind, made.State, made.Code)
		}
	}
}

func TestAChangeThatWasNotSentSaysWhy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault sandbox.Rule
		want  change.Code
	}{
		{"the credentials are rejected", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusUnauthorized}, change.NoCredentials},
		{"too many tokens were asked for", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "300"}, change.HeldBack},
		{"they were, and nobody says for how long", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "soon"}, change.HeldBack},
		{"the token endpoint is down", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusBadGateway}, change.NotSent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Inject("getToken", test.fault)

			made, err := w.createCompany(newCompany, portal.NewToken())

			if err != nil || made.State != change.Refused || made.Code != test.want {
				t.Errorf("CreateCompany = %s %q, %v, want refused with %q", made.State, made.Code, err, test.want)
			}
			if n := w.Calls("createCompany"); n != 0 {
				t.Errorf("Symphony was asked %d times, want never", n)
			}
		})
	}
}

// Some gateways answer 408 when they are tired of waiting for the answer.
func TestARequestTimeoutSettlesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.Inject("updateUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusRequestTimeout, Work: true})

	made, err := w.Disable(company, user, portal.NewToken())

	if err != nil || made.State != change.Done || !made.Reconciled || w.Status(company.ID, user.ID) != sapi.StatusDisabled {
		t.Errorf("SetStatus = %s, %v, want done as Symphony shows it", made.State, err)
	}
}

// What Symphony says of somebody else decides nothing about a person.
func TestAnAnswerAboutSomebodyElseIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	other := sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusOK, Body: `{"id": "0d1f0a52-7b52-4ab5-9f0f-000000000009", "active": true}`}
	w.Inject("getUser", other)

	if _, err := w.Disable(company, user, portal.NewToken()); !errors.Is(err, portal.ErrOther) {
		t.Errorf("SetStatus = %v, want ErrOther", err)
	}
	w.Inject("getCompanyStatus", other)
	if _, err := w.Directory.Company(t.Context(), testworld.As("viewer"), company.ID); !errors.Is(err, portal.ErrOther) {
		t.Errorf("Company = %v, want ErrOther", err)
	}
	if n := w.Calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked to change somebody %d times, want never", n)
	}
}

// Symphony may leave a person's status out: then its yes is all there is.
func TestAYesStandsWhereTheStatusIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	user := w.Someone(company.ID)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusOK, After: 1, Body: `{"id": "` + user.ID + `", "active": null}`})

	made, err := w.Disable(company, user, portal.NewToken())

	if err != nil || made.State != change.Done || made.Code != change.StatusNotTold {
		t.Errorf("SetStatus = %s %q, %v, want done, and that the status was not told", made.State, made.Code, err)
	}
}
