package bulk_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
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
	u := bulk.Upload{Kind: kind, CompanyID: w.company.ID, Name: "list.csv", List: w.list(kind, text), Form: bulk.Form{Token: portal.NewToken()}}
	if kind == bulk.Onboard {
		u.CompanyID = ""
	}
	c, err := w.Bulk.New(w.T.Context(), testworld.As(auth.Admin), u)
	if err != nil {
		w.T.Fatal(err)
	}
	return w.work(c.ID, bulk.Checking)
}

// start starts what was planned.
func (w *world) start(c bulk.Change) bulk.Change {
	w.T.Helper()
	typed, _ := w.Bulk.Asks(c)
	c, err := w.Bulk.Start(w.T.Context(), testworld.As(auth.Admin), c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "Migration of the FX desk", Ticket: "CHG-2207", Typed: typed})
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
	c, err := w.Bulk.Get(w.T.Context(), testworld.As(auth.Admin), id)
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

func (w *world) rows(id int64, f bulk.Filter) []bulk.Row {
	w.T.Helper()
	rows, _, err := w.Bulk.Rows(w.T.Context(), testworld.As(auth.Admin), id, f, 0, 0)
	if err != nil {
		w.T.Fatal(err)
	}
	return rows
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
