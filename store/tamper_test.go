package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
	"foyer/store"
)

// ledger is a ledger of ten events about one person each, with checkpoints after
// the third and the tenth. The last one was also kept by somebody else.
func ledgerOf(t *testing.T, b bench) (held []byte) {
	t.Helper()
	for n := 1; n <= 10; n++ {
		b.record(t, ledger.Event{
			Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: vera, Reason: fmt.Sprintf("reason %d", n),
			Users: []ledger.User{{ID: fmt.Sprintf("u%d", n), Email: "ann@acme.example"}},
		})
		b.clock.add(time.Minute)
		if n == 3 || n == 10 {
			held = sign(t, b.DB)
		}
	}
	return held
}

func sign(t testing.TB, db *store.DB) []byte {
	t.Helper()
	signed, fresh, err := db.SignCheckpoint(t.Context())
	if err != nil || !fresh {
		t.Fatalf("SignCheckpoint = fresh %v, %v", fresh, err)
	}
	return signed
}

// anchorAnew does to the anchor what somebody can who has the key's folder.
func anchorAnew(t *testing.T, b bench) {
	t.Helper()
	if err := b.AnchorAnew(t.Context(), ledger.Event{Action: ledger.Restored, Outcome: ledger.Succeeded, Actor: vera}); err != nil {
		t.Fatalf("AnchorAnew: %v", err)
	}
}

// defenceless takes away the triggers, as somebody with the database's password
// can.
func defenceless(t *testing.T, b bench) {
	t.Helper()
	if b.Dialect() == store.PostgreSQL {
		for _, table := range []string{"ledger_event", "ledger_user", "ledger_head", "ledger_checkpoint", "review", "review_person"} {
			b.exec(t, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
		}
		return
	}
	rows, err := b.admin.QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b.exec(t, "DROP TRIGGER "+name)
	}
}

// cutTo removes the end of the ledger and every trace of it: the database is as
// it was when it had that many events.
func cutTo(t *testing.T, b bench, size int64) {
	t.Helper()
	b.exec(t, `DELETE FROM ledger_user WHERE seq > $1`, size)
	b.exec(t, `DELETE FROM ledger_event WHERE seq > $1`, size)
	b.exec(t, `DELETE FROM ledger_checkpoint WHERE size > $1`, size)
	rehash(t, b)
}

