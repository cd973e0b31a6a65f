package auth

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// MaxDraft is the greatest size of a draft in bytes.
const MaxDraft = 64 << 10

// maxLogins is how many sign-ins of one browser, in as many tabs, can be under
// way at once.
const maxLogins = 5

// Identity is the outcome of a sign-in.
type Identity struct {
	Person   Person    // its roles may be empty: then the person has no access
	AuthTime time.Time // when the provider authenticated them; zero if it did not say
	SID      string    // the provider's session id, or empty

	RoleValues []string   // of the roles claim, from which the roles follow
	RolesClaim RolesClaim // what was wrong with that claim; empty if nothing was
}

// Resume is what a browser wants to go on with after signing in.
type Resume struct {
	// ReturnTo is a path of ours with its query. Anything else becomes "/".
	ReturnTo string
	// Draft is a form that could not be sent because nobody was signed in, in
	// the caller's own encoding; at most MaxDraft bytes.
	Draft []byte
	// DraftOwner is whose form it is: nobody else is given it.
	DraftOwner Owner
	// OfAnother says, after a sign-in, that the draft was somebody else's and is gone.
	OfAnother bool

	// MaxAge asks the provider, at Start, to have the person say again who they are,
	// and Finish refuses who did so longer ago; to a second. 0 takes any sign-in.
	MaxAge time.Duration
	// SelectAccount asks the provider, at Start, which account it is to be.
	SelectAccount bool
}

// OIDCOptions is what OIDC needs. Store, Issuer, ClientID, RedirectURL and
// AllowedReturn are required.
type OIDCOptions struct {
	Store Store

	Issuer       string // exactly as the provider spells it, trailing slash included
	ClientID     string
	ClientSecret string
	RedirectURL  string // our /auth/callback; cookies are named by it, and over https they are Secure and __Host-
	// PostLogoutURL is where the provider sends the browser after signing out;
	// empty to leave it there.
	PostLogoutURL string

	Scopes     []string // openid, profile and email if empty; openid is always asked for
	RolesClaim string   // "groups" if empty; a claim at the top of the ID token
	RoleValues RoleMap  // the claim's values that give each role

	// AllowedReturn says whether a path, without its query, is a page that a
	// browser may return to: a registered GET route.
	AllowedReturn func(path string) bool

	Transport http.RoundTripper // one of its own, with timeouts, if nil
	Now       func() time.Time  // time.Now if nil
}

// OIDC signs people in with one OpenID Connect provider: authorization code
// with PKCE, state and nonce.
type OIDC struct {
	opts      OIDCOptions
	cookies   cookies
	client    *http.Client
	discovery *discovery
}

// NewOIDC checks the options and reports all that is wrong with them. It does
// not talk to the provider: that happens when it is first needed and is tried
// again until it works, so that Foyer starts, and serves those who are signed
// in, while the provider is down.
func NewOIDC(opts OIDCOptions) (*OIDC, error) {
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	cookies, err := cookiesOf(opts.RedirectURL)
	if err != nil {
		return nil, fmt.Errorf("oidc: redirect URL: %w", err)
	}
	if len(opts.Scopes) == 0 {
		opts.Scopes = []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}
	}
	if !slices.Contains(opts.Scopes, oidc.ScopeOpenID) {
		opts.Scopes = append([]string{oidc.ScopeOpenID}, opts.Scopes...)
	}
	opts.RolesClaim = cmp.Or(opts.RolesClaim, "groups")
	if opts.Now == nil {
		opts.Now = time.Now
	}
	client := newProviderClient(opts.Transport)
	return &OIDC{
		opts:      opts,
		cookies:   cookies,
		client:    client,
		discovery: &discovery{issuer: opts.Issuer, client: client, now: opts.Now},
	}, nil
}

