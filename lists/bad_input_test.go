package lists_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"foyer/lists"
)

// TestAHugeFileIsRefusedWithWhatItHas holds for files with very many rows, with a field
// that has no end, and for those that nobody would read.
func TestAHugeFileIsRefusedWithWhatItHas(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		content string
		want    lists.Refused
	}{
		"100,000 rows":                     {"E-mail\n" + strings.Repeat("a@acme.example\n", 100_000), lists.Refused{Code: lists.TooManyRows, Rows: 100_000}},
		"a field of almost 10 MB":          {"E-mail;Name\na@acme.example;" + strings.Repeat("x", lists.MaxBytes-100), lists.Refused{Code: lists.TooLong, Line: 2, Column: "Name"}},
		"a quotation mark that never ends": {"E-mail;Name\na@acme.example;\"" + strings.Repeat("x\n", 50_000), lists.Refused{Code: lists.TooManyRows, Rows: 50_000, More: true}},
		"a heading without an end":         {strings.Repeat("x", 40_000) + ",E-mail\ny,a@acme.example", lists.Refused{Code: lists.TooLong, Line: 1, Column: "column 1"}},
		"more bytes than are read":         {strings.Repeat("a", lists.MaxBytes+1), lists.Refused{Code: lists.TooBig, Bytes: lists.MaxBytes + 1}},
	} {
		if diff := gocmp.Diff(tt.want, refusal(t, []byte(tt.content), lists.Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLinesMayEndInAnyWay(t *testing.T) {
	t.Parallel()
	got := opened(t, []byte("E-mail;Notes\r\na@acme.example;\"two\nlines\"\rb@acme.example;\"\"\"x\"\"\"\n\n \t\r\nc@acme.example;y\n"), lists.Options{})
	want := []lists.Row{
		{Line: 2, Cells: []string{"a@acme.example", "two\nlines"}},
		{Line: 4, Cells: []string{"b@acme.example", `"x"`}},
		{Line: 7, Cells: []string{"c@acme.example", "y"}},
	}
	if diff := gocmp.Diff(want, got.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestACellThatMayBeRowsIsNotGuessed holds for a file, where one reading brings people in
// that nobody listed, and the other one loses some who were.
func TestACellThatMayBeRowsIsNotGuessed(t *testing.T) {
	t.Parallel()
	got := refusal(t, []byte("E-mail;Name\na@acme.example;\"Ann\nb@acme.example;Bob\"\n"), lists.Options{})
	if got.Code != lists.Doubtful || got.Line != 2 {
		t.Errorf("it is refused as %+v", got)
	}
	if got := refusal(t, []byte("sep=;\nE-mail;Name\na@acme.example;\"Ann\nb@acme.example;Bob\"\n"), lists.Options{}); got.Line != 3 {
		t.Errorf("below the line that names the separator it is in line %d", got.Line)
	}
	if got := opened(t, []byte("E-mail;Name\na@acme.example;\"Ann\nLee; Bob\"\n"), lists.Options{}); got.Rows[0].Cell(1) != "Ann\nLee; Bob" {
		t.Errorf("a cell of several lines: %+v", got.Rows)
	}
}

func TestRowsNeedNotBeEven(t *testing.T) {
	t.Parallel()
	got := opened(t, []byte("E-mail,First name,,\na@acme.example\nb@acme.example,Bob,x,y,z,,\n,,,\nc@acme.example,\"Cleo\n"), lists.Options{})
	want := [][]string{{"E-mail", "First name"}, {"a@acme.example"}, {"b@acme.example", "Bob", "x", "y", "z"}, {"c@acme.example", `"Cleo`}}
	if diff := gocmp.Diff(want, cellsOf(got.Table)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	if used := got.Names(func(c lists.Column) bool { return c.Used && c.Field == lists.Unused }); !slices.Equal(used, []string{"column 3", "column 4", "column 5"}) {
		t.Errorf("what is in no column with a name: %q", used)
	}
}

func TestOfTwoColumnsForOneFieldTheBetterNameCounts(t *testing.T) {
	t.Parallel()
	got := opened(t, []byte("MAIL,e-mail,Mobile,PHONE,Nonsense\na@acme.example,b@acme.example,1,2,3\n"), lists.Options{})
	if got.Value(got.Rows[0], lists.Email) != "a@acme.example" || got.Value(got.Rows[0], lists.PhoneNumber) != "2" {
		t.Errorf("it is read as %q", people(got.Table))
	}
	if unused := got.Names(func(c lists.Column) bool { return c.Used && c.Field == lists.Unused }); !slices.Equal(unused, []string{"e-mail", "Mobile", "Nonsense"}) {
		t.Errorf("not used: %q", unused)
	}
}

// TestOddLettersAreKept holds for what package portal judges, or pages show by its name:
// blanks around it are no part of a cell, but all else is.
func TestOddLettersAreKept(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"a@acme.example\u00a0":   "a@acme.example",
		"a@acme.example\u200b":   "a@acme.example\u200b",
		"\u202eann\u2069":        "\u202eann\u2069",
		"Zoe\u0308":              "Zoe\u0308",
		"😀":                      "😀",
		"a@xn--mller-kva.de":     "a@xn--mller-kva.de",
		"a@müller.example":       "a@müller.example",
		"NULL":                   "NULL",
		"=cmd|' /C calc'!A0":     "=cmd|' /C calc'!A0",
		"<script>alert(1)":       "<script>alert(1)",
		strings.Repeat("é", 300): strings.Repeat("é", 300),
	} {
		for name, content := range map[string][]byte{
			"CSV":  []byte("E-mail;Name\na@acme.example;" + cell + "\n"),
			"XLSX": book{sheet: text("1", "E-mail", "Name") + text("2", "a@acme.example", strings.ReplaceAll(cell, "<", "&lt;"))}.bytes(t),
		} {
			if got := opened(t, content, lists.Options{}).Rows[0].Cell(1); got != want {
				t.Errorf("%s: %q is read as %q, want %q", name, cell, got, want)
			}
		}
	}
}
