package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"foyer/portal/directory"
	"foyer/sapi"
)

// selectPerson reads people as they are known.
const selectPerson = `SELECT c.id, c.complete_at, p.n, p.record FROM person AS p JOIN company AS c ON c.n = p.company`

// eachPerson gives those whom a condition finds, with their numbers.
func (db *DB) eachPerson(ctx context.Context, do func(n int64, u directory.UserRecord), where string, args ...any) error {
	rows, err := db.people().read.QueryContext(ctx, selectPerson+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r personRow
	var company, packed string
	var completeAt int64
	for rows.Next() {
		if err := rows.Scan(&company, &completeAt, &r.n, &packed); err != nil {
			return err
		}
		if err := r.unpack(packed); err != nil {
			db.people().noteDamage(err)
			return err
		}
		do(r.n, r.known(company, completeAt))
	}
	return rows.Err()
}

// known is the person as known. Who is listed was last read with the list.
//
//nolint:gosec // statuses and sources are small numbers
func (r *personRow) known(companyID string, completeAt int64) directory.UserRecord {
	return directory.UserRecord{
		CompanyID: companyID,
		User: sapi.User{
			ID: r.id, SymphonyUserID: r.symphonyUserID, Email: r.email,
			FirstName: r.firstName, LastName: r.lastName, DisplayName: r.displayName, PhoneNumber: r.phone,
			Department: r.department, Title: r.title, Location: r.location,
			CreatedAt: fromMicros(r.createdAt), UpdatedAt: fromMicros(r.updatedAt), Status: sapi.Status(r.status),
		},
		ReadAt: fromMicros(r.knownAt(completeAt)), Source: directory.Source(r.source),
		StatusAt: fromMicros(r.statusAt), NotListedAt: fromMicros(r.notListedAt),
	}
}

func (db *DB) selectPeople(ctx context.Context, where string, args ...any) ([]directory.UserRecord, error) {
	var people []directory.UserRecord
	err := db.eachPerson(ctx, func(_ int64, u directory.UserRecord) { people = append(people, u) }, where, args...)
	return people, err
}

// Users implements directory.PeopleStore.
func (db *DB) Users(ctx context.Context, companyID string, ids []string) (map[string]directory.UserRecord, error) {
	users := make(map[string]directory.UserRecord, len(ids))
	for chunk := range slices.Chunk(ids, usersAtOnce) {
		err := db.eachPerson(ctx, func(_ int64, u directory.UserRecord) { users[u.ID] = u },
			` WHERE c.id = $1 AND p.id IN `+db.placeholders(2, len(chunk)), userArgs(companyID, chunk)...)
		if err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
	}
	return users, nil
}

// FindUsers implements directory.PeopleStore. They come in the order of their companies.
func (db *DB) FindUsers(ctx context.Context, by directory.UserKey) ([]directory.UserRecord, error) {
	const order = ` ORDER BY c.id, p.id`
	var users []directory.UserRecord
	var err error
	switch {
	case by.Email != "":
		users, err = db.selectPeople(ctx, ` WHERE p.email_key = $1`+order, text(by.Email))
	case by.ID != "":
		users, err = db.selectPeople(ctx, ` WHERE p.id = $1`+order, text(by.ID))
	case by.SymphonyUserID != 0:
		// The second half tells SQLite that it may use the partial index.
		users, err = db.selectPeople(ctx, ` WHERE p.symphony_user_id = $1 AND p.symphony_user_id <> 0`+order, by.SymphonyUserID)
	default:
		err = errors.New("nothing to find them by")
	}
	return users, wrap("find users", err)
}

// FindAllUsers implements directory.PeopleStore.
func (db *DB) FindAllUsers(ctx context.Context, keys, ids []string) ([]directory.UserRecord, error) {
	var numbers, uuids []any
	for _, id := range ids {
		if number, err := strconv.ParseInt(id, 10, 64); err == nil && number != 0 {
			numbers = append(numbers, number)
		} else {
			uuids = append(uuids, text(strings.ToLower(id)))
		}
	}
	addresses := make([]any, len(keys))
	for i, key := range keys {
		addresses[i] = text(key)
	}
	var users []directory.UserRecord
	for _, by := range []struct {
		column string
		values []any
	}{{`p.email_key`, addresses}, {`p.id`, uuids}, {`p.symphony_user_id <> 0 AND p.symphony_user_id`, numbers}} {
		for chunk := range slices.Chunk(by.values, usersAtOnce) {
			found, err := db.selectPeople(ctx, ` WHERE `+by.column+` IN `+db.placeholders(1, len(chunk))+` ORDER BY c.id, p.id`, chunk...)
			if err != nil {
				return nil, wrap("find users", err)
			}
			users = append(users, found...)
		}
	}
	return users, nil
}

// CompanyUsers implements directory.PeopleStore.
func (db *DB) CompanyUsers(ctx context.Context, companyID string, after directory.UserRecord, limit int) ([]directory.UserRecord, error) {
	company, err := db.companyNumber(ctx, companyID)
	if err != nil || company == 0 {
		return nil, wrap("list users", err)
	}
	behind := int64(0)
	if after.ID != "" {
		err := db.people().read.QueryRowContext(ctx, `SELECT n FROM person WHERE company = $1 AND id = $2`, company, text(after.ID)).Scan(&behind)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("list users: %w", err)
		}
	}
	users, err := db.selectPeople(ctx, ` WHERE p.company = $1 AND (p.created_at, p.n) > ($2, $3) ORDER BY p.created_at, p.n LIMIT $4`,
		company, micros(after.CreatedAt), behind, limit)
	return users, wrap("list users", err)
}

// companyNumber is 0 when nobody of the company is known.
func (db *DB) companyNumber(ctx context.Context, companyID string) (n int64, err error) {
	err = db.people().read.QueryRowContext(ctx, `SELECT n FROM company WHERE id = $1`, text(companyID)).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, err
}

// CountUsers implements directory.PeopleStore.
func (db *DB) CountUsers(ctx context.Context, companyID string) (int, error) {
	tally, err := db.Tally(ctx, companyID)
	if companyID == "" {
		return 0, err
	}
	return tally.Listed() + tally.NotListed, wrap("count users", err)
}

// Tally implements directory.PeopleStore.
func (db *DB) Tally(ctx context.Context, companyID string) (directory.Tally, error) {
	statement, args := `SELECT standing, CAST(sum(people) AS bigint), 0 FROM tally`, []any{}
	if companyID != "" {
		statement, args = statement+` WHERE company = (SELECT n FROM company WHERE id = $1)`, []any{text(companyID)}
	}
	t, _, err := db.people().tally(ctx, statement+` GROUP BY standing`, args...)
	return t, wrap("count people by status", err)
}

// tallyOf sets how many people of a tally have a standing.
func tallyOf(t *directory.Tally, standing, people int) {
	switch standing {
	case standingActive:
		t.Active = people
	case standingDisabled:
		t.Disabled = people
	case standingUnknown:
		t.Unknown = people
	case standingNotListed:
		t.NotListed = people
	}
}

// ListedIDs implements directory.PeopleStore.
func (db *DB) ListedIDs(ctx context.Context, companyID string) ([]string, error) {
	ids, err := queryColumn[string](ctx, db.people().read,
		`SELECT id FROM person WHERE company = (SELECT n FROM company WHERE id = $1) AND standing <> $2`, text(companyID), standingNotListed)
	return ids, wrap("list who is listed", err)
}
