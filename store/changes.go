package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"foyer/address"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// InsertChange implements change.Store.
func (db *DB) InsertChange(ctx context.Context, tx portal.Tx, c change.Change) (change.Change, error) {
	c.Version = 1
	body, err := encodeChange(c)
	if err != nil {
		return change.Change{}, wrap("insert change", err)
	}
	// Of two transactions with the same token or subject the second waits for the end
	// of the first, on both databases.
	insert := `INSERT INTO change
		(id, version, kind, state, token, subject, company_id, user_id, settled, due_at, sent_at, settled_at, created_at, updated_at, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING`
	args := []any{
		c.ID, c.Version, c.Kind, c.State, text(c.Token), text(c.Subject), text(c.Company.ID), text(c.User.ID), settled(c),
		micros(c.Due), micros(c.SentAt), micros(c.SettledAt), micros(c.CreatedAt), micros(c.UpdatedAt), body,
	}
	earlier, err := unlessInTheWay(func() (change.Change, error) {
		result, err := sqlTx(tx).ExecContext(ctx, insert, args...)
		if err != nil {
			return change.Change{}, err
		}
		if stored, err := result.RowsAffected(); err != nil || stored > 0 {
			return change.Change{}, err
		}
		return db.inTheWay(ctx, sqlTx(tx), c)
	})
	if err != nil {
		return earlier, wrap("insert change", err)
	}
	if err := db.insertItems(ctx, sqlTx(tx), c); err != nil {
		return change.Change{}, wrap("insert change", err)
	}
	// Last, when what it is about is held: whoever ends from now on is waited for above.
	if err := db.afterSeen(ctx, sqlTx(tx), c); err != nil {
		return change.Change{}, wrap("insert change", err)
	}
	return c, nil
}

// unlessInTheWay inserts, and again where what was in the way had gone before it was
// looked at.
func unlessInTheWay(insert func() (change.Change, error)) (earlier change.Change, err error) {
	for range 10 {
		if earlier, err = insert(); !errors.Is(err, portal.ErrNotStored) {
			break
		}
	}
	return earlier, err
}

// inTheWay returns the change because of which another one could not be stored.
func (db *DB) inTheWay(ctx context.Context, tx *sql.Tx, c change.Change) (change.Change, error) {
	earlier, err := readChange(ctx, tx, whereToken, text(c.Token))
	if err == nil {
		return earlier, portal.ErrTokenUsed
	} else if !errors.Is(err, portal.ErrNotStored) {
		return change.Change{}, err
	}
	other, err := readChange(ctx, tx, whereSubject, text(c.Subject))
	if err != nil {
		return change.Change{}, err
	}
	return change.Change{}, &change.Busy{Change: other, Row: -1}
}

// afterSeen refuses a change that was decided by what was read before another change
// of the subject, or of one of its people, ended.
func (db *DB) afterSeen(ctx context.Context, tx *sql.Tx, c change.Change) error {
	var err error
	switch {
	case c.Seen.At.IsZero():
		return nil
	case c.Subject != "":
		var other change.Change
		if other, err = readChange(ctx, tx, whereAfter, text(c.Subject), micros(c.Seen.At), c.ID); err == nil {
			return &change.Busy{Change: other, Row: -1}
		}
	case len(c.People) > 0:
		statement, args := db.selectAfter(c, itemsOf(c))
		err = busyWith(ctx, tx, c, statement, args)
	}
	if errors.Is(err, portal.ErrNotStored) {
		return nil
	}
	return err
}

func (db *DB) selectAfter(c change.Change, items []item) (statement string, args []any) {
	are, keys := among(db, 3, keysOf(items))
	return `SELECT i.change_id, i.email_key FROM change_item i JOIN change c ON c.id = i.change_id
		WHERE i.change_id <> $1 AND i.sent = 1 AND c.settled_at > $2 AND c.sent_at <> 0 AND i.email_key` + are + `
		ORDER BY c.settled_at DESC LIMIT 1`, append([]any{c.ID, micros(c.Seen.At)}, keys...)
}

