package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
)

func company(id, name string, state sapi.CompanyState) sapi.Company {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	return sapi.Company{
		ID: id, Name: name, VanityName: "v-" + id, EmailDomains: []string{id + ".example", id + ".test"}, PublicURL: "https://x.on.symphony.com",
		State: state, ErrorMessage: "trace 1", CreatedAt: at, UpdatedAt: at.Add(time.Hour),
	}
}

func TestCompaniesAreTheListLastRead(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if list, at, err := b.Companies(t.Context()); err != nil || len(list) != 0 || !at.IsZero() {
			t.Errorf("Companies = %v, %v, %v, want never read", list, at, err)
		}
		first := b.clock.Now()
		acme, bolt := company("a", "Acme", sapi.StateStarted), company("b", "Bolt", sapi.StateCompleted)
		if err := b.saveCompanies(t.Context(), []sapi.Company{bolt, acme}, first); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		if err := b.saveTotal(t.Context(), "b", 12, first); err != nil {
			t.Fatalf("SaveTotal: %v", err)
		}
		wantA := directory.CompanyRecord{Company: acme, ReadAt: first, StateSeenAt: first}
		wantB := directory.CompanyRecord{Company: bolt, ReadAt: first, StateSeenAt: first, People: 12, PeopleReadAt: first}
		list, at, err := b.Companies(t.Context())
		if diff := cmp.Diff([]directory.CompanyRecord{wantA, wantB}, list); err != nil || diff != "" || !at.Equal(first) {
			t.Errorf("Companies at %v, %v (-want +got):\n%s", at, err, diff)
		}

		// A new state is seen for the first time; the same one is not.
		second := b.clock.add(time.Hour)
		acme.State = sapi.StateTenantCreated
		if err := b.saveCompany(t.Context(), acme, second); err != nil {
			t.Fatalf("SaveCompany: %v", err)
		}
		third := b.clock.add(time.Hour)
		if err := b.saveCompany(t.Context(), acme, third); err != nil {
			t.Fatalf("SaveCompany: %v", err)
		}
		wantA.State, wantA.ReadAt, wantA.StateSeenAt = sapi.StateTenantCreated, third, second
		got, err := b.Company(t.Context(), "a")
		if diff := cmp.Diff(wantA, got); err != nil || diff != "" {
			t.Errorf("Company, %v (-want +got):\n%s", err, diff)
		}

		// A list read before is late: it neither takes back what is known of Acme,
		// nor forgets it.
		if err := b.saveCompanies(t.Context(), []sapi.Company{bolt}, second); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		if got, err := b.Company(t.Context(), "a"); err != nil || got.State != sapi.StateTenantCreated {
			t.Errorf("Company = %v, %v, want it kept", got.State, err)
		}
		// A list read later has it as one that is not listed any more.
		if err := b.saveCompanies(t.Context(), []sapi.Company{bolt}, b.clock.add(time.Hour)); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		if got, err := b.Company(t.Context(), "a"); err != nil || !got.NotListedAt.Equal(b.clock.Now()) || !got.ReadAt.Equal(third) {
			t.Errorf("Company = not listed since %v, as of %v, %v, want it kept", got.NotListedAt, got.ReadAt, err)
		}
		// And an older list changes nothing any more.
		if err := b.saveCompanies(t.Context(), []sapi.Company{acme}, first); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		list, at, err = b.Companies(t.Context())
		if err != nil || len(list) != 2 || list[0].NotListedAt.IsZero() || !list[1].NotListedAt.IsZero() || !at.Equal(b.clock.Now()) {
			t.Errorf("Companies = %v, %v, %v, want Acme not listed, and Bolt", list, at, err)
		}
		// It may be listed again.
		if err := b.saveCompanies(t.Context(), []sapi.Company{acme, bolt}, b.clock.add(time.Hour)); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		if got, err := b.Company(t.Context(), "a"); err != nil || !got.NotListedAt.IsZero() {
			t.Errorf("Company = not listed since %v, %v, want it listed", got.NotListedAt, err)
		}
	})
}

func user(id string, status sapi.Status) sapi.User {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	return sapi.User{
		ID: id, SymphonyUserID: 1<<53 + 1, Email: "Ann." + id + "@Acme.example", FirstName: "Ann", LastName: "O'Neil", DisplayName: "Ann",
		Status: status, PhoneNumber: "+33 1", Department: "D", Title: "T", Location: "L", CreatedAt: at, UpdatedAt: at,
	}
}

