package sapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foyer/safely"
)

const (
	getToken = "getToken"

	// shortLife is how long a token is used whose life can't be told.
	shortLife = time.Minute
	// longLife is how long a token is used at most, whatever it says of itself.
	longLife = 24 * time.Hour
	// earlyRefresh is how long before its end a token is renewed; less for short ones.
	earlyRefresh = 5 * time.Minute
)

// tokens keeps one token for all callers.
type tokens struct {
	client  *Client
	to      *service
	request tokenRequestJSON
	flight  singleflight.Group

	mu       sync.Mutex
	current  token
	failure  error     // of the last fetch that Symphony didn't answer; nil before there was one
	failedAt time.Time // when it ended
}

type token struct {
	value string
	renew time.Time // from when on it is renewed in the background
	end   time.Time // from when on it is of no use
}

func newTokens(c *Client, o Options) *tokens {
	return &tokens{
		client: c,
		to:     newService(o.TokenURL, Options{MaxWait: o.MaxWait}),
		request: tokenRequestJSON{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret,
			Audience: orDefault(o.Audience, defaultAudience), GrantType: "client_credentials",
		},
	}
}

// get returns the current token, or a new one. However many callers wait, one
// request is made; it goes on when the caller that began it gives up. Ahead of a
// token's end nobody waits: the next one is fetched while it is still in use.
func (t *tokens) get(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	current := t.kept()
	if time.Now().Before(current.renew) {
		return current.value, nil
	}
	asked := time.Now()
	fetched := t.flight.DoChan("", safely.InFlight(func() (string, error) {
		// Another flight may have landed since the caller looked, or failed.
		if current := t.kept(); time.Now().Before(current.renew) {
			return current.value, nil
		}
		if err := t.failedSince(asked); err != nil {
			return "", err
		}
		// The token is everybody's, whoever came first.
		return t.fetch(WithPriority(context.WithoutCancel(ctx), Person))
	}))
	if time.Now().Before(current.end) {
		return current.value, nil
	}
	select {
	case result := <-fetched:
		if result.Err != nil {
			return "", result.Err
		}
		return result.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// failedSince is why a fetch failed that ended after a time; nil when none did.
func (t *tokens) failedSince(asked time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failure == nil || !t.failedAt.After(asked) {
		return nil
	}
	return t.failure
}

func (t *tokens) kept() token {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// drop forgets a token that was rejected, unless it has been replaced already.
func (t *tokens) drop(rejected string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current.value == rejected {
		t.current = token{}
	}
}

// fetch gets a new token and keeps it.
//
// Upstream: POST {TokenURL} (getToken).
func (t *tokens) fetch(ctx context.Context) (string, error) {
	var answer tokenJSON
	k := call{
		op: "get token", operation: getToken, method: http.MethodPost, to: t.to, body: t.request,
		decode: func(r *reply) error {
			if err := decodeObject(r.body, &answer); err != nil {
				return err
			}
			return answer.check()
		},
	}
	if e := t.client.exchange(ctx, k, "", 1); e != nil {
		if IsUnavailable(e) { // anything else may be the one caller's own
			t.mu.Lock()
			defer t.mu.Unlock()
			t.failure, t.failedAt = e, time.Now()
		}
		return "", e
	}
	now := time.Now()
	life := answer.life(now)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = token{
		value: answer.AccessToken,
		renew: now.Add(life - min(earlyRefresh, life/10)),
		end:   now.Add(life),
	}
	return answer.AccessToken, nil
}

type tokenRequestJSON struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Audience     string `json:"audience"`
	GrantType    string `json:"grant_type"`
}

type tokenJSON struct {
	AccessToken string  `json:"access_token"`
	TokenType   string  `json:"token_type"`
	ExpiresIn   integer `json:"expires_in"`
}

func (t tokenJSON) check() error {
	switch {
	case t.AccessToken == "":
		return errors.New("the answer holds no token")
	case strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r == ' ' || isNotPrintable(r) }):
		return errors.New("the token can't be put into a header")
	case t.TokenType != "" && !strings.EqualFold(t.TokenType, "Bearer"):
		return errors.New("the token is not a bearer token")
	default:
		return nil
	}
}

// life returns how long to use the token: by expires_in, else by what the token
// says of itself, else a short time. The published answer has no expires_in.
func (t tokenJSON) life(now time.Time) time.Duration {
	if t.ExpiresIn > 0 {
		return time.Duration(min(int64(t.ExpiresIn), int64(longLife/time.Second))) * time.Second
	}
	if life := jwtLife(t.AccessToken, now); life > 0 {
		return min(life, longLife)
	}
	return shortLife
}

// jwtLife reads how long a JWT lives, without verifying it: who issued it is
// known from where it was had. Its own iat guards against a slow clock here. It
// is 0 if the JWT does not tell, or tells that it is over, which the API shall judge.
func jwtLife(jwt string, now time.Time) time.Duration {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return 0
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return 0
	}
	var claims struct {
		Expiry   float64 `json:"exp"`
		IssuedAt float64 `json:"iat"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Expiry <= 0 {
		return 0
	}
	seconds := claims.Expiry - float64(now.Unix())
	if claims.IssuedAt > 0 {
		seconds = min(seconds, claims.Expiry-claims.IssuedAt)
	}
	return time.Duration(min(max(seconds, 0), longLife.Seconds()) * float64(time.Second))
}
