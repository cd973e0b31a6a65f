package store_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// full is an event with every field set.
func full() ledger.Event {
	return ledger.Event{
		Action: ledger.BulkRows, Outcome: ledger.Failed, Change: "c1", // an action that no row of a change has to be there for
		Actor:   vera,
		Company: ledger.Company{ID: "11111111-1111-4111-8111-111111111111", Name: "Łódź & <Sons>"},
		Users: []ledger.User{
			{ID: "u1", Email: "Ann@Acme.example", Name: "Ann O'Neil", Result: "created"},
			{Email: "bob@acme.example", Name: "Bob", Result: "refused", Note: "not one of the company's domains"},
		},
		Before: json.RawMessage(`{"active":true}`), After: json.RawMessage(`{"active":false,"html":"<b>&"}`),
		Reason: "left the firm", Ticket: "INC-1 100%", Note: "Symphony refused one.",
		Symphony: ledger.Symphony{Operation: "createUsers", Status: 207, Code: "40001", TraceID: "t1"},
	}
}

func TestAnEventComesBackAsItWasRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.record(t, full())
		want := full()
		want.Seq, want.At, want.Binary = 1, b.clock.Now(), "v1.2.3"

		got, err := b.Event(t.Context(), 1)
		if err != nil {
			t.Fatalf("Event: %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Event (-want +got):\n%s", diff)
		}
		listed, err := b.Events(t.Context(), ledger.Filter{}, ledger.Page{})
		if err != nil {
			t.Fatalf("Events: %v", err)
		}
		if diff := cmp.Diff([]ledger.Event{want}, listed); diff != "" {
			t.Errorf("Events (-want +got):\n%s", diff)
		}
		if _, err := b.Event(t.Context(), 2); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Event(2) = %v, want ErrNotStored", err)
		}
	})
}

func TestEventsAreListedNewestFirstByPages(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for range 5 {
			b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera})
		}
		for _, tt := range []struct {
			page ledger.Page
			want []int64
		}{
			{ledger.Page{}, []int64{5, 4, 3, 2, 1}},
			{ledger.Page{Limit: 2}, []int64{5, 4}},
			{ledger.Page{Limit: 2, Before: 4}, []int64{3, 2}},
			{ledger.Page{Limit: 2, Before: 1}, nil},
		} {
			if got := seqs(t, b, ledger.Filter{}, tt.page); !cmp.Equal(got, tt.want) {
				t.Errorf("Events(%+v) = %v, want %v", tt.page, got, tt.want)
			}
		}
	})
}

