package lists_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"foyer/lists"
)

// FuzzOpen holds that whatever somebody gives is a list within its bounds, or refused; that
// a text which can't be read for certain is asked about; that nothing of a column of
// passwords is kept; and that what was read is read again from what is written.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"libreoffice.xlsx", "libreoffice.ods", "libreoffice.xls"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content, "", true)
	}
	f.Add([]byte("E-mail;Name;foyer_status\r\na@acme.example;'=x;\"a;'=b\"\r\n"), "", false)
	f.Fuzz(func(t *testing.T, content []byte, encoding string, also bool) {
		o := lists.Options{Encoding: lists.Encoding(encoding)}
		if also {
			o.Also = []lists.Field{lists.UserID, lists.CompanyName, lists.VanityName, lists.EmailDomains}
		}
		file, err := lists.Open(content, o)
		var refused *lists.Refused
		if err != nil {
			if !errors.As(err, &refused) || refused.Code == "" {
				t.Fatalf("Open = %v", err)
			}
			return
		}
		bounded(t, file.Table)
		if file.Form.Format == lists.Text && encoding == "" && !utf8.Valid(content) && !file.Form.BOM && !file.Proposed {
			for _, cell := range slices.Concat(cellsOf(file.Table)...) {
				if strings.ContainsFunc(cell, func(r rune) bool { return r > 0x7f }) {
					t.Fatalf("a text that is no UTF-8 is read as %s, and nobody asked: %q", file.Form.Encoding, cell)
				}
			}
		}
		readAgain(t, file, o)
	})
}

// FuzzWorkbook holds the same for what is in the parts of a workbook, which the checksums
// of its ZIP keep from being reached.
func FuzzWorkbook(f *testing.F) {
	f.Add(text("1", "E-mail", "First name")+text("3", "a@acme.example", "Ann"), `<si><t>a</t></si>`, `<cellXfs><xf numFmtId="14"/></cellXfs>`, "")
	f.Fuzz(func(t *testing.T, sheet, texts, styles, main string) {
		content := book{sheet: sheet, strings: texts, styles: styles, main: main}.bytes(t)
		file, err := lists.Open(content, alsoIDs)
		var refused *lists.Refused
		if err != nil {
			if !errors.As(err, &refused) || refused.Code == "" {
				t.Fatalf("Open = %v", err)
			}
			return
		}
		bounded(t, file.Table)
		readAgain(t, file, alsoIDs)
	})
}

// bounded checks what holds for every list.
func bounded(t *testing.T, table lists.Table) {
	t.Helper()
	if len(table.Rows) > lists.MaxRows || len(table.Columns) > lists.MaxColumns {
		t.Fatalf("it has %d rows and %d columns", len(table.Rows), len(table.Columns))
	}
	line := 0
	for _, r := range table.Rows {
		if r.Line < line || r.Line == line && !table.Addresses {
			t.Fatalf("line %d comes after line %d", r.Line, line)
		}
		line = r.Line
		if len(r.Cells) > len(table.Columns) {
			t.Fatalf("line %d has %d cells under %d columns", line, len(r.Cells), len(table.Columns))
		}
		for i, cell := range r.Cells {
			if !utf8.ValidString(cell) {
				t.Fatalf("line %d has a cell that is no text: %q", line, cell)
			}
			if table.Columns[i].Secret && cell != "" {
				t.Fatalf("line %d has a password: %q", line, cell)
			}
		}
	}
}

// readAgain writes a list in its form and reads that: where its cells can be written as
// they are, and it begins as a list does.
func readAgain(t *testing.T, file lists.File, o lists.Options) {
	t.Helper()
	if !file.Headed || file.Addresses || len(file.LeftOut) > 0 || slices.ContainsFunc(file.Columns, func(c lists.Column) bool { return c.Secret }) {
		return
	}
	cells := cellsOf(file.Table)
	for _, row := range cells {
		for _, cell := range row {
			if lists.Inert(cell, ',') == "" && cell != "" || strings.ContainsFunc(cell, func(r rune) bool {
				return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError
			}) {
				return
			}
		}
	}
	content, as := written(t, file.Form, file.Names(func(lists.Column) bool { return true }), cells[1:])
	o.Encoding, o.Sheet = as.Encoding, ""
	again, err := lists.Open(content, o)
	var refused *lists.Refused
	if errors.As(err, &refused) && refused.Code == lists.Doubtful {
		return // a cell has rows of its own
	}
	if err != nil {
		t.Fatalf("what was written as %+v is refused: %+v\n%q", as, err, content)
	}
	names := file.Names(func(lists.Column) bool { return true })
	if diff := gocmp.Diff(shortened(append([][]string{names}, cells[1:]...)), cellsOf(again.Table)); diff != "" {
		t.Fatalf("read again from %q (-want +got):\n%s", content, diff)
	}
}
