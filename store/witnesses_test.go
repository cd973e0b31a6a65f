package store_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
	"foyer/portal"
	"foyer/store"
	"foyer/witness"
)

// outsider is a witness that is served, on a machine of its own.
type outsider struct {
	name, folder string
	key          *ledger.Cosigner
	server       *httptest.Server
}

func newOutsider(t *testing.T, b bench, name string) outsider {
	t.Helper()
	o := outsider{name: name, folder: t.TempDir()}
	var err error
	o.key, err = ledger.GenerateCosigner(name + ".example.com/foyer")
	must(t, err)
	w, err := witness.New(witness.Options{Cosigner: o.key, Folder: o.folder, Ledgers: b.PublicKeys(), Now: b.clock.Now})
	must(t, err)
	o.server = httptest.NewServer(w.Handler())
	t.Cleanup(func() {
		o.server.Close()
		must(t, w.Close())
	})
	return o
}

// kept are the checkpoints that the witness has in its folder.
func (o outsider) kept(t *testing.T) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.folder, "*.txt"))
	must(t, err)
	var kept [][]byte
	for _, file := range files {
		if strings.HasSuffix(file, ".refused.txt") {
			continue
		}
		text, err := os.ReadFile(file)
		must(t, err)
		kept = append(kept, ledger.SplitCheckpoints(text)...)
	}
	return kept
}

// policyOf asks for so many of the witnesses, "all", "any", or a number.
func policyOf(t *testing.T, quorum string, all ...outsider) *ledger.Witnesses {
	t.Helper()
	var text, names strings.Builder
	for _, o := range all {
		fmt.Fprintf(&text, "witness %s %s %s\n", o.name, o.key.Public(), o.server.URL)
		fmt.Fprintf(&names, " %s", o.name)
	}
	w, err := ledger.ParseWitnesses([]byte(text.String() + "group enough " + quorum + names.String() + "\nquorum enough\n"))
	must(t, err)
	return w
}

// openWitnessed opens the database as a Foyer does that asks the witnesses of a policy.
func (b bench) openWitnessed(t *testing.T, w *ledger.Witnesses) bench {
	t.Helper()
	db, err := store.Open(t.Context(), b.address, store.Options{
		Now: b.clock.Now, KeyFile: b.keyFile, Witnesses: w, Cosign: witness.NewCollector(w, b.clock.Now, nil).Cosign,
	})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	b.DB = db
	return b
}

func TestWitnessesCosignWhatIsSigned(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ann, ben := newOutsider(t, b, "ann"), newOutsider(t, b, "ben")
		w := policyOf(t, "all", ann, ben)
		b = b.openWitnessed(t, w)
		for range 3 {
			b.record(t, full(), full())
			b.clock.add(5 * time.Minute)
			signed := sign(t, b.DB)
			if seen := w.Of(signed); len(seen) != 2 || !seen[0].At.Equal(b.clock.Now().Truncate(time.Second)) {
				t.Fatalf("it is seen by %+v, want both", seen)
			}
		}
		want := []ledger.Sight{
			{Cosignature: ledger.Cosignature{Witness: "ann", At: b.clock.Now().Truncate(time.Second)}, Size: 6},
			{Cosignature: ledger.Cosignature{Witness: "ben", At: b.clock.Now().Truncate(time.Second)}, Size: 6},
		}
		if got, err := b.Sights(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("Sights = %+v, %v, want %+v", got, err, want)
		}
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{Witnesses: w})
		if err != nil || !report.OK() || report.Witnessed.Size != 6 || len(report.Witnessed.By) != 2 || report.Witnessed.After != 0 {
			t.Errorf("VerifyLedger = %+v, %v", report.Witnessed, err)
		}
		if doubts := report.Doubts(b.clock.Now()); len(doubts) > 0 {
			t.Errorf("Doubts = %+v", doubts)
		}
	})
}

