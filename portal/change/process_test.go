package change_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testneeds"
	"foyer/internal/testpg"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// senderVariable makes this test program a process that makes one change: it holds a
// senderTask.
const senderVariable = "FOYER_TEST_SENDER"

func TestMain(m *testing.M) {
	if task := os.Getenv(senderVariable); task != "" {
		if err := send(context.Background(), task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(testpg.Run(m))
}

// senderTask is what a process of its own is told.
type senderTask struct {
	DSN, Symphony, Certificate string
	Clock                      string // a file with how far its clock is ahead of the machine's
	Step                       string // in a transaction at which it waits for the word
	Request                    change.CreateUsersRequest
}

// now is the process's clock. A process that was stopped finds that time has passed;
// the file says how much, so that no test has to wait for it.
func (t senderTask) now() time.Time {
	ahead, err := os.ReadFile(t.Clock)
	if err != nil {
		panic(err)
	}
	d, err := time.ParseDuration(string(ahead))
	if err != nil {
		panic(err)
	}
	return time.Now().Add(d)
}

// send creates people, as a form has it done, in a process of its own.
func send(ctx context.Context, text string) error {
	var task senderTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return err
	}
	db, err := store.Open(ctx, task.DSN, store.Options{Now: task.now})
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(task.Certificate))
	client, err := sapi.New(sapi.Options{
		BaseURL: task.Symphony, TokenURL: task.Symphony + "/oauth/token", LoginURL: task.Symphony,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID, MaxTries: 1, Now: task.now,
		// Each request has a connection of its own, at which it can be held up.
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}},
	})
	if err != nil {
		return err
	}
	logger := slog.New(slog.DiscardHandler)
	companies := directory.New(directory.Options{Symphony: client, Store: db, People: db, Statuses: db, Activity: activity.New(db), Scheduler: &testworld.Waker{}, Now: task.now, Logger: logger})
	engine := change.New(change.Options{
		Symphony: client, Store: halting{db, task.Step}, Directory: companies, Scheduler: &testworld.Waker{}, Gate: portal.Gate{Ledger: db},
		Now: task.now, Grace: testworld.Grace, Logger: logger,
	})
	if _, _, err := companies.ReadCompany(ctx, task.Request.CompanyID); err != nil { // what is read once is read before
		return err
	}
	if err := say("ready"); err != nil {
		return err
	}
	made, err := engine.CreateUsers(ctx, testworld.As(auth.Onboarder), task.Request)
	_, err = fmt.Fprintln(os.Stdout, "ended", made.State, err)
	return err
}

// say says something and waits for the word to go on.
func say(what string) error {
	if _, err := fmt.Fprintln(os.Stdout, what); err != nil {
		return err
	}
	_, err := fmt.Scanln(new(string))
	return err
}

// halting is a store that waits for the word in the middle of a transaction.
type halting struct {
	*store.DB
	step string
}

func (h halting) at(step string, err error) error {
	if err != nil || step != h.step {
		return err
	}
	return say("at " + step)
}

// InsertChange is that of the store, and halts.
func (h halting) InsertChange(ctx context.Context, tx portal.Tx, c change.Change) (change.Change, error) {
	c, err := h.DB.InsertChange(ctx, tx, c)
	return c, h.at("insert", err)
}

// UpdateChange is that of the store, and halts.
func (h halting) UpdateChange(ctx context.Context, tx portal.Tx, c change.Change) (change.Change, error) {
	c, err := h.DB.UpdateChange(ctx, tx, c)
	return c, h.at("update "+string(c.State), err)
}

// Append is that of the store, and halts.
func (h halting) Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error {
	err := h.DB.Append(ctx, tx, events...)
	for _, e := range events {
		err = h.at("append "+string(e.Outcome), err)
	}
	return err
}

// symphony is the way of the process to the stand-in, at which it can be held up.
type symphony struct {
	*httptest.Server
	step    string
	reached chan struct{}
	proceed chan struct{}

	mu    sync.Mutex
	begun bool // the process makes the change
	armed bool // it has read the company, and sends what comes next
}

func newSymphony(w *world, step string) *symphony {
	s := &symphony{step: step, reached: make(chan struct{}), proceed: make(chan struct{})}
	inner := w.Sandbox.Handler()
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/users"):
			if s.is("the request arrives and is worked upon later") {
				s.hold()
			}
			if s.is("the request arrives and is worked upon at once") {
				defer s.hold()
			}
		case strings.HasSuffix(r.URL.Path, "/oauth/token") && s.is("a token is asked for"):
			defer s.hold()
		}
		inner.ServeHTTP(rw, r)
		if r.Method == http.MethodGet && s.arm() && step == "a token is asked for" {
			if err := w.Sandbox.Faults().RevokeTokens(r.Context()); err != nil {
				w.T.Error(err)
			}
		}
	}))
	s.Listener = &heldListener{s.Listener, s}
	s.StartTLS()
	w.T.Cleanup(s.Close)
	return s
}

// is says whether the process is to be held up at a step, now.
func (s *symphony) is(step string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.armed && s.step == step
}

// begin says that the process makes the change from now on.
func (s *symphony) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = true
}

// arm says that the company was read, and whether it was for the change.
func (s *symphony) arm() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = s.begun
	return s.begun
}

// hold holds the process up, once.
func (s *symphony) hold() {
	s.mu.Lock()
	s.armed, s.begun = false, false
	s.mu.Unlock()
	close(s.reached)
	<-s.proceed
}

// heldListener accepts a connection and says nothing on it.
type heldListener struct {
	net.Listener
	symphony *symphony
}

