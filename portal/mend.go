package portal

import (
	"slices"
	"strings"
	"unicode"

	"foyer/sapi"
)

// Mended is a field of a person from which something was taken that nobody sees.
type Mended struct {
	Row   int // counted from 1
	Field string
}

// MendPeople takes from people what can be taken away without changing anything that
// can be seen: blanks around a value, and characters that show nothing, such as marks of
// direction around a copied phone number. In a phone number blanks and hyphens of
// another kind are made the usual ones. What only looks wrong stays, for a person to
// decide; so does what turns the direction of letters round, because what is seen then
// isn't what is there.
func MendPeople(people []sapi.NewUser) (mended []sapi.NewUser, fields []Mended) {
	mended = slices.Clone(people)
	for i := range mended {
		u := &mended[i]
		for _, f := range []struct {
			name  string
			value *string
			mend  func(rune) rune
		}{
			{"email", &u.Email, mendEmail},
			{"firstName", &u.FirstName, mendRune},
			{"lastName", &u.LastName, mendRune},
			{"displayName", &u.DisplayName, mendRune},
			{"title", &u.Title, mendRune},
			{"department", &u.Department, mendRune},
			{"location", &u.Location, mendRune},
			{"phoneNumber", &u.PhoneNumber, mendPhone},
		} {
			if value := strings.TrimSpace(strings.Map(f.mend, *f.value)); value != *f.value {
				*f.value = value
				fields = append(fields, Mended{i + 1, f.name})
			}
		}
	}
	return mended, fields
}

// mendRune leaves out a character that shows nothing, as strings.Map does.
func mendRune(r rune) rune {
	const toRight, toLeft = '\u202d', '\u202e' // they turn letters round
	if unprintable(r) && r != toRight && r != toLeft && !unicode.IsSpace(r) {
		return -1
	}
	return r
}

// mendEmail leaves out joiners, too, which no mailbox has.
func mendEmail(r rune) rune {
	const nonJoiner, joiner = '\u200c', '\u200d'
	if r == nonJoiner || r == joiner {
		return -1
	}
	return mendRune(r)
}

// mendPhone besides writes what looks like a blank or a hyphen as one. Digits and signs
// stand from left to right whatever is told about them.
func mendPhone(r rune) rune {
	const toRight, hyphen, fixedHyphen = '\u202d', '\u2010', '\u2011'
	switch {
	case r == toRight:
		return -1
	case r == hyphen, r == fixedHyphen:
		return '-'
	case unicode.Is(unicode.Zs, r):
		return ' '
	}
	return mendRune(r)
}