// rehash computes all hashes and the head anew, as who edits the ledger without
// its key can.
func rehash(t *testing.T, b bench) {
	t.Helper()
	rows, err := b.admin.QueryContext(t.Context(), `SELECT seq, body, at FROM ledger_event ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tree ledger.Tree
	var highAt int64
	hashes := map[int64][]byte{}
	for rows.Next() {
		var seq, at int64
		var body []byte
		if err := rows.Scan(&seq, &body, &at); err != nil {
			t.Fatal(err)
		}
		hashes[seq] = ledger.JoinHashes(tree.Append(tlog.RecordHash(body)))
		highAt = max(highAt, at)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for seq, h := range hashes {
		b.exec(t, `UPDATE ledger_event SET hashes = $1 WHERE seq = $2`, h, seq)
	}
	b.exec(t, `UPDATE ledger_head SET size = $1, peaks = $2, high_at = $3`, tree.Size(), tree.Peaks(), highAt)
}

// forge replaces the reason of an event, and everything that follows from it
// but the hashes: the event is perfect in itself.
func forge(t *testing.T, b bench, seq int64) {
	t.Helper()
	e, err := b.Event(t.Context(), seq)
	if err != nil {
		t.Fatal(err)
	}
	e.Reason = "another reason"
	r, err := ledger.Seal(e, bytes.Repeat([]byte{7}, ledger.SaltSize))
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, `UPDATE ledger_event SET body = $1, salt = $2, personal = $3, note_text = $4 WHERE seq = $5`,
		r.Body, r.Salt, r.Personal, ledger.IndexOf(e).Text, seq)
}

const copyEvent = `INSERT INTO ledger_event (seq, body, salt, personal, hashes, at, high_at, action, outcome, change_id,
	company_id, request, trace, company_text, actor_text, people_text, note_text) SELECT %s, body, salt, personal, hashes, at, high_at, action, outcome, change_id,
	company_id, request, trace, company_text, actor_text, people_text, note_text FROM ledger_event WHERE seq = %d`

// TestTamperingIsDetected does to a ledger what somebody with all rights in the
// database could, and expects that verification names the first bad event.
func TestTamperingIsDetected(t *testing.T) {
	cases := []struct {
		name   string
		tamper func(t *testing.T, b bench)
		kind   ledger.ProblemKind
		bad    int64
	}{
		{"a byte of the body flipped", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_event SET body = (SELECT body FROM ledger_event WHERE seq = 5) WHERE seq = 6`)
			e, err := b.Event(t.Context(), 5)
			if err != nil {
				t.Fatal(err)
			}
			e.Seq, e.Outcome = 6, ledger.Failed
			r, err := ledger.Seal(e, make([]byte, ledger.SaltSize))
			if err != nil {
				t.Fatal(err)
			}
			b.exec(t, `UPDATE ledger_event SET body = $1 WHERE seq = 6`, r.Body)
		}, ledger.Altered, 6},
		{"a byte of the personal part flipped", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_event SET personal = $1 WHERE seq = 5`, []byte(`{"reason":"reason 6"}`))
		}, ledger.Personal, 5},
		{"a byte of a hash flipped", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_event SET hashes = (SELECT hashes FROM ledger_event WHERE seq = 2) WHERE seq = 6`)
		}, ledger.Altered, 6},
		{"a derived column edited", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_event SET outcome = 'failed' WHERE seq = 5`)
		}, ledger.Reindexed, 5},
		{"a derived time edited", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_event SET high_at = high_at + 1 WHERE seq = 5`)
		}, ledger.Reindexed, 5},
		{"a derived user edited", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_user SET user_id = 'u6' WHERE seq = 5`)
		}, ledger.Reindexed, 5},
		{"a derived user moved", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_user SET n = 1 WHERE seq = 5`)
		}, ledger.Reindexed, 5},
		{"a derived user deleted", func(t *testing.T, b bench) {
			b.exec(t, `DELETE FROM ledger_user WHERE seq = 5`)
		}, ledger.Reindexed, 5},
		{"a row in the middle deleted", func(t *testing.T, b bench) {
			b.exec(t, `DELETE FROM ledger_user WHERE seq = 5`)
			b.exec(t, `DELETE FROM ledger_event WHERE seq = 5`)
		}, ledger.Missing, 5},
		{"the first row deleted", func(t *testing.T, b bench) {
			b.exec(t, `DELETE FROM ledger_user WHERE seq = 1`)
			b.exec(t, `DELETE FROM ledger_event WHERE seq = 1`)
		}, ledger.Missing, 1},
		{"the last row deleted", func(t *testing.T, b bench) {
			b.exec(t, `DELETE FROM ledger_user WHERE seq = 10`)
			b.exec(t, `DELETE FROM ledger_event WHERE seq = 10`)
		}, ledger.Missing, 10},
		{"the tail deleted with every trace in the database", func(t *testing.T, b bench) {
			cutTo(t, b, 7)
		}, ledger.Missing, 8},
		{"two rows swapped", func(t *testing.T, b bench) {
			for _, swap := range [][2]int{{5, 1005}, {8, 5}, {1005, 8}} {
				b.exec(t, fmt.Sprintf(copyEvent, fmt.Sprint(swap[1]), swap[0]))
				b.exec(t, fmt.Sprintf(`UPDATE ledger_user SET seq = %d WHERE seq = %d`, swap[1], swap[0]))
				b.exec(t, fmt.Sprintf(`DELETE FROM ledger_event WHERE seq = %d`, swap[0]))
			}
		}, ledger.Altered, 5},
		{"two rows swapped with their hashes left", func(t *testing.T, b bench) {
			for _, column := range []string{"body", "salt", "personal"} {
				b.exec(t, fmt.Sprintf(`UPDATE ledger_event SET %[1]s = CASE seq
					WHEN 5 THEN (SELECT %[1]s FROM ledger_event WHERE seq = 8)
					ELSE (SELECT %[1]s FROM ledger_event WHERE seq = 5) END WHERE seq IN (5, 8)`, column))
			}
		}, ledger.Altered, 5},
		{"two rows swapped and everything hashed again", func(t *testing.T, b bench) {
			for _, column := range []string{"body", "salt", "personal"} {
				b.exec(t, fmt.Sprintf(`UPDATE ledger_event SET %[1]s = CASE seq
					WHEN 5 THEN (SELECT %[1]s FROM ledger_event WHERE seq = 8)
					ELSE (SELECT %[1]s FROM ledger_event WHERE seq = 5) END WHERE seq IN (5, 8)`, column))
			}
			rehash(t, b)
		}, ledger.Misplaced, 5},
		{"a row appended past the head", func(t *testing.T, b bench) {
			b.exec(t, fmt.Sprintf(copyEvent, "11", 10))
		}, ledger.Altered, 11},
		{"a row inserted in the middle", func(t *testing.T, b bench) {
			for seq := 10; seq >= 6; seq-- {
				b.exec(t, fmt.Sprintf(copyEvent, fmt.Sprint(seq+1), seq))
				b.exec(t, fmt.Sprintf(`UPDATE ledger_user SET seq = %d WHERE seq = %d`, seq+1, seq))
				b.exec(t, fmt.Sprintf(`DELETE FROM ledger_event WHERE seq = %d`, seq))
			}
			b.exec(t, fmt.Sprintf(copyEvent, "6", 3))
			rehash(t, b)
		}, ledger.Misplaced, 6},
		{"everything hashed again without the key", func(t *testing.T, b bench) {
			forge(t, b, 4)
			rehash(t, b)
		}, ledger.Rewritten, 4},
		{"everything hashed again and the checkpoints thrown away", func(t *testing.T, b bench) {
			forge(t, b, 1)
			rehash(t, b)
			b.exec(t, `DELETE FROM ledger_checkpoint`)
		}, ledger.Rewritten, 1},
		{"an older database put back and gone on with", func(t *testing.T, b bench) {
			cutTo(t, b, 3)
			b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera})
		}, ledger.Missing, 5},
		{"a fork that grew longer", func(t *testing.T, b bench) {
			cutTo(t, b, 3)
			for range 9 {
				b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera})
			}
			anchorAnew(t, b)
			sign(t, b.DB)
		}, ledger.Rewritten, 4},
		{"signed by another key", func(t *testing.T, b bench) {
			other, err := ledger.NewKey(b.Key().Name())
			if err != nil {
				t.Fatal(err)
			}
			_, c, err := b.Checkpoint(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			forged, err := c.Sign(other)
			if err != nil {
				t.Fatal(err)
			}
			b.exec(t, `UPDATE ledger_checkpoint SET note = $1 WHERE size = 10`, string(forged))
		}, ledger.Unsigned, 4},
		{"the hashes in the head edited", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_head SET peaks = $1`, make([]byte, 64))
		}, ledger.BadHead, 10},
		{"the lag in the head edited", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_head SET lag = lag + 3600000000`)
		}, ledger.BadHead, 10},
		{"a personal part erased and not recorded", func(t *testing.T, b bench) {
			b.exec(t, `UPDATE ledger_event SET salt = NULL, personal = NULL, actor_text = '', people_text = '', note_text = '' WHERE seq = 5`)
			b.exec(t, `UPDATE ledger_user SET email = '' WHERE seq = 5`)
		}, ledger.Erased, 5},
		{"the ledger left alone", func(*testing.T, bench) {}, "", 0},
	}

	onBoth(t, func(t *testing.T, b bench) {
		held := ledgerOf(t, b)
		defenceless(t, b)
		restore := keep(t, b)
		for _, tt := range cases {
			t.Run(tt.name, func(t *testing.T) {
				defer restore()
				tt.tamper(t, b)

				report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{Held: [][]byte{held}})
				if err != nil {
					t.Fatalf("VerifyLedger: %v", err)
				}
				if report.FirstBad != tt.bad || report.OK() != (tt.bad == 0) {
					t.Fatalf("first bad = %d, want %d; %v", report.FirstBad, tt.bad, report.Problems)
				}
				if tt.bad != 0 && report.Problems[0].Kind != tt.kind {
					t.Errorf("problem = %v, want %s", report.Problems[0], tt.kind)
				}
				for _, p := range report.Problems {
					if strings.Contains(p.String(), "acme") || strings.Contains(p.String(), "reason") {
						t.Errorf("problem %q tells something personal", p)
					}
				}
			})
		}
	})
}

