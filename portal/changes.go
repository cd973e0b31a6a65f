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

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
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
	action ledger.Action
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
	c, err := p.store.BeginChange(ctx, c, event(c, k.action, ledger.Intent, k.before, k.after))
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

	outcome, after := ledger.Succeeded, k.after
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
			outcome = ledger.Unknown
		case len(c.People) > 0 && !slices.ContainsFunc(c.People, createdRow):
			outcome, c.Note = ledger.Failed, "Nobody was created."
		}
	case sapi.IsUnknownOutcome(err):
		c.State, outcome, after = ChangeUnknown, ledger.Unknown, nil
		c.Problem, c.Note = problemOf(err), "The request was sent and Symphony’s answer was lost."
		setUnknown(c.People)
	default:
		c.State, outcome, after = ChangeRefused, ledger.Failed, nil
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
func (p *Portal) finish(ctx context.Context, c Change, outcomes ...ledger.Event) (Change, error) {
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
func event(c Change, action ledger.Action, o ledger.Outcome, before, after json.RawMessage) ledger.Event {
	e := ledger.Event{
		Action: action, Outcome: o, Change: c.ID, Actor: c.Actor, Company: c.Company,
		Before: before, After: after, Reason: c.Reason, Ticket: c.Ticket, Note: c.Note,
	}
	if c.Problem != nil {
		e.Symphony = ledger.Symphony{Operation: c.Problem.Operation, Status: c.Problem.Status, Code: c.Problem.Code, TraceID: c.Problem.TraceID}
	}
	if c.User != (ledger.User{}) {
		e.Users = []ledger.User{c.User}
	}
	for _, row := range c.People {
		e.Users = append(e.Users, ledger.User{
			ID: row.UserID, Email: address.Key(row.Email), Name: fullName(row.NewUser), Result: string(row.Outcome), Note: problemWords(row.Problem),
		})
	}
	return e
}

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

// Change returns one change for its page, to whoever may see histories.
// ErrNotFound when there is none.
func (p *Portal) Change(ctx context.Context, a auth.Actor, id string) (Change, error) {
	if err := p.require(ctx, a, auth.SeeHistory, ledger.Company{}); err != nil {
		return Change{}, err
	}
	c, err := p.store.Change(ctx, id)
	if errors.Is(err, ErrNotStored) {
		err = ErrNotFound
	}
	return c, err
}
