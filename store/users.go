package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

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

// SaveUsers implements directory.StatusStore. Readings may come in late: an observation
// older than the last one is left out.
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
	var statuses, observations []any
	for _, u := range users {
		last := runs[u.ID]
		if next := last.observe(u.Status, micros(u.ReadAt)); next != last {
			statuses = append(statuses, companyID, u.ID, next.status, next.since, next.at)
			observations = append(observations, companyID, u.ID, next.since, next.at, next.active())
		}
	}
	err := db.insertMany(ctx, tx, 5, `INSERT INTO user_status (company_id, user_id, status, since, at)`, `
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

func (db *DB) lastRuns(ctx context.Context, q queryer, companyID string, users []directory.UserReading) (map[string]run, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	are, args := among(db, 2, ids)
	rows, err := q.QueryContext(ctx, `SELECT user_id, status, since, at FROM user_status WHERE company_id = $1 AND user_id`+are, append([]any{companyID}, args...)...)
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
