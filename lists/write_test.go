package lists_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/lists"
)

// forms are all that a list can be written in.
func forms() []lists.Form {
	all := []lists.Form{{Format: lists.XLSX, Sheet: "People"}}
	for _, e := range lists.Encodings() {
		for _, separator := range ",;\t" {
			ends := []string{"\r\n", "\n", "\r"}
			if e != lists.UTF8 {
				ends = ends[:1]
			}
			for _, end := range ends {
				all = append(all, lists.Form{Format: lists.Text, Encoding: e, LineEnd: end, Separator: separator, BOM: e == lists.UTF16LE || e == lists.UTF16BE})
			}
		}
	}
	return append(all, lists.Form{Format: lists.Text, Encoding: lists.UTF8, BOM: true, LineEnd: "\r\n", Separator: ','})
}

// whole gives rows that are all there already.
func whole(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(slices.Clone(row), nil) {
				return
			}
		}
	}
}

// written is a file that lists writes.
func written(t *testing.T, form lists.Form, columns []string, rows [][]string) (content []byte, as lists.Form) {
	t.Helper()
	var b bytes.Buffer
	as, err := lists.Write(&b, form, columns, whole(rows))
	if err != nil {
		t.Fatalf("Write(%+v) = %v", form, err)
	}
	return b.Bytes(), as
}

// cellsOf are the heading and the rows of a list, without the empty cells at their ends.
func cellsOf(t lists.Table) [][]string {
	var all [][]string
	if t.Headed {
		var heading []string
		for _, c := range t.Columns {
			heading = append(heading, c.Name)
		}
		all = append(all, heading)
	}
	for _, r := range t.Rows {
		all = append(all, r.Cells)
	}
	return shortened(all)
}

func shortened(rows [][]string) [][]string {
	short := make([][]string, len(rows))
	for i, row := range rows {
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		short[i] = slices.Clone(row)
	}
	return short
}

// letters are some that an encoding has.
func letters(e lists.Encoding) string {
	return map[lists.Encoding]string{
		lists.Windows1252: "Müller €", lists.ISO8859p15: "Lœuvre €", lists.Macintosh: "Müller", lists.CodePage850: "Müller", lists.Windows1250: "Dvořák",
		lists.Windows1251: "Иван", lists.Windows1253: "Γιώργος", lists.Windows1254: "Yıldız", lists.Windows1257: "Ąžuolas", lists.ShiftJIS: "田中 ソ表",
		lists.GB18030: "李华", lists.Big5: "陳功", lists.EUCKR: "김철수",
	}[e]
}

// anyCell makes up a cell: of what ends cells, begins formulas and stands for characters
// of XML, between words.
func anyCell(r *rand.Rand, letters string) string {
	pieces := []string{
		letters, "a", "b c", "x@acme.example", ",", ";", "\t", "\n", `"`, `""`, "'", "''", "=1+1", "+49 69 12", "-", "@SUM(A1)", " ",
		"0171", "12e4", "sep=;", "349026222344902", "3490262223449021", "_x0041_", "_x005F_", "<", "&amp;", "]]>", "NULL", "TRUE", "1.50", "2026-01-02", "'=", "';=", "|", "{", "%", "\\",
	}
	if letters == "" {
		pieces = append(pieces, "Zoë", "東京", "😀", "e\u0301", "\u202e", "\u2028", "\u00a0", "＝1", "＋")
	}
	var b strings.Builder
	for range r.IntN(5) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return strings.TrimSpace(b.String())
}

