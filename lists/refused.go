package lists

// Code says why a file is not read. What people are told of it, package wording says.
type Code string

// The codes.
const (
	Empty         Code = "empty"                // nothing to see in it
	TooBig        Code = "too-big"              // Bytes; more than MaxBytes
	TooManyRows   Code = "too-many-rows"        // Rows; More says that there are more yet
	TooWide       Code = "too-wide"             // Cell stands right of MaxColumns
	TooLong       Code = "too-long"             // Line, Column: a cell of more than MaxCell
	Doubtful      Code = "doubtful-quotes"      // Line: a cell of several lines, or several rows
	BadText       Code = "bad-text"             // Line, Byte: can't be read in Encoding
	UnknownText   Code = "unknown-encoding"     // Encoding: none of those that are known
	PDF           Code = "pdf"                  // a PDF
	OpenDocument  Code = "open-document"        // a spreadsheet of LibreOffice
	Numbers       Code = "numbers"              // a spreadsheet of Numbers
	BinaryExcel   Code = "binary-excel"         // XLSB
	OldExcel      Code = "old-excel"            // XLS, or another of old Office
	Encrypted     Code = "encrypted"            // a workbook with a password
	Document      Code = "document"             // of Word, PowerPoint and others
	Archive       Code = "archive"              // ZIP, GZIP and others
	HTML          Code = "html"                 // a web page
	XML           Code = "xml"                  // XML of any kind
	JSON          Code = "json"                 // JSON
	Image         Code = "image"                // a picture
	Binary        Code = "binary"               // no text, and nothing that is known
	Damaged       Code = "damaged"              // a workbook that can't be read
	Unpacked      Code = "unpacked"             // a workbook that unpacks to far more than a list
	NoSheet       Code = "no-sheet"             // Sheet: there is none of that name
	NotCalculated Code = "formula-uncalculated" // Cell has a formula without its result
)

// Refused is a file that is not read, and what is to be said of it besides its code.
type Refused struct {
	Code     Code
	Bytes    int      // of the file
	Rows     int      // about people
	More     bool     // there are more than Rows
	Line     int      // from 1
	Byte     int      // of the file, from 1
	Column   string   // as people call it
	Cell     string   // as spreadsheets call it: XFD5
	Encoding Encoding // in which the text was read
	Sheet    string
}

// Error says it to programmers.
func (r *Refused) Error() string { return "lists: file refused: " + string(r.Code) }
