package directory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/sapi"
)

// StatusesAt is who was active at a time.
type StatusesAt struct {
	At time.Time
	// Since is when Foyer first observed anybody of the company; zero: it never did.
	Since  time.Time
	People map[string]PastStatus // by id, everybody who was asked for
}

// StatusAt says which of the given people of a company were active at a time,
// from what Foyer observed and did. It asks Symphony nothing. Invalid when the
// time has not come yet.
func (p *Directory) StatusAt(ctx context.Context, a auth.Actor, companyID string, ids []string, at time.Time) (StatusesAt, error) {
	if err := p.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{ID: companyID}); err != nil {
		return StatusesAt{}, err
	}
	if err := p.checkPast(at); err != nil {
		return StatusesAt{}, err
	}
	since, err := p.statuses.ObservingSince(ctx, companyID)
	if err != nil {
		return StatusesAt{}, fmt.Errorf("status at a date: %w", err)
	}
	known, err := p.people.Users(ctx, companyID, ids)
	if err != nil {
		return StatusesAt{}, fmt.Errorf("status at a date: %w", err)
	}
	people, err := p.pastStatuses(ctx, companyID, ids, known, at)
	if err != nil {
		return StatusesAt{}, fmt.Errorf("status at a date: %w", err)
	}
	return StatusesAt{At: at, Since: since, People: people}, nil
}

// checkPast refuses a time about which nothing can be known yet.
func (p *Directory) checkPast(at time.Time) error {
	if fault := portal.CheckPast(at, p.now()); fault.Code != "" {
		return portal.InvalidField("at", fault)
	}
	return nil
}

func (p *Directory) pastStatuses(ctx context.Context, companyID string, ids []string, known map[string]UserRecord, at time.Time) (map[string]PastStatus, error) {
	observations, err := p.statuses.Observations(ctx, companyID, ids)
	if err != nil {
		return nil, err
	}
	events, err := p.statuses.StatusEvents(ctx, companyID, ids)
	if err != nil {
		return nil, err
	}
	people := make(map[string]PastStatus, len(ids))
	for _, id := range ids {
		people[id] = StatusKnown(at, StatusEvidence{CreatedAt: p.createdSince(known[id].CreatedAt), Observations: observations[id], Events: events[id]})
	}
	return people, nil
}

// PastUser is one person of a company with their status at a time.
type PastUser struct {
	UserRecord // as last read
	Past       PastStatus
	Listed     bool // Symphony's list of the company's people has them now
}

// StatusExport is the status of a whole company at a time, to be sent as a file.
type StatusExport struct {
	Company   CompanyRecord
	At, Since time.Time // as in StatusesAt
	ReadAt    time.Time // when Symphony was asked who is in the company
	Count     int       // how many people Rows gives
	// Rows gives the people by when they were created, reading as it goes. It ends
	// with an error when they can't be read.
	Rows iter.Seq2[PastUser, error]
}

// ExportStatusAt reads everybody whom a company has from Symphony, adds those
// whom it once had, and records the export: what is exported must not be sent
// when this fails.
func (p *Directory) ExportStatusAt(ctx context.Context, a auth.Actor, companyID string, at time.Time) (StatusExport, error) {
	export, err := p.statusExport(ctx, a, companyID, at)
	if err != nil {
		return StatusExport{}, err
	}
	e := export.event(a, ledger.StatusAt)
	e.Action, e.Outcome, e.After = ledger.Export, ledger.Succeeded, portal.Values("rows", export.Count)
	if err := p.activity.Record(ctx, e); err != nil {
		return StatusExport{}, fmt.Errorf("%w: %w", portal.ErrNotGivenOut, err)
	}
	return export, nil
}

// ProvenStatusExport is the status of a whole company at a time on its way out of
// Foyer, with evidence. Its Events are those from which the statuses follow that
// were read of Statuses before.
type ProvenStatusExport struct {
	*activity.ProvenExport
	Statuses StatusExport
}

// ExportProvenStatusAt is ExportStatusAt for a file with evidence: it signs the ledger
// once everybody has been read, so that what was noticed then is covered, and records
// that the file is about to leave. Nothing may be sent when it fails.
func (p *Directory) ExportProvenStatusAt(ctx context.Context, a auth.Actor, companyID string, at time.Time) (ProvenStatusExport, error) {
	statuses, err := p.statusExport(ctx, a, companyID, at)
	if err != nil {
		return ProvenStatusExport{}, err
	}
	signed, err := p.activity.Sign(ctx)
	if err != nil {
		return ProvenStatusExport{}, err
	}
	e := statuses.event(a, ledger.StatusAtProven)
	followed := map[int64]bool{}
	statuses.Rows = noting(statuses.Rows, followed)
	export, err := p.activity.BeginExport(ctx, e, signed, statuses.Count, func(ctx context.Context) iter.Seq2[ledger.Evidence, error] {
		return p.activity.ProvenByNumber(ctx, followed, signed.Size)
	})
	return ProvenStatusExport{ProvenExport: export, Statuses: statuses}, err
}

