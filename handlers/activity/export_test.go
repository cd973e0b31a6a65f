package activity

import (
	"slices"
	"testing"

	"foyer/ledger"
)

func TestTheFileHasAnIdForEachOfItsPeopleOrNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		users []ledger.User
		want  string
	}{
		{"nobody", nil, ""},
		{"people who are asked for", []ledger.User{{Name: "A"}, {Name: "B"}, {Name: "C"}}, ""},
		{"people who are there", []ledger.User{{ID: "u1", Name: "A"}, {ID: "u2", Name: "B"}}, "u1\nu2"},
		{"people of whom one was refused", []ledger.User{{ID: "u1", Name: "A"}, {Name: "B"}, {ID: "u3", Name: "C"}}, "u1\n\nu3"},
	} {
		cells := EventCells(ledger.Event{Action: ledger.CreateUsers, Users: test.users})
		if got := cells[slices.Index(EventColumns, "People ids")]; got != test.want {
			t.Errorf("the ids of %s are %q, want %q", test.name, got, test.want)
		}
	}
}
