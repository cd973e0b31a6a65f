package store_test

import (
	"testing"

	"foyer/ledger"
	"foyer/portal/change"
	"foyer/sapi"
)

// Whoever edits what Foyer works with, for a page to say something else than was recorded,
// is found as well, by the event that says it.
func TestWhatFoyerWorksWithIsHeldAgainstItsEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		c := b.insert(t, disabling("one"), ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Intent, Change: "one"})
		b.update(t, settledAs(c, change.Refused, b.clock.Now()), ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Failed, Change: "one"})
		people := change.Change{ID: "two", Kind: change.CreateUsers, State: change.Queued, Company: acme, People: []change.Row{{NewUser: sapi.NewUser{Email: "ann@acme.example"}}}}
		people = b.insert(t, people, ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Intent, Change: "two"})
		people.People[0].Outcome, people.People[0].UserID = sapi.ItemCreated, "u1"
		b.update(t, settledAs(people, change.Done, b.clock.Now()), ledger.Event{
			Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Change: "two", Users: []ledger.User{{ID: "u1", Email: "ann@acme.example", Result: string(sapi.ItemCreated)}},
		})
		r := b.openReview(t)
		if _, err := b.finish(t, ada, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		last := ledgerSize(t, b) // which finished it
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Fatalf("VerifyLedger = %v, %v, want no problem", report.Problems, err)
		}
		defenceless(t, b)

		for _, tt := range []struct {
			name, edit, undo string
			seq              int64
		}{
			{"a change that was refused is done", `UPDATE change SET state = 'done' WHERE id = 'one'`, `UPDATE change SET state = 'refused' WHERE id = 'one'`, 2},
			{"somebody else was created", `UPDATE change_item SET user_id = 'u2'`, `UPDATE change_item SET user_id = 'u1'`, 4},
			{"somebody was refused", `UPDATE change_item SET outcome = 'refused'`, `UPDATE change_item SET outcome = 'created'`, 4},
			{"a decision is another", `UPDATE review_person SET decisions = replace(decisions, '"ask"', '"keep"')`, `UPDATE review_person SET decisions = replace(decisions, '"keep"', '"ask"')`, last},
			{"who confirms is another", `UPDATE review SET confirms = 'Mallory'`, `UPDATE review SET confirms = 'Bo Chen'`, last},
			{"the seal is another", `UPDATE review SET seal = 'x' || seal`, `UPDATE review SET seal = substr(seal, 2)`, last},
		} {
			b.exec(t, tt.edit)
			report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
			if err != nil || report.FirstBad != tt.seq || report.Problems[0].Kind != ledger.Differs {
				t.Errorf("%s: first bad %d, %v, %v, want %d", tt.name, report.FirstBad, report.Problems, err, tt.seq)
			}
			b.exec(t, tt.undo)
		}
	})
}
