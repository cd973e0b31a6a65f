package bulk_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// onDatabases runs a test on SQLite and on PostgreSQL.
func onDatabases(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, testdb.SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, testdb.PostgreSQL(t))
	})
}

// siege is a Symphony, a database, and processes over them that die.
type siege struct {
	*parts

	t       *testing.T
	rng     *rand.Rand
	rows    int
	standIn *sandbox.Sandbox
	task    workTask
	company sapi.Company

	bulks []bulk.Change // of the round
	there map[string]bool
	calls int64 // the last call of the rounds before
}

func newSiege(t *testing.T, address string, rows int) *siege {
	t.Helper()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any will do
	t.Logf("seed %d", seed)
	s := &siege{t: t, rng: rand.New(rand.NewPCG(seed, 1)), rows: rows} //nolint:gosec // moments and faults
	var err error
	s.standIn, err = sandbox.Open(t.Context(), sandbox.Options{Database: filepath.Join(t.TempDir(), "sandbox.db"), Seed: sandbox.SeedSmall, Provisioning: time.Second})
	s.must(err)
	server := httptest.NewServer(s.standIn.Handler())
	t.Cleanup(func() {
		_ = s.standIn.Close() // lets go of held requests before the server waits for them
		server.Close()
	})
	s.task = workTask{Address: address, Key: filepath.Join(t.TempDir(), "key"), Symphony: server.URL, Alone: strings.HasPrefix(address, "sqlite:")}
	s.parts, err = assemble(t.Context(), s.task, nil, func(db *store.DB) keeper { return db }, func(*store.DB) (portal.Scheduler, error) { return noJobs{}, nil })
	s.must(err)
	t.Cleanup(func() { _ = s.db.Close() })
	companies, _, _, err := s.directory.List(t.Context(), 0)
	s.must(err)
	s.company = companies[slices.IndexFunc(companies, func(c directory.CompanyRecord) bool { return c.ID == "e176c55e-6e49-4819-b982-12e0535db5f0" })].Company
	return s
}

func (s *siege) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// begin starts a bulk change of each kind.
func (s *siege) begin(round int) {
	s.t.Helper()
	s.bulks = nil
	domain := s.company.EmailDomains[0]
	var create, disable, onboard strings.Builder
	create.WriteString("E-mail,First name,Last name\n")
	disable.WriteString("E-mail\n")
	onboard.WriteString("Company,Vanity name,E-mail domains,E-mail,First name,Last name\n")
	var people []sapi.NewUser
	for i := range s.rows {
		fmt.Fprintf(&create, "joiner%d-%d@%s,Jo,Iner\n", round, i, domain)
		leaver := sapi.NewUser{Email: fmt.Sprintf("leaver%d-%d@%s", round, i, domain), FirstName: "Lea", LastName: "Ver"}
		people = append(people, leaver)
		fmt.Fprintln(&disable, leaver.Email)
		fmt.Fprintf(&onboard, "Siege %d,siege-%d,siege%d.example,new%d@siege%d.example,Neo,Phyte\n", round, round, round, i, round)
	}
	for some := range slices.Chunk(people, portal.MaxPeople) {
		asked := time.Now()
		answer, err := s.client.Users.Create(s.t.Context(), s.company.ID, some)
		s.must(err)
		var created []sapi.User
		for _, u := range answer.Users {
			created = append(created, u.User)
		}
		s.must(s.directory.KeepUsers(s.t.Context(), "", s.company.ID, directory.FromChange, created, asked))
	}
	calls, err := s.standIn.Faults().Calls(s.t.Context())
	s.must(err)
	s.calls = calls[len(calls)-1].Seq
	s.start(bulk.Create, s.company.ID, create.String())
	s.start(bulk.Disable, s.company.ID, disable.String())
	s.start(bulk.Onboard, "", onboard.String())
}

