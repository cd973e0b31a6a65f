package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"foyer/audit"
	"foyer/auth"
	"foyer/sapi"
)

// NewToken makes the token of a form: good for one change, so that a double
// click, Back or a stale tab never does a thing twice.
func NewToken() string { return uuid.NewString() }

var tokenPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// validToken says whether a token can be one of NewToken's.
func validToken(t string) bool { return tokenPattern.MatchString(t) }

const (
	// sendLimit bounds the call itself, waiting for a token and for Symphony's
	// leave to ask included. With afterCall it must stay below sentLost: who is
	// taken for lost must not send any more.
	sendLimit = 80 * time.Second
	// afterCall bounds what is done after Symphony was asked, when the person's
	// request may be over: the outcome must be written all the same.
	afterCall = 20 * time.Second
)

// call is one change at work: what to ask of Symphony, and what its answer
// means for the change.
type call struct {
	action audit.Action
	// before and after are the ledger's values of the intent.
	before, after json.RawMessage
	// send asks Symphony; on success it fills in the change's result.
	send func(ctx context.Context, c *Change) error
	// confirm reads Symphony after a success; what it finds goes into the
	// change and into the outcome's After. Optional.
	confirm func(ctx context.Context, c *Change) json.RawMessage
}

// run takes a change from intent to outcome. The returned change tells how it
// ended; an error means that nothing was sent, or (ErrUnrecorded) that the end
// could not be written.
func (p *Portal) run(ctx context.Context, c Change, k call) (Change, error) {
	if !validToken(c.Token) {
		return Change{}, &Invalid{[]FieldError{{"", "This form is out of date. Check what it says and send it again."}}}
	}
	now := p.now()
	c.ID, c.State, c.CreatedAt, c.UpdatedAt = uuid.NewString(), ChangeSent, now, now
	c, err := p.store.BeginChange(ctx, c, event(c, k.action, audit.Intent, k.before, k.after))
	if errors.Is(err, ErrTokenUsed) {
		return c, nil
	} else if err != nil {
		return Change{}, fmt.Errorf("%w: %w", ErrLedger, err)
	}

	// From here on the change happens whether or not the browser stays.
	ctx = context.WithoutCancel(ctx)
	err = within(ctx, sendLimit, func(ctx context.Context) error { return k.send(ctx, &c) })
	ctx, cancel := context.WithTimeout(ctx, afterCall)
	defer cancel()

	outcome, after := audit.Succeeded, k.after
	switch {
	case err == nil:
		c.State = ChangeDone
		if k.confirm != nil {
			if found := k.confirm(ctx, &c); found != nil {
				after = found
			}
		}
		switch {
		case c.State == ChangeUnknown:
			outcome = audit.Unknown
		case len(c.People) > 0 && !slices.ContainsFunc(c.People, createdRow):
			outcome, c.Note = audit.Failed, "Nobody was created."
		}
	case sapi.IsUnknownOutcome(err):
		c.State, outcome, after = ChangeUnknown, audit.Unknown, nil
		c.Problem, c.Note = problemOf(err), "The request was sent and Symphony’s answer was lost."
		setUnknown(c.People)
	default:
		c.State, outcome, after = ChangeRefused, audit.Failed, nil
		c.Problem, c.Note = problemOf(err), refusal(err)
	}
	if c.State == ChangeUnknown {
		c.UnknownAt = p.now()
	}
	c, err = p.finish(ctx, c, event(c, k.action, outcome, k.before, after))
	if err != nil || c.State != ChangeUnknown {
		return c, err
	}
	settled, _, err := p.settle(ctx, c)
	return settled, err
}

// within gives do so much time.
func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

// finish writes how a change stands, with its outcome.
func (p *Portal) finish(ctx context.Context, c Change, outcomes ...audit.Event) (Change, error) {
	c.UpdatedAt = p.now()
	if c.State.Settled() {
		c.SettledAt, c.NextTry = c.UpdatedAt, time.Time{}
	}
	stored, err := p.store.UpdateChange(ctx, c, outcomes...)
	if err != nil {
		p.log.ErrorContext(ctx, "change not recorded", "change", c.ID, "state", c.State, "error", err)
		return c, fmt.Errorf("%w: %w", ErrUnrecorded, err)
	}
	return stored, nil
}

