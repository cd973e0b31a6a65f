package precheck

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"foyer/address"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/safely"
	"foyer/sapi"
)

// statusFresh is how old a status may be before a pre-check reads it again.
const statusFresh = 5 * time.Minute

// ownList is the list of companies that a pre-check looks through.
type ownList struct {
	companies []directory.CompanyRecord
	readAt    time.Time
	err       error // why it is missing or old
}

// withDomain finds the company that has a domain, nil when there is none.
func (l ownList) withDomain(domain string) *directory.CompanyRecord {
	return l.find(func(c directory.CompanyRecord) bool { return address.Domain(domain).In(c.EmailDomains) })
}

// above finds the company that has the nearest domain above one. A domain below another
// one is not that company's.
func (l ownList) above(domain string) *directory.CompanyRecord {
	for {
		_, parent, found := strings.Cut(domain, ".")
		if !found {
			return nil
		}
		if c := l.withDomain(parent); c != nil {
			return c
		}
		domain = parent
	}
}

// atHost finds the company whose people sign in at a host.
func (l ownList) atHost(host string) *directory.CompanyRecord {
	if host == "" {
		return nil
	}
	return l.find(func(c directory.CompanyRecord) bool { return strings.EqualFold(hostOf(c.PublicURL), host) })
}

func (l ownList) withID(id string) *directory.CompanyRecord {
	return l.find(func(c directory.CompanyRecord) bool { return c.ID == id })
}

func (l ownList) find(is func(directory.CompanyRecord) bool) *directory.CompanyRecord {
	if i := slices.IndexFunc(l.companies, is); i >= 0 {
		return &l.companies[i]
	}
	return nil
}

func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// inputOf reads what was typed: the row to be filled, and the address to ask with. Of a
// domain that is anybody's. ok is false when it is neither an address nor a domain.
func inputOf(input string) (row Row, email string, ok bool) {
	row = Row{Input: input, Domain: string(address.DomainOf(input)), Verdict: NotAnInput}
	if !row.OfDomain() {
		return row, input, portal.CheckEmail(input).Code == ""
	}
	domain, ok := address.ParseDomain(input)
	if !ok {
		return row, "", false
	}
	row.Domain = string(domain)
	return row, "someone@" + row.Domain, true
}

// ask asks every source about one input, and decides.
func (p *Service) ask(ctx context.Context, requestID, input string, own ownList) Row {
	row, email, ok := inputOf(input)
	if !ok {
		return row
	}
	a := answers{ofDomain: row.OfDomain(), public: public(row.Domain), person: unknownPerson}
	a.list = askOwnList(&row, own)
	if !a.ofDomain {
		a.person = p.askPeople(ctx, requestID, &row, own)
	}
	said := p.askSymphony(ctx, &row, email)
	a.search, a.login = said.search(&row, own), said.login(&row, own)
	row.Verdict, row.Why = decide(a)
	return row
}

// public says in which way a domain is everybody's; empty when it is not.
func public(domain string) Reason {
	switch d := address.Domain(domain); {
	case portal.Freemail(d):
		return Freemail
	case portal.PublicSuffix(d):
		return PublicSuffix
	}
	return ""
}

// askOwnList looks for the company of ours that has the domain, else for one whose domain
// is above it.
func askOwnList(row *Row, own ownList) list {
	evidence, found := Evidence{Source: OwnCompanies, Asked: row.Domain, At: own.readAt, Err: own.err}, notOwnDomain
	if row.Company = own.withDomain(row.Domain); row.Company != nil {
		evidence.Answer, evidence.Err = row.Company.Name, nil // old or not, it was there
		found = ownDomain
	} else if row.Near = own.above(row.Domain); own.err != nil {
		found = unreadList
	}
	row.Asked = append(row.Asked, evidence)
	return found
}

// askPeople looks for the person among those whom Foyer knows, and reads them again where
// their status is unknown or old.
func (p *Service) askPeople(ctx context.Context, requestID string, row *Row, own ownList) person {
	known, err := p.directory.FindKnown(ctx, directory.UserKey{Email: address.Key(row.Input)})
	if err != nil || len(known) == 0 {
		row.Asked = append(row.Asked, Evidence{Source: OwnPeople, Asked: row.Input, At: p.now(), Err: err})
		if err != nil {
			portal.NotKept(ctx, err) // the page says what is the matter
			return unlookedUpPerson
		}
		return unknownPerson
	}
	found := unknownPerson
	for _, u := range known {
		company := p.companyOf(ctx, u.CompanyID, own)
		row.Asked = append(row.Asked, Evidence{Source: OwnPeople, Asked: row.Input, Answer: u.Status.String(), Company: company.Name, At: cmp.Or(u.StatusAt, u.ReadAt)})
		now, state := p.readAgain(ctx, requestID, row, u, company.Name)
		if slices.Index(likelier, state) < slices.Index(likelier, found) {
			found, row.User, row.Company = state, &now, company
		}
	}
	return found
}

// likelier is which of several records of one address is the person's: the first of
// these. They are in one company at a time.
var likelier = []person{activePerson, unreadPerson, untoldPerson, disabledPerson, unknownPerson}

