package bulk_test

import (
	"testing"

	"foyer/portal/bulk"
)

func TestEveryRowIsCreatedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.bring(bulk.Create, w.joiners(45))
		if n := c.Sums.To(bulk.ToAdd); n != 45 || c.Sums.Calls() != 3 {
			t.Fatalf("the plan has %d people in %d calls, want 45 in 3: %+v", n, c.Sums.Calls(), c.Sums)
		}
		if n := w.Calls("createUsers"); n != 0 {
			t.Fatalf("%d calls were made before the plan was started", n)
		}
		c = w.start(c)
		c = w.work(c.ID, bulk.Starting, bulk.Running)
		if c.State != bulk.Done || c.Sums.In(bulk.Created) != 45 || c.Sums.All() != 45 {
			t.Fatalf("ended as %s with %+v, want 45 created", c.State, c.Sums)
		}
		people := w.everybody()
		for _, r := range w.rows(c.ID, bulk.Filter{}) {
			if u, there := people[r.Email]; !there || u.ID != r.UserID {
				t.Errorf("row %d says %s is %s, Symphony has %q", r.N, r.Email, r.UserID, u.ID)
			}
		}
		if n := w.Calls("createUsers"); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
}
