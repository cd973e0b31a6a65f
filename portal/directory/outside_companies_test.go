package directory_test

import (
	"slices"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

// list has Foyer read the list of companies, as a page does.
func (w *world) list() {
	w.T.Helper()
	w.Clock.Forward(2 * time.Minute)
	if _, err := w.Directory.Companies(w.T.Context(), testworld.As(auth.Viewer), directory.CompanyQuery{}); err != nil {
		w.T.Fatal(err)
	}
}

// createdOutside are the companies that Foyer noticed and did not create.
func (w *world) createdOutside() (names []string) {
	w.T.Helper()
	events, err := w.DB.Events(w.T.Context(), ledger.Filter{Action: ledger.CompanyOutside}, ledger.Page{Limit: 20})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, e := range slices.Backward(events) {
		names = append(names, e.Company.Name)
	}
	return names
}

// createAtSymphony creates a company behind Foyer's back.
func (w *world) createAtSymphony(name, vanityName string) sapi.Company {
	w.T.Helper()
	c, err := w.Client.Companies.Create(w.T.Context(), sapi.NewCompany{Name: name, VanityName: vanityName, EmailDomains: []string{vanityName + ".example"}})
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// createInFoyer asks Foyer for a company, and says how that stands.
func (w *world) createInFoyer(name, vanityName string) change.Change {
	w.T.Helper()
	c, err := w.Changes.CreateCompany(w.T.Context(), testworld.As(auth.Onboarder), change.CreateCompanyRequest{
		Company: sapi.NewCompany{Name: name, VanityName: vanityName, EmailDomains: []string{vanityName + ".example"}}, Token: portal.NewToken(),
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// wantCreatedOutside says which companies are to be on record as created outside Foyer.
func (w *world) wantCreatedOutside(want ...string) {
	w.T.Helper()
	if got := w.createdOutside(); !slices.Equal(got, want) {
		w.T.Errorf("created outside Foyer: %q, want %q", got, want)
	}
}

func TestACompanyThatOthersCreatedIsAnEventOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.createAtSymphony("Early", "early")
	w.list()
	w.wantCreatedOutside() // when the list is read for the first time everybody is new

	listed, opened := w.createAtSymphony("Listed", "listed"), w.createAtSymphony("Opened", "opened")
	if _, err := w.Directory.Company(t.Context(), testworld.As(auth.Viewer), opened.ID); err != nil {
		t.Fatal(err)
	}
	w.wantCreatedOutside("Opened")
	w.list()
	w.list()
	w.wantCreatedOutside("Opened", "Listed")

	history, err := w.DB.Events(t.Context(), ledger.Filter{CompanyID: listed.ID}, ledger.Page{Limit: 10})
	if err != nil || len(history) == 0 || history[len(history)-1].Action != ledger.CompanyOutside {
		t.Errorf("the company's history begins with %+v, %v", history, err)
	}
}

// What Foyer itself asked for is nobody else's, be it that the answer was lost.
func TestACompanyThatFoyerCreatedIsNotSaidToBeOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.list()
	if c := w.createInFoyer("Ours", "ours"); c.State != change.Done {
		t.Fatalf("the change is %s", c.State)
	}
	w.Inject("createCompany", sandbox.Rule{Kind: sandbox.KindCloseAfter})
	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503, After: 1, Times: 1}) // so that it isn't found at once
	if c := w.createInFoyer("Lost", "lost-answer"); c.State.Settled() {
		t.Fatalf("the change whose answer was lost is %s", c.State)
	}
	w.list()
	w.list()
	w.wantCreatedOutside()
}