// start uploads a list, has it checked and starts it.
func (s *siege) start(kind bulk.Kind, companyID, text string) {
	s.t.Helper()
	file, err := lists.Open([]byte(text), lists.Options{Also: bulk.Fields(kind)})
	s.must(err)
	admin := testworld.As(auth.Admin)
	c, err := s.bulk.New(s.t.Context(), admin, bulk.Upload{Kind: kind, CompanyID: companyID, List: file, Token: portal.NewToken()})
	s.must(err)
	_, err = s.bulk.Do(s.t.Context(), fmt.Sprint(c.ID))
	s.must(err)
	c, err = s.bulk.Get(s.t.Context(), admin, c.ID)
	s.must(err)
	if c.Sums.In(bulk.Planned) != s.rows {
		s.t.Fatalf("%s plans %+v", kind, c.Sums)
	}
	typed, _ := s.bulk.Asks(c)
	c, err = s.bulk.Start(s.t.Context(), admin, c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "siege", Typed: typed})
	s.must(err)
	s.bulks = append(s.bulks, c)
}

// over says whether all bulk changes of the round have ended.
func (s *siege) over() bool {
	s.t.Helper()
	for _, c := range s.bulks {
		now, err := s.bulk.Get(s.t.Context(), testworld.As(auth.Admin), c.ID)
		s.must(err)
		if now.State == bulk.Paused {
			_, err := s.bulk.Resume(s.t.Context(), testworld.As(auth.Admin), c.ID) // somebody looks after it
			s.must(err)
		}
		if now.EndedAt.IsZero() {
			return false
		}
	}
	return true
}

// misbehave has Symphony do something wrong, perhaps.
func (s *siege) misbehave() {
	s.t.Helper()
	s.standIn.Faults().Clear()
	if s.rng.IntN(4) == 0 {
		return
	}
	rules := []sandbox.Rule{
		{Kind: sandbox.KindCloseAfter},
		{Kind: sandbox.KindCloseDuring},
		{Kind: sandbox.KindTruncated},
		{Kind: sandbox.KindEmpty},
		{Kind: sandbox.KindWrongType},
		{Kind: sandbox.KindReorder},
		{Kind: sandbox.KindDropItems},
		{Kind: sandbox.KindNullItems},
		{Kind: sandbox.KindStatus, Status: 500},
		{Kind: sandbox.KindStatus, Status: 503, Work: true},
		{Kind: sandbox.KindRetryAfter},
		{Kind: sandbox.KindHTML},
		{Kind: sandbox.KindHTML, Work: true},
		{Kind: sandbox.KindCloseBefore},
		{Kind: sandbox.KindLate, Delay: 300 * time.Millisecond},
		{Kind: sandbox.KindRespell, Emails: s.spellings()},
	}
	for range 1 + s.rng.IntN(3) {
		rule := rules[s.rng.IntN(len(rules))]
		rule.Match.Operation = []string{"createUsers", "createUsers", "updateUser", "createCompany"}[s.rng.IntN(4)]
		if rule.Match.Operation != "createUsers" && (rule.Kind == sandbox.KindReorder || rule.Kind == sandbox.KindDropItems || rule.Kind == sandbox.KindNullItems || rule.Kind == sandbox.KindRespell) {
			rule.Kind = sandbox.KindCloseAfter
		}
		rule.After, rule.Times = s.rng.IntN(5), 1+s.rng.IntN(2)
		_, err := s.standIn.Faults().Add(rule)
		s.must(err)
	}
}

// spellings are other ones of addresses that are sent.
func (s *siege) spellings() map[string]string {
	spelled := map[string]string{}
	for i := range s.rows {
		email := fmt.Sprintf("new%d@siege1.example", i)
		spelled[email] = strings.ToUpper(email)
	}
	return spelled
}

