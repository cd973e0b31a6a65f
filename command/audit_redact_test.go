package command

import (
	"path/filepath"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/store"
)

// withAdele fills a ledger, and signs it: event 1 is about Adele and Bert, 2 is what Adele
// did, 3 is about nobody.
func withAdele(t *testing.T, address, key string) {
	t.Helper()
	db, err := store.Open(t.Context(), address, store.Options{KeyFile: key})
	if err != nil {
		t.Fatal(err)
	}
	actor := auth.Actor{Issuer: "https://idp.example", Subject: "adele-1", Name: "Adele Vance", Email: "adele@acme.example"}
	other := auth.Actor{Issuer: actor.Issuer, Subject: "vera-1", Name: "Vera"}
	err = db.Record(t.Context(),
		ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Actor: other, Users: []ledger.User{{ID: "u1", Email: "Adele@acme.example"}, {ID: "u2", Email: "bert@acme.example"}}},
		ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: actor},
		ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: other})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.SignCheckpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRedactSaysWhatItWouldEraseAndErasesWhenTold(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return "sqlite:" + filepath.Join(t.TempDir(), "foyer.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return testpg.DSN(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := address(t)
			key := filepath.Join(t.TempDir(), "audit.key")
			withAdele(t, database, key)
			verify := []string{"verify", "--database-url", database, "--key-file", key}
			order := []string{"redact", "--database-url", database, "--key-file", key, "--person", "adele@acme.example", "--reason", "order 17", "--by", "Olga"}

			for range 2 { // the first time changes nothing
				words, status := said(t, order...)
				for _, want := range []string{"events      1, from number 1 to 1", "of 1 other person", "1 event that the person did", "Nothing was erased"} {
					if status != 0 || !strings.Contains(words, want) {
						t.Errorf("without --yes: status %d, saying\n%s\nwant %q", status, words, want)
					}
				}
			}
			if words, status := said(t, append(order, "--actor", "adele-1", "--yes")...); status != 0 || !strings.Contains(words, "events      2, from number 1 to 2") || !strings.Contains(words, "Not reached: backups, exports, logs, and Symphony") || !strings.Contains(words, "What stays: the ids") {
				t.Errorf("with --yes: status %d, saying\n%s", status, words)
			}
			if words, status := said(t, verify...); status != 0 || !strings.Contains(words, "events      4, of which 2 redacted") ||
				!strings.Contains(words, "signed      up to 4 at ") || !strings.Contains(words, "redacted    1, 2 by event 4 of ") || !strings.Contains(words, `"Olga", "order 17"`) || !strings.HasSuffix(words, "OK\n") {
				t.Errorf("verify: status %d, saying\n%s", status, words)
			}
			if words, status := said(t, append(order, "--yes")...); status != 1 || !strings.Contains(words, "nothing to erase") {
				t.Errorf("once more: status %d, saying\n%s", status, words)
			}
		})
	}
}

func TestAnOrderThatCantBeIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	database := "sqlite:" + filepath.Join(folder, "foyer.db")
	withAdele(t, database, filepath.Join(folder, "audit.key"))
	for what, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"nothing to erase":          {[]string{"--reason", "r", "--by", "o"}, 2, "--event, --person or --actor"},
		"no reason":                 {[]string{"--event", "1", "--by", "o"}, 2, "--reason"},
		"an empty reason":           {[]string{"--event", "1", "--reason", " ", "--by", "o"}, 2, "can’t be empty"},
		"nobody":                    {[]string{"--event", "1", "--reason", "r"}, 2, "--by"},
		"an event that isn’t there": {[]string{"--event", "1", "--event", "99", "--reason", "r", "--by", "o", "--yes"}, 2, "event 99"},
		"somebody unknown":          {[]string{"--person", "adel@acme.example", "--reason", "r", "--by", "o", "--yes"}, 1, "how it is spelt"},
		"a reason that tells":       {[]string{"--person", "adele@acme.example", "--reason", "adele@acme.example asked", "--by", "o", "--yes"}, 1, "holds what is to be erased"},
	} {
		if words, status := said(t, append([]string{"redact", "--database-url", database}, test.args...)...); status != test.status || !strings.Contains(words, test.says) {
			t.Errorf("%s: status %d, saying\n%s\nwant %d and %q", what, status, words, test.status, test.says)
		}
	}
	missing := "sqlite:" + filepath.Join(t.TempDir(), "none", "foyer.db")
	if words, status := said(t, "redact", "--database-url", missing, "--event", "1", "--reason", "r", "--by", "o", "--yes"); status != 1 || !strings.Contains(words, "no such file") {
		t.Errorf("a database that isn’t there: status %d, saying\n%s", status, words)
	}
}

func TestWhatWritesToAnSQLiteFileWantsFoyerStopped(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	database := "sqlite:" + filepath.Join(folder, "foyer.db")
	aLedger(t, folder).recordAndSign(t, "first")
	unlock, err := store.Lock(database)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"redact", "--event", "1", "--reason", "r", "--by", "o", "--yes"},
		{"rotate-key", "--by", "o"},
	} {
		if words, status := said(t, append(args, "--database-url", database)...); status != 1 || !strings.Contains(words, "stop Foyer first") {
			t.Errorf("%s: status %d, saying\n%s", args[0], status, words)
		}
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if words, status := said(t, "redact", "--event", "1", "--reason", "r", "--by", "o", "--yes", "--database-url", database); status != 0 {
		t.Errorf("after it was stopped: status %d, saying\n%s", status, words)
	}
}
