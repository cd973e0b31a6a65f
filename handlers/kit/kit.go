package kit

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"foyer/auth"
)

// Kit is what the handlers of every resource answer with. All of it is required.
type Kit struct {
	Sessions    *auth.Sessions
	Logger      *slog.Logger
	Environment Environment
	Version     string
	Now         func() time.Time
	Unwritable  func() error // why Foyer's own store can't be written, as lately found out

	// BulkUnderWay is how many bulk changes are under way, for the navigation; nil: it isn't
	// said there.
	BulkUnderWay func(context.Context, auth.Actor) int

	// Patience is how long a page waits for Symphony where it can show what was read before.
	Patience time.Duration

	// StandInBuildTime is how long the stand-in Symphony takes to build a company; zero
	// without one.
	StandInBuildTime time.Duration
}

// Environment is which Symphony Foyer speaks to.
type Environment string

// The environments, as the setting FOYER_ENVIRONMENT names them.
const (
	Sandbox Environment = "sandbox"
	UAT     Environment = "uat"
	Prod    Environment = "prod"
)

// Word is the environment as pages have it: PROD.
func (e Environment) Word() string { return strings.ToUpper(string(e)) }
