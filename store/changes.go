package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// BeginChange implements change.Store. It gives the change its first Version and
// its times.
func (db *DB) BeginChange(ctx context.Context, c change.Change, intent ledger.Event) (change.Change, error) {
	now := db.now().UTC().Truncate(time.Microsecond)
	c.Version = 1
	c.CreatedAt, c.UpdatedAt = now, now
	if intent.Change == "" {
		intent.Change = c.ID
	}

	var earlier change.Change
	err := db.recording(ctx, "begin change", func(tx *sql.Tx) error {
		body, err := encodeChange(c)
		if err != nil {
			return err
		}
		// Waits for another transaction with the same token, on both databases.
		result, err := tx.ExecContext(ctx, `INSERT INTO change
			(id, version, kind, state, token, company_id, user_id, settled, created_at, updated_at, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (token) WHERE token <> '' DO NOTHING`,
			c.ID, c.Version, c.Kind, c.State, text(c.Token), text(c.Company.ID), text(c.User.ID), settled(c), micros(c.CreatedAt), micros(c.UpdatedAt), body)
		if err != nil {
			return err
		}
		stored, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if stored == 0 {
			earlier, err = scanChange(tx.QueryRowContext(ctx, selectChange+whereToken, text(c.Token)))
			return errors.Join(err, portal.ErrTokenUsed)
		}
		return db.append(ctx, tx, []ledger.Event{intent})
	})
	if err != nil {
		return earlier, err
	}
	return c, nil
}

