package command

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"foyer/auth"
	"foyer/handlers"
	"foyer/notices"
	"foyer/store"
)

// Config is every setting of Foyer. Each is a flag and a FOYER_ variable; the
// secrets can also stand in a file that the variable with _FILE names.
type Config struct {
	Environment string `help:"Which Symphony Foyer speaks to." enum:"sandbox,uat,prod" default:"sandbox" env:"FOYER_ENVIRONMENT"`
	Listen      string `help:"Address to serve on." default:"127.0.0.1:8080" env:"FOYER_LISTEN"`
	PublicURL   string `help:"Where browsers reach Foyer. Default: http:// and the address it listens on." name:"public-url" placeholder:"URL" env:"FOYER_PUBLIC_URL"`
	DatabaseURL string `help:"sqlite:PATH or postgres://…" name:"database-url" default:"sqlite:data/foyer.db" env:"FOYER_DATABASE_URL"`
	AdminListen string `help:"Address for metrics and pprof; empty turns them off." default:"127.0.0.1:9090" env:"FOYER_ADMIN_LISTEN"`

	Symphony struct {
		APIURL       string  `help:"Base of the Sponsored Access API." name:"api-url" placeholder:"URL" env:"FOYER_SYMPHONY_API_URL"`
		TokenURL     string  `help:"The token endpoint." name:"token-url" placeholder:"URL" env:"FOYER_SYMPHONY_TOKEN_URL"`
		Audience     string  `help:"The audience of the token." default:"https://api.symphony.com/partners" env:"FOYER_SYMPHONY_AUDIENCE"`
		ClientID     string  `help:"The partner's client id." name:"client-id" env:"FOYER_SYMPHONY_CLIENT_ID"`
		ClientSecret secret  `help:"The partner's client secret." name:"client-secret" env:"FOYER_SYMPHONY_CLIENT_SECRET"`
		LoginURL     string  `help:"Base of the login service, for the pre-check." name:"login-url" placeholder:"URL" env:"FOYER_SYMPHONY_LOGIN_URL"`
		PartnerID    string  `help:"The partner id; turns the directory search on." name:"partner-id" env:"FOYER_SYMPHONY_PARTNER_ID"`
		Rate         float64 `help:"Most calls a second to Symphony." env:"FOYER_SYMPHONY_RATE"`
	} `embed:"" prefix:"symphony-"`

	OIDC struct {
		Issuer       string   `help:"The issuer of the organisation's identity provider." placeholder:"URL" env:"FOYER_OIDC_ISSUER"`
		ClientID     string   `help:"Foyer's client id there." name:"client-id" env:"FOYER_OIDC_CLIENT_ID"`
		ClientSecret secret   `help:"Foyer's client secret there." name:"client-secret" env:"FOYER_OIDC_CLIENT_SECRET"`
		Scopes       []string `help:"Scopes to ask for." default:"openid,profile,email" sep:"none" env:"FOYER_OIDC_SCOPES"`
		RolesClaim   string   `help:"The claim that holds the roles." default:"groups" env:"FOYER_OIDC_ROLES_CLAIM"`
	} `embed:"" prefix:"oidc-"`

	Roles struct {
		Viewer    []string `help:"Values of the claim that make a viewer." default:"foyer-viewer" sep:"none" env:"FOYER_ROLES_VIEWER"`
		Onboarder []string `help:"Values that make an onboarder." default:"foyer-onboarder" sep:"none" env:"FOYER_ROLES_ONBOARDER"`
		Auditor   []string `help:"Values that make an auditor." default:"foyer-auditor" sep:"none" env:"FOYER_ROLES_AUDITOR"`
		Admin     []string `help:"Values that make an administrator." default:"foyer-admin" sep:"none" env:"FOYER_ROLES_ADMIN"`
	} `embed:"" prefix:"roles-"`

	Bulk struct {
		AtOnce int     `help:"Calls of bulk changes that are under way at once." name:"at-once" default:"8" env:"FOYER_BULK_AT_ONCE"`
		Rate   float64 `help:"Most calls of bulk changes a second. Default: as many as FOYER_SYMPHONY_RATE allows." env:"FOYER_BULK_RATE"`
		Share  int     `help:"Disabling more than so many percent of a company's people is asked about: is it the wrong file?" default:"20" env:"FOYER_BULK_SHARE"`
	} `embed:"" prefix:"bulk-"`

	SMTP struct {
		URL  secret `help:"Mail server that tells people of their bulk changes: smtp://user:password@host:587 or smtps://host:465." name:"url" placeholder:"URL" env:"FOYER_SMTP_URL"`
		From string `help:"Address that these mails are from." env:"FOYER_SMTP_FROM"`
	} `embed:"" prefix:"smtp-"`

	Webhook struct {
		URL    secret `help:"Post an event to this address when a bulk change is over or needs somebody." name:"url" placeholder:"URL" env:"FOYER_WEBHOOK_URL"`
		Secret secret `help:"Signs these events, as Standard Webhooks has it: whsec_ and base64." env:"FOYER_WEBHOOK_SECRET"`
	} `embed:"" prefix:"webhook-"`

	TrustedProxies []string       `help:"Networks (CIDR) of proxies whose X-Forwarded-For is believed." sep:"none" env:"FOYER_TRUSTED_PROXIES"`
	SessionIdle    time.Duration  `help:"A session ends after so long without use." default:"30m" env:"FOYER_SESSION_IDLE"`
	SessionMax     time.Duration  `help:"A session ends so long after sign-in." default:"8h" env:"FOYER_SESSION_MAX"`
	FreshSignIn    time.Duration  `help:"What is grave needs a sign-in so long ago at most." name:"fresh-sign-in" default:"10m" env:"FOYER_FRESH_SIGN_IN"`
	LogFormat      string         `help:"How the log is written." enum:"text,json" default:"text" env:"FOYER_LOG_FORMAT"`
	LogLevel       slog.Level     `help:"What is logged: debug, info, warn or error." default:"info" env:"FOYER_LOG_LEVEL"`
	Shutdown       time.Duration  `help:"How long to wait at the end for what is in flight." default:"40s" env:"FOYER_SHUTDOWN"`
	Drain          *time.Duration `help:"How long /readyz says no before the end begins, so that whoever leads requests here notices. Default: 5s; none in the sandbox." placeholder:"DURATION" env:"FOYER_DRAIN"`
	AuditAnchor    string         `help:"File of the last checkpoint that was signed here, from which the ledger must go on; made at the first start. Default: audit.anchor beside the key." placeholder:"PATH" env:"FOYER_AUDIT_ANCHOR"`
	AuditKey       string         `help:"File of the key that signs the ledger's checkpoints; made at the first start. Default: audit.key beside the database, or in data/." placeholder:"PATH" env:"FOYER_AUDIT_KEY"`

	Checkpoint struct {
		File     string `help:"Append each signed checkpoint of the ledger to this file." placeholder:"PATH" env:"FOYER_CHECKPOINT_FILE"`
		Restored bool   `help:"Go on although the ledger does not continue what was signed before, as after a restore, or has no anchor here; put in the ledger. For one start." name:"accept-restored"`
		URL      secret `help:"Post each signed checkpoint of the ledger to this address." placeholder:"URL" name:"url" env:"FOYER_CHECKPOINT_URL"`
	} `embed:"" prefix:"checkpoint-"`

	Witnesses string `help:"File that says who cosigns the ledger's checkpoints, where they are asked, and how many of whom it takes." placeholder:"PATH" env:"FOYER_WITNESSES"`

	Sandbox sandboxConfig `embed:"" prefix:"sandbox-"`
}

