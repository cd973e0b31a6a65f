package lists

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writeWorkbook writes a workbook of one sheet. Its cells are text, and stay text when
// somebody edits them; those of the heading are bold, and stay on the screen.
func writeWorkbook(w io.Writer, form Form, columns []string, rows iter.Seq2[[]string, error]) error {
	z := zip.NewWriter(w)
	for _, part := range [][2]string{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", rootRelations},
		{"xl/workbook.xml", strings.ReplaceAll(workbookPart, "$name", xmlText(sheetName(form.Sheet)))},
		{"xl/_rels/workbook.xml.rels", workbookRelations},
		{"xl/styles.xml", stylesPart},
	} {
		f, err := z.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, xml.Header+part[1]); err != nil {
			return err
		}
	}
	f, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	s := sheetWriter{Writer: bufio.NewWriter(f)}
	if err := s.write(columns, rows); err != nil {
		return err
	}
	return z.Close()
}

// sheetWriter writes the rows of a sheet.
type sheetWriter struct {
	*bufio.Writer
	line int
}

// write writes a heading, and rows as they come.
func (s *sheetWriter) write(columns []string, rows iter.Seq2[[]string, error]) error {
	_, _ = s.WriteString(xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`)
	if columns != nil {
		_, _ = s.WriteString(`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	}
	_, _ = s.WriteString(`<cols><col min="1" max="` + strconv.Itoa(MaxColumns) + `" width="24" style="1" customWidth="1"/></cols><sheetData>`)
	if columns != nil {
		if err := s.row(columns, headingStyle); err != nil {
			return err
		}
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := s.row(row, textStyle); err != nil {
			return err
		}
	}
	_, _ = s.WriteString(`</sheetData></worksheet>`)
	return s.Flush()
}

// The looks of cells, by their place in stylesPart.
const (
	textStyle    = "1"
	headingStyle = "2"
)

// row writes a row. An error of one write is that of all after it.
func (s *sheetWriter) row(cells []string, style string) error {
	s.line++
	line := strconv.Itoa(s.line)
	_, _ = s.WriteString(`<row r="` + line + `">`)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		_, _ = s.WriteString(`<c r="` + columnName(i+1) + line + `" s="` + style + `" t="inlineStr"><is><t xml:space="preserve">` +
			xmlText(escapeText(cut(inertText(cell), MaxCell))) + `</t></is></c>`)
	}
	_, err := s.WriteString(`</row>`)
	return err
}

// cut is as much of a text as a cell can have.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// escapeText writes a text so that nothing in it is taken for a character that XML can't
// have.
func escapeText(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if text[i] == '_' && i+7 <= len(text) && escaped.MatchString(text[i:i+7]) {
			b.WriteString("_x005F")
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// xmlText writes a text as XML has it.
func xmlText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes all of it
	return b.String()
}

// sheetName is a name that a sheet can have.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' {
			return -1
		}
		return r
	}, name)
	if name = strings.Trim(cut(name, 31), "' "); name == "" {
		return "People"
	}
	return name
}

// The parts of a workbook that are always the same.
const (
	contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	rootRelations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	workbookPart = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="$name" sheetId="1" r:id="rId1"/></sheets></workbook>`
	workbookRelations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	stylesPart = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)
