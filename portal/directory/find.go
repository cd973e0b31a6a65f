package directory

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/sync/errgroup"

	"foyer/address"
	"foyer/auth"
	"foyer/folding"
	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
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
	Companies []CompanyRecord // whose name, vanity name, domain, public address or id it is or holds, or what is noted of them
	Users     []UserRecord    // in whose name, e-mail, department, title, telephone or note the words stand, or whose id it is
	// Notes are the notes in which the words stand, of people who are found by these alone.
	Notes map[UserRef]string
	More  bool // more people match than there are here
	// NamedCompanies and NamedUsers are how many of them are called exactly so, by e-mail,
	// id or number, public address, or a company's whole name, vanity name, domain, alias
	// or reference. They come first; of the others a part is.
	NamedCompanies, NamedUsers int

	Who []Who // whose the addresses are, each
	// Unsearched is what could not be looked through, so that 'nothing found' is never
	// more than it is. Zero when all was.
	Unsearched Unsearched
	// Down says that the directory could not be looked through: People are at most those
	// whom Symphony was asked for.
	Down  *Unavailable
	Asked []CompanyRecord // of whom Symphony was asked just now
	Known *KnownCompanies
}

// Nothing says whether nothing was found.
func (f Found) Nothing() bool { return len(f.Companies)+len(f.Users) == 0 }

// Named says whether something is called exactly so.
func (f Found) Named() bool { return f.NamedCompanies+f.NamedUsers > 0 }

// Only returns the one company or the one person that must have been meant: nothing else
// is called exactly so, or nothing else was found where everybody was looked through. By a
// few letters nobody is meant.
func (f Found) Only() (company *CompanyRecord, user *UserRecord) {
	companies, users := f.Companies[:f.NamedCompanies], f.Users[:f.NamedUsers]
	const telling = 4 // bytes: a name in Chinese has two letters
	all := !f.More && f.Down == nil && f.Known.Coverage.Read == f.Known.Coverage.Companies
	if all && !f.Named() && len(f.Typed.Emails) == 0 && len(f.Typed.Text) >= telling {
		companies, users = f.Companies, f.Users
	}
	switch {
	case len(f.Typed.Emails) > 1 || len(companies)+len(users) != 1:
		return nil, nil
	case len(companies) == 1:
		return &companies[0], nil
	}
	return nil, &users[0]
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
	NoSuchDomain     UnsearchedCode = "no-such-domain"     // Domain: no company of ours has it
	CompanyNotReady  UnsearchedCode = "company-not-ready"  // Company: it has the domain, and can have nobody yet
	PeopleUnread     UnsearchedCode = "people-unread"      // Company
	TooManyPeople    UnsearchedCode = "too-many-people"    // Company, Count: those that were looked through
	TooManyCompanies UnsearchedCode = "too-many-companies" // Count: those that were asked
	CompaniesUnread  UnsearchedCode = "companies-unread"   // Count, Of: those that could not be asked
	TooManyAddresses UnsearchedCode = "too-many-addresses" // Count: those that were looked for, Of: those that were typed
)

