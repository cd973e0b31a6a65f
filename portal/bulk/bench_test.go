package bulk_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testworld"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

// noJobs is a scheduler whose jobs the benchmark does itself.
type noJobs struct{}

// Schedule implements portal.Scheduler.
func (noJobs) Schedule(context.Context, portal.Tx, ...portal.Job) error { return nil }

// perCall is how long the benchmark's Symphony takes for a call that changes something.
const perCall = 100 * time.Millisecond

// standInVariable makes this test program a stand-in that takes perCall for each call: it
// holds the path of its database. In a process of its own it is no part of what Foyer takes.
const standInVariable = "FOYER_TEST_STAND_IN"

// measured is what the stand-in has seen: when the first call came, and the last one was
// answered.
type measured struct {
	Calls       int64
	First, Last time.Time
}

// standIn serves the stand-in until its input ends, and says where.
func standIn(ctx context.Context, database string) error {
	symphony, err := sandbox.Open(ctx, sandbox.Options{Database: database, Seed: sandbox.SeedSmall})
	if err != nil {
		return err
	}
	defer symphony.Close()
	var mu sync.Mutex
	var seen measured
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/measured" {
			mu.Lock()
			defer mu.Unlock()
			_ = json.NewEncoder(w).Encode(seen)
			return
		}
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/users") {
			symphony.Handler().ServeHTTP(w, r)
			return
		}
		came := time.Now()
		answer := httptest.NewRecorder()
		symphony.Handler().ServeHTTP(answer, r)
		<-time.After(time.Until(came.Add(perCall)))
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		mu.Lock()
		defer mu.Unlock()
		if seen.Calls++; seen.First.IsZero() || came.Before(seen.First) {
			seen.First = came
		}
		seen.Last = time.Now()
	}))
	defer server.Close()
	if _, err := fmt.Fprintln(os.Stdout, server.URL); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// track is Foyer over a Symphony that takes so long for each call, and the real clock.
type track struct {
	bulk     *bulk.Service
	changes  *change.Engine
	company  sapi.Company
	symphony string
}

// measured is what the stand-in has seen.
func (t *track) measured(b *testing.B) (seen measured) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, t.symphony+"/measured", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := new(http.Client).Do(request)
	if err == nil {
		err = errors.Join(json.NewDecoder(answer.Body).Decode(&seen), answer.Body.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
	return seen
}

// startStandIn starts the stand-in, and says where it is.
func startStandIn(b *testing.B) string {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	process := exec.CommandContext(context.WithoutCancel(b.Context()), self)
	process.Env = append(os.Environ(), standInVariable+"="+filepath.Join(b.TempDir(), "sandbox.db"))
	process.Stderr = os.Stderr
	input, err := process.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = errors.Join(input.Close(), process.Wait()) })
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

func newTrack(b *testing.B, address string, o bulk.Options) *track {
	b.Helper()
	t, ctx := &track{symphony: startStandIn(b)}, b.Context()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	db, err := store.Open(ctx, address, store.Options{KeyFile: filepath.Join(b.TempDir(), "key")})
	must(err)
	b.Cleanup(func() { _ = db.Close() })
	client, err := sapi.New(sapi.Options{
		BaseURL: t.symphony, TokenURL: t.symphony + "/oauth/token", LoginURL: t.symphony,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID, MaxConcurrent: 32,
	})
	must(err)
	logger := slog.New(slog.DiscardHandler)
	recorded := activity.New(db)
	read := directory.New(directory.Options{Symphony: client, Store: db, People: db, Statuses: db, Activity: recorded, Scheduler: noJobs{}, Busy: time.Minute, Logger: logger})
	o.Store, o.Directory, o.Symphony, o.Scheduler, o.Logger = db, read, client, noJobs{}, logger
	t.bulk = bulk.New(o)
	t.changes = change.New(change.Options{Symphony: client, Store: db, Directory: read, Scheduler: noJobs{}, Gate: portal.Gate{Ledger: db}, Moved: t.bulk.Moved, Logger: logger})
	t.bulk.Engine(t.changes)
	_, _, _, err = read.List(ctx, 0)
	must(err)
	companies, err := client.Companies.List(ctx)
	must(err)
	for _, c := range companies {
		if c.State.Ready() && c.ID == "e176c55e-6e49-4819-b982-12e0535db5f0" {
			t.company = c
		}
	}
	return t
}

