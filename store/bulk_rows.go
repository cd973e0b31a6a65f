package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"foyer/address"
	"foyer/portal"
	"foyer/portal/bulk"
)

// rowsAtOnce is how many rows one statement stores: SQLite takes 32,766 values, and
// longer statements take no less time for each row.
const rowsAtOnce = 100

const (
	rowColumns = 26
	insertRow  = `INSERT INTO bulk_row (bulk_id, n, line, cells, email, email_key, first_name, last_name, display_name, title, department, location, phone_number,
		user_id, company_id, decision, action, state, code, facts, differs, tries, vain, change_id, item, precheck)`
	replaceRow = ` ON CONFLICT (bulk_id, n) DO UPDATE SET line = excluded.line, cells = excluded.cells, email = excluded.email, email_key = excluded.email_key,
		first_name = excluded.first_name, last_name = excluded.last_name, display_name = excluded.display_name, title = excluded.title,
		department = excluded.department, location = excluded.location, phone_number = excluded.phone_number, user_id = excluded.user_id,
		company_id = excluded.company_id, decision = excluded.decision, action = excluded.action, state = excluded.state, code = excluded.code,
		facts = excluded.facts, differs = excluded.differs, tries = excluded.tries, vain = excluded.vain, change_id = excluded.change_id, item = excluded.item,
		precheck = CASE WHEN bulk_row.email_key = excluded.email_key THEN bulk_row.precheck ELSE '' END`
)

// PutRows implements bulk.Store.
func (db *DB) PutRows(ctx context.Context, tx portal.Tx, id int64, rows []bulk.Row) error {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		args := make([]any, 0, len(some)*rowColumns)
		for _, r := range some {
			cells, err := json.Marshal(r.Cells)
			if err != nil {
				return wrap("store rows", err)
			}
			facts, err := encodeFacts(r.Facts)
			if err != nil {
				return wrap("store rows", err)
			}
			args = append(args, id, r.N, r.Line, text(string(cells)), text(r.Email), text(address.Key(r.Email)), text(r.FirstName), text(r.LastName), text(r.DisplayName),
				text(r.Title), text(r.Department), text(r.Location), text(r.PhoneNumber), text(r.UserID), text(r.CompanyID), string(r.Decision), string(r.Action),
				string(r.State), string(r.Code), facts, differs(r), r.Tries, r.Vain, r.ChangeID, r.Item, string(r.Precheck))
		}
		if err := db.insertMany(ctx, sqlTx(tx), rowColumns, insertRow, replaceRow, args); err != nil {
			return wrap("store rows", err)
		}
	}
	return nil
}

func differs(r bulk.Row) int {
	if r.Facts.Was != "" {
		return 1
	}
	return 0
}

// encodeFacts writes the facts of a row; nothing where there are none, as of most.
func encodeFacts(f bulk.Facts) (string, error) {
	body, err := json.Marshal(f)
	if string(body) == "{}" {
		return "", err
	}
	return text(string(body)), err
}

// CutRows implements bulk.Store.
func (db *DB) CutRows(ctx context.Context, tx portal.Tx, id int64, from int) error {
	_, err := sqlTx(tx).ExecContext(ctx, `DELETE FROM bulk_row WHERE bulk_id = $1 AND n >= $2`, id, from)
	return wrap("delete rows", err)
}

// TakeRows implements bulk.Store.
func (db *DB) TakeRows(ctx context.Context, tx portal.Tx, id int64, rows []int, changeID string) (taken int, running bool, err error) {
	share := ""
	if db.dialect == PostgreSQL {
		share = ` FOR SHARE`
	}
	var state bulk.State
	if err := sqlTx(tx).QueryRowContext(ctx, `SELECT state FROM bulk WHERE id = $1`+share, id).Scan(&state); err != nil {
		return 0, false, wrap("take rows", err)
	}
	if state != bulk.Running {
		return 0, false, nil
	}
	if len(rows) == 0 {
		return 0, true, nil
	}
	var places []any
	for item, n := range rows {
		places = append(places, n, item)
	}
	v, given, err := db.given(7, places, "n", "item")
	if err != nil {
		return 0, true, wrap("take rows", err)
	}
	// From which to which they are keeps PostgreSQL from reading all rows of the bulk change.
	args := append([]any{id, changeID, bulk.Planned, bulk.Sent, slices.Min(rows), slices.Max(rows)}, given...)
	result, err := sqlTx(tx).ExecContext(ctx, `UPDATE bulk_row SET state = $4, code = '', change_id = $2, tries = tries + 1, item = v.item FROM `+v+`
		WHERE bulk_row.bulk_id = $1 AND bulk_row.n BETWEEN $5 AND $6 AND bulk_row.state = $3 AND bulk_row.n = v.n`, args...)
	if err != nil {
		return 0, true, wrap("take rows", err)
	}
	n, err := result.RowsAffected()
	return int(n), true, wrap("take rows", err)
}

