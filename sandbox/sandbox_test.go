package sandbox_test

import (
	"bytes"
	"database/sql"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	p := setup(t)
	for _, path := range []string{
		"/", "/api/v2", "/api/v2/companies/", "/api/v1/companies", lyondell + "/people", "/api/v2/companies//users",
		"/api/v2/companies/../companies", "/api/v2/companies/%2e%2e", "/oauth", "/webcontroller/", "/directory",
	} {
		p.get(path).refuses(http.StatusNotFound, http.StatusNotFound, "")
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	p := setup(t)
	tests := []struct{ method, path, allowed string }{
		{http.MethodDelete, lyondell, "GET, PATCH"},
		{http.MethodPut, adele, "GET, PATCH"},
		{http.MethodPatch, "/api/v2/companies", "GET, POST"},
		{http.MethodGet, "/oauth/token", "POST"},
		{http.MethodPost, "/directory/search", "GET"},
	}
	for _, test := range tests {
		r := p.send(test.method, test.path, nil)
		r.refuses(http.StatusMethodNotAllowed, http.StatusMethodNotAllowed, "")
		if got := r.header.Get("Allow"); got != test.allowed {
			t.Errorf("%s: Allow = %q, want %q", r.request, got, test.allowed)
		}
	}
}

func TestChangesMustBeJSON(t *testing.T) {
	t.Parallel()
	p := setup(t)
	req := p.request(t.Context(), http.MethodPatch, adele, map[string]bool{"active": false})
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("PATCH with a form = %d, want %d", res.StatusCode, http.StatusUnsupportedMediaType)
	}
	p.patch(adele, "{"+strings.Repeat(" ", 2<<20)+"}").refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	if got := p.patch(adele, map[string]bool{"active": false}).status; got != http.StatusOK {
		t.Errorf("the request after one that could not be read = %d, want %d", got, http.StatusOK)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data", "sandbox.db")
	atFile := func(o *sandbox.Options) { o.Database = file }

	first := setup(t, atFile)
	var made struct{ ID string }
	first.post("/api/v2/companies", newCompany("Acme", "acme", "acme.example")).want(http.StatusAccepted).into(&made)
	first.patch(adele, map[string]bool{"active": false}).want(http.StatusOK)
	want := []string{string(first.get("/api/v2/companies").body), string(first.get(adele).body)}
	first.server.Close()

	second := setup(t, atFile)
	second.token = first.token
	got := []string{string(second.get("/api/v2/companies").body), string(second.get(adele).body)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
	second.clock.Advance(time.Minute)
	if got := stateOf(second, "/api/v2/companies/"+made.ID); got != "COMPLETED" {
		t.Errorf("state a minute after a restart = %s, want COMPLETED", got)
	}
	calls, err := second.faults.Calls(t.Context())
	if err != nil || calls[1].Operation != "createCompany" || !calls[1].Applied {
		t.Errorf("Calls() after a restart = %v, %v; want those from before it", calls, err)
	}
}

func TestResetStartsOver(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.db")
	atFile := func(o *sandbox.Options) { o.Database = file }

	first := setup(t, atFile)
	first.patch(adele, map[string]bool{"active": false}).want(http.StatusOK)
	first.server.Close()

	second := setup(t, atFile, func(o *sandbox.Options) { o.Reset = true })
	if !activeOf(second, adele) {
		t.Error("after a reset Adele is disabled, want her as seeded")
	}
	calls, err := second.faults.Calls(t.Context())
	if err != nil || len(calls) != 2 {
		t.Errorf("Calls() after a reset = %d calls, %v; want the 2 since", len(calls), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	somebodys := filepath.Join(t.TempDir(), "somebodys.db")
	execute(t, somebodys, `CREATE TABLE precious (thing TEXT)`)
	newer := filepath.Join(t.TempDir(), "newer.db")
	setup(t, func(o *sandbox.Options) { o.Database = newer })
	execute(t, newer, `PRAGMA user_version = 99`)

	tests := []struct {
		name    string
		options sandbox.Options
		says    string
	}{
		{"no database", sandbox.Options{}, "no database"},
		{"somebody else's", sandbox.Options{Database: somebodys}, "not a sandbox's"},
		{"somebody else's, to be reset", sandbox.Options{Database: somebodys, Reset: true}, "not a sandbox's"},
		{"a newer one", sandbox.Options{Database: newer}, "newer than this program"},
		{"a folder", sandbox.Options{Database: t.TempDir()}, "open sandbox"},
		{"no such seed", sandbox.Options{Database: ":memory:", Seed: 99}, "unknown seed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := sandbox.Open(t.Context(), test.options)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Open() = %v, want an error that says %q", err, test.says)
			}
		})
	}
}

func execute(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestLogHoldsNobody(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := setup(t, func(o *sandbox.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	p.post(lyondell+"/users", []map[string]string{person("jane.doe@lyondell.example")}).want(http.StatusCreated)
	p.get("/webcontroller/podLoginInformation?emailAddress=jane.doe@lyondell.example&fs=advanced").want(http.StatusOK)
	p.server.Close()
	for _, secret := range []string{"jane", "Jane", p.token, sandbox.ClientSecret} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "createUsers") {
		t.Errorf("the log does not name the call:\n%s", log.String())
	}
}
