package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// CreateCompanyRequest asks for a company.
type CreateCompanyRequest struct {
	Company sapi.NewCompany
	Token   string
}

// CreateCompany asks Symphony to build a company. Invalid when a field can't be
// right; otherwise the change says how it went, and its Company has the id once
// it is known.
func (p *Engine) CreateCompany(ctx context.Context, a auth.Actor, r CreateCompanyRequest) (Change, error) {
	if err := p.gate.Require(ctx, a, auth.Onboard, ledger.Company{Name: r.Company.Name}); err != nil {
		return Change{}, err
	}
	company, problems := portal.CheckNewCompany(r.Company)
	if len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	c := Change{
		Kind: KindCreateCompany, Token: r.Token, Actor: a,
		NewCompany: company, Company: ledger.Company{Name: company.Name},
	}
	return p.run(ctx, c, call{
		action: ledger.CreateCompany,
		after:  portal.Values("name", company.Name, "vanityName", company.VanityName, "emailDomains", company.EmailDomains),
		send: func(ctx context.Context, c *Change) error {
			created, err := p.symphony.Companies.Create(ctx, company)
			if err == nil {
				c.Company.ID, c.Note = created.ID, "Symphony accepted the company and is building it."
				p.directory.CompanyCreated(ctx, created)
			}
			return err
		},
	})
}

// AddDomainsRequest asks for more domains for a company.
type AddDomainsRequest struct {
	CompanyID string
	Domains   []string // the ones to add
	Token     string
}

// AddDomains reads the company, sends the union of its domains and the new
// ones, and reads it again. Invalid when the union is too long or a domain
// can't be one; nothing is sent then.
func (p *Engine) AddDomains(ctx context.Context, a auth.Actor, r AddDomainsRequest) (Change, error) {
	if err := p.gate.Require(ctx, a, auth.Onboard, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, stale, err := p.directory.ReadCompany(ctx, r.CompanyID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("add domains: %w", err)
	}
	added, problem := portal.NewDomains(company.Company, r.Domains)
	if problem != "" {
		return Change{}, portal.InvalidField("emailDomains", problem)
	}
	union := slices.Concat(company.EmailDomains, added)
	c := Change{
		Kind: KindAddDomains, Token: r.Token, Actor: a, Domains: added,
		Company: ledger.Company{ID: company.ID, Name: company.Name},
	}
	return p.run(ctx, c, call{
		action: ledger.AddDomains,
		before: portal.Values("emailDomains", company.EmailDomains),
		after:  portal.Values("emailDomains", union),
		send: func(ctx context.Context, c *Change) error {
			changed, err := p.symphony.Companies.AddDomains(ctx, company.ID, union)
			if err == nil && !changed {
				c.Note = "Symphony already had these domains."
			}
			return err
		},
		confirm: p.confirmDomains,
	})
}

// confirmDomains reads the company after domains were added: what Symphony says
// then is what the ledger keeps.
func (p *Engine) confirmDomains(ctx context.Context, c *Change) json.RawMessage {
	company, stale, err := p.directory.ReadCompany(ctx, c.Company.ID)
	if err != nil || stale != nil {
		c.Note = strings.TrimSpace(c.Note + " Symphony said yes, and could not be read again just now.")
		return nil
	}
	if missing := portal.MissingDomains(company.EmailDomains, c.Domains); len(missing) > 0 {
		c.State, c.Note = Unknown, "Symphony said yes, but doesn’t show "+strings.Join(missing, ", ")+" yet."
	}
	return portal.Values("emailDomains", company.EmailDomains)
}
