package handlers

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testdb"
	"foyer/store"
)

// millionBench is Foyer with the people of testdb.Filled, whose files it copies.
func millionBench(b *testing.B) *bench {
	b.Helper()
	kept, _ := testdb.Filled(b, testdb.People(b))
	files := testdb.New(b)
	for from, to := range map[string]string{kept: files.Store, store.DirectoryPath(kept): store.DirectoryPath(files.Store)} {
		copyFile(b, from, to)
	}
	bench := newBenchOn(b, files)
	_, listedAt, err := bench.store.Companies(b.Context())
	bench.must(err)
	bench.clock.at = listedAt // Symphony is not asked for companies that it doesn't have
	return bench
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(filepath.Clean(to))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFindPages asks for the pages by which people are found, one at a time and eight
// at once.
func BenchmarkFindPages(b *testing.B) {
	bench := millionBench(b)
	queries := []string{"son", "anna", "kowinski", "ünströ", "müller zoe", "berg lan", "m", "mü", "li anderson", "петров ольга", "李伟", "soren.hansen", "@nordlys3.example", "447", "zzyzx", "landersteinberg", "compliance senior"}
	for _, page := range []struct{ name, path string }{
		{"as one types", "/find/suggest?q="},
		{"all results", "/find?q="},
		{"a table of 100", "/people?size=100&q="},
	} {
		for _, atOnce := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s, %d at once", page.name, atOnce), func(b *testing.B) {
				var mu sync.Mutex
				var all []time.Duration
				started, before := time.Now(), processorTime(b)
				for b.Loop() {
					var wg sync.WaitGroup
					for worker := range atOnce {
						wg.Go(func() {
							took := bench.ask(page.path, queries, worker)
							mu.Lock()
							all = append(all, took...)
							mu.Unlock()
						})
					}
					wg.Wait()
				}
				slices.Sort(all)
				b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-median")
				b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms-p99")
				b.ReportMetric(float64(processorTime(b)-before)/float64(len(all))/float64(time.Millisecond), "cpu-ms/page")
				b.ReportMetric(float64(len(all))/time.Since(started).Seconds(), "pages/s")
			})
		}
	}
}

// ask has somebody who has just signed in ask for each query, beginning with one of them.
func (b *bench) ask(path string, queries []string, first int) (took []time.Duration) {
	browser := b.as(auth.Viewer)
	for i := range queries {
		w := &discarded{header: http.Header{}}
		request := browser.request(http.MethodGet, path+url.QueryEscape(queries[(first+i)%len(queries)]), nil)
		began := time.Now()
		b.foyer.ServeHTTP(w, request)
		took = append(took, time.Since(began))
		if w.status != http.StatusOK && w.status != http.StatusSeeOther && w.status != 0 { // a single hit opens at once
			b.t.Errorf("%s = %d", request.URL, w.status)
		}
	}
	return took
}
