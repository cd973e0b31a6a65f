package change_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

const (
	// stormVariable holds for how long storms are run, one after the other with new
	// seeds, instead of a single short one: 5m.
	stormVariable = "FOYER_TEST_STORM"
	// seedVariable holds the seed of a storm that is to be repeated, as far as its
	// course depends on it.
	seedVariable = "FOYER_TEST_STORM_SEED"
)

// Whatever goes wrong at Symphony, and wherever whoever works on a change is killed:
// in the end every change has an end, nobody was created twice, and the ledger's last
// word about each person is what Symphony shows.
func TestAfterAStormTheLedgerTellsWhatSymphonyShows(t *testing.T) {
	t.Parallel()
	lasting, _ := time.ParseDuration(os.Getenv(stormVariable))
	changes := 50
	if lasting > 0 {
		changes = 200
	}
	for name, addresses := range map[string]func(t *testing.T) []string{
		"SQLite": func(t *testing.T) []string { return []string{testdb.SQLite(t)} },
		"PostgreSQL": func(t *testing.T) []string {
			address := testdb.PostgreSQL(t)
			return []string{address, address}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for began := time.Now(); ; {
				seed := rand.Uint64()
				if s, err := strconv.ParseUint(os.Getenv(seedVariable), 10, 64); err == nil {
					seed = s
				}
				if !t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { newStorm(t, seed, addresses(t)).run(changes) }) || time.Since(began) >= lasting {
					return
				}
			}
		})
	}
}

// storm is one run: processes over one database, and people whom they change.
type storm struct {
	*world
	seed      uint64
	processes []*world
	companies []sapi.Company
	people    [][]sapi.NewUser // by company
	left      atomic.Int64     // how many changes are still to be asked for
}

const peopleOfACompany = 30

func newStorm(t *testing.T, seed uint64, addresses []string) *storm {
	t.Helper()
	s := &storm{world: &world{testworld.NewAt(t, addresses[0])}, seed: seed}
	s.processes = []*world{s.world}
	for _, address := range addresses[1:] {
		s.processes = append(s.processes, &world{s.Replica(address)})
	}
	companies, err := s.Client.Companies.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range companies {
		if !c.State.Ready() || len(c.EmailDomains) == 0 || len(s.companies) == 3 {
			continue
		}
		var people []sapi.NewUser
		for i := range peopleOfACompany {
			people = append(people, sapi.NewUser{Email: fmt.Sprintf("storm.%d@%s", i, c.EmailDomains[0]), FirstName: "Storm", LastName: fmt.Sprint("No ", i)})
		}
		s.companies, s.people = append(s.companies, c), append(s.people, people)
	}
	for i, w := range s.processes {
		w.Clock.Tick = time.Microsecond
		w.Clock.Forward(time.Duration(i) * time.Second) // as far as clocks may differ
	}
	return s
}

// mortal is the store of a process that may be killed whenever it comes to it. What
// had been committed stays, and nothing follows.
type mortal struct {
	*store.DB
	killed func() bool
}

func (m mortal) die() {
	if m.killed() {
		runtime.Goexit()
	}
}

// Begin begins a transaction, or never comes back.
func (m mortal) Begin(ctx context.Context) (portal.Tx, error) {
	m.die()
	return m.DB.Begin(ctx)
}

// Append appends to the ledger, and may never come back.
func (m mortal) Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error {
	err := m.DB.Append(ctx, tx, events...)
	m.die()
	return err
}

// Change reads a change, or never comes back.
func (m mortal) Change(ctx context.Context, id string) (change.Change, error) {
	m.die()
	return m.DB.Change(ctx, id)
}

