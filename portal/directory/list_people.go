package directory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
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

// countUpTo is how far people are counted for a page, unless somebody asks for more.
const countUpTo = 10_000

// PeopleList is a page of the people whom a query describes, with what has to be said
// of it. They are as they were read: Symphony is asked nothing.
type PeopleList struct {
	PeoplePage
	Known  *KnownCompanies
	Total  Tally  // of everybody who could be in the list
	Counts Counts // of whom the query describes, whatever their status
	// Noted are people of whom the words stand in nothing but the note on them, those noted
	// last: they are beside the others, on the first page. MoreNoted says that there may be
	// more.
	Noted     []NotedUser
	MoreNoted bool
}

// Counts are how many people there are of each status.
type Counts struct {
	Active, Disabled, Unknown, NotListed Count

	listed Count // where not all were counted
}

// Count is how many people there are, at least; More says that there may be more, and that
// counting them all would take long.
type Count struct {
	N    int
	More bool
}

// Of is the count of those whom a filter by status leaves.
func (c Counts) Of(filter StatusFilter) Count {
	switch filter {
	case OnlyActive:
		return c.Active
	case OnlyDisabled:
		return c.Disabled
	case OnlyUnknown:
		return c.Unknown
	case OnlyNotListed:
		return c.NotListed
	case AnyStatus:
	}
	if c.listed.More {
		return c.listed
	}
	return Count{c.Active.N + c.Disabled.N + c.Unknown.N, c.Active.More || c.Disabled.More || c.Unknown.More}
}

// SearchWords gives the words by which a query finds what somebody typed or pasted.
func SearchWords(text string) []string {
	typed := Understand(text)
	if len(typed.Emails) == 1 {
		return folding.Words(typed.Emails[0])
	}
	return typed.Words
}

// ListPeople returns a page of the people whom a query describes. The list is everybody's,
// or that of one company, which of names then. exact has them counted to the end, however
// many there are.
func (p *Directory) ListPeople(ctx context.Context, a auth.Actor, q PeopleQuery, of string, exact bool) (PeopleList, error) {
	if err := p.gate.Require(ctx, a, auth.See, aboutCompany(q)); err != nil {
		return PeopleList{}, err
	}
	var list PeopleList
	group, within := errgroup.WithContext(ctx)
	asTotal := !narrowed(q) && aboutCompany(q).ID == of
	if !asTotal {
		group.Go(func() (err error) {
			list.Counts, err = safely.Answer(func() (Counts, error) { return p.countPeople(within, q, exact) })
			return err
		})
	}
	err := func() (err error) {
		if list.Known, err = p.knownCompanies(within); err != nil {
			return err
		}
		if list.Known.Down != nil {
			return list.Known.Down
		}
		if list.Total, err = p.people.Tally(within, of); err != nil {
			return err
		}
		if list.PeoplePage, err = p.people.People(within, q); err != nil {
			return err
		}
		list.Noted, list.MoreNoted, err = p.noted(within, q)
		return err
	}()
	if err := errors.Join(err, group.Wait()); err != nil {
		return PeopleList{}, fmt.Errorf("list people: %w", err)
	}
	if asTotal {
		list.Counts = countsOf(list.Total)
	}
	return list, nil
}

// CountPeople is ListPeople for the numbers alone: how many people there are in all, and how
// many the query describes, whatever their status.
func (p *Directory) CountPeople(ctx context.Context, a auth.Actor, q PeopleQuery, of string, exact bool) (total Tally, counts Counts, err error) {
	if err := p.gate.Require(ctx, a, auth.See, aboutCompany(q)); err != nil {
		return Tally{}, Counts{}, err
	}
	if total, err = p.people.Tally(ctx, of); err == nil {
		counts, err = p.countPeople(ctx, q, exact)
	}
	if err != nil {
		return Tally{}, Counts{}, fmt.Errorf("count people: %w", err)
	}
	return total, counts, nil
}

// mostNoted is how many people a list has beside it for the notes on them.
const mostNoted = 20

// noted are the people whom a query describes, but that its words stand in nothing but the
// note on them. Notes are kept elsewhere than people are, so that no order has both.
func (p *Directory) noted(ctx context.Context, q PeopleQuery) (found []NotedUser, more bool, err error) {
	if len(q.Words) == 0 || q.After+q.Before != "" {
		return nil, false, nil
	}
	notes, more, err := p.store.SearchNotes(ctx, q.Words, mostNoted)
	if err != nil {
		return nil, false, err
	}
	refs := make([]UserRef, len(notes))
	for i, n := range notes {
		refs[i] = n.Of
	}
	users, err := p.usersOf(ctx, refs)
	for _, n := range notes {
		if u, known := users[n.Of]; known && q.describes(u) && !hasWords(u, q.Words) {
			found = append(found, NotedUser{u, n.Note})
		}
	}
	return found, more, err
}

