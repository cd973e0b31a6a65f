package wording

import (
	"foyer/lists"
	"foyer/views/ui"
)

// FieldLabel is what pages call a field of a list.
func FieldLabel(f lists.Field) string {
	return map[lists.Field]string{
		lists.Unused: "Not taken over", lists.Email: "E-mail", lists.FirstName: "First name", lists.LastName: "Last name",
		lists.DisplayName: "Display name", lists.Title: "Job title", lists.Department: "Department", lists.Location: "Location",
		lists.PhoneNumber: "Phone number", lists.UserID: "User id", lists.CompanyName: "Company", lists.VanityName: "Vanity name",
		lists.EmailDomains: "E-mail domains",
	}[f]
}

// LeftOut says why a row of a list is about nobody, after 'it'.
func LeftOut(r lists.Reason) string {
	switch r {
	case lists.Version:
		return "is the version of a template"
	case lists.Example:
		return "is the example of a template"
	case lists.Separator:
		return "says what separates the cells"
	case lists.Hidden:
		return "is hidden in the spreadsheet"
	}
	return string(r)
}

// LeftOutLine says why a line of a list is about nobody.
func LeftOutLine(l lists.LeftOut) string {
	return "Line " + ui.Number(l.Line) + " was left out: it " + LeftOut(l.Why) + "."
}

// Encoding is what people call the encoding of a text.
func Encoding(e lists.Encoding) string {
	if name, ok := map[lists.Encoding]string{
		lists.UTF8:        "Unicode (UTF-8)",
		lists.UTF16LE:     "Unicode (UTF-16, as Excel writes it)",
		lists.UTF16BE:     "Unicode (UTF-16, the other way round)",
		lists.UTF32:       "Unicode (UTF-32)",
		lists.Windows1252: "Western European (Windows)",
		lists.ISO8859p15:  "Western European (ISO 8859-15)",
		lists.Windows1250: "Central European (Windows)",
		lists.Windows1251: "Cyrillic (Windows)",
		lists.Windows1253: "Greek (Windows)",
		lists.Windows1254: "Turkish (Windows)",
		lists.Windows1257: "Baltic (Windows)",
		lists.CodePage850: "Western European (MS-DOS)",
		lists.Macintosh:   "Western European (Macintosh)",
		lists.ShiftJIS:    "Japanese (Shift JIS)",
		lists.GB18030:     "Simplified Chinese (GB 18030)",
		lists.Big5:        "Traditional Chinese (Big5)",
		lists.EUCKR:       "Korean (EUC-KR)",
	}[e]; ok {
		return name
	}
	return string(e)
}

// saveAs is what can be done with most files that are not read.
const saveAs = " Save it as XLSX or CSV, and choose that."

// FileRefused says why a file is not read as a list, and what to do.
func FileRefused(r *lists.Refused) string {
	switch r.Code {
	case lists.Empty:
		return "There is nothing in the file."
	case lists.TooBig:
		if r.Bytes == 0 { // it was not read to its end
			return "The file is larger than " + megabytes(lists.MaxBytes) + ". Divide it, or take out what isn’t about the people."
		}
		return "The file has " + megabytes(r.Bytes) + ", and Foyer reads up to " + megabytes(lists.MaxBytes) + ". Divide it, or take out what isn’t about the people."
	case lists.TooManyRows:
		return "The file has " + atLeast(r) + ", and Foyer reads up to " + ui.Number(lists.MaxRows) + " at a time. Divide it."
	case lists.TooWide:
		return "Something stands in cell " + r.Cell + inSheet(r) + ", far to the right. Foyer reads the first " + ui.Number(lists.MaxColumns) + " columns. Take it out."
	case lists.TooLong:
		return "Line " + ui.Number(r.Line) + " has a cell of more than " + ui.Number(lists.MaxCell) + " characters (" + r.Column + "). A quotation mark may be missing before it."
	case lists.Doubtful:
		return "In line " + ui.Number(r.Line) + " a quotation mark begins a cell of several lines, and those look like rows of their own. Take the mark out, or save the list as XLSX, and choose that."
	case lists.BadText:
		return "Line " + ui.Number(r.Line) + " has something that is no text in " + Encoding(r.Encoding) + " (byte " + ui.Number(r.Byte) + " of the file). Save it as XLSX, or as CSV in UTF-8, and choose that."
	case lists.UnknownText:
		return "Foyer doesn’t read texts in " + Encoding(r.Encoding) + ". Save it as XLSX, or as CSV in UTF-8, and choose that."
	case lists.PDF:
		return "This is a PDF. Foyer reads spreadsheets: save the list as XLSX or CSV where it comes from."
	case lists.OpenDocument:
		return "This is a spreadsheet of LibreOffice or OpenOffice (ODS)." + saveAs
	case lists.Numbers:
		return "This is a spreadsheet of Numbers. Export it as XLSX or CSV, and choose that."
	case lists.BinaryExcel:
		return "This is a binary workbook (XLSB)." + saveAs
	case lists.OldExcel:
		return "This is a file of an old Excel or Word (XLS, DOC)." + saveAs
	case lists.Encrypted:
		return "This workbook has a password, without which nobody can read it. Save it without one."
	case lists.Document:
		return "This is a text document or a presentation. Copy the list to a spreadsheet, and save that as XLSX or CSV."
	case lists.Archive:
		return "This is an archive (such as ZIP). Unpack it, and choose the list that is in it."
	case lists.HTML:
		return "This is a web page, whatever its name. Open it in a spreadsheet, and save it as XLSX or CSV."
	case lists.XML:
		return "This is an XML file, whatever its name. Open it in a spreadsheet, and save it as XLSX or CSV."
	case lists.JSON:
		return "This is a JSON file. Foyer reads XLSX and CSV."
	case lists.Image:
		return "This is a picture. Foyer reads XLSX and CSV."
	case lists.Binary:
		return "This is no list that Foyer can read: neither text nor an XLSX workbook."
	case lists.Damaged:
		return "This file is damaged, or was cut off. Open it in a spreadsheet, save it again as XLSX, and choose that."
	case lists.Unpacked:
		return "This workbook unpacks to far more than a list of people needs. Copy the list to a new one, and choose that."
	case lists.NoSheet:
		return "The workbook has no sheet called " + r.Sheet + "."
	case lists.NotCalculated:
		return "Cell " + r.Cell + inSheet(r) + " has a formula, but not what it comes to. Open the workbook in a spreadsheet, save it, and choose it again."
	}
	return string(r.Code)
}

// atLeast says how many rows a file has.
func atLeast(r *lists.Refused) string {
	if r.More {
		return "more than " + ui.Number(lists.MaxRows) + " rows" + inSheet(r)
	}
	return ui.Number(r.Rows) + " rows" + inSheet(r)
}

// inSheet says which sheet is meant, where there are several to mean.
func inSheet(r *lists.Refused) string {
	if r.Sheet == "" {
		return ""
	}
	return " of the sheet " + r.Sheet
}

// megabytes writes a number of bytes, rounded up: a file is never said to be as large as
// what is allowed when it is larger.
func megabytes(bytes int) string {
	return ui.Number((bytes+1<<20-1)>>20) + " MB"
}
