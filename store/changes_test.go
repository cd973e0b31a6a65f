package store_test

import (
	"context"
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
	"foyer/store"
)

// insertIn stores a new change with its events in one transaction, as proposing does.
func insertIn(ctx context.Context, db *store.DB, c change.Change, events ...ledger.Event) (change.Change, error) {
	return storeIn(ctx, db, db.InsertChange, c, events)
}

// updateIn stores how far a change has come with its events, as the engine does.
func updateIn(ctx context.Context, db *store.DB, c change.Change, events ...ledger.Event) (change.Change, error) {
	return storeIn(ctx, db, db.UpdateChange, c, events)
}

func storeIn(ctx context.Context, db *store.DB, keep func(context.Context, portal.Tx, change.Change) (change.Change, error), c change.Change, events []ledger.Event) (change.Change, error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return change.Change{}, err
	}
	defer func() { _ = tx.Rollback() }()
	kept, err := keep(ctx, tx, c)
	if err != nil {
		return kept, err
	}
	for i := range events {
		events[i].Change = c.ID
	}
	if len(events) > 0 {
		if err := db.Append(ctx, tx, events...); err != nil {
			return change.Change{}, err
		}
	}
	return kept, tx.Commit()
}

func (b bench) insert(t testing.TB, c change.Change, events ...ledger.Event) change.Change {
	t.Helper()
	c, err := insertIn(t.Context(), b.DB, c, events...)
	if err != nil {
		t.Fatalf("InsertChange(%s): %v", c.ID, err)
	}
	return c
}

func (b bench) update(t testing.TB, c change.Change, events ...ledger.Event) change.Change {
	t.Helper()
	c, err := updateIn(t.Context(), b.DB, c, events...)
	if err != nil {
		t.Fatalf("UpdateChange: %v", err)
	}
	return c
}

var intent = ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Intent, Actor: vera}

// wholeChange is a change with every field set.
func wholeChange(at time.Time) change.Change {
	problem := &portal.Problem{
		Title: "Bad Request", Detail: "No.", Operation: "createUsers", Method: "POST", Path: "/api/v2/x",
		Status: 400, Code: "40001", TraceID: "t1", At: at, RetryAfter: time.Minute,
	}
	row := func(name string) change.Row {
		return change.Row{
			NewUser: sapi.NewUser{
				Email: name + "@acme.example", FirstName: name, LastName: "B", DisplayName: name + " B", Title: "Dr", Department: "D", Location: "L", PhoneNumber: "+331",
			},
			Outcome: sapi.ItemRefused, UserID: "u-" + name, Problem: problem,
		}
	}
	return change.Change{
		ID: "c1", Bulk: 118, Version: 1, Kind: change.CreateUsers, State: change.Unknown, LostBy: change.ProcessStopped, Token: "token-1", Subject: "user:k1/u1",
		Actor: vera, Company: ledger.Company{ID: "k1", Name: "Acme"}, User: ledger.User{ID: "u1", Email: "a@acme.example", Name: "A", Result: "created", Note: "n"},
		NewCompany: sapi.NewCompany{Name: "Acme", VanityName: "acme", EmailDomains: []string{"acme.example"}},
		Domains:    []string{"acme.test"},
		People:     []change.Row{row("zoe"), row("ann")}, // in the order of the form, and of no other
		Others:     []change.Row{row("max"), row("bea")},
		Reason:     "because", Ticket: "INC-1",
		Seen: change.Seen{At: at.Add(-time.Second), Status: sapi.StatusActive, EmailDomains: []string{"acme.example"}, People: []string{"u-ann"}, ClockAhead: 7 * time.Minute},
		From: at.Add(-time.Hour), Before: at.Add(time.Hour),
		Reconciled: true, Corrected: true, Code: change.AnswerLost, Note: "a note", Problem: problem,
		Tries: 3, Absences: 2, AbsentSince: at.Add(2 * time.Second), LookedAt: at.Add(3 * time.Second), Due: at.Add(time.Minute),
		CreatedAt: at, UpdatedAt: at.Add(4 * time.Second), Claim: "claim-1", SentAt: at.Add(5 * time.Second), UnknownAt: at.Add(6 * time.Second), SettledAt: at.Add(7 * time.Second),
		Erased: true,
	}
}

