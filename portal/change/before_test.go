package change_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
)

// lostAnswers are the ways in which an answer is lost: of what Symphony did, and of what
// never reached it.
var lostAnswers = map[string]sandbox.Kind{"lost after the work": sandbox.KindCloseAfter, "lost before the work": sandbox.KindCloseBefore}

// Whom somebody else created just before was not created by the change that names them,
// though no clock could tell.
func TestWhoWasThereJustBeforeIsNotCreditedToALostChange(t *testing.T) {
	t.Parallel()
	for name, kind := range lostAnswers {
		for size, upTo := range map[string]int{"a small company": 0, "a company of two pages": 150} {
			t.Run(size+", "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				company := w.Ready()
				w.fill(company, upTo)
				people := newPeople(company, 2)
				if _, err := w.Client.Users.Create(t.Context(), company.ID, people[:1]); err != nil {
					t.Fatal(err)
				}
				w.Clock.Forward(50 * time.Second)
				w.Inject("createUsers", sandbox.Rule{Kind: kind})

				made, err := w.create(company, people)
				if err != nil || len(made.Seen.People) != 1 {
					t.Fatalf("CreateUsers = %v, who was there: %v, want the first", err, made.Seen.People)
				}
				made = w.settleForGood(made.ID)

				want, state := []sapi.ItemOutcome{sapi.ItemExists, sapi.ItemCreated}, change.Done
				if kind == sandbox.KindCloseBefore {
					want[1], state = sapi.ItemRefused, change.Refused
				}
				if diff := cmp.Diff(want, results(made)); diff != "" || made.State != state {
					t.Errorf("the change is %s, want %s; results (-want +got):\n%s", made.State, state, diff)
				}
			})
		}
	}
}

// The look at who is there costs a call or two, and keeps nobody from being sent.
func TestPeopleAreSentThoughItCantBeToldWhoIsThere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		people int
		fault  *sandbox.Rule
		calls  int
	}{
		"a company that is new":        {-1, nil, 1},
		"two pages":                    {150, nil, 2},
		"the list can't be read":       {0, &sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable}, 1},
		"the list takes long":          {0, &sandbox.Rule{Kind: sandbox.KindLatency, Delay: time.Minute}, 0},
		"the list's end isn't found":   {700, &sandbox.Rule{Kind: sandbox.KindTotal, Total: 0}, 6},
		"there is no total":            {350, &sandbox.Rule{Kind: sandbox.KindTotal, Total: 0}, 4},
		"the total is an earlier page": {350, &sandbox.Rule{Kind: sandbox.KindTotal, Total: 100}, 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			company := w.Ready()
			if test.people < 0 {
				company = w.built()
			}
			w.fill(company, test.people)
			if test.fault != nil {
				test.fault.Times = 10
				w.Inject("getUsers", *test.fault)
			}
			before := w.Calls("getUsers")

			made, err := w.create(company, newPeople(company, 1))

			if err != nil || made.State != change.Done || w.Calls("createUsers") != 1 {
				t.Errorf("CreateUsers = %s %s, %v, want done", made.State, made.Code, err)
			}
			if n := w.Calls("getUsers") - before; n != test.calls {
				t.Errorf("the list was asked for %d times, want %d", n, test.calls)
			}
		})
	}
}

// built is a company that has just become ready, and has nobody.
func (w *world) built() sapi.Company {
	w.T.Helper()
	made, err := w.Client.Companies.Create(w.T.Context(), newCompany)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	return made
}

// A company with the vanity name that is there is nobody's doing here: nothing is sent,
// so that no answer can be lost.
func TestACompanyThatIsThereIsNotAskedFor(t *testing.T) {
	t.Parallel()
	for name, kind := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			others := newCompany
			others.Name, others.EmailDomains = "Somebody else's", []string{"others.example"}
			if _, err := w.Client.Companies.Create(t.Context(), others); err != nil {
				t.Fatal(err)
			}
			w.Clock.Forward(50 * time.Second)
			w.Inject("createCompany", sandbox.Rule{Kind: kind})
			calls := w.Calls("createCompany")

			made, err := w.createCompany(newCompany, portal.NewToken())

			if err != nil || made.State != change.Superseded || made.Code != change.CompanyBefore || made.Company.ID != "" {
				t.Errorf("CreateCompany = %s %s, %v, want superseded by the company that was there before", made.State, made.Code, err)
			}
			if n := w.Calls("createCompany") - calls; n != 0 {
				t.Errorf("Symphony was asked %d times to create, want never", n)
			}
			w.wantOutcomes(made.ID, ledger.Intent, ledger.Failed)
		})
	}
}

func TestACompanyWhoseNameCantBeLookedForIsNotAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable})

	made, err := w.createCompany(newCompany, portal.NewToken())

	if err != nil || made.State != change.Refused || made.Code != change.NotSent || w.Calls("createCompany") != 0 {
		t.Errorf("CreateCompany = %s %s, %v, want that nothing was sent", made.State, made.Code, err)
	}
	if _, found, err := w.Client.Companies.Find(t.Context(), newCompany.VanityName); err != nil || found {
		t.Errorf("Symphony has the company: %v, %v, want none", found, err)
	}
	if made, err = w.createCompany(newCompany, portal.NewToken()); err != nil || made.State != change.Done || !slices.Contains(w.Waker.Of(change.JobKind), made.ID) {
		t.Errorf("CreateCompany afterwards = %s %s, %v, want done", made.State, made.Code, err)
	}
}

// Where Symphony's clock is minutes behind, what a change created seems to be older than
// the change; where it is ahead, what was there seems to be new.
func TestAClockThatDiffersDoesNotTellWhatWasThereBefore(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-7 * time.Minute, 7 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Sandbox.Faults().Set(func(s *sandbox.Settings) { s.Clock = ahead })
			company := w.Ready()
			people := newPeople(company, 2)
			if _, err := w.Client.Users.Create(t.Context(), company.ID, people[:1]); err != nil {
				t.Fatal(err)
			}
			w.Clock.Forward(5 * time.Minute)
			w.Inject("createUsers", sandbox.Rule{Kind: sandbox.KindCloseAfter})
			w.Inject("createCompany", sandbox.Rule{Kind: sandbox.KindCloseAfter})

			made, err := w.create(company, people)
			if err != nil {
				t.Fatal(err)
			}
			// The clock is set right before anybody looks.
			w.Sandbox.Faults().Set(func(s *sandbox.Settings) { s.Clock = 0 })
			made = w.settleForGood(made.ID)
			if diff := cmp.Diff([]sapi.ItemOutcome{sapi.ItemExists, sapi.ItemCreated}, results(made)); diff != "" {
				t.Errorf("the people (-want +got):\n%s", diff)
			}

			w.Sandbox.Faults().Set(func(s *sandbox.Settings) { s.Clock = ahead })
			built, err := w.createCompany(newCompany, portal.NewToken())
			if err != nil {
				t.Fatal(err)
			}
			if built = w.settleForGood(built.ID); built.State != change.Done || built.Company.ID == "" {
				t.Errorf("the company's change is %s %s, want done", built.State, built.Code)
			}
		})
	}
}
