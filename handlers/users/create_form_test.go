package users

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/portal"
	"foyer/sapi"
	"foyer/views/ui"
)

func TestWhichRowsTheFormShows(t *testing.T) {
	t.Parallel()
	tests := []struct{ people, shown, want int }{
		{0, 0, 3}, {1, 3, 3}, {3, 3, 4}, {3, 8, 8}, {19, 3, 20}, {20, 20, 20}, {0, 25, 20},
	}
	for _, test := range tests {
		form := peopleForm{people: make([]sapi.NewUser, test.people), rows: test.shown}
		if got := form.shown(); got != test.want {
			t.Errorf("shown with %d people and %d rows = %d, want %d", test.people, test.shown, got, test.want)
		}
	}
}

func TestAProblemOfAPersonStandsAtTheirField(t *testing.T) {
	t.Parallel()
	got := personErrors([]portal.FieldError{
		{Row: 1, Field: "email", Fault: portal.Fault{Code: portal.Missing}},
		{Row: 20, Field: "lastName", Fault: portal.Fault{Code: portal.Missing}},
		{Fault: portal.Fault{Code: portal.OutOfDate}},
	})
	want := ui.Errors{
		{Field: "users.0.email", Message: "Row 1: Enter the e-mail address."},
		{Field: "users.19.lastName", Message: "Row 20: Enter the last name."},
		{Message: "This form is out of date. Check what it says and send it again."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("personErrors (-want +got):\n%s", diff)
	}
}

func TestFillRefusesMoreThanFit(t *testing.T) {
	t.Parallel()
	rows := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "p%d@acme.example\tP\tQ\n", i) // the address alone is known
		}
		return b.String()
	}
	tests := []struct {
		there, pasted int
		people        int
		note, problem string
	}{
		{0, 20, 20, "20 rows were pasted.", ""},
		{0, 1, 1, "1 row was pasted.", ""},
		{5, 15, 20, "15 rows were pasted.", ""},
		{0, 21, 0, "", "These are 21 rows. Symphony takes 20 people at once: paste 20"},
		{5, 16, 5, "", "These are 16 rows, and 5 are filled in already."},
		{5, 0, 5, "", "There is nobody in what was pasted."},
	}
	for _, test := range tests {
		form := peopleForm{people: make([]sapi.NewUser, test.there), lines: make([]int, test.there), paste: rows(test.pasted)}
		note, found := form.fill()
		problem := found.Message
		if len(form.people) != test.people || !strings.HasPrefix(note, test.note) || !strings.HasPrefix(problem, test.problem) || (note == "") == (problem == "") {
			t.Errorf("fill of %d after %d = %q, %q with %d people; want %q, %q with %d", test.pasted, test.there, note, problem, len(form.people), test.note, test.problem, test.people)
		}
		if kept := form.paste != ""; kept != (problem != "" && test.pasted > 0) {
			t.Errorf("fill of %d after %d: the box keeps its text: %v", test.pasted, test.there, kept)
		}
	}
}