// Find looks for whatever was typed or pasted: see [Understand]. Of people it returns
// limit at most. What the directory can't know yet it asks Symphony for.
func (p *Directory) Find(ctx context.Context, a auth.Actor, text string, limit int) (Found, error) {
	found, err := p.Suggest(ctx, a, text, limit)
	if err != nil || !found.mayBeNew() {
		return found, err
	}
	if err := p.findNew(ctx, a.RequestID, &found, limit); err != nil {
		return Found{}, fmt.Errorf("find: %w", err)
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
	known, err := p.knownCompanies(ctx)
	if err == nil {
		err = p.findKnown(ctx, &found, known, limit)
	}
	if err != nil {
		return Found{}, fmt.Errorf("suggest: %w", err)
	}
	return found, nil
}

// findKnown looks through the companies and the directory.
func (p *Directory) findKnown(ctx context.Context, found *Found, known *KnownCompanies, limit int) error {
	found.Known = known
	found.findCompanies()
	err := p.findPeople(ctx, found, limit)
	if down, is := errors.AsType[*Unavailable](err); is {
		found.Down, found.Users, found.NamedUsers, found.More = down, nil, 0, false
		return nil
	}
	return err
}

// findPeople looks through the directory.
func (p *Directory) findPeople(ctx context.Context, found *Found, limit int) (err error) {
	if len(found.Typed.Emails) > 0 {
		return p.whoIsWho(ctx, found, limit)
	}
	if err := p.findNamed(ctx, found); err != nil || found.NamedUsers > 0 {
		return err
	}
	if !found.Typed.areWords() {
		return nil
	}
	if found.Users, found.More, err = p.people.SearchPeople(ctx, found.Typed.Words, limit); err != nil {
		return err
	}
	return p.findNoted(ctx, found, limit)
}

// findNoted adds the people in whose notes the words stand.
func (p *Directory) findNoted(ctx context.Context, found *Found, limit int) error {
	notes, more, err := p.store.SearchNotes(ctx, found.Typed.Words, limit)
	if err != nil {
		return err
	}
	refs := make([]UserRef, len(notes))
	for i, n := range notes {
		refs[i] = n.Of
	}
	noted, err := p.usersOf(ctx, refs)
	if err != nil {
		return err
	}
	found.More, found.Notes = found.More || more, map[UserRef]string{}
	for _, n := range notes {
		u, known := noted[n.Of]
		if !known || slices.ContainsFunc(found.Users, func(f UserRecord) bool { return f.CompanyID == u.CompanyID && f.ID == u.ID }) {
			continue
		}
		if len(found.Users) == limit {
			found.More = true
			break
		}
		found.Users, found.Notes[n.Of] = append(found.Users, u), n.Note
	}
	return nil
}

// usersOf returns what is known of people of several companies; others are absent.
func (p *Directory) usersOf(ctx context.Context, refs []UserRef) (map[UserRef]UserRecord, error) {
	ids := map[string][]string{}
	for _, ref := range refs {
		ids[ref.CompanyID] = append(ids[ref.CompanyID], ref.UserID)
	}
	found := map[UserRef]UserRecord{}
	for companyID, of := range ids {
		users, err := p.people.Users(ctx, companyID, of)
		if err != nil {
			return nil, err
		}
		for id, u := range users {
			found[UserRef{companyID, id}] = u
		}
	}
	return found, nil
}

// findCompanies looks through the companies: those that are called exactly so come
// first, then those with a name in which a word begins with the first one.
func (f *Found) findCompanies() {
	host := f.Typed.host()
	domain, isDomain := f.domainOf(host)
	whole := folding.Text(f.Typed.Text)
	var named, begun, others []CompanyRecord
	for _, c := range f.Known.searched {
		switch {
		case slices.Contains(f.Typed.IDs, c.ID), host != "" && strings.EqualFold(c.host, host), isDomain && slices.Contains(c.domains, domain), f.Typed.areWords() && slices.Contains(c.names, whole), whole != "" && c.reference == whole:
			named = append(named, c.CompanyRecord)
		case !f.Typed.areWords() || slices.ContainsFunc(f.Typed.Words, func(word string) bool { return !strings.Contains(c.text, word) }):
		case c.begins(f.Typed.Words[0]):
			begun = append(begun, c.CompanyRecord)
		default:
			others = append(others, c.CompanyRecord)
		}
	}
	f.Companies, f.NamedCompanies = slices.Concat(named, begun, others), len(named)
}

// domainOf is the domain that a host is, or, of a web site, the nearest one above it that a
// company of ours has: www.tern.example is where Tern, of tern.example, is on the web.
func (f *Found) domainOf(host string) (domain address.Domain, ok bool) {
	website := f.Typed.URL != nil || strings.HasPrefix(strings.ToLower(host), "www.")
	for above := host; website && above != ""; _, above, _ = strings.Cut(above, ".") {
		if d, ok := address.ParseDomain(above); ok && f.Known.owner(d).ID != "" {
			return d, true
		}
	}
	return address.ParseDomain(host)
}

// findNamed looks for people by an id or a number.
func (p *Directory) findNamed(ctx context.Context, found *Found) error {
	keys := make([]UserKey, len(found.Typed.IDs))
	for i, id := range found.Typed.IDs {
		keys[i].ID = id
	}
	if number := found.Typed.Number; number != 0 {
		keys = append(keys, UserKey{SymphonyUserID: number})
	}
	for _, key := range keys {
		users, err := p.people.FindUsers(ctx, key)
		if err != nil {
			return err
		}
		found.Users = append(found.Users, users...)
	}
	found.NamedUsers = len(found.Users)
	return nil
}

// areWords says whether words were typed, and nothing that is known to be something else.
func (t Typed) areWords() bool {
	return len(t.Words) > 0 && len(t.Emails) == 0 && len(t.IDs) == 0 && t.Event == 0 && t.URL == nil
}

// host is the host of an address of the web that was typed, or a text that may be one.
func (t Typed) host() string {
	switch {
	case t.URL != nil:
		return t.URL.Hostname()
	case t.areWords():
		return t.Text
	}
	return ""
}

// searchedCompany is a company with all by which it is searched for.
type searchedCompany struct {
	CompanyRecord
	names     []string // folded: the name, the vanity name and the alias
	reference string   // folded
	text      string   // folded: all of these, the domains and the tags
	host      string   // of the public address
	domains   []address.Domain
}

// begins says whether a word of a name begins so.
func (c searchedCompany) begins(start string) bool {
	return slices.ContainsFunc(c.names, func(name string) bool {
		return strings.HasPrefix(name, start) || strings.Contains(name, " "+start)
	})
}

func newSearchedCompany(c CompanyRecord) searchedCompany {
	s := searchedCompany{CompanyRecord: c, reference: folding.Text(c.Notes.Reference)}
	for _, name := range []string{c.Name, c.VanityName, c.Notes.Alias} {
		for _, spelling := range folding.Spellings(name) {
			if spelling != "" {
				s.names = append(s.names, spelling)
			}
		}
	}
	s.text = strings.Join(append(folding.Spellings(c.Name+" "+c.Notes.text()), folding.Text(strings.Join(append([]string{c.VanityName}, c.EmailDomains...), " "))), "\n")
	if public, err := url.Parse(c.PublicURL); err == nil {
		s.host = public.Hostname()
	}
	for _, raw := range c.EmailDomains {
		if domain, ok := address.ParseDomain(raw); ok {
			s.domains = append(s.domains, domain)
		}
	}
	return s
}

// whoIsWho looks for addresses. Where there is one that nobody has, it looks for people
// who are near it: more of it may be typed yet, or it is misspelt.
func (p *Directory) whoIsWho(ctx context.Context, found *Found, limit int) (err error) {
	emails := found.Typed.Emails
	if len(emails) > mostAddresses {
		found.Unsearched = Unsearched{Code: TooManyAddresses, Count: mostAddresses, Of: len(emails)}
		emails = emails[:mostAddresses]
	}
	for _, email := range emails {
		found.Who = append(found.Who, Who{Email: email, Company: found.Known.owner(address.DomainOf(email))})
	}
	for i, who := range found.Who {
		if found.Who[i].Users, err = p.people.FindUsers(ctx, UserKey{Email: address.Key(who.Email)}); err != nil {
			return err
		}
	}
	if len(emails) > 1 {
		return nil
	}
	found.Users, found.NamedUsers = found.Who[0].Users, len(found.Who[0].Users)
	if found.NamedUsers == 0 {
		found.Users, found.More, err = p.findNear(ctx, found.Who[0], limit)
	}
	return err
}

// findNear looks for whom an address that nobody has may be meant: people in whose address
// it stands, or who are called so, at its domain or else anywhere, those of the company
// that has the domain first. A single word of a name means nobody at another domain.
func (p *Directory) findNear(ctx context.Context, who Who, limit int) (near []UserRecord, more bool, err error) {
	local, domain, _ := strings.Cut(who.Email, "@")
	called := strings.FieldsFunc(folding.Text(local), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	tries := [][]string{folding.Words(who.Email)}
	if len(called) > 0 {
		tries = append(tries, append(folding.Words("@"+domain), called...))
	}
	if len(called) > 1 {
		tries = append(tries, called)
	}
	for _, words := range tries {
		if near, more, err = p.people.SearchPeople(ctx, words, limit); err != nil || len(near) > 0 {
			break
		}
	}
	slices.SortStableFunc(near, func(a, b UserRecord) int {
		return rank(a.CompanyID == who.Company.ID) - rank(b.CompanyID == who.Company.ID)
	})
	return near, more, err
}

// rank puts what comes first before the others.
func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// owner gives the company that has a domain; zero when none does.
func (k *KnownCompanies) owner(domain address.Domain) CompanyRecord {
	i := slices.IndexFunc(k.searched, func(c searchedCompany) bool { return slices.Contains(c.domains, domain) })
	if i < 0 {
		return CompanyRecord{}
	}
	return k.searched[i].CompanyRecord
}

// mayBeNew says whether Symphony may know what was looked for in vain: a company, or the
// one person who has an address or an id.
func (f Found) mayBeNew() bool {
	t := f.Typed
	switch {
	case f.Named() || t.Event != 0 || t.URL != nil && t.URL.Host == "":
		return false
	case len(t.Emails) > 0:
		return len(t.Emails) == 1
	}
	return f.Nothing() && (t.URL != nil || len(t.IDs)+len(t.Words) > 0)
}

// findNew asks Symphony: for the companies, unless they are fresh, and then for who has
// an address or an id.
func (p *Directory) findNew(ctx context.Context, requestID string, found *Found, limit int) error {
	if owner := found.owner(); owner.State.Ready() {
		// Nobody else can have the domain: the list needs not be waited for first.
		return p.findEmail(sapi.WithPriority(ctx, sapi.Change), requestID, found, []CompanyRecord{owner})
	}
	_, readAt, err := p.store.Companies(ctx)
	if err != nil {
		return err
	}
	companies, newerAt, _, err := p.List(ctx, ListFresh)
	if err != nil {
		return err
	}
	if newerAt.After(readAt) {
		again := Found{Typed: found.Typed}
		if err := p.findKnown(ctx, &again, newKnown(companies, found.Known.readings, found.Known.Down), limit); err != nil {
			return err
		}
		*found = again
	}
	if found.Named() {
		return nil
	}
	ctx = sapi.WithPriority(ctx, sapi.Change) // a hundred calls may follow: pages go before them
	switch t := found.Typed; {
	case len(t.Emails) == 1:
		return p.findEmail(ctx, requestID, found, companies)
	case len(t.IDs) == 1:
		return p.findID(ctx, requestID, found, companies)
	}
	return nil
}

// owner gives the company that has the domain of the one address that was typed, as last
// read; zero when none does.
func (f Found) owner() CompanyRecord {
	if len(f.Typed.Emails) != 1 {
		return CompanyRecord{}
	}
	return f.Known.owner(address.DomainOf(f.Typed.Emails[0]))
}

// findEmail looks for an address that the directory doesn't have in the companies that
// have its domain.
func (p *Directory) findEmail(ctx context.Context, requestID string, found *Found, companies []CompanyRecord) error {
	email, domain := address.Key(found.Typed.Emails[0]), address.DomainOf(found.Typed.Emails[0])
	found.Unsearched = Unsearched{Code: NoSuchDomain, Domain: string(domain)}
	for _, c := range companies {
		if !domain.In(c.EmailDomains) {
			continue
		}
		if !c.State.Ready() {
			found.Unsearched = Unsearched{Code: CompanyNotReady, Company: c.Name}
			continue
		}
		found.Unsearched = Unsearched{}
		u, looked, complete, err := p.scanFor(ctx, requestID, c, email)
		switch {
		case err != nil:
			found.Unsearched = Unsearched{Code: PeopleUnread, Company: c.Name}
			continue
		case u != nil:
			found.Users, found.NamedUsers, found.More = []UserRecord{*u}, 1, false
			return nil
		case !complete:
			found.Unsearched = Unsearched{Code: TooManyPeople, Company: c.Name, Count: looked}
		}
		found.Asked = append(found.Asked, c)
	}
	return nil
}

// scanFor reads a company's pages until the address is found: from where the last
// complete reading ended, because who is new comes behind it. looked is how many people
// were looked through, complete that there are no others.
func (p *Directory) scanFor(ctx context.Context, requestID string, c CompanyRecord, email string) (found *UserRecord, looked int, complete bool, err error) {
	state, err := p.people.Reading(ctx, c.ID)
	if err := doWithout(ctx, err); err != nil {
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
		if err := p.keepUsers(ctx, requestID, c.ID, FromList, read.Users, now); err != nil {
			return nil, looked, false, err
		}
		looked = (page + 1) * portal.MaxPageSize
		for _, u := range read.Users {
			if address.Key(u.Email) == email {
				return &UserRecord{User: u, CompanyID: c.ID, ReadAt: now, Source: FromList, StatusAt: statusTime(u.Status, now)}, looked, true, nil
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
			record, err := safely.Answer(func() (UserRecord, error) {
				record, _, err := p.ReadUser(ctx, requestID, c.ID, id)
				return record, err
			})
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
	found.NamedUsers = len(found.Users)
	found.Asked = ready
	if failed > 0 && len(found.Users) == 0 {
		found.Unsearched = Unsearched{Code: CompaniesUnread, Count: failed, Of: len(ready)}
	}
	return nil
}
