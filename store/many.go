package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// insertMany inserts rows of so many columns in one statement, or does nothing
// when there are none.
func (db *DB) insertMany(ctx context.Context, tx *sql.Tx, columns int, insert, conflict string, values []any) error {
	_, err := db.insertCounted(ctx, tx, columns, insert, conflict, values)
	return err
}

// insertCounted is insertMany where it matters how many rows were inserted.
func (db *DB) insertCounted(ctx context.Context, tx *sql.Tx, columns int, insert, conflict string, values []any) (int64, error) {
	if len(values) == 0 {
		return 0, nil
	}
	rows, args := ` VALUES `, values
	if db.dialect == PostgreSQL {
		var from string
		var err error
		if from, args, err = unnested(1, columns, values); err != nil {
			return 0, err
		}
		rows = ` SELECT * FROM ` + from
	} else {
		rows += strings.Repeat(", "+db.placeholders(1, columns), len(values)/columns)[len(", "):]
	}
	result, err := tx.ExecContext(ctx, insert+rows+conflict, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// given writes a table v of rows, whose values stand one row after the other, with its
// columns, and gives its arguments. Its places continue those before it, from a number on.
func (db *DB) given(from int, values []any, columns ...string) (table string, args []any, err error) {
	if db.dialect == PostgreSQL {
		table, args, err = unnested(from, len(columns), values)
		return table + ` AS v (` + strings.Join(columns, ", ") + `)`, args, err
	}
	names, rows := make([]string, len(columns)), make([]string, len(values)/len(columns))
	for i, column := range columns {
		names[i] = fmt.Sprintf("column%d AS %s", i+1, column)
	}
	for row := range rows { // numbered, because the statement goes on with other places
		rows[row] = dollars(from+row*len(columns), len(columns))
	}
	return `(SELECT ` + strings.Join(names, ", ") + ` FROM (VALUES ` + strings.Join(rows, ", ") + `) AS given) AS v`, values, nil
}

// among writes that something is one of some values, and gives its arguments. Its places
// continue those before it, from a number on. PostgreSQL takes them as one array, as unnested
// does and for the same reason.
func among[T string | int](db *DB, from int, values []T) (condition string, args []any) {
	if db.dialect != PostgreSQL {
		return ` IN ` + db.placeholders(from, len(values)), anys(values)
	}
	return ` = ANY($` + strconv.Itoa(from) + `)`, []any{values}
}

// unnested writes rows as PostgreSQL makes them of an array for each column, and gives these
// arrays: it plans a statement anew each time, and takes longer to plan one of hundreds of
// values than to do it.
func unnested(from, columns int, values []any) (rows string, args []any, err error) {
	places := make([]string, columns)
	for column := range places {
		array, kind, err := arrayOf(values[column:], columns)
		if err != nil {
			return "", nil, err
		}
		args = append(args, array)
		places[column] = "$" + strconv.Itoa(from+column) + "::" + kind + "[]"
	}
	return `unnest(` + strings.Join(places, ", ") + `)`, args, nil
}

// arrayOf makes an array of every so manieth value, and says of which kind they are.
func arrayOf(values []any, every int) (array any, kind string, err error) {
	var texts []string
	var numbers []int64
	var bytes [][]byte
	for i := 0; i < len(values); i += every {
		switch v := reflect.ValueOf(values[i]); v.Kind() {
		case reflect.String:
			texts = append(texts, v.String())
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			numbers = append(numbers, v.Int())
		case reflect.Slice:
			bytes = append(bytes, v.Bytes())
		default:
			return nil, "", fmt.Errorf("store many rows: no array is made of %T", values[i])
		}
	}
	n := (len(values) + every - 1) / every
	switch {
	case len(texts) == n:
		return texts, "text", nil
	case len(numbers) == n:
		return numbers, "bigint", nil
	case len(bytes) == n:
		return bytes, "bytea", nil
	}
	return nil, "", errors.New("store many rows: the values of a column are of several kinds")
}

// placeholders writes a list in brackets, ($from, … ), that continues the
// placeholders before it. SQLite takes $1 for a name and searches all names for
// each one, which takes longer than the statement when there are hundreds; a
// bare question mark is the next number.
func (db *DB) placeholders(from, n int) string {
	if db.dialect == SQLite {
		return "(" + strings.Repeat(",?", n)[min(n, 1):] + ")"
	}
	return dollars(from, n)
}

func dollars(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(from+i)
	}
	return "(" + strings.Join(list, ",") + ")"
}