// sandboxConfig is the stand-in's part, embedded in Foyer or served alone.
type sandboxConfig struct {
	Listen       string        `help:"Address of the stand-in Symphony." default:"127.0.0.1:8081" env:"FOYER_SANDBOX_LISTEN"`
	Database     string        `help:"File of the stand-in Symphony." default:"data/sandbox.db" env:"FOYER_SANDBOX_DATABASE"`
	Provisioning time.Duration `help:"How long the stand-in takes to build a company." default:"20s" env:"FOYER_SANDBOX_PROVISIONING"`
	People       int           `help:"Make up so many people in 200 companies, in a new file, to see what much looks like." env:"FOYER_SANDBOX_PEOPLE"`
	Reset        bool          `help:"Start the stand-in over, with the seeded companies and people."`
}

// host is where browsers reach Foyer, without the scheme.
func (c *Config) host() string {
	_, host, _ := strings.Cut(c.PublicURL, "://")
	return host
}

// secret is a setting that never shows: not in logs, errors or usage.
type secret string

// String hides the secret.
func (s secret) String() string {
	if s == "" {
		return ""
	}
	return "(set)"
}

// GoString hides the secret from %#v.
func (s secret) GoString() string { return s.String() }

// LogValue hides the secret from logs.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from encoders.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the secret from a flag or variable.
func (s *secret) UnmarshalText(text []byte) error {
	*s = secret(text)
	return nil
}

