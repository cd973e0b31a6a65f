package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"foyer/ledger"
	"foyer/store"
	"foyer/witness"
)

type witnessCommand struct {
	Name     string     `help:"What this witness is called, a URL without a scheme: audit.example.com/foyer." required:"" placeholder:"NAME" env:"FOYER_WITNESS_NAME"`
	Ledger   []string   `help:"Public key of a ledger to follow (…/ledger/…+…+…), as ‘foyer audit keys’ prints it where Foyer runs; can be given more than once, also for the older keys of one ledger." required:"" placeholder:"KEY" sep:"none" env:"FOYER_WITNESS_LEDGERS"`
	Listen   string     `help:"Address to take checkpoints on; one that Foyer reaches, where it runs on another machine." default:"127.0.0.1:8095" env:"FOYER_WITNESS_LISTEN"`
	Folder   string     `help:"Folder of the key and of what was seen; made at the first start." default:"witness" env:"FOYER_WITNESS_FOLDER"`
	LogLevel slog.Level `help:"What is logged: debug, info, warn or error." default:"info" env:"FOYER_LOG_LEVEL"`
}

// Run serves a witness until the context ends.
func (cmd *witnessCommand) Run(ctx context.Context, p *Process) error {
	if err := cmd.check(); err != nil {
		return &usageError{err}
	}
	if err := os.MkdirAll(cmd.Folder, 0o700); err != nil {
		return fmt.Errorf("FOYER_WITNESS_FOLDER: %w", err)
	}
	key, err := witness.LoadOrCreateKey(filepath.Join(cmd.Folder, "witness.key"), cmd.Name)
	if err != nil {
		return err
	}
	logger := newLogger(p.Stderr, "text", cmd.LogLevel)
	w, err := witness.New(witness.Options{Cosigner: key, Folder: cmd.Folder, Ledgers: cmd.Ledger, Logger: logger})
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }() // the end of the process does the same
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", cmd.Listen)
	if err != nil {
		return fmt.Errorf("FOYER_WITNESS_LISTEN: %w", err)
	}
	address := localURL(listener.Addr().String())
	fmt.Fprintf(p.Stdout, "\nThe witness %s is at %s, which shows what it has seen.\nIts line in the policy of Foyer, with the address at which Foyer reaches it. The\nfirst name is how the policy and Foyer’s pages call it: make it shorter as you like.\n\n  witness %s %s %s\n\n", cmd.Name, address, cmd.Name, key.Public(), address)
	server := newServer(w.Handler(), logger)
	stop := context.AfterFunc(ctx, func() {
		// What is being kept is kept, and answered.
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ending)
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// check finds mistakes in what was given before a key is made for it.
func (cmd *witnessCommand) check() error {
	if strings.Contains(cmd.Name, "://") || strings.ContainsFunc(cmd.Name, unicode.IsSpace) || strings.ContainsRune(cmd.Name, '+') {
		return fmt.Errorf("--name: %q is no URL without a scheme, such as audit.example.com/foyer", cmd.Name)
	}
	for _, key := range cmd.Ledger {
		if _, err := ledger.NewVerifiers(key); err != nil {
			return fmt.Errorf("--ledger: %q is not the public key of a ledger: ‘foyer audit keys’, where Foyer runs, prints it", key)
		}
	}
	return nil
}

// readWitnesses reads the policy in a file; nobody is asked where none is named.
func readWitnesses(path string) (*ledger.Witnesses, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("FOYER_WITNESSES: %w", err)
	}
	w, err := ledger.ParseWitnesses(text)
	if err != nil {
		return nil, fmt.Errorf("FOYER_WITNESSES: %w", err)
	}
	return w, nil
}

// useWitnesses has the store ask the witnesses of the policy, if there is one.
func (c *checkpoints) useWitnesses(path string, o *store.Options) error {
	w, err := readWitnesses(path)
	if err != nil || w == nil {
		return err
	}
	c.witnesses = w
	c.collector = witness.NewCollector(w, nil, c.log)
	o.Witnesses, o.Cosign = w, c.collector.Cosign
	return nil
}
