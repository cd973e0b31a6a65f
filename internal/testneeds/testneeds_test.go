package testneeds_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"foyer/internal/testneeds"
)

// Not parallel, all of them: they set the environment.

func TestWithoutWhatItNeedsATestIsSkippedAndRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "skipped")
	t.Setenv("CI", "")
	t.Setenv(testneeds.SkippedVariable, path)

	inner := &ended{TB: t}
	inner.run(func() { testneeds.Missing(inner, "Chromium", "install it") })
	if inner.how != "skipped" {
		t.Errorf("the test was %q, want it skipped", inner.how)
	}
	recorded, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read the record: %v", err)
	}
	if want := "needs Chromium: " + t.Name(); !strings.HasPrefix(string(recorded), want) {
		t.Errorf("recorded %q, want it to begin with %q", recorded, want)
	}
}

func TestInCINothingIsSkipped(t *testing.T) {
	t.Setenv("CI", "true")

	inner := &ended{TB: t}
	inner.run(func() { testneeds.Missing(inner, "Chromium", "install it") })
	if inner.how != "failed" {
		t.Errorf("the test was %q, want it failed", inner.how)
	}
}

// ended is a test that remembers how it was ended instead of ending.
type ended struct {
	testing.TB
	how string
}

func (e *ended) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func (e *ended) Skipf(string, ...any)  { e.end("skipped") }
func (e *ended) Fatalf(string, ...any) { e.end("failed") }

func (e *ended) end(how string) {
	e.how = how
	runtime.Goexit()
}
