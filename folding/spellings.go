package folding

import (
	"slices"
	"strings"

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
	spellings := []string{folded}
	if two := asTwo.Replace(norm.NFC.String(name)); two != name {
		if other := Text(two); other != folded {
			spellings = append(spellings, other)
		}
	}
	if other := asOne.Replace(folded); other != folded {
		spellings = append(spellings, other)
	}
	return spellings
}

// inOne gives a text that is folded as asOne writes it.
func (f foldedText) inOne() (one foldedText) {
	for i := 0; i < len(f.text); i++ {
		letter, from := f.text[i], f.from[i]
		if rest := f.text[i:]; len(rest) > 1 && slices.Contains([]string{"ae", "oe", "ue", "aa"}, string(rest[:2])) {
			i++
			from.End = f.from[i].End
		}
		one.text, one.from = append(one.text, letter), append(one.from, from)
	}
	return one
}
