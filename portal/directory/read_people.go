package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
	"foyer/sapi"
)

// ReadJobKind is of the jobs that read a company's people: their ID is the company's,
// and they call Directory.ReadPeople.
const ReadJobKind = "read people"

const (
	// pagesAtOnce is how many pages of a list are asked for at once.
	pagesAtOnce = 16
	// pagesAhead is how many pages may be on their way or wait to be kept.
	pagesAhead = 3 * pagesAtOnce
	// readFor is how long one job reads before it lets others have their turn: the
	// next one goes on at the page.
	readFor = time.Minute
	// mostPages bounds a list that never ends.
	mostPages = 50_000
	// mostTries is how often a list is read that moves each time.
	mostTries = 3
)

// ReadPeople reads the list of a company's people, from the page on at which an
// earlier job was broken off, and keeps what differs from what is kept. again is when
// to go on; zero once the list is read, or can't be read now. Jobs call it.
func (p *Directory) ReadPeople(ctx context.Context, companyID string) (again time.Duration, err error) {
	ctx, cancel := p.untilStopped(sapi.WithPriority(ctx, sapi.Background))
	defer cancel()
	again, err = p.readPeople(ctx, companyID)
	if p.isStopping() {
		return time.Millisecond, nil
	}
	return again, err
}

func (p *Directory) readPeople(ctx context.Context, companyID string) (again time.Duration, err error) {
	company, err := p.store.Company(ctx, companyID)
	if errors.Is(err, portal.ErrNotStored) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read people: %w", err)
	}
	state, err := p.people.Reading(ctx, companyID)
	if err != nil {
		return 0, fmt.Errorf("read people: %w", err)
	}
	r := &listReader{d: p, company: company, state: state}
	ended, err := r.read(ctx, p.now().Add(readFor))
	switch {
	case err == nil && !ended:
		return time.Millisecond, nil
	case err == nil:
		return 0, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	}
	if failure, ofSymphony := failureOf(err); ofSymphony {
		return 0, r.failed(ctx, failure)
	}
	return 0, fmt.Errorf("read people: %w", err)
}

// listReader reads one company's list once.
type listReader struct {
	d       *Directory
	company CompanyRecord
	state   ListReading
	last    string // the digest of the page before
}

// read reads pages until the list ends, which ended says, or the time is over. While
// some pages are kept the next ones are on their way.
func (r *listReader) read(ctx context.Context, until time.Time) (ended bool, err error) {
	if r.state.StartedAt.IsZero() {
		r.begin()
	}
	coming := r.ask(ctx)
	defer func() { coming.stop() }()
	for {
		pages, failed := coming.next()
		if len(pages) > 0 {
			if err := r.note(ctx, pages[0]); err != nil {
				return false, err
			}
			if ended, err = r.keep(ctx, pages); err != nil {
				return false, err
			}
		}
		switch {
		case ended:
			if again, err := r.end(ctx); err != nil || !again {
				return true, err
			}
			coming.stop()
			coming = r.ask(ctx)
		case failed != nil:
			return false, errors.Join(failed, r.save(ctx))
		}
		if err := r.save(ctx); err != nil {
			return false, err
		}
		if !r.d.now().Before(until) {
			return false, nil
		}
	}
}

// begin begins to read from the first page on.
func (r *listReader) begin() {
	r.state.StartedAt, r.state.NextPage, r.state.Total, r.state.Moved, r.state.Changed = r.d.now(), 0, -1, false, false
	r.last = ""
}

// pageRead is what came of asking for a page.
type pageRead struct {
	page sapi.UserPage
	err  error
}

// comingPages are pages that are on their way, in their order.
type comingPages struct {
	answers <-chan chan pageRead
	waiting chan pageRead // of the page that comes next, where it was looked for
	done    <-chan struct{}
	stop    context.CancelFunc // by whoever takes the pages
}

