package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foyer/ledger"
)

func TestTheKeyIsReplacedAndTheOldOneVouchesForIt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := aLedger(t, folder)
	c.recordAndSign(t, "first")
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	database := "sqlite:" + filepath.Join(folder, "foyer.db")
	old, _ := said(t, "keys", "--database-url", database)
	old = strings.TrimSpace(old)

	words, status := said(t, "rotate-key", "--database-url", database, "--checkpoint-file", c.file, "--by", "Olga", "--reason", "she left")

	keys, _ := said(t, "keys", "--database-url", database)
	young, older, _ := strings.Cut(strings.TrimSpace(keys), "\n")
	if status != 0 || older != old || young == old || !strings.Contains(words, "  "+young+"\n") || strings.Contains(words+keys, "PRIVATE") {
		t.Fatalf("rotate-key: status %d, saying\n%s\nkeys:\n%s", status, words, keys)
	}
	held := ledger.SplitCheckpoints([]byte(read(t, c.file)))
	if len(held) != 3 {
		t.Fatalf("%d checkpoints are kept elsewhere, want one before, one by the old key and one by the new", len(held))
	}
	for i, key := range []string{old, old, young} {
		verifier, err := ledger.ParseKey([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		if signed, err := ledger.OpenCheckpoint(held[i], verifier.Verifiers()); err != nil || signed.Size != int64(i+1) {
			t.Errorf("checkpoint %d = %+v, %v", i+1, signed, err)
		}
	}
	for what, test := range map[string]struct {
		keys   []string
		status int
	}{"the old key": {[]string{old}, 1}, "the new key": {[]string{young}, 1}, "both": {[]string{old, young}, 0}} {
		args := []string{"verify", "--database-url", database, "--checkpoint", c.file}
		for _, key := range test.keys {
			args = append(args, "--key", key)
		}
		if words, status := said(t, args...); status != test.status {
			t.Errorf("verify with %s: status %d, saying\n%s\nwant %d", what, status, words, test.status)
		}
	}

	c = aLedger(t, folder)
	events, err := c.db.Events(t.Context(), ledger.Filter{Action: ledger.RotateKey}, ledger.Page{})
	if err != nil || len(events) != 2 || events[0].Outcome != ledger.Succeeded || events[1].Outcome != ledger.Intent ||
		events[1].Actor.Name != "Olga" || events[1].Reason != "she left" || !strings.Contains(string(events[1].After), young) {
		t.Errorf("recorded: %+v, %v, want that it was asked for, with the new key, and done", events, err)
	}
	c.recordAndSign(t, "second") // Foyer goes on with the new key
}

func TestAKeyThatCantBeReplacedStays(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := aLedger(t, folder)
	c.recordAndSign(t, "first")
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	database, path := "sqlite:"+filepath.Join(folder, "foyer.db"), filepath.Join(folder, "audit.key")
	key, err := ledger.LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(folder, "public.key")
	if err := os.WriteFile(public, []byte(key.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct{ file, says string }{
		"a file that isn’t there": {filepath.Join(folder, "none.key"), "no such file"},
		"a public key alone":      {public, "public keys alone"},
		"a file that is mounted":  {unwritable(t, key), "The old key stays"},
	} {
		words, status := said(t, "rotate-key", "--database-url", database, "--key-file", test.file, "--anchor-file", filepath.Join(folder, "audit.anchor"), "--by", "Olga")
		if status != 1 || !strings.Contains(words, test.says) {
			t.Errorf("%s: status %d, saying\n%s\nwant %q", what, status, words, test.says)
		}
	}
	after, err := ledger.LoadKey(path)
	if err != nil || after.String() != key.String() {
		t.Errorf("LoadKey = %v, %v, want the old key", after, err)
	}
	c = aLedger(t, folder)
	events, err := c.db.Events(t.Context(), ledger.Filter{Action: ledger.RotateKey}, ledger.Page{})
	if err != nil || len(events) != 2 || events[0].Outcome != ledger.Failed || events[0].Code != string(ledger.KeyNotReplaced) {
		t.Errorf("recorded: %+v, %v, want that it was asked for, and failed", events, err)
	}
}

// unwritable gives a path at which the key can be read and not replaced, not even by
// root: that of a file that is open, and gone from its folder.
func unwritable(t *testing.T, key *ledger.Key) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.key")
	if err := key.Create(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/proc/self/fd/%d", file.Fd())
}
