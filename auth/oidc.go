package auth

import (
	"context"
	"net/http"
	"time"
)

// Identity is the outcome of a sign-in.
type Identity struct {
	Person   Person    // its roles may be empty: then the person has no access
	AuthTime time.Time // when the provider authenticated them; zero if not said
	SID      string    // the provider's session id, or empty
}

// Resume is what a browser wants to go on with after signing in.
type Resume struct {
	// ReturnTo is a path of ours with its query. Anything else becomes "/".
	ReturnTo string
	// Draft is a form that could not be sent because nobody was signed in, in
	// the caller's own encoding; at most MaxDraft bytes.
	Draft []byte
}

// MaxDraft is the greatest size of a draft in bytes.
const MaxDraft = 64 << 10

// Reason says in one stable word why a sign-in was refused, for the ledger,
// metrics and the choice of page.
type Reason string

// The reasons, with the HTTP status that suits each.
const (
	ReasonRequest     Reason = "request"     // 400: not a callback: wrong method, doubled or missing parameters
	ReasonState       Reason = "state"       // 400: unknown, used before, or older than ten minutes
	ReasonBrowser     Reason = "browser"     // 400: another browser began this sign-in
	ReasonIssuer      Reason = "iss"         // 400: the answer is another provider's (RFC 9207)
	ReasonDenied      Reason = "idp"         // 400: the provider answered with an error; Code has it
	ReasonCode        Reason = "code"        // 400: the token endpoint refused the code
	ReasonToken       Reason = "token"       // 400: no ID token, or one that does not verify
	ReasonNonce       Reason = "nonce"       // 400: the ID token belongs to another sign-in
	ReasonClaims      Reason = "claims"      // 400: a claim is missing or absurd
	ReasonUnavailable Reason = "unavailable" // 502: the provider is down, slow, or talks nonsense
	ReasonStore       Reason = "store"       // 503: our own database failed
)

// SignInError is why a sign-in was refused. Its text and what it wraps carry no
// token, no code and nothing of a person, so it may be logged.
type SignInError struct {
	Reason Reason
	// Code is the provider's error code when Reason is ReasonDenied, such as
	// access_denied; "other" if it is none of the registered ones.
	Code string
	Err  error
}

// Error implements error.
func (e *SignInError) Error() string { panic("being written") }

// Unwrap returns the cause.
func (e *SignInError) Unwrap() error { return e.Err }

// OIDCOptions is what OIDC needs. Issuer, ClientID, RedirectURL, Store and
// AllowedReturn are required.
type OIDCOptions struct {
	Store Store

	Issuer       string // exactly as the provider spells it, trailing slash included
	ClientID     string
	ClientSecret string
	RedirectURL  string // our /auth/callback; https makes the cookies Secure and __Host-
	// PostLogoutURL is where the provider sends the browser after signing out;
	// empty to leave it there.
	PostLogoutURL string

	Scopes     []string          // openid, profile and email if empty; openid is always asked for
	RolesClaim string            // "groups" if empty
	RoleValues map[Role][]string // the claim's values that give each role

	// AllowedReturn says whether a path, without its query, is a page that a
	// browser may return to: a registered GET route.
	AllowedReturn func(path string) bool

	Transport http.RoundTripper // http.DefaultTransport's settings if nil
	Now       func() time.Time  // time.Now if nil
}

// OIDC signs people in with one OpenID Connect provider: authorization code
// with PKCE, state and nonce.
type OIDC struct {
	opts OIDCOptions
}

// NewOIDC checks the options. It does not talk to the provider: that happens
// when it is first needed and is tried again until it works, so that Foyer
// starts and serves those who are signed in while the provider is down.
func NewOIDC(opts OIDCOptions) (*OIDC, error) { panic("being written") }

// Start begins a sign-in: it remembers what to resume, sets a cookie that binds
// the sign-in to this browser, and returns the provider's address to send the
// browser to. Up to five sign-ins of one browser can be under way at once; a
// sixth drops the oldest. The error is a *SignInError: ReasonUnavailable,
// ReasonStore, or ReasonRequest for a draft that is too large.
func (o *OIDC) Start(w http.ResponseWriter, r *http.Request, resume Resume) (authURL string, err error) {
	panic("being written")
}

// Finish handles the browser's return to RedirectURL. It uses up the sign-in
// whatever comes of it. The error is always a *SignInError.
func (o *OIDC) Finish(w http.ResponseWriter, r *http.Request) (Identity, Resume, error) {
	panic("being written")
}

// LogoutURL returns where to send a browser to sign out at the provider too, or
// "" if the provider has no such place or cannot be asked.
func (o *OIDC) LogoutURL(ctx context.Context) string { panic("being written") }

// Check asks the provider for its configuration and returns an error if it
// cannot be used to sign in now.
func (o *OIDC) Check(ctx context.Context) error { panic("being written") }
