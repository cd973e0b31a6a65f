package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"

	"foyer/address"
)

// emailKey is migration 00006: people whom earlier versions read have their e-mail in
// another folding in company_user.email_normal, which no SQL of either database could
// make the one form of. It is the same for both.
func emailKey() *goose.Migration {
	const version = 6
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: keyEmails}, nil)
}

// keyedAtOnce is how many people are read at a time.
const keyedAtOnce = 1000

// keyEmails gives everybody whom Foyer has read the key of their e-mail.
func keyEmails(ctx context.Context, tx *sql.Tx) error {
	for after := (keyed{}); ; {
		people, err := readKeyed(ctx, tx, after)
		if err != nil {
			return err
		}
		for _, p := range people {
			key := address.Key(p.email)
			if key == p.key {
				continue
			}
			if _, err := tx.ExecContext(ctx, `UPDATE company_user SET email_normal = $1 WHERE company_id = $2 AND id = $3`, key, p.companyID, p.id); err != nil {
				return err
			}
		}
		if len(people) < keyedAtOnce {
			return nil
		}
		after = people[len(people)-1]
	}
}

// keyed is somebody's e-mail and its key, right or wrong.
type keyed struct{ companyID, id, email, key string }

func readKeyed(ctx context.Context, tx *sql.Tx, after keyed) ([]keyed, error) {
	rows, err := tx.QueryContext(ctx, `SELECT company_id, id, email, email_normal FROM company_user
		WHERE (company_id, id) > ($1, $2) ORDER BY company_id, id LIMIT $3`, after.companyID, after.id, keyedAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []keyed
	for rows.Next() {
		var p keyed
		if err := rows.Scan(&p.companyID, &p.id, &p.email, &p.key); err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}
