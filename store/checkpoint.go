package store

import (
	"cmp"
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"slices"
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
// Before it signs it verifies that the ledger goes on from this process's anchor, and
// every event since: what does not verify is never signed. The error then has the
// report's first problem, or is NotContinuedError. A ledger that has events and no
// anchor is not signed either, ledger.ErrNoAnchor; nor with another key than the last
// checkpoint's: ledger.ErrKey. Of several processes with keys of their own, the first
// to sign an empty ledger has the one that counts.
func (db *DB) SignCheckpoint(ctx context.Context) (signed []byte, fresh bool, err error) {
	if err := db.checkSigner(); err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	n := nextCheckpoint{db: db}
	if err := db.snapshot(ctx, func(tx *sql.Tx) error { return n.prepare(ctx, tx) }); err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	if n.stays {
		if err := db.anchor.Advance(n.last.signed); err != nil || !db.unseen(n.last.signed) {
			return n.last.signed, false, err
		}
		n.next = n.last // it says all that there is to say, and witnesses have not
		if n.next.signed, err = db.witnesses.Only(n.last.signed, db.Verifiers()); err != nil {
			return nil, false, fmt.Errorf("sign checkpoint: %w", err)
		}
	}
	if err := n.sign(ctx); err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	if n.stays && len(db.witnesses.Of(n.next.signed)) == len(db.witnesses.Of(n.last.signed)) {
		return n.last.signed, false, nil
	}
	signed, fresh, err = n.keep(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("sign checkpoint: %w", err)
	}
	if fresh {
		db.signed(ctx, signed)
	}
	return signed, fresh, nil
}

// FollowCheckpoints brings this process's anchor up to what others have signed since: it
// verifies that, and signs nothing. Every process calls it every few minutes, so that none
// has long to verify when it signs itself.
func (db *DB) FollowCheckpoints(ctx context.Context) error {
	if db.key == nil || db.key.Signer() == nil {
		return nil // who signs nothing has no anchor
	}
	n := nextCheckpoint{db: db}
	if err := db.snapshot(ctx, func(tx *sql.Tx) error { return n.prepare(ctx, tx) }); err != nil {
		return fmt.Errorf("follow checkpoints: %w", err)
	}
	if n.last.younger(n.anchored) {
		return db.anchor.Advance(n.last.signed)
	}
	return nil
}

// nextCheckpoint is a checkpoint on its way.
type nextCheckpoint struct {
	db       *DB
	last     signedCheckpoint // the youngest that is kept with the ledger
	anchored signedCheckpoint
	stays    bool // the last one says all that there is to say
	next     signedCheckpoint
}

// signedCheckpoint is a checkpoint as it was signed, if it is, and as it says. Its zero
// value is of nothing.
type signedCheckpoint struct {
	ledger.Checkpoint
	signed []byte
}

// younger says whether c tells more than other, or as much at a later time.
func (c signedCheckpoint) younger(other signedCheckpoint) bool {
	return c.signed != nil && (other.signed == nil || c.Size > other.Size || c.Size == other.Size && c.At.After(other.At))
}

// prepare verifies the ledger from the anchor on, and says what is to be signed.
func (n *nextCheckpoint) prepare(ctx context.Context, tx *sql.Tx) error {
	h, err := scanHead(tx.QueryRowContext(ctx, selectHead))
	if err != nil {
		return err
	}
	if n.anchored, err = n.db.signedBefore(ctx, tx, h); err != nil {
		return err
	}
	kept, err := n.db.lastOwn(ctx, tx, h, n.anchored)
	if err != nil {
		return err
	}
	n.last = kept.youngest()
	now, unauthenticated, err := n.db.verifySince(ctx, tx, h, n.anchored)
	if err == nil {
		err = forgedSince(unauthenticated, now.Size)
	}
	if err != nil {
		return err
	}
	// What a process that was killed had anchored, and not kept any more, is kept now:
	// nothing is signed twice.
	newest := n.last
	if n.anchored.Size > 0 && n.anchored.younger(n.last) {
		if newest = n.anchored; kept.all {
			n.next = n.anchored
		}
	}
	switch {
	case newest.signed == nil || newest.Size != now.Size || now.At.Sub(newest.At) >= heartbeat:
		n.next = signedCheckpoint{Checkpoint: now}
	case n.next.signed == nil:
		n.stays, n.last = true, newest
	}
	return nil
}

// sign signs the checkpoint and has witnesses cosign it. What they are given is not
// anchored yet: they themselves hold this process to it.
func (n *nextCheckpoint) sign(ctx context.Context) (err error) {
	if n.next.signed == nil {
		if n.next.signed, err = n.next.Sign(n.db.key); err != nil {
			return err
		}
	}
	n.next.signed = n.db.seen(ctx, n.next)
	return nil
}

// keep anchors the checkpoint and keeps it with the ledger, in this order: what this
// process could not be held to is never handed on. If another one was quicker and signed as
// much, its checkpoint is returned instead.
func (n *nextCheckpoint) keep(ctx context.Context) (signed []byte, fresh bool, err error) {
	db := n.db
	signed = n.next.signed
	err = db.transact(ctx, func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate()))
		if err != nil {
			return err
		}
		kept, err := db.lastOwn(ctx, tx, h, n.anchored)
		if err != nil {
			return err
		}
		if now := kept.youngest(); now.younger(n.last) && now.Size >= n.next.Size {
			signed = now.signed
			return nil
		}
		if err := db.anchor.Advance(signed); err != nil {
			return err
		}
		fresh = true
		_, err = tx.ExecContext(ctx, `INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)`,
			n.next.Size, micros(n.next.At), string(signed))
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrKey) {
		err = fmt.Errorf("%w: %w", ledger.ErrNotRecorded, err)
	}
	return signed, fresh, err
}

