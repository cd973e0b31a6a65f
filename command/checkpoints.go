package command

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"foyer/auth"
	"foyer/files"
	"foyer/handlers"
	"foyer/ledger"
	"foyer/portal"
	"foyer/store"
	"foyer/witness"
)

// checkpointEvery is how often the ledger's head is signed, when it has grown.
const checkpointEvery = 5 * time.Minute

// checkpoints signs the ledger's head and puts it where others keep copies: the
// log, and a file or a web hook when they are set.
type checkpoints struct {
	db   *store.DB
	log  *slog.Logger
	file string
	hook string

	witnesses *ledger.Witnesses  // nil where nobody is asked
	collector *witness.Collector // likewise

	mu       sync.Mutex
	failing  []handlers.Trouble // what became of the last one
	unsigned error              // why it isn't signed, if that is so
	unseen   time.Time          // since when too few witnesses have seen it; zero if that isn't so
	since    time.Time          // when it was first found not to be
}

// sign is the periodic work. A ledger that doesn't go on from what was signed before is
// never signed: that is an error, in the log, every time, and a trouble that people see.
func (c *checkpoints) sign(ctx context.Context) error {
	_, _, err := c.db.SignCheckpoint(ctx)
	switch {
	case errors.Is(err, ledger.ErrKey):
		c.log.ErrorContext(ctx, "the ledger can’t be signed here: give this process the key file of the others, or the one from the backup", "error", err)
	case errors.Is(err, ledger.ErrNoAnchor):
		c.log.ErrorContext(ctx, "the ledger isn’t signed: nothing beside the key says what was signed before. Give the file of checkpoints as FOYER_CHECKPOINT_FILE, or, if you know why there is no anchor, start once with --checkpoint-accept-restored", "error", err)
	case errors.Is(err, ledger.ErrOtherAnchor):
		c.log.ErrorContext(ctx, "the ledger isn’t signed: the file of its anchor has another ledger’s, and is left as it is. Give this process the file of its own with FOYER_AUDIT_ANCHOR, or the name of one that isn’t there", "error", err)
	case errors.Is(err, ledger.ErrNotContinued):
		c.log.ErrorContext(ctx, "the ledger isn’t signed: it doesn’t go on from what was signed before. If this database was restored from a backup on purpose, start once with --checkpoint-accept-restored; otherwise find out who put it there", "error", err)
	case errors.Is(err, ledger.ErrAnchorNotKept):
		c.log.ErrorContext(ctx, "the ledger isn’t signed: its anchor can’t be written", "error", err)
	case err != nil:
		c.log.ErrorContext(ctx, "the ledger could not be signed: verify it with ‘foyer audit verify’", "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unsigned == nil {
		c.since = time.Now()
	}
	c.unsigned = err
	return err
}

// signFirstWithin is how long the start waits for the first signature; the periodic work
// has as long as it takes.
const signFirstWithin = 15 * time.Second

// signFirst signs at the start: every process does, so that one with another key than the
// ledger's says so. Nobody waits long for it: what there is to verify may be much, and
// somebody's rubbish. What went wrong is logged, and everything else goes on.
func (c *checkpoints) signFirst(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, signFirstWithin)
	defer cancel()
	_ = c.sign(ctx)
}

