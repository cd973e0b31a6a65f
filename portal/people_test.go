package portal_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
)

// newPeople are n people with addresses of the company.
func newPeople(c sapi.Company, n int) []sapi.NewUser {
	people := make([]sapi.NewUser, n)
	for i := range people {
		people[i] = sapi.NewUser{Email: fmt.Sprintf("new.person.%d@%s", i, c.EmailDomains[0]), FirstName: "New", LastName: fmt.Sprintf("Person %d", i)}
	}
	return people
}

func (w *world) create(c sapi.Company, people []sapi.NewUser) (portal.Change, error) {
	return w.CreateUsers(w.t.Context(), as(auth.Onboarder), portal.CreateUsersRequest{CompanyID: c.ID, People: people, Token: portal.NewToken()})
}

// results are the outcomes of a change's rows, in order.
func results(c portal.Change) []sapi.ItemOutcome {
	var all []sapi.ItemOutcome
	for _, row := range c.People {
		all = append(all, row.Outcome)
	}
	return all
}

// count says how many people of a company have the address.
func (w *world) count(companyID, email string) int {
	w.t.Helper()
	n := 0
	for u, err := range w.client.Users.All(w.t.Context(), companyID, 100) {
		if err != nil {
			w.t.Fatal(err)
		}
		if sapi.NormalEmail(u.Email) == sapi.NormalEmail(email) {
			n++
		}
	}
	return n
}

func TestEachPersonHasAResultOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	people := newPeople(company, 2)
	people = append(people, sapi.NewUser{Email: w.someone(company.ID).Email, FirstName: "Here", LastName: "Already"})

	change, err := w.create(company, people)

	if err != nil || change.State != portal.ChangeDone {
		t.Fatalf("CreateUsers = %v, %v, want done", change.State, err)
	}
	want := []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated, sapi.ItemExists}
	if diff := cmp.Diff(want, results(change)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	for _, row := range change.People[:2] {
		found, err := w.db.FindUsers(t.Context(), portal.UserKey{Email: sapi.NormalEmail(row.Email)})
		if err != nil || len(found) != 1 || found[0].ID != row.UserID {
			t.Errorf("Foyer’s record of %s = %v, %v, want the person created", row.Email, found, err)
		}
	}
}

func TestALostAnswerToCreatingPeopleCreatesNobodyTwice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault sandbox.Rule
		want  sapi.ItemOutcome
	}{
		{"closed after the work", sandbox.Rule{Kind: sandbox.KindCloseAfter}, sapi.ItemCreated},
		{"cut short", sandbox.Rule{Kind: sandbox.KindTruncated}, sapi.ItemCreated},
		{"empty", sandbox.Rule{Kind: sandbox.KindEmpty}, sapi.ItemCreated},
		{"of the wrong type", sandbox.Rule{Kind: sandbox.KindWrongType}, sapi.ItemCreated},
		{"items left out", sandbox.Rule{Kind: sandbox.KindDropItems}, sapi.ItemCreated},
		{"reordered", sandbox.Rule{Kind: sandbox.KindReorder}, sapi.ItemCreated},
		{"closed before the work", sandbox.Rule{Kind: sandbox.KindCloseBefore}, sapi.ItemRefused},
		{"502 in HTML", sandbox.Rule{Kind: sandbox.KindHTML, Status: 502}, sapi.ItemRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.ready()
			people := newPeople(company, 5)
			w.inject("createUsers", test.fault)

			change, err := w.create(company, people)
			if err != nil {
				t.Fatal(err)
			}
			w.clock.forward(time.Minute)
			if _, err := w.Settle(t.Context(), change.ID); err != nil {
				t.Fatal(err)
			}
			change, err = w.Change(t.Context(), as(auth.Onboarder), change.ID)
			if err != nil || !change.State.Settled() {
				t.Fatalf("change = %v, %v, want settled", change.State, err)
			}

			for _, row := range change.People {
				wantCount := 1
				if test.want == sapi.ItemRefused {
					wantCount = 0
				}
				if n := w.count(company.ID, row.Email); row.Outcome != test.want || n != wantCount {
					t.Errorf("%s: %s, there %d times, want %s and %d", row.Email, row.Outcome, n, test.want, wantCount)
				}
			}
			if n := w.calls("createUsers"); n > 1 {
				t.Errorf("Symphony was asked to create %d times, want once", n)
			}
		})
	}
}

func TestPeopleAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	good := newPeople(company, 1)[0]
	elsewhere, again, nameless, hidden := good, good, good, good
	elsewhere.Email = "jane@elsewhere.example"
	again.Email = "NEW.person.0@" + company.EmailDomains[0]
	nameless.FirstName, nameless.Email = "", "x@"+company.EmailDomains[0]
	hidden.LastName, hidden.Email = "Doe\u202e", "y@"+company.EmailDomains[0]

	_, err := w.create(company, []sapi.NewUser{good, elsewhere, again, nameless, hidden})

	invalid, ok := errors.AsType[*portal.Invalid](err)
	if !ok {
		t.Fatalf("CreateUsers = %v, want Invalid", err)
	}
	var fields []string
	for _, f := range invalid.Fields {
		fields = append(fields, f.Field)
	}
	want := []string{"users.1.email", "users.2.email", "users.3.firstName", "users.4.lastName"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields with a problem (-want +got):\n%s", diff)
	}
	if n := w.calls("createUsers"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestACompanyThatIsNotReadyTakesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change, err := w.CreateCompany(t.Context(), as(auth.Onboarder), portal.CreateCompanyRequest{
		Company: sapi.NewCompany{Name: "Öresund Capital AB", VanityName: "oresund-ab", EmailDomains: []string{"oresund-ab.example"}}, Token: portal.NewToken(),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.create(sapi.Company{ID: change.Company.ID, EmailDomains: []string{"oresund-ab.example"}}, []sapi.NewUser{{Email: "a@oresund-ab.example", FirstName: "A", LastName: "B"}})
	if !errors.Is(err, portal.ErrCompanyUnavailable) {
		t.Errorf("CreateUsers in a company being built = %v, want ErrCompanyUnavailable", err)
	}
}

func TestAPageFillsInTheStatusesThatWereReadBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	page, err := w.Users(t.Context(), as(auth.Viewer), company.ID, 1, 20)
	if err != nil {
		t.Fatal(err)
	}
	if page.Rows[0].Status != sapi.StatusUnknown {
		t.Fatalf("status before it was read = %v, want unknown: Symphony’s page has none", page.Rows[0].Status)
	}
	readAt := w.clock.now()
	answers, err := w.Statuses(t.Context(), as(auth.Viewer), company.ID, []string{page.Rows[0].ID})
	if err != nil || answers[0].Status == sapi.StatusUnknown {
		t.Fatalf("Statuses = %+v, %v, want one that is known", answers, err)
	}

	w.clock.forward(4 * time.Minute)
	page, err = w.Users(t.Context(), as(auth.Viewer), company.ID, 1, 20)

	if err != nil || page.Rows[0].Status != answers[0].Status || !page.Rows[0].StatusAt.Equal(readAt) {
		t.Errorf("row = %v as of %v, %v, want %v as of %v", page.Rows[0].Status, page.Rows[0].StatusAt, err, answers[0].Status, readAt)
	}
}

func TestWhatCannotBeReadIsShownAsLastRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	user := w.someone(company.ID)
	if _, err := w.User(t.Context(), as(auth.Auditor), company.ID, user.ID); err != nil {
		t.Fatal(err)
	}
	readAt := w.clock.now()
	w.clock.forward(time.Hour)
	w.inject("getUser", sandbox.Rule{Kind: sandbox.KindStatus, Status: 503})

	got, err := w.User(t.Context(), as(auth.Auditor), company.ID, user.ID)

	if err != nil || got.Stale == nil || !got.ReadAt.Equal(readAt) || got.Status != sapi.StatusActive {
		t.Errorf("User while Symphony is down = %v as of %v (stale: %v), %v, want active as of %v, and why it is old", got.Status, got.ReadAt, got.Stale, err, readAt)
	}
}

