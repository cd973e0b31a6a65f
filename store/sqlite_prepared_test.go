package store_test

import (
	"fmt"
	"testing"

	"foyer/store"
)

// What is prepared once answers again and again: also while it is being read, among more
// statements than are kept, after the schema has changed, and after it has failed.
func TestAPreparedStatementAnswersAsItWouldAnew(t *testing.T) {
	t.Parallel()
	db := store.OpenPrepared()
	defer db.Close()
	conn, err := db.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	count := func(statement string, args ...any) (n int) {
		t.Helper()
		must(t, conn.QueryRowContext(t.Context(), statement, args...).Scan(&n))
		return n
	}

	const each, sum = `SELECT value FROM json_each($1)`, `SELECT sum(value) FROM json_each($1)`
	rows, err := conn.QueryContext(t.Context(), each, `[1,2,3]`)
	must(t, err)
	defer rows.Close()
	total := 0
	for rows.Next() {
		var n int
		must(t, rows.Scan(&n))
		if within := count(each, `[10]`); within != 10 {
			t.Errorf("the statement gives %d while it is being read", within)
		}
		total += n + count(sum, `[100]`)
	}
	must(t, rows.Err())
	if total != 306 {
		t.Errorf("the sum is %d, want 306", total)
	}

	for i := range 3 * store.MostPrepared {
		if got := count(fmt.Sprintf(`SELECT %d + $1`, i), 1); got != i+1 {
			t.Fatalf("statement %d gives %d", i, got)
		}
	}

	const all = `SELECT count(*) FROM thing`
	if _, err := conn.QueryContext(t.Context(), all); err == nil { //nolint:rowserrcheck,sqlclosecheck // there are no rows
		t.Error("a table that isn't there is read")
	}
	for _, change := range []string{`CREATE TABLE thing (n)`, `INSERT INTO thing VALUES (1)`, `ALTER TABLE thing ADD COLUMN m`} {
		_, err := conn.ExecContext(t.Context(), change)
		must(t, err)
		count(all)
	}
	if got := count(all); got != 1 {
		t.Errorf("the table has %d rows, want 1", got)
	}

	const insert = `INSERT INTO thing (n) VALUES ($1)`
	for i := range 3 {
		if _, err := conn.ExecContext(t.Context(), insert, i); err != nil {
			t.Fatal(err)
		}
		_, err := conn.ExecContext(t.Context(), fmt.Sprintf(`ALTER TABLE thing ADD COLUMN other%d`, i))
		must(t, err)
	}
	if _, err := conn.ExecContext(t.Context(), `CREATE UNIQUE INDEX one ON thing (m)`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := conn.ExecContext(t.Context(), `UPDATE thing SET m = $1`, 1); err == nil {
			t.Error("what can't be is stored")
		}
	}
	if got := count(all); got != 4 {
		t.Errorf("the table has %d rows, want 4", got)
	}
}