// The endpoints that Symphony publishes. It publishes no token endpoint for
// UAT, so that one must be given.
var published = map[string]struct{ api, token, login string }{
	"uat":  {"https://community.uat.symphony.com", "", "https://loginservice-test.symphony.com"},
	"prod": {"https://community.symphony.com", "https://us-auth.prod.symphony.com/oauth/token", "https://loginservice.symphony.com"},
}

// What the stand-in's one partner is known by: package sandbox's own, which is not
// in every build.
const (
	standInClientID     = "sandbox-partner"
	standInClientSecret = "sandbox-secret"
	standInPartnerID    = "sandbox-partner-id"
)

const (
	demoClientID = "foyer" // Foyer's client id at the demo identity provider
	idpPath      = "/idp"  // where that one is on the stand-in's address
)

// complete fills in what was not set, reads the secrets that stand in files,
// and checks everything. It reports all problems at once and names the
// settings, never their secrets. lookup is os.LookupEnv.
func (c *Config) complete(lookup func(string) (string, bool)) error {
	var problems []error
	bad := func(setting, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", setting, fmt.Sprintf(format, args...)))
	}
	for setting, into := range map[string]*secret{
		"FOYER_SYMPHONY_CLIENT_SECRET": &c.Symphony.ClientSecret,
		"FOYER_OIDC_CLIENT_SECRET":     &c.OIDC.ClientSecret,
		"FOYER_CHECKPOINT_URL":         &c.Checkpoint.URL,
		"FOYER_SMTP_URL":               &c.SMTP.URL,
		"FOYER_WEBHOOK_URL":            &c.Webhook.URL,
		"FOYER_WEBHOOK_SECRET":         &c.Webhook.Secret,
	} {
		if err := fromFile(setting, into, lookup); err != nil {
			problems = append(problems, err)
		}
	}
	if database, ok := lookup("FOYER_DATABASE_URL_FILE"); ok {
		url := secret("")
		if err := readSecret("FOYER_DATABASE_URL_FILE", database, &url); err != nil {
			problems = append(problems, err)
		}
		c.DatabaseURL = string(url)
	}
	c.fillIn()
	if c.Symphony.Rate == 0 {
		c.Symphony.Rate = c.usualRate()
	}
	c.readLists(bad)

	if c.Environment == "sandbox" && !hasStandIn {
		if c.Symphony.APIURL == "" || c.OIDC.Issuer == "" {
			bad("FOYER_ENVIRONMENT", "is sandbox, and this build has neither the stand-in Symphony nor the demo identity provider: set it to uat or prod, or take the build that has them")
		}
		if c.Sandbox.Reset {
			bad("--sandbox-reset", "this build has no stand-in Symphony")
		}
	}
	if c.Environment == "sandbox" {
		c.checkSandbox(bad)
	}
	required := []struct{ setting, value string }{
		{"FOYER_SYMPHONY_API_URL", c.Symphony.APIURL},
		{"FOYER_SYMPHONY_TOKEN_URL", c.Symphony.TokenURL},
		{"FOYER_SYMPHONY_LOGIN_URL", c.Symphony.LoginURL},
		{"FOYER_SYMPHONY_CLIENT_ID", c.Symphony.ClientID},
		{"FOYER_SYMPHONY_CLIENT_SECRET", string(c.Symphony.ClientSecret)},
		{"FOYER_OIDC_ISSUER", c.OIDC.Issuer},
		{"FOYER_OIDC_CLIENT_ID", c.OIDC.ClientID},
		{"FOYER_OIDC_CLIENT_SECRET", string(c.OIDC.ClientSecret)},
		{"FOYER_PUBLIC_URL", c.PublicURL},
	}
	where := c.Environment
	if c.Environment == "sandbox" {
		where += " when FOYER_SYMPHONY_API_URL is not the embedded stand-in's"
	}
	for _, r := range required {
		if r.value == "" {
			bad(r.setting, "must be set in the environment %s", where)
		}
	}
	for _, u := range []struct{ setting, value string }{
		{"FOYER_PUBLIC_URL", c.PublicURL},
		{"FOYER_SYMPHONY_API_URL", c.Symphony.APIURL},
		{"FOYER_SYMPHONY_TOKEN_URL", c.Symphony.TokenURL},
		{"FOYER_SYMPHONY_LOGIN_URL", c.Symphony.LoginURL},
		{"FOYER_OIDC_ISSUER", c.OIDC.Issuer},
		{"FOYER_CHECKPOINT_URL", withoutQuery(string(c.Checkpoint.URL))},
	} {
		if err := checkURL(u.value); u.value != "" && err != nil {
			bad(u.setting, "%v", err)
		}
	}
	if u, err := url.Parse(c.PublicURL); err == nil && strings.Trim(u.Path, "/") != "" {
		bad("FOYER_PUBLIC_URL", "must have no path: Foyer lives at the root of its host")
	}
	for _, proxy := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(proxy); err != nil {
			bad("FOYER_TRUSTED_PROXIES", "%q is not a network such as 10.0.0.0/8", proxy)
		}
	}
	for _, a := range []struct{ setting, value string }{{"FOYER_LISTEN", c.Listen}, {"FOYER_ADMIN_LISTEN", c.AdminListen}, {"FOYER_SANDBOX_LISTEN", c.Sandbox.Listen}} {
		if _, _, err := net.SplitHostPort(a.value); a.value != "" && err != nil {
			bad(a.setting, "%q is not an address such as 127.0.0.1:8080", a.value)
		}
	}
	if err := store.CheckAddress(c.DatabaseURL); err != nil {
		bad("FOYER_DATABASE_URL", "%v", err)
	}
	if c.Environment != "sandbox" {
		if c.Symphony.ClientSecret == standInClientSecret {
			bad("FOYER_SYMPHONY_CLIENT_SECRET", "is the sandbox's, which everybody knows")
		}
		if c.Sandbox.Reset {
			bad("--sandbox-reset", "there is no sandbox in the environment %s", c.Environment)
		}
	}
	if i := slices.IndexFunc(c.OIDC.Scopes, func(s string) bool { return strings.ContainsFunc(s, unicode.IsSpace) }); i >= 0 {
		bad("FOYER_OIDC_SCOPES", "%q is not a scope: separate them with commas", c.OIDC.Scopes[i])
	}
	if !slices.Contains(c.OIDC.Scopes, "openid") {
		bad("FOYER_OIDC_SCOPES", "must have openid, without which there is no sign-in")
	}
	if c.FreshSignIn < time.Minute {
		bad("FOYER_FRESH_SIGN_IN", "must be a minute or more")
	}
	if c.SessionIdle <= time.Minute || c.SessionMax < c.SessionIdle {
		bad("FOYER_SESSION_IDLE", "must be more than a minute and at most FOYER_SESSION_MAX")
	}
	if *c.Drain < 0 {
		bad("FOYER_DRAIN", "must not be less than nothing")
	}
	if _, err := notices.New(c.noticeOptions("")); err != nil {
		problems = append(problems, err)
	}
	if c.Bulk.AtOnce < 1 || c.Bulk.AtOnce > mostBulkCalls {
		bad("FOYER_BULK_AT_ONCE", "must be 1 to %d", mostBulkCalls)
	}
	if c.Bulk.Rate < 0 {
		bad("FOYER_BULK_RATE", "must not be less than nothing")
	}
	if c.Bulk.Share < 1 || c.Bulk.Share > 100 {
		bad("FOYER_BULK_SHARE", "must be 1 to 100")
	}
	if c.Symphony.Rate <= 0 {
		bad("FOYER_SYMPHONY_RATE", "must be more than nothing")
	}
	return errors.Join(problems...)
}

