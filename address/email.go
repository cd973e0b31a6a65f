package address

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Key gives the one form of an e-mail address, by which it is compared, searched, stored
// and erased: the part before the last @ as [Fold]
// gives it, the domain in ASCII as [ParseDomain] does. Where that refuses the domain
// it is folded as well, and so is what has no @: what is no address is found again, too.
// Key of a key is that key.
func Key(raw string) string {
	if plain(raw) {
		return raw
	}
	// What has as many bytes in small letters, all in ASCII, was in ASCII.
	if small := strings.ToLower(raw); len(small) == len(raw) && plain(small) {
		return small
	}
	local, rest, found := cut(raw)
	if !found {
		return Fold(raw)
	}
	return Fold(local) + "@" + string(domain(rest))
}

// Spellings gives the folded forms that an address has in texts: its key and, when
// that is another, the key with the domain in its own letters.
func Spellings(raw string) []string {
	key := Key(raw)
	local, ascii, found := cut(key)
	if !found || !strings.Contains(ascii, "xn--") {
		return []string{key}
	}
	letters, err := idna.Display.ToUnicode(ascii)
	if err != nil {
		return []string{key}
	}
	return []string{key, local + "@" + Fold(letters)}
}

// cut divides an address at its last @.
func cut(email string) (local, domain string, found bool) {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return email, "", false
	}
	return email[:at], email[at+1:], true
}

// plain says whether a text is its own key: small letters, digits and signs in
// ASCII, and nothing that an international domain or a final dot could hide in.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return !strings.HasSuffix(s, ".") && !strings.Contains(s, "xn--")
}

// Fold gives the form in which texts are searched for addresses: composed (NFC), with
// the letter case folded, and without invisible characters, surrounding white space
// and what isn't UTF-8. Fold of a folded text is that text.
//
// Letters are folded one by one, as Unicode's simple case folding does: ς is σ, and ẞ
// is ß. But ß isn't ss, which is another mailbox, and the dotless ı isn't i. The
// capital İ is i, since people who write it mean the capital of i.
func Fold(text string) string {
	if folded(text) {
		return strings.TrimSpace(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	var base rune // that marks stand on
	for _, r := range norm.NFD.String(strings.ToValidUTF8(text, "\uFFFD")) {
		const dotAbove = '\u0307'
		if visible(r) < 0 || r == dotAbove && base == 'i' {
			continue
		}
		r = foldRune(r)
		if !unicode.Is(unicode.Mn, r) {
			base = r
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(norm.NFC.String(b.String()))
}

// folded says whether folding a text can only trim it.
func folded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' || c >= 0x7f || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// foldRune gives one letter for all that differ in case only. By way of the capital,
// since ς and ſ are small letters themselves.
func foldRune(r rune) rune {
	const dotless = 'ı' // whose capital is that of i
	if r == dotless {
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// Blank says whether a text has nothing that can be seen: it is empty, or has nothing but
// blanks and characters that no screen shows, or accents without a letter.
func Blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !Unseen(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) }) < 0
}

// Unseen says whether a character shows nothing where it stands in a name, and is no
// blank of the usual kind: marks of direction, fillers, the braille pattern without dots.
func Unseen(r rune) bool {
	const noDots = '\u2800'
	return visible(r) < 0 || r == noDots
}

// visible leaves out what nobody can see, as strings.Map does: the soft hyphen,
// zero-width spaces and joiners, marks of direction, variation selectors, control
// characters.
func visible(r rune) rune {
	if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || unicode.IsControl(r) && !unicode.IsSpace(r) {
		return -1
	}
	return r
}
