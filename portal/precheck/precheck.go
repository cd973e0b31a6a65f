// Package precheck owns the question who is on Symphony already, which is asked before
// anybody is invited. It changes nothing and keeps nothing, and must not say more than
// was answered: none of Symphony's services lists everybody.
package precheck

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// Options are what a Service is made of. All but Now are required.
type Options struct {
	Symphony  *sapi.Client
	Directory *directory.Directory // the partner's own companies and people
	Ledger    portal.Recorder      // of who was refused
	Now       func() time.Time     // nil: time.Now
}

// Service is the use cases of pre-checks. It is safe for concurrent use.
type Service struct {
	gate      portal.Gate
	symphony  *sapi.Client
	directory *directory.Directory
	now       func() time.Time
}

// New gives the use cases over the given parts. It panics when a required one
// is missing, because that is a mistake in the wiring and not of the moment.
func New(o Options) *Service {
	if o.Symphony == nil || o.Directory == nil || o.Ledger == nil {
		panic("precheck.New: Symphony, Directory and Ledger are required")
	}
	s := &Service{gate: portal.Gate{Ledger: o.Ledger}, symphony: o.Symphony, directory: o.Directory, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Verdict is what a pre-check found out about an address or a domain.
type Verdict string

// The verdicts. None of them says that a person has, or hasn't, an account:
// Symphony answers for an address or for its company, and doesn't list all.
const (
	Yours       Verdict = "yours"         // a company that the partner sponsors has the domain, or the person
	BelowYours  Verdict = "below-yours"   // a company that the partner sponsors has a domain above, for which Symphony answered
	OnPod       Verdict = "on-pod"        // the domain's people are on a pod of Symphony
	NotOnRecord Verdict = "not-found"     // Symphony's public service found nothing, which proves nothing
	CouldNotAsk Verdict = "could-not-ask" // neither place could be asked
	NotAnInput  Verdict = "invalid"       // neither an e-mail address nor a domain
)

// Source is who was asked.
type Source string

// The sources.
const (
	OwnCompanies    Source = "own-companies" // Foyer's list of the companies that the partner sponsors
	OwnPeople       Source = "own-people"    // Foyer's record of people; evidence only where it has the person
	LoginService    Source = "login-service"
	DirectorySearch Source = "directory-search"
)

// Evidence is one question that was asked, and its answer.
type Evidence struct {
	Source Source
	Host   string // who was asked; empty for what is Foyer's own
	Asked  string // what was asked for
	Answer string // as it came, cut short; of OwnCompanies the name of the one that has the domain, if any
	At     time.Time
	Err    error // why there is no answer
}

// Row is the verdict on one input, and from what it follows.
type Row struct {
	Input   string
	Domain  string
	Verdict Verdict
	Pod     string                   // where the domain's people are
	Company *directory.CompanyRecord // of ours, when Yours
	Above   *directory.CompanyRecord // of ours, which has a domain above this one, and not this one
	User    *directory.UserRecord    // of ours, when the person is known to Foyer
	Match   *sapi.Match              // what the directory search said, where it could be asked
	Asked   []Evidence
}

// OfDomain says whether a domain was asked about, and not a person.
func (r Row) OfDomain() bool { return !strings.Contains(strings.TrimPrefix(r.Input, "@"), "@") }

// Sponsored says whether the domain's people are on a tenant that a partner sponsors.
// Symphony doesn't publish whose sponsorship it means.
func (r Row) Sponsored() bool { return r.Match != nil && r.Match.TenantFound && r.Match.Sponsored }

// belowOurs says whether nothing was found but a company of ours that has a domain above.
// Where a domain has no people of its own, Symphony answers for the one above it: with the
// pod of that company. Another pod is the domain's own.
func (r Row) belowOurs() bool {
	if r.Above == nil || r.Match != nil && r.Match.UserFound {
		return false
	}
	public, err := url.Parse(r.Above.PublicURL)
	return r.Pod == "" || err == nil && strings.EqualFold(public.Host, r.Pod)
}

// prechecksAtOnce is how many inputs are asked about at the same time.
const prechecksAtOnce = 5

// Check asks who is on Symphony already: Foyer's own list first, then
// Symphony's public services, for each input in order. Inputs are e-mail
// addresses or domains, MaxPrecheck at most.
func (p *Service) Check(ctx context.Context, a auth.Actor, inputs []string) ([]Row, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	if len(inputs) > portal.MaxPrecheck {
		return nil, portal.InvalidField("email", portal.Fault{Code: portal.TooManyAsked, Most: portal.MaxPrecheck, Count: len(inputs)})
	}
	companies, readAt, stale, listErr := p.directory.List(ctx, directory.ListFresh)
	rows := make([]Row, len(inputs))
	var g errgroup.Group
	g.SetLimit(prechecksAtOnce)
	for i, input := range inputs {
		g.Go(func() error {
			rows[i] = p.precheckOne(ctx, input, ownList{companies, readAt, cmp.Or(listErr, stale)})
			return nil
		})
	}
	_ = g.Wait() // each row has its own errors
	return rows, nil
}

// ownList is the list of companies that a pre-check looks through.
type ownList struct {
	companies []directory.CompanyRecord
	readAt    time.Time
	err       error // why it is missing or old
}

func (p *Service) precheckOne(ctx context.Context, input string, own ownList) Row {
	row := Row{Input: input, Domain: string(address.DomainOf(input)), Verdict: NotAnInput}
	email := input
	if row.OfDomain() {
		domain, ok := address.ParseDomain(input)
		if !ok {
			return row
		}
		row.Domain, email = string(domain), "someone@"+string(domain)
	} else if portal.CheckEmail(input).Code != "" {
		return row
	}
	p.askOwnList(ctx, &row, email, own)
	p.askLogin(ctx, &row, email)
	if p.symphony.Directory.Enabled() {
		p.askDirectory(ctx, &row, email)
	}
	row.Verdict = verdict(row)
	return row
}

func (p *Service) askOwnList(ctx context.Context, row *Row, email string, own ownList) {
	evidence := Evidence{Source: OwnCompanies, Asked: row.Domain, At: own.readAt, Err: own.err}
	if i := slices.IndexFunc(own.companies, func(c directory.CompanyRecord) bool {
		return address.Domain(row.Domain).In(c.EmailDomains)
	}); i >= 0 {
		row.Company = &own.companies[i]
		evidence.Answer = row.Company.Name
		evidence.Err = nil // old or not, it was there
	}
	if row.Company == nil {
		row.Above = above(row.Domain, own.companies)
	}
	row.Asked = append(row.Asked, evidence)
	known, err := p.directory.FindKnown(ctx, directory.UserKey{Email: address.Key(email)})
	if err == nil && len(known) > 0 {
		row.User = &known[0]
		row.Asked = append(row.Asked, Evidence{Source: OwnPeople, Asked: email, At: known[0].ReadAt})
	}
}

// above finds the company of ours that has the nearest domain above one.
func above(domain string, companies []directory.CompanyRecord) *directory.CompanyRecord {
	for {
		_, parent, found := strings.Cut(domain, ".")
		if !found {
			return nil
		}
		domain = parent
		for i := range companies {
			if address.Domain(domain).In(companies[i].EmailDomains) {
				return &companies[i]
			}
		}
	}
}

func (p *Service) askLogin(ctx context.Context, row *Row, email string) {
	pod, err := p.symphony.Login.Lookup(ctx, email)
	if pod.Found {
		row.Pod = pod.Domain
	}
	row.Asked = append(row.Asked, Evidence{Source: LoginService, Host: pod.Host, Asked: email, Answer: pod.Raw, At: p.now(), Err: err})
}

func (p *Service) askDirectory(ctx context.Context, row *Row, email string) {
	match, err := p.symphony.Directory.Search(ctx, email)
	if err == nil {
		row.Match = &match
		if u, parseErr := url.Parse(match.TenantURL); parseErr == nil && row.Pod == "" {
			row.Pod = u.Host
		}
	}
	row.Asked = append(row.Asked, Evidence{Source: DirectorySearch, Host: match.Host, Asked: email, Answer: match.Raw, At: p.now(), Err: err})
}

// verdict is what follows from what was found.
func verdict(row Row) Verdict {
	switch {
	case row.User != nil || row.Company != nil:
		return Yours
	case row.belowOurs():
		return BelowYours
	case row.Sponsored() || row.Pod != "":
		return OnPod
	case answered(row.Asked):
		return NotOnRecord
	}
	return CouldNotAsk
}

// answered says whether one of Symphony's services gave an answer.
func answered(asked []Evidence) bool {
	return slices.ContainsFunc(asked, func(e Evidence) bool { return e.Host != "" && e.Err == nil })
}

// CompanyCheck is what is known before a company is created.
type CompanyCheck struct {
	Company   sapi.NewCompany     // normalised, as it would be sent
	Problems  []portal.FieldError // why it can't be created, by field
	Conflicts []Conflict          // with the companies of ours
	Prechecks []Row               // of every domain and sample e-mail; empty when there are Problems
	ListErr   error               // why Foyer's own list could not be read just now
}

// Conflict is a company of ours that has the name, vanity name or a domain.
type Conflict struct {
	Field   string // name, vanityName or emailDomains
	Value   string
	Company directory.CompanyRecord
}

// FieldError says so at the field.
func (c Conflict) FieldError() portal.FieldError {
	return portal.FieldError{Field: c.Field, Fault: portal.Fault{Code: portal.TakenByOwn, Value: c.Value, Company: c.Company.Name}}
}

// CheckCompany looks for what would stop a new company: bad fields, conflicts
// with the companies of ours, and who is on Symphony already. It changes
// nothing.
func (p *Service) CheckCompany(ctx context.Context, a auth.Actor, n sapi.NewCompany, samples []string) (CompanyCheck, error) {
	if err := p.gate.Require(ctx, a, auth.Onboard, ledger.Company{Name: n.Name}); err != nil {
		return CompanyCheck{}, err
	}
	check := CompanyCheck{}
	check.Company, check.Problems = portal.CheckNewCompany(n)
	companies, _, stale, err := p.directory.List(ctx, directory.ListFresh)
	check.ListErr = cmp.Or(err, stale)
	check.Conflicts = conflicts(check.Company, companies)
	for _, c := range check.Conflicts {
		check.Problems = append(check.Problems, c.FieldError())
	}
	if len(check.Problems) > 0 {
		return check, nil
	}
	check.Prechecks, err = p.Check(ctx, a, slices.Concat(check.Company.EmailDomains, samples))
	return check, err
}

func conflicts(n sapi.NewCompany, companies []directory.CompanyRecord) []Conflict {
	var found []Conflict
	for _, c := range companies {
		if n.Name != "" && strings.EqualFold(c.Name, n.Name) {
			found = append(found, Conflict{"name", c.Name, c})
		}
		if n.VanityName != "" && strings.EqualFold(c.VanityName, n.VanityName) {
			found = append(found, Conflict{"vanityName", c.VanityName, c})
		}
		for _, d := range n.EmailDomains {
			if address.Domain(d).In(c.EmailDomains) {
				found = append(found, Conflict{"emailDomains", d, c})
			}
		}
	}
	return found
}
