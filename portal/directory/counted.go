package directory

import (
	"context"
	"errors"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
)

// CountedCompany is Company with how many people it has, as Symphony says now. A company
// that is known to be ready is asked for both at once. Where the people can't be counted,
// or Symphony doesn't tell, the number last told stands; uncounted says why.
func (p *Directory) CountedCompany(ctx context.Context, a auth.Actor, id string) (company Company, uncounted, err error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: id}); err != nil {
		return Company{}, nil, err
	}
	before, err := p.store.Company(ctx, id)
	if err != nil && !errors.Is(err, portal.ErrNotStored) {
		return Company{}, nil, err
	}
	var counted CompanyRecord
	count := func() error {
		counted, uncounted = p.toldPeople(ctx, a, id)
		return nil
	}
	ask := []func() error{func() (err error) {
		company, err = p.Company(ctx, a, id)
		return err
	}}
	ready := err == nil && before.State.Ready()
	if ready {
		ask = append(ask, count)
	}
	if err := safely.Together(ask...); err != nil {
		return Company{}, nil, err
	}
	if !company.State.Ready() || company.Stale != nil && !ready {
		return company, nil, nil
	}
	if !ready {
		_ = count()
	}
	if at := counted.PeopleReadAt; !at.IsZero() && !at.Before(company.PeopleReadAt) {
		company.People, company.PeopleReadAt = counted.People, counted.PeopleReadAt
	}
	return company, uncounted, nil
}

// toldPeople reads how many people a company has, from the smallest page there is of
// them. Where Symphony doesn't tell, the record is zero.
func (p *Directory) toldPeople(ctx context.Context, a auth.Actor, id string) (counted CompanyRecord, err error) {
	counted, _, err = patiently(ctx, p, func(ctx context.Context) (CompanyRecord, bool) {
		kept, err := p.store.Company(ctx, id)
		return kept, err == nil && !kept.PeopleReadAt.IsZero()
	}, func(ctx context.Context) (CompanyRecord, error, error) {
		people, err := p.Users(ctx, a, id, 1, 1)
		if err != nil || people.AtLeast {
			return CompanyRecord{}, nil, err
		}
		return CompanyRecord{People: people.Total, PeopleReadAt: people.ReadAt}, nil, nil
	})
	return counted, err
}
