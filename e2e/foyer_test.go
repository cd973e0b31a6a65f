package e2e

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	// The stand-in's database.
	_ "modernc.org/sqlite"
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

// How many people the stand-in of a test has at most: of Lyondell enough for several
// pages, of each other company a few. Each Foyer reads them all, and the processors are
// for the browsers.
const (
	mostOfLyondell = 400
	mostOfOthers   = 40
)

// seeded is the stand-in's database as it is at its first start but for the crowds, made
// once for the test process: to seed it takes longer than to start Foyer.
var seeded = sync.OnceValues(func() ([]byte, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "foyer-seeded-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	database := filepath.Join(dir, "sandbox.db")
	cmd := exec.Command(path, "sandbox", "--listen", "127.0.0.1:0", "--database", database)
	cmd.Env = withoutSettings(os.Environ())
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if addressPattern.MatchString(lines.Text()) {
			_ = cmd.Process.Signal(syscall.SIGTERM) // it is ready, and has ended when Wait returns
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, err
	}
	if err := thin(database); err != nil {
		return nil, fmt.Errorf("leave people out: %w", err)
	}
	return os.ReadFile(database)
})

// thin leaves the first people of each company in the stand-in's database. The file,
// which is copied for each test, becomes smaller.
func thin(database string) (err error) {
	db, err := sql.Open("sqlite", database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(`DELETE FROM users WHERE seq IN (
		SELECT seq FROM (SELECT seq, tenant_id, row_number() OVER (PARTITION BY tenant_id ORDER BY seq) AS place FROM users)
		WHERE place > CASE tenant_id WHEN ? THEN ? ELSE ? END)`, lyondell, mostOfLyondell, mostOfOthers); err != nil {
		return err
	}
	_, err = db.Exec(`VACUUM`)
	return err
}

var addressPattern = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// foyer is a running Foyer with the stand-ins, by what it prints when it starts:
// where its pages are, and where the stand-in Symphony is.
type foyer struct{ address, symphony string }

// withoutSettings leaves out Foyer's settings, so that those of whoever runs the
// tests change nothing.
func withoutSettings(environ []string) []string {
	return slices.DeleteFunc(environ, func(pair string) bool { return strings.HasPrefix(pair, "FOYER_") })
}

// startFoyer runs the program itself, with the stand-ins, on databases and ports
// of its own. Settings are added to its environment as "FOYER_…=value". When t
// ends Foyer is asked to stop, and must do so without an error.
func startFoyer(t testing.TB, settings ...string) foyer {
	t.Helper()

	path, err := binary()
	if err != nil {
		t.Fatalf("build foyer: %v", err)
	}
	dir := t.TempDir()
	standIn, err := seeded()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "sandbox.db"), standIn, 0o600)
	}
	if err != nil {
		t.Fatalf("seed the stand-in: %v", err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path)
	cmd.Dir = dir
	cmd.Env = append(withoutSettings(os.Environ()),
		"FOYER_LISTEN=127.0.0.1:0",
		"FOYER_SANDBOX_LISTEN=127.0.0.1:0",
		"FOYER_ADMIN_LISTEN=",
		"FOYER_DATABASE_URL=sqlite:"+filepath.Join(dir, "foyer.db"),
		"FOYER_SANDBOX_DATABASE="+filepath.Join(dir, "sandbox.db"),
		"FOYER_SANDBOX_PROVISIONING=2s",
		// What is read of 25,000 people leaves the processors to those who run beside it.
		"FOYER_SYMPHONY_RATE=60",
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
	addresses := make(chan string, 2)
	ended := make(chan string, 1)
	go func() {
		defer close(addresses)
		var said strings.Builder
		for lines := bufio.NewScanner(output); lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if address := addressPattern.FindString(lines.Text()); address != "" {
				select {
				case addresses <- address:
				default: // Only the first two are of interest.
				}
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

	f := foyer{address: <-addresses, symphony: <-addresses}
	if f.symphony == "" {
		t.Fatal("foyer ended before it said where it listens")
	}
	return f
}
