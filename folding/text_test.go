package folding_test

import (
	"slices"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"foyer/folding"
)

func TestTextsAreFoldedToWhatIsEasyToType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " \t\n ": "", "Müller": "muller", norm.NFD.String("Müller"): "muller", "ＦＵＬＬ": "full", "O'Neill": "oneill", "O’Neill": "oneill", "O´Neill": "oneill",
		"Søren Ørsted": "soren orsted", "Straße": "strasse", "STRAẞE": "strasse", "Ærø": "aero", "Łódź": "lodz", "Đorđe": "dorde", "Þór": "thor",
		"ISTANBUL": "istanbul", "İstanbul": "istanbul", "ıstanbul": "istanbul", "Νίκος": "νικοσ", "ΝΊΚΟΣ": "νικοσ", "Пётр": "петр", "李伟": "李伟", "ﬁnance": "finance",
		"a\u00adb\u200bc\x00d": "abcd", "  two   words ": "two words", "no\u00a0break": "no break", "\xff": "\uFFFD", "x@Y.example": "x@y.example", "50%_*": "50%_*",
	} {
		if got := folding.Text(text); got != want {
			t.Errorf("Text(%+q) = %+q, want %+q", text, got, want)
		}
	}
	if got := folding.Words(" Zoë  MÜLLER "); !slices.Equal(got, []string{"zoe", "muller"}) {
		t.Errorf("Words = %q", got)
	}
}

// TestAFoldedTextStaysAsItIs goes through all characters, as they are and in both cases.
func TestAFoldedTextStaysAsItIs(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= 0x323af; r++ {
		letter := string(r)
		once := folding.Text(letter)
		for _, other := range []string{once, string(unicode.ToUpper(r)), string(unicode.ToLower(r)), string(unicode.ToTitle(r))} {
			if other == letter {
				continue // most characters have one form
			}
			if got := folding.Text(other); got != once {
				t.Errorf("Text(%U) = %+q, and of %+q %+q", r, once, other, got)
			}
		}
	}
}
