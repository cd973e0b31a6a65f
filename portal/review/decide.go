package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// Decide stores decisions about people of an open review. left are the ids of
// those whom somebody else has decided about meanwhile in another way: they stay
// as they are. ErrNotOpen when the review is not open.
func (p *Reviews) Decide(ctx context.Context, a auth.Actor, id int64, decisions []Deciding) (left []string, err error) {
	if _, err := p.Review(ctx, a, id); err != nil {
		return nil, err
	}
	for _, d := range decisions {
		if !slices.Contains(Decisions, d.Decision) {
			return nil, portal.InvalidField("decision."+d.UserID, portal.Fault{Code: portal.NoDecision})
		}
	}
	left, err = p.decide(ctx, a, id, decisions)
	switch {
	case errors.Is(err, portal.ErrNotStored):
		return nil, fmt.Errorf("decide: %w", portal.ErrNotFound)
	case errors.Is(err, ErrNotOpen):
		return nil, fmt.Errorf("decide: %w", err)
	case err != nil:
		return nil, fmt.Errorf("decide: %w: %w", portal.ErrLedger, err)
	}
	return left, nil
}

// decide takes the decisions in one transaction, with the event of those who had
// something new decided about them.
func (p *Reviews) decide(ctx context.Context, a auth.Actor, id int64, decisions []Deciding) (left []string, err error) {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.lockOpen(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(decisions))
	for i, d := range decisions {
		ids[i] = d.UserID
	}
	people, err := p.people.LockedReviewPeople(ctx, tx, id, ids)
	if err != nil {
		return nil, err
	}
	changed, left, err := decideAbout(people, decisions, auth.PersonOf(a), p.now())
	if err != nil || len(changed) == 0 {
		return left, err
	}
	if err := p.people.SaveDecisions(ctx, tx, id, changed); err != nil {
		return nil, err
	}
	if r, err = p.store.SaveReview(ctx, tx, r); err != nil {
		return nil, err
	}
	if err := p.store.Append(ctx, tx, decideEvent(a, r, changed)); err != nil {
		return nil, err
	}
	return left, tx.Commit()
}

// lockOpen gives an open review to decide in, without its counts.
func (p *Reviews) lockOpen(ctx context.Context, tx portal.Tx, id int64) (Review, error) {
	r, err := p.store.LockReview(ctx, tx, id)
	if err == nil && r.State() != Open {
		err = ErrNotOpen
	}
	return r, err
}

// decideAbout gives those who have something new decided about them, with it. left
// are those about whom somebody else decided otherwise meanwhile. Somebody's own
// decision gives way to their next one, whatever they had seen.
func decideAbout(people []Person, decisions []Deciding, by auth.Person, at time.Time) (changed []Person, left []string, err error) {
	for _, d := range decisions {
		i := slices.IndexFunc(people, func(p Person) bool { return p.UserID == d.UserID })
		if i < 0 {
			return nil, nil, portal.ErrNotStored
		}
		last := people[i].Last()
		own := last.By.Issuer == by.Issuer && last.By.Subject == by.Subject
		switch {
		case last.Decision == d.Decision:
			// It is what was decided already.
		case last.Decision != d.Seen && last.Decision != Undecided && !own:
			left = append(left, d.UserID)
		default:
			people[i].Decisions = append(people[i].Decisions, Decided{Decision: d.Decision, By: by, At: at})
			changed = append(changed, people[i])
		}
	}
	return changed, left, nil
}

// decideEvent records what was decided last of each of some people.
func decideEvent(a auth.Actor, r Review, people []Person) ledger.Event {
	e := ledger.Event{
		Action: ledger.DecideReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company, After: portal.Values("review", r.ID),
	}
	for _, person := range people {
		u := ledger.User{ID: person.UserID, Email: person.Email, Name: person.Name, Result: string(person.Last().Decision)}
		if n := len(person.Decisions); n > 1 {
			u.Note = string(person.Decisions[n-2].Decision)
		}
		e.Users = append(e.Users, u)
	}
	return e
}

