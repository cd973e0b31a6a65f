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

// mostOwnChanges is how many of Foyer's own changes are looked at, the newest first, to tell
// what others did.
const mostOwnChanges = 1000

// saveList stores the list of companies as it was read, and the events of what became of
// those that were known before, and of those that others have created since.
func (p *Directory) saveList(ctx context.Context, read *listReading) error {
	return p.write(ctx, false, func(ctx context.Context, tx portal.Tx) error {
		replaced, added, err := p.store.SaveCompanies(ctx, tx, read.companies, read.at)
		if err != nil {
			return err
		}
		events, err := p.addedOutside(ctx, added...)
		if err != nil {
			return err
		}
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

// addedOutside are the events of companies that Foyer sees for the first time and didn't
// ask for, be it that it can't be told yet what became of that.
func (p *Directory) addedOutside(ctx context.Context, added ...sapi.Company) (events []ledger.Event, err error) {
	if len(added) == 0 {
		return nil, nil
	}
	own, err := p.ownCompanies(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range added {
		if own[c.ID] || own[c.VanityName] {
			continue
		}
		events = append(events, ledger.Event{
			Action: ledger.CompanyOutside, Outcome: ledger.Succeeded, Actor: auth.System("watch", ""), Company: ledger.Company{ID: c.ID, Name: c.Name},
			After: portal.Values("vanityName", c.VanityName, "emailDomains", c.EmailDomains, "state", string(c.State)),
		})
	}
	return events, nil
}

// ownCompanies are the ids and vanity names of the companies that Foyer itself was asked to
// create: before Symphony's answer is known, the vanity name alone is.
func (p *Directory) ownCompanies(ctx context.Context) (map[string]bool, error) {
	events, err := p.store.Events(ctx, ledger.Filter{Action: ledger.CreateCompany}, ledger.Page{Limit: mostOwnChanges})
	if err != nil {
		return nil, err
	}
	own := map[string]bool{}
	for _, e := range events {
		var asked struct{ VanityName string }
		if json.Unmarshal(e.After, &asked) == nil {
			own[asked.VanityName] = true
		}
		own[e.Company.ID] = true
	}
	delete(own, "")
	return own, nil
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
	events, err := p.store.Events(ctx, ledger.Filter{CompanyID: companyID, Action: ledger.AddDomains}, ledger.Page{Limit: mostOwnChanges})
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
