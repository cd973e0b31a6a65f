package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
)

func TestObservationsArePeoplesRunsOfReadings(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if since, err := b.ObservingSince(t.Context(), "k"); err != nil || !since.IsZero() {
			t.Errorf("ObservingSince = %v, %v, want never", since, err)
		}
		start := b.clock.Now()
		minute := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
		for _, r := range []struct {
			company, user string
			minute        int
			status        sapi.Status
		}{
			{"k", "1", 1, sapi.StatusActive},
			{"k", "1", 2, sapi.StatusActive},
			{"k", "2", 2, sapi.StatusUnknown},
			{"k", "1", 3, sapi.StatusDisabled},
			{"k", "1", 4, sapi.StatusActive},
			{"k", "3", 5, sapi.StatusDisabled},
			{"other", "1", 0, sapi.StatusDisabled},
		} {
			if err := b.saveUsers(t.Context(), r.company, readAt(minute(r.minute), user(r.user, r.status)), nil); err != nil {
				t.Fatalf("SaveUsers: %v", err)
			}
		}

		got, err := b.Observations(t.Context(), "k", []string{"1", "2", "3", "\x00\xff", ""})
		want := map[string][]directory.Observation{
			"1": {
				{Status: sapi.StatusActive, First: minute(1), Last: minute(2)},
				{Status: sapi.StatusDisabled, First: minute(3), Last: minute(3)},
				{Status: sapi.StatusActive, First: minute(4), Last: minute(4)},
			},
			"3": {{Status: sapi.StatusDisabled, First: minute(5), Last: minute(5)}},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Observations, %v (-want +got):\n%s", err, diff)
		}
		if since, err := b.ObservingSince(t.Context(), "k"); err != nil || !since.Equal(minute(1)) {
			t.Errorf("ObservingSince = %v, %v, want %v", since, err, minute(1))
		}
		if got, err := b.Observations(t.Context(), "k", nil); err != nil || len(got) != 0 {
			t.Errorf("Observations of nobody = %v, %v", got, err)
		}
	})
}

// noticed collects what SaveUsers gives notice of.
type noticed struct {
	mu       sync.Mutex
	readings []directory.StatusReading
}

func (n *noticed) notice(readings []directory.StatusReading) []ledger.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.readings = append(n.readings, readings...)
	var events []ledger.Event
	for _, r := range readings {
		if r.Status != r.Last.Status {
			events = append(events, ledger.Event{Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Company: ledger.Company{ID: "k"}, Users: []ledger.User{{ID: r.ID}}})
		}
	}
	return events
}

func TestNoticeIsGivenOfWhoWasObservedBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		first := b.clock.Now()
		if err := b.saveUsers(t.Context(), "k", readAt(first, user("1", sapi.StatusActive), user("2", sapi.StatusActive), user("3", sapi.StatusActive)), nil); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}
		change := ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Intent, Change: "c1", Company: ledger.Company{ID: "k"}, Users: []ledger.User{{ID: "1"}}}
		b.record(t, change)

		second := b.clock.add(time.Minute)
		saved := readAt(second, user("1", sapi.StatusDisabled), user("2", sapi.StatusUnknown), user("3", sapi.StatusActive), user("4", sapi.StatusActive))
		saved[2].ReadAt = first.Add(-time.Second) // late
		var n noticed
		if err := b.saveUsers(t.Context(), "k", saved, n.notice); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}

		if len(n.readings) != 1 || len(n.readings[0].Events) != 1 {
			t.Fatalf("notice of %+v, want of 1 alone, with the change that was sent", n.readings)
		}
		r := n.readings[0]
		want := directory.StatusReading{UserReading: saved[0], Last: directory.Observation{Status: sapi.StatusActive, First: first, Last: first}, Events: r.Events}
		if diff := cmp.Diff(want, r); diff != "" || r.Events[0].Change != "c1" {
			t.Errorf("notice (-want +got):\n%s", diff)
		}
		if got := seqs(t, b, ledger.Filter{Action: ledger.StatusOutside, UserID: "1"}, ledger.Page{}); len(got) != 1 {
			t.Errorf("events = %v, want the one that notice made", got)
		}
	})
}

func TestReplicasNoticeAChangeOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if err := b.saveUsers(t.Context(), "k", readAt(b.clock.Now(), user("1", sapi.StatusActive), user("2", sapi.StatusActive)), nil); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}
		replicas := []bench{b, {DB: b.open(t)}}
		var n noticed
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				at := b.clock.Now().Add(time.Minute + time.Duration(i)*time.Millisecond)
				if err := replicas[i%2].saveUsers(t.Context(), "k", readAt(at, user("1", sapi.StatusDisabled), user("2", sapi.StatusDisabled)), n.notice); err != nil {
					t.Errorf("SaveUsers: %v", err)
				}
			})
		}
		wg.Wait()
		if got := seqs(t, b, ledger.Filter{Action: ledger.StatusOutside}, ledger.Page{}); len(got) != 2 {
			t.Errorf("events = %v, want one for each person", got)
		}
	})
}

func TestAReadingThatCantBeRecordedIsNotStored(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if err := b.saveUsers(t.Context(), "k", readAt(b.clock.Now(), user("1", sapi.StatusActive)), nil); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}
		bad := ledger.Event{Action: ledger.StatusOutside, Before: []byte("{")}
		err := b.saveUsers(t.Context(), "k", readAt(b.clock.add(time.Minute), user("1", sapi.StatusDisabled)), func([]directory.StatusReading) []ledger.Event { return []ledger.Event{bad} })
		if !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("SaveUsers = %v, want ErrNotRecorded", err)
		}
		if known, err := b.Users(t.Context(), "k", []string{"1"}); err != nil || known["1"].Status != sapi.StatusActive {
			t.Errorf("status = %v, %v, want the one before", known["1"].Status, err)
		}
	})
}

func TestStatusEventsAreOfThesePeopleInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		event := func(action ledger.Action, outcome ledger.Outcome, company string, users ...string) ledger.Event {
			e := ledger.Event{Action: action, Outcome: outcome, Company: ledger.Company{ID: company}}
			for _, id := range users {
				e.Users = append(e.Users, ledger.User{ID: id})
			}
			return e
		}
		b.record(t,
			event(ledger.DisableUser, ledger.Intent, "k", "1"),
			event(ledger.CreateUsers, ledger.Succeeded, "k", "1", "2"),
			event(ledger.DisableUser, ledger.Succeeded, "k", "1"),
			event(ledger.EnableUser, ledger.Succeeded, "k", "2"),
			event(ledger.EnableUser, ledger.Succeeded, "other", "1"),
			event(ledger.DisableUser, ledger.Succeeded, "k", "3"),
			event(ledger.EnableUser, ledger.Reconciled, "k", "1", "3"),
		)
		events, err := b.StatusEvents(t.Context(), "k", []string{"1", "2", "4", ""})
		if err != nil {
			t.Fatalf("StatusEvents: %v", err)
		}
		got := map[string][]int64{}
		for id, of := range events {
			for _, e := range of {
				got[id] = append(got[id], e.Seq)
			}
		}
		if diff := cmp.Diff(map[string][]int64{"1": {1, 3, 7}, "2": {4}}, got); diff != "" {
			t.Errorf("StatusEvents (-want +got):\n%s", diff)
		}
	})
}

func TestACompanysPeopleArePagedByTheirCreation(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var users []sapi.User
		for i := range 25 {
			u := user(fmt.Sprintf("%02d", (i*7)%25), sapi.StatusActive)
			u.CreatedAt = start.Add(time.Duration(i/2) * time.Hour) // two at a time
			if i == 0 {
				u.CreatedAt = time.Time{} // Symphony didn’t say
			}
			users = append(users, u)
		}
		if err := b.saveUsers(t.Context(), "k", readAt(b.clock.Now(), users...), nil); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}
		if err := b.saveUsers(t.Context(), "other", readAt(b.clock.Now(), user("99", sapi.StatusActive)), nil); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}
		slices.SortFunc(users, func(x, y sapi.User) int {
			if order := x.CreatedAt.Compare(y.CreatedAt); order != 0 {
				return order
			}
			return slices.Compare([]byte(x.ID), []byte(y.ID))
		})

		var got []sapi.User
		var last directory.UserRecord
		for {
			page, err := b.CompanyUsers(t.Context(), "k", last, 4)
			if err != nil {
				t.Fatalf("CompanyUsers: %v", err)
			}
			if len(page) == 0 {
				break
			}
			for _, u := range page {
				got = append(got, u.User)
			}
			last = page[len(page)-1]
		}
		if diff := cmp.Diff(users, got); diff != "" {
			t.Errorf("CompanyUsers (-want +got):\n%s", diff)
		}
		if n, err := b.CountUsers(t.Context(), "k"); err != nil || n != 25 {
			t.Errorf("CountUsers = %d, %v, want 25", n, err)
		}
	})
}