// FinishRequest asks to finish a review.
type FinishRequest struct {
	ID      int64
	Version int64 // of the review as it was looked at
	AskRest bool  // whoever is undecided gets the decision to ask
}

// Finish finishes a review: from then on it stays as it is. Invalid when
// somebody is undecided and AskRest doesn't say what to do; ErrChanged when
// something was decided since Version. Finishing it again changes nothing.
func (p *Reviews) Finish(ctx context.Context, a auth.Actor, request FinishRequest) (Review, error) {
	r, err := p.Review(ctx, a, request.ID)
	switch {
	case err != nil:
		return Review{}, err
	case r.State() == Finished:
		return r, nil
	case r.State() != Open:
		return Review{}, fmt.Errorf("finish review: %w", ErrNotOpen)
	case r.Version != request.Version:
		return Review{}, fmt.Errorf("finish review: %w", ErrChanged)
	case r.Counts.Undecided() > 0 && !request.AskRest:
		return Review{}, portal.InvalidField("rest", portal.Fault{Code: portal.Undecided})
	}
	r.FinishedBy, r.FinishedAt = auth.PersonOf(a), p.now().UTC().Truncate(time.Microsecond) // as it is kept
	r.Counts.Ask += r.Counts.Undecided()
	// The hash takes the time of reading everybody, during which nobody waits: what is
	// decided meanwhile counts the Version up, and then nothing is finished.
	if r.Seal, err = p.seal(ctx, r); err != nil {
		return Review{}, fmt.Errorf("finish review: %w", err)
	}
	ctx = context.WithoutCancel(ctx) // it is not to end half-way with the browser
	for finished := false; err == nil && !finished; {
		r, finished, err = p.finishSome(ctx, a, r)
	}
	switch {
	case errors.Is(err, ErrChanged), errors.Is(err, ErrNotOpen):
		return Review{}, fmt.Errorf("finish review: %w", err)
	case err != nil:
		return Review{}, fmt.Errorf("finish review: %w: %w", portal.ErrLedger, err)
	}
	return r, nil
}

// askedAtOnce is how many people who are left get the decision to ask in one
// transaction: while it is open nobody else writes, on SQLite.
const askedAtOnce = 500

// finishSome decides to ask about the next of those who are left, and finishes the
// review with the last of them. r is the review as it is to be; the one that is kept
// must have its Version.
func (p *Reviews) finishSome(ctx context.Context, a auth.Actor, r Review) (next Review, finished bool, err error) {
	rest, err := p.people.ReviewPeople(ctx, r.ID, ShowUndecided, 0, askedAtOnce)
	if err != nil {
		return Review{}, false, err
	}
	for i := range rest {
		rest[i] = asked(rest[i], r)
	}
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return Review{}, false, err
	}
	defer func() { _ = tx.Rollback() }()
	kept, err := p.lockOpen(ctx, tx, r.ID)
	if err != nil {
		return Review{}, false, err
	}
	if kept.Version != r.Version {
		return Review{}, false, ErrChanged
	}
	if err := p.people.SaveDecisions(ctx, tx, r.ID, rest); err != nil {
		return Review{}, false, err
	}
	events := askRestEvents(a, r, rest)
	if finished = len(rest) < askedAtOnce; finished {
		kept = r
		events = append(events, finishEvent(a, r))
	}
	if kept, err = p.store.SaveReview(ctx, tx, kept); err != nil {
		return Review{}, false, err
	}
	if err := p.store.Append(ctx, tx, events...); err != nil {
		return Review{}, false, err
	}
	r.Version = kept.Version
	return r, finished, tx.Commit()
}

// asked is a person of a review that is being finished: whoever is undecided is asked
// about.
func asked(person Person, r Review) Person {
	if person.Last().Decision == Undecided {
		person.Decisions = []Decided{{Decision: AskAbout, By: r.FinishedBy, At: r.FinishedAt}}
	}
	return person
}

