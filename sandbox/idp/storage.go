package idp

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	groupsClaim = "groups"
	// requestLifetime is how long choosing a person may take.
	requestLifetime = 10 * time.Minute
	// maxKept bounds the memory that strangers can fill with requests.
	maxKept = 1000
)

var (
	errNoRequest   = errors.New("no such request: never made, finished, or too old")
	errNoClient    = errors.New("no such client")
	errUnsupported = errors.New("not supported by the demo identity provider")
)

// storage is what package op asks for, in memory.
type storage struct {
	opts   Options
	client *client
	key    signingKey

	mu       sync.Mutex
	requests map[string]*authRequest
	codes    map[string]string // the code → the request's id
	tokens   map[string]accessToken
}

var (
	_ op.Storage                   = (*storage)(nil)
	_ op.CanSetUserinfoFromRequest = (*storage)(nil)
)

type accessToken struct {
	subject string
	scopes  []string
	expires time.Time
}

// newKey makes the key pair of all providers of this process. It takes a tenth of a
// second, which a test suite that opens dozens of them would pay dozens of times.
var newKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	const keyBits = 2048
	return rsa.GenerateKey(rand.Reader, keyBits)
})

func newStorage(opts Options, choosePath string) (*storage, error) {
	key, err := newKey()
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	return &storage{
		opts: opts,
		client: &client{
			id: opts.ClientID, redirectURIs: opts.RedirectURIs, postLogoutURIs: opts.PostLogoutURIs, choosePath: choosePath,
		},
		key:      signingKey{id: rand.Text(), private: key},
		requests: map[string]*authRequest{},
		codes:    map[string]string{},
		tokens:   map[string]accessToken{},
	}, nil
}

// CreateAuthRequest accepts only what a careful client sends. It never lets
// anybody in without asking, so prompt=login and max_age hold by themselves and
// prompt=none cannot.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	if slices.Contains(asked.Prompt, oidc.PromptNone) {
		return nil, oidc.ErrLoginRequired()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	request := &authRequest{id: rand.Text(), asked: *asked, createdAt: s.opts.Now()}
	s.requests[request.id] = request
	return request, nil
}

// AuthRequestByID returns a copy, which does not change while it is used.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.request(id)
}

// choose finishes a request: the person is who signs in.
func (s *storage) choose(id string, person Person) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.request(id); err != nil {
		return err
	}
	s.requests[id].subject = person.Subject
	s.requests[id].authTime = s.opts.Now()
	return nil
}

// request needs the lock.
func (s *storage) request(id string) (*authRequest, error) {
	request, ok := s.requests[id]
	if !ok || s.opts.Now().Sub(request.createdAt) >= requestLifetime {
		return nil, errNoRequest
	}
	return new(*request), nil
}

// forgetOld needs the lock.
func (s *storage) forgetOld() {
	now := s.opts.Now()
	for id, request := range s.requests {
		if now.Sub(request.createdAt) >= requestLifetime {
			s.forget(id)
		}
	}
	for id, token := range s.tokens {
		if !now.Before(token.expires) {
			delete(s.tokens, id)
		}
	}
	for len(s.requests) >= maxKept {
		oldest := ""
		for id, request := range s.requests {
			if oldest == "" || request.createdAt.Before(s.requests[oldest].createdAt) {
				oldest = id
			}
		}
		s.forget(oldest)
	}
}

// forget needs the lock.
func (s *storage) forget(id string) {
	delete(s.requests, id)
	for code, request := range s.codes {
		if request == id {
			delete(s.codes, code)
		}
	}
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.request(id); err != nil {
		return err
	}
	s.codes[code] = id
	return nil
}

// AuthRequestByCode uses the code up, whether its trade then succeeds or not.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.codes[code]
	if !ok {
		return nil, errNoRequest
	}
	delete(s.codes, code)
	return s.request(id)
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(id)
	return nil
}

func (s *storage) CreateAccessToken(_ context.Context, request op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	token := accessToken{subject: request.GetSubject(), scopes: request.GetScopes(), expires: s.opts.Now().Add(tokenLifetime)}
	s.tokens[id] = token
	return id, token.expires, nil
}

