package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	Seen              sapi.Status // what the page showed when it was filled in
}

// ChangedMeanwhile says that a person's status is no longer what the page
// showed, so that nothing was sent.
type ChangedMeanwhile struct{ Seen, Now sapi.Status }

// Error says so.
func (e *ChangedMeanwhile) Error() string { return "status changed meanwhile" }

// SetStatus disables or enables a person, and reads them again: what Symphony
// says then is what the change tells. It sends nothing when the status is no
// longer the one that was seen.
func (p *Engine) SetStatus(ctx context.Context, a auth.Actor, r StatusRequest) (Change, error) {
	if err := p.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	r.Reason, r.Ticket = strings.TrimSpace(r.Reason), strings.TrimSpace(r.Ticket)
	var problems []portal.FieldError
	if m := portal.CheckReason(r.Reason); m != "" {
		problems = append(problems, portal.FieldError{Field: "reason", Message: m})
	}
	if m := portal.CheckTicket(r.Ticket); m != "" {
		problems = append(problems, portal.FieldError{Field: "ticket", Message: m})
	}
	if len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	// A second click is answered by what the first one did, whatever can be read
	// of it now.
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, err := p.directory.KnownCompany(ctx, r.CompanyID)
	if err != nil {
		return Change{}, fmt.Errorf("set status: %w", err)
	}
	user, stale, err := p.directory.ReadUser(ctx, a.RequestID, r.CompanyID, r.UserID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("set status: %w", err)
	}
	if user.Status != r.Seen {
		// The first of two clicks at once may have changed it since.
		if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
			return earlier, nil
		}
		return Change{}, &ChangedMeanwhile{Seen: r.Seen, Now: user.Status}
	}
	if err := p.noneUnderWay(ctx, user.ID, r.Token); err != nil {
		return Change{}, fmt.Errorf("set status: %w", err)
	}
	kind, action := KindDisableUser, ledger.DisableUser
	if r.Active {
		kind, action = KindEnableUser, ledger.EnableUser
	}
	c := Change{
		Kind: kind, Token: r.Token, Actor: a, Reason: r.Reason, Ticket: r.Ticket,
		Company: ledger.Company{ID: company.ID, Name: company.Name},
		User:    ledger.User{ID: user.ID, Email: user.Email, Name: user.DisplayName},
	}
	return p.run(ctx, c, call{
		action: action,
		before: portal.Values("status", user.Status.String()),
		after:  portal.Values("status", wantedStatus(kind).String()),
		send: func(ctx context.Context, _ *Change) error {
			return p.symphony.Users.SetActive(ctx, company.ID, user.ID, r.Active)
		},
		confirm: p.confirmStatus,
	})
}

// noneUnderWay refuses a change of a person while another one is not settled:
// what Symphony shows could not be told to be the one's doing or the other's.
func (p *Engine) noneUnderWay(ctx context.Context, userID, token string) error {
	open, err := p.store.UnsettledChanges(ctx, p.now().Add(time.Second))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(open, func(c Change) bool { return c.User.ID == userID && c.Token != token }) {
		return portal.InvalidField("", "Another change of this person is on its way, and not settled yet. Nothing was sent. Wait until it is, and look again.")
	}
	return nil
}

func wantedStatus(k Kind) sapi.Status {
	if k == KindEnableUser {
		return sapi.StatusActive
	}
	return sapi.StatusDisabled
}

// confirmStatus reads the person after a change of status.
func (p *Engine) confirmStatus(ctx context.Context, c *Change) json.RawMessage {
	user, stale, err := p.directory.ReadUser(ctx, c.Actor.RequestID, c.Company.ID, c.User.ID)
	if err != nil || stale != nil {
		c.Note = "Symphony said yes, and could not be read again just now."
		return nil
	}
	switch user.Status {
	case wantedStatus(c.Kind):
	case sapi.StatusUnknown:
		c.Note = "Symphony said yes, and doesn’t tell whether the person is active."
		return nil
	default:
		c.State, c.Note = Unknown, "Symphony said yes, but still shows the person as "+user.Status.String()+"."
	}
	return portal.Values("status", user.Status.String())
}
