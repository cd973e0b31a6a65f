package directory

import (
	"slices"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// outsideEvents are the events of the statuses that somebody else than Foyer
// changed. requestID is of whoever had Symphony read.
func outsideEvents(company ledger.Company, requestID string, readings []StatusReading) []ledger.Event {
	var events []ledger.Event
	for _, r := range readings {
		if was, changed := ChangedOutside(r); changed {
			events = append(events, outsideEvent(company, requestID, r, was))
		}
	}
	return events
}

// ChangedOutside says whether a reading tells of a change of status that Foyer
// did not make; was is what was known before. A change of Foyer's own that may
// have taken effect since then, a lost one and one under way included, is reason
// enough not to say so.
func ChangedOutside(r StatusReading) (was StatusFact, changed bool) {
	was = StatusFact{At: r.Last.Last, Status: r.Last.Status}
	own := ownChanges(r.Events)
	for _, c := range own {
		if c.verdict == applied && c.ended.After(was.At) && !c.ended.After(r.ReadAt) {
			was = StatusFact{At: c.ended, Status: c.wanted, Event: c.event}
		}
	}
	return was, was.Status != r.Status && !slices.ContainsFunc(own, func(c ownChange) bool { return c.mayExplain(was.At, r.Status) })
}

func outsideEvent(company ledger.Company, requestID string, r StatusReading, was StatusFact) ledger.Event {
	before, after := was.Status.String(), r.Status.String()
	known := "readAt"
	if was.Event != 0 {
		known = "changedAt"
	}
	return ledger.Event{
		Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Actor: auth.System("watch", requestID), Company: company,
		Users:  []ledger.User{{ID: r.ID, Email: r.Email, Name: r.DisplayName}},
		Before: portal.Values("status", before, known, exactly(was.At)), After: portal.Values("status", after, "readAt", exactly(r.ReadAt)),
	}
}

func exactly(at time.Time) string {
	return at.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}

func second(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }
