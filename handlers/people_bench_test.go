package handlers

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"foyer/auth"
)

// BenchmarkPeoplePage is what a table of 100 people costs: session, permission, database
// and page, as against a handler that sends the same bytes.
func BenchmarkPeoplePage(b *testing.B) {
	for _, page := range []struct{ name, path string }{
		{"everybody", "/people?size=100"},
		{"sorted by e-mail", "/people?size=100&sort=email"},
		{"searched", "/people?size=100&q=lyondell"},
		{"the same bytes", ""},
	} {
		bench := newBench(b)
		bench.readPeople()
		bench.must(bench.options.Directory.FillStatuses(b.Context()))
		browser := bench.as(auth.Viewer)
		first := browser.get("/people?size=100").want(http.StatusOK)
		if n := len(pickedIDs(first)); n != 100 {
			b.Fatalf("%d rows, want 100", n)
		}
		handler := bench.foyer
		if page.path == "" {
			page.path = "/"
			bytes := []byte(first.body)
			handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(bytes)
			})
		}
		b.Run(page.name, func(b *testing.B) {
			b.ReportAllocs()
			before := processorTime(b)
			for i := 0; b.Loop(); i++ {
				if i%50 == 49 {
					browser = bench.as(auth.Viewer) // one session may search so often
				}
				w := &discarded{header: http.Header{}}
				handler.ServeHTTP(w, browser.request(http.MethodGet, page.path, nil))
				if w.status != http.StatusOK && w.status != 0 {
					b.Fatalf("%s = %d", page.path, w.status)
				}
			}
			b.ReportMetric(float64(processorTime(b)-before)/float64(b.N)/float64(time.Millisecond), "cpu-ms/op")
		})
	}
}

// processorTime is what the process has used so far, garbage collection included: beside
// other programs the time that passes says little.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// discarded is a connection that costs nothing.
type discarded struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (d *discarded) Header() http.Header { return d.header }

// WriteHeader implements http.ResponseWriter.
func (d *discarded) WriteHeader(status int) { d.status = status }

// Write implements http.ResponseWriter.
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
