package change_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
)

// world is Foyer's use cases over real parts, with what these tests do in it.
type world struct{ *testworld.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{testworld.New(t)}
}

// leave stores a change as a process leaves it that stops: with its intent, and with
// nothing that comes after.
func (w *world) leave(c change.Change) change.Change {
	w.T.Helper()
	ctx := w.T.Context()
	c.ID, c.Token, c.Actor = uuid.NewString(), portal.NewToken(), testworld.As(auth.Viewer)
	c.CreatedAt, c.UpdatedAt, c.Subject = w.Clock.Now(), w.Clock.Now(), change.SubjectOf(c)
	tx, err := w.DB.Begin(ctx)
	if err == nil {
		c, err = w.DB.InsertChange(ctx, tx, c)
	}
	if err == nil {
		err = w.DB.Append(ctx, tx, ledger.Event{Action: c.Kind.Action(), Outcome: ledger.Intent, Change: c.ID, Actor: c.Actor, Company: c.Company})
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// wantOutcomes holds the ledger to the outcomes of a change, in the order written.
func (w *world) wantOutcomes(changeID string, want ...ledger.Outcome) {
	w.T.Helper()
	if diff := cmp.Diff(want, w.Outcomes(changeID)); diff != "" {
		w.T.Errorf("ledger (-want +got):\n%s", diff)
	}
}
