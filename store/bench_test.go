package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// eventsVariable says how many events the benchmarks of lists and verification
// fill a ledger with. What is promised is promised for a million; the default keeps
// a plain run short.
const eventsVariable = "FOYER_BENCH_EVENTS"

func benchEvents(b *testing.B) int {
	b.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv(eventsVariable), "20000"))
	if err != nil {
		b.Fatalf("%s: %v", eventsVariable, err)
	}
	return n
}

// benchBoth runs a benchmark on both databases.
func benchBoth(b *testing.B, run func(b *testing.B, s bench)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, newBench(b, testdb.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { run(b, newBench(b, testdb.PostgreSQL(b))) })
}

// changing are the actions of workload that are changes at Symphony, of which Foyer has rows.
var changing = map[ledger.Action]change.Kind{ledger.DisableUser: change.DisableUser, ledger.EnableUser: change.EnableUser, ledger.CreateUsers: change.CreateUsers, ledger.AddDomains: change.AddDomains}

// workload gives the nth event of a ledger as it might be: forty companies, of
// which one has a third of everything, twenty actors, 25,000 people, and now and
// then a rare outcome.
func workload(n int) ledger.Event {
	actions := []ledger.Action{ledger.SignIn, ledger.DisableUser, ledger.EnableUser, ledger.CreateUsers, ledger.AddDomains, ledger.Export, ledger.SignOut}
	outcomes := []ledger.Outcome{ledger.Intent, ledger.Succeeded}
	company := n % 40
	if n%3 == 0 {
		company = 0
	}
	actor := n / 7 % 20
	e := ledger.Event{
		Action: actions[n/2%len(actions)], Outcome: outcomes[n%2], Change: fmt.Sprint("change-", n/2),
		Actor: auth.Actor{
			Issuer: "https://idp.example", Subject: fmt.Sprint("sub-", actor), Name: fmt.Sprintf("Person Number%02d", actor),
			Email: fmt.Sprintf("person%02d@partner.example", actor), Roles: auth.Roles{auth.Viewer}, RequestID: fmt.Sprint("request-", n/2),
			Address: "192.0.2.7", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
		},
		Company: ledger.Company{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", company), Name: fmt.Sprintf("Company No %02d Holdings", company)},
		Users: []ledger.User{{
			ID: fmt.Sprintf("11111111-0000-4000-8000-%012d", n%25000), Email: fmt.Sprintf("user%05d@company%02d.example", n%25000, company),
			Name: fmt.Sprintf("User Name%05d", n%25000),
		}},
		Reason: "left the firm", Ticket: fmt.Sprint("INC-", n),
		Symphony: ledger.Symphony{Operation: "updateUser", Status: 200, TraceID: fmt.Sprint("trace-", n)},
	}
	if _, ofChange := changing[e.Action]; ofChange {
		e.Change = "" // there would have to be a row: fillChanges has them
	}
	if n%5000 == 4999 {
		e.Outcome, e.Note = ledger.Unknown, "the answer was lost"
	}
	return e
}

// fill appends the events of workload, a hundred every minute.
func fill(t testing.TB, s bench, events int) {
	t.Helper()
	start := time.Now()
	batch := make([]ledger.Event, 0, 100)
	for n := range events {
		batch = append(batch, workload(n))
		if len(batch) == cap(batch) || n == events-1 {
			s.clock.add(time.Minute)
			s.record(t, batch...)
			batch = batch[:0]
		}
	}
	if b, ok := t.(*testing.B); ok {
		b.Logf("filled with %d events in %v", events, time.Since(start).Round(time.Millisecond))
	}
	analyse(t, s)
}

// fillChanges is fill with a row for each change that the events are about, as there is.
func fillChanges(t testing.TB, s bench, events int) {
	t.Helper()
	for n := 0; n < events; n += 100 {
		s.clock.add(time.Minute)
		must(t, s.inTx(t.Context(), func(tx portal.Tx) error {
			var appended []ledger.Event
			for n, end := n, n+100; n < end; n += 2 {
				asked, ended := workload(n), workload(n+1)
				ended.Outcome, ended.Company, ended.Users, ended.Ticket = ledger.Succeeded, asked.Company, asked.Users, asked.Ticket
				kind, ofChange := changing[asked.Action]
				if ofChange {
					asked.Change = fmt.Sprint("change-", n/2)
					ended.Change = asked.Change
				}
				if appended = append(appended, asked, ended); !ofChange {
					continue
				}
				c := change.Change{
					ID: asked.Change, Kind: kind, State: change.Done, Token: asked.Change, Subject: asked.Change, Actor: asked.Actor, Company: asked.Company,
					Reason: asked.Reason, Ticket: asked.Ticket, CreatedAt: s.clock.Now(), SentAt: s.clock.Now(), UpdatedAt: s.clock.Now(), SettledAt: s.clock.Now(),
				}
				if c.User = asked.Users[0]; kind == change.CreateUsers {
					c.User, c.People = ledger.User{}, []change.Row{{NewUser: sapi.NewUser{Email: asked.Users[0].Email}, UserID: asked.Users[0].ID}}
				}
				if _, err := s.InsertChange(t.Context(), tx, c); err != nil {
					return err
				}
			}
			return s.Append(t.Context(), tx, appended...)
		}))
	}
	analyse(t, s)
}

func BenchmarkAppendOne(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		for n := 0; b.Loop(); n++ {
			s.record(b, workload(n))
		}
	})
}

