package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"foyer/portal/directory"
)

const selectReading = `SELECT id, started_at, next_page, total, tries, moved, changed, complete_at, people, moving, failed_at, failure, due_at FROM company`

// Readings implements directory.PeopleStore.
func (db *DB) Readings(ctx context.Context) (map[string]directory.ListReading, error) {
	readings, err := db.readings(ctx, selectReading)
	return readings, wrap("list readings", err)
}

// Reading implements directory.PeopleStore.
func (db *DB) Reading(ctx context.Context, companyID string) (directory.ListReading, error) {
	readings, err := db.readings(ctx, selectReading+` WHERE id = $1`, text(companyID))
	return readings[text(companyID)], wrap("read how far a list is read", err)
}

func (db *DB) readings(ctx context.Context, statement string, args ...any) (map[string]directory.ListReading, error) {
	rows, err := db.people().read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	readings := map[string]directory.ListReading{}
	for rows.Next() {
		var id string
		var r directory.ListReading
		var startedAt, moved, changed, completeAt, moving, failedAt, dueAt int64
		err := rows.Scan(&id, &startedAt, &r.NextPage, &r.Total, &r.Tries, &moved, &changed, &completeAt, &r.People, &moving, &failedAt, &r.Failure, &dueAt)
		if err != nil {
			return nil, err
		}
		r.StartedAt, r.CompleteAt, r.FailedAt = fromMicros(startedAt), fromMicros(completeAt), fromMicros(failedAt)
		r.DueAt, r.Moving = fromMicros(dueAt), moving != 0
		r.Moved, r.Changed = moved != 0, changed != 0
		readings[id] = r
	}
	return readings, rows.Err()
}

// SaveReading implements directory.PeopleStore.
func (db *DB) SaveReading(ctx context.Context, companyID, companyName string, r directory.ListReading) error {
	return wrap("save how far a list is read", db.people().transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO company (id, name_key, started_at, next_page, total, tries, moved, changed,
				complete_at, people, moving, failed_at, failure, due_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT (id) DO UPDATE SET name_key = excluded.name_key, started_at = excluded.started_at, next_page = excluded.next_page,
				total = excluded.total, tries = excluded.tries, moved = excluded.moved, changed = excluded.changed, complete_at = excluded.complete_at, people = excluded.people, moving = excluded.moving,
				failed_at = excluded.failed_at, failure = excluded.failure, due_at = excluded.due_at`,
			text(companyID), foldedKey(text(companyName)), micros(r.StartedAt), r.NextPage, r.Total, r.Tries, flag(r.Moved), flag(r.Changed), micros(r.CompleteAt), r.People, flag(r.Moving),
			micros(r.FailedAt), text(r.Failure), micros(r.DueAt))
		return err
	}))
}

// flag is how the directory stores what is so or not.
func flag(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// ListPages implements directory.PeopleStore.
func (db *DB) ListPages(ctx context.Context, companyID string, from, limit int) ([]directory.ListPage, error) {
	rows, err := db.people().read.QueryContext(ctx, `SELECT number, digest, ids FROM list_page
		WHERE company = (SELECT n FROM company WHERE id = $1) AND number >= $2 ORDER BY number LIMIT $3`, text(companyID), from, limit)
	if err != nil {
		return nil, fmt.Errorf("read pages of a list: %w", err)
	}
	defer rows.Close()
	var pages []directory.ListPage
	for rows.Next() {
		var p directory.ListPage
		var ids string
		if err := rows.Scan(&p.Number, &p.Digest, &ids); err != nil {
			return nil, fmt.Errorf("read pages of a list: %w", err)
		}
		if err := json.Unmarshal([]byte(ids), &p.IDs); err != nil {
			return nil, fmt.Errorf("read pages of a list: %w", err)
		}
		pages = append(pages, p)
	}
	return pages, wrap("read pages of a list", rows.Err())
}

// SaveListPages implements directory.PeopleStore.
func (db *DB) SaveListPages(ctx context.Context, companyID string, pages []directory.ListPage) error {
	if len(pages) == 0 {
		return nil
	}
	return wrap("save pages of a list", db.people().transact(ctx, func(tx *sql.Tx) error {
		company, _, err := db.people().companyForUpdate(ctx, tx, text(companyID))
		if err != nil {
			return err
		}
		for _, p := range pages {
			ids := make([]string, len(p.IDs))
			for i, id := range p.IDs {
				ids[i] = text(id)
			}
			list, err := json.Marshal(ids)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO list_page (company, number, digest, ids) VALUES ($1, $2, $3, $4)
				ON CONFLICT (company, number) DO UPDATE SET digest = excluded.digest, ids = excluded.ids`, company, p.Number, append([]byte{}, p.Digest...), string(list))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// CutListPages implements directory.PeopleStore.
func (db *DB) CutListPages(ctx context.Context, companyID string, from int) error {
	return wrap("forget pages of a list", db.people().transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM list_page WHERE company = (SELECT n FROM company WHERE id = $1) AND number >= $2`, text(companyID), from)
		return err
	}))
}

// StatusesDue implements directory.PeopleStore.
func (db *DB) StatusesDue(ctx context.Context, before time.Time, limit int) ([]directory.UserRef, error) {
	const selectRef = `SELECT c.id, p.id FROM person AS p JOIN company AS c ON c.n = p.company`
	due, err := db.refs(ctx, selectRef+` WHERE p.standing = $1
		AND NOT EXISTS (SELECT 1 FROM status_asked AS a WHERE a.person = p.n AND a.at >= $2)
		ORDER BY p.standing, p.company, p.n LIMIT $3`, standingUnknown, micros(before), limit)
	if err != nil || len(due) >= limit {
		return due, wrap("list whose status is due", err)
	}
	old, err := db.refs(ctx, selectRef+` WHERE p.status_at > 0 AND p.status_at < $1 AND p.standing < $2
		AND NOT EXISTS (SELECT 1 FROM status_asked AS a WHERE a.person = p.n AND a.at >= $1) ORDER BY p.status_at, p.n LIMIT $3`,
		micros(before), standingUnknown, limit-len(due))
	return append(due, old...), wrap("list whose status is due", err)
}

// StatusesAsked implements directory.PeopleStore.
func (db *DB) StatusesAsked(ctx context.Context, people []directory.UserRef, at time.Time) error {
	if len(people) == 0 {
		return nil
	}
	return wrap("note whose status was asked for", db.people().transact(ctx, func(tx *sql.Tx) error {
		for _, who := range people {
			_, err := tx.ExecContext(ctx, `INSERT INTO status_asked (person, at)
				SELECT p.n, CAST($1 AS BIGINT) FROM person AS p JOIN company AS c ON c.n = p.company WHERE p.id = $2 AND c.id = $3
				ON CONFLICT (person) DO UPDATE SET at = excluded.at`, micros(at), text(who.UserID), text(who.CompanyID))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (db *DB) refs(ctx context.Context, statement string, args ...any) ([]directory.UserRef, error) {
	rows, err := db.people().read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var refs []directory.UserRef
	for rows.Next() {
		var r directory.UserRef
		if err := rows.Scan(&r.CompanyID, &r.UserID); err != nil {
			return nil, err
		}
		refs = append(refs, r)
	}
	return refs, rows.Err()
}
