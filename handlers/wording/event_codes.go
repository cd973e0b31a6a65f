package wording

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/portal/bulk"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/views/ui"
)

// eventCodeWords say what the code of an event tells that is no change's; empty for
// other codes.
func eventCodeWords(e ledger.Event) string {
	switch ledger.Code(e.Code) {
	case ledger.CompanyBuilt:
		return "Symphony finished building the company: people can be added."
	case ledger.CompanyNotBuilt:
		return strings.TrimSpace("Symphony could not build the company. " + e.Note)
	case ledger.CompanyOddState:
		var after struct{ State string }
		_ = json.Unmarshal(e.After, &after) // no values are no state
		return "Symphony reports a state that Foyer doesn’t know: " + cmp.Or(after.State, erased)
	case ledger.CompanyBuildsAgain:
		return "Symphony says that it is building the company again. People can’t be added meanwhile."
	case ledger.AllSessions:
		return "All sessions that this person had."
	case ledger.BackChannelLogout:
		return "The identity provider said that this person has signed out."
	case ledger.StatusAt:
		return "status of the company’s people at " + cmp.Or(e.Note, erased)
	case ledger.StatusAtProven:
		return "status of the company’s people at " + cmp.Or(e.Note, erased) + ", with proofs"
	case ledger.OtherLedger, ledger.EventsLost, ledger.EventsDiffer, ledger.NoAnchor:
		return restoredNote(e)
	case ledger.FromAnotherSite:
		return "Another site’s page had the browser send a form to Foyer. Nothing was changed."
	case ledger.KeyNotReplaced:
		return "The key file could not be replaced."
	}
	return ""
}

// restoredNote says what was wrong with a ledger that an operator went on with.
func restoredNote(e ledger.Event) string {
	var held, is struct {
		Events   int64
		SignedAt time.Time
	}
	const words = "The ledger does not continue the checkpoint"
	switch code := ledger.Code(e.Code); {
	case code == ledger.OtherLedger:
		return words + ": it is another ledger’s."
	case code == ledger.NoAnchor:
		return "There was no anchor beside the key that confirms what was signed before. All of the ledger was verified, and the anchor begins here."
	case json.Unmarshal(e.Before, &held) != nil || json.Unmarshal(e.After, &is) != nil:
		return words + "." // erased
	case code == ledger.EventsLost:
		return fmt.Sprintf("%s: it has %d events, and %d were signed at %s.", words, is.Events, held.Events, inSeconds(held.SignedAt))
	}
	return fmt.Sprintf("%s: its first %d events are not those that were signed at %s.", words, held.Events, inSeconds(held.SignedAt))
}

// besidesNote says what was erased on legal order besides events.
func besidesNote(e ledger.Event) string {
	var besides struct{ Changes, People, Sessions, Notes, Reviews int }
	_ = json.Unmarshal(e.After, &besides) // no values are nothing besides
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{besides.Changes, "change", "changes"},
		{besides.People, "person as last read", "people as last read"},
		{besides.Sessions, "session", "sessions"},
		{besides.Notes, "note", "notes"},
		{besides.Reviews, "review", "reviews"},
	} {
		if part.n > 0 {
			parts = append(parts, ui.Count(part.n, part.one, part.many))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Erased besides: " + strings.Join(parts, ", ") + "."
}

// PersonNote is what an event says of one person: Symphony's code, what was decided
// of them before, or what older events have in words.
func PersonNote(action ledger.Action, note string) string {
	switch code := sapi.Code(note); code {
	case sapi.CodeEmailNotAllowed, sapi.CodeEmailTaken, sapi.CodeCompanyUnavailable, sapi.CodeDomainTaken, sapi.CodeUserNotFound:
		return RefusalWords(code, "")
	}
	if action == ledger.BulkRows {
		return bulkCode(bulk.Code(note))
	}
	if _, decided := DecisionWords[review.Decision(note)]; decided && action == ledger.DecideReview {
		return "before: " + note
	}
	return note
}