// A head that is lost, or can't be one, keeps Foyer from serving; verification needs none.
func TestALedgerWithoutItsHeadIsVerifiedAndNotGoneOnWith(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		held := ledgerOf(t, b)
		defenceless(t, b)
		restore := keep(t, b)
		for name, edit := range map[string]string{
			"lost":                      `DELETE FROM ledger_head`,
			"with too few hashes":       `UPDATE ledger_head SET size = 11`,
			"with fewer events":         `UPDATE ledger_head SET size = 7`,
			"with less than no events":  `UPDATE ledger_head SET size = -1`,
			"with another one's origin": `UPDATE ledger_head SET origin = 'foyer-ledger-other'`,
		} {
			b.exec(t, edit)
			if db, err := store.Open(t.Context(), b.address, store.Options{Now: b.clock.Now, KeyFile: b.keyFile}); !errors.Is(err, ledger.ErrHead) {
				t.Errorf("Open with a head %s = %v, %v, want ErrHead", name, db, err)
			}
			report, err := b.openReadOnly(t).VerifyLedger(t.Context(), ledger.VerifyOptions{Verifiers: b.Verifiers(), Held: [][]byte{held}})
			if err != nil || report.OK() || report.Events != 10 {
				t.Errorf("VerifyLedger with a head %s = %d events, %v, %v, want a problem", name, report.Events, report.Problems, err)
			}
			if name == "lost" && (report.Found != 1 || report.Problems[0].Kind != ledger.BadHead || report.Checkpoints == 0) {
				t.Errorf("VerifyLedger without a head = %d checkpoints, %v, want that it is lost, and nothing else", report.Checkpoints, report.Problems)
			}
			restore()
		}
		b.record(t, full())
		sign(t, b.open(t))
	})
}

