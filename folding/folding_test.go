package folding

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestWhatPeopleTypeIsFoldedAsWhatTheyMean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Müller": "muller", "Mu\u0308ller": "muller", "O’Neill": "oneill", "O'NEILL": "oneill", "Søren": "soren", "Straße": "strasse", "STRASSE": "strasse",
		"İSTANBUL": "istanbul", "ıstanbul": "istanbul", "ISTANBUL": "istanbul", "Łódź": "lodz", "Æbelø": "aebelo", "ﬁnance": "finance", "Ｆｏｙｅｒ": "foyer",
		"  two \t\u00a0 words\n": "two words", "a\u200bb\u00adc\x00d": "abcd", "Σίσυφος": "σισυφοσ", "ΣΊΣΥΦΟΣ": "σισυφοσ",
		"": "", " \u200e ": "",
	} {
		if got := Text(text); got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestANameIsSpelledAsOthersWriteIt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Zoë Müller": {"zoe muller", "zoe mueller", "zo muller"}, "Mu\u0308ller": {"muller", "mueller"}, "Mueller": {"mueller", "muller"},
		"Jørgensen": {"jorgensen", "joergensen"}, "Åse": {"ase", "aase"}, "Aase": {"aase", "ase"}, "Anna": {"anna"}, "": {""},
	} {
		if diff := cmp.Diff(want, Spellings(name)); diff != "" {
			t.Errorf("Spellings(%q) (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"Müller", "O’Neill", " a  b ", "İ\u0307", "\xff\xfe", "ﷺ", "a\u0301\u0323"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := Text(text)
		if again := Text(folded); again != folded {
			t.Errorf("Text(%q) = %q, which is folded once more to %q", text, folded, again)
		}
	})
}

func TestAMatchIsMarkedWhereItStands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ original, query, want string }{
		{"Mehmet Müller", "muller", "Mehmet [Müller]"},
		{"Mehmet Mu\u0308ller", "mul", "Mehmet [Mu\u0308l]ler"},
		{"Mehmet Mu\u0308ller", "mu", "Mehmet [Mu\u0308]ller"},
		{"Nora O’Neill", "oneill", "Nora [O’Neill]"},
		{"Bahnhofstraße 5", "strasse", "Bahnhof[straße] 5"},
		{"Bahnhofstraße 5", "ofstras", "Bahnh[ofstraß]e 5"},
		{"Søren Sørensen", "soren", "[Søren] [Søren]sen"},
		{"mehmet.muller@lyondell.example", "mul lyondell mehmet", "[mehmet].[mul]ler@[lyondell].example"},
		{"banana", "ana nan", "b[anan]a"},
		{"aaaa", "aaa", "[aaa]a"},
		{"Li Oliver", "li", "[Li] Oliver"},
		{"Ana", "a", "[A]na"},
		{"Anna", "bert", "Anna"},
		{"Anna", "", "Anna"},
		{"", "anna", ""},
		{"a\u200bnna", "ann", "[a\u200bnn]a"},
		{"\xff anna", "anna", "\xff anna"},
		{"Mehmet Müller", "mueller", "Mehmet [Müller]"},
		{"Mehmet Mu\u0308ller", "muel", "Mehmet [Mu\u0308l]ler"},
		{"Mehmet Mueller", "muller", "Mehmet [Mueller]"},
		{"Jürgen Goebbels-Søgaard", "juergen gobb soegaard", "[Jürgen] [Goebb]els-[Søgaard]"},
		{"Samuel", "el", "Samuel"},
	} {
		var marked strings.Builder
		at := 0
		for _, r := range Marks(test.original, Words(test.query)) {
			marked.WriteString(test.original[at:r.Start] + "[" + test.original[r.Start:r.End] + "]")
			at = r.End
		}
		marked.WriteString(test.original[at:])
		if diff := cmp.Diff(test.want, marked.String()); diff != "" {
			t.Errorf("%q in %q (-want +got):\n%s", test.query, test.original, diff)
		}
		for _, word := range Words(test.query) {
			if found := len(Marks(test.original, []string{word})) > 0; Has(test.original, word) != found && utf8.ValidString(test.original) {
				t.Errorf("Has(%q, %q) is not %v", test.original, word, found)
			}
		}
	}
}

// FuzzMarks has every part begin and end between letters, apart from the one before it,
// and whatever a folded text has marked.
func FuzzMarks(f *testing.F) {
	f.Add("Mu\u0308ller-Straße", "strasse mul")
	f.Add("ﷺ a\u0301\u0323", "a")
	f.Add("각", "가")
	f.Fuzz(func(t *testing.T, original, query string) {
		words := Words(query)
		last := -1
		for _, r := range Marks(original, words) {
			if r.Start <= last || r.End <= r.Start || r.End > len(original) {
				t.Fatalf("Marks(%q, %q) has %v behind %d", original, words, r, last)
			}
			last = r.End
		}
		for _, inTwo := range []bool{false, true} {
			folded := foldedFrom(original, inTwo)
			if one := folded.inOne(); len(folded.from) != len(folded.text) || len(one.from) != len(one.text) {
				t.Errorf("%d places for %d bytes, and %d for %d", len(folded.from), len(folded.text), len(one.from), len(one.text))
			}
			if text := strings.TrimSuffix(string(folded.text), " "); strings.ToValidUTF8(original, "\uFFFD") == original && !slices.Contains(Spellings(original), text) {
				t.Errorf("%q is folded to %q, and in parts to %q", original, Spellings(original), text)
			}
		}
	})
}