// A witness that was away sees what it missed, though nothing has happened since; nothing
// is asked twice of those that have seen it.
func TestAWitnessThatWasAwayIsAskedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ann := newOutsider(t, b, "ann")
		w := policyOf(t, "all", ann)
		away := ann.server.Config.Handler
		ann.server.Config.Handler = nil // 404
		b = b.openWitnessed(t, w)
		b.record(t, full())
		signed := sign(t, b.DB)
		if w.Enough(signed) {
			t.Fatal("it is cosigned by who is away")
		}
		if at, err := b.Witnessed(t.Context()); err != nil || !at.Equal(b.clock.Now().Truncate(time.Second)) {
			t.Errorf("Witnessed = %s, %v, want when the first was signed", at, err)
		}
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{Witnesses: w})
		if err != nil || !report.OK() || report.Witnessed.Size != 0 {
			t.Errorf("VerifyLedger = %+v, %v", report, err)
		}
		if doubts := report.Doubts(b.clock.Now()); len(doubts) != 1 || doubts[0].Code != ledger.NotWitnessed {
			t.Errorf("Doubts = %+v, want that nobody has seen it", doubts)
		}

		b.clock.add(5 * time.Minute)
		ann.server.Config.Handler = away
		signed = sign(t, b.DB)
		c, err := ledger.ReadCheckpoint(signed)
		if err != nil || !w.Enough(signed) || c.Size != 1 {
			t.Fatalf("SignCheckpoint = %s, %v, want it cosigned now", signed, err)
		}
		if again, fresh, err := b.SignCheckpoint(t.Context()); err != nil || fresh || string(again) != string(signed) {
			t.Errorf("SignCheckpoint = fresh %v, %v, want the one that is seen", fresh, err)
		}
		report, err = b.VerifyLedger(t.Context(), ledger.VerifyOptions{Witnesses: w})
		if err != nil || !report.OK() || len(report.Doubts(b.clock.Now())) > 0 {
			t.Errorf("VerifyLedger = %+v, %v", report, err)
		}
	})
}

// Whoever can write the database can write behind a checkpoint what they like: it leaves
// room for witnesses.
func TestWhatWasWrittenBehindACheckpointKeepsNoWitnessFromIt(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ann := newOutsider(t, b, "ann")
		w := policyOf(t, "all", ann)
		away := ann.server.Config.Handler
		ann.server.Config.Handler = nil
		b = b.openWitnessed(t, w)
		b.record(t, full())
		signed := string(sign(t, b.DB))
		defenceless(t, b)
		for i := range 98 {
			signed += fmt.Sprintf("— r%d.example.com %s\n", i, strings.Repeat("A", 400))
		}
		b.exec(t, `UPDATE ledger_checkpoint SET note = $1`, signed)
		b.clock.add(5 * time.Minute)
		ann.server.Config.Handler = away
		seen := sign(t, b.DB)
		if !w.Enough(seen) || strings.Contains(string(seen), "r0.example.com") {
			t.Errorf("it is signed as\n%s", seen)
		}
		if again, fresh, err := b.SignCheckpoint(t.Context()); err != nil || fresh || string(again) != string(seen) {
			t.Errorf("SignCheckpoint = fresh %v, %v, want the one that is seen", fresh, err)
		}
	})
}

