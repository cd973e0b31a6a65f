package portal

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
	"foyer/sapi"
)

// statusReaders is how many people's statuses are read at once for one page.
const statusReaders = 6

// UserPage is a page of a company's people, as Symphony pages them.
type UserPage struct {
	Rows   []UserRecord // Status and StatusAt are what is known, from this page or from before
	Page   int          // from 1
	Size   int
	Total  int64
	Pages  int
	ReadAt time.Time
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
func (p *Portal) Users(ctx context.Context, a auth.Actor, companyID string, page, size int) (UserPage, error) {
	if err := p.require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return UserPage{}, err
	}
	now := p.now()
	read, err := p.symphony.Users.List(ctx, companyID, sapi.PageOptions{Page: page - 1, Size: size})
	if err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", notFound(err))
	}
	if err := p.keepUsers(ctx, a.RequestID, companyID, read.Users, now); err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	if err := p.store.SaveTotal(ctx, companyID, read.Total, now); err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	rows, err := p.withKnownStatus(ctx, companyID, read.Users, now)
	if err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	pages := int((read.Total + int64(size) - 1) / int64(size))
	return UserPage{Rows: rows, Page: page, Size: size, Total: read.Total, Pages: max(pages, 1), ReadAt: now}, nil
}

// withKnownStatus fills in the status last read where Symphony told none.
func (p *Portal) withKnownStatus(ctx context.Context, companyID string, users []sapi.User, now time.Time) ([]UserRecord, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	known, err := p.store.Users(ctx, companyID, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]UserRecord, len(users))
	for i, u := range users {
		rows[i] = UserRecord{User: u, CompanyID: companyID, ReadAt: now, StatusAt: known[u.ID].StatusAt}
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
func (p *Portal) Statuses(ctx context.Context, a auth.Actor, companyID string, ids []string) ([]UserStatus, error) {
	if err := p.require(ctx, a, auth.See, ledger.Company{ID: companyID}); err != nil {
		return nil, err
	}
	answers, err := p.readStatuses(ctx, a.RequestID, companyID, ids[:min(len(ids), MaxPageSize)])
	if err != nil {
		return nil, fmt.Errorf("read statuses: %w", err)
	}
	return answers, nil
}

// readStatuses reads people one by one, a few at a time, and keeps what it reads.
func (p *Portal) readStatuses(ctx context.Context, requestID, companyID string, ids []string) ([]UserStatus, error) {
	answers := make([]UserStatus, len(ids))
	var read []UserReading
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(statusReaders)
	for i, id := range ids {
		g.Go(func() error {
			asked := p.now()
			u, err := p.symphony.Users.Get(ctx, companyID, id)
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
	if err := p.keepReadings(ctx, requestID, companyID, read); err != nil {
		return nil, err
	}
	known, err := p.store.Users(ctx, companyID, ids)
	if err != nil {
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
func (p *Portal) User(ctx context.Context, a auth.Actor, companyID, userID string) (User, error) {
	about := ledger.Company{ID: companyID}
	if err := p.require(ctx, a, auth.See, about); err != nil {
		return User{}, err
	}
	company, err := p.knownCompany(ctx, companyID)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	record, stale, err := p.readUser(ctx, a.RequestID, companyID, userID)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	return User{UserRecord: record, Company: company, Stale: stale}, nil
}

// readUser reads a person and keeps them; stale tells why what is returned is
// what was kept.
func (p *Portal) readUser(ctx context.Context, requestID, companyID, userID string) (record UserRecord, stale, err error) {
	now := p.now()
	u, readErr := p.symphony.Users.Get(ctx, companyID, userID)
	if readErr == nil && !strings.EqualFold(u.ID, userID) {
		return UserRecord{}, nil, ErrOther
	}
	if readErr == nil {
		if err := p.keepUsers(ctx, requestID, companyID, []sapi.User{u}, now); err != nil {
			return UserRecord{}, nil, err
		}
	} else if err := notFound(readErr); errors.Is(err, ErrNotFound) {
		return UserRecord{}, nil, err
	}
	known, err := p.store.Users(ctx, companyID, []string{userID})
	if err != nil {
		return UserRecord{}, nil, err
	}
	record, ok := known[userID]
	switch {
	case readErr == nil:
		return UserRecord{User: u, CompanyID: companyID, ReadAt: now, StatusAt: statusTime(u.Status, now)}, nil, nil
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

// keepUsers stores people for whom Symphony was asked at the given time. It is
// the time before the answer, because in between another request may have
// changed them. requestID is of whoever had them read.
func (p *Portal) keepUsers(ctx context.Context, requestID, companyID string, users []sapi.User, askedAt time.Time) error {
	readings := make([]UserReading, len(users))
	for i, u := range users {
		readings[i] = UserReading{u, askedAt}
	}
	return p.keepReadings(ctx, requestID, companyID, readings)
}

// keepReadings stores people as they were read, and records whose status somebody
// else than Foyer has changed.
func (p *Portal) keepReadings(ctx context.Context, requestID, companyID string, readings []UserReading) error {
	if len(readings) == 0 {
		return nil
	}
	company, err := p.store.Company(ctx, companyID)
	if err != nil && !errors.Is(err, ErrNotStored) {
		return err
	}
	about := ledger.Company{ID: companyID, Name: company.Name}
	return p.store.SaveUsers(ctx, companyID, readings, noticeOutside(about, requestID))
}

// knownCompany returns a company as kept, reading it when it isn't.
func (p *Portal) knownCompany(ctx context.Context, id string) (CompanyRecord, error) {
	record, err := p.store.Company(ctx, id)
	if !errors.Is(err, ErrNotStored) {
		return record, err
	}
	record, _, err = p.readCompany(ctx, id)
	return record, err
}

// notFound turns Symphony's ways of saying 'no such thing' into ErrNotFound and
// ErrCompanyUnavailable, and leaves every other error as it is.
func notFound(err error) error {
	switch {
	case sapi.IsCompanyUnavailable(err):
		return fmt.Errorf("%w: %w", ErrCompanyUnavailable, err)
	case sapi.IsUserNotFound(err) || sapi.IsNotFound(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}
