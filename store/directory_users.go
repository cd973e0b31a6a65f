package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"foyer/portal/directory"
)

// selectPerson reads people as they are known. Who is listed was last read with the list.
const selectPerson = `SELECT c.id, p.id, p.symphony_user_id, p.email, p.first_name, p.last_name, p.display_name,
	p.phone_number, p.department, p.title, p.location, p.created_at, p.updated_at,
	CASE WHEN p.not_listed_at = 0 AND c.complete_at > p.read_at THEN c.complete_at ELSE p.read_at END,
	p.source, p.status, p.status_at, p.not_listed_at, p.n
	FROM person AS p JOIN company AS c ON c.n = p.company`

// knownPerson is a record with its number.
type knownPerson struct {
	directory.UserRecord
	n int64
}

func (db *DB) selectPeople(ctx context.Context, where string, args ...any) ([]knownPerson, error) {
	rows, err := db.people().read.QueryContext(ctx, selectPerson+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	people := make([]knownPerson, 0, len(args)) // most are asked for one by one
	for rows.Next() {
		people = append(people, knownPerson{})
		u := &people[len(people)-1]
		var createdAt, updatedAt, readAt, statusAt, notListedAt int64
		err := rows.Scan(&u.CompanyID, &u.ID, &u.SymphonyUserID, &u.Email, &u.FirstName, &u.LastName, &u.DisplayName, &u.PhoneNumber,
			&u.Department, &u.Title, &u.Location, &createdAt, &updatedAt, &readAt, &u.Source, &u.Status, &statusAt, &notListedAt, &u.n)
		if err != nil {
			return nil, err
		}
		u.CreatedAt, u.UpdatedAt, u.ReadAt = fromMicros(createdAt), fromMicros(updatedAt), fromMicros(readAt)
		u.StatusAt, u.NotListedAt = fromMicros(statusAt), fromMicros(notListedAt)
	}
	return people, rows.Err()
}

func recordsOf(people []knownPerson) []directory.UserRecord {
	records := make([]directory.UserRecord, len(people))
	for i, u := range people {
		records[i] = u.UserRecord
	}
	return records
}

// Users implements directory.PeopleStore.
func (db *DB) Users(ctx context.Context, companyID string, ids []string) (map[string]directory.UserRecord, error) {
	users := make(map[string]directory.UserRecord, len(ids))
	for chunk := range slices.Chunk(ids, usersAtOnce) {
		found, err := db.selectPeople(ctx, ` WHERE c.id = $1 AND p.id IN `+db.placeholders(2, len(chunk)), userArgs(companyID, chunk)...)
		if err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
		for _, u := range found {
			users[u.ID] = u.UserRecord
		}
	}
	return users, nil
}

// FindUsers implements directory.PeopleStore. They come in the order of their companies.
func (db *DB) FindUsers(ctx context.Context, by directory.UserKey) ([]directory.UserRecord, error) {
	const order = ` ORDER BY c.id, p.id`
	var users []knownPerson
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
	return recordsOf(users), wrap("find users", err)
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
	return recordsOf(users), wrap("list users", err)
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
	statement, args := `SELECT standing, CAST(sum(people) AS bigint) FROM tally`, []any{}
	if companyID != "" {
		statement, args = statement+` WHERE company = (SELECT n FROM company WHERE id = $1)`, []any{text(companyID)}
	}
	rows, err := db.people().read.QueryContext(ctx, statement+` GROUP BY standing`, args...)
	if err != nil {
		return directory.Tally{}, fmt.Errorf("count people by status: %w", err)
	}
	defer rows.Close()
	var t directory.Tally
	for rows.Next() {
		var standing, people int
		if err := rows.Scan(&standing, &people); err != nil {
			return directory.Tally{}, fmt.Errorf("count people by status: %w", err)
		}
		tallyOf(&t, standing, people)
	}
	return t, wrap("count people by status", rows.Err())
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
