package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"foyer/auth"
	"foyer/ledger"
	"foyer/store"
)

type auditCommand struct {
	Verify    verifyCommand    `cmd:"" help:"Prove that the ledger, or an export of it, is what was recorded. Needs neither the network nor a running Foyer; exit status 1 when it isn't."`
	Redact    redactCommand    `cmd:"" help:"Erase personal data on legal order: of events, of a person, of what somebody did. Says what it would erase, unless --yes is given."`
	RotateKey rotateKeyCommand `cmd:"" name:"rotate-key" help:"Replace the key that signs the ledger's checkpoints. What the old one signed still verifies."`
	Keys      keysCommand      `cmd:"" help:"Print the public keys of the ledger's key file, newest first, to hand to whoever verifies it."`
}

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
func (cmd *verifyCommand) Run(ctx context.Context, s *streams) error {
	options, err := cmd.options()
	if err != nil {
		return &usageError{err}
	}
	report, err := cmd.verify(ctx, options)
	if err != nil {
		return err
	}
	print := func(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }
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

// checkpointEvery is how often the ledger's head is signed, when it has grown.
const checkpointEvery = 5 * time.Minute

// checkpoints signs the ledger's head and puts it where others keep copies: the
// log, and a file or a web hook when they are set.
type checkpoints struct {
	db   *store.DB
	log  *slog.Logger
	file string
	hook string
}

// sign is the periodic work. A head that doesn't continue the last one is never
// signed: that is an error, in the log, every time.
func (c *checkpoints) sign(ctx context.Context) error {
	_, _, err := c.db.SignCheckpoint(ctx)
	if err != nil {
		c.log.ErrorContext(ctx, "the ledger could not be signed: verify it with ‘foyer audit verify’", "error", err)
	}
	return err
}

// handOn puts a checkpoint where others keep copies, whoever had it signed: the
// periodic work, or somebody who took an export.
func (c *checkpoints) handOn(ctx context.Context, signed []byte) {
	ctx = context.WithoutCancel(ctx) // it is signed once, and must get out even if who asked for it has gone
	c.log.InfoContext(ctx, "ledger checkpoint", "note", string(signed))
	if err := errors.Join(c.append(signed), c.post(ctx, signed)); err != nil {
		c.log.ErrorContext(ctx, "a checkpoint was not handed on", "error", err)
	}
}

// holdAgainst compares the ledger with the last checkpoint of the file, which
// others keep: an older database that was put back must be said, and not
// silently continued. accepted goes on all the same, and puts that in the ledger.
func (c *checkpoints) holdAgainst(ctx context.Context, accepted bool) error {
	if c.file == "" {
		return nil
	}
	text, err := os.ReadFile(c.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("FOYER_CHECKPOINT_FILE: %w", err)
	}
	held := ledger.SplitCheckpoints(text)
	if len(held) == 0 {
		return nil
	}
	err = c.db.Continues(ctx, held[len(held)-1])
	if !errors.Is(err, store.ErrNotContinued) {
		return err
	}
	if !accepted {
		return fmt.Errorf("%w. If this database was restored from a backup on purpose, start once with --checkpoint-accept-restored; otherwise find out who put it there", err)
	}
	c.log.WarnContext(ctx, "going on with a ledger that lost events", "error", err)
	return c.db.Record(ctx, ledger.Event{Action: ledger.Restored, Outcome: ledger.Succeeded, Actor: auth.System("start", ""), Note: err.Error()})
}

func (c *checkpoints) append(signed []byte) error {
	if c.file == "" {
		return nil
	}
	f, err := os.OpenFile(c.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	_, err = f.Write(append(signed, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

func (c *checkpoints) post(ctx context.Context, signed []byte) error {
	if c.hook == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second) // somebody may be waiting for an export
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.hook, bytes.NewReader(signed))
	if err != nil {
		return fmt.Errorf("post checkpoint: %w", err)
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return errors.New("post checkpoint: the web hook doesn’t answer") // the URL may hold a secret
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<16)
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("post checkpoint: the web hook answered %d", response.StatusCode)
	}
	return nil
}
