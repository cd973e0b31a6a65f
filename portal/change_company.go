package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
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
func (p *Portal) CreateCompany(ctx context.Context, a auth.Actor, r CreateCompanyRequest) (Change, error) {
	if err := p.require(ctx, a, auth.Onboard, ledger.Company{Name: r.Company.Name}); err != nil {
		return Change{}, err
	}
	company, problems := validCompany(r.Company)
	if len(problems) > 0 {
		return Change{}, &Invalid{problems}
	}
	c := Change{
		Kind: KindCreateCompany, Token: r.Token, Actor: a,
		NewCompany: company, Company: ledger.Company{Name: company.Name},
	}
	return p.run(ctx, c, call{
		action: ledger.CreateCompany,
		after:  values("name", company.Name, "vanityName", company.VanityName, "emailDomains", company.EmailDomains),
		send: func(ctx context.Context, c *Change) error {
			created, err := p.symphony.Companies.Create(ctx, company)
			if err == nil {
				p.companyCreated(ctx, c, created)
			}
			return err
		},
	})
}

// companyCreated notes the new company's id, keeps it and has it watched. What
// fails here is found again by reading the list, so it is only logged.
func (p *Portal) companyCreated(ctx context.Context, c *Change, created sapi.Company) {
	c.Company.ID = created.ID
	c.Note = "Symphony accepted the company and is building it."
	if err := p.store.SaveCompany(ctx, created, p.now()); err != nil {
		p.log.WarnContext(ctx, "company not kept", "company", created.ID, "error", err)
	}
	p.watch(ctx, created.ID, p.now())
}

func (p *Portal) watch(ctx context.Context, companyID string, at time.Time) {
	if p.waker == nil {
		return
	}
	if err := p.waker.WatchCompany(ctx, companyID, at); err != nil {
		p.log.WarnContext(ctx, "company not watched", "company", companyID, "error", err)
	}
}

// validCompany checks and normalises a new company.
func validCompany(n sapi.NewCompany) (sapi.NewCompany, []FieldError) {
	var problems []FieldError
	n.Name, n.VanityName = strings.TrimSpace(n.Name), strings.TrimSpace(n.VanityName)
	if m := CheckName(n.Name); m != "" {
		problems = append(problems, FieldError{"name", m})
	}
	if m := CheckVanityName(n.VanityName); m != "" {
		problems = append(problems, FieldError{"vanityName", m})
	}
	domains, m := CheckDomains(n.EmailDomains)
	if m != "" {
		problems = append(problems, FieldError{"emailDomains", m})
	}
	n.EmailDomains = domains
	return n, problems
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
func (p *Portal) AddDomains(ctx context.Context, a auth.Actor, r AddDomainsRequest) (Change, error) {
	if err := p.require(ctx, a, auth.Onboard, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, stale, err := p.readCompany(ctx, r.CompanyID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("add domains: %w", err)
	}
	added, problem := NewDomains(company.Company, r.Domains)
	if problem != "" {
		return Change{}, &Invalid{[]FieldError{{"emailDomains", problem}}}
	}
	union := slices.Concat(company.EmailDomains, added)
	c := Change{
		Kind: KindAddDomains, Token: r.Token, Actor: a, Domains: added,
		Company: ledger.Company{ID: company.ID, Name: company.Name},
	}
	return p.run(ctx, c, call{
		action: ledger.AddDomains,
		before: values("emailDomains", company.EmailDomains),
		after:  values("emailDomains", union),
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

// NewDomains normalises the domains to add to a company and leaves out those it
// has. problem says why they can't be added, before anything is sent; when all
// of them are there already the list comes back as it is, for Symphony to say.
func NewDomains(c sapi.Company, domains []string) (added []string, problem string) {
	normal, problem := CheckDomains(domains)
	if problem != "" {
		return nil, problem
	}
	for _, d := range normal {
		if !address.Domain(d).In(c.EmailDomains) {
			added = append(added, d)
		}
	}
	if n := len(c.EmailDomains) + len(added); n > MaxDomains {
		return nil, fmt.Sprintf("A company can have %d domains at most. %s has %d and these would make %d. Nothing was sent.",
			MaxDomains, c.Name, len(c.EmailDomains), n)
	}
	return added, ""
}

// confirmDomains reads the company after domains were added: what Symphony says
// then is what the ledger keeps.
func (p *Portal) confirmDomains(ctx context.Context, c *Change) json.RawMessage {
	company, stale, err := p.readCompany(ctx, c.Company.ID)
	if err != nil || stale != nil {
		c.Note = strings.TrimSpace(c.Note + " Symphony said yes, and could not be read again just now.")
		return nil
	}
	if missing := missingDomains(company.Company, c.Domains); len(missing) > 0 {
		c.State, c.Note = ChangeUnknown, "Symphony said yes, but doesn’t show "+strings.Join(missing, ", ")+" yet."
	}
	return values("emailDomains", company.EmailDomains)
}

func missingDomains(c sapi.Company, domains []string) []string {
	return slices.DeleteFunc(slices.Clone(domains), func(d string) bool {
		return address.Domain(d).In(c.EmailDomains)
	})
}
