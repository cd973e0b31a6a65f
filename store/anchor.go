package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"foyer/ledger"
)

// signedBefore is what the ledger goes on from: the checkpoint of this process's
// anchor, which must be a part of it: NotContinuedError otherwise. It is nothing where
// nothing was signed yet. What is kept with the ledger is looked at only where no more than
// the beginning is anchored: any number of rows that somebody put there holds nobody up.
func (db *DB) signedBefore(ctx context.Context, tx *sql.Tx, h head) (anchored signedCheckpoint, err error) {
	anchored, err = db.readAnchor()
	switch {
	case err == nil:
		err = db.continues(ctx, tx, h, anchored.Checkpoint)
	case errors.Is(err, ledger.ErrKey):
		db.otherKey.Store(true)
		return signedCheckpoint{}, err
	case errors.Is(err, ledger.ErrOtherAnchor):
	case h.tree.Size() == 0:
		err = nil
	}
	// Who doesn't have the ledger's key is told that first: an anchor is of no use to them.
	var other error
	if anchored.Size == 0 {
		_, other = db.lastOwn(ctx, tx, h, anchored)
	}
	if other == nil {
		other = db.replaced(ctx, tx, anchored)
	}
	if errors.Is(other, ledger.ErrKey) {
		db.otherKey.Store(true)
		return anchored, other
	}
	db.otherKey.Store(false)
	return anchored, cmp.Or(err, other)
}

// readAnchor opens this process's anchor: ledger.ErrNoAnchor where there is none,
// ledger.ErrOtherAnchor where it is another ledger's, and ledger.ErrKey where another process
// has it signed with another key.
func (db *DB) readAnchor() (signedCheckpoint, error) {
	signed, err := db.anchor.Read()
	if err != nil {
		return signedCheckpoint{}, err
	}
	c, err := db.openOwn(signed)
	if other, bad := ledger.ReadCheckpoint(signed); bad == nil && other.Origin != db.key.Name() {
		err = fmt.Errorf("%w: %s is of %s, and this ledger is %s", ledger.ErrOtherAnchor, db.anchor.Path(), other.Origin, db.key.Name())
	} else if err != nil && !errors.Is(err, ledger.ErrKey) {
		err = fmt.Errorf("%w: %w", ledger.ErrNoAnchor, err)
	}
	return signedCheckpoint{c, signed}, err
}

// NotContinuedError says that the ledger doesn't go on from a checkpoint that was
// signed for it: an older database was put back, or the ledger was rewritten.
type NotContinuedError struct {
	Code ledger.Code       // OtherLedger, EventsLost or EventsDiffer
	Held ledger.Checkpoint // what was signed
	Size int64             // how many events the ledger has
}

// Is says that it is ledger.ErrNotContinued.
func (e *NotContinuedError) Is(target error) bool { return target == ledger.ErrNotContinued }

// Error says what differs, for whoever starts Foyer.
func (e *NotContinuedError) Error() string {
	const words = "the ledger does not continue the checkpoint: "
	at := e.Held.At.UTC().Format(time.RFC3339)
	switch e.Code { //nolint:exhaustive // the others are no checkpoints'
	case ledger.OtherLedger:
		return words + "it is another ledger’s"
	case ledger.EventsLost:
		return fmt.Sprintf("%sit has %d events, and %d were signed on %s", words, e.Size, e.Held.Size, at)
	}
	return fmt.Sprintf("%sits first %d events are not those that were signed on %s", words, e.Held.Size, at)
}

// Continues holds the ledger against a signed checkpoint that was kept
// elsewhere, in a moment: it compares sizes and roots from the hashes that are
// kept and recomputes nothing, which VerifyLedger does. NotContinuedError tells
// what differs.
func (db *DB) Continues(ctx context.Context, signed []byte) error {
	held, err := db.openOwn(signed)
	if err != nil {
		return fmt.Errorf("hold ledger against checkpoint: %w", err)
	}
	return wrap("hold ledger against checkpoint", db.snapshot(ctx, func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead))
		if err == nil {
			err = db.continues(ctx, tx, h, held)
		}
		return err
	}))
}