// readAt are people as all of them were read at one time.
func readAt(at time.Time, users ...sapi.User) []directory.UserReading {
	readings := make([]directory.UserReading, len(users))
	for i, u := range users {
		readings[i] = directory.UserReading{User: u, ReadAt: at}
	}
	return readings
}

func TestUsersAreKnownAsLastRead(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		save := func(at time.Time, users ...sapi.User) {
			t.Helper()
			if err := b.saveUsers(t.Context(), "k", readAt(at, users...), nil); err != nil {
				t.Fatalf("SaveUsers: %v", err)
			}
		}
		first := b.clock.Now()
		save(first, user("1", sapi.StatusActive), user("2", sapi.StatusUnknown))
		save(first)

		// A list tells no status: the one that was told stays, with its time.
		second := b.clock.add(time.Minute)
		renamed := user("1", sapi.StatusUnknown)
		renamed.LastName = "Smith"
		save(second, renamed)
		want := directory.UserRecord{User: renamed, CompanyID: "k", ReadAt: second, Source: directory.FromDetail, StatusAt: first}
		want.Status = sapi.StatusActive
		known, err := b.Users(t.Context(), "k", []string{"1", "2", "3"})
		if err != nil || len(known) != 2 {
			t.Fatalf("Users = %d, %v, want 2", len(known), err)
		}
		if diff := cmp.Diff(want, known["1"]); diff != "" {
			t.Errorf("Users (-want +got):\n%s", diff)
		}
		if u := known["2"]; u.Status != sapi.StatusUnknown || !u.StatusAt.IsZero() {
			t.Errorf("status of 2 = %v at %v, want never told", u.Status, u.StatusAt)
		}

		// A reading that comes in late: its names are old, its status is news.
		between := first.Add(time.Second)
		save(between, user("1", sapi.StatusDisabled))
		known, err = b.Users(t.Context(), "k", []string{"1"})
		if u := known["1"]; err != nil || u.LastName != "Smith" || u.Status != sapi.StatusDisabled || !u.StatusAt.Equal(between) {
			t.Errorf("after a late reading: %q, %v at %v, %v", u.LastName, u.Status, u.StatusAt, err)
		}

		for _, tt := range []struct {
			key  directory.UserKey
			want int
		}{
			{directory.UserKey{Email: "ann.1@acme.example"}, 1},
			{directory.UserKey{Email: "Ann.1@acme.example"}, 0}, // not normalised
			{directory.UserKey{ID: "2"}, 1},
			{directory.UserKey{SymphonyUserID: 1<<53 + 1}, 2},
			{directory.UserKey{SymphonyUserID: 1 << 53}, 0},
		} {
			if got, err := b.FindUsers(t.Context(), tt.key); err != nil || len(got) != tt.want {
				t.Errorf("FindUsers(%+v) = %d, %v, want %d", tt.key, len(got), err, tt.want)
			}
		}
		if _, err := b.FindUsers(t.Context(), directory.UserKey{}); err == nil {
			t.Error("FindUsers by nothing finds somebody")
		}
		if known, err := b.Users(t.Context(), "k", nil); err != nil || len(known) != 0 {
			t.Errorf("Users of nobody = %v, %v", known, err)
		}
	})
}

