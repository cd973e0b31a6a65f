package directory

import (
	"context"
	"time"

	"foyer/ledger"
	"foyer/sapi"
)

// eventsAtOnce is how many events are read of the ledger at a time.
const eventsAtOnce = 100

// recall marks again whom the ledger says a list doesn't have any more, and whom the
// directory doesn't know: it was made anew since. All that is known of them is what they
// were called.
func (r *listReader) recall(ctx context.Context, listed map[string]bool) error {
	asked := map[string]bool{} // of each person the latest event counts
	for before := int64(0); ; {
		events, err := r.d.store.Events(ctx, ledger.Filter{CompanyID: r.company.ID, Action: ledger.NotListed}, ledger.Page{Before: before, Limit: eventsAtOnce})
		if err != nil {
			return err
		}
		for _, e := range events {
			before = e.Seq
			var gone []ledger.User
			for _, u := range e.Users {
				erased := u.Email+u.Name == ""
				if !asked[u.ID] && !listed[u.ID] && !erased {
					gone = append(gone, u)
				}
				asked[u.ID] = true
			}
			if err := r.markAgain(ctx, gone, e.At); err != nil {
				return err
			}
		}
		if len(events) < eventsAtOnce {
			return nil
		}
	}
}

// markAgain marks those people as not listed since a time whom the directory doesn't know.
func (r *listReader) markAgain(ctx context.Context, gone []ledger.User, since time.Time) error {
	ids := make([]string, len(gone))
	for i, u := range gone {
		ids[i] = u.ID
	}
	known, err := r.d.people.Users(ctx, r.company.ID, ids)
	if err != nil {
		return err
	}
	var people []UserRecord
	ids = nil
	for _, u := range gone {
		if _, ok := known[u.ID]; !ok {
			ids = append(ids, u.ID)
			people = append(people, UserRecord{
				User: sapi.User{ID: u.ID, Email: u.Email, DisplayName: u.Name}, CompanyID: r.company.ID,
				ReadAt: since.Add(-time.Microsecond), Source: FromDetail, // before they were found missing
			})
		}
	}
	if len(people) == 0 {
		return nil
	}
	if err := r.d.people.SavePeople(ctx, r.company.ID, people); err != nil {
		return err
	}
	return r.d.people.MarkNotListed(ctx, r.company.ID, ids, since)
}
