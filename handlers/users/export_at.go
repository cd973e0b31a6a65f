package users

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/evidence"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views/ui"
)

// ExportAt handles GET /companies/:id/users/at.csv: everybody whom the company
// has or had.
func (h *Handlers) ExportAt(c echo.Context) error {
	at, err := h.exportTime(c)
	if err != nil {
		return err
	}
	export, err := h.Directory.ExportStatusAt(c.Request().Context(), kit.Actor(c), kit.CompanyID(c), at)
	if err != nil {
		return pastProblem(err)
	}
	name := "people-at-" + kit.FileMoment(at) + ".csv"
	return h.SendCSV(c, name, pastColumns, pastCells(export, func(directory.PastUser) error { return nil }))
}

// exportTime reads the time of which a file is asked for.
func (h *Handlers) exportTime(c echo.Context) (time.Time, error) {
	at, problem := parsePast(c.QueryParam("at"), h.Now())
	if at.IsZero() && problem == "" {
		problem = notATime
	}
	if problem != "" {
		return time.Time{}, kit.BadRequest("%s", problem)
	}
	return at, nil
}

// pastProblem says of a time that can't be what is wrong with it.
func pastProblem(err error) error {
	if invalid, ok := errors.AsType[*portal.Invalid](err); ok {
		return kit.BadRequest("%s", wording.FieldWords(invalid.Fields[0]))
	}
	return err
}

// The files of people in an export with evidence.
const (
	exportPeopleCSV   = "people.csv"
	exportPeopleLines = "people.jsonl"
	exportEventLines  = "events.jsonl"
)

