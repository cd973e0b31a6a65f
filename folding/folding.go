// Package folding owns the form in which Foyer searches texts: what people type finds
// what is written with accents, other letters for the same sound, another case or
// another Unicode form.
//
// It is looser than package address, which says whether two addresses are the same:
// nothing may be decided by a folded text but whether a search finds it. It knows
// nothing of Foyer.
package folding

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters are folded to what people type for them where Unicode's decomposition doesn't.
var letters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i", 'ŋ': "n", 'ŧ': "t",
}

// prepared is a text as it is decomposed. An accent by itself, which stands for an
// apostrophe, would be decomposed to a blank and a mark; the letter for one has as many
// bytes.
func prepared(s string) string { return strings.ReplaceAll(s, "´", "ʼ") }

// Text gives the folded form of a text: without accents, in small letters, without
// apostrophes and invisible characters, and with single blanks between its words. Text
// of a folded text is that text.
func Text(s string) string {
	f := folder{b: make([]byte, 0, len(s)), blank: true}
	f.addText(s)
	return strings.TrimSuffix(string(f.b), " ")
}

// folder folds a text letter by letter.
type folder struct {
	b     []byte
	blank bool // nothing but blanks so far, or one just written
}

// addText folds a whole text. Most are of plain letters, which need no decomposing.
func (f *folder) addText(s string) {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			for _, r := range norm.NFKD.String(prepared(strings.ToValidUTF8(s[i:], "\uFFFD"))) {
				f.add(r)
			}
			return
		}
		f.addPlain(s[i])
	}
}

// addPlain folds a letter of ASCII.
func (f *folder) addPlain(c byte) {
	switch {
	case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
	case c >= 'A' && c <= 'Z':
		c += 'a' - 'A'
	case c == ' ' || c >= '\t' && c <= '\r':
		if !f.blank {
			f.b = append(f.b, ' ')
		}
		f.blank = true
		return
	case c < ' ' || c == 0x7f || c == '\'' || c == '`':
		return
	}
	f.b = append(f.b, c)
	f.blank = false
}

// add folds a letter of a text that is decomposed.
func (f *folder) add(r rune) {
	if r < utf8.RuneSelf {
		f.addPlain(byte(r)) //nolint:gosec // it is below 0x80
		return
	}
	r = unicode.ToLower(unicode.ToUpper(r))
	switch {
	case unicode.IsSpace(r):
		if !f.blank {
			f.b = append(f.b, ' ')
		}
		f.blank = true
		return
	case dropped(r):
		return
	default:
		if plain, ok := letters[r]; ok {
			f.b = append(f.b, plain...)
		} else {
			f.b = utf8.AppendRune(f.b, r)
		}
	}
	f.blank = false
}

// dropped says whether folding leaves out a character that isn't ASCII: marks on letters,
// what nobody sees, and apostrophes in all their forms.
func dropped(r rune) bool {
	switch r {
	case '’', '‘', 'ʼ', 'ʻ':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || unicode.IsControl(r)
}

// Words gives the words of a search, folded; none for a text with nothing in it.
func Words(query string) []string { return strings.Fields(Text(query)) }
