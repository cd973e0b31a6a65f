package wording

import (
	"testing"

	"foyer/portal/change"
	"foyer/sapi"
)

func TestATallyCountsWhatBecameOfPeople(t *testing.T) {
	t.Parallel()
	rows := []change.Row{
		{Outcome: sapi.ItemCreated}, {Outcome: sapi.ItemExists}, {Outcome: sapi.ItemUnknown}, {Outcome: sapi.ItemRefused}, {Outcome: sapi.ItemRefused}, {Outcome: sapi.ItemExists},
	}
	if got, want := tally(outcomesOf(rows)), "1 created · 2 already there · 2 not created · 1 being checked"; got != want {
		t.Errorf("tally = %q, want %q", got, want)
	}
}
