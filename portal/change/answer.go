package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"foyer/ledger"
	"foyer/sapi"
)

// saveAnswer is save for what Symphony itself answered: whoever took the sender for
// lost meanwhile knew less. What they concluded is corrected where it was otherwise.
func (e *Engine) saveAnswer(ctx context.Context, answer Change, outcome ledger.Event) (Change, error) {
	c := answer
	for {
		saved, err := e.save(ctx, c, outcome)
		if !errors.Is(err, ErrStale) {
			return saved, err
		}
		now, err := e.store.Change(ctx, c.ID)
		if err != nil {
			if pause(ctx, time.Second) != nil {
				return c, fmt.Errorf("%w: %w", ErrUnrecorded, err)
			}
			continue
		}
		var more bool
		if c, more = withAnswer(now, answer); !more {
			return now, nil
		}
		line := e.outcome(c, outcome.Outcome, outcome.After)
		if now.State.Settled() && (c.State != now.State || !slices.EqualFunc(c.People, now.People, sameCreated)) {
			c.Corrected, line.Outcome = true, ledger.Corrected
		}
		outcome = line
	}
}

// withAnswer is a change as another process left it, with what Symphony's answer to
// this one says; more tells whether that is more than is known already. A settled
// change stays so: its subject may have another one by now.
func withAnswer(now, answer Change) (c Change, more bool) {
	if now.Erased {
		return now, false // what it was about must not come back
	}
	c = answer
	c.Version, c.UnknownAt, c.Corrected = now.Version, now.UnknownAt, now.Corrected
	if len(c.People) > 0 && c.State != Refused {
		// What was read meanwhile stands for those of whom the answer says nothing.
		c.People = slices.Clone(c.People)
		for i := range c.People {
			if unknownRow(c.People[i]) && i < len(now.People) {
				c.People[i] = now.People[i]
			}
		}
	}
	if answer.State == Unknown {
		c.State, c.Code, c.Problem, c.Reconciled = now.State, now.Code, now.Problem, now.Reconciled
		c.Due, c.SettledAt, c.Tries, c.Absences, c.AbsentSince, c.LookedAt = now.Due, now.SettledAt, now.Tries, now.Absences, now.AbsentSince, now.LookedAt
		if now.State == Refused && slices.ContainsFunc(c.People, createdRow) {
			c.State, c.Code = Done, FoundPeople
		}
		return c, !slices.EqualFunc(c.People, now.People, sameResult)
	}
	return c, c.State != now.State || (c.Problem == nil) != (now.Problem == nil) || !slices.EqualFunc(c.People, now.People, sameResult)
}

// sameCreated says whether two rows agree on who was created.
func sameCreated(a, b Row) bool { return createdRow(a) == createdRow(b) }

// sameResult says whether two rows have the same result, for the same reason.
func sameResult(a, b Row) bool {
	return a.Outcome == b.Outcome && a.UserID == b.UserID && (a.Problem == nil) == (b.Problem == nil)
}

func forgetOutcomes(rows []Row) {
	for i := range rows {
		rows[i].Outcome = sapi.ItemUnknown
	}
}