// UpdateChange implements change.Store. It counts Version up and gives the
// change its times.
func (db *DB) UpdateChange(ctx context.Context, c change.Change, outcomes ...ledger.Event) (change.Change, error) {
	expected := c.Version
	c.Version++
	c.UpdatedAt = db.now().UTC().Truncate(time.Microsecond)
	if c.State.Settled() && c.SettledAt.IsZero() {
		c.SettledAt = c.UpdatedAt
	}
	for i := range outcomes {
		if outcomes[i].Change == "" {
			outcomes[i].Change = c.ID
		}
	}

	err := db.recording(ctx, "update change", func(tx *sql.Tx) error {
		body, err := encodeChange(c)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE change
			SET version = $1, state = $2, company_id = $3, user_id = $4, settled = $5, updated_at = $6, body = $7
			WHERE id = $8 AND version = $9`,
			c.Version, c.State, text(c.Company.ID), text(c.User.ID), settled(c), micros(c.UpdatedAt), body, c.ID, expected)
		if err != nil {
			return err
		}
		stored, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if stored == 0 {
			if _, err := scanChange(tx.QueryRowContext(ctx, selectChange+` WHERE id = $1`, c.ID)); err != nil {
				return err
			}
			return change.ErrStale
		}
		return db.append(ctx, tx, outcomes)
	})
	if err != nil {
		return change.Change{}, err
	}
	return c, nil
}

// Change implements change.Store.
func (db *DB) Change(ctx context.Context, id string) (change.Change, error) {
	c, err := scanChange(db.read.QueryRowContext(ctx, selectChange+` WHERE id = $1`, text(id)))
	return c, wrap("read change", err)
}

// ChangeByToken implements change.Store.
func (db *DB) ChangeByToken(ctx context.Context, token string) (change.Change, error) {
	c, err := scanChange(db.read.QueryRowContext(ctx, selectChange+whereToken, text(token)))
	return c, wrap("read change", err)
}

// UnsettledChanges implements change.Store.
func (db *DB) UnsettledChanges(ctx context.Context, touchedBefore time.Time) ([]change.Change, error) {
	rows, err := db.read.QueryContext(ctx, selectChange+` WHERE settled = 0 AND updated_at < $1 ORDER BY updated_at, id`,
		ceilMicros(touchedBefore))
	if err != nil {
		return nil, fmt.Errorf("list unsettled changes: %w", err)
	}
	defer rows.Close()
	var changes []change.Change
	for rows.Next() {
		c, err := scanChange(rows)
		if err != nil {
			return nil, fmt.Errorf("list unsettled changes: %w", err)
		}
		changes = append(changes, c)
	}
	return changes, wrap("list unsettled changes", rows.Err())
}

const (
	selectChange = `SELECT version, body FROM change`
	// The second half tells SQLite that it may use the partial index.
	whereToken = ` WHERE token = $1 AND token <> ''` //nolint:gosec // the name of a column
)

// scanner is a row of either kind.
type scanner interface{ Scan(...any) error }

func scanChange(row scanner) (change.Change, error) {
	var version int64
	var body string
	err := row.Scan(&version, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return change.Change{}, portal.ErrNotStored
	}
	if err != nil {
		return change.Change{}, err
	}
	c, err := decodeChange(body)
	c.Version = version
	return c, err
}

func settled(c change.Change) int {
	if c.State.Settled() {
		return 1
	}
	return 0
}

// changeBody is how a change is kept. It has types of its own for what belongs
// to the client of Symphony, so that nothing that changes there changes what
// old rows mean.
type changeBody struct {
	ID         string          `json:"id"`
	Kind       change.Kind     `json:"kind"`
	State      change.State    `json:"state"`
	Token      string          `json:"token,omitempty"`
	Actor      auth.Actor      `json:"actor"`
	Company    ledger.Company  `json:"company"`
	User       ledger.User     `json:"user"`
	NewCompany newCompany      `json:"newCompany"`
	Domains    []string        `json:"domains,omitempty"`
	People     []personRow     `json:"people,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Ticket     string          `json:"ticket,omitempty"`
	Reconciled bool            `json:"reconciled,omitempty"`
	Note       string          `json:"note,omitempty"`
	Problem    *portal.Problem `json:"problem,omitempty"`
	Tries      int             `json:"tries,omitempty"`
	NextTry    int64           `json:"nextTry,omitempty"`
	CreatedAt  int64           `json:"createdAt"`
	UpdatedAt  int64           `json:"updatedAt"`
	UnknownAt  int64           `json:"unknownAt,omitempty"`
	SettledAt  int64           `json:"settledAt,omitempty"`
	Erased     bool            `json:"erased,omitempty"`
}

type newCompany struct {
	Name         string   `json:"name,omitempty"`
	VanityName   string   `json:"vanityName,omitempty"`
	EmailDomains []string `json:"emailDomains,omitempty"`
}

type newUser struct {
	Email       string `json:"email"`
	FirstName   string `json:"firstName,omitempty"`
	LastName    string `json:"lastName,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	Title       string `json:"title,omitempty"`
	Department  string `json:"department,omitempty"`
	Location    string `json:"location,omitempty"`
	PhoneNumber string `json:"phoneNumber,omitempty"`
}

type personRow struct {
	NewUser newUser          `json:"new"`
	Outcome sapi.ItemOutcome `json:"outcome,omitempty"`
	UserID  string           `json:"userId,omitempty"`
	Problem *portal.Problem  `json:"problem,omitempty"`
}

func encodeChange(c change.Change) (string, error) {
	b := changeBody{
		ID: c.ID, Kind: c.Kind, State: c.State, Token: c.Token,
		Actor: c.Actor, Company: c.Company, User: c.User,
		NewCompany: newCompany(c.NewCompany), Domains: c.Domains,
		Reason: c.Reason, Ticket: c.Ticket,
		Reconciled: c.Reconciled, Note: c.Note, Problem: c.Problem, Tries: c.Tries,
		NextTry: micros(c.NextTry), CreatedAt: micros(c.CreatedAt), UpdatedAt: micros(c.UpdatedAt),
		UnknownAt: micros(c.UnknownAt), SettledAt: micros(c.SettledAt), Erased: c.Erased,
	}
	for _, p := range c.People {
		b.People = append(b.People, personRow{NewUser: newUser(p.NewUser), Outcome: p.Outcome, UserID: p.UserID, Problem: p.Problem})
	}
	text, err := json.Marshal(b)
	return string(text), err
}

func decodeChange(body string) (change.Change, error) {
	var b changeBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return change.Change{}, fmt.Errorf("decode change: %w", err)
	}
	c := change.Change{
		ID: b.ID, Kind: b.Kind, State: b.State, Token: b.Token,
		Actor: b.Actor, Company: b.Company, User: b.User,
		NewCompany: sapi.NewCompany(b.NewCompany), Domains: b.Domains,
		Reason: b.Reason, Ticket: b.Ticket,
		Reconciled: b.Reconciled, Note: b.Note, Problem: b.Problem, Tries: b.Tries,
		NextTry: fromMicros(b.NextTry), CreatedAt: fromMicros(b.CreatedAt), UpdatedAt: fromMicros(b.UpdatedAt),
		UnknownAt: fromMicros(b.UnknownAt), SettledAt: fromMicros(b.SettledAt), Erased: b.Erased,
	}
	for _, p := range b.People {
		c.People = append(c.People, change.Row{NewUser: sapi.NewUser(p.NewUser), Outcome: p.Outcome, UserID: p.UserID, Problem: p.Problem})
	}
	return c, nil
}
