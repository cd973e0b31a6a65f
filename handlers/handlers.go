package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"foyer/auth"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/static"
)

// Options are what the web side of Foyer is made of. All but TrustedProxies,
// Now and Metrics are required.
type Options struct {
	Directory *directory.Directory
	Changes   *change.Engine
	Reviews   *review.Reviews
	Precheck  *precheck.Service
	Activity  *activity.Activity

	Sessions *auth.Sessions
	OIDC     *auth.OIDC
	Logger   *slog.Logger
	Ready    func() error // nil when Foyer can serve: the database answers, and it isn't shutting down

	Environment    Environment
	PublicURL      *url.URL // where browsers reach Foyer
	TrustedProxies []netip.Prefix
	PartnerID      string // shown in the Embedded Mode snippet; may be empty
	Version        string
	Demo           []DemoPerson // whom one can sign in as; empty outside the sandbox

	Metrics Metrics
	Now     func() time.Time
}

// Environment is which Symphony Foyer speaks to.
type Environment string

// The environments, as the setting FOYER_ENVIRONMENT names them.
const (
	Sandbox Environment = "sandbox"
	UAT     Environment = "uat"
	Prod    Environment = "prod"
)

// DemoPerson is a person of the demo identity provider, for the sign-in page.
type DemoPerson struct{ Name, Role string }

// Metrics is told of every answer; command counts them. A nil Observe is allowed.
type Metrics struct {
	Observe func(method, route string, status int, took time.Duration)
}

// Each address may begin so many sign-ins a second, and so many at once: a
// whole office may share one, and each that is begun is a row in the store.
const (
	signInRate  = 1
	signInBurst = 40
)

// server is what all handlers share.
type server struct {
	Options
	echo     *echo.Echo
	csrf     *http.CrossOriginProtection
	signIns  middleware.RateLimiterStore
	files    http.Handler // what stands under /static
	provider providerHealth
}

// New builds the web side: every route with its middleware, compressing what it
// answers.
func New(o Options) (http.Handler, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	compress, err := compressed()
	if err != nil {
		return nil, fmt.Errorf("handlers: %w", err)
	}
	return compress(s.echo), nil
}

// compressed compresses what is large enough to gain by it. The lowest level
// costs a third of the usual one and is as good as it on pages of tables.
func compressed() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1))
}

func newServer(o Options) (*server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &server{
		Options: o, echo: echo.New(), files: static.Handler(), csrf: http.NewCrossOriginProtection(),
		signIns: middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{Rate: signInRate, Burst: signInBurst}),
	}
	if err := s.csrf.AddTrustedOrigin(o.PublicURL.Scheme + "://" + o.PublicURL.Host); err != nil {
		return nil, fmt.Errorf("handlers: public URL: %w", err)
	}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.handleError
	s.echo.IPExtractor = ipExtractor(o.TrustedProxies)
	// The first two can't panic; within them a panic is answered, counted and
	// logged like any other error.
	s.echo.Use(s.identify, s.logRequests, s.recoverPanics, s.secureHeaders, s.limitBody, s.refuseCrossOrigin)
	for _, r := range s.routes() {
		s.register(r)
	}
	// What isn't there is said within the page of who asked.
	s.echo.RouteNotFound("/*", func(echo.Context) error { return echo.ErrNotFound }, s.authorise(route{needs: public, poll: true}))
	return s, nil
}
