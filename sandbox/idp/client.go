package idp

import (
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const tokenLifetime = 5 * time.Minute

// client is the one client: Foyer, as package op asks about it.
type client struct {
	id             string
	redirectURIs   []string
	postLogoutURIs []string
	choosePath     string
}

var _ op.Client = (*client)(nil)

func (c *client) GetID() string                       { return c.id }
func (c *client) RedirectURIs() []string              { return c.redirectURIs }
func (c *client) PostLogoutRedirectURIs() []string    { return c.postLogoutURIs }
func (c *client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c *client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c *client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }
func (c *client) IDTokenLifetime() time.Duration      { return tokenLifetime }
func (c *client) ClockSkew() time.Duration            { return 0 }

// DevMode is off: nothing of the specifications is relaxed for Foyer.
func (c *client) DevMode() bool { return false }

// ResponseTypes leaves the authorization code flow and no other.
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

func (c *client) GrantTypes() []oidc.GrantType { return []oidc.GrantType{oidc.GrantTypeCode} }

// LoginURL is the page to choose a person on.
func (c *client) LoginURL(requestID string) string {
	return c.choosePath + "?" + url.Values{"request": {requestID}}.Encode()
}

// RestrictAdditionalIdTokenScopes has its name from package op.
//
//nolint:staticcheck // the name is the interface's
func (c *client) RestrictAdditionalIdTokenScopes() func([]string) []string { return unchanged }

func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return unchanged }

// IsScopeAllowed allows no scopes beyond the standard ones.
func (c *client) IsScopeAllowed(string) bool { return false }

// IDTokenUserinfoClaimsAssertion puts name and e-mail into the ID token, as
// large providers do, so that no second request is needed for them.
func (c *client) IDTokenUserinfoClaimsAssertion() bool { return true }

func unchanged(scopes []string) []string { return scopes }
