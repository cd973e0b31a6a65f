package ledger

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ReviewFileFormat names the form of the file that ReviewFile writes. The ledger has
// the hash of every such file, so that the form of a name never changes: another form
// gets another name, and the writer of the older one stays.
type ReviewFileFormat string

// The forms: CSV in UTF-8 with a byte order mark, and lines ended by CRLF. In both a
// cell that a spreadsheet would take for a formula has an apostrophe before it. In the
// second one that holds whichever separator the spreadsheet takes, and for numbers that
// it would round; and no control character is in it.
const (
	ReviewFileV1 ReviewFileFormat = "review file v1"
	ReviewFileV2 ReviewFileFormat = "review file v2" // of what is finished now
)

// ReviewHead is what every line of a review's file says of the review.
type ReviewHead struct {
	ID         int64
	Company    Company
	Due        time.Time // a day
	Confirms   string
	FinishedAt time.Time
	FinishedBy string
}

// ReviewLine is one person of a review, with what was decided.
type ReviewLine struct {
	Name, Email, Title, Department string
	UserID                         string
	SymphonyUserID                 int64     // zero: not known
	CreatedAt                      time.Time // zero: not known
	Status                         string
	StatusAt                       time.Time // zero: never told
	Decisions                      []ReviewDecision
}

// ReviewDecision is one decision about a person.
type ReviewDecision struct {
	Decision    string
	By, ByEmail string
	At          time.Time
}

// ReviewFile writes a finished review as a file.
type ReviewFile struct {
	format ReviewFileFormat
	head   ReviewHead
	lines  *csv.Writer
}

// NewReviewFile begins a file on w.
func NewReviewFile(w io.Writer, format ReviewFileFormat, head ReviewHead) (*ReviewFile, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	f := &ReviewFile{format: format, head: head, lines: csv.NewWriter(w)}
	f.lines.UseCRLF = true
	return f, f.lines.Write([]string{
		"Review", "Company", "Company id", "Due", "Who confirms", "Finished", "Finished by",
		"Name", "E-mail", "Title", "Department", "User id", "Symphony id", "Created", "Status", "Status read",
		"Decision", "Decided by", "Decided by e-mail", "Decided", "Earlier decisions",
	})
}

// Write writes the next person. Of the decisions the last one counts.
func (f *ReviewFile) Write(l ReviewLine) error {
	var earlier []ReviewDecision
	var last ReviewDecision
	if n := len(l.Decisions); n > 0 {
		earlier, last = l.Decisions[:n-1], l.Decisions[n-1]
	}
	words := make([]string, len(earlier))
	for i, d := range earlier {
		words[i] = d.Decision + " by " + d.By + ", " + reviewTime(d.At)
	}
	symphonyID := ""
	if l.SymphonyUserID != 0 {
		symphonyID = strconv.FormatInt(l.SymphonyUserID, 10)
	}
	h := f.head
	cells := []string{
		strconv.FormatInt(h.ID, 10), h.Company.Name, h.Company.ID, h.Due.Format(time.DateOnly), h.Confirms, reviewTime(h.FinishedAt), h.FinishedBy,
		l.Name, l.Email, l.Title, l.Department, l.UserID, symphonyID, reviewTime(l.CreatedAt), l.Status, reviewTime(l.StatusAt),
		last.Decision, last.By, last.ByEmail, reviewTime(last.At), strings.Join(words, "; "),
	}
	for i, cell := range cells {
		if f.format == ReviewFileV1 {
			cells[i] = inertV1(cell)
		} else {
			cells[i] = inertV2(cell)
		}
	}
	return f.lines.Write(cells)
}

// Close writes what is left. It doesn't close the writer beneath.
func (f *ReviewFile) Close() error {
	f.lines.Flush()
	return f.lines.Error()
}

func reviewTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04:05 UTC")
}

func inertV1(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

var newLines = strings.NewReplacer("\r\n", "\n", "\r", "\n") // once: a file has many cells

// inertV2 is what other files for spreadsheets have too, and stays when they change.
func inertV2(cell string) string {
	const digits = 15 // that spreadsheets keep of a number
	cell = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, newLines.Replace(strings.ToValidUTF8(cell, "\ufffd")))
	if len(cell) > digits && strings.Trim(cell, "0123456789") == "" {
		return "'" + cell
	}
	var b strings.Builder
	begins := true
	for _, r := range cell {
		switch {
		case strings.ContainsRune(";\t\n", r):
			begins = true
		case begins && strings.ContainsRune("=+-@＝＋－＠", r):
			b.WriteByte('\'')
			begins = false
		case r != '"' && !unicode.IsSpace(r):
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
