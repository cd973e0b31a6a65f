package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// CreateUsersRequest asks for people in a company.
type CreateUsersRequest struct {
	CompanyID string
	People    []sapi.NewUser // 1 to MaxPeople
	Token     string
}

// CreateUsers creates up to MaxPeople people in one call. Each row of the
// change ends as created, exists, refused or unknown. Invalid names fields as
// the form does: users.0.email and so on, by position in People.
func (p *Engine) CreateUsers(ctx context.Context, a auth.Actor, r CreateUsersRequest) (Change, error) {
	if err := p.gate.Require(ctx, a, auth.Onboard, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, stale, err := p.directory.ReadCompany(ctx, r.CompanyID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("create users: %w", err)
	}
	if !company.State.Ready() {
		return Change{}, fmt.Errorf("create users: %w", portal.ErrCompanyUnavailable)
	}
	if problems := portal.CheckPeople(r.People, company.EmailDomains); len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	c := Change{
		Kind: KindCreateUsers, Token: r.Token, Actor: a,
		Company: ledger.Company{ID: company.ID, Name: company.Name},
	}
	for _, u := range r.People {
		c.People = append(c.People, Row{NewUser: u})
	}
	return p.run(ctx, c, call{
		action: ledger.CreateUsers,
		send:   p.sendPeople,
		confirm: func(_ context.Context, c *Change) json.RawMessage {
			if slices.ContainsFunc(c.People, unknownRow) {
				c.State, c.Note = Unknown, "Symphony’s answer left out some of the people."
			}
			return nil
		},
	})
}

// sendPeople makes the call, and notes each person's result in their row.
func (p *Engine) sendPeople(ctx context.Context, c *Change) error {
	people := make([]sapi.NewUser, len(c.People))
	for i, row := range c.People {
		people[i] = row.NewUser
	}
	asked := p.now()
	answer, err := p.symphony.Users.Create(ctx, c.Company.ID, people)
	if err != nil {
		return err
	}
	var created []sapi.User
	for i, r := range answer.Users {
		row := &c.People[i]
		row.Outcome = r.Outcome
		if r.Problem != nil {
			row.Problem = portal.ProblemOf(r.Problem)
		}
		if r.Outcome == sapi.ItemCreated {
			row.UserID = r.User.ID
			created = append(created, r.User)
		}
	}
	if err := p.directory.KeepUsers(ctx, c.Actor.RequestID, c.Company.ID, created, asked); err != nil {
		p.log.WarnContext(ctx, "created people not kept", "company", c.Company.ID, "error", err)
	}
	return nil
}

func createdRow(r Row) bool { return r.Outcome == sapi.ItemCreated }

func unknownRow(r Row) bool { return r.Outcome == sapi.ItemUnknown }

func setUnknown(rows []Row) {
	for i := range rows {
		rows[i].Outcome = sapi.ItemUnknown
	}
}
