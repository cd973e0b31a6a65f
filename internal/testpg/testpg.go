// Package testpg gives tests a PostgreSQL database of their own.
//
// It owns the life of the throw-away cluster and of the databases in it; it
// knows no table of Foyer's, and no code but tests may import it. One cluster
// serves a whole test process: the one FOYER_TEST_POSTGRES_URL names (make test
// starts one for all packages), or else one that scripts/with-postgres starts
// and that ends with the process, even when the process is killed.
//
// Without PostgreSQL on the machine the tests that ask are skipped, or fail where
// CI=true, as package testneeds says.
package testpg

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	// The driver that Foyer uses for PostgreSQL.
	_ "github.com/jackc/pgx/v5/stdlib"

	"foyer/internal/testneeds"
)

// URLVariable names the environment variable with the address of a cluster to
// use instead of starting one. The role in it must be able to create databases.
const URLVariable = "FOYER_TEST_POSTGRES_URL"

// notInstalled is the exit status of scripts/with-postgres that says that the
// machine has no PostgreSQL.
const notInstalled = 69

var errNotInstalled = errors.New("PostgreSQL is not installed")

// cluster gives the address of the cluster of this process, started when it is
// first asked for.
var cluster = sync.OnceValues(start)

// DSN creates an empty database for t and returns its postgres:// address. The
// database is dropped when t ends, connections left open notwithstanding.
// Without PostgreSQL, t is skipped, or fails where CI=true.
func DSN(t testing.TB) string {
	t.Helper()

	admin, err := cluster()
	switch {
	case errors.Is(err, errNotInstalled):
		testneeds.Missing(t, "PostgreSQL", "install it, or set FOYER_TEST_POSTGRES_BIN or "+URLVariable)
	case err != nil:
		t.Fatalf("start PostgreSQL: %v", err)
	}
	address, err := url.Parse(admin.address)
	if err != nil {
		t.Fatalf("%s is not an address", URLVariable)
	}

	name := "test_" + strings.ToLower(rand.Text())
	ctx := context.WithoutCancel(t.Context())
	if err := execute(ctx, admin.address, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(ctx, admin.address, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})

	address.Path = "/" + name
	return address.String()
}

func execute(ctx context.Context, dsn, statement string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// running is a cluster that serves. Hold is the pipe that keeps it up: collected
// as garbage it would be closed, and the cluster gone in the middle of a test.
type running struct {
	address string
	hold    io.Closer
}

// start gives the cluster that the environment names, or starts one.
//
// The script ends the cluster when its command ends, and its command here is a
// cat of a pipe that only this process can write to: so the cluster goes when
// the process goes. A test package has no later moment than its own end, and a
// panic or a timeout would jump over any other clean-up.
func start() (running, error) {
	if dsn := os.Getenv(URLVariable); dsn != "" {
		return running{address: dsn}, nil
	}
	script, err := script()
	if err != nil {
		return running{}, err
	}

	cmd := exec.Command(script, "sh", "-c", `echo "$`+URLVariable+`"; exec cat >/dev/null`)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	hold, err := cmd.StdinPipe()
	if err != nil {
		return running{}, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return running{}, err
	}
	if err := cmd.Start(); err != nil {
		return running{}, err
	}

	line, readErr := bufio.NewReader(stdout).ReadString('\n')
	if readErr == nil {
		return running{strings.TrimSpace(line), hold}, nil
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == notInstalled {
		return running{}, errNotInstalled
	}
	return running{}, fmt.Errorf("%s: %w\n%s", filepath.Base(script), errors.Join(readErr, err), stderr.String())
}

// script finds scripts/with-postgres from the folder of the package under test,
// which is where go test runs it.
func script() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, "scripts", "with-postgres")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("scripts/with-postgres is not above the package")
		}
		dir = filepath.Dir(dir)
	}
}
