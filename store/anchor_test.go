package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foyer/ledger"
	"foyer/store"
)

func (b bench) anchorFile() string { return strings.TrimSuffix(b.keyFile, ".key") + ".anchor" }

// Whoever can write the database and has no key can't have another ledger signed.
func TestAForgedLedgerIsNeverSigned(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		defenceless(t, b)
		restore := keep(t, b)
		for name, tamper := range map[string]func(t *testing.T){
			"all of history hashed again and the checkpoints thrown away": func(t *testing.T) {
				forge(t, b, 1)
				rehash(t, b)
				b.exec(t, `DELETE FROM ledger_checkpoint`)
			},
			"cut off with its checkpoints, and gone on with": func(t *testing.T) {
				cutTo(t, b, 3)
				b.exec(t, `DELETE FROM ledger_checkpoint WHERE size > 3`)
				for range 9 {
					b.record(t, full())
				}
			},
			"an older database put back": func(t *testing.T) { cutTo(t, b, 3) },
			"a signed event taken out": func(t *testing.T) {
				b.exec(t, `DELETE FROM ledger_user WHERE seq = 10`)
				b.exec(t, `DELETE FROM ledger_event WHERE seq = 10`)
			},
			"the hashes of a signed event cut": func(t *testing.T) {
				b.exec(t, `UPDATE ledger_event SET hashes = $1 WHERE seq = 8`, []byte{})
			},
			"emptied": func(t *testing.T) {
				b.exec(t, `DELETE FROM ledger_user`)
				b.exec(t, `DELETE FROM ledger_event`)
				b.exec(t, `DELETE FROM ledger_checkpoint`)
				b.exec(t, `UPDATE ledger_head SET size = 0, peaks = $1, high_at = 0, lag = 0`, []byte{})
			},
		} {
			t.Run(name, func(t *testing.T) {
				defer restore()
				tamper(t)
				if signed, fresh, err := b.SignCheckpoint(t.Context()); !errors.Is(err, ledger.ErrNotContinued) {
					t.Errorf("SignCheckpoint = %s, fresh %v, %v, want ErrNotContinued", signed, fresh, err)
				}
				if err := b.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrNotContinued) {
					t.Errorf("CheckSigning = %v, want ErrNotContinued", err)
				}
			})
		}
		b.record(t, full())
		sign(t, b.DB)
	})
}