// Rubbish among the checkpoints doesn't pass for a ledger that nobody need have seen.
func TestRowsInTheWayOfWhatWitnessesHaveSeenAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ann := newOutsider(t, b, "ann")
		b = b.openWitnessed(t, policyOf(t, "all", ann))
		if at, err := b.Witnessed(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("Witnessed while nothing is signed = %s, %v", at, err)
		}
		b.record(t, full())
		sign(t, b.DB)
		for n := range 400 {
			b.exec(t, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, 7, 'rubbish')`, 1000+n)
		}
		if at, err := b.Witnessed(t.Context()); err == nil {
			t.Errorf("Witnessed = %s, want that rows are in the way", at)
		}
	})
}

// The proof of an event has the cosignatures, also while a witness is away; other programs
// can check all of it.
func TestTheProofOfAnEventIsWitnessed(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ann := newOutsider(t, b, "ann")
		b = b.openWitnessed(t, policyOf(t, "all", ann))
		b.record(t, full(), full(), full())
		sign(t, b.DB)
		ann.server.Config.Handler = nil // away
		b.clock.add(5 * time.Minute)
		b.record(t, full())
		sign(t, b.DB)

		policy, err := torchwood.ParsePolicy(fmt.Appendf(nil, "log %s\nwitness ann %s\nquorum ann\n", b.PublicKeys()[0], ann.key.Public()))
		must(t, err)
		for seq, seen := range map[int64]bool{1: true, 3: true, 4: false} {
			evidence, err := b.Evidence(t.Context(), seq)
			must(t, err)
			proof, err := evidence.TLogProof()
			must(t, err)
			err = torchwood.VerifyProof(policy, tlog.RecordHash([]byte(evidence.Body)), proof)
			if (err == nil) != seen {
				t.Errorf("torchwood says of event %d: %v, want it witnessed: %v", seq, err, seen)
			}
		}
	})
}

// signAnew signs what was changed with the ledger's key, at the sizes and times of before:
// all that who runs Foyer can do.
func signAnew(t *testing.T, b bench, at map[int64][]time.Time) {
	t.Helper()
	b.exec(t, `DELETE FROM ledger_checkpoint`)
	rows, err := b.admin.QueryContext(t.Context(), `SELECT body FROM ledger_event ORDER BY seq`)
	must(t, err)
	defer rows.Close()
	var tree ledger.Tree
	var notes []string
	var all []ledger.Checkpoint
	for rows.Next() {
		var body []byte
		must(t, rows.Scan(&body))
		tree.Append(tlog.RecordHash(body))
		for _, when := range at[tree.Size()] {
			c := ledger.Checkpoint{Origin: b.Key().Name(), Size: tree.Size(), Root: tree.Root(), At: when}
			signed, err := c.Sign(b.Key())
			must(t, err)
			notes, all = append(notes, string(signed)), append(all, c)
		}
	}
	must(t, rows.Err())
	for i, c := range all {
		b.exec(t, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)`, c.Size, c.At.UnixMicro(), notes[i])
	}
}

// scene is what who tampers with a ledger finds.
type scene struct {
	signed    map[int64][]time.Time // when the checkpoints were signed, by their sizes
	dishonest []outsider            // witnesses that cosign whatever they are given
}

// cosign gives the lines of the dishonest witnesses.
func (s scene) cosign(t *testing.T, c ledger.Checkpoint) (lines string) {
	t.Helper()
	for _, o := range s.dishonest {
		own, err := note.Sign(&note.Note{Text: c.Text()}, o.key.At(c.At))
		must(t, err)
		lines += string(own[len(c.Text())+1:])
	}
	return lines
}

