package lists

import (
	"slices"
	"strings"

	"foyer/address"
)

// addressList reads a text as mail programs write a list of addresses: Day, Zoe
// <zd@x.example>; "O'Neill, Pat" <po@x.example>, or addresses alone. A name whose parts
// are clear is the first and the last name, else the display name. It has so many rows at
// most, or any number for 0; more says that there are others.
func addressList(text string, most int) (list Table, more rest) {
	list = Table{Addresses: true, Headed: true, Columns: []Column{
		{Name: "E-mail", Field: Email}, {Name: "First name", Field: FirstName}, {Name: "Last name", Field: LastName}, {Name: "Name", Field: DisplayName},
	}}
	s := mailboxes{text: text, line: 1}
	for box, ok := s.next(); ok; box, ok = s.next() {
		if most > 0 && len(list.Rows) == most {
			more.more = 1
			break
		}
		list.Rows = append(list.Rows, Row{box.line, []string{box.address, box.first, box.last, box.whole}})
	}
	list.look()
	for i := len(list.Columns) - 1; i > 0; i-- {
		if list.Columns[i].Used {
			continue
		}
		list.Columns = slices.Delete(list.Columns, i, i+1)
		for at := range list.Rows {
			list.Rows[at].Cells = slices.Delete(list.Rows[at].Cells, i, i+1)
		}
	}
	return list, more
}

// looksLikeAddresses says whether a text, however its cells were separated, is a list of
// addresses: there is an address in angle brackets, or nothing but addresses, and no
// heading over it. Between cells that tabs separate, it is a table.
func looksLikeAddresses(t Table) bool {
	angle, all := false, true
	for _, r := range t.Rows {
		if t.Separator == '\t' && len(r.Cells) > 1 {
			return false
		}
		for i, cell := range r.Cells {
			angle = angle || angled(cell)
			rest := []string{cell}
			if i == MaxColumns-1 {
				rest = strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(separators, r) })
			}
			for _, one := range rest {
				one = trim(one)
				all = all && (one == "" || isAddress(strings.Trim(one, "<>")))
			}
		}
	}
	return len(t.Rows) > 0 && (all || angle && !namesColumns(t.Rows[0].Cells))
}

// angled says whether there is an address in angle brackets.
func angled(cell string) bool {
	_, after, _ := strings.Cut(cell, "<")
	inside, _, closed := strings.Cut(after, ">")
	return closed && isAddress(trim(inside))
}

// namesColumns says whether the first row is a heading.
func namesColumns(first []string) bool {
	for _, c := range headed(first, nil, nil) {
		if c.Field == Email {
			return true
		}
	}
	return false
}

// longestName is how many bytes of a name are looked through for what ends it.
const longestName = 1024

// mailboxes are read from a list of addresses, one after the other.
type mailboxes struct {
	text string
	at   int
	line int
	end  int // where what ends a name for certain comes next, once it was looked for
	open int // how many quotation marks were not closed
}

// mailbox is an address, and the name that stands with it: in its parts where they are
// clear, else as a whole.
type mailbox struct {
	line                        int
	address, first, last, whole string
}

// next reads one address with its name; more is false at the end.
func (s *mailboxes) next() (box mailbox, more bool) {
	for s.at < len(s.text) {
		line := s.line
		name, angle := s.entry()
		if name, angle = Unlinked(trim(name)), Unlinked(trim(angle)); address.Blank(name + angle) {
			continue
		}
		box := mailbox{line: line, address: angle}
		switch name = unquoted(name); {
		case address.Blank(name), address.Key(name) == address.Key(angle):
			return box, true
		case angle == "" && isAddress(name):
			box.address = name
			return box, true
		case isAddress(name): // another one, which is no name, but must not be lost
			box.whole = name
			return box, true
		}
		if box.first, box.last = nameParts(name); box.first == "" {
			box.whole = name
		}
		return box, true
	}
	return mailbox{}, false
}

// entry reads up to what ends an address: a semicolon or a new line, or a comma, unless
// it stands in a name whose address is still to come.
func (s *mailboxes) entry() (name, angle string) {
	var text strings.Builder
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '\n' || c == '\r' && !strings.HasPrefix(s.text[s.at:], "\n"):
			s.line++
			return text.String(), angle
		case c == ';' || c == '\t' || c == ',' && (angle != "" || text.Len() > longestName || isAddress(trim(text.String())) || !s.nameGoesOn()):
			return text.String(), angle
		case c == '<' && angle == "" && s.takeAngle(&angle):
		case c == '"' && s.takeQuoted(&text):
		default:
			text.WriteByte(c)
		}
	}
	return text.String(), angle
}

// nameGoesOn says whether an address in angle brackets comes before the entry ends for
// certain: Day, Zoe <…>.
func (s *mailboxes) nameGoesOn() bool {
	if s.end < s.at {
		if s.end = strings.IndexAny(s.text[s.at:], "<;\t\r\n@"); s.end < 0 {
			s.end = len(s.text)
		} else {
			s.end += s.at
		}
	}
	return s.end < min(len(s.text), s.at+longestName) && s.text[s.end] == '<'
}

// takeAngle reads an address in angle brackets, of which the first is read already.
func (s *mailboxes) takeAngle(angle *string) bool {
	end := strings.IndexAny(s.text[s.at:], "<>\r\n")
	if end < 0 || s.text[s.at+end] != '>' {
		return false
	}
	*angle = s.text[s.at : s.at+end]
	s.at += end + 1
	return true
}

// unslash takes away the backslashes before quotation marks. It is made once: a list may
// have thousands of names.
var unslash = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// takeQuoted reads a quoted name, of which the first quotation mark is read already. A
// backslash stands before a quotation mark that is part of it. Where very many are not
// closed none is any more.
func (s *mailboxes) takeQuoted(text *strings.Builder) bool {
	if s.open > longestName {
		return false
	}
	for i := s.at; i < min(len(s.text), s.at+longestName) && s.text[i] != '\n' && s.text[i] != '\r'; i++ {
		switch s.text[i] {
		case '\\':
			i++
		case '"':
			text.WriteString(unslash.Replace(s.text[s.at:i]))
			s.at = i + 1
			return true
		}
	}
	s.open++
	return false
}

// unquoted takes away the apostrophes that Outlook has around a name: 'Zoe Day' <…>.
func unquoted(name string) string {
	inside, opened := strings.CutPrefix(name, "'")
	inside, closed := strings.CutSuffix(inside, "'")
	if !opened || !closed {
		return name
	}
	return trim(inside)
}

// nameParts divides a name: at its one comma, as directories write the last name first, or
// between its only two words. Anything else isn't clear.
func nameParts(name string) (first, last string) {
	if before, after, found := strings.Cut(name, ","); found {
		before, after = trim(before), trim(after)
		if before == "" || after == "" || strings.Contains(after, ",") || isTitle(after) {
			return "", ""
		}
		return after, before
	}
	if words := strings.Fields(name); len(words) == 2 {
		return words[0], words[1]
	}
	return "", ""
}

// isTitle says whether what stands behind a comma is no first name, but what people write
// behind theirs.
func isTitle(word string) bool {
	return slices.Contains(strings.Fields("phd md mba cfa cpa acca frm jr sr ii iii iv esq llm msc bsc"), normal(word))
}
