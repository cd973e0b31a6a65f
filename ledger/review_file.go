package ledger

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// ReviewFileFormat names the form of the file that ReviewFile writes. The ledger has
// the hash of every such file, so that the form of a name never changes: another form
// gets another name, and the writer of this one stays.
const ReviewFileFormat = "review file v1"

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

// ReviewFile writes a finished review as a file, in ReviewFileFormat: CSV in UTF-8
// with a byte order mark, lines ended by CRLF, and no cell that a spreadsheet would
// take for a formula.
type ReviewFile struct {
	head  ReviewHead
	lines *csv.Writer
}

// NewReviewFile begins a file on w.
func NewReviewFile(w io.Writer, head ReviewHead) (*ReviewFile, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	f := &ReviewFile{head: head, lines: csv.NewWriter(w)}
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
		if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
			cells[i] = "'" + cell
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
