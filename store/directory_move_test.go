package store_test

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"foyer/portal/directory"
	"foyer/sapi"
)

// keepAsBefore stores somebody as the versions did that had people in the ledger's database.
func (b bench) keepAsBefore(t testing.TB, companyID, id, email, emailNormal string) {
	t.Helper()
	b.exec(t, `INSERT INTO company_user (company_id, id, symphony_user_id, email, email_normal, first_name, last_name, display_name,
		phone_number, department, title, location, created_at, updated_at, read_at)
		VALUES ($1, $2, 7, $3, $4, 'Ann', 'Lee', 'Ann Lee', '', 'Sales', 'Head', 'Paris', 1, 2, $5)`, companyID, id, email, emailNormal, b.clock.Now().UnixMicro())
}

// Some of them are of a version that had another form of addresses.
func TestPeopleReadByAnEarlierVersionMoveToTheDirectory(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		old := []struct{ id, email, folded, key string }{
			{"u-joerg", norm.NFD.String("Jörg@acme.example"), norm.NFD.String("jörg@acme.example"), "jörg@acme.example"},
			{"u-zoe", "Zoe@Bücher.example", "zoe@bücher.example", "zoe@xn--bcher-kva.example"},
			{"u-ann", "Ann@acme.example", "ann@acme.example", "ann@acme.example"},
		}
		for _, p := range old {
			b.keepAsBefore(t, "k1", p.id, p.email, p.folded)
			b.keepAsBefore(t, "k2", p.id, p.email, p.folded)
		}
		at := b.clock.Now()
		must(t, b.observe(t.Context(), "k1", readAt(at, sapi.User{ID: "u-ann", Status: sapi.StatusDisabled}), nil))
		// Who was moved before a crash, and has been read since.
		b.clock.add(time.Hour)
		since := sapi.User{ID: "u-zoe", Email: "Zoe@Bücher.example", Title: "Chief"}
		must(t, b.SavePeople(t.Context(), "k2", []directory.UserRecord{{User: since, ReadAt: b.clock.Now(), Source: directory.FromDetail}}))

		again := b.open(t)

		for _, p := range old {
			found, err := again.FindUsers(t.Context(), directory.UserKey{Email: p.key})
			if err != nil || len(found) != 2 || found[0].ID != p.id || found[0].CompanyID != "k1" || found[0].Email != p.email || found[0].Department != "Sales" || !found[0].ReadAt.Equal(at) {
				t.Errorf("FindUsers(%q) = %+v, %v, want %s of both companies", p.key, found, err, p.id)
			}
		}
		known, err := again.Users(t.Context(), "k1", []string{"u-ann"})
		if u := known["u-ann"]; err != nil || u.Status != sapi.StatusDisabled || !u.StatusAt.Equal(at) {
			t.Errorf("Users = %+v, %v, want the status that was observed", known, err)
		}
		known, err = again.Users(t.Context(), "k2", []string{"u-zoe"})
		if u := known["u-zoe"]; err != nil || u.Title != "Chief" {
			t.Errorf("Users = %+v, %v, want what was read since", known, err)
		}
		if n := b.count(t, `SELECT count(*) FROM company_user`); n != 0 {
			t.Errorf("%d people are left in the ledger's database", n)
		}
	})
}

func TestAnyNumberOfPeopleMoves(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const people = 5300 // more than at a time
		b.exec(t, `INSERT INTO company_user (company_id, id, symphony_user_id, email, email_normal, first_name, last_name, display_name,
			phone_number, department, title, location, created_at, updated_at, read_at)
			WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < `+fmt.Sprint(people)+`)
			SELECT CASE WHEN n % 3 = 0 THEN 'k1' ELSE 'k2' END, CAST(n AS text), n, '', '', '', 'Lee', '', '', '', '', '', 0, 0, 1 FROM i`)
		again := b.open(t)
		for id, want := range map[string]int{"k1": people / 3, "k2": people - people/3} {
			if n, err := again.CountUsers(t.Context(), id); err != nil || n != want {
				t.Errorf("CountUsers(%s) = %d, %v, want %d", id, n, err, want)
			}
		}
	})
}
