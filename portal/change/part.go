package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// Begun is a change that is stored as this process's to send, and is not sent yet.
type Begun struct {
	change Change
	fence  time.Time // it isn't sent later
}

// ID is the change's.
func (b Begun) ID() string { return b.change.ID }

// May says whether somebody may still ask for a kind of change, by the roles that they
// have now as far as these are known: SupersededError when they may not.
func (e *Engine) May(ctx context.Context, a auth.Actor, kind Kind) error {
	return e.allowed(ctx, Change{Kind: kind, Actor: a})
}

// Begin stores a part of a bulk change, with its intent in the ledger and with what take
// stores of the rows that it is about, in one transaction: that of other parts as well,
// where they are begun at the same time. When it is committed, Make sends it. Whoever
// begins it has seen that the world allows it: its ID, a new UUID, and its Kind, Bulk,
// Company, Seen and People or User are theirs to give. take may be called again in
// another transaction, where the first one came to nothing.
//
// Busy says that another change of a person is in the way; any other error, as also that of
// take, is wrapped with portal.ErrLedger. Nothing is stored then, as far as is known.
//
// It has no job: the sweep finds one whose process died.
func (e *Engine) Begin(ctx context.Context, a auth.Actor, c Change, take func(ctx context.Context, tx portal.Tx) error) (Begun, error) {
	now := e.clock()
	c.Token, c.Claim, c.Actor, c.Subject = portal.NewToken(), uuid.NewString(), a, SubjectOf(c)
	c.State, c.CreatedAt, c.UpdatedAt, c.SentAt = Sent, now, now, now
	c.Before, c.Due = now.Add(e.times.sendWithin), now.Add(e.times.lostAfter) // what isn't sent in time is over, and not put off
	c.Seen.ClockAhead = e.symphony.ClockAhead()
	var stored Change
	err := e.gatherer.do(ctx, func(ctx context.Context, tx portal.Tx) (intent []ledger.Event, err error) {
		if err = take(ctx, tx); err != nil {
			return nil, err
		}
		if stored, err = e.store.InsertChange(ctx, tx, c); err != nil {
			return nil, err
		}
		return []ledger.Event{e.event(stored, ledger.Intent)}, nil
	})
	if _, busy := errors.AsType[*Busy](err); busy {
		return Begun{}, err
	}
	if err != nil {
		return Begun{}, fmt.Errorf("%w: %w", portal.ErrLedger, err)
	}
	return Begun{stored, now.Add(e.times.sendWithin)}, nil
}

// Make sends what was begun, and records how it ended: done, refused, expired when it
// could not be sent in its time, or unknown, which jobs go on with. sent is called when the
// call is over and its end is still to be recorded.
func (e *Engine) Make(ctx context.Context, b Begun, sent func()) (Change, error) {
	return e.sendClaimed(sapi.WithPriority(ctx, sapi.Change), e.operations[b.change.Kind], b.change, b.fence, sent)
}

// tell says how a part of a bulk change stands.
func (e *Engine) tell(ctx context.Context, tx portal.Tx, c Change) error {
	if c.Bulk == 0 || e.moved == nil {
		return nil
	}
	return e.moved(ctx, tx, c)
}

// Part returns a part of a bulk change as it stands, for the use cases of these: it checks
// no permission.
func (e *Engine) Part(ctx context.Context, id string) (Change, error) {
	c, err := e.store.Change(ctx, id)
	if err != nil {
		return Change{}, fmt.Errorf("read change: %w", err)
	}
	return c, nil
}

// CompanyThere says whether a company has the vanity name already that a change is to give
// to a new one.
func (e *Engine) CompanyThere(ctx context.Context, c Change) (bool, error) {
	err := e.operations[CreateCompany].Check(ctx, &c, false)
	if _, there := errors.AsType[*SupersededError](err); there {
		return true, nil
	}
	return false, err
}

// hastened is how far ahead a look must be that is worth bringing forward.
const hastened = 10 * time.Second

// Hasten has a part of a bulk change whose end isn't known looked for soon, where that would
// only be done later because Symphony could not be read. Whoever calls it knows that it
// answers again.
func (e *Engine) Hasten(ctx context.Context, id string) error {
	c, err := e.store.Change(ctx, id)
	if err != nil || c.State != Unknown || c.Code != CantRead || c.Due.Sub(e.clock()) < hastened {
		return err
	}
	c.Due, c.Tries = e.clock(), 0
	if _, err = e.save(ctx, c); errors.Is(err, ErrStale) {
		return nil // somebody is at it
	}
	return err
}
