package store_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/internal/testdb"
	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// reopened closes the database, does something, opens it again and gives what was logged.
func (b *bench) reopened(t testing.TB, between func()) (logged string) {
	t.Helper()
	must(t, b.Close())
	between()
	var log bytes.Buffer
	db, err := store.Open(t.Context(), b.address, store.Options{Now: b.clock.Now, KeyFile: b.keyFile, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	b.DB = db
	return log.String()
}

// anewAfter says that the directory was made anew, and works, while the ledger's database
// is as it was: what was observed is known of people as soon as they are read again.
func (b *bench) anewAfter(t testing.TB, reason string, do func()) {
	t.Helper()
	at := b.clock.Now()
	must(t, b.saveUsers(t.Context(), "k", readAt(at, user("1", sapi.StatusDisabled)), nil))
	logged := b.reopened(t, do)
	if !strings.Contains(logged, "the directory of people is made") || !strings.Contains(logged, reason) {
		t.Errorf("logged %q, want that the directory is made, and why: %s", logged, reason)
	}
	if known, err := b.Users(t.Context(), "k", []string{"1"}); err != nil || len(known) != 0 {
		t.Errorf("Users = %v, %v, want nobody", known, err)
	}
	b.savePeople(t, fromList(user("1", sapi.StatusUnknown), at))
	if u := b.person(t, "1"); u.Status != sapi.StatusDisabled || !u.StatusAt.Equal(at) {
		t.Errorf("the status is %v as of %v, want what was observed before", u.Status, u.StatusAt)
	}
	if found, _, err := b.SearchPeople(t.Context(), []string{"oneil"}, 5); err != nil || len(found) != 1 {
		t.Errorf("SearchPeople = %v, %v, want them", found, err)
	}
	if again := b.reopened(t, func() {}); strings.Contains(again, "made") {
		t.Errorf("the next start logged %q, want that the directory stays", again)
	}
	b.tallied(t, "k", directory.Tally{Disabled: 1})
}

// Foyer goes on for weeks: what happens to the file meanwhile must not end the search
// until somebody starts it again.
func TestADirectoryThatComesToHarmWhileItIsUsedIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, path string){
		"deleted": func(t *testing.T, path string) { t.Helper(); must(t, os.Remove(path)) },
		"overwritten": func(t *testing.T, path string) {
			t.Helper()
			for _, file := range []string{path, path + "-wal"} {
				must(t, os.WriteFile(file, []byte(strings.Repeat("no database. ", 9999)), 0o600))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, testdb.SQLite(t))
			b.savePeople(t, fromList(user("1", 0), b.clock.Now()))
			must(t, b.MendDirectory(t.Context()))
			b.person(t, "1") // nothing was wrong

			harm(t, store.DirectoryPath(strings.TrimPrefix(b.address, "sqlite:")))
			for tries := 0; b.directoryWorks(t); tries++ {
				if tries == 100 {
					t.Fatal("the directory goes on as though nothing had happened")
				}
			}
			must(t, b.MendDirectory(t.Context()))
			must(t, b.CheckDirectory(t.Context()))
			b.savePeople(t, fromList(user("2", 0), b.clock.Now()))
			b.tallied(t, "", directory.Tally{Unknown: 1})
		})
	}
}

// A record is one text for the database, which can't see that it is damaged. Else nobody in
// it would be found again, nor erased, until somebody looked into the database.
func TestADirectoryWithARecordThatCantBeReadIsMadeAnew(t *testing.T) {
	for name, record := range map[string]string{
		"empty": "", "too short": "9:u", "no length": "u", "with more behind it": "%s1:x", "no number": "1:u0:0:0:0:0:0:0:0:1:!1:01:01:01:01:01:01:0",
		"a status that there isn't": "1:10:0:0:0:0:0:0:0:1:01:01:01:01:11:91:01:0", "a reading that there isn't": "1:10:0:0:0:0:0:0:0:1:01:01:01:01:41:11:01:0",
		"a time that there isn't": "1:10:0:0:0:0:0:0:0:1:013:1y2p0ij32e8e71:01:01:11:11:01:0", "a time before all": "1:10:0:0:0:0:0:0:0:1:01:01:014:-1y2p0ij32e8e71:11:11:01:0",
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b bench) {
				b.savePeople(t, fromList(user("1", 0), b.clock.Now()), fromList(user("2", 0), b.clock.Now()))
				statement := `UPDATE person SET record = replace($1, '%s', record) WHERE id = '1'`
				_, err := b.directory(t).ExecContext(t.Context(), statement, record)
				must(t, err)
				if _, err := b.Users(t.Context(), "k", []string{"2"}); err != nil || b.Mending() {
					t.Fatalf("Users = %v; mending: %v; want that others are still read", err, b.Mending())
				}
				if _, err := b.Users(t.Context(), "k", []string{"1"}); err == nil || !b.Mending() || b.CheckDirectory(t.Context()) == nil {
					t.Fatalf("Users = %v; mending: %v; want an error, and that it is noticed", err, b.Mending())
				}

				must(t, b.MendDirectory(t.Context()))
				must(t, b.CheckDirectory(t.Context()))
				b.savePeople(t, fromList(user("1", 0), b.clock.Now()))
				b.person(t, "1")
				b.tallied(t, "", directory.Tally{Unknown: 1})
			})
		})
	}
}