// CheckSigning says why this process can't sign the ledger: ledger.ErrKey,
// ledger.ErrNoAnchor, ledger.ErrOtherAnchor, or NotContinuedError. It recomputes nothing but the tree's root.
func (db *DB) CheckSigning(ctx context.Context) error {
	if err := db.checkSigner(); err != nil {
		return err
	}
	return wrap("check what the ledger is signed with", db.snapshot(ctx, func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead))
		if err == nil {
			_, err = db.signedBefore(ctx, tx, h)
		}
		return err
	}))
}

func (db *DB) checkSigner() error {
	if db.key == nil || db.key.Signer() == nil {
		return fmt.Errorf("%w: there is no private key", ledger.ErrKey)
	}
	return nil
}

// replaced is ledger.ErrKey where the ledger says that its key was replaced since, by one
// that this process doesn't have. It is believed where this process's key confirms that it
// was to be replaced by that one: nobody else can have Foyer put down its work.
func (db *DB) replaced(ctx context.Context, tx *sql.Tx, anchored signedCheckpoint) error {
	seqs, err := queryColumn[int64](ctx, tx, `SELECT seq FROM ledger_event WHERE action = $1 AND outcome = $2 AND seq > $3 ORDER BY seq DESC LIMIT 1`,
		ledger.RotateKey, ledger.Succeeded, anchored.Size)
	if err != nil || len(seqs) == 0 {
		return err
	}
	intents, err := queryColumn[int64](ctx, tx, `SELECT seq FROM ledger_event WHERE action = $1 AND outcome = $2 AND seq < $3 ORDER BY seq DESC LIMIT 1`,
		ledger.RotateKey, ledger.Intent, seqs[0])
	if err != nil || len(intents) == 0 {
		return err
	}
	now, err := newKey(ctx, tx, seqs[0])
	if err != nil || now == "" || slices.Contains(db.PublicKeys(), now) {
		return err
	}
	meant, err := newKey(ctx, tx, intents[0])
	if err != nil || meant != now {
		return err
	}
	if ours, err := db.authentic(ctx, tx, intents[0]); err != nil || !ours {
		return err
	}
	return fmt.Errorf("%w: its own is %s, which was replaced", ledger.ErrKey, db.key)
}

// newKey is the public key that an event names by which the ledger's was replaced, or
// nothing where it can't be read: verification tells why.
func newKey(ctx context.Context, tx *sql.Tx, seq int64) (string, error) {
	r, err := record(ctx, tx, seq)
	if err != nil {
		return "", err
	}
	e, err := r.Event()
	if err != nil {
		return "", nil //nolint:nilerr // as it says
	}
	var after struct {
		Key string `json:"key"`
	}
	_ = json.Unmarshal(e.After, &after)
	return after.Key, nil
}