// TestAListReadsAsItWasWritten holds for lists of all kinds of cells in every form: what
// was written is what is read, in the form that Write said it has.
func TestAListReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	for seed, form := range forms() {
		for n := range 12 {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
			columns := []string{"E-mail", "Last name", "Notes", "foyer_status"}
			if n%3 == 0 {
				columns = []string{"Kontakt, wer", "Wer; wo", "\"Was\"", "Wann"}
			}
			rows := [][]string{}
			for i := range 1 + r.IntN(8) {
				rows = append(rows, []string{fmt.Sprintf("p%d@acme.example", i), anyCell(r, letters(form.Encoding)), anyCell(r, letters(form.Encoding)), anyCell(r, letters(form.Encoding))})
			}
			content, as := written(t, form, columns, rows)
			got, err := lists.Open(content, lists.Options{Encoding: as.Encoding})
			if err != nil {
				t.Fatalf("Open(%q), written as %+v = %v", content, form, err)
			}
			if diff := cmp.Diff(shortened(append([][]string{columns}, rows...)), cellsOf(got.Table)); diff != "" {
				t.Fatalf("written as %+v and read from %q (-want +got):\n%s", as, content, diff)
			}
			if diff := cmp.Diff(as, got.Form); diff != "" {
				t.Errorf("form of what was written as %+v (-want +got):\n%s", form, diff)
			}
			again, _ := written(t, got.Form, columns, rows)
			if !bytes.Equal(again, content) {
				t.Errorf("written again it is %q, want %q", again, content)
			}
		}
	}
}

func TestALetterThatAnEncodingLacksMakesItUTF8(t *testing.T) {
	t.Parallel()
	form := lists.Form{Encoding: lists.Windows1252, Separator: ';', LineEnd: "\r\n"}
	if content, as := written(t, form, []string{"Name"}, [][]string{{"Müller €"}}); as.Encoding != lists.Windows1252 || string(content) != "Name\r\nM\xfcller \x80\r\n" {
		t.Errorf("Write = %q in %s", content, as.Encoding)
	}
	if content, as := written(t, form, []string{"Name"}, [][]string{{"Łukasz"}}); as.Encoding != lists.UTF8 || !as.BOM || string(content) != "\xef\xbb\xbfName\r\nŁukasz\r\n" {
		t.Errorf("Write = %q in %s", content, as.Encoding)
	}
}

func TestNoCellOfATextIsAFormulaForAnySeparator(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"":                 "",
		"=1+1":             "'=1+1",
		"+49 69 12":        "'+49 69 12",
		"'=1+1":            "''=1+1",
		"'05":              "''05",
		"'5":               "''5",
		"'t Hooft":         "'t Hooft",
		"x;=1+1;y":         `"x;'=1+1;y"`,
		"x,=1+1":           `"x,'=1+1"`,
		"x\t=1":            "\"x\t=1\"", // the text's own separator: it is quoted
		"x;'=1":            `"x;''=1"`,
		"x\r\n=1":          "\"x\n'=1\"",
		`"=1`:              `"""'=1"`,
		"007":              "'007",
		"3490262223449021": "'3490262223449021",
		"A\x00B":           "A\ufffdB",
		"\xff":             "\ufffd",
	} {
		if got, _ := written(t, lists.Form{Separator: '\t', Encoding: lists.UTF8, LineEnd: "\n"}, nil, [][]string{{cell}}); string(got) != want+"\n" {
			t.Errorf("a cell %q is written as %q, want %q", cell, got, want)
		}
	}
}

func TestWhatBreaksWhileRowsAreWrittenIsAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, form := range []lists.Form{{}, {Encoding: lists.Windows1252}, {Encoding: lists.UTF16LE}, {Format: lists.XLSX}} {
		_, err := lists.Write(&bytes.Buffer{}, form, nil, func(yield func([]string, error) bool) { yield(nil, broken) })
		if !errors.Is(err, broken) {
			t.Errorf("Write(%+v) of rows that break = %v", form, err)
		}
		if _, err := lists.Write(full{}, form, nil, whole([][]string{{"a"}})); !errors.Is(err, errFull) {
			t.Errorf("Write(%+v) to a full disk = %v", form, err)
		}
	}
}

var errFull = errors.New("full")

// full is a disk with no space.
type full struct{}

// Write implements io.Writer.
func (full) Write([]byte) (int, error) { return 0, errFull }
