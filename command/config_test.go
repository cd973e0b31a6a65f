package command

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// settings parses and completes a configuration from an environment.
func settings(t *testing.T, environ map[string]string) (*Config, error) {
	t.Helper()
	var cmd serveCommand
	lookup := func(name string) (string, bool) { v, ok := environ[name]; return v, ok }
	// Kong reads variables from the process; here they come as flags, so that
	// tests can run side by side.
	parser, err := kong.New(&cmd, kong.Exit(func(int) { t.Fatal("exit") }))
	if err != nil {
		t.Fatal(err)
	}
	var args []string
	for _, flag := range parser.Model.Flags {
		for _, name := range flag.Envs {
			if v, ok := environ[name]; ok {
				args = append(args, "--"+flag.Name+"="+v)
			}
			flag.Envs = nil
		}
	}
	if _, err := parser.Parse(args); err != nil {
		return nil, err
	}
	return &cmd.Config, cmd.complete(lookup)
}

func TestTheSandboxNeedsNoSetting(t *testing.T) {
	t.Parallel()
	c, err := settings(t, nil)
	if err != nil {
		t.Fatalf("no settings: %v", err)
	}
	if c.PublicURL != "http://127.0.0.1:8080" || c.Symphony.APIURL != "http://127.0.0.1:8081" || c.OIDC.Issuer != "http://127.0.0.1:8081/idp" || !c.demoIDP() || !c.usesStandIn() {
		t.Errorf("settings = %+v, want the embedded stand-ins", c)
	}
}

func TestAPieceOfTheSandboxCanBeSwappedForARealOne(t *testing.T) {
	t.Parallel()
	c, err := settings(t, map[string]string{"FOYER_OIDC_ISSUER": "https://idp.example", "FOYER_OIDC_CLIENT_ID": "x", "FOYER_OIDC_CLIENT_SECRET": "y"})
	if err != nil || c.demoIDP() || !c.usesStandIn() || c.Symphony.APIURL != "http://127.0.0.1:8081" {
		t.Errorf("settings = %+v, %v, want a real identity provider and the stand-in Symphony", c, err)
	}
}

