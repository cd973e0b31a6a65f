package command

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

const (
	// programVariable makes this test program Foyer itself, in a process that can be
	// killed: it holds the arguments.
	programVariable = "FOYER_TEST_PROGRAM"
	// wholeVariable has the tests of killing wait on PostgreSQL as long as Foyer itself
	// does before it takes a sender for lost.
	wholeVariable = "FOYER_TEST_KILLED_WHOLE"
)

// noTemporaryFolder has the processes of tests do without one, as in a container whose
// root can't be written.
const noTemporaryFolder = "TMPDIR=/nowhere"

func TestMain(m *testing.M) {
	text := os.Getenv(programVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var args []string
	if err := json.Unmarshal([]byte(text), &args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(Run(context.Background(), Process{Stdout: os.Stdout, Stderr: os.Stderr, Args: args}))
}

// startProcess starts Foyer in a process of its own, over data that may be there
// already.
func startProcess(t *testing.T, database, sandboxDatabase string) (p *program, kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args, err := json.Marshal([]string{
		"--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--sandbox-listen=127.0.0.1:0", "--log-level=error",
		"--database-url=" + database, "--sandbox-database=" + sandboxDatabase, "--audit-key=" + filepath.Join(filepath.Dir(sandboxDatabase), "audit.key"),
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	cmd.Env = append(os.Environ(), programVariable+"="+string(args), noTemporaryFolder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	}
	t.Cleanup(kill)
	p = &program{t: t}
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(out)
	for p.symphony == "" && lines.Scan() {
		found := address.FindString(lines.Text())
		if p.foyer == "" {
			p.foyer = found
		} else {
			p.symphony = found
		}
	}
	if p.symphony == "" {
		t.Fatal("the program ended before it told its addresses")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.client = &http.Client{Jar: jar, Timeout: time.Minute}
	return p, kill
}

// The moments at which the process is killed: Symphony has the requests, has done what
// they ask or not, and has not answered.
func TestWhatAKilledProcessWasSendingIsSettledAfterTheNextStart(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, database, symphony string) {
		p, kill := startProcess(t, database, symphony)
		p.signIn(omar)
		first, second := p.twoPeople()
		p.faults(http.MethodPost, `{"match":{"operation":"updateUser","pathPrefix":"/api/v2`+first+`"},"kind":"no_answer","work":true}`, nil)
		p.faults(http.MethodPost, `{"match":{"operation":"updateUser","pathPrefix":"/api/v2`+second+`"},"kind":"no_answer"}`, nil)
		p.faults(http.MethodPost, `{"match":{"operation":"createUsers"},"kind":"no_answer","work":true}`, nil)
		for _, path := range []string{first, second} {
			page, body := p.do(http.MethodGet, p.foyer+path+"/status", nil, nil)
			address, form := p.form(page, body, "input[name=active]")
			form.Set("reason", "left the desk")
			p.sendAndForget(address, form)
		}
		p.sendAndForget(p.newPerson())
		p.waitUntilDone(first)
		kill()

		db := p.openStore(database)
		if _, unsettled, err := db.UnsettledChanges(t.Context(), 0); err != nil || unsettled != 3 {
			t.Fatalf("%d changes are unsettled, %v, want all three", unsettled, err)
		}
		if db.Dialect() == store.PostgreSQL && os.Getenv(wholeVariable) == "" {
			// What is waited for on PostgreSQL is that another replica would have said
			// something: the test lets that time be over.
			if _, err := db.PostgreSQL().ExecContext(t.Context(), `UPDATE change SET sent_at = sent_at - 40000000, due_at = due_at - 40000000`); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		p, _ = startProcess(t, database, symphony)
		waitUntilSettled(t, db)
		t.Logf("settled %v after the start", time.Since(began).Round(100*time.Millisecond))

		p.holdsTheTruth(db, map[string]bool{first: true, second: false})
		p.holdsCreated(db)
	})
}

// onBothDatabases runs a test with each database and a seeded stand-in.
func onBothDatabases(t *testing.T, test func(t *testing.T, database, symphony string)) {
	t.Helper()
	for name, address := range map[string]func(t *testing.T, folder string) string{
		"SQLite":     func(_ *testing.T, folder string) string { return "sqlite:" + filepath.Join(folder, "foyer.db") },
		"PostgreSQL": func(t *testing.T, _ string) string { t.Helper(); return testpg.DSN(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			test(t, address(t, folder), seededStandIn(t, folder))
		})
	}
}

// A job that reads Symphony for a lost answer may be killed as well. River counts it as
// running for minutes, and the change is settled all the same.
func TestWhatAKilledProcessWasReadingIsSettledAfterTheNextStart(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, database, symphony string) {
		p, kill := startProcess(t, database, symphony)
		p.signIn(omar)
		page, body := p.do(http.MethodGet, p.foyer+adele+"/status", nil, nil)
		address, form := p.form(page, body, "input[name=active]")
		form.Set("reason", "left the desk")
		p.faults(http.MethodPost, `{"match":{"operation":"updateUser"},"kind":"close_after"}`, nil)
		p.faults(http.MethodPost, `{"match":{"operation":"getUser","pathPrefix":"/api/v2`+adele+`"},"after":1,"kind":"no_answer"}`, nil)
		p.sendAndForget(address, form)
		p.waitForFaults(1 + 3) // the change, whoever waits for it, and both jobs that there are
		kill()

		db := p.openStore(database)
		p, _ = startProcess(t, database, symphony)
		waitUntilSettled(t, db)
		p.holdsTheTruth(db, map[string]bool{adele: true})
	})
}

// waitForFaults waits until faults have been met so often.
func (p *program) waitForFaults(want int) {
	p.t.Helper()
	for met := 0; met < want; {
		var faults []struct{ Fired int }
		p.faults(http.MethodGet, "", &faults)
		met = 0
		for _, f := range faults {
			met += f.Fired
		}
	}
}

// openStore opens the database beside the program.
func (p *program) openStore(database string) *store.DB {
	p.t.Helper()
	db, err := store.Open(p.t.Context(), database, store.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = db.Close() })
	return db
}

// waitUntilSettled asks the database until no change is unsettled.
func waitUntilSettled(t *testing.T, db *store.DB) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for {
		_, unsettled, err := db.UnsettledChanges(ctx, 0)
		if err != nil {
			t.Fatalf("the changes are not settled: %v", err)
		}
		if unsettled == 0 {
			return
		}
		<-again.C
	}
}

