package command

import (
	"archive/zip"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/store"
)

// aLedger is an open ledger in a folder, with the checkpoints that are kept
// elsewhere.
func aLedger(t *testing.T, folder string) *checkpoints {
	t.Helper()
	c := &checkpoints{log: slog.New(slog.DiscardHandler), file: filepath.Join(folder, "elsewhere.txt")}
	var err error
	c.db, err = store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "foyer.db"), store.Options{
		KeyFile: filepath.Join(folder, "audit.key"), Signed: c.handOn,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.db.Close() })
	return c
}

func (c *checkpoints) recordAndSign(t *testing.T, note string) {
	t.Helper()
	if err := c.db.Record(t.Context(), ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: auth.System("test", ""), Note: note}); err != nil {
		t.Fatal(err)
	}
	if err := c.sign(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnOlderDatabasePutBackIsSaidAndNotSilentlyContinued(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "foyer.db")
	c := aLedger(t, folder)
	c.recordAndSign(t, "first")
	if err := c.holdAgainst(t.Context(), false); err != nil {
		t.Fatalf("a ledger that is whole: %v", err)
	}
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c = aLedger(t, folder)
	c.recordAndSign(t, "second")
	if err := errors.Join(c.db.Close(), os.Remove(path+"-wal"), os.Remove(path+"-shm")); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, backup, 0o600); err != nil {
		t.Fatal(err)
	}

	c = aLedger(t, folder)
	err = c.holdAgainst(t.Context(), false)
	if differs, ok := errors.AsType[*store.NotContinuedError](err); !ok || differs.Code != ledger.EventsLost || differs.Size != 1 || differs.Held.Size != 2 {
		t.Fatalf("with an older database put back: %v, want that one of two events is lost", err)
	}
	if err := c.holdAgainst(t.Context(), true); err != nil {
		t.Fatalf("going on on purpose: %v", err)
	}
	events, err := c.db.Events(t.Context(), ledger.Filter{Action: ledger.Restored}, ledger.Page{Limit: 5})
	if err != nil || len(events) != 1 || events[0].Code != string(ledger.EventsLost) || string(events[0].After) != `{"events":1}` {
		t.Errorf("events = %+v, %v, want that it was gone on with", events, err)
	}
	if err := c.sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.holdAgainst(t.Context(), false); err != nil {
		t.Errorf("after it was said: %v", err)
	}
}

// verified is what ‘foyer audit verify’ says of a file, and its exit status.
func verified(t *testing.T, args ...string) (words string, status int) {
	t.Helper()
	return said(t, append([]string{"verify"}, args...)...)
}

// said is what ‘foyer audit …’ says, and its exit status.
func said(t *testing.T, args ...string) (words string, status int) {
	t.Helper()
	var out, problem strings.Builder
	status = Run(t.Context(), Process{Args: append([]string{"audit"}, args...), Stdout: &out, Stderr: &problem})
	return out.String() + problem.String(), status
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unpacked downloads an export with its proofs and unpacks it into a folder, where
// it is itself, too, as export.zip.
func (p *program) unpacked(path string) (folder string) {
	p.t.Helper()
	answer, body := p.do(http.MethodGet, p.foyer+path, nil, nil)
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s = %d", path, answer.StatusCode)
	}
	archive, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	folder = p.t.TempDir()
	if err := os.CopyFS(folder, archive); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "export.zip"), []byte(body), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return folder
}

