package command

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foyer/handlers"
	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/store"
)

// Two processes that each made a key at their first start: the first to sign has the
// one that counts, and the other one says so wherever it is asked.
func TestAProcessWithAnotherKeyThanTheLedgersSaysSo(t *testing.T) {
	t.Parallel()
	database, folder := testpg.DSN(t), t.TempDir()
	other := filepath.Join(folder, "other.key")
	db, err := store.Open(t.Context(), database, store.Options{KeyFile: other})
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()

	first := runProgram(t, "--database-url="+database, "--audit-key="+filepath.Join(folder, "first.key"))
	if _, body := first.do(http.MethodGet, first.foyer+"/readyz", nil, nil); body != "ready\n" {
		t.Errorf("the first is %q", body)
	}
	second := runProgram(t, "--database-url="+database, "--audit-key="+other)
	if page, body := second.do(http.MethodGet, second.foyer+"/readyz", nil, nil); page.StatusCode != http.StatusOK || body != "degraded: the ledger's key is missing here, so nothing can be recorded, changed or signed\n" {
		t.Errorf("the second is %d %q", page.StatusCode, body)
	}
	db, err = store.Open(t.Context(), database, store.Options{KeyFile: other})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	r := &readiness{db: db}
	if err := r.check(); !errors.Is(err, ledger.ErrKey) || !errors.Is(r.unwritable(), ledger.ErrKey) {
		t.Errorf("with that key it is %v, and pages are told %v, want both to be %v", err, r.unwritable(), ledger.ErrKey)
	}
	if _, body := first.do(http.MethodGet, first.foyer+"/readyz", nil, nil); body != "ready\n" {
		t.Errorf("beside the second the first is %q", body)
	}
	for _, p := range []*program{first, second} {
		p.stop()
		if status := <-p.exit; status != 0 {
			t.Errorf("a program ended with status %d:\n%s", status, &p.logged)
		}
	}
	const says = "give this process the key file of the others"
	if strings.Contains(first.logged.String(), says) || !strings.Contains(second.logged.String(), says) {
		t.Errorf("logged by the first:\n%s\nby the second, which is to say %q:\n%s", &first.logged, says, &second.logged)
	}

	// With the first one's key it serves as the first does.
	keyed := runProgram(t, "--database-url="+database, "--audit-key="+filepath.Join(folder, "first.key"))
	if _, body := keyed.do(http.MethodGet, keyed.foyer+"/readyz", nil, nil); body != "ready\n" {
		t.Errorf("with the ledger's key it is %q", body)
	}
}

// The directory is a file of its own: what is read isn't kept without it, and changes are
// made all the same.
func TestAProcessWhoseDirectoryIsGoneSaysSo(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "foyer.db")
	db, err := store.Open(t.Context(), "sqlite:"+database, store.Options{KeyFile: database + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &readiness{db: db}
	if err := r.check(); err != nil {
		t.Errorf("with its directory it is %v", err)
	}
	if err := os.Remove(store.DirectoryPath(database)); err != nil {
		t.Fatal(err)
	}
	r.tried = time.Time{}
	if err := r.check(); !errors.Is(err, handlers.ErrNotKept) {
		t.Errorf("without its directory it is %v, want %v", err, handlers.ErrNotKept)
	}
}

// Pages say that nothing can be recorded as it was lately found out, and wait for nothing.
func TestWhetherTheDatabaseCanBeWrittenIsToldWithoutWaiting(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "foyer.db")
	db, err := store.Open(t.Context(), "sqlite:"+database, store.Options{KeyFile: database + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &readiness{db: db}
	if err := r.check(); err != nil || r.unwritable() != nil {
		t.Errorf("with its database it is %v, %v", err, r.unwritable())
	}
	if err := os.Remove(database); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.tried = time.Time{}
	if err := r.unwritable(); err != nil {
		t.Errorf("before it is tried again it is %v", err)
	}
	r.mu.Unlock()
	for deadline := time.Now().Add(10 * time.Second); !errors.Is(r.unwritable(), store.ErrMoved); {
		if time.Now().After(deadline) {
			t.Fatalf("without its database it is %v, want %v", r.unwritable(), store.ErrMoved)
		}
	}
}
