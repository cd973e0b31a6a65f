package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// changeRows is the migration that gives changes of before, which held their people in
// JSON, a row for each of them, and what they are found by.
func (db *DB) changeRows() *goose.Migration {
	return goose.NewGoMigration(8, &goose.GoFunc{RunTx: db.moveChanges}, nil)
}

// firstChange is what a change's JSON had besides before there were rows of people.
type firstChange struct {
	State     change.State `json:"state"`
	NextTry   int64        `json:"nextTry"`
	UpdatedAt int64        `json:"updatedAt"`
	SettledAt int64        `json:"settledAt"`
	People    []firstRow   `json:"people"`
}

type firstRow struct {
	NewUser struct {
		Email       string `json:"email"`
		FirstName   string `json:"firstName"`
		LastName    string `json:"lastName"`
		DisplayName string `json:"displayName"`
		Title       string `json:"title"`
		Department  string `json:"department"`
		Location    string `json:"location"`
		PhoneNumber string `json:"phoneNumber"`
	} `json:"new"`
	Outcome sapi.ItemOutcome `json:"outcome"`
	UserID  string           `json:"userId"`
	Problem *portal.Problem  `json:"problem"`
}

// moveChanges moves all changes, a few hundred at a time.
func (db *DB) moveChanges(ctx context.Context, tx *sql.Tx) error {
	held := map[string]bool{} // the subjects and people that an unsettled change has already
	for after, more := "", true; more; {
		bodies, err := changeBodies(ctx, tx, after)
		if err != nil {
			return fmt.Errorf("move changes: %w", err)
		}
		for _, b := range bodies {
			if err := db.moveChange(ctx, tx, b.text, held); err != nil {
				return fmt.Errorf("move change %s: %w", b.id, err)
			}
			after = b.id
		}
		more = len(bodies) > 0
	}
	return nil
}

type keptBody struct{ id, text string }

func changeBodies(ctx context.Context, tx *sql.Tx, after string) ([]keptBody, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, body FROM change WHERE id > $1 ORDER BY id LIMIT 500`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var bodies []keptBody
	for rows.Next() {
		var b keptBody
		if err := rows.Scan(&b.id, &b.text); err != nil {
			return nil, err
		}
		bodies = append(bodies, b)
	}
	return bodies, rows.Err()
}

func (db *DB) moveChange(ctx context.Context, tx *sql.Tx, text string, held map[string]bool) error {
	c, err := decodeChange(text)
	var first firstChange
	if err == nil {
		err = json.Unmarshal([]byte(text), &first)
	}
	if err != nil {
		return err
	}
	c.State, c.UpdatedAt, c.SettledAt = first.State, fromMicros(first.UpdatedAt), fromMicros(first.SettledAt)
	c.SentAt, c.Subject = c.CreatedAt, change.SubjectOf(c)
	for _, row := range first.People {
		c.People = append(c.People, change.Row{NewUser: sapi.NewUser(row.NewUser), Outcome: row.Outcome, UserID: row.UserID, Problem: row.Problem})
	}
	if !c.State.Settled() {
		c.Due = fromMicros(max(first.NextTry, 1)) // at once, unless it was planned for later
		if held[c.Subject] {
			c.Subject = "" // of two that were allowed then, one is what others have to wait for
		}
		held[c.Subject] = c.Subject != ""
	}
	body, err := encodeChange(c)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE change SET subject = $1, due_at = $2, sent_at = $3, settled_at = $4, body = $5 WHERE id = $6`,
		c.Subject, micros(c.Due), micros(c.SentAt), micros(c.SettledAt), body, c.ID)
	if err != nil {
		return err
	}
	items := itemsOf(c)
	args, err := itemArgs(c, items)
	if err != nil {
		return err
	}
	for i, it := range items {
		key := "person " + strings.ToLower(it.key)
		if held[key] {
			args[i*itemColumns+3] = 0
		}
		held[key] = held[key] || !c.State.Settled()
	}
	return db.insertMany(ctx, tx, itemColumns, insertItem, ``, args)
}
