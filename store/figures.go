package store

import (
	"context"
	"fmt"
	"time"

	"foyer/portal/directory"
	"foyer/sapi"
)

// Tallies implements directory.PeopleStore.
func (db *DB) Tallies(ctx context.Context) (map[string]directory.Tally, error) {
	rows, err := db.people().read.QueryContext(ctx, `SELECT c.id, t.standing, t.people FROM tally AS t JOIN company AS c ON c.n = t.company`)
	if err != nil {
		return nil, fmt.Errorf("count people by company: %w", err)
	}
	defer rows.Close()
	tallies := map[string]directory.Tally{}
	for rows.Next() {
		var id string
		var standing, people int
		if err := rows.Scan(&id, &standing, &people); err != nil {
			return nil, fmt.Errorf("count people by company: %w", err)
		}
		t := tallies[id]
		tallyOf(&t, standing, people)
		tallies[id] = t
	}
	return tallies, wrap("count people by company", rows.Err())
}

// dayLength is a day in the unit of times.
const dayLength = int64(24 * time.Hour / time.Microsecond)

// dayOf is the number of the day of a column, and that of a time for an earlier one.
func dayOf(column string, from time.Time) string {
	return fmt.Sprintf(`CASE WHEN %[1]s < %[2]d THEN %[3]d ELSE %[1]s / %[4]d END`, column, micros(from), micros(from)/dayLength, dayLength)
}

// StatusesByDay implements directory.StatusStore. A run of readings covers the ends of
// its days but for the last one, which the next run may begin on; and that day, too, where
// it is the last run.
func (db *DB) StatusesByDay(ctx context.Context, companyID string, from time.Time) ([]directory.DayCount, error) {
	ended := fmt.Sprintf(`SELECT active, %s AS first_day, last_at / %d AS last_day, 0 AS latest, count(*) FROM observation
		WHERE company_id = $1 AND last_at >= $2 GROUP BY active, first_day, last_day`, dayOf("first_at", from), dayLength)
	last := fmt.Sprintf(`SELECT CASE status WHEN 1 THEN 1 ELSE 0 END AS active, at / %[1]d AS first_day, at / %[1]d + 1 AS last_day, 1 AS latest, count(*) FROM user_status
		WHERE company_id = $1 AND at >= $2 GROUP BY status, at / %[1]d`, dayLength)
	rows, err := db.read.QueryContext(ctx, ended+` UNION ALL `+last, text(companyID), micros(from))
	if err != nil {
		return nil, fmt.Errorf("count statuses by day: %w", err)
	}
	defer rows.Close()
	var counts []directory.DayCount
	for rows.Next() {
		var active, first, last, latest int64
		c := directory.DayCount{Status: sapi.StatusDisabled}
		if err := rows.Scan(&active, &first, &last, &latest, &c.People); err != nil {
			return nil, fmt.Errorf("count statuses by day: %w", err)
		}
		if active != 0 {
			c.Status = sapi.StatusActive
		}
		c.From, c.To, c.Latest = fromMicros(first*dayLength), fromMicros(last*dayLength), latest != 0
		counts = append(counts, c)
	}
	return counts, wrap("count statuses by day", rows.Err())
}

// PeopleByDay implements directory.PeopleStore.
func (db *DB) PeopleByDay(ctx context.Context, companyID string, from time.Time) ([]directory.DayCount, error) {
	const company = `company = (SELECT n FROM company WHERE id = $1)`
	created := dayOf("created_at", from)
	listed := fmt.Sprintf(`SELECT %s AS first_day, 0 AS last_day, count(*) FROM person WHERE %s AND standing < %d GROUP BY first_day`, created, company, standingNotListed)
	gone := fmt.Sprintf(`SELECT %s AS first_day, not_listed_at / %d AS last_day, count(*) FROM person WHERE %s AND standing = %d AND not_listed_at >= $2 GROUP BY first_day, last_day`,
		created, dayLength, company, standingNotListed)
	rows, err := db.people().read.QueryContext(ctx, listed+` UNION ALL `+gone, text(companyID), micros(from))
	if err != nil {
		return nil, fmt.Errorf("count people by day: %w", err)
	}
	defer rows.Close()
	var counts []directory.DayCount
	for rows.Next() {
		var first, last int64
		var c directory.DayCount
		if err := rows.Scan(&first, &last, &c.People); err != nil {
			return nil, fmt.Errorf("count people by day: %w", err)
		}
		c.From, c.To = fromMicros(first*dayLength), fromMicros(last*dayLength)
		counts = append(counts, c)
	}
	return counts, wrap("count people by day", rows.Err())
}
