// Package testfirst gives tests the databases of the first edition, which stand in
// store/testdata/first, as files and databases of their own: what people have must
// open, migrate, verify and settle with every version. It owns reading them, and
// nothing of what tests say about them; only tests import it.
package testfirst

import (
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"foyer/internal/testpg"
)

// Edition is the first edition as a process left it that was killed, for one test.
type Edition struct {
	Store    string // the address of Foyer's database
	Key      string // the path of the key that signs its ledger
	Sandbox  string // the path of the stand-in Symphony's database
	Expected Expected
}

// Expected is what the databases hold.
type Expected struct {
	MadeAt time.Time // what the clock said at the end
	Ledger struct {
		Events, Checkpoints, Redacted int64
		Origin, Root                  string
		PublicKeys                    []string
		LastCheckpoint                struct {
			Size int64
			Root string
		}
	}
	Rows    map[string]int // by table
	Changes struct{ All []Change }
}

// Change is one of the changes, in the order of the ledger.
type Change struct {
	ID, Kind, State, Company, User string
	Subject                        string // the vanity name, or the first of the domains
	Emails, Outcomes               []string
	Code                           string // of Symphony's refusal
	Tries                          int
	Erased                         bool
	NextTry                        time.Time

	// What the first edition made of it, where it was not settled.
	SettledByThisVersion string
	OutcomesBySettling   []string
}

// On runs a test on both databases of the first edition.
func On(t *testing.T, test func(t *testing.T, e Edition)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, "sqlite:"+unpack(t, "foyer.db.gz")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := testpg.DSN(t)
		fill(t, dsn)
		test(t, open(t, dsn))
	})
}

// Path is where a file of the first edition stands, as a test finds it that is run in
// the folder of its package.
func Path(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "store", "testdata", "first", name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("store/testdata/first/%s is not above the package", name)
	return ""
}

// Read reads a file of the first edition.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func open(t testing.TB, address string) Edition {
	t.Helper()
	e := Edition{Store: address, Key: filepath.Join(t.TempDir(), "audit.key"), Sandbox: unpack(t, "sandbox.db.gz"), Expected: Expect(t)}
	if err := os.WriteFile(e.Key, Read(t, "audit.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	return e
}

// Expect reads what the databases hold.
func Expect(t testing.TB) (e Expected) {
	t.Helper()
	if err := json.Unmarshal(Read(t, "expected.json"), &e); err != nil {
		t.Fatalf("expected.json: %v", err)
	}
	return e
}

// unpack writes a packed file into a folder that goes with the test.
func unpack(t testing.TB, name string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name[:len(name)-len(".gz")])
	if err := os.WriteFile(path, unpacked(t, name), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func unpacked(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	content, err := io.ReadAll(packed)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return content
}

// fill runs the statements of foyer.sql.gz in an empty database.
func fill(t testing.TB, dsn string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), string(unpacked(t, "foyer.sql.gz"))); err != nil {
		t.Fatalf("foyer.sql.gz: %v", err)
	}
}
