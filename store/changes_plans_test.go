package store_test

import (
	"regexp"
	"testing"
	"time"

	"foyer/portal/change"
	"foyer/store"
)

// insertSettled fills a database with ten thousand settled changes of one person
// each. PostgreSQL is told how many there are, as it finds out by itself in time.
func insertSettled(t *testing.T, b bench) {
	t.Helper()
	const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) `
	b.exec(t, `INSERT INTO change (id, version, kind, state, token, company_id, user_id, settled, created_at, updated_at, body, subject, due_at, sent_at, settled_at)
		`+numbers+`SELECT 'settled ' || i, 2, 'create-company', 'done', 'token ' || i, 'k', 'u', 1, i, i, '{}', 'company:' || i, 0, i, i FROM n`)
	b.exec(t, `INSERT INTO change_item (change_id, n, sent, held, email, email_key, first_name, last_name, display_name, title, department, location, phone_number, outcome, user_id, problem)
		`+numbers+`SELECT 'settled ' || i, 0, 1, 0, i || '@acme.example', i || '@acme.example', '', '', '', '', '', '', '', 'created', 'u' || i, '' FROM n`)
	if b.Dialect() == store.PostgreSQL {
		b.exec(t, `ANALYZE change, change_item`)
	}
}

// indexes says by which index each statement must find its rows: what walks another
// one of them reads settled changes.
var indexes = map[string]string{
	"Change":                  `change_pkey|sqlite_autoindex_change_1`,
	"ChangeByToken":           `change_token`,
	"UnsettledOf":             `change_subject`,
	"afterSeen":               `change_subject_settled`,
	"afterSeen, people":       `change_item_email`,
	"CreditedCompany":         `change_subject_settled`,
	"DueChanges":              `change_due`,
	"UnsettledChanges, count": `change_unsettled`,
	"UnsettledChanges":        `change_unsettled`,
	"heldBy":                  `change_item_held`,
	"CreditedUsers":           `change_item_email`,
	"people":                  `change_item_pkey|PRIMARY KEY`,
}

func TestSettledChangesCostNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		insertSettled(t, b)
		c := creating("c", "ann@acme.example", "bo@acme.example", "cy@acme.example")
		c.Subject, c.Token, c.UpdatedAt, c.Due = "company:acme", "token", b.clock.Now(), b.clock.Now().Add(-time.Minute)
		b.insert(t, c)
		plans, err := b.ChangePlans(t.Context(), c)
		must(t, err)
		for name, plan := range plans {
			by := regexp.MustCompile(`(?i)(SEARCH \w+ USING (COVERING )?(INDEX )?|SCAN \w+ USING (COVERING )?INDEX |(Index( Only)? Scan( Backward)? using|Bitmap Index Scan on) )(` + indexes[name] + `)\b`)
			if indexes[name] == "" || !by.MatchString(plan.Steps) {
				t.Errorf("%s doesn’t use the index %q:\n%s\n%s", name, indexes[name], plan.Statement, plan.Steps)
			}
			if wholeTable.MatchString(plan.Steps) {
				t.Errorf("%s scans the table:\n%s\n%s", name, plan.Statement, plan.Steps)
			}
		}
		if len(plans) != len(indexes) {
			t.Errorf("%d plans, want %d", len(plans), len(indexes))
		}
		if list, total, err := b.UnsettledChanges(t.Context(), 20); err != nil || total != 1 || len(list) != 1 || list[0].ID != "c" {
			t.Errorf("UnsettledChanges = %v of %d, %v, want the one", list, total, err)
		}
		if due, err := b.DueChanges(t.Context(), b.clock.Now(), 10); err != nil || len(due) != 1 || due[0] != (change.DueChange{ID: "c", Version: 1, State: change.Queued}) {
			t.Errorf("DueChanges = %+v, %v, want the one", due, err)
		}
	})
}

// wholeTable matches a plan that reads all rows: with an index that has the unsettled
// or the due ones alone, SQLite says SCAN of walking that, which is right.
var wholeTable = regexp.MustCompile(`(?m)Seq Scan|^SCAN change(_item)?$|^SCAN change(_item)? USING (COVERING )?INDEX (sqlite_|change_(pkey|token|item_email|subject_settled))`)