// hasWords says whether all the words stand in what Symphony says of a person.
func hasWords(u UserRecord, words []string) bool {
	text := strings.Join(folding.Spellings(strings.Join([]string{u.DisplayName, u.FirstName, u.LastName, u.Email, u.Department, u.Title, u.PhoneNumber}, " ")), "\n")
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// describes says whether a person is as the query asks for, whatever its words.
func (q PeopleQuery) describes(u UserRecord) bool {
	same := func(wanted, has string) bool { return wanted == "" || folding.Text(wanted) == folding.Text(has) }
	return (q.CompanyIDs == nil || slices.Contains(q.CompanyIDs, u.CompanyID)) && q.Status.leaves(u) &&
		(q.Domain == "" || string(address.DomainOf(u.Email)) == q.Domain) &&
		same(q.Department, u.Department) && same(q.Title, u.Title) && same(q.Location, u.Location) &&
		!u.CreatedAt.Before(q.CreatedFrom) && (q.CreatedTo.IsZero() || u.CreatedAt.Before(q.CreatedTo)) &&
		(q.StatusBefore.IsZero() || u.StatusAt.Before(q.StatusBefore))
}

// leaves says whether a person is among those whom the filter leaves.
func (f StatusFilter) leaves(u UserRecord) bool {
	listed := u.NotListedAt.IsZero()
	switch f {
	case OnlyActive:
		return listed && u.Status == sapi.StatusActive
	case OnlyDisabled:
		return listed && u.Status == sapi.StatusDisabled
	case OnlyUnknown:
		return listed && u.Status == sapi.StatusUnknown
	case OnlyNotListed:
		return !listed
	case AnyStatus:
	}
	return listed
}

// countsOf are the counts of everybody who is tallied.
func countsOf(t Tally) Counts {
	return Counts{Active: Count{N: t.Active}, Disabled: Count{N: t.Disabled}, Unknown: Count{N: t.Unknown}, NotListed: Count{N: t.NotListed}}
}

// aboutCompany is the company that a query is about; zero when it is about several.
func aboutCompany(q PeopleQuery) ledger.Company {
	if len(q.CompanyIDs) != 1 {
		return ledger.Company{}
	}
	return ledger.Company{ID: q.CompanyIDs[0]}
}

// narrowed says whether a query narrows people by more than what a Tally counts.
func narrowed(q PeopleQuery) bool {
	return len(q.Words) > 0 || q.CompanyIDs != nil && len(q.CompanyIDs) != 1 || q.Domain+q.Department+q.Title+q.Location != "" ||
		!q.CreatedFrom.IsZero() || !q.CreatedTo.IsZero() || !q.StatusBefore.IsZero()
}

// countPeople counts whom a query describes by their status. Where not all are counted,
// the number of each status is how many of it were met.
func (p *Directory) countPeople(ctx context.Context, q PeopleQuery, exact bool) (Counts, error) {
	if !narrowed(q) {
		t, err := p.people.Tally(ctx, aboutCompany(q).ID)
		return countsOf(t), err
	}
	atMost := countUpTo + 1
	if exact {
		atMost = 0
	}
	q.Status = AnyStatus
	t, all, err := p.people.CountPeople(ctx, q, atMost)
	if err != nil {
		return Counts{}, err
	}
	q.Status = OnlyNotListed
	gone, allGone, err := p.people.CountPeople(ctx, q, atMost)
	if err != nil {
		return Counts{}, err
	}
	t.NotListed = gone.NotListed
	c := countsOf(t)
	c.NotListed.More = !allGone
	if !all {
		c.Active.More, c.Disabled.More, c.Unknown.More = true, true, true
		c.listed = Count{N: max(t.Listed()-1, 0), More: true}
	}
	return c, nil
}

// KnownCompanies are the companies that can have people, and how far their people are
// read.
type KnownCompanies struct {
	Companies []CompanyRecord // by name
	Coverage  Coverage
	// Down says that the directory of people can't be used, so that nothing is known of how
	// far it is read.
	Down     *Unavailable
	readings map[string]ListReading
	names    map[string]string
	notes    map[string]CompanyNotes
	searched []searchedCompany // all of them, by name
	at       time.Time
}

// Name is the name of a company, or its id when nothing else is known of it.
func (k *KnownCompanies) Name(id string) string {
	if name := k.names[id]; name != "" {
		return name
	}
	return id
}

// Notes are what is noted of a company.
func (k *KnownCompanies) Notes(id string) CompanyNotes { return k.notes[id] }

// Tagged are the ids of the companies that have all of some tags; never nil.
func (k *KnownCompanies) Tagged(tags ...string) []string {
	ids := []string{}
	for id, notes := range k.notes {
		if !slices.ContainsFunc(tags, func(tag string) bool { return !notes.Has(tag) }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Tags are the tags of companies that can have people.
func (k *KnownCompanies) Tags() []TagCount { return countTags(k.Companies) }

// Reading is how far the reading of a company's people is.
func (k *KnownCompanies) Reading(id string) ListReading { return k.readings[id] }

// knownFor is for how long what is known of all companies is used again: every page of
// people needs it, and another process may change it.
const knownFor = 2 * time.Second

// knownCompanies gives what is known of the companies. What this process itself changes
// of it is seen at once.
func (p *Directory) knownCompanies(ctx context.Context) (*KnownCompanies, error) {
	now := p.now()
	if known := p.known.Load(); known != nil && now.Sub(known.at).Abs() < knownFor {
		return known, nil
	}
	before := p.knownChanges.Load()
	companies, _, err := p.listedCompanies(ctx)
	if err != nil {
		return nil, err
	}
	readings, err := p.people.Readings(ctx)
	down, _ := errors.AsType[*Unavailable](err)
	if err != nil && down == nil {
		return nil, err
	}
	known := newKnown(companies, readings, down)
	known.at = now
	if down == nil && p.knownChanges.Load() == before {
		p.known.Store(known)
	}
	return known, nil
}

func newKnown(companies []CompanyRecord, readings map[string]ListReading, down *Unavailable) *KnownCompanies {
	known := &KnownCompanies{Down: down, readings: readings, names: make(map[string]string, len(companies)), notes: map[string]CompanyNotes{}}
	for _, c := range companies {
		known.names[c.ID] = c.Name
		if c.Notes.Any() {
			known.notes[c.ID] = c.Notes
		}
	}
	companies = slices.DeleteFunc(companies, func(c CompanyRecord) bool { return !c.NotListedAt.IsZero() })
	known.Coverage = coverageOf(companies, readings)
	if down != nil {
		known.Coverage.Filling = nil // nothing is known of that
	}
	words := collate.New(language.Und, collate.IgnoreCase)
	byName := slices.SortedStableFunc(slices.Values(companies), func(a, b CompanyRecord) int { return words.CompareString(a.Name, b.Name) })
	for _, c := range byName {
		known.searched = append(known.searched, newSearchedCompany(c))
		if c.State.Ready() {
			known.Companies = append(known.Companies, c)
		}
	}
	return known
}

// knownChanged says that a company, or how far its people are read, was stored.
func (p *Directory) knownChanged() {
	p.knownChanges.Add(1)
	p.known.Store(nil)
}

// Visited has the people of a company read again, behind everything else, when somebody
// looks at them and they were last read longer ago than is usual for those looked at.
func (p *Directory) Visited(ctx context.Context, companyID string) {
	r, err := p.people.Reading(ctx, companyID)
	now := p.now()
	if err == nil && r.StartedAt.IsZero() && now.Sub(later(r.CompleteAt, r.FailedAt)) >= r.every()/visitedOftener {
		err = p.scheduler.Schedule(ctx, nil, portal.Job{Kind: ReadJobKind, ID: companyID, At: now})
	}
	if err != nil {
		p.log.WarnContext(ctx, "people not read again", "company", companyID, "error", err)
	}
}

// visitedOftener is how many times oftener the people of a company are read that somebody
// looks at.
const visitedOftener = 4

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// PeopleValues returns up to limit values of a column that contain what somebody typed.
func (p *Directory) PeopleValues(ctx context.Context, a auth.Actor, column ValueColumn, typed string, limit int) ([]string, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	values, err := p.people.Values(ctx, column, folding.Text(typed), limit)
	if err != nil {
		return nil, fmt.Errorf("list values: %w", err)
	}
	return values, nil
}

// Covered says how far the companies' people are read, for somebody who looks at it.
func (p *Directory) Covered(ctx context.Context, a auth.Actor) (*KnownCompanies, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	known, err := p.knownCompanies(ctx)
	if err != nil {
		return nil, fmt.Errorf("read coverage: %w", err)
	}
	return known, nil
}

// PeopleExport is people on their way out of Foyer.
type PeopleExport struct {
	Known *KnownCompanies
	Count int
	// Rows gives them, reading as it goes. It ends with an error when they can't be read
	// to the end.
	Rows iter.Seq2[NotedUser, error]
}

// NotedUser is a person with the note on them.
type NotedUser struct {
	UserRecord
	Note string
}

// withNotes puts beside people the notes on them.
func (p *Directory) withNotes(ctx context.Context, people []UserRecord) ([]NotedUser, error) {
	refs := make([]UserRef, len(people))
	for i, u := range people {
		refs[i] = UserRef{u.CompanyID, u.ID}
	}
	notes, err := p.store.PersonNotes(ctx, refs)
	if err != nil {
		return nil, err
	}
	noted := make([]NotedUser, len(people))
	for i, u := range people {
		noted[i] = NotedUser{u, notes[refs[i]]}
	}
	return noted, nil
}

// exportedAtOnce is how many people of an export are in memory at a time.
const exportedAtOnce = 1000

// ExportPeople counts whom a query describes and records that they leave Foyer as what
// says: nothing may be sent when this fails.
func (p *Directory) ExportPeople(ctx context.Context, a auth.Actor, q PeopleQuery, what string) (PeopleExport, error) {
	if err := p.gate.Require(ctx, a, auth.See, aboutCompany(q)); err != nil {
		return PeopleExport{}, err
	}
	q.After, q.Before, q.Limit = "", "", exportedAtOnce
	t, _, err := p.people.CountPeople(ctx, q, 0)
	if err != nil {
		return PeopleExport{}, fmt.Errorf("export people: %w", err)
	}
	return p.export(ctx, a, what, t.Listed()+t.NotListed, p.everyPage(ctx, q))
}

// ExportSelected is ExportPeople for people who were selected one by one. Who isn't
// known is left out.
func (p *Directory) ExportSelected(ctx context.Context, a auth.Actor, selected []UserRef, what string) (PeopleExport, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return PeopleExport{}, err
	}
	found, err := p.usersOf(ctx, selected)
	if err != nil {
		return PeopleExport{}, fmt.Errorf("export people: %w", err)
	}
	var people []UserRecord
	for _, ref := range selected {
		if u, ok := found[ref]; ok {
			people = append(people, u)
			delete(found, ref)
		}
	}
	noted, err := p.withNotes(ctx, people)
	if err != nil {
		return PeopleExport{}, fmt.Errorf("export people: %w", err)
	}
	return p.export(ctx, a, what, len(noted), func(yield func(NotedUser, error) bool) {
		for _, u := range noted {
			if !yield(u, nil) {
				return
			}
		}
	})
}

func (p *Directory) export(ctx context.Context, a auth.Actor, what string, count int, rows iter.Seq2[NotedUser, error]) (PeopleExport, error) {
	known, err := p.knownCompanies(ctx)
	if err != nil {
		return PeopleExport{}, fmt.Errorf("export people: %w", err)
	}
	if err := p.activity.RecordExport(ctx, a, auth.See, what, count); err != nil {
		return PeopleExport{}, err
	}
	return PeopleExport{Known: known, Count: count, Rows: rows}, nil
}

// errCut says that the database gives no whole list of whom a query describes.
var errCut = errors.New("there are too many people to find these among them")

// everyPage gives everybody whom a query describes, a page after the other.
func (p *Directory) everyPage(ctx context.Context, q PeopleQuery) iter.Seq2[NotedUser, error] {
	q.Whole = true
	return func(yield func(NotedUser, error) bool) {
		for {
			page, err := p.people.People(ctx, q)
			if err == nil && page.Cut && page.Next == "" {
				err = errCut
			}
			var noted []NotedUser
			if err == nil {
				noted, err = p.withNotes(ctx, page.Rows)
			}
			if err != nil {
				yield(NotedUser{}, fmt.Errorf("export people: %w", err))
				return
			}
			for _, u := range noted {
				if !yield(u, nil) {
					return
				}
			}
			if q.After = page.Next; q.After == "" {
				return
			}
		}
	}
}
