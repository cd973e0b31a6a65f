package bulk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"foyer/ledger"
	"foyer/portal/bulk"
	"foyer/portal/precheck"
	"foyer/sandbox"
	"foyer/sapi"
)

// precheck does what the job of a pre-check does until nobody waits, and says how often.
func (w *world) precheck(c bulk.Change) (times int) {
	w.T.Helper()
	for ; times < 100; times++ {
		again, err := w.Bulk.Precheck(w.T.Context(), id(c))
		if err != nil {
			w.T.Fatal(err)
		}
		if again == 0 {
			return times
		}
		w.Clock.Forward(again)
	}
	w.T.Fatal("the pre-check doesn't end")
	return times
}

// said are how many rows that are to be created the pre-check says something of.
func (w *world) said(c bulk.Change) map[bulk.Prechecked]int {
	w.T.Helper()
	sums, err := w.Bulk.Prechecks(w.T.Context(), admin, c.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	said := map[bulk.Prechecked]int{}
	for _, sum := range sums {
		said[sum.Said] = sum.N
	}
	return said
}

// inLyondell has the world's company be one of which the stand-in's other people are told.
func (w *world) inLyondell() {
	w.T.Helper()
	companies, err := w.Client.Companies.List(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	i := slices.IndexFunc(companies, func(c sapi.Company) bool { return slices.Contains(c.EmailDomains, "lyondell.example") })
	w.company = companies[i]
}

// strangers is a list of people in the world's company of whom one is on Symphony elsewhere.
func (w *world) strangers() string {
	return "E-mail,First name,Last name\nold.hand@lyondell.example,Old,Hand\nnew.one@lyondell.example,New,One\n"
}

func TestPeopleOfAListArePrecheckedWhenSomebodyAsks(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.inLyondell()
		c := w.bring(bulk.Create, w.strangers())
		if said := w.said(c); said[""] != 2 {
			t.Fatalf("before anybody asks: %v", said)
		}
		n, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID)
		if err != nil || n != 2 {
			t.Fatalf("AskPrecheck: %d, %v, want 2", n, err)
		}
		if said := w.said(c); said[bulk.AwaitsPrecheck] != 2 || !slices.Contains(w.Waker.Of(bulk.PrecheckJobKind), id(c)) {
			t.Fatalf("asked: %v", said)
		}
		w.precheck(c)
		if r := w.row(c.ID, "old.hand@lyondell.example"); r.Precheck.Verdict() != precheck.Elsewhere || r.State != bulk.Planned {
			t.Errorf("who is elsewhere is %q %s, want told and planned still", r.Precheck, r.State)
		}
		if r := w.row(c.ID, "new.one@lyondell.example"); r.Precheck.Verdict() != precheck.DomainKnown {
			t.Errorf("who is new is %q", r.Precheck)
		}
		if now := w.get(c.ID); now.Plan != c.Plan || now.Version != c.Version {
			t.Errorf("the plan became another one by being asked about")
		}
		if _, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID); !errors.Is(err, bulk.ErrNotNow) {
			t.Errorf("asked of whom everything is known: %v", err)
		}
		events, err := w.DB.Events(t.Context(), ledger.Filter{Request: bulk.RequestID(c.ID), Action: ledger.PrecheckBulk}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 1 || events[0].Actor.Subject != admin.Subject {
			t.Errorf("recorded: %+v, %v", events, err)
		}
		// Who is elsewhere is left out at once when somebody says so, and what was told stays.
		elsewhere := bulk.Filter{States: []bulk.RowState{bulk.Planned}, Prechecked: []bulk.Prechecked{bulk.Prechecked(precheck.Elsewhere)}}
		if c, err = w.Bulk.DecideAll(t.Context(), admin, c.ID, c.Version, elsewhere, bulk.Out); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Checking)
		if r := w.row(c.ID, "old.hand@lyondell.example"); r.Code != bulk.ByPerson || r.Precheck.Verdict() != precheck.Elsewhere || c.Sums.To(bulk.ToAdd) != 1 {
			t.Errorf("left out: %s %q, %d to create", r.Code, r.Precheck, c.Sums.To(bulk.ToAdd))
		}
	})
}