// ask asks for the pages from the next one on to the last, as many at once as there may
// be, and stays ahead of whoever takes them by some.
func (r *listReader) ask(ctx context.Context) *comingPages {
	ctx, stop := context.WithCancel(ctx)
	answers := make(chan chan pageRead, pagesAhead-pagesAtOnce)
	first, last := r.state.NextPage, lastPage(r.state.Total)
	go func() {
		var asking errgroup.Group
		asking.SetLimit(pagesAtOnce)
		more := true
		for number := first; more; number++ {
			answer, told := make(chan pageRead, 1), make(chan pageRead, 1)
			select {
			case answers <- answer:
			case <-ctx.Done():
				return
			}
			asking.Go(func() error {
				page, err := safely.Answer(func() (sapi.UserPage, error) {
					return r.d.symphony.Users.List(ctx, r.company.ID, sapi.PageOptions{Page: number, Size: portal.MaxPageSize})
				})
				told <- pageRead{page, err}
				answer <- pageRead{page, err}
				return nil
			})
			if 0 < number && number < last {
				continue
			}
			read := <-told // which alone says whether there is another one
			if number == 0 {
				last = lastPage(totalOf(read.page))
			}
			more = read.err == nil && read.page.More
		}
	}()
	return &comingPages{answers: answers, done: ctx.Done(), stop: stop}
}

// lastPage is the number of the last page of a list of so many people.
func lastPage(total int64) int { return int(max(total-1, 0)) / portal.MaxPageSize }

// next waits for a page and takes those behind it that have come as well, because many
// are stored in less time than one by one. A page that failed is the end of them.
func (c *comingPages) next() (pages []sapi.UserPage, failed error) {
	for len(pages) < pagesAhead {
		read, ok := c.page(len(pages) == 0)
		if !ok || read.err != nil {
			return pages, read.err
		}
		pages = append(pages, read.page)
	}
	return pages, nil
}

// page gives the page that comes next; ok is false when it is not there yet, and not to
// be waited for.
func (c *comingPages) page(wait bool) (read pageRead, ok bool) {
	if c.waiting == nil {
		if !wait && len(c.answers) == 0 {
			return pageRead{}, false
		}
		select {
		case c.waiting = <-c.answers:
		case <-c.done:
			return pageRead{err: context.Canceled}, true
		}
	}
	if !wait && len(c.waiting) == 0 {
		return pageRead{}, false
	}
	read = <-c.waiting
	c.waiting = nil
	return read, true
}

// note notes what the first page says of how many people there are.
func (r *listReader) note(ctx context.Context, page sapi.UserPage) error {
	if page.Page > 0 {
		return nil
	}
	r.state.Total = totalOf(page)
	if page.AtLeast {
		return nil
	}
	return r.d.keepTotal(ctx, r.company.ID, page, r.state.StartedAt)
}

// totalOf is how many people a list has by what its first page says; negative: unknown.
// Where that is more than are on it, though it isn't full, somebody is kept back, and
// nobody is missing.
func totalOf(page sapi.UserPage) int64 {
	switch {
	case !page.AtLeast:
		return page.Total
	case page.Said > page.Total:
		return page.Said
	}
	return -1
}

