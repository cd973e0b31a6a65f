package lists_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"foyer/lists"
)

// sheetOf is a workbook whose sheet is this XML.
func sheetOf(xml string) book {
	return book{parts: map[string]string{"xl/worksheets/sheet1.xml": xml}}
}

func TestAHostileWorkbookIsRefused(t *testing.T) {
	t.Parallel()
	cell := func(name, kind, inside string) book {
		return book{sheet: text("1", "E-mail") + `<row r="2"><c r="` + name + `" t="` + kind + `">` + inside + `</c></row>`, strings: `<si><t>a</t></si>`}
	}
	many := map[string]string{}
	for i := range 1001 {
		many[fmt.Sprintf("xl/media/image%d.png", i)] = ""
	}
	for name, tt := range map[string]struct {
		book book
		want lists.Code
	}{
		"a sheet that unpacks to a thousand times its size": {sheetOf(`<worksheet><sheetData>` + strings.Repeat(" ", 2<<20)), lists.Unpacked},
		"texts that do": {book{sheet: text("1", "a"), strings: strings.Repeat("<si><t>a</t></si>", 1<<17)}, lists.Unpacked},
		"a style sheet that is larger than styles are":        {book{sheet: text("1", "a"), styles: noise(`<xf numFmtId="%d"/>`, 1<<19)}, lists.Unpacked},
		"more parts than a workbook has":                      {book{sheet: text("1", "a"), parts: many}, lists.Unpacked},
		"more sheets than a workbook has":                     {book{main: `<sheets>` + strings.Repeat(`<sheet name="a" r:id="rId1"/>`, 1001) + `</sheets>`, sheet: text("1", "a")}, lists.Unpacked},
		"a text that stands in so many cells that it is huge": {book{sheet: noise(`<row ht="%d"><c t="s"><v>0</v></c></row>`, 4000), strings: `<si><t>` + strings.Repeat("a", 30000) + `</t></si>`}, lists.Unpacked},
		"a cell far to the right":                             {cell("XFD2", "str", "<v>a</v>"), lists.TooWide},
		"a cell right of all columns":                         {cell("XFE2", "str", "<v>a</v>"), lists.Damaged},
		"a cell in a column of no name":                       {cell("2", "str", "<v>a</v>"), lists.Damaged},
		"a cell with a name that is endless":                  {cell(strings.Repeat("A", 1<<19)+"2", "str", "<v>a</v>"), lists.Damaged},
		"a text that isn't there":                             {cell("A2", "s", "<v>1</v>"), lists.Damaged},
		"a text before the first":                             {cell("A2", "s", "<v>-1</v>"), lists.Damaged},
		"a text whose number is too large to be one":          {cell("A2", "s", "<v>99999999999999999999</v>"), lists.Damaged},
		"a row below all rows":                                {book{sheet: text("1048577", "a")}, lists.Damaged},
		"rows that go up":                                     {book{sheet: text("2", "a") + text("1", "b")}, lists.Damaged},
		"cells that go left":                                  {book{sheet: `<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`}, lists.Damaged},
		"entities of entities":                                {sheetOf(`<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><worksheet><sheetData><row><c t="str"><v>&c;</v></c></row></sheetData></worksheet>`), lists.Damaged},
		"an entity that is a file":                            {sheetOf(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`), lists.Damaged},
		"an entity that nobody defined":                       {sheetOf(`<worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`), lists.Damaged},
		"elements in elements in elements":                    {sheetOf(`<worksheet>` + noise("<a b='%d'>", 100000)), lists.Damaged},
		"elements that end before they begin":                 {sheetOf(`</worksheet><sheetData>`), lists.Damaged},
		"XML that is cut off":                                 {sheetOf(`<worksheet><sheetData><row r="1"><c t="str"><v>a`), lists.Damaged},
		"a sheet that is no XML":                              {sheetOf("PK\x03\x04"), lists.Damaged},
		"XML in another encoding":                             {sheetOf(`<?xml version="1.0" encoding="UTF-7"?><worksheet/>`), lists.Damaged},
		"a workbook that is no XML":                           {book{sheet: text("1", "a"), parts: map[string]string{"xl/workbook.xml": "{}"}}, lists.Damaged},
		"a sheet that is a file of the machine":               {book{links: `<Relationship Id="rId1" Type="` + relation + `worksheet" Target="../../../../../../etc/passwd"/>`}, lists.Damaged},
		"a sheet that is elsewhere":                           {book{links: `<Relationship Id="rId1" Type="` + relation + `worksheet" Target="https://evil.example/sheet.xml" TargetMode="External"/>`}, lists.Damaged},
		"two parts of one name":                               {book{sheet: text("1", "a"), parts: map[string]string{"XL/Worksheets/Sheet1.xml": "<worksheet/>"}}, lists.Damaged},
		"no sheet":                                            {book{main: `<sheets/>`}, lists.Empty},
		"sheets that are hidden":                              {book{main: `<sheets><sheet name="a" state="veryHidden" r:id="rId1"/></sheets>`, sheet: text("1", "a@acme.example")}, lists.Empty},
		"a chart":                                             {book{links: `<Relationship Id="rId1" Type="` + relation + `chartsheet" Target="worksheets/sheet1.xml"/>`, sheet: text("1", "a")}, lists.Empty},
		"a sheet with nothing":                                {book{sheet: `<row r="1"><c r="A1" s="1"/></row>` + text("2", " ")}, lists.Empty},
		"a formula that nobody has calculated":                {book{sheet: text("1", "E-mail") + `<row r="2"><c r="A2"><f>HYPERLINK("https://evil.example","a@b.example")</f></c></row>`}, lists.NotCalculated},
		"a ZIP in the ZIP in place of a sheet":                {sheetOf(string(zipped(t, map[string]string{"a": strings.Repeat("a", 1<<20)}))), lists.Damaged},
		"more rows than there may be":                         {book{sheet: text("1", "E-mail") + noise(`<row spans="%d"><c t="str"><v>a@b.example</v></c></row>`, lists.MaxRows+1)}, lists.TooManyRows},
		"many more rows than there may be":                    {book{sheet: noise(`<row spans="%d"><c t="str"><v>a@b.example</v></c></row>`, lists.MaxRows*2)}, lists.TooManyRows},
		"very many rows that are hidden":                      {book{sheet: text("1", "E-mail") + noise(`<row hidden="1" spans="%d"><c t="str"><v>a@b.example</v></c></row>`, lists.MaxRows+1) + text("50000", "a@b.example")}, lists.TooManyRows},
		"a cell that is longer than cells can be":             {book{sheet: text("1", "E-mail") + text("2", noise("%d", lists.MaxCell))}, lists.TooLong},
		"a heading that is longer than cells can be":          {book{sheet: text("1", "E-mail", noise("%d", lists.MaxCell)) + text("2", "a@acme.example")}, lists.TooLong},
	} {
		content := tt.book.bytes(t)
		if len(content) > lists.MaxBytes {
			t.Fatalf("%s is %d bytes, and is refused unread", name, len(content))
		}
		if got := refusal(t, content, lists.Options{}); got.Code != tt.want {
			t.Errorf("%s: refused as %s (%+v), want %s", name, got.Code, got, tt.want)
		}
	}
}

// noise repeats a text with a number in it, so that it can't be packed as small as one
// that is always the same.
func noise(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, (i*2654435761)%100003)
	}
	return b.String()
}

func TestWhatASheetSaysOfItsSizeCostsNothing(t *testing.T) {
	t.Parallel()
	got := opened(t, sheetOf(`<worksheet><dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384"/></cols><sheetData>`+
		text("1", "E-mail")+text("1048576", "a@acme.example")+`</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>`).bytes(t), lists.Options{})
	if len(got.Rows) != 1 || len(got.Columns) != 1 || got.Rows[0].Line != 1<<20 {
		t.Errorf("it has the rows %+v", got.Rows)
	}
	strings := book{sheet: text("1", "E-mail"), parts: map[string]string{"xl/sharedStrings.xml": `<sst count="999999999999" uniqueCount="-1"><si><t>a</t></si></sst>`}}
	opened(t, strings.bytes(t), lists.Options{})
}

// TestAListOfTheMostPeopleCostsLittle holds for text and workbooks: less than a second of
// the processor, and 128 MB, of which the reading of everything else takes its part.
func TestAListOfTheMostPeopleCostsLittle(t *testing.T) { //nolint:paralleltest // It measures the whole process.
	columns := []string{"E-mail", "First name", "Last name", "Title", "Department", "Location", "Phone number", "User ID", "Company", "Notes"}
	for _, form := range []lists.Form{{}, {Format: lists.XLSX}} {
		var b bytes.Buffer
		if _, err := lists.Write(&b, form, columns, manyPeople); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f, err := lists.Open(b.Bytes(), lists.Options{})
		runtime.ReadMemStats(&after)
		if err != nil || len(f.Rows) != lists.MaxRows {
			t.Fatalf("%+v: %d rows, %v", form, len(f.Rows), err)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 128<<20 {
			t.Errorf("%+v of %d bytes took %d MB", form, b.Len(), taken>>20)
		}
	}
}
