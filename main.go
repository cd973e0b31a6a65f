// Command foyer is the admin portal for partners of the Symphony network.
//
// This package owns the command line, the settings, and the wiring of all
// parts by hand in one place (serve.go). It holds no rule of the product.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = ""

// command is the command line: foyer serves, unless it is told to do something
// else.
type command struct {
	Serve       serveCommand       `cmd:"" default:"withargs" help:"Serve Foyer (what happens when no command is given)."`
	Sandbox     sandboxCommand     `cmd:"" help:"Serve the stand-in Symphony alone, to build an integration against."`
	Audit       auditCommand       `cmd:"" help:"Work with the ledger."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running Foyer whether it is ready; exit status 1 when it isn't."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it; it returns the exit
// status.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	var c command
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("foyer"), kong.Description("The admin portal for partners of the Symphony network."),
		kong.UsageOnError(), kong.Writers(stdout, stderr), kong.Exit(func(status int) { exit = status }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "foyer:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was asked for
	}
	if err == nil {
		err = parsed.Run(&streams{stdout, stderr, environ})
	} else {
		err = &usageError{err}
	}
	if err == nil {
		return 0
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "foyer:", line)
	}
	if _, usage := errors.AsType[*usageError](err); usage {
		return 2
	}
	return 1
}

// streams are what a command reads and writes besides its settings.
type streams struct {
	out, err io.Writer
	environ  []string
}

func (s *streams) lookup(name string) (string, bool) {
	for _, pair := range s.environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// usageError is a mistake in the command line or the settings.
type usageError struct{ error }

// Unwrap returns the mistake.
func (e *usageError) Unwrap() error { return e.error }

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, "foyer", versionText())
	return err
}

// versionText is the version that was built, or what the module says of itself.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
