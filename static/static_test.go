package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"

	"foyer/static"
)

func get(t *testing.T, h http.Handler, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func file(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFilesMayBeCachedForEver(t *testing.T) {
	t.Parallel()
	for name, contentType := range map[string]string{
		"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "htmx.min.js": "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml", "favicon-sandbox.svg": "image/svg+xml", "favicon-uat.svg": "image/svg+xml", "favicon-prod.svg": "image/svg+xml",
	} {
		path := static.Path(name)
		if !regexp.MustCompile(`^/static/[a-z-]+(\.min)?\.[0-9a-f]{12}\.[a-z]+$`).MatchString(path) {
			t.Errorf("Path(%s) = %s, want the name with a hash", name, path)
		}
		res := get(t, static.Handler(), path, "")
		if got := read(t, res.Body); got != file(t, name) {
			t.Errorf("%s: %d bytes, want the file's %d", path, len(got), len(file(t, name)))
		}
		for header, want := range map[string]string{"Content-Type": contentType, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"} {
			if got := res.Header.Get(header); got != want {
				t.Errorf("%s: %s = %q, want %q", path, header, got, want)
			}
		}
	}
}

func TestFilesAreCompressedForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "deflate,gzip;q=1": "gzip", "": "", "br": "", "gzip;q=0": "", "gzip; q=0.0": ""} {
		res := get(t, static.Handler(), static.Path("app.css"), accept)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding = %q, want %q", accept, got, want)
		}
		body := io.Reader(res.Body)
		if want == "gzip" {
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		if read(t, body) != file(t, "app.css") {
			t.Errorf("Accept-Encoding %q: not the stylesheet", accept)
		}
	}
}

// The budget of a first visit is 40 KB; what is left of it is the page's.
func TestAFirstVisitIsLight(t *testing.T) {
	t.Parallel()
	total := 0
	for _, name := range []string{"app.css", "app.js", "htmx.min.js", "favicon-sandbox.svg"} {
		total += len(read(t, get(t, static.Handler(), static.Path(name), "gzip").Body))
	}
	if total > 32<<10 {
		t.Errorf("the files of a first visit are %d bytes compressed, want at most 32 KiB", total)
	}
}

func TestUnknownAddressesAreNotFound(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/static/", "/static/app.css", "/static/app.000000000000.css", "/static/src/app.css", "/static/../static.go", "/static/static.go"} {
		if got := get(t, static.Handler(), path, "").StatusCode; got != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, got)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, static.Path("app.js"), nil))
	if w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: %d bytes, Content-Length %q", w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func BenchmarkFile(b *testing.B) {
	h, path := static.Handler(), static.Path("app.css")
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