// What each can do to the ledger, and whether who verifies it finds that, by what they have.
func TestWhatIsProvenAgainstWhom(t *testing.T) {
	const (
		outOfReach = "OK"
		notProven  = "not proven"
	)
	found := func(seq int64) string { return fmt.Sprintf("found at %d", seq) }
	type means struct{ key, kept, policy, witness string } // what is found with the public key, and what beside it
	cases := []struct {
		name   string
		tamper func(t *testing.T, b bench, s scene)
		want   means
	}{
		{"nobody does anything", func(*testing.T, bench, scene) {}, means{"OK", "OK", "OK", "OK"}},

		// Who can write the database and doesn't have the key.
		{"the database's administrator changes an event", func(t *testing.T, b bench, _ scene) {
			t.Helper()
			forge(t, b, 4)
			rehash(t, b)
		}, means{found(4), found(4), found(4), found(4)}},
		{"and throws the checkpoints away", func(t *testing.T, b bench, _ scene) {
			t.Helper()
			forge(t, b, 4)
			rehash(t, b)
			b.exec(t, `DELETE FROM ledger_checkpoint`)
		}, means{notProven, found(1), notProven, found(4)}},
		{"and cuts the end off with its checkpoints", func(t *testing.T, b bench, _ scene) {
			t.Helper()
			cutTo(t, b, 7)
		}, means{notProven, found(8), notProven, found(8)}},
		{"and throws away what witnesses have cosigned", func(t *testing.T, b bench, _ scene) {
			t.Helper()
			for id, note := range notes(t, b) {
				c, err := ledger.ReadCheckpoint([]byte(note))
				must(t, err)
				own, err := c.Sign(b.Key()) // as it stood there before they cosigned it
				must(t, err)
				b.exec(t, `UPDATE ledger_checkpoint SET note = $1 WHERE id = $2`, string(own), id)
			}
		}, means{"OK", "OK", notProven, "OK"}},

		// Who runs Foyer, and has the key.
		{"the operator changes an event and signs everything anew", func(t *testing.T, b bench, s scene) {
			t.Helper()
			forge(t, b, 4)
			rehash(t, b)
			signAnew(t, b, s.signed)
		}, means{outOfReach, found(4), notProven, found(4)}},
		{"and leaves what witnesses have cosigned", func(t *testing.T, b bench, s scene) {
			t.Helper()
			kept := notes(t, b)
			forge(t, b, 4)
			rehash(t, b)
			signAnew(t, b, s.signed)
			for _, note := range kept {
				c, err := ledger.ReadCheckpoint([]byte(note))
				must(t, err)
				b.exec(t, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)`, c.Size, c.At.UnixMicro(), note)
			}
		}, means{found(4), found(4), found(4), found(4)}},
		{"and cuts the end off and signs the rest anew", func(t *testing.T, b bench, s scene) {
			t.Helper()
			cutTo(t, b, 3)
			signAnew(t, b, map[int64][]time.Time{3: slices.Concat(s.signed[3], s.signed[10])})
		}, means{outOfReach, found(4), notProven, found(4)}},
		{"and cuts the end off with a witness, which are too few", func(t *testing.T, b bench, s scene) {
			t.Helper()
			cutTo(t, b, 3)
			s.dishonest = s.dishonest[:1]
			for _, note := range notes(t, b) {
				c, err := ledger.ReadCheckpoint([]byte(note))
				must(t, err)
				c.At = slices.MaxFunc(s.signed[10], time.Time.Compare)
				own, err := c.Sign(b.Key())
				must(t, err)
				own = append(own, s.cosign(t, c)+note[strings.Index(note, "\n\n")+2:]...)
				b.exec(t, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)`, c.Size, c.At.UnixMicro(), string(own))
			}
		}, means{outOfReach, found(4), notProven, found(4)}},
		{"and has as many witnesses as it takes with them", func(t *testing.T, b bench, s scene) {
			t.Helper()
			forge(t, b, 4)
			rehash(t, b)
			signAnew(t, b, s.signed)
			for id, note := range notes(t, b) {
				c, err := ledger.ReadCheckpoint([]byte(note))
				must(t, err)
				b.exec(t, `UPDATE ledger_checkpoint SET note = $1 WHERE id = $2`, note+s.cosign(t, c), id)
			}
		}, means{outOfReach, found(4), outOfReach, found(4)}},
		{"and writes down what never happened", func(t *testing.T, b bench, _ scene) {
			t.Helper()
			b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera})
			sign(t, b.DB)
		}, means{outOfReach, outOfReach, outOfReach, outOfReach}},
	}

	onBoth(t, func(t *testing.T, b bench) {
		ann, ben, cat := newOutsider(t, b, "ann"), newOutsider(t, b, "ben"), newOutsider(t, b, "cat")
		w := policyOf(t, "2", ann, ben, cat)
		b = b.openWitnessed(t, w)
		ledgerOf(t, b)
		b.clock.add(2 * time.Hour)
		held := sign(t, b.DB) // nothing has happened since, and it is signed every hour
		s := scene{map[int64][]time.Time{}, []outsider{ann, ben}}
		for _, note := range notes(t, b) {
			c, err := ledger.ReadCheckpoint([]byte(note))
			must(t, err)
			s.signed[c.Size] = append(s.signed[c.Size], c.At)
		}
		public, err := ledger.NewVerifiers(b.PublicKeys()...)
		must(t, err)
		outside := b.openReadOnly(t) // who verifies has no key
		defenceless(t, b)
		restore := keep(t, b)
		verdict := func(t *testing.T, o ledger.VerifyOptions) string {
			t.Helper()
			o.Verifiers = public
			report, err := outside.VerifyLedger(t.Context(), o)
			must(t, err)
			switch {
			case !report.OK():
				return found(report.FirstBad)
			case len(report.Doubts(b.clock.Now())) > 0:
				return notProven
			}
			return outOfReach
		}
		for _, tt := range cases {
			t.Run(tt.name, func(t *testing.T) {
				defer restore()
				kept := cat.kept(t)
				tt.tamper(t, b, s)
				got := means{
					key: verdict(t, ledger.VerifyOptions{}), kept: verdict(t, ledger.VerifyOptions{Held: [][]byte{held}}),
					policy: verdict(t, ledger.VerifyOptions{Witnesses: w}), witness: verdict(t, ledger.VerifyOptions{Held: kept}),
				}
				if got != tt.want {
					t.Errorf("found with the key, a checkpoint kept, the witnesses' policy, a witness's file: %+v, want %+v", got, tt.want)
				}
			})
		}
	})
}

