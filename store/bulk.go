package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"foyer/portal"
	"foyer/portal/bulk"
)

// InsertBulk implements bulk.Store.
func (db *DB) InsertBulk(ctx context.Context, tx portal.Tx, c bulk.Change) (bulk.Change, error) {
	c, err := db.insertBulk(ctx, sqlTx(tx), c)
	return c, wrap("insert bulk change", err)
}

func (db *DB) insertBulk(ctx context.Context, tx *sql.Tx, c bulk.Change) (bulk.Change, error) {
	// Who brings a list appends to the ledger, and takes the turn before the number: so the
	// numbers have no gaps.
	if _, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate())); err != nil {
		return bulk.Change{}, err
	}
	earlier, err := readBulk(ctx, tx, ` WHERE token = $1`, text(c.Token))
	if err == nil {
		return earlier, portal.ErrTokenUsed
	} else if !errors.Is(err, portal.ErrNotStored) {
		return bulk.Change{}, err
	}
	c.Version = 1
	body, err := encodeBulk(c)
	if err != nil {
		return bulk.Change{}, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO bulk (id, version, kind, state, token, digest, company_id, started_at, ended_at, created_at, updated_at, lease, leased_till, body)
		SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, $11 FROM bulk RETURNING id`,
		c.Version, c.Kind, c.State, text(c.Token), c.Digest, text(c.Company.ID), micros(c.StartedAt), micros(c.EndedAt), micros(c.CreatedAt), micros(c.UpdatedAt), body).
		Scan(&c.ID)
	return c, err
}

// LockBulk implements bulk.Store.
func (db *DB) LockBulk(ctx context.Context, tx portal.Tx, id int64) (bulk.Change, error) {
	c, err := readBulk(ctx, sqlTx(tx), ` WHERE id = $1`+db.forUpdate(), id)
	return c, wrap("lock bulk change", err)
}

// SaveBulk implements bulk.Store.
func (db *DB) SaveBulk(ctx context.Context, tx portal.Tx, c bulk.Change) (bulk.Change, error) {
	c.Version++
	body, err := encodeBulk(c)
	if err == nil {
		_, err = sqlTx(tx).ExecContext(ctx, `UPDATE bulk
			SET version = $1, state = $2, digest = $3, company_id = $4, started_at = $5, ended_at = $6, updated_at = $7, needs_somebody = $8, body = $9 WHERE id = $10`,
			c.Version, c.State, c.Digest, text(c.Company.ID), micros(c.StartedAt), micros(c.EndedAt), micros(c.UpdatedAt), oneIf(c.NeedsSomebody()), body, c.ID)
	}
	return c, wrap("save bulk change", err)
}

// LeaseBulk implements bulk.Store.
func (db *DB) LeaseBulk(ctx context.Context, id int64, owner string, now, until time.Time) (held bool, err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	result, err := sqlTx(tx).ExecContext(ctx, `UPDATE bulk SET lease = $1, leased_till = $2 WHERE id = $3 AND (lease = $1 OR leased_till < $4)`,
		owner, micros(until), id, micros(now))
	if err != nil {
		return false, wrap("lease bulk change", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, wrap("lease bulk change", err)
	}
	return n > 0, tx.Commit()
}

// FreeBulks implements bulk.Store.
func (db *DB) FreeBulks(ctx context.Context) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := sqlTx(tx).ExecContext(ctx, `UPDATE bulk SET lease = '', leased_till = 0 WHERE ended_at = 0 AND leased_till <> 0`); err != nil {
		return wrap("free bulk changes", err)
	}
	return tx.Commit()
}

// CountBulks implements bulk.Store.
func (db *DB) CountBulks(ctx context.Context, states ...bulk.State) (n int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT count(*) FROM bulk WHERE ended_at = 0 AND state IN `+db.placeholders(1, len(states)), anys(states)...).Scan(&n)
	return n, wrap("count bulk changes", err)
}

// Bulk implements bulk.Store.
func (db *DB) Bulk(ctx context.Context, id int64) (bulk.Change, error) {
	c, err := readBulk(ctx, db.read, ` WHERE id = $1`, id)
	if err == nil {
		err = db.addSums(ctx, db.read, []*bulk.Change{&c})
	}
	return c, wrap("read bulk change", err)
}

// BulkByToken implements bulk.Store.
func (db *DB) BulkByToken(ctx context.Context, token string) (bulk.Change, error) {
	c, err := readBulk(ctx, db.read, ` WHERE token = $1`, text(token))
	return c, wrap("read bulk change", err)
}

