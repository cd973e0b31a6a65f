package store_test

import (
	"fmt"
	"testing"

	"golang.org/x/text/unicode/norm"

	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
)

// TestPeopleReadByAnEarlierVersionAreFoundByTheirKey migrates a database as the version
// before the one form of addresses left it.
func TestPeopleReadByAnEarlierVersionAreFoundByTheirKey(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		old := []struct{ id, email, folded, key string }{
			{"u-joerg", norm.NFD.String("Jörg@acme.example"), norm.NFD.String("jörg@acme.example"), "jörg@acme.example"},
			{"u-zoe", "Zoe@Bücher.example", "zoe@bücher.example", "zoe@xn--bcher-kva.example"},
			{"u-ann", "Ann@acme.example", "ann@acme.example", "ann@acme.example"},
		}
		var people []directory.UserReading
		for i := range 2100 { // more than are read at a time
			people = append(people, directory.UserReading{User: sapi.User{ID: fmt.Sprintf("u-%04d", i)}, ReadAt: b.clock.Now()})
		}
		for _, p := range old {
			people = append(people, directory.UserReading{User: sapi.User{ID: p.id, Email: p.email}, ReadAt: b.clock.Now()})
		}
		must(t, b.saveUsers(t.Context(), acme.ID, people, nil))
		for _, p := range old {
			b.exec(t, `UPDATE company_user SET email_normal = $1 WHERE id = $2`, p.folded, p.id)
		}
		must(t, b.KeyEmails(t.Context()))
		for _, p := range old {
			found, err := b.FindUsers(t.Context(), directory.UserKey{Email: p.key})
			if err != nil || len(found) != 1 || found[0].ID != p.id || found[0].Email != p.email {
				t.Errorf("FindUsers(%q) = %+v, %v, want %s", p.key, found, err, p.id)
			}
		}
		var versions int
		must(t, b.admin.QueryRowContext(t.Context(), `SELECT count(*) FROM foyer_migration WHERE version_id = 6`).Scan(&versions))
		if versions != 1 {
			t.Errorf("migration 6 is there %d times, want once", versions)
		}
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Errorf("VerifyLedger = %v, %v", report.Problems, err)
		}
	})
}
