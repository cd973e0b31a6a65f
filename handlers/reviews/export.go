package reviews

import (
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/evidence"
	"foyer/handlers/kit"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/review"
	"foyer/views/ui"
)

// Export handles GET /reviews/:id/export.csv.
func (h *Handlers) Export(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	read, err := h.Reviews.People(ctx, a, id, review.ShowAll, 1, 0)
	if err != nil {
		return err
	}
	if read.State() != review.Finished {
		return portal.ErrNotFound
	}
	format, err := review.FileFormat(read.Review, peopleOf(read.Rows))
	if err != nil {
		return err
	}
	name := ledger.ReviewCSV(id)
	if err := h.Activity.RecordExport(ctx, a, auth.Review, name, len(read.Rows)); err != nil {
		return err
	}
	return h.SendFile(c, "text/csv; charset=utf-8", name, func(w io.Writer) error {
		return review.WriteFile(w, format, read.Review, peopleOf(read.Rows))
	})
}

// peopleOf gives the people of rows that are all there already.
func peopleOf(rows []review.Row) iter.Seq2[review.Person, error] {
	return func(yield func(review.Person, error) bool) {
		for _, row := range rows {
			if !yield(row.Person, nil) {
				return
			}
		}
	}
}

// ExportProven handles GET /reviews/:id/export.zip: the same file, with what is
// needed to prove it without Foyer.
func (h *Handlers) ExportProven(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	name := fmt.Sprintf("access-review-%d.zip", id)
	export, err := h.Reviews.Export(ctx, a, id, name)
	if err != nil {
		return err
	}

	r := export.Review
	format, err := review.FileFormat(r, peopleOf(export.Rows))
	if err != nil {
		return err
	}
	archive := &evidence.Archive{Context: ctx, Export: export.ProvenExport, Evidence: evidence.New(h.Kit, ledger.ReviewArchive, "A finished access review", export.ProvenExport, a)}
	archive.Evidence.Filters = []ledger.ManifestFilter{{Filter: "Access review", Value: strconv.FormatInt(id, 10)}, {Filter: "Company", Value: r.Company.Name}, {Filter: "Company id", Value: r.Company.ID}}
	archive.Evidence.Company = &ledger.ManifestCompany{ID: r.Company.ID, Name: r.Company.Name}
	archive.Evidence.Rows = len(export.Rows)
	archive.Evidence.Events = ledger.ReviewLines
	archive.Evidence.Seal = &ledger.ManifestSeal{File: ledger.ReviewCSV(id), Format: string(format), Event: export.Event}
	archive.Readme = reviewReadme(name, r, archive.Evidence)
	archive.Files = []evidence.Part{
		{Name: ledger.ReviewCSV(id), Write: func(w io.Writer) error { return review.WriteFile(w, format, r, peopleOf(export.Rows)) }},
		{Name: ledger.ReviewLines, Write: func(w io.Writer) error {
			_, err := archive.WriteLines(w)
			return err
		}},
	}
	return h.SendFile(c, "application/zip", name, archive.Write)
}

// reviewReadme says what the files are, and how they are checked.
func reviewReadme(name string, r review.Review, e ledger.Manifest) string {
	file := ledger.ReviewCSV(r.ID)
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
		evidence.HowToCheck(name, e.Keys), r.Seal, file, e.Reference)
}
