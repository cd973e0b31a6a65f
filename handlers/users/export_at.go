package users

import (
	"bytes"
	"cmp"
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
	"foyer/ledger"
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
	return h.SendCSV(c, name, PeopleColumns, pastCells(export, func(directory.PastUser) error { return nil }))
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
	archive := &evidence.Archive{Context: ctx, Export: export.ProvenExport, Evidence: evidence.New(h.Kit, ledger.PeopleArchive, "Who of a company could sign in at a time, as Foyer knows it", export.ProvenExport, a)}
	statuses, e := export.Statuses, &archive.Evidence
	e.Company = &ledger.ManifestCompany{ID: statuses.Company.ID, Name: statuses.Company.Name}
	e.StatusAt, e.Since, e.ListedAt = statuses.At, statuses.Since, statuses.ReadAt
	e.Filters, e.Query = []ledger.ManifestFilter{{Filter: "Company", Value: statuses.Company.Name}, {Filter: "Status at", Value: ui.UTC(statuses.At)}}, "at="+atParam(at)
	name := "people-" + kit.FileMoment(export.Signed.At) + ".zip"
	e.Events = ledger.PeopleEvents
	archive.Readme = peopleReadme(name, *e)
	// The people are read once, for both files: who is read meanwhile for somebody
	// else would be in one of them as they were, and in the other as they are.
	var lines bytes.Buffer
	archive.Files = []evidence.Part{
		{Name: ledger.PeopleCSV, Write: func(w io.Writer) error {
			return kit.WriteCSV(w, PeopleColumns, pastCells(statuses, func(u directory.PastUser) error {
				e.Rows++
				line, err := newPersonLine(statuses, u).Encode()
				lines.Write(line)
				return err
			}))
		}},
		{Name: ledger.PeopleLines, Write: func(w io.Writer) error {
			_, err := lines.WriteTo(w)
			return err
		}},
		{Name: ledger.PeopleEvents, Write: func(w io.Writer) error {
			_, err := archive.WriteLines(w)
			return err
		}},
	}
	return h.SendFile(c, "application/zip", name, archive.Write)
}

func newPersonLine(e directory.StatusExport, u directory.PastUser) ledger.PersonLine {
	return ledger.PersonLine{
		CompanyID: e.Company.ID, UserID: u.ID, SymphonyID: wording.SymphonyID(u.SymphonyUserID), Name: portal.UserName(u.User), Email: u.Email,
		At: e.At, Status: pastWord(u.Past), KnownBy: string(u.Past.How), KnownFrom: whyPast(u.Past, u.CreatedAt),
		Before: newFactLine(u.Past.Before), After: newFactLine(u.Past.After), Since: u.Past.Since, CreatedAt: u.CreatedAt, Listed: u.Listed,
	}
}

func newFactLine(f directory.StatusFact) *ledger.FactLine {
	if f.At.IsZero() {
		return nil
	}
	return &ledger.FactLine{At: f.At, Status: f.Status.String(), Event: f.Event}
}

// PeopleColumns is the heading of a file of people as of a time for spreadsheets.
var PeopleColumns = []string{
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
	return peopleCells(e.Company.Name, e.Since, e.ReadAt, newPersonLine(e, u))
}

// PeopleCells is one person of an archive as a line of a file.
func PeopleCells(m ledger.Manifest, l ledger.PersonLine) []string {
	return peopleCells(m.Company.Name, m.Since, m.ListedAt, l)
}

// peopleCells is what a person's line says, with what it doesn't: the company's name, since
// when Foyer watches it, and when Symphony was asked who is in it.
func peopleCells(company string, since, listedAt time.Time, l ledger.PersonLine) []string {
	before, after := cmp.Or(l.Before, &ledger.FactLine{}), cmp.Or(l.After, &ledger.FactLine{})
	listed, event := "no", ""
	if l.Listed {
		listed = "yes"
	}
	if seq := cmp.Or(before.Event, after.Event); seq != 0 {
		event = strconv.FormatInt(seq, 10)
	}
	return []string{
		company, l.CompanyID, kit.Stamp(l.At), l.Name, l.Email, l.UserID, l.SymphonyID, l.Status, l.KnownBy, l.KnownFrom, event,
		kit.Stamp(before.At), before.Status, kit.Stamp(after.At), after.Status, kit.Stamp(l.Since), kit.Stamp(since),
		kit.Stamp(l.CreatedAt), listed, kit.Stamp(listedAt),
	}
}

// pastWord is the status then in a word.
func pastWord(p directory.PastStatus) string {
	if p.How == directory.NotCreated {
		return string(directory.NotCreated)
	}
	return p.Status.String()
}

// peopleReadme says what the files are, and how they are checked.
func peopleReadme(name string, e ledger.Manifest) string {
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
this Foyer's word, which it has signed (signature.txt). What the ledger proves is
that Foyer gave exactly these files: it holds the SHA-256 of every one of them, in
its record of this export. Search the activity for the reference %s, and verify
the ledger.
`, e.Environment, e.Company.Name, ui.UTC(e.StatusAt), watched,
		evidence.HowToCheck(name, e.Keys), e.Reference)
}
