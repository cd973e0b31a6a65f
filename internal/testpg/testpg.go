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
	return clusterFor(t).database(t, "")
}

// Copy is DSN for databases that begin alike: as a copy of an Original, which is made
// in a tenth of the time.
func Copy(t testing.TB, original func() (name string, err error)) string {
	t.Helper()
	c := clusterFor(t)
	name, err := original()
	if err != nil {
		t.Fatalf("fill the database that is copied: %v", err)
	}
	return c.database(t, " TEMPLATE "+name)
}

// Original creates a database, has it filled, and gives its name. Run drops it.
func Original(fill func(dsn string) error) (name string, err error) {
	c, err := cluster()
	if err != nil {
		return "", err
	}
	if name, err = c.create(""); err != nil {
		return "", err
	}
	c.originals.Store(name, true)
	return name, fill(c.dsn(name))
}

// Run runs the tests of a process that uses Copy, and drops what was copied, unless
// the cluster goes with the process.
func Run(m *testing.M) (code int) {
	code = m.Run()
	if os.Getenv(URLVariable) == "" {
		return code
	}
	c, err := cluster()
	if err == nil {
		c.originals.Range(func(name, _ any) bool {
			err = errors.Join(err, c.drop(name.(string)))
			return true
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "drop the databases that were copied:", err)
		return 1
	}
	return code
}

// running is a cluster that serves. Hold is the pipe that keeps it up: collected
// as garbage it would be closed, and the cluster gone in the middle of a test.
type running struct {
	address   *url.URL
	admin     *sql.DB
	hold      io.Closer
	originals sync.Map // their names
}

func clusterFor(t testing.TB) *running {
	t.Helper()
	c, err := cluster()
	switch {
	case errors.Is(err, errNotInstalled):
		testneeds.Missing(t, "PostgreSQL", "install it, or set FOYER_TEST_POSTGRES_BIN or "+URLVariable)
	case err != nil:
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return c
}

// database creates a database for t.
func (c *running) database(t testing.TB, template string) (dsn string) {
	t.Helper()
	name, err := c.create(template)
	if err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return c.dsn(name)
}

// create creates a database. Its files are copied: that they be written to the log
// instead, which is the default, takes four times as long.
func (c *running) create(template string) (name string, err error) {
	name = "test_" + strings.ToLower(rand.Text())
	_, err = c.admin.ExecContext(context.Background(), "CREATE DATABASE "+name+template+" STRATEGY FILE_COPY")
	return name, err
}

func (c *running) drop(name string) error {
	_, err := c.admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
	return err
}

func (c *running) dsn(name string) string {
	address := *c.address
	address.Path = "/" + name
	return address.String()
}

// start gives the cluster that the environment names, or starts one.
//
// The script ends the cluster when its command ends, and its command here is a
// cat of a pipe that only this process can write to: so the cluster goes when
// the process goes. A test package has no later moment than its own end, and a
// panic or a timeout would jump over any other clean-up.
func start() (*running, error) {
	if dsn := os.Getenv(URLVariable); dsn != "" {
		return connect(dsn, nil)
	}
	script, err := script()
	if err != nil {
		return nil, err
	}

	cmd := exec.Command(script, "sh", "-c", `echo "$`+URLVariable+`"; exec cat >/dev/null`)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}

	line, readErr := bufio.NewReader(stdout).ReadString('\n')
	if readErr == nil {
		return connect(strings.TrimSpace(line), hold)
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == notInstalled {
		return nil, errNotInstalled
	}
	return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(script), errors.Join(readErr, err), stderr.String())
}

func connect(dsn string, hold io.Closer) (*running, error) {
	address, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("%s is not an address", URLVariable)
	}
	admin, err := sql.Open("pgx", dsn)
	return &running{address: address, admin: admin, hold: hold}, err
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
