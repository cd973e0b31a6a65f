package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"foyer/portal/directory"
)

// wordKey names a word.
type wordKey struct {
	kind wordKind
	key  string
}

// fillWords gives the rows that are to be written the numbers of their words, of which
// some may be new. They are added in one order, so that two transactions can't wait for
// each other.
func (s *saving) fillWords(ctx context.Context) error {
	values := map[wordKey]string{}
	each := func(do func(r *personRow, w wordValue)) {
		for i := range s.news {
			for _, w := range s.news[i].wordsOf() {
				do(&s.news[i], w)
			}
		}
		for i := range s.changes {
			for _, w := range s.changes[i].row.wordsOf() {
				do(&s.changes[i].row, w)
			}
		}
	}
	each(func(_ *personRow, w wordValue) {
		if at := (wordKey{w.kind, w.key}); values[at] == "" {
			values[at] = w.value
		}
	})
	numbers, err := s.numbers(ctx, values)
	if err != nil {
		return err
	}
	var args []any
	for _, w := range inWordOrder(values) {
		if _, ok := numbers[w]; !ok {
			args = append(args, w.kind, w.key, values[w])
		}
	}
	for chunk := range slices.Chunk(args, 3*usersAtOnce) {
		if err := s.db.insertMany(ctx, s.tx, 3, `INSERT INTO word (kind, key, value)`, ` ON CONFLICT (kind, key) DO NOTHING`, chunk); err != nil {
			return err
		}
	}
	if len(args) > 0 {
		if numbers, err = s.numbers(ctx, values); err != nil {
			return err
		}
	}
	each(func(r *personRow, w wordValue) { r.words[w.kind] = numbers[wordKey{w.kind, w.key}] })
	return nil
}

func inWordOrder(values map[wordKey]string) []wordKey {
	words := make([]wordKey, 0, len(values))
	for w := range values {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b wordKey) int { return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.key, b.key)) })
	return words
}

// numbers looks words up; those that aren't there are absent.
func (s *saving) numbers(ctx context.Context, values map[wordKey]string) (map[wordKey]int64, error) {
	keys := map[wordKind][]any{}
	for w := range values {
		keys[w.kind] = append(keys[w.kind], w.key)
	}
	numbers := make(map[wordKey]int64, len(values))
	for kind, of := range keys {
		for chunk := range slices.Chunk(of, usersAtOnce) {
			if err := s.readNumbers(ctx, kind, chunk, numbers); err != nil {
				return nil, err
			}
		}
	}
	return numbers, nil
}

func (s *saving) readNumbers(ctx context.Context, kind wordKind, keys []any, into map[wordKey]int64) error {
	const statement = `SELECT n, key FROM word WHERE kind = $1 AND key IN `
	rows, err := s.tx.QueryContext(ctx, statement+s.db.placeholders(2, len(keys)), append([]any{kind}, keys...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		w := wordKey{kind: kind}
		if err := rows.Scan(&n, &w.key); err != nil {
			return err
		}
		into[w] = n
	}
	return rows.Err()
}

// kindOf is the column of words as the store has it.
func kindOf(column directory.ValueColumn) (wordKind, bool) {
	kind, ok := map[directory.ValueColumn]wordKind{
		directory.DomainColumn: domainWord, directory.DepartmentColumn: departmentWord, directory.TitleColumn: titleWord, directory.LocationColumn: locationWord,
	}[column]
	return kind, ok
}

// Values implements directory.PeopleStore.
func (db *DB) Values(ctx context.Context, column directory.ValueColumn, containing string, limit int) ([]string, error) {
	kind, ok := kindOf(column)
	if !ok {
		return nil, nil
	}
	statement, args := `SELECT value FROM word AS w WHERE kind = $1 AND key <> '' AND EXISTS (SELECT 1 FROM word_use WHERE word = w.n AND people > 0)`, []any{kind, limit}
	if containing != "" {
		statement += ` AND ` + db.contains("key", "$3")
		args = append(args, text(containing))
	}
	values, err := queryColumn[string](ctx, db.people().read, statement+` ORDER BY key LIMIT $2`, args...)
	return values, wrap("list values", err)
}

// contains is the condition that a text has another one in it, letter for letter.
func (db *DB) contains(column, part string) string {
	if db.dialect == PostgreSQL {
		return `strpos(` + column + `, ` + part + `) > 0`
	}
	return `instr(` + column + `, ` + part + `) > 0`
}
