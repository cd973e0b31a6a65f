package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/safely"
	"foyer/sapi"
)

// statusReaders is how many people's statuses are read at once for one page.
const statusReaders = 6

// UserPage is a page of a company's people, as Symphony pages them.
type UserPage struct {
	Rows  []UserRecord // Status and StatusAt are what is known, from this page or from before
	Page  int          // from 1
	Size  int
	Total int64
	// AtLeast says that there may be more than Total, because what Symphony says of it
	// can't be believed. Then Pages are those that are known of.
	AtLeast bool
	Pages   int
	ReadAt  time.Time
}

// From is the number of the page's first row, from 1; zero on an empty page.
func (u UserPage) From() int64 {
	if len(u.Rows) == 0 {
		return 0
	}
	return int64(u.Page-1)*int64(u.Size) + 1
}

// To is the number of the page's last row.
func (u UserPage) To() int64 { return max(u.From()+int64(len(u.Rows))-1, 0) }

// Users reads one page of a company's people from Symphony; page counts from 1,
// and size is 1 to MaxPageSize. Where Symphony's page has no status, the one
// last read is filled in with its time.
func (p *Directory) Users(ctx context.Context, a auth.Actor, companyID string, page, size int) (UserPage, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return UserPage{}, err
	}
	now := p.now()
	read, err := p.symphony.Users.List(ctx, companyID, sapi.PageOptions{Page: page - 1, Size: size})
	if err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", portal.NotFound(err))
	}
	if err := p.keepUsers(ctx, a.RequestID, companyID, FromList, read.Users, now); err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	err = p.onTheSide(ctx, func(ctx context.Context) error { return p.keepTotal(ctx, companyID, read, now) })
	if err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	rows, err := p.WithKnownStatus(ctx, companyID, read.Users, now)
	if err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	pages := int((read.Total + int64(size) - 1) / int64(size))
	return UserPage{Rows: rows, Page: page, Size: size, Total: read.Total, AtLeast: read.AtLeast, Pages: max(pages, 1), ReadAt: now}, nil
}

// Received says how many people of a company Symphony's list really had, when it was last
// read to its end; the zero time says that it never was.
func (p *Directory) Received(ctx context.Context, a auth.Actor, companyID string) (people int, at time.Time, err error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return 0, time.Time{}, err
	}
	reading, err := p.people.Reading(ctx, companyID)
	if err != nil || reading.CompleteAt.IsZero() {
		return 0, time.Time{}, err
	}
	tally, err := p.people.Tally(ctx, companyID)
	return tally.Listed(), reading.CompleteAt, err
}

// ReceivedByCompany says how many people Symphony's lists really had, by the company's id, of
// those that were ever read to their end.
func (p *Directory) ReceivedByCompany(ctx context.Context, a auth.Actor) (map[string]int, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	readings, err := p.people.Readings(ctx)
	if err != nil {
		return nil, fmt.Errorf("count people by company: %w", err)
	}
	tallies, err := p.people.Tallies(ctx)
	if err != nil {
		return nil, fmt.Errorf("count people by company: %w", err)
	}
	received := map[string]int{}
	for id, r := range readings {
		if !r.CompleteAt.IsZero() {
			received[id] = tallies[id].Listed()
		}
	}
	return received, nil
}

// WithKnownStatus fills in the status last read where Symphony told none: now is when
// the users were asked for. It is for other use cases, and checks no permission.
func (p *Directory) WithKnownStatus(ctx context.Context, companyID string, users []sapi.User, now time.Time) ([]UserRecord, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	known, err := p.people.Users(ctx, companyID, ids)
	if err := doWithout(ctx, err); err != nil {
		return nil, err
	}
	rows := make([]UserRecord, len(users))
	for i, u := range users {
		rows[i] = UserRecord{User: u, CompanyID: companyID, ReadAt: now, Source: FromList, StatusAt: known[u.ID].StatusAt}
		rows[i].Status = known[u.ID].Status
	}
	return rows, nil
}

// UserStatus is the answer to 'may this person sign in', or why there is none.
type UserStatus struct {
	UserID   string
	Name     string // the display name, where it is known
	Status   sapi.Status
	StatusAt time.Time // when Status was told; zero: never
	Err      error
}

// Statuses reads the given people of a company one by one, a few at a time, and
// returns one answer for each, in order. Where one can't be read the last known
// status stands, with Err saying why.
func (p *Directory) Statuses(ctx context.Context, a auth.Actor, companyID string, ids []string) ([]UserStatus, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return nil, err
	}
	answers, err := p.ReadStatuses(ctx, a.RequestID, companyID, ids[:min(len(ids), portal.MaxPageSize)])
	if err != nil {
		return nil, fmt.Errorf("read statuses: %w", err)
	}
	return answers, nil
}