// insertItems stores the people of a new change. They are inserted in the order of
// their addresses, so that two changes with the same people don't wait for each other.
func (db *DB) insertItems(ctx context.Context, tx *sql.Tx, c change.Change) error {
	items := itemsOf(c)
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.key, b.key) })
	args, err := itemArgs(c, items)
	if err != nil || len(args) == 0 {
		return err
	}
	missing := int64(len(items))
	_, err = unlessInTheWay(func() (change.Change, error) {
		stored, err := db.insertCounted(ctx, tx, itemColumns, insertItem, ` ON CONFLICT DO NOTHING`, args)
		if missing -= stored; err != nil || missing == 0 {
			return change.Change{}, err
		}
		statement, args := db.selectHeld(c, items)
		return change.Change{}, busyWith(ctx, tx, c, statement, args) // not stored: it has just let go of them
	})
	return err
}

// busyWith returns the change that a statement finds by one of the people of another.
func busyWith(ctx context.Context, tx *sql.Tx, c change.Change, statement string, args []any) error {
	var id, key string
	err := tx.QueryRowContext(ctx, statement, args...).Scan(&id, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return portal.ErrNotStored
	}
	if err != nil {
		return err
	}
	other, err := readChange(ctx, tx, whereID, id)
	if err != nil {
		return err
	}
	return &change.Busy{Change: other, Row: slices.IndexFunc(c.People, func(r change.Row) bool { return address.Key(r.Email) == key })}
}

func (db *DB) selectHeld(c change.Change, items []item) (statement string, args []any) {
	are, keys := among(db, 2, keysOf(items))
	return `SELECT change_id, email_key FROM change_item
		WHERE held = 1 AND change_id <> $1 AND email_key` + are + ` LIMIT 1`, append([]any{c.ID}, keys...)
}

// UpdateChange implements change.Store.
func (db *DB) UpdateChange(ctx context.Context, tx portal.Tx, c change.Change) (change.Change, error) {
	expected := c.Version
	c.Version++
	if c.State.Settled() && c.Subject == "" {
		c.Subject = change.SubjectOf(c) // the second one's of two that had one subject before
	}
	body, err := encodeChange(c)
	if err != nil {
		return change.Change{}, wrap("update change", err)
	}
	result, err := sqlTx(tx).ExecContext(ctx, `UPDATE change
		SET version = $1, state = $2, company_id = $3, user_id = $4, settled = $5, due_at = $6, sent_at = $7, settled_at = $8, updated_at = $9, body = $10, subject = $11
		WHERE id = $12 AND version = $13`,
		c.Version, c.State, text(c.Company.ID), text(c.User.ID), settled(c), micros(c.Due), micros(c.SentAt), micros(c.SettledAt), micros(c.UpdatedAt), body, text(c.Subject),
		c.ID, expected)
	if err != nil {
		return change.Change{}, wrap("update change", err)
	}
	if stored, err := result.RowsAffected(); err != nil {
		return change.Change{}, wrap("update change", err)
	} else if stored == 0 {
		_, err := readChange(ctx, sqlTx(tx), whereID, c.ID)
		return change.Change{}, wrap("update change", errors.Join(err, change.ErrStale))
	}
	if c.State == change.Queued || c.State == change.Sent {
		return c, nil // of its people nothing is known yet that was not stored with it
	}
	return c, wrap("update change", db.updateItems(ctx, sqlTx(tx), c))
}

