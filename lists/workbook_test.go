package lists_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"foyer/lists"
)

const (
	xmlns    = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relsOpen = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relation = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// book is a workbook to be read; what is empty is as Excel has it.
type book struct {
	sheet   string            // what is in the cells of the only sheet
	strings string            // what cells have in common
	styles  string            // formats, and which cells have
	main    string            // the part of the workbook
	links   string            // its parts
	parts   map[string]string // besides, or in place of those
}

// bytes packs it.
func (b book) bytes(t *testing.T) []byte {
	t.Helper()
	parts := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":         relsOpen + `<Relationship Id="rId1" Type="` + relation + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook` + xmlns + `>` + cmp.Or(b.main, `<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>`) + `</workbook>`,
		"xl/_rels/workbook.xml.rels": relsOpen + cmp.Or(b.links, `<Relationship Id="rId1" Type="`+relation+`worksheet" Target="worksheets/sheet1.xml"/>`) +
			`<Relationship Id="rId8" Type="` + relation + `styles" Target="styles.xml"/><Relationship Id="rId9" Type="` + relation + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet` + xmlns + `><dimension ref="A1"/><sheetData>` + b.sheet + `</sheetData></worksheet>`,
	}
	if b.strings != "" {
		parts["xl/sharedStrings.xml"] = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n" + `<sst` + xmlns + ` count="9" uniqueCount="9">` + b.strings + `</sst>`
	}
	if b.styles != "" {
		parts["xl/styles.xml"] = `<styleSheet` + xmlns + `>` + b.styles + `</styleSheet>`
	}
	maps.Copy(parts, b.parts)
	return zipped(t, parts)
}

// zipped packs parts.
func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// text is a row of cells that have their text in themselves.
func text(line string, cells ...string) string {
	var b strings.Builder
	b.WriteString(`<row r="` + line + `">`)
	for i, cell := range cells {
		b.WriteString(`<c r="` + string(rune('A'+i)) + line + `" t="inlineStr"><is><t>` + cell + `</t></is></c>`)
	}
	return b.String() + `</row>`
}

// alsoIDs asks for the fields of lists that disable people.
var alsoIDs = lists.Options{Also: []lists.Field{lists.UserID, lists.CompanyName}}

func TestWorkbooksAreReadAsProgramsWriteThem(t *testing.T) {
	t.Parallel()
	heading := []string{"E-mail", "First name", "Phone", "Joined", "User ID"}
	shared := `<si><t>E-mail</t></si><si><t>First name</t></si><si><t>Phone</t></si><si><t>Joined</t></si><si><t>User ID</t></si>` +
		`<si><t>jm@acme.example</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">Jürgen </t></r><r><t>M.</t></r><phoneticPr fontId="1"/></si>`
	row := []string{"jm@acme.example", "Jürgen M.", "491711234567", "2026-06-30", "349026222344902"}
	for name, tt := range map[string]struct {
		book book
		want [][]string
	}{
		"Excel": {book{
			sheet: `<row r="1" spans="1:5" ht="15" x14ac:dyDescent="0.25"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c><c r="E1" t="s"><v>4</v></c></row>` +
				`<row r="3" spans="1:5"><c r="A3" t="s"><v>5</v></c><c r="B3" t="s"><v>6</v></c><c r="C3"><v>491711234567</v></c><c r="D3" s="2"><v>46203</v></c><c r="E3"><v>349026222344902</v></c></row>` +
				`<row r="4" spans="1:5"><c r="A4" s="1"/><c r="E4" s="1"/></row>`,
			strings: shared,
			styles:  `<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="49"/><xf numFmtId="14"/></cellXfs>`,
			parts:   map[string]string{"xl/theme/theme1.xml": "<theme/>", "docProps/app.xml": "<Properties/>", "xl/calcChain.xml": "<calcChain/>"},
		}, [][]string{heading, row}},
		"Google Sheets": {book{
			sheet: `<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="1" t="s"><v>1</v></c><c r="C1" s="1" t="s"><v>2</v></c><c r="D1" s="1" t="s"><v>3</v></c><c r="E1" s="1" t="s"><v>4</v></c></row>` +
				`<row r="2"><c r="A2" s="1" t="s"><v>5</v></c><c r="B2" s="1" t="str"><f>CONCATENATE("Jürgen"," M.")</f><v>Jürgen M.</v></c><c r="C2" s="1"><v>4.91711234567E11</v></c><c r="D2" s="2"><v>46203.0</v></c><c r="E2" s="1"><v>3.49026222344902E14</v></c></row>`,
			strings: shared,
			styles:  `<numFmts count="1"><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>`,
		}, [][]string{heading, row}},
		"Numbers": {book{
			main: `<sheets><sheet name="Export Summary" sheetId="1" r:id="rId1"/><sheet name="Leavers - Table 1" sheetId="2" r:id="rId2"/></sheets>`,
			links: `<Relationship Id="rId1" Type="` + relation + `worksheet" Target="worksheets/sheet1.xml"/>` +
				`<Relationship Id="rId2" Type="` + relation + `worksheet" Target="/xl/worksheets/sheet2.xml"/>`,
			sheet: text("3", "This document was exported from Numbers. Each table was converted to an Excel worksheet."),
			parts: map[string]string{"xl/worksheets/sheet2.xml": `<?xml version="1.0" encoding="UTF-8"?><worksheet` + xmlns + `><sheetData>` +
				`<row r="1" ht="20.25" customHeight="1"><c r="A1" t="s" s="3"><v>0</v></c><c r="B1" t="s" s="3"><v>1</v></c><c r="C1" t="s" s="3"><v>2</v></c><c r="D1" t="s"><v>3</v></c><c r="E1" t="s"><v>4</v></c></row>` +
				`<row r="2"><c r="A2" t="s" s="4"><v>5</v></c><c r="B2" t="s"><v>6</v></c><c r="C2" s="6"><v>491711234567</v></c><c r="D2" s="1"><v>46203</v></c><c r="E2"><v>349026222344902</v></c></row>` +
				`<row r="3"><c r="A3" s="5"/><c r="B3" s="5"/></row></sheetData></worksheet>`},
			strings: shared,
			styles:  `<numFmts><numFmt numFmtId="59" formatCode="mmm d, yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="59"/></cellXfs>`,
		}, [][]string{heading, row}},
		"programs that name everything, and those that number nothing": {book{
			parts: map[string]string{"xl/worksheets/sheet1.xml": `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>` +
				`<x:row><x:c t="str"><x:v>E-mail</x:v></x:c><x:c t="inlineStr"><x:is><x:t>First name</x:t></x:is></x:c></x:row>` +
				`<x:row><x:c t="str"><x:v>jm@acme.example</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>Jürgen</x:t></x:r><x:r><x:t xml:space="preserve"> M.</x:t></x:r></x:is></x:c></x:row>` +
				`</x:sheetData></x:worksheet>`},
		}, [][]string{{"E-mail", "First name"}, {"jm@acme.example", "Jürgen M."}}},
	} {
		got := opened(t, tt.book.bytes(t), alsoIDs)
		if diff := gocmp.Diff(tt.want, cellsOf(got.Table)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if i, ok := got.Column(lists.Email); !ok || i != 0 || got.Form.Format != lists.XLSX || got.Proposed {
			t.Errorf("%s: %+v with the columns %+v", name, got.Form, got.Columns)
		}
	}
}

func TestAWorkbookOfLibreOfficeIsRead(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "libreoffice.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	got := opened(t, content, alsoIDs)
	want := [][]string{
		{"E-Mail", "Nachname", "Telefon", "Austritt", "Symphony ID", "Firma"},
		{"jm@acme.example", "Müller", "491711234567", "2026-06-30", "349026222344902", "Acme Bank"},
		{"zd@acme.example", "Day\nnée Ray", "+33 1 23", "", "", "#DIV/0!"},
	}
	if diff := gocmp.Diff(want, cellsOf(got.Table)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	if got.Form.Sheet != "Leavers" || !slices.Equal(got.Sheets, []lists.Sheet{{Name: "Notes"}, {Name: "Hidden", Hidden: true}}) {
		t.Errorf("it read %q, and names %+v", got.Form.Sheet, got.Sheets)
	}
	if want := []lists.LeftOut{{Line: 3, Why: lists.Hidden}}; !slices.Equal(got.LeftOut, want) || got.Rows[1].Line != 5 {
		t.Errorf("left out %+v, and the last row is in line %d, want %+v and 5", got.LeftOut, got.Rows[1].Line, want)
	}
	hidden := opened(t, content, lists.Options{Sheet: "Hidden"})
	if diff := gocmp.Diff([][]string{{"secret@acme.example"}}, cellsOf(hidden.Table)); diff != "" {
		t.Errorf("the hidden sheet, when it is chosen (-want +got):\n%s", diff)
	}
	if got := refusal(t, book{sheet: text("1", " ")}.bytes(t), lists.Options{Sheet: "Sheet1"}); got.Code != lists.Empty {
		t.Errorf("a sheet with nothing, when it is chosen: %+v", got)
	}
	if got := refusal(t, content, lists.Options{Sheet: "July"}); got.Code != lists.NoSheet || got.Sheet != "July" {
		t.Errorf("a sheet that isn't there: %+v", got)
	}
}

// TestExportsAndTemplatesAreReadAsFiles holds for those of directories, as they come and as
// a spreadsheet has saved them as a workbook.
func TestExportsAndTemplatesAreReadAsFiles(t *testing.T) {
	t.Parallel()
	jane := []string{"email=jane@acme.example | firstName=Jane | lastName=Doe"}
	for name, tt := range map[string]struct {
		bom     string
		rows    [][]string
		leftOut []int
	}{
		"Entra's template": {"\ufeff", [][]string{
			{"version:v1.0"},
			{"User name [userPrincipalName] Required", "Initial password [passwordProfile] Required", "First name [givenName]", "Last name [surname]"},
			{"Example: chris@contoso.example", "myPassword1234", "Chris", "Green"},
			{"jane@acme.example", "Xwq7-secret", "Jane", "Doe"},
		}, []int{1, 3}},
		"Entra's export":   {"\ufeff", [][]string{{"userPrincipalName", "surname", "mail", "givenName", "userType"}, {"j@acme.onmicrosoft.example", "Doe", "jane@acme.example", "Jane", "Member"}}, nil},
		"Google Workspace": {"", [][]string{{"First Name [Required]", "Last Name [Required]", "Email Address [Required]", "Password [Required]", "Org Unit Path [Required]"}, {"Jane", "Doe", "jane@acme.example", "Xwq7-secret", "/"}}, nil},
		"Okta":             {"", [][]string{{"login", "firstName", "lastName", "email"}, {"j@okta.example", "Jane", "Doe", "jane@acme.example"}}, nil},
		"Microsoft 365":    {"\ufeff", [][]string{{"Block credential", "First name", "Last name", "User principal name"}, {"False", "Jane", "Doe", "jane@acme.example"}}, nil},
	} {
		var csv, sheet strings.Builder
		for i, row := range tt.rows {
			csv.WriteString(strings.Join(row, ",") + "\r\n")
			sheet.WriteString(text(strconv.Itoa(i+1), row...))
		}
		for kind, content := range map[string][]byte{"CSV": []byte(tt.bom + csv.String()), "XLSX": book{sheet: sheet.String()}.bytes(t)} {
			got := opened(t, content, lists.Options{})
			if diff := gocmp.Diff(jane, people(got.Table)); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", name, kind, diff)
			}
			var lines []int
			for _, out := range got.LeftOut {
				lines = append(lines, out.Line)
			}
			if kept := got.Text(); !slices.Equal(lines, tt.leftOut) || strings.Contains(kept, "secret") || strings.Contains(kept, "1234") {
				t.Errorf("%s as %s: left out %v, want %v, and kept %q", name, kind, lines, tt.leftOut, kept)
			}
		}
	}
}

func TestACellOfAWorkbookIsWhatPeopleSeeInIt(t *testing.T) {
	t.Parallel()
	styles := `<numFmts><numFmt numFmtId="164" formatCode="&quot;days&quot; 0"/><numFmt numFmtId="165" formatCode="0000000"/><numFmt numFmtId="166" formatCode="[$-407]d\. mmmm yyyy;@"/>` +
		`<numFmt numFmtId="167" formatCode="[Red]0.00"/><numFmt numFmtId="168" formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="168"/><xf numFmtId="21"/></cellXfs>`
	for cell, want := range map[string]string{
		`<c r="B2"><v>491711234567</v></c>`:                                           "491711234567",
		`<c r="B2"><v>4.91711234567E+11</v></c>`:                                      "491711234567",
		`<c r="B2"><v>7.0</v></c>`:                                                    "7",
		`<c r="B2"><v>-7</v></c>`:                                                     "-7",
		`<c r="B2"><v>0.30000000000000004</v></c>`:                                    "0.3",
		`<c r="B2"><v>12.5</v></c>`:                                                   "12.5",
		`<c r="B2"><v>1E+300</v></c>`:                                                 "1E+300",
		`<c r="B2" s="3"><v>171234</v></c>`:                                           "0171234",
		`<c r="B2" s="2"><v>3</v></c>`:                                                "3",
		`<c r="B2" s="5"><v>3.5</v></c>`:                                              "3.5",
		`<c r="B2" s="1"><v>46203</v></c>`:                                            "2026-06-30",
		`<c r="B2" s="4"><v>46203</v></c>`:                                            "2026-06-30",
		`<c r="B2" s="6"><v>46203.5</v></c>`:                                          "2026-06-30T12:00:00",
		`<c r="B2" s="7"><v>0.75</v></c>`:                                             "18:00:00",
		`<c r="B2" s="1"><v>1</v></c>`:                                                "1900-01-01",
		`<c r="B2" s="1"><v>61</v></c>`:                                               "1900-03-01",
		`<c r="B2" s="1"><v>99999999</v></c>`:                                         "99999999",
		`<c r="B2" s="1"><v>-1</v></c>`:                                               "-1",
		`<c r="B2" s="99"><v>46203</v></c>`:                                           "46203",
		`<c r="B2" t="d"><v>2026-06-30</v></c>`:                                       "2026-06-30",
		`<c r="B2" t="b"><v>1</v></c>`:                                                "TRUE",
		`<c r="B2" t="b"><v>0</v></c>`:                                                "FALSE",
		`<c r="B2" t="e"><v>#N/A</v></c>`:                                             "#N/A",
		`<c r="B2" t="str"><f>A1&amp;"x"</f><v>Ax</v>`:                                "Ax",
		`<c r="B2"><f>1+1</f><v>2</v></c>`:                                            "2",
		`<c r="B2" t="str"><f>""</f><v></v></c>`:                                      "",
		`<c r="B2" t="s"><v>0</v></c>`:                                                "Ann Lee",
		`<c r="B2" t="s"><v>1</v></c>`:                                                "東京",
		`<c r="B2" t="s"><v>2</v></c>`:                                                "two\nlines",
		`<c r="B2" t="s"><v>3</v></c>`:                                                "_x0041_ A",
		`<c r="B2" t="s"/>`:                                                           "",
		`<c r="B2" t="inlineStr"><is><t>  '=1+1 </t></is></c>`:                        "=1+1",
		`<c r="B2" t="inlineStr"><is><t>a</t></is></c><c r="D2"/>`:                    "a",
		`<c r="B2" t="inlineStr"><is><t>&lt;b&gt;&#10;&amp;amp;&quot;</t></is></c>`:   "<b>\n&amp;\"",
		`<c r="B2" t="inlineStr"><is><t><![CDATA[<b>]]></t></is></c>`:                 "<b>",
		`<c r="B2" t="inlineStr"><is><t>a<!-- nobody sees it -->b</t></is></c>`:       "ab",
		`<c r="B2" t="inlineStr"><extLst><ext uri="x"/></extLst><is><t>a</t></is>`:    "a",
		`<c r="B2" vm="1" cm="1" t="n"><v> 5 </v></c>`:                                "5",
		`<c r="B2" t="inlineStr"><is><t>` + "\ufeff\u00a0Ann\u00a0" + `</t></is></c>`: "Ann",
	} {
		if strings.HasSuffix(cell, `</v>`) || strings.HasSuffix(cell, "</is>") {
			cell += "</c>"
		}
		got := opened(t, book{
			sheet:   text("1", "E-mail", "Title") + `<row r="2"><c r="A2" t="inlineStr"><is><t>a@acme.example</t></is></c>` + cell + `</row>`,
			strings: `<si><t xml:space="preserve"> Ann Lee </t></si><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si><si><t>two_x000D_&#10;lines</t></si><si><t>_x005F_x0041_ _x0041_</t></si>`,
			styles:  styles,
		}.bytes(t), lists.Options{})
		if got := strings.ReplaceAll(got.Rows[0].Cell(1), "\r\n", "\n"); got != want {
			t.Errorf("%s reads %q, want %q", cell, got, want)
		}
	}
	if got := opened(t, book{
		main:   `<workbookPr date1904="1"/><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>`,
		sheet:  text("1", "E-mail", "Joined") + `<row r="2"><c r="A2" t="str"><v>a@acme.example</v></c><c r="B2" s="1"><v>44741</v></c></row>`,
		styles: styles,
	}.bytes(t), lists.Options{}).Rows[0].Cell(1); got != "2026-06-30" {
		t.Errorf("a day that is counted from 1904 reads %q", got)
	}
}

func TestANumberThatSpreadsheetsRoundIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	for number, rounded := range map[string]bool{"349026222344902": false, "1234567890123456": true, "1.2345678901234568E+16": true, "3.5": false} {
		got := opened(t, book{sheet: text("1", "User ID", "Title") + `<row r="2"><c r="A2"><v>` + number + `</v></c><c r="B2" t="str"><v>1234567890123456</v></c></row>`}.bytes(t), alsoIDs)
		if got.Columns[0].Rounded != rounded || got.Columns[1].Rounded {
			t.Errorf("%s: %+v, want it rounded: %v", number, got.Columns, rounded)
		}
	}
}

func TestANumberThatASpreadsheetShortenedIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"3.49026E+14", "3,49026E+14"} {
		got := opened(t, []byte("User ID;Name\n"+number+";349026222344902\n349026222344902;x\n"), alsoIDs)
		if !got.Columns[0].Rounded || got.Columns[1].Rounded {
			t.Errorf("%s: %+v", number, got.Columns)
		}
	}
}

