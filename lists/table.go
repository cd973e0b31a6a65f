package lists

import (
	"slices"
	"strconv"
	"strings"

	"foyer/address"
)

// Field is what a column says about a person, as Symphony's API names it.
type Field string

// The fields that a column can be.
const (
	Unused      Field = "" // nothing that Symphony has a place for, or not understood
	Email       Field = "email"
	FirstName   Field = "firstName"
	LastName    Field = "lastName"
	DisplayName Field = "displayName"
	Title       Field = "title"
	Department  Field = "department"
	Location    Field = "location"
	PhoneNumber Field = "phoneNumber"
)

// The fields that a column can be where they are asked for.
const (
	UserID       Field = "userId"       // Symphony's, in either of its two forms
	CompanyName  Field = "companyName"  // the company that the person is of, or is to be
	VanityName   Field = "vanityName"   // of the company
	EmailDomains Field = "emailDomains" // of the company; several in one cell
)

// Fields are those that every list is read for, in the order in which forms have them.
func Fields() []Field {
	return []Field{Email, FirstName, LastName, DisplayName, Title, Department, Location, PhoneNumber}
}

// Table is a list as it was understood. Every row of the text is the heading, in Rows,
// or in LeftOut.
type Table struct {
	Separator rune // between the cells; 0 where there are none, and in an address list
	Addresses bool // it was an address list, as mail programs write them
	Headed    bool // the first row that counts names the columns
	// HeadingLine is the line of that row; 0 without one.
	HeadingLine int
	Columns     []Column
	Rows        []Row
	LeftOut     []LeftOut
}

// Column is one column of a list, and what it was taken for.
type Column struct {
	Name   string // in the heading, as it was written; empty without one
	Field  Field
	Secret bool // looks like a password: its cells are empty, and it can be no field
	Used   bool // some row has something in it
	// Result says that Foyer wrote the column beside a list, to say what became of each
	// row. It is no field, unless somebody chooses it for one.
	Result bool
	// Rounded says that it has numbers that a spreadsheet has rounded or shortened, such as
	// 3.49026E+14, or may have: they can be others than those that were typed.
	Rounded bool
}

// ResultPrefix is what the names of Foyer's own columns in the result of a list begin
// with.
const ResultPrefix = "foyer_"

// known says whether the name of a column was understood.
func (c Column) known() bool { return c.Field != Unused || c.Secret || c.Result }

// Row is one row that is about a person. Its cells are trimmed, and may be fewer than
// the table has columns.
type Row struct {
	Line  int // of the text, where the row begins, from 1
	Cells []string
}

// Cell is what stands in a column; empty where the row ends before.
func (r Row) Cell(column int) string {
	if column < len(r.Cells) {
		return r.Cells[column]
	}
	return ""
}

// LeftOut is a row that is about nobody. What stood in it isn't kept: an example may
// have a password, too.
type LeftOut struct {
	Line int
	Why  Reason
}

// Reason says why a row was left out.
type Reason string

// The reasons.
const (
	Version   Reason = "version"   // the version of a template
	Example   Reason = "example"   // the example of a template
	Separator Reason = "separator" // tells spreadsheets what separates the cells
	Hidden    Reason = "hidden"    // the spreadsheet doesn't show it
)

// Column gives the index of the column that is a field; ok is false when none is.
func (t Table) Column(f Field) (i int, ok bool) {
	i = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Field == f && f != Unused })
	return i, i >= 0
}

// Value is what a row says of a field; empty when no column is that field.
func (t Table) Value(r Row, f Field) string {
	i, ok := t.Column(f)
	switch {
	case !ok:
		return ""
	case f == Email:
		return Unlinked(r.Cell(i))
	}
	return r.Cell(i)
}

// Names are the names of the columns that a test holds for; the number of a column
// stands for a name that it doesn't have.
func (t Table) Names(holds func(Column) bool) []string {
	var names []string
	for i, c := range t.Columns {
		if holds(c) {
			names = append(names, c.Called(i))
		}
	}
	return names
}

// Called is what people call the column with this index.
func (c Column) Called(i int) string {
	if !address.Blank(c.Name) {
		return c.Name
	}
	return "column " + strconv.Itoa(i+1)
}

// Choice is how somebody wants a list to be read, who has seen how it was understood.
type Choice struct {
	Headed bool    // the first row names the columns
	Fields []Field // of the columns, in their order; missing ones are Unused
}

// Again reads what Text wrote as somebody wants it to be read. A column that is named as
// one of passwords stays unused, and so does a field's second column: twice says that
// there was one.
func Again(text string, choice Choice) (t Table, twice bool) {
	s := newScanner(text, '\t')
	s.exact = true
	t = Table{Separator: '\t', Rows: s.rows()}
	t.Columns = make([]Column, t.width())
	if choice.Headed && len(t.Rows) > 0 {
		t.Headed = true
		for i, name := range t.Rows[0].Cells {
			t.Columns[i] = named(name)
		}
		t.Rows = t.Rows[1:]
	}
	twice = t.choose(choice.Fields, Fields())
	t.look()
	return t, twice
}

// WithoutPasswords gives a list as it was written, unless a column of several looks like
// a password: then as Text writes it. What is kept or shown of a list goes through it.
func WithoutPasswords(text string) string {
	t := Read(text)
	if len(t.Columns) > 1 && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Secret && c.Used }) {
		return t.Text()
	}
	return text
}

// Text writes the list again, with tabs between the cells: as it was read, but without
// what was left out and what looks like a password.
func (t Table) Text() string {
	var b strings.Builder
	write := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(quoted(cell))
		}
		b.WriteByte('\n')
	}
	if t.Headed {
		names := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			names[i] = c.Name
		}
		write(names)
	}
	for _, r := range t.Rows {
		write(r.Cells)
	}
	return b.String()
}