// everyFieldIsSet fails when a value has a zero field, which no round trip would show.
func everyFieldIsSet(t *testing.T, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("the test forgets the field %s of %s", v.Type().Field(i).Name, v.Type())
		}
	}
}

func TestAChangeComesBackAsItWasStored(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		want := wholeChange(b.clock.Now())
		for _, v := range []any{want, want.Seen, want.NewCompany, want.People[0], want.People[0].NewUser, *want.Problem} {
			everyFieldIsSet(t, reflect.ValueOf(v))
		}
		if diff := cmp.Diff(want, b.insert(t, want, intent)); diff != "" {
			t.Errorf("InsertChange (-want +got):\n%s", diff)
		}
		comesBack := func(want change.Change) {
			t.Helper()
			for name, read := range map[string]func() (change.Change, error){
				"Change":        func() (change.Change, error) { return b.Change(t.Context(), "c1") },
				"ChangeByToken": func() (change.Change, error) { return b.ChangeByToken(t.Context(), "token-1") },
				"UnsettledOf":   func() (change.Change, error) { return b.UnsettledOf(t.Context(), "user:k1/u1") },
				"UnsettledChanges": func() (change.Change, error) {
					changes, total, err := b.UnsettledChanges(t.Context(), 1)
					if err != nil || len(changes) != 1 || total != 1 {
						t.Fatalf("UnsettledChanges = %d of %d, %v, want one", len(changes), total, err)
					}
					return changes[0], nil
				},
			} {
				got, err := read()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		}
		comesBack(want)

		// What is found out later is stored as well, with others in the answer than before.
		found := want
		found.Company.ID, found.User.ID, found.Tries, found.Absences, found.Code, found.Note, found.Erased = "k2", "u2", 4, 0, change.CantRead, "", false
		for _, at := range []*time.Time{&found.Due, &found.UpdatedAt, &found.SentAt, &found.UnknownAt, &found.SettledAt, &found.LookedAt, &found.AbsentSince} {
			*at = at.Add(time.Hour)
		}
		found.People = []change.Row{want.People[0], want.People[1]}
		found.People[0].Outcome, found.People[0].UserID, found.People[0].Problem = sapi.ItemCreated, "u-9", nil
		found.Others = append([]change.Row{}, want.Others...)
		found.Others[1].Outcome = sapi.ItemExists
		found.Others = append(found.Others, change.Row{NewUser: sapi.NewUser{Email: "kim@acme.example"}, Outcome: sapi.ItemUnknown, UserID: "u-kim"})
		updated := b.update(t, found, intent)
		found.Version = 2
		if diff := cmp.Diff(found, updated); diff != "" {
			t.Errorf("UpdateChange (-want +got):\n%s", diff)
		}
		comesBack(found)

		if _, err := b.Change(t.Context(), "c2"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change(c2) = %v, want ErrNotStored", err)
		}
		for name, read := range map[string]func(context.Context, string) (change.Change, error){"ChangeByToken": b.ChangeByToken, "UnsettledOf": b.UnsettledOf} {
			if _, err := read(t.Context(), ""); !errors.Is(err, portal.ErrNotStored) {
				t.Errorf("%s of nothing = %v, want ErrNotStored", name, err)
			}
		}
	})
}

func TestAChangeIsCommittedTogetherWithItsIntent(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.insert(t, change.Change{ID: "c1", Kind: change.EnableUser, State: change.Sent}, intent)
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
		people := []change.Row{{NewUser: sapi.NewUser{Email: "ann@acme.example"}}}
		_, err := insertIn(t.Context(), b.DB, change.Change{ID: "c1", State: change.Queued, Subject: "s", People: people}, bad)
		if !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Append = %v, want ErrNotRecorded", err)
		}
		if _, err := b.Change(t.Context(), "c1"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change = %v, want ErrNotStored", err)
		}

		c := b.insert(t, change.Change{ID: "c2", State: change.Unknown, Subject: "s", People: people}, intent) // nobody holds it
		c.People = []change.Row{{NewUser: people[0].NewUser, Outcome: sapi.ItemCreated}}
		// The first outcome is good, and is rolled back with the second.
		if _, err := updateIn(t.Context(), b.DB, c, intent, bad); !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Append = %v, want ErrNotRecorded", err)
		}
		if got, err := b.Change(t.Context(), "c2"); err != nil || got.Version != 1 || got.People[0].Outcome != "" {
			t.Errorf("Change = version %d, %v, %v, want 1 and nobody created", got.Version, got.People, err)
		}
		b.record(t, intent)
		if got := seqs(t, b, ledger.Filter{}, ledger.Page{}); !cmp.Equal(got, []int64{2, 1}) {
			t.Errorf("Events = %v, want no gap after what was rolled back", got)
		}
	})
}

func TestAFormTokenIsGoodForOneChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.insert(t, change.Change{ID: "c1", Token: "t", Note: "first"}, intent)
		earlier, err := insertIn(t.Context(), b.DB, change.Change{ID: "c2", Token: "t"}, intent)
		if !errors.Is(err, portal.ErrTokenUsed) || errors.Is(err, ledger.ErrNotRecorded) || earlier.ID != "c1" || earlier.Note != "first" {
			t.Errorf("InsertChange = %+v, %v, want the first change and ErrTokenUsed", earlier, err)
		}
		if _, err := b.Change(t.Context(), "c2"); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change(c2) = %v, want ErrNotStored", err)
		}
		if got := seqs(t, b, ledger.Filter{}, ledger.Page{}); len(got) != 1 {
			t.Errorf("%d events, want the first change's intent alone", len(got))
		}
		for _, id := range []string{"c3", "c4"} { // without a form
			b.insert(t, change.Change{ID: id}, intent)
		}
	})
}

func TestOfConcurrentSendersOfAFormOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		won := b.race(t, func(i int) change.Change {
			return change.Change{ID: fmt.Sprint("c", i), Token: "t", Subject: "s", State: change.Queued}
		}, func(earlier, winner change.Change, err error) bool {
			return errors.Is(err, portal.ErrTokenUsed) && earlier.ID == winner.ID
		})
		if got := seqs(t, b, ledger.Filter{Change: won.ID}, ledger.Page{}); len(got) != 1 {
			t.Errorf("%d events, want the winner's intent alone", len(got))
		}
	})
}

// race has twenty goroutines insert changes at once into one database that two
// processes have open. One must win; lost says whether the others were told rightly.
func (b bench) race(t *testing.T, racer func(i int) change.Change, lost func(earlier, winner change.Change, err error) bool) change.Change {
	t.Helper()
	const racers = 20
	processes := []*store.DB{b.DB, b.open(t)}
	var wg sync.WaitGroup
	got, errs := make([]change.Change, racers), make([]error, racers)
	begin := make(chan struct{})
	for i := range racers {
		wg.Go(func() {
			<-begin
			got[i], errs[i] = insertIn(t.Context(), processes[i%2], racer(i), intent)
		})
	}
	close(begin)
	wg.Wait()
	var won []change.Change
	for i, err := range errs {
		if err == nil {
			won = append(won, got[i])
		}
	}
	if len(won) != 1 {
		t.Fatalf("%d won, want 1: %v", len(won), errs)
	}
	for i, err := range errs {
		if err != nil && !lost(got[i], won[0], err) {
			t.Errorf("InsertChange = %s, %v, want that %s was before", got[i].ID, err, won[0].ID)
		}
	}
	if n := ledgerSize(t, b); n != 1 {
		t.Errorf("%d events are recorded, want the winner’s intent alone", n)
	}
	return won[0]
}

func TestAStaleChangeIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		began := b.clock.Now()
		first := b.insert(t, change.Change{ID: "c1", State: change.Sent, CreatedAt: began, UpdatedAt: began}, intent)
		ended := b.clock.add(time.Minute)
		first.State, first.UpdatedAt, first.SettledAt = change.Done, ended, ended
		second := b.update(t, first, ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Actor: vera})
		if second.Version != 2 || !second.CreatedAt.Equal(began) || !second.UpdatedAt.Equal(ended) || !second.SettledAt.Equal(ended) {
			t.Errorf("UpdateChange = %+v, want version 2, settled at %v", second, ended)
		}
		first.State = change.Refused
		if _, err := updateIn(t.Context(), b.DB, first, intent); !errors.Is(err, change.ErrStale) || errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("UpdateChange of a stale change = %v, want ErrStale", err)
		}
		if now, err := b.Change(t.Context(), "c1"); err != nil || now.State != change.Done {
			t.Errorf("Change = %s, %v, want done", now.State, err)
		}
		if _, err := updateIn(t.Context(), b.DB, change.Change{ID: "none"}); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("UpdateChange of no change = %v, want ErrNotStored", err)
		}
		got := seqs(t, b, ledger.Filter{Change: "c1"}, ledger.Page{})
		if !cmp.Equal(got, []int64{2, 1}) {
			t.Errorf("events of the change = %v, want intent and outcome", got)
		}
	})
}

