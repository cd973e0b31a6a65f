package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
	"foyer/portal"
)

// heartbeat is how old the last checkpoint may get on a ledger at rest: an hour
// without one is then a gap that can be seen.
const heartbeat = time.Hour

// SignCheckpoint signs what the ledger has now and returns the signed note, if
// there is anything new since the last one, or that one is an hour old.
// Otherwise it returns the last one, and fresh is false. Call it every few
// minutes, and before an export.
//
// Before it signs it verifies the events since the last checkpoint and that they
// continue what that one signed: what does not verify is never signed. The error
// then has the report's first problem. Nor does it sign with another key than the last
// checkpoint's: ledger.ErrKey. Of several processes with keys of their own, the first
// to sign an empty ledger has the one that counts.
func (db *DB) SignCheckpoint(ctx context.Context) (signed []byte, fresh bool, err error) {
	if err := db.checkSigner(); err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	var last []byte
	var next ledger.Checkpoint
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		var at time.Time
		var c ledger.Checkpoint
		last, at, err = lastCheckpoint(ctx, tx)
		if err == nil {
			c, err = db.openOwn(last)
		}
		if err != nil && !errors.Is(err, portal.ErrNotStored) {
			return err
		}
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead))
		if err != nil {
			return err
		}
		if last != nil && db.now().Sub(at) < heartbeat && c.Size == h.tree.Size() {
			signed = last
			return nil
		}
		next, err = db.verifySince(ctx, tx, h, last, c.Size)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	if signed != nil {
		return signed, false, nil
	}

	if signed, err = next.Sign(db.key.Signer()); err != nil {
		return nil, false, err
	}
	other, err := db.insertCheckpoint(ctx, next, signed, last)
	if err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	if other != nil {
		return other, false, nil
	}
	db.signed(ctx, signed)
	return signed, true, nil
}