// Each process finds the damage for itself, and is told of nothing that another one mends.
func TestADirectoryThatAnotherProcessHasMendedIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.PostgreSQL(t))
	other := b.open(t)
	b.savePeople(t, fromList(user("1", 0), b.clock.Now()))
	b.exec(t, `UPDATE directory.person SET record = ''`)
	for _, db := range []*store.DB{b.DB, other} {
		if _, err := db.Users(t.Context(), "k", []string{"1"}); err == nil || !db.Mending() {
			t.Fatalf("Users = %v; mending: %v", err, db.Mending())
		}
	}
	if other.CheckDirectory(t.Context()) == nil {
		t.Error("the other process finds a damaged directory in order")
	}
	must(t, b.MendDirectory(t.Context()))
	must(t, other.CheckDirectory(t.Context()))
	b.savePeople(t, fromList(user("1", 0), b.clock.Now()))

	must(t, other.MendDirectory(t.Context()))

	b.person(t, "1")
	if other.Mending() {
		t.Error("the other process goes on mending")
	}
}

// directoryWorks uses the directory of people, several at once, because a connection
// that is open has some of it in memory.
func (b bench) directoryWorks(t *testing.T) bool {
	t.Helper()
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			_, err := b.Tally(t.Context(), "")
			return err
		})
	}
	group.Go(func() error { return b.CheckDirectory(t.Context()) })
	return group.Wait() == nil
}

func TestADirectoryThatIsOfNoUseIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reason string
		do     func(t *testing.T, path string)
	}{
		"deleted": {"there is none", func(t *testing.T, path string) { t.Helper(); must(t, os.Remove(path)) }},
		"no database": {"file is not a database", func(t *testing.T, path string) {
			t.Helper()
			must(t, os.WriteFile(path, []byte(strings.Repeat("no database. ", 999)), 0o600))
		}},
		"damaged": {"malformed", func(t *testing.T, path string) {
			t.Helper()
			content, err := os.ReadFile(path)
			must(t, err)
			for page := 8192; page < len(content)-4096; page += 4096 {
				copy(content[page:], bytes.Repeat([]byte{0xa5}, 512))
			}
			must(t, os.WriteFile(path, content, 0o600))
		}},
		"older": {"older version", func(t *testing.T, path string) {
			t.Helper()
			db, err := sql.Open("sqlite", path)
			must(t, err)
			defer db.Close()
			for _, statement := range []string{`DROP TABLE person`, `CREATE TABLE person (other TEXT)`, `PRAGMA user_version = 0`} {
				_, err = db.ExecContext(t.Context(), statement)
				must(t, err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, testdb.SQLite(t))
			b.anewAfter(t, tt.reason, func() { tt.do(t, store.DirectoryPath(strings.TrimPrefix(b.address, "sqlite:"))) })
			info, err := os.Stat(store.DirectoryPath(strings.TrimPrefix(b.address, "sqlite:")))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the new file has mode %v, %v, want 0600", info.Mode(), err)
			}
		})
	}
	t.Run("older, postgres", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, testdb.PostgreSQL(t))
		b.anewAfter(t, "older version", func() {
			b.exec(t, `UPDATE directory.version SET version = 0`)
			b.exec(t, `ALTER TABLE directory.person RENAME COLUMN email_key TO other`)
			b.exec(t, `CREATE TABLE directory.of_somebody_else (n bigint)`)
		})
		b.exec(t, `SELECT n FROM directory.of_somebody_else`) // was left alone
	})
	t.Run("dropped, postgres", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, testdb.PostgreSQL(t))
		b.anewAfter(t, "there is none", func() { b.exec(t, `DROP SCHEMA directory CASCADE`) })
	})
}