// noticeOptions are where notices of bulk changes go.
func (c *Config) noticeOptions(version string) notices.Options {
	return notices.Options{
		SMTP: string(c.SMTP.URL), From: c.SMTP.From, Hook: string(c.Webhook.URL), Secret: string(c.Webhook.Secret), UserAgent: "foyer/" + version,
	}
}

// checkSandbox holds the environment to its promise that nothing in it reaches
// anybody: what it speaks to is on this machine, and so is whoever can use the demo
// identity provider, which asks nobody for a password.
func (c *Config) checkSandbox(bad func(setting, format string, args ...any)) {
	for _, u := range []struct{ setting, value string }{
		{"FOYER_SYMPHONY_API_URL", c.Symphony.APIURL},
		{"FOYER_SYMPHONY_TOKEN_URL", c.Symphony.TokenURL},
		{"FOYER_SYMPHONY_LOGIN_URL", c.Symphony.LoginURL},
		{"FOYER_SMTP_URL", string(c.SMTP.URL)},
		{"FOYER_WEBHOOK_URL", string(c.Webhook.URL)},
	} {
		if parsed, err := url.Parse(u.value); u.value != "" && err == nil && !isLoopback(parsed.Hostname()) {
			bad(u.setting, "is not on this machine, and nothing in the environment sandbox reaches anybody: set FOYER_ENVIRONMENT to uat or prod")
		}
	}
	if host, _, err := net.SplitHostPort(c.Sandbox.Listen); err == nil && c.demoIDP() && !isLoopback(host) {
		bad("FOYER_SANDBOX_LISTEN", "must be on a loopback address such as 127.0.0.1:8081: the demo identity provider is there, and lets anybody in")
	}
}

