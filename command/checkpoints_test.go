package command

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"foyer/auth"
	"foyer/handlers"
	"foyer/internal/testfault"
	"foyer/ledger"
	"foyer/store"
)

// What keeps checkpoints from getting out is said, in the log and as a trouble, until one
// gets out; the hook's URL, which may hold a secret, is not.
func TestWhyACheckpointWasNotHandedOnIsSaid(t *testing.T) {
	t.Parallel()
	encrypted := httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	answers := http.StatusInternalServerError
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answers) }))
	t.Cleanup(server.Close)
	const query = "/hook?sig=CANARY"

	var logged bytes.Buffer
	c := &checkpoints{log: slog.New(slog.NewTextHandler(&logged, nil))}
	for _, step := range []struct {
		hook, file string
		answers    int
		says       string
		code       handlers.TroubleCode
	}{
		{encrypted.URL, "", 0, "certificate signed by unknown authority", handlers.HookFails},
		{strings.Replace(server.URL, "http:", "https:", 1), "", 0, "server gave HTTP response to HTTPS client", handlers.HookFails},
		{"http://127.0.0.1:1", "", 0, "the web hook doesn’t answer", handlers.HookFails},
		{server.URL, "", http.StatusForbidden, "the web hook answered 403", handlers.HookFails},
		{server.URL, filepath.Join(t.TempDir(), "missing", "file"), http.StatusOK, "keep checkpoint", handlers.CheckpointFileFails},
		{server.URL, "", http.StatusOK, "", ""},
	} {
		logged.Reset()
		answers, c.hook, c.file = step.answers, step.hook+query, step.file
		c.handOn(t.Context(), []byte("signed"))
		if said := logged.String(); step.says != "" && !strings.Contains(said, step.says) || strings.Contains(said, "CANARY") {
			t.Errorf("%s logged: %s, want %q and nothing of the query", step.hook, said, step.says)
		}
		switch found := c.troubles(); {
		case step.code == "" && len(found) > 0:
			t.Errorf("%s: troubles %v, want none any more", step.hook, found)
		case step.code != "" && (len(found) != 1 || found[0].Code != step.code):
			t.Errorf("%s: troubles %v, want %s", step.hook, found, step.code)
		}
	}
}

// What every Go program reads of authorities counts for whoever Foyer asks over TLS: the
// web hook stands for all.
func TestAnAuthorityOfOnesOwnIsTrusted(t *testing.T) {
	t.Parallel()
	var posted atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posted.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	authorities := filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(authorities, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		variable string
		posted   int64
	}{{"SSL_CERT_FILE=" + authorities, 2}, {"SSL_CERT_DIR=" + filepath.Dir(authorities), 2}, {"SSL_CERT_FILE=/dev/null", 0}} {
		folder := t.TempDir()
		c := aLedger(t, folder)
		c.recordAndSign(t, "first")
		if err := c.db.Close(); err != nil {
			t.Fatal(err)
		}
		posted.Store(0)
		status, said := runProcess(t, []string{tt.variable, "FOYER_CHECKPOINT_URL=" + server.URL},
			"audit", "rotate-key", "--database-url=sqlite:"+filepath.Join(folder, "foyer.db"), "--by=Olga")
		if status != 0 || posted.Load() != tt.posted || strings.Contains(said, "unknown authority") != (tt.posted == 0) {
			t.Errorf("%s: status %d, %d checkpoints posted, want %d; it said: %s", tt.variable, status, posted.Load(), tt.posted, said)
		}
	}
}

// What there is to verify may be much, and somebody's rubbish: the start goes on after a
// quarter of a minute, and the periodic work signs.
func TestTheStartWaitsForTheFirstSignatureAQuarterOfAMinuteAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var faults testfault.Faults
		var logged bytes.Buffer
		folder := t.TempDir()
		c := &checkpoints{log: slog.New(slog.NewTextHandler(&logged, nil))}
		db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "foyer.db"), store.Options{KeyFile: filepath.Join(folder, "audit.key"), Signed: c.handOn, Connector: faults.Connector})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		c.db = db
		c.recordAndSign(t, "before")
		if err := db.Record(t.Context(), ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: auth.System("test", "")}); err != nil {
			t.Fatal(err)
		}
		faults.Set(func(call testfault.Call) error { // as long as somebody waits for it
			if strings.Contains(call.What, "FROM ledger_event") {
				<-call.Done
				return context.DeadlineExceeded
			}
			return nil
		})
		began := time.Now()
		c.signFirst(t.Context())
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("the start waited %v, want 15 s", took)
		}
		if !strings.Contains(logged.String(), "the ledger could not be signed") {
			t.Errorf("it logged %s, want that the ledger could not be signed", &logged)
		}
		if found := c.troubles(); len(found) > 0 {
			t.Errorf("people are told of %v, and nothing is wrong with the ledger", found)
		}
		faults.Set(nil)
		if err := c.sign(t.Context()); err != nil || strings.Count(logged.String(), "ledger checkpoint") != 2 {
			t.Errorf("signed later: %v, want it signed; it logged %s", err, &logged)
		}
	})
}

