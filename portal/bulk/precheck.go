package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/precheck"
	"foyer/sapi"
)

// Prechecked is what the pre-check said of the address of a row: AwaitsPrecheck, or a
// verdict and, behind a point, its reason where it has one. It says nothing of what is to
// be done: whoever is elsewhere is left out when somebody says so.
type Prechecked string

// AwaitsPrecheck is of a row that somebody wants asked about, and that was not yet.
const AwaitsPrecheck Prechecked = "waiting"

// prechecked is the verdict of a pre-check as rows keep it.
func prechecked(r precheck.Row) Prechecked {
	if r.Why == "" {
		return Prechecked(r.Verdict)
	}
	return Prechecked(string(r.Verdict) + "." + string(r.Why))
}

// Verdict is what it comes to; empty where there is none yet.
func (p Prechecked) Verdict() precheck.Verdict {
	if p == AwaitsPrecheck {
		return ""
	}
	verdict, _, _ := strings.Cut(string(p), ".")
	return precheck.Verdict(verdict)
}

// Why is the reason of the verdict, where it has one.
func (p Prechecked) Why() precheck.Reason {
	_, why, _ := strings.Cut(string(p), ".")
	return precheck.Reason(why)
}

// Unanswered are the verdicts that could not be given because somebody didn't answer. They
// are asked for again.
func Unanswered() []Prechecked {
	var list []Prechecked
	for _, why := range []precheck.Reason{precheck.NotAsked, precheck.ListUnread, precheck.PeopleUnread, precheck.StatusUnread} {
		list = append(list, prechecked(precheck.Row{Verdict: precheck.CantTell, Why: why}))
	}
	return list
}

// Answered says whether a verdict rests on answers.
func (p Prechecked) Answered() bool { return p.Verdict() != "" && !slices.Contains(Unanswered(), p) }

// PrecheckSum is of how many rows that are to be created the pre-check says the same.
type PrecheckSum struct {
	Said Prechecked // empty: nobody asked
	N    int
}

// PrecheckJobKind is of the jobs that ask about rows: they call Service.Precheck with the
// number of the bulk change.
const PrecheckJobKind = "bulk pre-check"

// precheckEvery is how often some rows are asked about: as often as one person may ask
// about as many.
const precheckEvery = 2 * time.Second

// CanPrecheck says whether the people of a bulk change can be asked about: there are some
// to be created, and it isn't started.
func (c Change) CanPrecheck() bool {
	return c.State == Draft && (c.Kind == Create || c.Kind == Onboard) && c.Sums.To(ToAdd) > 0
}

// AskPrecheck has everybody asked about who is to be created and of whom there is no answer
// yet; a job does that, while anything else goes on. ErrNotNow where there is nobody.
func (s *Service) AskPrecheck(ctx context.Context, a auth.Actor, id int64) (asked int, err error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return 0, err
	}
	if err := s.require(ctx, a, c.Kind, c.Company); err != nil {
		return 0, err
	}
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	defer func() { _ = tx.Rollback() }()
	now, err := s.store.LockBulk(ctx, tx, id)
	if err != nil {
		return 0, fmt.Errorf("pre-check bulk change: %w", err)
	}
	now.Sums = c.Sums
	if !now.CanPrecheck() {
		return 0, ErrNotNow
	}
	if asked, err = s.store.AwaitPrechecks(ctx, tx, id); err == nil && asked == 0 {
		return 0, ErrNotNow
	}
	if err == nil {
		err = s.scheduler.Schedule(ctx, tx, portal.Job{Kind: PrecheckJobKind, ID: strconv.FormatInt(id, 10), Turn: s.clock().UnixMicro()})
	}
	if err == nil {
		err = s.store.Append(ctx, tx, s.event(now, a, ledger.PrecheckBulk, ledger.Succeeded, portal.Values("rows", strconv.Itoa(asked))))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return asked, nil
}

// Prechecks counts the rows that are to be created by what the pre-check said of them.
func (s *Service) Prechecks(ctx context.Context, a auth.Actor, id int64) ([]PrecheckSum, error) {
	if err := s.gate.Require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return nil, err
	}
	sums, err := s.store.Prechecks(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("count pre-checks: %w", err)
	}
	return sums, nil
}

// Precheck asks about the next rows of a bulk change that wait for it; again is when to come
// back, zero where none waits. Nobody waits for the answers any more once it is started.
// Jobs call it with the number.
func (s *Service) Precheck(ctx context.Context, jobID string) (again time.Duration, err error) {
	id, err := strconv.ParseInt(jobID, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("pre-check bulk change: %w", err)
	}
	c, err := s.store.Bulk(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("pre-check bulk change: %w", err)
	}
	rows, err := s.store.Rows(ctx, id, Filter{Prechecked: []Prechecked{AwaitsPrecheck}}, 0, portal.MaxPrecheck)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	if !c.State.Open() {
		return precheckEvery, s.keepPrechecks(ctx, id, rows, func(int) Prechecked { return "" })
	}
	if wait := s.symphony.HeldBack(); wait > 0 {
		return max(wait, precheckEvery), nil // else it would say of all of them that they could not be asked about
	}
	emails := make([]string, len(rows))
	for i, r := range rows {
		emails[i] = address.Key(r.Email)
	}
	said, err := s.precheck.Ask(sapi.WithPriority(ctx, sapi.Background), RequestID(id), emails)
	if err == nil {
		err = ctx.Err() // what was broken off is no answer
	}
	if err == nil {
		err = s.keepPrechecks(ctx, id, rows, func(i int) Prechecked { return prechecked(said[i]) })
	}
	if err != nil {
		return 0, fmt.Errorf("pre-check bulk change: %w", err)
	}
	return precheckEvery, nil
}

// keepPrechecks stores what was said of rows that waited for it.
func (s *Service) keepPrechecks(ctx context.Context, id int64, rows []Row, said func(i int) Prechecked) error {
	for i := range rows {
		rows[i].Precheck = said(i)
	}
	tx, err := s.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := s.store.PutPrechecks(ctx, tx, id, rows); err != nil {
		return err
	}
	return tx.Commit()
}
