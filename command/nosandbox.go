//go:build nosandbox

package command

import (
	"context"
	"errors"

	"foyer/handlers"
)

// hasStandIn says that neither the stand-in Symphony nor the demo identity
// provider is in this build: sandbox.go, which has them, is left out.
const hasStandIn = false

// sandboxCommands answers the command that this build lacks, whatever follows it,
// with what is the matter.
type sandboxCommands struct {
	Sandbox noSandboxCommand `cmd:"" hidden:"" passthrough:""`
}

type noSandboxCommand struct {
	Args []string `arg:"" optional:""`
}

// Run says that there is no stand-in.
func (noSandboxCommand) Run() error {
	return &usageError{errors.New("this build has no stand-in Symphony")}
}

// openSandbox opens nothing: the settings that would ask for a stand-in are
// refused before.
func (*foyer) openSandbox(context.Context) error { return nil }

// demoPeople are nobody.
func demoPeople() []handlers.DemoPerson { return nil }
