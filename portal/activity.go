package portal

import (
	"context"
	"errors"
	"fmt"

	"foyer/auth"
	"foyer/ledger"
)

// ActivityPage is a page of the ledger, newest first.
type ActivityPage struct {
	Events []ledger.Event
	Next   int64 // Page.Before of the next page; 0 when there is none
}

// Activity lists what everybody did.
func (p *Portal) Activity(ctx context.Context, a auth.Actor, f ledger.Filter, page ledger.Page) (ActivityPage, error) {
	if err := p.require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return ActivityPage{}, err
	}
	return p.events(ctx, f, page)
}

// CountActivity counts what Activity lists, and gives the number of the newest event
// among it: 0 when there is none. What is recorded later is not among the events below
// the next number.
func (p *Portal) CountActivity(ctx context.Context, a auth.Actor, f ledger.Filter) (count int, newest int64, err error) {
	page, err := p.Activity(ctx, a, f, ledger.Page{Limit: 1})
	if err != nil || len(page.Events) == 0 {
		return 0, 0, err
	}
	newest = page.Events[0].Seq
	if count, err = p.store.CountEvents(ctx, f, newest); err != nil {
		return 0, 0, fmt.Errorf("count events: %w", err)
	}
	return count, newest, nil
}

// Event returns one line of the ledger.
func (p *Portal) Event(ctx context.Context, a auth.Actor, seq int64) (ledger.Event, error) {
	if err := p.require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return ledger.Event{}, err
	}
	e, err := p.store.Event(ctx, seq)
	if errors.Is(err, ErrNotStored) {
		err = ErrNotFound
	}
	return e, err
}

// CompanyHistory lists what was done to one company and its people.
func (p *Portal) CompanyHistory(ctx context.Context, a auth.Actor, companyID string, page ledger.Page) (ActivityPage, error) {
	if err := p.require(ctx, a, auth.SeeHistory, ledger.Company{ID: companyID}); err != nil {
		return ActivityPage{}, err
	}
	return p.events(ctx, ledger.Filter{CompanyID: companyID}, page)
}

// UserHistory lists what was done to one person, members of bulk changes
// included.
func (p *Portal) UserHistory(ctx context.Context, a auth.Actor, companyID string, u ledger.User, page ledger.Page) (ActivityPage, error) {
	if err := p.require(ctx, a, auth.SeeHistory, ledger.Company{ID: companyID}); err != nil {
		return ActivityPage{}, err
	}
	return p.events(ctx, ledger.Filter{CompanyID: companyID, UserID: u.ID, UserEmail: u.Email}, page)
}

// events reads one more than asked for, to know whether there is a next page.
func (p *Portal) events(ctx context.Context, f ledger.Filter, page ledger.Page) (ActivityPage, error) {
	limit := page.Limit
	page.Limit++
	events, err := p.store.Events(ctx, f, page)
	if err != nil {
		return ActivityPage{}, fmt.Errorf("list events: %w", err)
	}
	if len(events) <= limit {
		return ActivityPage{Events: events}, nil
	}
	events = events[:limit]
	return ActivityPage{Events: events, Next: events[limit-1].Seq}, nil
}

// RecordExport puts in the ledger that a list left Foyer as a file. What is
// exported must not be sent when this fails.
func (p *Portal) RecordExport(ctx context.Context, a auth.Actor, perm auth.Permission, what string, rows int) error {
	if err := p.require(ctx, a, perm, ledger.Company{}); err != nil {
		return err
	}
	return p.record(ctx, ledger.Event{
		Action: ledger.Export, Outcome: ledger.Succeeded, Actor: a, Note: what, After: values("rows", rows),
	})
}

// SignedIn records that a person signed in. Without it there is no session.
func (p *Portal) SignedIn(ctx context.Context, a auth.Actor) error {
	e := ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: a}
	if len(a.Roles) == 0 {
		e.Outcome, e.Note = ledger.Failed, "no role"
	}
	return p.record(ctx, e)
}

// SignInRefused records a sign-in that was turned away; reason is a stable
// word, and never what the browser sent.
func (p *Portal) SignInRefused(ctx context.Context, a auth.Actor, reason string) error {
	return p.record(ctx, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Failed, Actor: a, Note: reason})
}

// SignedOut records that a person signed out.
func (p *Portal) SignedOut(ctx context.Context, a auth.Actor) error {
	return p.record(ctx, ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: a})
}

// SessionEnded records that an administrator ended somebody's session. The
// person is named in the event's Users.
func (p *Portal) SessionEnded(ctx context.Context, a auth.Actor, whose auth.Person) error {
	if err := p.require(ctx, a, auth.EndSessions, ledger.Company{}); err != nil {
		return err
	}
	return p.record(ctx, ledger.Event{
		Action: ledger.EndSession, Outcome: ledger.Succeeded, Actor: a,
		Users: []ledger.User{{Email: whose.Email, Name: whose.Name}},
	})
}

func (p *Portal) record(ctx context.Context, e ledger.Event) error {
	if err := p.store.Record(ctx, e); err != nil {
		return fmt.Errorf("%w: %w", ErrLedger, err)
	}
	return nil
}