func (s *storm) run(changes int) {
	s.left.Store(int64(changes))
	var group sync.WaitGroup
	for p, w := range s.processes {
		for worker := range 3 {
			random := rand.New(rand.NewPCG(s.seed, uint64(10*p+worker)))
			doomed := *w.World
			doomed.Changes = change.New(change.Options{
				Symphony: w.Client, Directory: w.Directory, Scheduler: w.Waker, Gate: portal.Gate{Ledger: w.DB}, Now: w.Clock.Now,
				Grace: testworld.Grace, Logger: slog.New(slog.DiscardHandler),
				Store: mortal{w.DB, func() bool { return random.IntN(60) == 0 }},
			})
			group.Go(func() {
				for s.left.Load() > 0 {
					var life sync.WaitGroup
					life.Go(func() { s.act(&doomed, random) })
					life.Wait()
				}
			})
		}
	}
	group.Wait()
	s.Sandbox.Faults().Clear()
	s.settleAll()
	s.holdTruth()
}

// act is one thing that one process does.
func (s *storm) act(w *testworld.World, random *rand.Rand) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.T.Context()))
	defer cancel()
	if random.IntN(3) == 0 {
		s.misbehave(random)
	}
	at := random.IntN(len(s.companies))
	company := s.companies[at]
	switch n := random.IntN(10); {
	case n < 4:
		s.left.Add(-1)
		var people []sapi.NewUser
		for _, i := range random.Perm(peopleOfACompany)[:1+random.IntN(3)] {
			people = append(people, s.people[at][i])
		}
		_, _ = w.Changes.CreateUsers(ctx, testworld.As(auth.Admin), change.CreateUsersRequest{CompanyID: company.ID, People: people, Token: portal.NewToken()})
	case n < 6:
		s.left.Add(-1)
		c := change.Change{Kind: change.CreateUsers, Token: portal.NewToken(), Company: ledger.Company{ID: company.ID, Name: company.Name}}
		for _, i := range random.Perm(peopleOfACompany)[:1+random.IntN(3)] {
			c.People = append(c.People, change.Row{NewUser: s.people[at][i]})
		}
		_, _ = w.Changes.Propose(ctx, nil, testworld.As(auth.Admin), c)
	case n < 8:
		s.left.Add(-1)
		page, err := s.Client.Users.List(ctx, company.ID, sapi.PageOptions{Size: 100})
		if err != nil || len(page.Users) == 0 {
			return
		}
		u, err := s.Client.Users.Get(ctx, company.ID, page.Users[random.IntN(len(page.Users))].ID)
		if err != nil {
			return
		}
		_, _ = w.Changes.SetStatus(ctx, testworld.As(auth.Admin), change.StatusRequest{
			CompanyID: company.ID, UserID: u.ID, Active: u.Status != sapi.StatusActive, Seen: u.Status, Reason: "the storm", Token: portal.NewToken(),
		})
	default:
		forward := time.Duration(random.IntN(20)) * time.Second
		for _, p := range s.processes {
			p.Clock.Forward(forward)
		}
		due, err := s.DB.DueChanges(ctx, w.Clock.Now(), 5)
		if err != nil {
			s.T.Error(err)
		}
		for _, d := range due {
			_, _ = w.Changes.Execute(ctx, d.ID)
		}
	}
}