// updateItems stores what became of the people of a change, and those whom it wasn't about.
// Who isn't held stays so: of two changes of before, which were about the same person at
// once, one holds them.
func (db *DB) updateItems(ctx context.Context, tx *sql.Tx, c change.Change) error {
	items := itemsOf(c)
	if len(items) == 0 {
		return nil
	}
	var values []any
	for _, it := range items {
		problem, err := it.problem()
		if err != nil {
			return err
		}
		values = append(values, it.n, string(it.Outcome), text(it.UserID), problem)
	}
	v, given, err := db.given(3, values, "n", "outcome", "user_id", "problem")
	if err != nil {
		return err
	}
	update := `UPDATE change_item SET held = held * $2, outcome = v.outcome, user_id = v.user_id, problem = v.problem FROM ` + v + ` WHERE change_item.change_id = $1 AND change_item.n = v.n` //nolint:gosec // the table is of places
	result, err := tx.ExecContext(ctx, update, append([]any{c.ID, 1 - settled(c)}, given...)...)
	if err != nil {
		return err
	}
	if stored, err := result.RowsAffected(); err != nil || stored == int64(len(items)) {
		return err
	}
	args, err := itemArgs(c, items)
	if err != nil {
		return err
	}
	return db.insertMany(ctx, tx, itemColumns, insertItem, ` ON CONFLICT (change_id, n) DO NOTHING`, args)
}

// CreditedUsers implements change.Store.
func (db *DB) CreditedUsers(ctx context.Context, tx portal.Tx, c change.Change) (map[string]bool, error) {
	// The change before its people, as updates lock them: else an answer that comes in
	// meanwhile and this would wait for each other.
	if _, err := sqlTx(tx).ExecContext(ctx, `SELECT 1 FROM change WHERE id = $1`+db.forUpdate(), c.ID); err != nil {
		return nil, wrap("read who created people", err)
	}
	// All in one order, this change's own among them: whoever comes second waits, and
	// sees what the first one stored.
	statement, keys := db.selectCredits(itemsOf(c))
	rows, err := sqlTx(tx).QueryContext(ctx, statement, keys...)
	if err != nil {
		return nil, wrap("read who created people", err)
	}
	defer rows.Close()
	credited := map[string]bool{}
	for rows.Next() {
		var id, user string
		var outcome sapi.ItemOutcome
		var held int
		if err := rows.Scan(&id, &user, &outcome, &held); err != nil {
			return nil, wrap("read who created people", err)
		}
		switch {
		case id == c.ID:
		case held == 1 && c.State.Settled(): // what is looked at once more waits for who is looked at first
			return nil, wrap("read who created people", &change.Busy{Change: change.Change{ID: id}, Row: -1})
		case outcome == sapi.ItemCreated:
			credited[user] = true
		}
	}
	return credited, wrap("read who created people", rows.Err())
}

func (db *DB) selectCredits(items []item) (statement string, keys []any) {
	are, keys := among(db, 1, keysOf(items))
	return `SELECT change_id, user_id, outcome, held FROM change_item
		WHERE email_key` + are + ` ORDER BY change_id, n` + db.forUpdate(), keys
}

// CreditedCompany implements change.Store.
func (db *DB) CreditedCompany(ctx context.Context, tx portal.Tx, c change.Change) (bool, error) {
	// Locked, and read only then: whoever waited sees also who got the subject meanwhile,
	// as the second of two of before does when it is settled.
	subject := text(change.SubjectOf(c))
	if _, err := sqlTx(tx).ExecContext(ctx, selectBuilders+db.forUpdate(), subject); err != nil {
		return false, wrap("read who created a company", err)
	}
	rows, err := sqlTx(tx).QueryContext(ctx, selectBuilders, subject)
	if err != nil {
		return false, wrap("read who created a company", err)
	}
	defer rows.Close()
	credited := false
	for rows.Next() {
		var id, company string
		var state change.State
		if err := rows.Scan(&id, &state, &company); err != nil {
			return false, wrap("read who created a company", err)
		}
		if id != c.ID && !state.Settled() && c.State.Settled() { // as in CreditedUsers
			return false, wrap("read who created a company", &change.Busy{Change: change.Change{ID: id, State: state}, Row: -1})
		}
		credited = credited || id != c.ID && state == change.Done && company == c.Company.ID
	}
	return credited, wrap("read who created a company", rows.Err())
}

// Change implements change.Store.
func (db *DB) Change(ctx context.Context, id string) (change.Change, error) {
	c, err := readChange(ctx, db.read, whereID, text(id))
	return c, wrap("read change", err)
}