func (o *OIDCOptions) check() error {
	var problems []error
	if o.Store == nil {
		problems = append(problems, errors.New("no store"))
	}
	if o.ClientID == "" {
		problems = append(problems, errors.New("no client id"))
	}
	if o.AllowedReturn == nil {
		problems = append(problems, errors.New("no pages to return to"))
	}
	if err := checkURL(o.Issuer); err != nil {
		problems = append(problems, fmt.Errorf("issuer: %w", err))
	}
	if err := checkURL(o.RedirectURL); err != nil {
		problems = append(problems, fmt.Errorf("redirect URL: %w", err))
	}
	if o.PostLogoutURL != "" {
		if err := checkURL(o.PostLogoutURL); err != nil {
			problems = append(problems, fmt.Errorf("post-logout URL: %w", err))
		}
	}
	return errors.Join(problems...)
}

// Start begins a sign-in: it remembers what to resume, sets a cookie that binds
// the sign-in to this browser, and returns the provider's address to send the
// browser to. Up to five sign-ins of one browser can be under way at once; a
// sixth drops the oldest. The error is a *SignInError: ReasonUnavailable,
// ReasonStore, or ReasonRequest for a draft that is too large.
func (o *OIDC) Start(w http.ResponseWriter, r *http.Request, resume Resume) (authURL string, err error) {
	if len(resume.Draft) > MaxDraft {
		return "", refuse(ReasonRequest, "start sign-in", fmt.Errorf("a draft of more than %d bytes", MaxDraft))
	}
	p, err := o.discovery.get(r.Context())
	if err != nil {
		return "", refuse(discoveryReason(err), "start sign-in", err)
	}

	state, browser := newSecret(), newSecret()
	stateHash, _ := hashSecret(state)
	browserHash, _ := hashSecret(browser)
	login := Login{
		StateHash:   stateHash,
		BrowserHash: browserHash,
		Nonce:       newSecret(),
		Verifier:    oauth2.GenerateVerifier(),
		ReturnTo:    localReturn(resume.ReturnTo, o.opts.AllowedReturn),
		Draft:       resume.Draft,
		DraftOwner:  resume.DraftOwner,
		MaxAge:      resume.MaxAge.Truncate(time.Second),
		CreatedAt:   o.opts.Now().UTC().Truncate(time.Microsecond),
	}
	if err := o.opts.Store.SaveLogin(r.Context(), login); err != nil {
		return "", refuse(ReasonStore, "start sign-in", err)
	}

	o.dropOldLogins(w, r)
	value := strconv.FormatInt(login.CreatedAt.Unix(), 10) + "." + browser
	http.SetCookie(w, o.cookies.new(o.loginCookie(stateHash), value, int(LoginTimeout.Seconds())))
	params := []oauth2.AuthCodeOption{oidc.Nonce(login.Nonce), oauth2.S256ChallengeOption(login.Verifier)}
	switch {
	case login.MaxAge > 0:
		// Some providers know one of the two, and some the other.
		params = append(params, oauth2.SetAuthURLParam("max_age", strconv.FormatInt(int64(login.MaxAge/time.Second), 10)), oauth2.SetAuthURLParam("prompt", "login"))
	case resume.SelectAccount:
		params = append(params, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return o.config(p).AuthCodeURL(state, params...), nil
}

// Finish handles the browser's return to RedirectURL. Once the state is read it
// uses up the sign-in, whatever comes of it. The error is always a *SignInError;
// what to resume comes with it if this browser did begin the sign-in, so that
// the next try can go on with it.
func (o *OIDC) Finish(w http.ResponseWriter, r *http.Request) (Identity, Resume, error) {
	answer, refused := readAnswer(r)
	if refused != nil {
		return Identity{}, Resume{}, refused
	}
	login, refused := o.takeLogin(w, r, answer.state)
	if refused != nil {
		return Identity{}, Resume{}, refused
	}
	// The page to return to is checked again: routes may have changed, and the
	// database is not trusted with where browsers go.
	resume := Resume{ReturnTo: localReturn(login.ReturnTo, o.opts.AllowedReturn), Draft: login.Draft, DraftOwner: login.DraftOwner}

	identity, refused := o.redeem(r.Context(), answer, login)
	if refused != nil {
		return Identity{}, resume, refused
	}
	switch login.DraftOwner {
	case ownerOf(identity.Person):
	case "":
		resume.Draft = nil
	default: // somebody else's form, on a page that may not be for this person at all
		resume.Draft, resume.ReturnTo, resume.OfAnother = nil, "/", true
	}
	// Where the provider doesn't say when it saw the person, it is now.
	if age := o.opts.Now().Sub(identity.AuthTime); login.MaxAge > 0 && !identity.AuthTime.IsZero() && age > login.MaxAge+clockLeeway {
		return Identity{}, resume, refuse(ReasonStale, "finish sign-in", errors.New("auth_time is longer ago than was asked for"))
	}
	return identity, resume, nil
}

// redeem trades the provider's answer for an identity.
func (o *OIDC) redeem(ctx context.Context, answer callbackAnswer, login Login) (Identity, *SignInError) {
	p, err := o.discovery.get(ctx)
	if err != nil {
		return Identity{}, refuse(discoveryReason(err), "finish sign-in", err)
	}
	if answer.issuer != p.Issuer && (answer.hasIssuer || p.SendsIssuer) {
		return Identity{}, refuse(ReasonIssuer, "finish sign-in", errors.New("iss is not the provider's"))
	}
	if answer.errorCode != "" {
		refused := refuse(ReasonDenied, "finish sign-in", fmt.Errorf("the provider says %s", answer.errorCode))
		refused.Code = answer.errorCode
		return Identity{}, refused
	}
	if answer.code == "" {
		return Identity{}, refuse(ReasonRequest, "finish sign-in", errors.New("no code"))
	}

	rawToken, refused := o.exchange(ctx, p, answer.code, login.Verifier)
	if refused != nil {
		return Identity{}, refused
	}
	return o.verify(ctx, p, rawToken, login.Nonce)
}

// exchange trades the code for a raw ID token. The access token that comes with
// it is of no use to us and is forgotten.
func (o *OIDC) exchange(ctx context.Context, p *provider, code, verifier string) (string, *SignInError) {
	const operation = "exchange code"
	token, err := o.config(p).Exchange(oidc.ClientContext(ctx, o.client), code, oauth2.VerifierOption(verifier))
	if refusal, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		// The library's error quotes the answer, so ours is made anew.
		status := refusal.Response.StatusCode
		err := fmt.Errorf("status %d, error %s", status, knownCode(refusal.ErrorCode))
		switch {
		case refusal.ErrorCode == "invalid_grant" || refusal.ErrorCode == "invalid_request":
			return "", refuse(ReasonCode, operation, err)
		case refusal.ErrorCode == "invalid_client" || refusal.ErrorCode == "unauthorized_client" || status == http.StatusUnauthorized:
			return "", refuse(ReasonClient, operation, err)
		}
		return "", refuse(ReasonUnavailable, operation, err)
	}
	if err != nil {
		return "", refuse(ReasonUnavailable, operation, err)
	}
	if !strings.EqualFold(token.TokenType, "Bearer") {
		return "", refuse(ReasonUnavailable, operation, errors.New("token_type is not Bearer"))
	}
	rawToken, _ := token.Extra("id_token").(string)
	if rawToken == "" {
		return "", refuse(ReasonNoToken, operation, errors.New("no id_token"))
	}
	return rawToken, nil
}

// LogoutURL returns where to send a browser to sign out at the provider too, or
// "" if the provider has no such place or cannot be asked within seconds.
func (o *OIDC) LogoutURL(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, logoutPatience)
	defer cancel()
	p, err := o.discovery.get(ctx)
	if err != nil || p.EndSessionURL == "" {
		return ""
	}
	u, err := url.Parse(p.EndSessionURL)
	if err != nil {
		return ""
	}
	query := u.Query()
	query.Set("client_id", o.opts.ClientID)
	if o.opts.PostLogoutURL != "" {
		query.Set("post_logout_redirect_uri", o.opts.PostLogoutURL)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Check asks the provider for its configuration and returns an error if it
// cannot be used to sign in now.
func (o *OIDC) Check(ctx context.Context) error {
	if _, err := o.discovery.refresh(ctx); err != nil {
		return brief{err}
	}
	return nil
}

func (o *OIDC) config(p *provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     o.opts.ClientID,
		ClientSecret: o.opts.ClientSecret,
		Endpoint:     p.endpoint(),
		RedirectURL:  o.opts.RedirectURL,
		Scopes:       o.opts.Scopes,
	}
}

// Began says whether a request is the return of a sign-in that this very browser began
// and that is still under way, so that Finish would use it up. It changes nothing.
func (o *OIDC) Began(r *http.Request) bool {
	answer, refused := readAnswer(r)
	stateHash, ok := hashSecret(answer.state)
	if refused != nil || !ok {
		return false
	}
	cookie, err := r.Cookie(o.loginCookie(stateHash))
	if err != nil {
		return false
	}
	login, err := o.opts.Store.Login(r.Context(), stateHash)
	return err == nil && o.opts.Now().Sub(login.CreatedAt) < LoginTimeout && begunWith(cookie, login)
}

// begunWith says whether a cookie is that of the browser which began a sign-in.
func begunWith(cookie *http.Cookie, login Login) bool {
	_, browser, _ := strings.Cut(cookie.Value, ".")
	browserHash, ok := hashSecret(browser)
	return ok && slices.Equal(browserHash, login.BrowserHash)
}

// takeLogin finds the sign-in that this browser began with this state, and uses
// it up, in the database and in the browser.
func (o *OIDC) takeLogin(w http.ResponseWriter, r *http.Request, state string) (Login, *SignInError) {
	const operation = "finish sign-in"
	stateHash, ok := hashSecret(state)
	if !ok {
		return Login{}, refuse(ReasonState, operation, errors.New("no state"))
	}
	name := o.loginCookie(stateHash)
	cookie, cookieErr := r.Cookie(name)
	if cookieErr == nil {
		http.SetCookie(w, o.cookies.new(name, "", -1))
	}

	login, err := o.opts.Store.TakeLogin(r.Context(), stateHash)
	switch {
	case errors.Is(err, ErrNoLogin):
		return Login{}, refuse(ReasonState, operation, err)
	case err != nil:
		return Login{}, refuse(ReasonStore, operation, err)
	case o.opts.Now().Sub(login.CreatedAt) >= LoginTimeout:
		return Login{}, refuse(ReasonState, operation, errors.New("begun too long ago"))
	case cookieErr != nil:
		return Login{}, refuse(ReasonBrowser, operation, errors.New("no cookie of this sign-in"))
	case !begunWith(cookie, login):
		return Login{}, refuse(ReasonBrowser, operation, errors.New("another browser's cookie"))
	}
	return login, nil
}

// loginCookie names the cookie of one sign-in, so that tabs don't overwrite
// each other's.
func (o *OIDC) loginCookie(stateHash []byte) string {
	return o.cookies.login + hex.EncodeToString(stateHash[:6])
}

// dropOldLogins leaves room for one more sign-in among the browser's cookies,
// the oldest going first. Their rows are left to time out.
func (o *OIDC) dropOldLogins(w http.ResponseWriter, r *http.Request) {
	logins := slices.DeleteFunc(r.Cookies(), func(c *http.Cookie) bool { return !strings.HasPrefix(c.Name, o.cookies.login) })
	slices.SortStableFunc(logins, func(a, b *http.Cookie) int { return cmp.Compare(begunAt(a), begunAt(b)) })
	for _, login := range logins[:max(0, len(logins)-maxLogins+1)] {
		http.SetCookie(w, o.cookies.new(login.Name, "", -1))
	}
}

// begunAt reads the time from a sign-in's cookie. The browser could change it,
// to nobody's harm but its own.
func begunAt(login *http.Cookie) int64 {
	seconds, _, _ := strings.Cut(login.Value, ".")
	begun, _ := strconv.ParseInt(seconds, 10, 64)
	return begun
}