// The demo identity provider lets anybody in as anybody.
func TestNobodyGetsToARealSymphonyWithoutAPassword(t *testing.T) {
	t.Parallel()
	real := map[string]string{"FOYER_OIDC_ISSUER": "https://idp.example", "FOYER_OIDC_CLIENT_ID": "x", "FOYER_OIDC_CLIENT_SECRET": "y"}
	for _, tt := range []struct {
		name     string
		environ  map[string]string
		signIn   bool   // a real identity provider is set
		refusing string // the setting that is refused; empty when all are taken
	}{
		{name: "another API", environ: map[string]string{"FOYER_SYMPHONY_API_URL": "https://community.symphony.com"}, refusing: "FOYER_SYMPHONY_API_URL"},
		{name: "another API and sign-in", environ: map[string]string{"FOYER_SYMPHONY_API_URL": "https://community.symphony.com"}, signIn: true, refusing: "FOYER_SYMPHONY_API_URL"},
		{name: "another token endpoint", environ: map[string]string{"FOYER_SYMPHONY_TOKEN_URL": "https://auth.example/token"}, refusing: "FOYER_SYMPHONY_TOKEN_URL"},
		{name: "another login service", environ: map[string]string{"FOYER_SYMPHONY_LOGIN_URL": "https://login.example"}, refusing: "FOYER_SYMPHONY_LOGIN_URL"},
		{name: "a name like loopback", environ: map[string]string{"FOYER_SYMPHONY_API_URL": "https://127.0.0.1.example"}, refusing: "FOYER_SYMPHONY_API_URL"},
		{name: "a way through this machine", environ: map[string]string{"FOYER_SYMPHONY_API_URL": "http://127.0.0.1:9999"}, refusing: "FOYER_OIDC_ISSUER"},
		{name: "a way through this machine, and the demo provider by name", environ: map[string]string{"FOYER_SYMPHONY_API_URL": "http://127.0.0.1:9999", "FOYER_OIDC_ISSUER": "http://127.0.0.1:8081/idp"}, refusing: "FOYER_OIDC_CLIENT_ID"},
		{name: "a way through this machine, and sign-in", environ: map[string]string{"FOYER_SYMPHONY_API_URL": "http://127.0.0.1:9999"}, signIn: true},
		{name: "every interface", environ: map[string]string{"FOYER_SANDBOX_LISTEN": "0.0.0.0:8081"}, refusing: "FOYER_SANDBOX_LISTEN"},
		{name: "every interface, unnamed", environ: map[string]string{"FOYER_SANDBOX_LISTEN": ":8081"}, refusing: "FOYER_SANDBOX_LISTEN"},
		{name: "one address of the network", environ: map[string]string{"FOYER_SANDBOX_LISTEN": "192.0.2.7:8081"}, refusing: "FOYER_SANDBOX_LISTEN"},
		{name: "loopback by name", environ: map[string]string{"FOYER_SANDBOX_LISTEN": "localhost:8081"}},
		{name: "loopback in IPv6", environ: map[string]string{"FOYER_SANDBOX_LISTEN": "[::1]:8081"}},
	} {
		environ := maps.Clone(tt.environ)
		if tt.signIn {
			maps.Copy(environ, real)
		}
		c, err := settings(t, environ)
		switch {
		case tt.refusing == "" && err != nil:
			t.Errorf("%s: %v, want it taken", tt.name, err)
		case tt.refusing != "" && (err == nil || !strings.Contains(err.Error(), tt.refusing+":")):
			t.Errorf("%s: %v, want %s refused", tt.name, err, tt.refusing)
		case err == nil && c.demoIDP() && !c.usesStandIn():
			t.Errorf("%s: the demo identity provider is there without the stand-in", tt.name)
		}
	}
}

// A list that is understood otherwise than it was meant gives a role to others than
// those that were meant.
func TestListsAreUnderstoodOrRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text    string
		want    []string
		refused bool
	}{
		{text: "foyer-admin", want: []string{"foyer-admin"}},
		{text: "a,b", want: []string{"a", "b"}},
		{text: " a , b ,", want: []string{"a", "b"}},
		{text: "Foyer Admins, b", want: []string{"Foyer Admins", "b"}},
		{text: "a\nb\n", want: []string{"a", "b"}},
		{text: `"a", "b"`, want: []string{"a", "b"}},
		{text: `"CN=foyer-onboard,OU=Groups,DC=corp,DC=example"`, want: []string{"CN=foyer-onboard,OU=Groups,DC=corp,DC=example"}},
		{text: `"CN=a,OU=b", "CN=c,OU=d",e`, want: []string{"CN=a,OU=b", "CN=c,OU=d", "e"}},
		{text: "CN=foyer", want: []string{"CN=foyer"}},
		{text: `"it's; [so]"`, want: []string{"it's; [so]"}},
		{text: "", want: nil},
		{text: "CN=foyer-onboard,OU=Groups,DC=corp,DC=example", refused: true},
		{text: `CN=foyer-onboard\,OU=Groups`, refused: true},
		{text: `"CN=a,OU=b",CN=c,OU=d`, refused: true},
		{text: `'a','b'`, refused: true},
		{text: `["a","b"]`, refused: true},
		{text: `[a]`, refused: true},
		{text: "a;b", refused: true},
		{text: "“a”", refused: true},
		{text: `"a`, refused: true},
		{text: `a"b"`, refused: true},
	} {
		environ := partner()
		environ["FOYER_ROLES_ONBOARDER"] = tt.text
		c, err := settings(t, environ)
		if tt.refused {
			if err == nil || !strings.Contains(err.Error(), "FOYER_ROLES_ONBOARDER: ") {
				t.Errorf("%s: %q, %v, want it refused", tt.text, c.Roles.Onboarder, err)
			}
			continue
		}
		if err != nil || !slices.Equal(c.Roles.Onboarder, tt.want) {
			t.Errorf("%s: %q, %v, want %q", tt.text, c.Roles.Onboarder, err, tt.want)
		}
	}
	for setting, values := range map[string]map[string]bool{
		"FOYER_OIDC_SCOPES":     {"openid, profile": true, "openid profile": false, "profile": false},
		"FOYER_TRUSTED_PROXIES": {"10.0.0.0/8, 192.168.0.0/16": true, `"10.0.0.0/8"`: true, "10.0.0.1": false},
	} {
		for value, good := range values {
			environ := partner()
			environ[setting] = value
			if _, err := settings(t, environ); (err == nil) != good {
				t.Errorf("%s=%s: %v, want taken: %v", setting, value, err, good)
			}
		}
	}
}

