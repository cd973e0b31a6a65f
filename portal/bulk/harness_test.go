package bulk_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/sapi"
)

// world is Foyer's use cases over real parts, with what these tests do in it.
type world struct {
	*testworld.World

	company sapi.Company
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(testworld.New(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(testworld.NewAt(t, testdb.PostgreSQL(t))))
	})
}

func newWorld(w *testworld.World) *world {
	_, _, _, err := w.Directory.List(w.T.Context(), 0)
	if err != nil {
		w.T.Fatal(err)
	}
	return &world{w, w.Ready()}
}

// list reads a list as a file is read.
func (w *world) list(kind bulk.Kind, text string) lists.File {
	w.T.Helper()
	file, err := lists.Open([]byte(text), lists.Options{Also: bulk.Fields(kind)})
	if err != nil {
		w.T.Fatal(err)
	}
	return file
}

// joiners is a list of so many people who are not on Symphony.
func (w *world) joiners(n int) string {
	var b strings.Builder
	b.WriteString("E-mail,First name,Last name,Desk\n")
	for i := range n {
		fmt.Fprintf(&b, "joiner%d@%s,Jo,Iner %d,FX\n", i+1, w.company.EmailDomains[0], i+1)
	}
	return b.String()
}

// bring uploads a list about the world's company and has it checked.
func (w *world) bring(kind bulk.Kind, text string) bulk.Change {
	w.T.Helper()
	u := bulk.Upload{Kind: kind, CompanyID: w.company.ID, Name: "list.csv", List: w.list(kind, text), Token: portal.NewToken()}
	if kind == bulk.Onboard {
		u.CompanyID = ""
	}
	c, err := w.Bulk.New(w.T.Context(), admin, u)
	if err != nil {
		w.T.Fatal(err)
	}
	return w.work(c.ID, bulk.Checking)
}

// start starts what was planned.
func (w *world) start(c bulk.Change) bulk.Change {
	w.T.Helper()
	typed, _ := w.Bulk.Asks(c)
	c, err := w.Bulk.Start(w.T.Context(), admin, c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "Migration of the FX desk", Ticket: "CHG-2207", Typed: typed})
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// work does what jobs do until the bulk change leaves the states.
func (w *world) work(id int64, states ...bulk.State) bulk.Change {
	w.T.Helper()
	for range 1000 {
		c := w.get(id)
		waits := false
		for _, s := range states {
			waits = waits || c.State == s
		}
		if !waits {
			return c
		}
		again, err := w.Bulk.Do(w.T.Context(), strconv.FormatInt(id, 10))
		if err != nil {
			w.T.Fatal(err)
		}
		w.Clock.Forward(again)
		if err := w.Changes.Sweep(w.T.Context(), false, w.Began); err != nil {
			w.T.Fatal(err)
		}
		w.settle()
	}
	w.T.Fatalf("bulk change %d is still %s", id, w.get(id).State)
	return bulk.Change{}
}

// settle executes the changes that jobs were asked to.
func (w *world) settle() {
	w.T.Helper()
	for _, id := range w.Waker.Of("change") {
		if _, err := w.Changes.Execute(w.T.Context(), id); err != nil {
			w.T.Fatal(err)
		}
	}
}

func (w *world) get(id int64) bulk.Change {
	w.T.Helper()
	c, err := w.Bulk.Get(w.T.Context(), admin, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

func (w *world) rows(id int64, f bulk.Filter) []bulk.Row {
	w.T.Helper()
	rows, _, err := w.Bulk.Rows(w.T.Context(), admin, id, f, 0, 0)
	if err != nil {
		w.T.Fatal(err)
	}
	return rows
}

// admin is who does everything here unless the test is about who may.
var admin = testworld.As(auth.Admin)

// run starts what was planned, and does what jobs do until it is over or paused.
func (w *world) run(c bulk.Change) bulk.Change {
	w.T.Helper()
	return w.work(w.start(c).ID, bulk.Starting, bulk.Running)
}

// want holds a bulk change to how many rows are in a state.
func (w *world) want(c bulk.Change, state bulk.State, rows map[bulk.RowState]int) {
	w.T.Helper()
	got := map[bulk.RowState]int{}
	for _, sum := range c.Sums {
		got[sum.State] += sum.N
	}
	if diff := cmp.Diff(rows, got); diff != "" || c.State != state {
		w.T.Errorf("the bulk change is %s, want %s; its rows (-want +got):\n%s", c.State, state, diff)
		for _, r := range w.rows(c.ID, bulk.Filter{}) {
			w.T.Logf("row %d %s: %s %s %s %+v", r.N, r.Email, r.State, r.Action, r.Code, r.Facts)
		}
	}
}

// row is the row of an address.
func (w *world) row(id int64, email string) bulk.Row {
	w.T.Helper()
	for _, r := range w.rows(id, bulk.Filter{}) {
		if strings.EqualFold(r.Email, email) {
			return r
		}
	}
	w.T.Fatalf("no row has %s", email)
	return bulk.Row{}
}

// know has the directory read everybody of a company, and their statuses.
func (w *world) know(companyID string) []sapi.User {
	w.T.Helper()
	var people []sapi.User
	for u, err := range w.Client.Users.All(w.T.Context(), companyID, 100) {
		if err == nil {
			u, err = w.Client.Users.Get(w.T.Context(), companyID, u.ID)
		}
		if err != nil {
			w.T.Fatal(err)
		}
		people = append(people, u)
	}
	if err := w.Directory.KeepUsers(w.T.Context(), "", companyID, directory.FromDetail, people, w.Clock.Now()); err != nil {
		w.T.Fatal(err)
	}
	return people
}

// seenCells is what somebody sees of the cells of a row.
func (w *world) seenCells(id int64, n int) string {
	w.T.Helper()
	for _, r := range w.rows(id, bulk.Filter{}) {
		if r.N == n {
			return r.SeenCells()
		}
	}
	return ""
}

// asSeen names rows as somebody sees them.
func asSeen(rows ...bulk.Row) map[int]string {
	seen := map[int]string{}
	for _, r := range rows {
		seen[r.N] = r.Seen()
	}
	return seen
}

// editRow writes values into a row as somebody sees it, and has it checked.
func (w *world) editRow(id int64, email string, values map[lists.Field]string) bulk.Change {
	w.T.Helper()
	r := w.row(id, email)
	if _, err := w.Bulk.EditRow(w.T.Context(), admin, id, r.N, r.SeenCells(), values); err != nil {
		w.T.Fatal(err)
	}
	return w.work(id, bulk.Checking)
}

// another is a company that is ready, and another one than the world's.
func (w *world) another() sapi.Company {
	w.T.Helper()
	companies, err := w.Client.Companies.List(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	for _, c := range companies {
		page, err := w.Client.Users.List(w.T.Context(), c.ID, sapi.PageOptions{Size: 1})
		if c.State.Ready() && c.ID != w.company.ID && err == nil && page.Total > 0 {
			return c
		}
	}
	w.T.Fatal("the seed has no other ready company")
	return sapi.Company{}
}

// everybody are the people whom Symphony itself has in the company, by e-mail.
func (w *world) everybody() map[string]sapi.User {
	w.T.Helper()
	people := map[string]sapi.User{}
	for u, err := range w.Client.Users.All(context.WithoutCancel(w.T.Context()), w.company.ID, 100) {
		if err != nil {
			w.T.Fatal(err)
		}
		people[strings.ToLower(u.Email)] = u
	}
	return people
}
