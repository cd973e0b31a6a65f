package directory

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"foyer/address"
	"foyer/auth"
	"foyer/folding"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

const (
	// findPages is how many pages of one company are read to find an address:
	// beyond that the answer would keep a caller waiting.
	findPages = 20
	// findCompanies is how many companies are asked for a person by their id.
	findCompanies = 100
	findersAtOnce = 8
)

// Found is what a search came to.
type Found struct {
	Typed     Typed
	Companies []CompanyRecord // whose name, vanity name, domain, public address or id it is or holds
	Users     []UserRecord    // in whose name, e-mail, department, title or telephone the words stand, or whose id it is
	More      bool            // more people match than there are here
	Who       []Who           // of several addresses, each
	// Unsearched is what could not be looked through, so that 'nothing found' is never
	// more than it is. Zero when all was.
	Unsearched Unsearched
	Coverage   Coverage
}

// Who is who has an address, as far as the directory knows.
type Who struct {
	Email string // as it was typed
	Users []UserRecord
	// Company has the address's domain; zero when none of ours does.
	Company CompanyRecord
}

// mostAddresses is how many addresses are looked for at once.
const mostAddresses = 500

// Unsearched says what a search could not look through, and why.
type Unsearched struct {
	Code    UnsearchedCode
	Company string // the name of the company that it is about
	Domain  string
	Count   int // people or companies that were looked through, or companies that could not be
	Of      int // companies
}

// UnsearchedCode says why something was not looked through.
type UnsearchedCode string

// The codes, with the facts that each has besides.
const (
	NoSearchByNumber UnsearchedCode = "no-search-by-number" // Symphony has none: only people read before were looked through
	ListIsOld        UnsearchedCode = "list-is-old"         // the companies are those last read
	NoSuchDomain     UnsearchedCode = "no-such-domain"      // Domain: no company of ours has it
	PeopleUnread     UnsearchedCode = "people-unread"       // Company
	TooManyPeople    UnsearchedCode = "too-many-people"     // Company, Count: those that were looked through
	TooManyCompanies UnsearchedCode = "too-many-companies"  // Count: those that were asked
	CompaniesUnread  UnsearchedCode = "companies-unread"    // Count, Of: those that could not be asked
	TooManyAddresses UnsearchedCode = "too-many-addresses"  // Count: those that were looked for, Of: those that were typed
)

// Find looks for whatever was typed or pasted: see [Understand]. Of people it returns
// limit at most. What the directory can't know yet it asks Symphony for.
func (p *Directory) Find(ctx context.Context, a auth.Actor, text string, limit int) (Found, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return Found{}, err
	}
	found := Found{Typed: Understand(text)}
	if found.Typed.Text == "" {
		return found, nil
	}
	companies, _, stale, err := p.List(ctx, ListFresh)
	if err != nil {
		return Found{}, fmt.Errorf("find: %w", err)
	}
	if err := p.findKnown(ctx, &found, companies, limit); err != nil {
		return Found{}, fmt.Errorf("find: %w", err)
	}
	ctx = sapi.WithPriority(ctx, sapi.Change) // a hundred calls may follow: pages go before them
	switch t := found.Typed; {
	case len(found.Users)+len(found.Companies) > 0:
	case len(t.Emails) == 1:
		err = p.findEmail(ctx, a.RequestID, &found, companies)
	case len(t.IDs) == 1:
		err = p.findID(ctx, a.RequestID, &found, companies)
	case t.Number != 0:
		found.Unsearched = Unsearched{Code: NoSearchByNumber}
	}
	if err != nil {
		return Found{}, fmt.Errorf("find: %w", err)
	}
	if stale != nil && found.Unsearched.Code == "" {
		found.Unsearched = Unsearched{Code: ListIsOld}
	}
	return found, nil
}

// Suggest is Find while somebody types: it asks nobody but the directory.
func (p *Directory) Suggest(ctx context.Context, a auth.Actor, text string, limit int) (Found, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return Found{}, err
	}
	found := Found{Typed: Understand(text)}
	if found.Typed.Text == "" {
		return found, nil
	}
	companies, _, err := p.listedCompanies(ctx)
	if err == nil {
		err = p.findKnown(ctx, &found, companies, limit)
	}
	if err != nil {
		return Found{}, fmt.Errorf("suggest: %w", err)
	}
	return found, nil
}

// findKnown looks through the companies and the directory.
func (p *Directory) findKnown(ctx context.Context, found *Found, companies []CompanyRecord, limit int) (err error) {
	if found.Coverage, err = p.coverage(ctx, companies); err != nil {
		return err
	}
	found.Companies = slices.DeleteFunc(slices.Clone(companies), func(c CompanyRecord) bool { return !found.Typed.means(c.Company) })
	sortCompanies(found.Companies, ByName, false)
	switch t := found.Typed; {
	case len(t.Emails) > 1:
		return p.whoIsWho(ctx, found, companies)
	case len(t.Emails) == 1:
		found.Users, err = p.people.FindUsers(ctx, UserKey{Email: address.Key(t.Emails[0])})
	case len(t.IDs) > 0:
		for _, id := range t.IDs {
			users, err := p.people.FindUsers(ctx, UserKey{ID: id})
			if err != nil {
				return err
			}
			found.Users = append(found.Users, users...)
		}
	case t.URL != nil, t.Event != 0:
	case t.Number != 0:
		if found.Users, err = p.people.FindUsers(ctx, UserKey{SymphonyUserID: t.Number}); err == nil && len(found.Users) == 0 {
			found.Users, found.More, err = p.people.SearchPeople(ctx, t.Words, limit) // of a telephone
		}
	case len(t.Words) > 0:
		found.Users, found.More, err = p.people.SearchPeople(ctx, t.Words, limit)
	}
	return err
}

