// Package activity owns the ledger as people meet it: what they read of it, what they
// take away of it with proofs, and what is recorded of them that is no change. What is
// recorded of changes and reviews is recorded by whoever makes them.
package activity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// Activity is the use cases of the ledger. It is safe for concurrent use.
type Activity struct {
	gate  portal.Gate
	store Store
}

// New gives the use cases over the ledger.
func New(store Store) *Activity { return &Activity{gate: portal.Gate{Ledger: store}, store: store} }

// Page is a page of the ledger, newest first.
type Page struct {
	Events []ledger.Event
	Next   int64 // Page.Before of the next page; 0 when there is none
	GaveUp bool  // the events before Next were not looked through in time

	Reached time.Time // when it gave up: the time of the oldest event that was looked through
}

// List lists what everybody did.
func (p *Activity) List(ctx context.Context, a auth.Actor, f ledger.Filter, page ledger.Page) (Page, error) {
	if err := p.gate.Require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return Page{}, err
	}
	return p.Read(ctx, f, page)
}

// Count counts what Activity lists, and gives the number of the newest event
// among it: 0 when there is none. What is recorded later is not among the events below
// the next number.
func (p *Activity) Count(ctx context.Context, a auth.Actor, f ledger.Filter) (count int, newest int64, err error) {
	page, err := p.List(ctx, a, f, ledger.Page{Limit: 1})
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
func (p *Activity) Event(ctx context.Context, a auth.Actor, seq int64) (ledger.Event, error) {
	if err := p.gate.Require(ctx, a, auth.SeeActivity, ledger.Company{}); err != nil {
		return ledger.Event{}, err
	}
	e, err := p.store.Event(ctx, seq)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	return e, err
}

// CompanyHistory lists what was done to one company and its people.
func (p *Activity) CompanyHistory(ctx context.Context, a auth.Actor, companyID string, page ledger.Page) (Page, error) {
	if err := p.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{ID: companyID}); err != nil {
		return Page{}, err
	}
	return p.Read(ctx, ledger.Filter{CompanyID: companyID}, page)
}

// UserHistory lists what was done to one person, members of bulk changes
// included.
func (p *Activity) UserHistory(ctx context.Context, a auth.Actor, companyID string, u ledger.User, page ledger.Page) (Page, error) {
	if err := p.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{ID: companyID}); err != nil {
		return Page{}, err
	}
	return p.Read(ctx, ledger.Filter{CompanyID: companyID, UserID: u.ID, UserEmail: u.Email}, page)
}

// Read lists events, newest first, with the number at which the next page begins. It
// is for other use cases, and checks no permission.
func (p *Activity) Read(ctx context.Context, f ledger.Filter, page ledger.Page) (Page, error) {
	limit := page.Limit // one more is read, to know whether there is a next page
	page.Limit++
	events, err := p.store.Events(ctx, f, page)
	if gaveUp, ok := errors.AsType[*ledger.GaveUpError](err); ok {
		oldest, err := p.store.Event(ctx, gaveUp.Down)
		if err != nil {
			return Page{}, fmt.Errorf("read the event that a list came to: %w", err)
		}
		return Page{Events: events, Next: gaveUp.Down, GaveUp: true, Reached: oldest.At}, nil
	}
	if err != nil {
		return Page{}, fmt.Errorf("list events: %w", err)
	}
	if len(events) <= limit {
		return Page{Events: events}, nil
	}
	events = events[:limit]
	return Page{Events: events, Next: events[limit-1].Seq}, nil
}

// RecordExport puts in the ledger that a list left Foyer as a file; what is the file's
// name, with the query that it was made by. What is exported must not be sent when this
// fails.
func (p *Activity) RecordExport(ctx context.Context, a auth.Actor, perm auth.Permission, what string, rows int) error {
	if err := p.gate.Require(ctx, a, perm, ledger.Company{}); err != nil {
		return err
	}
	err := p.Record(ctx, ledger.Event{
		Action: ledger.Export, Outcome: ledger.Succeeded, Actor: a, Note: what, After: portal.Values("rows", rows),
	})
	if err != nil {
		return fmt.Errorf("%w: %w", portal.ErrNotGivenOut, err)
	}
	return nil
}

