package wording

import (
	"fmt"
	"strings"

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

// EncodingName is what people call an encoding.
func EncodingName(e lists.Encoding) string {
	name := map[lists.Encoding]string{
		lists.UTF8: "Unicode (UTF-8)", lists.UTF16LE: "Unicode (UTF-16)", lists.UTF16BE: "Unicode (UTF-16, big-endian)", lists.UTF32: "Unicode (UTF-32)",
		lists.Windows1252: "Western European (Windows)", lists.ISO8859p15: "Western European (ISO 8859-15)", lists.Windows1250: "Central European (Windows)",
		lists.Windows1251: "Cyrillic (Windows)", lists.Windows1253: "Greek (Windows)", lists.Windows1254: "Turkish (Windows)", lists.Windows1257: "Baltic (Windows)",
		lists.CodePage850: "Western European (DOS)", lists.Macintosh: "Western European (Mac)", lists.ShiftJIS: "Japanese (Shift JIS)",
		lists.GB18030: "Simplified Chinese (GB 18030)", lists.Big5: "Traditional Chinese (Big5)", lists.EUCKR: "Korean (EUC-KR)",
	}[e]
	if name == "" {
		return string(e)
	}
	return name
}

// LeftOutLine says why a line of a list is about nobody.
func LeftOutLine(l lists.LeftOut) string {
	why := map[lists.Reason]string{
		lists.Version: "is the version of a template", lists.Example: "is the example of a template", lists.Separator: "says what separates the cells",
	}[l.Why]
	if why == "" {
		why = string(l.Why)
	}
	return fmt.Sprintf("Line %d was left out: it %s.", l.Line, why)
}

// saveAs is what to do with a file that is no list.
const saveAs = " Open it in the program that it is of, save it as CSV or as an Excel workbook (.xlsx), and choose that."

// notLists are the kinds of file that are no lists, as a sentence calls them.
var notLists = map[lists.Code]string{
	lists.PDF: "a PDF", lists.OpenDocument: "a spreadsheet of LibreOffice", lists.Numbers: "a spreadsheet of Numbers", lists.BinaryExcel: "a binary workbook of Excel (.xlsb)",
	lists.OldExcel: "a workbook of an old Excel (.xls)", lists.Document: "a document", lists.Archive: "an archive", lists.HTML: "a web page", lists.XML: "XML", lists.JSON: "JSON",
	lists.Image: "a picture", lists.Binary: "no text",
}

// ListRefused says why a file is not read, and what to do.
func ListRefused(r *lists.Refused) string {
	if what, ok := notLists[r.Code]; ok {
		return "The file is " + what + ", which Foyer can’t read as a list." + saveAs
	}
	switch r.Code { //nolint:exhaustive // the others are kinds of file
	case lists.Empty:
		return "There is nothing in the list. Choose a file with people in it, or paste them."
	case lists.TooBig:
		return fmt.Sprintf("The file is larger than %d MB. Take out what isn’t about people, or divide it.", lists.MaxBytes>>20)
	case lists.TooManyRows:
		count := ui.Number(r.Rows)
		if r.More {
			count = "more than " + count
		}
		return fmt.Sprintf("A list can have %s rows at most; this one has %s. Divide it.", ui.Number(lists.MaxRows), count)
	case lists.TooWide:
		return "The list is too wide: there is something in cell " + r.Cell + ". Take out the columns that aren’t about people."
	case lists.TooLong:
		return fmt.Sprintf("Row %d has a cell that is too long, in %s: %s characters are the most.", r.Line, r.Column, ui.Number(lists.MaxCell))
	case lists.BadText:
		return fmt.Sprintf("The text can’t be read as %s: line %d, byte %d, is no letter of it. Choose another way in which its letters are written.", EncodingName(r.Encoding), r.Line, r.Byte)
	case lists.UnknownText:
		return strings.TrimSpace("Foyer can’t read letters that are written as " + EncodingName(r.Encoding) + ". Save the list as CSV in UTF-8.")
	case lists.Encrypted:
		return "The workbook has a password. Save it without one, and choose it again."
	case lists.Damaged:
		return "The workbook is damaged: it can’t be opened. Open it in Excel, save it again, and choose that."
	case lists.Unpacked:
		return "The workbook unpacks to far more than a list has. Copy the people into a new workbook, and choose that."
	case lists.NoSheet:
		return "The workbook has no sheet called “" + r.Sheet + "”."
	case lists.NotCalculated:
		return "Cell " + r.Cell + " has a formula without its result. Open the workbook in Excel, save it, and choose it again."
	}
	return "The file can’t be read as a list (" + string(r.Code) + ")." + saveAs
}