// ChangeByToken implements change.Store.
func (db *DB) ChangeByToken(ctx context.Context, token string) (change.Change, error) {
	c, err := readChange(ctx, db.read, whereToken, text(token))
	return c, wrap("read change", err)
}

// UnsettledOf implements change.Store.
func (db *DB) UnsettledOf(ctx context.Context, subject string) (change.Change, error) {
	c, err := readChange(ctx, db.read, whereSubject, text(subject))
	return c, wrap("read change", err)
}

// DueChanges implements change.Store.
func (db *DB) DueChanges(ctx context.Context, before time.Time, limit int) ([]change.DueChange, error) {
	rows, err := db.read.QueryContext(ctx, selectDue, micros(before), limit)
	if err != nil {
		return nil, wrap("list due changes", err)
	}
	defer rows.Close()
	var due []change.DueChange
	for rows.Next() {
		var d change.DueChange
		var sent int64
		if err := rows.Scan(&d.ID, &d.Version, &d.State, &sent); err != nil {
			return nil, wrap("list due changes", err)
		}
		d.SentAt = fromMicros(sent)
		due = append(due, d)
	}
	return due, wrap("list due changes", rows.Err())
}

// UnsettledChanges implements change.Store.
func (db *DB) UnsettledChanges(ctx context.Context, limit int) (changes []change.Change, total int, err error) {
	if err := db.read.QueryRowContext(ctx, countUnsettled).Scan(&total); err != nil || total == 0 || limit == 0 {
		return nil, total, wrap("count unsettled changes", err)
	}
	rows, err := db.read.QueryContext(ctx, selectUnsettled, limit)
	if err != nil {
		return nil, 0, wrap("list unsettled changes", err)
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanChange(rows)
		if err != nil {
			return nil, 0, wrap("list unsettled changes", err)
		}
		changes = append(changes, c)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, wrap("list unsettled changes", err)
	}
	return changes, total, wrap("list unsettled changes", db.addItems(ctx, db.read, changes))
}

const (
	selectChange = `SELECT version, state, due_at, sent_at, settled_at, updated_at, body FROM change`
	whereID      = ` WHERE id = $1`
	// The second halves tell SQLite that it may use the partial indexes.
	whereToken   = ` WHERE token = $1 AND token <> ''` //nolint:gosec // the name of a column
	whereSubject = ` WHERE subject = $1 AND settled = 0 AND subject <> ''`
	whereAfter   = ` WHERE subject = $1 AND settled_at > $2 AND id <> $3 AND sent_at <> 0 AND subject <> '' ORDER BY settled_at DESC LIMIT 1`

	selectDue = `SELECT id, version, state, sent_at FROM change
		WHERE due_at <> 0 AND due_at < $1 ORDER BY due_at, id LIMIT $2`
	selectBuilders  = `SELECT id, state, company_id FROM change WHERE subject = $1 AND subject <> '' ORDER BY id`
	countUnsettled  = `SELECT count(*) FROM change WHERE settled = 0`
	selectUnsettled = selectChange + ` WHERE settled = 0 ORDER BY updated_at DESC, id LIMIT $1`
)

// scanner is a row of either kind.
type scanner interface{ Scan(...any) error }

// readChange reads the change of a condition with its people.
func readChange(ctx context.Context, q queryer, where string, args ...any) (change.Change, error) {
	c, err := scanChange(q.QueryRowContext(ctx, selectChange+where, args...))
	if err != nil {
		return change.Change{}, err
	}
	c.People, c.Others, err = readItems(ctx, q, c.ID)
	return c, err
}

// scanChange reads a change without its people.
func scanChange(row scanner) (change.Change, error) {
	var version, due, sent, ended, updated int64
	var state change.State
	var body string
	err := row.Scan(&version, &state, &due, &sent, &ended, &updated, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return change.Change{}, portal.ErrNotStored
	} else if err != nil {
		return change.Change{}, err
	}
	c, err := decodeChange(body)
	c.Version, c.State = version, state
	c.Due, c.SentAt, c.SettledAt, c.UpdatedAt = fromMicros(due), fromMicros(sent), fromMicros(ended), fromMicros(updated)
	return c, err
}

