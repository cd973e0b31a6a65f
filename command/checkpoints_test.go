package command

import (
	"bytes"
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

	"foyer/auth"
	"foyer/handlers"
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
	if all := c.troubles(); len(all) != 1 || all[0].Code != handlers.NotSigned || !strings.Contains(logged.String(), "its anchor can’t be written") {
		t.Errorf("troubles = %+v, and the log says %s", all, logged.String())
	}
	open(anchor.Name())
	if err := c.sign(t.Context()); err != nil || len(c.troubles()) > 0 {
		t.Errorf("with an anchor that can be written: %v, troubles %+v", err, c.troubles())
	}
}
