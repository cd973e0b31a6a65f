package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// companyList is the name of the list of companies in list_read.
const companyList = "companies"

// SaveCompanies implements directory.Store. Only what differs is written: a company
// that is in the list as it is stored was read when the list was. What was read of a
// company after the list was is kept: readings may come in late.
func (db *DB) SaveCompanies(ctx context.Context, tx portal.Tx, companies []sapi.Company, readAt time.Time) (replaced, added []sapi.Company, err error) {
	replaced, added, err = db.saveCompanies(ctx, sqlTx(tx), companies, micros(readAt))
	return replaced, added, wrap("save companies", err)
}

func (db *DB) saveCompanies(ctx context.Context, tx *sql.Tx, companies []sapi.Company, at int64) (replaced, added []sapi.Company, err error) {
	last, err := lastList(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	// One list at a time, of any number of replicas; and never an older one.
	result, err := tx.ExecContext(ctx, `INSERT INTO list_read (name, read_at) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET read_at = excluded.read_at WHERE list_read.read_at <= excluded.read_at`, companyList, at)
	if err != nil {
		return nil, nil, err
	}
	if newest, err := result.RowsAffected(); err != nil || newest == 0 {
		return nil, nil, err
	}
	stored, err := db.storedCompanies(ctx, tx, "")
	if err != nil {
		return nil, nil, err
	}
	for _, c := range companies {
		row, err := newCompanyRow(c)
		if err != nil {
			return nil, nil, err
		}
		before, known := stored[row.id]
		delete(stored, row.id)
		if known && before.companyRow == row && before.notListedAt == 0 {
			continue
		}
		if err := saveCompany(ctx, tx, row, at); err != nil {
			return nil, nil, err
		}
		if !known && last > 0 {
			added = append(added, c)
		}
		if known && before.readAt <= at {
			was, err := before.company()
			if err != nil {
				return nil, nil, err
			}
			replaced = append(replaced, was)
		}
	}
	for id, gone := range stored {
		if gone.notListedAt != 0 || gone.readAt >= at {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE company SET not_listed_at = $1 WHERE id = $2`, at, id); err != nil {
			return nil, nil, err
		}
	}
	return replaced, added, nil
}

// SaveCompany implements directory.Store. Of a company that was asked for before the
// list was the list knows better, be it that there is none.
func (db *DB) SaveCompany(ctx context.Context, tx portal.Tx, c sapi.Company, readAt time.Time) (replaced sapi.Company, added bool, err error) {
	replaced, added, err = db.saveOneCompany(ctx, sqlTx(tx), c, micros(readAt))
	return replaced, added, wrap("save company", err)
}

func (db *DB) saveOneCompany(ctx context.Context, tx *sql.Tx, c sapi.Company, at int64) (replaced sapi.Company, added bool, err error) {
	row, err := newCompanyRow(c)
	if err != nil {
		return sapi.Company{}, false, err
	}
	listed, err := lastList(ctx, tx)
	if err != nil || at < listed {
		return sapi.Company{}, false, err
	}
	stored, err := db.storedCompanies(ctx, tx, row.id)
	if err != nil {
		return sapi.Company{}, false, err
	}
	before, known := stored[row.id]
	if known && before.readAt > at {
		return sapi.Company{}, false, nil
	}
	if known {
		if replaced, err = before.company(); err != nil {
			return sapi.Company{}, false, err
		}
	}
	return replaced, !known && listed > 0, saveCompany(ctx, tx, row, at)
}

// lastList is when the list of companies was read last that is stored; 0: none was.
func lastList(ctx context.Context, tx *sql.Tx) (at int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(read_at), 0) FROM list_read WHERE name = $1`, companyList).Scan(&at)
	return at, err
}

// companyRow is what is stored of a company as Symphony tells it.
type companyRow struct {
	id, name, vanityName, domains, publicURL, state, errorMessage string
	createdAt, updatedAt                                          int64
}

func newCompanyRow(c sapi.Company) (companyRow, error) {
	domains, err := json.Marshal(c.EmailDomains)
	return companyRow{
		text(c.ID), text(c.Name), text(c.VanityName), text(string(domains)), text(c.PublicURL), text(string(c.State)),
		text(c.ErrorMessage), micros(c.CreatedAt), micros(c.UpdatedAt),
	}, err
}

func (r companyRow) company() (sapi.Company, error) {
	c := sapi.Company{
		ID: r.id, Name: r.name, VanityName: r.vanityName, PublicURL: r.publicURL, State: sapi.CompanyState(r.state), ErrorMessage: r.errorMessage,
		CreatedAt: fromMicros(r.createdAt), UpdatedAt: fromMicros(r.updatedAt),
	}
	return c, json.Unmarshal([]byte(r.domains), &c.EmailDomains)
}

// storedCompany is a row with what Foyer notes beside it.
type storedCompany struct {
	companyRow
	readAt, notListedAt int64
}

// storedCompanies gives what is stored, by id: of one company, or of all for an empty
// id. Nobody else changes it until the transaction ends.
func (db *DB) storedCompanies(ctx context.Context, tx *sql.Tx, id string) (map[string]storedCompany, error) {
	const statement = `SELECT id, name, vanity_name, email_domains, public_url, state, error_message, created_at, updated_at,
		read_at, not_listed_at FROM company WHERE $1 = '' OR id = $1 ORDER BY id`
	rows, err := tx.QueryContext(ctx, statement+db.forUpdate(), id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	stored := make(map[string]storedCompany)
	for rows.Next() {
		var r storedCompany
		err := rows.Scan(&r.id, &r.name, &r.vanityName, &r.domains, &r.publicURL, &r.state, &r.errorMessage, &r.createdAt, &r.updatedAt, &r.readAt, &r.notListedAt)
		if err != nil {
			return nil, err
		}
		stored[r.id] = r
	}
	return stored, rows.Err()
}

// saveCompany stores a company that is there, and so is listed.
func saveCompany(ctx context.Context, tx *sql.Tx, c companyRow, readAt int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO company (id, name, vanity_name, email_domains, public_url, state,
			error_message, created_at, updated_at, read_at, state_seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
		ON CONFLICT (id) DO UPDATE SET
			name = excluded.name, vanity_name = excluded.vanity_name, email_domains = excluded.email_domains,
			public_url = excluded.public_url, state = excluded.state, error_message = excluded.error_message,
			created_at = excluded.created_at, updated_at = excluded.updated_at, read_at = excluded.read_at, not_listed_at = 0,
			state_seen_at = CASE WHEN company.state = excluded.state THEN company.state_seen_at ELSE excluded.state_seen_at END
		WHERE company.read_at <= excluded.read_at`,
		c.id, c.name, c.vanityName, c.domains, c.publicURL, c.state, c.errorMessage, c.createdAt, c.updatedAt, readAt)
	return err
}

// SaveTotal implements directory.Store. The company itself need not be stored yet.
func (db *DB) SaveTotal(ctx context.Context, tx portal.Tx, companyID string, total int64, readAt time.Time) error {
	_, err := sqlTx(tx).ExecContext(ctx, `INSERT INTO company_people (company_id, people, read_at) VALUES ($1, $2, $3)
		ON CONFLICT (company_id) DO UPDATE SET people = excluded.people, read_at = excluded.read_at
		WHERE company_people.read_at <= excluded.read_at`, text(companyID), total, micros(readAt))
	return wrap("save total", err)
}

// A company that is stored was in the list, or was read after it.
const selectCompany = `SELECT c.id, c.name, c.vanity_name, c.email_domains, c.public_url, c.state, c.error_message, c.created_at, c.updated_at,
	CASE WHEN l.read_at > c.read_at AND c.not_listed_at = 0 THEN l.read_at ELSE c.read_at END, c.state_seen_at, coalesce(p.people, 0), coalesce(p.read_at, 0), c.not_listed_at,
	coalesce(n.tags, '[]'), coalesce(n.alias, ''), coalesce(n.reference, '')
	FROM company AS c LEFT JOIN company_people AS p ON p.company_id = c.id LEFT JOIN company_note AS n ON n.company_id = c.id LEFT JOIN list_read AS l ON l.name = '` + companyList + `'`

// Companies implements directory.Store. They come in the order of their names.
func (db *DB) Companies(ctx context.Context) (companies []directory.CompanyRecord, listReadAt time.Time, err error) {
	var at int64
	err = db.read.QueryRowContext(ctx, `SELECT read_at FROM list_read WHERE name = $1`, companyList).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, fmt.Errorf("list companies: %w", err)
	}
	rows, err := db.read.QueryContext(ctx, selectCompany+` ORDER BY c.name, c.id`)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("list companies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanCompany(rows)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("list companies: %w", err)
		}
		companies = append(companies, c)
	}
	return companies, fromMicros(at), wrap("list companies", rows.Err())
}

// BuildingCompanies implements directory.Store.
func (db *DB) BuildingCompanies(ctx context.Context, after string, limit int) ([]string, error) {
	ids, err := queryColumn[string](ctx, db.read, `SELECT id FROM company WHERE state IN ($1, $2) AND not_listed_at = 0 AND id > $3 ORDER BY id LIMIT $4`,
		sapi.StateStarted, sapi.StateTenantCreated, text(after), limit)
	return ids, wrap("list companies being built", err)
}

// Company implements directory.Store.
func (db *DB) Company(ctx context.Context, id string) (directory.CompanyRecord, error) {
	c, err := scanCompany(db.read.QueryRowContext(ctx, selectCompany+` WHERE c.id = $1`, text(id)))
	return c, wrap("read company", err)
}

func scanCompany(row scanner) (directory.CompanyRecord, error) {
	var c directory.CompanyRecord
	var domains, tags string
	var createdAt, updatedAt, readAt, stateSeenAt, peopleReadAt, notListedAt int64
	err := row.Scan(&c.ID, &c.Name, &c.VanityName, &domains, &c.PublicURL, &c.State, &c.ErrorMessage,
		&createdAt, &updatedAt, &readAt, &stateSeenAt, &c.People, &peopleReadAt, &notListedAt,
		&tags, &c.Notes.Alias, &c.Notes.Reference)
	if errors.Is(err, sql.ErrNoRows) {
		return directory.CompanyRecord{}, portal.ErrNotStored
	}
	if err != nil {
		return directory.CompanyRecord{}, err
	}
	if err := errors.Join(json.Unmarshal([]byte(domains), &c.EmailDomains), unmarshalTags(tags, &c.Notes)); err != nil {
		return directory.CompanyRecord{}, err
	}
	c.CreatedAt, c.UpdatedAt = fromMicros(createdAt), fromMicros(updatedAt)
	c.ReadAt, c.StateSeenAt, c.PeopleReadAt, c.NotListedAt = fromMicros(readAt), fromMicros(stateSeenAt), fromMicros(peopleReadAt), fromMicros(notListedAt)
	return c, nil
}