// ExportAtProven handles GET /companies/:id/users/at.zip: the same people as the file
// for spreadsheets, with evidence.
func (h *Handlers) ExportAtProven(c echo.Context) error {
	at, err := h.exportTime(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	export, err := h.Directory.ExportProvenStatusAt(ctx, a, kit.CompanyID(c), at)
	if err != nil {
		return pastProblem(err)
	}
	archive := &evidence.Archive{Context: ctx, Export: export.ProvenExport, Evidence: evidence.New(h.Kit, "Who of a company could sign in at a time, as Foyer knows it", export.ProvenExport, a)}
	statuses, e := export.Statuses, &archive.Evidence
	e.Company = &evidence.Company{ID: statuses.Company.ID, Name: statuses.Company.Name}
	e.StatusAt, e.Since, e.ListedAt = statuses.At, statuses.Since, statuses.ReadAt
	e.Filters, e.Query = []evidence.Filter{{Filter: "Company", Value: statuses.Company.Name}, {Filter: "Status at", Value: ui.UTC(statuses.At)}}, "at="+atParam(at)
	name := "people-" + kit.FileMoment(export.Signed.At) + ".zip"
	e.Events = exportEventLines
	archive.Readme = peopleReadme(name, *e)
	// The people are read once, for both files: who is read meanwhile for somebody
	// else would be in one of them as they were, and in the other as they are.
	var lines bytes.Buffer
	archive.Files = []evidence.Part{
		{Name: exportPeopleCSV, Write: func(w io.Writer) error {
			return kit.WriteCSV(w, pastColumns, pastCells(statuses, func(u directory.PastUser) error {
				e.Rows++
				return json.NewEncoder(&lines).Encode(newPersonLine(statuses, u))
			}))
		}},
		{Name: exportPeopleLines, Write: func(w io.Writer) error {
			_, err := lines.WriteTo(w)
			return err
		}},
		{Name: exportEventLines, Write: func(w io.Writer) error {
			_, err := archive.WriteLines(w)
			return err
		}},
	}
	return h.SendFile(c, "application/zip", name, archive.Write)
}

// personLine is one person of a company as of a time, as a line of JSON.
type personLine struct {
	CompanyID  string    `json:"companyId"`
	UserID     string    `json:"userId"`
	SymphonyID string    `json:"symphonyId,omitempty"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	At         time.Time `json:"at"`
	Status     string    `json:"status"`
	KnownBy    string    `json:"knownBy"`
	KnownFrom  string    `json:"knownFrom"`
	Before     *factLine `json:"before,omitempty"`
	After      *factLine `json:"after,omitempty"`
	Since      time.Time `json:"watchedSince,omitzero"`
	CreatedAt  time.Time `json:"createdAt,omitzero"`
	Listed     bool      `json:"listedNow"`
}

// factLine is a moment at which the status was known.
type factLine struct {
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Event  int64     `json:"event,omitempty"` // of the ledger, when Foyer itself changed the status; else it was read
}

func newPersonLine(e directory.StatusExport, u directory.PastUser) personLine {
	return personLine{
		CompanyID: e.Company.ID, UserID: u.ID, SymphonyID: wording.SymphonyID(u.SymphonyUserID), Name: portal.UserName(u.User), Email: u.Email,
		At: e.At, Status: pastWord(u.Past), KnownBy: string(u.Past.How), KnownFrom: whyPast(u.Past, u.CreatedAt),
		Before: newFactLine(u.Past.Before), After: newFactLine(u.Past.After), Since: u.Past.Since, CreatedAt: u.CreatedAt, Listed: u.Listed,
	}
}

func newFactLine(f directory.StatusFact) *factLine {
	if f.At.IsZero() {
		return nil
	}
	return &factLine{f.At, f.Status.String(), f.Event}
}

var pastColumns = []string{
	"Company", "Company id", "As of (UTC)", "Person", "E-mail", "User id", "Symphony id", "Status then", "Known by", "Known from", "Event",
	"Known before (UTC)", "Status before", "Known after (UTC)", "Status after", "Person watched since (UTC)", "Company watched since (UTC)",
	"Created (UTC)", "Listed by Symphony now", "Listed at (UTC)",
}

// pastCells gives people as lines of a spreadsheet, each after it was noted.
func pastCells(e directory.StatusExport, note func(directory.PastUser) error) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for u, err := range e.Rows {
			if err == nil {
				err = note(u)
			}
			if !yield(pastRow(e, u), err) || err != nil {
				return
			}
		}
	}
}

func pastRow(e directory.StatusExport, u directory.PastUser) []string {
	listed, event := "no", ""
	if u.Listed {
		listed = "yes"
	}
	if seq := eventOf(u.Past); seq != 0 {
		event = strconv.FormatInt(seq, 10)
	}
	return []string{
		e.Company.Name, e.Company.ID, kit.Stamp(e.At), portal.UserName(u.User), u.Email, u.ID, wording.SymphonyID(u.SymphonyUserID), pastWord(u.Past), string(u.Past.How), whyPast(u.Past, u.CreatedAt), event,
		kit.Stamp(u.Past.Before.At), factStatus(u.Past.Before), kit.Stamp(u.Past.After.At), factStatus(u.Past.After), kit.Stamp(u.Past.Since), kit.Stamp(e.Since),
		kit.Stamp(u.CreatedAt), listed, kit.Stamp(e.ReadAt),
	}
}

// pastWord is the status then in a word.
func pastWord(p directory.PastStatus) string {
	if p.How == directory.NotCreated {
		return string(directory.NotCreated)
	}
	return p.Status.String()
}

func factStatus(f directory.StatusFact) string {
	if f.At.IsZero() {
		return ""
	}
	return f.Status.String()
}

// peopleReadme says what the files are, and how they are checked.
func peopleReadme(name string, e evidence.File) string {
	watched := "Foyer has not observed anybody’s status there yet"
	if !e.Since.IsZero() {
		watched = "Foyer has been watching them since " + ui.UTC(e.Since)
	}
	return fmt.Sprintf(`Who could sign in, with evidence
================================

%s: the people of %s
as of %s, from what Foyer observed and did.
%s.

  people.csv      everybody whom the company has or had, for people and
                  spreadsheets: the status then; whether it was observed or
                  inferred, from what; or why it isn't known
  people.jsonl    the same, for programs
  events.jsonl    what Foyer itself changed, where a status follows from it: of
                  each event the very bytes that were recorded, and the proof
                  that the signed ledger holds them
%s
What Symphony told when it was read is not part of the ledger: for that there is
this Foyer's word. What the ledger proves is that Foyer gave exactly these files:
it holds the SHA-256 of every one of them, in its record of this export. Search
the activity for the reference %s, and verify the ledger.
`, e.Environment, e.Company.Name, ui.UTC(e.StatusAt), watched,
		evidence.HowToCheck(name, e.Keys), e.Reference)
}