// followed notes that another process has signed since this one could not.
func (c *checkpoints) followed(ctx context.Context) {
	_, last, err := c.db.Checkpoint(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && last.At.After(c.since) {
		c.unsigned = nil
	}
}

// notSigned is the trouble that the ledger can't be signed, if there is one of which
// store.CheckSigning doesn't tell, so that pages don't say so already.
func (c *checkpoints) notSigned() (t handlers.Trouble, ok bool) {
	t = handlers.Trouble{Code: handlers.LedgerUnsigned, Err: c.unsigned, Since: c.since}
	if altered, is := errors.AsType[*ledger.AlteredError](c.unsigned); is {
		t.Code, t.Err = handlers.LedgerAltered, altered
		return t, true
	}
	for _, told := range []error{ledger.ErrKey, ledger.ErrNoAnchor, ledger.ErrOtherAnchor, ledger.ErrNotContinued, ledger.ErrHead, context.Canceled} {
		if errors.Is(c.unsigned, told) {
			return t, false
		}
	}
	// What there is to verify may be much: the next time it may be done in time.
	slow := errors.Is(c.unsigned, context.DeadlineExceeded) && time.Since(c.since) < checkpointEvery
	return t, c.unsigned != nil && !slow
}

// handOn puts a checkpoint where others keep copies, whoever had it signed: the
// periodic work, or somebody who took an export.
func (c *checkpoints) handOn(ctx context.Context, signed []byte) {
	ctx = context.WithoutCancel(ctx) // it is signed once, and must get out even if who asked for it has gone
	c.log.InfoContext(ctx, "ledger checkpoint", "note", string(signed))
	var failing []handlers.Trouble
	if err := c.append(signed); err != nil {
		c.log.ErrorContext(ctx, "a checkpoint was not handed on", "error", err)
		failing = append(failing, handlers.Trouble{Code: handlers.CheckpointFileFails, At: time.Now()})
	}
	if err := c.post(ctx, signed); err != nil {
		c.log.ErrorContext(ctx, "a checkpoint was not handed on", "error", err)
		failing = append(failing, handlers.Trouble{Code: handlers.HookFails, Err: err, At: time.Now()})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = failing
}

// troubles are those of the last checkpoint that was to be signed and handed on.
func (c *checkpoints) troubles() []handlers.Trouble {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Clip(c.failing)
	if t, ok := c.notSigned(); ok {
		all = append([]handlers.Trouble{t}, all...)
	}
	if c.collector == nil {
		return all
	}
	refuses := handlers.Trouble{Code: handlers.WitnessRefuses}
	for _, s := range c.collector.States() {
		if refused, ok := errors.AsType[*witness.RefusedError](s.Err); ok {
			if refuses.Whom = append(refuses.Whom, s.Witness); refuses.Err == nil {
				refuses.Err, refuses.At = refused, s.Since
			}
		}
	}
	if refuses.Err != nil {
		all = append(all, refuses)
	}
	if !c.unseen.IsZero() {
		all = append(all, handlers.Trouble{Code: handlers.NotWitnessed, At: c.unseen})
	}
	return all
}

// lookAtWitnesses finds out whether enough witnesses have seen the ledger lately, whichever
// process asked them.
func (c *checkpoints) lookAtWitnesses(ctx context.Context) error {
	if c.witnesses == nil {
		return nil
	}
	seen, err := c.db.Witnessed(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unseen = time.Time{}
	if time.Since(seen) > ledger.SignedWithin {
		c.unseen = seen
	}
	return nil
}

// holdAgainst compares the ledger with the last checkpoint of the file, which
// others keep, and with this process's anchor: an older database that was put back must
// be said, and not silently continued. A process without an anchor takes it from the
// file, or from witnesses. accepted goes on all the same, and puts that in the ledger.
func (c *checkpoints) holdAgainst(ctx context.Context, accepted bool) error {
	held, err := c.held()
	if err != nil {
		return err
	}
	if held != nil {
		err = c.db.Continues(ctx, held)
		if err == nil && errors.Is(c.db.CheckSigning(ctx), ledger.ErrNoAnchor) {
			c.anchored(ctx, "FOYER_CHECKPOINT_FILE", c.db.Anchor(ctx, held))
			return nil
		}
		if errors.Is(err, ledger.ErrNotContinued) && !accepted {
			return fmt.Errorf("%w. If this database was restored from a backup on purpose, start once with --checkpoint-accept-restored; otherwise find out who put it there", err)
		}
	}
	if err == nil && !accepted && c.collector != nil && errors.Is(c.db.CheckSigning(ctx), ledger.ErrNoAnchor) {
		c.anchored(ctx, "FOYER_WITNESSES", c.db.AnchorWitnessed(ctx))
		return nil
	}
	if err == nil && accepted {
		err = c.db.CheckSigning(ctx)
	}
	if err == nil && accepted {
		c.log.WarnContext(ctx, "--checkpoint-accept-restored is given and there is nothing to accept: take it out, or the next start goes on with whatever somebody put in the ledger's place")
	}
	if !accepted || !errors.Is(err, ledger.ErrNotContinued) && !errors.Is(err, ledger.ErrNoAnchor) {
		return err
	}
	c.log.WarnContext(ctx, "going on with a ledger that doesn’t continue what was signed before", "error", err)
	return c.db.AnchorAnew(ctx, restored(err))
}

// anchored says in the log what came of beginning an anchor. Where it can't be begun Foyer
// serves, and says everywhere that it has none.
func (c *checkpoints) anchored(ctx context.Context, from string, err error) {
	if err != nil {
		c.log.ErrorContext(ctx, "the ledger’s anchor can’t be begun", "from", from, "error", err)
		return
	}
	c.log.InfoContext(ctx, "the ledger’s anchor is begun", "from", from)
}

// held is the last checkpoint of the file, or nil.
func (c *checkpoints) held() ([]byte, error) {
	if c.file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("FOYER_CHECKPOINT_FILE: %w", err)
	}
	held := ledger.SplitCheckpoints(text)
	if len(held) == 0 {
		return nil, nil
	}
	return held[len(held)-1], nil
}

// restored is the event that says that whoever runs Foyer went on with a ledger.
func restored(why error) ledger.Event {
	e := ledger.Event{Action: ledger.Restored, Outcome: ledger.Succeeded, Actor: auth.System("start", ""), Code: string(ledger.NoAnchor)}
	if differs, ok := errors.AsType[*store.NotContinuedError](why); ok {
		e.Code = string(differs.Code)
		e.Before = portal.Values("events", differs.Held.Size, "signedAt", differs.Held.At.UTC())
		e.After = portal.Values("events", differs.Size)
	}
	return e
}

func (c *checkpoints) append(signed []byte) error {
	if c.file == "" {
		return nil
	}
	// Whoever keeps copies may be of the group, and there is no secret in it.
	if err := files.Make(c.file, 0o040); err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	f, err := os.OpenFile(c.file, os.O_APPEND|os.O_WRONLY, 0)
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
		return hookError(err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<16)
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("post checkpoint: the web hook answered %d", response.StatusCode)
	}
	return nil
}

// hookError says why the web hook could not be asked. It leaves out the URL, which may
// hold a secret: of TLS it has what that says itself.
func hookError(err error) error {
	const words = "post checkpoint: there is no safe connection to the web hook: %w"
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf(words, e)
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Errorf(words, e)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf(words, http.ErrSchemeMismatch)
	}
	return errors.New("post checkpoint: the web hook doesn’t answer")
}
