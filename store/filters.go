package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"strings"

	"foyer/auth"
	"foyer/folding"
	"foyer/portal"
	"foyer/portal/directory"
)

const selectFilters = `SELECT id, issuer, subject, email, name, query, shared, saved_at FROM saved_filter`

// SavedFilters implements directory.FilterStore.
func (db *DB) SavedFilters(ctx context.Context, issuer, subject string) ([]directory.SavedFilter, error) {
	rows, err := db.read.QueryContext(ctx, selectFilters+` WHERE issuer = $1 AND subject = $2 OR shared = 1`, text(issuer), text(subject))
	if err != nil {
		return nil, wrap("list saved filters", err)
	}
	filters, err := scanFilters(rows)
	return filters, wrap("list saved filters", err)
}

// SavedFilter implements directory.FilterStore.
func (db *DB) SavedFilter(ctx context.Context, id string) (directory.SavedFilter, error) {
	f, err := scanFilter(db.read.QueryRowContext(ctx, selectFilters+` WHERE id = $1`, text(id)))
	if errors.Is(err, sql.ErrNoRows) {
		err = portal.ErrNotStored
	}
	return f, wrap("read saved filter", err)
}

// SaveFilter implements directory.FilterStore.
func (db *DB) SaveFilter(ctx context.Context, tx portal.Tx, f directory.SavedFilter) error {
	_, err := sqlTx(tx).ExecContext(ctx, `INSERT INTO saved_filter (id, issuer, subject, email, name, query, shared, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (issuer, subject, name) DO UPDATE SET
			email = excluded.email, query = excluded.query, shared = excluded.shared, saved_at = excluded.saved_at`,
		text(f.ID), text(f.Issuer), text(f.Subject), text(f.Email), text(f.Name), text(f.Query), oneIf(f.Shared), micros(f.SavedAt))
	return wrap("save filter", err)
}

// DeleteFilter implements directory.FilterStore.
func (db *DB) DeleteFilter(ctx context.Context, tx portal.Tx, id string) error {
	return wrap("delete filter", deleteFilter(ctx, sqlTx(tx), id))
}

func deleteFilter(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM saved_filter WHERE id = $1`, text(id))
	return err
}

func scanFilters(rows *sql.Rows) (filters []directory.SavedFilter, err error) {
	defer rows.Close()
	for rows.Next() {
		f, err := scanFilter(rows)
		if err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	return filters, rows.Err()
}

func scanFilter(row scanner) (f directory.SavedFilter, err error) {
	var savedAt int64
	err = row.Scan(&f.ID, &f.Issuer, &f.Subject, &f.Email, &f.Name, &f.Query, &f.Shared, &savedAt)
	f.SavedAt = fromMicros(savedAt)
	return f, err
}

// filtersOf finds the saved filters that an order to erase reaches: those of whoever it
// names, and those that look for the person.
func filtersOf(ctx context.Context, tx *sql.Tx, w whom) (ids []string, err error) {
	rows, err := tx.QueryContext(ctx, selectFilters)
	if err != nil {
		return nil, err
	}
	filters, err := scanFilters(rows)
	for _, f := range filters {
		if w.did(auth.Actor{Issuer: f.Issuer, Subject: f.Subject, Email: f.Email}) || w.in(f.Email) || w.lookedFor(f) {
			ids = append(ids, f.ID)
		}
	}
	return ids, err
}

// lookedFor says whether a filter's name or its query names the person, or whether they
// are found by the words of it.
func (w whom) lookedFor(f directory.SavedFilter) bool {
	query, err := url.ParseQuery(f.Query)
	if err != nil {
		return w.mentions(f.Query) // it finds nobody
	}
	texts := []string{f.Name}
	for _, values := range query {
		texts = append(texts, values...)
	}
	words := folding.Words(query.Get("q"))
	known := folding.Text(strings.Join(slices.Concat(w.known, w.keys), " "))
	return slices.ContainsFunc(texts, func(text string) bool { return w.mentions(text) || w.calls(text) || w.names(text) }) ||
		len(words) > 0 && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(known, word) })
}

// eraseFilters deletes the saved filters that an order reaches.
func eraseFilters(ctx context.Context, tx *sql.Tx, w whom) error {
	ids, err := filtersOf(ctx, tx, w)
	for _, id := range ids {
		if err == nil {
			err = deleteFilter(ctx, tx, id)
		}
	}
	return err
}
