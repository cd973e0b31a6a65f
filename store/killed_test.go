package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"foyer/ledger"
	"foyer/store"
	"foyer/witness"
)

// signVariable makes this test program a process that records and signs until it is killed:
// it holds the database's address, and the paths of the key and of the witnesses' policy.
const signVariable = "FOYER_TEST_SIGN"

// signTask says ‘signed’ after each checkpoint.
func signTask(ctx context.Context, task string) error {
	var address, keyFile, policy string
	if _, err := fmt.Sscan(task, &address, &keyFile, &policy); err != nil {
		return err
	}
	text, err := os.ReadFile(policy)
	if err != nil {
		return err
	}
	w, err := ledger.ParseWitnesses(text)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, address, store.Options{KeyFile: keyFile, Witnesses: w, Cosign: witness.NewCollector(w, nil, nil).Cosign})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := db.Record(ctx, workload(n), workload(n+1)); err != nil {
			return err
		}
		if _, _, err := db.SignCheckpoint(ctx); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "signed")
	}
}

// killWhileItSigns starts such a process, and kills it after so many checkpoints, somewhere
// in what it does next.
func killWhileItSigns(t *testing.T, task string, checkpoints int) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), signVariable+"="+task)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	said, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(said)
	for range checkpoints {
		if !lines.Scan() {
			t.Fatalf("the process that signs ended by itself: %s", complaints.String())
		}
	}
	<-time.After(time.Duration(rand.IntN(12_000)) * time.Microsecond)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
}

// Killed anywhere between an event, its signature, the witnesses' answers, the anchor and
// the checkpoint's row: the next start goes on, signs nothing twice, and neither the anchor
// nor a witness refuses what is honest. FOYER_TEST_KILLS says how often.
func TestAProcessThatIsKilledWhileItSignsIsGoneOnWith(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		kills := 4
		if asked, err := strconv.Atoi(os.Getenv("FOYER_TEST_KILLS")); err == nil {
			kills = asked
		}
		b.clock.at = time.Now()
		ann, ben := newOutsider(t, b, "ann"), newOutsider(t, b, "ben")
		policy := filepath.Join(t.TempDir(), "policy.txt")
		text := fmt.Sprintf("witness ann %s %s\nwitness ben %s %s\ngroup enough all ann ben\nquorum enough\n", ann.key.Public(), ann.server.URL, ben.key.Public(), ben.server.URL)
		must(t, os.WriteFile(policy, []byte(text), 0o600))
		w, err := ledger.ParseWitnesses([]byte(text))
		must(t, err)
		must(t, b.Close())
		size := int64(0)
		for kill := range kills {
			killWhileItSigns(t, fmt.Sprint(b.address, " ", b.keyFile, " ", policy), 1+kill%3)

			next, err := store.Open(t.Context(), b.address, store.Options{KeyFile: b.keyFile, Witnesses: w, Cosign: witness.NewCollector(w, nil, nil).Cosign})
			must(t, err)
			signed, _, err := next.SignCheckpoint(t.Context())
			if err != nil || !w.Enough(signed) {
				t.Fatalf("after kill %d: SignCheckpoint = %s, %v, want it signed and witnessed", kill, signed, err)
			}
			report, err := next.VerifyLedger(t.Context(), ledger.VerifyOptions{Witnesses: w, Held: append(ann.kept(t), ben.kept(t)...)})
			if wrong := wrongWithEvents(report); err != nil || len(wrong) > 0 || report.Unsigned > 0 || len(report.Doubts(time.Now())) > 0 {
				t.Fatalf("after kill %d: VerifyLedger = %v, %v, %v", kill, wrong, report.Doubts(time.Now()), err)
			}
			if report.Size <= size {
				t.Errorf("after kill %d the ledger has %d events, and %d before: nothing was done", kill, report.Size, size)
			}
			size = report.Size
			must(t, next.Close())
		}
		seen := map[string]bool{}
		for _, note := range notes(t, b) {
			c, err := ledger.ReadCheckpoint([]byte(note))
			must(t, err)
			if name := fmt.Sprint(c.Size, " ", c.At.Unix()); seen[name] {
				t.Errorf("the checkpoint of %d events is kept twice", c.Size)
			} else {
				seen[name] = true
			}
		}
	})
}
