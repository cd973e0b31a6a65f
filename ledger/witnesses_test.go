package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
)

func newCosigner(t testing.TB, name string) *ledger.Cosigner {
	t.Helper()
	c, err := ledger.GenerateCosigner(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cosigned adds cosignatures of a moment to a checkpoint.
func cosigned(t testing.TB, signed []byte, at time.Time, by ...*ledger.Cosigner) []byte {
	t.Helper()
	text, _, _ := strings.Cut(string(signed), "\n\n")
	for _, c := range by {
		own, err := note.Sign(&note.Note{Text: text + "\n"}, c.At(at))
		if err != nil {
			t.Fatal(err)
		}
		signed = append(slices.Clip(signed), own[len(text)+2:]...)
	}
	return signed
}

func TestAPolicySaysHowManyOfWhomSuffice(t *testing.T) {
	t.Parallel()
	key := newKey(t, "foyer.example.com/ledger/x")
	at := time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)
	signed, err := ledger.Checkpoint{Origin: key.Name(), Size: 3, Root: tlog.RecordHash(nil), At: at}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c, other := newCosigner(t, "a.example.com"), newCosigner(t, "b.example.com"), newCosigner(t, "c.example.com"), newCosigner(t, "a.example.com")
	w, err := ledger.ParseWitnesses(fmt.Appendf(nil, `# who sees Foyer's ledger
log %s https://foyer.example.com
witness ann %s https://a.example.com/w   # the auditors
witness ben %s
witness cat %s http://127.0.0.1:8095
group outside any ben cat
group enough all ann outside
quorum enough
`, key.Public()[0], a.Public(), b.Public(), c.Public()))
	if err != nil {
		t.Fatal(err)
	}
	if list := w.List(); len(list) != 3 || list[0].Name != "ann" || list[0].URL != "https://a.example.com/w" || list[1].URL != "" {
		t.Errorf("List = %+v", list)
	}
	if w.For(key.Name()) != nil || w.For("foyer.example.com/ledger/y") == nil {
		t.Error("the policy isn't for the ledger that it names, or is for another")
	}
	for _, test := range []struct {
		signed []byte
		names  string
		enough bool
	}{
		{signed, "", false},
		{cosigned(t, signed, at, a), "ann", false},
		{cosigned(t, signed, at, b, c), "ben cat", false},
		{cosigned(t, signed, at, c, a), "cat ann", true},
		{cosigned(t, signed, at, a, a, a), "ann", false},  // once is once
		{cosigned(t, signed, at, other, b), "ben", false}, // another key of the same name
		{append(cosigned(t, signed, at, a), "— b.example.com AAAAAAAA\n"...), "ann", false},
		{[]byte("no checkpoint"), "", false},
		{[]byte(strings.Replace(string(cosigned(t, signed, at, a, b)), "\n3\n", "\n4\n", 1)), "", false},
	} {
		var names []string
		for _, seen := range w.Of(test.signed) {
			names = append(names, seen.Witness)
			if !seen.At.Equal(at) {
				t.Errorf("%s has seen it at %s, want %s", seen.Witness, seen.At, at)
			}
		}
		if got := strings.Join(names, " "); got != test.names || w.Enough(test.signed) != test.enough {
			t.Errorf("of %s: seen by %q, enough %v, want %q and %v", test.signed, got, w.Enough(test.signed), test.names, test.enough)
		}
	}

	// What a witness answers is added once, and nothing else of it.
	answer := strings.TrimPrefix(string(cosigned(t, signed, at, b, a)), string(signed))
	with, added := w.Add(signed, []byte("— x.example.com AAAAAAAA\n"+answer), w.List()[0])
	if !added || len(w.Of(with)) != 1 || w.Of(with)[0].Witness != "ann" || strings.Contains(string(with), "x.example.com") {
		t.Errorf("Add = %s, %v", with, added)
	}
	if again, added := w.Add(with, []byte(answer), w.List()[0]); added || string(again) != string(with) {
		t.Errorf("added again: %s", again)
	}
	if none, added := w.Add(signed, []byte("thank you\n"), w.List()[0]); added || string(none) != string(signed) {
		t.Errorf("Add of what is none = %s", none)
	}

	var nobody *ledger.Witnesses
	if nobody.Enough(signed) || len(nobody.List()) > 0 || len(nobody.Of(signed)) > 0 || nobody.For("x") != nil {
		t.Error("without a policy somebody is asked about")
	}
}

// Of those who have cosigned it again and again the last time counts that enough of them say.
func TestWhenEnoughHaveSeenItNobodySaysAlone(t *testing.T) {
	t.Parallel()
	key := newKey(t, "foyer.example.com/ledger/x")
	at := time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)
	signed, err := ledger.Checkpoint{Origin: key.Name(), Size: 3, Root: tlog.RecordHash(nil), At: at}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := newCosigner(t, "a.example.com"), newCosigner(t, "b.example.com"), newCosigner(t, "c.example.com")
	policy := func(quorum string) *ledger.Witnesses {
		w, err := ledger.ParseWitnesses(fmt.Appendf(nil, "witness a %s\nwitness b %s\nwitness c %s\ngroup two 2 a b c\ngroup c-and any a b\ngroup both all c c-and\nquorum %s\n", a.Public(), b.Public(), c.Public(), quorum))
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	all := cosigned(t, cosigned(t, cosigned(t, signed, at, a), at.Add(time.Hour), b), at.Add(9*time.Hour), c)
	for quorum, want := range map[string]time.Time{"a": at, "b": at.Add(time.Hour), "c": at.Add(9 * time.Hour), "two": at.Add(time.Hour), "both": at.Add(time.Hour), "none": {}} {
		if got := policy(quorum).EnoughAt(all); !got.Equal(want) {
			t.Errorf("with quorum %s: EnoughAt = %s, want %s", quorum, got, want)
		}
	}
	if got := policy("two").EnoughAt(cosigned(t, signed, at, a)); !got.IsZero() {
		t.Errorf("of one of two: EnoughAt = %s", got)
	}
}

func TestOnlyTheLedgerAndItsWitnessesStayBehindACheckpoint(t *testing.T) {
	t.Parallel()
	key := newKey(t, "foyer.example.com/ledger/x")
	at := time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)
	signed, err := ledger.Checkpoint{Origin: key.Name(), Size: 3, Root: tlog.RecordHash(nil), At: at}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	a, other := newCosigner(t, "a.example.com"), newCosigner(t, "b.example.com")
	w, err := ledger.ParseWitnesses(fmt.Appendf(nil, "witness a %s\nquorum a\n", a.Public()))
	if err != nil {
		t.Fatal(err)
	}
	seen := cosigned(t, signed, at, a)
	if got, err := w.Only(cosigned(t, append(slices.Clip(signed), "— a.example.com AAAAAAAA\n"...), at, other, a), key.Verifiers()); err != nil || string(got) != string(seen) {
		t.Errorf("Only = %s, %v, want\n%s", got, err, seen)
	}
	if _, err := w.Only(signed, newKey(t, key.Name()).Verifiers()); err == nil {
		t.Error("Only of what the ledger has not signed is something")
	}
}

