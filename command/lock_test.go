package command

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"foyer/sandbox"
)

func TestASecondProcessDoesNotServeTheFileWhicheverLinkLeadsThere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, symbolic, hard := filepath.Join(folder, "foyer.db"), filepath.Join(folder, "symbolic.db"), filepath.Join(folder, "hard.db")
	startProcess(t, "sqlite:"+path, seededStandIn(t, folder))
	another := seededStandIn(t, t.TempDir())
	if err := os.Symlink(path, symbolic); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, hard); err != nil {
		t.Fatal(err)
	}
	beside, err := filepath.Glob(path + ".*")
	if err != nil || len(beside) != 0 {
		t.Errorf("beside the database are %q, %v, want nothing that could be removed", beside, err)
	}
	for _, link := range []string{path, symbolic, hard} {
		status, said := runProcess(t, nil, "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--sandbox-listen=127.0.0.1:0", "--database-url=sqlite:"+link, "--sandbox-database="+another)
		if status != 1 || !strings.Contains(said, "another Foyer is serving this SQLite file") {
			t.Errorf("a second process at %s: status %d, %s, want a refusal", filepath.Base(link), status, said)
		}
	}
}

// runProcess runs Foyer in a process of its own to its end, with more variables.
func runProcess(t *testing.T, environ []string, args ...string) (status int, said string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(append(os.Environ(), environ...), programVariable+"="+string(text), noTemporaryFolder)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // the status says how it ended
	return cmd.ProcessState.ExitCode(), out.String()
}

// seededStandIn makes the database of a stand-in with the few companies and people that a
// test needs: all of the demonstration takes long under the race detector.
func seededStandIn(t *testing.T, folder string) (path string) {
	t.Helper()
	path = filepath.Join(folder, "sandbox.db")
	standIn, err := sandbox.Open(t.Context(), sandbox.Options{Database: path, Seed: sandbox.SeedSmall})
	if err != nil {
		t.Fatal(err)
	}
	if err := standIn.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