// misbehave has something go wrong at Symphony, once.
func (s *storm) misbehave(random *rand.Rand) {
	gateway := []int{http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests, 499, http.StatusBadGateway}
	rules := []sandbox.Rule{
		{Kind: sandbox.KindCloseBefore},
		{Kind: sandbox.KindCloseAfter},
		{Kind: sandbox.KindCloseDuring},
		{Kind: sandbox.KindTruncated},
		{Kind: sandbox.KindEmpty},
		{Kind: sandbox.KindDropItems},
		{Kind: sandbox.KindReorder},
		{Kind: sandbox.KindNullItems},
		{Kind: sandbox.KindLate, Delay: time.Duration(1+random.IntN(20)) * time.Second},
		{Kind: sandbox.KindStatus, Status: http.StatusInternalServerError, Work: random.IntN(2) == 0},
		{Kind: sandbox.KindHTML, Status: gateway[random.IntN(len(gateway))], Work: true},
		{Kind: sandbox.KindStatus, Status: http.StatusForbidden, Body: `{"title":"Forbidden","status":403}`, Work: true},
		{Kind: sandbox.KindLatency, Delay: time.Duration(1+random.IntN(30)) * time.Millisecond},
	}
	rule := rules[random.IntN(len(rules))]
	rule.Match.Operation = []string{"createUsers", "createUsers", "updateUser"}[random.IntN(3)]
	switch random.IntN(6) {
	case 0:
		rule = sandbox.Rule{Kind: sandbox.KindStale, Delay: time.Duration(1+random.IntN(20)) * time.Second, Match: sandbox.Match{Operation: "getUsers"}}
	case 1:
		rule = sandbox.Rule{Kind: sandbox.KindTotal, Total: []int64{-1, 0, 1, 100, 1 << 40}[random.IntN(5)], Match: sandbox.Match{Operation: "getUsers"}}
	case 2:
		if rule.Match.Operation == "createUsers" {
			rule = sandbox.Rule{Kind: sandbox.KindLate, Delay: time.Duration(1+random.IntN(600)) * time.Second, Match: rule.Match}
		}
	}
	rule.Times = 1
	s.Inject(rule.Match.Operation, rule)
}

// settleAll moves the clock on until nothing is due any more, with two workers at
// each change.
func (s *storm) settleAll() {
	ctx := context.WithoutCancel(s.T.Context())
	for range 200 {
		due, err := s.DB.DueChanges(ctx, s.Clock.Now().Add(1000*time.Hour), 500)
		if err != nil {
			s.T.Fatal(err)
		}
		if len(due) == 0 {
			return
		}
		c, err := s.DB.Change(ctx, due[0].ID)
		if err != nil {
			s.T.Fatal(err)
		}
		for _, p := range s.processes {
			p.Clock.Until(c.Due)
		}
		var group sync.WaitGroup
		for _, p := range s.processes {
			group.Go(func() {
				for _, d := range due {
					if _, err := p.Changes.Execute(ctx, d.ID); err != nil {
						s.T.Errorf("Execute = %v", err)
					}
				}
			})
		}
		group.Wait()
	}
	s.T.Error("changes are due for ever")
}

// holdTruth holds the ledger and the changes to what Symphony shows.
func (s *storm) holdTruth() {
	s.T.Helper()
	ctx := context.WithoutCancel(s.T.Context())
	report, err := s.DB.VerifyLedger(ctx, ledger.VerifyOptions{})
	if err != nil || !report.OK() {
		s.T.Errorf("VerifyLedger = %v, %v", report.Problems, err)
	}
	ends := map[string]int{}
	defer func() { s.T.Logf("the changes ended as %v", ends) }()
	credited, sent := map[string][]string{}, map[string]int{}
	status, statusAt, calls := map[string]sapi.Status{}, map[string]time.Time{}, map[string]int{}
	for _, c := range s.all() {
		ends[fmt.Sprintf("%s %s", c.State, c.Code)]++
		if c.Corrected {
			ends["corrected"]++
		}
		outcomes := s.Outcomes(c.ID)
		last := outcomes[len(outcomes)-1]
		if !c.State.Settled() || outcomes[0] != ledger.Intent || last == ledger.Intent || last == ledger.Unknown {
			s.T.Errorf("%s %s is %s %s, and the ledger has %v, want an end", c.Kind, c.ID, c.State, c.Code, outcomes)
		}
		said := s.lastWord(c.ID)
		for i, row := range c.People {
			if !c.SentAt.IsZero() {
				sent[row.Email]++
			}
			if row.Outcome == sapi.ItemCreated {
				credited[row.Email] = append(credited[row.Email], c.ID)
			}
			if created := said.Users[i].Result == string(sapi.ItemCreated); created != (row.Outcome == sapi.ItemCreated) || row.Outcome == sapi.ItemUnknown {
				s.T.Errorf("the ledger's last word of %s is %s %q, and the change has %q", row.Email, said.Outcome, said.Users[i].Result, row.Outcome)
			}
		}
		if c.User.ID == "" {
			continue
		}
		if !c.SentAt.IsZero() {
			calls[c.User.ID]++
		}
		if c.State == change.Done && !c.SentAt.Before(statusAt[c.User.ID]) {
			status[c.User.ID], statusAt[c.User.ID] = c.Kind.StatusWanted(), c.SentAt
		}
	}
	s.holdPeople(ctx, credited, sent)
	for _, c := range s.companies {
		for u, err := range s.Client.Users.All(ctx, c.ID, 100) {
			if err != nil {
				s.T.Fatal(err)
			}
			if want, changed := status[u.ID]; changed && s.Status(c.ID, u.ID) != want {
				s.T.Errorf("%s is %v, and was last set to %v", u.Email, s.Status(c.ID, u.ID), want)
			}
		}
	}
	if held := s.count1(`SELECT count(*) FROM change_item WHERE held = 1`); held != 0 {
		s.T.Errorf("%d people are held for ever", held)
	}
	s.holdCalls(ctx, sent, calls)
}