const adelesCompany = "/companies/e176c55e-6e49-4819-b982-12e0535db5f0"

// peopleOfAdelesCompany is their page, once Foyer has read them.
func (p *program) peopleOfAdelesCompany() string {
	p.t.Helper()
	people := regexp.MustCompile(`href="` + adelesCompany + `/users/[0-9a-f-]{36}"`)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		_, body := p.do(http.MethodGet, p.foyer+adelesCompany+"/users", nil, nil)
		if len(people.FindAllString(body, 2)) == 2 {
			return body
		}
		select {
		case <-again.C:
		case <-p.t.Context().Done():
			return body
		}
	}
}

// twoPeople are the paths of two people of Adele's company.
func (p *program) twoPeople() (first, second string) {
	p.t.Helper()
	body := p.peopleOfAdelesCompany()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	person := regexp.MustCompile(`^` + adelesCompany + `/users/[0-9a-f-]{36}$`)
	first = adele
	doc.Find("a[href]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if path := s.AttrOr("href", ""); person.MatchString(path) && path != adele {
			page, form := p.do(http.MethodGet, p.foyer+path+"/status", nil, nil)
			if page.StatusCode == http.StatusOK && strings.Contains(form, `value="false"`) {
				second = path
			}
		}
		return second == ""
	})
	if second == "" {
		p.t.Fatal("there is nobody active beside Adele")
	}
	return first, second
}