// What is given at each start says nothing when it should: whoever forgot to take it out is
// told each time.
func TestAForgottenAcceptanceIsWarnedOf(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	c := aLedger(t, t.TempDir())
	c.log = slog.New(slog.NewTextHandler(&logged, nil))
	c.recordAndSign(t, "first")
	const warning = "level=WARN msg=\"--checkpoint-accept-restored is given and there is nothing to accept"
	for _, step := range []struct {
		accepted bool
		file     string
	}{{false, c.file}, {true, c.file}, {true, ""}} {
		logged.Reset()
		c.file = step.file
		if err := c.holdAgainst(t.Context(), step.accepted); err != nil || strings.Contains(logged.String(), warning) != step.accepted {
			t.Errorf("given: %v, with the file %q: %v, logged %q, want it to warn: %v", step.accepted, step.file, err, &logged, step.accepted)
		}
	}
	if events, err := c.db.Events(t.Context(), ledger.Filter{Action: ledger.Restored}, ledger.Page{}); err != nil || len(events) > 0 {
		t.Errorf("recorded %v, %v, and nothing was accepted", events, err)
	}
}

// Whatever keeps the ledger from being signed is told, since when, until it is signed: also
// by another process.
func TestThatTheLedgerCouldNotBeSignedIsTold(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	faults := new(testfault.Faults)
	open := func(o store.Options) *store.DB {
		t.Helper()
		o.KeyFile = filepath.Join(folder, "audit.key")
		db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "foyer.db"), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	c := &checkpoints{log: slog.New(slog.DiscardHandler), db: open(store.Options{Connector: faults.Connector})}
	another := &checkpoints{log: c.log, db: open(store.Options{Now: func() time.Time { return time.Now().Add(time.Minute) }})}
	c.recordAndSign(t, "first")
	for _, mended := range []func() error{
		func() error { return c.sign(t.Context()) },
		func() error {
			another.recordAndSign(t, "second")
			c.followed(t.Context())
			return nil
		},
	} {
		faults.Set(func(call testfault.Call) error {
			if strings.HasPrefix(call.What, "INSERT INTO ledger_checkpoint") {
				return errors.New("disk full")
			}
			return nil
		})
		if err := c.db.Record(t.Context(), ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: auth.System("test", "")}); err != nil {
			t.Fatal(err)
		}
		var since time.Time
		for range 2 {
			if err := c.sign(t.Context()); err == nil {
				t.Fatal("it was signed")
			}
			c.followed(t.Context())
			found := c.troubles()
			if len(found) != 1 || found[0].Code != handlers.LedgerUnsigned || found[0].Since.IsZero() || !since.IsZero() && !found[0].Since.Equal(since) {
				t.Fatalf("troubles = %+v, want that it isn't signed, since the first time", found)
			}
			since = found[0].Since
		}
		faults.Set(nil)
		if err := mended(); err != nil {
			t.Fatal(err)
		}
		if found := c.troubles(); len(found) > 0 {
			t.Errorf("troubles once it was signed = %+v, want none", found)
		}
	}

	// Of these pages tell otherwise; and what only takes long may be done the next time.
	for _, err := range []error{ledger.ErrKey, ledger.ErrNoAnchor, ledger.ErrOtherAnchor, ledger.ErrNotContinued, ledger.ErrHead, context.Canceled, context.DeadlineExceeded} {
		c.unsigned, c.since = err, time.Now()
		if found := c.troubles(); len(found) > 0 {
			t.Errorf("troubles after %v = %+v, want none", err, found)
		}
	}
	if c.since = time.Now().Add(-2 * checkpointEvery); len(c.troubles()) != 1 {
		t.Error("nobody is told that signing takes too long again and again")
	}
}

// Where the anchor can't be written nothing is signed: that is a trouble until it can be.
func TestThatNothingIsSignedIsATrouble(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := aLedger(t, folder)
	c.recordAndSign(t, "first")
	anchor, err := os.Open(filepath.Join(folder, "audit.anchor"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = anchor.Close() })
	var logged bytes.Buffer
	c.log = slog.New(slog.NewTextHandler(&logged, nil))
	open := func(anchor string) {
		t.Helper()
		err := c.db.Close()
		if err == nil {
			c.db, err = store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "foyer.db"), store.Options{KeyFile: filepath.Join(folder, "audit.key"), AnchorFile: anchor})
		}
		if err == nil {
			err = c.db.Record(t.Context(), ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: auth.System("test", "")})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	open(fmt.Sprintf("/proc/self/fd/%d", anchor.Fd())) // a folder in which nobody makes a file
	if err := c.sign(t.Context()); !errors.Is(err, ledger.ErrAnchorNotKept) {
		t.Fatalf("sign = %v, want that the anchor can't be written", err)
	}
	if all := c.troubles(); len(all) != 1 || all[0].Code != handlers.LedgerUnsigned || !strings.Contains(logged.String(), "its anchor can’t be written") {
		t.Errorf("troubles = %+v, and the log says %s", all, logged.String())
	}
	open(anchor.Name())
	if err := c.sign(t.Context()); err != nil || len(c.troubles()) > 0 {
		t.Errorf("with an anchor that can be written: %v, troubles %+v", err, c.troubles())
	}
}
