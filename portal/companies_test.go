package portal_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
)

var newCompany = sapi.NewCompany{Name: "Rhône Gestion Privée", VanityName: "rhone-privee", EmailDomains: []string{"rhone-privee.example"}}

func (w *world) createCompany(n sapi.NewCompany, token string) (portal.Change, error) {
	return w.CreateCompany(w.t.Context(), as(auth.Onboarder), portal.CreateCompanyRequest{Company: n, Token: token})
}

func TestACompanyIsAskedForOnceAndWatchedUntilItIsReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := portal.NewToken()

	change, err := w.createCompany(newCompany, token)
	if err != nil || change.State != portal.ChangeDone || change.Company.ID == "" {
		t.Fatalf("CreateCompany = %+v, %v, want done with an id", change, err)
	}
	again, err := w.createCompany(newCompany, token)
	if err != nil || again.ID != change.ID || w.calls("createCompany") != 1 {
		t.Errorf("second click: change %s, %v, %d calls, want the first one's and one call", again.ID, err, w.calls("createCompany"))
	}
	if !slices.Contains(w.waker.watched, change.Company.ID) {
		t.Error("nobody watches the company")
	}

	next, err := w.WatchCompany(t.Context(), change.Company.ID)
	if err != nil || next == 0 {
		t.Errorf("WatchCompany while it is built = %v, %v, want to come again", next, err)
	}
	w.clock.forward(time.Minute)
	if next, err = w.WatchCompany(t.Context(), change.Company.ID); err != nil || next != 0 {
		t.Errorf("WatchCompany once it is ready = %v, %v, want the end", next, err)
	}
	events, err := w.db.Events(t.Context(), ledger.Filter{CompanyID: change.Company.ID}, ledger.Page{Limit: 10})
	if err != nil || len(events) == 0 || events[0].Action != ledger.CompanyState {
		t.Errorf("last event of the company = %+v, %v, want that it became ready", events, err)
	}
}

func TestALostAnswerToCreatingACompanyIsSettledByItsVanityName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		kind  sandbox.Kind
		state portal.ChangeState
	}{
		{"it was created", sandbox.KindCloseAfter, portal.ChangeDone},
		{"it was not", sandbox.KindCloseBefore, portal.ChangeRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.inject("createCompany", sandbox.Rule{Kind: test.kind})

			change, err := w.createCompany(newCompany, portal.NewToken())
			if err != nil {
				t.Fatal(err)
			}
			w.clock.forward(time.Minute)
			if _, err := w.Settle(t.Context(), change.ID); err != nil {
				t.Fatal(err)
			}
			change, err = w.Change(t.Context(), as(auth.Onboarder), change.ID)

			if err != nil || change.State != test.state || (change.Company.ID != "") != (test.state == portal.ChangeDone) {
				t.Errorf("change = %v, company %q, %v, want %v", change.State, change.Company.ID, err, test.state)
			}
		})
	}
}

func TestATakenDomainOrNameIsRefusedInWordsAndNothingIsCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken := w.ready()
	n := newCompany
	n.EmailDomains = taken.EmailDomains

	change, err := w.createCompany(n, portal.NewToken())

	if err != nil || change.State != portal.ChangeRefused || change.Problem.Code != string(sapi.CodeDomainTaken) || change.Problem.TraceID == "" {
		t.Errorf("CreateCompany with a taken domain = %+v, %v, want refused with 40103 and a trace id", change, err)
	}
	check, err := w.CheckCompany(t.Context(), as(auth.Onboarder), n, nil)
	if err != nil || len(check.Conflicts) == 0 || check.Conflicts[0].Company.ID != taken.ID {
		t.Errorf("CheckCompany = %+v, %v, want the conflict with %s beforehand", check, err, taken.Name)
	}
}

func TestDomainsAreAddedToThoseThatAreThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	add := func(domains ...string) (portal.Change, error) {
		return w.AddDomains(t.Context(), as(auth.Onboarder), portal.AddDomainsRequest{CompanyID: company.ID, Domains: domains, Token: portal.NewToken()})
	}

	change, err := add("Added-One.example")
	if err != nil || change.State != portal.ChangeDone {
		t.Fatalf("AddDomains = %v %q, %v, want done", change.State, change.Note, err)
	}
	got, err := w.client.Companies.Get(t.Context(), company.ID)
	want := append(slices.Clone(company.EmailDomains), "added-one.example")
	if diff := cmp.Diff(want, got.EmailDomains); diff != "" || err != nil {
		t.Errorf("domains (-want +got):\n%s%v", diff, err)
	}

	change, err = add("added-one.example")
	if err != nil || change.State != portal.ChangeDone || change.Note != "Symphony already had these domains." {
		t.Errorf("adding it again = %v %q, %v, want done and ‘already had’", change.State, change.Note, err)
	}

	calls := w.calls("updateCompany")
	_, err = add(strings.Fields("b1.example b2.example b3.example b4.example b5.example b6.example b7.example b8.example b9.example b10.example")...)
	invalid, ok := errors.AsType[*portal.Invalid](err)
	if !ok || !strings.Contains(invalid.Fields[0].Message, "10 domains at most") || w.calls("updateCompany") != calls {
		t.Errorf("too many domains = %v, want Invalid before anything is sent", err)
	}
}