// edited writes a copy of a file in which a text is replaced.
func edited(t *testing.T, path, text, by string) (copied string) {
	t.Helper()
	whole := read(t, path)
	if !strings.Contains(whole, text) {
		t.Fatalf("%s has no %q", path, text)
	}
	copied = filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(copied, []byte(strings.Replace(whole, text, by, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

func TestAnExportIsVerifiedWithoutItsFoyer(t *testing.T) {
	t.Parallel()
	p := runProgram(t)
	p.signIn(audrey)
	folder := p.unpacked("/audit.zip?action=session.sign_in")
	_, proof := p.do(http.MethodGet, p.foyer+"/audit/1/proof.json", nil, nil)
	p.stop()
	<-p.exit
	lines, checkpoint := filepath.Join(folder, "activity.jsonl"), filepath.Join(folder, "checkpoint.txt")
	single := filepath.Join(folder, "event-1-proof.json")
	if err := os.WriteFile(single, []byte(proof), 0o600); err != nil {
		t.Fatal(err)
	}
	// The command as README.txt has it is the one that works.
	command := regexp.MustCompile(`foyer audit verify --export activity-[-\dTZ]+\.zip --key '(.+)'`).FindStringSubmatch(read(t, filepath.Join(folder, "README.txt")))
	if command == nil {
		t.Fatal("README.txt has no command")
	}
	key := command[1]
	name, _, _ := strings.Cut(key, "+")
	stranger, err := ledger.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}

	for what, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"the archive": {[]string{"--export", filepath.Join(folder, "export.zip"), "--key", key}, 0, "OK"},
		"the archive, with somebody else’s key": {[]string{"--export", filepath.Join(folder, "export.zip"), "--key", stranger.String()}, 1, "open checkpoint"},
		"the export":                       {[]string{"--export", lines, "--checkpoint", checkpoint, "--key", key}, 0, "OK"},
		"the proof of one event":           {[]string{"--export", single, "--key", key}, 0, "events      1,"},
		"an export that was edited":        {[]string{"--export", edited(t, lines, "Audrey", "Andrew"), "--checkpoint", checkpoint, "--key", key}, 1, "first bad sequence number: 1 "},
		"a proof that was edited":          {[]string{"--export", edited(t, single, "succeeded", "failed"), "--key", key}, 1, "BAD 1: altered"},
		"a checkpoint that was edited":     {[]string{"--export", lines, "--checkpoint", edited(t, checkpoint, "/ledger/", "/1edger/"), "--key", key}, 1, "open checkpoint"},
		"somebody else’s key":              {[]string{"--export", lines, "--checkpoint", checkpoint, "--key", stranger.String()}, 1, "open checkpoint"},
		"an export without its checkpoint": {[]string{"--export", lines, "--key", key}, 2, "give the one that came with it"},
	} {
		if said, status := verified(t, test.args...); status != test.status || !strings.Contains(said, test.says) {
			t.Errorf("%s: status %d, saying\n%s\nwant %d and %q", what, status, said, test.status, test.says)
		}
	}
}

// What was signed before an export was taken must not have been rewritten until
// then, and who kept it can see that with the export alone.
func TestAnExportIsHeldAgainstACheckpointThatWasKept(t *testing.T) {
	t.Parallel()
	p := runProgram(t)
	p.signIn(audrey)
	earlier := filepath.Join(p.unpacked("/audit.zip"), ledger.ArchiveCheckpoint)
	folder := p.unpacked("/audit.zip?action=session.sign_in")
	later := filepath.Join(p.unpacked("/audit.zip"), ledger.ArchiveCheckpoint)
	p.stop()
	<-p.exit
	export := filepath.Join(folder, "export.zip")
	command := regexp.MustCompile(`--key '(.+)'`).FindStringSubmatch(read(t, filepath.Join(folder, "README.txt")))
	args := func(more ...string) []string {
		return append([]string{"--export", export, "--key", command[1]}, more...)
	}

	foreign := aLedger(t, t.TempDir())
	foreign.recordAndSign(t, "of another installation")

	for what, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"an earlier one":                 {args("--checkpoint", earlier), 0, "checkpoints 2 confirmed"},
		"an earlier one and a later":     {args("--checkpoint", earlier, "--checkpoint", later), 0, "1 of the checkpoints given could not be held against it"},
		"a later one only":               {args("--checkpoint", later), 2, "can't be held against any of these checkpoints"},
		"an earlier one that was forged": {args("--checkpoint", edited(t, earlier, "/ledger/", "/1edger/")), 1, "unsigned"},
		"one of another ledger":          {args("--checkpoint", foreign.file), 1, "unsigned"},
	} {
		if said, status := verified(t, test.args...); status != test.status || !strings.Contains(said, test.says) {
			t.Errorf("%s: status %d, saying\n%s\nwant %d and %q", what, status, said, test.status, test.says)
		}
	}
}

// Whoever asked for a checkpoint, others get their copy of it.
func TestACheckpointOfAnExportIsHandedOnAsWell(t *testing.T) {
	t.Parallel()
	c := aLedger(t, t.TempDir())
	signed, fresh, err := c.db.SignCheckpoint(t.Context())
	if err != nil || !fresh {
		t.Fatalf("SignCheckpoint = fresh %v, %v", fresh, err)
	}
	if err := c.sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held := ledger.SplitCheckpoints([]byte(read(t, c.file))); len(held) != 1 || strings.TrimSpace(string(held[0])) != strings.TrimSpace(string(signed)) {
		t.Errorf("kept elsewhere: %q, want %q once", held, signed)
	}
}

// Foyer signs every hour: a ledger of which nothing was signed since may have lost its end.
func TestALedgerOfWhichNothingWasSignedForLongIsNotProven(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, tt := range []struct {
		ago    time.Duration
		status int
		says   string
	}{
		{3 * time.Hour, 3, "NOT PROVEN nothing was signed for 3h0m0s: the end may have been cut off"},
		{time.Hour, 0, "OK"},
		{-3 * time.Hour, 3, "says that it was signed 3h0m0s from now"},
	} {
		address := "sqlite:" + filepath.Join(folder, tt.ago.String()+".db")
		key := filepath.Join(folder, tt.ago.String()+".key")
		db, err := store.Open(t.Context(), address, store.Options{KeyFile: key, Now: func() time.Time { return time.Now().Add(-tt.ago) }})
		if err != nil {
			t.Fatal(err)
		}
		c := &checkpoints{log: slog.New(slog.DiscardHandler), db: db}
		c.recordAndSign(t, "the last one")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if said, status := verified(t, "--database-url", address, "--key-file", key); status != tt.status || !strings.Contains(said, tt.says) {
			t.Errorf("signed %v ago: status %d, saying\n%s\nwant %d and %q", tt.ago, status, said, tt.status, tt.says)
		}
	}
}

// What somebody has the ledger held against is held against it, or they are told.
func TestWhatALedgerIsHeldAgainstIsNeverPassedOver(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "foyer.db")
	c := aLedger(t, folder)
	c.recordAndSign(t, "first")
	key, database := c.db.PublicKeys()[0], "--database-url=sqlite:"+path
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	backup := read(t, path)
	c = aLedger(t, folder)
	c.recordAndSign(t, "second")
	if err := errors.Join(c.db.Close(), os.RemoveAll(path+"-wal"), os.RemoveAll(path+"-shm"), os.WriteFile(path, []byte(backup), 0o600)); err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	anchor := read(t, filepath.Join(folder, "audit.anchor"))
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--key=" + key}, 0, "OK"}, // the end is out of its reach
		{[]string{"--key=" + key, "--key=" + key}, 0, "OK"},
		{[]string{"--key=" + key, "--anchor-file=" + file("kept.anchor", anchor)}, 1, "the end was cut off"},
		{[]string{"--key-file=" + filepath.Join(folder, "audit.key")}, 1, "the end was cut off"},
		{[]string{"--key=" + key, "--anchor-file=" + filepath.Join(folder, "nowhere")}, 2, "nowhere"},
		{[]string{"--key=" + key, "--checkpoint=" + file("empty.txt", "\n")}, 2, "there is no checkpoint in it"},
		{[]string{"--key=" + key, "--witnesses=" + file("policy.txt", "log foyer.example.com/ledger/y+01234567+AAAA\nquorum none\n")}, 2, "is for the ledger foyer.example.com/ledger/y"},
	} {
		if words, status := verified(t, append([]string{database}, test.args...)...); status != test.status || !strings.Contains(words, test.want) {
			t.Errorf("%v: status %d, want %d and %q:\n%s", test.args, status, test.status, test.want, words)
		}
	}
	file("audit.anchor", anchor[:20])
	if words, status := verified(t, database, "--key-file="+filepath.Join(folder, "audit.key")); status != 2 || !strings.Contains(words, "audit.anchor") {
		t.Errorf("with half an anchor: status %d:\n%s", status, words)
	}
}
