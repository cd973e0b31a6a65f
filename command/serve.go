package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"foyer/auth"
	"foyer/handlers"
	"foyer/jobs"
	"foyer/ledger"
	"foyer/notices"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/portal/signin"
	"foyer/sapi"
	"foyer/store"
)

// longestWait is how long a page or a job waits when Symphony asks to: a person is
// rather told of a longer wait, and a job comes back.
const longestWait = 20 * time.Second

// mostCalls is how many calls to Symphony are under way at once: enough for the
// rate at 1.6 s a call, half of them for what reads along, and a queue on our side when
// it is slow, where persons go first, rather than on Symphony's.
const mostCalls = 32

// mostBulkCalls is how many of them bulk changes may have at the most, so that some are
// left for what settles changes.
const mostBulkCalls = 16

type serveCommand struct {
	Config `embed:""`
}

// Run serves Foyer until the context ends.
func (cmd *serveCommand) Run(ctx context.Context, p *Process) error {
	if unknown := unknownSettings(p.Environ); len(unknown) > 0 {
		return &usageError{fmt.Errorf("no such setting: %s", strings.Join(unknown, ", "))}
	}
	config := cmd.Config
	if err := config.complete(p.lookup); err != nil {
		return &usageError{err}
	}
	f := &foyer{started: time.Now(), version: p.Version, log: newLogger(p.Stderr, config.LogFormat, config.LogLevel)}
	if err := f.listen(ctx, &config); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// Port 0 asks for any: what was not set follows from the ones that were got.
	config = cmd.Config
	f.listeners.addresses(&config)
	if err := config.complete(p.lookup); err != nil {
		return &usageError{err}
	}
	f.config = &config
	if err := f.open(ctx); err != nil {
		return err
	}
	f.announce(p)
	return f.serve(ctx)
}

// foyer is a running Foyer: its parts, in the order in which they are opened.
type foyer struct {
	started     time.Time
	version     string
	config      *Config
	log         *slog.Logger
	listeners   listeners
	sandbox     io.Closer    // the stand-in Symphony; nil where there is none
	standIn     http.Handler // with the demo identity provider beside it
	unlock      func() error // lets another process serve the database
	db          *store.DB
	checkpoints *checkpoints
	repeats     *portal.Repeats // what this process refused over and over
	jobs        *jobs.Jobs
	activity    *activity.Activity
	symphony    *sapi.Client
	directory   *directory.Directory
	changes     *change.Engine
	bulk        *bulk.Service
	notices     *notices.Sender
	reviews     *review.Reviews
	precheck    *precheck.Service
	signin      *signin.Service
	web         http.Handler
	admin       http.Handler
	ready       readiness
}

// listeners are the addresses that are listened on; nil where nothing is.
type listeners struct{ web, admin, sandbox net.Listener }

// addresses puts the addresses that were got in place of those asked for.
func (l listeners) addresses(c *Config) {
	for _, a := range []struct {
		listener net.Listener
		address  *string
	}{{l.web, &c.Listen}, {l.admin, &c.AdminListen}, {l.sandbox, &c.Sandbox.Listen}} {
		if a.listener != nil && strings.HasSuffix(*a.address, ":0") {
			*a.address = a.listener.Addr().String()
		}
	}
}

// listen takes the ports before anything else is opened, so that one that is
// taken is said at once.
func (f *foyer) listen(ctx context.Context, c *Config) error {
	var config net.ListenConfig
	addresses := []struct {
		setting, address string
		listener         *net.Listener
	}{
		{"FOYER_LISTEN", c.Listen, &f.listeners.web},
		{"FOYER_ADMIN_LISTEN", c.AdminListen, &f.listeners.admin},
		{"FOYER_SANDBOX_LISTEN", c.Sandbox.Listen, &f.listeners.sandbox},
	}
	if !c.usesStandIn() {
		addresses = addresses[:2]
	}
	for _, a := range addresses {
		if a.address == "" {
			continue
		}
		l, err := config.Listen(ctx, "tcp", a.address)
		if err != nil {
			f.close()
			return fmt.Errorf("%s: %w", a.setting, err)
		}
		*a.listener = l
	}
	return nil
}

