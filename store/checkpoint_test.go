package store_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
	"foyer/portal"
	"foyer/store"
)

// What does not continue the last checkpoint, or is not what it was, is never
// signed: else the next checkpoint would make it good.
func TestATamperedLedgerIsNotSigned(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		b.record(t, full(), full())
		defenceless(t, b)
		restore := keep(t, b)
		for name, tamper := range map[string]func(){
			"an event since the last checkpoint edited": func() { forge(t, b, 11) },
			"one before it edited and all hashed again": func() { forge(t, b, 4); rehash(t, b) },
			"the end cut off": func() {
				b.exec(t, `DELETE FROM ledger_user`)
				b.exec(t, `DELETE FROM ledger_event WHERE seq > 8`)
				rehash(t, b)
			},
			"the head edited": func() { b.exec(t, `UPDATE ledger_head SET peaks = $1`, make([]byte, 64)) },
		} {
			tamper()
			if signed, fresh, err := b.SignCheckpoint(t.Context()); err == nil {
				t.Errorf("%s: SignCheckpoint = %s, fresh %v, want an error", name, signed, fresh)
			}
			restore()
		}
		sign(t, b.DB)
	})
}

func TestRedactionIsNoTampering(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		held := ledgerOf(t, b)
		if _, err := b.Redact(t.Context(), ledger.Event{Actor: vera, Reason: "order 17"}, store.Order{Events: []int64{5, 6}}); err != nil {
			t.Fatalf("Redact: %v", err)
		}

		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{Held: [][]byte{held}})
		if err != nil || !report.OK() || report.Redacted != 2 {
			t.Errorf("VerifyLedger = %d redacted, %v, %v, want 2 and no problem", report.Redacted, report.Problems, err)
		}
		e, err := b.Event(t.Context(), 5)
		if err != nil || !e.Redacted || e.Reason != "" || e.Actor.Name != "" || e.Users[0].Email != "" || e.Users[0].ID != "u5" {
			t.Errorf("Event(5) = %+v, %v, want ids alone", e, err)
		}
		for _, f := range []ledger.Filter{{Text: "reason 5"}, {UserEmail: "ann@acme.example", Text: "reason 5"}} {
			if got := seqs(t, b, f, ledger.Page{}); len(got) != 0 {
				t.Errorf("Events(%+v) = %v, want none: it was erased", f, got)
			}
		}
		if _, err := b.Redact(t.Context(), ledger.Event{Actor: vera}, store.Order{Events: []int64{7, 99}}); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Redact(7, 99) = %v, want ErrNotStored", err)
		}
		if e, err := b.Event(t.Context(), 7); err != nil || e.Redacted {
			t.Errorf("Event(7) = %+v, %v: erased by a redaction that failed", e, err)
		}
		sign(t, b.DB)
	})
}

func TestTheLedgerRefusesToBeChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		statements := []string{
			`UPDATE ledger_event SET outcome = 'failed' WHERE seq = 1`,
			`UPDATE ledger_event SET personal = NULL WHERE seq = 1`,
			`UPDATE ledger_event SET personal = NULL, salt = NULL, actor_text = '', people_text = '', note_text = '', trace = 'x' WHERE seq = 1`,
			`DELETE FROM ledger_event WHERE seq = 10`,
			`DELETE FROM ledger_user`,
			`UPDATE ledger_user SET user_id = 'x'`,
			`DELETE FROM ledger_head`,
			`UPDATE ledger_head SET size = 3`,
			`UPDATE ledger_head SET origin = 'x', size = 11`,
			`DELETE FROM ledger_checkpoint`,
			`UPDATE ledger_checkpoint SET note = 'x'`,
		}
		if b.Dialect() == store.PostgreSQL {
			statements = append(statements, `TRUNCATE ledger_event CASCADE`, `TRUNCATE ledger_user`, `TRUNCATE ledger_head`, `TRUNCATE ledger_checkpoint`)
		} else {
			statements = append(statements,
				`REPLACE INTO ledger_event SELECT * FROM ledger_event WHERE seq = 1`,
				`REPLACE INTO ledger_user SELECT * FROM ledger_user WHERE seq = 1`,
				`REPLACE INTO ledger_head SELECT * FROM ledger_head`,
				`REPLACE INTO ledger_checkpoint SELECT * FROM ledger_checkpoint`)
		}
		for _, s := range statements {
			if _, err := b.admin.ExecContext(t.Context(), s); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s = %v, want 'append-only'", s, err)
			}
		}
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() || report.Events != 10 {
			t.Errorf("VerifyLedger = %+v, %v", report, err)
		}
	})
}

