package activity

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	pages "foyer/views/activity"
)

func TestAnEventListsItsPeopleWithTheirResults(t *testing.T) {
	t.Parallel()
	page := newEventPage(ledger.Event{
		Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Company: ledger.Company{ID: "c1"},
		Users: []ledger.User{{ID: "u1", Name: "A", Result: "created"}, {Email: "b@x.example", Result: "refused", Note: "taken"}},
	}, auth.Actor{})
	want := []pages.Person{
		{Name: "A", ID: "u1", Href: "/companies/c1/users/u1", Result: "created"},
		{Name: "b@x.example", Email: "b@x.example", Result: "refused", Note: "taken"},
	}
	if diff := cmp.Diff(want, page.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if page.Result.Word != "1 created · 1 not created" {
		t.Errorf("the result is %q", page.Result.Word)
	}
}

func TestValuesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	got := eventValues(ledger.Event{
		Outcome: ledger.Succeeded,
		Before:  []byte(`{"status":"active","rows":12004}`),
		After:   []byte(`{"status":"disabled","emailDomains":["a.example","b.example"]}`),
	})
	want := []pages.Value{
		{Name: "E-mail domains", After: "a.example\nb.example", NoBefore: "nothing", NoAfter: "nothing", Changed: true},
		{Name: "Rows", Before: "12004", NoBefore: "nothing", NoAfter: "nothing", Changed: true},
		{Name: "Status", Before: "active", After: "disabled", NoBefore: "nothing", NoAfter: "nothing", Changed: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("eventValues (-want +got):\n%s", diff)
	}
	if got := eventValues(ledger.Event{After: []byte("[")}); got != nil {
		t.Errorf("eventValues of no values = %v", got)
	}
}

func TestAnOutcomeThatIsNotKnownIsNotShownAsNothing(t *testing.T) {
	t.Parallel()
	before := json.RawMessage(`{"status":"active"}`)
	tests := []struct {
		event             ledger.Event
		noBefore, noAfter string
	}{
		{ledger.Event{Outcome: ledger.Unknown, Before: before}, "nothing", "not known"},
		{ledger.Event{Outcome: ledger.Failed, Before: before}, "nothing", "not changed"},
		{ledger.Event{Outcome: ledger.Reconciled, After: before}, "in the event that asked for it", "not changed"},
		{ledger.Event{Outcome: ledger.Succeeded, After: before}, "nothing", "nothing"},
	}
	for _, test := range tests {
		got := eventValues(test.event)
		if len(got) != 1 || got[0].NoBefore != test.noBefore || got[0].NoAfter != test.noAfter {
			t.Errorf("eventValues(%s) = %+v, want %q and %q where there is no value", test.event.Outcome, got, test.noBefore, test.noAfter)
		}
	}
}