// event is the ledger's line for a change.
func event(c Change, action audit.Action, o audit.Outcome, before, after json.RawMessage) audit.Event {
	e := audit.Event{
		Action: action, Outcome: o, Change: c.ID, Actor: c.Actor, Company: c.Company,
		Before: before, After: after, Reason: c.Reason, Ticket: c.Ticket, Note: c.Note,
	}
	if c.Problem != nil {
		e.Symphony = audit.Symphony{Operation: c.Problem.Operation, Status: c.Problem.Status, Code: c.Problem.Code, TraceID: c.Problem.TraceID}
	}
	if c.User != (audit.User{}) {
		e.Users = []audit.User{c.User}
	}
	for _, row := range c.People {
		e.Users = append(e.Users, audit.User{
			ID: row.UserID, Email: sapi.NormalEmail(row.Email), Name: fullName(row.NewUser), Result: resultWord(row.Outcome), Note: problemWords(row.Problem),
		})
	}
	return e
}

func resultWord(o sapi.ItemOutcome) string { return string(o) }

func fullName(u sapi.NewUser) string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

func problemWords(p *Problem) string {
	if p == nil {
		return ""
	}
	return refusalOf(sapi.Code(p.Code), p.Detail)
}

// values makes the ledger's before and after from name–value pairs.
func values(pairs ...any) json.RawMessage {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic("portal: ledger values: " + err.Error()) // only strings, bools and lists of strings come here
	}
	return raw
}

// CreateCompanyRequest asks for a company.
type CreateCompanyRequest struct {
	Company sapi.NewCompany
	Token   string
}

// CreateCompany asks Symphony to build a company. Invalid when a field can't be
// right; otherwise the change says how it went, and its Company has the id once
// it is known.
func (p *Portal) CreateCompany(ctx context.Context, a auth.Actor, r CreateCompanyRequest) (Change, error) {
	if err := p.require(ctx, a, auth.Onboard, audit.Company{Name: r.Company.Name}); err != nil {
		return Change{}, err
	}
	company, problems := validCompany(r.Company)
	if len(problems) > 0 {
		return Change{}, &Invalid{problems}
	}
	c := Change{
		Kind: KindCreateCompany, Token: r.Token, Actor: a,
		NewCompany: company, Company: audit.Company{Name: company.Name},
	}
	return p.run(ctx, c, call{
		action: audit.CreateCompany,
		after:  values("name", company.Name, "vanityName", company.VanityName, "emailDomains", company.EmailDomains),
		send: func(ctx context.Context, c *Change) error {
			created, err := p.symphony.Companies.Create(ctx, company)
			if err == nil {
				p.companyCreated(ctx, c, created)
			}
			return err
		},
	})
}

// companyCreated notes the new company's id, keeps it and has it watched. What
// fails here is found again by reading the list, so it is only logged.
func (p *Portal) companyCreated(ctx context.Context, c *Change, created sapi.Company) {
	c.Company.ID = created.ID
	c.Note = "Symphony accepted the company and is building it."
	if err := p.store.SaveCompany(ctx, created, p.now()); err != nil {
		p.log.WarnContext(ctx, "company not kept", "company", created.ID, "error", err)
	}
	p.watch(ctx, created.ID, p.now())
}

func (p *Portal) watch(ctx context.Context, companyID string, at time.Time) {
	if p.waker == nil {
		return
	}
	if err := p.waker.WatchCompany(ctx, companyID, at); err != nil {
		p.log.WarnContext(ctx, "company not watched", "company", companyID, "error", err)
	}
}

