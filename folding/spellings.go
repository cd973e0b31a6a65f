package folding

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// asTwo writes letters as two where that is usual, and not what they are folded to.
var asTwo = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa", "Ä", "ae", "Ö", "oe", "Ü", "ue", "Ø", "oe", "Å", "aa")

// asOne writes as one what may stand for such a letter, in a folded text.
var asOne = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// Spellings gives the folded form of a name and how else the name is written, folded as
// well: who is called Müller is Mueller in many an address book, and the other way round.
func Spellings(name string) []string {
	folded := Text(name)
	return append([]string{folded}, otherSpellings(name, folded)...)
}

// otherSpellings are those beside the folded form. Most names have none, which is seen
// without writing any.
func otherSpellings(name, folded string) (others []string) {
	if !isPlain(name) {
		if other := Text(asTwo.Replace(norm.NFC.String(name))); other != folded {
			others = append(others, other)
		}
	}
	if slices.ContainsFunc(pairs, func(pair string) bool { return strings.Contains(folded, pair) }) {
		others = append(others, asOne.Replace(folded))
	}
	return others
}

// isPlain says whether a text has letters of ASCII alone.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// pairs are what asOne replaces.
var pairs = []string{"ae", "oe", "ue", "aa"}

// inOne gives a text that is folded as asOne writes it.
func (f foldedText) inOne() (one foldedText) {
	for i := 0; i < len(f.text); i++ {
		letter, from := f.text[i], f.from[i]
		if rest := f.text[i:]; len(rest) > 1 && slices.Contains(pairs, string(rest[:2])) {
			i++
			from.End = f.from[i].End
		}
		one.text, one.from = append(one.text, letter), append(one.from, from)
	}
	return one
}
