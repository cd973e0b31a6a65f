package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/portal"
	"foyer/portal/directory"
)

func TestFiltersAreKeptForTheirOwnerAndSharedOnesForEverybody(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		save := func(f directory.SavedFilter) {
			t.Helper()
			must(t, b.inTx(t.Context(), func(tx portal.Tx) error { return b.SaveFilter(t.Context(), tx, f) }))
		}
		names := func(subject string) []string {
			t.Helper()
			filters, err := b.SavedFilters(t.Context(), vera.Issuer, subject)
			must(t, err)
			var names []string
			for _, f := range filters {
				names = append(names, f.ID+" "+f.Name+" "+f.Query)
			}
			slices.Sort(names)
			return names
		}
		own := directory.SavedFilter{ID: "f1", Issuer: vera.Issuer, Subject: "vera", Email: vera.Email, Name: "Müller", Query: "q=muller", SavedAt: b.clock.Now().UTC().Truncate(time.Microsecond)}
		shared := own
		shared.ID, shared.Name, shared.Query, shared.Shared = "f2", "Unknown", "status=unknown", true
		save(own)
		save(shared)

		if got, err := b.SavedFilter(t.Context(), "f1"); err != nil || !cmp.Equal(got, own) {
			t.Errorf("SavedFilter = %+v, %v, want what was saved", got, err)
		}
		if diff := cmp.Diff([]string{"f1 Müller q=muller", "f2 Unknown status=unknown"}, names("vera")); diff != "" {
			t.Errorf("her own (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"f2 Unknown status=unknown"}, names("omar")); diff != "" {
			t.Errorf("another's (-want +got):\n%s", diff)
		}

		again := own
		again.ID, again.Query = "f3", "q=mueller"
		save(again)
		others := again
		others.ID, others.Subject = "f4", "omar"
		save(others)
		if diff := cmp.Diff([]string{"f1 Müller q=mueller", "f2 Unknown status=unknown"}, names("vera")); diff != "" {
			t.Errorf("one of the same name (-want +got):\n%s", diff)
		}
		for range 2 {
			must(t, b.inTx(t.Context(), func(tx portal.Tx) error { return b.DeleteFilter(t.Context(), tx, "f1") }))
		}
		if _, err := b.SavedFilter(t.Context(), "f1"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("SavedFilter of one that was deleted = %v, want ErrNotStored", err)
		}
	})
}
