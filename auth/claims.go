package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// clockLeeway is how far the provider's clock may be from ours.
	clockLeeway = time.Minute
	// maxTokenAge is how long ago an ID token may have been issued: it comes
	// straight from the token endpoint.
	maxTokenAge = 10 * time.Minute

	maxSubject = 255 // of OpenID Connect Core, section 2
	maxName    = 200 // in runes, of name and e-mail
	maxSID     = 255
)

// tokenClaims are the claims that we read ourselves, by their exact names: package
// json, and so go-oidc, takes SUB for sub as well. Roles are apart, their claim's name
// being a setting.
type tokenClaims struct {
	Issuer          string
	Subject         string
	Audience        audience
	AuthorizedParty *string
	Expiry          *numericDate
	IssuedAt        *numericDate
	NotBefore       *numericDate
	AuthTime        *numericDate
	Nonce           string
	ID              string
	Events          json.RawMessage
	SID             string

	Name, PreferredUsername, Email any
}

// readClaims reads the claims of a verified token.
func readClaims(all map[string]json.RawMessage) (tokenClaims, error) {
	c := tokenClaims{Events: all["events"]}
	for name, into := range map[string]any{
		"iss": &c.Issuer, "sub": &c.Subject, "aud": &c.Audience, "azp": &c.AuthorizedParty,
		"exp": &c.Expiry, "iat": &c.IssuedAt, "nbf": &c.NotBefore, "auth_time": &c.AuthTime,
		"nonce": &c.Nonce, "jti": &c.ID, "sid": &c.SID,
		"name": &c.Name, "preferred_username": &c.PreferredUsername, "email": &c.Email,
	} {
		if claim, ok := all[name]; ok && json.Unmarshal(claim, into) != nil {
			return c, fmt.Errorf("%s is of the wrong type", name)
		}
	}
	return c, nil
}

// audience is the claim aud, a string or an array of them.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// numericDate is seconds since 1970, fractions included, as JWTs have times; some
// providers have them in quotes.
type numericDate time.Time

// UnmarshalJSON implements json.Unmarshaler.
func (d *numericDate) UnmarshalJSON(data []byte) error {
	text := string(data)
	if data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	seconds, err := strconv.ParseFloat(text, 64)
	const year9999 = 253402300799
	if err != nil || !(seconds >= 0 && seconds <= year9999) { // what is no number is in no range
		return errors.New("no time, or one out of range")
	}
	*d = numericDate(time.UnixMicro(int64(seconds * 1e6)).UTC())
	return nil
}

// verify turns a raw ID token into an identity, or says why not.
func (o *OIDC) verify(ctx context.Context, p *provider, rawToken, nonce string) (Identity, *SignInError) {
	now := o.opts.Now()
	verifier, keys := o.verifier(p, now)
	token, err := verifier.Verify(oidc.ClientContext(ctx, o.client), rawToken)
	switch {
	case err != nil && (errors.Is(keys.err, errProviderDown) || ctx.Err() != nil):
		return Identity{}, refuse(ReasonUnavailable, "fetch keys", keys.err)
	case err != nil:
		return Identity{}, refuse(ReasonToken, "verify ID token", err)
	}

	var all map[string]json.RawMessage
	if err := token.Claims(&all); err != nil {
		return Identity{}, refuse(ReasonClaims, "read claims", errors.New("no object"))
	}
	claims, err := readClaims(all)
	if err != nil {
		return Identity{}, refuseClaims(err)
	}
	if err := claims.checkToken(now, o.opts.Issuer, o.opts.ClientID); err != nil {
		return Identity{}, refuse(ReasonToken, "verify ID token", err)
	}
	if subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1 {
		return Identity{}, refuse(ReasonNonce, "verify ID token", errors.New("the nonce is not this sign-in's"))
	}
	if err := claims.checkIdentity(now, o.opts.ClientID); err != nil {
		return Identity{}, refuseClaims(err)
	}
	identity := Identity{
		Person: Person{
			Issuer:  o.opts.Issuer,
			Subject: claims.Subject,
			Name:    claims.displayName(),
			Email:   displayText(claims.Email),
		},
		SID: claims.SID,
	}
	identity.RoleValues, identity.RolesClaim = readRoles(all, o.opts.RolesClaim)
	identity.Person.Roles = o.opts.RoleValues.Of(identity.RoleValues)
	if claims.AuthTime != nil {
		identity.AuthTime = time.Time(*claims.AuthTime)
	}
	return identity, nil
}