// isLoopback says whether a host's name or address is this machine's own.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// fillIn gives the settings that are not set their values for the environment.
func (c *Config) fillIn() {
	set := func(value *string, to string) {
		if *value == "" {
			*value = to
		}
	}
	set(&c.PublicURL, localURL(c.Listen))
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	set(&c.AuditKey, keyPath(c.DatabaseURL))
	if c.Drain == nil {
		c.Drain = new(time.Duration(0))
		if c.Environment != "sandbox" {
			c.Drain = new(5 * time.Second)
		}
	}
	if c.Environment != "sandbox" {
		set(&c.Symphony.APIURL, published[c.Environment].api)
		set(&c.Symphony.TokenURL, published[c.Environment].token)
		set(&c.Symphony.LoginURL, published[c.Environment].login)
		return
	}
	set(&c.Symphony.ClientID, standInClientID)
	if c.Symphony.ClientSecret == "" {
		c.Symphony.ClientSecret = standInClientSecret
	}
	if !hasStandIn {
		return // there is a stand-in at most elsewhere, and the settings say where
	}
	standIn := localURL(c.Sandbox.Listen)
	if c.Symphony.APIURL == "" {
		set(&c.Symphony.PartnerID, standInPartnerID)
	}
	set(&c.Symphony.APIURL, standIn)
	set(&c.Symphony.TokenURL, standIn+"/oauth/token")
	set(&c.Symphony.LoginURL, standIn)
	if c.OIDC.Issuer == "" && c.usesStandIn() {
		c.OIDC.Issuer = standIn + idpPath
		set(&c.OIDC.ClientID, demoClientID)
	}
	if c.demoIDP() && c.OIDC.ClientSecret == "" {
		c.OIDC.ClientSecret = secret(rand.Text()) // shared within this process; nobody has to know it
	}
}

