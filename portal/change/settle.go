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
	"foyer/sapi"
)

const (
	// sentLost is after how long without a word a change that was being sent
	// counts as lost with its process: longer than a call and the writing of its
	// outcome can take.
	sentLost = 2 * time.Minute
	// giveUp is after how long of asking in vain a person must look.
	giveUp = 24 * time.Hour
	// clockSkew is how far Symphony's clock may be from ours when a creation
	// time tells whether something is new.
	clockSkew = 10 * time.Minute
)

// truth is what reading Symphony says of a change whose answer was lost.
type truth struct {
	verdict verdict
	note    string // what Symphony shows
	means   string // what follows from it, which is said only once it is settled
	after   json.RawMessage
}

type verdict int8

const (
	cantTell verdict = iota
	applied
	absent
)

// Settle asks Symphony how a change ended whose answer was lost. again is when
// to try the next time, zero when the change is settled. Jobs call it.
func (p *Engine) Settle(ctx context.Context, id string) (again time.Duration, err error) {
	c, err := p.store.Change(ctx, id)
	if errors.Is(err, portal.ErrNotStored) || err == nil && c.State.Settled() {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("settle change: %w", err)
	}
	if c.State == Sent {
		if idle := p.now().Sub(c.UpdatedAt); idle < sentLost {
			return sentLost - idle, nil
		}
		if c, err = p.markLost(ctx, c); err != nil {
			return 0, fmt.Errorf("settle change: %w", err)
		}
	}
	_, again, err = p.settle(ctx, c)
	if errors.Is(err, ErrStale) {
		return time.Second, nil // another process is at it
	}
	return again, err
}

// Sweep finds what was left behind, by a crash or a job that was lost, and has
// it settled. alone says that no other process shares the store,
// as at the start of a single one: then what was being sent is surely lost.
func (p *Engine) Sweep(ctx context.Context, alone bool) error {
	touchedBefore := p.now()
	if !alone {
		touchedBefore = touchedBefore.Add(-sentLost)
	}
	left, err := p.store.UnsettledChanges(ctx, touchedBefore)
	if err != nil {
		return fmt.Errorf("sweep changes: %w", err)
	}
	for _, c := range left {
		if c.State == Sent {
			if c, err = p.markLost(ctx, c); err != nil {
				p.log.WarnContext(ctx, "lost change not marked", "change", c.ID, "error", err)
				continue
			}
		}
		if c.NextTry.Before(p.now()) {
			p.settleLater(ctx, c.ID, p.now())
		}
	}
	return nil
}

// markLost notes that the process that was sending a change is gone.
func (p *Engine) markLost(ctx context.Context, c Change) (Change, error) {
	c.State, c.UnknownAt = Unknown, p.now()
	c.Note = "Foyer stopped while this was being sent."
	setUnknown(c.People)
	return p.finish(ctx, c, event(c, actionOf(c.Kind), ledger.Unknown, nil, nil))
}

func actionOf(k Kind) ledger.Action {
	return map[Kind]ledger.Action{
		KindCreateCompany: ledger.CreateCompany, KindAddDomains: ledger.AddDomains, KindCreateUsers: ledger.CreateUsers,
		KindDisableUser: ledger.DisableUser, KindEnableUser: ledger.EnableUser,
	}[k]
}

// settle makes one try: done or refused when Symphony's own state says so,
// otherwise planned again. 'It isn't there' is believed only when the change
// has had time to take effect.
func (p *Engine) settle(ctx context.Context, c Change) (Change, time.Duration, error) {
	patient := p.now().Sub(c.UnknownAt) >= p.grace
	found := p.lookFor(ctx, &c, patient)
	switch {
	case found.verdict == applied:
		c.State = Done
	case found.verdict == absent && patient:
		c.State = Refused
	case p.now().Sub(c.UnknownAt) >= giveUp:
		c.State = Abandoned
		found.note = "Foyer asked for a day and still can’t tell. " + found.note
	default:
		return p.tryLater(ctx, c, found)
	}
	outcome := ledger.Reconciled
	if c.State == Abandoned {
		outcome = ledger.Unknown
	}
	c.Reconciled, c.Note = c.State != Abandoned, strings.TrimSpace(found.note+" "+found.means)
	reconciled := event(c, actionOf(c.Kind), outcome, nil, found.after)
	reconciled.Actor = auth.System("settle", c.Actor.RequestID)
	c, err := p.finish(ctx, c, reconciled)
	return c, 0, err
}