// open opens every part, so that what can go wrong at the start goes wrong
// before anything is served. On an error what was opened is closed again.
func (f *foyer) open(ctx context.Context) error {
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"open the stand-in Symphony", f.openSandbox},
		{"lock the database", f.lock},
		{"open the database", f.openStore},
		{"open the use cases", f.openUseCases},
	}
	for _, step := range steps {
		if err := step.do(ctx); err != nil {
			f.close()
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// lock takes the database for this process. Another one that served the same SQLite file
// would take what this one is doing for left behind by a crash.
func (f *foyer) lock(context.Context) (err error) {
	f.unlock, err = store.Lock(f.config.DatabaseURL)
	if errors.Is(err, store.ErrInUse) {
		return errDatabaseInUse
	}
	return err
}

// errDatabaseInUse says that another Foyer serves the SQLite file.
var errDatabaseInUse = errors.New("another Foyer is serving this SQLite file: stop it first, or use PostgreSQL, which any number can share")

func (f *foyer) openStore(ctx context.Context) error {
	f.checkpoints = &checkpoints{log: f.log, file: f.config.Checkpoint.File, hook: string(f.config.Checkpoint.URL)}
	options := store.Options{
		Logger: f.log, Version: f.version, Host: f.config.host(), KeyFile: f.config.AuditKey, AnchorFile: f.config.AuditAnchor, Started: f.started, Signed: f.checkpoints.handOn,
	}
	if err := f.checkpoints.useWitnesses(f.config.Witnesses, &options); err != nil {
		return err
	}
	db, err := store.Open(ctx, f.config.DatabaseURL, options)
	if err != nil {
		return err
	}
	f.db, f.checkpoints.db, f.ready.db = db, db, db
	if err := f.checkpoints.witnesses.For(db.Key().Name()); err != nil {
		return fmt.Errorf("FOYER_WITNESSES: %w", err)
	}
	return f.checkpoints.holdAgainst(ctx, f.config.Checkpoint.Restored)
}

// gathering is the store, in which what is refused over and over is one event.
type gathering struct {
	*store.DB
	repeats *portal.Repeats
}

// Record implements portal.Recorder.
func (g gathering) Record(ctx context.Context, events ...ledger.Event) error {
	return g.repeats.Record(ctx, events...)
}

func (f *foyer) openUseCases(ctx context.Context) error {
	metrics := newMetrics()
	metrics.registry.MustRegister(f.ready.collector()) //nolint:contextcheck // it is asked long after the start
	f.admin = metrics.handler()
	c := f.config
	client, err := sapi.New(sapi.Options{
		BaseURL: c.Symphony.APIURL, TokenURL: c.Symphony.TokenURL, Audience: c.Symphony.Audience,
		ClientID: c.Symphony.ClientID, ClientSecret: string(c.Symphony.ClientSecret),
		LoginURL: c.Symphony.LoginURL, PartnerID: c.Symphony.PartnerID,
		UserAgent: "foyer/" + f.version, MaxWait: longestWait, RatePerSecond: c.Symphony.Rate, Burst: max(1, int(c.Symphony.Rate)), MaxConcurrent: mostCalls, Observe: metrics.observeCall,
		ClocksApart: f.logClocks,
	})
	if err != nil {
		return err
	}
	f.symphony = client
	sessions, err := auth.NewSessions(auth.SessionOptions{
		Store: f.db, Issuer: c.OIDC.Issuer, Roles: c.roleValues(), PublicURL: c.PublicURL, Idle: c.SessionIdle, Absolute: c.SessionMax,
	})
	if err != nil {
		return err
	}
	f.jobs, err = jobs.New(ctx, jobs.Options{SQLite: f.db.SQLite(), Postgres: f.db.Pool(), SQL: f.db.PostgreSQL(), Migrating: f.db.Migrating, Logger: f.log})
	if err != nil {
		return err
	}
	f.repeats = portal.NewRepeats(f.db, time.Now)
	kept := gathering{f.db, f.repeats}
	f.activity = activity.New(kept)
	reading := directory.Options{
		Symphony: client, Store: kept, People: f.db, Statuses: f.db, Activity: f.activity, Scheduler: f.jobs, Logger: f.log,
	}
	if f.sandbox != nil {
		reading.StatusAge = 10 * time.Minute // the stand-in has nobody else to answer, and who tries it waits for less
	}
	f.directory = directory.New(reading)
	if f.notices, err = notices.New(c.noticeOptions(f.version)); err != nil {
		return err
	}
	f.precheck = precheck.New(precheck.Options{Symphony: client, Directory: f.directory, Ledger: kept})
	f.bulk = bulk.New(bulk.Options{
		Notify: f.notices.Any(),
		Store:  kept, Directory: f.directory, Symphony: client, Precheck: f.precheck, Scheduler: f.jobs, Logger: f.log,
		AtOnce: c.Bulk.AtOnce, Rate: c.Bulk.Rate, Share: c.Bulk.Share,
	})
	options := change.Options{
		Moved:    f.bulk.Moved,
		Symphony: client, Store: kept, Directory: f.directory, Scheduler: f.jobs, Gate: portal.Gate{Ledger: kept}, Roles: sessions.Roles, Logger: f.log,
	}
	if f.sandbox != nil {
		options.Grace = 5 * time.Second // what the stand-in does it does at once
	}
	f.changes = change.New(options)
	f.bulk.Engine(f.changes)
	f.reviews = review.New(review.Options{
		Store: kept, People: f.db, Directory: f.directory, Activity: f.activity, Changes: f.changes, Scheduler: f.jobs,
	})
	f.signin = signin.New(signin.Options{Symphony: client, Directory: f.directory, Changes: f.changes})
	f.registerJobs(sessions)
	return f.openHandlers(sessions, metrics)
}

func (f *foyer) openHandlers(sessions *auth.Sessions, metrics *metrics) error {
	c := f.config
	provider, err := auth.NewOIDC(auth.OIDCOptions{
		Store: f.db, Issuer: c.OIDC.Issuer, ClientID: c.OIDC.ClientID, ClientSecret: string(c.OIDC.ClientSecret),
		RedirectURL: c.PublicURL + "/auth/callback", PostLogoutURL: c.PublicURL + "/signed-out",
		Scopes: c.OIDC.Scopes, RolesClaim: c.OIDC.RolesClaim, RoleValues: c.roleValues(), AllowedReturn: handlers.AllowedReturn,
	})
	if err != nil {
		return err
	}
	public, err := url.Parse(c.PublicURL)
	if err != nil {
		return err
	}
	options := handlers.Options{
		Directory: f.directory, Changes: f.changes, Bulk: f.bulk, Reviews: f.reviews, Precheck: f.precheck, Signin: f.signin, Activity: f.activity,
		Sessions: sessions, OIDC: provider, Logger: f.log, Ready: f.ready.check, Unwritable: f.ready.unwritable, Troubles: f.troubles,
		Environment: c.environment(), PublicURL: public, TrustedProxies: c.trusted(), PartnerID: c.Symphony.PartnerID, FreshSignIn: c.FreshSignIn,
		Version: f.version, Metrics: handlers.Metrics{Observe: metrics.observeRequest},
	}
	if f.sandbox != nil {
		options.StandInBuildTime = c.Sandbox.Provisioning
	}
	if c.demoIDP() {
		options.Demo = demoPeople()
	}
	f.web, err = handlers.New(options)
	return err
}

// announce tells a person at the terminal where to go and whom to be.
func (f *foyer) announce(p *Process) {
	fmt.Fprintf(p.Stdout, "\nFoyer %s is at %s (%s)\n", f.version, f.config.PublicURL, f.config.Environment)
	if f.config.demoIDP() {
		fmt.Fprintln(p.Stdout, "Sign in as one of:")
		for _, person := range demoPeople() {
			fmt.Fprintf(p.Stdout, "  %-18s %s\n", person.Name, cmp.Or(person.Role, "no role: sees what that looks like"))
		}
	}
	if f.sandbox != nil {
		fmt.Fprintf(p.Stdout, "The stand-in Symphony is at %s; its data in %s.\n", localURL(f.listeners.sandbox.Addr().String()), f.config.Sandbox.Database)
	}
	fmt.Fprintln(p.Stdout)
}

// serve serves until the context ends, and then ends in order: not ready any
// more, for as long as others take to notice; no new requests, what is in flight
// finished, jobs finished, closed.
func (f *foyer) serve(ctx context.Context) error {
	defer f.close()
	group, running := errgroup.WithContext(ctx)
	servers := map[net.Listener]*http.Server{
		f.listeners.web: newServer(f.web, f.log),
	}
	if proxies := f.config.TrustedProxies; len(proxies) == 0 {
		f.log.InfoContext(ctx, "no proxy is trusted: X-Forwarded-For is ignored, and a proxy would count as everybody", "setting", "FOYER_TRUSTED_PROXIES")
	} else {
		f.log.InfoContext(ctx, "proxies in these networks are trusted to say in X-Forwarded-For whose request it is", "setting", "FOYER_TRUSTED_PROXIES", "networks", proxies)
	}
	if f.listeners.admin != nil {
		if host, _, _ := net.SplitHostPort(f.config.AdminListen); !isLoopback(host) {
			f.log.WarnContext(ctx, "metrics and profiles are for everybody who reaches this address", "setting", "FOYER_ADMIN_LISTEN", "address", f.config.AdminListen)
		}
		servers[f.listeners.admin] = newServer(f.admin, f.log)
		servers[f.listeners.admin].WriteTimeout = 0 // profiles take as long as they are asked to
	}
	if f.listeners.sandbox != nil {
		servers[f.listeners.sandbox] = newServer(f.standIn, f.log)
		servers[f.listeners.sandbox].WriteTimeout = 0 // faults may hold an answer for long
	}
	start := func(listener net.Listener, server *http.Server) {
		group.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		})
	}
	for listener, server := range servers {
		if listener != f.listeners.web {
			start(listener, server)
		}
	}
	// The jobs begin once the stand-in answers, because they ask it.
	if err := f.startJobs(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, closeAll(servers))
	}
	start(f.listeners.web, servers[f.listeners.web])
	mending := time.NewTicker(mendEvery)
	defer mending.Stop()
	group.Go(func() error {
		eachTime(running, mending.C, f.mendOwn)
		return nil
	})
	own := time.NewTicker(ownEvery)
	defer own.Stop()
	group.Go(func() error {
		eachTime(running, own.C, f.doOwn)
		return nil
	})
	<-running.Done()
	f.ready.stopping.Store(true)
	f.log.InfoContext(ctx, "shutting down", "drain", *f.config.Drain)
	if ctx.Err() != nil { // otherwise it is a server that failed, and nothing to wait for
		servers[f.listeners.web].SetKeepAlivesEnabled(false)
		<-time.After(*f.config.Drain)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.config.Shutdown)
	defer cancel()
	// The web side goes first: what it has in flight needs the others.
	err := servers[f.listeners.web].Shutdown(ctx)
	f.directory.Stop()
	err = errors.Join(err, f.jobs.Close(ctx), closeAll(servers))
	err = errors.Join(err, group.Wait())
	if err := f.repeats.Flush(ctx, true); err != nil {
		f.log.ErrorContext(ctx, "how often people were refused is not recorded", "error", err)
	}
	// Nothing more is recorded: what was is not left unsigned until the next start.
	_ = f.checkpoints.sign(ctx) // it is logged
	return err
}

func closeAll(servers map[net.Listener]*http.Server) error {
	var err error
	for _, server := range servers {
		err = errors.Join(err, server.Close())
	}
	return err
}

// close closes what was opened, the last first.
func (f *foyer) close() {
	if f.db != nil {
		if err := f.db.Close(); err != nil {
			f.log.Error("database not closed cleanly", "error", err)
		}
	}
	if f.unlock != nil {
		_ = f.unlock() // the end of the process does the same
	}
	if f.sandbox != nil {
		if err := f.sandbox.Close(); err != nil {
			f.log.Error("stand-in not closed cleanly", "error", err)
		}
	}
	for _, l := range []net.Listener{f.listeners.web, f.listeners.admin, f.listeners.sandbox} {
		if l != nil {
			_ = l.Close() // most often closed by its server already
		}
	}
}

// newServer bounds what a client can hold or send. Writing may take as long as
// the slowest answer: to a change that waits for Symphony before, while and after
// it is sent.
func newServer(h http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 3 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

func newLogger(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
