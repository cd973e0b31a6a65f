package directory

import (
	"context"
	"encoding/json"
	"slices"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// saveList stores the list of companies as it was read, and the events of what became of
// those that were known before.
func (p *Directory) saveList(ctx context.Context, read *listReading) error {
	return p.write(ctx, false, func(ctx context.Context, tx portal.Tx) error {
		replaced, err := p.store.SaveCompanies(ctx, tx, read.companies, read.at)
		if err != nil {
			return err
		}
		var events []ledger.Event
		for _, was := range replaced {
			i := slices.IndexFunc(read.companies, func(c sapi.Company) bool { return c.ID == was.ID })
			more, err := p.companyEvents(ctx, was, read.companies[i])
			if err != nil {
				return err
			}
			events = append(events, more...)
		}
		return p.store.Append(ctx, tx, events...)
	})
}

// companyEvents are the events of a company that was read otherwise than before: its
// state moved on, or it has domains that Foyer didn't add.
func (p *Directory) companyEvents(ctx context.Context, was, is sapi.Company) ([]ledger.Event, error) {
	events := stateEvents(was, is)
	added := slices.DeleteFunc(slices.Clone(is.EmailDomains), func(d string) bool { return domainIn(d, was.EmailDomains) })
	if len(added) == 0 {
		return events, nil
	}
	own, err := p.ownDomains(ctx, is.ID)
	if err != nil {
		return nil, err
	}
	if added = slices.DeleteFunc(added, func(d string) bool { return domainIn(d, own) }); len(added) == 0 {
		return events, nil
	}
	return append(events, ledger.Event{
		Action: ledger.DomainOutside, Outcome: ledger.Succeeded, Actor: auth.System("watch", ""), Company: ledger.Company{ID: is.ID, Name: is.Name},
		Before: portal.Values("emailDomains", was.EmailDomains), After: portal.Values("emailDomains", added),
	}), nil
}

func domainIn(domain string, list []string) bool {
	d, ok := address.ParseDomain(domain)
	return ok && d.In(list) || slices.Contains(list, domain)
}

// ownDomains are the domains that Foyer itself was asked to add to a company, be it that
// it can't be told yet what became of it.
func (p *Directory) ownDomains(ctx context.Context, companyID string) ([]string, error) {
	const mostChanges = 1000
	events, err := p.store.Events(ctx, ledger.Filter{CompanyID: companyID, Action: ledger.AddDomains}, ledger.Page{Limit: mostChanges})
	if err != nil {
		return nil, err
	}
	var own []string
	for _, e := range events {
		var asked struct{ EmailDomains []string }
		if json.Unmarshal(e.After, &asked) == nil {
			own = append(own, asked.EmailDomains...)
		}
	}
	return own, nil
}

// stateEvents record that a company was built, or could not be, or is in another state
// than the one in which its building had ended.
func stateEvents(was, is sapi.Company) []ledger.Event {
	if was.State == is.State || was.State.Building() && is.State.Building() {
		return nil
	}
	e := ledger.Event{
		Action: ledger.CompanyState, Outcome: ledger.Succeeded, Actor: auth.System("watch", ""), Company: ledger.Company{ID: is.ID, Name: is.Name},
		Before: portal.Values("state", string(was.State)), After: portal.Values("state", string(is.State)),
	}
	code := ledger.CompanyOddState
	switch {
	case is.State.Ready():
		code = ledger.CompanyBuilt
	case is.State.Failed():
		code, e.Note = ledger.CompanyNotBuilt, is.ErrorMessage // as a note it can be searched for
	case is.State.Building():
		code = ledger.CompanyBuildsAgain
	}
	e.Code = string(code)
	return []ledger.Event{e}
}