// notes are the checkpoints that are kept with the ledger, by the number of their row.
func notes(t *testing.T, b bench) map[int64]string {
	t.Helper()
	rows, err := b.admin.QueryContext(t.Context(), `SELECT id, note FROM ledger_checkpoint`)
	must(t, err)
	defer rows.Close()
	all := map[int64]string{}
	for rows.Next() {
		var id int64
		var note string
		must(t, rows.Scan(&id, &note))
		all[id] = note
	}
	must(t, rows.Err())
	return all
}

// A new replica, or a machine that has lost its disk, goes on from what witnesses have seen,
// and from nothing that they refuse.
func TestAnAnchorBeginsAtWhatWitnessesHaveSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ann, ben := newOutsider(t, b, "ann"), newOutsider(t, b, "ben")
		w := policyOf(t, "all", ann, ben)
		first := b.openWitnessed(t, w)
		for range 3 {
			first.record(t, full(), full())
			b.clock.add(5 * time.Minute)
			sign(t, first.DB)
		}
		first.record(t, full())
		defenceless(t, b)
		restore := keep(t, b)
		replica := func(t *testing.T) bench {
			t.Helper()
			key, err := os.ReadFile(b.keyFile)
			must(t, err)
			b := b
			b.keyFile = filepath.Join(t.TempDir(), "ledger.key")
			must(t, os.WriteFile(b.keyFile, key, 0o600))
			b = b.openWitnessed(t, w)
			if err := b.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
				t.Fatalf("CheckSigning of a new replica = %v, want ErrNoAnchor", err)
			}
			return b
		}
		refuses := func(name, want string, target error, damage func()) {
			t.Helper()
			damage()
			b := replica(t)
			if err := b.AnchorWitnessed(t.Context()); err == nil || target != nil && !errors.Is(err, target) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: AnchorWitnessed = %v, want %q", name, err, want)
			}
			if err := b.CheckSigning(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
				t.Errorf("%s: CheckSigning = %v, want that there is no anchor", name, err)
			}
			restore()
		}
		refuses("the end was cut off with its checkpoints", "too few witnesses", ledger.ErrNoAnchor, func() { cutTo(t, b, 4) })
		refuses("an event was put at the end", "no code", nil, func() {
			b.exec(t, `UPDATE ledger_event SET mac = NULL WHERE seq = 7`)
		})
		refuses("nothing was signed", "", portal.ErrNotStored, func() { b.exec(t, `DELETE FROM ledger_checkpoint`) })
		away := ann.server.Config.Handler
		refuses("a witness is away", "too few witnesses", ledger.ErrNoAnchor, func() { ann.server.Config.Handler = nil })
		// Somebody on the way answers with what the witness gave before.
		old := strings.Join(strings.SplitAfter(string(ann.kept(t)[2]), "\n")[6:], "")
		refuses("an old answer", "has answered with what it saw", ledger.ErrNoAnchor, func() {
			b.clock.add(time.Hour)
			ann.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, old) })
		})
		ann.server.Config.Handler = away

		// A policy may ask for nobody, as while witnesses are tried out.
		enough := w
		w, _ = ledger.ParseWitnesses(fmt.Appendf(nil, "witness ann %s\nquorum none\n", ann.key.Public()))
		refuses("nobody is asked for", "too few witnesses", ledger.ErrNoAnchor, func() {})
		w = enough

		second := replica(t)
		must(t, second.AnchorWitnessed(t.Context()))
		if signed := sign(t, second.DB); !w.Enough(signed) {
			t.Errorf("the replica signs\n%s\nwant it witnessed", signed)
		}
	})
}
