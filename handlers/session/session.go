package session

import (
	"time"

	"github.com/labstack/echo/v4/middleware"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/portal/activity"
)

// Handlers answers signing in, signing out, and the sessions page. All but Demo are
// required.
type Handlers struct {
	*kit.Kit
	Activity *activity.Activity
	OIDC     *auth.OIDC
	Fresh    time.Duration               // how long after a sign-in somebody may do what is grave
	Demo     []DemoPerson                // whom one can sign in as; empty outside the sandbox
	SignIns  middleware.RateLimiterStore // how many sign-ins an address may begin
}

// DemoPerson is a person of the demo identity provider, for the sign-in page.
type DemoPerson struct{ Name, Role string }
