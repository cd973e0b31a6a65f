package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"foyer/portal/directory"
)

// inDirectory gives the people of the directory whom an order to erase is about. Of one
// whose record can't be read that is what they are found by: the id, the e-mail's key and
// the folded name.
func (db *DB) inDirectory(ctx context.Context, who whom) ([]directory.UserRecord, error) {
	condition, args := db.whoseRows(who)
	if condition == "" || db.people() == nil {
		return nil, nil
	}
	const statement = `SELECT c.id, c.complete_at, p.id, p.email_key, p.name_key, p.record FROM person AS p JOIN company AS c ON c.n = p.company WHERE `
	rows, err := db.people().read.QueryContext(ctx, statement+condition, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []directory.UserRecord
	for rows.Next() {
		var company, id, emailKey, nameKey, packed string
		var completeAt int64
		if err := rows.Scan(&company, &completeAt, &id, &emailKey, &nameKey, &packed); err != nil {
			return nil, err
		}
		var r personRow
		if r.unpack(packed) != nil {
			r = personRow{personRecord: personRecord{id: id, email: emailKey, displayName: nameKey}}
		}
		people = append(people, r.known(company, completeAt))
	}
	return people, rows.Err()
}

// whoseRows is whose for the directory, which has a key of each e-mail.
func (db *DB) whoseRows(who whom) (condition string, args []any) {
	keys := whom{ids: who.ids}
	for _, key := range who.keys {
		keys.emails = append(keys.emails, emailKey(key))
	}
	return db.whose("p.id", "p.email_key", keys)
}

// erasePerson deletes somebody from the directory: what was read of them, what the search
// has of it, the values that nobody has any more, and the pages of lists that they are in,
// which are read again.
func (db *DB) erasePerson(ctx context.Context, who whom) error {
	condition, args := db.whoseRows(who)
	if condition == "" {
		return nil
	}
	return db.people().transact(ctx, func(tx *sql.Tx) error {
		companies, err := queryColumn[string](ctx, tx, `SELECT DISTINCT c.id FROM person AS p JOIN company AS c ON c.n = p.company WHERE `+condition, args...)
		if err != nil {
			return err
		}
		slices.Sort(companies)
		var savings []*saving
		for _, id := range companies {
			s, err := db.people().beginSaving(ctx, tx, id)
			if err != nil {
				return err
			}
			savings = append(savings, s)
		}
		if db.dialect == PostgreSQL {
			// Nobody may use a word that is being forgotten. Whoever saves has their
			// company before they look for words, and so has this.
			if _, err := tx.ExecContext(ctx, `LOCK TABLE word IN ACCESS EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		for _, s := range savings {
			if err := s.erase(ctx, condition, args); err != nil {
				return err
			}
		}
		// Also what they had once: whose that was nobody knows any more.
		if _, err := tx.ExecContext(ctx, `DELETE FROM word WHERE NOT EXISTS (SELECT 1 FROM word_use WHERE word = word.n AND people > 0)`); err != nil {
			return err
		}
		return db.erasePages(ctx, tx, who)
	})
}

// erase deletes the people of the company who meet a condition, also those whose record
// can't be read: it isn't needed for that.
func (s *saving) erase(ctx context.Context, condition string, args []any) error {
	var gone []*personRow
	err := s.eachRow(ctx, condition+fmt.Sprintf(" AND p.company = %d", s.company), args, func(r *personRow, unread error) error {
		gone = append(gone, r)
		if errors.Is(unread, errRecord) {
			return nil
		}
		return unread
	})
	if err != nil {
		return err
	}
	for _, r := range gone {
		statements := []string{`DELETE FROM person_text WHERE n = $1`, `DELETE FROM person WHERE n = $1`, `DELETE FROM status_asked WHERE person = $1`}
		if s.db.dialect == SQLite { // the index takes back what it was given of the text, as that is stored
			statements = slices.Insert(statements, 0, `DELETE FROM person_index WHERE rowid = $1`)
		}
		for _, statement := range statements {
			if _, err := s.tx.ExecContext(ctx, statement, r.n); err != nil {
				return err
			}
		}
		s.count(r, -1)
	}
	return s.writeCounts(ctx)
}

// erasePages forgets the pages of lists that have somebody's id.
func (db *DB) erasePages(ctx context.Context, tx *sql.Tx, who whom) error {
	const statement = `DELETE FROM list_page WHERE `
	for _, id := range who.ids {
		if _, err := tx.ExecContext(ctx, statement+db.contains("ids", "$1"), `"`+id+`"`); err != nil {
			return err
		}
	}
	return nil
}

// scrubDirectory is scrub for the directory. SQLite's search index keeps what a text was
// before it changed, marked as deleted, until all of it is merged.
func (db *DB) scrubDirectory(ctx context.Context) error {
	statements := []string{`INSERT INTO person_index (person_index) VALUES ('optimize')`, `PRAGMA wal_checkpoint(TRUNCATE)`}
	if db.dialect == PostgreSQL {
		statements = []string{`VACUUM person, person_text, word, list_page`}
	}
	for _, statement := range statements {
		if _, err := db.people().write.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("redact events: they are erased, and traces may be left in the directory: %w", err)
		}
	}
	return nil
}