// askRestEvents record that whoever was undecided when a review was finished is
// to be asked about: as many in one event as one page can decide about.
func askRestEvents(a auth.Actor, r Review, rest []Person) []ledger.Event {
	var events []ledger.Event
	for chunk := range slices.Chunk(rest, portal.MaxPageSize) {
		events = append(events, decideEvent(a, r, chunk))
	}
	return events
}

func finishEvent(a auth.Actor, r Review) ledger.Event {
	c := r.Counts
	return ledger.Event{
		Action: ledger.FinishReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company,
		After: portal.Values("review", r.ID, "people", c.People(), "keep", c.Keep, "disable", c.Disable, "ask", c.Ask, "leftOut", c.LeftOut,
			"due", r.Due.Format(time.DateOnly), "confirms", r.Confirms, "sha256", r.Seal),
	}
}

// CancelRequest asks to cancel a review.
type CancelRequest struct {
	ID     int64
	Reason string
}

// Cancel cancels a review that is being prepared or open: from then on it
// stays as it is, and leads to nothing. Invalid names the field reason;
// ErrNotOpen says that it is over already. A second click changes nothing.
func (p *Reviews) Cancel(ctx context.Context, a auth.Actor, request CancelRequest) (Review, error) {
	r, err := p.Review(ctx, a, request.ID)
	switch own := r.CancelledBy.Issuer == a.Issuer && r.CancelledBy.Subject == a.Subject; {
	case err != nil:
		return Review{}, err
	case r.State() == Cancelled && own:
		return r, nil
	case r.Over():
		return Review{}, fmt.Errorf("cancel review: %w", ErrNotOpen)
	}
	r.CancelReason = strings.TrimSpace(request.Reason)
	if fault := portal.CheckReason(r.CancelReason); fault.Code != "" {
		return Review{}, portal.InvalidField("reason", fault)
	}
	r, err = p.cancel(ctx, a, r)
	switch {
	case errors.Is(err, ErrNotOpen):
		return Review{}, fmt.Errorf("cancel review: %w", err)
	case err != nil:
		return Review{}, fmt.Errorf("cancel review: %w: %w", portal.ErrLedger, err)
	}
	return r, nil
}

// cancel stores the end of a review, with its event.
func (p *Reviews) cancel(ctx context.Context, a auth.Actor, wanted Review) (Review, error) {
	tx, err := p.store.Begin(ctx)
	if err != nil {
		return Review{}, err
	}
	defer func() { _ = tx.Rollback() }()
	r, err := p.store.LockReview(ctx, tx, wanted.ID)
	switch {
	case err != nil:
		return Review{}, err
	case r.Over():
		return Review{}, ErrNotOpen
	case !r.ListedAt.IsZero():
		if r.Counts, err = p.store.CountReview(ctx, tx, r.ID); err != nil {
			return Review{}, err
		}
	}
	r.Waits, r.CancelReason = Waiting{}, wanted.CancelReason
	r.CancelledBy, r.CancelledAt = auth.PersonOf(a), p.now().UTC().Truncate(time.Microsecond) // as it is kept
	if r, err = p.store.SaveReview(ctx, tx, r); err != nil {
		return Review{}, err
	}
	if err := p.store.Append(ctx, tx, cancelEvent(a, r)); err != nil {
		return Review{}, err
	}
	return r, tx.Commit()
}

func cancelEvent(a auth.Actor, r Review) ledger.Event {
	c := r.Counts
	return ledger.Event{
		Action: ledger.CancelReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company, Reason: r.CancelReason,
		After: portal.Values("review", r.ID, "people", c.People(), "keep", c.Keep, "disable", c.Disable, "ask", c.Ask, "leftOut", c.LeftOut,
			"due", r.Due.Format(time.DateOnly), "confirms", r.Confirms),
	}
}