// Nobody gets past the use cases, whatever the pages let through.
func TestEveryUseCaseChecksThePermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	user := w.someone(company.ID)
	ctx := t.Context()
	calls := []struct {
		name string
		do   func(auth.Actor) error
		may  []auth.Role
	}{
		{"Companies", func(a auth.Actor) error { _, err := w.Companies(ctx, a, portal.CompanyQuery{}); return err }, auth.AllRoles},
		{"Company", func(a auth.Actor) error { _, err := w.Company(ctx, a, company.ID); return err }, auth.AllRoles},
		{"Users", func(a auth.Actor) error { _, err := w.Users(ctx, a, company.ID, 1, 20); return err }, auth.AllRoles},
		{"User", func(a auth.Actor) error { _, err := w.User(ctx, a, company.ID, user.ID); return err }, auth.AllRoles},
		{"Precheck", func(a auth.Actor) error { _, err := w.Precheck(ctx, a, []string{"a@b.example"}); return err }, auth.AllRoles},
		{"Find", func(a auth.Actor) error { _, err := w.Find(ctx, a, "x"); return err }, auth.AllRoles},
		{"CompanyHistory", func(a auth.Actor) error {
			_, err := w.CompanyHistory(ctx, a, company.ID, ledger.Page{Limit: 1})
			return err
		}, auth.AllRoles},
		{"Activity", func(a auth.Actor) error {
			_, err := w.Activity(ctx, a, ledger.Filter{}, ledger.Page{Limit: 1})
			return err
		}, []auth.Role{auth.Auditor, auth.Admin}},
		{"SetStatus", func(a auth.Actor) error { _, err := w.SetStatus(ctx, a, portal.StatusRequest{}); return err }, []auth.Role{auth.Viewer, auth.Onboarder, auth.Admin}},
		{"CreateCompany", func(a auth.Actor) error { _, err := w.CreateCompany(ctx, a, portal.CreateCompanyRequest{}); return err }, []auth.Role{auth.Onboarder, auth.Admin}},
		{"CheckCompany", func(a auth.Actor) error { _, err := w.CheckCompany(ctx, a, sapi.NewCompany{}, nil); return err }, []auth.Role{auth.Onboarder, auth.Admin}},
		{"AddDomains", func(a auth.Actor) error {
			_, err := w.AddDomains(ctx, a, portal.AddDomainsRequest{CompanyID: company.ID})
			return err
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"CreateUsers", func(a auth.Actor) error {
			_, err := w.CreateUsers(ctx, a, portal.CreateUsersRequest{CompanyID: company.ID})
			return err
		}, []auth.Role{auth.Onboarder, auth.Admin}},
		{"SessionEnded", func(a auth.Actor) error { return w.SessionEnded(ctx, a, auth.Person{Name: "X"}) }, []auth.Role{auth.Admin}},
	}
	for _, call := range calls {
		for _, role := range append([]auth.Role{"none"}, auth.AllRoles...) {
			err := call.do(as(role))
			_, forbidden := errors.AsType[*portal.Forbidden](err)
			may := false
			for _, r := range call.may {
				may = may || r == role
			}
			if forbidden == may {
				t.Errorf("%s as %s: %v, allowed should be %v", call.name, role, err, may)
			}
		}
	}
}

func TestTwoLostRequestsDoNotBothClaimOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	people := newPeople(company, 1)
	w.inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseAfter, Times: 2})

	first, err := w.create(company, people)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.create(company, people)
	if err != nil {
		t.Fatal(err)
	}

	if first.People[0].Outcome != sapi.ItemCreated || second.People[0].Outcome != sapi.ItemExists {
		t.Errorf("results = %v and %v, want created by the first and there already for the second", first.People[0].Outcome, second.People[0].Outcome)
	}
}

func TestACallThatCreatesNobodyIsNoSuccessInTheLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.ready()
	change, err := w.create(company, []sapi.NewUser{{Email: w.someone(company.ID).Email, FirstName: "Here", LastName: "Already"}})
	if err != nil || change.State != portal.ChangeDone {
		t.Fatalf("CreateUsers = %v, %v, want done: everybody has an answer", change.State, err)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, w.outcomes(change.ID)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}
