package handlers

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/labstack/echo/v4"

	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/views"
	"foyer/views/ui"
)

// The files of the activity's export with evidence, beside those of every one.
const (
	exportCSV   = "activity.csv"
	exportLines = "activity.jsonl"
)

// exportProven handles GET /audit.zip: what the list with the same query shows,
// all of its pages, with what is needed to prove it without Foyer.
func (h *activityPages) exportProven(c echo.Context) error {
	q, filter, problems := readActivityFilter(c.QueryParams())
	if problems.Any() {
		return badRequest("One of the filters can’t be: %s", problems[0].Message)
	}
	ctx, a := c.Request().Context(), actor(c)
	export, err := h.Activity.ExportProven(ctx, a, filter, views.WithQuery("audit.zip", q))
	if err != nil {
		return err
	}

	archive := &provenArchive{ctx: ctx, export: export, evidence: newEvidence(h.Kit, "Events of Foyer’s ledger, newest first", export, a)}
	archive.evidence.Query = q.Encode()
	for _, chip := range activityChips(q) {
		archive.evidence.Filters = append(archive.evidence.Filters, evidenceFilter{chip.Label, chip.Value})
	}
	name := fmt.Sprintf("activity-%s.zip", export.Signed.At.UTC().Format("20060102-150405"))
	archive.evidence.Events = exportLines
	archive.readme = activityReadme(name, archive.evidence)
	archive.files = []archiveFile{
		{exportCSV, func(w io.Writer) error { return writeCSV(w, eventColumns, provenCells(ctx, export)) }},
		{exportLines, func(w io.Writer) (err error) {
			archive.evidence.Rows, err = archive.writeLines(w)
			return err
		}},
	}
	return h.sendFile(c, "application/zip", name, archive.write)
}

// provenCells gives the events of an export as lines of a spreadsheet.
func provenCells(ctx context.Context, export *activity.ProvenExport) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for evidence, err := range export.Events(ctx) {
			var e ledger.Event
			if err == nil {
				e, err = evidence.Record().Event()
			}
			if !yield(eventCells(e), err) || err != nil {
				return
			}
		}
	}
}

// activityReadme says what the files are, and how they are checked.
func activityReadme(name string, e evidenceFile) string {
	return fmt.Sprintf(`What Foyer recorded, with evidence
==================================

%s as of %s: the first %s of the ledger, filtered as evidence.json says.

  activity.csv    the events for people and spreadsheets, newest first
  activity.jsonl  the same events: each the very bytes that were recorded, and
                  the proof that the signed ledger holds them
%s
It proves that each event was recorded as it stands here, under its number. It
doesn't prove that no event is missing: for that the ledger itself is verified,
against a checkpoint that somebody else kept. activity.csv has no proofs of its
own; activity.jsonl has. The ledger holds the SHA-256 of every file here, in its
record of this export: search the activity for the reference %s.
`, e.Environment, ui.UTC(e.AsOf), ui.Count(int(e.Through), "event", "events"),
		howToCheck(name, e.Keys), e.Reference)
}
