// Command foyer is the admin portal for partners of the Symphony network.
//
// This package owns the process alone: its arguments, its signals, its exit
// status. What the program does is in package command.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"foyer/command"
)

// version is set when a release is built.
var version = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(command.Run(ctx, command.Process{
		Args: os.Args[1:], Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Version: version,
	}))
}