// do does what the job of a bulk change does, until it leaves a state.
func (t *track) do(b *testing.B, id int64, state bulk.State) bulk.Change {
	b.Helper()
	for {
		c, err := t.bulk.Get(b.Context(), testworld.As(auth.Admin), id)
		if err != nil {
			b.Fatal(err)
		}
		if c.State != state {
			return c
		}
		if _, err := t.bulk.Do(b.Context(), strconv.FormatInt(id, 10)); err != nil {
			b.Fatal(err)
		}
	}
}

func (t *track) list(n int) string {
	var text strings.Builder
	text.WriteString("Employee,E-mail,First name,Last name,Job title,Department,Office,Phone,Manager,Cost centre\n")
	for i := range n {
		fmt.Fprintf(&text, "%d,person%d@%s,Robin,Person %d,Trader,FX Desk,London,+44 20 7946 %04d,A. Boss,CC-%d\n", i, i, t.company.EmailDomains[0], i, i%10000, i%40)
	}
	return text.String()
}

// bring uploads a list of so many people and has it checked.
func (t *track) bring(b *testing.B, n int) bulk.Change {
	b.Helper()
	text := []byte(t.list(n))
	debug.FreeOSMemory()
	before, base := cpu(), resident(b, "VmRSS")
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // resets VmHWM, the most that was resident
	file, err := lists.Open(text, lists.Options{})
	if err != nil {
		b.Fatal(err)
	}
	c, err := t.bulk.New(b.Context(), testworld.As(auth.Admin), bulk.Upload{Kind: bulk.Create, CompanyID: t.company.ID, List: file, Token: portal.NewToken()})
	if err != nil {
		b.Fatal(err)
	}
	c = t.do(b, c.ID, bulk.Checking)
	b.ReportMetric((cpu() - before).Seconds(), "plan-cpu-s")
	b.ReportMetric(resident(b, "VmHWM")-base, "plan-MB")
	return c
}

// resident is a line of what Linux says of this process's memory, in MB; 0 elsewhere.
func resident(b *testing.B, line string) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1000
}

// cpu is the processor time that this process has taken.
func cpu() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkCreate creates 10,000 people sixteen calls at once, and says what part of the
// time the calls alone would take: until the last one is answered, and until the bulk change
// is done.
func BenchmarkCreate(b *testing.B) {
	const people, atOnce = 10_000, 16
	for _, database := range []struct {
		name    string
		address func() string
	}{
		{"sqlite", func() string { return testdb.SQLite(b) }},
		{"postgres", func() string { return testdb.PostgreSQL(b) }},
	} {
		b.Run(database.name, func(b *testing.B) {
			for b.Loop() {
				t := newTrack(b, database.address(), bulk.Options{AtOnce: atOnce})
				c := t.bring(b, people)
				c, err := t.bulk.Start(b.Context(), testworld.As(auth.Admin), c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "Migration"})
				if err != nil {
					b.Fatal(err)
				}
				t.do(b, c.ID, bulk.Starting)
				before := cpu()
				c = t.do(b, c.ID, bulk.Running)
				ended := time.Now()
				if c.Sums.In(bulk.Created) != people {
					b.Fatalf("ended with %+v", c.Sums)
				}
				seen := t.measured(b)
				ideal := perCall * time.Duration((int(seen.Calls)+atOnce-1)/atOnce)
				b.ReportMetric(ideal.Seconds()/seen.Last.Sub(seen.First).Seconds(), "of-ideal")
				b.ReportMetric(ideal.Seconds()/ended.Sub(seen.First).Seconds(), "of-ideal-till-done")
				b.ReportMetric((cpu()-before).Seconds()/people*1000, "cpu-s/1000")
			}
		})
	}
}

// BenchmarkAtARate creates people at a limit of calls a second, and says what part of the
// time the limit alone would take.
func BenchmarkAtARate(b *testing.B) {
	const people, rate = 4_000, 40
	for b.Loop() {
		t := newTrack(b, testdb.SQLite(b), bulk.Options{AtOnce: 16, Rate: rate})
		c := t.bring(b, people)
		c, err := t.bulk.Start(b.Context(), testworld.As(auth.Admin), c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "Migration"})
		if err != nil {
			b.Fatal(err)
		}
		t.do(b, c.ID, bulk.Starting)
		if c = t.do(b, c.ID, bulk.Running); c.Sums.In(bulk.Created) != people {
			b.Fatalf("ended with %+v", c.Sums)
		}
		seen := t.measured(b)
		ideal := time.Second*time.Duration(seen.Calls-1)/rate + perCall
		b.ReportMetric(ideal.Seconds()/seen.Last.Sub(seen.First).Seconds(), "of-ideal")
	}
}