func BenchmarkAppendAThousandAtOnce(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		batch := make([]ledger.Event, 1000)
		for n := range batch {
			batch[n] = workload(n)
		}
		for b.Loop() {
			s.record(b, batch...)
		}
	})
}

// BenchmarkFillASegment appends the event that makes a segment full, which waits for
// the segment's index.
func BenchmarkFillASegment(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		for b.Loop() {
			b.StopTimer()
			fill(b, s, store.SegmentSize-1)
			b.StartTimer()
			s.record(b, workload(store.SegmentSize-1))
		}
	})
}

// listFilters are the filters of the desk, and combinations that are hard: a
// common one with a rare one, and two common ones.
func listFilters(s bench) map[string]ledger.Filter {
	end := s.clock.Now()
	return map[string]ledger.Filter{
		"none":                          {},
		"without calls of bulk changes": {NoCalls: true},
		"action":                        {Action: ledger.DisableUser},
		"outcome, rare":                 {Outcome: ledger.Unknown},
		"outcome, never":                {Outcome: ledger.Reconciled},
		"action and outcome":            {Action: ledger.DisableUser, Outcome: ledger.Succeeded},
		"action and outcome, never":     {Action: ledger.SignIn, Outcome: ledger.Reconciled},
		"company":                       {CompanyID: "00000000-0000-4000-8000-000000000007"},
		"company, a third of all":       {CompanyID: "00000000-0000-4000-8000-000000000000"},
		"company and action":            {CompanyID: "00000000-0000-4000-8000-000000000000", Action: ledger.Export},
		"company and outcome, rare":     {CompanyID: "00000000-0000-4000-8000-000000000000", Outcome: ledger.Unknown},
		"company and outcome, never":    {CompanyID: "00000000-0000-4000-8000-000000000000", Outcome: ledger.Reconciled},
		"user":                          {UserID: "11111111-0000-4000-8000-000000000017"},
		"user by e-mail":                {UserEmail: "user00017@company17.example"},
		"request":                       {Request: "request-777"},
		"trace":                         {Trace: "trace-777"},
		"change":                        {Change: "change-777"},
		"time, the last hours":          {From: end.Add(-2 * time.Hour)},
		"time, long ago":                {To: end.Add(-2 * time.Hour)},
		"time, one batch":               {From: end.Add(-65 * time.Minute), To: end.Add(-64 * time.Minute)},
		"time, nothing":                 {From: end.Add(time.Hour)},
		"time and outcome":              {To: end.Add(-2 * time.Hour), Outcome: ledger.Unknown},
		"actor by name":                 {Actor: "number07"},
		"actor, nobody":                 {Actor: "number77"},
		"text, in everything":           {Text: "left the firm"},
		"text, rare":                    {Text: "answer was lost"},
		"text, one":                     {Text: "inc-19999"},
		"text, never":                   {Text: "no such words"},
		"text of two letters":           {Text: "le"},
		"user by part of name":          {User: "name00017"},
		"company by name, rare outcome": {Company: "no 07 hold", Outcome: ledger.Unknown},
		"company by part of name":       {Company: "no 07 hold"},
		"text and company":              {Text: "left the firm", CompanyID: "00000000-0000-4000-8000-000000000000"},
		"rare text, common company":     {Text: "answer was lost", CompanyID: "00000000-0000-4000-8000-000000000000"},
		"never text, common company":    {Text: "no such words", CompanyID: "00000000-0000-4000-8000-000000000000"},
		"actor and action":              {Actor: "number07", Action: ledger.Export},
		"actor and company":             {Actor: "number07", CompanyID: "00000000-0000-4000-8000-000000000000"},
		"actor and text, never":         {Actor: "number07", Text: "no such words"},
		"everything":                    {Actor: "number", Company: "holdings", User: "user", Action: ledger.DisableUser, Outcome: ledger.Succeeded, Text: "left", From: end.Add(-1000 * time.Hour), To: end},
	}
}