// readAgain gives a person of ours as they are now, which Symphony is asked for unless
// their status was read a moment ago.
func (p *Service) readAgain(ctx context.Context, requestID string, row *Row, u directory.UserRecord, company string) (directory.UserRecord, person) {
	if age := p.now().Sub(u.StatusAt); u.Status != sapi.StatusUnknown && age <= statusFresh {
		return u, personIs(u.Status)
	}
	evidence := Evidence{Source: PersonRead, Asked: row.Input, Company: company, At: p.now()}
	now, stale, err := p.directory.ReadUser(ctx, requestID, u.CompanyID, u.ID)
	state := personIs(now.Status)
	switch {
	case errors.Is(err, portal.ErrNotFound):
		state = unknownPerson
		evidence.Answer = Gone
	case cmp.Or(err, stale) != nil:
		evidence.Err = cmp.Or(err, stale)
		now, state = u, unreadPerson
	default:
		evidence.Answer = now.Status.String()
	}
	row.Asked = append(row.Asked, evidence)
	return now, state
}

func personIs(s sapi.Status) person {
	switch s {
	case sapi.StatusActive:
		return activePerson
	case sapi.StatusDisabled:
		return disabledPerson
	case sapi.StatusUnknown:
	}
	return untoldPerson
}

// companyOf finds a person's company in the list, else as it is known; with its id alone
// where it isn't.
func (p *Service) companyOf(ctx context.Context, id string, own ownList) *directory.CompanyRecord {
	if c := own.withID(id); c != nil {
		return c
	}
	c, err := p.directory.KnownCompany(ctx, id)
	if err != nil {
		c = directory.CompanyRecord{Company: sapi.Company{ID: id}}
	}
	return &c
}

// said is what Symphony's two services said of an address.
type said struct {
	searched  bool
	match     sapi.Match
	searchErr error
	pod       sapi.Pod
	loginErr  error
}

// askSymphony asks the login service, and the directory search where it can be, at the
// same time.
func (p *Service) askSymphony(ctx context.Context, row *Row, email string) said {
	s := said{searched: p.symphony.Directory.Enabled()}
	var at time.Time
	var searching sync.WaitGroup
	if s.searched {
		searching.Go(func() {
			s.match, s.searchErr = safely.Answer(func() (sapi.Match, error) { return p.symphony.Directory.Search(ctx, email) })
			at = p.now()
		})
	}
	s.pod, s.loginErr = p.symphony.Login.Lookup(ctx, email)
	row.Asked = append(row.Asked, Evidence{Source: LoginService, Host: s.pod.Host, Asked: email, Answer: s.pod.Raw, At: p.now(), Err: s.loginErr})
	searching.Wait()
	if s.searched {
		row.Asked = append(row.Asked, Evidence{Source: DirectorySearch, Host: s.match.Host, Asked: email, Answer: s.match.Raw, At: at, Err: s.searchErr})
	}
	return s
}

// search reads the answer of the directory search, and whose tenant it is about. Ours are
// those of our list: 'sponsored' says that a partner sponsors it, and not which.
func (s said) search(row *Row, own ownList) search {
	person := s.match.UserFound && !row.OfDomain()
	switch {
	case !s.searched:
		return searchOff
	case s.searchErr != nil:
		return searchFailed
	case !person && !s.match.TenantFound:
		return searchNothing
	}
	host := cmp.Or(hostOf(s.match.TenantURL), s.pod.Domain)
	pick := func(ofPerson, ofTenant search) search {
		if person {
			return ofPerson
		}
		return ofTenant
	}
	if c := own.atHost(host); c != nil {
		row.found(c, person)
		return pick(personOurs, tenantOurs)
	}
	if row.Company != nil && s.match.Sponsored && (host == "" || !person) {
		return pick(personOurs, tenantOurs) // its domain is ours, and only one sponsored tenant has it
	}
	row.Tenant = Tenant{Host: host, Whose: Customers}
	if !s.match.Sponsored {
		return pick(personElsewhere, tenantElsewhere) // ours are all sponsored
	}
	row.Tenant.Whose = Partners
	if row.Company != nil || own.err != nil || host == "" && row.Near != nil {
		return pick(personUnclear, tenantUnclear)
	}
	return pick(personElsewhere, tenantElsewhere)
}

// found takes down that a tenant which Symphony named is a company's of ours.
func (r *Row) found(c *directory.CompanyRecord, person bool) {
	switch {
	case r.User != nil:
	case person:
		r.Company = c
	case r.Company == nil:
		r.Near = c
	}
}

// login reads the answer of the login service, and whose pod it named.
func (s said) login(row *Row, own ownList) login {
	switch {
	case s.loginErr != nil:
		return loginFailed
	case !s.pod.Found:
		return loginNothing
	}
	if c := own.atHost(s.pod.Domain); c != nil {
		row.found(c, false)
		return podOurs
	}
	if row.Tenant == (Tenant{}) {
		row.Tenant.Host = s.pod.Domain
	}
	if own.err != nil && row.Company == nil {
		return podUnclear
	}
	return podElsewhere
}