// authentic says whether this process's key made the code of an event.
func (db *DB) authentic(ctx context.Context, tx *sql.Tx, seq int64) (bool, error) {
	tree, _, err := db.treeAt(ctx, tx, seq-1)
	if err != nil {
		return false, err
	}
	r, err := record(ctx, tx, seq)
	if err != nil {
		return false, err
	}
	macs, err := queryColumn[[]byte](ctx, tx, `SELECT mac FROM ledger_event WHERE seq = $1`, seq)
	if err != nil || len(macs) == 0 {
		return false, err
	}
	tree.Append(r.Leaf())
	return hmac.Equal(macs[0], db.mac(tree)), nil
}

// keptLookedAt is how many of the checkpoints that are kept with the ledger are looked at
// when it is signed, the largest first. Foyer's own come first, unless somebody who can
// write the database put others there: any number of those holds up neither who signs nor
// who writes.
const keptLookedAt = 32

// keptCheckpoints are those that are kept with the ledger, as far as they are looked at.
type keptCheckpoints struct {
	own    []signedCheckpoint // signed by this process's key, or by one before it; the largest first
	others error              // ledger.ErrKey where somebody else has signed one
	all    bool               // all were looked at
}

// youngest is the youngest of the own ones, or nothing. A copy of an older one may stand
// before it.
func (k keptCheckpoints) youngest() (last signedCheckpoint) {
	for _, c := range k.own {
		if c.younger(last) {
			last = c
		}
	}
	return last
}

// since are the own ones of at least that size, the smallest first.
func (k keptCheckpoints) since(size int64) iter.Seq2[ledger.StoredCheckpoint, error] {
	return func(yield func(ledger.StoredCheckpoint, error) bool) {
		for _, c := range slices.Backward(k.own) {
			if c.Size >= size && !yield(ledger.StoredCheckpoint{Size: c.Size, At: c.At, Note: c.signed}, nil) {
				return
			}
		}
	}
}

// kept looks at the last checkpoints that are kept with the ledger. Rows that none of this
// process's keys has signed, or that say something else, say nothing.
func (db *DB) kept(ctx context.Context, q queryer) (k keptCheckpoints, err error) {
	rows, err := checkpointBatch(ctx, q, `(size, id) < ($1, $2) ORDER BY size DESC, id DESC`, math.MaxInt64, -1, keptLookedAt)
	for _, row := range rows {
		c, bad := db.openRow(row)
		switch {
		case bad == nil:
			k.own = append(k.own, signedCheckpoint{c, row.Note})
		case errors.Is(bad, ledger.ErrKey):
			k.others = bad
		}
	}
	k.all = len(rows) < keptLookedAt
	return k, err
}

// lastOwn is kept for who signs. Where others alone have signed, and no more than the
// beginning is anchored, the ledger has another key: ledger.ErrKey. It hasn't where so many
// rows are there that the own one may be among those that weren't looked at, and the last
// event has a code of this process's key.
func (db *DB) lastOwn(ctx context.Context, tx *sql.Tx, h head, anchored signedCheckpoint) (keptCheckpoints, error) {
	k, err := db.kept(ctx, tx)
	if err != nil || len(k.own) > 0 || anchored.Size > 0 || k.others == nil {
		return k, err
	}
	if !k.all && h.tree.Size() > 0 {
		if ours, err := db.authentic(ctx, tx, h.tree.Size()); err != nil || ours {
			return k, err
		}
	}
	return k, k.others
}

// newestFirst reads the checkpoints of fewer events than size.
func newestFirst(ctx context.Context, q queryer, size int64) iter.Seq2[checkpointRow, error] {
	return func(yield func(checkpointRow, error) bool) {
		for id := int64(-1); ; {
			batch, err := checkpointBatch(ctx, q, `(size, id) < ($1, $2) ORDER BY size DESC, id DESC`, size, id, verifyBatch)
			if err != nil {
				yield(checkpointRow{}, err)
				return
			}
			for _, row := range batch {
				if !yield(row, nil) {
					return
				}
				size, id = row.Size, row.id
			}
			if len(batch) < verifyBatch {
				return
			}
		}
	}
}