// appendForged adds an event as Foyer's own statements do, without the key: everything in
// the database follows from it.
func appendForged(t *testing.T, b bench, e ledger.Event, mac []byte) {
	t.Helper()
	var size, highAt, lag int64
	var peaks []byte
	must(t, b.admin.QueryRowContext(t.Context(), `SELECT size, peaks, high_at, lag FROM ledger_head`).Scan(&size, &peaks, &highAt, &lag))
	tree, err := ledger.ParseTree(size, peaks)
	must(t, err)
	e.Seq, e.At = size+1, b.clock.Now()
	r, err := ledger.Seal(e, bytes.Repeat([]byte{3}, ledger.SaltSize))
	must(t, err)
	e, err = r.Event()
	must(t, err)
	x := ledger.IndexOf(e)
	highAt = max(highAt, x.At)
	b.exec(t, `INSERT INTO ledger_event (seq, body, salt, personal, hashes, mac, at, high_at, action, outcome, change_id, company_id,
		request, trace, company_text, actor_text, people_text, note_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		e.Seq, r.Body, r.Salt, r.Personal, ledger.JoinHashes(tree.Append(r.Leaf())), mac, x.At, highAt, string(x.Action), string(x.Outcome),
		x.Change, x.CompanyID, x.Request, x.Trace, x.Company, x.Actor, x.People, x.Text)
	for n, u := range x.Users {
		b.exec(t, `INSERT INTO ledger_user (seq, n, user_id, email) VALUES ($1, $2, $3, $4)`, e.Seq, n, u.ID, u.Email)
	}
	b.exec(t, `UPDATE ledger_head SET size = $1, peaks = $2, high_at = $3`, tree.Size(), tree.Peaks(), highAt)
}

// An event that never happened, made with nothing but what the database lets its users do,
// is found by whoever has the key, is never signed, and counts as unsigned for everybody else.
func TestNoEventIsMadeWithoutTheKey(t *testing.T) {
	happened := ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: vera, Users: []ledger.User{{ID: "u1"}}}
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		b.record(t, full()) // 11, not signed yet
		var genuine []byte
		must(t, b.admin.QueryRowContext(t.Context(), `SELECT mac FROM ledger_event WHERE seq = 11`).Scan(&genuine))
		defenceless(t, b)
		restore := keep(t, b)
		for name, tt := range map[string]struct {
			tamper func(t *testing.T)
			bad    int64 // the first that is found; 0: it has no code
		}{
			"without a code":            {func(t *testing.T) { appendForged(t, b, happened, nil) }, 0},
			"with a code of their own":  {func(t *testing.T) { appendForged(t, b, happened, bytes.Repeat([]byte{1}, 32)) }, 12},
			"with another event's code": {func(t *testing.T) { appendForged(t, b, happened, genuine) }, 12},
			"in the place of another": {func(t *testing.T) {
				cutTo(t, b, 10)
				appendForged(t, b, happened, genuine)
			}, 11},
			"that says that others were erased": {func(t *testing.T) {
				b.exec(t, `UPDATE ledger_event SET salt = NULL, personal = NULL, actor_text = '', people_text = '', note_text = '' WHERE seq = 5`)
				b.exec(t, `UPDATE ledger_user SET email = '' WHERE seq = 5`)
				appendForged(t, b, ledger.Event{Action: ledger.Redact, Outcome: ledger.Succeeded, Actor: vera, Redacts: []int64{5}}, nil)
			}, 0},
			"that says that the key was replaced": {func(t *testing.T) {
				e := ledger.Event{Action: ledger.RotateKey, Outcome: ledger.Intent, Actor: vera, After: []byte(`{"key":"another"}`)}
				appendForged(t, b, e, nil)
				e.Outcome = ledger.Succeeded
				appendForged(t, b, e, nil)
			}, 0},
		} {
			t.Run(name, func(t *testing.T) {
				defer restore()
				tt.tamper(t)
				if signed, _, err := b.SignCheckpoint(t.Context()); err == nil {
					t.Errorf("SignCheckpoint = %s, want an error", signed)
				} else if altered, ok := errors.AsType[*ledger.AlteredError](err); !ok || altered.First.Kind != ledger.Forged {
					t.Errorf("SignCheckpoint = %v, want that an event is forged", err)
				}
				b.record(t, full()) // people go on working
				report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
				if err != nil || report.FirstBad != tt.bad || (tt.bad == 0) != (report.Unauthenticated == 12) {
					t.Errorf("VerifyLedger with the key: first bad %d, without a code from %d, %v, %v; want %d", report.FirstBad, report.Unauthenticated, report.Problems, err, tt.bad)
				}
				public, err := ledger.ParseKey([]byte(b.Key().String()))
				must(t, err)
				auditor := b.openReadOnly(t)
				report, err = auditor.VerifyLedger(t.Context(), ledger.VerifyOptions{Verifiers: public.Verifiers()})
				if err != nil || !report.OK() || report.Unsigned == 0 || len(report.Doubts(b.clock.Now().Add(2*time.Hour))) == 0 {
					t.Errorf("VerifyLedger with the public key alone: %d unsigned, %v, %v, want it unproven in two hours", report.Unsigned, report.Problems, err)
				}
			})
		}
		sign(t, b.DB)
	})
}

// A process without the key can't write to a ledger that is signed: nobody could tell its
// events from those that somebody put into the database.
func TestWithoutTheKeyNothingIsRecordedInASignedLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		keyless, err := store.Open(t.Context(), b.address, store.Options{Now: b.clock.Now})
		must(t, err)
		defer keyless.Close()
		must(t, keyless.Record(t.Context(), full()))
		anchorAnew(t, b)
		sign(t, b.DB)
		if err := keyless.Record(t.Context(), full()); !errors.Is(err, ledger.ErrKey) || !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Record without the key = %v, want ErrKey and ErrNotRecorded", err)
		}
	})
}

func TestWithoutAnAnchorNothingIsSignedUntilItIsGiven(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		held := ledgerOf(t, b)
		for name, spoil := range map[string]func() error{
			"gone":    func() error { return os.Remove(b.anchorFile()) },
			"damaged": func() error { return os.WriteFile(b.anchorFile(), []byte("foyer-ledger\n7\n"), 0o600) },
		} {
			must(t, spoil())
			b.record(t, full())
			if _, _, err := b.SignCheckpoint(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
				t.Errorf("SignCheckpoint with an anchor that is %s = %v, want ErrNoAnchor", name, err)
			}
			if err := b.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
				t.Errorf("CheckSigning with an anchor that is %s = %v, want ErrNoAnchor", name, err)
			}
			if err := b.open(t).CheckSigning(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
				t.Errorf("CheckSigning of a later start = %v, want ErrNoAnchor", err)
			}
			must(t, b.Anchor(t.Context(), held)) // as the file of checkpoints has it
			sign(t, b.DB)
		}

		must(t, os.Remove(b.anchorFile()))
		anchorAnew(t, b) // as whoever runs Foyer says
		sign(t, b.DB)
		if events := seqs(t, b, ledger.Filter{Action: ledger.Restored}, ledger.Page{}); len(events) != 1 {
			t.Errorf("%d events say that the anchor was begun anew, want one", len(events))
		}
	})
}

// The anchor of another ledger is no sign of another key of this one: everything is recorded.
func TestAnotherLedgersAnchorIsNone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		held := ledgerOf(t, b)
		key, err := ledger.NewKey("other.example.com/ledger/y")
		must(t, err)
		other, err := ledger.Checkpoint{Origin: key.Name(), Size: 99, At: b.clock.Now()}.Sign(key)
		must(t, err)
		must(t, os.WriteFile(b.anchorFile(), other, 0o600))
		if err := b.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) || errors.Is(err, ledger.ErrKey) || !strings.Contains(err.Error(), key.Name()) {
			t.Errorf("CheckSigning = %v, want ErrNoAnchor, and whose it is", err)
		}
		b.record(t, full())
		if err := b.Anchor(t.Context(), held); !errors.Is(err, ledger.ErrAnchorNotKept) {
			t.Errorf("Anchor = %v, want that the other's is left as it is", err)
		}
		if now, err := os.ReadFile(b.anchorFile()); err != nil || !bytes.Equal(now, other) {
			t.Errorf("the other ledger's anchor is %s, %v", now, err)
		}
		anchorAnew(t, b)
		sign(t, b.DB)
	})
}

// A process may be killed between any two steps of a signature.
func TestAKilledSignatureIsGoneOnWithAndNothingIsSignedTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		defenceless(t, b)
		before, err := os.ReadFile(b.anchorFile())
		must(t, err)
		b.record(t, full())
		signed := sign(t, b.DB)

		// Anchored, and not kept with the ledger any more.
		b.exec(t, `DELETE FROM ledger_checkpoint WHERE size = 11`)
		again, fresh, err := b.SignCheckpoint(t.Context())
		if err != nil || !fresh || !bytes.Equal(again, signed) {
			t.Errorf("SignCheckpoint = %s, fresh %v, %v, want the one that was anchored", again, fresh, err)
		}
		if n := b.count(t, `SELECT count(*) FROM ledger_checkpoint WHERE size = 11`); n != 1 {
			t.Errorf("it is kept %d times, want once", n)
		}

		// Kept with the ledger by another process, whose anchor is another file.
		must(t, os.WriteFile(b.anchorFile(), before, 0o600))
		if same, fresh, err := b.SignCheckpoint(t.Context()); err != nil || fresh || !bytes.Equal(same, signed) {
			t.Errorf("SignCheckpoint with an older anchor = %s, fresh %v, %v, want the last one", same, fresh, err)
		}
		if now, err := os.ReadFile(b.anchorFile()); err != nil || !bytes.Equal(now, signed) {
			t.Errorf("the anchor is %s, %v, want it to follow", now, err)
		}
	})
}

// Rows that no key of Foyer's has signed stop nothing, and are told.
func TestRubbishAmongTheCheckpointsStopsNoSignature(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		other, err := ledger.NewKey(b.Key().Name())
		must(t, err)
		_, c, err := b.Checkpoint(t.Context())
		must(t, err)
		c.Size = 1 << 40
		strange, err := c.Sign(other)
		must(t, err)
		for i, note := range []string{"rubbish", "", string(strange), strings.Repeat("x", 1<<20)} {
			b.exec(t, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)`, int64(1)<<40+int64(i), 7, note)
		}
		b.record(t, full())

		sign(t, b.DB)
		if evidence, err := b.Evidence(t.Context(), 11); err != nil || evidence.Size != 11 {
			t.Errorf("Evidence = of %d events, %v, want 11", evidence.Size, err)
		}
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || report.OK() {
			t.Errorf("VerifyLedger = %v, %v, want the rows to be told", report.Problems, err)
		}
	})
}