// keep keeps pages in their order, as far as the list goes, which ended says, or up to
// the one that shows that it has no end.
func (r *listReader) keep(ctx context.Context, pages []sapi.UserPage) (ended bool, err error) {
	known, err := r.d.people.ListPages(ctx, r.company.ID, pages[0].Page, len(pages))
	if err != nil {
		return false, err
	}
	digests := make(map[int][]byte, len(known))
	for _, p := range known {
		digests[p.Number] = p.Digest
	}
	var changed []ListPage
	var people []UserReading
	var endless error
	for _, page := range pages {
		read := listPage(page)
		if len(page.Users) > 0 && string(read.Digest) == r.last || page.More && page.Page >= mostPages {
			endless = errEndless
			break
		}
		r.last = string(read.Digest)
		if !slices.Equal(digests[page.Page], read.Digest) {
			changed, people = append(changed, read), append(people, readings(page.Users, r.state.StartedAt)...)
		}
		r.state.Moved = r.state.Moved || r.state.Total >= 0 && (page.AtLeast || page.Total != r.state.Total)
		r.state.NextPage = page.Page + 1
		if ended = !page.More; ended {
			break
		}
	}
	if len(changed) == 0 {
		return ended, endless
	}
	r.state.Changed = true
	// The people first: a page that is stored is not looked at again.
	if err := r.d.keepReadings(ctx, "", r.company.ID, FromList, people); err != nil {
		return false, err
	}
	return ended, cmp.Or(r.d.people.SaveListPages(ctx, r.company.ID, changed), endless)
}

// errEndless says that a server gave the same page again and again, or more pages than
// anybody has people.
var errEndless = errors.New("the list has no end")

// listPage is a page as it is compared with the one of the reading before. How many
// people there are in all is no part of it, because that is on every page.
func listPage(page sapi.UserPage) ListPage {
	p := ListPage{Number: page.Page, IDs: make([]string, len(page.Users))}
	for i, u := range page.Users {
		p.IDs[i] = u.ID
	}
	text, _ := json.Marshal(page.Users) // can't fail: texts, numbers and times
	digest := sha256.Sum256(text)
	p.Digest = digest[:]
	return p
}

// end ends a reading that came to the end of its list, or begins it again when the
// list moved under it: then who is missing may only have changed their place.
func (r *listReader) end(ctx context.Context) (again bool, err error) {
	listed, unsure, err := r.listed(ctx)
	if err != nil {
		return false, err
	}
	// Without a total that can be believed a list stood still when it is read twice alike.
	moved := r.state.Moved || unsure || r.state.Total >= 0 && int64(len(listed)) != r.state.Total || r.state.Total < 0 && r.state.Changed
	if r.state.Tries++; moved && r.state.Tries < mostTries {
		r.begin()
		return true, nil
	}
	if !moved {
		if err := r.absent(ctx, listed); err != nil {
			return false, err
		}
		if r.state.CompleteAt.IsZero() || r.state.Moving { // else that was done before
			if err := r.recall(ctx, listed); err != nil {
				return false, err
			}
		}
	}
	if err := r.d.people.CutListPages(ctx, r.company.ID, r.state.NextPage); err != nil {
		return false, err
	}
	r.state.CompleteAt, r.state.People, r.state.Moving = r.state.StartedAt, len(listed), moved
	r.state.StartedAt, r.state.Tries, r.state.FailedAt, r.state.Failure = time.Time{}, 0, time.Time{}, ""
	r.state.DueAt = r.d.now().Add(r.state.every())
	return false, r.save(ctx)
}

// listed gives the ids on the pages that were read; unsure says that one is on two, or that
// a page is forgotten again, because somebody on it was erased meanwhile.
func (r *listReader) listed(ctx context.Context) (ids map[string]bool, unsure bool, err error) {
	ids = make(map[string]bool, r.state.NextPage*portal.MaxPageSize) // the total may be anything
	for from := 0; from < r.state.NextPage; {
		pages, err := r.d.people.ListPages(ctx, r.company.ID, from, 100)
		if err != nil || len(pages) == 0 {
			return ids, true, err
		}
		for _, page := range pages {
			unsure = unsure || page.Number != from
			if from = page.Number + 1; page.Number >= r.state.NextPage {
				break
			}
			for _, id := range page.IDs {
				unsure = unsure || ids[id]
				ids[id] = true
			}
		}
	}
	return ids, unsure, nil
}