// Bulks implements bulk.Store.
func (db *DB) Bulks(ctx context.Context, offset, limit int) (changes []bulk.Change, total int, err error) {
	if err := db.read.QueryRowContext(ctx, `SELECT count(*) FROM bulk`).Scan(&total); err != nil || total == 0 {
		return nil, 0, wrap("count bulk changes", err)
	}
	rows, err := db.read.QueryContext(ctx, selectBulk+` ORDER BY CASE WHEN ended_at = 0 AND (state IN ($1, $2, $3, $4) OR needs_somebody = 1) THEN 0 WHEN state = $5 THEN 1 ELSE 2 END, updated_at DESC, id DESC
		LIMIT $6 OFFSET $7`, bulk.Starting, bulk.Running, bulk.Paused, bulk.Stopped, bulk.Scheduled, limit, offset)
	if err != nil {
		return nil, 0, wrap("list bulk changes", err)
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanBulk(rows)
		if err != nil {
			return nil, 0, wrap("list bulk changes", err)
		}
		changes = append(changes, c)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, wrap("list bulk changes", err)
	}
	all := make([]*bulk.Change, len(changes))
	for i := range changes {
		all[i] = &changes[i]
	}
	return changes, total, wrap("list bulk changes", db.addSums(ctx, db.read, all))
}

// SameBulk implements bulk.Store.
func (db *DB) SameBulk(ctx context.Context, digest string, besides int64) (bulk.Change, error) {
	// The second half tells SQLite that it may use the partial index.
	c, err := readBulk(ctx, db.read, ` WHERE digest = $1 AND id <> $2 AND started_at <> 0 ORDER BY id DESC LIMIT 1`, digest, besides)
	return c, wrap("look for a bulk change", err)
}

// WorkingBulks implements bulk.Store.
func (db *DB) WorkingBulks(ctx context.Context) ([]int64, error) {
	return db.bulkIDs(ctx, `SELECT id FROM bulk WHERE ended_at = 0 AND state IN ($1, $2, $3, $4, $5) ORDER BY id`,
		bulk.Checking, bulk.Scheduled, bulk.Starting, bulk.Running, bulk.Stopped)
}

// UnusedBulks implements bulk.Store.
func (db *DB) UnusedBulks(ctx context.Context, since time.Time) ([]int64, error) {
	return db.bulkIDs(ctx, `SELECT id FROM bulk WHERE ended_at = 0 AND state IN ($1, $2) AND updated_at < $3 ORDER BY id`, bulk.Draft, bulk.Checking, micros(since))
}

// bulkIDs are the numbers of bulk changes that a statement finds.
func (db *DB) bulkIDs(ctx context.Context, statement string, args ...any) ([]int64, error) {
	rows, err := db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, wrap("list bulk changes", err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, wrap("list bulk changes", err)
		}
		ids = append(ids, id)
	}
	return ids, wrap("list bulk changes", rows.Err())
}

// CallsOf implements bulk.Store.
func (db *DB) CallsOf(ctx context.Context, id int64) (n int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT count(DISTINCT change_id) FROM bulk_row WHERE bulk_id = $1 AND change_id <> ''`, id).Scan(&n)
	return n, wrap("count calls", err)
}

const selectBulk = `SELECT id, version, kind, state, token, digest, started_at, ended_at, created_at, updated_at, body FROM bulk`

func readBulk(ctx context.Context, q queryer, where string, args ...any) (bulk.Change, error) {
	return scanBulk(q.QueryRowContext(ctx, selectBulk+where, args...))
}

func scanBulk(row scanner) (bulk.Change, error) {
	var c bulk.Change
	var started, ended, created, updated int64
	var body string
	err := row.Scan(&c.ID, &c.Version, &c.Kind, &c.State, &c.Token, &c.Digest, &started, &ended, &created, &updated, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return bulk.Change{}, portal.ErrNotStored
	} else if err != nil {
		return bulk.Change{}, err
	}
	c.StartedAt, c.EndedAt, c.CreatedAt, c.UpdatedAt = fromMicros(started), fromMicros(ended), fromMicros(created), fromMicros(updated)
	return c, decodeBulk(body, &c)
}

// addSums counts the rows of some bulk changes.
func (db *DB) addSums(ctx context.Context, q queryer, changes []*bulk.Change) error {
	if len(changes) == 0 {
		return nil
	}
	place, ids := map[int64]*bulk.Change{}, make([]any, len(changes))
	for i, c := range changes {
		place[c.ID], ids[i] = c, c.ID
	}
	rows, err := q.QueryContext(ctx, `SELECT bulk_id, state, action, code, count(*) FROM bulk_row
		WHERE bulk_id IN `+db.placeholders(1, len(ids))+` GROUP BY bulk_id, state, action, code ORDER BY bulk_id, state, action, code`, ids...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var sum bulk.Sum
		if err := rows.Scan(&id, &sum.State, &sum.Action, &sum.Code, &sum.N); err != nil {
			return err
		}
		place[id].Sums = append(place[id].Sums, sum)
	}
	return rows.Err()
}
