package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/internal/testdb"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/store"
)

// creating is a change that creates people.
func creating(id string, emails ...string) change.Change {
	c := change.Change{ID: id, Kind: change.CreateUsers, State: change.Queued}
	for _, email := range emails {
		c.People = append(c.People, change.Row{NewUser: sapi.NewUser{Email: email}})
	}
	return c
}

// disabling is a change of one person's status.
func disabling(id string) change.Change {
	c := change.Change{ID: id, Kind: change.DisableUser, State: change.Queued, Company: acme, User: adele}
	c.Subject = change.SubjectOf(c)
	return c
}

// settledAs gives a change the end that it comes to at a time.
func settledAs(c change.Change, s change.State, at time.Time) change.Change {
	c.State, c.UpdatedAt, c.SettledAt, c.Due = s, at, at, time.Time{}
	return c
}

// busyWith says whether an error is that a change is in the way, at a row.
func busyWith(err error, id string, row int) bool {
	busy, ok := errors.AsType[*change.Busy](err)
	return ok && busy.Change.ID == id && busy.Row == row
}

func TestASubjectHasOneUnsettledChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for i, state := range []change.State{change.Proposed, change.Queued, change.Sent, change.Unknown} {
			c := disabling(fmt.Sprint("first ", i))
			c.Subject, c.State = string(state), state
			b.insert(t, c, intent)
			second := disabling(fmt.Sprint("second ", i))
			second.Subject = c.Subject
			_, err := insertIn(t.Context(), b.DB, second, intent)
			if !busyWith(err, c.ID, -1) {
				t.Errorf("InsertChange while another one is %s = %v, want Busy with that one", state, err)
			}
			if busy, ok := errors.AsType[*change.Busy](err); ok && !cmp.Equal(busy.Change.User, adele) {
				t.Errorf("Busy has %+v, want the whole change", busy.Change)
			}
			if held, err := b.UnsettledOf(t.Context(), c.Subject); err != nil || held.ID != c.ID {
				t.Errorf("UnsettledOf(%s) = %s, %v, want the first", c.Subject, held.ID, err)
			}
		}
		for i, state := range []change.State{change.Done, change.Refused, change.Abandoned, change.Declined, change.Cancelled, change.Expired, change.Superseded} {
			first := b.insert(t, disabling(fmt.Sprint("ended ", i)))
			b.update(t, settledAs(first, state, b.clock.Now()))
			if _, err := b.UnsettledOf(t.Context(), first.Subject); !errors.Is(err, portal.ErrNotStored) {
				t.Errorf("UnsettledOf after the change is %s = %v, want ErrNotStored", state, err)
			}
		}
		if n := b.count(t, `SELECT count(*) FROM ledger_event`); n != 4 {
			t.Errorf("%d events, want the intents of the first ones alone", n)
		}
	})
}

func TestAPersonIsCreatedByOneUnsettledChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		first := b.insert(t, creating("first", "bo@acme.example", "Åsa@Bücher.example"), intent)
		for _, spelling := range []string{"ÅSA@bücher.example", "a\u030asa@xn--bcher-kva.example"} {
			_, err := insertIn(t.Context(), b.DB, creating("second", "al@acme.example", "zoe@acme.example", spelling), intent)
			if !busyWith(err, "first", 2) {
				t.Errorf("InsertChange with %+q = %v, want Busy with the first at the third person", spelling, err)
			}
			if busy, ok := errors.AsType[*change.Busy](err); ok && len(busy.Change.People) != 2 {
				t.Errorf("Busy has the people %+v, want the whole change", busy.Change.People)
			}
		}
		b.insert(t, creating("others", "al@acme.example"), intent) // of whom nothing was kept

		// Somebody in an answer who was not sent holds nobody up.
		first.State = change.Unknown
		first.Others = []change.Row{{NewUser: sapi.NewUser{Email: "kim@acme.example"}, Outcome: sapi.ItemUnknown}}
		first = b.update(t, first)
		if _, err := insertIn(t.Context(), b.DB, creating("second", "bo@acme.example"), intent); !busyWith(err, "first", 0) {
			t.Errorf("InsertChange while the first is unknown = %v, want Busy", err)
		}
		b.insert(t, creating("kim", "kim@acme.example"), intent)

		b.update(t, settledAs(first, change.Done, b.clock.Now()))
		b.insert(t, creating("second", "bo@acme.example", "åsa@bücher.example"), intent)
	})
}