// insertCheckpoint keeps the checkpoint that follows last. If another process was
// quicker and signed as much, its checkpoint is returned instead.
func (db *DB) insertCheckpoint(ctx context.Context, next ledger.Checkpoint, signed, last []byte) (other []byte, err error) {
	err = db.transact(ctx, func(tx *sql.Tx) error {
		if _, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate())); err != nil {
			return err
		}
		now, _, err := lastCheckpoint(ctx, tx)
		if err != nil && !errors.Is(err, portal.ErrNotStored) {
			return err
		}
		if !bytes.Equal(now, last) {
			c, err := db.openOwn(now)
			if err != nil {
				return err
			}
			if c.Size >= next.Size {
				other = now
				return nil
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)`,
			next.Size, micros(next.At), string(signed))
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrKey) {
		err = fmt.Errorf("%w: %w", ledger.ErrNotRecorded, err)
	}
	return other, err
}

// CheckKey says why this process can't sign the ledger: ledger.ErrKey.
func (db *DB) CheckKey(ctx context.Context) error {
	if err := db.checkSigner(); err != nil {
		return err
	}
	last, _, err := lastCheckpoint(ctx, db.read)
	if errors.Is(err, portal.ErrNotStored) {
		return nil
	}
	if err == nil {
		_, err = db.openOwn(last)
	}
	return wrap("check the ledger's key", err)
}

func (db *DB) checkSigner() error {
	if db.key == nil || db.key.Signer() == nil {
		return fmt.Errorf("%w: there is no private key", ledger.ErrKey)
	}
	return nil
}

// openOwn opens a checkpoint. It is ledger.ErrKey when neither this process's key nor one
// before it has signed that.
func (db *DB) openOwn(signed []byte) (ledger.Checkpoint, error) {
	c, err := ledger.OpenCheckpoint(signed, db.Verifiers())
	if _, others := errors.AsType[*note.UnverifiedNoteError](err); others {
		err = fmt.Errorf("%w: its own is %s, which has not signed the last one: %w", ledger.ErrKey, db.key, err)
	}
	return c, err
}

// verifySince verifies the ledger from its last checkpoint on and returns the
// next one to sign. last is nil where there is none, and covers size events.
func (db *DB) verifySince(ctx context.Context, tx *sql.Tx, h head, last []byte, size int64) (ledger.Checkpoint, error) {
	source := ledgerSource(ctx, tx, h)
	o := ledger.VerifyOptions{Verifiers: db.Verifiers()}
	if last != nil {
		o.Held = [][]byte{last}
		var err error
		if source.Start, source.StartHighAt, err = db.treeAt(ctx, tx, size); err != nil {
			return ledger.Checkpoint{}, err
		}
		source.Records = records(ctx, tx, size)
		source.Checkpoints = checkpoints(ctx, tx, size)
	}
	report, err := ledger.Verify(ctx, source, o)
	if err == nil {
		err = report.Err()
	}
	return ledger.Checkpoint{Origin: h.origin, Size: report.Size, Root: report.Root, At: db.now().UTC().Truncate(time.Second)}, err
}

// Checkpoint returns the last signed checkpoint, and what it says, or
// portal.ErrNotStored while there is none.
func (db *DB) Checkpoint(ctx context.Context) (signed []byte, c ledger.Checkpoint, err error) {
	signed, _, err = lastCheckpoint(ctx, db.read)
	if err == nil {
		c, err = ledger.ReadCheckpoint(signed)
	}
	return signed, c, wrap("read checkpoint", err)
}

// Evidence returns an event with the proof that the last checkpoint covers it
// and that checkpoint itself. It is portal.ErrNotStored for an event that is not
// there, or not covered yet: SignCheckpoint covers it.
func (db *DB) Evidence(ctx context.Context, seq int64) (ledger.Evidence, error) {
	var evidence ledger.Evidence
	err := db.snapshot(ctx, func(tx *sql.Tx) error {
		signed, _, err := lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		c, err := ledger.ReadCheckpoint(signed)
		if err != nil {
			return err
		}
		evidence, err = db.prove(ctx, tx, seq, c.Size)
		evidence.Checkpoint = string(signed)
		return err
	})
	return evidence, wrap("prove event", err)
}

// EvidenceAt returns an event with the proof for a ledger of that size. It is
// portal.ErrNotStored when the event is not among so many.
func (db *DB) EvidenceAt(ctx context.Context, seq, size int64) (ledger.Evidence, error) {
	evidence, err := db.prove(ctx, db.read, seq, size)
	return evidence, wrap("prove event", err)
}

// Consistency returns the proof that the ledger of the newer size continues that
// of the older one, for tlog.CheckTree.
func (db *DB) Consistency(ctx context.Context, older, newer int64) (tlog.TreeProof, error) {
	proof, err := tlog.ProveTree(newer, older, db.hashReader(ctx, db.read))
	return proof, wrap("prove consistency", err)
}

// NotContinuedError says that the ledger doesn't go on from a checkpoint that was
// signed for it: an older database was put back, or the ledger was rewritten.
type NotContinuedError struct {
	Code ledger.Code       // OtherLedger, EventsLost or EventsDiffer
	Held ledger.Checkpoint // what was signed
	Size int64             // how many events the ledger has
}

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
		if err != nil {
			return err
		}
		size := h.tree.Size()
		if h.origin != held.Origin {
			return &NotContinuedError{ledger.OtherLedger, held, size}
		}
		if size < held.Size {
			return &NotContinuedError{ledger.EventsLost, held, size}
		}
		tree, _, err := db.treeAt(ctx, tx, held.Size)
		if err != nil {
			return err
		}
		if tree.Root() != held.Root {
			return &NotContinuedError{ledger.EventsDiffer, held, size}
		}
		return nil
	}))
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func lastCheckpoint(ctx context.Context, q queryer) (signed []byte, at time.Time, err error) {
	var us int64
	var text string
	err = q.QueryRowContext(ctx, `SELECT note, at FROM ledger_checkpoint ORDER BY size DESC, id DESC LIMIT 1`).Scan(&text, &us)
	if errors.Is(err, sql.ErrNoRows) {
		err = portal.ErrNotStored
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	return []byte(text), fromMicros(us), nil
}

func (db *DB) prove(ctx context.Context, q queryer, seq, size int64) (ledger.Evidence, error) {
	if seq < 1 || seq > size {
		return ledger.Evidence{}, portal.ErrNotStored
	}
	r, err := record(ctx, q, seq)
	if err != nil {
		return ledger.Evidence{}, err
	}
	proof, err := tlog.ProveRecord(size, seq-1, db.hashReader(ctx, q))
	if err != nil {
		return ledger.Evidence{}, err
	}
	return ledger.NewEvidence(r, size, proof), nil
}

// treeAt gives the tree as it was when it had that size, from the hashes kept
// with the events.
func (db *DB) treeAt(ctx context.Context, q queryer, size int64) (tree ledger.Tree, highAt int64, err error) {
	if size == 0 {
		return ledger.Tree{}, 0, nil
	}
	peaks, err := db.hashReader(ctx, q)(ledger.PeakIndexes(size))
	if err != nil {
		return ledger.Tree{}, 0, err
	}
	if err := q.QueryRowContext(ctx, `SELECT high_at FROM ledger_event WHERE seq = $1`, size).Scan(&highAt); err != nil {
		return ledger.Tree{}, 0, err
	}
	tree, err = ledger.ParseTree(size, ledger.JoinHashes(peaks))
	return tree, highAt, err
}

// hashReader reads the tree's hashes for tlog.
func (db *DB) hashReader(ctx context.Context, q queryer) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		if len(indexes) == 0 {
			return nil, nil
		}
		var seqs []any
		for _, index := range indexes {
			seq, _ := ledger.HashPlace(index)
			seqs = append(seqs, seq)
		}
		rows, err := q.QueryContext(ctx, `SELECT seq, hashes FROM ledger_event WHERE seq IN `+db.placeholders(1, len(seqs)), seqs...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		kept := make(map[int64][]byte, len(seqs))
		for rows.Next() {
			var seq int64
			var hashes []byte
			if err := rows.Scan(&seq, &hashes); err != nil {
				return nil, err
			}
			kept[seq] = hashes
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}

		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			seq, level := ledger.HashPlace(index)
			if len(kept[seq]) < (level+1)*tlog.HashSize {
				return nil, fmt.Errorf("the ledger lacks a hash of event %d", seq)
			}
			hashes[i] = tlog.Hash(kept[seq][level*tlog.HashSize : (level+1)*tlog.HashSize])
		}
		return hashes, nil
	}
}

// loadKey reads the key that signs checkpoints, or makes it. A key is made only
// where nothing was signed when the process started, which is when it is told: else the
// lost one is to be restored. One that is made too late signs nothing, as CheckKey says.
func (db *DB) loadKey(ctx context.Context, path string, started time.Time) error {
	h, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
	if err != nil {
		return err
	}
	firsts, err := queryColumn[int64](ctx, db.read, `SELECT at FROM ledger_checkpoint ORDER BY size, id LIMIT 1`)
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	signed := len(firsts) > 0 && (started.IsZero() || fromMicros(firsts[0]).Before(started.Truncate(time.Second)))
	if signed || db.readOnly {
		db.key, err = ledger.LoadKey(path)
	} else {
		db.key, err = ledger.LoadOrCreateKey(path, h.origin)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the key that signed the ledger's checkpoints is missing: restore %s from its backup, or take the key file of another process that serves this database: %w", path, err)
	}
	if err != nil {
		return err
	}
	if db.key.Name() != h.origin {
		return fmt.Errorf("the key in %s belongs to the ledger %s, and this one is %s", path, db.key.Name(), h.origin)
	}
	return nil
}