// SignedIn records that a person signed in. Without it there is no session. What was
// wrong with the claim that holds the roles is said where there are none.
func (p *Activity) SignedIn(ctx context.Context, a auth.Actor, claim auth.RolesClaim) error {
	e := ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: a}
	if len(a.Roles) == 0 {
		e.Outcome, e.Note = ledger.Failed, "no role" // a stable word, as in SignInRefused
		if claim != "" {
			e.Note += ": " + string(claim)
		}
	}
	return p.Record(ctx, e)
}

// SignInRefused records a sign-in that was turned away; reason is in stable words of
// package auth's, and never what the browser sent. It is the event's note, where it can
// be searched for.
func (p *Activity) SignInRefused(ctx context.Context, a auth.Actor, reason string) error {
	return p.Record(ctx, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Failed, Actor: a, Note: reason})
}

// SignedOut records that a person signed out.
func (p *Activity) SignedOut(ctx context.Context, a auth.Actor) error {
	return p.Record(ctx, ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: a})
}

// SessionEnded records that an administrator ended somebody's session. The
// person is named in the event's Users.
func (p *Activity) SessionEnded(ctx context.Context, a auth.Actor, whose auth.Person) error {
	if err := p.gate.Require(ctx, a, auth.EndSessions, ledger.Company{}); err != nil {
		return err
	}
	return p.Record(ctx, ledger.Event{
		Action: ledger.EndSession, Outcome: ledger.Succeeded, Actor: a,
		Users: []ledger.User{{Email: whose.Email, Name: whose.Name}},
	})
}

// AllSessionsEnded records that an administrator ended all of somebody's sessions, as
// SessionEnded does.
func (p *Activity) AllSessionsEnded(ctx context.Context, a auth.Actor, whose auth.Person) error {
	if err := p.gate.Require(ctx, a, auth.EndSessions, ledger.Company{}); err != nil {
		return err
	}
	return p.Record(ctx, ledger.Event{
		Action: ledger.EndSession, Outcome: ledger.Succeeded, Actor: a, Code: string(ledger.AllSessions),
		Users: []ledger.User{{Email: whose.Email, Name: whose.Name}},
	})
}

// SessionsEndedByProvider records that the identity provider ended somebody's sessions,
// by a back-channel logout. address is where its message came from.
func (p *Activity) SessionsEndedByProvider(ctx context.Context, a auth.Actor, whose auth.Person) error {
	system := auth.System("logout", a.RequestID)
	system.Address = a.Address
	return p.Record(ctx, ledger.Event{
		Action: ledger.EndSession, Outcome: ledger.Succeeded, Actor: system, Code: string(ledger.BackChannelLogout),
		Users: []ledger.User{{Email: whose.Email, Name: whose.Name}},
	})
}

// Record puts an event in the ledger, or fails with ErrLedger. It is for other use cases,
// and checks no permission.
func (p *Activity) Record(ctx context.Context, e ledger.Event) error {
	if err := p.store.Record(ctx, e); err != nil {
		return fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return nil
}

// DenyForm records that a form was refused that another site's page had somebody's
// browser send.
func (p *Activity) DenyForm(ctx context.Context, a auth.Actor) error {
	return p.Record(ctx, ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Actor: a, Code: string(ledger.FromAnotherSite)})
}

// Deny records that a route's permission was refused and returns the refusal:
// the way for callers that check before the use case is reached.
func (p *Activity) Deny(ctx context.Context, a auth.Actor, perm auth.Permission) error {
	return p.gate.Require(ctx, a, perm, ledger.Company{})
}
