package portal

import (
	"strings"
	"unicode/utf8"
)

// The limits of what people note themselves.
const (
	MaxTags      = 20
	MaxTag       = 40
	MaxAlias     = 100
	MaxReference = 100
	MaxNote      = 2000
)

// CheckTag says what is wrong with one tag of a company.
func CheckTag(tag string) Fault {
	fault := CheckLine(tag, MaxTag)
	fault.Value = tag
	return fault
}

// CheckLine says what is wrong with a line of text of at most so many characters; nothing
// is when there is none.
func CheckLine(line string, most int) Fault {
	if n := utf8.RuneCountInString(line); n > most {
		return Fault{Code: BadLength, Most: most, Count: n}
	}
	return checkSeen(line)
}

// CheckNote says what is wrong with a note on a person, which may have lines; nothing is
// when there is none.
func CheckNote(note string) Fault {
	if n := utf8.RuneCountInString(note); n > MaxNote {
		return Fault{Code: BadLength, Most: MaxNote, Count: n}
	}
	return checkSeen(strings.NewReplacer("\n", " ", "\t", " ").Replace(note))
}