// holdPeople says who is there without a change that created them, and the other way
// round.
func (s *storm) holdPeople(ctx context.Context, credited map[string][]string, sent map[string]int) {
	s.T.Helper()
	for at, c := range s.companies {
		there := map[string]int{}
		for u, err := range s.Client.Users.All(ctx, c.ID, 100) {
			if err != nil {
				s.T.Fatal(err)
			}
			there[u.Email]++
		}
		for _, p := range s.people[at] {
			if n := there[p.Email]; n > 1 || n != len(credited[p.Email]) {
				s.T.Errorf("%s is there %d times, sent %d times and created by %v", p.Email, n, sent[p.Email], credited[p.Email])
			}
		}
	}
}

// holdCalls says what was sent more often than there are changes that were.
func (s *storm) holdCalls(ctx context.Context, people, statuses map[string]int) {
	s.T.Helper()
	all, err := s.Sandbox.Faults().Calls(ctx)
	if err != nil {
		s.T.Fatal(err)
	}
	asked, updates := map[string]int{}, 0
	for _, c := range all {
		if c.Operation == "updateUser" {
			updates++
		}
		for _, email := range c.Emails { // only createUsers has any
			asked[email]++
		}
	}
	for _, email := range slices.Sorted(maps.Keys(asked)) {
		if asked[email] > people[email] {
			s.T.Errorf("Symphony was asked %d times to create %s, by %d changes", asked[email], email, people[email])
		}
	}
	changes := 0
	for _, n := range statuses {
		changes += n
	}
	if updates > changes {
		s.T.Errorf("Symphony was asked %d times to change somebody, by %d changes", updates, changes)
	}
}

func (s *storm) sql() *sql.DB {
	if s.DB.Dialect() == store.SQLite {
		return s.DB.SQLite()
	}
	return s.DB.PostgreSQL()
}

func (s *storm) count1(query string) (n int) {
	s.T.Helper()
	if err := s.sql().QueryRowContext(context.WithoutCancel(s.T.Context()), query).Scan(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

// all are all changes.
func (s *storm) all() []change.Change {
	s.T.Helper()
	ctx := context.WithoutCancel(s.T.Context())
	rows, err := s.sql().QueryContext(ctx, `SELECT id FROM change`)
	if err != nil {
		s.T.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.T.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		s.T.Fatal(err)
	}
	var changes []change.Change
	for _, id := range ids {
		c, err := s.DB.Change(ctx, id)
		if err != nil {
			s.T.Fatal(err)
		}
		changes = append(changes, c)
	}
	return changes
}

// lastWord is the ledger's last event of a change.
func (s *storm) lastWord(id string) ledger.Event {
	s.T.Helper()
	events, err := s.DB.Events(context.WithoutCancel(s.T.Context()), ledger.Filter{Change: id}, ledger.Page{Limit: 1})
	if err != nil || len(events) != 1 {
		s.T.Fatalf("the ledger has %d events of change %s, %v", len(events), id, err)
	}
	return events[0]
}