func settled(c change.Change) int {
	if c.State.Settled() {
		return 1
	}
	return 0
}

// item is a row of change_item.
type item struct {
	change.Row
	n    int
	sent int // 1 for whom the change is about, 0 for somebody in the answer besides
	key  string
}

// problem is what Symphony said of the person, as it is stored.
func (it item) problem() (string, error) {
	if it.Problem == nil {
		return "", nil
	}
	body, err := json.Marshal(it.Problem)
	return text(string(body)), err
}

// itemsOf are the rows of a change's people, and of the others in its answer.
func itemsOf(c change.Change) []item {
	var items []item
	for i, row := range c.People {
		items = append(items, item{row, i, 1, text(address.Key(row.Email))})
	}
	for i, row := range c.Others {
		items = append(items, item{row, len(c.People) + i, 0, text(address.Key(row.Email))})
	}
	return items
}

func keysOf(items []item) []string {
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = it.key
	}
	return keys
}

const (
	itemColumns = 16
	insertItem  = `INSERT INTO change_item (change_id, n, sent, held, email, email_key, first_name, last_name, display_name,
		title, department, location, phone_number, outcome, user_id, problem)`
)

func itemArgs(c change.Change, items []item) ([]any, error) {
	var args []any
	for _, it := range items {
		problem, err := it.problem()
		if err != nil {
			return nil, err
		}
		held := 0
		if it.sent == 1 && !c.State.Settled() {
			held = 1
		}
		args = append(args, c.ID, it.n, it.sent, held, text(it.Email), it.key, text(it.FirstName), text(it.LastName), text(it.DisplayName),
			text(it.Title), text(it.Department), text(it.Location), text(it.PhoneNumber), string(it.Outcome), text(it.UserID), problem)
	}
	return args, nil
}

const (
	selectItems = `SELECT change_id, sent, email, first_name, last_name, display_name, title, department, location, phone_number, outcome, user_id, problem
	FROM change_item`
	whereItems = ` WHERE change_id = $1 ORDER BY n`
)

func readItems(ctx context.Context, q queryer, id string) (people, others []change.Row, err error) {
	err = eachItem(ctx, q, selectItems+whereItems, []any{id}, func(_ string, sent bool, r change.Row) error {
		if sent {
			people = append(people, r)
		} else {
			others = append(others, r)
		}
		return nil
	})
	return people, others, err
}

// addItems reads the people of several changes at once.
func (db *DB) addItems(ctx context.Context, q queryer, changes []change.Change) error {
	if len(changes) == 0 {
		return nil
	}
	place := map[string]*change.Change{}
	ids := make([]any, len(changes))
	for i := range changes {
		ids[i], place[changes[i].ID] = changes[i].ID, &changes[i]
	}
	return eachItem(ctx, q, selectItems+` WHERE change_id IN `+db.placeholders(1, len(ids))+` ORDER BY change_id, n`, ids, func(id string, sent bool, r change.Row) error {
		if c := place[id]; sent {
			c.People = append(c.People, r)
		} else {
			c.Others = append(c.Others, r)
		}
		return nil
	})
}

func eachItem(ctx context.Context, q queryer, statement string, args []any, do func(id string, sent bool, r change.Row) error) error {
	rows, err := q.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r change.Row
		var id, problem string
		var sent int
		err := rows.Scan(&id, &sent, &r.Email, &r.FirstName, &r.LastName, &r.DisplayName, &r.Title, &r.Department, &r.Location, &r.PhoneNumber,
			&r.Outcome, &r.UserID, &problem)
		if err == nil && problem != "" {
			err = json.Unmarshal([]byte(problem), &r.Problem)
		}
		if err != nil {
			return err
		}
		if err := do(id, sent == 1, r); err != nil {
			return err
		}
	}
	return rows.Err()
}