// final is the condition that a row has come to its end.
func final(column string) string {
	return column + fmt.Sprintf(` NOT IN ('%s', '%s', '%s')`, bulk.Planned, bulk.Sent, bulk.Unsettled)
}

// SettleRows implements bulk.Store.
func (db *DB) SettleRows(ctx context.Context, tx portal.Tx, changeID string, rows []bulk.Settled) error {
	for _, r := range rows {
		facts, err := encodeFacts(bulk.Facts{Problem: r.Problem})
		if err != nil {
			return wrap("settle rows", err)
		}
		vain := 0
		if r.Vain {
			vain = 1
		}
		are, items := among(db, 6, r.Items)
		unless := ""
		if !r.State.Final() { // what is found out later than a row's end is believed only where it is an end, too
			unless = ` AND NOT (` + final("state") + `)`
		}
		// By the change alone: SQLite would rather read all rows of the bulk change. That the
		// id isn't empty tells it that it may use the partial index.
		_, err = sqlTx(tx).ExecContext(ctx, `UPDATE bulk_row SET state = $1, code = $2, facts = $3, vain = vain + $4
			WHERE change_id = $5 AND change_id <> '' AND item`+are+unless, append([]any{r.State, r.Code, facts, vain, changeID}, items...)...)
		if err != nil {
			return wrap("settle rows", err)
		}
	}
	return nil
}

// MoveRows implements bulk.Store.
func (db *DB) MoveRows(ctx context.Context, tx portal.Tx, id int64, from bulk.RowState, rows []bulk.Row) error {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		var values []any
		for _, r := range some {
			facts, err := encodeFacts(r.Facts)
			if err != nil {
				return wrap("move rows", err)
			}
			values = append(values, r.N, r.ChangeID, r.State, r.Code, text(r.UserID), facts)
		}
		v, given, err := db.given(3, values, "n", "change_id", "state", "code", "user_id", "facts")
		if err == nil {
			_, err = sqlTx(tx).ExecContext(ctx, `UPDATE bulk_row SET state = v.state, code = v.code, user_id = v.user_id, facts = v.facts FROM `+v+`
				WHERE bulk_row.bulk_id = $1 AND bulk_row.state = $2 AND bulk_row.n = v.n AND bulk_row.change_id = v.change_id`, append([]any{id, from}, given...)...)
		}
		if err != nil {
			return wrap("move rows", err)
		}
	}
	return nil
}

// LeaveOutPlanned implements bulk.Store.
func (db *DB) LeaveOutPlanned(ctx context.Context, tx portal.Tx, id int64, code bulk.Code) error {
	_, err := sqlTx(tx).ExecContext(ctx, `UPDATE bulk_row SET state = $1, code = $2 WHERE bulk_id = $3 AND state = $4`, bulk.LeftOut, code, id, bulk.Planned)
	return wrap("leave out rows", err)
}

// texts are the codes that somebody asks for, which may be anything, as text that every
// database takes.
func texts[T ~string](codes []T) []any {
	args := make([]any, len(codes))
	for i, code := range codes {
		args[i] = text(string(code))
	}
	return args
}

// rowConditions are the conditions of a filter of rows.
func (db *DB) rowConditions(id int64, f bulk.Filter) (where string, args []any) {
	args = []any{id}
	conditions := []string{`r.bulk_id = $1`}
	in := func(column string, values []any) {
		if len(values) > 0 {
			conditions = append(conditions, column+` IN `+db.placeholders(len(args)+1, len(values)))
			args = append(args, values...)
		}
	}
	in("r.state", texts(f.States))
	in("r.action", texts(f.Actions))
	in("r.code", texts(f.Codes))
	if len(f.Prechecked) > 0 {
		var either []string
		for _, said := range f.Prechecked {
			args = append(args, text(string(said)), text(string(said))+".%")
			either = append(either, fmt.Sprintf(`r.precheck = $%d OR r.precheck LIKE $%d`, len(args)-1, len(args)))
		}
		conditions = append(conditions, `r.precheck <> '' AND (`+strings.Join(either, ` OR `)+`)`) // the first half tells SQLite that it may use the partial index
	}
	if f.Differs {
		conditions = append(conditions, `r.differs = 1`)
	}
	if f.NotMade {
		args = append(args, bulk.Refused, bulk.Unknown, bulk.LeftOut, bulk.Faulty, bulk.NeverSent)
		n := len(args) - 4
		conditions = append(conditions, fmt.Sprintf(`(r.state IN ($%d, $%d) OR r.state = $%d AND r.code IN ($%d, $%d))`, n, n+1, n+2, n+3, n+4))
	}
	if f.MayGoWell {
		args = append(args, bulk.Refused, bulk.Unknown, bulk.Elsewhere, bulk.LeftOut, bulk.NeverSent)
		n := len(args) - 4
		conditions = append(conditions, fmt.Sprintf(`(r.state IN ($%d, $%d) AND r.code <> $%d OR r.state = $%d AND r.code = $%d)`, n, n+1, n+2, n+3, n+4))
	}
	if wanted := text(strings.ToLower(strings.TrimSpace(f.Text))); wanted != "" {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(wanted)+"%")
		conditions = append(conditions, fmt.Sprintf(`lower(r.email || ' ' || r.first_name || ' ' || r.last_name || ' ' || r.display_name) LIKE $%d ESCAPE '\'`, len(args)))
	}
	return ` WHERE ` + strings.Join(conditions, ` AND `), args
}

