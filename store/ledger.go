package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
)

// beginLedger makes the head of an empty ledger. Its name is a URL without a scheme, as
// C2SP has it, which nobody need reach. The random part tells the ledgers of different
// installations apart, so that a checkpoint of one can't be held against another. A head
// that was lost is not made anew.
func (db *DB) beginLedger(ctx context.Context, host string) error {
	_, err := db.write.ExecContext(ctx, `INSERT INTO ledger_head (id, origin, size, peaks, high_at, lag)
		SELECT 1, $1, 0, $2, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM ledger_head)
			AND NOT EXISTS (SELECT 1 FROM ledger_event) AND NOT EXISTS (SELECT 1 FROM ledger_checkpoint) ON CONFLICT DO NOTHING`,
		cmp.Or(host, "localhost")+"/ledger/"+strings.ToLower(rand.Text()[:12]), []byte{})
	return wrap("begin the ledger", err)
}

// Record implements portal.Recorder.
func (db *DB) Record(ctx context.Context, events ...ledger.Event) error {
	return db.recording(ctx, "record events", func(tx *sql.Tx) error {
		return db.append(ctx, tx, events)
	})
}

// recording is transact for what appends to the ledger. What goes wrong is
// ledger.ErrNotRecorded, except for the answers of do that are no failures.
func (db *DB) recording(ctx context.Context, operation string, do func(*sql.Tx) error) error {
	err := db.transact(ctx, do)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, portal.ErrTokenUsed), errors.Is(err, change.ErrStale), errors.Is(err, portal.ErrNotStored):
		return fmt.Errorf("%s: %w", operation, err)
	}
	return fmt.Errorf("%s: %w: %w", operation, ledger.ErrNotRecorded, err)
}

// head is the one row that all who append take turns at.
type head struct {
	origin      string
	tree        ledger.Tree
	highAt, lag int64
}

// scanHead is ledger.ErrHead for a head that is lost, or can't be one.
func scanHead(row *sql.Row) (head, error) {
	r, err := scanHeadRow(row)
	if err != nil {
		return head{}, err
	}
	h := head{origin: r.origin, highAt: r.highAt, lag: r.lag}
	if h.tree, err = ledger.ParseTree(r.size, r.peaks); err != nil {
		return head{}, fmt.Errorf("%w: %w", ledger.ErrHead, err)
	}
	return h, nil
}

// headRow is the head as it is kept, whatever it says.
type headRow struct {
	origin      string
	size        int64
	peaks       []byte
	highAt, lag int64
}

func (h head) row() headRow {
	return headRow{h.origin, h.tree.Size(), h.tree.Peaks(), h.highAt, h.lag}
}

// scanHeadRow is ledger.ErrHead where there is none.
func scanHeadRow(row *sql.Row) (r headRow, err error) {
	err = row.Scan(&r.origin, &r.size, &r.peaks, &r.highAt, &r.lag)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ledger.ErrHead
	}
	return r, wrap("read the ledger's head", err)
}

const selectHead = `SELECT origin, size, peaks, high_at, lag FROM ledger_head WHERE id = 1`

// append writes events at the end of the ledger. Sequence numbers come from the
// head, which stays locked until the transaction ends, so they are contiguous
// whatever else is rolled back. The time is taken here, after the lock: the
// order is that of the numbers, and clocks that jump change nothing in it.
func (db *DB) append(ctx context.Context, tx *sql.Tx, events []ledger.Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := db.mayAppend(ctx, tx); err != nil {
		return err
	}
	h, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate()))
	if err != nil {
		return err
	}
	full := h.tree.Size() / segmentSize
	for chunk := range slices.Chunk(events, eventsAtOnce) {
		if err := db.appendChunk(ctx, tx, &h, chunk); err != nil {
			return fmt.Errorf("append event: %w", err)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE ledger_head SET size = $1, peaks = $2, high_at = $3, lag = $4 WHERE id = 1`,
		h.tree.Size(), h.tree.Peaks(), h.highAt, h.lag)
	if err == nil && h.tree.Size()/segmentSize > full {
		err = db.indexFull(ctx, tx, h.tree.Size())
	}
	return wrap("append event", err)
}

// mayAppend is ledger.ErrKey for a process that doesn't have the key of a ledger that is
// signed: nobody could tell its events from those that somebody else put there.
func (db *DB) mayAppend(ctx context.Context, tx *sql.Tx) error {
	if db.key != nil && db.key.Authenticator() != nil && !db.otherKey.Load() {
		return nil
	}
	var signed bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM ledger_checkpoint)`).Scan(&signed); err != nil {
		return err
	}
	if signed {
		return fmt.Errorf("append event: %w", ledger.ErrKey)
	}
	return nil
}

// mac authenticates the last event of a tree; nil where nobody signs.
func (db *DB) mac(tree ledger.Tree) []byte {
	if db.key == nil || db.key.Authenticator() == nil {
		return nil
	}
	return db.key.Authenticator().MAC(tree.Size(), tree.Root())
}

// eventsAtOnce is how many events one statement appends.
const eventsAtOnce = 100

func (db *DB) appendChunk(ctx context.Context, tx *sql.Tx, h *head, events []ledger.Event) error {
	var rows, users []any
	for _, e := range events {
		e.Seq = h.tree.Size() + 1
		e.At = db.now().UTC().Truncate(time.Microsecond)
		e.Binary = db.version
		salt := make([]byte, ledger.SaltSize)
		rand.Read(salt)
		r, err := ledger.Seal(e, salt)
		if err != nil {
			return err
		}
		// Read back, because the index must follow from what is kept and from
		// nothing else.
		kept, err := r.Event()
		if err != nil {
			return err
		}
		x := ledger.IndexOf(kept)
		h.highAt = max(h.highAt, x.At)
		h.lag = max(h.lag, h.highAt-x.At)

		rows = append(rows, e.Seq, r.Body, r.Salt, r.Personal, ledger.JoinHashes(h.tree.Append(r.Leaf())), db.mac(h.tree), x.At, h.highAt,
			x.Action, x.Outcome, x.Change, x.CompanyID, x.Request, x.Trace, x.Company, x.Actor, x.People, x.Text)
		for n, u := range x.Users {
			users = append(users, e.Seq, n, u.ID, u.Email)
		}
	}

	err := db.insertMany(ctx, tx, 18, `INSERT INTO ledger_event (seq, body, salt, personal, hashes, mac, at, high_at,
		action, outcome, change_id, company_id, request, trace, company_text, actor_text, people_text, note_text)`, ``, rows)
	if err != nil {
		return err
	}
	return db.insertMany(ctx, tx, 4, `INSERT INTO ledger_user (seq, n, user_id, email)`, ``, users)
}

// Event implements activity.Store.
func (db *DB) Event(ctx context.Context, seq int64) (ledger.Event, error) {
	r, err := record(ctx, db.read, seq)
	if err != nil {
		return ledger.Event{}, wrap("read event", err)
	}
	return shown(r)
}

func record(ctx context.Context, q queryer, seq int64) (ledger.Record, error) {
	var r ledger.Record
	err := q.QueryRowContext(ctx, `SELECT body, salt, personal FROM ledger_event WHERE seq = $1`, seq).
		Scan(&r.Body, &r.Salt, &r.Personal)
	if errors.Is(err, sql.ErrNoRows) {
		err = portal.ErrNotStored
	}
	return r, err
}
