package directory

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// SavedFilter is a filter of the people's table to which somebody gave a name.
type SavedFilter struct {
	ID              string
	Issuer, Subject string // whose it is
	Email           string // theirs, when they saved it
	Name            string
	Query           string // the query string of the table
	Shared          bool   // everybody is offered it
	SavedAt         time.Time
}

// Owned says whether a filter is the actor's own.
func (f SavedFilter) Owned(a auth.Actor) bool {
	return f.Issuer == a.Issuer && f.Subject == a.Subject
}

// MayDelete says whether somebody may delete a filter: its owner, and of a shared one
// whoever looks after those.
func (f SavedFilter) MayDelete(a auth.Actor) bool {
	return f.Owned(a) || f.Shared && a.Can(auth.ManageFilters)
}

// FilterStore keeps the saved filters. Package store implements it for SQLite and
// PostgreSQL.
type FilterStore interface {
	// SavedFilters returns the filters of a person and those that are shared.
	SavedFilters(ctx context.Context, issuer, subject string) ([]SavedFilter, error)
	// SavedFilter returns one, or portal.ErrNotStored.
	SavedFilter(ctx context.Context, id string) (SavedFilter, error)
	// SaveFilter stores one; one of the same name and the same person is replaced.
	SaveFilter(ctx context.Context, tx portal.Tx, f SavedFilter) error
	// DeleteFilter deletes one, if it is there.
	DeleteFilter(ctx context.Context, tx portal.Tx, id string) error
}

const (
	// MaxFilterName is how long the name of a filter may be, in characters.
	MaxFilterName = 60
	maxFilterText = 4000 // bytes of a query string
	maxFilters    = 100  // of one person
)

// filterField is the field of a form that has the name.
const filterField = "filterName"

// SavedFilters returns the filters that somebody is offered, by name.
func (p *Directory) SavedFilters(ctx context.Context, a auth.Actor) ([]SavedFilter, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	filters, err := p.store.SavedFilters(ctx, a.Issuer, a.Subject)
	if err != nil {
		return nil, fmt.Errorf("list saved filters: %w", err)
	}
	slices.SortStableFunc(filters, func(a, b SavedFilter) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return filters, nil
}

// SaveFilter saves a filter under a name, for oneself or for everybody. One's own of the
// same name is replaced. What others see of it is in the ledger. Invalid when it has no
// name, or a name or a query that is too long.
func (p *Directory) SaveFilter(ctx context.Context, a auth.Actor, name, query string, shared bool) error {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return err
	}
	name = visibleText(name)
	switch {
	case name == "":
		return portal.InvalidField(filterField, portal.Fault{Code: portal.Missing})
	case utf8.RuneCountInString(name) > MaxFilterName:
		return portal.InvalidField(filterField, portal.Fault{Code: portal.BadLength, Most: MaxFilterName, Count: utf8.RuneCountInString(name)})
	case len(query) > maxFilterText:
		return portal.InvalidField("", portal.Fault{Code: portal.BadLength, Most: maxFilterText, Count: len(query)})
	}
	saved, err := p.store.SavedFilters(ctx, a.Issuer, a.Subject)
	if err != nil {
		return fmt.Errorf("save filter: %w", err)
	}
	saved = slices.DeleteFunc(saved, func(f SavedFilter) bool { return !f.Owned(a) })
	i := slices.IndexFunc(saved, func(f SavedFilter) bool { return f.Name == name })
	var replaced SavedFilter
	if i >= 0 {
		replaced = saved[i]
	} else if len(saved) >= maxFilters {
		return portal.InvalidField(filterField, portal.Fault{Code: portal.TooManyFilters, Most: maxFilters})
	}
	f := SavedFilter{ID: strings.ToLower(rand.Text()), Issuer: a.Issuer, Subject: a.Subject, Email: a.Email, Name: name, Query: query, Shared: shared, SavedAt: p.now()}
	return p.changeFilter(ctx, func(tx portal.Tx) error { return p.store.SaveFilter(ctx, tx, f) }, filterEvent(a, ledger.SaveFilter, replaced, f)...)
}

// DeleteFilter deletes a saved filter. portal.ErrNotFound when there is none that the
// actor may see, and Forbidden when it is another's.
func (p *Directory) DeleteFilter(ctx context.Context, a auth.Actor, id string) error {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return err
	}
	f, err := p.store.SavedFilter(ctx, id)
	switch {
	case errors.Is(err, portal.ErrNotStored) || err == nil && !f.Shared && !f.Owned(a):
		return portal.ErrNotFound
	case err != nil:
		return fmt.Errorf("delete filter: %w", err)
	}
	if !f.MayDelete(a) {
		return p.gate.Require(ctx, a, auth.ManageFilters, ledger.Company{})
	}
	return p.changeFilter(ctx, func(tx portal.Tx) error { return p.store.DeleteFilter(ctx, tx, id) }, filterEvent(a, ledger.DeleteFilter, f, SavedFilter{})...)
}

func (p *Directory) changeFilter(ctx context.Context, change func(portal.Tx) error, events ...ledger.Event) error {
	return p.record(ctx, func(ctx context.Context, tx portal.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		if len(events) == 0 {
			return nil
		}
		return p.store.Append(ctx, tx, events...)
	})
}

// filterEvent says in the ledger how a filter changed that others see, or saw. One's own
// is nobody else's business.
func filterEvent(a auth.Actor, action ledger.Action, before, after SavedFilter) []ledger.Event {
	if !before.Shared && !after.Shared {
		return nil
	}
	e := ledger.Event{Action: action, Outcome: ledger.Succeeded, Actor: a, Note: cmp.Or(after.Name, before.Name)}
	if before.Shared {
		e.Before = portal.Values("query", before.Query, "shared", true)
	}
	if after != (SavedFilter{}) {
		e.After = portal.Values("query", after.Query, "shared", after.Shared)
	}
	return []ledger.Event{e}
}
