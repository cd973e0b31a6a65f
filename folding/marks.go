package folding

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Range is a part of a text, in bytes: from Start up to, and without, End.
type Range struct{ Start, End int }

// Marks gives the parts of a text in which words stand that are folded, in their order
// and apart from each other. A part has whole letters, with their accents: 'strasse'
// stands in all of 'Straße'. Words of one or two letters count where a word of the text
// begins, because anywhere else they tell nothing. What doesn't stand there as it is
// counts where it does in another of the text's Spellings.
func Marks(original string, words []string) []Range {
	if len(words) == 0 || !utf8.ValidString(original) {
		return nil
	}
	folded := Text(original)
	var asIs, spelled []string // words
	for _, word := range words {
		if strings.Contains(folded, word) {
			asIs = append(asIs, word)
		} else {
			spelled = append(spelled, word)
		}
	}
	if len(spelled) > 0 && len(otherSpellings(original, folded)) == 0 {
		spelled = nil
	}
	if len(asIs)+len(spelled) == 0 {
		return nil
	}
	plain := foldedFrom(original, false)
	var found []Range
	for _, word := range asIs {
		found = append(found, plain.occurrences(word)...)
	}
	for _, word := range spelled {
		found = append(found, plain.inOne().occurrences(word)...)
		found = append(found, foldedFrom(original, true).occurrences(word)...)
	}
	slices.SortFunc(found, func(a, b Range) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	var apart []Range
	for _, r := range found {
		if last := len(apart) - 1; last >= 0 && r.Start <= apart[last].End {
			apart[last].End = max(apart[last].End, r.End)
			continue
		}
		apart = append(apart, r)
	}
	return apart
}

// Has says whether Marks finds a word in a text, without telling where.
func Has(text, word string) bool {
	if utf8.RuneCountInString(word) < tellingAnywhere {
		return len(Marks(text, []string{word})) > 0
	}
	folded := Text(text)
	return strings.Contains(folded, word) ||
		slices.ContainsFunc(otherSpellings(text, folded), func(other string) bool { return strings.Contains(other, word) })
}

// tellingAnywhere is how many letters a word has that tells something wherever it stands.
const tellingAnywhere = 3

// foldedText is a text that is folded, and for each byte of it which part of the original
// it came from.
type foldedText struct {
	text []byte
	from []Range
}

// foldedFrom folds a text; inTwo: as asTwo writes it.
func foldedFrom(original string, inTwo bool) foldedText {
	f := folder{b: make([]byte, 0, len(original)), blank: true}
	from := make([]Range, 0, len(original))
	if isPlain(original) {
		for i := range len(original) {
			if f.addPlain(original[i]); len(from) < len(f.b) {
				from = append(from, Range{i, i + 1})
			}
		}
		return foldedText{f.b, from}
	}
	var letters norm.Iter
	letters.InitString(norm.NFKD, prepared(original))
	for !letters.Done() {
		start := letters.Pos()
		letter := letters.Next()
		if inTwo {
			letter = norm.NFKD.Bytes([]byte(asTwo.Replace(norm.NFC.String(string(letter)))))
		}
		for rest := letter; len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			f.add(r)
			rest = rest[size:]
		}
		for len(from) < len(f.b) {
			from = append(from, Range{start, letters.Pos()})
		}
	}
	return foldedText{f.b, from}
}

// occurrences gives the parts in which a word stands.
func (f foldedText) occurrences(word string) (found []Range) {
	short := utf8.RuneCountInString(word) < tellingAnywhere
	for at := 0; word != ""; {
		next := bytes.Index(f.text[at:], []byte(word))
		if next < 0 {
			break
		}
		at += next
		end := at + len(word)
		if !short || begins(f.text, at) {
			found = append(found, Range{f.from[at].Start, f.from[end-1].End})
		}
		at = end
	}
	return found
}

// begins says whether a word of a text begins at a place in it.
func begins(text []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(text[:at])
	return at == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before)
}