func TestACheckpointIsSignedWhenThereIsSomethingNewOrEveryHour(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if _, _, err := b.Checkpoint(t.Context()); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Checkpoint = %v, want ErrNotStored", err)
		}
		first := sign(t, b.DB) // of an empty ledger
		b.record(t, full())
		second := sign(t, b.DB)
		if bytes.Equal(first, second) {
			t.Error("the checkpoints of an empty ledger and of one event are the same")
		}
		b.clock.add(59 * time.Minute)
		if got, fresh, err := b.SignCheckpoint(t.Context()); err != nil || fresh || !bytes.Equal(got, second) {
			t.Errorf("SignCheckpoint at rest = %q, %v, %v, want the last one", got, fresh, err)
		}
		at := b.clock.add(time.Minute)
		third := sign(t, b.DB)
		c, err := ledger.OpenCheckpoint(third, b.Verifiers())
		if err != nil || c.Size != 1 || !c.At.Equal(at.Truncate(time.Second)) || c.Origin != b.Key().Name() {
			t.Errorf("OpenCheckpoint = %+v, %v", c, err)
		}
		if got, _, err := b.Checkpoint(t.Context()); err != nil || !bytes.Equal(got, third) {
			t.Errorf("Checkpoint = %q, %v, want the newest", got, err)
		}
	})
}

func TestEvidenceProvesAnEventWithoutTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		b.record(t, full()) // 11, not covered yet

		var export bytes.Buffer
		signed, c, err := b.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for seq := int64(1); seq <= 10; seq++ {
			evidence, err := b.Evidence(t.Context(), seq)
			if err != nil {
				t.Fatalf("Evidence(%d): %v", seq, err)
			}
			event, _, err := evidence.Check(b.Verifiers())
			if err != nil || event.Seq != seq {
				t.Errorf("Check = %d, %v, want %d", event.Seq, err, seq)
			}
			evidence.Body = strings.Replace(evidence.Body, "succeeded", "failed", 1)
			if _, _, err := evidence.Check(b.Verifiers()); err == nil {
				t.Errorf("Check of an altered event %d passes", seq)
			}
			line, err := b.EvidenceAt(t.Context(), seq, c.Size)
			if err != nil {
				t.Fatalf("EvidenceAt(%d): %v", seq, err)
			}
			text, err := line.Encode()
			if err != nil {
				t.Fatal(err)
			}
			export.Write(text)
		}
		if _, err := b.Evidence(t.Context(), 11); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Evidence(11) = %v, want ErrNotStored: no checkpoint covers it", err)
		}

		report, err := ledger.VerifyExport(t.Context(), ledger.ExportFiles{Events: bytes.NewReader(export.Bytes()), Checkpoint: signed}, ledger.VerifyOptions{Verifiers: b.Verifiers()})
		if err != nil || !report.OK() || report.Events != 10 {
			t.Errorf("VerifyExport = %+v, %v", report, err)
		}
		if doubts := report.Doubts(b.clock.Now().AddDate(10, 0, 0)); len(doubts) > 0 {
			t.Errorf("Doubts of an export ten years later = %v, want none", doubts)
		}
		bad := bytes.Replace(export.Bytes(), []byte("reason 4"), []byte("reason 5"), 1)
		report, err = ledger.VerifyExport(t.Context(), ledger.ExportFiles{Events: bytes.NewReader(bad), Checkpoint: signed}, ledger.VerifyOptions{Verifiers: b.Verifiers()})
		if err != nil || report.FirstBad != 4 {
			t.Errorf("VerifyExport of an altered export: first bad = %d, %v, want 4", report.FirstBad, err)
		}

		proof, err := b.Consistency(t.Context(), 3, 10)
		if err != nil {
			t.Fatalf("Consistency: %v", err)
		}
		older := ledger.Tree{}
		for seq := int64(1); seq <= 3; seq++ {
			evidence, err := b.Evidence(t.Context(), seq)
			if err != nil {
				t.Fatal(err)
			}
			older.Append(evidence.Record().Leaf())
		}
		if err := tlog.CheckTree(proof, 10, c.Root, 3, older.Root()); err != nil {
			t.Errorf("CheckTree: %v", err)
		}
	})
}

func TestAnotherPublicKeyConfirmsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		other, err := ledger.NewKey(b.Key().Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []note.Verifiers{other.Verifiers(), note.VerifierList()} {
			report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{Verifiers: v})
			if err != nil || report.FirstBad != 1 || report.Problems[0].Kind != ledger.Unsigned {
				t.Errorf("VerifyLedger with another key = %v, %v, want unsigned from 1 on", report.Problems, err)
			}
		}
	})
}

func TestVerificationCanBeStopped(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.VerifyLedger(ctx, ledger.VerifyOptions{}); !errors.Is(err, context.Canceled) {
			t.Errorf("VerifyLedger = %v, want context.Canceled", err)
		}
	})
}
