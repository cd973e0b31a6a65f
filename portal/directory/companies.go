package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"foyer/address"
	"foyer/auth"
	"foyer/folding"
	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
	"foyer/sapi"
)

// ListFresh is how old the list of companies may be before a page reads it
// again: long enough that paging and sorting cost Symphony nothing.
const ListFresh = time.Minute

// CompanyGroup is one of the ways to narrow the list of companies by state.
type CompanyGroup string

// The groups. NeedAttention holds what failed, what is overdue, and what is in
// a state that Foyer doesn't know.
const (
	AllCompanies  CompanyGroup = ""
	Ready         CompanyGroup = "ready"
	BeingBuilt    CompanyGroup = "building"
	NeedAttention CompanyGroup = "attention"
)

// CompanyGroups lists the groups in the order in which pages offer them.
var CompanyGroups = []CompanyGroup{AllCompanies, Ready, BeingBuilt, NeedAttention}

// CompanySort is a column by which companies can be sorted.
type CompanySort string

// The columns, as the query parameter sort names them.
const (
	ByName    CompanySort = "name"
	ByDomain  CompanySort = "domain"
	ByPeople  CompanySort = "people"
	ByState   CompanySort = "state"
	ByChanged CompanySort = "changed"
)

// CompanySorts lists the columns.
var CompanySorts = []CompanySort{ByName, ByDomain, ByPeople, ByState, ByChanged}

// CompanyQuery narrows, sorts and pages the list of companies.
type CompanyQuery struct {
	Text  string // in the name, vanity name, a domain, the id, or what is noted of it
	Tag   string // one of those noted of it
	Group CompanyGroup
	Sort  CompanySort // empty: ByName
	Desc  bool
	Page  int // from 1; 0 means 1
	Size  int // 0: all
}

// CompanyList is a page of companies.
type CompanyList struct {
	Rows    []CompanyRecord
	Matched int                  // how many the query matches, on all pages
	Counts  map[CompanyGroup]int // per group, with the filters by text and tag applied
	Total   int                  // how many there are without any filter
	Tags    []TagCount           // of all companies
	Page    int
	ReadAt  time.Time // when Symphony was last asked for the list
	Stale   error     // why it could not be read again just now; nil when it was, or was fresh
}

// Companies lists the sponsored companies. They are read from Symphony when
// what is kept is older than a minute; when that fails and there is something
// kept, that is returned with Stale set.
func (p *Directory) Companies(ctx context.Context, a auth.Actor, q CompanyQuery) (CompanyList, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return CompanyList{}, err
	}
	records, readAt, stale, err := p.List(ctx, ListFresh)
	if err != nil {
		return CompanyList{}, fmt.Errorf("list companies: %w", err)
	}
	list := p.selectCompanies(records, q)
	list.ReadAt, list.Stale = readAt, stale
	return list, nil
}

// ReadCompaniesAgain reads the list from Symphony whatever its age.
func (p *Directory) ReadCompaniesAgain(ctx context.Context, a auth.Actor) error {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return err
	}
	_, _, stale, err := p.List(ctx, 0)
	return cmp.Or(err, stale)
}

// List returns the companies kept, after reading them again when they
// are older than maxAge. stale tells why that was not possible, or ErrNoAnswerYet; err is
// set when there is nothing to show at all. It is for other use cases, and checks no
// permission.
func (p *Directory) List(ctx context.Context, maxAge time.Duration) (records []CompanyRecord, readAt time.Time, stale, err error) {
	records, readAt, err = p.listedCompanies(ctx)
	if err != nil {
		return nil, time.Time{}, nil, err
	}
	kept := records
	var unkept error
	if last := p.listed.Load(); last != nil && last.at.After(readAt) {
		records, readAt, unkept = last.over(kept), last.at, last.unkept
	}
	if age := p.now().Sub(readAt); !readAt.IsZero() && age >= 0 && age < maxAge {
		portal.NotKept(ctx, unkept)
		return records, readAt, nil, nil
	}
	over := portal.PatienceOver(ctx)
	if readAt.IsZero() {
		over = nil // there is nothing to show in its place
	}
	read, stale := p.readCompanies(ctx, over)
	switch {
	case stale == nil && !read.kept():
		portal.NotKept(ctx, read.unkept)
		return read.over(kept), read.at, nil, nil
	case stale == nil:
		records, readAt, err = p.listedCompanies(ctx)
		return records, readAt, nil, err
	case readAt.IsZero():
		return nil, time.Time{}, nil, stale
	}
	portal.NotKept(ctx, unkept)
	return records, readAt, stale, nil
}

