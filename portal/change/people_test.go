package change_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/address"
	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
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

func (w *world) create(c sapi.Company, people []sapi.NewUser) (change.Change, error) {
	return w.Changes.CreateUsers(w.T.Context(), testworld.As(auth.Onboarder), change.CreateUsersRequest{CompanyID: c.ID, People: people, Token: portal.NewToken()})
}

// results are the outcomes of a change's rows, in order.
func results(c change.Change) []sapi.ItemOutcome {
	var all []sapi.ItemOutcome
	for _, row := range c.People {
		all = append(all, row.Outcome)
	}
	return all
}

// count says how many people of a company have the address.
func (w *world) count(companyID, email string) int {
	w.T.Helper()
	n := 0
	for u, err := range w.Client.Users.All(w.T.Context(), companyID, 100) {
		if err != nil {
			w.T.Fatal(err)
		}
		if address.Key(u.Email) == address.Key(email) {
			n++
		}
	}
	return n
}

func TestEachPersonHasAResultOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 2)
	people = append(people, sapi.NewUser{Email: w.Someone(company.ID).Email, FirstName: "Here", LastName: "Already"})

	made, err := w.create(company, people)

	if err != nil || made.State != change.Done {
		t.Fatalf("CreateUsers = %v, %v, want done", made.State, err)
	}
	want := []sapi.ItemOutcome{sapi.ItemCreated, sapi.ItemCreated, sapi.ItemExists}
	if diff := cmp.Diff(want, results(made)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	for _, row := range made.People[:2] {
		found, err := w.DB.FindUsers(t.Context(), directory.UserKey{Email: address.Key(row.Email)})
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
			company := w.Ready()
			people := newPeople(company, 5)
			w.Inject("createUsers", test.fault)

			change, err := w.create(company, people)
			if err != nil {
				t.Fatal(err)
			}
			w.Settle(change.ID)
			change, err = w.Changes.Get(t.Context(), testworld.As(auth.Onboarder), change.ID)
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
			if n := w.Calls("createUsers"); n > 1 {
				t.Errorf("Symphony was asked to create %d times, want once", n)
			}
		})
	}
}

func TestPeopleAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
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
		fields = append(fields, fmt.Sprint("row ", f.Row, ": ", f.Field, " ", f.Code))
	}
	want := []string{"row 2: email other-domain", "row 3: email repeated", "row 4: firstName missing", "row 5: lastName invisible"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields with a problem (-want +got):\n%s", diff)
	}
	if n := w.Calls("createUsers"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestACompanyThatIsNotReadyTakesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change, err := w.Changes.CreateCompany(t.Context(), testworld.As(auth.Onboarder), change.CreateCompanyRequest{
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

func TestTwoLostRequestsDoNotBothClaimOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company := w.Ready()
	people := newPeople(company, 1)
	w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseAfter, Times: 2})

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
	company := w.Ready()
	made, err := w.create(company, []sapi.NewUser{{Email: w.Someone(company.ID).Email, FirstName: "Here", LastName: "Already"}})
	if err != nil || made.State != change.Done {
		t.Fatalf("CreateUsers = %v, %v, want done: everybody has an answer", made.State, err)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, w.Outcomes(made.ID)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}