// What was read before another change of the subject ended tells nothing of now.
func TestAChangeDecidedByWhatWasReadBeforeAnotherEndedIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ended := b.clock.Now()
		sent := disabling("sent")
		sent.SentAt = ended.Add(-time.Second)
		b.update(t, settledAs(b.insert(t, sent), change.Done, ended))
		unsent := disabling("unsent")
		b.update(t, settledAs(b.insert(t, unsent), change.Cancelled, ended.Add(time.Hour)))

		for i, tt := range []struct {
			seen time.Time
			busy bool
		}{
			{ended.Add(-time.Minute), true},
			{ended.Add(-time.Microsecond), true},
			{ended, false}, // what had ended was seen; and what was not sent has changed nothing
			{time.Time{}, false},
		} {
			c := disabling(fmt.Sprint("c", i))
			c.Seen.At = tt.seen
			stored, err := insertIn(t.Context(), b.DB, c, intent)
			if tt.busy && !busyWith(err, "sent", -1) || !tt.busy && err != nil {
				t.Errorf("InsertChange by what was read at %v = %v, want Busy: %t", tt.seen, err, tt.busy)
			}
			if err == nil {
				b.update(t, settledAs(stored, change.Cancelled, ended))
			}
		}
	})
}

// As of a subject: what was read before another change of a person ended.
func TestAPersonWhoWasSentAfterwardsIsNotSentAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ended := b.clock.Now()
		sent, unsent := creating("sent", "ann@acme.example", "Bo@acme.example"), creating("unsent", "cy@acme.example")
		sent.SentAt = ended.Add(-time.Second)
		sent.Others = []change.Row{{NewUser: sapi.NewUser{Email: "kim@acme.example"}}}
		b.update(t, settledAs(b.insert(t, sent), change.Done, ended))
		b.update(t, settledAs(b.insert(t, unsent), change.Superseded, ended.Add(time.Hour)))

		for i, tt := range []struct {
			seen   time.Time
			emails []string
			row    int // of the person because of whom it is refused; -1 for none
		}{
			{ended.Add(-time.Minute), []string{"al@acme.example", "BO@acme.example"}, 1},
			{ended.Add(-time.Microsecond), []string{"ann@acme.example"}, 0},
			{ended, []string{"ann@acme.example", "bo@acme.example"}, -1},
			{time.Time{}, []string{"ann@acme.example"}, -1},
			{ended.Add(-time.Minute), []string{"cy@acme.example"}, -1},  // was not sent
			{ended.Add(-time.Minute), []string{"kim@acme.example"}, -1}, // was in the answer only
		} {
			c := creating(fmt.Sprint("c", i), tt.emails...)
			c.Seen.At = tt.seen
			stored, err := insertIn(t.Context(), b.DB, c, intent)
			if tt.row >= 0 && !busyWith(err, "sent", tt.row) || tt.row < 0 && err != nil {
				t.Errorf("InsertChange of %v by what was read at %v = %v, want Busy at %d", tt.emails, tt.seen, err, tt.row)
			}
			if err == nil {
				b.update(t, settledAs(stored, change.Cancelled, ended))
			}
		}
		if n := ledgerSize(t, b); n != 4 {
			t.Errorf("%d events, want the intents of those that were stored alone", n)
		}
	})
}

// TestAPersonsChangeThatEndsWhileAnotherOneIsStoredIsSeen has the second insert its
// people while the first is being settled.
func TestAPersonsChangeThatEndsWhileAnotherOneIsStoredIsSeen(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.PostgreSQL(t))
	first, second := creating("first", "ann@acme.example"), creating("second", "ann@acme.example")
	second.Seen.At = b.clock.Now()
	first.SentAt = second.Seen.At
	first = b.insert(t, first)

	inserted := make(chan error, 1)
	tx, err := b.Begin(t.Context())
	must(t, err)
	_, err = b.UpdateChange(t.Context(), tx, settledAs(first, change.Done, second.Seen.At.Add(time.Second)))
	must(t, err)
	go func() {
		_, err := insertIn(t.Context(), b.DB, second, intent)
		inserted <- err
	}()
	waitUntilBlocked(t, b)
	must(t, tx.Commit())
	if err := <-inserted; !busyWith(err, "first", 0) {
		t.Errorf("InsertChange = %v, want Busy with the first", err)
	}
}

func TestOfConcurrentChangesOfASubjectOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.race(t, func(i int) change.Change { return disabling(fmt.Sprint("c", i)) },
			func(_, winner change.Change, err error) bool { return busyWith(err, winner.ID, -1) })
	})
}

func TestOfConcurrentChangesOfAPersonOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		// Each has two of three people, in changing order: so every two have one in common.
		people := []string{"ann@acme.example", "Bo@acme.example", "cy@acme.example"}
		b.race(t, func(i int) change.Change {
			first, second := people[i%3], people[(i+1)%3]
			if i%2 == 0 {
				first, second = second, first
			}
			return creating(fmt.Sprint("c", i), first, second)
		}, func(_, winner change.Change, err error) bool {
			busy, ok := errors.AsType[*change.Busy](err)
			return ok && busy.Change.ID == winner.ID && busy.Row >= 0
		})
	})
}

// credit settles a change by what was found at Symphony, in one transaction, and
// says whom it created. Between, others may do what they do.
func credit(ctx context.Context, db *store.DB, c change.Change, between func()) (created int, err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	credited, err := db.CreditedUsers(ctx, tx, c)
	if err != nil {
		return 0, err
	}
	between()
	for i := range c.People {
		c.People[i].Outcome = sapi.ItemCreated
		if credited[c.People[i].UserID] {
			c.People[i].Outcome = sapi.ItemExists
		} else {
			created++
		}
	}
	c.State = change.Done
	if _, err := db.UpdateChange(ctx, tx, c); err != nil {
		return 0, err
	}
	if err := db.Append(ctx, tx, ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Reconciled, Actor: vera, Change: c.ID}); err != nil {
		return 0, err
	}
	return created, tx.Commit()
}

// TestSomebodyWhoWasFoundIsCreditedToOneChange settles many changes that all name the
// same people, as only changes of before could, at once.
func TestSomebodyWhoWasFoundIsCreditedToOneChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const changes, people = 8, 5
		processes := []*store.DB{b.DB, b.open(t)}
		all := make([]change.Change, changes)
		for i := range all {
			c := creating(fmt.Sprint("c", i))
			for n := range people { // each in an order of its own
				n = (n*(1+i%(people-1)) + i) % people
				c.People = append(c.People, change.Row{NewUser: sapi.NewUser{Email: fmt.Sprintf("P%d@acme.example", n)}, UserID: fmt.Sprint("u", n)})
			}
			all[i] = b.insert(t, settledAs(c, change.Refused, b.clock.Now())) // so that none holds them
		}
		var wg sync.WaitGroup
		created, errs := make([]int, changes), make([]error, changes)
		for i, c := range all {
			wg.Go(func() { created[i], errs[i] = credit(t.Context(), processes[i%2], c, func() {}) })
		}
		wg.Wait()
		sum := 0
		for i := range all {
			sum += created[i]
			if errs[i] != nil {
				t.Errorf("change %d: %v", i, errs[i])
			}
		}
		if sum != people {
			t.Errorf("%d people are said to be created, want %d: %v", sum, people, created)
		}
	})
}

// TestTheSecondToSettleWaitsAndSeesWhomTheFirstCreated has the second transaction
// begin while the first holds its locks.
func TestTheSecondToSettleWaitsAndSeesWhomTheFirstCreated(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.PostgreSQL(t))
	row := func(email, id string) change.Row { return change.Row{NewUser: sapi.NewUser{Email: email}, UserID: id} }
	ann, bo := row("ann@acme.example", "u-ann"), row("bo@acme.example", "u-bo")
	first, second := creating("first"), creating("second")
	first.People, second.People = []change.Row{ann, bo}, []change.Row{bo, ann}
	first = b.insert(t, settledAs(first, change.Refused, b.clock.Now()))
	second = b.insert(t, settledAs(second, change.Refused, b.clock.Now()))

	type end struct {
		created int
		err     error
	}
	ends := make(chan end, 1)
	created, err := credit(t.Context(), b.DB, first, func() {
		go func() {
			created, err := credit(t.Context(), b.DB, second, func() {})
			ends <- end{created, err}
		}()
		waitUntilBlocked(t, b)
	})
	if err != nil || created != 2 {
		t.Errorf("the first created %d, %v, want both", created, err)
	}
	if e := <-ends; e.err != nil || e.created != 0 {
		t.Errorf("the second created %d, %v, want nobody", e.created, e.err)
	}
}