func (s *storage) token(id string) (accessToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.tokens[id]
	if !ok || !s.opts.Now().Before(token.expires) {
		return accessToken{}, errors.New("no such token, or no longer")
	}
	return token, nil
}

// TerminateSession ends the person's tokens; a session there is none.
func (s *storage) TerminateSession(_ context.Context, subject, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, token := range s.tokens {
		if token.subject == subject {
			delete(s.tokens, id)
		}
	}
	return nil
}

func (s *storage) RevokeToken(_ context.Context, id, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, id)
	return nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.client.id {
		return nil, errNoClient
	}
	return s.client, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.client.id || subtle.ConstantTimeCompare([]byte(secret), []byte(s.opts.ClientSecret)) != 1 {
		return errors.New("wrong client id or secret")
	}
	return nil
}

// SetUserinfoFromScopes is deprecated and does nothing, as package op asks;
// SetUserinfoFromRequest is in its place.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, request op.IDTokenRequest, scopes []string) error {
	return describe(info, request.GetSubject(), scopes)
}

func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, _, _ string) error {
	token, err := s.token(tokenID)
	if err != nil {
		return err
	}
	return describe(info, token.subject, token.scopes)
}

func (s *storage) SetIntrospectionFromToken(_ context.Context, answer *oidc.IntrospectionResponse, tokenID, _, clientID string) error {
	token, err := s.token(tokenID)
	if err != nil {
		return err
	}
	answer.Subject, answer.Scope, answer.ClientID = token.subject, token.scopes, clientID
	answer.Expiration = oidc.FromTime(token.expires)
	return nil
}

// describe fills in what the scopes allow to know of a person, and the groups.
func describe(info *oidc.UserInfo, subject string, scopes []string) error {
	person, ok := personBySubject(subject)
	if !ok {
		return errors.New("no such person")
	}
	info.Subject = person.Subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		info.Name = person.Name
	}
	if slices.Contains(scopes, oidc.ScopeEmail) {
		info.Email, info.EmailVerified = person.Email, true
	}
	groups := []string{}
	if person.Group != "" {
		groups = append(groups, person.Group)
	}
	info.AppendClaims(groupsClaim, groups)
	return nil
}

func personBySubject(subject string) (Person, bool) {
	people := People()
	i := slices.IndexFunc(people, func(p Person) bool { return p.Subject == subject })
	if i < 0 {
		return Person{}, false
	}
	return people[i], true
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{s.key.SignatureAlgorithm()}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{verifyingKey(s.key)}, nil
}

func (s *storage) Health(context.Context) error { return nil }

// What follows belongs to grants that the one client may not use.

func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errUnsupported
}

func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errUnsupported
}

func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnsupported
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnsupported
}

// signingKey and verifyingKey are the two halves of one key.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                    { return k.private }

type verifyingKey signingKey

func (k verifyingKey) ID() string                         { return k.id }
func (k verifyingKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k verifyingKey) Use() string                        { return "sig" }
func (k verifyingKey) Key() any                           { return &k.private.PublicKey }

// authRequest is one sign-in under way.
type authRequest struct {
	id        string
	asked     oidc.AuthRequest
	createdAt time.Time
	subject   string // empty until somebody is chosen
	authTime  time.Time
}

var _ op.AuthRequest = (*authRequest)(nil)

func (r *authRequest) GetID() string                      { return r.id }
func (r *authRequest) GetACR() string                     { return "" }
func (r *authRequest) GetAMR() []string                   { return nil }
func (r *authRequest) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r *authRequest) GetAuthTime() time.Time             { return r.authTime }
func (r *authRequest) GetClientID() string                { return r.asked.ClientID }
func (r *authRequest) GetNonce() string                   { return r.asked.Nonce }
func (r *authRequest) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *authRequest) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *authRequest) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *authRequest) GetScopes() []string                { return r.asked.Scopes }
func (r *authRequest) GetState() string                   { return r.asked.State }
func (r *authRequest) GetSubject() string                 { return r.subject }
func (r *authRequest) Done() bool                         { return r.subject != "" }

func (r *authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}
