package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"foyer/internal/testdb"
	"foyer/internal/testpg"
	"foyer/ledger"
	"foyer/store"
)

func TestADatabaseIsOpenedAgainAsItWasLeft(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.record(t, full())
		origin := b.Key().Name()
		again := b.open(t)
		if err := again.Record(t.Context(), full()); err != nil {
			t.Fatalf("Record: %v", err)
		}
		report, err := again.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || !report.OK() || report.Size != 2 || again.Key().Name() != origin {
			t.Errorf("VerifyLedger = %+v, %v", report, err)
		}
		if err := again.Ping(t.Context()); err != nil {
			t.Errorf("Ping: %v", err)
		}
	})
}

func TestReplicasThatStartAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	b := bench{address: testpg.DSN(t), clock: newClock(), keyFile: filepath.Join(t.TempDir(), "key")}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), b.address, store.Options{KeyFile: b.keyFile})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			db.Close()
		})
	}
	wg.Wait()
}

func TestATransactionThatIsCutOffLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Record(ctx, full()); !errors.Is(err, ledger.ErrNotRecorded) || !errors.Is(err, context.Canceled) {
			t.Errorf("Record = %v, want ErrNotRecorded and Canceled", err)
		}
		b.record(t, full())
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() || report.Size != 1 {
			t.Errorf("VerifyLedger = %+v, %v", report, err)
		}
	})
}

func TestReadOnlyVerifiesAndWritesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		db, err := store.Open(t.Context(), b.address, store.Options{ReadOnly: true, KeyFile: b.keyFile})
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		defer db.Close()
		report, err := db.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || !report.OK() || report.Checkpoints != 2 || report.Signed.Size != 10 {
			t.Errorf("VerifyLedger = %+v, %v", report, err)
		}
		if err := db.Record(t.Context(), full()); !errors.Is(err, ledger.ErrNotRecorded) {
			t.Errorf("Record = %v, want ErrNotRecorded", err)
		}
	})
}

func TestReadOnlyRefusesWhatIsNoDatabaseOfFoyer(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.db")
	for _, address := range []string{"sqlite:" + empty, "sqlite:" + missing, testpg.DSN(t)} {
		if db, err := store.Open(t.Context(), address, store.Options{ReadOnly: true}); err == nil {
			db.Close()
			t.Errorf("Open(%s): no error", address)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a file was made")
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		b.exec(t, `INSERT INTO foyer_migration (version_id, is_applied) VALUES (9999, true)`)
		if db, err := store.Open(t.Context(), b.address, store.Options{}); !errors.Is(err, store.ErrNewerSchema) {
			db.Close()
			t.Errorf("Open = %v, want ErrNewerSchema", err)
		}
	})
}

func TestADamagedFileIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	noDatabase := bytes.Repeat([]byte("not a database at all. "), 500)

	whole := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "whole.db"))
	ledgerOf(t, whole)
	if err := whole.Close(); err != nil {
		t.Fatal(err)
	}
	damaged, err := os.ReadFile(strings.TrimPrefix(whole.address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	for page := 8192; page < len(damaged)-4096; page += 4096 {
		copy(damaged[page:], bytes.Repeat([]byte{0xa5}, 512))
	}

	for name, content := range map[string][]byte{"no database": noDatabase, "pages overwritten": damaged} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bad.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
			if err == nil {
				db.Close()
				t.Fatal("Open: no error")
			}
			if !strings.Contains(err.Error(), "restore a backup") {
				t.Errorf("Open = %v, want an instruction", err)
			}
			left, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(left, content) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}

// lines are those of a log, as they are written.
type lines chan string

// Write implements io.Writer.
func (l lines) Write(text []byte) (int, error) {
	l <- string(text)
	return len(text), nil
}

// A check that takes long doesn't keep the file from being opened, and what it finds is
// said.
func TestDamageThatIsFoundLaterIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "foyer.db"))
	ledgerOf(t, b)
	var page, size int64
	must(t, b.admin.QueryRowContext(t.Context(), `SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'review_person'`).Scan(&page, &size))
	must(t, b.Close())
	must(t, b.admin.Close())
	path := strings.TrimPrefix(b.address, "sqlite:")
	for _, damaged := range []bool{false, true} {
		if damaged {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			must(t, err)
			_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 512), (page-1)*size)
			must(t, errors.Join(err, f.Close()))
		}
		logged := make(lines, 100)
		db, err := store.Open(t.Context(), b.address, store.Options{CheckWithin: -1, Logger: slog.New(slog.NewTextHandler(logged, nil))})
		if err != nil {
			t.Fatalf("Open = %v, want that it doesn't wait for the check", err)
		}
		want := "is in order"
		if damaged {
			want = "restore a backup"
		}
		for line := range logged {
			if strings.Contains(line, want) {
				break
			}
		}
		if found := db.Damage(); (found != nil) != damaged {
			t.Errorf("Damage = %v, want some: %v", found, damaged)
		}
		must(t, db.Close())
	}
}

func TestABadAddressIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"mysql://u:hunter2@x/y", "postgres://u:hunter2@[x/y", "postgres://u:hunter2@127.0.0.1:1/y?connect_timeout=1", "sqlite:", "sqlite::memory:"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		db, err := store.Open(ctx, address, store.Options{})
		cancel()
		if err == nil {
			db.Close()
			t.Errorf("Open(%s): no error", address)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open = %v: it tells the password", err)
		}
	}
}

func TestFilesAreReadableByTheirOwnerAndByTheGroupWhoseFolderItIs(t *testing.T) {
	t.Parallel()
	for folder, want := range map[fs.FileMode]fs.FileMode{0o755: 0o600, 0o770: 0o660} {
		above := t.TempDir()
		must(t, os.Chmod(above, folder))
		dir := filepath.Join(above, "new", "data")
		b := bench{address: "sqlite:" + filepath.Join(dir, "a b?c%20#.db"), clock: newClock(), keyFile: filepath.Join(dir, "ledger.key")}
		b.DB = b.open(t)
		b.record(t, full())
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) < 2 {
			t.Fatalf("ReadDir = %v, %v", entries, err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v, %v, want %v below a folder of %v", e.Name(), info.Mode(), err, want, folder)
			}
			if !strings.HasPrefix(e.Name(), "a b?c%20#.db") && !strings.HasPrefix(e.Name(), "a b?c%20#-directory.db") && e.Name() != "ledger.key" && e.Name() != "ledger.anchor" {
				t.Errorf("a file %s was made", e.Name())
			}
		}
	}
}

// A container may have no folder for temporary files.
func TestNothingIsWrittenIntoTemporaryFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.SQLite(t))
	const inMemory = 2
	var kept int
	if err := b.SQLite().QueryRowContext(t.Context(), `PRAGMA temp_store`).Scan(&kept); err != nil || kept != inMemory {
		t.Errorf("temp_store = %d, %v, want %d", kept, err, inMemory)
	}
}

func TestALostKeyIsNotReplaced(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		lost := filepath.Join(t.TempDir(), "lost.key")
		db, err := store.Open(t.Context(), b.address, store.Options{KeyFile: lost})
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "restore") {
			t.Errorf("Open without the key = %v, want an instruction", err)
		}
		if _, err := os.Stat(lost); err == nil {
			t.Error("a new key was made over signed checkpoints")
		}
	})
}

func TestAKeyOfAnotherLedgerIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		other, err := ledger.NewKey("another")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "other.key")
		if err := other.Create(path); err != nil {
			t.Fatal(err)
		}
		if db, err := store.Open(t.Context(), b.address, store.Options{KeyFile: path}); err == nil {
			db.Close()
			t.Error("Open: no error")
		}
	})
}

func TestARotatedKeyStillVerifiesWhatTheOldOneSigned(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ledgerOf(t, b)
		next, err := b.Key().Next()
		must(t, err)
		must(t, next.Replace(b.keyFile))
		again := b.open(t)
		must(t, again.Record(t.Context(), full()))
		sign(t, again)
		report, err := again.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || !report.OK() || report.Checkpoints != 3 {
			t.Errorf("VerifyLedger = %d checkpoints, %v, %v, want 3", report.Checkpoints, report.Problems, err)
		}
	})
}

func TestWhoMigratesIsWaitedForAWhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, testdb.PostgreSQL(t))
	var log bytes.Buffer
	waiting, err := store.Open(t.Context(), b.address, store.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close()
	waiting.HurryMigrating(time.Millisecond)
	nothing := func(context.Context, *sql.DB) error { return nil }

	err = b.Migrating(t.Context(), func(ctx context.Context, _ *sql.DB) error {
		return waiting.Migrating(ctx, func(context.Context, *sql.DB) error {
			t.Error("two migrate at once")
			return nil
		})
	})

	if err == nil || !strings.Contains(err.Error(), "more than 1ms") || !strings.Contains(log.String(), "at_most=1ms") {
		t.Errorf("Migrating while another one does = %v, logged %q, want how long was waited, in both", err, log.String())
	}
	waiting.HurryMigrating(time.Minute)
	if err := waiting.Migrating(t.Context(), nothing); err != nil {
		t.Errorf("Migrating after the other one = %v", err)
	}
}
