package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
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
func (p *Portal) CreateUsers(ctx context.Context, a auth.Actor, r CreateUsersRequest) (Change, error) {
	if err := p.require(ctx, a, auth.Onboard, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, stale, err := p.readCompany(ctx, r.CompanyID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("create users: %w", err)
	}
	if !company.State.Ready() {
		return Change{}, fmt.Errorf("create users: %w", ErrCompanyUnavailable)
	}
	if problems := CheckPeople(r.People, company.EmailDomains); len(problems) > 0 {
		return Change{}, &Invalid{problems}
	}
	c := Change{
		Kind: KindCreateUsers, Token: r.Token, Actor: a,
		Company: ledger.Company{ID: company.ID, Name: company.Name},
	}
	for _, u := range r.People {
		c.People = append(c.People, PersonRow{NewUser: u})
	}
	return p.run(ctx, c, call{
		action: ledger.CreateUsers,
		send:   p.sendPeople,
		confirm: func(_ context.Context, c *Change) json.RawMessage {
			if slices.ContainsFunc(c.People, unknownRow) {
				c.State, c.Note = ChangeUnknown, "Symphony’s answer left out some of the people."
			}
			return nil
		},
	})
}

// CheckPeople checks the people of one call: how many, each field, and that no
// address is there twice.
func CheckPeople(people []sapi.NewUser, domains []string) []FieldError {
	if n := len(people); n == 0 || n > MaxPeople {
		return []FieldError{{"users.0.email", fmt.Sprintf("Enter 1 to %d people; these are %d.", MaxPeople, n)}}
	}
	var problems []FieldError
	first := map[string]int{}
	for i, u := range people {
		for _, f := range CheckPerson(u, domains) {
			problems = append(problems, FieldError{fmt.Sprintf("users.%d.%s", i, f.Field), f.Message})
		}
		email := address.Key(u.Email)
		if j, again := first[email]; again && email != "" {
			problems = append(problems, FieldError{fmt.Sprintf("users.%d.email", i), fmt.Sprintf("This address is already in row %d.", j+1)})
			continue
		}
		first[email] = i
	}
	return problems
}

// sendPeople makes the call, and notes each person's result in their row.
func (p *Portal) sendPeople(ctx context.Context, c *Change) error {
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
			row.Problem = problemOf(r.Problem)
		}
		if r.Outcome == sapi.ItemCreated {
			row.UserID = r.User.ID
			created = append(created, r.User)
		}
	}
	if err := p.keepUsers(ctx, c.Actor.RequestID, c.Company.ID, created, asked); err != nil {
		p.log.WarnContext(ctx, "created people not kept", "company", c.Company.ID, "error", err)
	}
	return nil
}

func createdRow(r PersonRow) bool { return r.Outcome == sapi.ItemCreated }

func unknownRow(r PersonRow) bool { return r.Outcome == sapi.ItemUnknown }

func setUnknown(rows []PersonRow) {
	for i := range rows {
		rows[i].Outcome = sapi.ItemUnknown
	}
}
