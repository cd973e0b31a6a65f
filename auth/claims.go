package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
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
	// maxRoleValues and maxRoleBytes bound the roles claim, which is kept in the
	// session. Who has more groups has most likely a provider that sends all there
	// are, and gets no role.
	maxRoleValues = 1000
	maxRoleBytes  = 64 << 10
)

// idClaims are the claims that we read ourselves, go-oidc having checked iss,
// aud, exp and the signature. Roles are apart, their claim's name being a
// setting.
type idClaims struct {
	Subject         string          `json:"sub"`
	AuthorizedParty *string         `json:"azp"`
	IssuedAt        *numericDate    `json:"iat"`
	NotBefore       *numericDate    `json:"nbf"`
	AuthTime        *numericDate    `json:"auth_time"`
	Nonce           string          `json:"nonce"`
	Events          json.RawMessage `json:"events"`
	SID             string          `json:"sid"`

	Name              any `json:"name"`
	PreferredUsername any `json:"preferred_username"`
	Email             any `json:"email"`
}

// numericDate is seconds since 1970, fractions included, as JWTs have times.
type numericDate time.Time

// UnmarshalJSON implements json.Unmarshaler.
func (d *numericDate) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	const year9999 = 253402300799
	if seconds < 0 || seconds > year9999 {
		return errors.New("a time out of range")
	}
	*d = numericDate(time.UnixMicro(int64(seconds * 1e6)).UTC())
	return nil
}

// verify turns a raw ID token into an identity, or says why not.
func (o *OIDC) verify(ctx context.Context, p *provider, rawToken, nonce string) (Identity, *SignInError) {
	now := o.opts.Now()
	keys := &watchedKeys{KeySet: p.keys}
	verifier := oidc.NewVerifier(o.opts.Issuer, keys, &oidc.Config{
		ClientID:             o.opts.ClientID,
		SupportedSigningAlgs: p.algorithms(),
		Now:                  func() time.Time { return now.Add(-clockLeeway) },
	})
	token, err := verifier.Verify(oidc.ClientContext(ctx, o.client), rawToken)
	switch {
	case err != nil && (errors.Is(keys.err, errProviderDown) || ctx.Err() != nil):
		return Identity{}, refuse(ReasonUnavailable, "fetch keys", keys.err)
	case err != nil:
		return Identity{}, refuse(ReasonToken, "verify ID token", err)
	}

	var claims idClaims
	if err := token.Claims(&claims); err != nil {
		return Identity{}, refuse(ReasonClaims, "read claims", errors.New("a claim of the wrong type"))
	}
	if subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1 {
		return Identity{}, refuse(ReasonNonce, "verify ID token", errors.New("the nonce is not this sign-in's"))
	}
	if err := claims.check(now, o.opts.ClientID, token.Audience); err != nil {
		return Identity{}, refuse(ReasonClaims, "verify ID token", err)
	}

	var all map[string]json.RawMessage
	if err := token.Claims(&all); err != nil {
		return Identity{}, refuse(ReasonClaims, "read claims", errors.New("no object"))
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

// check holds the claims to OpenID Connect Core, section 3.1.3.7, where go-oidc
// does not.
func (c *idClaims) check(now time.Time, clientID string, audience []string) error {
	switch {
	case c.Subject == "":
		return errors.New("no sub")
	case len(c.Subject) > maxSubject || strings.ContainsFunc(c.Subject, unicode.IsControl):
		return errors.New("sub is too long or has control characters")
	case c.AuthorizedParty != nil && *c.AuthorizedParty != clientID:
		return errors.New("azp is another client")
	case c.AuthorizedParty == nil && len(audience) > 1:
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
func (c *idClaims) displayName() string {
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

// RolesClaim says in a few stable words, for the ledger, what was wrong with the claim
// that holds the roles; it is empty where nothing was.
type RolesClaim string

// What can be wrong with the roles claim. Each gives no role.
const (
	RolesClaimMissing RolesClaim = "no claim of that name"
	RolesClaimTooLong RolesClaim = "the claim is too long"
	RolesClaimOddType RolesClaim = "the claim is no text and no list of texts"
)

// readRoles reads the values of the roles claim, a string or an array of them.
// Whatever else it is has none: access must be said, never guessed.
func readRoles(claims map[string]json.RawMessage, name string) ([]string, RolesClaim) {
	claim, ok := claims[name]
	if !ok {
		// Where there are too many groups, some providers only say where they can be had
		// (OpenID Connect Core, section 5.6.2).
		var elsewhere map[string]json.RawMessage
		if json.Unmarshal(claims["_claim_names"], &elsewhere) == nil && elsewhere[name] != nil {
			return nil, RolesClaimTooLong
		}
		return nil, RolesClaimMissing
	}
	if len(claim) > maxRoleBytes {
		return nil, RolesClaimTooLong
	}
	var all []any
	if json.Unmarshal(claim, &all) != nil || all == nil {
		all = []any{nil}
		if json.Unmarshal(claim, &all[0]) != nil {
			return nil, RolesClaimOddType
		}
	}
	if len(all) > maxRoleValues {
		return nil, RolesClaimTooLong
	}
	var values []string
	for _, value := range all {
		if text, ok := value.(string); ok {
			values = append(values, text)
		}
	}
	if len(values) == 0 && len(all) > 0 {
		return nil, RolesClaimOddType
	}
	return values, ""
}

// watchedKeys remembers why keys could not be had, which go-oidc's own error
// does not pass on. It is for one verification.
type watchedKeys struct {
	oidc.KeySet
	err error
}

func (k *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, jwt)
	k.err = err
	return payload, err
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
