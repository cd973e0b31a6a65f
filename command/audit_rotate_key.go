package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/google/uuid"

	"foyer/ledger"
	"foyer/store"
)

type rotateKeyCommand struct {
	DatabaseURL    string `help:"The database whose ledger it is." name:"database-url" default:"sqlite:data/foyer.db" env:"FOYER_DATABASE_URL"`
	KeyFile        string `help:"The ledger's key file, which is replaced. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_KEY"`
	AnchorFile     string `help:"The ledger's anchor. Default: as for serving." placeholder:"PATH" env:"FOYER_AUDIT_ANCHOR"`
	CheckpointFile string `help:"Append the two checkpoints to this file." placeholder:"PATH" env:"FOYER_CHECKPOINT_FILE"`
	CheckpointURL  secret `help:"Post the two checkpoints to this address." placeholder:"URL" name:"checkpoint-url" env:"FOYER_CHECKPOINT_URL"`
	Reason         string `help:"Why, for the ledger."`
	By             string `help:"Who replaces it, for the ledger." required:""`
}

// Run replaces the key. The old one signs the event that names the new one, so that
// whoever trusts the old key can trust the new one; then the new one signs.
func (cmd *rotateKeyCommand) Run(ctx context.Context, p *Process) error {
	if err := fromFile("FOYER_CHECKPOINT_URL", &cmd.CheckpointURL, p.lookup); err != nil {
		return &usageError{err}
	}
	if strings.TrimSpace(cmd.By) == "" {
		return &usageError{errors.New("--by can’t be empty: it is what the ledger will say")}
	}
	path := cmp.Or(cmd.KeyFile, keyPath(cmd.DatabaseURL))
	old, err := ledger.LoadKey(path)
	if err != nil {
		return err
	}
	if old.Signer() == nil {
		return fmt.Errorf("%s has public keys alone: the key is replaced where the private one is", path)
	}
	next, err := old.Next()
	if err != nil {
		return err
	}
	if err := cmd.replace(ctx, p, path, next); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, `The checkpoints of the ledger are signed by a new key. Its public key, which whoever
verifies the ledger needs besides the old ones:

  %s

Hand it on, with the two checkpoints above, to whoever keeps checkpoints. Back up
%s. Start Foyer again; every other process of it needs this file, too.
`, next, path)
	return nil
}

// replace records that the key is about to be replaced, replaces it, and records that
// it was. Each record is signed by the key that is in place then.
func (cmd *rotateKeyCommand) replace(ctx context.Context, p *Process, path string, next *ledger.Key) error {
	unlock, err := lockAlone(ctx, cmd.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = unlock() }()
	after, err := json.Marshal(map[string]string{"key": next.String()})
	if err != nil {
		return err
	}
	e := ledger.Event{
		Action: ledger.RotateKey, Outcome: ledger.Intent, Change: uuid.NewString(), Actor: operator(cmd.By), Reason: strings.TrimSpace(cmd.Reason), After: after,
	}
	if err := cmd.sign(ctx, p, path, e, "The last checkpoint that the old key signed:"); err != nil {
		return err
	}
	if err := next.Replace(path); err != nil {
		e.Outcome, e.After, e.Code = ledger.Failed, nil, string(ledger.KeyNotReplaced)
		err = fmt.Errorf("%w. The old key stays. If %s is mounted, as a secret is, give --key-file a copy of it that can be written, and put the copy in its place afterwards", err, path)
		return errors.Join(err, cmd.sign(ctx, p, path, e, "The old key has signed that it stays:"))
	}
	e.Outcome = ledger.Succeeded
	if err := cmd.sign(ctx, p, path, e, "The first checkpoint that the new key signed:"); err != nil {
		return fmt.Errorf("the key was replaced, its public key is %s, and that is not recorded: %w", next, err)
	}
	return nil
}

// sign records an event, has the key in the file sign the ledger with it, and hands
// the checkpoint on.
func (cmd *rotateKeyCommand) sign(ctx context.Context, p *Process, path string, e ledger.Event, words string) error {
	c := &checkpoints{log: newLogger(p.Stderr, "text", slog.LevelWarn), file: cmd.CheckpointFile, hook: string(cmd.CheckpointURL)}
	db, err := store.Open(ctx, cmd.DatabaseURL, store.Options{Version: p.Version, KeyFile: path, AnchorFile: cmd.AnchorFile, Signed: c.handOn, Patient: true})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.Record(ctx, e); err != nil {
		return err
	}
	signed, _, err := db.SignCheckpoint(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%s\n\n%s\n", words, signed)
	return nil
}
