package testpg_test

import (
	"context"
	"database/sql"
	"os"
	"sync"
	"testing"

	"foyer/internal/testpg"
)

func TestMain(m *testing.M) { os.Exit(testpg.Run(m)) }

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatalf("sql.Open: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestEachCallGivesAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for range 2 {
		db := open(t, testpg.DSN(t))
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE only_one (id bigint)"); err != nil {
			t.Errorf("the database was not empty: %v", err)
		}
	}
}

func TestCopiesBeginAsTheOriginalAndAreApart(t *testing.T) {
	t.Parallel()
	original := sync.OnceValues(func() (string, error) {
		return testpg.Original(func(dsn string) error {
			db, err := sql.Open("pgx", dsn)
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.ExecContext(context.Background(), "CREATE TABLE filled (id bigint PRIMARY KEY); INSERT INTO filled VALUES (1)")
			return err
		})
	})
	for range 2 {
		db := open(t, testpg.Copy(t, original))
		var rows int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM filled").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("the copy has %d rows, %v, want the original's one", rows, err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO filled VALUES (2)"); err != nil {
			t.Errorf("the copy can't be written: %v", err)
		}
	}
}

func TestTheDatabaseIsDroppedThoughConnectionsAreOpen(t *testing.T) { //nolint:tparallel // The inner test has to end first.
	t.Parallel()

	var dsn string
	t.Run("inner", func(t *testing.T) {
		dsn = testpg.DSN(t)
		conn, err := open(t, dsn).Conn(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Fatalf("Conn: %v", err)
		}
		if err := conn.PingContext(t.Context()); err != nil {
			t.Fatalf("Ping: %v", err)
		}
	})

	if err := open(t, dsn).PingContext(t.Context()); err == nil {
		t.Error("the database is still there after its test")
	}
}

func TestTheClusterFoldsLettersAsProductionDoes(t *testing.T) {
	t.Parallel()
	db := open(t, testpg.DSN(t))

	var lower string
	if err := db.QueryRowContext(t.Context(), "SELECT lower('ÅSA ŁUKASZ')").Scan(&lower); err != nil || lower != "åsa łukasz" {
		t.Errorf("lower('ÅSA ŁUKASZ') = %q, %v, want %q", lower, err, "åsa łukasz")
	}
}