// keep copies the ledger's tables, and gives what puts them back.
func keep(t *testing.T, b bench) (restore func()) {
	t.Helper()
	tables := []string{"ledger_event", "ledger_user", "ledger_head", "ledger_checkpoint"}
	overriding := ""
	if b.Dialect() == store.PostgreSQL {
		overriding = "OVERRIDING SYSTEM VALUE"
	}
	for _, table := range tables {
		b.exec(t, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
	}
	return func() {
		for _, table := range slices.Backward(tables) {
			b.exec(t, "DELETE FROM "+table)
		}
		for _, table := range tables {
			b.exec(t, fmt.Sprintf("INSERT INTO %s %s SELECT * FROM kept_%[1]s", table, overriding))
		}
	}
}

// A checkpoint held elsewhere convicts the ledger even when whoever holds the
// key signs it anew.
func TestAForkSignedWithTheKeyIsDetected(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		held := ledgerOf(t, b)
		defenceless(t, b)
		cutTo(t, b, 3)
		for range 7 {
			b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera})
		}
		anchorAnew(t, b)
		sign(t, b.DB)

		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || !report.OK() {
			t.Fatalf("VerifyLedger = %v, %v: it should agree with itself", report.Problems, err)
		}
		report, err = b.VerifyLedger(t.Context(), ledger.VerifyOptions{Held: [][]byte{held}})
		if err != nil || report.FirstBad != 4 {
			t.Errorf("VerifyLedger with the held checkpoint: first bad = %d, %v, want 4", report.FirstBad, err)
		}
	})
}
