package change

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"foyer/address"
	"foyer/portal/directory"
	"foyer/sapi"
)

// listing is what one reading of a company's people brought.
type listing struct {
	begun time.Time // what was done before is in it
	whole bool      // else the newest people only, back to created
	from  time.Time // how far back, by the time of creation, when it is not whole
	done  chan struct{}
	ended time.Time
	err   error

	byKey map[string]sapi.User // by the e-mail's key
	byID  map[string]sapi.User
}

func (l *listing) add(u sapi.User) {
	l.byKey[address.Key(u.Email)] = u
	if u.ID != "" {
		l.byID[strings.ToLower(u.ID)] = u
	}
}

// find returns the person of a row.
func (l *listing) find(r Row) (sapi.User, bool) {
	if u, found := l.byID[strings.ToLower(r.UserID)]; found && r.UserID != "" {
		return u, true
	}
	u, found := l.byKey[address.Key(r.Email)]
	return u, found
}

// listingRequest says which reading of a company's people is wanted.
type listingRequest struct {
	companyID, requestID string
	since                time.Time // a reading that was begun before is too old
	created              time.Time // of the newest, back to those created then
	whole                bool
	brief                bool // fails where the newest can't be found without reading everybody
}

// key is under what a reading is shared. One that is brief is of no use to whoever must
// know, and must not keep a whole one from being found.
func (r listingRequest) key() listingKey { return listingKey{r.companyID, r.whole, r.brief} }

type listingKey struct {
	companyID    string
	whole, brief bool
}

// listings read the people of companies for all changes that ask at about the same
// time: a company is read once and not once for each change.
type listings struct {
	read func(ctx context.Context, r listingRequest, l *listing) error
	now  func() time.Time

	mu   sync.Mutex
	last map[listingKey]*listing
}

const (
	// listingKept is for how long a reading is shared after it ended.
	listingKept = 10 * time.Second
	// listingWithin bounds one reading: the largest company takes minutes.
	listingWithin = 4 * time.Minute
)

// of returns a reading that is new enough, its own or another's.
func (s *listings) of(ctx context.Context, r listingRequest) (*listing, error) {
	s.mu.Lock()
	if s.last == nil {
		s.last = map[listingKey]*listing{}
	}
	now := s.now()
	for key, l := range s.last {
		if !l.ended.IsZero() && now.Sub(l.ended) > listingKept {
			delete(s.last, key)
		}
	}
	l := s.last[r.key()]
	if l == nil || !l.serves(r) {
		l = s.last[listingKey{r.companyID, true, r.brief}]
	}
	if l == nil || !l.serves(r) {
		l = &listing{begun: now, whole: r.whole, from: r.created, done: make(chan struct{}), byKey: map[string]sapi.User{}, byID: map[string]sapi.User{}}
		s.last[r.key()] = l
		go s.fill(context.WithoutCancel(ctx), r, l)
	}
	s.mu.Unlock()
	select {
	case <-l.done:
		return l, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *listing) serves(r listingRequest) bool {
	return l.begun.After(r.since) && l.err == nil && (l.whole || !r.whole && !l.from.After(r.created))
}

func (s *listings) fill(ctx context.Context, r listingRequest, l *listing) {
	ctx, cancel := context.WithTimeout(ctx, listingWithin)
	defer cancel()
	err := s.read(ctx, r, l)
	s.mu.Lock()
	l.err, l.ended = err, s.now()
	s.mu.Unlock()
	close(l.done)
}

// readPeople reads a company's people: all of them, or the newest, who stand last.
func (e *Engine) readPeople(ctx context.Context, r listingRequest, l *listing) error {
	if r.whole {
		people, err := e.everybody(ctx, r.companyID)
		for _, u := range people {
			l.add(u)
		}
		return err
	}
	asked := e.clock()
	newest, err := e.newestPeople(ctx, r)
	if err != nil {
		return err
	}
	for _, u := range newest {
		l.add(u)
	}
	return e.directory.KeepUsers(ctx, r.requestID, r.companyID, directory.FromList, newest, asked)
}

// pageSize is how many people are read at once.
const pageSize = 100

// newestPeople reads the last pages of a company's list, back to the people created
// at the wanted time. The total is only a hint of where the last page is: rows count,
// and where it leads nowhere everybody is read.
func (e *Engine) newestPeople(ctx context.Context, r listingRequest) ([]sapi.User, error) {
	page := func(n int) ([]sapi.User, error) {
		read, err := e.symphony.Users.List(ctx, r.companyID, sapi.PageOptions{Page: n, Size: pageSize})
		return read.Users, err
	}
	first, err := e.symphony.Users.List(ctx, r.companyID, sapi.PageOptions{Size: pageSize})
	if err != nil || len(first.Users) < pageSize {
		return first.Users, err
	}
	people, hint := first.Users, int(first.Total/pageSize)
	var last []sapi.User                                // the page where the total says that the end is
	for n := hint; n > 0 && n < hint+pagesBeyond; n++ { // on from where the total says that the end is
		read, err := page(n)
		if err != nil {
			return nil, err
		}
		people = append(people, read...)
		if n == hint {
			last = read
		}
		if len(read) == pageSize {
			continue
		}
		if len(read) == 0 && n == hint && first.Total%pageSize != 0 {
			break // the total is not to be relied on
		}
		newer, whole, err := newerPeople(people, last, hint, r.created, page)
		if err != nil || whole {
			return newer, err
		}
		break // nor is it here
	}
	if r.brief {
		return nil, errNoEnd
	}
	return e.everybody(ctx, r.companyID)
}

// errNoEnd says that the newest people could not be found without reading everybody.
var errNoEnd = errors.New("the total doesn't lead to the end of the list")

// pagesBeyond is how many pages may lie beyond the end that the total tells.
const pagesBeyond = 5

// newerPeople adds the pages before the last one, until one begins with somebody older
// than is wanted. One that has nobody says that the hint led nowhere.
func newerPeople(people, last []sapi.User, hint int, created time.Time, page func(int) ([]sapi.User, error)) (newer []sapi.User, whole bool, err error) {
	if len(last) > 0 && last[0].CreatedAt.Before(created) {
		return people, true, nil
	}
	for n := hint - 1; n > 0; n-- {
		read, err := page(n)
		if err != nil || len(read) == 0 {
			return nil, false, err
		}
		people = append(people, read...)
		if read[0].CreatedAt.Before(created) {
			break
		}
	}
	return people, true, nil
}

// everybody reads all of a company's people.
func (e *Engine) everybody(ctx context.Context, companyID string) ([]sapi.User, error) {
	var people []sapi.User
	for u, err := range e.symphony.Users.All(ctx, companyID, pageSize) {
		if err != nil {
			return nil, err
		}
		people = append(people, u)
	}
	return people, nil
}
