package wording

import (
	"slices"
	"strings"

	"foyer/folding"
	"foyer/sapi"
	"foyer/views/ui"
)

// FoundBy says in what of a person the words of a search stand that stand in nothing that
// is shown of them anyway: "Title: Analyst". Empty where everything is shown.
func FoundBy(u sapi.User, words []string, shown ...string) ui.Marked {
	isIn := func(text string) func(word string) bool {
		return func(word string) bool { return folding.Has(text, word) }
	}
	left := slices.Clone(words)
	for _, text := range shown {
		left = slices.DeleteFunc(left, isIn(text))
	}
	var found ui.Marked
	if len(left) == 0 {
		return found
	}
	for _, field := range []struct{ name, value string }{
		{"First name", u.FirstName}, {"Last name", u.LastName}, {"Display name", u.DisplayName}, {"E-mail", u.Email}, {"Title", u.Title}, {"Department", u.Department},
	} {
		if m := Marked(field.value, left); len(m.Found) > 0 {
			found = beside(found, field.name, m)
			left = slices.DeleteFunc(left, isIn(field.value))
		}
	}
	if m := MarkedPhone(u.PhoneNumber, left); len(m.Found) > 0 && !slices.Contains(shown, u.PhoneNumber) {
		found = beside(found, "Phone", m)
	}
	return found
}

// FoundByVanityName is likewise of a company's vanity name.
func FoundByVanityName(c sapi.Company, words []string) ui.Marked {
	if m := Marked(c.VanityName, words); len(m.Found) > 0 {
		return beside(ui.Marked{}, "Vanity name", m)
	}
	return ui.Marked{}
}

// MarkedPhone is Marked for a telephone number: what was searched for are digits, however
// they are set apart.
func MarkedPhone(number string, words []string) ui.Marked {
	m := ui.Marked{Text: number}
	if len(words) == 0 {
		return m
	}
	var digits strings.Builder
	var at []int // of each digit in the number
	for i := range len(number) {
		if c := number[i]; c >= '0' && c <= '9' {
			digits.WriteByte(c)
			at = append(at, i)
		}
	}
	for _, word := range words {
		if i := strings.Index(digits.String(), word); i >= 0 && word != "" {
			m.Found = []ui.Span{{Start: at[i], End: at[i+len(word)-1] + 1}} // one: they must not overlap
			break
		}
	}
	return m
}

// beside adds a text with its name to others that were found.
func beside(found ui.Marked, name string, m ui.Marked) ui.Marked {
	if found.Text != "" {
		name = " · " + name
	}
	m = behind(found.Text+name+": ", m)
	return ui.Marked{Text: m.Text, Found: append(found.Found, m.Found...)}
}
