package directory

import (
	"context"
	"errors"
	"time"

	"foyer/portal"
)

// Unavailable says that the directory of people can't be used now. Whatever is evidence,
// and the companies, are kept elsewhere and are not concerned.
type Unavailable struct {
	Err error
	// Mending says that it was found damaged or gone, so that it is made anew before long
	// without anybody's doing.
	Mending bool
}

// Error says it for the log.
func (e *Unavailable) Error() string {
	return "the directory of people can't be used: " + e.Err.Error()
}

// Unwrap gives what the store said.
func (e *Unavailable) Unwrap() error { return e.Err }

// doWithout is for who can do without the directory of people where it can't be used: the
// page says so, and the error is gone. Every other one stays.
func doWithout(ctx context.Context, err error) error {
	if _, down := errors.AsType[*Unavailable](err); down {
		portal.NotKept(ctx, err)
		return nil
	}
	return err
}

// tellingPeople is a PeopleStore whose errors, as far as pages meet them, tell that it is
// the directory which can't be used.
type tellingPeople struct{ PeopleStore }

// tell leaves the end of whoever asks as it is.
func (s tellingPeople) tell(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrNoPlace) {
		return err
	}
	return &Unavailable{Err: err, Mending: s.Mending()}
}

// SavePeople implements PeopleStore. It tells so even when the time for it was over:
// whoever keeps something on the side gives it little.
func (s tellingPeople) SavePeople(ctx context.Context, companyID string, people []UserRecord) error {
	if err := s.PeopleStore.SavePeople(ctx, companyID, people); err != nil {
		return &Unavailable{Err: err, Mending: s.Mending()}
	}
	return nil
}

// Users implements PeopleStore.
func (s tellingPeople) Users(ctx context.Context, companyID string, ids []string) (map[string]UserRecord, error) {
	users, err := s.PeopleStore.Users(ctx, companyID, ids)
	return users, s.tell(ctx, err)
}

// FindUsers implements PeopleStore.
func (s tellingPeople) FindUsers(ctx context.Context, by UserKey) ([]UserRecord, error) {
	users, err := s.PeopleStore.FindUsers(ctx, by)
	return users, s.tell(ctx, err)
}

// CompanyUsers implements PeopleStore.
func (s tellingPeople) CompanyUsers(ctx context.Context, companyID string, after UserRecord, limit int) ([]UserRecord, error) {
	users, err := s.PeopleStore.CompanyUsers(ctx, companyID, after, limit)
	return users, s.tell(ctx, err)
}

// CountUsers implements PeopleStore.
func (s tellingPeople) CountUsers(ctx context.Context, companyID string) (int, error) {
	n, err := s.PeopleStore.CountUsers(ctx, companyID)
	return n, s.tell(ctx, err)
}

// SearchPeople implements PeopleStore.
func (s tellingPeople) SearchPeople(ctx context.Context, words []string, limit int) (people []UserRecord, more bool, err error) {
	people, more, err = s.PeopleStore.SearchPeople(ctx, words, limit)
	return people, more, s.tell(ctx, err)
}

// People implements PeopleStore.
func (s tellingPeople) People(ctx context.Context, q PeopleQuery) (PeoplePage, error) {
	page, err := s.PeopleStore.People(ctx, q)
	return page, s.tell(ctx, err)
}

// CountPeople implements PeopleStore.
func (s tellingPeople) CountPeople(ctx context.Context, q PeopleQuery, atMost int) (t Tally, all bool, err error) {
	t, all, err = s.PeopleStore.CountPeople(ctx, q, atMost)
	return t, all, s.tell(ctx, err)
}

// Tally implements PeopleStore.
func (s tellingPeople) Tally(ctx context.Context, companyID string) (Tally, error) {
	t, err := s.PeopleStore.Tally(ctx, companyID)
	return t, s.tell(ctx, err)
}

// Tallies implements PeopleStore.
func (s tellingPeople) Tallies(ctx context.Context) (map[string]Tally, error) {
	tallies, err := s.PeopleStore.Tallies(ctx)
	return tallies, s.tell(ctx, err)
}

// PeopleByDay implements PeopleStore.
func (s tellingPeople) PeopleByDay(ctx context.Context, companyID string, from time.Time) ([]DayCount, error) {
	days, err := s.PeopleStore.PeopleByDay(ctx, companyID, from)
	return days, s.tell(ctx, err)
}

// Values implements PeopleStore.
func (s tellingPeople) Values(ctx context.Context, column ValueColumn, containing string, limit int) ([]string, error) {
	values, err := s.PeopleStore.Values(ctx, column, containing, limit)
	return values, s.tell(ctx, err)
}

// Readings implements PeopleStore.
func (s tellingPeople) Readings(ctx context.Context) (map[string]ListReading, error) {
	readings, err := s.PeopleStore.Readings(ctx)
	return readings, s.tell(ctx, err)
}

// Reading implements PeopleStore.
func (s tellingPeople) Reading(ctx context.Context, companyID string) (ListReading, error) {
	reading, err := s.PeopleStore.Reading(ctx, companyID)
	return reading, s.tell(ctx, err)
}