// keyPath is where the ledger's key is when no setting says: beside an SQLite
// database, otherwise in data/.
func keyPath(database string) string {
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		return filepath.Join(filepath.Dir(path), "audit.key")
	}
	return filepath.Join("data", "audit.key")
}

// usesStandIn says whether the embedded stand-in is the Symphony that is spoken to.
func (c *Config) usesStandIn() bool {
	return hasStandIn && c.Environment == "sandbox" && c.Symphony.APIURL == localURL(c.Sandbox.Listen)
}

// usualRate is how many calls a second Symphony gets when nothing else is set. The
// embedded stand-in has nobody else to answer.
func (c *Config) usualRate() float64 {
	if c.usesStandIn() {
		return 500
	}
	return 20
}

// demoIDP says whether the demo identity provider is the one that is used. It exists
// beside the embedded stand-in only: whom it lets in must have nobody real to change.
func (c *Config) demoIDP() bool {
	return c.usesStandIn() && c.OIDC.Issuer == localURL(c.Sandbox.Listen)+idpPath
}

// localURL is how a browser on this machine reaches an address that is listened
// on.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// checkURL refuses what isn't an absolute http(s) URL, and plain http anywhere
// but on loopback.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("is not a URL such as https://foyer.example.com")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("must begin with https://")
	}
	if !isLoopback(u.Hostname()) {
		return errors.New("must begin with https://: plain http is accepted on loopback addresses only")
	}
	return nil
}

// withoutQuery is a URL that may have a query, as those of flow services do, to be
// checked like the others.
func withoutQuery(text string) string {
	before, _, _ := strings.Cut(text, "?")
	return before
}

// fromFile reads a secret from the file that the variable with _FILE names.
func fromFile(setting string, into *secret, lookup func(string) (string, bool)) error {
	path, ok := lookup(setting + "_FILE")
	if !ok || path == "" {
		return nil
	}
	if *into != "" {
		return fmt.Errorf("%s and %s_FILE: set one of them", setting, setting)
	}
	return readSecret(setting+"_FILE", path, into)
}

func readSecret(setting, path string, into *secret) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s: the file can't be read", setting)
	}
	// Mounted secrets are often links to files that their group may read; what
	// everybody may read is a mistake.
	if info.Mode().Perm()&0o004 != 0 {
		return fmt.Errorf("%s: everybody may read the file; take that away (chmod o-r)", setting)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: the file can't be read", setting)
	}
	*into = secret(strings.TrimRight(string(text), "\r\n"))
	return nil
}

// unknownSettings finds FOYER_ variables that no setting reads: a typing error
// must not pass for a default. FOYER_PORT… and FOYER_SERVICE_… are what
// Kubernetes tells every container of a service that is called foyer.
func unknownSettings(environ []string) []string {
	known := map[string]bool{"FOYER_DATABASE_URL_FILE": true}
	collectEnv(reflect.TypeFor[Config](), known)
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "FOYER_") && !known[name] && !slices.ContainsFunc(
			[]string{"FOYER_TEST_", "FOYER_PORT", "FOYER_SERVICE_"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func collectEnv(t reflect.Type, into map[string]bool) {
	for field := range t.Fields() {
		if name := field.Tag.Get("env"); name != "" {
			into[name] = true
			if field.Type == reflect.TypeFor[secret]() {
				into[name+"_FILE"] = true
			}
		}
		if field.Type.Kind() == reflect.Struct {
			collectEnv(field.Type, into)
		}
	}
}

// roleValues are the claim's values that give each role.
func (c *Config) roleValues() auth.RoleMap {
	return auth.RoleMap{
		auth.Viewer: c.Roles.Viewer, auth.Onboarder: c.Roles.Onboarder, auth.Auditor: c.Roles.Auditor, auth.Admin: c.Roles.Admin,
	}
}

// trusted are the networks of trusted proxies; complete has checked them.
func (c *Config) trusted() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range c.TrustedProxies {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

func (c *Config) environment() handlers.Environment { return handlers.Environment(c.Environment) }