// TestAnAnswerThatComesWhileItsChangeIsSettledIsNoDeadlock has the sender, who was
// taken for lost, write its answer while another process settles the change.
func TestAnAnswerThatComesWhileItsChangeIsSettledIsNoDeadlock(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.PostgreSQL(t))
	c := creating("c", "ann@acme.example", "bo@acme.example")
	c.State = change.Unknown
	c.People[0].UserID, c.People[1].UserID = "u-ann", "u-bo"
	c = b.insert(t, c)

	answer := make(chan error, 1)
	created, err := credit(t.Context(), b.DB, c, func() {
		go func() {
			_, err := updateIn(t.Context(), b.DB, settledAs(c, change.Done, b.clock.Now()), intent)
			answer <- err
		}()
		waitUntilBlocked(t, b)
	})
	if err != nil || created != 2 {
		t.Errorf("the settling created %d, %v, want both", created, err)
	}
	if err := <-answer; !errors.Is(err, change.ErrStale) {
		t.Errorf("UpdateChange with the answer = %v, want ErrStale", err)
	}
}

// waitUntilBlocked returns when somebody waits for another's lock.
func waitUntilBlocked(t *testing.T, b bench) {
	t.Helper()
	for t.Context().Err() == nil {
		var n int
		must(t, b.admin.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n))
		if n > 0 {
			return
		}
	}
}

func TestACompanyThatWasFoundIsCreditedToOneChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		building := func(id string, state change.State, company string) change.Change {
			c := change.Change{ID: id, Kind: change.CreateCompany, State: state, NewCompany: sapi.NewCompany{VanityName: "Acme"}, Company: ledger.Company{ID: company}}
			c.Subject = change.SubjectOf(c)
			return b.insert(t, c)
		}
		for _, tt := range []struct {
			other     string
			state     change.State
			companyID string
			want      bool
		}{
			{"refused", change.Refused, "k1", false},
			{"another company", change.Done, "k2", false},
			{"done", change.Done, "k1", true},
		} {
			building(tt.other, tt.state, tt.companyID)
			mine := change.Change{ID: "mine", Kind: change.CreateCompany, Company: ledger.Company{ID: "k1"}, NewCompany: sapi.NewCompany{VanityName: "acme"}}
			tx, err := b.Begin(t.Context())
			must(t, err)
			if got, err := b.CreditedCompany(t.Context(), tx, mine); err != nil || got != tt.want {
				t.Errorf("CreditedCompany beside one that is %s = %t, %v, want %t", tt.other, got, err, tt.want)
			}
			done := mine
			done.ID = "done"
			if got, err := b.CreditedCompany(t.Context(), tx, done); err != nil || got {
				t.Errorf("CreditedCompany of the one that created it = %t, %v, want false", got, err)
			}
			must(t, tx.Rollback())
		}
	})
}

// TestTheSecondToFindACompanyWaitsAndSeesThatItIsCredited settles two changes of one
// vanity name, as only changes of before could be unsettled at once: the second of them
// has the subject from its end on.
func TestTheSecondToFindACompanyWaitsAndSeesThatItIsCredited(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.PostgreSQL(t))
	unknown := func(id, subject string) change.Change {
		return b.insert(t, change.Change{
			ID: id, Kind: change.CreateCompany, State: change.Unknown, Subject: subject, NewCompany: sapi.NewCompany{VanityName: "Acme"},
		})
	}
	settle := func(c change.Change, between func()) (credited bool, err error) {
		tx, err := b.Begin(t.Context())
		if err != nil {
			return false, err
		}
		defer func() { _ = tx.Rollback() }()
		c.Company.ID = "k1"
		other, err := b.CreditedCompany(t.Context(), tx, c)
		if err != nil {
			return false, err
		}
		between()
		if c.State = change.Done; other {
			c.State = change.Refused
		}
		if _, err := b.UpdateChange(t.Context(), tx, c); err != nil {
			return false, err
		}
		return !other, tx.Commit()
	}
	holder, second := unknown("holder", "company:acme"), unknown("second", "")

	type end struct {
		credited bool
		err      error
	}
	ends := make(chan end, 1)
	credited, err := settle(second, func() {
		go func() {
			credited, err := settle(holder, func() {})
			ends <- end{credited, err}
		}()
		waitUntilBlocked(t, b)
	})
	if err != nil || !credited {
		t.Errorf("the first to settle is credited: %t, %v, want true", credited, err)
	}
	if e := <-ends; e.err != nil || e.credited {
		t.Errorf("the one that waited is credited: %t, %v, want false", e.credited, e.err)
	}
}