func TestARealEnvironmentSaysEverythingThatIsMissingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := settings(t, map[string]string{"FOYER_ENVIRONMENT": "uat", "FOYER_TRUSTED_PROXIES": "all", "FOYER_DATABASE_URL": "mysql:x"})
	for _, name := range []string{
		"FOYER_SYMPHONY_TOKEN_URL", "FOYER_SYMPHONY_CLIENT_ID", "FOYER_SYMPHONY_CLIENT_SECRET",
		"FOYER_OIDC_ISSUER", "FOYER_OIDC_CLIENT_ID", "FOYER_OIDC_CLIENT_SECRET", "FOYER_TRUSTED_PROXIES", "FOYER_DATABASE_URL",
	} {
		if err == nil || !strings.Contains(err.Error(), name+":") {
			t.Errorf("error doesn’t name %s:\n%v", name, err)
		}
	}
}

// partner are the settings of a real partner in PROD.
func partner() map[string]string {
	return map[string]string{
		"FOYER_ENVIRONMENT": "prod", "FOYER_PUBLIC_URL": "https://foyer.partner.example",
		"FOYER_SYMPHONY_CLIENT_ID": "partner", "FOYER_SYMPHONY_CLIENT_SECRET": "CANARY-symphony",
		"FOYER_OIDC_ISSUER": "https://idp.partner.example", "FOYER_OIDC_CLIENT_ID": "foyer", "FOYER_OIDC_CLIENT_SECRET": "CANARY-oidc",
		"FOYER_TRUSTED_PROXIES": "10.0.0.0/8,192.168.1.7/32",
	}
}

func TestProdNeedsCredentialsOnly(t *testing.T) {
	t.Parallel()
	c, err := settings(t, partner())
	if err != nil {
		t.Fatal(err)
	}
	if c.Symphony.APIURL != "https://community.symphony.com" || c.Symphony.TokenURL != "https://us-auth.prod.symphony.com/oauth/token" || c.Symphony.LoginURL != "https://loginservice.symphony.com" || c.usesStandIn() || len(c.trusted()) != 2 {
		t.Errorf("settings = %+v, want Symphony’s published endpoints and no stand-in", c)
	}
}

func TestPlainHTTPIsForLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"FOYER_PUBLIC_URL", "FOYER_SYMPHONY_API_URL", "FOYER_SYMPHONY_TOKEN_URL", "FOYER_SYMPHONY_LOGIN_URL", "FOYER_OIDC_ISSUER"} {
		for value, good := range map[string]bool{
			"http://foyer.example": false, "http://10.0.0.1": false, "http://127.0.0.1.evil.example": false, "ftp://foyer.example": false,
			"//foyer.example": false, "https://user:pass@foyer.example": false, "foyer.example": false,
			"http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://localhost:8080": true, "https://foyer.example": true,
		} {
			environ := partner()
			environ[name] = value
			if _, err := settings(t, environ); (err == nil) != good {
				t.Errorf("%s=%s: %v, want accepted: %v", name, value, err, good)
			}
		}
	}
}

