package directory

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"foyer/address"
	"foyer/auth"
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
	Query     string
	Companies []CompanyRecord // by name, vanity name, domain or id
	Users     []UserRecord    // by e-mail or either id
	// Unsearched is what could not be looked through, so that 'nothing found' is never
	// more than it is. Zero when all was.
	Unsearched Unsearched
}

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
	NoSearchByName   UnsearchedCode = "no-search-by-name"   // Symphony has no such search
	NoSearchByNumber UnsearchedCode = "no-search-by-number" // nor one by its own numbers: only people read before were looked through
	ListIsOld        UnsearchedCode = "list-is-old"         // the companies are those last read
	NoSuchDomain     UnsearchedCode = "no-such-domain"      // Domain: no company of ours has it
	PeopleUnread     UnsearchedCode = "people-unread"       // Company
	TooManyPeople    UnsearchedCode = "too-many-people"     // Company, Count: those that were looked through
	TooManyCompanies UnsearchedCode = "too-many-companies"  // Count: those that were asked
	CompaniesUnread  UnsearchedCode = "companies-unread"    // Count, Of: those that could not be asked
)

var numberPattern = regexp.MustCompile(`^[0-9]{6,19}$`)

// Find looks for whatever was typed or pasted: an e-mail address, either id of
// a person, or a company's name, vanity name, domain or id.
func (p *Directory) Find(ctx context.Context, a auth.Actor, query string) (Found, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return Found{}, err
	}
	query = strings.TrimSpace(query)
	found := Found{Query: query}
	if query == "" {
		return found, nil
	}
	companies, _, stale, err := p.List(ctx, ListFresh)
	if err != nil {
		return Found{}, fmt.Errorf("find: %w", err)
	}
	for _, c := range companies {
		if matchesCompany(c.Company, query) {
			found.Companies = append(found.Companies, c)
		}
	}
	sortCompanies(found.Companies, ByName, false)
	ctx = sapi.WithPriority(ctx, sapi.Change) // a hundred calls may follow: pages go before them
	switch {
	case portal.HasEmailForm(query):
		err = p.findEmail(ctx, a.RequestID, &found, companies)
	case portal.IsUUID(query) && len(found.Companies) == 0:
		err = p.findID(ctx, a.RequestID, &found, companies)
	case numberPattern.MatchString(query):
		err = p.findSymphonyID(ctx, &found)
	case len(found.Companies) == 0:
		found.Unsearched = Unsearched{Code: NoSearchByName}
	}
	if stale != nil && found.Unsearched.Code == "" {
		found.Unsearched = Unsearched{Code: ListIsOld}
	}
	return found, err
}

// findEmail looks among the people seen before, then in the company that has
// the address's domain.
func (p *Directory) findEmail(ctx context.Context, requestID string, found *Found, companies []CompanyRecord) error {
	email, domain := address.Key(found.Query), address.DomainOf(found.Query)
	known, err := p.store.FindUsers(ctx, UserKey{Email: email})
	if err != nil || len(known) > 0 {
		found.Users = known
		return err
	}
	searched := false
	for _, c := range companies {
		if !c.State.Ready() || !domain.In(c.EmailDomains) {
			continue
		}
		searched = true
		u, complete, err := p.scanFor(ctx, requestID, c, email)
		switch {
		case err != nil:
			found.Unsearched = Unsearched{Code: PeopleUnread, Company: c.Name}
		case u != nil:
			found.Users = append(found.Users, *u)
		case !complete:
			found.Unsearched = Unsearched{Code: TooManyPeople, Company: c.Name, Count: findPages * portal.MaxPageSize}
		}
	}
	if !searched {
		found.Unsearched = Unsearched{Code: NoSuchDomain, Domain: string(domain)}
	}
	return nil
}

// scanFor reads a company's pages until the address is found; complete says
// that all of them were read.
func (p *Directory) scanFor(ctx context.Context, requestID string, c CompanyRecord, email string) (found *UserRecord, complete bool, err error) {
	for page := range findPages {
		now := p.now()
		read, err := p.symphony.Users.List(ctx, c.ID, sapi.PageOptions{Page: page, Size: portal.MaxPageSize})
		if err != nil {
			return nil, false, err
		}
		if err := p.keepUsers(ctx, requestID, c.ID, read.Users, now); err != nil {
			return nil, false, err
		}
		for _, u := range read.Users {
			if address.Key(u.Email) == email {
				return &UserRecord{User: u, CompanyID: c.ID, ReadAt: now, StatusAt: statusTime(u.Status, now)}, true, nil
			}
		}
		if len(read.Users) == 0 || !read.AtLeast && int64((page+1)*portal.MaxPageSize) >= read.Total {
			return nil, true, nil
		}
	}
	return nil, false, nil
}

// findID looks for a person by the API's id: among those seen before, then by
// asking for it in each company.
func (p *Directory) findID(ctx context.Context, requestID string, found *Found, companies []CompanyRecord) error {
	id := strings.ToLower(found.Query)
	known, err := p.store.FindUsers(ctx, UserKey{ID: id})
	if err != nil || len(known) > 0 {
		found.Users = known
		return err
	}
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

func (p *Directory) findSymphonyID(ctx context.Context, found *Found) error {
	id, err := strconv.ParseInt(found.Query, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // a number too large to be an id finds nobody
	}
	found.Users, err = p.store.FindUsers(ctx, UserKey{SymphonyUserID: id})
	if len(found.Users) == 0 {
		found.Unsearched = Unsearched{Code: NoSearchByNumber}
	}
	return err
}
