package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// CreateUsersRequest asks for people in a company.
type CreateUsersRequest struct {
	CompanyID string
	People    []sapi.NewUser // 1 to portal.MaxPeople
	Token     string
	Again     bool // the form may only be sent again: for the first time it does nothing
}

// CreateUsers creates up to portal.MaxPeople people in one call. Each row of the
// change ends as created, exists, refused or unknown. portal.Invalid names fields as
// the form does: users.0.email and so on, by position in People; Busy the person
// whom another change is creating.
func (e *Engine) CreateUsers(ctx context.Context, a auth.Actor, r CreateUsersRequest) (Change, error) {
	if err := e.require(ctx, a, auth.Onboard, ledger.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	at := e.clock()
	c := Change{Kind: CreateUsers, Token: r.Token, Company: ledger.Company{ID: r.CompanyID}}
	for _, u := range r.People {
		c.People = append(c.People, Row{NewUser: u})
	}
	if earlier, used, err := e.usedFor(ctx, a, c, r.Again); used || err != nil {
		return earlier, err
	}
	company, err := e.readCompany(ctx, r.CompanyID)
	if err != nil {
		return Change{}, err
	}
	if !company.State.Ready() {
		return Change{}, fmt.Errorf("create users: %w", portal.ErrCompanyUnavailable)
	}
	if problems := portal.CheckPeople(r.People, company.EmailDomains); len(problems) > 0 {
		return Change{}, &portal.Invalid{Fields: problems}
	}
	c.Company = ledger.Company{ID: company.ID, Name: company.Name}
	c.Seen = Seen{At: at, EmailDomains: company.EmailDomains}
	return e.atOnce(ctx, a, c)
}

// readCompany reads a company from Symphony; what was only kept doesn't count.
func (e *Engine) readCompany(ctx context.Context, id string) (directory.CompanyRecord, error) {
	company, stale, err := e.directory.ReadCompany(ctx, id)
	if err = errors.Join(err, stale); err != nil {
		return directory.CompanyRecord{}, fmt.Errorf("read company: %w", err)
	}
	return company, nil
}

// createUsers is the operation createUsers.
type createUsers struct{ *Engine }

// Kind implements Operation.
func (*createUsers) Kind() Kind { return CreateUsers }

// Values implements Operation: the ledger has people beside the values.
func (*createUsers) Values(Change) (before, after json.RawMessage) { return nil, nil }

// Check implements Operation: the company is ready, and still has the people's
// domains. Who is there already is noted.
func (o *createUsers) Check(ctx context.Context, c *Change, fresh bool) error {
	if !fresh {
		if err := o.checkCompany(ctx, c); err != nil {
			return err
		}
	}
	c.Seen.People = o.alreadyThere(ctx, *c)
	return nil
}

func (o *createUsers) checkCompany(ctx context.Context, c *Change) error {
	at := o.clock()
	company, err := o.readCompany(ctx, c.Company.ID)
	switch {
	case err != nil:
		return unlessGone(err)
	case !company.State.Ready():
		return &SupersededError{Code: CompanyNotReady}
	}
	c.Seen = Seen{At: at, EmailDomains: company.EmailDomains}
	for _, row := range c.People {
		if len(portal.MissingDomains(company.EmailDomains, []string{string(address.DomainOf(row.Email))})) > 0 {
			return &SupersededError{Code: DomainsMoved}
		}
	}
	return nil
}

// thereWithin bounds the look at who is there before people are sent.
const thereWithin = 2 * time.Second

// alreadyThere returns the ids of those of a change's people who are in the company
// and are so new that, were the answer lost, their time of creation would not tell
// whether the change created them. It is worth a call or two and no more: where it
// can't be told, the times must do.
func (o *createUsers) alreadyThere(ctx context.Context, c Change) []string {
	ctx, cancel := context.WithTimeout(ctx, thereWithin)
	defer cancel()
	now := o.clock()
	listed, err := o.listings.of(ctx, listingRequest{
		companyID: c.Company.ID, requestID: c.Actor.RequestID, since: now, created: now.Add(-2 * (clockTolerance + o.symphony.ClockAhead().Abs())), brief: true,
	})
	if err != nil {
		o.log.WarnContext(ctx, "people sent without a look at who is there", "change", c.ID, "company", c.Company.ID, "error", err)
		return nil
	}
	var ids []string
	for _, row := range c.People {
		if u, found := listed.find(row); found && u.ID != "" {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// Send implements Operation.
func (o *createUsers) Send(ctx context.Context, c *Change) error {
	people := make([]sapi.NewUser, len(c.People))
	for i, row := range c.People {
		people[i] = row.NewUser
	}
	asked := o.clock()
	answer, err := o.symphony.Users.Create(ctx, c.Company.ID, people)
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
	c.Others = nil
	for _, u := range answer.Unmatched {
		c.Others = append(c.Others, Row{NewUser: sapi.NewUser{Email: u.Email, DisplayName: u.DisplayName}, Outcome: sapi.ItemUnknown, UserID: u.ID})
	}
	if c.Bulk != 0 {
		o.directory.KeepSoon(c.Actor.RequestID, c.Company.ID, directory.FromChange, created, asked) //nolint:contextcheck // nobody waits for it
	} else if err := o.directory.KeepUsers(ctx, c.Actor.RequestID, c.Company.ID, directory.FromChange, created, asked); err != nil {
		o.log.WarnContext(ctx, "created people not kept", "company", c.Company.ID, "error", err)
	}
	return nil
}

// Confirm implements Operation: whoever is missing from the answer, and whoever is in
// it and was not sent, must be looked for.
func (o *createUsers) Confirm(_ context.Context, c *Change) Finding {
	switch {
	case len(c.Others) > 0:
		return Finding{Code: AnswerOfOthers}
	case slices.ContainsFunc(c.People, unknownRow):
		return Finding{Code: AnswerPartial}
	case !slices.ContainsFunc(c.People, createdRow):
		return Finding{Verdict: Absent, Code: NobodyCreated}
	}
	return Finding{Verdict: Applied}
}

func createdRow(r Row) bool { return r.Outcome == sapi.ItemCreated }

func existingRow(r Row) bool { return r.Outcome == sapi.ItemExists }

func unknownRow(r Row) bool { return r.Outcome == sapi.ItemUnknown }

// absentRow says whether somebody was believed not to be there.
func absentRow(r Row) bool { return r.Outcome == sapi.ItemRefused && r.Problem == nil }

// forgetAbsent lets people be looked for once more who were believed not to be there.
func forgetAbsent(rows []Row) {
	for i := range rows {
		if absentRow(rows[i]) {
			rows[i].Outcome = sapi.ItemUnknown
		}
	}
}

// LookFor implements Operation. Symphony lists people by the date of creation, so
// the newest are enough to find whom this change created; that somebody is not there
// is known only when all have been read.
func (o *createUsers) LookFor(ctx context.Context, c *Change, l Look) (Finding, error) {
	listed, err := o.listings.of(ctx, listingRequest{
		companyID: c.Company.ID, requestID: c.Actor.RequestID, since: l.Since, created: createdSince(*c), whole: l.Last,
	})
	if err != nil {
		return Finding{}, err
	}
	c.People, c.Others = slices.Clone(c.People), slices.Clone(c.Others)
	matchRows(c.People, listed, c)
	matchRows(c.Others, listed, c)
	open := slices.ContainsFunc(c.People, unknownRow) || slices.ContainsFunc(c.Others, unknownRow)
	switch {
	case open && !l.Last:
		return Finding{Verdict: Absent, Code: AbsentPeople}, nil
	case open:
		markAbsent(c.People)
		markAbsent(c.Others)
	}
	return peopleFinding(*c), nil
}

// matchRows settles the unknown rows that the company's list has.
func matchRows(rows []Row, listed *listing, c *Change) {
	for i := range rows {
		row := &rows[i]
		u, found := listed.find(*row)
		if !found || !unknownRow(*row) {
			continue
		}
		row.UserID, row.Outcome = u.ID, sapi.ItemCreated
		if isBefore(u.CreatedAt, *c) || slices.ContainsFunc(c.Seen.People, func(id string) bool { return strings.EqualFold(id, u.ID) }) {
			row.Outcome = sapi.ItemExists
		}
	}
}

// markAbsent settles whoever is not in the company: not created, and for no reason
// of Symphony's.
func markAbsent(rows []Row) {
	for i := range rows {
		if unknownRow(rows[i]) {
			rows[i].Outcome, rows[i].Problem = sapi.ItemRefused, nil
		}
	}
}

// peopleFinding says what follows from the rows for the change.
func peopleFinding(c Change) Finding {
	switch {
	case slices.ContainsFunc(c.People, createdRow), slices.ContainsFunc(c.Others, createdRow):
		return Finding{Verdict: Applied, Code: FoundPeople}
	case slices.ContainsFunc(c.People, existingRow):
		return Finding{Verdict: Absent, Code: OnlyExisting}
	}
	return Finding{Verdict: Absent, Code: AbsentPeople}
}

// Credit implements Operation: whom another change created this one did not, and nobody
// is created by two rows.
func (o *createUsers) Credit(ctx context.Context, tx portal.Tx, c *Change, f Finding) (Finding, error) {
	if f.Verdict != Applied {
		return f, nil
	}
	others, err := o.store.CreditedUsers(ctx, tx, *c)
	if err != nil {
		return f, err
	}
	for _, rows := range [][]Row{c.People, c.Others} {
		for i := range rows {
			if !createdRow(rows[i]) {
				continue
			}
			if others[rows[i].UserID] {
				rows[i].Outcome = sapi.ItemExists
			}
			others[rows[i].UserID] = true
		}
	}
	return peopleFinding(*c), nil
}
