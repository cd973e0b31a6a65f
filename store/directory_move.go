package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"slices"

	"foyer/portal/directory"
)

// prepareDirectory opens the directory of people. A database that is only read for its
// ledger is no worse without it.
func (db *DB) prepareDirectory(ctx context.Context, address string) error {
	err := db.openDirectory(ctx, address)
	if db.readOnly && (errors.Is(err, errOlderSchema) || errors.Is(err, fs.ErrNotExist) || isDamage(err)) {
		err = db.people().Close()
		db.directory.Store(nil)
	}
	if err != nil || db.readOnly {
		return err
	}
	return wrap("move people to their directory", db.moveUsers(ctx))
}

// movedAtOnce is how many people move in one transaction.
const movedAtOnce = 5000

// moveUsers moves the people whom an earlier version kept in the ledger's database to the
// directory. Who was moved and is still there after a crash is moved again, which
// changes nothing.
func (db *DB) moveUsers(ctx context.Context) error {
	moved := 0
	for {
		people, err := db.usersToMove(ctx)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			break
		}
		last := people[len(people)-1]
		for len(people) > 0 {
			company := people[0].CompanyID
			others := slices.IndexFunc(people, func(u directory.UserRecord) bool { return u.CompanyID != company })
			if others < 0 {
				others = len(people)
			}
			if err := db.SavePeople(ctx, company, people[:others]); err != nil {
				return err
			}
			moved, people = moved+others, people[others:]
		}
		err = db.transact(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM company_user WHERE (company_id, id) <= ($1, $2)`, last.CompanyID, last.ID)
			return err
		})
		if err != nil {
			return err
		}
	}
	if moved > 0 {
		db.logger.InfoContext(ctx, "people moved to their directory", "people", moved)
	}
	return nil
}

func (db *DB) usersToMove(ctx context.Context) ([]directory.UserRecord, error) {
	rows, err := db.write.QueryContext(ctx, `SELECT company_id, id, symphony_user_id, email, first_name, last_name, display_name,
		phone_number, department, title, location, created_at, updated_at, read_at
		FROM company_user ORDER BY company_id, id LIMIT $1`, movedAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []directory.UserRecord
	for rows.Next() {
		u := directory.UserRecord{Source: directory.FromList}
		var createdAt, updatedAt, readAt int64
		err := rows.Scan(&u.CompanyID, &u.ID, &u.SymphonyUserID, &u.Email, &u.FirstName, &u.LastName, &u.DisplayName, &u.PhoneNumber,
			&u.Department, &u.Title, &u.Location, &createdAt, &updatedAt, &readAt)
		if err != nil {
			return nil, err
		}
		u.CreatedAt, u.UpdatedAt, u.ReadAt = fromMicros(createdAt), fromMicros(updatedAt), fromMicros(readAt)
		people = append(people, u)
	}
	return people, rows.Err()
}
