package bulk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"foyer/address"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

const (
	// listFresh is how old the list of companies may be by which rows are checked.
	listFresh = time.Minute
	// retryAfter is after how long something that could not be read is read again.
	retryAfter = 10 * time.Second
	// partFresh is likewise where only some rows were changed since all were checked.
	partFresh = 10 * time.Minute
	// peopleFresh is how old a company's list may be by which the rows of a draft are
	// checked: who mends one cell after the other doesn't have it read each time. What is
	// started is compared with a list that is read then.
	peopleFresh = time.Minute
	// mostStatuses is of how many people the status is read when it isn't known: of more the
	// directory reads it by itself, in time.
	mostStatuses = 100
	// keptAtOnce is how many rows one transaction stores: others want to write, too.
	keptAtOnce = 500
)

// checked is what came of comparing the rows of a bulk change with the world.
type checked struct {
	change Change
	rows   []Row
	moved  []Row // the rows that are not as they were, as they are now
}

// compare reads the world and compares all rows with it. Nothing is stored. fresh is how
// old the company's list may be.
func (s *Service) compare(ctx context.Context, c Change, fresh time.Duration) (checked, error) {
	at := s.clock()
	before, err := s.store.Rows(ctx, c.ID, Filter{}, 0, 0)
	if err != nil {
		return checked{}, err
	}
	rows := make([]Row, 0, len(before))
	decided := map[string]Decision{}
	for _, r := range before {
		r.Facts.Was = ""
		if r.Line == 0 && c.Kind == Reconcile {
			decided[r.UserID] = r.Decision
			continue
		}
		rows = append(rows, r)
	}
	domains := c.Domains
	if err := s.readCompany(ctx, &c); err != nil {
		return checked{}, err
	}
	if fresh > 0 && len(c.Touched) > 0 && slices.Equal(domains, c.Domains) {
		if err := s.compareTouched(ctx, &c, rows); err != nil {
			return checked{}, err
		}
		return checked{c, rows, movedRows(before, rows)}, nil
	}
	w, err := s.readWorld(ctx, c, rows, fresh)
	if err != nil {
		return checked{}, err
	}
	c.plan(rows, w)
	if s.readStatuses(ctx, c, rows, w) {
		c.plan(rows, w)
	}
	if c.Kind == Reconcile {
		leavers := c.leavers(rows, w, decided)
		if len(leavers) > MaxRows {
			return checked{}, errTooMany
		}
		rows = append(rows, leavers...)
	}
	c.CheckedAt, c.Listed, c.Trouble, c.Touched = at, len(w.people), Waiting{}, nil
	if c.Company.ID != "" && c.Kind != Create && c.Kind != Reconcile {
		c.Listed = s.listed(ctx, c.Company.ID)
	}
	c.Plan = c.hashOf(rows)
	return checked{c, rows, movedRows(before, rows)}, nil
}

// compareTouched compares those rows with the world that were changed since all of them
// were, and those to which that matters.
func (s *Service) compareTouched(ctx context.Context, c *Change, rows []Row) error {
	at := c.touched(rows)
	some := make([]Row, len(at))
	for i, place := range at {
		some[i] = rows[place]
	}
	w, err := s.readWorld(ctx, *c, some, partFresh)
	if err != nil {
		return err
	}
	c.plan(some, w)
	if s.readStatuses(ctx, *c, some, w) {
		c.plan(some, w)
	}
	for i, place := range at {
		rows[place] = some[i]
	}
	c.Trouble, c.Touched, c.Plan = Waiting{}, nil, c.hashOf(rows)
	return nil
}

// readStatuses reads the statuses of those of the list who are in the company, where they
// aren't known and are few; read says that some were.
func (s *Service) readStatuses(ctx context.Context, c Change, rows []Row, w world) (read bool) {
	var ids []string
	for _, r := range rows {
		if r.Code == StatusUnknown || r.Code == DataDiffers {
			if u := w.people[address.Key(r.Email)]; u.Status == sapi.StatusUnknown {
				ids = append(ids, u.ID)
			}
		}
	}
	if len(ids) == 0 || len(ids) > mostStatuses {
		return false
	}
	statuses, err := s.directory.ReadStatuses(ctx, RequestID(c.ID), c.Company.ID, ids)
	if err != nil {
		return false // they stay unknown, and the page says so
	}
	byID := make(map[string]sapi.Status, len(statuses))
	for _, status := range statuses {
		if status.Err == nil {
			byID[status.UserID] = status.Status
		}
	}
	for key, u := range w.people {
		if status, told := byID[u.ID]; told {
			u.Status = status
			w.people[key] = u
		}
	}
	return len(byID) > 0
}

