package session

import (
	"net/url"
	"time"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/portal/activity"
)

// Handlers answers signing in, signing out, and the sessions page. All but Demo are
// required.
type Handlers struct {
	*kit.Kit
	Activity  *activity.Activity
	OIDC      *auth.OIDC
	PublicURL *url.URL      // where browsers reach Foyer, and the provider sends them back to
	Fresh     time.Duration // how long after a sign-in somebody may do what is grave
	Demo      []DemoPerson  // whom one can sign in as; empty outside the sandbox
	Limits    Limits
}

// DemoPerson is a person of the demo identity provider, for the sign-in page.
type DemoPerson struct{ Name, Role string }