func TestWhatStandsBesideACheckpointIsVerified(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		defenceless(t, b)
		restore := keep(t, b)
		for _, edit := range []string{`UPDATE ledger_checkpoint SET size = 4 WHERE size = 3`, `UPDATE ledger_checkpoint SET at = at - 1 WHERE size = 3`} {
			b.exec(t, edit)
			report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
			if err != nil || report.OK() || report.Problems[0].Kind != ledger.Unsigned {
				t.Errorf("VerifyLedger after %s = %v, %v, want the checkpoint told", edit, report.Problems, err)
			}
			restore()
		}
	})
}

// Replicas have anchors of their own, each of which confirms what the others sign.
func TestEachReplicaHasAnAnchor(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.record(t, full())
		first := sign(t, b.DB)
		key, err := os.ReadFile(b.keyFile)
		must(t, err)
		folder := t.TempDir()
		must(t, os.WriteFile(filepath.Join(folder, "ledger.key"), key, 0o600))
		replica := b.openWithKey(t, filepath.Join(folder, "ledger.key"))
		if _, _, err := replica.SignCheckpoint(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
			t.Errorf("SignCheckpoint of a new replica = %v, want ErrNoAnchor", err)
		}
		must(t, replica.Anchor(t.Context(), first))

		for _, db := range []*store.DB{replica, b.DB, replica} {
			b.record(t, full())
			b.clock.add(time.Minute)
			sign(t, db)
		}
		b.record(t, full())
		last := sign(t, replica)
		must(t, b.FollowCheckpoints(t.Context()))
		if now, err := os.ReadFile(b.anchorFile()); err != nil || !bytes.Equal(now, last) {
			t.Errorf("the anchor of who follows is %s, %v, want what the replica signed", now, err)
		}
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || !report.OK() || report.Checkpoints != 5 {
			t.Errorf("VerifyLedger = %d checkpoints, %v, %v, want five", report.Checkpoints, report.Problems, err)
		}
	})
}

func (b bench) openReadOnly(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), b.address, store.Options{Now: b.clock.Now, ReadOnly: true})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
