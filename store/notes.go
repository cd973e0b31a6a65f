package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"foyer/folding"
	"foyer/portal"
	"foyer/portal/directory"
)

// notesSearched is how many of the latest notes a search looks through.
const notesSearched = 20_000

// LockCompanyNotes implements directory.NoteStore.
func (db *DB) LockCompanyNotes(ctx context.Context, tx portal.Tx, companyID string) (n directory.CompanyNotes, err error) {
	if err := db.lockNotes(ctx, sqlTx(tx), companyID); err != nil {
		return n, wrap("read company's notes", err)
	}
	var tags string
	err = sqlTx(tx).QueryRowContext(ctx, `SELECT tags, alias, reference FROM company_note WHERE company_id = $1`, text(companyID)).Scan(&tags, &n.Alias, &n.Reference)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return n, nil
	case err == nil:
		err = unmarshalTags(tags, &n)
	}
	return n, wrap("read company's notes", err)
}

// unmarshalTags reads the tags of a company; of one without any they stay nil.
func unmarshalTags(raw string, n *directory.CompanyNotes) error {
	if raw == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(raw), &n.Tags)
}

// LockPersonNote implements directory.NoteStore.
func (db *DB) LockPersonNote(ctx context.Context, tx portal.Tx, of directory.UserRef) (note string, err error) {
	if err := db.lockNotes(ctx, sqlTx(tx), of.CompanyID); err != nil {
		return "", wrap("read note", err)
	}
	err = sqlTx(tx).QueryRowContext(ctx, `SELECT note FROM person_note WHERE company_id = $1 AND user_id = $2`, text(of.CompanyID), text(of.UserID)).Scan(&note)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return note, wrap("read note", err)
}

// lockNotes lets one at a time change notes of a company and its people, whether there
// are any yet or not.
func (db *DB) lockNotes(ctx context.Context, tx *sql.Tx, companyID string) error {
	_, err := queryColumn[string](ctx, tx, `SELECT id FROM company WHERE id = $1`+db.forUpdate(), text(companyID))
	return err
}

// SaveCompanyNotes implements directory.NoteStore.
func (db *DB) SaveCompanyNotes(ctx context.Context, tx portal.Tx, companyID string, n directory.CompanyNotes, at time.Time) error {
	return wrap("save company's notes", saveCompanyNotes(ctx, sqlTx(tx), companyID, n, micros(at)))
}