// tryLater plans the next try: soon at first, then less and less often.
func (p *Engine) tryLater(ctx context.Context, c Change, found truth) (Change, time.Duration, error) {
	wait := min(max(p.grace/10, time.Second)<<min(c.Tries, 12), 30*time.Minute)
	c.Tries++
	c.NextTry = p.now().Add(wait)
	if found.note != "" {
		c.Note = found.note
	}
	c, err := p.finish(ctx, c)
	if err != nil {
		return c, 0, err
	}
	if c.Tries == 1 {
		p.settleLater(ctx, c.ID, c.NextTry) // later tries are the job's own
	}
	return c, wait, nil
}

func (p *Engine) settleLater(ctx context.Context, changeID string, at time.Time) {
	if p.waker == nil {
		return
	}
	if err := p.waker.SettleChange(ctx, changeID, at); err != nil {
		p.log.WarnContext(ctx, "settling not planned, a sweep will find it", "change", changeID, "error", err)
	}
}

// lookFor reads from Symphony whether the change took effect. thorough allows
// readings that take long.
func (p *Engine) lookFor(ctx context.Context, c *Change, thorough bool) truth {
	switch c.Kind {
	case KindCreateCompany:
		return p.lookForCompany(ctx, c)
	case KindAddDomains:
		return p.lookForDomains(ctx, c)
	case KindCreateUsers:
		return p.lookForPeople(ctx, c, thorough)
	case KindDisableUser, KindEnableUser:
		return p.lookForStatus(ctx, c)
	}
	return truth{note: "Foyer doesn’t know this kind of change."}
}

func (p *Engine) lookForCompany(ctx context.Context, c *Change) truth {
	company, found, err := p.symphony.Companies.Find(ctx, c.NewCompany.VanityName)
	switch {
	case err != nil:
		return unreadable()
	case !found:
		return truth{verdict: absent, note: "Symphony has no company with this vanity name.", means: "It was not created."}
	case !company.CreatedAt.IsZero() && company.CreatedAt.Before(c.CreatedAt.Add(-clockSkew)):
		return truth{verdict: absent, note: "A company with this vanity name was there before.", means: "Nothing was created."}
	case p.credited(ctx, c.ID, ledger.Filter{CompanyID: company.ID, Action: ledger.CreateCompany}, func(e ledger.Event) bool {
		return e.Outcome == ledger.Succeeded || e.Outcome == ledger.Reconciled
	}):
		return truth{verdict: absent, note: "The company was created by another request.", means: "This one created nothing."}
	}
	c.Company.ID, c.Note = company.ID, "Symphony accepted the company and is building it."
	p.directory.CompanyCreated(ctx, company)
	return truth{
		verdict: applied, note: "Symphony has the company: it was created.",
		after: portal.Values("name", company.Name, "vanityName", company.VanityName, "emailDomains", company.EmailDomains, "state", string(company.State)),
	}
}

func (p *Engine) lookForDomains(ctx context.Context, c *Change) truth {
	company, stale, err := p.directory.ReadCompany(ctx, c.Company.ID)
	if err != nil || stale != nil {
		return unreadable()
	}
	after := portal.Values("emailDomains", company.EmailDomains)
	if missing := portal.MissingDomains(company.EmailDomains, c.Domains); len(missing) > 0 {
		return truth{verdict: absent, note: "Symphony doesn’t show " + strings.Join(missing, ", ") + ".", means: "Not added.", after: after}
	}
	return truth{verdict: applied, note: "Symphony shows the domains: they were added.", after: after}
}

func (p *Engine) lookForStatus(ctx context.Context, c *Change) truth {
	user, stale, err := p.directory.ReadUser(ctx, c.Actor.RequestID, c.Company.ID, c.User.ID)
	switch {
	case errors.Is(err, portal.ErrNotFound):
		return truth{note: "Symphony doesn’t show this person now. They may already be disabled."}
	case err != nil || stale != nil:
		return unreadable()
	case user.Status == sapi.StatusUnknown:
		return truth{note: "Symphony doesn’t say whether this person is active."}
	}
	after := portal.Values("status", user.Status.String())
	note := "Symphony shows the person as " + user.Status.String() + "."
	if user.Status == wantedStatus(c.Kind) {
		return truth{verdict: applied, note: note, after: after}
	}
	return truth{verdict: absent, note: note, after: after}
}