// verifier checks a token's signature, and a first time its claims. The keys tell why
// they could not be had.
func (o *OIDC) verifier(p *provider, now time.Time) (*oidc.IDTokenVerifier, *watchedKeys) {
	keys := &watchedKeys{verify: p.keys.VerifySignature}
	return oidc.NewVerifier(o.opts.Issuer, keys, &oidc.Config{
		ClientID:             o.opts.ClientID,
		SupportedSigningAlgs: p.algorithms(),
		Now:                  func() time.Time { return now.Add(-clockLeeway) },
	}), keys
}

// checkToken checks by exact names what go-oidc has checked by names in any case.
func (c *tokenClaims) checkToken(now time.Time, issuer, clientID string) error {
	switch {
	case c.Issuer != issuer:
		return errors.New("iss is another provider")
	case !slices.Contains(c.Audience, clientID):
		return errors.New("aud is another client")
	case c.Expiry == nil:
		return errors.New("no exp")
	case !time.Time(*c.Expiry).After(now.Add(-clockLeeway)):
		return errors.New("expired")
	}
	return nil
}

// checkIdentity holds the claims of an ID token to OpenID Connect Core, section
// 3.1.3.7, where go-oidc does not.
func (c *tokenClaims) checkIdentity(now time.Time, clientID string) error {
	switch {
	case c.Subject == "":
		return errors.New("no sub")
	case len(c.Subject) > maxSubject || strings.ContainsFunc(c.Subject, unicode.IsControl):
		return errors.New("sub is too long or has control characters")
	case c.AuthorizedParty != nil && *c.AuthorizedParty != clientID:
		return errors.New("azp is another client")
	case c.AuthorizedParty == nil && len(c.Audience) > 1:
		return errors.New("several audiences and no azp")
	case c.IssuedAt == nil:
		return errors.New("no iat")
	case now.Sub(time.Time(*c.IssuedAt)) > maxTokenAge:
		return errors.New("iat is too long ago")
	case time.Time(*c.IssuedAt).Sub(now) > clockLeeway:
		return errors.New("iat is in the future")
	case c.NotBefore != nil && time.Time(*c.NotBefore).Sub(now) > clockLeeway:
		return errors.New("nbf is in the future")
	case c.AuthTime != nil && time.Time(*c.AuthTime).Sub(now) > clockLeeway:
		return errors.New("auth_time is in the future")
	case c.Events != nil:
		return errors.New("events: this is a logout token or another event")
	case len(c.SID) > maxSID:
		return errors.New("sid is too long")
	}
	return nil
}

// displayName is never empty, since pages and the ledger show it.
func (c *tokenClaims) displayName() string {
	for _, claim := range []any{c.Name, c.PreferredUsername, c.Email} {
		if name := displayText(claim); name != "" {
			return name
		}
	}
	return c.Subject
}

// displayText makes a claim fit for display: text only, of bounded length, on
// one line, and without the characters that turn the text around it about.
func displayText(claim any) string {
	text, _ := claim.(string)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar || unicode.In(r, unicode.Bidi_Control):
			return -1
		case unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxName {
		text = string(runes[:maxName])
	}
	return text
}

// watchedKeys remembers why keys could not be had, which go-oidc's own error
// does not pass on. It is for one verification.
type watchedKeys struct {
	verify func(ctx context.Context, jwt string) ([]byte, error)
	err    error
}

// VerifySignature implements oidc.KeySet.
func (k *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.verify(ctx, jwt)
	k.err = err
	return payload, err
}

// refuseClaims makes a SignInError of what our own checks of the claims say.
func refuseClaims(err error) *SignInError {
	refused := refuse(ReasonClaims, "verify ID token", err)
	refused.Detail = err.Error()
	return refused
}

// refuse makes a SignInError whose text is short and on one line whatever the
// provider wrote.
func refuse(reason Reason, operation string, err error) *SignInError {
	return &SignInError{Reason: reason, Err: fmt.Errorf("%s: %w", operation, brief{err})}
}

// brief keeps what an error is and shortens what it says: libraries quote whole
// documents.
type brief struct{ err error }

func (b brief) Error() string { return displayText(b.err.Error()) }

func (b brief) Unwrap() error { return b.err }
