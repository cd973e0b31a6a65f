package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"

	"golang.org/x/mod/sumdb/note"

	"foyer/ledger"
)

// verifyBatch is how many events verification holds at a time.
const verifyBatch = 500

// VerifyLedger recomputes the whole ledger, as it is at this moment, and
// compares it with what was signed and what is held elsewhere, and the changes and reviews
// that Foyer works with with their events. Verifiers left
// out are those of the key file. Foyer may go on writing meanwhile. The error
// says that the database could not be read; what is wrong with the ledger stands
// in the report.
func (db *DB) VerifyLedger(ctx context.Context, o ledger.VerifyOptions) (ledger.Report, error) {
	if o.Verifiers == nil {
		o.Verifiers = db.Verifiers()
	}
	if o.Authenticator == nil && db.key != nil {
		o.Authenticator = db.key.Authenticator()
	}
	var report ledger.Report
	err := db.snapshot(ctx, func(tx *sql.Tx) error {
		h, err := scanHeadRow(tx.QueryRowContext(ctx, selectHead))
		headless := errors.Is(err, ledger.ErrHead)
		if headless {
			h, err = db.withoutHead(ctx, tx)
		}
		if err != nil {
			return err
		}
		index, err := newIndexCheck(ctx, tx, h.size)
		if err != nil {
			return err
		}
		source := ledgerSource(ctx, tx, h)
		source.Headless = headless
		source.Records = index.watch(ctx, source.Records)
		rows := newRowCheck(db, tx)
		source.Seen = func(e ledger.Event) error { return rows.event(ctx, e) }
		if report, err = ledger.Verify(ctx, source, o); err != nil {
			return err
		}
		index.report(&report)
		return rows.end(ctx, tx, &report)
	})
	return report, wrap("verify ledger", err)
}

// Verifiers are the public keys of the key file, or nil without one.
func (db *DB) Verifiers() note.Verifiers {
	if db.key == nil {
		return nil
	}
	return db.key.Verifiers()
}

// Key is the ledger's key, of which the public parts may be shown; nil when no
// key file was given.
func (db *DB) Key() *ledger.Key { return db.key }

// PublicKeys implements activity.Store.
func (db *DB) PublicKeys() []string {
	if db.key == nil {
		return nil
	}
	return db.key.Public()
}

// snapshot runs do in a transaction that reads one moment of the database.
func (db *DB) snapshot(ctx context.Context, do func(*sql.Tx) error) error {
	var o sql.TxOptions
	if db.dialect == PostgreSQL {
		o = sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := db.read.BeginTx(ctx, &o)
	if err != nil {
		return err
	}
	return errors.Join(do(tx), rollback(tx))
}

// withoutHead is what the rest of a ledger says in place of a head that is lost: whose it
// is, and how many events it has.
func (db *DB) withoutHead(ctx context.Context, tx *sql.Tx) (r headRow, err error) {
	k, err := db.kept(ctx, tx)
	if err != nil {
		return r, err
	}
	r.origin = k.youngest().Origin
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM ledger_event`).Scan(&r.size)
	return r, err
}

// ledgerSource reads the whole ledger for ledger.Verify.
func ledgerSource(ctx context.Context, tx *sql.Tx, h headRow) ledger.Source {
	return ledger.Source{
		Origin:      h.origin,
		Records:     records(ctx, tx, 0),
		Checkpoints: checkpoints(ctx, tx, 0),
		Size:        h.size,
		Peaks:       h.peaks,
		HighAt:      h.highAt,
		Lag:         h.lag,
	}
}

// records reads the events above a number in batches, since a transaction can
// have one statement open only.
func records(ctx context.Context, tx *sql.Tx, after int64) iter.Seq2[ledger.Stored, error] {
	return func(yield func(ledger.Stored, error) bool) {
		for {
			batch, err := recordBatch(ctx, tx, after)
			if err != nil {
				yield(ledger.Stored{}, err)
				return
			}
			for _, r := range batch {
				if !yield(r, nil) {
					return
				}
			}
			if len(batch) < verifyBatch {
				return
			}
			after = batch[len(batch)-1].Seq
		}
	}
}

func recordBatch(ctx context.Context, tx *sql.Tx, after int64) ([]ledger.Stored, error) {
	rows, err := tx.QueryContext(ctx, `SELECT seq, body, salt, personal, hashes, mac, at, high_at, action, outcome,
		change_id, company_id, request, trace, company_text, actor_text, people_text, note_text
		FROM ledger_event WHERE seq > $1 ORDER BY seq LIMIT $2`, after, verifyBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []ledger.Stored
	for rows.Next() {
		var r ledger.Stored
		x := &r.Index
		err := rows.Scan(&r.Seq, &r.Body, &r.Salt, &r.Personal, &r.Hashes, &r.MAC, &x.At, &r.HighAt, &x.Action, &x.Outcome,
			&x.Change, &x.CompanyID, &x.Request, &x.Trace, &x.Company, &x.Actor, &x.People, &x.Text)
		if err != nil {
			return nil, err
		}
		batch = append(batch, r)
	}
	if err := rows.Err(); err != nil || len(batch) == 0 {
		return nil, err
	}
	return batch, addUsers(ctx, tx, batch)
}

// addUsers reads the users of a batch of records.
func addUsers(ctx context.Context, tx *sql.Tx, batch []ledger.Stored) error {
	rows, err := tx.QueryContext(ctx, `SELECT seq, n, user_id, email FROM ledger_user WHERE seq BETWEEN $1 AND $2 ORDER BY seq, n`,
		batch[0].Seq, batch[len(batch)-1].Seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	at := 0
	for rows.Next() {
		var seq int64
		var u ledger.IndexUser
		if err := rows.Scan(&seq, &u.N, &u.ID, &u.Email); err != nil {
			return err
		}
		for at < len(batch) && batch[at].Seq < seq {
			at++
		}
		if at == len(batch) || batch[at].Seq != seq {
			continue // of an event that is missing, which is told anyway
		}
		batch[at].Index.Users = append(batch[at].Index.Users, u)
	}
	return rows.Err()
}

// checkpoints reads the signed checkpoints of at least that size.
func checkpoints(ctx context.Context, tx *sql.Tx, from int64) iter.Seq2[ledger.StoredCheckpoint, error] {
	return func(yield func(ledger.StoredCheckpoint, error) bool) {
		size, id := from, int64(-1)
		for {
			batch, err := checkpointBatch(ctx, tx, `(size, id) > ($1, $2) ORDER BY size, id`, size, id, verifyBatch)
			if err != nil {
				yield(ledger.StoredCheckpoint{}, err)
				return
			}
			for _, row := range batch {
				if !yield(row.StoredCheckpoint, nil) {
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

// checkpointRow is a checkpoint as it is kept with the ledger.
type checkpointRow struct {
	ledger.StoredCheckpoint
	id int64
}

// checkpointBatch reads the first checkpoints of which a condition on size and id is true,
// in the order that stands behind it, so many at the most. A note that is too long for one is as good as none,
// and is not brought into memory.
func checkpointBatch(ctx context.Context, q queryer, where string, size, id int64, most int) ([]checkpointRow, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, size, at, CASE WHEN octet_length(note) > 65536 THEN '' ELSE note END FROM ledger_checkpoint WHERE `+where+` LIMIT $3`, size, id, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []checkpointRow
	for rows.Next() {
		var row checkpointRow
		var us int64
		if err := rows.Scan(&row.id, &row.Size, &us, &row.Note); err != nil {
			return nil, err
		}
		row.At = fromMicros(us)
		batch = append(batch, row)
	}
	return batch, rows.Err()
}