// openRow opens a checkpoint that is kept with the ledger, as openOwn does. What the row
// says of it must be true. Without a key anybody's signature will do.
func (db *DB) openRow(row checkpointRow) (ledger.Checkpoint, error) {
	open := db.openOwn
	if db.key == nil {
		open = ledger.ReadCheckpoint
	}
	c, err := open(row.Note)
	if err == nil && !row.Says(c) {
		err = errors.New("the row says something else than its checkpoint")
	}
	return c, err
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

// verifySince verifies the ledger from its anchor on and returns the next checkpoint to
// sign, with the number of the first event that nothing authenticates, or 0. Rows beside
// the events that no key of this process has signed say nothing, and are passed over:
// verifying all of the ledger tells them.
func (db *DB) verifySince(ctx context.Context, tx *sql.Tx, h head, anchored signedCheckpoint) (next ledger.Checkpoint, unauthenticated int64, err error) {
	source := ledgerSource(ctx, tx, h.row())
	o := ledger.VerifyOptions{Verifiers: db.Verifiers(), Authenticator: db.key.Authenticator()}
	if anchored.signed != nil {
		o.Held = [][]byte{anchored.signed}
		if source.Start, source.StartHighAt, err = db.treeAt(ctx, tx, anchored.Size); err != nil {
			return ledger.Checkpoint{}, 0, err
		}
		source.Records = records(ctx, tx, anchored.Size)
	}
	kept, err := db.kept(ctx, tx)
	if err != nil {
		return ledger.Checkpoint{}, 0, err
	}
	source.Checkpoints = kept.since(anchored.Size)
	report, err := ledger.Verify(ctx, source, o)
	if err == nil {
		err = report.Err()
	}
	next = ledger.Checkpoint{Origin: h.origin, Size: report.Size, Root: report.Root, At: db.now().UTC().Truncate(time.Second)}
	return next, report.Unauthenticated, err
}

// Checkpoint returns the last signed checkpoint, and what it says, or
// portal.ErrNotStored while there is none.
func (db *DB) Checkpoint(ctx context.Context) (signed []byte, c ledger.Checkpoint, err error) {
	last, err := db.lastCheckpoint(ctx, db.read)
	return last.signed, last.Checkpoint, wrap("read checkpoint", err)
}

// Evidence returns an event with the proof that the last checkpoint covers it
// and that checkpoint itself. It is portal.ErrNotStored for an event that is not
// there, or not covered yet: SignCheckpoint covers it.
func (db *DB) Evidence(ctx context.Context, seq int64) (ledger.Evidence, error) {
	var evidence ledger.Evidence
	err := db.snapshot(ctx, func(tx *sql.Tx) error {
		last, err := db.covering(ctx, tx, seq)
		if err != nil {
			return err
		}
		evidence, err = db.prove(ctx, tx, seq, last.Size)
		evidence.Checkpoint = string(last.signed)
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

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// lastCheckpoint is portal.ErrNotStored where no checkpoint is kept with the ledger. Where
// others are in the way it is the anchored one.
func (db *DB) lastCheckpoint(ctx context.Context, q queryer) (signedCheckpoint, error) {
	k, err := db.kept(ctx, q)
	last := k.youngest()
	if err == nil && last.signed == nil && !k.all && db.anchor != nil {
		last, _ = db.readAnchor() // without one there is none
	}
	if err == nil && last.signed == nil {
		err = portal.ErrNotStored
	}
	return last, err
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

// errLacksHash says that an event is gone, or its hashes were cut.
var errLacksHash = errors.New("the ledger lacks a hash")

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
				return nil, fmt.Errorf("%w of event %d", errLacksHash, seq)
			}
			hashes[i] = tlog.Hash(kept[seq][level*tlog.HashSize : (level+1)*tlog.HashSize])
		}
		return hashes, nil
	}
}

// loadKey reads the key that signs checkpoints, or makes it. A key is made only
// where nothing was signed when the process started, which is when it is told: else the
// lost one is to be restored. One that is made too late signs nothing, as CheckSigning says.
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
		if k, err := db.kept(ctx, db.read); err != nil || len(k.own) > 0 {
			return cmp.Or(err, ledger.ErrHead) // this key has signed what is there
		}
		return fmt.Errorf("the key in %s belongs to the ledger %s, and this one is %s", path, db.key.Name(), h.origin)
	}
	return nil
}
