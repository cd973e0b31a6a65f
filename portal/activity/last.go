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
// where the actor may see those, else the actor's own. Of a bulk change there is one event,
// its start, its stop or its end, and none of its calls: what became of it is for the bulk
// change itself to say. It looks through the last thousand events and no further, and
// through fewer where no bulk change has filled them.
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
	bulks := map[int64]bool{}
	for read, others := 0, 0; read < most && others < batches; read++ {
		events, err := p.store.Events(ctx, filter, page)
		if err != nil {
			return nil, everyone, fmt.Errorf("list the last changes: %w", err)
		}
		if !slices.ContainsFunc(events, ledger.Event.OfBulkCall) {
			others++
		}
		for _, e := range events {
			own := e.Actor.Issuer == a.Issuer && e.Actor.Subject == a.Subject
			if !isChange(e) || !everyone && !own || len(changes) == homeChanges || bulks[e.Bulk()] {
				continue
			}
			changes = append(changes, e)
			if e.Bulk() != 0 {
				bulks[e.Bulk()] = true
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
	return e.Outcome != ledger.Intent && (e.Change != "" && !e.OfBulkCall() || slices.Contains(alone, e.Action))
}