// absent marks whom a complete reading of the list did not have. Who was read since it
// began may have been created since.
func (r *listReader) absent(ctx context.Context, listed map[string]bool) error {
	known, err := r.d.people.ListedIDs(ctx, r.company.ID)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(known, func(id string) bool { return listed[id] })
	for ids := range slices.Chunk(missing, eventPeople) {
		people, err := r.d.people.Users(ctx, r.company.ID, ids)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return people[id].ReadAt.After(r.state.StartedAt) })
		if len(ids) == 0 {
			continue
		}
		e := ledger.Event{Action: ledger.NotListed, Outcome: ledger.Succeeded, Actor: auth.System("watch", ""), Company: ledger.Company{ID: r.company.ID, Name: r.company.Name}}
		for _, id := range ids {
			e.Users = append(e.Users, ledger.User{ID: id, Email: people[id].Email, Name: people[id].DisplayName})
		}
		// The event first: what is not marked is found again.
		if err := r.d.store.Record(ctx, e); err != nil {
			return err
		}
		if err := r.d.people.MarkNotListed(ctx, r.company.ID, ids, r.state.StartedAt); err != nil {
			return err
		}
	}
	return nil
}

func (r *listReader) save(ctx context.Context) error {
	defer r.d.knownChanged()
	return r.d.people.SaveReading(ctx, r.company.ID, r.company.Name, r.state)
}

// failed notes that the list can't be read now, and when to try again.
func (r *listReader) failed(ctx context.Context, failure string) error {
	now := r.d.now()
	r.state.FailedAt, r.state.Failure = now, failure
	r.state.DueAt = now.Add(retryAfter)
	return r.save(ctx)
}

// retryAfter is how long after a failure a list is read on.
const retryAfter = 2 * time.Minute

// failureOf gives the code of why Symphony's list can't be read; ofSymphony is false
// for an error that is Foyer's own.
func failureOf(err error) (code string, ofSymphony bool) {
	if errors.Is(err, errEndless) {
		return string(sapi.ClassProtocol), true
	}
	e, ok := errors.AsType[*sapi.Error](err)
	if !ok {
		return "", false
	}
	return string(e.Class), true
}

// every is how long after a complete reading the next one is due. Large lists are read
// less often.
func (r ListReading) every() time.Duration {
	return min(20*time.Minute+time.Duration(r.People)*time.Minute/500, 4*time.Hour)
}

// Refresh has the lists read that are due, each by a job of its own. Jobs call it.
func (p *Directory) Refresh(ctx context.Context) error {
	companies, _, _, err := p.List(sapi.WithPriority(ctx, sapi.Background), companiesFresh)
	if err != nil {
		return fmt.Errorf("refresh the directory: %w", err)
	}
	read, err := p.people.Readings(ctx)
	if err != nil {
		return fmt.Errorf("refresh the directory: %w", err)
	}
	var due []portal.Job
	for _, c := range companies {
		if r := read[c.ID]; c.State.Ready() && !p.now().Before(r.DueAt) {
			due = append(due, portal.Job{Kind: ReadJobKind, ID: c.ID, At: p.now()})
		}
	}
	if len(due) == 0 {
		return nil
	}
	if err := p.scheduler.Schedule(ctx, nil, due...); err != nil {
		return fmt.Errorf("refresh the directory: %w", err)
	}
	return nil
}

// companiesFresh is how old the list of companies may be before it is read again
// without anybody asking.
const companiesFresh = 3 * time.Minute

// ReadNow has a company's list read at once, for whoever looks at it. since is when the
// reading begins, or began: one that is under way, or was broken off, is gone on with.
func (p *Directory) ReadNow(ctx context.Context, a auth.Actor, companyID string) (since time.Time, err error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return time.Time{}, err
	}
	now := p.now()
	reading, err := p.people.Reading(ctx, companyID)
	if err := doWithout(ctx, err); err != nil {
		return time.Time{}, err
	}
	if since = reading.StartedAt; since.IsZero() {
		since = now
	}
	return since, p.scheduler.Schedule(ctx, nil, portal.Job{Kind: ReadJobKind, ID: companyID, At: now})
}