// A directory of another layout that has the same version is used as though it were of
// this one, and then nothing works until somebody removes it.
func TestAnotherLayoutOfTheDirectoryHasAnotherVersion(t *testing.T) {
	t.Parallel()
	hash := sha256.New()
	for _, file := range []string{"directory/sqlite.sql", "directory/postgres.sql"} {
		schema, err := os.ReadFile(file)
		must(t, err)
		hash.Write(schema)
	}
	if got, want := fmt.Sprintf("%d %x", store.DirectoryVersion, hash.Sum(nil)[:8]), "3 9a1566e197318f4b"; got != want {
		t.Errorf("the version and the hash of its schema are %s, want %s: raise directoryVersion, and then this", got, want)
	}
}

func TestADirectoryOfANewerVersionIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		newer := `UPDATE version SET version = 9999`
		if b.Dialect() == store.SQLite {
			newer = `PRAGMA user_version = 9999`
		}
		_, err := b.directory(t).ExecContext(t.Context(), newer)
		must(t, err)
		if db, err := store.Open(t.Context(), b.address, store.Options{}); !errors.Is(err, store.ErrNewerSchema) {
			db.Close()
			t.Errorf("Open = %v, want ErrNewerSchema", err)
		}
	})
}

func TestWhoMayNotPrepareTheDirectoryIsToldWhatToRun(t *testing.T) {
	t.Parallel()
	address := testpg.DSN(t)
	admin := administrator(t, address)
	role := fmt.Sprintf("foyer_%d", os.Getpid())
	for _, statement := range []string{
		`CREATE ROLE ` + role + ` LOGIN`, `GRANT ALL ON SCHEMA public TO ` + role, `REVOKE CREATE ON DATABASE ` + databaseOf(t, admin) + ` FROM PUBLIC`,
	} {
		_, err := admin.ExecContext(t.Context(), statement)
		must(t, err)
	}
	t.Cleanup(func() {
		for _, statement := range []string{`DROP OWNED BY ` + role + ` CASCADE`, `DROP ROLE ` + role} {
			if _, err := admin.Exec(statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
	restricted := strings.Replace(address, "//foyer@", "//"+role+"@", 1)
	for _, want := range []struct{ say, run string }{
		{"run CREATE EXTENSION pg_trgm", `CREATE EXTENSION pg_trgm`},
		{"run CREATE SCHEMA directory", `CREATE SCHEMA directory AUTHORIZATION ` + role},
	} {
		db, err := store.Open(t.Context(), restricted, store.Options{})
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want.say) {
			t.Errorf("Open = %v, want it to say: %s", err, want.say)
		}
		_, err = admin.ExecContext(t.Context(), want.run)
		must(t, err)
	}
	db, err := store.Open(t.Context(), restricted, store.Options{})
	must(t, err)
	must(t, db.Close())
}

func databaseOf(t testing.TB, admin *sql.DB) (name string) {
	t.Helper()
	must(t, admin.QueryRowContext(t.Context(), `SELECT quote_ident(current_database())`).Scan(&name))
	return name
}

// What a database is searched by must forget people, too: on SQLite the index has three
// letters of a name wherever they stood.
func TestNothingOfAPersonIsLeftInTheDirectory(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		fillEverything(t, b)
		must(t, b.SaveListPages(t.Context(), acme.ID, []directory.ListPage{{Number: 0, IDs: []string{marked.ID}}, {Number: 1, IDs: []string{"u-other"}}}))
		other := user("u-other", sapi.StatusActive)
		must(t, b.SavePeople(t.Context(), acme.ID, []directory.UserRecord{fromDetail(other, b.clock.Now())}))
		if found, _, err := b.SearchPeople(t.Context(), []string{mark}, 5); err != nil || len(found) != 1 || !b.indexHas(t, markTerm) {
			t.Fatalf("SearchPeople = %v, %v, want whoever is to be erased", found, err)
		}

		reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: marked.ID})
		must(t, err)

		left := slices.DeleteFunc(holding(t, b, marked.Email), func(place string) bool { return !strings.Contains(place, "directory") })
		if reached.People != 1 || b.indexHas(t, markTerm) || len(left) > 0 {
			t.Errorf("Redact reached %d people; the search index has them: %v; the e-mail is left in %v", reached.People, b.indexHas(t, markTerm), left)
		}
		if found, _, err := b.SearchPeople(t.Context(), []string{mark}, 5); err != nil || len(found) != 0 {
			t.Errorf("SearchPeople = %v, %v, want nobody", found, err)
		}
		if pages, err := b.ListPages(t.Context(), acme.ID, 0, 5); err != nil || len(pages) != 1 || pages[0].Number != 1 {
			t.Errorf("ListPages = %v, %v, want the page without them", pages, err)
		}
		if values, err := b.Values(t.Context(), directory.DepartmentColumn, "", 5); err != nil || !slices.Equal(values, []string{other.Department}) {
			t.Errorf("Values = %v, %v, want what others have", values, err)
		}
		b.tallied(t, acme.ID, directory.Tally{Active: 1})
	})
}

