package change

import (
	"context"
	"encoding/json"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// CreateCompanyRequest asks for a company.
type CreateCompanyRequest struct {
	Company sapi.NewCompany
	Token   string
	Again   bool // the form may only be sent again: for the first time it does nothing
}

// CreateCompany asks Symphony to build a company. portal.Invalid when a field can't
// be right, Busy when the same vanity name is being created; otherwise the change
// says how it went, and its Company has the id once it is known.
func (e *Engine) CreateCompany(ctx context.Context, a auth.Actor, r CreateCompanyRequest) (Change, error) {
	at := e.clock()
	if err := e.require(ctx, a, auth.Onboard, ledger.Company{Name: r.Company.Name}); err != nil {
		return Change{}, err
	}
	company, problems := portal.CheckNewCompany(r.Company)
	if len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	c := Change{
		Kind: CreateCompany, Token: r.Token, NewCompany: company, Company: ledger.Company{Name: company.Name},
		Seen: Seen{At: at},
	}
	if earlier, used, err := e.usedFor(ctx, a, c, r.Again); used || err != nil {
		return earlier, err
	}
	return e.atOnce(ctx, a, c)
}

// createCompany is the operation createCompany.
type createCompany struct{ *Engine }

// Kind implements Operation.
func (*createCompany) Kind() Kind { return CreateCompany }

// Values implements Operation.
func (*createCompany) Values(c Change) (before, after json.RawMessage) {
	return nil, portal.Values("name", c.NewCompany.Name, "vanityName", c.NewCompany.VanityName, "emailDomains", c.NewCompany.EmailDomains)
}

// Check implements Operation. A company that has the name before anything is sent is
// nobody's doing here, and where the answer is lost its time of creation doesn't tell:
// clocks agree only so far.
func (o *createCompany) Check(ctx context.Context, c *Change, _ bool) error {
	ctx, cancel := context.WithTimeout(ctx, o.times.sendWithin)
	defer cancel()
	_, found, err := o.symphony.Companies.Find(ctx, c.NewCompany.VanityName)
	if found {
		return &SupersededError{Code: CompanyBefore}
	}
	return err
}

// Send implements Operation.
func (o *createCompany) Send(ctx context.Context, c *Change) error {
	created, err := o.symphony.Companies.Create(ctx, c.NewCompany)
	if err == nil {
		o.created(ctx, c, created)
	}
	return err
}

// created notes the new company's id, and has it kept and watched.
func (o *createCompany) created(ctx context.Context, c *Change, created sapi.Company) {
	c.Company.ID = created.ID
	o.directory.CompanyCreated(ctx, created)
}

// Confirm implements Operation: the yes came with the company.
func (*createCompany) Confirm(context.Context, *Change) Finding {
	return Finding{Verdict: Applied, Code: Accepted}
}

// LookFor implements Operation: Symphony can be asked for the vanity name.
func (o *createCompany) LookFor(ctx context.Context, c *Change, _ Look) (Finding, error) {
	company, found, err := o.symphony.Companies.Find(ctx, c.NewCompany.VanityName)
	switch {
	case err != nil:
		return Finding{}, err
	case !found:
		return Finding{Verdict: Absent, Code: AbsentCompany}, nil
	case isBefore(company.CreatedAt, *c):
		return Finding{Verdict: Absent, Code: CompanyBefore}, nil
	}
	o.created(ctx, c, company)
	return Finding{Verdict: Applied, Code: FoundCompany, After: portal.Values(
		"name", company.Name, "vanityName", company.VanityName, "emailDomains", company.EmailDomains, "state", string(company.State),
	)}, nil
}

// Credit implements Operation.
func (o *createCompany) Credit(ctx context.Context, tx portal.Tx, c *Change, f Finding) (Finding, error) {
	if f.Verdict != Applied {
		return f, nil
	}
	other, err := o.store.CreditedCompany(ctx, tx, *c)
	if other {
		return Finding{Verdict: Absent, Code: CompanyOfOther}, err
	}
	return f, err
}

// isBefore says whether something was created before a change was sent, as far as the
// clocks tell.
func isBefore(created time.Time, c Change) bool {
	return !created.IsZero() && created.Before(createdSince(c))
}

// createdSince is the least that Symphony may say of when it created what a change sent
// it: its clock stood apart by so much when that was sent, as far as that is known.
func createdSince(c Change) time.Time {
	return c.SentAt.Add(-clockTolerance - c.Seen.ClockAhead.Abs())
}

// AddDomainsRequest asks for more domains for a company.
type AddDomainsRequest struct {
	CompanyID string
	Domains   []string // the ones to add
	Token     string
	Again     bool // the form may only be sent again: for the first time it does nothing
}

// AddDomains reads the company, sends the union of its domains and the new ones,
// and reads it again. portal.Invalid when the union is too long or a domain can't be
// one, Busy when domains of the company are being added: nothing is sent then.
func (e *Engine) AddDomains(ctx context.Context, a auth.Actor, r AddDomainsRequest) (Change, error) {
	if err := e.require(ctx, a, auth.Onboard, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	at := e.clock()
	c := Change{Kind: AddDomains, Token: r.Token, Company: ledger.Company{ID: r.CompanyID}}
	if earlier, used, err := e.usedFor(ctx, a, c, r.Again); used || err != nil {
		return earlier, err
	}
	company, err := e.readCompany(ctx, r.CompanyID)
	if err != nil {
		return Change{}, err
	}
	added, fault := portal.NewDomains(company.Company, r.Domains)
	if fault.Code != "" {
		return Change{}, portal.InvalidField("emailDomains", fault)
	}
	c.Company, c.Domains = ledger.Company{ID: company.ID, Name: company.Name}, added
	c.Seen = Seen{At: at, EmailDomains: company.EmailDomains}
	return e.atOnce(ctx, a, c)
}

// addDomains is the operation updateCompany.
type addDomains struct{ *Engine }

// Kind implements Operation.
func (*addDomains) Kind() Kind { return AddDomains }

// Values implements Operation.
func (*addDomains) Values(c Change) (before, after json.RawMessage) {
	return portal.Values("emailDomains", c.Seen.EmailDomains), portal.Values("emailDomains", union(c))
}

// union is what Symphony is sent: the domains that the company has, and the new ones.
func union(c Change) []string {
	return append(append([]string{}, c.Seen.EmailDomains...), portal.MissingDomains(c.Seen.EmailDomains, c.Domains)...)
}

// Check implements Operation: the domains that the company has meanwhile are sent
// with the new ones.
func (o *addDomains) Check(ctx context.Context, c *Change, fresh bool) error {
	if fresh {
		return nil
	}
	at := o.clock()
	company, err := o.readCompany(ctx, c.Company.ID)
	if err != nil {
		return unlessGone(err)
	}
	c.Seen = Seen{At: at, EmailDomains: company.EmailDomains}
	if len(union(*c)) > portal.MaxDomains {
		return &SupersededError{Code: DomainsMoved}
	}
	return nil
}

// Send implements Operation.
func (o *addDomains) Send(ctx context.Context, c *Change) error {
	changed, err := o.symphony.Companies.AddDomains(ctx, c.Company.ID, union(*c))
	if err == nil && !changed {
		c.Code = AlreadyThere
	}
	return err
}

// Confirm implements Operation: what the company shows then is what the ledger keeps.
func (o *addDomains) Confirm(ctx context.Context, c *Change) Finding {
	company, err := o.readCompany(ctx, c.Company.ID)
	if err != nil {
		return Finding{Verdict: Applied, Code: NotConfirmed}
	}
	found := Finding{Verdict: Applied, After: portal.Values("emailDomains", company.EmailDomains)}
	if missing := portal.MissingDomains(company.EmailDomains, c.Domains); len(missing) > 0 {
		found.Verdict, found.Code = CantTell, NotShownYet
	}
	return found
}

// LookFor implements Operation.
func (o *addDomains) LookFor(ctx context.Context, c *Change, _ Look) (Finding, error) {
	company, err := o.readCompany(ctx, c.Company.ID)
	if err != nil {
		return Finding{}, err
	}
	after := portal.Values("emailDomains", company.EmailDomains)
	if missing := portal.MissingDomains(company.EmailDomains, c.Domains); len(missing) > 0 {
		return Finding{Verdict: Absent, Code: AbsentDomains, After: after}, nil
	}
	return Finding{Verdict: Applied, Code: FoundDomains, After: after}, nil
}

// Credit implements Operation: whoever added them, the company has the domains.
func (*addDomains) Credit(_ context.Context, _ portal.Tx, _ *Change, f Finding) (Finding, error) {
	return f, nil
}
