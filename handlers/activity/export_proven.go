package activity

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/labstack/echo/v4"

	"foyer/handlers/evidence"
	"foyer/handlers/kit"
	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/views"
	"foyer/views/ui"
)

// ExportProven handles GET /audit.zip: what the list with the same query shows,
// all of its pages, and the calls of bulk changes, which the list may leave out, with what
// is needed to prove it without Foyer.
func (h *Handlers) ExportProven(c echo.Context) error {
	q, filter, problems := readActivityFilter(c.QueryParams())
	if problems.Any() {
		return kit.BadRequest("One of the filters can’t be: %s", problems[0].Message)
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	export, err := h.Activity.ExportProven(ctx, a, filter, views.WithQuery("audit.zip", q))
	if err != nil {
		return err
	}

	archive := &evidence.Archive{Context: ctx, Export: export, Evidence: evidence.New(h.Kit, ledger.ActivityArchive, "Events of Foyer’s ledger, newest first", export, a)}
	archive.Evidence.Query = q.Encode()
	for _, chip := range activityChips(q) {
		archive.Evidence.Filters = append(archive.Evidence.Filters, ledger.ManifestFilter{Filter: chip.Label, Value: chip.Value})
	}
	name := "activity-" + kit.FileMoment(export.Signed.At) + ".zip"
	archive.Evidence.Events = ledger.ActivityLines
	archive.Readme = activityReadme(name, archive.Evidence)
	archive.Files = []evidence.Part{
		{Name: ledger.ActivityCSV, Write: func(w io.Writer) error { return kit.WriteCSV(w, EventColumns, provenCells(ctx, export)) }},
		{Name: ledger.ActivityLines, Write: func(w io.Writer) (err error) {
			archive.Evidence.Rows, err = archive.WriteLines(w)
			return err
		}},
	}
	return h.SendFile(c, "application/zip", name, archive.Write)
}

// provenCells gives the events of an export as lines of a spreadsheet.
func provenCells(ctx context.Context, export *activity.ProvenExport) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for evidence, err := range export.Events(ctx) {
			var e ledger.Event
			if err == nil {
				e, err = evidence.Record().Event()
			}
			if !yield(EventCells(e), err) || err != nil {
				return
			}
		}
	}
}

// activityReadme says what the files are, and how they are checked.
func activityReadme(name string, e ledger.Manifest) string {
	return fmt.Sprintf(`What Foyer recorded, with evidence
==================================

%s as of %s: the first %s of the ledger, filtered as evidence.json says.

  activity.csv    the events for people and spreadsheets, newest first
  activity.jsonl  the same events: each the very bytes that were recorded, and
                  the proof that the signed ledger holds them
%s
It proves that each event was recorded as it stands here, under its number, and
that activity.csv says what these events say. What evidence.json says is this
Foyer's signed word. None of it proves that no event is missing: for that the
ledger itself is verified, against a checkpoint that somebody else kept. The ledger
holds the SHA-256 of every file here, in its record of this export: search the
activity for the reference %s.
`, e.Environment, ui.UTC(e.AsOf), ui.Count(int(e.Through), "event", "events"),
		evidence.HowToCheck(name, e.Keys), e.Reference)
}
