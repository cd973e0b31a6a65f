package handlers

import (
	"net/http"
	"testing"

	"foyer/auth"
)

// BenchmarkPeoplePage is what a table of 100 people costs: session, permission, database
// and page, as against a handler that sends the same bytes.
func BenchmarkPeoplePage(b *testing.B) {
	for _, page := range []struct{ name, path string }{
		{"everybody", "/people?size=100"},
		{"sorted by e-mail", "/people?size=100&sort=email"},
		{"searched", "/people?size=100&q=lyondell"},
		{"as a file", ""},
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
			page.name, page.path = "the same bytes", "/"
			bytes := []byte(first.body)
			handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(bytes)
			})
		}
		b.Run(page.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &discarded{header: http.Header{}}
				handler.ServeHTTP(w, browser.request(http.MethodGet, page.path, nil))
				if w.status != http.StatusOK && w.status != 0 {
					b.Fatalf("%s = %d", page.path, w.status)
				}
			}
		})
	}
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