// ReadStatuses reads people one by one, a few at a time, and keeps what it reads.
// requestID is of whoever had them read; empty: nobody. It is for other use cases, and
// checks no permission.
func (p *Directory) ReadStatuses(ctx context.Context, requestID, companyID string, ids []string) ([]UserStatus, error) {
	answers := make([]UserStatus, len(ids))
	var read []UserReading
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(statusReaders)
	for i, id := range ids {
		g.Go(func() error {
			asked := p.now()
			u, err := safely.Answer(func() (sapi.User, error) { return p.symphony.Users.Get(ctx, companyID, id) })
			answers[i] = UserStatus{UserID: id, Name: u.DisplayName, Status: u.Status, StatusAt: statusTime(u.Status, asked), Err: err}
			if err == nil {
				mu.Lock()
				read = append(read, UserReading{u, asked})
				mu.Unlock()
			}
			return nil
		})
	}
	_ = g.Wait() // the readers return no error: each answer has its own
	err := p.onTheSide(ctx, func(ctx context.Context) error { return p.keepReadings(ctx, requestID, companyID, FromDetail, read) })
	if err != nil {
		return nil, err
	}
	known, err := p.people.Users(ctx, companyID, ids)
	if err := doWithout(ctx, err); err != nil {
		return nil, err
	}
	for i := range answers {
		if k, ok := known[answers[i].UserID]; ok && answers[i].Err != nil {
			answers[i].Name, answers[i].Status, answers[i].StatusAt = k.DisplayName, k.Status, k.StatusAt
		}
	}
	return answers, nil
}

// User is one person, read for this page where Symphony could be asked.
type User struct {
	UserRecord
	Company CompanyRecord
	Stale   error // why they could not be read just now
}

// User reads one person. When Symphony can't be asked and they are known, what
// is known is returned with Stale set. ErrNotFound when the company has no such
// person.
func (p *Directory) User(ctx context.Context, a auth.Actor, companyID, userID string) (User, error) {
	about := ledger.Company{ID: companyID}
	if err := p.gate.Require(ctx, a, auth.See, about); err != nil {
		return User{}, err
	}
	company, err := p.KnownCompany(ctx, companyID)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	record, stale, err := p.ReadUser(ctx, a.RequestID, companyID, userID)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	return User{UserRecord: record, Company: company, Stale: stale}, nil
}

// UserOrGone is User, but for somebody whom Symphony doesn't know any more: of them it
// returns what was kept, with an ErrGone as Stale. What happened to them must stay to be
// found; and nothing can be done to them, which Gone says.
func (p *Directory) UserOrGone(ctx context.Context, a auth.Actor, companyID, userID string) (User, error) {
	user, gone := p.User(ctx, a, companyID, userID)
	if !errors.Is(gone, portal.ErrGone) {
		return user, gone
	}
	company, err := p.KnownCompany(ctx, companyID)
	if err != nil {
		return User{}, fmt.Errorf("read user who is gone: %w", err)
	}
	known, err := p.people.Users(ctx, companyID, []string{userID})
	if err != nil {
		return User{}, fmt.Errorf("read user who is gone: %w", err)
	}
	record, ok := known[userID]
	if !ok { // erased since
		return User{}, gone
	}
	return User{UserRecord: record, Company: company, Stale: gone}, nil
}

// Gone says whether Symphony doesn't know the person any more.
func (u User) Gone() bool { return errors.Is(u.Stale, portal.ErrGone) }

// ReadUser reads a person and keeps them; stale tells why what is returned is
// what was kept. ErrNotFound when the company has no such person, ErrGone as well when it
// had them before, and ErrOther when Symphony answered about another. It is for other use
// cases, and checks no permission.
func (p *Directory) ReadUser(ctx context.Context, requestID, companyID, userID string) (record UserRecord, stale, err error) {
	return patiently(ctx, p, func(ctx context.Context) (UserRecord, bool) {
		known, err := p.people.Users(ctx, companyID, []string{userID})
		record, ok := known[userID]
		return record, ok && err == nil
	}, func(ctx context.Context) (UserRecord, error, error) {
		return p.readUser(ctx, requestID, companyID, userID)
	})
}

