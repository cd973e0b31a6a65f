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
// as they are. ErrReviewFinished when the review is not open.
func (p *Reviews) Decide(ctx context.Context, a auth.Actor, id int64, decisions []Deciding) (left []string, err error) {
	r, err := p.Review(ctx, a, id)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		if !slices.Contains(Decisions, d.Decision) {
			return nil, portal.InvalidField("decision."+d.UserID, "Choose keep, disable or ask.")
		}
	}
	left, err = p.store.Decide(ctx, r.ID, decisions, personOf(a), p.now(), func(people []Person) ledger.Event {
		return decideEvent(a, r, people)
	})
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

// decideEvent records what was decided last of each of some people.
func decideEvent(a auth.Actor, r Review, people []Person) ledger.Event {
	e := ledger.Event{
		Action: ledger.DecideReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company, Note: name(r), After: portal.Values("review", r.ID),
	}
	for _, person := range people {
		u := ledger.User{ID: person.UserID, Email: person.Email, Name: person.Name, Result: string(person.Last().Decision)}
		if n := len(person.Decisions); n > 1 {
			u.Note = "before: " + string(person.Decisions[n-2].Decision)
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
	// Seal gives the SHA-256, in hexadecimal, of the file as which the finished
	// review is exported. It goes into the ledger, which proves the file from then
	// on.
	Seal func(Review, []Person) string
}

// Finish finishes a review: from then on it stays as it is. Invalid when
// somebody is undecided and AskRest doesn't say what to do; ErrReviewChanged when
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
		return Review{}, portal.InvalidField("rest", "Decide about everybody, or let those who are left be asked about.")
	}
	r.FinishedBy, r.FinishedAt = personOf(a), p.now()
	r, err = p.store.FinishReview(ctx, r, func(r Review, people, rest []Person) (string, []ledger.Event) {
		seal := request.Seal(r, people)
		return seal, append(askRestEvents(a, r, rest), finishEvent(a, r, seal))
	})
	switch {
	case errors.Is(err, ErrChanged), errors.Is(err, ErrNotOpen):
		return Review{}, fmt.Errorf("finish review: %w", err)
	case err != nil:
		return Review{}, fmt.Errorf("finish review: %w: %w", portal.ErrLedger, err)
	}
	return r, nil
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

func finishEvent(a auth.Actor, r Review, seal string) ledger.Event {
	c := r.Counts
	return ledger.Event{
		Action: ledger.FinishReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company,
		Note: fmt.Sprintf("%s: %d keep, %d disable, %d ask.", name(r), c.Keep, c.Disable, c.Ask),
		After: portal.Values("review", r.ID, "people", c.People(), "keep", c.Keep, "disable", c.Disable, "ask", c.Ask, "leftOut", c.LeftOut,
			"due", r.Due.Format(time.DateOnly), "confirms", r.Confirms, "sha256", seal),
	}
}

// CancelRequest asks to cancel a review.
type CancelRequest struct {
	ID     int64
	Reason string
}

// Cancel cancels a review that is being prepared or open: from then on it
// stays as it is, and leads to nothing. Invalid names the field reason;
// ErrReviewFinished says that it is over already. A second click changes nothing.
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
	if message := portal.CheckReason(r.CancelReason); message != "" {
		return Review{}, portal.InvalidField("reason", message)
	}
	r.CancelledBy, r.CancelledAt = personOf(a), p.now()
	r, err = p.store.CancelReview(ctx, r, func(r Review) ledger.Event { return cancelEvent(a, r) })
	switch {
	case errors.Is(err, ErrNotOpen):
		return Review{}, fmt.Errorf("cancel review: %w", err)
	case err != nil:
		return Review{}, fmt.Errorf("cancel review: %w: %w", portal.ErrLedger, err)
	}
	return r, nil
}

func cancelEvent(a auth.Actor, r Review) ledger.Event {
	c := r.Counts
	return ledger.Event{
		Action: ledger.CancelReview, Outcome: ledger.Succeeded, Actor: a, Company: r.Company, Reason: r.CancelReason, Note: name(r),
		After: portal.Values("review", r.ID, "people", c.People(), "keep", c.Keep, "disable", c.Disable, "ask", c.Ask, "leftOut", c.LeftOut,
			"due", r.Due.Format(time.DateOnly), "confirms", r.Confirms),
	}
}