// means says whether a company is what was typed: its id, its public address, its
// domain, or all the words stand in its name, vanity name or domains.
func (t Typed) means(c sapi.Company) bool {
	if slices.Contains(t.IDs, c.ID) {
		return true
	}
	if t.URL != nil {
		public, err := url.Parse(c.PublicURL)
		domain, ok := address.ParseDomain(t.URL.Hostname())
		return t.URL.Host != "" && (err == nil && strings.EqualFold(public.Host, t.URL.Host) || ok && domain.In(c.EmailDomains))
	}
	if len(t.Emails) > 0 || len(t.Words) == 0 || t.Event != 0 {
		return false
	}
	if domain, ok := address.ParseDomain(t.Text); ok && domain.In(c.EmailDomains) {
		return true
	}
	whole := folding.Text(strings.Join(append([]string{c.Name, c.VanityName}, c.EmailDomains...), " "))
	return !slices.ContainsFunc(t.Words, func(word string) bool { return !strings.Contains(whole, word) })
}

// whoIsWho looks for several addresses.
func (p *Directory) whoIsWho(ctx context.Context, found *Found, companies []CompanyRecord) error {
	emails := found.Typed.Emails
	if len(emails) > mostAddresses {
		found.Unsearched = Unsearched{Code: TooManyAddresses, Count: mostAddresses, Of: len(emails)}
		emails = emails[:mostAddresses]
	}
	for _, email := range emails {
		who := Who{Email: email}
		var err error
		if who.Users, err = p.people.FindUsers(ctx, UserKey{Email: address.Key(email)}); err != nil {
			return err
		}
		domain := address.DomainOf(email)
		if i := slices.IndexFunc(companies, func(c CompanyRecord) bool { return domain.In(c.EmailDomains) }); i >= 0 {
			who.Company = companies[i]
		}
		found.Who = append(found.Who, who)
	}
	return nil
}

// findEmail looks for an address that the directory doesn't have in the company that has
// its domain.
func (p *Directory) findEmail(ctx context.Context, requestID string, found *Found, companies []CompanyRecord) error {
	email, domain := address.Key(found.Typed.Emails[0]), address.DomainOf(found.Typed.Emails[0])
	searched := false
	for _, c := range companies {
		if !c.State.Ready() || !domain.In(c.EmailDomains) {
			continue
		}
		searched = true
		u, looked, complete, err := p.scanFor(ctx, requestID, c, email)
		switch {
		case err != nil:
			found.Unsearched = Unsearched{Code: PeopleUnread, Company: c.Name}
		case u != nil:
			found.Users = append(found.Users, *u)
		case !complete:
			found.Unsearched = Unsearched{Code: TooManyPeople, Company: c.Name, Count: looked}
		}
	}
	if !searched {
		found.Unsearched = Unsearched{Code: NoSuchDomain, Domain: string(domain)}
	}
	return nil
}

// scanFor reads a company's pages until the address is found: from where the last
// complete reading ended, because who is new comes behind it. looked is how many people
// were looked through, complete that there are no others.
func (p *Directory) scanFor(ctx context.Context, requestID string, c CompanyRecord, email string) (found *UserRecord, looked int, complete bool, err error) {
	state, err := p.people.Reading(ctx, c.ID)
	if err != nil {
		return nil, 0, false, err
	}
	from := 0
	if !state.CompleteAt.IsZero() && !state.Moving {
		from = state.People / portal.MaxPageSize
	}
	for page := from; page < from+findPages; page++ {
		now := p.now()
		read, err := p.symphony.Users.List(ctx, c.ID, sapi.PageOptions{Page: page, Size: portal.MaxPageSize})
		if err != nil {
			return nil, looked, false, err
		}
		if err := p.keepUsers(ctx, requestID, c.ID, read.Users, now); err != nil {
			return nil, looked, false, err
		}
		looked = (page + 1) * portal.MaxPageSize
		for _, u := range read.Users {
			if address.Key(u.Email) == email {
				return &UserRecord{User: u, CompanyID: c.ID, ReadAt: now, StatusAt: statusTime(u.Status, now)}, looked, true, nil
			}
		}
		if !read.More {
			return nil, looked, true, nil
		}
	}
	return nil, looked, false, nil
}

// findID asks for a person whom the directory doesn't have in each company.
func (p *Directory) findID(ctx context.Context, requestID string, found *Found, companies []CompanyRecord) error {
	id := found.Typed.IDs[0]
	ready := slices.DeleteFunc(slices.Clone(companies), func(c CompanyRecord) bool { return !c.State.Ready() })
	if len(ready) > findCompanies {
		ready = ready[:findCompanies]
		found.Unsearched = Unsearched{Code: TooManyCompanies, Count: findCompanies}
	}
	var mu sync.Mutex
	failed := 0
	var g errgroup.Group
	g.SetLimit(findersAtOnce)
	for _, c := range ready {
		g.Go(func() error {
			record, _, err := p.ReadUser(ctx, requestID, c.ID, id)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				found.Users = append(found.Users, record)
			case !errors.Is(err, portal.ErrNotFound):
				failed++
			}
			return nil
		})
	}
	_ = g.Wait() // failures are counted
	if failed > 0 && len(found.Users) == 0 {
		found.Unsearched = Unsearched{Code: CompaniesUnread, Count: failed, Of: len(ready)}
	}
	return nil
}
