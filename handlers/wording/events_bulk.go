package wording

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/portal/bulk"
	"foyer/views"
	"foyer/views/ui"
)

// isBulk says whether an action is one of bulk changes.
func isBulk(a ledger.Action) bool { return strings.HasPrefix(string(a), "bulk.") }

// bulkNote names the bulk change that an event belongs to, before what it tells besides.
func bulkNote(e ledger.Event, words string) views.EventNote {
	id := e.Bulk()
	if id == 0 {
		return views.EventNote{Text: words}
	}
	if words != "" {
		words = ": " + words
	}
	return views.EventNote{Link: ui.Link{Label: BulkName(id), Href: views.BulkChangePath(id)}, Text: words}
}

// bulkNoteWords say what an event of a bulk change tells.
func bulkNoteWords(e ledger.Event) string {
	if e.Action == ledger.StartBulk && e.Outcome == ledger.Failed && e.Code == bulkStale {
		return "Something had changed since it was planned. Nothing was sent."
	}
	if e.Action == ledger.DiscardBulk && e.Code == bulk.Unused {
		return fmt.Sprintf("Nobody had used it for %d days. What was in its rows is erased.", int(bulk.UnusedFor.Hours())/24)
	}
	if e.Action == ledger.EditBulk {
		var counts map[string]string
		_ = json.Unmarshal(e.After, &counts) // no values are nothing to count
		return joined(bulkEdits[bulk.EditCode(e.Code)], e.Note, bulkRows(counts))
	}
	if title, _ := BulkWait(bulk.Waiting{Code: bulk.WaitCode(e.Code)}, e.At); title != "" && title != e.Code {
		return title
	}
	var counts map[string]string
	_ = json.Unmarshal(e.After, &counts) // no values are nothing to count
	switch e.Action {                    //nolint:exhaustive // the others tell no more than the kind
	case ledger.UploadBulk:
		return joined(bulkKindOf(e), e.Note, bulkRows(counts))
	case ledger.PrecheckBulk:
		return joined(bulkKindOf(e), bulkRows(counts))
	case ledger.StartBulk, ledger.ScheduleBulk:
		return joined(bulkKindOf(e), bulkCount(counts, "create", "to create"), bulkCount(counts, "enable", "to enable"), bulkCount(counts, "disable", "to disable"), bulkStartsAt(e.Action, counts))
	case ledger.EndBulk:
		parts := []string{bulkKindOf(e)}
		for _, state := range bulk.RowStates() {
			parts = append(parts, bulkCount(counts, string(state), bulkTallied(state)))
		}
		return joined(parts...)
	}
	return joined(bulkKindOf(e))
}

// bulkEdits say what was changed in a list.
var bulkEdits = map[bulk.EditCode]string{
	bulk.EditList:     "Another list in place of the one before",
	bulk.EditColumns:  "What the columns are",
	bulk.EditLetters:  "The letters are right",
	bulk.EditCells:    "The cells of a row",
	bulk.EditMended:   "What nobody sees was taken out",
	bulk.EditDomain:   "Another domain in the addresses that had a misspelt one",
	bulk.EditDecision: "Who is left out, and who isn’t",
	bulk.EditDisabled: "Whether those who are disabled are enabled",
}

// bulkStale is the code of a start that was called off because something differed.
const bulkStale = "stale-plan"

func bulkKindOf(e ledger.Event) string {
	if words := BulkKind(bulk.Kind(e.Code)); words.Hint != "" {
		return words.Name
	}
	return ""
}

// bulkCount writes one of an event's counts, or nothing where it is none.
func bulkCount(counts map[string]string, key, what string) string {
	n, err := strconv.Atoi(counts[key])
	if err != nil || n == 0 {
		return ""
	}
	return ui.Number(n) + " " + what
}

// bulkStartsAt says for when a bulk change was scheduled; empty of one that was started.
func bulkStartsAt(action ledger.Action, values map[string]string) string {
	at, err := time.Parse(time.RFC3339, values["at"])
	if action != ledger.ScheduleBulk || err != nil {
		return ""
	}
	return "at " + BulkAt(at, values["zone"])
}

// bulkRows writes how many rows an event is about.
func bulkRows(counts map[string]string) string {
	if counts["rows"] == "1" {
		return "1 row"
	}
	return bulkCount(counts, "rows", "rows")
}

// joined puts what there is of parts into a sentence.
func joined(parts ...string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	if len(there) == 0 {
		return ""
	}
	return strings.Join(there, ", ") + "."
}
