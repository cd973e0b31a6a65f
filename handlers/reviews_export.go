package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/review"
	"foyer/views/ui"
)

// reviewFile is what the file with a finished review is called.
func reviewFile(id int64) string { return fmt.Sprintf("access-review-%d.csv", id) }

// export handles GET /reviews/:id/export.csv.
func (h *reviews) export(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), h.actor(c)
	read, err := h.Reviews.People(ctx, a, id, review.ShowAll, 1, 0)
	if err != nil {
		return err
	}
	if read.State() != review.Finished {
		return portal.ErrNotFound
	}
	people := make([]review.Person, len(read.Rows))
	for i, row := range read.Rows {
		people[i] = row.Person
	}
	name := reviewFile(id)
	if err := h.Activity.RecordExport(ctx, a, auth.Review, name, len(people)); err != nil {
		return err
	}
	return h.sendCSV(c, name, reviewColumns, whole(reviewCells(read.Review, people)))
}

// reviewLines is the file with the event by which a review was finished, and its
// proof.
const reviewLines = "finished.jsonl"

// exportProven handles GET /reviews/:id/export.zip: the same file, with what is
// needed to prove it without Foyer.
func (h *reviews) exportProven(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), h.actor(c)
	name := fmt.Sprintf("access-review-%d.zip", id)
	export, err := h.Reviews.Export(ctx, a, id, name)
	if err != nil {
		return err
	}

	r := export.Review
	archive := &provenArchive{ctx: ctx, export: export.ProvenExport, evidence: h.newEvidence("A finished access review", export.ProvenExport, a)}
	archive.evidence.Filters = []evidenceFilter{{"Access review", strconv.FormatInt(id, 10)}, {"Company", r.Company.Name}, {"Company id", r.Company.ID}}
	archive.evidence.Rows = len(export.People)
	archive.evidence.Events = reviewLines
	archive.evidence.Seal = &ledger.ManifestSeal{File: reviewFile(id), Event: export.Event}
	archive.readme = reviewReadme(name, r, archive.evidence)
	archive.files = []archiveFile{
		{reviewFile(id), func(w io.Writer) error { return writeCSV(w, reviewColumns, whole(reviewCells(r, export.People))) }},
		{reviewLines, func(w io.Writer) error {
			_, err := archive.writeLines(w)
			return err
		}},
	}
	return h.sendFile(c, "application/zip", name, archive.write)
}

// reviewReadme says what the files are, and how they are checked.
func reviewReadme(name string, r review.Review, e evidenceFile) string {
	file := reviewFile(r.ID)
	return fmt.Sprintf(`An access review, with evidence
===============================

%s: access review %d of %s,
finished at %s by %s.

  %s
                  everybody whom the review was about, and of each what was
                  decided, by whom and when
  finished.jsonl  event %d of the ledger, by which the review was finished: the
                  very bytes that were recorded, and the proof that the signed
                  ledger holds them
%s
The event has the SHA-256 of the file with the people, which sha256sum prints, too:

  %s  %s

It proves that the review was finished as it stands here, under this number. It
doesn't prove that what was decided is right, or was done. The ledger holds the
SHA-256 of every file here, in its record of this export: search the activity for
the reference %s.
`, e.Environment, r.ID, r.Company.Name, ui.UTC(r.FinishedAt), r.FinishedBy.Name, file, e.Seal.Event,
		howToCheck(name, e.Keys), r.Seal, file, e.Reference)
}

// reviewColumns and reviewCells are the form of a finished review's file. It stays
// as it is for ever: the ledger has the hash of the file.
var reviewColumns = []string{
	"Review", "Company", "Company id", "Due", "Who confirms", "Finished", "Finished by",
	"Name", "E-mail", "Title", "Department", "User id", "Symphony id", "Created", "Status", "Status read",
	"Decision", "Decided by", "Decided by e-mail", "Decided", "Earlier decisions",
}

func reviewCells(r review.Review, people []review.Person) [][]string {
	cells := make([][]string, len(people))
	for i, p := range people {
		last := p.Last()
		cells[i] = []string{
			strconv.FormatInt(r.ID, 10), r.Company.Name, r.Company.ID, r.Due.Format(time.DateOnly), r.Confirms, ui.UTC(r.FinishedAt), r.FinishedBy.Name,
			p.Name, p.Email, p.Title, p.Department, p.UserID, idText(p.SymphonyUserID), utcOrNothing(p.CreatedAt), p.Status.String(), utcOrNothing(p.StatusAt),
			string(last.Decision), last.By.Name, last.By.Email, ui.UTC(last.At), strings.TrimPrefix(earlierDecisions(p), "before: "),
		}
	}
	return cells
}

// sealReview is the SHA-256 of the file that export sends.
func sealReview(r review.Review, people []review.Person) string {
	hash := sha256.New()
	_ = writeCSV(hash, reviewColumns, whole(reviewCells(r, people))) // a hash takes whatever it is given
	return hex.EncodeToString(hash.Sum(nil))
}