func BenchmarkList(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		fill(b, s, benchEvents(b))
		filters := listFilters(s)
		for _, name := range slices.Sorted(maps.Keys(filters)) {
			b.Run(name, func(b *testing.B) { benchList(b, s, filters[name]) })
		}
		all := slices.Collect(combinations(s))
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		b.Run("any combination", func(b *testing.B) { benchList(b, s, all...) })
	})
}

// benchList lists the events of some filters in turn.
func benchList(b *testing.B, s bench, filters ...ledger.Filter) {
	b.Helper()
	var times []time.Duration
	found := 0
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		events, err := s.Events(b.Context(), filters[n%len(filters)], ledger.Page{Limit: 50})
		if err != nil {
			b.Fatal(err)
		}
		times, found = append(times, time.Since(start)), len(events)
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(found), "events")
}

// BenchmarkVerify appends a ledger and verifies it, and tells the most memory that
// this takes: it must not grow with the ledger.
func BenchmarkVerify(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		events := benchEvents(b)
		fillChanges(b, s, events)
		sign(b, s.DB)
		runtime.GC()
		before, peak := heap(), watchHeap(b)
		for b.Loop() {
			report, err := s.VerifyLedger(b.Context(), ledger.VerifyOptions{})
			if err != nil || !report.OK() || report.Events != int64(events) || report.Checkpoints != 1 {
				b.Fatalf("VerifyLedger = %+v, %v", report, err)
			}
		}
		b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
		b.ReportMetric(float64(peak()-before)/1e6, "peak-MB")
	})
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap measures until its answer is asked for.
func watchHeap(b *testing.B) (peak func() uint64) {
	b.Helper()
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-tick.C:
				top = max(top, heap())
			case <-stop:
				tick.Stop()
				most <- top
				return
			}
		}
	}()
	return func() uint64 { close(stop); return <-most }
}

// BenchmarkTwoProcesses has two processes append events one by one, each in a
// transaction of its own, and verifies that their numbers are contiguous.
func BenchmarkTwoProcesses(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		const each = 10000
		for b.Loop() {
			before := ledgerSize(b, s)
			appendAtOnce(b, s, each, 1)
			if n := ledgerSize(b, s) - before; n != 2*each {
				b.Fatalf("%d events were appended, want %d", n, 2*each)
			}
		}
		b.ReportMetric(float64(2*each*b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

func BenchmarkSaveAHundredUsers(b *testing.B) {
	benchBoth(b, func(b *testing.B, s bench) {
		b.Helper()
		var users []sapi.User
		for i := range 100 {
			users = append(users, user(fmt.Sprint(i), sapi.StatusActive))
		}
		unnoticed := func([]directory.StatusReading) []ledger.Event { return nil }
		for b.Loop() {
			if err := s.saveUsers(b.Context(), "k", readAt(s.clock.add(time.Second), users...), unnoticed); err != nil {
				b.Fatal(err)
			}
		}
	})
}
