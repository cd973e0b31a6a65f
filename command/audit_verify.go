package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"

	"foyer/ledger"
	"foyer/store"
)

type verifyCommand struct {
	DatabaseURL string   `help:"The database whose ledger is verified." name:"database-url" default:"sqlite:data/foyer.db" env:"FOYER_DATABASE_URL"`
	Export      string   `help:"Verify this file instead of a database: an export with evidence (an archive, or its JSON Lines with proofs), or the proof of one event." type:"existingfile"`
	Checkpoint  []string `help:"A file of signed checkpoints that somebody else kept; can be given more than once. For an export's JSON Lines, the one that came with them, too." type:"existingfile"`
	Key         []string `help:"A public key that checkpoints must be signed by (foyer…+…), as kept elsewhere; can be given more than once."`
	KeyFile     string   `help:"The ledger's key file, for its public keys; weaker than --key, because it stands beside the ledger. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_KEY"`
}

// errNotProven is the verdict on a ledger that doesn't verify.
var errNotProven = errors.New("the ledger is NOT what was recorded")

// Run verifies and prints the report.
func (cmd *verifyCommand) Run(ctx context.Context, p *Process) error {
	options, err := cmd.options()
	if err != nil {
		return &usageError{err}
	}
	report, err := cmd.verify(ctx, options)
	if err != nil {
		return err
	}
	print := func(format string, args ...any) { fmt.Fprintf(p.Stdout, format+"\n", args...) }
	print("events      %d, of which %d redacted", report.Events, report.Redacted)
	print("tree        %d %s", report.Size, report.Root)
	print("checkpoints %d confirmed, up to event %d", report.Checkpoints, report.Signed.Size)
	if report.Uncompared > 0 {
		print("%d of the checkpoints given could not be held against it: they are newer, or it has no proof for them", report.Uncompared)
	}
	if report.OK() {
		if report.Checkpoints == 0 {
			print("No checkpoint was held against it: this proves only that the ledger agrees with itself.")
		}
		print("OK")
		return nil
	}
	for _, problem := range report.Problems {
		print("BAD %s", problem)
	}
	print("first bad sequence number: %d (%d problems in all)", report.FirstBad, report.Found)
	return errNotProven
}

func (cmd *verifyCommand) options() (ledger.VerifyOptions, error) {
	var o ledger.VerifyOptions
	for _, path := range cmd.Checkpoint {
		held, err := os.ReadFile(path)
		if err != nil {
			return o, err
		}
		o.Held = append(o.Held, ledger.SplitCheckpoints(held)...) // a file may have been appended to for years
	}
	if len(cmd.Key) == 0 {
		key, err := ledger.LoadKey(cmp.Or(cmd.KeyFile, keyPath(cmd.DatabaseURL)))
		if err != nil {
			return o, fmt.Errorf("no public key: give --key, or --key-file: %w", err)
		}
		o.Verifiers = key.Verifiers()
		return o, nil
	}
	var verifiers []note.Verifier
	for _, text := range cmd.Key {
		v, err := note.NewVerifier(text)
		if err != nil {
			return o, fmt.Errorf("--key %s: %w", text, err)
		}
		verifiers = append(verifiers, v)
	}
	o.Verifiers = note.VerifierList(verifiers...)
	return o, nil
}

func (cmd *verifyCommand) verify(ctx context.Context, o ledger.VerifyOptions) (ledger.Report, error) {
	if cmd.Export == "" {
		db, err := store.Open(ctx, cmd.DatabaseURL, store.Options{ReadOnly: true})
		if err != nil {
			return ledger.Report{}, err
		}
		defer func() { _ = db.Close() }()
		return db.VerifyLedger(ctx, o)
	}
	report, err := cmd.verifyExport(ctx, o)
	switch {
	case errors.Is(err, ledger.ErrNoCheckpoint):
		return report, &usageError{fmt.Errorf("%w: give the one that came with it by --checkpoint", err)}
	case errors.Is(err, ledger.ErrNothingHeld):
		return report, &usageError{fmt.Errorf("%w: it is of another size than those it has proofs for", err)}
	}
	return report, err
}

// verifyExport verifies a file that is one archive, or lines.
func (cmd *verifyCommand) verifyExport(ctx context.Context, o ledger.VerifyOptions) (ledger.Report, error) {
	file, err := os.Open(cmd.Export)
	if err != nil {
		return ledger.Report{}, err
	}
	defer func() { _ = file.Close() }()
	begin := make([]byte, 4)
	if _, err := file.ReadAt(begin, 0); err == nil && string(begin) == "PK\x03\x04" {
		info, err := file.Stat()
		if err != nil {
			return ledger.Report{}, err
		}
		return ledger.VerifyArchive(ctx, file, info.Size(), o)
	}
	return ledger.VerifyExport(ctx, ledger.ExportFiles{Events: file}, o)
}
