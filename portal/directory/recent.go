package directory

import (
	"context"
	"fmt"

	"foyer/auth"
	"foyer/ledger"
)

// Known is a company, or a person of one, as the directory has them.
type Known struct {
	Company CompanyRecord
	User    *UserRecord // nil: the company itself is meant
}

// Known returns what the directory has of people, and of companies where no person is
// named, in the order in which they are asked for. Who isn't known any more is left out.
// Symphony isn't asked.
func (p *Directory) Known(ctx context.Context, a auth.Actor, refs []UserRef) ([]Known, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	if len(refs) == 0 {
		return nil, nil
	}
	companies, _, err := p.store.Companies(ctx)
	if err != nil {
		return nil, fmt.Errorf("known: %w", err)
	}
	ofCompany := map[string]CompanyRecord{}
	for _, c := range companies {
		ofCompany[c.ID] = c
	}
	var known []Known
	for _, ref := range refs {
		k := Known{Company: ofCompany[ref.CompanyID]}
		if ref.UserID == "" && k.Company.ID != "" {
			known = append(known, k)
		}
		if ref.UserID == "" {
			continue
		}
		users, err := p.people.Users(ctx, ref.CompanyID, []string{ref.UserID})
		if err := doWithout(ctx, err); err != nil {
			return nil, fmt.Errorf("known: %w", err)
		}
		if u, ok := users[ref.UserID]; ok {
			k.User = &u
			known = append(known, k)
		}
	}
	return known, nil
}