func (db *DB) continues(ctx context.Context, tx *sql.Tx, h head, held ledger.Checkpoint) error {
	size := h.tree.Size()
	if h.origin != held.Origin {
		return &NotContinuedError{ledger.OtherLedger, held, size}
	}
	if size < held.Size {
		return &NotContinuedError{ledger.EventsLost, held, size}
	}
	tree, _, err := db.treeAt(ctx, tx, held.Size)
	if err != nil && !errors.Is(err, errLacksHash) {
		return err
	}
	if err != nil || tree.Root() != held.Root {
		return &NotContinuedError{ledger.EventsDiffer, held, size}
	}
	return nil
}

// beginAnchor anchors the beginning of a ledger, which has no events yet. Where the file
// can't be made Foyer serves all the same, and CheckSigning says so.
func (db *DB) beginAnchor(ctx context.Context) error {
	h, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
	if err != nil || h.tree.Size() > 0 || db.readOnly || db.key.Signer() == nil {
		return err
	}
	c := ledger.Checkpoint{Origin: h.origin, Root: h.tree.Root(), At: db.now().UTC().Truncate(time.Second)}
	signed, err := c.Sign(db.key)
	if err != nil {
		return err
	}
	if err := db.anchor.Advance(signed); err != nil {
		db.logger.ErrorContext(ctx, "the ledger’s anchor can’t be begun", "error", err)
	}
	return nil
}

// Anchor has this process, which has no anchor, begin one from a checkpoint that somebody
// else kept and from which the ledger goes on. What was recorded since is verified. After a
// checkpoint of a version that didn't authenticate events it is taken on trust.
func (db *DB) Anchor(ctx context.Context, held []byte) error {
	if err := db.checkSigner(); err != nil {
		return err
	}
	c, err := db.openOwn(held)
	if err != nil {
		return fmt.Errorf("anchor the ledger: %w", err)
	}
	var next ledger.Checkpoint
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead))
		if err == nil {
			err = db.continues(ctx, tx, h, c)
		}
		if err == nil {
			var unauthenticated int64
			next, unauthenticated, err = db.verifySince(ctx, tx, h, signedCheckpoint{c, held})
			if err == nil && !ledger.TimeInText(held) {
				err = forgedSince(unauthenticated, next.Size)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("anchor the ledger: %w", err)
	}
	signed, err := next.Sign(db.key)
	if err != nil {
		return err
	}
	return db.anchor.Advance(signed)
}

// forgedSince is an error where there is an event that has no code of the ledger's key.
func forgedSince(unauthenticated, size int64) error {
	if unauthenticated == 0 {
		return nil
	}
	return &ledger.AlteredError{First: ledger.Problem{
		Kind: ledger.Forged, Seq: unauthenticated, Until: size, Detail: "it has no code of this ledger’s key",
	}}
}

// AnchorAnew has this process's anchor begin at what the ledger has now, whatever it said
// before, because somebody who runs Foyer knows why. All of the ledger is verified first,
// and that it was done is put in it.
func (db *DB) AnchorAnew(ctx context.Context, e ledger.Event) error {
	if err := db.checkSigner(); err != nil {
		return err
	}
	report, err := db.VerifyLedger(ctx, ledger.VerifyOptions{})
	if err == nil {
		err = alteredEvents(report)
	}
	if err == nil && !report.OK() {
		db.logger.WarnContext(ctx, "the ledger is anchored anew, and rows beside it are not what its events say: ‘foyer audit verify’ names them", "rows", report.Found)
	}
	if err == nil {
		err = db.Record(ctx, e)
	}
	if err != nil {
		return fmt.Errorf("anchor the ledger anew: %w", err)
	}
	c := ledger.Checkpoint{Origin: db.key.Name(), Size: report.Size, Root: report.Root, At: db.now().UTC().Truncate(time.Second)}
	signed, err := c.Sign(db.key)
	if err != nil {
		return err
	}
	return db.anchor.Reset(signed)
}

// alteredEvents is the error of a report in which more is wrong than what Foyer works with
// beside the events: that is not signed.
func alteredEvents(r ledger.Report) error {
	for _, p := range r.Problems {
		if p.Kind != ledger.Differs {
			return &ledger.AlteredError{First: p}
		}
	}
	if r.Found > int64(len(r.Problems)) {
		return r.Err()
	}
	return nil
}