func TestARunOfTheSameStatusIsOneObservation(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		start := b.clock.Now()
		for _, r := range []struct {
			minute int
			status sapi.Status
		}{
			{0, sapi.StatusActive},
			{1, sapi.StatusActive},
			{2, sapi.StatusUnknown},
			{3, sapi.StatusActive},
			{4, sapi.StatusDisabled},
			{2, sapi.StatusDisabled}, // late, and not believed
			{5, sapi.StatusDisabled},
			{6, sapi.StatusActive},
		} {
			if err := b.saveUsers(t.Context(), "k", readAt(start.Add(time.Duration(r.minute)*time.Minute), user("1", r.status)), nil); err != nil {
				t.Fatalf("SaveUsers: %v", err)
			}
		}
		rows, err := b.admin.QueryContext(t.Context(), `SELECT first_at, last_at, active FROM observation WHERE company_id = 'k' AND user_id = '1' ORDER BY first_at`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var got [][3]int64
		for rows.Next() {
			var first, last, active int64
			if err := rows.Scan(&first, &last, &active); err != nil {
				t.Fatal(err)
			}
			minute := time.Minute.Microseconds()
			got = append(got, [3]int64{(first - start.UnixMicro()) / minute, (last - start.UnixMicro()) / minute, active})
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		want := [][3]int64{{0, 3, 1}, {4, 5, 0}, {6, 6, 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("observations (-want +got):\n%s", diff)
		}
	})
}

func TestAnyNumberOfUsersIsSavedAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var users []sapi.User
		var ids []string
		for i := range 1201 {
			users = append(users, user(fmt.Sprint(i), sapi.StatusActive))
			ids = append(ids, fmt.Sprint(i))
		}
		users = append(users, users[0]) // twice in one answer
		if err := b.saveUsers(t.Context(), "k", readAt(b.clock.Now(), users...), nil); err != nil {
			t.Fatalf("SaveUsers: %v", err)
		}
		if known, err := b.Users(t.Context(), "k", ids); err != nil || len(known) != 1201 {
			t.Errorf("Users = %d, %v, want 1201", len(known), err)
		}
	})
}

func TestTextThatADatabaseRefusesIsStored(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		u := user("1", sapi.StatusActive)
		u.FirstName = "nul\x00 and \xff"
		if err := b.saveUsers(t.Context(), "k", readAt(b.clock.Now(), u), nil); err != nil {
			t.Errorf("SaveUsers: %v", err)
		}
		e := full()
		e.Reason, e.Actor.UserAgent, e.Actor.RequestID = "nul\x00 and \xff", "\xff\x00", "\x00\xff"
		e.Users[0].Email = "\x00\xff"
		b.record(t, e)
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Errorf("VerifyLedger = %v, %v", report.Problems, err)
		}
		c := wholeChange(b.clock.Now())
		c.Reason, c.Token, c.Subject, c.Company.ID, c.User.ID = "\x00", "a\x00b", "\x00\xff", "\xff", "\x00\xff"
		for _, rows := range [][]change.Row{c.People, c.Others} {
			for i := range rows {
				r := &rows[i]
				for j, field := range []*string{&r.Email, &r.FirstName, &r.LastName, &r.DisplayName, &r.Title, &r.Department, &r.Location, &r.PhoneNumber, &r.UserID} {
					*field = fmt.Sprint("nul\x00 and \xff ", r.Email, j)
				}
				r.Problem.Detail = "\x00\xff"
			}
		}
		b.insert(t, c, intent)

		// What came in with a URL is not there, and that is no failure.
		bad := "\x00\xff'"
		if _, err := b.Change(t.Context(), bad); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Change = %v, want ErrNotStored", err)
		}
		if _, err := b.Company(t.Context(), bad); !errors.Is(err, portal.ErrNotStored) {
			t.Errorf("Company = %v, want ErrNotStored", err)
		}
		if known, err := b.Users(t.Context(), bad, []string{bad}); err != nil || len(known) != 0 {
			t.Errorf("Users = %v, %v, want nobody", known, err)
		}
		if found, err := b.FindUsers(t.Context(), directory.UserKey{Email: bad}); err != nil || len(found) != 0 {
			t.Errorf("FindUsers = %v, %v, want nobody", found, err)
		}
		filter := ledger.Filter{
			Actor: bad, Company: bad, User: bad, UserID: bad, UserEmail: bad, CompanyID: bad, Action: ledger.Action(bad),
			Outcome: ledger.Outcome(bad), Text: bad, Request: bad, Trace: bad, Change: bad,
		}
		if got := seqs(t, b, filter, ledger.Page{}); len(got) != 0 {
			t.Errorf("Events = %v, want none", got)
		}
	})
}

func TestReplicasSaveTheSameUsersAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				users := []sapi.User{user("1", sapi.StatusActive), user("2", sapi.StatusActive)}
				if i%2 == 0 {
					users[0], users[1] = users[1], users[0]
				}
				if err := b.saveUsers(t.Context(), "k", readAt(b.clock.Now().Add(time.Duration(i)*time.Second), users...), nil); err != nil {
					t.Errorf("SaveUsers: %v", err)
				}
			})
		}
		wg.Wait()
		var runs int
		if err := b.admin.QueryRowContext(t.Context(), `SELECT count(*) FROM observation`).Scan(&runs); err != nil || runs != 2 {
			t.Errorf("%d observations, %v, want one for each person", runs, err)
		}
	})
}