func TestALedgerIsNoWitnessOfItself(t *testing.T) {
	t.Parallel()
	itself := newCosigner(t, "foyer.example.com/ledger/x")
	w, err := ledger.ParseWitnesses(fmt.Appendf(nil, "witness bank %s\nquorum bank\n", itself.Public()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.For("foyer.example.com/ledger/x"); err == nil || !strings.Contains(err.Error(), "bank is the ledger itself") {
		t.Errorf("For = %v", err)
	}
	if err := w.For("foyer.example.com/ledger/y"); err != nil {
		t.Errorf("For another ledger = %v", err)
	}
}

func TestAPolicyMayComeFromAnotherSystem(t *testing.T) {
	t.Parallel()
	a := newCosigner(t, "a.example.com").Public()
	w, err := ledger.ParseWitnesses([]byte("# who\r\n\r\n\f\n\u00a0# none\nwitness\u00a0ann " + a + " https://a.example.com#here\r\n\r\nquorum ann\r\n"))
	if err != nil || len(w.List()) != 1 || w.List()[0].URL != "https://a.example.com" {
		t.Errorf("ParseWitnesses = %+v, %v", w.List(), err)
	}
}

func TestAPolicyThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	crowd := func(n int) (policy string) {
		for i := range n {
			policy += fmt.Sprintf("witness w%d %s\n", i, newCosigner(t, "a.example.com").Public())
		}
		return policy + "quorum w0\n"
	}
	a, log := newCosigner(t, "a.example.com").Public(), newKey(t, "foyer.example.com/ledger/x").Public()[0]
	for text, want := range map[string]string{
		"":                        "no quorum",
		"witness ann " + a + "\n": "no quorum",
		"\nwitness ann " + log + "\nquorum ann\n":                             "line 2: it is not the key of a witness",
		"witness ann x\nquorum ann\n":                                         "line 1: it is not the key of a witness",
		"witness ann " + a + "\nwitness ben " + a + "\nquorum ann\n":          "line 2: its key is there twice",
		"witness ann " + a + " ftp://a.example.com\nquorum ann\n":             "line 1: where it takes checkpoints",
		"log " + log + "\nwitness ann " + a + "\n\ngroup g 2 ann\nquorum g\n": "line 4",
		"witness ann " + a + "\nquorum ben\n":                                 "ben",
		"witness ann " + a + "\nwitnes ben\nquorum ann\n":                     "line 2",
		"witness ann " + a + "\nquorum ann\nquorum ann\n":                     "multiple quorum",
		crowd(91): "no room for more than 90",
	} {
		if _, err := ledger.ParseWitnesses([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseWitnesses(%q) = %v, want %q", text, err, want)
		}
	}
}

func TestTheKeyOfACosignerIsReadBack(t *testing.T) {
	t.Parallel()
	c := newCosigner(t, "audit.example.com/w")
	again, err := ledger.ParseCosigner(c.Private())
	if err != nil || again.Public() != c.Public() || again.Name() != "audit.example.com/w" {
		t.Errorf("ParseCosigner = %v, %v", again, err)
	}
	secret := strings.SplitN(c.Private(), "+", 5)[4]
	for _, bad := range []string{"", "x", strings.Replace(c.Private(), "audit", "other", 1), c.Private()[:len(c.Private())-4], c.Public()} {
		if _, err := ledger.ParseCosigner(bad); err == nil || strings.Contains(err.Error(), secret[:20]) {
			t.Errorf("ParseCosigner(%q) = %v, want an error without the key", bad, err)
		}
	}
}