// life is that of one process: it dies at a step, or at some moment. died is false when
// there was nothing left to do.
func (s *siege) life(n int) (died bool) {
	s.t.Helper()
	task := s.task
	if n%2 == 1 {
		task.Step, task.Passes = namedSteps[n/2%len(namedSteps)], s.rng.IntN(6)
	}
	p := s.process(task)
	if task.Step != "" {
		select {
		case <-p.gone:
			return true
		case <-time.After(5 * time.Second):
			p.kill()
			return true // at a moment, then
		}
	}
	<-time.After(time.Duration(s.rng.IntN(1500)) * time.Millisecond)
	p.kill()
	return true
}

// finish lets one process do the rest.
func (s *siege) finish() {
	s.t.Helper()
	s.standIn.Faults().Clear()
	p := s.process(s.task)
	defer p.kill()
	s.await(p)
}

// await waits until all bulk changes of the round have ended, while a process is at them.
func (s *siege) await(p *worker) {
	s.t.Helper()
	deadline := time.After(2 * time.Minute)
	for !s.over() {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-p.gone:
			s.t.Fatal("the last process has died by itself")
		case <-deadline:
			for _, c := range s.bulks {
				now, _ := s.bulk.Get(s.t.Context(), testworld.As(auth.Admin), c.ID)
				s.t.Errorf("%s is %s, waits %+v: %+v", now.Kind, now.State, now.Waits, now.Sums)
			}
			s.t.Fatal("not over after two minutes")
		}
	}
}

// worker is a process.
type worker struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

func (s *siege) process(task workTask) *worker {
	s.t.Helper()
	self, err := os.Executable()
	s.must(err)
	text, err := json.Marshal(task)
	s.must(err)
	p := &worker{cmd: exec.CommandContext(context.WithoutCancel(s.t.Context()), self), gone: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), workVariable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	_, err = p.cmd.StdinPipe()
	s.must(err)
	said, err := p.cmd.StdoutPipe()
	s.must(err)
	s.must(p.cmd.Start())
	s.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	bufio.NewScanner(said).Scan() // it is ready, or has died
	go func() {
		_ = p.cmd.Wait()
		close(p.gone)
	}()
	return p
}

func (p *worker) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// check compares Symphony's own record of what was done, the rows and the ledger.
func (s *siege) check() {
	s.t.Helper()
	events := map[string][]ledger.Event{}
	for _, c := range s.bulks {
		events[fmt.Sprint(c.ID)] = s.events(c.ID)
	}
	s.checkCalls(slices.Concat(slices.Collect(maps.Values(events))...))
	for _, c := range s.bulks {
		s.checkRows(c, events[fmt.Sprint(c.ID)])
	}
}

// events are all events of a bulk change.
func (s *siege) events(id int64) []ledger.Event {
	s.t.Helper()
	var all []ledger.Event
	for before := int64(0); ; before = all[len(all)-1].Seq {
		page, err := s.db.Events(s.t.Context(), ledger.Filter{Request: bulk.RequestID(id)}, ledger.Page{Before: before, Limit: 500})
		s.must(err)
		all = append(all, page...)
		if len(page) < 500 {
			return all
		}
	}
}

// checkCalls holds what reached Symphony against the intents, and looks for what was asked
// again after it had been done.
func (s *siege) checkCalls(events []ledger.Event) {
	s.t.Helper()
	intents := map[string]int{}
	for _, e := range events {
		if e.Outcome == ledger.Intent && e.Change != "" {
			intents[keyOf(e)]++
		}
	}
	calls, err := s.standIn.Faults().Calls(s.t.Context())
	s.must(err)
	done := map[string]bool{}
	for _, call := range calls {
		if call.Seq <= s.calls {
			continue
		}
		var key string
		var about []string
		switch call.Operation {
		case "createUsers":
			for _, email := range call.Emails {
				about = append(about, strings.ToLower(email))
			}
			if len(about) == 0 && !call.Applied {
				continue // it broke off in the middle of the request
			}
			slices.Sort(about)
			key = strings.Join(about, " ")
		case "updateUser":
			key, about = call.UserID, []string{call.UserID}
		case "createCompany":
			key, about = "company", []string{"company"}
		default:
			continue
		}
		if intents[key]--; intents[key] < 0 {
			s.t.Errorf("call %d, %s of %s, has no intent of its own", call.Seq, call.Operation, key)
		}
		fresh := 0
		for _, one := range about {
			if done[one] {
				s.t.Errorf("call %d, %s, asks again for %s, who was done", call.Seq, call.Operation, one)
			}
			if call.Applied {
				done[one] = true
				fresh++
			}
		}
		if call.Operation == "createUsers" && call.Applied && call.Created != fresh {
			s.t.Errorf("call %d created %d of %d", call.Seq, call.Created, fresh)
		}
	}
}

