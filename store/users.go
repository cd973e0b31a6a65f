package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"foyer/address"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// usersAtOnce is how many people one statement stores: far below what both
// databases allow in arguments.
const usersAtOnce = 500

// StatusReadings implements directory.StatusStore.
func (db *DB) StatusReadings(ctx context.Context, tx portal.Tx, companyID string, users []directory.UserReading) ([]directory.StatusReading, error) {
	companyID, users = text(companyID), inOrder(users)
	if err := db.lockUsers(ctx, sqlTx(tx), companyID); err != nil {
		return nil, wrap("read what was known of users", err)
	}
	var readings []directory.StatusReading
	for chunk := range slices.Chunk(users, usersAtOnce) {
		runs, err := db.lastRuns(ctx, sqlTx(tx), companyID, chunk)
		if err != nil {
			return nil, wrap("read what was known of users", err)
		}
		found, err := db.statusReadings(ctx, sqlTx(tx), companyID, chunk, runs)
		if err != nil {
			return nil, wrap("read what was known of users", err)
		}
		readings = append(readings, found...)
	}
	return readings, nil
}

// SaveUsers implements directory.StatusStore. Readings may come in late: of a person the
// latest is kept, and an observation older than the last one is left out.
func (db *DB) SaveUsers(ctx context.Context, tx portal.Tx, companyID string, users []directory.UserReading) error {
	companyID, users = text(companyID), inOrder(users)
	if err := db.lockUsers(ctx, sqlTx(tx), companyID); err != nil {
		return wrap("save users", err)
	}
	for chunk := range slices.Chunk(users, usersAtOnce) {
		runs, err := db.lastRuns(ctx, sqlTx(tx), companyID, chunk)
		if err != nil {
			return wrap("save users", err)
		}
		if err := db.saveUsers(ctx, sqlTx(tx), companyID, chunk, runs); err != nil {
			return wrap("save users", err)
		}
	}
	return nil
}

