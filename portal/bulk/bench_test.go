package bulk_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
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

// track is Foyer over a Symphony that takes so long for each call, and the real clock.
type track struct {
	bulk    *bulk.Service
	changes *change.Engine
	company sapi.Company
	calls   atomic.Int64
	first   atomic.Int64 // when the first call came, and the last one was answered
	last    atomic.Int64
}

func newTrack(b *testing.B, address string, o bulk.Options) *track {
	b.Helper()
	t, ctx := new(track), b.Context()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	standIn, err := sandbox.Open(ctx, sandbox.Options{Database: filepath.Join(b.TempDir(), "sandbox.db"), Seed: sandbox.SeedSmall})
	must(err)
	b.Cleanup(func() { _ = standIn.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/users") {
			came := time.Now()
			t.first.CompareAndSwap(0, came.UnixNano())
			t.calls.Add(1)
			answer := httptest.NewRecorder()
			standIn.Handler().ServeHTTP(answer, r)
			<-time.After(time.Until(came.Add(perCall)))
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
			t.last.Store(time.Now().UnixNano())
			return
		}
		standIn.Handler().ServeHTTP(w, r)
	}))
	b.Cleanup(server.Close)
	db, err := store.Open(ctx, address, store.Options{KeyFile: filepath.Join(b.TempDir(), "key")})
	must(err)
	b.Cleanup(func() { _ = db.Close() })
	client, err := sapi.New(sapi.Options{
		BaseURL: server.URL, TokenURL: server.URL + "/oauth/token", LoginURL: server.URL,
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
	file, err := lists.Open([]byte(t.list(n)), lists.Options{})
	if err != nil {
		b.Fatal(err)
	}
	c, err := t.bulk.New(b.Context(), testworld.As(auth.Admin), bulk.Upload{Kind: bulk.Create, CompanyID: t.company.ID, List: file, Token: portal.NewToken()})
	if err != nil {
		b.Fatal(err)
	}
	return t.do(b, c.ID, bulk.Checking)
}

// cpu is the processor time that this process has taken.
func cpu() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkCreate creates 10,000 people sixteen calls at once, and says what part of the
// time the calls alone would take.
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
				before := cpu()
				c := t.bring(b, people)
				planned := cpu() - before
				c, err := t.bulk.Start(b.Context(), testworld.As(auth.Admin), c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "Migration"})
				if err != nil {
					b.Fatal(err)
				}
				t.do(b, c.ID, bulk.Starting)
				before = cpu()
				if c = t.do(b, c.ID, bulk.Running); c.Sums.In(bulk.Created) != people {
					b.Fatalf("ended with %+v", c.Sums)
				}
				took := time.Duration(t.last.Load() - t.first.Load())
				ideal := perCall * time.Duration((int(t.calls.Load())+atOnce-1)/atOnce)
				b.ReportMetric(ideal.Seconds()/took.Seconds(), "of-ideal")
				b.ReportMetric(took.Seconds(), "s")
				b.ReportMetric(planned.Seconds(), "plan-cpu-s")
				b.ReportMetric((cpu() - before).Seconds(), "cpu-s")
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
		took := time.Duration(t.last.Load() - t.first.Load())
		ideal := time.Second*time.Duration(t.calls.Load()-1)/rate + perCall
		b.ReportMetric(ideal.Seconds()/took.Seconds(), "of-ideal")
	}
}