// listedCompanies are the companies kept that the list has, and when it was read.
func (p *Directory) listedCompanies(ctx context.Context) ([]CompanyRecord, time.Time, error) {
	records, readAt, err := p.store.Companies(ctx)
	return slices.DeleteFunc(records, func(r CompanyRecord) bool { return !r.NotListedAt.IsZero() }), readAt, err
}

// listReading is the list of companies as Symphony gave it once.
type listReading struct {
	companies []sapi.Company
	at        time.Time
	unkept    error // why it could not be kept
}

// kept says whether the store has the reading.
func (l *listReading) kept() bool { return l.unkept == nil }

// over gives the companies of the reading with what is kept of them besides; and as they
// are kept those that were read since, such as one that was created.
func (l *listReading) over(kept []CompanyRecord) []CompanyRecord {
	known := make(map[string]CompanyRecord, len(kept))
	for _, r := range kept {
		known[r.ID] = r
	}
	var records []CompanyRecord
	for _, c := range l.companies {
		r := known[c.ID]
		if r.ReadAt.After(l.at) {
			continue
		}
		if r.State != c.State {
			r.StateSeenAt = l.at
		}
		r.Company, r.ReadAt = c, l.at
		records = append(records, r)
	}
	for _, r := range kept {
		if r.ReadAt.After(l.at) {
			records = append(records, r)
		}
	}
	return records
}

// readCompanies reads the list from Symphony and keeps it, if it can. However many ask for
// it, it is read once: while Symphony doesn't answer they must not wait for each
// other's attempts. It goes on when the one who began it gives up, or waits no longer.
func (p *Directory) readCompanies(ctx context.Context, over <-chan struct{}) (*listReading, error) {
	read := p.list.DoChan("", safely.InFlight(func() (*listReading, error) {
		ctx, now := portal.NoteUnkept(context.WithoutCancel(ctx)), p.now()
		companies, err := p.symphony.Companies.List(ctx)
		if err == nil {
			err = p.believable(ctx, companies, now)
		}
		if err != nil {
			return nil, err
		}
		l := &listReading{companies: companies, at: now}
		err = p.onTheSide(ctx, func(ctx context.Context) error { return p.saveList(ctx, l) })
		p.knownChanged()
		if l.unkept = portal.Unkept(ctx); l.unkept != nil {
			p.listed.Store(l)
		}
		return l, err
	}))
	select {
	case result := <-read:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*listReading), nil
	case <-over:
		return nil, portal.ErrNoAnswerYet
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ErrNoneListed says that Symphony lists no companies, though it did before.
var ErrNoneListed = errors.New("no companies listed, though some are known")

// emptyFor is for how long Symphony must list no companies before that is believed of a
// partner who had some.
const emptyFor = 10 * time.Minute

// believable refuses a list with nothing in it while companies are known: a service that
// has lost its database for a moment says so as well, and what is known would be lost
// with it.
func (p *Directory) believable(ctx context.Context, companies []sapi.Company, now time.Time) error {
	if len(companies) > 0 {
		p.emptied.Store(nil)
		return nil
	}
	known, _, err := p.listedCompanies(ctx)
	if err != nil || len(known) == 0 {
		return err
	}
	since := p.emptied.Load()
	if since == nil {
		since = &now
		p.emptied.Store(since)
	}
	if now.Sub(*since) < emptyFor {
		return ErrNoneListed
	}
	return nil
}

func (p *Directory) selectCompanies(records []CompanyRecord, q CompanyQuery) CompanyList {
	list := CompanyList{Counts: map[CompanyGroup]int{}, Total: len(records), Tags: countTags(records), Page: max(q.Page, 1)}
	var rows []CompanyRecord
	for _, r := range records {
		if !matchesCompany(r, q.Text) || q.Tag != "" && !r.Notes.Has(q.Tag) {
			continue
		}
		list.Counts[AllCompanies]++
		group := p.Group(r)
		list.Counts[group]++
		if q.Group == AllCompanies || q.Group == group {
			rows = append(rows, r)
		}
	}
	list.Matched = len(rows)
	sortCompanies(rows, q.Sort, q.Desc)
	if q.Size > 0 {
		list.Page = min(list.Page, max(1, (len(rows)+q.Size-1)/q.Size))
		from := (list.Page - 1) * q.Size
		rows = rows[from:min(from+q.Size, len(rows))]
	}
	list.Rows = rows
	return list
}

// Group says in which group of the list a company is.
func (p *Directory) Group(r CompanyRecord) CompanyGroup {
	switch {
	case r.State.Ready():
		return Ready
	case r.State.Building() && !p.Overdue(r):
		return BeingBuilt
	}
	return NeedAttention
}

// Overdue says whether a company has been building for half as long again as
// Symphony says is usual.
func (p *Directory) Overdue(r CompanyRecord) bool {
	return r.State.Building() && !r.CreatedAt.IsZero() && p.now().Sub(r.CreatedAt) > p.build*3/2
}

// BuildTime is how long Symphony says that a company usually takes.
func (p *Directory) BuildTime() time.Duration { return p.build }

// matchesCompany says whether text stands in the name, vanity name, a domain or
// the id, in whatever case, or is one of the domains in whatever spelling. A part of a
// domain may be typed as it is shown, too; what is noted is searched as the search box does.
func matchesCompany(c CompanyRecord, text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return true
	}
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
	inDomain := func(domain string) bool { return has(domain) || has(address.Shown(domain)) }
	domain, ok := address.ParseDomain(text)
	folded := folding.Text(text) // nothing is left of an apostrophe alone, and nothing stands in everything
	return has(c.Name) || has(c.VanityName) || has(c.ID) || slices.ContainsFunc(c.EmailDomains, inDomain) || ok && domain.In(c.EmailDomains) ||
		folded != "" && slices.ContainsFunc(folding.Spellings(c.Name+" "+c.Notes.text()), func(s string) bool { return strings.Contains(s, folded) })
}

func sortCompanies(rows []CompanyRecord, by CompanySort, desc bool) {
	// The root collation sorts Ö beside O and ignores case, in every script.
	words := collate.New(language.Und, collate.IgnoreCase)
	byName := func(a, b CompanyRecord) int {
		return cmp.Or(words.CompareString(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	}
	first := func(domains []string) string {
		if len(domains) == 0 {
			return ""
		}
		return domains[0]
	}
	compare := map[CompanySort]func(a, b CompanyRecord) int{
		ByName:    byName,
		ByDomain:  func(a, b CompanyRecord) int { return strings.Compare(first(a.EmailDomains), first(b.EmailDomains)) },
		ByPeople:  func(a, b CompanyRecord) int { return cmp.Compare(a.People, b.People) },
		ByState:   func(a, b CompanyRecord) int { return strings.Compare(string(a.State), string(b.State)) },
		ByChanged: func(a, b CompanyRecord) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
	}[cmp.Or(by, ByName)]
	if compare == nil {
		compare = byName
	}
	slices.SortStableFunc(rows, func(a, b CompanyRecord) int {
		order := compare(a, b)
		if desc {
			order = -order
		}
		return cmp.Or(order, byName(a, b))
	})
}

// Company is one company, read for this page where Symphony could be asked.
type Company struct {
	CompanyRecord
	Group   CompanyGroup
	Overdue bool
	Stale   error // why it could not be read just now: what is shown is from ReadAt
}

// Company reads one company from Symphony. When Symphony can't be asked and it
// is kept, that is returned with Stale set. ErrNotFound when there is none.
func (p *Directory) Company(ctx context.Context, a auth.Actor, id string) (Company, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: id}); err != nil {
		return Company{}, err
	}
	record, stale, err := p.ReadCompany(ctx, id)
	if errors.Is(err, portal.ErrNotFound) {
		record, stale, err = p.companyGone(ctx, id, err)
	}
	if err != nil {
		return Company{}, fmt.Errorf("read company: %w", err)
	}
	return Company{CompanyRecord: record, Group: p.Group(record), Overdue: p.Overdue(record), Stale: stale}, nil
}

// CompanyAsKept is Company without asking Symphony where it is kept: for what follows on a
// page that has just read it, such as its table with what is typed.
func (p *Directory) CompanyAsKept(ctx context.Context, a auth.Actor, id string) (Company, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: id}); err != nil {
		return Company{}, err
	}
	record, err := p.KnownCompany(ctx, id)
	if err != nil {
		return Company{}, fmt.Errorf("read company: %w", err)
	}
	return Company{CompanyRecord: record, Group: p.Group(record), Overdue: p.Overdue(record)}, nil
}

