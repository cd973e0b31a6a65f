package lists

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// The kinds of content that are read.
const (
	plain    Code = "plain"
	workbook Code = "workbook"
)

// magic are the bytes with which files begin that are no lists.
var magic = []struct {
	bytes string
	code  Code
}{
	{"%PDF-", PDF},
	{"\x1f\x8b", Archive},
	{"BZh", Archive},
	{"\xfd7zXZ\x00", Archive},
	{"7z\xbc\xaf\x27\x1c", Archive},
	{"\x28\xb5\x2f\xfd", Archive},
	{"Rar!\x1a\x07", Archive},
	{"\x89PNG\r\n\x1a\n", Image},
	{"\xff\xd8\xff", Image},
	{"GIF8", Image},
	{"BM\x00", Image},
	{"II*\x00", Image},
	{"MM\x00*", Image},
	{"{\\rtf", Document},
}

// kindOf says what kind of file content is: plain, workbook, or why it is not read.
// Nothing is unpacked, but the list of what is in a ZIP.
func kindOf(content []byte) Code {
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")), bytes.HasPrefix(content, []byte("PK\x05\x06")):
		return kindOfZIP(content)
	case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return kindOfOLE(content)
	case len(content) > 12 && string(content[:4]) == "RIFF" && string(content[8:12]) == "WEBP":
		return Image
	}
	for _, m := range magic {
		if bytes.HasPrefix(content, []byte(m.bytes)) {
			return m.code
		}
	}
	if e, _ := marked(content); e == UTF16LE || e == UTF16BE || e == UTF32 || e == "" && wide(content) != "" {
		return plain
	}
	return kindOfText(content)
}

// kindOfText says what kind of text content is. What begins like a list of addresses in
// angle brackets is none of the languages that do, too.
func kindOfText(content []byte) Code {
	text := bytes.TrimPrefix(content, []byte(marks[0].bytes))
	begin := strings.ToLower(string(bytes.TrimSpace(text[:min(len(text), 1024)])))
	starts := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(begin, w) })
	}
	switch {
	case bytes.IndexByte(content, 0) >= 0:
		return Binary
	case starts("<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<script", "<style", "<div"):
		return HTML
	case starts("<?xml", "<!doctype", "<!--", "<svg", "<workbook"):
		return XML
	case starts("{", "[") && isJSON(text):
		return JSON
	}
	return plain
}

// isJSON says whether a text is JSON, or has a value in each line.
func isJSON(text []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return json.Valid(text) || json.Valid(first)
}

// kindOfZIP says what kind of file a ZIP is by the names in its directory.
func kindOfZIP(content []byte) Code {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return Damaged
	}
	has := func(is func(name string) bool) bool {
		return slices.ContainsFunc(z.File, func(f *zip.File) bool { return is(strings.ToLower(f.Name)) })
	}
	named := func(name string) func(string) bool { return func(n string) bool { return n == name } }
	under := func(folder string) func(string) bool {
		return func(n string) bool { return strings.HasPrefix(n, folder) }
	}
	switch {
	case has(named("xl/workbook.bin")):
		return BinaryExcel
	case has(named("[content_types].xml")) && has(under("xl/workbook")):
		return workbook
	case has(under("index/document.iwa")), has(named("index.zip")), has(under("index/tables/")):
		return Numbers
	case has(named("mimetype")) && has(named("content.xml")):
		return OpenDocument
	case has(under("word/")), has(under("ppt/")):
		return Document
	}
	return Archive
}

// kindOfOLE says what kind of file one of old Office is. A workbook with a password is
// packed in one, under a name in two bytes a letter.
func kindOfOLE(content []byte) Code {
	if bytes.Contains(content, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")) {
		return Encrypted
	}
	return OldExcel
}
