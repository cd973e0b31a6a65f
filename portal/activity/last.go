package activity

import (
	"context"
	"fmt"
	"slices"

	"foyer/auth"
	"foyer/ledger"
)

// homeChanges is how many of the last changes the first page shows.
const homeChanges = 8

// LastChanges are the last changes and how they ended, the newest first: everyone's
// where the actor may see those, else the actor's own. Of a bulk change there is its start
// and its end, and none of its calls. It looks through the last thousand events and no
// further, and through fewer where no bulk change has filled them.
func (p *Activity) LastChanges(ctx context.Context, a auth.Actor) (changes []ledger.Event, everyone bool, err error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, false, err
	}
	everyone = a.Can(auth.SeeActivity)
	const batch, batches, most = 100, 3, 10
	filter, page := ledger.Filter{}, ledger.Page{Limit: batch}
	if !everyone {
		filter.Actor = a.Subject // a part of it is enough for the filter, and not for us
	}
	for read, others := 0, 0; read < most && others < batches; read++ {
		events, err := p.store.Events(ctx, filter, page)
		if err != nil {
			return nil, everyone, fmt.Errorf("list the last changes: %w", err)
		}
		if !slices.ContainsFunc(events, ofBulkCall) {
			others++
		}
		for _, e := range events {
			own := e.Actor.Issuer == a.Issuer && e.Actor.Subject == a.Subject
			if isChange(e) && (everyone || own) && len(changes) < homeChanges {
				changes = append(changes, e)
			}
		}
		if len(events) < batch || len(changes) == homeChanges {
			break
		}
		page.Before = events[len(events)-1].Seq
	}
	return changes, everyone, nil
}

// isChange says whether an event tells how something at Symphony changed, or what people
// note of it.
func isChange(e ledger.Event) bool {
	alone := []ledger.Action{ledger.CompanyState, ledger.StatusOutside, ledger.NoteCompany, ledger.NoteUser, ledger.StopBulk, ledger.EndBulk}
	if e.Action == ledger.StartBulk {
		return e.Outcome == ledger.Intent // who started it
	}
	return e.Outcome != ledger.Intent && (e.Change != "" && !ofBulkCall(e) || slices.Contains(alone, e.Action))
}

// ofBulkCall says whether an event is of one of the calls of a bulk change.
func ofBulkCall(e ledger.Event) bool { return e.Change != "" && e.Bulk() != 0 }
