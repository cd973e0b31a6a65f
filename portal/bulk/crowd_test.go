package bulk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
)

// Many people press all buttons of one bulk change at once, while two processes go on with
// it: nobody is created twice or lost, and nobody is told anything but that they were late.
func TestACrowdDoesNoHarm(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		const people = 60
		domain := w.company.EmailDomains[0]
		c := w.bring(bulk.Create, w.joiners(people))
		token := portal.NewToken()
		var all sync.WaitGroup
		press := func(seed uint64) {
			rng := rand.New(rand.NewPCG(seed, 1))
			for range 25 {
				now, err := w.Bulk.Get(t.Context(), admin, c.ID)
				if err != nil {
					t.Error(err)
					return
				}
				switch rng.IntN(9) {
				case 0, 1:
					_, err = w.Bulk.Start(t.Context(), admin, c.ID, bulk.StartRequest{Plan: now.Plan, Reason: "all at once"})
				case 2:
					_, err = w.Bulk.Pause(t.Context(), admin, c.ID)
				case 3, 4:
					_, err = w.Bulk.Resume(t.Context(), admin, c.ID)
				case 5:
					n := 1 + rng.IntN(people)
					_, err = w.Bulk.EditRow(t.Context(), admin, c.ID, n, w.seenCells(c.ID, n), map[lists.Field]string{lists.Email: fmt.Sprintf("joiner%d@%s", n, domain), lists.Title: "x"})
				case 6:
					_, err = w.Bulk.Replace(t.Context(), admin, c.ID, now.Seen(), "again.csv", w.list(bulk.Create, w.joiners(people)))
				case 7:
					_, err = w.Bulk.Again(t.Context(), admin, c.ID, token)
				case 8:
					_, err = w.Bulk.CheckAgain(t.Context(), admin, c.ID)
				}
				if _, invalid := errors.AsType[*portal.Invalid](err); err != nil && !invalid && !errors.Is(err, bulk.ErrNotNow) && !errors.Is(err, bulk.ErrStale) {
					t.Errorf("pressed: %v", err)
				}
			}
		}
		for seed := range uint64(4) {
			all.Go(func() { press(seed) })
		}
		for range 2 {
			all.Go(func() {
				for range 200 {
					if _, err := w.Bulk.Do(t.Context(), id(c)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for range 20 {
			if now := w.get(c.ID); now.State == bulk.Draft {
				w.start(now)
			} else if now.State == bulk.Paused {
				if _, err := w.Bulk.Resume(t.Context(), admin, c.ID); err != nil {
					t.Fatal(err)
				}
			}
			w.work(c.ID, bulk.Checking, bulk.Starting, bulk.Running)
		}
		w.want(w.get(c.ID), bulk.Done, map[bulk.RowState]int{bulk.Created: people})
		there := w.everybody()
		for _, r := range w.rows(c.ID, bulk.Filter{}) {
			if u, found := there[r.Email]; !found || u.ID != r.UserID {
				t.Errorf("row %d says %s is %s, Symphony has %q", r.N, r.Email, r.UserID, u.ID)
			}
		}
		calls, err := w.Sandbox.Faults().Calls(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		for _, call := range calls {
			if call.Operation == "createUsers" {
				asked = append(asked, call.Emails...)
			}
		}
		slices.Sort(asked)
		if n := len(slices.Compact(slices.Clone(asked))); len(asked) != people || n != people {
			t.Errorf("Symphony was asked for %d people, %d of them different", len(asked), n)
		}
		events, err := w.DB.Events(t.Context(), ledger.Filter{Request: bulk.RequestID(c.ID)}, ledger.Page{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		ends := 0
		for _, e := range events {
			if strings.HasPrefix(string(e.Action), string(ledger.EndBulk)) {
				ends++
			}
		}
		if ends != 1 {
			t.Errorf("it ended %d times", ends)
		}
	})
}