func TestUnsettledChangesAreListedTheLastTouchedFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var changes []change.Change
		for i, state := range []change.State{change.Unknown, change.Done, change.Sent, change.Queued, change.Refused, change.Proposed} {
			row := change.Row{NewUser: sapi.NewUser{Email: fmt.Sprintf("p%d@acme.example", i)}}
			changes = append(changes, b.insert(t, change.Change{ID: fmt.Sprint("c", i), State: state, UpdatedAt: b.clock.Now(), People: []change.Row{row}}, intent))
			b.clock.add(time.Minute)
		}
		changes[0].UpdatedAt = b.clock.Now() // touched last
		b.update(t, changes[0])
		for _, tt := range []struct {
			limit int
			want  []string
		}{
			{0, nil},
			{1, []string{"c0"}},
			{3, []string{"c0", "c5", "c3"}},
			{4, []string{"c0", "c5", "c3", "c2"}},
			{100, []string{"c0", "c5", "c3", "c2"}},
		} {
			var got []string
			list, total, err := b.UnsettledChanges(t.Context(), tt.limit)
			for _, c := range list {
				got = append(got, c.ID)
				if want := "p" + c.ID[1:] + "@acme.example"; len(c.People) != 1 || c.People[0].Email != want {
					t.Errorf("the people of %s are %+v, want %s", c.ID, c.People, want)
				}
			}
			if err != nil || !cmp.Equal(got, tt.want) || total != 4 {
				t.Errorf("UnsettledChanges(%d) = %v of %d, %v, want %v of 4", tt.limit, got, total, err, tt.want)
			}
		}
	})
}

func TestDueChangesAreThoseOfWhichTheTimeHasCome(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		now := b.clock.Now()
		for _, c := range []struct {
			id    string
			state change.State
			due   time.Duration
		}{
			{"b", change.Queued, -3 * time.Minute},
			{"a", change.Queued, -3 * time.Minute},
			{"sent", change.Sent, -time.Minute},
			{"recheck", change.Refused, -2 * time.Minute},
			{"now", change.Unknown, 0},
			{"later", change.Unknown, time.Minute},
		} {
			b.insert(t, change.Change{ID: c.id, State: c.state, Due: now.Add(c.due), SentAt: now.Add(-time.Hour)}, intent)
		}
		b.insert(t, change.Change{ID: "never", State: change.Proposed}, intent)
		for _, tt := range []struct {
			before time.Time
			limit  int
			want   []string
		}{
			{now, 10, []string{"a", "b", "recheck", "sent"}},
			{now, 3, []string{"a", "b", "recheck"}},
			{now.Add(time.Microsecond), 10, []string{"a", "b", "recheck", "sent", "now"}},
			{now.Add(time.Hour), 10, []string{"a", "b", "recheck", "sent", "now", "later"}},
			{now.Add(-time.Hour), 10, nil},
		} {
			var got []string
			due, err := b.DueChanges(t.Context(), tt.before, tt.limit)
			for _, d := range due {
				got = append(got, d.ID)
			}
			if err != nil || !cmp.Equal(got, tt.want) {
				t.Errorf("DueChanges(%v, %d) = %v, %v, want %v", tt.before, tt.limit, got, err, tt.want)
			}
		}
		due, err := b.DueChanges(t.Context(), now, 4)
		want := change.DueChange{ID: "sent", Version: 1, State: change.Sent, SentAt: now.Add(-time.Hour)}
		if err != nil || !cmp.Equal(due[3], want) {
			t.Errorf("DueChanges = %+v, %v, want %+v", due[3], err, want)
		}
	})
}
