package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"foyer/address"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
)

// firstKind is the kind of change for which whoever starts a bulk change needs a right.
func (c Change) firstKind() change.Kind {
	switch c.Kind {
	case Disable:
		return change.DisableUser
	case Enable:
		return change.EnableUser
	case Reconcile:
		if c.Sums.To(ToAdd) == 0 {
			return change.DisableUser
		}
	case Create, Onboard:
	}
	return change.CreateUsers
}

// planned is what is to be done, and when if not at once, for the ledger.
func (c Change) planned(sums Sums) []byte {
	pairs := []any{
		"plan", c.Plan, "create", strconv.Itoa(sums.To(ToAdd)), "enable", strconv.Itoa(sums.To(ToAllow)), "disable", strconv.Itoa(sums.To(ToBar)),
		"alreadyThere", strconv.Itoa(sums.In(AlreadyThere)), "leftOut", strconv.Itoa(sums.In(LeftOut)),
	}
	if !c.At.IsZero() {
		pairs = append(pairs, "at", c.At.UTC().Format(time.RFC3339), "zone", c.Zone)
	}
	return portal.Values(pairs...)
}

// ended is how all rows ended, for the ledger.
func ended(sums Sums) []byte {
	var pairs []any
	for _, state := range RowStates() {
		if n := sums.In(state); n > 0 {
			pairs = append(pairs, string(state), strconv.Itoa(n))
		}
	}
	return portal.Values(pairs...)
}

// whereTheyAre finds out of people who exist somewhere whether that is in this very
// company.
func (r *runner) whereTheyAre(ctx context.Context) (time.Duration, error) {
	rows, err := r.store.Rows(ctx, r.c.ID, Filter{States: []RowState{Unsettled}, Codes: []Code{Exists}}, 0, 0)
	if err != nil {
		return 0, fmt.Errorf("run bulk change: %w", err)
	}
	w, err := r.readWorldOf(ctx, rows)
	if err != nil {
		waits, _, ofSymphony := r.waitingFor(err)
		if !ofSymphony {
			return 0, fmt.Errorf("run bulk change: %w", err)
		}
		return r.wait(ctx, waits)
	}
	for i := range rows {
		row := &rows[i]
		key := address.Key(row.Email)
		if u, there := w.inCompany(key, r.c.Company.ID); there {
			row.State, row.Code, row.UserID, row.Facts.Problem = AlreadyThere, statusCode(u.Status), u.ID, nil
			continue
		}
		row.State, row.Code = Refused, Elsewhere
		for _, u := range w.known[key] {
			if u.CompanyID != r.c.Company.ID {
				row.Facts.Company = ledger.Company{ID: u.CompanyID, Name: w.companies[u.CompanyID]}
			}
		}
		if row.Facts.Problem == nil && row.Facts.Company.ID == "" {
			row.State, row.Code = Planned, Again // another change was in the way, and did nothing
		}
	}
	if err := r.move(ctx, r.c.ID, Unsettled, rows); err != nil {
		return 0, fmt.Errorf("run bulk change: %w", err)
	}
	return time.Millisecond, nil
}

// inCompany is somebody of a company, as Symphony lists them or, where its list is behind,
// as the directory has them.
func (w world) inCompany(key, companyID string) (directory.UserRecord, bool) {
	if u, there := w.people[key]; there {
		return u, true
	}
	i := slices.IndexFunc(w.known[key], func(u directory.UserRecord) bool {
		return strings.EqualFold(u.CompanyID, companyID) && u.NotListedAt.IsZero()
	})
	if i < 0 {
		return directory.UserRecord{}, false
	}
	return w.known[key][i], true
}

func (r *runner) readWorldOf(ctx context.Context, rows []Row) (world, error) {
	if r.c.Kind == Disable || r.c.Kind == Enable {
		return world{}, nil
	}
	return r.readWorld(ctx, r.c, rows, 0)
}

func statusCode(s sapi.Status) Code {
	switch s {
	case sapi.StatusActive:
		return IsActive
	case sapi.StatusDisabled:
		return IsDisabled
	case sapi.StatusUnknown:
	}
	return StatusUnknown
}

