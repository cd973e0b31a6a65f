//go:build !nosandbox

package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"foyer/handlers"
	"foyer/sandbox"
	"foyer/sandbox/idp"
)

// hasStandIn says whether the stand-in Symphony and the demo identity provider
// are in this build. Nothing but this file knows them: nosandbox.go is in its
// place in a build with the tag nosandbox.
const hasStandIn = true

// sandboxCommands are the commands that need the stand-in.
type sandboxCommands struct {
	Sandbox sandboxCommand `cmd:"" help:"Serve the stand-in Symphony alone, to build an integration against."`
}

type sandboxCommand struct {
	sandboxConfig `embed:""`
	LogLevel      slog.Level `help:"What is logged: debug shows every call." default:"info" env:"FOYER_LOG_LEVEL"`
}

// Run serves the stand-in Symphony alone.
func (cmd *sandboxCommand) Run(ctx context.Context, p *Process) error {
	if environment, ok := p.lookup("FOYER_ENVIRONMENT"); ok && environment != "sandbox" {
		return &usageError{fmt.Errorf("FOYER_ENVIRONMENT is %s: the stand-in exists in the environment sandbox only", environment)}
	}
	logger := newLogger(p.Stderr, "text", cmd.LogLevel)
	standIn, err := sandbox.Open(ctx, sandbox.Options{
		Database: cmd.Database, Reset: cmd.Reset, Provisioning: cmd.Provisioning, People: cmd.People, Logger: logger,
	})
	if err != nil {
		return err
	}
	defer func() { _ = standIn.Close() }()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", cmd.Listen)
	if err != nil {
		return fmt.Errorf("FOYER_SANDBOX_LISTEN: %w", err)
	}
	server := newServer(standIn.Handler(), logger)
	server.WriteTimeout = 0
	fmt.Fprintf(p.Stdout, "\nThe stand-in Symphony is at %s (client id %s, secret %s); its data in %s.\n\n",
		localURL(listener.Addr().String()), sandbox.ClientID, sandbox.ClientSecret, cmd.Database)
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// openSandbox opens the stand-ins: Symphony, and the identity provider unless a
// real one is set. Outside the environment sandbox there are none.
func (f *foyer) openSandbox(ctx context.Context) error {
	if f.listeners.sandbox == nil {
		return nil
	}
	c := f.config
	standIn, err := sandbox.Open(ctx, sandbox.Options{
		Database: c.Sandbox.Database, Reset: c.Sandbox.Reset, Provisioning: c.Sandbox.Provisioning, People: c.Sandbox.People, Logger: f.log.With("part", "sandbox"),
	})
	if err != nil {
		return err
	}
	f.sandbox = standIn // from here on close closes it
	mux := http.NewServeMux()
	mux.Handle("/", standIn.Handler())
	if c.demoIDP() {
		provider, err := idp.New(idp.Options{
			Issuer: c.OIDC.Issuer, ClientID: c.OIDC.ClientID, ClientSecret: string(c.OIDC.ClientSecret),
			RedirectURIs: []string{c.PublicURL + "/auth/callback"}, PostLogoutURIs: []string{c.PublicURL + "/signed-out"},
			Logger: f.log.With("part", "idp"),
		})
		if err != nil {
			return fmt.Errorf("demo identity provider: %w", err)
		}
		mux.Handle(idpPath+"/", provider)
	}
	f.standIn = mux
	return nil
}

// demoPeople are those whom one can sign in as at the demo identity provider.
func demoPeople() []handlers.DemoPerson {
	var people []handlers.DemoPerson
	for _, p := range idp.People() {
		people = append(people, handlers.DemoPerson{Name: p.Name, Role: p.Role})
	}
	return people
}