func TestTheSandboxsSecretIsNoSecretElsewhere(t *testing.T) {
	t.Parallel()
	environ := partner()
	environ["FOYER_SYMPHONY_CLIENT_SECRET"] = "sandbox-secret"
	if _, err := settings(t, environ); err == nil {
		t.Error("the sandbox’s secret is accepted in PROD")
	}
}

func TestSecretsComeFromFilesThatNotEverybodyMayRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("CANARY-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := partner()
	delete(environ, "FOYER_SYMPHONY_CLIENT_SECRET")
	environ["FOYER_SYMPHONY_CLIENT_SECRET_FILE"] = path
	c, err := settings(t, environ)
	if err != nil || c.Symphony.ClientSecret != "CANARY-file" {
		t.Fatalf("secret from a file: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := settings(t, environ); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("a secret that everybody may read: %v, want a refusal without the secret", err)
	}
	environ["FOYER_SYMPHONY_CLIENT_SECRET"] = "CANARY-both"
	if _, err := settings(t, environ); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("a secret given twice: %v, want a refusal without the secret", err)
	}
}

func TestSecretsNeverShow(t *testing.T) {
	t.Parallel()
	c, err := settings(t, partner())
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	fmt.Fprintf(&shown, "%v %+v %#v %s %q", c, c, c, c.Symphony.ClientSecret, c.OIDC.ClientSecret)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("settings", "config", c, "secret", c.Symphony.ClientSecret)
	if strings.Contains(shown.String(), "CANARY") {
		t.Errorf("a secret shows in %s", shown.String())
	}
}

func TestATypingErrorInASettingIsNotADefault(t *testing.T) {
	t.Parallel()
	got := unknownSettings([]string{"PATH=/bin", "FOYER_LISTEN=x", "FOYER_OIDC_CLIENT_SECRET_FILE=x", "FOYER_OIDC_ISSUR=x", "FOYER_TEST_CHROMIUM=x"})
	if len(got) != 1 || got[0] != "FOYER_OIDC_ISSUR" {
		t.Errorf("unknownSettings = %v, want FOYER_OIDC_ISSUR alone", got)
	}
}

func TestTheEndIsAnnouncedExceptInTheSandbox(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		environ map[string]string
		want    time.Duration
	}{
		{nil, 0},
		{map[string]string{"FOYER_ENVIRONMENT": "prod"}, 5 * time.Second},
		{map[string]string{"FOYER_ENVIRONMENT": "prod", "FOYER_DRAIN": "0s"}, 0},
		{map[string]string{"FOYER_DRAIN": "15s"}, 15 * time.Second},
	} {
		if c, _ := settings(t, test.environ); *c.Drain != test.want {
			t.Errorf("%v: drain = %v, want %v", test.environ, *c.Drain, test.want)
		}
	}
	if _, err := settings(t, map[string]string{"FOYER_DRAIN": "-1s"}); err == nil || !strings.Contains(err.Error(), "FOYER_DRAIN") {
		t.Errorf("a drain of -1s = %v, want it refused", err)
	}
}

func TestTheCheckpointsAddressMayHaveAQuery(t *testing.T) {
	t.Parallel()
	const hook = "https://flows.example/workflows/1?api-version=1&sig=a%2Fb"
	c, err := settings(t, map[string]string{"FOYER_CHECKPOINT_URL": hook})
	if err != nil || string(c.Checkpoint.URL) != hook {
		t.Errorf("checkpoint URL = %q, %v, want it as it was set", string(c.Checkpoint.URL), err)
	}
	for _, wrong := range []string{"http://flows.example/?sig=1", "flows.example?sig=1", "https://?sig=1"} {
		if _, err := settings(t, map[string]string{"FOYER_CHECKPOINT_URL": wrong}); err == nil {
			t.Errorf("FOYER_CHECKPOINT_URL=%s is taken", wrong)
		}
	}
}