func saveCompanyNotes(ctx context.Context, tx *sql.Tx, companyID string, n directory.CompanyNotes, at int64) error {
	if !n.Any() {
		_, err := tx.ExecContext(ctx, `DELETE FROM company_note WHERE company_id = $1`, text(companyID))
		return err
	}
	tags, err := json.Marshal(append([]string{}, n.Tags...))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO company_note (company_id, tags, alias, reference, noted_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (company_id) DO UPDATE SET tags = excluded.tags, alias = excluded.alias, reference = excluded.reference, noted_at = excluded.noted_at`,
		text(companyID), text(string(tags)), text(n.Alias), text(n.Reference), at)
	return err
}

// SavePersonNote implements directory.NoteStore.
func (db *DB) SavePersonNote(ctx context.Context, tx portal.Tx, of directory.UserRef, note string, at time.Time) error {
	var err error
	if note == "" {
		_, err = sqlTx(tx).ExecContext(ctx, `DELETE FROM person_note WHERE company_id = $1 AND user_id = $2`, text(of.CompanyID), text(of.UserID))
	} else {
		_, err = sqlTx(tx).ExecContext(ctx, `INSERT INTO person_note (company_id, user_id, note, text, noted_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, company_id) DO UPDATE SET note = excluded.note, text = excluded.text, noted_at = excluded.noted_at`,
			text(of.CompanyID), text(of.UserID), text(note), text(folding.Text(note)), micros(at))
	}
	return wrap("save note", err)
}

// PersonNotes implements directory.NoteStore.
func (db *DB) PersonNotes(ctx context.Context, of []directory.UserRef) (map[directory.UserRef]string, error) {
	notes := map[directory.UserRef]string{}
	for chunk := range slices.Chunk(of, usersAtOnce) {
		var args []any
		for _, ref := range chunk {
			args = append(args, text(ref.UserID))
		}
		found, err := scanNotes(db.read.QueryContext(ctx, selectNotes+` WHERE user_id IN `+db.placeholders(1, len(args)), args...))
		if err != nil {
			return nil, wrap("read notes", err)
		}
		for _, n := range found {
			if slices.Contains(chunk, n.Of) {
				notes[n.Of] = n.Note
			}
		}
	}
	return notes, nil
}

// SearchNotes implements directory.NoteStore.
func (db *DB) SearchNotes(ctx context.Context, words []string, limit int) (found []directory.PersonNote, more bool, err error) {
	if len(words) == 0 {
		return nil, false, nil
	}
	b := &builder{}
	latest := `SELECT * FROM person_note ORDER BY noted_at DESC LIMIT ` + b.arg(notesSearched)
	conditions := make([]string, len(words))
	for i, word := range words {
		conditions[i] = db.contains("n.text", b.arg(text(word)))
	}
	found, err = scanNotes(db.read.QueryContext(ctx, `SELECT company_id, user_id, note FROM (`+latest+`) AS n WHERE `+strings.Join(conditions, " AND ")+
		` ORDER BY n.noted_at DESC, n.user_id LIMIT `+b.arg(limit+1), b.args...))
	if len(found) > limit {
		found, more = found[:limit], true
	}
	return found, more, wrap("search notes", err)
}

const selectNotes = `SELECT company_id, user_id, note FROM person_note`

func scanNotes(rows *sql.Rows, err error) (notes []directory.PersonNote, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n directory.PersonNote
		if err := rows.Scan(&n.Of.CompanyID, &n.Of.UserID, &n.Note); err != nil {
			return nil, err
		}
		notes = append(notes, n)
	}
	return notes, rows.Err()
}

// notesOf finds the notes that an order to erase reaches: those on the person, and those
// on others that name them.
func notesOf(ctx context.Context, tx *sql.Tx, w whom) (found []directory.UserRef, err error) {
	notes, err := scanNotes(tx.QueryContext(ctx, selectNotes))
	for _, n := range notes {
		if slices.Contains(w.ids, n.Of.UserID) || w.mentions(n.Note) || w.names(n.Note) || w.calls(n.Note) {
			found = append(found, n.Of)
		}
	}
	return found, err
}

// erasedNotes finds the companies in whose notes the person is named, with what is left of
// these notes then.
func erasedNotes(ctx context.Context, tx *sql.Tx, w whom) (left map[string]directory.CompanyNotes, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT company_id, tags, alias, reference FROM company_note`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := func(text string) bool { return w.mentions(text) || w.names(text) || w.calls(text) }
	left = map[string]directory.CompanyNotes{}
	for rows.Next() {
		var id, tags string
		var n directory.CompanyNotes
		if err := rows.Scan(&id, &tags, &n.Alias, &n.Reference); err != nil {
			return nil, err
		}
		if err := unmarshalTags(tags, &n); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(append([]string{n.Alias, n.Reference}, n.Tags...), names) {
			continue
		}
		n.Tags = slices.DeleteFunc(n.Tags, names)
		for _, field := range []*string{&n.Alias, &n.Reference} {
			if names(*field) {
				*field = ""
			}
		}
		left[id] = n
	}
	return left, rows.Err()
}

// eraseNotes erases what notesOf and erasedNotes find.
func eraseNotes(ctx context.Context, tx *sql.Tx, w whom) error {
	people, err := notesOf(ctx, tx, w)
	if err != nil {
		return err
	}
	for _, of := range people {
		if _, err := tx.ExecContext(ctx, `DELETE FROM person_note WHERE user_id = $1 AND company_id = $2`, of.UserID, of.CompanyID); err != nil {
			return err
		}
	}
	companies, err := erasedNotes(ctx, tx, w)
	for id, left := range companies {
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM company_note WHERE company_id = $1`, id)
		}
		if err == nil {
			err = saveCompanyNotes(ctx, tx, id, left, 0)
		}
	}
	return err
}
