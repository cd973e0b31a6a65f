// Package command is what the program does: its command line, its settings, and
// the wiring of all parts by hand in one place (serve.go). Each command has a
// file of its own.
//
// It holds no rule of the product, and keeps no state between two calls of Run.
// Only main imports it. Built with the tag nosandbox it has neither the stand-in
// Symphony nor the demo identity provider (sandbox.go, nosandbox.go).
package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/alecthomas/kong"
)

// Process is what a command has of the process that it runs in. Settings that
// are neither flags nor secrets in files are read from the process's own
// environment, whatever Environ is.
type Process struct {
	Args    []string  // the command line without the program's name; empty serves
	Environ []string  // the variables as NAME=VALUE: for what doesn't exist, and for secrets in files
	Stdout  io.Writer // what was asked for; required
	Stderr  io.Writer // the log and what went wrong; required
	Version string    // what was built; empty for what the module says of itself
}

// lookup gives a variable of Environ, as os.LookupEnv does.
func (p *Process) lookup(name string) (string, bool) {
	for _, pair := range p.Environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// commandLine is all of it: foyer serves, unless it is told to do something
// else.
type commandLine struct {
	Serve           serveCommand `cmd:"" default:"withargs" help:"Serve Foyer (what happens when no command is given)."`
	sandboxCommands `embed:""`
	Audit           auditCommand       `cmd:"" help:"Work with the ledger."`
	Witness         witnessCommand     `cmd:"" help:"Be a witness: on a machine of one's own, follow the ledgers of others, and cosign their checkpoints."`
	Healthcheck     healthcheckCommand `cmd:"" help:"Ask a running Foyer whether it is ready; exit status 1 when it isn't."`
	Version         versionCommand     `cmd:"" help:"Print the version."`
}

// Run is the whole program but for the process around it. It ends when its work
// is done or soon after ctx is, and gives the exit status: 0, 1 when the work
// failed, or 2 for a mistake in the command line or the settings. What went wrong
// has been written to Stderr by then.
func Run(ctx context.Context, p Process) int {
	var c commandLine
	p.Version = cmp.Or(p.Version, moduleVersion())
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("foyer"), kong.Description("The admin portal for partners of the Symphony network."),
		kong.UsageOnError(), kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(status int) { exit = status }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintln(p.Stderr, "foyer:", err)
		return 2
	}
	parsed, err := parser.Parse(p.Args)
	if exit >= 0 {
		return exit // help was asked for
	}
	if err == nil {
		err = refuseSecrets(parsed)
	}
	if err == nil {
		err = parsed.Run(&p)
	} else {
		err = &usageError{err}
	}
	if err == nil {
		return 0
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(p.Stderr, "foyer:", line)
	}
	if _, usage := errors.AsType[*usageError](err); usage {
		return 2
	}
	if errors.Is(err, errNotProven) {
		return 3
	}
	return 1
}

// refuseSecrets refuses secrets on the command line, which every user of the machine
// can read in the list of processes.
func refuseSecrets(parsed *kong.Context) error {
	for _, element := range parsed.Path {
		flag := element.Flag
		if flag == nil {
			continue
		}
		_, isSecret := parsed.FlagValue(flag).(secret)
		if flag.Name == "database-url" {
			text, _ := parsed.FlagValue(flag).(string)
			u, err := url.Parse(text)
			isSecret = err != nil || u.Query().Has("password")
			if err == nil && u.User != nil {
				_, hasPassword := u.User.Password()
				isSecret = isSecret || hasPassword
			}
		}
		if isSecret {
			return fmt.Errorf("--%s: a secret on the command line shows in the list of processes: set the variable %s instead", flag.Name, flag.Envs[0])
		}
	}
	return nil
}

// usageError is a mistake in the command line or the settings.
type usageError struct{ error }

// Unwrap returns the mistake.
func (e *usageError) Unwrap() error { return e.error }
