package handlers

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/internal/testpeople"
	"foyer/portal"
	"foyer/portal/activity"
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
		paths := []string{"/find/suggest?q=adele", "/people?size=50", "/find?q=vance", "/companies"}
		browser := bench.as(auth.Viewer)
		asked := func(until <-chan error) (took []time.Duration) {
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
		for at, name := range map[int]string{50: "median", 99: "p99"} {
			of := func(all []time.Duration) float64 { return all[len(all)*at/100].Seconds() * 1000 }
			b.ReportMetric(of(alone), "ms-"+name+"-alone")
			b.ReportMetric(of(while), "ms-"+name+"-while")
		}
		server.Close()
	}
}
