package portal

import (
	"context"
	"errors"

	"foyer/auth"
	"foyer/ledger"
)

// Recorder appends events to the ledger.
type Recorder interface {
	// Record appends events that belong to no change.
	Record(ctx context.Context, events ...ledger.Event) error
}

// Gate is what every use case passes first. It needs a Ledger, for who is
// refused.
type Gate struct{ Ledger Recorder }

// Require returns Forbidden, and puts the refusal in the ledger, when the actor
// may not do what needs the permission. about is the company that was asked for;
// zero where none was.
func (g Gate) Require(ctx context.Context, a auth.Actor, perm auth.Permission, about ledger.Company) error {
	if a.Can(perm) {
		return nil
	}
	return errors.Join(&Forbidden{perm}, g.Ledger.Record(ctx, ledger.Event{
		Action: ledger.Denied, Outcome: ledger.Failed, Actor: a, Company: about, Code: string(perm),
	}))
}
