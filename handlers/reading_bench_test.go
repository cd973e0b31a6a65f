package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testpeople"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
)

// BenchmarkPageWhileReading asks for pages alone, and while a list of FOYER_BENCH_PEOPLE
// people is read, each page of which takes Symphony 100 ms.
func BenchmarkPageWhileReading(b *testing.B) {
	pages := testpeople.ListPages(testpeople.Companies(10*testdb.People(b), 200)[0], portal.MaxPageSize)
	for b.Loop() {
		bench := newBench(b)
		bench.readPeople()
		server := httptest.NewServer(testpeople.Slowly(pages, 100*time.Millisecond, bench.sandbox.Handler()))
		client, err := sapi.New(sapi.Options{
			BaseURL: server.URL, TokenURL: server.URL + "/oauth/token", LoginURL: server.URL, MaxConcurrent: 32,
			ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, PartnerID: sandbox.PartnerID,
		})
		bench.must(err)
		reader := directory.New(directory.Options{
			Symphony: client, Store: bench.store, People: bench.store, Statuses: bench.store, Activity: activity.New(bench.store), Scheduler: nothingLater{}, Now: bench.clock.Now, Busy: time.Minute, Logger: slog.New(slog.DiscardHandler),
		})
		asked := pagesAsked(bench, bench.as(auth.Viewer))
		enough := make(chan error)
		time.AfterFunc(5*time.Second, func() { close(enough) })
		alone := asked(enough)
		read := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := reader.ReadPeople(b.Context(), lyondell)
			read <- err
		}()
		while := asked(read)
		b.ReportMetric(time.Since(began).Seconds(), "s")
		reportPages(b, alone, while)
		server.Close()
	}
}

// pagesAsked gives what asks for pages, one after the other, until something is over, and how
// long each took, the quickest first.
func pagesAsked(bench *bench, browser *browser) func(until <-chan error) []time.Duration {
	paths := []string{"/find/suggest?q=adele", "/people?size=50", "/find?q=vance", "/companies"}
	return func(until <-chan error) (took []time.Duration) {
		for i := 0; ; i++ {
			select {
			case err := <-until:
				bench.must(err)
				slices.Sort(took)
				return took
			case <-time.After(5 * time.Millisecond):
			}
			w := &discarded{header: http.Header{}}
			request := browser.request(http.MethodGet, paths[i%len(paths)], nil)
			began := time.Now()
			bench.foyer.ServeHTTP(w, request)
			took = append(took, time.Since(began))
		}
	}
}

// reportPages reports how long pages took alone, and while something else was done.
func reportPages(b *testing.B, alone, while []time.Duration) {
	b.Helper()
	for at, name := range map[int]string{50: "median", 99: "p99"} {
		of := func(all []time.Duration) float64 { return all[len(all)*at/100].Seconds() * 1000 }
		b.ReportMetric(of(alone), "ms-"+name+"-alone")
		b.ReportMetric(of(while), "ms-"+name+"-while")
	}
}

// BenchmarkPageWhileBulk asks for pages alone, and while a bulk change creates 10,000 people
// with calls that take Symphony 100 ms.
func BenchmarkPageWhileBulk(b *testing.B) {
	for b.Loop() {
		bench := newBench(b)
		bench.readPeople()
		var list strings.Builder
		list.WriteString("E-mail,First name,Last name\n")
		for i := range 10_000 {
			fmt.Fprintf(&list, "person%d@lyondell.example,Robin,Person\n", i)
		}
		file, err := lists.Open([]byte(list.String()), lists.Options{})
		bench.must(err)
		otto := bench.somebody(auth.Onboarder)
		actor := auth.Actor{Issuer: otto.Person.Issuer, Subject: otto.Person.Subject, Roles: auth.Roles{auth.Onboarder}}
		c, err := bench.bulk.New(b.Context(), actor, bulk.Upload{Kind: bulk.Create, CompanyID: lyondell, List: file, Token: portal.NewToken()})
		bench.must(err)
		_, err = bench.bulk.Do(b.Context(), "1")
		bench.must(err)
		c, err = bench.bulk.Get(b.Context(), actor, c.ID)
		bench.must(err)
		_, err = bench.bulk.Start(b.Context(), actor, c.ID, bulk.StartRequest{Plan: c.Plan, Reason: "Migration"})
		bench.must(err)
		_, err = bench.bulk.Do(b.Context(), "1")
		bench.must(err)
		_, err = bench.sandbox.Faults().Add(sandbox.Rule{Match: sandbox.Match{Operation: "createUsers"}, Kind: sandbox.KindLatency, Delay: 100 * time.Millisecond})
		bench.must(err)

		asked := pagesAsked(bench, bench.as(auth.Viewer))
		enough := make(chan error)
		time.AfterFunc(5*time.Second, func() { close(enough) })
		alone := asked(enough)
		ran := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := bench.bulk.Do(b.Context(), "1")
			ran <- err
		}()
		while := asked(ran)
		b.ReportMetric(time.Since(began).Seconds(), "s")
		if c, err = bench.bulk.Get(b.Context(), actor, c.ID); err != nil || c.Sums.In(bulk.Created) != 10_000 {
			b.Fatalf("ended with %+v, %v", c.Sums, err)
		}
		reportPages(b, alone, while)
	}
}
