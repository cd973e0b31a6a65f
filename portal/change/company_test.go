package change_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

var newCompany = sapi.NewCompany{Name: "Rhône Gestion Privée", VanityName: "rhone-privee", EmailDomains: []string{"rhone-privee.example"}}

func (w *world) createCompany(n sapi.NewCompany, token string) (change.Change, error) {
	return w.Changes.CreateCompany(w.T.Context(), testworld.As(auth.Onboarder), change.CreateCompanyRequest{Company: n, Token: token})
}

func TestACompanyIsAskedForOnceAndWatchedUntilItIsReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := portal.NewToken()

	made, err := w.createCompany(newCompany, token)
	if err != nil || made.State != change.Done || made.Company.ID == "" {
		t.Fatalf("CreateCompany = %+v, %v, want done with an id", made, err)
	}
	again, err := w.createCompany(newCompany, token)
	if err != nil || again.ID != made.ID || w.Calls("createCompany") != 1 {
		t.Errorf("second click: change %s, %v, %d calls, want the first one's and one call", again.ID, err, w.Calls("createCompany"))
	}
	if !slices.Contains(w.Waker.Of(directory.JobKind), made.Company.ID) {
		t.Error("nobody watches the company")
	}

	next, err := w.Directory.WatchCompany(t.Context(), made.Company.ID)
	if err != nil || next == 0 {
		t.Errorf("WatchCompany while it is built = %v, %v, want to come again", next, err)
	}
	w.Clock.Forward(time.Minute)
	if next, err = w.Directory.WatchCompany(t.Context(), made.Company.ID); err != nil || next != 0 {
		t.Errorf("WatchCompany once it is ready = %v, %v, want the end", next, err)
	}
	events, err := w.DB.Events(t.Context(), ledger.Filter{CompanyID: made.Company.ID}, ledger.Page{Limit: 10})
	if err != nil || len(events) == 0 || events[0].Action != ledger.CompanyState {
		t.Errorf("last event of the company = %+v, %v, want that it became ready", events, err)
	}
}

func TestALostAnswerToCreatingACompanyIsSettledByItsVanityName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		kind  sandbox.Kind
		state change.State
	}{
		{"it was created", sandbox.KindCloseAfter, change.Done},
		{"it was not", sandbox.KindCloseBefore, change.Refused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Inject("createCompany", sandbox.Rule{Kind: test.kind})

			made, err := w.createCompany(newCompany, portal.NewToken())
			if err != nil {
				t.Fatal(err)
			}
			w.Settle(made.ID)
			made, err = w.Changes.Get(t.Context(), testworld.As(auth.Onboarder), made.ID)

			if err != nil || made.State != test.state || (made.Company.ID != "") != (test.state == change.Done) {
				t.Errorf("change = %v, company %q, %v, want %v", made.State, made.Company.ID, err, test.state)
			}
		})
	}
}

func TestATakenDomainOrNameIsRefusedInWordsAndNothingIsCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken := w.Ready()
	n := newCompany
	n.EmailDomains = taken.EmailDomains

	made, err := w.createCompany(n, portal.NewToken())

	if err != nil || made.State != change.Refused || made.Problem.Code != string(sapi.CodeDomainTaken) || made.Problem.TraceID == "" {
		t.Errorf("CreateCompany with a taken domain = %+v, %v, want refused with 40103 and a trace id", made, err)
	}
	check, err := w.Precheck.CheckCompany(t.Context(), testworld.As(auth.Onboarder), n, nil)
	if err != nil || len(check.Conflicts) == 0 || check.Conflicts[0].Company.ID != taken.ID {
		t.Errorf("CheckCompany = %+v, %v, want the conflict with %s beforehand", check, err, taken.Name)
	}
}

func TestDomainsAreAddedToThoseThatAreThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	add := func(domains ...string) (change.Change, error) {
		return w.Changes.AddDomains(t.Context(), testworld.As(auth.Onboarder), change.AddDomainsRequest{CompanyID: company.ID, Domains: domains, Token: portal.NewToken()})
	}

	made, err := add("Added-One.example")
	if err != nil || made.State != change.Done {
		t.Fatalf("AddDomains = %v %q, %v, want done", made.State, made.Code, err)
	}
	got, err := w.Client.Companies.Get(t.Context(), company.ID)
	want := append(slices.Clone(company.EmailDomains), "added-one.example")
	if diff := cmp.Diff(want, got.EmailDomains); diff != "" || err != nil {
		t.Errorf("domains (-want +got):\n%s%v", diff, err)
	}

	made, err = add("added-one.example")
	if err != nil || made.State != change.Done || made.Code != change.AlreadyThere {
		t.Errorf("adding it again = %v %q, %v, want done and already there", made.State, made.Code, err)
	}

	calls := w.Calls("updateCompany")
	_, err = add(strings.Fields("b1.example b2.example b3.example b4.example b5.example b6.example b7.example b8.example b9.example b10.example")...)
	invalid, ok := errors.AsType[*portal.Invalid](err)
	if !ok || invalid.Fields[0].Code != portal.DomainsTogether || w.Calls("updateCompany") != calls {
		t.Errorf("too many domains = %v, want Invalid before anything is sent", err)
	}
}