// lookForPeople looks for the people whose results are unknown, newest first:
// Symphony lists by the date of creation. Only a thorough look, through the
// whole company, tells who was there before from who is not there.
func (p *Engine) lookForPeople(ctx context.Context, c *Change, thorough bool) truth {
	users, err := p.newestUsers(ctx, c.Actor.RequestID, c.Company.ID, c.CreatedAt.Add(-clockSkew))
	if err == nil && thorough && !p.matchPeople(ctx, c, users) {
		users, err = p.directory.AllUsers(ctx, c.Company.ID)
	}
	if err != nil {
		return unreadable()
	}
	all := p.matchPeople(ctx, c, users)
	switch {
	case all:
		return truth{verdict: applied, note: "Symphony’s list of people settled it."}
	case !thorough:
		return truth{}
	}
	for i := range c.People {
		if row := &c.People[i]; unknownRow(*row) {
			row.Outcome = sapi.ItemRefused
			row.Problem = &portal.Problem{Detail: "Symphony doesn’t show this person in the company: not created.", At: p.now()}
		}
	}
	has := func(o sapi.ItemOutcome) bool {
		return slices.ContainsFunc(c.People, func(r Row) bool { return r.Outcome == o })
	}
	switch {
	case has(sapi.ItemCreated):
		return truth{verdict: applied, note: "Symphony’s list of people settled it."}
	case has(sapi.ItemExists):
		return truth{verdict: absent, note: "Of these people Symphony shows only those who were there before: nobody was created."}
	}
	return truth{verdict: absent, note: "Symphony shows none of these people in the company: nobody was created."}
}

// matchPeople settles the unknown rows whose address is among users, and says
// whether none is left.
func (p *Engine) matchPeople(ctx context.Context, c *Change, users []sapi.User) (all bool) {
	byEmail := make(map[string]sapi.User, len(users))
	for _, u := range users {
		byEmail[address.Key(u.Email)] = u
	}
	for i := range c.People {
		row := &c.People[i]
		u, found := byEmail[address.Key(row.Email)]
		if !unknownRow(*row) || !found {
			continue
		}
		row.UserID, row.Outcome = u.ID, sapi.ItemCreated
		if !u.CreatedAt.IsZero() && u.CreatedAt.Before(c.CreatedAt.Add(-clockSkew)) || p.createdByAnother(ctx, c, u.Email) {
			row.Outcome = sapi.ItemExists
		}
	}
	return !slices.ContainsFunc(c.People, unknownRow)
}

// createdByAnother says whether the ledger has the person as created by another
// change than c: two changes can't both have made one thing.
func (p *Engine) createdByAnother(ctx context.Context, c *Change, email string) bool {
	email = address.Key(email)
	return p.credited(ctx, c.ID, ledger.Filter{CompanyID: c.Company.ID, UserEmail: email, Action: ledger.CreateUsers}, func(e ledger.Event) bool {
		return slices.ContainsFunc(e.Users, func(u ledger.User) bool { return address.Key(u.Email) == email && u.Result == string(sapi.ItemCreated) })
	})
}

// credited says whether the ledger has an event of another change that made
// what was found.
func (p *Engine) credited(ctx context.Context, changeID string, f ledger.Filter, made func(ledger.Event) bool) bool {
	const enough = 50
	events, err := p.store.Events(ctx, f, ledger.Page{Limit: enough})
	if err != nil {
		p.log.WarnContext(ctx, "other changes not looked at", "change", changeID, "error", err)
		return false
	}
	return slices.ContainsFunc(events, func(e ledger.Event) bool { return e.Change != changeID && made(e) })
}

// newestUsers reads a company's people from the last page backwards, until they
// are older than since.
func (p *Engine) newestUsers(ctx context.Context, requestID, companyID string, since time.Time) ([]sapi.User, error) {
	asked := p.now()
	first, err := p.symphony.Users.List(ctx, companyID, sapi.PageOptions{Size: portal.MaxPageSize})
	if err != nil {
		return nil, err
	}
	users := first.Users
	for page := int((first.Total - 1) / portal.MaxPageSize); page > 0; page-- {
		read, err := p.symphony.Users.List(ctx, companyID, sapi.PageOptions{Page: page, Size: portal.MaxPageSize})
		if err != nil {
			return nil, err
		}
		users = append(users, read.Users...)
		if len(read.Users) > 0 && read.Users[0].CreatedAt.Before(since) {
			break
		}
	}
	return users, p.directory.KeepUsers(ctx, requestID, companyID, users, asked)
}

func unreadable() truth {
	return truth{note: "Symphony could not be read just now; Foyer keeps trying."}
}