func TestTheListIsShownAsLastReadWhileSymphonyIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{})
	if err != nil || first.Stale != nil || len(first.Rows) == 0 {
		t.Fatalf("Companies = %d, stale %v, %v", len(first.Rows), first.Stale, err)
	}
	w.clock.forward(time.Hour)
	w.inject("getCompanies", sandbox.Rule{Kind: sandbox.KindHTML, Status: 502})

	got, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{})

	if err != nil || got.Stale == nil || !got.ReadAt.Equal(first.ReadAt) || len(got.Rows) != len(first.Rows) {
		t.Errorf("Companies while Symphony is down = %d as of %v, stale %v, %v, want those of %v", len(got.Rows), got.ReadAt, got.Stale, err, first.ReadAt)
	}
}

// Whoever comes while Symphony is slow to fail waits for the attempt that is
// under way, and not in a queue for one of their own.
func TestReadersOfTheListShareOneAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{}); err != nil {
		t.Fatal(err)
	}
	w.clock.forward(time.Hour)
	const readers = 8
	w.inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503, Delay: 300 * time.Millisecond, Times: readers})
	before := w.calls("getCompanies")

	var wait sync.WaitGroup
	for range readers {
		wait.Go(func() {
			if got, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{}); err != nil || got.Stale == nil {
				t.Errorf("Companies = stale %v, %v, want what was kept", got.Stale, err)
			}
		})
	}
	wait.Wait()

	if n := w.calls("getCompanies") - before; n >= readers {
		t.Errorf("%d readers at once asked Symphony %d times, want fewer", readers, n)
	}
}

// One browser that goes away says nothing about Symphony to the others.
func TestHealthDoesNotDependOnWhoAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, leave := context.WithCancel(t.Context())
	leave()

	if health := w.SymphonyHealth(gone); health.Err != nil {
		t.Errorf("SymphonyHealth for a browser that is gone = %v, want none", health.Err)
	}
}

func TestAWatchGoesOnWhileSymphonyIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	watch := func() (time.Duration, error) {
		w.inject("getCompanyStatus", sandbox.Rule{Kind: sandbox.KindHTML, Status: 502})
		return w.WatchCompany(t.Context(), company.ID)
	}

	if next, err := watch(); err == nil {
		t.Errorf("WatchCompany of a company never read = %v, nil, want the error", next)
	}
	if _, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{}); err != nil {
		t.Fatal(err)
	}
	if next, err := watch(); err != nil || next == 0 {
		t.Errorf("WatchCompany of a company read before = %v, %v, want to come again", next, err)
	}
}

func TestTheListIsSearchedGroupedSortedAndPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{})
	if err != nil {
		t.Fatal(err)
	}
	one := w.ready()
	for _, text := range []string{one.ID, strings.ToUpper(one.VanityName), one.EmailDomains[0], one.Name[1:]} {
		found, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{Text: text})
		if err != nil || !slices.ContainsFunc(found.Rows, func(r portal.CompanyRecord) bool { return r.ID == one.ID }) || found.Matched >= all.Matched {
			t.Errorf("searching for %q = %d of %d, %v, want %s among fewer", text, found.Matched, all.Matched, err, one.Name)
		}
	}
	paged, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{Size: 2, Page: 99, Sort: portal.ByName, Desc: true})
	if err != nil || len(paged.Rows) == 0 || paged.Rows[len(paged.Rows)-1].ID != all.Rows[0].ID {
		t.Errorf("the last page backwards ends with %v, %v, want the first company", paged.Rows, err)
	}
	sum := 0
	for _, group := range portal.CompanyGroups[1:] {
		sum += all.Counts[group]
	}
	if sum != all.Total || all.Counts[portal.AllCompanies] != all.Total {
		t.Errorf("counts = %v, want them to add up to %d", all.Counts, all.Total)
	}
}

func TestPeopleAreCountedInTheBackgroundOnceAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		if err := w.CountPeople(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.Companies(t.Context(), as(auth.Viewer), portal.CompanyQuery{Group: portal.Ready})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list.Rows {
		page, err := w.client.Users.List(t.Context(), r.ID, sapi.PageOptions{Size: 1})
		if err != nil || r.People != page.Total || r.PeopleReadAt.IsZero() {
			t.Errorf("%s has %d people as of %v, %v, want %d", r.Name, r.People, r.PeopleReadAt, err, page.Total)
		}
	}
	if n := w.calls("getUsers"); n != 2*len(list.Rows) {
		t.Errorf("Symphony was asked for people %d times, want once for each of %d companies and once by this test", n, len(list.Rows))
	}
}
