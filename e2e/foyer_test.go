package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// binary builds Foyer once for the test process and gives the program's path.
var binary = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join("..", "bin", "e2e", "foyer"))
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", path, "foyer")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

var addressPattern = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startFoyer runs the program itself, with the stand-ins, on a database and a
// port of its own, and gives the address it prints first. Settings are added to
// its environment as "FOYER_…=value". When t ends Foyer is asked to stop, and
// must do so without an error.
func startFoyer(t testing.TB, settings ...string) string {
	t.Helper()

	path, err := binary()
	if err != nil {
		t.Fatalf("build foyer: %v", err)
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"FOYER_LISTEN=127.0.0.1:0",
		"FOYER_ADMIN_LISTEN=127.0.0.1:0",
		"FOYER_DATABASE_URL=sqlite:"+filepath.Join(dir, "foyer.db"),
		"FOYER_SANDBOX_DATABASE="+filepath.Join(dir, "sandbox.db"),
	)
	cmd.Env = append(cmd.Env, settings...)
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("start foyer: %v", err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatalf("start foyer: %v", err)
	}

	// The output is read to its end, or Foyer would block on a full pipe.
	addresses := make(chan string, 1)
	ended := make(chan string, 1)
	go func() {
		defer close(addresses)
		var said strings.Builder
		for lines, found := bufio.NewScanner(output), false; lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if address := addressPattern.FindString(lines.Text()); address != "" && !found {
				addresses <- address
				found = true
			}
		}
		ended <- said.String()
	}()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("stop foyer: %v", err)
		}
		said := <-ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("foyer ended with %v, having said:\n%s", err, said)
		} else if t.Failed() {
			t.Logf("foyer said:\n%s", said)
		}
	})

	address, ok := <-addresses
	if !ok {
		t.Fatal("foyer ended before it said where it listens")
	}
	return address
}
