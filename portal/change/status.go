package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// StatusRequest asks to disable or enable one person.
type StatusRequest struct {
	CompanyID, UserID string
	Active            bool
	Reason, Ticket    string
	Token             string
	Again             bool        // the form may only be sent again: for the first time it does nothing
	Seen              sapi.Status // what the page showed when it was filled in
}

// ChangedMeanwhile says that a person's status is no longer what the page showed,
// so that nothing was sent.
type ChangedMeanwhile struct{ Seen, Now sapi.Status }

// Error says so.
func (e *ChangedMeanwhile) Error() string { return "status changed meanwhile" }

// SetStatus disables or enables a person, and reads them again: what Symphony says
// then is what the change tells. It sends nothing when the status is no longer the
// one that was seen (ChangedMeanwhile), or when another change of the person is in
// the way (Busy).
func (e *Engine) SetStatus(ctx context.Context, a auth.Actor, r StatusRequest) (Change, error) {
	if err := e.require(ctx, a, auth.ChangeStatus, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	r.Reason, r.Ticket = strings.TrimSpace(r.Reason), strings.TrimSpace(r.Ticket)
	var problems portal.FieldErrors
	problems.Add("reason", portal.CheckReason(r.Reason))
	problems.Add("ticket", portal.CheckTicket(r.Ticket))
	if len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	kind := DisableUser
	if r.Active {
		kind = EnableUser
	}
	c := Change{
		Kind: kind, Token: r.Token, Reason: r.Reason, Ticket: r.Ticket,
		Company: ledger.Company{ID: r.CompanyID}, User: ledger.User{ID: r.UserID},
	}
	// A second click is answered by what the first one did, whatever can be read of
	// it now.
	if earlier, used, err := e.usedFor(ctx, a, c, r.Again); used || err != nil {
		return earlier, err
	}
	company, err := e.directory.KnownCompany(ctx, r.CompanyID)
	if err != nil {
		return Change{}, fmt.Errorf("set status: %w", err)
	}
	at := e.clock()
	user, stale, err := e.directory.ReadUser(ctx, a.RequestID, r.CompanyID, r.UserID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("set status: %w", err)
	}
	c.Company = ledger.Company{ID: company.ID, Name: company.Name}
	c.User = ledger.User{ID: user.ID, Email: user.Email, Name: user.DisplayName}
	c.Seen = Seen{At: at, Status: user.Status}
	if user.Status != r.Seen {
		return e.movedMeanwhile(ctx, a, c, r)
	}
	return e.atOnce(ctx, a, c)
}

// movedMeanwhile says why a person's status is another one than the page showed: the
// same form's first click, another change of Foyer's that is not settled, or somebody
// else.
func (e *Engine) movedMeanwhile(ctx context.Context, a auth.Actor, c Change, r StatusRequest) (Change, error) {
	if earlier, used, err := e.usedFor(ctx, a, c, r.Again); used || err != nil {
		return earlier, err
	}
	other, err := e.store.UnsettledOf(ctx, SubjectOf(c))
	if err == nil {
		return Change{}, &Busy{Change: other, Row: -1}
	}
	return Change{}, &ChangedMeanwhile{Seen: r.Seen, Now: c.Seen.Status}
}

// setStatus is the operation updateUser, in one of its two ways.
type setStatus struct {
	*Engine
	kind Kind
}

// Kind implements Operation.
func (o *setStatus) Kind() Kind { return o.kind }

// Values implements Operation.
func (o *setStatus) Values(c Change) (before, after json.RawMessage) {
	return portal.Values("status", c.Seen.Status.String()), portal.Values("status", o.kind.StatusWanted().String())
}

// Check implements Operation: the person still has the status that was seen.
func (o *setStatus) Check(ctx context.Context, c *Change, fresh bool) error {
	if fresh {
		return nil
	}
	user, stale, err := o.directory.ReadUser(ctx, c.Actor.RequestID, c.Company.ID, c.User.ID)
	if err = errors.Join(err, stale); err != nil {
		return unlessGone(err)
	}
	if user.Status != c.Seen.Status {
		return &SupersededError{Code: StatusMoved, Now: user.Status}
	}
	return nil
}

// unlessGone turns that something isn't there any more into SupersededError.
func unlessGone(err error) error {
	switch {
	case errors.Is(err, portal.ErrCompanyUnavailable), errors.Is(err, portal.ErrNotFound):
		return &SupersededError{Code: CompanyNotReady}
	}
	return err
}

// Send implements Operation.
func (o *setStatus) Send(ctx context.Context, c *Change) error {
	return o.symphony.Users.SetActive(ctx, c.Company.ID, c.User.ID, o.kind == EnableUser)
}

// Confirm implements Operation.
func (o *setStatus) Confirm(ctx context.Context, c *Change) Finding {
	user, stale, err := o.directory.ReadUser(ctx, c.Actor.RequestID, c.Company.ID, c.User.ID)
	if err != nil || stale != nil {
		return Finding{Verdict: Applied, Code: NotConfirmed}
	}
	found := Finding{Verdict: Applied, After: portal.Values("status", user.Status.String())}
	switch user.Status {
	case o.kind.StatusWanted():
	case sapi.StatusUnknown:
		return Finding{Verdict: Applied, Code: StatusNotTold}
	default:
		found.Verdict, found.Code = CantTell, NotShownYet
	}
	return found
}

// LookFor implements Operation.
func (o *setStatus) LookFor(ctx context.Context, c *Change, _ Look) (Finding, error) {
	user, stale, err := o.directory.ReadUser(ctx, c.Actor.RequestID, c.Company.ID, c.User.ID)
	switch {
	case errors.Is(err, portal.ErrNotFound):
		return Finding{Code: PersonNotShown}, nil
	case err != nil || stale != nil:
		return Finding{}, errors.Join(err, stale)
	case user.Status == sapi.StatusUnknown:
		return Finding{Code: StatusUntold}, nil
	}
	after := portal.Values("status", user.Status.String())
	if user.Status == o.kind.StatusWanted() {
		return Finding{Verdict: Applied, Code: FoundStatus, After: after}, nil
	}
	return Finding{Verdict: Absent, Code: AbsentStatus, After: after}, nil
}

// Credit implements Operation: while the change was not settled no other one of
// Foyer's could have changed the person.
func (*setStatus) Credit(_ context.Context, _ portal.Tx, _ *Change, f Finding) (Finding, error) {
	return f, nil
}