// Accept implements net.Listener.
func (l *heldListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil && l.symphony.is("the connection is accepted") {
		l.symphony.hold()
	}
	return c, err
}

// process is the one that makes the change.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	word io.Writer
	said *bufio.Scanner
}

func startSender(t *testing.T, task senderTask) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.CommandContext(context.WithoutCancel(t.Context()), self)}
	p.cmd.Env = append(os.Environ(), senderVariable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	if p.word, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	said, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.said = bufio.NewScanner(said)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// waitFor waits until the process says something.
func (p *process) waitFor(what string) {
	p.t.Helper()
	if !p.said.Scan() || !strings.HasPrefix(p.said.Text(), what) {
		p.t.Fatalf("the process says %q, %v, want %q", p.said.Text(), p.said.Err(), what)
	}
}

func (p *process) goOn() {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.word, "go"); err != nil {
		p.t.Fatal(err)
	}
}

// stop stops the process, and comes back when it stands still.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		p.t.Fatal(err)
	}
	for range 100_000 {
		stat, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(p.cmd.Process.Pid), "stat"))
		if err != nil {
			p.t.Fatal(err)
		}
		// What is in brackets is the program's name.
		if fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])); fields[0] == "T" {
			return
		}
	}
	p.t.Fatal("the process doesn't stand still")
}

func (p *process) wake() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		p.t.Fatal(err)
	}
}

// A process may be stopped anywhere for as long as anybody likes, a machine that sleeps
// for example. Whatever another one concluded meanwhile, nothing is sent after the
// ledger says that it was not.
func TestAProcessThatWasStoppedSendsNothingThatIsCalledUndone(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		testneeds.Missing(t, "/proc", "run it on Linux: whether a process stands still is read from there")
	}
	for step, commits := range map[string]int{
		"the intent is acknowledged": 1, "the claim is acknowledged": 2, "the outcome is acknowledged": 4, // after what is kept of the answer
		"insert": 0, "append intent": 0, "update sent": 0, "update done": 0, "append succeeded": 0,
		"a token is asked for": 0, "the connection is accepted": 0,
		"the request arrives and is worked upon at once": 0, "the request arrives and is worked upon later": 0,
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			address := testdb.PostgreSQL(t)
			w := &world{testworld.NewAt(t, address)}
			w.Clock.Until(time.Now())
			company := w.Ready()
			people := newPeople(company, 2)
			line, symphony := testpg.NewLine(t, address), newSymphony(w, step)
			clock := filepath.Join(t.TempDir(), "clock")
			setClock := func(ahead string) {
				if err := os.WriteFile(clock+".new", []byte(ahead), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(clock+".new", clock); err != nil {
					t.Fatal(err)
				}
			}
			setClock("0s")
			p := startSender(t, senderTask{
				// What it has locked is let go soon, so that the test needn't wait for long.
				DSN: line.DSN + "&idle_in_transaction_session_timeout=300ms", Symphony: symphony.URL, Clock: clock, Step: step,
				Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: symphony.Certificate().Raw})),
				Request:     change.CreateUsersRequest{CompanyID: company.ID, People: people, Token: portal.NewToken()},
			})
			p.waitFor("ready")
			if commits > 0 {
				line.HoldAfterCommits(commits)
			}
			held := line.Held
			symphony.begin()
			p.goOn()

			switch {
			case commits > 0:
				<-held
			case isAtSymphony(step):
				<-symphony.reached
			default:
				p.waitFor("at " + step)
			}
			p.stop()
			w.Clock.Forward(5 * time.Minute)
			setClock("5m")
			if step != "the request arrives and is worked upon later" {
				close(symphony.proceed)
			}
			if err := w.Changes.Sweep(t.Context(), false, w.Began); err != nil {
				t.Fatal(err)
			}
			for _, job := range w.Waker.Jobs {
				w.settleElsewhere(job.ID)
			}
			calls, said := w.wholeRequests(), w.lastSaid()
			if step == "the request arrives and is worked upon later" {
				close(symphony.proceed)
			}
			line.Release()
			if commits == 0 && !isAtSymphony(step) {
				p.goOn()
			}
			p.wake()
			p.waitFor("ended")

			if n := w.wholeRequests(); n > calls && said != "" && step != "the request arrives and is worked upon later" {
				t.Errorf("Symphony was asked %d times more after the ledger said %s", n-calls, said)
			}
			w.holdsTheTruth(company.ID, people)
			if report, err := w.DB.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
				t.Errorf("VerifyLedger = %v, %v", report.Problems, err)
			}
		})
	}
}

func isAtSymphony(step string) bool {
	return strings.HasPrefix(step, "the request arrives") || step == "a token is asked for" || step == "the connection is accepted"
}

// lastSaid is the last outcome in the ledger of creating people; empty: there is none.
func (w *world) lastSaid() ledger.Outcome {
	w.T.Helper()
	events, err := w.DB.Events(w.T.Context(), ledger.Filter{Action: ledger.CreateUsers}, ledger.Page{Limit: 1})
	if err != nil {
		w.T.Fatal(err)
	}
	if len(events) == 0 {
		return ""
	}
	return events[0].Outcome
}

// wholeRequests is how often Symphony was asked to create people it could read of. Half
// a request, of which the rest came too late to be sent, asks for nothing.
func (w *world) wholeRequests() int {
	w.T.Helper()
	all, err := w.Sandbox.Faults().Calls(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	n := 0
	for _, c := range all {
		if c.Operation == "createUsers" && len(c.Emails) > 0 {
			n++
		}
	}
	return n
}