// validCompany checks and normalises a new company.
func validCompany(n sapi.NewCompany) (sapi.NewCompany, []FieldError) {
	var problems []FieldError
	n.Name, n.VanityName = strings.TrimSpace(n.Name), strings.TrimSpace(n.VanityName)
	if m := CheckName(n.Name); m != "" {
		problems = append(problems, FieldError{"name", m})
	}
	if m := CheckVanityName(n.VanityName); m != "" {
		problems = append(problems, FieldError{"vanityName", m})
	}
	domains, m := CheckDomains(n.EmailDomains)
	if m != "" {
		problems = append(problems, FieldError{"emailDomains", m})
	}
	n.EmailDomains = domains
	return n, problems
}

// AddDomainsRequest asks for more domains for a company.
type AddDomainsRequest struct {
	CompanyID string
	Domains   []string // the ones to add
	Token     string
}

// AddDomains reads the company, sends the union of its domains and the new
// ones, and reads it again. Invalid when the union is too long or a domain
// can't be one; nothing is sent then.
func (p *Portal) AddDomains(ctx context.Context, a auth.Actor, r AddDomainsRequest) (Change, error) {
	if err := p.require(ctx, a, auth.Onboard, audit.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, stale, err := p.readCompany(ctx, r.CompanyID)
	if err = errors.Join(err, stale); err != nil {
		return Change{}, fmt.Errorf("add domains: %w", err)
	}
	added, problem := NewDomains(company.Company, r.Domains)
	if problem != "" {
		return Change{}, &Invalid{[]FieldError{{"emailDomains", problem}}}
	}
	union := slices.Concat(company.EmailDomains, added)
	c := Change{
		Kind: KindAddDomains, Token: r.Token, Actor: a, Domains: added,
		Company: audit.Company{ID: company.ID, Name: company.Name},
	}
	return p.run(ctx, c, call{
		action: audit.AddDomains,
		before: values("emailDomains", company.EmailDomains),
		after:  values("emailDomains", union),
		send: func(ctx context.Context, c *Change) error {
			changed, err := p.symphony.Companies.AddDomains(ctx, company.ID, union)
			if err == nil && !changed {
				c.Note = "Symphony already had these domains."
			}
			return err
		},
		confirm: p.confirmDomains,
	})
}

// NewDomains normalises the domains to add to a company and leaves out those it
// has. problem says why they can't be added, before anything is sent; when all
// of them are there already the list comes back as it is, for Symphony to say.
func NewDomains(c sapi.Company, domains []string) (added []string, problem string) {
	normal, problem := CheckDomains(domains)
	if problem != "" {
		return nil, problem
	}
	for _, d := range normal {
		if !slices.ContainsFunc(c.EmailDomains, func(own string) bool { return strings.EqualFold(own, d) }) {
			added = append(added, d)
		}
	}
	if n := len(c.EmailDomains) + len(added); n > MaxDomains {
		return nil, fmt.Sprintf("A company can have %d domains at most. %s has %d and these would make %d. Nothing was sent.",
			MaxDomains, c.Name, len(c.EmailDomains), n)
	}
	return added, ""
}

// confirmDomains reads the company after domains were added: what Symphony says
// then is what the ledger keeps.
func (p *Portal) confirmDomains(ctx context.Context, c *Change) json.RawMessage {
	company, stale, err := p.readCompany(ctx, c.Company.ID)
	if err != nil || stale != nil {
		c.Note = strings.TrimSpace(c.Note + " Symphony said yes, and could not be read again just now.")
		return nil
	}
	if missing := missingDomains(company.Company, c.Domains); len(missing) > 0 {
		c.State, c.Note = ChangeUnknown, "Symphony said yes, but doesn’t show "+strings.Join(missing, ", ")+" yet."
	}
	return values("emailDomains", company.EmailDomains)
}

func missingDomains(c sapi.Company, domains []string) []string {
	return slices.DeleteFunc(slices.Clone(domains), func(d string) bool {
		return slices.ContainsFunc(c.EmailDomains, func(own string) bool { return strings.EqualFold(own, d) })
	})
}

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
func (p *Portal) SetStatus(ctx context.Context, a auth.Actor, r StatusRequest) (Change, error) {
	if err := p.require(ctx, a, auth.ChangeStatus, audit.Company{ID: r.CompanyID}); err != nil {
		return Change{}, err
	}
	r.Reason, r.Ticket = strings.TrimSpace(r.Reason), strings.TrimSpace(r.Ticket)
	var problems []FieldError
	if m := CheckReason(r.Reason); m != "" {
		problems = append(problems, FieldError{"reason", m})
	}
	if m := CheckTicket(r.Ticket); m != "" {
		problems = append(problems, FieldError{"ticket", m})
	}
	if len(problems) > 0 {
		return Change{}, &Invalid{problems}
	}
	// A second click is answered by what the first one did, whatever can be read
	// of it now.
	if earlier, err := p.store.ChangeByToken(ctx, r.Token); err == nil {
		return earlier, nil
	}
	company, err := p.knownCompany(ctx, r.CompanyID)
	if err != nil {
		return Change{}, fmt.Errorf("set status: %w", err)
	}
	user, stale, err := p.readUser(ctx, a.RequestID, r.CompanyID, r.UserID)
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
	kind, action := KindDisableUser, audit.DisableUser
	if r.Active {
		kind, action = KindEnableUser, audit.EnableUser
	}
	c := Change{
		Kind: kind, Token: r.Token, Actor: a, Reason: r.Reason, Ticket: r.Ticket,
		Company: audit.Company{ID: company.ID, Name: company.Name},
		User:    audit.User{ID: user.ID, Email: user.Email, Name: user.DisplayName},
	}
	return p.run(ctx, c, call{
		action: action,
		before: values("status", user.Status.String()),
		after:  values("status", wantedStatus(kind).String()),
		send: func(ctx context.Context, _ *Change) error {
			return p.symphony.Users.SetActive(ctx, company.ID, user.ID, r.Active)
		},
		confirm: p.confirmStatus,
	})
}

// noneUnderWay refuses a change of a person while another one is not settled:
// what Symphony shows could not be told to be the one's doing or the other's.
func (p *Portal) noneUnderWay(ctx context.Context, userID, token string) error {
	open, err := p.store.UnsettledChanges(ctx, p.now().Add(time.Second))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(open, func(c Change) bool { return c.User.ID == userID && c.Token != token }) {
		return &Invalid{[]FieldError{{"", "Another change of this person is on its way, and not settled yet. Nothing was sent. Wait until it is, and look again."}}}
	}
	return nil
}

func wantedStatus(k ChangeKind) sapi.Status {
	if k == KindEnableUser {
		return sapi.StatusActive
	}
	return sapi.StatusDisabled
}

// confirmStatus reads the person after a change of status.
func (p *Portal) confirmStatus(ctx context.Context, c *Change) json.RawMessage {
	user, stale, err := p.readUser(ctx, c.Actor.RequestID, c.Company.ID, c.User.ID)
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
		c.State, c.Note = ChangeUnknown, "Symphony said yes, but still shows the person as "+user.Status.String()+"."
	}
	return values("status", user.Status.String())
}

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
	if err := p.require(ctx, a, auth.Onboard, audit.Company{ID: r.CompanyID}); err != nil {
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
		Company: audit.Company{ID: company.ID, Name: company.Name},
	}
	for _, u := range r.People {
		c.People = append(c.People, PersonRow{NewUser: u})
	}
	return p.run(ctx, c, call{
		action: audit.CreateUsers,
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
		email := sapi.NormalEmail(u.Email)
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
	results, err := p.symphony.Users.Create(ctx, c.Company.ID, people)
	if err != nil {
		return err
	}
	var created []sapi.User
	for i, r := range results {
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

// Change returns one change for its page: to who made it, and to who may see
// what everybody does, or the history of its company.
func (p *Portal) Change(ctx context.Context, a auth.Actor, id string) (Change, error) {
	if err := p.require(ctx, a, auth.SeeHistory, audit.Company{}); err != nil {
		return Change{}, err
	}
	c, err := p.store.Change(ctx, id)
	if errors.Is(err, ErrNotStored) {
		err = ErrNotFound
	}
	return c, err
}
