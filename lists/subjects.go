package lists

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"foyer/address"
)

// Subject is an address or a domain that is to be asked about, and what the list says of
// the person besides, by field.
type Subject struct {
	Text   string
	Beside map[Field]string
}

// Mailbox writes a subject as an address list has it, with the name where it can be read
// again from there.
func (s Subject) Mailbox() string {
	name := s.Beside[DisplayName]
	if s.Beside[FirstName] != "" && s.Beside[LastName] != "" {
		name = s.Beside[LastName] + ", " + s.Beside[FirstName]
	}
	if name == "" || strings.ContainsAny(name, "\"\\<>;\t\r\n") {
		return s.Text
	}
	return "\"" + name + "\" <" + s.Text + ">"
}

// Subjects are the addresses or domains of a text, to be asked about: those of an address
// list, of the column that has them, or else whatever stands between blanks, commas and
// semicolons. Each is there once, however it is written. What isn't an address or a
// domain is there as it was written, so that nothing is passed over in silence but the
// words around an address. Unseen are the columns that were not looked at.
func Subjects(text string) (subjects []Subject, unseen []string) {
	seen := map[string]bool{}
	add := func(written string, beside map[Field]string) {
		for _, subject := range asked(written) {
			if key := address.Key(subject); !address.Blank(subject) && !seen[key] {
				seen[key] = true
				subjects = append(subjects, Subject{subject, beside})
			}
		}
	}
	t := Read(text)
	if !t.Headed && slices.ContainsFunc(t.Rows, func(r Row) bool { return slices.ContainsFunc(r.Cells, angled) }) {
		t, _ = addressList(text, 0) // with tabs between them, too
	}
	column, ok := t.Column(Email)
	if !ok {
		column, ok = t.domainColumn()
	}
	if !ok || !t.Headed && !t.beside(column) {
		for entry := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;\t\r\n", r) }) {
			add(entry, nil)
		}
		return subjects, nil
	}
	for _, r := range t.Rows {
		written := r.Cell(column)
		for i := 0; i < len(r.Cells) && written == ""; i++ {
			written = r.Cells[i]
		}
		add(written, t.besides(r))
	}
	for i, c := range t.Columns {
		if i != column && c.Used && !t.Addresses {
			unseen = append(unseen, c.Called(i))
		}
	}
	return subjects, unseen
}

// besides are the fields of a row but for its address.
func (t *Table) besides(r Row) map[Field]string {
	values := map[Field]string{}
	for _, f := range Fields() {
		if v := t.Value(r, f); f != Email && v != "" {
			values[f] = v
		}
	}
	return values
}

// asked is what is to be asked about in an entry of a list: its words, or those that can
// be an address or a domain where one of them is an address. An entry in which nothing
// can be one stays whole.
func asked(entry string) []string {
	subject := bare(entry)
	if !strings.ContainsFunc(subject, unicode.IsSpace) || !strings.ContainsAny(subject, "@.") {
		return []string{subject}
	}
	all := strings.Fields(entry)
	for i := range all {
		all[i] = bare(all[i])
	}
	if slices.ContainsFunc(all, isAddress) {
		all = slices.DeleteFunc(all, func(word string) bool { return !strings.ContainsAny(word, "@.") })
	}
	return all
}

// bare takes from around an address or a domain what is copied along with it: brackets,
// quotation marks, the scheme of a link, characters that nobody sees. Whatever is neither
// stays as it was written.
func bare(written string) string {
	const around = " \t<>()[]{}\"'“”„‘’«»,;:."
	s := strings.Trim(visible(written), around)
	if inside := Unlinked(s); inside != s {
		s = strings.Trim(inside, around)
	}
	if isAddress(s) || strings.Contains(s, ".") && !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return trim(written)
}

// Unlinked is the address that a link to write to it leads to, as spreadsheets and mail
// programs put one in its place; anything else stays as it was written.
func Unlinked(written string) string {
	const scheme = "mailto:"
	if len(written) <= len(scheme) || !strings.EqualFold(written[:len(scheme)], scheme) {
		return written
	}
	inside, _, _ := strings.Cut(written[len(scheme):], "?")
	if plain, err := url.PathUnescape(inside); err == nil {
		return plain
	}
	return inside
}

// visible takes out what nobody sees. The joiners stay where they may tell domains apart:
// among letters that aren't ASCII.
func visible(text string) string {
	const nonJoiner, joiner = '\u200c', '\u200d'
	script := strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII && !address.Unseen(r) })
	return strings.Map(func(r rune) rune {
		if address.Unseen(r) && (!script || r != joiner && r != nonJoiner) {
			return -1
		}
		return r
	}, text)
}

// beside says whether what stands beside the addresses of rows without a heading is
// about them, and not to be asked about, too: addresses and domains between commas look
// like a row of cells.
func (t *Table) beside(addresses int) bool {
	if len(t.Columns) < 2 || t.Separator != '\t' && len(t.Rows) < 2 {
		return false
	}
	return !slices.ContainsFunc(t.Rows, func(r Row) bool {
		for i, cell := range r.Cells {
			if i != addresses && strings.Contains(strings.Trim(cell, "."), ".") && !strings.ContainsFunc(cell, unicode.IsSpace) {
				return true
			}
		}
		return false
	})
}

// domainColumn finds the column that a heading calls domains, and takes that heading
// away where it was not seen to be one.
func (t *Table) domainColumn() (column int, ok bool) {
	for i := range t.Columns {
		name := t.Columns[i].Name
		if !t.Headed && len(t.Rows) > 0 {
			name = t.Rows[0].Cell(i)
		}
		if !slices.Contains(strings.Fields(spellings(EmailDomains)[0]), normal(name)) {
			continue
		}
		if !t.Headed {
			for j, cell := range t.Rows[0].Cells {
				t.Columns[j].Name = cell
			}
			t.Rows, t.Headed = t.Rows[1:], true
		}
		return i, true
	}
	return 0, false
}
