package command

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runWitness has somebody be a witness of ledgers, until the test ends or stop. line is what
// a policy says of it.
func runWitness(t *testing.T, name string, keys ...string) (line, folder string, stop func()) {
	t.Helper()
	folder = t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	args := []string{"witness", "--name=" + name, "--listen=127.0.0.1:0", "--folder=" + folder, "--log-level=error"}
	for _, key := range keys {
		args = append(args, "--ledger="+key)
	}
	var problem strings.Builder
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if status := Run(ctx, Process{Args: args, Stdout: stdout, Stderr: &problem}); status != 0 {
			t.Errorf("the witness ended with status %d: %s", status, problem.String())
		}
		_ = stdout.Close()
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text := strings.TrimSpace(lines.Text()); strings.HasPrefix(text, "witness ") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return text, folder, stop
		}
	}
	t.Fatal("it ended before it said what its line in a policy is")
	return "", "", nil
}

// ledgerFiles are where a Foyer has what it keeps.
type ledgerFiles struct{ database, key, anchor string }

func newLedgerFiles(t *testing.T) ledgerFiles {
	t.Helper()
	folder := t.TempDir()
	return ledgerFiles{filepath.Join(folder, "foyer.db"), filepath.Join(folder, "audit.key"), filepath.Join(folder, "audit.anchor")}
}

// run runs the program on them.
func (f ledgerFiles) run(t *testing.T, args ...string) *program {
	t.Helper()
	return runProgram(t, append([]string{"--database-url=sqlite:" + f.database, "--audit-key=" + f.key}, args...)...)
}

// end ends a program in order.
func (p *program) end() {
	p.t.Helper()
	p.stop()
	if status := <-p.exit; status != 0 {
		p.t.Fatalf("the program ended with status %d: %s", status, p.logged.String())
	}
}

// The way of those who set witnesses up, as the manual has it: a ledger, its public key, two
// witnesses on machines of their own, the policy, and Foyer that asks them.
func TestWitnessesHoldFoyerToOneHistory(t *testing.T) {
	t.Parallel()
	files := newLedgerFiles(t)
	p := files.run(t)
	p.signIn(omar)
	p.end()
	older := read(t, files.database)
	keys, status := said(t, "keys", "--key-file="+files.key)
	if status != 0 {
		t.Fatal(keys)
	}
	key := strings.TrimSpace(keys)
	ann, folder, stopAnn := runWitness(t, "audit.example.com/ann", key)
	ben, _, _ := runWitness(t, "bank.example.com/ben", key)
	policy := filepath.Join(t.TempDir(), "policy.txt")
	text := "log " + key + "\n" + ann + "\n" + ben + "\ngroup enough all audit.example.com/ann bank.example.com/ben\nquorum enough\n"
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	p = files.run(t, "--witnesses="+policy)
	p.signIn(audrey)
	archive := filepath.Join(t.TempDir(), "activity.zip")
	if err := os.WriteFile(archive, p.download("/audit.zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, page := p.do(http.MethodGet, p.foyer+"/audit", nil, nil)
	for _, words := range []string{"Witnesses", "ann", "ben", "Up to date"} {
		if !strings.Contains(page, words) {
			t.Errorf("the activity doesn’t say %q", words)
		}
	}
	if strings.Contains(page, "Behind") {
		t.Error("the activity says that a witness is behind")
	}
	p.end()

	for _, of := range [][]string{{"--database-url=sqlite:" + files.database}, {"--export=" + archive}} {
		words, status := verified(t, append(of, "--key="+key, "--witnesses="+policy)...)
		if status != 0 || !strings.Contains(words, "by audit.example.com/ann at ") || !strings.Contains(words, "bank.example.com/ben at ") {
			t.Errorf("verify %v = %d:\n%s\nwant it witnessed by both", of, status, words)
		}
	}
	kept, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("the witness keeps %v, %v, want one file", kept, err)
	}
	if words, status := verified(t, "--database-url=sqlite:"+files.database, "--key="+key, "--checkpoint="+kept[0]); status != 0 {
		t.Errorf("verify with the file of the witness = %d:\n%s", status, words)
	}

	// An older database is put back by somebody who has the key and its folder.
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(files.database + suffix)
	}
	if err := os.WriteFile(files.database, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	p = files.run(t, "--witnesses="+policy, "--checkpoint-accept-restored")
	p.signIn(audrey)
	if _, page := p.do(http.MethodGet, p.foyer+"/", nil, nil); !strings.Contains(page, "The witnesses audit.example.com/ann, bank.example.com/ben don’t cosign the ledger any more") {
		t.Error("the first page doesn’t say that the witnesses refuse the ledger")
	}
	if _, ready := p.do(http.MethodGet, p.foyer+"/readyz", nil, nil); !strings.HasPrefix(ready, "ready") || !strings.Contains(ready, "The witnesses audit.example.com/ann, bank.example.com/ben don’t cosign") {
		t.Errorf("/readyz says %q", ready)
	}
	p.end()
	if words := p.logged.String(); !strings.Contains(words, "a witness has not cosigned the checkpoint") || strings.Contains(words, "http://127.0.0.1") {
		t.Errorf("the log says %s", words)
	}
	if words, status := verified(t, "--database-url=sqlite:"+files.database, "--key="+key, "--witnesses="+policy); status != 3 || !strings.Contains(words, "NOT PROVEN too few witnesses") {
		t.Errorf("verify with the policy = %d:\n%s\nwant that it isn’t proven", status, words)
	}
	if words, status := verified(t, "--database-url=sqlite:"+files.database, "--key="+key, "--checkpoint="+kept[0]); status != 1 {
		t.Errorf("verify with the file of the witness = %d:\n%s\nwant that it was tampered with", status, words)
	}
	if words, status := verified(t, "--database-url=sqlite:"+files.database, "--key="+key); status != 0 {
		t.Errorf("verify with the key alone = %d:\n%s\nwant nothing found: who has the key can sign anything", status, words)
	}
	stopAnn()
}

func TestAPolicyThatIsForAnotherLedgerIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	files := newLedgerFiles(t)
	files.run(t).end()
	for text, want := range map[string]string{
		"log foyer.example.com/ledger/x+01234567+AAAA\nquorum none\n": "is for the ledger foyer.example.com/ledger/x",
		"quorum nobody\n": "nobody",
	} {
		policy := filepath.Join(t.TempDir(), "policy.txt")
		if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var problem strings.Builder
		status := Run(t.Context(), Process{Stdout: io.Discard, Stderr: &problem, Args: []string{
			"--listen=127.0.0.1:0", "--admin-listen=", "--sandbox-listen=127.0.0.1:0", "--sandbox-database=" + filepath.Join(t.TempDir(), "s.db"),
			"--database-url=sqlite:" + files.database, "--audit-key=" + files.key, "--witnesses=" + policy,
		}})
		if status != 1 || !strings.Contains(problem.String(), "FOYER_WITNESSES") || !strings.Contains(problem.String(), want) {
			t.Errorf("with %q it ends with %d: %s, want %q", text, status, problem.String(), want)
		}
	}
}

