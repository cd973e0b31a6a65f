package bulk_test

import (
	"slices"
	"testing"
	"time"

	"foyer/auth"
	"foyer/portal/bulk"
)

// Whoever started a bulk change hears once that it needs them, and that it is over, however
// soon that was: it may have been scheduled, and programs wait for the web hook.
func TestWhoeverStartedItIsToldOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.start(w.bring(bulk.Create, w.joiners(3)))
		c = w.work(c.ID, bulk.Starting)
		w.Roles = auth.Roles{auth.Auditor}
		c = w.work(c.ID, bulk.Running)
		told, due, err := w.Bulk.NoticeDue(t.Context(), id(c))
		if err != nil || !due || told.Notice.Code != bulk.NoticePaused || !slices.Contains(w.Waker.Of(bulk.NoticeJobKind), id(c)) {
			t.Fatalf("while it is paused: %v, %v, %+v", due, err, told.Notice)
		}
		if err := w.Bulk.NoticeSent(t.Context(), told); err != nil {
			t.Fatal(err)
		}
		if _, due, _ := w.Bulk.NoticeDue(t.Context(), id(c)); due {
			t.Error("it is told twice")
		}
		w.Roles = nil
		if _, err := w.Bulk.Resume(t.Context(), admin, c.ID); err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(2 * time.Minute)
		c = w.work(c.ID, bulk.Running)
		if told, due, _ := w.Bulk.NoticeDue(t.Context(), id(c)); !due || told.Notice.Code != bulk.NoticeDone {
			t.Errorf("at the end: %v, %+v", due, told.Notice)
		}

		quick := w.run(w.bring(bulk.Create, "E-mail,First name,Last name\nquick@"+w.company.EmailDomains[0]+",Q,Uick\n"))
		if told, due, _ := w.Bulk.NoticeDue(t.Context(), id(quick)); !due || told.Notice.Code != bulk.NoticeDone {
			t.Errorf("one that was over at once: %v, %+v", due, told.Notice)
		}
	})
}