// companyGone gives a company as it was kept that Symphony's list doesn't have any more:
// what happened in it must stay to be found. gone is what tells that it can't be read, and
// the error for a company that nobody knows.
func (p *Directory) companyGone(ctx context.Context, id string, gone error) (record CompanyRecord, stale, err error) {
	record, err = p.store.Company(ctx, id)
	if errors.Is(err, portal.ErrNotStored) || err == nil && record.NotListedAt.IsZero() {
		return CompanyRecord{}, nil, gone
	}
	return record, gone, err
}

// ReadCompany reads a company and keeps it; stale tells why what is returned is
// what was kept. ErrNotFound when Symphony has none, and ErrOther when it answered
// about another. It is for other use cases, and checks no permission.
func (p *Directory) ReadCompany(ctx context.Context, id string) (record CompanyRecord, stale, err error) {
	return patiently(ctx, p, func(ctx context.Context) (CompanyRecord, bool) {
		kept, err := p.store.Company(ctx, id)
		return kept, err == nil
	}, func(ctx context.Context) (CompanyRecord, error, error) { return p.readCompany(ctx, id) })
}

func (p *Directory) readCompany(ctx context.Context, id string) (record CompanyRecord, stale, err error) {
	asked := p.now()
	c, readErr := p.symphony.Companies.Get(ctx, id)
	switch {
	case readErr == nil && !strings.EqualFold(c.ID, id):
		return CompanyRecord{}, nil, portal.ErrOther
	case readErr == nil:
		record, err = p.keepCompany(ctx, c, asked)
		return record, nil, err
	case sapi.IsNotFound(readErr) || sapi.IsCompanyUnavailable(readErr):
		return CompanyRecord{}, nil, portal.ErrNotFound
	}
	record, err = p.store.Company(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		return CompanyRecord{}, nil, readErr
	}
	return record, readErr, err
}

// WatchCompany reads a company that is being built; again is when to do so
// next, zero once it is ready, failed or gone. Jobs call it, and call it again
// after an error.
func (p *Directory) WatchCompany(ctx context.Context, id string) (again time.Duration, err error) {
	ctx = sapi.WithPriority(ctx, sapi.Change)
	record, stale, err := p.ReadCompany(ctx, id)
	switch {
	case errors.Is(err, portal.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("watch company: %w", err)
	case stale != nil:
		return time.Minute, nil //nolint:nilerr // that Symphony can't be asked now is no failure
	case !record.State.Building():
		return 0, nil
	}
	age := p.now().Sub(record.CreatedAt)
	switch {
	case age < p.build*2:
		return max(p.build/40, time.Second), nil // 30 s where 20 minutes are usual
	case age < 24*time.Hour:
		return 5 * time.Minute, nil
	}
	return time.Hour, nil
}

// JobKind is of the jobs that watch a company being built: their ID is the company's,
// and they call Directory.WatchCompany.
const JobKind = "watch company"

// CompanyCreated keeps a company that Symphony began to build, and has it watched,
// for other use cases: it checks no permission. What fails here is found again by
// reading the list, so it is only logged.
func (p *Directory) CompanyCreated(ctx context.Context, created sapi.Company) {
	now := p.now()
	err := p.write(ctx, false, func(ctx context.Context, tx portal.Tx) error {
		if _, _, err := p.store.SaveCompany(ctx, tx, created, now); err != nil {
			return err
		}
		return p.scheduler.Schedule(ctx, tx, portal.Job{Kind: JobKind, ID: created.ID, At: now})
	})
	p.knownChanged()
	if err != nil {
		p.log.WarnContext(ctx, "company not kept, and not watched", "company", created.ID, "error", err)
	}
}

// sweptAtOnce is how many of the companies being built are looked for at a time.
const sweptAtOnce = 100

// Sweep finds companies that are being built and have nobody watching them any more,
// by a job that was lost, and has them watched. Jobs call it.
func (p *Directory) Sweep(ctx context.Context) error {
	for after := ""; ; {
		ids, err := p.store.BuildingCompanies(ctx, after, sweptAtOnce)
		if err != nil {
			return fmt.Errorf("sweep companies: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		jobs := make([]portal.Job, len(ids))
		for i, id := range ids {
			jobs[i] = portal.Job{Kind: JobKind, ID: id, At: p.now()}
		}
		if err := p.scheduler.Schedule(ctx, nil, jobs...); err != nil {
			return fmt.Errorf("sweep companies: %w", err)
		}
		after = ids[len(ids)-1]
	}
}
