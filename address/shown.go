package address

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Shown gives a domain as people read it: an international one in its own letters. It
// stays in ASCII where these could be taken for others: letters of several scripts in
// one label, or Cyrillic or Greek ones of which each looks like a Latin one. What is no
// domain stays as it is.
func Shown(domain string) string {
	if plain(domain) {
		return domain
	}
	ascii, ok := ParseDomain(domain)
	if !ok {
		return domain
	}
	letters, err := idna.Display.ToUnicode(string(ascii))
	if err != nil {
		return string(ascii)
	}
	for label := range strings.SplitSeq(letters, ".") {
		if misleading(label) {
			return string(ascii)
		}
	}
	return letters
}

const (
	cyrillicAsLatin = "асԁеһіјӏорԛѕԝхуъьҽпгѵѡ"
	greekAsLatin    = "αικνρυωηοτ"
)

// misleading says whether a label could be taken for another one.
func misleading(label string) bool {
	script, alike := "", true
	for _, r := range label {
		of := scriptOf(r)
		if of == "" {
			continue
		}
		if script != "" && of != script {
			return true
		}
		script = of
		alike = alike && strings.ContainsRune(cyrillicAsLatin+greekAsLatin, r)
	}
	return script != "" && alike
}

// scriptOf names the script of a letter, one for those that are written together in East
// Asia; empty for what all scripts share, as digits are.
func scriptOf(r rune) string {
	switch {
	case unicode.In(r, unicode.Common, unicode.Inherited):
		return ""
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul):
		return "East Asian"
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "unknown"
}