func seqs(t *testing.T, b bench, f ledger.Filter, p ledger.Page) []int64 {
	t.Helper()
	events, err := b.Events(t.Context(), f, p)
	if err != nil {
		t.Fatalf("Events(%+v, %+v): %v", f, p, err)
	}
	var seqs []int64
	for _, e := range events {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

func TestEveryFilterNarrowsTheList(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		omar := auth.Actor{Issuer: "https://idp.example", Subject: "omar-2", Name: "Omar Haddad", Email: "omar@partner.example", RequestID: "r2"}
		start := b.clock.Now()
		b.record(t, full()) // 1
		b.clock.add(time.Hour)
		b.record(t, ledger.Event{ // 2
			Action: ledger.DisableUser, Outcome: ledger.Intent, Change: "c2", Actor: omar,
			Company: ledger.Company{ID: "22222222-2222-4222-8222-222222222222", Name: "Bolt"},
			Users:   []ledger.User{{ID: "33333333-3333-4333-8333-333333333333", Email: "cy@bolt.example", Name: "Cy"}},
			Reason:  `50% "off"`, Ticket: "INC-2",
		})
		b.clock.add(-3 * time.Hour)                                                                            // the clock was wrong
		b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Failed, Actor: omar, Note: "no role"}) // 3
		b.clock.add(24 * time.Hour)
		b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera}) // 4

		for _, tt := range []struct {
			name   string
			filter ledger.Filter
			want   []int64
		}{
			{"none", ledger.Filter{}, []int64{4, 3, 2, 1}},
			{"actor by name", ledger.Filter{Actor: "lindq"}, []int64{4, 1}},
			{"actor by e-mail in any case", ledger.Filter{Actor: "OMAR@"}, []int64{3, 2}},
			{"actor by subject", ledger.Filter{Actor: "vera-1"}, []int64{4, 1}},
			{"actor by two letters", ledger.Filter{Actor: "ma"}, []int64{3, 2}},
			{"company by name", ledger.Filter{Company: "łÓDŹ & <"}, []int64{1}},
			{"company by id", ledger.Filter{Company: "22222222-2222-4222-8222-222222222222"}, []int64{2}},
			{"exact company", ledger.Filter{CompanyID: "11111111-1111-4111-8111-111111111111"}, []int64{1}},
			{"user by part of the e-mail", ledger.Filter{User: "acme.ex"}, []int64{1}},
			{"user by name", ledger.Filter{User: "o'neil"}, []int64{1}},
			{"user by id", ledger.Filter{User: "33333333-3333-4333-8333-333333333333"}, []int64{2}},
			{"exact user id, in a bulk change", ledger.Filter{UserID: "u1"}, []int64{1}},
			{"exact user e-mail in any case", ledger.Filter{UserEmail: "BOB@acme.example"}, []int64{1}},
			{"part of an e-mail is no e-mail", ledger.Filter{UserEmail: "acme.example"}, nil},
			{"either id or e-mail", ledger.Filter{UserID: "33333333-3333-4333-8333-333333333333", UserEmail: "bob@acme.example"}, []int64{2, 1}},
			{"action", ledger.Filter{Action: ledger.SignIn}, []int64{4, 3}},
			{"outcome", ledger.Filter{Outcome: ledger.Failed}, []int64{3, 1}},
			{"action and outcome", ledger.Filter{Action: ledger.SignIn, Outcome: ledger.Failed}, []int64{3}},
			{"from, though the clock went back", ledger.Filter{From: start.Add(time.Minute)}, []int64{4, 2}},
			{"from is inclusive", ledger.Filter{From: start}, []int64{4, 2, 1}},
			{"to is exclusive", ledger.Filter{To: start.Add(time.Hour)}, []int64{3, 1}},
			{"to, before everything", ledger.Filter{To: start.Add(-2 * time.Hour)}, nil},
			{"to, the wrong clock's event", ledger.Filter{To: start.Add(-time.Hour)}, []int64{3}},
			{"from, after everything", ledger.Filter{From: start.Add(100 * time.Hour)}, nil},
			{"from and to", ledger.Filter{From: start.Add(time.Minute), To: start.Add(2 * time.Hour)}, []int64{2}},
			{"text in the reason", ledger.Filter{Text: "LEFT the"}, []int64{1}},
			{"text in the ticket", ledger.Filter{Text: "inc-2"}, []int64{2}},
			{"text in the note", ledger.Filter{Text: "no role"}, []int64{3}},
			{"text with what LIKE gives a meaning", ledger.Filter{Text: "0%"}, []int64{2, 1}},
			{"text with quotes", ledger.Filter{Text: `50% "off"`}, []int64{2}},
			{"text with an underscore matches nothing else", ledger.Filter{Text: "INC_2"}, nil},
			{"text of two fields", ledger.Filter{Text: "inc-", Actor: "haddad"}, []int64{2}},
			{"text with an exact one", ledger.Filter{Text: "inc-", Change: "c1"}, []int64{1}},
			{"request", ledger.Filter{Request: "r2"}, []int64{3, 2}},
			{"trace", ledger.Filter{Trace: "t1"}, []int64{1}},
			{"change", ledger.Filter{Change: "c2"}, []int64{2}},
			{"two that exclude each other", ledger.Filter{Change: "c2", Trace: "t1"}, nil},
		} {
			t.Run(tt.name, func(t *testing.T) {
				if got := seqs(t, b, tt.filter, ledger.Page{}); !cmp.Equal(got, tt.want, cmpopts.EquateEmpty()) {
					t.Errorf("Events(%+v) = %v, want %v", tt.filter, got, tt.want)
				}
				// The same without the newest of them.
				if len(tt.want) > 0 {
					page := ledger.Page{Before: tt.want[0], Limit: 10}
					if got := seqs(t, b, tt.filter, page); !cmp.Equal(got, tt.want[1:], cmpopts.EquateEmpty()) {
						t.Errorf("Events(%+v, %+v) = %v, want %v", tt.filter, page, got, tt.want[1:])
					}
				}
			})
		}
	})
}
