package store

import (
	"context"

	"foyer/address"
	"foyer/portal"
	"foyer/portal/bulk"
)

// toBeCreated is the condition that the person of a row is to be created.
const toBeCreated = `state = 'planned' AND action = 'create'`

// AwaitPrechecks implements bulk.Store.
func (db *DB) AwaitPrechecks(ctx context.Context, tx portal.Tx, id int64) (asked int, err error) {
	again := append([]bulk.Prechecked{""}, bulk.Unanswered()...)
	args := append([]any{bulk.AwaitsPrecheck, id}, anys(again)...)
	result, err := sqlTx(tx).ExecContext(ctx, `UPDATE bulk_row SET precheck = $1 WHERE bulk_id = $2 AND `+toBeCreated+` AND precheck IN `+db.placeholders(3, len(again)), args...)
	if err != nil {
		return 0, wrap("await pre-checks", err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap("await pre-checks", err)
}

// PutPrechecks implements bulk.Store.
func (db *DB) PutPrechecks(ctx context.Context, tx portal.Tx, id int64, rows []bulk.Row) error {
	if len(rows) == 0 {
		return nil
	}
	var values []any
	for _, r := range rows {
		values = append(values, r.N, text(address.Key(r.Email)), string(r.Precheck))
	}
	v, given, err := db.given(3, values, "n", "email_key", "precheck")
	if err == nil {
		_, err = sqlTx(tx).ExecContext(ctx, `UPDATE bulk_row SET precheck = v.precheck FROM `+v+`
			WHERE bulk_row.bulk_id = $1 AND bulk_row.precheck = $2 AND bulk_row.n = v.n AND bulk_row.email_key = v.email_key`,
			append([]any{id, bulk.AwaitsPrecheck}, given...)...)
	}
	return wrap("store pre-checks", err)
}

// Prechecks implements bulk.Store.
func (db *DB) Prechecks(ctx context.Context, id int64) ([]bulk.PrecheckSum, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT precheck, count(*) FROM bulk_row WHERE bulk_id = $1 AND `+toBeCreated+` GROUP BY precheck ORDER BY precheck`, id)
	if err != nil {
		return nil, wrap("count pre-checks", err)
	}
	defer rows.Close()
	var sums []bulk.PrecheckSum
	for rows.Next() {
		var sum bulk.PrecheckSum
		if err := rows.Scan(&sum.Said, &sum.N); err != nil {
			return nil, wrap("count pre-checks", err)
		}
		sums = append(sums, sum)
	}
	return sums, wrap("count pre-checks", rows.Err())
}

// AwaitingPrechecks implements bulk.Store.
func (db *DB) AwaitingPrechecks(ctx context.Context) ([]int64, error) {
	return db.bulkIDs(ctx, `SELECT id FROM bulk WHERE ended_at = 0 AND EXISTS
		(SELECT 1 FROM bulk_row WHERE bulk_id = bulk.id AND precheck <> '' AND precheck = $1) ORDER BY id`, bulk.AwaitsPrecheck)
}
