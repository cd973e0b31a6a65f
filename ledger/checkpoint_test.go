package ledger_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
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
	const origin = "foyer.example.com/ledger/x"
	key := newKey(t, origin)
	c := ledger.Checkpoint{Origin: origin, Size: 12, Root: tlog.RecordHash([]byte("x")), At: time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)}
	signed, err := c.Sign(key)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	want := origin + "\n12\n" + c.Root.String() + "\n\n— " + origin + " "
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

	lines := strings.SplitAfter(string(signed), "\n") // of which 4 and 5 are the signatures
	later := c
	later.At = c.At.Add(time.Hour)
	forged, err := later.Sign(newKey(t, origin))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"another size":              strings.Replace(string(signed), "\n12\n", "\n13\n", 1),
		"a time that others signed": strings.Join(lines[:5], "") + strings.SplitAfter(string(forged), "\n")[5],
		"another time":              strings.Join(lines[:5], "") + withTime(t, lines[5], later.At),
		"no time":                   strings.Join(lines[:5], ""),
		"no signature":              strings.Join(lines[:4], ""),
		"nothing":                   "",
	} {
		if _, err := ledger.OpenCheckpoint([]byte(bad), key.Verifiers()); err == nil {
			t.Errorf("OpenCheckpoint with %s: no error", name)
		}
	}
	if _, err := ledger.OpenCheckpoint(signed, newKey(t, origin).Verifiers()); err == nil {
		t.Error("OpenCheckpoint with another key: no error")
	}
}

// withTime puts another time into a cosignature's line, and leaves what was signed.
func withTime(t *testing.T, line string, at time.Time) string {
	t.Helper()
	words := strings.Fields(line)
	signature, err := base64.StdEncoding.DecodeString(words[2])
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint64(signature[4:], uint64(at.Unix()))
	return words[0] + " " + words[1] + " " + base64.StdEncoding.EncodeToString(signature) + "\n"
}

func TestOtherProgramsCanCheckACheckpoint(t *testing.T) {
	t.Parallel()
	const origin = "foyer.example.com/ledger/x"
	key := newKey(t, origin)
	c := ledger.Checkpoint{Origin: origin, Size: 12, Root: tlog.RecordHash([]byte("x")), At: time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)}
	signed, err := c.Sign(key)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	policy, err := torchwood.ParsePolicy([]byte("log " + key.Public()[0] + "\nquorum none\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, n, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil || got.N != 12 || got.Hash != c.Root || got.Extension != "" {
		t.Errorf("torchwood reads %+v, %v", got, err)
	}
	// Its time is a cosignature of a key of the same name, and nothing of another kind.
	if len(n.UnverifiedSigs) != 1 {
		t.Fatalf("%d signatures of other kinds, want the time's", len(n.UnverifiedSigs))
	}
	if at, err := torchwood.CosignatureTimestamp(n.UnverifiedSigs[0]); err != nil || at != c.At.Unix() {
		t.Errorf("torchwood reads the time %d, %v", at, err)
	}
}

func TestACheckpointOfAnEarlierVersionHasItsTimeInItsText(t *testing.T) {
	t.Parallel()
	key := newKey(t, "x")
	want := ledger.Checkpoint{Origin: "x", Size: 12, Root: tlog.RecordHash([]byte("x")), At: time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)}
	signed, err := note.Sign(&note.Note{Text: want.Text() + "time 2026-09-30T18:00:00Z\n"}, key.Signer())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.OpenCheckpoint(signed, key.Verifiers()); err != nil || got != want {
		t.Errorf("OpenCheckpoint = %+v, %v, want %+v", got, err, want)
	}
}

func TestAFileOfCheckpointsIsTakenApart(t *testing.T) {
	t.Parallel()
	key := newKey(t, "x")
	var signed [3][]byte
	for i := range signed {
		var err error
		if signed[i], err = (ledger.Checkpoint{Origin: "x", Size: int64(i), At: time.Unix(1, 0)}).Sign(key); err != nil {
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
	odd := "x\n3\nroot\n— not a signature\nmore\n\n— x eHg=\n"
	if notes := ledger.SplitCheckpoints([]byte(odd + odd + "\n" + odd)); len(notes) != 3 || string(notes[1]) != odd {
		t.Errorf("SplitCheckpoints of a text that looks like signatures = %q", notes)
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
	old, err := ledger.Checkpoint{Origin: "x", Size: 1, At: time.Unix(1, 0)}.Sign(first)
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
	young, err := ledger.Checkpoint{Origin: "x", Size: 2, At: time.Unix(1, 0)}.Sign(second)
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