func (p *Directory) readUser(ctx context.Context, requestID, companyID, userID string) (record UserRecord, stale, err error) {
	now := p.now()
	u, readErr := p.symphony.Users.Get(ctx, companyID, userID)
	if readErr == nil && !strings.EqualFold(u.ID, userID) {
		return UserRecord{}, nil, portal.ErrOther
	}
	if readErr == nil {
		if err := p.keepUsers(ctx, requestID, companyID, FromDetail, []sapi.User{u}, now); err != nil {
			return UserRecord{}, nil, err
		}
	}
	known, err := p.people.Users(ctx, companyID, []string{userID})
	if err := doWithout(ctx, err); err != nil {
		return UserRecord{}, nil, err
	}
	record, ok := known[userID]
	switch notFound := portal.NotFound(readErr); {
	case errors.Is(notFound, portal.ErrNotFound) && ok:
		return UserRecord{}, nil, fmt.Errorf("%w: %w", portal.ErrGone, notFound)
	case errors.Is(notFound, portal.ErrNotFound):
		return UserRecord{}, nil, notFound
	case readErr == nil:
		return UserRecord{User: u, CompanyID: companyID, ReadAt: now, Source: FromDetail, StatusAt: statusTime(u.Status, now), NotListedAt: record.NotListedAt}, nil, nil
	case ok:
		return record, readErr, nil
	}
	return UserRecord{}, nil, readErr
}

// statusTime is when a status was told: at the reading, or never.
func statusTime(s sapi.Status, readAt time.Time) time.Time {
	if s == sapi.StatusUnknown {
		return time.Time{}
	}
	return readAt
}

// KnownCompany returns a company as kept, reading it when it isn't. It is for other use
// cases, and checks no permission.
func (p *Directory) KnownCompany(ctx context.Context, id string) (CompanyRecord, error) {
	record, err := p.store.Company(ctx, id)
	if !errors.Is(err, portal.ErrNotStored) {
		return record, err
	}
	record, _, err = p.ReadCompany(ctx, id)
	return record, err
}

// AllUsers reads all of a company's people from Symphony, and keeps none of them. It
// is for other use cases, and checks no permission.
func (p *Directory) AllUsers(ctx context.Context, companyID string) ([]sapi.User, error) {
	if users, ok, err := p.allAtOnce(ctx, companyID); ok || err != nil {
		return users, err
	}
	var users []sapi.User
	for u, err := range p.symphony.Users.All(ctx, companyID, portal.MaxPageSize) {
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, nil
}

// allAtOnce reads the pages of a list side by side. ok is false where what it brought isn't
// what the first page promised: then they are read one after the other, with more care.
func (p *Directory) allAtOnce(ctx context.Context, companyID string) (users []sapi.User, ok bool, err error) {
	r := &listReader{d: p, company: CompanyRecord{Company: sapi.Company{ID: companyID}}, state: ListReading{Total: -1}}
	coming := r.ask(ctx)
	defer coming.stop()
	total, seen := int64(-1), map[string]bool{}
	for number := 0; ; {
		pages, failed := coming.next()
		for _, page := range pages {
			if number == 0 {
				total = totalOf(page)
			}
			for _, u := range page.Users {
				if seen[u.ID] {
					return nil, false, nil
				}
				seen[u.ID] = true
			}
			users = append(users, page.Users...)
			if number++; !page.More {
				return users, int64(len(users)) == total, nil
			}
			if number > lastPage(total) {
				return nil, false, nil
			}
		}
		if failed != nil {
			return nil, false, failed
		}
	}
}

// FindAllKnown returns the people known who have one of the addresses, in the form that
// address.Key gives, or one of the ids, without asking Symphony, for other use cases: it
// checks no permission.
func (p *Directory) FindAllKnown(ctx context.Context, keys, ids []string) ([]UserRecord, error) {
	return p.people.FindAllUsers(ctx, keys, ids)
}

// KnownUsers returns what is known of the given people of a company without asking
// Symphony, by id, for other use cases: it checks no permission. Of whom nothing is
// known is absent.
func (p *Directory) KnownUsers(ctx context.Context, companyID string, ids []string) (map[string]UserRecord, error) {
	return p.people.Users(ctx, companyID, ids)
}

// FindKnown returns the people known who match, without asking Symphony, for other
// use cases: it checks no permission.
func (p *Directory) FindKnown(ctx context.Context, by UserKey) ([]UserRecord, error) {
	return p.people.FindUsers(ctx, by)
}

// CountListed counts the people of a company who are listed, as far as is known, without
// asking Symphony, for other use cases: it checks no permission.
func (p *Directory) CountListed(ctx context.Context, companyID string) (int, error) {
	tally, err := p.people.Tally(ctx, companyID)
	return tally.Listed(), err
}