func TestAnAnswerThatFailedIsNoneAndIsAskedForAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.inLyondell()
		c := w.bring(bulk.Create, w.strangers())
		for _, operation := range []string{"searchDirectory", "podLoginInformation"} {
			if _, err := w.Sandbox.Faults().Add(sandbox.Rule{Match: sandbox.Match{Operation: operation}, Kind: sandbox.KindHTML}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		w.precheck(c)
		for _, r := range w.rows(c.ID, bulk.Filter{}) {
			if r.Precheck.Answered() || r.Precheck.Why() != precheck.NotAsked {
				t.Errorf("%s is %q without an answer", r.Email, r.Precheck)
			}
		}
		w.Sandbox.Faults().Clear()
		if n, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID); err != nil || n != 2 {
			t.Fatalf("again: %d, %v", n, err)
		}
		w.precheck(c)
		if said := w.said(c); said[bulk.AwaitsPrecheck] != 0 || len(said) != 2 {
			t.Errorf("answered: %v", said)
		}
	})
}

// Some are asked about at a time; a process that ends in between, an address that is mended
// and a start take nothing of that amiss.
func TestAPrecheckIsGoneOnWithAndEndsWhenItIsStarted(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(120))
		if _, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		if again, err := w.Bulk.Precheck(t.Context(), id(c)); err != nil || again == 0 {
			t.Fatalf("the first of them: %s, %v", again, err)
		}
		w.Waker.Of(bulk.PrecheckJobKind)
		w.Start()
		if err := w.Bulk.Sweep(t.Context(), true, w.Clock.Now()); err != nil || !slices.Contains(w.Waker.Of(bulk.PrecheckJobKind), id(c)) {
			t.Fatalf("what was left is not gone on with: %v", err)
		}
		if said := w.said(c); said[bulk.AwaitsPrecheck] != 70 {
			t.Errorf("after 50: %v", said)
		}
		c = w.run(c)
		if n := w.precheck(c); n != 2 || w.Calls("searchDirectory") != 50 {
			t.Errorf("%d goes and %d questions, want none asked after it was started", n, w.Calls("searchDirectory"))
		}
		w.want(c, bulk.Done, map[bulk.RowState]int{bulk.Created: 120})
	})
}

func TestAnotherAddressHasNoPrecheck(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.inLyondell()
		c := w.bring(bulk.Create, w.strangers())
		if _, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		w.precheck(c)
		file := w.list(bulk.Create, "E-mail,First name,Last name\nold.hand@lyondell.example,Old,Mended\nanother.one@lyondell.example,New,One\n")
		c, err := w.Bulk.Replace(t.Context(), admin, c.ID, c.Seen(), "mended.csv", file)
		if err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Checking)
		if same, other := w.row(c.ID, "old.hand@lyondell.example"), w.row(c.ID, "another.one@lyondell.example"); same.Precheck == "" || other.Precheck != "" {
			t.Errorf("the same address has %q, another one %q", same.Precheck, other.Precheck)
		}
	})
}

// While Symphony wants to be left alone nobody is asked about, instead of everybody in vain.
func TestAPrecheckWaitsWhileSymphonyAsksTo(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(3))
		if _, err := w.Bulk.AskPrecheck(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		w.Inject("getCompanies", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "30"})
		if _, err := w.Client.Companies.List(t.Context()); err == nil {
			t.Fatal("Symphony didn't ask to wait")
		}
		if again, err := w.Bulk.Precheck(t.Context(), id(c)); err != nil || again < 20*time.Second || w.said(c)[bulk.AwaitsPrecheck] != 3 {
			t.Errorf("it comes again after %s, %v: %v", again, err, w.said(c))
		}
	})
}