// What a stranger gives wrong is said in words of what to give, and leaves no key behind.
func TestAWitnessSaysWhatWasGivenWrong(t *testing.T) {
	t.Parallel()
	files := newLedgerFiles(t)
	files.run(t).end()
	keys, _ := said(t, "keys", "--key-file="+files.key)
	for _, tt := range []struct{ name, key, want string }{
		{"https://audit.example.com/ann", keys, "audit.example.com/foyer"},
		{"the auditors", keys, "audit.example.com/foyer"},
		{"audit.example.com/ann", "foo+bar", "foyer audit keys"},
	} {
		folder := filepath.Join(t.TempDir(), "witness")
		var problem strings.Builder
		args := []string{"witness", "--name=" + tt.name, "--ledger=" + strings.TrimSpace(tt.key), "--folder=" + folder, "--listen=127.0.0.1:0"}
		if status := Run(t.Context(), Process{Args: args, Stdout: io.Discard, Stderr: &problem}); status != 2 || !strings.Contains(problem.String(), tt.want) {
			t.Errorf("%s of %s = %d, %q, want 2 and %q", tt.name, tt.key, status, problem.String(), tt.want)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s of %s made a folder", tt.name, tt.key)
		}
	}
}

// A file that is something else is a mistake, and no ledger that was tampered with.
func TestVerifyTellsAWrongFileFromAWrongLedger(t *testing.T) {
	t.Parallel()
	files := newLedgerFiles(t)
	files.run(t).end()
	keys, _ := said(t, "keys", "--key-file="+files.key)
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, []byte("log "+keys+"\nquorum none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	proof := filepath.Join(t.TempDir(), "event-1.tlog-proof")
	if err := os.WriteFile(proof, []byte("c2sp.org/tlog-proof@v1\nindex 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string]string{
		"--checkpoint=" + other: "no file of signed checkpoints",
		"--export=" + proof:     "‘Download the proof’",
	} {
		args := []string{"--database-url=sqlite:" + files.database, "--key=" + strings.TrimSpace(keys), arg}
		if words, status := verified(t, args...); status != 2 || !strings.Contains(words, want) {
			t.Errorf("verify %s = %d:\n%s\nwant 2 and %q", arg, status, words, want)
		}
	}
}