// keyOf is what an intent is about, as checkCalls names it.
func keyOf(e ledger.Event) string {
	switch e.Action {
	case ledger.CreateUsers:
		var emails []string
		for _, u := range e.Users {
			emails = append(emails, strings.ToLower(u.Email))
		}
		slices.Sort(emails)
		return strings.Join(emails, " ")
	case ledger.CreateCompany:
		return "company"
	}
	return e.Users[0].ID
}

// checkRows holds the rows against Symphony and the ledger.
func (s *siege) checkRows(c bulk.Change, events []ledger.Event) {
	s.t.Helper()
	c, err := s.bulk.Get(s.t.Context(), testworld.As(auth.Admin), c.ID)
	s.must(err)
	want := bulk.Created
	if c.Kind == bulk.Disable {
		want = bulk.Disabled
	}
	if c.State != bulk.Done || c.Sums.In(want) != s.rows || c.Sums.All() != s.rows {
		s.t.Errorf("%s is %s with %+v, want %d %s", c.Kind, c.State, c.Sums, s.rows, want)
		refused, _, err := s.bulk.Rows(s.t.Context(), testworld.As(auth.Admin), c.ID, bulk.Filter{States: []bulk.RowState{bulk.Refused, bulk.Unknown}}, 0, 3)
		s.must(err)
		for _, r := range refused {
			s.t.Errorf("%s row %d after %d calls: %s %s %+v", c.Kind, r.N, r.Tries, r.State, r.Code, r.Facts.Problem)
		}
		s.t.FailNow()
	}
	people := map[string]sapi.User{}
	for u, err := range s.client.Users.All(s.t.Context(), c.Company.ID, 100) {
		s.must(err)
		people[strings.ToLower(u.Email)] = u
	}
	ended := map[string]ledger.Event{} // the last of each change
	for _, e := range slices.Backward(events) {
		if e.Change != "" && e.Outcome != ledger.Intent {
			ended[e.Change] = e
		}
	}
	rows, _, err := s.bulk.Rows(s.t.Context(), testworld.As(auth.Admin), c.ID, bulk.Filter{}, 0, 0)
	s.must(err)
	for _, r := range rows {
		u, there := people[strings.ToLower(r.Email)]
		if !there || u.ID != r.UserID {
			s.t.Errorf("%s row %d is %s: %s with id %q, and Symphony has %q", c.Kind, r.N, r.State, r.Email, r.UserID, u.ID)
		}
		told := slices.ContainsFunc(ended[r.ChangeID].Users, func(u ledger.User) bool { return u.ID == r.UserID && (u.Result == "created" || c.Kind == bulk.Disable) })
		if !told {
			s.t.Errorf("%s row %d: the ledger doesn't say so of change %s: %+v", c.Kind, r.N, r.ChangeID, ended[r.ChangeID])
		}
		if c.Kind == bulk.Disable {
			full, err := s.client.Users.Get(s.t.Context(), c.Company.ID, r.UserID)
			s.must(err)
			if full.Status != sapi.StatusDisabled {
				s.t.Errorf("row %d is %s, and Symphony has %s", r.N, r.State, full.Status)
			}
		}
	}
}
