package command

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"foyer/internal/testfirst"
	"foyer/store"
)

// What was handed to others must verify for as long as they keep it, as what it proves:
// nobody signed what these archives say of themselves.
func TestTheEvidenceOfTheFirstEditionVerifies(t *testing.T) {
	t.Parallel()
	signed, replaced := testfirst.Expect(t).Ledger.PublicKeys[0], testfirst.Expect(t).Ledger.PublicKeys[1]
	kept := testfirst.Path(t, "checkpoint.txt")
	for name, want := range map[string]struct {
		status int
		says   []string
	}{
		"proof.json":   {0, []string{"\nOK\n"}},
		"activity.zip": {3, []string{"\nNOT PROVEN the archive is of the form before", "activity.csv              proven by the checkpoint\n", "evidence.json             nothing proves it\n"}},
		"review.zip":   {3, []string{"\nNOT PROVEN the archive is of the form before", "access-review-1.csv       sealed by event 65, which is proven by the checkpoint\n"}},
		"status.zip":   {3, []string{"\nNOT PROVEN the archive is of the form before", "events.jsonl              proven by the checkpoint\n", "people.csv                nothing proves it\n"}},
	} {
		file := testfirst.Path(t, name)
		for _, tt := range []struct {
			name   string
			args   []string
			status int
			says   []string
		}{
			{"by the key that signed it", []string{"--key", signed}, want.status, want.says},
			{"by all keys, against the checkpoints that were kept", []string{"--key", signed, "--key", replaced, "--checkpoint", kept}, want.status, want.says},
			{"by the key that was replaced before", []string{"--key", replaced}, 1, []string{"open checkpoint"}},
		} {
			words, status := verified(t, append(tt.args, "--export", file)...)
			for _, says := range tt.says {
				if status != tt.status || !strings.Contains(words, says) {
					t.Errorf("%s %s: status %d, %s, want %d and %q", name, tt.name, status, words, tt.status, says)
				}
			}
		}
	}
}

func TestADatabaseOfTheFirstEditionVerifiesFromTheCommandLine(t *testing.T) {
	testfirst.On(t, func(t *testing.T, e testfirst.Edition) {
		verify := []string{"--database-url", e.Store, "--key-file", e.Key, "--checkpoint", testfirst.Path(t, "checkpoint.txt")}
		path, isFile := strings.CutPrefix(e.Store, "sqlite:")
		content := func() []byte {
			if !isFile {
				return nil
			}
			bytes, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return bytes
		}
		before := content()
		if words, status := verified(t, verify...); status != 1 || !strings.Contains(words, "older version of Foyer") {
			t.Errorf("before it is migrated: status %d, %s, want 1 and that it is older", status, words)
		}
		if !bytes.Equal(content(), before) {
			t.Error("verifying changed the file")
		}

		db, err := store.Open(t.Context(), e.Store, store.Options{KeyFile: e.Key})
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		// Nothing is wrong with it. Its Foyer was stopped for days, with events unsigned.
		if words, status := verified(t, verify...); status != 3 || !strings.Contains(words, e.Expected.Ledger.Root) || strings.Contains(words, "BAD") || !strings.Contains(words, "NOT PROVEN") {
			t.Errorf("once it is migrated: status %d, %s, want no problem, and the root %s", status, words, e.Expected.Ledger.Root)
		}
	})
}
