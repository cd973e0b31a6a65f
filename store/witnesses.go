package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
)

// seen has witnesses cosign a checkpoint that this process signed.
func (db *DB) seen(ctx context.Context, c signedCheckpoint) []byte {
	return db.cosign(ctx, c.signed, func(ctx context.Context, older int64) (tlog.TreeProof, error) {
		switch {
		case older == 0:
			return nil, nil
		case older > c.Size:
			return nil, db.hasEvents(ctx, older)
		}
		return db.Consistency(ctx, older, c.Size)
	})
}

// hasEvents is a NotContinuedError where the ledger has fewer events.
func (db *DB) hasEvents(ctx context.Context, size int64) error {
	h, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
	if err == nil && h.tree.Size() < size {
		err = &NotContinuedError{ledger.EventsLost, ledger.Checkpoint{Origin: h.origin, Size: size}, h.tree.Size()}
	}
	return err
}

// unseen says whether a checkpoint lacks cosignatures that it should have.
func (db *DB) unseen(signed []byte) bool {
	return db.witnesses != nil && !db.witnesses.Enough(signed)
}

// sightsWithin is how many of the last checkpoints are looked at for what witnesses have
// seen: all of a day on which something is recorded all the time.
const sightsWithin = 300

// Sights says what each witness of the policy has last seen, in the order of the policy.
func (db *DB) Sights(ctx context.Context) ([]ledger.Sight, error) {
	list := db.witnesses.List()
	sights := make([]ledger.Sight, len(list))
	missing := len(list)
	for c, err := range db.lastCheckpoints(ctx, db.read, sightsWithin) {
		if err != nil {
			return nil, wrap("read what witnesses have seen", err)
		}
		for _, s := range db.witnesses.Of(c.signed) {
			for i, w := range list {
				if w.Name == s.Witness && sights[i].At.IsZero() {
					sights[i] = ledger.Sight{Cosignature: s, Size: c.Size}
					missing--
				}
			}
		}
		if missing == 0 {
			break
		}
	}
	for i, w := range list {
		sights[i].Witness = w.Name
	}
	return sights, nil
}

// Witnessed says when the last checkpoint was signed that enough witnesses have seen. It is
// when the oldest of the last ones was signed where they have seen none of these, and the
// zero time where nothing was signed yet.
func (db *DB) Witnessed(ctx context.Context) (at time.Time, err error) {
	for c, err := range db.lastCheckpoints(ctx, db.read, sightsWithin) {
		if err != nil {
			return time.Time{}, wrap("read what witnesses have seen", err)
		}
		at = c.At
		if !db.unseen(c.signed) {
			return at, nil
		}
	}
	if _, _, err := db.Checkpoint(ctx); at.IsZero() && err == nil {
		return at, errors.New("read what witnesses have seen: rows that are not Foyer’s are in the way of its checkpoints")
	}
	return at, nil
}

// lastCheckpoints reads the youngest checkpoints of this ledger among so many last rows,
// newest first. Most often the first one is enough, so that few are read at once.
func (db *DB) lastCheckpoints(ctx context.Context, q queryer, rows int) iter.Seq2[signedCheckpoint, error] {
	return func(yield func(signedCheckpoint, error) bool) {
		size, id := int64(math.MaxInt64), int64(-1)
		for limit := min(4, rows); rows > 0; limit = min(4*limit, rows) {
			batch, err := checkpointBatch(ctx, q, `(size, id) < ($1, $2) ORDER BY size DESC, id DESC`, size, id, limit)
			if err != nil {
				yield(signedCheckpoint{}, err)
				return
			}
			for _, row := range batch {
				if c, err := db.openRow(row); err == nil && !yield(signedCheckpoint{c, row.Note}, nil) {
					return
				}
				size, id = row.Size, row.id
			}
			if rows -= limit; len(batch) < limit {
				return
			}
		}
	}
}

// covering is the checkpoint by which an event is best proven: the youngest that covers it
// and that enough witnesses have seen, or else the last one.
func (db *DB) covering(ctx context.Context, tx *sql.Tx, seq int64) (signedCheckpoint, error) {
	last, err := db.lastCheckpoint(ctx, tx)
	if err != nil || !db.unseen(last.signed) {
		return last, err
	}
	for c, err := range db.lastCheckpoints(ctx, tx, sightsWithin) {
		if err != nil {
			return signedCheckpoint{}, err
		}
		if c.Size >= seq && !db.unseen(c.signed) {
			return c, nil
		}
	}
	return last, nil
}

// askedJustNow is how far the clock of a witness may be from this one's for its cosignature
// to be an answer, and not what it gave long ago.
const askedJustNow = 10 * time.Minute

// AnchorWitnessed has this process, which has no anchor, begin one where enough witnesses
// say now that the last checkpoint goes on from all that they have seen. It is
// ledger.ErrNoAnchor where they don't: what they refuse is no place to go on from.
func (db *DB) AnchorWitnessed(ctx context.Context) error {
	last, err := db.lastCheckpoint(ctx, db.read)
	if err != nil {
		return wrap("anchor the ledger", err)
	}
	if last.signed, err = ledger.WithoutCosignatures(last.signed, db.Verifiers()); err != nil {
		return wrap("anchor the ledger", err)
	}
	seen := db.seen(ctx, last)
	for _, c := range db.witnesses.Of(seen) {
		if c.At.Sub(db.now()).Abs() > askedJustNow {
			return fmt.Errorf("%w: the witness %s has answered with what it saw at %s", ledger.ErrNoAnchor, c.Witness, c.At)
		}
	}
	if db.unseen(seen) || len(db.witnesses.Of(seen)) == 0 { // a policy may ask for none
		return fmt.Errorf("%w: too few witnesses have seen the ledger as it is", ledger.ErrNoAnchor)
	}
	return db.Anchor(ctx, seen)
}