// errTooMany says that a company has more people who aren't in its list than there may be
// rows.
var errTooMany = errors.New("too many people of the company are not in the list")

// movedRows are the rows that differ from those before.
func movedRows(before, rows []Row) []Row {
	var moved []Row
	for i, r := range rows {
		if i >= len(before) || !sameRow(before[i], r) {
			moved = append(moved, r)
		}
	}
	return moved
}

// sameFault says whether two faults are told alike.
func sameFault(a, b portal.FieldError) bool {
	return a.Field == b.Field && a.Code == b.Code && a.Value == b.Value && a.Rune == b.Rune && a.Count == b.Count && slices.Equal(a.Domains, b.Domains)
}

// sameRow says whether two rows are stored alike.
func sameRow(a, b Row) bool {
	return a.N == b.N && a.State == b.State && a.Action == b.Action && a.Code == b.Code && a.UserID == b.UserID && a.CompanyID == b.CompanyID &&
		a.NewUser == b.NewUser && a.Decision == b.Decision && a.Facts.Row == b.Facts.Row && a.Facts.Company == b.Facts.Company && a.Facts.Was == b.Facts.Was &&
		a.Facts.Mendable == b.Facts.Mendable && slices.Equal(a.Facts.Differs, b.Facts.Differs) && slices.EqualFunc(a.Facts.Faults, b.Facts.Faults, sameFault)
}

// readCompany reads the company of a bulk change, if it has one.
func (s *Service) readCompany(ctx context.Context, c *Change) error {
	if c.Company.ID == "" {
		return nil
	}
	company, stale, err := s.directory.ReadCompany(ctx, c.Company.ID)
	if err = errors.Join(err, stale); err != nil {
		return err
	}
	if !company.State.Ready() {
		return portal.ErrCompanyUnavailable
	}
	c.Company.Name, c.Domains = company.Name, company.EmailDomains
	return nil
}

// readWorld reads what the rows are compared with: the people of the company from
// Symphony itself, and everybody else from the directory.
func (s *Service) readWorld(ctx context.Context, c Change, rows []Row, fresh time.Duration) (world, error) {
	w := world{known: map[string][]directory.UserRecord{}, ids: map[string]directory.UserRecord{}, companies: map[string]string{}}
	companies, _, _, err := s.directory.List(ctx, listFresh)
	if err != nil {
		return w, err
	}
	for _, company := range companies {
		w.companies[company.ID] = company.Name
	}
	if c.Company.ID != "" && (c.Kind == Create || c.Kind == Reconcile || c.Kind == Onboard) {
		if w.people, err = s.readPeople(ctx, c, fresh); err != nil {
			return w, err
		}
	}
	var keys, ids []string
	for _, r := range rows {
		c.read(&r)
		if r.UserID != "" {
			ids = append(ids, r.UserID)
		} else if r.Email != "" {
			keys = append(keys, address.Key(r.Email))
		}
	}
	known, err := s.directory.FindAllKnown(ctx, compact(keys), compact(ids))
	if err != nil {
		return w, err
	}
	for _, u := range known {
		if _, both := w.ids[strings.ToLower(u.ID)]; both {
			continue // asked for by address and by id
		}
		key := address.Key(u.Email)
		w.known[key] = append(w.known[key], u)
		w.ids[strings.ToLower(u.ID)] = u
		if u.SymphonyUserID != 0 {
			w.ids[strconv.FormatInt(u.SymphonyUserID, 10)] = u
		}
	}
	return w, nil
}

// readPeople reads everybody of a company from Symphony, by their address's key, with the
// status that is known. What was read lately for the same bulk change is not read again.
func (s *Service) readPeople(ctx context.Context, c Change, fresh time.Duration) (map[string]directory.UserRecord, error) {
	at := s.clock()
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	users := last.users
	if last.bulk != c.ID || last.companyID != c.Company.ID || at.Sub(last.at) >= fresh || at.Before(last.at) {
		var err error
		if users, err = s.directory.AllUsers(ctx, c.Company.ID); err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.last = lastList{c.ID, c.Company.ID, at, users}
		s.mu.Unlock()
	}
	known, err := s.directory.WithKnownStatus(ctx, c.Company.ID, users, at)
	if err != nil {
		return nil, err
	}
	people := make(map[string]directory.UserRecord, len(known))
	for _, u := range known {
		u.CompanyID = c.Company.ID
		people[address.Key(u.Email)] = u
	}
	return people, nil
}