// waitUntilDone waits until Symphony has all requests, and has done what it does.
func (p *program) waitUntilDone(disabled string) {
	p.t.Helper()
	p.waitForFaults(3)
	ids, client := strings.Split(disabled, "/"), p.asked()
	for {
		user, err := client.Users.Get(p.t.Context(), ids[2], ids[4])
		if err != nil {
			p.t.Fatal(err)
		}
		created := false
		for u, err := range client.Users.All(p.t.Context(), ids[2], 100) {
			if err != nil {
				p.t.Fatal(err)
			}
			created = created || u.FirstName == "Killed"
		}
		if created && user.Status == sapi.StatusDisabled {
			return
		}
	}
}

// asked is a client of the stand-in, to see what is true.
func (p *program) asked() *sapi.Client {
	p.t.Helper()
	client, err := sapi.New(sapi.Options{
		BaseURL: p.symphony, TokenURL: p.symphony + "/oauth/token", LoginURL: p.symphony,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return client
}

// newPerson is the form that creates somebody in Adele's company, filled in and checked.
func (p *program) newPerson() (address string, form url.Values) {
	p.t.Helper()
	company, err := p.asked().Companies.Get(p.t.Context(), strings.TrimPrefix(adelesCompany, "/companies/"))
	if err != nil {
		p.t.Fatal(err)
	}
	page, body := p.do(http.MethodGet, p.foyer+adelesCompany+"/users/new", nil, nil)
	address, form = p.form(page, body, "#people-form")
	form.Set("users.0.email", "killed@"+company.EmailDomains[0])
	form.Set("users.0.firstName", "Killed")
	form.Set("users.0.lastName", "Between")
	page, body = p.do(http.MethodPost, address, form, http.Header{"Origin": {p.foyer}})
	return p.form(page, body, "#check-form")
}

// sendAndForget sends a form, and waits for no answer.
func (p *program) sendAndForget(address string, form url.Values) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(p.t.Context()), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", p.foyer)
	go func() {
		if answer, err := p.client.Do(request); err == nil {
			_ = answer.Body.Close() // nobody waits for it
		}
	}()
}

// holdsTheTruth holds the ledger's last word about each change to what Symphony shows.
func (p *program) holdsTheTruth(db *store.DB, disabled map[string]bool) {
	p.t.Helper()
	ctx := p.t.Context()
	client := p.asked()
	for path, want := range disabled {
		ids := strings.Split(path, "/")
		events, err := db.Events(ctx, ledger.Filter{UserID: ids[4], Action: ledger.DisableUser}, ledger.Page{Limit: 1})
		if err != nil || len(events) != 1 || events[0].Outcome != ledger.Reconciled {
			p.t.Fatalf("the ledger's last word about %s is %+v, %v, want how it was settled", path, events, err)
		}
		c, err := db.Change(ctx, events[0].Change)
		if err != nil || (c.State == change.Done) != want {
			p.t.Errorf("the change of %s is %s, %v, want done: %v", path, c.State, err, want)
		}
		user, err := client.Users.Get(ctx, ids[2], ids[4])
		if err != nil || (user.Status == sapi.StatusDisabled) != want {
			p.t.Errorf("%s is %v, %v, want disabled: %v", path, user.Status, err, want)
		}
	}
	if report, err := db.VerifyLedger(ctx, ledger.VerifyOptions{}); err != nil || !report.OK() {
		p.t.Errorf("VerifyLedger = %v, %v", report.Problems, err)
	}
}

// holdsCreated holds the ledger to the new person, who is there.
func (p *program) holdsCreated(db *store.DB) {
	p.t.Helper()
	created, err := db.Events(p.t.Context(), ledger.Filter{Action: ledger.CreateUsers}, ledger.Page{Limit: 1})
	if err != nil || len(created) != 1 || created[0].Outcome != ledger.Reconciled || created[0].Users[0].Result != string(sapi.ItemCreated) {
		p.t.Errorf("the ledger's last word about the new person is %+v, %v, want created", created, err)
	}
}