// inOrder gives readings in one order, so that two transactions can't wait for each
// other; and each person once, since one statement can't store a row twice.
func inOrder(users []directory.UserReading) []directory.UserReading {
	users = slices.Clone(users)
	for i := range users {
		users[i].ID = text(users[i].ID)
	}
	slices.SortStableFunc(users, func(a, b directory.UserReading) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(users, func(a, b directory.UserReading) bool { return a.ID == b.ID })
}

// lockUsers keeps others from saving people of the company until the transaction
// ends. Rows that aren't there yet can't be locked, and two replicas may read the
// same company at once.
func (db *DB) lockUsers(ctx context.Context, tx *sql.Tx, companyID string) error {
	if db.dialect != PostgreSQL {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "users of "+companyID)
	return err
}

// statusReadings sets what is read beside what was known of those who were
// observed before.
func (db *DB) statusReadings(ctx context.Context, tx *sql.Tx, companyID string, users []directory.UserReading, runs map[string]run) ([]directory.StatusReading, error) {
	var readings []directory.StatusReading
	var ids []string
	for _, u := range users {
		last, observed := runs[u.ID]
		if !observed || u.Status == sapi.StatusUnknown || micros(u.ReadAt) < last.at {
			continue
		}
		readings = append(readings, directory.StatusReading{UserReading: u, Last: last.observation()})
		ids = append(ids, u.ID)
	}
	events, err := db.statusEvents(ctx, tx, companyID, ids)
	for i := range readings {
		readings[i].Events = events[readings[i].ID]
	}
	return readings, err
}

func (db *DB) saveUsers(ctx context.Context, tx *sql.Tx, companyID string, users []directory.UserReading, runs map[string]run) error {
	var rows, statuses, observations []any
	for _, u := range users {
		rows = append(rows, companyID, u.ID, u.SymphonyUserID, text(u.Email), address.Key(u.Email),
			text(u.FirstName), text(u.LastName), text(u.DisplayName), text(u.PhoneNumber), text(u.Department), text(u.Title),
			text(u.Location), micros(u.CreatedAt), micros(u.UpdatedAt), micros(u.ReadAt))
		last := runs[u.ID]
		if next := last.observe(u.Status, micros(u.ReadAt)); next != last {
			statuses = append(statuses, companyID, u.ID, next.status, next.since, next.at)
			observations = append(observations, companyID, u.ID, next.since, next.at, next.active())
		}
	}

	err := db.insertMany(ctx, tx, 15, `INSERT INTO company_user (company_id, id, symphony_user_id, email, email_normal,
			first_name, last_name, display_name, phone_number, department, title, location, created_at, updated_at, read_at)`, `
		ON CONFLICT (company_id, id) DO UPDATE SET
			symphony_user_id = excluded.symphony_user_id, email = excluded.email, email_normal = excluded.email_normal,
			first_name = excluded.first_name, last_name = excluded.last_name, display_name = excluded.display_name,
			phone_number = excluded.phone_number, department = excluded.department, title = excluded.title,
			location = excluded.location, created_at = excluded.created_at, updated_at = excluded.updated_at,
			read_at = excluded.read_at
		WHERE company_user.read_at <= excluded.read_at`, rows)
	if err != nil {
		return err
	}
	err = db.insertMany(ctx, tx, 5, `INSERT INTO user_status (company_id, user_id, status, since, at)`, `
		ON CONFLICT (company_id, user_id) DO UPDATE SET status = excluded.status, since = excluded.since, at = excluded.at`, statuses)
	if err != nil {
		return err
	}
	return db.insertMany(ctx, tx, 5, `INSERT INTO observation (company_id, user_id, first_at, last_at, active)`, `
		ON CONFLICT (company_id, user_id, first_at) DO UPDATE SET last_at = excluded.last_at, active = excluded.active`, observations)
}

// run is the last unbroken row of readings that told the same status.
type run struct {
	status    sapi.Status
	since, at int64
}

// observe gives the run that follows from a reading.
func (r run) observe(status sapi.Status, at int64) run {
	switch {
	case status == sapi.StatusUnknown || at < r.at:
		return r
	case status == r.status:
		return run{status: status, since: r.since, at: at}
	default:
		return run{status: status, since: at, at: at}
	}
}

func (r run) observation() directory.Observation {
	return directory.Observation{Status: r.status, First: fromMicros(r.since), Last: fromMicros(r.at)}
}

func (r run) active() int {
	if r.status == sapi.StatusActive {
		return 1
	}
	return 0
}

func (db *DB) lastRuns(ctx context.Context, tx *sql.Tx, companyID string, users []directory.UserReading) (map[string]run, error) {
	args := []any{companyID}
	for _, u := range users {
		args = append(args, u.ID)
	}
	const statement = `SELECT user_id, status, since, at FROM user_status WHERE company_id = $1 AND user_id IN `
	rows, err := tx.QueryContext(ctx, statement+db.placeholders(2, len(users)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	runs := make(map[string]run, len(users))
	for rows.Next() {
		var id string
		var r run
		if err := rows.Scan(&id, &r.status, &r.since, &r.at); err != nil {
			return nil, err
		}
		runs[id] = r
	}
	return runs, rows.Err()
}

const selectUser = `SELECT u.company_id, u.id, u.symphony_user_id, u.email, u.first_name, u.last_name, u.display_name,
	u.phone_number, u.department, u.title, u.location, u.created_at, u.updated_at, u.read_at,
	coalesce(s.status, 0), coalesce(s.at, 0)
	FROM company_user AS u LEFT JOIN user_status AS s ON s.company_id = u.company_id AND s.user_id = u.id`

// Users implements directory.Store.
func (db *DB) Users(ctx context.Context, companyID string, ids []string) (map[string]directory.UserRecord, error) {
	users := make(map[string]directory.UserRecord, len(ids))
	for chunk := range slices.Chunk(ids, usersAtOnce) {
		args := []any{text(companyID)}
		for _, id := range chunk {
			args = append(args, text(id))
		}
		found, err := db.users(ctx, ` WHERE u.company_id = $1 AND u.id IN `+db.placeholders(2, len(chunk)), args...)
		if err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
		for _, u := range found {
			users[u.ID] = u
		}
	}
	return users, nil
}

// FindUsers implements directory.Store. They come in the order of their companies.
func (db *DB) FindUsers(ctx context.Context, by directory.UserKey) ([]directory.UserRecord, error) {
	const order = ` ORDER BY u.company_id, u.id`
	var users []directory.UserRecord
	var err error
	// The second half of two of them tells SQLite that it may use the partial
	// index.
	switch {
	case by.Email != "":
		users, err = db.users(ctx, ` WHERE u.email_normal = $1 AND u.email_normal <> ''`+order, text(by.Email))
	case by.ID != "":
		users, err = db.users(ctx, ` WHERE u.id = $1`+order, text(by.ID))
	case by.SymphonyUserID != 0:
		users, err = db.users(ctx, ` WHERE u.symphony_user_id = $1 AND u.symphony_user_id <> 0`+order, by.SymphonyUserID)
	default:
		err = errors.New("nothing to find them by")
	}
	return users, wrap("find users", err)
}

func (db *DB) users(ctx context.Context, where string, args ...any) ([]directory.UserRecord, error) {
	rows, err := db.read.QueryContext(ctx, selectUser+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var users []directory.UserRecord
	for rows.Next() {
		var u directory.UserRecord
		var createdAt, updatedAt, readAt, statusAt int64
		err := rows.Scan(&u.CompanyID, &u.ID, &u.SymphonyUserID, &u.Email, &u.FirstName, &u.LastName, &u.DisplayName, &u.PhoneNumber,
			&u.Department, &u.Title, &u.Location, &createdAt, &updatedAt, &readAt, &u.Status, &statusAt)
		if err != nil {
			return nil, err
		}
		u.CreatedAt, u.UpdatedAt = fromMicros(createdAt), fromMicros(updatedAt)
		u.ReadAt, u.StatusAt = fromMicros(readAt), fromMicros(statusAt)
		users = append(users, u)
	}
	return users, rows.Err()
}