// lastList is the list of a company's people that was read last for a draft.
type lastList struct {
	bulk      int64 // for which it was read
	companyID string
	at        time.Time
	users     []sapi.User
}

// listed is how many people of a company the directory has; 0 where it can't tell.
func (s *Service) listed(ctx context.Context, companyID string) int {
	n, err := s.directory.CountListed(ctx, companyID)
	if err != nil {
		return 0
	}
	return n
}

// check compares the rows of a bulk change that was brought or changed, and stores what
// came of it.
func (s *Service) check(ctx context.Context, c Change) (again time.Duration, err error) {
	result, err := s.compare(ctx, c, peopleFresh)
	if err == nil {
		if err = s.keep(ctx, c, result.moved); err == nil {
			_, err = s.update(ctx, c.ID, func(tx portal.Tx, now *Change) ([]ledger.Event, error) {
				if now.Version != c.Version {
					return nil, ErrStale // it was changed meanwhile, and is checked again
				}
				version := now.Version
				*now = result.change
				now.Version, now.State, now.Differs = version, Draft, 0
				return nil, s.store.CutRows(ctx, tx, c.ID, len(result.rows)+1)
			})
		}
	}
	switch {
	case errors.Is(err, ErrStale):
		return 0, nil
	case errors.Is(err, errTooMany):
		return s.tooMany(ctx, c)
	case err != nil:
		return s.notChecked(ctx, c, err)
	}
	return 0, nil
}

// tooMany has somebody bring another list: of this one there are too many leavers.
func (s *Service) tooMany(ctx context.Context, c Change) (time.Duration, error) {
	_, err := s.update(ctx, c.ID, func(_ portal.Tx, now *Change) ([]ledger.Event, error) {
		if now.Version != c.Version {
			return nil, ErrStale
		}
		now.State, now.Plan, now.Trouble = Draft, "", Waiting{Code: TooManyPeople, At: s.clock()}
		return nil, nil
	})
	if errors.Is(err, ErrStale) {
		return 0, nil
	}
	return 0, err
}

// keep stores rows of a bulk change as it was read, some at a time. ErrStale says that it
// is another one meanwhile: whoever was stopped on the way must not undo what others did.
func (s *Service) keep(ctx context.Context, c Change, rows []Row) error {
	for some := range slices.Chunk(rows, keptAtOnce) {
		if err := s.keepSome(ctx, c, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) keepSome(ctx context.Context, c Change, rows []Row) error {
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	now, err := s.store.LockBulk(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	if now.Version != c.Version {
		return ErrStale
	}
	if err := s.store.PutRows(ctx, tx, c.ID, rows); err != nil {
		return err
	}
	return tx.Commit()
}

// notChecked notes why the rows could not be compared just now; what isn't Symphony's
// fault is the job's error.
func (s *Service) notChecked(ctx context.Context, c Change, err error) (time.Duration, error) {
	waits, wait, ofSymphony := s.waitingFor(err)
	if !ofSymphony || ctx.Err() != nil {
		return 0, fmt.Errorf("check bulk change: %w", err)
	}
	if c.Trouble.Code == waits.Code {
		return wait, nil
	}
	_, err = s.update(ctx, c.ID, func(_ portal.Tx, now *Change) ([]ledger.Event, error) {
		if now.Version != c.Version {
			return nil, ErrStale
		}
		now.Trouble = waits
		return nil, nil
	})
	if err != nil && !errors.Is(err, ErrStale) {
		return 0, fmt.Errorf("check bulk change: %w", err)
	}
	return 0, nil // its new version has a job of its own, which comes at once
}

// waitingFor says what is waited for after something could not be read or sent, and for
// how long.
func (s *Service) waitingFor(err error) (w Waiting, wait time.Duration, ofSymphony bool) {
	now := s.clock()
	gone := portal.NotFound(err)
	w = Waiting{Code: WaitsForSymphony, At: now, Problem: portal.ProblemOf(err)}
	wait = retryAfter
	if asked, limited := sapi.IsRateLimited(err); limited {
		w.Code, wait = WaitsForRate, max(asked, time.Second)
	} else if paused, is := sapi.IsPaused(err); is {
		wait = max(paused, time.Second)
	}
	if errors.Is(gone, portal.ErrCompanyUnavailable) || errors.Is(gone, portal.ErrNotFound) {
		w.Code, wait = CompanyGone, time.Minute
		return w, wait, true
	}
	w.Until = now.Add(wait)
	return w, wait, portal.ProblemOf(err) != nil || errors.Is(err, portal.ErrOther)
}

func compact(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
