package directory

import (
	"context"
	"slices"
	"time"

	"foyer/address"
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

// eventPeople is how many people one event names at most.
const eventPeople = 100

// seenOutside records people whom Foyer sees for the first time and didn't create: once
// a company's list was read to its end, until when everybody is new. It comes before they
// are stored, because who is not stored is seen for the first time again.
func (p *Directory) seenOutside(ctx context.Context, requestID, companyID string, read []UserReading) error {
	if len(read) == 0 {
		return nil
	}
	list, err := p.people.Reading(ctx, companyID)
	if err != nil || list.CompleteAt.IsZero() {
		return err
	}
	known, err := p.people.Users(ctx, companyID, idsOf(read))
	if err != nil {
		return err
	}
	var fresh []UserReading
	var keys []string
	for _, r := range read {
		if _, ok := known[r.ID]; !ok {
			fresh, keys = append(fresh, r), append(keys, address.Key(r.Email))
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	own, err := p.statuses.AskedToCreate(ctx, keys)
	if err != nil {
		return err
	}
	fresh = slices.DeleteFunc(fresh, func(r UserReading) bool { return own[address.Key(r.Email)] })
	company, err := p.KnownCompany(ctx, companyID)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(fresh, eventPeople) {
		e := ledger.Event{Action: ledger.SeenOutside, Outcome: ledger.Succeeded, Actor: auth.System("watch", requestID), Company: ledger.Company{ID: companyID, Name: company.Name}}
		for _, r := range some {
			e.Users = append(e.Users, ledger.User{ID: r.ID, Email: r.Email, Name: r.DisplayName})
		}
		if err := p.store.Record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func exactly(at time.Time) string {
	return at.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}

func second(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }
