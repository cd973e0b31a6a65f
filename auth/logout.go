package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// maxLogoutAge is how long ago a logout token may have been issued: the provider
	// sends it at once. Until then its id is remembered.
	maxLogoutAge = 5 * time.Minute
	// maxLogoutLife is how long after its issue a logout token may expire at most: what
	// lives longer was not made for this.
	maxLogoutLife = time.Hour

	maxLogoutToken = 16 << 10
	maxTokenID     = 255

	logoutType  = "logout+jwt"
	logoutEvent = "http://schemas.openid.net/event/backchannel-logout"
)

// VerifyLogout checks a logout token of OpenID Connect Back-Channel Logout 1.0, section
// 2.6, and tells which sessions are to end. That it was used before shows only when
// they do. The provider is asked for its keys only where mayAsk says so. No error of its
// quotes the token.
func (o *OIDC) VerifyLogout(ctx context.Context, rawToken string, mayAsk bool) (Ending, error) {
	ending, err := o.verifyLogout(ctx, rawToken, mayAsk)
	if err != nil {
		return Ending{}, fmt.Errorf("logout token: %w", brief{err})
	}
	return ending, nil
}

func (o *OIDC) verifyLogout(ctx context.Context, rawToken string, mayAsk bool) (Ending, error) {
	if rawToken == "" || len(rawToken) > maxLogoutToken {
		return Ending{}, errors.New("none, or too long")
	}
	p, err := o.discovery.get(ctx)
	if err != nil {
		return Ending{}, err
	}
	now := o.opts.Now()
	verifier, keys := o.verifier(p, now)
	if !mayAsk {
		keys.verify = p.keys.verifyKnown
	}
	token, err := verifier.VerifyLogout(oidc.ClientContext(ctx, o.client), rawToken)
	switch {
	case err != nil && errors.Is(keys.err, errProviderDown):
		return Ending{}, keys.err
	case err != nil:
		return Ending{}, err
	}
	if kind := tokenType(rawToken); kind != "" && !strings.EqualFold(strings.TrimPrefix(strings.ToLower(kind), "application/"), logoutType) {
		return Ending{}, errors.New("typ is of another kind of token")
	}

	var all map[string]json.RawMessage
	if err := token.Claims(&all); err != nil {
		return Ending{}, errors.New("no object")
	}
	claims, err := readClaims(all)
	if err != nil {
		return Ending{}, err
	}
	if err := claims.checkToken(now, o.opts.Issuer, o.opts.ClientID); err != nil {
		return Ending{}, err
	}
	if _, has := all["nonce"]; has {
		return Ending{}, errors.New("a nonce: this is an ID token")
	}
	if err := claims.checkLogout(now); err != nil {
		return Ending{}, err
	}
	id := sha256.Sum256([]byte(claims.ID))
	return Ending{
		Issuer: o.opts.Issuer, Subject: claims.Subject, SID: claims.SID,
		Token: id[:], Until: time.Time(*claims.IssuedAt).Add(maxLogoutAge),
	}, nil
}

// checkLogout holds the claims to what a logout token must be, where go-oidc does not.
func (c *tokenClaims) checkLogout(now time.Time) error {
	var events, event map[string]json.RawMessage
	switch {
	case json.Unmarshal(c.Events, &events) != nil || json.Unmarshal(events[logoutEvent], &event) != nil || event == nil:
		return errors.New("events has no object for a logout")
	case c.ID == "" || len(c.ID) > maxTokenID:
		return errors.New("no jti, or too long")
	case c.IssuedAt == nil:
		return errors.New("no iat")
	case now.Sub(time.Time(*c.IssuedAt)) > maxLogoutAge:
		return errors.New("iat is too long ago")
	case time.Time(*c.IssuedAt).Sub(now) > clockLeeway:
		return errors.New("iat is in the future")
	case time.Time(*c.Expiry).Sub(time.Time(*c.IssuedAt)) > maxLogoutLife:
		return errors.New("exp is too far from iat")
	case c.NotBefore != nil && time.Time(*c.NotBefore).Sub(now) > clockLeeway:
		return errors.New("nbf is in the future")
	case c.Subject == "" && c.SID == "":
		return errors.New("neither sub nor sid")
	case len(c.Subject) > maxSubject || len(c.SID) > maxSID:
		return errors.New("sub or sid is too long")
	}
	return nil
}

// tokenType is the typ of a token's header, which its signature covers.
func tokenType(rawToken string) string {
	encoded, _, _ := strings.Cut(rawToken, ".")
	header, err := base64.RawURLEncoding.DecodeString(encoded)
	var all map[string]json.RawMessage
	var kind string
	if err != nil || json.Unmarshal(header, &all) != nil || all["typ"] == nil {
		return ""
	}
	if json.Unmarshal(all["typ"], &kind) != nil || kind == "" {
		return "odd"
	}
	return kind
}
