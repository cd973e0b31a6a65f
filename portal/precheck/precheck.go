// Package precheck owns the question who is on Symphony already, which is asked before
// anybody is invited. It changes nothing and keeps nothing, and must not say more than
// was answered: none of Symphony's services lists everybody.
package precheck

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/safely"
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

// Source is who was asked.
type Source string

// The sources.
const (
	OwnCompanies    Source = "own-companies" // Foyer's list of the companies that the partner sponsors
	OwnPeople       Source = "own-people"    // what Foyer knew of people
	PersonRead      Source = "person-read"   // the person, read from Symphony for this pre-check
	LoginService    Source = "login-service"
	DirectorySearch Source = "directory-search"
)

// Gone is the Answer of PersonRead when the person is in the company no longer.
const Gone = "gone"

// Evidence is one question that was asked, and its answer.
type Evidence struct {
	Source Source
	Host   string // who was asked; empty for what is Foyer's own
	Asked  string // what was asked for
	// Answer is what Symphony's services said as it came, cut short. Of OwnCompanies it is
	// the name of the one that has the domain, if any; of OwnPeople and PersonRead a
	// status as sapi.Status writes it, or Gone, and empty when nobody is known.
	Answer  string
	Company string // of OwnPeople and PersonRead, where somebody is known: its name
	At      time.Time
	Err     error // why there is no answer
}

// Row is the verdict on one input, and from what it follows.
type Row struct {
	Input   string
	Domain  string
	Verdict Verdict
	Why     Reason
	Company *directory.CompanyRecord // of ours: which has the person, or else the domain
	User    *directory.UserRecord    // of ours, as they are known now
	// Near is a company of ours that hasn't the domain, and is near: it has the domain
	// above, or its tenant is what Symphony named.
	Near   *directory.CompanyRecord
	Tenant Tenant // the one that Symphony named and that isn't known to be ours, if any
	Asked  []Evidence
}

// OfDomain says whether a domain was asked about, and not a person.
func (r Row) OfDomain() bool { return !strings.Contains(strings.TrimPrefix(r.Input, "@"), "@") }

// Unlooked says whether our own people could not be looked through for it.
func (r Row) Unlooked() bool {
	return slices.ContainsFunc(r.Asked, func(e Evidence) bool { return e.Source == OwnPeople && e.Err != nil })
}

// BelowNear says whether the company that is near has a domain above the one asked about.
func (r Row) BelowNear() bool {
	return r.Near != nil && slices.ContainsFunc(r.Near.EmailDomains, func(d string) bool {
		above, ok := address.ParseDomain(d)
		return ok && strings.HasSuffix(r.Domain, "."+string(above))
	})
}

// Tenant is where people are on Symphony.
type Tenant struct {
	Host  string // empty when it isn't told
	Whose Whose
}

// Whose says who made a tenant, as far as Symphony tells.
type Whose string

// Whose a tenant is.
const (
	NotTold   Whose = ""
	Partners  Whose = "partner"  // some partner sponsors it
	Customers Whose = "customer" // it is a company's own
)

// asksAtOnce is how many inputs are asked about at the same time.
const asksAtOnce = 8

// Check asks who is on Symphony already: Foyer's own companies and people first, then
// Symphony's public services, for each input in order. Inputs are e-mail addresses or
// domains, MaxPrecheck at most.
func (p *Service) Check(ctx context.Context, a auth.Actor, inputs []string) ([]Row, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	return p.Ask(ctx, a.RequestID, inputs)
}

// Ask is Check for jobs, which go on with what somebody asked for who may: it checks no
// permission.
func (p *Service) Ask(ctx context.Context, requestID string, inputs []string) ([]Row, error) {
	return p.each(ctx, inputs, func(ctx context.Context, input string, own ownList) Row {
		return p.ask(ctx, requestID, input, own)
	})
}

// Known tells who of some addresses is in a company of ours already, without asking
// Symphony's public services. Of anybody else a row has no verdict.
func (p *Service) Known(ctx context.Context, a auth.Actor, emails []string) ([]Row, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	return p.each(ctx, emails, func(ctx context.Context, input string, own ownList) Row {
		row := Row{Input: input, Domain: string(address.DomainOf(input))}
		if is := p.askPeople(ctx, a.RequestID, &row, own); row.User != nil {
			row.Verdict, row.Why = decide(answers{person: is})
		}
		return row
	})
}

// each asks about each of some inputs, several at the same time.
func (p *Service) each(ctx context.Context, inputs []string, ask func(context.Context, string, ownList) Row) ([]Row, error) {
	if len(inputs) > portal.MaxPrecheck {
		return nil, portal.InvalidField("email", portal.Fault{Code: portal.TooManyAsked, Most: portal.MaxPrecheck, Count: len(inputs)})
	}
	companies, readAt, stale, err := p.directory.List(ctx, directory.ListFresh)
	own := ownList{companies, readAt, cmp.Or(err, stale)}
	rows := make([]Row, len(inputs))
	var g errgroup.Group
	g.SetLimit(asksAtOnce)
	for i, input := range inputs {
		g.Go(func() error {
			return safely.Do(func() error {
				rows[i] = ask(ctx, input, own)
				return nil
			})
		})
	}
	return rows, g.Wait() // each row has its own errors
}
