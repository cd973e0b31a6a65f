package bulk

import (
	"context"
	"slices"
	"strings"

	"foyer/address"
	"foyer/auth"
	"foyer/lists"
	"foyer/portal"
)

// Misspelt is a domain that addresses of a list have and the company hasn't, which looks
// like one that it has.
type Misspelt struct {
	Domain, Meant string
	Rows          int
}

// Misspelt finds the domains of rows that look like one of the company's, those of the most
// rows first.
func (c Change) Misspelt(rows []Row) []Misspelt {
	var found []Misspelt
	for _, r := range rows {
		domain := otherDomain(r)
		if domain == "" {
			continue
		}
		if i := slices.IndexFunc(found, func(m Misspelt) bool { return m.Domain == domain }); i >= 0 {
			found[i].Rows++
		} else if meant := near(domain, c.domains()); meant != "" {
			found = append(found, Misspelt{domain, meant, 1})
		}
	}
	slices.SortStableFunc(found, func(x, y Misspelt) int { return y.Rows - x.Rows })
	return found
}

// otherDomain is the domain of a row's address that isn't the company's; empty where that
// isn't what is wrong with it.
func otherDomain(r Row) string {
	i := slices.IndexFunc(r.Facts.Faults, func(f portal.FieldError) bool { return f.Code == portal.OtherDomain })
	if r.Code != Faulty || i < 0 {
		return ""
	}
	return r.Facts.Faults[i].Value
}

// near is which of some domains another one looks like: the only one that differs in a
// letter or two of many, or has the same letters. Empty where there is none.
func near(domain string, domains []string) string {
	const lettersForEach = 4 // which differs
	best, meant := 3, ""
	for _, d := range domains {
		apart := distance(domain, strings.ToLower(d))
		if apart > 2 && sameLetters(domain, strings.ToLower(d)) {
			apart = 2
		}
		switch {
		case apart*lettersForEach > len(d) || apart > best:
		case apart == best:
			meant = "" // it may be either
		default:
			best, meant = apart, d
		}
	}
	return meant
}

func sameLetters(a, b string) bool {
	x, y := []rune(a), []rune(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// distance is how many letters have to be put in, taken out or changed to make one text the
// other.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	line := make([]int, len(y)+1)
	for j := range line {
		line[j] = j
	}
	for i := range x {
		before := line[0]
		line[0] = i + 1
		for j := range y {
			change := before
			if x[i] != y[j] {
				change++
			}
			before = line[j+1]
			line[j+1] = min(change, before+1, line[j]+1)
		}
	}
	return line[len(y)]
}

// ChangeDomain writes one of the company's domains into all addresses that have another one,
// and says how many there were.
func (s *Service) ChangeDomain(ctx context.Context, a auth.Actor, id int64, from, to string) (c Change, changed int, err error) {
	c, err = s.edit(ctx, a, id, EditDomain, func(_ portal.Tx, c *Change) ([]Row, error) {
		if from == "" || !address.Domain(to).In(c.domains()) { // without one are those with another fault
			return nil, ErrStale
		}
		rows, err := s.store.Rows(ctx, id, Filter{Codes: []Code{Faulty}}, 0, 0)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(r Row) bool { return otherDomain(r) != from || r.Line == 0 })
		for i := range rows {
			before, _, _ := strings.Cut(rows[i].Email, "@")
			c.set(&rows[i], lists.Email, before+"@"+to)
		}
		if changed = len(rows); changed == 0 {
			return nil, ErrStale
		}
		return rows, nil
	})
	return c, changed, err
}
