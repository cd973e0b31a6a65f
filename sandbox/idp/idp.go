// Package idp is the demo identity provider: a complete OpenID Connect provider
// on which anybody can sign in as one of a few invented people, without a
// password, by choosing them on a page.
//
// It owns its people, its signing key (made anew at every start) and what it
// remembers of sign-ins under way, all in memory. It exists so that Foyer can be
// tried, shown and tested without a real provider, and so it must never run
// where real access is at stake: [New] refuses an issuer that is not on a
// loopback address, and the caller must not call it outside the sandbox
// environment. It remembers nobody: every sign-in asks again, and it sets no
// cookie.
//
// Package command mounts it beside the stand-in Symphony, tests use it as an
// independent judge of package auth; nothing else imports it.
package idp

import (
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Person is somebody whom one can sign in as.
type Person struct {
	Subject string // the sub claim
	Name    string
	Email   string
	Role    string // in a word: viewer, onboarder, auditor, admin; empty for nobody's role
	Group   string // the value of the groups claim that gives the role; empty for none
	About   string // what they do, in one sentence
}

// People lists whom one can sign in as: one person for each of Foyer's roles,
// the least powerful first, and one without any.
func People() []Person {
	return []Person{
		{
			Subject: "vera.lindqvist", Name: "Vera Lindqvist", Email: "vera.lindqvist@partner.example",
			Role: "viewer", Group: "foyer-viewer",
			About: "Support. Looks companies and people up, disables and enables people.",
		},
		{
			Subject: "omar.haddad", Name: "Omar Haddad", Email: "omar.haddad@partner.example",
			Role: "onboarder", Group: "foyer-onboarder",
			About: "Customer success. Creates companies, adds domains and people.",
		},
		{
			Subject: "audrey.chen", Name: "Audrey Chen", Email: "audrey.chen@partner.example",
			Role: "auditor", Group: "foyer-auditor",
			About: "Compliance. Reads everything, everybody’s activity included, and changes nothing.",
		},
		{
			Subject: "adam.novak", Name: "Adam Novak", Email: "adam.novak@partner.example",
			Role: "admin", Group: "foyer-admin",
			About: "Platform team. May do everything, and end other people’s sessions.",
		},
		{
			Subject: "niko.mensah", Name: "Niko Mensah", Email: "niko.mensah@partner.example",
			About: "A colleague from another team. Can sign in, but may do nothing.",
		},
	}
}

// Options is what the provider needs to know. All but PostLogoutURIs, Now and
// Logger are required.
type Options struct {
	// Issuer is the address under which the caller mounts the handler, such as
	// http://127.0.0.1:8081/idp: its path is the prefix of all of the
	// provider's own. It must be on a loopback address.
	Issuer string

	ClientID       string // of the one client, Foyer
	ClientSecret   string
	RedirectURIs   []string // where sign-ins may return to
	PostLogoutURIs []string // where sign-outs may return to

	Now    func() time.Time // time.Now if nil
	Logger *slog.Logger     // what happens, at level debug and without names; discarded if nil
}

// New returns the provider as a handler of all paths below the issuer's; it
// expects them whole, prefix included.
func New(opts Options) (http.Handler, error) {
	issuer, err := opts.check()
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}

	prefix := strings.TrimSuffix(issuer.Path, "/")
	storage, err := newStorage(opts, prefix+choosePath)
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	config := &op.Config{
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		DefaultLogoutRedirectURI: prefix + signedOutPath,
		SupportedScopes:          []string{"openid", "profile", "email"},
		SupportedClaims:          []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "azp", "name", "email", "email_verified", groupsClaim},
	}
	rand.Read(config.CryptoKey[:]) // never returns an error, says its documentation
	provider, err := op.NewProvider(config, storage, op.StaticIssuer(opts.Issuer), op.WithAllowInsecure(), op.WithCORSOptions(nil))
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}

	parsed, err := template.New("page").Parse(pagesHTML)
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	pages := &pages{
		prefix:      prefix,
		template:    parsed,
		storage:     storage,
		callback:    opts.Issuer + provider.AuthorizationEndpoint().Relative() + "/callback",
		csp:         contentSecurityPolicy(opts.RedirectURIs),
		logger:      opts.Logger,
		crossOrigin: http.NewCrossOriginProtection(),
	}
	mux := http.NewServeMux()
	pages.register(mux)
	mux.Handle(prefix+"/", http.StripPrefix(prefix, provider))
	return mux, nil
}

func (o *Options) check() (issuer *url.URL, err error) {
	issuer, err = url.Parse(o.Issuer)
	switch {
	case err != nil:
		return nil, errors.New("the issuer is no URL")
	case issuer.Scheme != "http" && issuer.Scheme != "https":
		return nil, errors.New("the issuer must be http or https")
	case !isLoopback(issuer.Hostname()):
		return nil, errors.New("the issuer is not on a loopback address: this provider asks for no passwords")
	case issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil || strings.HasSuffix(o.Issuer, "/"):
		return nil, errors.New("the issuer must end with its path, and that without a slash")
	case o.ClientID == "" || o.ClientSecret == "":
		return nil, errors.New("the client needs an id and a secret")
	case len(o.RedirectURIs) == 0 || slices.Contains(o.RedirectURIs, ""):
		return nil, errors.New("the client needs a redirect URI")
	}
	return issuer, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