func TestOfMergedCellsTheFirstHasTheText(t *testing.T) {
	t.Parallel()
	got := opened(t, book{parts: map[string]string{"xl/worksheets/sheet1.xml": `<worksheet` + xmlns + `><sheetData>` +
		text("1", "E-mail", "Company") + text("2", "a@acme.example", "Acme") + `<row r="3"><c r="A3" t="str"><v>b@acme.example</v></c><c r="B3" s="1"/></row>` +
		`</sheetData><mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells></worksheet>`}}.bytes(t), alsoIDs)
	if diff := gocmp.Diff([][]string{{"E-mail", "Company"}, {"a@acme.example", "Acme"}, {"b@acme.example"}}, cellsOf(got.Table)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

func TestWhatSpreadsheetsShowForNoValueIsKnown(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"#N/A", "#NV", "#REF!", "#BEZUG!", "#NAME?", "#¿NOMBRE?", "#¡VALOR!", "#DIV/0!", "#N/D", "#RIF!", "########", "Err:502", "#SPILL!"} {
		if !lists.NoValue(cell) {
			t.Errorf("NoValue(%q) = false", cell)
		}
	}
	for _, cell := range []string{"", "#", "#1", "#team", "N/A", "a@acme.example", "Errol", "#3 Desk"} {
		if lists.NoValue(cell) {
			t.Errorf("NoValue(%q) = true", cell)
		}
	}
}
