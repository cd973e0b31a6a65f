// Package testneeds holds the one rule for tests that need something the
// machine may lack: without it they are skipped, loudly, and where CI=true they
// fail. It owns that rule alone; only tests and their helpers import it.
package testneeds

import (
	"fmt"
	"os"
	"testing"
)

// SkippedVariable names the environment variable with the path of a file to
// which every skipped test is added, one a line: go test doesn't show the reason
// of a skip, so make test shows the file at its end.
const SkippedVariable = "FOYER_TEST_SKIPPED"

// Missing ends t, which needs what the machine lacks: "Chromium", say. It is
// skipped, or fails where CI=true, in words that say what to install.
func Missing(t testing.TB, need, remedy string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s, and with CI=true nothing is skipped: %s", need, remedy)
	}
	if err := record(fmt.Sprintf("needs %s: %s (%s)\n", need, t.Name(), remedy)); err != nil {
		t.Fatalf("record the skipped test: %v", err)
	}
	t.Skipf("needs %s: %s", need, remedy)
}

func record(line string) error {
	path := os.Getenv(SkippedVariable)
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(line); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