// A name, an address and a department of before are as personal as those of now. The index
// of SQLite has three letters of each.
func TestNothingOfWhatAPersonOnceWasIsLeftInTheDirectory(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		once, now := user("2", sapi.StatusActive), user("2", sapi.StatusActive)
		for _, value := range []*string{&once.FirstName, &once.LastName, &once.DisplayName, &once.Department, &once.Title, &once.Location} {
			*value = "Zqxwv"
		}
		once.Email = "zqxwv@zqxwv.example"
		b.savePeople(t, fromDetail(once, b.clock.Now()), fromDetail(user("1", sapi.StatusActive), b.clock.Now()), fromDetail(user("3", sapi.StatusActive), b.clock.Now()))
		b.savePeople(t, fromDetail(now, b.clock.add(time.Hour)))
		if len(holding(t, b, "zqx")) == 0 {
			t.Fatal("nothing is left to begin with")
		}

		_, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: now.Email})
		must(t, err)

		for _, letters := range []string{"zqx", "qxw", "xwv"} {
			if left := holding(t, b, letters); len(left) > 0 {
				t.Errorf("%q is left in %v", letters, left)
			}
		}
		b.tallied(t, "k", directory.Tally{Active: 2})
	})
}

// What is damaged is erased, too: by what it is found by.
func TestSomebodyWhoseRecordCantBeReadIsErasedAllTheSame(t *testing.T) {
	for _, by := range []string{"e-mail", "id"} {
		t.Run("by "+by, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b bench) {
				gone, stays := user(adeleID, sapi.StatusActive), user("2", sapi.StatusActive)
				gone.DisplayName, gone.Email, gone.Department = "Zqxwv Zqxwv", "zqxwv@zqxwv.example", "Zqxwv"
				b.savePeople(t, fromDetail(gone, b.clock.Now()), fromDetail(stays, b.clock.Now()))
				_, err := b.directory(t).ExecContext(t.Context(), `UPDATE person SET record = '' WHERE id <> '2'`)
				must(t, err)
				if _, err := b.Users(t.Context(), "k", []string{adeleID}); err == nil {
					t.Fatal("the record can be read")
				}

				reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: map[string]string{"e-mail": gone.Email, "id": adeleID}[by]})
				must(t, err)

				if reached.People != 1 {
					t.Errorf("%d people are reached, want 1", reached.People)
				}
				if left := holding(t, b, "zqx"); len(left) > 0 {
					t.Errorf("they are left in %v", left)
				}
				b.tallied(t, "k", directory.Tally{Active: 1})
				b.person(t, "2")
			})
		})
	}
}

// A date that Symphony writes and nobody can is no damage.
func TestADateThatCantBeWrittenIsKeptAsNone(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for _, tt := range []struct {
			created time.Time
			kept    bool
		}{
			{time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), false},
			{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), false},
			{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), true},
			{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), true},
			{time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC), false},
		} {
			u := user("1", sapi.StatusActive)
			u.CreatedAt = tt.created
			b.savePeople(t, fromDetail(u, b.clock.add(time.Hour)))
			if created := b.person(t, "1").CreatedAt; created.Equal(tt.created) != tt.kept || !tt.kept && !created.IsZero() {
				t.Errorf("created %v, they are kept as created %v", tt.created, created)
			}
		}
	})
}

// indexHas says whether the search index of SQLite has a term, be it as one that is
// deleted. PostgreSQL's is made of the text itself.
func (b bench) indexHas(t testing.TB, term string) bool {
	t.Helper()
	if b.Dialect() == store.PostgreSQL {
		return b.count(t, `SELECT count(*) FROM directory.person_text WHERE strpos(text, $1) > 0`, term) > 0
	}
	db := b.directory(t)
	db.SetMaxOpenConns(1) // the table below is the connection's
	_, err := db.ExecContext(t.Context(), `CREATE VIRTUAL TABLE temp.terms USING fts5vocab (main, person_index, row)`)
	must(t, err)
	var n int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM terms WHERE term = $1`, term).Scan(&n))
	return n > 0
}
