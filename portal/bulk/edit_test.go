package bulk_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/sapi"
)

// A form is good for as long as what it is about is as its page showed it, whatever happened
// to the rest.
func TestAFormIsStaleOnlyWhereWhatItIsAboutChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(4))
		at := func(n int) string { return w.rows(c.ID, bulk.Filter{})[n-1].Email }
		rows := w.rows(c.ID, bulk.Filter{})
		seen, second, decided := c.Seen(), rows[1].SeenCells(), asSeen(rows[2])
		w.editRow(c.ID, at(1), map[lists.Field]string{lists.Title: "Head"})
		if _, err := w.Bulk.EditRow(t.Context(), admin, c.ID, 2, second, map[lists.Field]string{lists.LastName: "Two"}); err != nil {
			t.Errorf("the form of another row: %v", err)
		}
		w.work(c.ID, bulk.Checking)
		if _, err := w.Bulk.EditRow(t.Context(), admin, c.ID, 2, second, map[lists.Field]string{lists.LastName: "Three"}); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("a row that somebody else edited: %v, want stale", err)
		}
		if _, err := w.Bulk.Decide(t.Context(), admin, c.ID, decided, bulk.Out); err != nil {
			t.Errorf("a decision about a row that is as it was: %v", err)
		}
		w.work(c.ID, bulk.Checking)
		if _, err := w.Bulk.Decide(t.Context(), admin, c.ID, decided, bulk.Out); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("a decision about a row that is left out already: %v, want stale", err)
		}
		if _, err := w.Bulk.DecideAll(t.Context(), admin, c.ID, c.Version, bulk.Filter{}, bulk.Out); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("all rows of which some changed: %v, want stale", err)
		}
		if _, err := w.Bulk.Decide(t.Context(), admin, c.ID, map[int]string{99: "x"}, bulk.Out); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("a row that there isn't: %v, want stale", err)
		}
		// The title has made a column of its own: the list isn't the one that was seen.
		for _, old := range []string{seen, ""} {
			if _, err := w.Bulk.Replace(t.Context(), admin, c.ID, old, "mended.csv", w.list(bulk.Create, w.joiners(1))); !errors.Is(err, bulk.ErrStale) {
				t.Errorf("a mended list in place of another one: %v, want stale", err)
			}
		}
		if _, err := w.Bulk.Replace(t.Context(), admin, c.ID, w.get(c.ID).Seen(), "mended.csv", w.list(bulk.Create, w.joiners(1))); err != nil {
			t.Error(err)
		}
	})
}

// Only what was edited is checked, with what that matters to; the plan is the same as if all
// were.
func TestAnEditedRowIsCheckedWithoutTheOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		domain := w.company.EmailDomains[0]
		c := w.bring(bulk.Create, "E-mail,First name,Last name\none@"+domain+",One,A\none@"+domain+",One,B\none@"+domain+",One,C\ntwo@"+domain+",Two,D\n")
		codes := func() map[int]bulk.Code {
			codes := map[int]bulk.Code{}
			for _, r := range w.rows(c.ID, bulk.Filter{}) {
				codes[r.N] = r.Code
			}
			return codes
		}
		// Meanwhile somebody else takes the address of a row that isn't edited.
		if _, err := w.Client.Users.Create(t.Context(), w.company.ID, []sapi.NewUser{{Email: "two@" + domain, FirstName: "Two", LastName: "D"}}); err != nil {
			t.Fatal(err)
		}
		read := w.Calls("getUsers")
		w.Clock.Forward(5 * time.Minute)
		first := w.rows(c.ID, bulk.Filter{})[0]
		if _, err := w.Bulk.EditRow(t.Context(), admin, c.ID, 1, first.SeenCells(), map[lists.Field]string{lists.Email: "three@" + domain}); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Checking)
		if w.Calls("getUsers") != read {
			t.Error("the company's people were read for one row")
		}
		if got, want := codes(), (map[int]bulk.Code{1: "", 2: "", 3: bulk.Duplicate, 4: ""}); !maps.Equal(got, want) {
			t.Errorf("the rows are %v, want %v", got, want)
		}
		if r := w.rows(c.ID, bulk.Filter{})[2]; r.Facts.Row != 2 {
			t.Errorf("the duplicate is one of row %d, want 2", r.Facts.Row)
		}
		part := c.Plan
		c = w.editRow(c.ID, "three@"+domain, map[lists.Field]string{lists.Email: "two@" + domain})
		if got := codes(); got[4] != bulk.Duplicate {
			t.Errorf("the address of another row, which comes later: %v", got)
		}
		c = w.editRow(c.ID, w.rows(c.ID, bulk.Filter{})[0].Email, map[lists.Field]string{lists.Email: "three@" + domain})
		if c.Plan != part {
			t.Error("the same rows have another plan")
		}
		// Checked as a whole, and before it starts, everything is compared.
		if _, err := w.Bulk.CheckAgain(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		c = w.work(c.ID, bulk.Checking)
		if r := w.row(c.ID, "two@"+domain); r.State != bulk.AlreadyThere || c.Plan == part {
			t.Errorf("who is there by now is %s", r.State)
		}
	})
}

