package handlers

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	bulkpages "foyer/handlers/bulk"
	"foyer/handlers/kit"
	"foyer/handlers/session"
	"foyer/handlers/system"
	"foyer/handlers/wording"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/portal/signin"
)

// Options are what the web side of Foyer is made of. All but Troubles, TrustedProxies,
// FreshSignIn, Patience, StandInBuildTime, Now and Metrics are required.
type Options struct {
	Directory *directory.Directory
	Changes   *change.Engine
	Bulk      *bulk.Service
	Reviews   *review.Reviews
	Precheck  *precheck.Service
	Signin    *signin.Service
	Activity  *activity.Activity

	Sessions *auth.Sessions
	OIDC     *auth.OIDC
	Logger   *slog.Logger
	Ready    func() error // why Foyer can't serve people; ErrDegraded where it can't make changes, ErrNotKept where it can't keep what it reads, ledger.ErrKey where it can't sign; nil when it can do all
	// Unwritable says why the store can't be written, as lately found out: it is asked for
	// every page, and must not wait. Nil while it can be; the function may be nil.
	Unwritable func() error
	Troubles   func() []Trouble // what isn't as it should be though people can be served; may be nil

	Environment    Environment
	PublicURL      *url.URL // where browsers reach Foyer
	TrustedProxies []netip.Prefix
	PartnerID      string // shown in the Embedded Mode snippet; may be empty
	Version        string
	Demo           []DemoPerson // whom one can sign in as; empty outside the sandbox

	// FreshSignIn is how long after a sign-in somebody may finish a review, or end other
	// people's sessions; ten minutes if zero.
	FreshSignIn time.Duration

	// Patience is how long a page waits for Symphony where it can show what was read
	// before; 2.5 seconds if zero.
	Patience time.Duration

	// StandInBuildTime is how long the stand-in Symphony takes to build a company; zero
	// without one.
	StandInBuildTime time.Duration

	Metrics Metrics
	Now     func() time.Time
}

// ErrDegraded is in what Ready returns while people can be shown things and nothing can
// be recorded, so that nothing can be changed.
var ErrDegraded = system.ErrDegraded

// ErrNotKept is in what Ready returns while changes can be made and what is read of people
// can't be kept.
var ErrNotKept = system.ErrNotKept

// Trouble is something about Foyer itself that isn't as it should be.
type Trouble = wording.Trouble

// TroubleCode says what it is.
type TroubleCode = wording.TroubleCode

// The troubles.
const (
	ClocksApart         = wording.ClocksApart
	DatabaseDamaged     = wording.DatabaseDamaged
	HookFails           = wording.HookFails
	CheckpointFileFails = wording.CheckpointFileFails
	LedgerAltered       = wording.LedgerAltered
	NotSigned           = wording.NotSigned
	WitnessRefuses      = wording.WitnessRefuses
	NotWitnessed        = wording.NotWitnessed
)

// Environment is which Symphony Foyer speaks to.
type Environment = kit.Environment

// The environments, as the setting FOYER_ENVIRONMENT names them.
const (
	Sandbox = kit.Sandbox
	UAT     = kit.UAT
	Prod    = kit.Prod
)

// DemoPerson is a person of the demo identity provider, for the sign-in page.
type DemoPerson = session.DemoPerson

// Metrics is told of every answer; command counts them. A nil Observe is allowed.
type Metrics struct {
	Observe func(method, route string, status int, took time.Duration)
}

// server is the web side: its middleware, and what answers behind it.
type server struct {
	*kit.Kit
	resources
	activity *activity.Activity // where refusals are recorded
	metrics  Metrics
	echo     *echo.Echo
	csrf     *http.CrossOriginProtection
	budgets  budgets

	forwarded *forwarded
}

// New builds the web side: every route with its middleware, compressing what it
// answers.
func New(o Options) (http.Handler, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	compress, err := kit.Compressed()
	if err != nil {
		return nil, fmt.Errorf("handlers: %w", err)
	}
	return compress(s.echo), nil
}

func newServer(o Options) (*server, error) {
	if o.Troubles == nil {
		o.Troubles = func() []Trouble { return nil }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Unwritable == nil {
		o.Unwritable = func() error { return nil }
	}
	o.FreshSignIn = cmp.Or(o.FreshSignIn, 10*time.Minute)
	o.Patience = cmp.Or(o.Patience, 2500*time.Millisecond)
	shared := &kit.Kit{Sessions: o.Sessions, Logger: o.Logger, Environment: o.Environment, Version: o.Version, Now: o.Now, Unwritable: o.Unwritable, Patience: o.Patience, StandInBuildTime: o.StandInBuildTime}
	if o.Bulk != nil {
		shared.BulkUnderWay = bulkpages.NewUnderWay(o.Bulk, o.Now).Count
	}
	s := &server{
		Kit: shared, resources: newResources(shared, o), activity: o.Activity, metrics: o.Metrics,
		echo: echo.New(), csrf: http.NewCrossOriginProtection(), budgets: newBudgets(o.Now),
		forwarded: &forwarded{trusted: o.TrustedProxies, logger: o.Logger},
	}
	if err := s.csrf.AddTrustedOrigin(o.PublicURL.Scheme + "://" + o.PublicURL.Host); err != nil {
		return nil, fmt.Errorf("handlers: public URL: %w", err)
	}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.HandleError
	s.echo.IPExtractor = echo.ExtractIPDirect() // identify has put the client's address there
	// The first two can't panic; within them a panic is answered, counted and
	// logged like any other error.
	s.echo.Use(s.identify, s.logRequests, s.recoverPanics, s.secureHeaders, s.limitBody, s.refuseCrossOrigin, s.withoutSlash)
	for _, r := range s.routes() {
		s.register(r)
	}
	// What isn't there is said within the page of who asked.
	for _, path := range []string{"/*", "/static/*"} {
		s.echo.RouteNotFound(path, s.refuseUnrouted, s.authorise(unrouted))
	}
	return s, nil
}