func TestCompaniesBeingBuiltAreListedSomeAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		list := []sapi.Company{
			company("a", "Acme", sapi.StateStarted), company("b", "Bolt", sapi.StateCompleted),
			company("c", "Cog", sapi.StateTenantCreated), company("d", "Dot", sapi.StateStarted),
		}
		if err := b.saveCompanies(t.Context(), list, b.clock.Now()); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		for after, want := range map[string][]string{"": {"a", "c"}, "c": {"d"}, "d": nil} {
			if got, err := b.BuildingCompanies(t.Context(), after, 2); err != nil || !cmp.Equal(got, want) {
				t.Errorf("BuildingCompanies(%q, 2) = %v, %v, want %v", after, got, err, want)
			}
		}
	})
}

// The list is read every minute: a company that is in it as it is stored is read with
// it, and its row stays as it is.
func TestAListThatIsReadAgainMovesItsOwnTimeAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		acme, bolt := company("a", "Acme", sapi.StateCompleted), company("b", "Bolt", sapi.StateCompleted)
		first := b.clock.Now()
		if err := b.saveCompanies(t.Context(), []sapi.Company{acme, bolt}, first); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		second := b.clock.add(time.Minute)
		bolt.Name = "Bolt and Nut"
		if err := b.saveCompanies(t.Context(), []sapi.Company{acme, bolt}, second); err != nil {
			t.Fatalf("SaveCompanies: %v", err)
		}
		list, at, err := b.Companies(t.Context())
		if err != nil || !at.Equal(second) || len(list) != 2 || !list[0].ReadAt.Equal(second) || !list[1].ReadAt.Equal(second) || list[1].Name != bolt.Name {
			t.Errorf("Companies = %+v as of %v, %v, want both of the second list", list, at, err)
		}
		var rows int
		if err := b.admin.QueryRowContext(t.Context(), `SELECT count(*) FROM company WHERE read_at = `+fmt.Sprint(first.UnixMicro())).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows are as they were first written, %v, want that of Acme", rows, err)
		}

		// What was asked for before the list comes too late, though no row is as new.
		late := acme
		late.Name = "Acme of old"
		if err := b.saveCompany(t.Context(), late, first.Add(time.Second)); err != nil {
			t.Fatalf("SaveCompany: %v", err)
		}
		if got, err := b.Company(t.Context(), "a"); err != nil || got.Name != acme.Name {
			t.Errorf("Company = %q, %v, want %q", got.Name, err, acme.Name)
		}
	})
}

// A company that wasn't known is new, unless no list was read before: then all are.
func TestACompanyThatWasNotKnownIsToldApart(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		list := func(companies ...sapi.Company) (names []string) {
			must(t, b.inTx(t.Context(), func(tx portal.Tx) error {
				_, added, err := b.SaveCompanies(t.Context(), tx, companies, b.clock.add(time.Minute))
				for _, c := range added {
					names = append(names, c.Name)
				}
				return err
			}))
			return names
		}
		one := func(c sapi.Company) (added bool) {
			must(t, b.inTx(t.Context(), func(tx portal.Tx) (err error) {
				_, added, err = b.SaveCompany(t.Context(), tx, c, b.clock.add(time.Minute))
				return err
			}))
			return added
		}
		acme, bolt, cog, dot := company("a", "Acme", sapi.StateCompleted), company("b", "Bolt", sapi.StateCompleted), company("c", "Cog", sapi.StateStarted), company("d", "Dot", sapi.StateStarted)
		if one(acme) {
			t.Error("a company is new though no list was read")
		}
		if got := list(acme, bolt); got != nil {
			t.Errorf("in the first list %q are new", got)
		}
		if got := list(acme, bolt, cog); !cmp.Equal(got, []string{"Cog"}) {
			t.Errorf("in the next list %q are new, want Cog", got)
		}
		if !one(dot) || one(dot) {
			t.Error("a company that is read alone is new once, want that")
		}
		bolt.Name = "Bolt and Nut"
		if got := list(bolt, dot); got != nil {
			t.Errorf("among those that are known %q are new", got)
		}
		if got := list(acme, bolt, dot); got != nil {
			t.Errorf("%q are new, which were listed before", got)
		}
	})
}
