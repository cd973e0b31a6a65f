package ledger_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
)

func newKey(t testing.TB, name string) *ledger.Key {
	t.Helper()
	key, err := ledger.NewKey(name)
	if err != nil {
		t.Fatalf("NewKey: %v", err)
	}
	return key
}

func TestACheckpointIsANoteAsC2SPHasIt(t *testing.T) {
	t.Parallel()
	key := newKey(t, "foyer-ledger-x")
	c := ledger.Checkpoint{Origin: "foyer-ledger-x", Size: 12, Root: tlog.RecordHash([]byte("x")), At: time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)}
	signed, err := c.Sign(key.Signer())
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	want := "foyer-ledger-x\n12\n" + c.Root.String() + "\ntime 2026-09-30T18:00:00Z\n\n— foyer-ledger-x "
	if !strings.HasPrefix(string(signed), want) {
		t.Errorf("Sign = %s, want it to begin with %s", signed, want)
	}
	got, err := ledger.OpenCheckpoint(signed, key.Verifiers())
	if err != nil || got != c {
		t.Errorf("OpenCheckpoint = %+v, %v, want %+v", got, err, c)
	}
	if got, err := ledger.ReadCheckpoint(signed); err != nil || got != c {
		t.Errorf("ReadCheckpoint = %+v, %v, want %+v", got, err, c)
	}

	for name, bad := range map[string]string{
		"another size": strings.Replace(string(signed), "\n12\n", "\n13\n", 1),
		"another time": strings.Replace(string(signed), "18:00", "19:00", 1),
		"no signature": strings.Split(string(signed), "\n— ")[0],
		"nothing":      "",
	} {
		if _, err := ledger.OpenCheckpoint([]byte(bad), key.Verifiers()); err == nil {
			t.Errorf("OpenCheckpoint with %s: no error", name)
		}
	}
	if _, err := ledger.OpenCheckpoint(signed, newKey(t, "foyer-ledger-x").Verifiers()); err == nil {
		t.Error("OpenCheckpoint with another key: no error")
	}
}

func TestAFileOfCheckpointsIsTakenApart(t *testing.T) {
	t.Parallel()
	key := newKey(t, "x")
	var signed [3][]byte
	for i := range signed {
		var err error
		if signed[i], err = (ledger.Checkpoint{Origin: "x", Size: int64(i)}).Sign(key.Signer()); err != nil {
			t.Fatal(err)
		}
	}
	file := slices.Concat([]byte("\n"), signed[0], signed[1], []byte("\n\n"), signed[2], []byte("\n"))
	notes := ledger.SplitCheckpoints(file)
	if len(notes) != 3 {
		t.Fatalf("SplitCheckpoints = %d notes, want 3", len(notes))
	}
	for i, note := range notes {
		if c, err := ledger.OpenCheckpoint(note, key.Verifiers()); err != nil || c.Size != int64(i) {
			t.Errorf("OpenCheckpoint(%q) = %+v, %v, want size %d", note, c, err, i)
		}
	}
	if notes := ledger.SplitCheckpoints([]byte("\n\n")); len(notes) != 0 {
		t.Errorf("SplitCheckpoints of nothing = %q", notes)
	}
	if notes := ledger.SplitCheckpoints([]byte("no checkpoint")); len(notes) != 1 {
		t.Errorf("SplitCheckpoints of something else = %q, want it kept, to be refused", notes)
	}
}

func TestASignedTextThatIsNoCheckpointIsRefused(t *testing.T) {
	t.Parallel()
	key := newKey(t, "x")
	root := tlog.RecordHash(nil).String()
	for _, text := range []string{"x\n", "x\n1\n", "x\n-1\n" + root + "\n", "x\n01\n" + root + "\n", "x\n1\nAAAA\n", "\n1\n" + root + "\n", "x\n1\n" + root + "\ntime yesterday\n"} {
		signed, err := note.Sign(&note.Note{Text: text}, key.Signer())
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ledger.OpenCheckpoint(signed, key.Verifiers()); err == nil {
			t.Errorf("OpenCheckpoint(%q) = %+v, want an error", text, c)
		}
	}
}

func TestTheKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "ledger.key")
	var wg sync.WaitGroup
	keys := make([]*ledger.Key, 8)
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = ledger.LoadOrCreateKey(path, "x"); err != nil {
				t.Errorf("LoadOrCreateKey: %v", err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k.String() != keys[0].String() {
			t.Errorf("two keys were made: %v and %v", k, keys[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the file = %v, %v, want 0600", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("files beside the key = %v, %v, want none", left, err)
	}
	if err := keys[0].Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over it = %v, want fs.ErrExist", err)
	}
	if strings.Contains(keys[0].String(), "PRIVATE") {
		t.Error("String tells the private key")
	}
}

func TestRotationKeepsTheOldKeysVerifying(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.key")
	first, err := ledger.LoadOrCreateKey(path, "x")
	if err != nil {
		t.Fatalf("LoadOrCreateKey: %v", err)
	}
	old, err := ledger.Checkpoint{Origin: "x", Size: 1}.Sign(first.Signer())
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	next, err := first.Next()
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	if err := next.Replace(path); err != nil {
		t.Fatalf("Replace: %v", err)
	}
	second, err := ledger.LoadKey(path)
	if err != nil || second.Name() != "x" || len(second.Public()) != 2 || second.Public()[1] != first.Public()[0] {
		t.Fatalf("LoadKey = %v, %v, want a new key before the old one", second.Public(), err)
	}
	if _, err := ledger.OpenCheckpoint(old, second.Verifiers()); err != nil {
		t.Errorf("OpenCheckpoint of the old key's: %v", err)
	}
	young, err := ledger.Checkpoint{Origin: "x", Size: 2}.Sign(second.Signer())
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	if _, err := ledger.OpenCheckpoint(young, first.Verifiers()); err == nil {
		t.Error("the old key confirms what the new one signed")
	}

	auditor, err := ledger.ParseKey([]byte("# for the auditor\n" + strings.Join(second.Public(), "\n")))
	if err != nil || auditor.Signer() != nil {
		t.Fatalf("ParseKey of public keys = signer %v, %v, want none", auditor.Signer(), err)
	}
	if _, err := ledger.OpenCheckpoint(young, auditor.Verifiers()); err != nil {
		t.Errorf("OpenCheckpoint with public keys alone: %v", err)
	}
}

func TestABadKeyFileIsRefusedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	if err := newKey(t, "x").Create(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	private := good[strings.Index(good, "PRIVATE"):strings.LastIndex(good, "\nx+")]
	for name, text := range map[string]string{
		"nothing":            "",
		"the private alone":  private,
		"two private keys":   good + private,
		"a cut private key":  strings.Replace(good, private, private[:len(private)-5], 1),
		"another public key": private + "\n" + newKey(t, "x").String(),
		"no key":             good + "hello",
	} {
		_, err := ledger.ParseKey([]byte(text))
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "PRIVATE+KEY") || strings.Contains(err.Error(), "hello") {
			t.Errorf("%s: %v repeats the file", name, err)
		}
	}
}

// Whoever could read the key that is replaced can read the new one, and nobody else.
func TestAReplacedKeyIsReadByTheSame(t *testing.T) {
	t.Parallel()
	key, err := ledger.NewKey("foyer-ledger-test")
	if err != nil {
		t.Fatal(err)
	}
	for old, want := range map[fs.FileMode]fs.FileMode{0o600: 0o600, 0o640: 0o640, 0o660: 0o660, 0o644: 0o640} {
		path := filepath.Join(t.TempDir(), "audit.key")
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, old), key.Replace(path)); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("a key of mode %v was replaced by one of %v, %v, want %v", old, info.Mode(), err, want)
		}
	}
}
