package command

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"foyer/internal/testdb"
	"foyer/sandbox"
)

// A build with the tag nosandbox is another program, which a test can only run.
func TestABuildCanLeaveTheStandInOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "foyer")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "nosandbox", "-ldflags", "-s -w -X main.version=v1.2.3", "-o", path, "foyer").CombinedOutput(); err != nil {
		t.Fatalf("go build -tags nosandbox: %v\n%s", err, out)
	}
	run := func(t *testing.T, args []string, environ ...string) *exec.Cmd {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Dir, cmd.Env = t.TempDir(), environ
		return cmd
	}

	t.Run("and has nothing of it", func(t *testing.T) {
		t.Parallel()
		program, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// Go keeps the full name of every function, and of every module.
		for name, want := range map[string]bool{"foyer/command.Run": true, "foyer/sandbox": false, "github.com/zitadel/oidc": false} {
			if got := bytes.Contains(program, []byte(name)); got != want {
				t.Errorf("the program has %s: %v, want %v", name, got, want)
			}
		}
		// Of a package that has given types or constants alone nothing would be left.
		built, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "nosandbox", "foyer").Output()
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`(?m)^(foyer/sandbox|github\.com/zitadel/oidc)\b.*$`).FindAllString(string(built), -1); len(found) > 0 {
			t.Errorf("the program is built from %q, want nothing of these", found)
		}
	})

	t.Run("and knows its version", func(t *testing.T) {
		t.Parallel()
		if said, err := run(t, []string{"version"}).Output(); err != nil || string(said) != "foyer v1.2.3\n" {
			t.Errorf("foyer version = %q, %v, want the version that the linker was given", said, err)
		}
	})

	t.Run("and says so", func(t *testing.T) {
		t.Parallel()
		elsewhere := []string{"FOYER_SYMPHONY_API_URL=http://127.0.0.1:1", "FOYER_OIDC_ISSUER=http://127.0.0.1:1"}
		for _, c := range []struct {
			args, environ []string
			want          string
		}{
			{nil, nil, "FOYER_ENVIRONMENT: is sandbox, and this build has neither the stand-in Symphony nor the demo identity provider"},
			{nil, elsewhere[:1], "FOYER_ENVIRONMENT: is sandbox, and"},
			{nil, elsewhere[1:], "FOYER_ENVIRONMENT: is sandbox, and"},
			{nil, elsewhere, "FOYER_SYMPHONY_TOKEN_URL: must be set"},
			{[]string{"--sandbox-reset"}, elsewhere, "--sandbox-reset: this build has no stand-in Symphony"},
			{[]string{"sandbox"}, nil, "this build has no stand-in Symphony"},
			{[]string{"sandbox", "--reset"}, nil, "this build has no stand-in Symphony"},
		} {
			cmd := run(t, c.args, c.environ...)
			if said, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(said), c.want) {
				t.Errorf("foyer %q with %q: %v, saying %s; want status 2 and %q", c.args, c.environ, cmd.ProcessState, said, c.want)
			}
		}
		if said, err := run(t, []string{"--help"}).Output(); err != nil || strings.Contains(string(said), "foyer sandbox") {
			t.Errorf("foyer --help: %v, saying %s; want no command sandbox", err, said)
		}
	})

	t.Run("and serves with one that is elsewhere", func(t *testing.T) {
		t.Parallel()
		files := testdb.New(t)
		standIn, err := sandbox.Open(t.Context(), sandbox.Options{Database: files.Sandbox})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = standIn.Close() }()
		symphony := httptest.NewServer(standIn.Handler())
		defer symphony.Close()
		cmd := run(t, nil,
			"FOYER_LISTEN=127.0.0.1:0", "FOYER_ADMIN_LISTEN=", "FOYER_DATABASE_URL=sqlite:"+files.Store,
			"FOYER_SYMPHONY_API_URL="+symphony.URL, "FOYER_SYMPHONY_TOKEN_URL="+symphony.URL+"/oauth/token", "FOYER_SYMPHONY_LOGIN_URL="+symphony.URL,
			"FOYER_OIDC_ISSUER="+symphony.URL+"/idp", "FOYER_OIDC_CLIENT_ID=foyer", "FOYER_OIDC_CLIENT_SECRET=secret")
		var log bytes.Buffer
		cmd.Stderr = &log
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		address := ""
		for lines := bufio.NewScanner(stdout); address == "" && lines.Scan(); {
			address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text())
		}
		if address == "" {
			t.Fatalf("it ended before it told its address: %v\n%s", cmd.Wait(), log.String())
		}
		answer, err := http.Get(address + "/readyz")
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("GET /readyz = %v, %v, want 200", answer, err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("it ended with %v\n%s", err, log.String())
		}
	})
}
