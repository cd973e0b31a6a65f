package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

var intent = ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Intent, Actor: vera}

// wholeChange is a change with every field set.
func wholeChange(at time.Time) change.Change {
	problem := &portal.Problem{
		Title: "Bad Request", Detail: "No.", Operation: "createUsers", Method: "POST", Path: "/api/v2/x",
		Status: 400, Code: "40001", TraceID: "t1", At: at,
	}
	return change.Change{
		ID: "c1", Version: 1, Kind: change.KindCreateUsers, State: change.Sent, Token: "token-1",
		Actor: vera, Company: ledger.Company{ID: "k1", Name: "Acme"}, User: ledger.User{ID: "u1", Email: "a@acme.example", Name: "A", Result: "created", Note: "n"},
		NewCompany: sapi.NewCompany{Name: "Acme", VanityName: "acme", EmailDomains: []string{"acme.example"}},
		Domains:    []string{"acme.test"},
		People: []change.Row{{
			NewUser: sapi.NewUser{
				Email: "a@acme.example", FirstName: "A", LastName: "B", DisplayName: "A B", Title: "Dr", Department: "D", Location: "L", PhoneNumber: "+331",
			},
			Outcome: sapi.ItemRefused, UserID: "u1", Problem: problem,
		}},
		Reason: "because", Ticket: "INC-1", Reconciled: true, Note: "a note", Problem: problem, Tries: 3,
		NextTry: at.Add(time.Minute), CreatedAt: at, UpdatedAt: at, UnknownAt: at.Add(time.Second), SettledAt: at.Add(time.Hour), Erased: true,
	}
}

func TestAChangeComesBackAsItWasStored(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		want := wholeChange(b.clock.Now())
		for i, v := 0, reflect.ValueOf(want); i < v.NumField(); i++ {
			if v.Field(i).IsZero() {
				t.Fatalf("the test forgets the field %s", v.Type().Field(i).Name)
			}
		}
		got, err := b.BeginChange(t.Context(), want, intent)
		if err != nil {
			t.Fatalf("BeginChange: %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("BeginChange (-want +got):\n%s", diff)
		}
		for name, read := range map[string]func() (change.Change, error){
			"Change":        func() (change.Change, error) { return b.Change(t.Context(), "c1") },
			"ChangeByToken": func() (change.Change, error) { return b.ChangeByToken(t.Context(), "token-1") },
		} {
			got, err := read()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if _, err := b.Change(t.Context(), "c2"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change(c2) = %v, want ErrNotStored", err)
		}
		if _, err := b.ChangeByToken(t.Context(), ""); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("ChangeByToken() = %v, want ErrNotStored", err)
		}
	})
}

func TestAChangeIsCommittedTogetherWithItsIntent(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if _, err := b.BeginChange(t.Context(), change.Change{ID: "c1", Kind: change.KindEnableUser, State: change.Sent}, intent); err != nil {
			t.Fatalf("BeginChange: %v", err)
		}
		e, err := b.Event(t.Context(), 1)
		if err != nil || e.Change != "c1" || e.Outcome != ledger.Intent {
			t.Errorf("Event(1) = %+v, %v, want the intent of c1", e, err)
		}
	})
}

func TestWithoutTheLedgerNothingIsStored(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		bad := intent
		bad.Before = []byte(`{"no json`)
		_, err := b.BeginChange(t.Context(), change.Change{ID: "c1"}, bad)
		if !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("BeginChange = %v, want ErrNotRecorded", err)
		}
		if _, err := b.Change(t.Context(), "c1"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change = %v, want ErrNotStored", err)
		}

		c, err := b.BeginChange(t.Context(), change.Change{ID: "c2", State: change.Sent}, intent)
		if err != nil {
			t.Fatalf("BeginChange: %v", err)
		}
		// The first outcome is good, and is rolled back with the second.
		if _, err := b.UpdateChange(t.Context(), c, intent, bad); !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("UpdateChange = %v, want ErrNotRecorded", err)
		}
		if got, err := b.Change(t.Context(), "c2"); err != nil || got.Version != 1 {
			t.Errorf("Change = version %d, %v, want 1", got.Version, err)
		}
		b.record(t, intent)
		if got := seqs(t, b, ledger.Filter{}, ledger.Page{}); !cmp.Equal(got, []int64{2, 1}) {
			t.Errorf("Events = %v, want no gap after what was rolled back", got)
		}
	})
}

func TestAFormTokenIsGoodForOneChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if _, err := b.BeginChange(t.Context(), change.Change{ID: "c1", Token: "t", Note: "first"}, intent); err != nil {
			t.Fatalf("BeginChange: %v", err)
		}
		earlier, err := b.BeginChange(t.Context(), change.Change{ID: "c2", Token: "t"}, intent)
		if !errors.Is(err, portal.ErrTokenUsed) || errors.Is(err, ledger.ErrNotRecorded) || earlier.ID != "c1" || earlier.Note != "first" {
			t.Errorf("BeginChange = %+v, %v, want the first change and ErrTokenUsed", earlier, err)
		}
		if _, err := b.Change(t.Context(), "c2"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change(c2) = %v, want ErrNotStored", err)
		}
		if got := seqs(t, b, ledger.Filter{}, ledger.Page{}); len(got) != 1 {
			t.Errorf("%d events, want the first change's intent alone", len(got))
		}
		for _, id := range []string{"c3", "c4"} { // without a form
			if _, err := b.BeginChange(t.Context(), change.Change{ID: id}, intent); err != nil {
				t.Errorf("BeginChange(%s) without a token: %v", id, err)
			}
		}
	})
}

func TestOfConcurrentSendersOfAFormOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = b.BeginChange(t.Context(), change.Change{ID: fmt.Sprint("c", i), Token: "t"}, intent)
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, portal.ErrTokenUsed) {
				t.Errorf("BeginChange = %v, want ErrTokenUsed", err)
			}
		}
		if won != 1 {
			t.Errorf("%d won, want 1", won)
		}
	})
}

func TestAStaleChangeIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		first, err := b.BeginChange(t.Context(), change.Change{ID: "c1", State: change.Sent}, intent)
		if err != nil {
			t.Fatalf("BeginChange: %v", err)
		}
		began := b.clock.Now()
		ended := b.clock.add(time.Minute)
		first.State = change.Done
		second, err := b.UpdateChange(t.Context(), first, ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Actor: vera})
		if err != nil {
			t.Fatalf("UpdateChange: %v", err)
		}
		if second.Version != 2 || !second.CreatedAt.Equal(began) || !second.UpdatedAt.Equal(ended) || !second.SettledAt.Equal(ended) {
			t.Errorf("UpdateChange = %+v, want version 2, settled at %v", second, ended)
		}
		if _, err := b.UpdateChange(t.Context(), first, intent); !errors.Is(err, change.ErrStale) || errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("UpdateChange of a stale change = %v, want ErrStaleChange", err)
		}
		if _, err := b.UpdateChange(t.Context(), change.Change{ID: "none"}); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("UpdateChange of no change = %v, want ErrNotStored", err)
		}
		got := seqs(t, b, ledger.Filter{Change: "c1"}, ledger.Page{})
		if !cmp.Equal(got, []int64{2, 1}) {
			t.Errorf("events of the change = %v, want intent and outcome", got)
		}
	})
}

func TestUnsettledChangesAreListedOldestFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var changes []change.Change
		for i, state := range []change.State{change.Unknown, change.Done, change.Sent, change.Sent} {
			c, err := b.BeginChange(t.Context(), change.Change{ID: fmt.Sprint("c", i), State: state}, intent)
			if err != nil {
				t.Fatalf("BeginChange: %v", err)
			}
			changes = append(changes, c)
			b.clock.add(time.Minute)
		}
		if _, err := b.UpdateChange(t.Context(), changes[0]); err != nil { // touched last
			t.Fatalf("UpdateChange: %v", err)
		}
		for _, tt := range []struct {
			before time.Time
			want   []string
		}{
			{b.clock.Now().Add(time.Microsecond), []string{"c2", "c3", "c0"}},
			{b.clock.Now(), []string{"c2", "c3"}},
			{changes[3].UpdatedAt, []string{"c2"}},
			{changes[0].UpdatedAt, nil},
		} {
			var got []string
			list, err := b.UnsettledChanges(t.Context(), tt.before)
			for _, c := range list {
				got = append(got, c.ID)
			}
			if err != nil || !cmp.Equal(got, tt.want) {
				t.Errorf("UnsettledChanges(%v) = %v, %v, want %v", tt.before, got, err, tt.want)
			}
		}
	})
}