func TestAMisspeltDomainIsChangedInAllAddresses(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.inLyondell()
		c := w.bring(bulk.Create, "E-mail,First name,Last name\na@lyondel.example,A,A\nb@lyondel.example,B,B\nc@lyondell.exmaple,C,C\nd@other.example,D,D\njane,J,J\n")
		got := c.Misspelt(w.rows(c.ID, bulk.Filter{}))
		if len(got) != 2 || got[0] != (bulk.Misspelt{Domain: "lyondel.example", Meant: "lyondell.example", Rows: 2}) || got[1].Domain != "lyondell.exmaple" {
			t.Fatalf("misspelt: %+v", got)
		}
		if _, _, err := w.Bulk.ChangeDomain(t.Context(), admin, c.ID, "lyondel.example", "other.example"); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("to a domain that isn't the company's: %v", err)
		}
		if _, _, err := w.Bulk.ChangeDomain(t.Context(), admin, c.ID, "", "lyondell.example"); !errors.Is(err, bulk.ErrStale) {
			t.Errorf("from none, as of what is no address at all: %v", err)
		}
		_, n, err := w.Bulk.ChangeDomain(t.Context(), admin, c.ID, "lyondel.example", "lyondell.example")
		if err != nil || n != 2 {
			t.Fatalf("ChangeDomain: %d, %v, want 2", n, err)
		}
		c = w.work(c.ID, bulk.Checking)
		if c.Sums.To(bulk.ToAdd) != 2 || w.row(c.ID, "b@lyondell.example").Cells[0] != "b@lyondell.example" {
			t.Errorf("changed: %+v", c.Sums)
		}
	})
}

// Who takes in somebody disabled has them enabled, whatever else the list is for.
func TestWhoEnablesPeopleOfAListMustBeAllowedTo(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var list string
		for _, u := range w.know(w.company.ID) {
			if u.Status == sapi.StatusDisabled {
				list = "E-mail,First name,Last name\n" + u.Email + ",A,B\n"
			}
		}
		c := w.bring(bulk.Create, list)
		onboards := testworld.As(auth.Onboarder)
		rows := asSeen(w.rows(c.ID, bulk.Filter{})...)
		if !onboards.Can(auth.ChangeStatus) {
			t.Fatal("the roles are others: this test needs its own")
		}
		viewer := testworld.As(auth.Viewer)
		if _, err := w.Bulk.Decide(t.Context(), viewer, c.ID, rows, bulk.In); !isForbidden(err) {
			t.Errorf("who may not add people: %v", err)
		}
		if _, err := w.Bulk.Decide(t.Context(), testworld.As(auth.Auditor), c.ID, rows, bulk.In); !isForbidden(err) {
			t.Errorf("who may not enable people: %v", err)
		}
		if _, err := w.Bulk.Decide(t.Context(), onboards, c.ID, rows, bulk.In); err != nil {
			t.Error(err)
		}
	})
}

func isForbidden(err error) bool {
	_, is := errors.AsType[*portal.Forbidden](err)
	return is
}
