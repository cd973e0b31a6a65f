package ui_test

import (
	"testing"

	"foyer/views/ui"
)

func TestProblemsAreListedInTheOrderOfTheFields(t *testing.T) {
	t.Parallel()
	var errs ui.Errors
	for _, field := range []string{"other", "domains", "name", "", "domains", "vanity"} {
		errs.Add(field, field)
	}
	var got []string
	for _, fe := range errs.InOrder("name", "vanity", "domains") {
		got = append(got, fe.Field)
	}
	want := []string{"", "name", "vanity", "domains", "domains", "other"}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("InOrder = %q, want %q", got, want)
		}
	}
}
