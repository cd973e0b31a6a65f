package lists_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"foyer/lists"
)

// opened reads a file that can be read.
func opened(t *testing.T, content []byte, o lists.Options) lists.File {
	t.Helper()
	f, err := lists.Open(content, o)
	if err != nil {
		t.Fatalf("Open(%.80q) = %+v", content, err)
	}
	return f
}

// refusal is why a file is not read.
func refusal(t *testing.T, content []byte, o lists.Options) lists.Refused {
	t.Helper()
	f, err := lists.Open(content, o)
	var refused *lists.Refused
	if !errors.As(err, &refused) {
		t.Fatalf("Open(%.80q) = %d rows, %v, want it refused", content, len(f.Rows), err)
	}
	return *refused
}

// wide writes a text with two bytes a letter; the low one first, or the high one.
func wide(text string, low int) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(u >> 8), byte(u)}
		if low == 0 {
			slices.Reverse(pair)
		}
		b = append(b, pair...)
	}
	return b
}

// in writes a text in an encoding of one byte a letter.
func in(t *testing.T, c *charmap.Charmap, text string) []byte {
	t.Helper()
	b, err := c.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTextFilesAreReadAsProgramsWriteThem(t *testing.T) {
	t.Parallel()
	const heading, person = "E-Mail;Vorname;Nachname", "jm@acme.example;Jürgen;Größ"
	lines := func(end string) string { return heading + end + person + end }
	tabs := strings.ReplaceAll(lines("\r\n"), ";", "\t")
	commas := func(end string) string { return strings.ReplaceAll(lines(end), ";", ",") }
	for name, tt := range map[string]struct {
		content  []byte
		form     lists.Form
		proposed bool
	}{
		"Excel, CSV UTF-8":                       {[]byte("\ufeff" + lines("\r\n")), lists.Form{Encoding: lists.UTF8, BOM: true, LineEnd: "\r\n", Separator: ';'}, false},
		"Excel, CSV (Windows)":                   {in(t, charmap.Windows1252, lines("\r\n")), lists.Form{Encoding: lists.Windows1252, LineEnd: "\r\n", Separator: ';'}, true},
		"Excel, CSV (MS-DOS)":                    {in(t, charmap.CodePage850, lines("\r\n")), lists.Form{Encoding: lists.CodePage850, LineEnd: "\r\n", Separator: ';'}, true},
		"Excel, CSV (Macintosh)":                 {in(t, charmap.Macintosh, lines("\r")), lists.Form{Encoding: lists.Macintosh, LineEnd: "\r", Separator: ';'}, true},
		"Excel, Unicode text":                    {append([]byte("\xff\xfe"), wide(tabs, 0)...), lists.Form{Encoding: lists.UTF16LE, BOM: true, LineEnd: "\r\n", Separator: '\t'}, false},
		"UTF-16, the other way round":            {append([]byte("\xfe\xff"), wide(tabs, 1)...), lists.Form{Encoding: lists.UTF16BE, BOM: true, LineEnd: "\r\n", Separator: '\t'}, false},
		"UTF-16 without a mark":                  {wide(tabs, 0), lists.Form{Encoding: lists.UTF16LE, LineEnd: "\r\n", Separator: '\t'}, true},
		"the other way round, without a mark":    {wide(tabs, 1), lists.Form{Encoding: lists.UTF16BE, LineEnd: "\r\n", Separator: '\t'}, true},
		"Google Sheets":                          {[]byte(commas("\r\n")), lists.Form{Encoding: lists.UTF8, LineEnd: "\r\n", Separator: ','}, false},
		"Google Sheets, lines as on Unix":        {[]byte(commas("\n")), lists.Form{Encoding: lists.UTF8, LineEnd: "\n", Separator: ','}, false},
		"LibreOffice":                            {[]byte(commas("\n")), lists.Form{Encoding: lists.UTF8, LineEnd: "\n", Separator: ','}, false},
		"LibreOffice, every text in quotes":      {[]byte(`"E-Mail","Vorname","Nachname"` + "\n" + `"jm@acme.example","Jürgen","Größ"` + "\n"), lists.Form{Encoding: lists.UTF8, LineEnd: "\n", Separator: ','}, false},
		"LibreOffice, on a Windows of old":       {in(t, charmap.ISO8859_15, strings.ReplaceAll(lines("\n"), "Größ", "Œuvrœ")), lists.Form{Encoding: lists.ISO8859p15, LineEnd: "\n", Separator: ';'}, true},
		"Numbers":                                {[]byte(lines("\r\n") + ";;\r\n"), lists.Form{Encoding: lists.UTF8, LineEnd: "\r\n", Separator: ';'}, false},
		"one that tells Excel what separates it": {[]byte("sep=;\r\n" + lines("\r\n")), lists.Form{Encoding: lists.UTF8, LineEnd: "\r\n", Separator: ';'}, false},
	} {
		tt.form.Format = lists.Text
		got := opened(t, tt.content, lists.Options{})
		if diff := gocmp.Diff(tt.form, got.Form); diff != "" || got.Proposed != tt.proposed {
			t.Errorf("%s: proposed: %v, form (-want +got):\n%s", name, got.Proposed, diff)
		}
		want := []string{"email=jm@acme.example | firstName=Jürgen | lastName=Größ"}
		if tt.form.Encoding == lists.ISO8859p15 {
			want = []string{"email=jm@acme.example | firstName=Jürgen | lastName=Œuvrœ"}
		}
		if diff := gocmp.Diff(want, people(got.Table)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnEncodingThatIsNotCertainIsAskedAbout(t *testing.T) {
	t.Parallel()
	content := in(t, charmap.Windows1250, "E-mail;Name;Město\r\njd@acme.example;Jiří Dvořák;Brno\r\nea@acme.example;Eva Adams;Plzeň\r\njd@beta.example;Jiří Dvořák;Brno\r\n")
	got := opened(t, content, lists.Options{})
	if !got.Proposed || got.Form.Encoding == lists.UTF8 {
		t.Fatalf("it is taken for %s, proposed: %v", got.Form.Encoding, got.Proposed)
	}
	chosen := opened(t, content, lists.Options{Encoding: lists.Windows1250})
	if chosen.Proposed || chosen.Form.Encoding != lists.Windows1250 || chosen.Rows[0].Cell(1) != "Jiří Dvořák" {
		t.Errorf("chosen as Windows-1250 it reads %+v", chosen.Rows)
	}
	if got := refusal(t, content, lists.Options{Encoding: lists.UTF8}); got.Code != lists.BadText || got.Line != 1 || got.Byte != 14 {
		t.Errorf("chosen as UTF-8: %+v", got)
	}
	if got := refusal(t, content, lists.Options{Encoding: "utf-7"}); got.Code != lists.UnknownText || got.Encoding != "utf-7" {
		t.Errorf("chosen as UTF-7: %+v", got)
	}
	western := opened(t, in(t, charmap.Windows1252, "E-mail;Prénom;Nom\r\njm@acme.example;José;Müller\r\nbob@acme.example;Bob;Ray\r\nx@acme.example;José;Nuñez\r\n"), lists.Options{})
	want := []lists.Sample{{Line: 1, Cell: "Prénom"}, {Line: 2, Cell: "José"}, {Line: 2, Cell: "Müller"}, {Line: 4, Cell: "Nuñez"}}
	if diff := gocmp.Diff(want, western.Samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestAnotherAlphabetIsProposed(t *testing.T) {
	t.Parallel()
	for _, e := range lists.Encodings() {
		text := map[lists.Encoding]string{
			lists.Windows1251: "Имя;Фамилия;E-mail\r\nИван;Петров;ip@acme.example\r\nАнна;Смирнова;as@acme.example\r\n",
			lists.Windows1253: "Όνομα;Επώνυμο;E-mail\r\nΓιώργος;Παπαδόπουλος;gp@acme.example\r\n",
			lists.ShiftJIS:    "名前;メール\r\n田中太郎;t@acme.example\r\n鈴木花子;s@acme.example\r\n",
			lists.GB18030:     "姓名;邮箱\r\n王小明;t@acme.example\r\n李华;s@acme.example\r\n",
			lists.Big5:        "姓名;電郵\r\n陳大文;t@acme.example\r\n李華;s@acme.example\r\n",
			lists.EUCKR:       "이름;이메일\r\n김철수;t@acme.example\r\n이영희;s@acme.example\r\n",
		}[e]
		if text == "" {
			continue
		}
		lines := strings.Split(strings.TrimSpace(text), "\r\n")
		var rows [][]string
		for _, line := range lines[1:] {
			rows = append(rows, strings.Split(line, ";"))
		}
		content, as := written(t, lists.Form{Encoding: e, Separator: ';'}, strings.Split(lines[0], ";"), rows)
		got := opened(t, content, lists.Options{})
		if as.Encoding != e || got.Form.Encoding != e || !got.Proposed {
			t.Errorf("%s is taken for %s, proposed: %v", e, got.Form.Encoding, got.Proposed)
		}
		if diff := gocmp.Diff(append([][]string{strings.Split(lines[0], ";")}, rows...), cellsOf(got.Table)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e, diff)
		}
	}
}

// TestABadTextIsNeverReadAsAnother holds for texts that say what they are, or are more of
// it than of anything else: where they are damaged is said, with line and byte.
func TestABadTextIsNeverReadAsAnother(t *testing.T) {
	t.Parallel()
	utf8Text := "E-mail;Name\r\na@acme.example;Zoë Ångström\r\nb@acme.example;Jos\xe9\r\n"
	for name, tt := range map[string]struct {
		content string
		want    lists.Refused
	}{
		"UTF-8 with a mark":          {"\ufeffE-mail;Name\nj@acme.example;Jos\xe9\n", lists.Refused{Code: lists.BadText, Encoding: lists.UTF8, Line: 2, Byte: 34}},
		"UTF-8 without, for certain": {utf8Text, lists.Refused{Code: lists.BadText, Encoding: lists.UTF8, Line: 3, Byte: strings.IndexByte(utf8Text, 0xe9) + 1}},
		"half of a pair":             {"\xff\xfe" + string(wide("a\r\nb", 0)) + "\x3d\xd8", lists.Refused{Code: lists.BadText, Encoding: lists.UTF16LE, Line: 2, Byte: 11}},
		"half of a pair, then more":  {"\xfe\xff" + string(wide("a\n", 1)) + "\xd8\x3d\x00a\x00b", lists.Refused{Code: lists.BadText, Encoding: lists.UTF16BE, Line: 2, Byte: 7}},
		"a byte too many":            {"\xff\xfe" + string(wide("a\r\nb", 0)) + "\r", lists.Refused{Code: lists.BadText, Encoding: lists.UTF16LE, Line: 2, Byte: 11}},
		"UTF-32":                     {"\xff\xfe\x00\x00a\x00\x00\x00", lists.Refused{Code: lists.UnknownText, Encoding: lists.UTF32}},
	} {
		if diff := gocmp.Diff(tt.want, refusal(t, []byte(tt.content), lists.Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, tt := range []struct {
		encoding lists.Encoding
		content  string
		line, at int
	}{{lists.Windows1252, "a@acme.example;x\ny\x81", 2, 19}, {lists.ShiftJIS, "\x93\x63\n\x93", 2, 4}, {lists.ISO8859p15, "\x80", 1, 1}} {
		if got := refusal(t, []byte(tt.content), lists.Options{Encoding: tt.encoding}); got.Code != lists.BadText || got.Line != tt.line || got.Byte != tt.at {
			t.Errorf("%q as %s: %+v, want line %d, byte %d", tt.content, tt.encoding, got, tt.line, tt.at)
		}
	}
}

func TestWhatIsNoListIsRefusedByItsContent(t *testing.T) {
	t.Parallel()
	fixture := func(name string) string {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	packed := func(names ...string) string {
		parts := map[string]string{}
		for _, name := range names {
			parts[name] = "a"
		}
		return string(zipped(t, parts))
	}
	const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	for name, tt := range map[string]struct {
		content string
		want    lists.Code
	}{
		"nothing":                      {"", lists.Empty},
		"a mark alone":                 {"\ufeff", lists.Empty},
		"a mark of UTF-16 alone":       {"\xff\xfe", lists.Empty},
		"blank lines":                  {"\r\n \t\u00a0\u200b\n", lists.Empty},
		"a PDF":                        {"%PDF-1.7\n%\xe2\xe3\xcf\xd3", lists.PDF},
		"a spreadsheet of LibreOffice": {fixture("libreoffice.ods"), lists.OpenDocument},
		"an old spreadsheet":           {fixture("libreoffice.xls"), lists.OldExcel},
		"a workbook with a password":   {ole + strings.Repeat("\x00", 1024) + string(wide("EncryptedPackage", 0)), lists.Encrypted},
		"a spreadsheet of Numbers":     {packed("Index/Document.iwa", "Index/Tables/DataList.iwa", "Metadata/Properties.plist"), lists.Numbers},
		"a binary workbook":            {packed("[Content_Types].xml", "xl/workbook.bin"), lists.BinaryExcel},
		"a document of Word":           {packed("[Content_Types].xml", "word/document.xml"), lists.Document},
		"a presentation":               {packed("[Content_Types].xml", "ppt/presentation.xml"), lists.Document},
		"a ZIP with a list in it":      {packed("people.csv"), lists.Archive},
		"an empty ZIP":                 {"PK\x05\x06" + strings.Repeat("\x00", 18), lists.Archive},
		"a ZIP that is cut off":        {packed("[Content_Types].xml", "xl/workbook.xml")[:100], lists.Damaged},
		"a CSV that was compressed":    {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", lists.Archive},
		"an archive of 7-Zip":          {"7z\xbc\xaf\x27\x1c\x00\x04", lists.Archive},
		"a web page":                   {"\r\n<!DOCTYPE html><html><body><table><tr><td>a@acme.example", lists.HTML},
		"a table that is called XLS":   {"\ufeff<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", lists.HTML},
		"XML of Excel 2003":            {`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`, lists.XML},
		"a drawing":                    {"<svg xmlns='http://www.w3.org/2000/svg'/>", lists.XML},
		"JSON":                         {"[\n {\"email\": \"a@acme.example\"}\n]", lists.JSON},
		"JSON, a line each":            {"{\"email\":\"a@acme.example\"}\n{\"email\":\"b@acme.example\"}\n", lists.JSON},
		"a text with formats":          {"{\\rtf1\\ansi a@acme.example}", lists.Document},
		"a picture":                    {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", lists.Image},
		"a photograph":                 {"\xff\xd8\xff\xe0\x00\x10JFIF", lists.Image},
		"a picture of the web":         {"RIFF\x00\x00\x00\x00WEBPVP8 ", lists.Image},
		"a program":                    {"\x7fELF\x02\x01\x01\x00\x00", lists.Binary},
		"a text with a NUL":            {"E-mail;Name\na@acme.example;A\x00nn\n", lists.Binary},
		"a text with a NUL and a mark": {"\ufeffE-mail;Name\na@acme.example;A\x00nn\n", lists.Binary},
		"UTF-16 with a NUL":            {"\xff\xfe" + string(wide("E-mail;A\x00nn", 0)), lists.Binary},
		"what only looks like UTF-16":  {"a\x00\x01\x00b\x00", lists.Binary},
		"zeros":                        {strings.Repeat("\x00", 1000), lists.Binary},
		"a file that is too big":       {strings.Repeat("a", lists.MaxBytes+1), lists.TooBig},
		"a PDF that is called a ZIP":   {"%PDF-1.7 PK\x03\x04", lists.PDF},
	} {
		if got := refusal(t, []byte(tt.content), lists.Options{}); got.Code != tt.want {
			t.Errorf("%s is refused as %s, want %s", name, got.Code, tt.want)
		}
	}
	for name, content := range map[string]string{
		"addresses in angle brackets":                  "<zd@acme.example>, <po@acme.example>",
		"a name with a brace":                          "{Ann}, a@acme.example",
		"a cell with a bracket":                        "[ok],a@acme.example",
		"a heading that begins as a magic number does": "BM,E-mail\n1,a@acme.example",
	} {
		if got := opened(t, []byte(content), lists.Options{}); len(got.Rows) == 0 {
			t.Errorf("%s: nothing was read", name)
		}
	}
}

func TestAHeadingAloneHasNoRows(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"CSV": []byte("E-mail;First name\r\n"), "XLSX": book{sheet: text("1", "E-mail", "First name")}.bytes(t)} {
		got := opened(t, content, lists.Options{})
		if len(got.Rows) != 0 || !got.Headed || len(got.Columns) != 2 || got.HeadingLine != 1 {
			t.Errorf("%s: %+v", name, got.Table)
		}
	}
}

func TestMorePeopleThanThereMayBeAreCounted(t *testing.T) {
	t.Parallel()
	people := func(n int) string {
		return "E-mail;Name\n" + strings.Repeat("a@acme.example;Ann\n\n", n)
	}
	if got := opened(t, []byte(people(lists.MaxRows)), lists.Options{}); len(got.Rows) != lists.MaxRows {
		t.Errorf("%d rows were read", len(got.Rows))
	}
	if got := refusal(t, []byte(people(18204)), lists.Options{}); got.Code != lists.TooManyRows || got.Rows != 18204 || got.More {
		t.Errorf("18,204 rows: %+v", got)
	}
	if got := refusal(t, []byte(strings.Repeat("a@acme.example; ", lists.MaxRows+5)), lists.Options{}); got.Code != lists.TooManyRows || !got.More {
		t.Errorf("an address list of too many: %+v", got)
	}
}

func TestAFileIsWrittenBackAsItWas(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"Excel, CSV UTF-8":     []byte("\ufeffE-mail;Name\r\na@acme.example;\"Zoë; \"\"Z\"\"\"\r\n"),
		"Excel, CSV (Windows)": in(t, charmap.Windows1252, "E-mail;Name\r\na@acme.example;Zoë €\r\n"),
		"Excel, Unicode text":  append([]byte("\xff\xfe"), wide("E-mail\tName\r\na@acme.example\tZoë\r\n", 0)...),
		"Google Sheets":        []byte("E-mail,Name\r\na@acme.example,\"Day, Zoë\"\r\n"),
		"LibreOffice":          []byte("E-mail,Name\na@acme.example,Zoë\n"),
	} {
		f := opened(t, content, lists.Options{})
		var rows [][]string
		for _, r := range f.Rows {
			rows = append(rows, r.Cells)
		}
		got, _ := written(t, f.Form, f.Names(func(lists.Column) bool { return true }), rows)
		if !bytes.Equal(got, content) {
			t.Errorf("%s: written as %q, want %q", name, got, content)
		}
	}
}

// Who has said that the letters of a list are right isn't asked about those of a mended one,
// unless they would be others.
func TestLettersThatWereConfirmedAreNotAskedAboutAgain(t *testing.T) {
	t.Parallel()
	western := []byte("E-mail,First name\r\nrene@acme.example,Ren\xe9\r\n")
	for _, tt := range []struct {
		confirmed lists.Encoding
		proposed  bool
	}{{"", true}, {lists.Windows1252, false}, {lists.ISO8859p15, false}, {lists.Macintosh, true}, {lists.UTF8, true}, {lists.ShiftJIS, true}} {
		file, err := lists.Open(western, lists.Options{Confirmed: tt.confirmed})
		if err != nil || file.Proposed != tt.proposed || file.Rows[0].Cells[1] != "René" {
			t.Errorf("confirmed %q: %+v, %v, want proposed %t", tt.confirmed, file, err, tt.proposed)
		}
	}
}