// move stores how rows stand that are in a state, and leaves those that aren't any more.
func (s *Service) move(ctx context.Context, id int64, from RowState, rows []Row) error {
	for some := range slices.Chunk(rows, keptAtOnce) {
		if err := s.moveSome(ctx, id, from, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) moveSome(ctx context.Context, id int64, from RowState, rows []Row) error {
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := s.store.MoveRows(ctx, tx, id, from, rows); err != nil {
		return err
	}
	return tx.Commit()
}

// membersAtOnce is how many people one event of the ledger names.
const membersAtOnce = 100

// end ends a bulk change of which every row has come to its end. The rows that were in no
// call are recorded here: those that were, with their calls. next is negative when it has
// ended, and else after how long to look again.
func (r *runner) end(ctx context.Context) (next time.Duration, err error) {
	rows, err := r.store.Rows(ctx, r.c.ID, Filter{States: []RowState{AlreadyThere, LeftOut, Refused, Unknown}}, 0, 0)
	if err != nil {
		return 0, fmt.Errorf("end bulk change: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(row Row) bool { return row.Tries > 0 })
	r.directory.KeepWaiting(ctx) // who looks at the result looks at its people, too
	_, err = r.update(ctx, r.c.ID, func(_ portal.Tx, c *Change) ([]ledger.Event, error) {
		if c.Version != r.c.Version {
			return nil, ErrStale
		}
		if c.State == Running {
			c.State = Done
		}
		c.EndedAt, c.Waits = r.clock(), Waiting{}
		var events []ledger.Event
		for some := range slices.Chunk(rows, membersAtOnce) {
			events = append(events, r.membersEvent(*c, some))
		}
		return append(events, r.event(*c, r.system(*c), ledger.EndBulk, ledger.Succeeded, ended(r.c.Sums))), nil
	})
	if errors.Is(err, ErrStale) {
		return time.Millisecond, nil // it is another one since it was read, perhaps by this very job
	}
	if err != nil {
		return 0, fmt.Errorf("end bulk change: %w", err)
	}
	return -1, nil
}

// membersEvent is the ledger's line about rows that were in no call.
func (r *runner) membersEvent(c Change, rows []Row) ledger.Event {
	e := r.event(c, r.system(c), ledger.BulkRows, ledger.Succeeded, nil)
	for _, row := range rows {
		e.Users = append(e.Users, ledger.User{
			ID: row.UserID, Email: address.Key(row.Email), Name: portal.NewUserName(row.NewUser), Result: string(row.State), Note: string(row.Code),
		})
	}
	return e
}

// company sees to it that a new company is there, and ready; next is when to look again
// where it isn't.
func (r *runner) company(ctx context.Context) (ready bool, next time.Duration, err error) {
	if r.c.Company.ID == "" {
		if next, err := r.createCompany(ctx); err != nil || r.c.Company.ID == "" {
			return false, next, err
		}
	}
	// Read here as well: the job that watches it may be of a process that was stopped.
	again, err := r.directory.WatchCompany(ctx, r.c.Company.ID)
	if err != nil {
		return false, 0, fmt.Errorf("run bulk change: %w", err)
	}
	company, err := r.directory.KnownCompany(ctx, r.c.Company.ID)
	if err != nil {
		return false, 0, fmt.Errorf("run bulk change: %w", err)
	}
	switch {
	case company.State.Ready():
		if len(r.c.Domains) == 0 {
			r.c.Domains = company.EmailDomains
			if _, err := r.quietly(ctx, func(c *Change) { c.Domains, c.CheckedAt = company.EmailDomains, r.clock() }); err != nil {
				return false, 0, fmt.Errorf("run bulk change: %w", err)
			}
		}
		return true, 0, nil
	case company.State.Failed():
		return false, -1, r.pauseFor(ctx, Waiting{Code: CompanyFailed})
	}
	if err := r.note(ctx, Waiting{Code: WaitsForCompany}); err != nil {
		return false, 0, err
	}
	return false, max(again, settleEvery), nil
}

// createCompany asks for the company, once, and finds out what became of that.
func (r *runner) createCompany(ctx context.Context) (next time.Duration, err error) {
	if r.c.CompanyChange == "" {
		made, err := r.askForCompany(ctx)
		if err != nil || made == nil {
			return settleEvery, err
		}
	}
	asked, err := r.askedCompany(ctx)
	switch {
	case err != nil:
		return 0, err
	case r.c.Company.ID != "":
		return time.Millisecond, nil
	case !asked.State.Settled():
		return settleEvery, nil
	}
	// It can be asked for again when somebody has seen why not.
	_, err = r.quietly(ctx, func(c *Change) {
		if c.CompanyChange == asked.ID {
			c.CompanyChange = ""
		}
	})
	if err != nil {
		return 0, fmt.Errorf("run bulk change: %w", err)
	}
	return -1, r.pauseFor(ctx, Waiting{Code: CompanyFailed, Problem: asked.Problem})
}

// askedCompany is the change that asked for the company; where it made one, that is noted.
func (r *runner) askedCompany(ctx context.Context) (change.Change, error) {
	asked, err := r.changes.Part(ctx, r.c.CompanyChange)
	if err == nil && asked.State == change.Done && asked.Company.ID != "" {
		made := ledger.Company{ID: asked.Company.ID, Name: r.c.NewCompany.Name}
		var c Change
		c, err = r.quietly(ctx, func(c *Change) { c.Company = made })
		r.c.Company, r.c.Version = made, c.Version
	}
	if err != nil {
		return change.Change{}, fmt.Errorf("run bulk change: %w", err)
	}
	return asked, nil
}

// askForCompany makes the change that creates the company; made is nil where it was not
// begun.
func (r *runner) askForCompany(ctx context.Context) (made *change.Change, err error) {
	part := change.Change{
		ID: uuid.NewString(), Kind: change.CreateCompany, Bulk: r.c.ID, NewCompany: r.c.NewCompany, Company: ledger.Company{Name: r.c.NewCompany.Name},
		Reason: r.c.Reason, Ticket: r.c.Ticket, Seen: change.Seen{At: r.clock()},
	}
	if there, err := r.changes.CompanyThere(ctx, part); err != nil || there {
		if there {
			return nil, r.pauseFor(ctx, Waiting{Code: CompanyThere})
		}
		waits, _, ofSymphony := r.waitingFor(err)
		if !ofSymphony {
			return nil, fmt.Errorf("run bulk change: %w", err)
		}
		return nil, r.note(ctx, waits)
	}
	var c Change
	begun, err := r.changes.Begin(ctx, r.actor, part, func(ctx context.Context, tx portal.Tx) (err error) {
		if c, err = r.store.LockBulk(ctx, tx, r.c.ID); err != nil {
			return err
		}
		if c.State != Running || c.CompanyChange != "" {
			return errNotTaken
		}
		c.CompanyChange = part.ID
		c, err = r.store.SaveBulk(ctx, tx, c)
		return err
	})
	if _, busy := errors.AsType[*change.Busy](err); busy || errors.Is(err, errNotTaken) {
		return nil, nil // somebody else creates it: it is there the next time
	}
	if err != nil {
		return nil, err
	}
	r.c.CompanyChange, r.c.Version = c.CompanyChange, c.Version
	done, err := r.changes.Make(ctx, begun, func() {})
	return &done, err
}