// noting notes the events from which the statuses of people follow.
func noting(people iter.Seq2[PastUser, error], followed map[int64]bool) iter.Seq2[PastUser, error] {
	return func(yield func(PastUser, error) bool) {
		for u, err := range people {
			for _, fact := range []StatusFact{u.Past.Before, u.Past.After} {
				if fact.Event != 0 {
					followed[fact.Event] = true
				}
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// statusExport prepares an export for somebody who may have it.
func (p *Directory) statusExport(ctx context.Context, a auth.Actor, companyID string, at time.Time) (StatusExport, error) {
	if err := p.gate.Require(ctx, a, auth.SeeActivity, ledger.Company{ID: companyID}); err != nil {
		return StatusExport{}, err
	}
	if err := p.checkPast(at); err != nil {
		return StatusExport{}, err
	}
	export, err := p.prepareStatusExport(ctx, a, companyID, at)
	if err != nil {
		return StatusExport{}, fmt.Errorf("export status at a date: %w", err)
	}
	return export, nil
}

// event says in the ledger what is exported.
func (e StatusExport) event(a auth.Actor, code ledger.Code) ledger.Event {
	return ledger.Event{Actor: a, Company: ledger.Company{ID: e.Company.ID, Name: e.Company.Name}, Code: string(code), Note: second(e.At)}
}

func (p *Directory) prepareStatusExport(ctx context.Context, a auth.Actor, companyID string, at time.Time) (e StatusExport, err error) {
	e.At, e.ReadAt = at, p.now().UTC().Truncate(time.Microsecond) // as the store keeps it
	if e.Company, err = p.KnownCompany(ctx, companyID); err != nil {
		return e, err
	}
	listed, err := p.readEverybody(ctx, a.RequestID, companyID, e.ReadAt)
	if err != nil {
		return e, err
	}
	if e.Since, err = p.statuses.ObservingSince(ctx, companyID); err != nil {
		return e, err
	}
	if e.Count, err = p.people.CountUsers(ctx, companyID); err != nil {
		return e, err
	}
	e.Rows = p.pastUsers(ctx, e, listed)
	return e, nil
}

// readEverybody reads all of a company's people from Symphony and keeps them, a
// page at a time. It returns the ids of who is listed.
func (p *Directory) readEverybody(ctx context.Context, requestID, companyID string, askedAt time.Time) (listed map[string]bool, err error) {
	listed = map[string]bool{}
	users := make([]sapi.User, 0, portal.MaxPageSize)
	keep := func() error {
		if err := p.KeepUsers(ctx, requestID, companyID, FromList, users, askedAt); err != nil {
			return fmt.Errorf("%w: %w", portal.ErrLedger, err)
		}
		return nil
	}
	for u, err := range p.symphony.Users.All(ctx, companyID, portal.MaxPageSize) {
		if err != nil {
			return nil, portal.NotFound(err)
		}
		listed[u.ID] = true
		if users = append(users, u); len(users) < portal.MaxPageSize {
			continue
		}
		if err := keep(); err != nil {
			return nil, err
		}
		users = users[:0]
	}
	return listed, keep()
}

// exportPage is how many people of an export are in memory at a time.
const exportPage = 500

// pastUsers gives e.Count people: who is created meanwhile is not among those who
// were counted, and would come last.
func (p *Directory) pastUsers(ctx context.Context, e StatusExport, listed map[string]bool) iter.Seq2[PastUser, error] {
	return func(yield func(PastUser, error) bool) {
		var last UserRecord
		for left := e.Count; left > 0; {
			page, err := p.pastUsersBehind(ctx, last, min(left, exportPage), e)
			if err != nil {
				yield(PastUser{}, fmt.Errorf("export status at a date: %w", err))
				return
			}
			for _, u := range page {
				u.Listed = listed[u.ID]
				if !yield(u, nil) {
					return
				}
			}
			left, last = left-len(page), page[len(page)-1].UserRecord
		}
	}
}

// pastUsersBehind gives the next people of an export, at least one.
func (p *Directory) pastUsersBehind(ctx context.Context, last UserRecord, limit int, e StatusExport) ([]PastUser, error) {
	users, err := p.people.CompanyUsers(ctx, e.Company.ID, last, limit)
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, errors.New("people that were counted are gone")
	}
	ids, known := make([]string, len(users)), make(map[string]UserRecord, len(users))
	for i, u := range users {
		ids[i], known[u.ID] = u.ID, u
	}
	past, err := p.pastStatuses(ctx, e.Company.ID, ids, known, e.At)
	if err != nil {
		return nil, err
	}
	page := make([]PastUser, len(users))
	for i, u := range users {
		page[i] = PastUser{UserRecord: u, Past: past[u.ID]}
	}
	return page, nil
}

// createdSince is the earliest time by our clock that Symphony may mean by a time of
// creation.
func (p *Directory) createdSince(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(-p.symphony.ClockAhead().Abs())
}
