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
// begins, because anywhere else they tell nothing.
func Marks(original string, words []string) []Range {
	if len(words) == 0 || !utf8.ValidString(original) {
		return nil
	}
	if text := Text(original); !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) }) {
		return nil
	}
	folded, from := foldedFrom(original)
	var found []Range
	for _, word := range words {
		found = append(found, occurrences(folded, from, []byte(word))...)
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

// foldedFrom folds a text, and tells for each byte of that which part of the text it
// came from.
func foldedFrom(original string) (folded []byte, from []Range) {
	f := folder{b: make([]byte, 0, len(original)), blank: true}
	from = make([]Range, 0, len(original))
	var letters norm.Iter
	letters.InitString(norm.NFKD, prepared(original))
	for !letters.Done() {
		start := letters.Pos()
		for rest := letters.Next(); len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			f.add(r)
			rest = rest[size:]
		}
		for len(from) < len(f.b) {
			from = append(from, Range{start, letters.Pos()})
		}
	}
	return f.b, from
}

// occurrences gives the parts in which a word stands.
func occurrences(folded []byte, from []Range, word []byte) (found []Range) {
	const tellingAnywhere = 3
	short := utf8.RuneCount(word) < tellingAnywhere
	for at := 0; len(word) > 0; {
		next := bytes.Index(folded[at:], word)
		if next < 0 {
			break
		}
		at += next
		end := at + len(word)
		if !short || begins(folded, at) {
			found = append(found, Range{from[at].Start, from[end-1].End})
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