// Rows implements bulk.Store.
func (db *DB) Rows(ctx context.Context, id int64, f bulk.Filter, after, limit int) ([]bulk.Row, error) {
	where, args := db.rowConditions(id, f)
	args = append(args, after)
	statement := selectRow + where + fmt.Sprintf(` AND r.n > $%d ORDER BY r.n`, len(args)) //nolint:gosec // the conditions are constants
	if limit > 0 {
		args = append(args, limit)
		statement += fmt.Sprintf(` LIMIT $%d`, len(args))
	}
	rows, err := db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, wrap("list rows", err)
	}
	defer rows.Close()
	var found []bulk.Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, wrap("list rows", err)
		}
		found = append(found, r)
	}
	return found, wrap("list rows", rows.Err())
}

// selectRow reads rows; of those that were in a call, what is known of their people is
// read from there.
const selectRow = `SELECT r.n, r.line, r.cells, r.email, r.first_name, r.last_name, r.display_name, r.title, r.department, r.location, r.phone_number,
	CASE WHEN r.user_id <> '' THEN r.user_id ELSE coalesce(i.user_id, '') END, r.company_id, r.decision, r.action, r.state, r.code, r.facts, r.tries, r.vain, r.change_id, r.item,
	r.precheck, coalesce(i.problem, '')
	FROM bulk_row AS r LEFT JOIN change_item AS i ON i.change_id = nullif(r.change_id, '') AND i.n = r.item`

func scanRow(rows *sql.Rows) (bulk.Row, error) {
	var r bulk.Row
	var cells, facts, problem string
	err := rows.Scan(&r.N, &r.Line, &cells, &r.Email, &r.FirstName, &r.LastName, &r.DisplayName, &r.Title, &r.Department, &r.Location, &r.PhoneNumber,
		&r.UserID, &r.CompanyID, &r.Decision, &r.Action, &r.State, &r.Code, &facts, &r.Tries, &r.Vain, &r.ChangeID, &r.Item, &r.Precheck, &problem)
	if err != nil {
		return bulk.Row{}, err
	}
	if err := json.Unmarshal([]byte(cells), &r.Cells); err != nil {
		return bulk.Row{}, fmt.Errorf("read the cells of a row: %w", err)
	}
	if facts != "" {
		if err := json.Unmarshal([]byte(facts), &r.Facts); err != nil {
			return bulk.Row{}, fmt.Errorf("read the facts of a row: %w", err)
		}
	}
	if problem != "" && r.Facts.Problem == nil {
		if err := json.Unmarshal([]byte(problem), &r.Facts.Problem); err != nil {
			return bulk.Row{}, fmt.Errorf("read the problem of a row: %w", err)
		}
	}
	return r, nil
}

// CountRows implements bulk.Store.
func (db *DB) CountRows(ctx context.Context, id int64, f bulk.Filter) (n int, err error) {
	where, args := db.rowConditions(id, f)
	err = db.read.QueryRowContext(ctx, `SELECT count(*) FROM bulk_row AS r`+where, args...).Scan(&n)
	return n, wrap("count rows", err)
}

// Departments implements bulk.Store.
func (db *DB) Departments(ctx context.Context, id int64, f bulk.Filter) ([]bulk.Department, error) {
	where, args := db.rowConditions(id, f)
	rows, err := db.read.QueryContext(ctx, `SELECT r.department, count(*) FROM bulk_row AS r`+where+` GROUP BY r.department ORDER BY count(*) DESC, r.department`, args...) //nolint:gosec // likewise
	if err != nil {
		return nil, wrap("count departments", err)
	}
	defer rows.Close()
	var of []bulk.Department
	for rows.Next() {
		var d bulk.Department
		if err := rows.Scan(&d.Name, &d.N); err != nil {
			return nil, wrap("count departments", err)
		}
		of = append(of, d)
	}
	return of, wrap("count departments", rows.Err())
}
