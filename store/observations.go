package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
)

// Observations implements directory.StatusStore.
func (db *DB) Observations(ctx context.Context, companyID string, ids []string) (map[string][]directory.Observation, error) {
	observations := make(map[string][]directory.Observation, len(ids))
	for chunk := range slices.Chunk(ids, usersAtOnce) {
		if err := db.observations(ctx, companyID, chunk, observations); err != nil {
			return nil, fmt.Errorf("read observations: %w", err)
		}
	}
	return observations, nil
}

func (db *DB) observations(ctx context.Context, companyID string, ids []string, into map[string][]directory.Observation) error {
	const statement = `SELECT user_id, active, first_at, last_at FROM observation WHERE company_id = $1 AND user_id IN `
	rows, err := db.read.QueryContext(ctx, statement+db.placeholders(2, len(ids))+` ORDER BY user_id, first_at`, userArgs(companyID, ids)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var active, first, last int64
		if err := rows.Scan(&id, &active, &first, &last); err != nil {
			return err
		}
		o := directory.Observation{Status: sapi.StatusDisabled, First: fromMicros(first), Last: fromMicros(last)}
		if active != 0 {
			o.Status = sapi.StatusActive
		}
		into[id] = append(into[id], o)
	}
	return rows.Err()
}

// ObservingSince implements directory.StatusStore.
func (db *DB) ObservingSince(ctx context.Context, companyID string) (time.Time, error) {
	var first int64
	err := db.read.QueryRowContext(ctx, `SELECT coalesce(min(first_at), 0) FROM observation WHERE company_id = $1`, text(companyID)).Scan(&first)
	return fromMicros(first), wrap("read observations", err)
}

// StatusEvents implements directory.StatusStore.
func (db *DB) StatusEvents(ctx context.Context, companyID string, ids []string) (map[string][]ledger.Event, error) {
	events := make(map[string][]ledger.Event)
	for chunk := range slices.Chunk(ids, usersAtOnce) {
		found, err := db.statusEvents(ctx, db.read, companyID, chunk)
		if err != nil {
			return nil, err
		}
		maps.Copy(events, found)
	}
	return events, nil
}

func (db *DB) statusEvents(ctx context.Context, q queryer, companyID string, ids []string) (map[string][]ledger.Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	// What the index of people finds is few, so that the rest is compared.
	const statement = `SELECT u.user_id, e.body, e.salt, e.personal
		FROM ledger_user AS u JOIN ledger_event AS e ON e.seq = u.seq
		WHERE e.company_id = $1 AND e.action IN ('` + string(ledger.DisableUser) + `', '` + string(ledger.EnableUser) + `')
			AND u.user_id <> '' AND u.user_id IN `
	rows, err := q.QueryContext(ctx, statement+db.placeholders(2, len(ids))+` ORDER BY e.seq`, userArgs(companyID, ids)...)
	if err != nil {
		return nil, fmt.Errorf("read changes of status: %w", err)
	}
	defer rows.Close()
	events := make(map[string][]ledger.Event)
	for rows.Next() {
		var id string
		var r ledger.Record
		if err := rows.Scan(&id, &r.Body, &r.Salt, &r.Personal); err != nil {
			return nil, fmt.Errorf("read changes of status: %w", err)
		}
		e, err := shown(r)
		if err != nil {
			return nil, fmt.Errorf("read changes of status: %w", err)
		}
		events[id] = append(events[id], e)
	}
	return events, wrap("read changes of status", rows.Err())
}

// AskedToCreate implements directory.StatusStore.
func (db *DB) AskedToCreate(ctx context.Context, keys []string) (map[string]bool, error) {
	asked := make(map[string]bool)
	for chunk := range slices.Chunk(keys, usersAtOnce) {
		args := make([]any, len(chunk))
		for i, key := range chunk {
			args[i] = text(key)
		}
		found, err := queryColumn[string](ctx, db.read, `SELECT DISTINCT email_key FROM change_item WHERE sent = 1 AND email_key IN `+db.placeholders(1, len(chunk)), args...)
		if err != nil {
			return nil, fmt.Errorf("read whom changes were to create: %w", err)
		}
		for _, key := range found {
			asked[key] = true
		}
	}
	return asked, nil
}

// userArgs are the arguments of a statement about people of one company.
func userArgs(companyID string, ids []string) []any {
	args := []any{text(companyID)}
	for _, id := range ids {
		args = append(args, text(id))
	}
	return args
}
