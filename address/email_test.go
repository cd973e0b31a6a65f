package address_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"foyer/address"
)

func TestAnAddressHasOneKeyHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key  string
		raws []string
	}{
		{"jane.doe@acme.example", []string{"jane.doe@acme.example", " Jane.DOE@Acme.Example\t", "jane.doe@acme.example.", "\ufeffjane.doe@acme.example\u200b", "jane.d\u00adoe@acme.example", "jane.doe@acme.example\u202c", "jane.doe@\u200bacme.example", "jane.doe\x00@acme.example"}},
		{"jörg@acme.example", []string{"jörg@acme.example", "JÖRG@ACME.EXAMPLE", norm.NFD.String("Jörg@acme.example"), norm.NFD.String("JÖRG@acme.example")}},
		{"zoe@xn--bcher-kva.example", []string{"zoe@bücher.example", "Zoe@BÜCHER.example", norm.NFD.String("zoe@bücher.example"), "zoe@xn--bcher-kva.example", "ZOE@XN--BCHER-KVA.EXAMPLE"}},
		{"straße@acme.example", []string{"straße@acme.example", "STRAẞE@ACME.EXAMPLE"}},
		{"νίκοσ@acme.example", []string{"νίκος@acme.example", "ΝΊΚΟΣ@acme.example"}},
		{"ismail@acme.example", []string{"ismail@acme.example", "ISMAIL@acme.example", "İsmail@acme.example", "i\u0307smail@acme.example"}},
		{"ısmail@acme.example", []string{"ısmail@acme.example"}},
		{"kelvin@acme.example", []string{"\u212aelvin@acme.example"}},
		{"ann@no domain", []string{"Ann@No Domain"}},
		{"ann@a@acme.example", []string{"Ann@A@ACME.example"}},
		{"no address", []string{" No Address "}},
		{"@acme.example", []string{"@ACME.example."}},
		{"\ufffd@acme.example", []string{"\xff\xfe@acme.example"}},
		{"", []string{"", " \u200b "}},
	}
	for _, tt := range tests {
		for _, raw := range tt.raws {
			if got := address.Key(raw); got != tt.key {
				t.Errorf("Key(%q) = %q, want %q", raw, got, tt.key)
			}
		}
	}
}

func TestAddressesThatDifferHaveTheirOwnKeys(t *testing.T) {
	t.Parallel()
	for _, two := range [][2]string{
		{"strasse@acme.example", "straße@acme.example"},
		{"ısmail@acme.example", "ismail@acme.example"},
		{"jorg@acme.example", "jörg@acme.example"},
		{"jane.doe@acme.example", "janedoe@acme.example"},
		{"jane+x@acme.example", "jane@acme.example"},
		{"zoe@bücher.example", "zoe@bucher.example"},
		{"jane@straße.example", "jane@strasse.example"},
	} {
		if a, b := address.Key(two[0]), address.Key(two[1]); a == b {
			t.Errorf("Key(%q) = Key(%q) = %q, want two keys", two[0], two[1], a)
		}
	}
}

func TestASpellingInTextsHasItsDomainInEitherForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw  string
		want []string
	}{
		{"Jane@Acme.example", []string{"jane@acme.example"}},
		{"Zoe@BÜCHER.example", []string{"zoe@xn--bcher-kva.example", "zoe@bücher.example"}},
		{"zoe@xn--bcher-kva.example", []string{"zoe@xn--bcher-kva.example", "zoe@bücher.example"}},
		{"Nobody", []string{"nobody"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, address.Spellings(tt.raw)); diff != "" {
			t.Errorf("Spellings(%q) (-want +got):\n%s", tt.raw, diff)
		}
	}
}

// TestEveryLetterIsFolded goes through the planes that have letters: all cases of a letter are one,
// however they are composed, and folding again changes nothing.
func TestEveryLetterIsFolded(t *testing.T) {
	t.Parallel()
	for r := range rune(0x30000) {
		if !utf8.ValidRune(r) {
			continue
		}
		letter := "x" + string(r) + "x"
		want := address.Fold(letter)
		for _, form := range []string{want, "x" + string(unicode.SimpleFold(r)) + "x", strings.ToLower(letter), norm.NFC.String(letter), norm.NFD.String(letter)} {
			if form == letter {
				continue // most letters have one form
			}
			if got := address.Fold(form); got != want {
				t.Errorf("Fold(%+q) = %+q, want %+q as of %+q", form, got, want, letter)
			}
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"a@b.example", " Jane@Acme.COM.", "zoe@bücher.example", "zoe@xn--bcher-kva.example", "JÖRG@x", "i\u0307\u0307@İ.example", "a@\u2183.example", "\xff@\x00", "ΐ\u0345@a", "a@.@b。", "x@xn--", "ẞ@ẞ.example", "@", "a\u0301\u200b\u0323@a.b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := address.Key(s)
		if again := address.Key(key); again != key {
			t.Errorf("Key(%+q) = %+q, and of that %+q", s, key, again)
		}
		if folded := address.Fold(s); address.Fold(folded) != folded {
			t.Errorf("Fold(%+q) = %+q, and of that %+q", s, folded, address.Fold(folded))
		}
		if !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
			t.Errorf("Key(%+q) = %+q, which a database may refuse", s, key)
		}
		if kept := strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""); address.Key(kept) != key {
			t.Errorf("Key(%+q) = %+q, and as a database keeps it %+q", s, key, address.Key(kept))
		}
		if spellings := address.Spellings(s); spellings[0] != key {
			t.Errorf("Spellings(%+q) = %+q, want the key %+q first", s, spellings, key)
		}
	})
}

func FuzzParseDomain(f *testing.F) {
	for _, s := range []string{"Acme.COM", "@acme.com.", "bücher.example", "xn--bcher-kva.example", "xn--", "1.2.3.4", "\u2183.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := address.ParseDomain(s)
		if !ok {
			return
		}
		if again, ok := address.ParseDomain(string(d)); !ok || again != d {
			t.Errorf("ParseDomain(%+q) = %q, and of that %q, %v", s, d, again, ok)
		}
		if of := address.DomainOf("x@" + string(d)); of != d {
			t.Errorf("DomainOf of an address in %q = %q", d, of)
		}
	})
}

// BenchmarkKey measures what every row of a list costs: about 20 ns and nothing allocated
// for an address as it is stored, on a machine that does nothing else.
func BenchmarkKey(b *testing.B) {
	for _, bench := range []struct{ name, raw string }{
		{"as it is stored", "adele.vance@lyondell.example"},
		{"in capitals", "Adele.Vance@Lyondell.example"},
		{"international", "Jörg@Bücher.example"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				address.Key(bench.raw)
			}
		})
	}
}
