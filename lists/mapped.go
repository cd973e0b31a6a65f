package lists

import "slices"

// Mapped is the list as somebody wants it to be read, who has seen how it was understood:
// what its columns are, and whether its first row names them. A column of passwords stays
// unused and empty; a field's second column stays unused, and twice says that there was
// one. The list itself stays as it is.
func (t Table) Mapped(choice Choice) (mapped Table, twice bool) {
	mapped = t
	mapped.Columns = make([]Column, len(t.Columns))
	mapped.Rows = make([]Row, 0, len(t.Rows)+1)
	for i, c := range t.Columns {
		mapped.Columns[i] = Column{Name: c.Name, Secret: c.Secret, Result: c.Result, Rounded: c.Rounded}
	}
	if t.Headed && !choice.Headed && !t.Addresses {
		mapped.unhead()
	}
	for _, r := range t.Rows {
		mapped.Rows = append(mapped.Rows, Row{r.Line, slices.Clone(r.Cells)})
	}
	if !t.Headed && choice.Headed && len(t.Rows) > 0 {
		mapped.head()
	}
	twice = mapped.choose(choice.Fields, slices.Concat(Fields(), onlyAsked()))
	mapped.look()
	return mapped, twice
}

// onlyAsked are the fields that lists are read for only where they are asked for.
func onlyAsked() []Field { return []Field{UserID, CompanyName, VanityName, EmailDomains} }

// unhead makes the heading the first row.
func (t *Table) unhead() {
	first := Row{Line: t.HeadingLine, Cells: make([]string, len(t.Columns))}
	for i := range t.Columns {
		first.Cells[i], t.Columns[i].Name, t.Columns[i].Result = t.Columns[i].Name, "", false
	}
	t.Headed, t.HeadingLine, t.Rows = false, 0, append(t.Rows, first)
}

// head makes the first row the heading. What was taken for a password stays one, whatever
// its column is called.
func (t *Table) head() {
	first := t.Rows[0]
	for i := range t.Columns {
		c := named(first.Cell(i))
		c.Secret = c.Secret || t.Columns[i].Secret
		c.Rounded = t.Columns[i].Rounded
		t.Columns[i] = c
	}
	t.Headed, t.HeadingLine, t.Rows = true, first.Line, t.Rows[1:]
}

// choose makes columns the fields that somebody chose, of those that they can be; twice
// says that one was chosen for two columns.
func (t *Table) choose(fields, of []Field) (twice bool) {
	for i, field := range fields[:min(len(t.Columns), len(fields))] {
		if t.Columns[i].Secret || !slices.Contains(of, field) {
			continue
		}
		if _, taken := t.Column(field); taken {
			twice = true
			continue
		}
		t.Columns[i].Field, t.Columns[i].Result = field, false
	}
	return twice
}
