package review

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
)

// Export is a finished review on its way out of Foyer. Its one event is
// the one by which it was finished.
type Export struct {
	*activity.ProvenExport
	Review Review
	Rows   []Row
	Event  int64 // the number of that event
}

// Export begins the export of a finished review, with the proof of the event
// by which it was finished. It signs the ledger as it is now, and records that a
// file called what is about to leave. Nothing may be sent when it fails.
// ErrNotFound when the review is not finished, or when that event was erased.
func (p *Reviews) Export(ctx context.Context, a auth.Actor, id int64, what string) (*Export, error) {
	page, err := p.People(ctx, a, id, ShowAll, 1, 0)
	if err != nil {
		return nil, err
	}
	if page.State() != Finished {
		return nil, portal.ErrNotFound
	}
	export := &Export{Review: page.Review, Rows: page.Rows}
	signed, err := p.activity.Sign(ctx)
	if err != nil {
		return nil, err
	}
	if export.Event, err = p.finishedBy(ctx, page.Review); err != nil {
		return nil, err
	}
	export.ProvenExport, err = p.activity.BeginExport(ctx, ledger.Event{Actor: a, Note: what}, signed, len(export.Rows), func(ctx context.Context) iter.Seq2[ledger.Evidence, error] {
		return p.activity.ProvenByNumber(ctx, map[int64]bool{export.Event: true}, signed.Size)
	})
	return export, err
}

// finishedBy finds the event by which a review was finished.
func (p *Reviews) finishedBy(ctx context.Context, r Review) (seq int64, err error) {
	filter, page := ledger.Filter{CompanyID: r.Company.ID, Action: ledger.FinishReview}, ledger.Page{Limit: portal.MaxPageSize}
	for {
		found, err := p.activity.Read(ctx, filter, page)
		if err != nil {
			return 0, err
		}
		for _, e := range found.Events {
			var after struct{ Review int64 }
			if err := json.Unmarshal(e.After, &after); err == nil && after.Review == r.ID {
				return e.Seq, nil
			}
		}
		if page.Before = found.Next; page.Before == 0 {
			return 0, fmt.Errorf("find the end of a review: %w", portal.ErrNotFound)
		}
	}
}
