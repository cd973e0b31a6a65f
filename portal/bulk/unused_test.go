package bulk_test

import (
	"testing"
	"time"

	"foyer/ledger"
	"foyer/portal/bulk"
	"foyer/sapi"
)

func TestWhatNobodyStartsNorUsesIsDiscarded(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		unused, used := w.bring(bulk.Create, w.joiners(2)), w.bring(bulk.Create, w.joiners(3))
		scheduled := w.bring(bulk.Create, w.joiners(4))
		if _, err := w.Bulk.Start(t.Context(), admin, scheduled.ID, bulk.StartRequest{Plan: scheduled.Plan, Reason: "later", At: w.Clock.Now().Add(60 * 24 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(29 * 24 * time.Hour)
		if _, err := w.Bulk.CheckAgain(t.Context(), admin, used.ID); err != nil {
			t.Fatal(err)
		}
		w.work(used.ID, bulk.Checking)
		discard := func() {
			t.Helper()
			if err := w.Bulk.DiscardUnused(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		discard()
		if c := w.get(unused.ID); c.State != bulk.Draft {
			t.Fatalf("after 29 days it is %s", c.State)
		}
		w.Clock.Forward(24*time.Hour + time.Minute)
		discard()
		discard()
		if c := w.get(unused.ID); c.State != bulk.Discarded || len(w.rows(c.ID, bulk.Filter{})) > 0 {
			t.Errorf("after 30 days it is %s, with %d rows", c.State, len(w.rows(c.ID, bulk.Filter{})))
		}
		if a, b := w.get(used.ID), w.get(scheduled.ID); a.State != bulk.Draft || b.State != bulk.Scheduled {
			t.Errorf("one that was used is %s, one that is scheduled %s", a.State, b.State)
		}
		events, err := w.DB.Events(t.Context(), ledger.Filter{Request: bulk.RequestID(unused.ID), Action: ledger.DiscardBulk}, ledger.Page{Limit: 10})
		if err != nil || len(events) != 1 || events[0].Code != bulk.Unused || events[0].Actor.Subject == admin.Subject {
			t.Errorf("recorded: %+v, %v", events, err)
		}
	})
}

// What runs stands above what is scheduled, and both above drafts however new.
func TestWhatIsUnderWayIsListedFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		stale, running, scheduled, done, draft := w.bring(bulk.Create, w.joiners(6)), w.bring(bulk.Create, w.joiners(1)), w.bring(bulk.Create, w.joiners(2)), w.bring(bulk.Create, w.joiners(3)), w.bring(bulk.Create, w.joiners(4))
		w.start(stale)
		if _, err := w.Client.Users.Create(t.Context(), w.company.ID, []sapi.NewUser{{Email: "joiner6@" + w.company.EmailDomains[0], FirstName: "Jo", LastName: "Iner"}}); err != nil {
			t.Fatal(err)
		}
		if stale = w.work(stale.ID, bulk.Starting); stale.State != bulk.Draft || stale.Differs == 0 {
			t.Fatalf("its plan isn't stale: %s", stale.State)
		}
		w.Clock.Forward(time.Second)
		w.start(running)
		if _, err := w.Bulk.Start(t.Context(), admin, scheduled.ID, bulk.StartRequest{Plan: scheduled.Plan, Reason: "later", At: w.Clock.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(time.Minute)
		w.run(done)
		list, _, err := w.Bulk.List(t.Context(), admin, 0, 10)
		if err != nil || len(list) != 5 {
			t.Fatalf("List: %d, %v", len(list), err)
		}
		for i, want := range []bulk.Change{running, stale, scheduled, done, draft} {
			if list[i].ID != want.ID {
				t.Errorf("at place %d is bulk change %d (%s), want %d", i, list[i].ID, list[i].State, want.ID)
			}
		}
	})
}
